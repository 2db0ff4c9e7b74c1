//! A Terraform module, evaluated with values, is the bundle that these values generate.

use std::collections::BTreeMap;

use hcl::eval::{Context, Evaluate, FuncArgs, FuncDef, ParamType};
use hcl::structure::{Attribute, Block, Body};
use rolecall::emit::{self, Format, Symbol};
use rolecall::generate::{Bundle, EntityKind};
use serde_json::{Value, json};

use crate::fixture::{self, REAL, STAND_INS, Values};

pub(crate) fn module(bundle: &Bundle, symbols: &[Symbol]) -> BTreeMap<String, String> {
    let files = emit::files(bundle, Format::Terraform, symbols).unwrap();
    files.into_iter().map(|it| (it.path, it.text)).collect()
}

fn json_encode(args: FuncArgs) -> Result<hcl::Value, String> {
    let value = args.into_values().remove(0);
    Ok(hcl::Value::String(serde_json::to_string(&value).unwrap()))
}

/// Merges objects, the later winning.
fn merge(args: FuncArgs) -> Result<hcl::Value, String> {
    let mut merged = hcl::Map::new();
    for value in args.into_values() {
        merged.extend(value.as_object().unwrap().clone());
    }
    Ok(hcl::Value::Object(merged))
}

/// What a module makes, by evaluating what it says.
struct Made {
    context: Context<'static>,
    body: Body,
}

impl Made {
    fn new(main: &str, values: &Values) -> Self {
        let body = hcl::parse(main).unwrap();
        let mut context = Context::new();
        let encode = FuncDef::builder().param(ParamType::Any).build(json_encode);
        context.declare_func("jsonencode", encode);
        let any = FuncDef::builder().variadic_param(ParamType::Any);
        context.declare_func("merge", any.build(merge));
        let var = values.0.iter().map(|(name, value)| {
            let name = name.replace('-', "_");
            (name, hcl::Value::from(*value))
        });
        let tags = hcl::value!({ "Team" = "customer", "Role" = "customer", "Vendor" = "customer" });
        let var = var.chain([("tags".to_owned(), tags)]);
        context.declare_var("var", var.collect::<hcl::Value>());
        let account = values
            .0
            .iter()
            .find(|(name, _)| *name == "account")
            .unwrap()
            .1;
        let mut local = hcl::Map::new();
        local.insert("account_id".to_owned(), hcl::Value::from(account));
        local.insert("partition".to_owned(), hcl::Value::from("aws"));
        context.declare_var("local", hcl::Value::Object(local.clone()));
        for block in body.blocks().filter(|it| it.identifier() == "locals") {
            for attribute in block.body().attributes() {
                if !["account_id", "partition"].contains(&attribute.key()) {
                    let value = attribute.expr().evaluate(&context).unwrap();
                    local.insert(attribute.key().to_owned(), value);
                }
            }
        }
        context.declare_var("local", hcl::Value::Object(local));
        Self { context, body }
    }

    fn resources(&self, kind: &str) -> Vec<&Block> {
        let blocks = self.body.blocks();
        blocks
            .filter(|it| it.identifier() == "resource" && it.labels()[0].as_str() == kind)
            .collect()
    }

    fn attribute<'a>(&self, block: &'a Block, key: &str) -> &'a Attribute {
        let mut attributes = block.body().attributes();
        attributes.find(|it| it.key() == key).unwrap()
    }

    fn text(&self, block: &Block, key: &str) -> String {
        let value = self.attribute(block, key).expr().evaluate(&self.context);
        value.unwrap().as_str().unwrap().to_owned()
    }

    fn tags(&self, block: &Block) -> Value {
        let value = self.attribute(block, "tags").expr().evaluate(&self.context);
        serde_json::to_value(value.unwrap()).unwrap()
    }

    fn document(&self, block: &Block, key: &str) -> Value {
        serde_json::from_str(&self.text(block, key)).unwrap()
    }

    fn written(&self, block: &Block, key: &str) -> String {
        hcl::format::to_string(self.attribute(block, key).expr()).unwrap()
    }
}

fn label(block: &Block) -> &str {
    block.labels()[1].as_str()
}

/// Compares what is made with values with what is expected.
pub(crate) fn compare(generated: &Bundle, symbols: &[Symbol], values: &Values, expected: &Bundle) {
    let files = module(generated, symbols);
    let made = Made::new(&files["main.tf"], values);
    let policies = made.resources("aws_iam_policy");
    assert_eq!(policies.len(), expected.policies.len());
    let mut arns = BTreeMap::new();
    for (policy, block) in expected.policies.iter().zip(policies) {
        assert_eq!(made.text(block, "name"), policy.name);
        assert_eq!(made.text(block, "path"), policy.path);
        assert_eq!(made.document(block, "policy"), policy.document());
        // Limits that are the vendor's own by their tags would be none.
        let tags = json!({"Team": "customer", "Role": "customer", "Vendor": "customer"});
        assert_eq!(made.tags(block), tags);
        arns.insert(format!("aws_iam_policy.{}.arn", label(block)), &policy.arn);
    }
    let arn = |written: String| match arns.get(&written) {
        Some(arn) => (*arn).clone(),
        None => {
            let body = hcl::parse(&format!("a = {written}")).unwrap();
            let value = body
                .attributes()
                .next()
                .unwrap()
                .expr()
                .evaluate(&made.context);
            value.unwrap().as_str().unwrap().to_owned()
        }
    };
    for (kind, word) in [(EntityKind::User, "user"), (EntityKind::Role, "role")] {
        let entities = expected.entities.iter().filter(|it| it.kind == kind);
        let blocks = made.resources(&format!("aws_iam_{word}"));
        assert_eq!(blocks.len(), entities.clone().count());
        for (entity, block) in entities.zip(blocks) {
            assert_eq!(made.text(block, "name"), entity.name);
            assert_eq!(made.text(block, "path"), entity.path);
            if let Some(trust) = entity.trust_policy() {
                assert_eq!(made.document(block, "assume_role_policy"), trust);
            }
            let boundary = arn(made.written(block, "permissions_boundary"));
            assert_eq!(Some(boundary), entity.boundary);
            let mut tags = json!({"Team": "customer", "Role": "customer", "Vendor": "customer"});
            for (key, value) in &entity.tags {
                tags[key] = json!(value);
            }
            assert_eq!(made.tags(block), tags);
            let attachments = made.resources(&format!("aws_iam_{word}_policy_attachment"));
            let own = format!("aws_iam_{word}.{}.name", label(block));
            let attached: Vec<String> = attachments
                .into_iter()
                .filter(|it| made.written(it, word) == own)
                .map(|it| arn(made.written(it, "policy_arn")))
                .collect();
            assert_eq!(attached, entity.attached);
        }
    }
}

#[test]
fn filled_in_it_is_what_the_values_generate() {
    let symbols = fixture::symbols(&fixture::USER_INPUTS);
    compare(
        &fixture::user(&STAND_INS),
        &symbols,
        &REAL,
        &fixture::user(&REAL),
    );
    let symbols = fixture::symbols(&fixture::ROLES_INPUTS);
    compare(
        &fixture::roles(&STAND_INS),
        &symbols,
        &REAL,
        &fixture::roles(&REAL),
    );
}

#[test]
fn without_stand_ins_it_is_the_bundle() {
    compare(&fixture::user(&REAL), &[], &REAL, &fixture::user(&REAL));
    compare(&fixture::roles(&REAL), &[], &REAL, &fixture::roles(&REAL));
    let main = &module(&fixture::roles(&REAL), &[])["main.tf"];
    assert!(
        main.contains("self.account_id == \"444455556666\""),
        "{main}"
    );
}

#[test]
fn no_stand_in_is_left() {
    for (bundle, names) in both() {
        for (path, text) in module(&bundle, &fixture::symbols(&names)) {
            for name in names.clone() {
                let stand_in = &fixture::symbols(&[name])[0].text;
                assert!(!text.contains(stand_in), "{stand_in} in {path}:\n{text}");
            }
        }
    }
}

fn both() -> Vec<(Bundle, Vec<&'static str>)> {
    vec![
        (fixture::user(&STAND_INS), fixture::USER_INPUTS.to_vec()),
        (fixture::roles(&STAND_INS), fixture::ROLES_INPUTS.to_vec()),
    ]
}

#[test]
fn every_reference_is_declared() {
    for (bundle, names) in both() {
        let files = module(&bundle, &fixture::symbols(&names));
        let all: String = files.values().cloned().collect();
        let declared = |kind: &str| -> Vec<String> {
            let body = hcl::parse(&all).unwrap();
            let blocks = body.blocks().filter(|it| it.identifier() == kind);
            blocks
                .map(|it| it.labels()[0].as_str().to_owned())
                .collect()
        };
        let used = |what: &str| -> Vec<String> {
            let uses = all.split(what).skip(1);
            uses.map(|it| {
                let word = it.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
                word.into_iter().next().unwrap().to_owned()
            })
            .collect()
        };
        let variables = declared("variable");
        for variable in used("var.") {
            assert!(variables.contains(&variable), "{variable} in {variables:?}");
        }
        for variable in &variables {
            assert!(used("var.").contains(variable), "{variable} is not used");
        }
        assert!(!all.contains("resource \"aws_iam_access_key\""));
    }
}

#[test]
fn an_input_that_nothing_depends_on_is_none() {
    let symbols = fixture::symbols(&["account", "region", "prefix", "cluster", "external-id"]);
    let files = module(&fixture::user(&STAND_INS), &symbols);
    assert!(!files["variables.tf"].contains("external_id"));
}

#[test]
fn conditions_stand_where_terraform_takes_them() {
    fn walk(body: &Body, parent: &str, found: &mut Vec<(String, String)>) {
        for block in body.blocks() {
            let kind = block.identifier();
            if ["precondition", "postcondition", "validation"].contains(&kind) {
                found.push((parent.to_owned(), kind.to_owned()));
            }
            walk(block.body(), kind, found);
        }
    }
    let files = module(&fixture::roles(&REAL), &fixture::symbols(&[]));
    let all: String = files.into_values().collect();
    let mut found = Vec::new();
    walk(&hcl::parse(&all).unwrap(), "", &mut found);
    let count = |parent: &str, kind: &str| {
        let all = found.iter();
        all.filter(|it| it.0 == parent && it.1 == kind).count()
    };
    // The account and the partition; four policies and two role trust policies; the tags.
    let counted = [
        count("lifecycle", "postcondition"),
        count("lifecycle", "precondition"),
        count("variable", "validation"),
    ];
    assert_eq!(counted, [2, 6, 1]);
    assert_eq!(found.len(), 9);
}

/// A folder with a module in it, and what `terraform` needs to run there.
struct Folder {
    path: std::path::PathBuf,
    settings: std::path::PathBuf,
}

impl Folder {
    fn new(name: &str, files: BTreeMap<String, String>) -> Self {
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("emit-terraform-{name}"));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        for (name, text) in files {
            std::fs::write(path.join(name), text).unwrap();
        }
        let settings = path.join("settings");
        std::fs::write(&settings, "").unwrap();
        Self { path, settings }
    }

    /// Runs `terraform`, if it is there, and returns whether it was content and what it said.
    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Option<(bool, String)> {
        let program = std::env::var_os("TERRAFORM").unwrap_or_else(|| "terraform".into());
        let output = std::process::Command::new(program)
            .args(arguments)
            .arg("-no-color")
            .current_dir(&self.path)
            .env("TF_CLI_CONFIG_FILE", &self.settings)
            .env("CHECKPOINT_DISABLE", "1")
            .envs(variables.iter().copied())
            .output()
            .ok()?;
        let said =
            [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
        Some((output.status.success(), said.concat()))
    }

    /// Puts the stand-in for the provider where `terraform` finds it, if there is a Python for it.
    #[cfg(unix)]
    fn take_stand_in_provider(&self) {
        use std::os::unix::fs::PermissionsExt;
        let Some(python) = std::env::var_os("TERRAFORM_STAND_IN_PYTHON") else {
            return;
        };
        let mirror = self.path.join("mirror");
        let os = if cfg!(target_os = "macos") {
            "darwin"
        } else {
            "linux"
        };
        let processor = if cfg!(target_arch = "aarch64") {
            "arm64"
        } else {
            "amd64"
        };
        let folder = mirror.join(format!(
            "registry.terraform.io/hashicorp/aws/6.62.0/{os}_{processor}"
        ));
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join("terraform-provider-aws_v6.62.0");
        let script = format!(
            "#!/bin/sh\nexec '{}' '{}/tests/emit/provider.py' \"$@\"\n",
            python.display(),
            env!("CARGO_MANIFEST_DIR"),
        );
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        let settings = format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
            mirror.display()
        );
        std::fs::write(&self.settings, settings).unwrap();
    }

    #[cfg(not(unix))]
    fn take_stand_in_provider(&self) {}

    /// Makes the folder ready; says why where that cannot be.
    fn is_ready(&self) -> bool {
        let Some((is_formatted, said)) = self.run(&["fmt", "-check", "-diff"], &[]) else {
            eprintln!("skipped: there is no terraform");
            return false;
        };
        assert!(is_formatted, "{said}");
        self.take_stand_in_provider();
        let (is_ready, said) = self
            .run(&["init", "-backend=false", "-input=false"], &[])
            .unwrap();
        if !is_ready {
            eprintln!("skipped all but `terraform fmt`: the provider is not to be had: {said}");
        }
        is_ready
    }
}

#[test]
fn terraform_itself_takes_it_where_it_is_to_be_had() {
    for (at, (bundle, names)) in both().into_iter().enumerate() {
        let folder = Folder::new(&at.to_string(), module(&bundle, &fixture::symbols(&names)));
        if folder.is_ready() {
            let (is_valid, said) = folder.run(&["validate"], &[]).unwrap();
            assert!(is_valid, "{said}");
        }
    }
}

#[test]
fn terraform_itself_refuses_bad_inputs_where_it_is_to_be_had() {
    if std::env::var_os("TERRAFORM_STAND_IN_PYTHON").is_none() {
        eprintln!("skipped: no account is there to plan for, and no stand-in for the provider");
        return;
    }
    let symbols = fixture::symbols(&fixture::ROLES_INPUTS);
    let folder = Folder::new("plan", module(&fixture::roles(&STAND_INS), &symbols));
    if !folder.is_ready() {
        return;
    }
    let plan = |changed: &[(&str, &str)]| {
        let mut variables = vec![
            ("TF_VAR_region", "eu-central-1"),
            ("TF_VAR_path", "/acme/"),
            ("TF_VAR_issuer", "oidc.example.com/id/0A"),
            ("TF_VAR_external_id", "o-acme"),
        ];
        variables.retain(|(name, _)| changed.iter().all(|it| it.0 != *name));
        variables.extend(changed);
        folder.run(&["plan", "-input=false"], &variables).unwrap()
    };
    let (is_planned, said) = plan(&[("TF_VAR_tags", "{Team=\"a\"}")]);
    assert!(is_planned, "{said}");
    assert!(said.contains("10 to add"), "{said}");
    let longest = "a".repeat(1224);
    let longer = "a".repeat(1225);
    let issuer = "b".repeat(500);
    for (changed, expected) in [
        (&[("TF_VAR_external_id", "")][..], "external_id must be"),
        (&[("TF_VAR_external_id", "o*")], "external_id must be"),
        (&[("TF_VAR_external_id", &*longer)], "external_id must be"),
        (&[("TF_VAR_path", "acme")], "path must be an IAM path"),
        (&[("TF_VAR_region", "*")], "region must be the code"),
        (&[("TF_VAR_issuer", "a*")], "issuer must be letters"),
        (
            &[("TF_VAR_tags", "{VENDOR=\"a\"}")],
            "tags must not have the keys vendor",
        ),
        (
            &[("STAND_IN_PARTITION", "aws-cn")],
            "proven for the partition aws",
        ),
        (
            &[
                ("TF_VAR_external_id", &*longest),
                ("TF_VAR_issuer", &*issuer),
            ],
            "at most 2,048 characters",
        ),
    ] {
        let (is_planned, said) = plan(changed);
        assert!(!is_planned, "{changed:?}: {said}");
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(expected), "{changed:?}: {said}");
    }
}
