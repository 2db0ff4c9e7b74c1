//! Vendor profiles: shipped ones are sound, errors have places, requirements become calls.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;

use rolecall::profile::{
    Call, ContextValue, Profile, ProfileError, Settings, Strength, TagOnCreate, shipped,
    shipped_profiles,
};
use rolecall::source::line_column;

/// Returns errors as `line:column message (help)`, one a line.
fn render(text: &str, errors: &[ProfileError]) -> String {
    let mut lines = String::new();
    for error in errors {
        let at = line_column(text, error.span.start);
        lines.push_str(&format!("{}:{}: {}", at.line, at.column, error.message));
        if !error.help.is_empty() {
            lines.push_str(&format!(" ({})", error.help));
        }
        lines.push('\n');
    }
    lines
}

#[test]
fn shipped_profiles_have_no_errors() {
    for shipped in shipped_profiles() {
        if let Err(errors) = Profile::parse(shipped.name, shipped.text) {
            panic!("{}:\n{}", shipped.name, render(shipped.text, &errors));
        }
    }
}

/// The phases of the rows by their number.
const PHASES: [&str; 11] = [
    "bootstrap",
    "validate-credential",
    "create-network",
    "create-cluster",
    "create-node-group",
    "add-ons",
    "load-balancer-controller",
    "autoscaling",
    "update",
    "teardown",
    "rotate-key",
];

/// Returns `phase action` of every collected row.
fn rows() -> Vec<(&'static str, String)> {
    let rows = include_str!("../testdata/profiles/mengi-eks-rows.tsv");
    let lines = rows.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .map(|line| {
            let mut columns = line.split('\t');
            let phase = columns.next().unwrap().split(' ').next().unwrap();
            let phase = PHASES[phase.parse::<usize>().unwrap()];
            (phase, columns.next().unwrap().to_owned())
        })
        .collect()
}

fn mengi() -> Profile {
    Profile::parse("mengi/eks", shipped("mengi/eks").unwrap().text).unwrap()
}

/// Settings with every feature on.
fn everything(profile: &Profile) -> Settings {
    let features = profile.features.iter().map(|it| (it.name.clone(), true));
    Settings {
        features: features.collect(),
        ..Settings::default()
    }
}

#[test]
fn mengi_covers_every_row() {
    let profile = mengi();
    let calls = profile.calls(&everything(&profile)).unwrap();
    let missing: Vec<_> = rows()
        .into_iter()
        .filter(|(phase, action)| {
            !calls
                .iter()
                .any(|it| it.phase == *phase && it.action == *action)
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn mengi_has_nothing_beside_the_rows_unreviewed() {
    let profile = mengi();
    let calls = profile.calls(&everything(&profile)).unwrap();
    let rows = rows();
    let mut extra: Vec<String> = calls
        .iter()
        // What the cluster does by itself has other sources.
        .filter(|it| it.phase != "run")
        .filter(|it| {
            !rows
                .iter()
                .any(|(phase, action)| it.phase == *phase && it.action == *action)
        })
        .map(|it| format!("{} {}", it.phase, it.id))
        .collect();
    extra.dedup();
    insta::assert_snapshot!(extra.join("\n"));
}

/// Returns whether the published policy names an action; it has no conditions, and every statement
/// is about every resource.
fn is_granted(action: &str) -> bool {
    let (_, policy) = shipped("mengi/eks").unwrap().documents[0];
    let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let patterns = statements
        .iter()
        .flat_map(|statement| match &statement["Action"] {
            serde_json::Value::Array(list) => list.clone(),
            one => vec![one.clone()],
        });
    patterns.into_iter().any(|pattern| {
        let pattern = pattern.as_str().unwrap().to_owned();
        match pattern.strip_suffix('*') {
            Some(prefix) => action.starts_with(prefix),
            None => action == pattern,
        }
    })
}

#[test]
fn the_published_policy_lacks_what_is_recommended_only() {
    let profile = mengi();
    let settings = Settings {
        actors: vec!["vendor".to_owned()],
        ..Settings::default()
    };
    let calls = profile.calls(&settings).unwrap();
    let missing: Vec<_> = calls
        .iter()
        .filter(|it| !is_granted(&it.action) && it.action != "sts:GetCallerIdentity")
        .map(|it| (it.action.as_str(), it.strength))
        .collect();
    let recommended = Strength::Recommended;
    assert_eq!(
        missing,
        [
            ("iam:UpdateAssumeRolePolicy", recommended),
            ("iam:UpdateOpenIDConnectProviderThumbprint", recommended),
        ]
    );
}

fn render_context(context: &[(String, ContextValue)], absent: &[String], indent: &str) -> String {
    let mut text = String::new();
    for (key, value) in context {
        let value = match value {
            ContextValue::One(one) => one.clone(),
            ContextValue::Many(many) => format!("[{}]", many.join(", ")),
            ContextValue::Family { pattern, .. } => pattern.clone(),
        };
        writeln!(text, "{indent}{key} = {value}").unwrap();
    }
    if !absent.is_empty() {
        writeln!(text, "{indent}without {}", absent.join(", ")).unwrap();
    }
    text
}

/// Returns a call in a compact form; what the actor brings to every call is left out.
fn render_call(profile: &Profile, call: &Call) -> String {
    let mut text = format!("{}: {}", call.id, call.action);
    if !call.variant.is_empty() {
        write!(text, " [{}]", call.variant_text()).unwrap();
    }
    text.push('\n');
    let of_actor = ["aws:SecureTransport", "aws:PrincipalIsAWSService"];
    let context: Vec<_> = call
        .context
        .iter()
        .filter(|(key, _)| !of_actor.contains(&key.as_str()))
        .cloned()
        .collect();
    let actors = profile.actors.iter().flat_map(|actor| &actor.absent);
    let of_actors: Vec<&str> = actors.map(|it| it.name.as_str()).collect();
    let absent = call
        .absent
        .iter()
        .filter(|it| !of_actors.contains(&it.as_str()));
    let absent: Vec<String> = absent.cloned().collect();
    text.push_str(&render_context(&context, &absent, "  "));
    for resource in &call.resources {
        let created = if resource.created { "new " } else { "" };
        let tags = match resource.tag_on_create {
            TagOnCreate::Certain => " (tag-on-create certain)",
            TagOnCreate::Unknown => " (tag-on-create unknown)",
            TagOnCreate::NotApplicable if resource.open_tags => " (other tags open)",
            TagOnCreate::NotApplicable => "",
        };
        writeln!(text, "  on {created}{}{tags}", resource.arn).unwrap();
        text.push_str(&render_context(
            &resource.context,
            &resource.absent,
            "     ",
        ));
    }
    text
}

/// Renders the calls of some requirements, derived ones with them.
fn render_calls(profile: &Profile, settings: &Settings, ids: &[&str]) -> String {
    let calls = profile.calls(settings).unwrap();
    let wanted = |call: &&Call| {
        let parent = call.derived_from.as_ref().unwrap_or(&call.id);
        ids.contains(&parent.as_str())
    };
    let wanted = calls.iter().filter(wanted);
    wanted.map(|call| render_call(profile, call)).collect()
}

#[test]
fn expansion_of_network_calls() {
    let ids = [
        "create-vpc",
        "create-subnet",
        "create-nat-gateway",
        "describe-vpcs",
    ];
    let profile = mengi();
    insta::assert_snapshot!(render_calls(&profile, &Settings::default(), &ids));
}

#[test]
fn expansion_of_roles_and_clusters() {
    let ids = [
        "create-cluster-role",
        "attach-cluster-role-policies",
        "create-cluster",
        "create-node-group",
        "create-oidc-provider",
        "tag-for-discovery",
    ];
    let profile = mengi();
    let mut settings = Settings::default();
    let boundary = "arn:aws:iam::111122223333:policy/boundary";
    settings
        .variables
        .insert("boundary".to_owned(), vec![boundary.to_owned()]);
    insta::assert_snapshot!(render_calls(&profile, &settings, &ids));
}

#[test]
fn expansion_of_instances_untagged_profiles_and_keys() {
    let ids = [
        "run-instances",
        "create-instance-profile",
        "add-role-to-instance-profile",
        "create-key",
        "create-grant",
        "create-log-group",
        "delete-volume",
    ];
    let profile = mengi();
    insta::assert_snapshot!(render_calls(&profile, &everything(&profile), &ids));
}

#[test]
fn a_list_of_regions_makes_a_call_for_each() {
    let profile = mengi();
    let mut settings = Settings::default();
    let regions = ["eu-central-1", "us-east-1"].map(str::to_owned);
    settings
        .variables
        .insert("region".to_owned(), regions.to_vec());
    let ids = [
        "describe-vpcs",
        "delete-cluster",
        "delete-oidc-provider",
        "untag-role",
    ];
    insta::assert_snapshot!(render_calls(&profile, &settings, &ids));
}

/// A small profile that the tests of errors change.
const SMALL: &str = r#"
schema = 1
title = "Small"
summary = "One bucket"
default-actor = "vendor"
[source]
document = "A page"
[evidence]
page = "A page"
[variables.account]
type = "account-id"
default = "111122223333"
description = "the account"
[tags]
Owner = "small"
[actors.vendor]
kind = "user"
principal = "arn:aws:iam::{account}:user/vendor"
title = "the vendor"
[[phases]]
name = "create"
title = "Create"
[features.extra]
title = "Extra"
description = "more"
[objects.role]
type = "iam:role"
arn = "arn:aws:iam::{account}:role/small-*"
[[requirements]]
id = "create-role"
phase = "create"
action = "iam:CreateRole"
resources = ["new role"]
why = "creates the role"
breaks = "no role"
evidence = ["page"]
"#;

/// Returns what is wrong with the small profile after a change.
fn errors_after(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    let text = SMALL.replacen(from, to, 1);
    match Profile::parse("own", &text) {
        Ok(_) => "no errors".to_owned(),
        Err(errors) => render(&text, &errors),
    }
}

#[test]
fn errors_have_places_and_hints() {
    assert_eq!(errors_after("{account}", "{account}"), "no errors");
    let changes = [
        ("schema = 1", "schema = 2"),
        ("title = \"Small\"", "titel = \"Small\""),
        ("default-actor = \"vendor\"", "default-actor = \"vender\""),
        ("type = \"account-id\"", "type = \"acount-id\""),
        ("111122223333", "1111"),
        ("user/vendor", "user/{vendor}"),
        ("role/small-*", "role/{Acc}"),
        ("phase = \"create\"", "phase = \"created\""),
        ("type = \"iam:role\"", "type = \"iam:rolle\""),
        ("action = \"iam:CreateRole\"", "action = \"iam:CreateRol\""),
        ("action = \"iam:CreateRole\"", "action = \"iam:createrole\""),
        ("resources = [\"new role\"]", "resources = [\"new rolle\"]"),
        ("resources = [\"new role\"]", "resources = [3]"),
        ("resources = [\"new role\"]", ""),
        ("why =", "feature = \"extr\"\nwhy ="),
        ("why =", "strength = \"must\"\nwhy ="),
        ("why =", "tagged = \"yes\"\nwhy ="),
        ("why =", "context = { \"iam:PolicyARM\" = \"x\" }\nwhy ="),
        ("why =", "context = { \"ec2:Vpc\" = \"x\" }\nwhy ="),
        ("why =", "absent = [\"aws:SourceIpp\"]\nwhy ="),
        ("why =", "passes = [\"role\"]\nwhy ="),
        ("why =", "first-use = true\nwhy ="),
        ("why =", "alternative = \"lonely\"\nwhy ="),
        ("why = \"creates the role\"", "why = \"\""),
        ("breaks = \"no role\"", ""),
        ("evidence = [\"page\"]", "evidence = [\"pages\"]"),
        (
            "evidence = [\"page\"]",
            "evidence = [\"page\"]\nresource = \"role\"",
        ),
        ("[[requirements]]", "[[requirement]]"),
        ("arn = \"", "arn = "),
    ];
    let mut text = String::new();
    for (from, to) in changes {
        writeln!(text, "{from} -> {}", to.escape_debug()).unwrap();
        for line in errors_after(from, to).lines() {
            writeln!(text, "    {line}").unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_error_is_reported_at_once() {
    let text = SMALL
        .replace("iam:CreateRole", "iam:MakeRole")
        .replace("phase = \"create\"", "phase = \"x\"");
    let twice = text.split_once("[[requirements]]").unwrap().1;
    let text = format!("{text}[[requirements]]{twice}");
    let errors = Profile::parse("own", &text).unwrap_err();
    insta::assert_snapshot!(render(&text, &errors));
}

const INCLUDING: &str = r#"
schema = 1
title = "Other"
summary = "The same cluster, kept under a path, a boundary and a tag"
default-actor = "builder"
[source]
document = "Another page"
[variables.path]
type = "path"
default = "/other/"
description = "where roles live"
[variables.prefix]
type = "name-prefix"
default = ""
description = "names have none"
[variables.boundary]
type = "arn"
default = "arn:aws:iam::111122223333:policy/other/boundary"
description = "the boundary of every role"
[tags]
Vendor = "Other"
[actors.builder]
kind = "role-session"
principal = "arn:{partition}:iam::{account}:role/builder"
title = "the builder"
[objects.access-entry]
type = "eks:access-entry"
arn = "arn:{partition}:eks:{region}:{account}:access-entry/{cluster}/role/{account}/builder/*"
[[include]]
profile = "mengi/eks"
phases = ["create-cluster", "create-node-group"]
actor = "builder"
features = { irsa = false }
omit = ["list-clusters", "put-role-policy"]
omit-reason = "the builder does neither"
"#;

#[test]
fn an_include_is_read_under_the_including_profile() {
    let profile = match Profile::parse("other/eks", INCLUDING) {
        Ok(profile) => profile,
        Err(errors) => panic!("{}", render(INCLUDING, &errors)),
    };
    let phases: Vec<_> = profile.phases.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(phases, ["create-cluster", "create-node-group"]);
    assert!(profile.requirements.iter().all(|it| it.actor == "builder"));
    assert!(
        !profile
            .requirements
            .iter()
            .any(|it| it.id == "list-clusters")
    );
    assert!(profile.variable("cluster").is_some());
    assert!(profile.variable("user").is_none());
    assert_eq!(profile.omitted.len(), 1);
    let settings = Settings::default();
    let calls = profile.calls(&settings).unwrap();
    assert!(
        !calls
            .iter()
            .any(|it| it.action == "iam:CreateOpenIDConnectProvider")
    );
    let ids = [
        "create-cluster-role",
        "create-node-group",
        "associate-access-policy",
    ];
    insta::assert_snapshot!(render_calls(&profile, &settings, &ids));
}

#[test]
fn errors_of_an_include_have_places() {
    let text = INCLUDING
        .replace("\"mengi/eks\"", "\"mengi/ekz\"")
        .replace("[[include]]", "[[include]]\nprofile = \"mengi/eks\"\nphases = [\"create-clusters\"]\nomit = [\"list-cluster\"]\nfeatures = { irsaa = true }\n[[include]]");
    let errors = Profile::parse("other/eks", &text).unwrap_err();
    insta::assert_snapshot!(render(&text, &errors));
}

#[test]
fn settings_that_the_profile_does_not_offer_are_errors() {
    let profile = mengi();
    let mut settings = Settings::default();
    settings
        .variables
        .insert("acount".to_owned(), vec![String::new()]);
    settings
        .variables
        .insert("account".to_owned(), vec!["12".to_owned()]);
    settings.features.insert("karpenter".to_owned(), true);
    settings.phases.push("tear-down".to_owned());
    settings.actors.push("vendors".to_owned());
    let errors = profile.calls(&settings).unwrap_err();
    let lines: Vec<String> = errors
        .iter()
        .map(|it| format!("{} ({})", it.message, it.help))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn documents_lie_beside_their_profile() {
    for shipped in shipped_profiles() {
        let profile = Profile::parse(shipped.name, shipped.text).unwrap();
        for document in &profile.documents {
            let found = shipped
                .documents
                .iter()
                .find(|(file, _)| *file == document.file);
            assert!(found.is_some(), "{} has no {}", shipped.name, document.file);
        }
        for (file, _) in shipped.documents {
            let listed = profile.documents.iter().any(|it| it.file == *file);
            assert!(listed, "{} does not list {file}", shipped.name);
        }
        for requirement in &profile.requirements {
            assert!(!requirement.evidence.is_empty(), "{}", requirement.id);
        }
    }
}

#[test]
fn the_subcommand_lists_and_prints_profiles() {
    let run = |args: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("rolecall").unwrap();
        let output = command.args(args).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code(), text)
    };
    let (code, text) = run(&["profiles"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("mengi/eks"), "{text}");
    let (code, text) = run(&["profiles", "mengi/eks"]);
    assert_eq!(code, Some(0));
    assert!(
        text.contains("create-subnet") && text.contains("by rule: iam:PassRole"),
        "{text}"
    );
    let title = "pass roles that are not the vendor's to a service";
    assert!(text.contains("Must never be possible"), "{text}");
    assert!(text.contains(title), "{text}");
    let (code, text) = run(&["profiles", "policies/mengi/eks", "--format", "json"]);
    assert_eq!(code, Some(0));
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let rows = json["must_not"].as_array().unwrap();
    let row = rows.iter().find(|it| it["title"] == title).unwrap();
    assert_eq!(row["class"], "W13");
    assert_eq!(row["family"]["Statement"][0]["Action"][0], "iam:PassRole");
    let (code, text) = run(&["profiles", "mengi"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("did you mean `mengi/eks`?"), "{text}");
}
