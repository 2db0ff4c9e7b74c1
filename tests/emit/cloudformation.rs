//! A CloudFormation template, evaluated with values, is the bundle that these values generate.

use std::collections::BTreeMap;

use rolecall::emit::{self, Format, Symbol};
use rolecall::generate::{Bundle, EntityKind};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

use crate::fixture::{self, REAL, STAND_INS, Values};

pub(crate) fn template(bundle: &Bundle, symbols: &[Symbol]) -> String {
    let files = emit::files(bundle, Format::Cloudformation, symbols).unwrap();
    let [file] = &*files else { panic!("{files:?}") };
    assert_eq!(file.path, "template.yaml");
    file.text.clone()
}

/// Returns YAML as JSON, with `!Sub "x"` as `{"!Sub": "x"}`.
fn read(text: &str) -> Value {
    let documents = Yaml::load_from_str(text).unwrap();
    let [document] = &*documents else {
        panic!("several documents")
    };
    json_of(document)
}

fn json_of(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Value(Scalar::Integer(number)) => json!(number),
        Yaml::Value(Scalar::Boolean(truth)) => json!(truth),
        Yaml::Sequence(items) => items.iter().map(json_of).collect(),
        Yaml::Mapping(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| (key.as_str().unwrap().to_owned(), json_of(value)));
            Value::Object(entries.collect())
        }
        Yaml::Tagged(tag, inner) => json!({ format!("!{}", tag.suffix): json_of(inner) }),
        other => panic!("{other:?}"),
    }
}

/// Does what CloudFormation does with functions; a resource's reference is `resource:ID`.
fn evaluate(value: &Value, known: &BTreeMap<String, String>) -> Value {
    let lookup = |name: &str| match known.get(name) {
        Some(value) => value.clone(),
        None => format!("resource:{name}"),
    };
    match value {
        Value::Object(object) => {
            if let Some(name) = object.get("!Ref") {
                return json!(lookup(name.as_str().unwrap()));
            }
            if let Some(text) = object.get("!Sub") {
                let mut out = String::new();
                let mut rest = text.as_str().unwrap();
                while let Some(at) = rest.find("${") {
                    out.push_str(&rest[..at]);
                    let end = at + rest[at..].find('}').unwrap();
                    match rest[at + 2..end].strip_prefix('!') {
                        Some(literal) => out.push_str(&format!("${{{literal}}}")),
                        None => out.push_str(&lookup(&rest[at + 2..end])),
                    }
                    rest = &rest[end + 1..];
                }
                return json!(out + rest);
            }
            let entries = object
                .iter()
                .map(|(key, it)| (key.clone(), evaluate(it, known)));
            Value::Object(entries.collect())
        }
        Value::Array(list) => list.iter().map(|it| evaluate(it, known)).collect(),
        other => other.clone(),
    }
}

fn document(value: &Value) -> Value {
    match value {
        // CloudFormation takes JSON as text, too.
        Value::String(text) => serde_json::from_str(text).unwrap(),
        other => other.clone(),
    }
}

/// Compares what is made with values with what is expected.
pub(crate) fn compare(generated: &Bundle, symbols: &[Symbol], values: &Values, expected: &Bundle) {
    let template = read(&template(generated, symbols));
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let account = values
        .0
        .iter()
        .find(|(name, _)| *name == "account")
        .unwrap()
        .1;
    known.insert("AWS::AccountId".to_owned(), account.to_owned());
    known.insert("AWS::Partition".to_owned(), "aws".to_owned());
    for (id, name) in [
        ("Region", "region"),
        ("Prefix", "prefix"),
        ("Cluster", "cluster"),
        ("ExternalId", "external-id"),
        ("Path", "path"),
        ("Issuer", "issuer"),
    ] {
        let value = values.0.iter().find(|(it, _)| *it == name);
        known.extend(value.map(|(_, it)| (id.to_owned(), (*it).to_owned())));
    }
    let resources = template["Resources"].as_object().unwrap();
    let of_type = |kind: &str| -> Vec<(String, Map<String, Value>)> {
        let found = resources.iter().filter(|(_, it)| it["Type"] == kind);
        found
            .map(|(id, it)| {
                let properties = evaluate(&it["Properties"], &known);
                (
                    format!("resource:{id}"),
                    properties.as_object().unwrap().clone(),
                )
            })
            .collect()
    };
    let policies = of_type("AWS::IAM::ManagedPolicy");
    let mut arns = BTreeMap::new();
    assert_eq!(policies.len(), expected.policies.len());
    for policy in &expected.policies {
        let found = policies
            .iter()
            .find(|(_, it)| it["ManagedPolicyName"] == *policy.name);
        let (id, properties) = found.unwrap();
        assert_eq!(properties["Path"], *policy.path);
        assert_eq!(document(&properties["PolicyDocument"]), policy.document());
        arns.insert(id.clone(), policy.arn.clone());
    }
    let arn = |value: &Value| {
        let text = value.as_str().unwrap();
        arns.get(text).map_or(text, |it| it).to_owned()
    };
    let entities = of_type("AWS::IAM::User")
        .into_iter()
        .chain(of_type("AWS::IAM::Role"));
    let entities: Vec<_> = entities.map(|(_, it)| it).collect();
    assert_eq!(entities.len(), expected.entities.len());
    for entity in &expected.entities {
        let key = match entity.kind {
            EntityKind::User => "UserName",
            EntityKind::Role => "RoleName",
        };
        let found = entities
            .iter()
            .find(|it| it.get(key).is_some_and(|it| *it == *entity.name));
        let properties = found.unwrap();
        assert_eq!(properties["Path"], *entity.path);
        if let Some(trust) = entity.trust_policy() {
            assert_eq!(document(&properties["AssumeRolePolicyDocument"]), trust);
        }
        assert_eq!(
            Some(arn(&properties["PermissionsBoundary"])),
            entity.boundary
        );
        let attached = properties["ManagedPolicyArns"].as_array().unwrap();
        assert_eq!(
            attached.iter().map(arn).collect::<Vec<_>>(),
            entity.attached
        );
        let tags: Value = entity
            .tags
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}))
            .collect();
        let written = properties.get("Tags").cloned();
        assert_eq!(written.unwrap_or_else(|| json!([])), tags);
    }
    assert_eq!(
        resources.len(),
        expected.policies.len() + expected.entities.len()
    );
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
}

fn both() -> Vec<String> {
    vec![
        template(
            &fixture::user(&STAND_INS),
            &fixture::symbols(&fixture::USER_INPUTS),
        ),
        template(
            &fixture::roles(&STAND_INS),
            &fixture::symbols(&fixture::ROLES_INPUTS),
        ),
        template(&fixture::roles(&REAL), &[]),
    ]
}

#[test]
fn an_external_id_must_be_given() {
    let parameter = read(&both()[1])["Parameters"]["ExternalId"].clone();
    assert_eq!(parameter["MinLength"], 2);
    assert_eq!(parameter["MaxLength"], 1224);
    assert_eq!(parameter["Default"], Value::Null);
    assert_eq!(parameter["AllowedPattern"], "^[0-9A-Za-z_+=,.@:/-]+$");
}

#[test]
fn it_stops_in_another_partition_or_account() {
    let rules = read(&both()[2])["Rules"].clone();
    let asserted = |rule: &str| rules[rule]["Assertions"][0]["Assert"].clone();
    assert_eq!(
        asserted("ProvenPartition"),
        json!({"!Equals": [{"!Ref": "AWS::Partition"}, "aws"]})
    );
    assert_eq!(
        asserted("NamedAccount"),
        json!({"!Equals": [{"!Ref": "AWS::AccountId"}, "444455556666"]})
    );
}

#[test]
fn it_says_when_it_must_be_uploaded() {
    let mut bundle = fixture::roles(&REAL);
    assert!(!template(&bundle, &[]).contains("uploaded to S3"));
    let statement = bundle.policies[1].statements[0].clone();
    bundle.policies[1].statements = vec![statement; 400];
    assert!(template(&bundle, &[]).contains("uploaded to S3"));
    let statement = bundle.policies[1].statements[0].clone();
    bundle.policies[1].statements = vec![statement; 9000];
    let refused = emit::files(&bundle, Format::Cloudformation, &[]).unwrap_err();
    assert!(
        refused.to_string().contains("takes at most 1048576"),
        "{refused}"
    );
}

#[test]
fn cfn_lint_finds_nothing_where_it_is_to_be_had() {
    let program = std::env::var_os("CFN_LINT").unwrap_or_else(|| "cfn-lint".into());
    for (at, text) in both().into_iter().enumerate() {
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("emit-template-{at}.yaml"));
        std::fs::write(&path, text).unwrap();
        let Ok(output) = std::process::Command::new(&program)
            .arg("--")
            .arg(&path)
            .output()
        else {
            eprintln!("skipped: there is no cfn-lint");
            return;
        };
        let said =
            [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
        assert!(output.status.success(), "{}", said.concat());
    }
}
