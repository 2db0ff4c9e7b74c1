//! What profiles tell `generate`: names, boundaries, who makes whom, what is attached.

#![expect(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::fmt::Write as _;

use rolecall::profile::{MadeBy, Profile, ProfileError, SettingError, Settings};
use rolecall::source::line_column;

const SMALL: &str = r#"
schema = 1
title = "Small"
summary = "One role"
default-actor = "vendor"
[source]
document = "A page"
[variables.partition]
type = "partition"
default = "aws"
description = "the partition"
[variables.account]
type = "account-id"
default = "111122223333"
description = "the account"
[variables.path]
type = "text"
default = "/small/"
description = "where everything lives"
[variables.stage]
type = "text-list"
default = ["test", "production"]
description = "the stages"
[variables.own-boundary]
type = "arn"
default = "arn:aws:iam::111122223333:policy/small/by-hand"
description = "the vendor's boundary"
[variables.boundary]
type = "arn"
default = ""
description = "the boundary of what the vendor makes"
[tags]
Owner = "small"
[generate]
name = "small-{stage}"
path = "{path}"
boundary = { variable = "own-boundary", policy = "small-boundary" }
workload-boundary = { variable = "boundary", policy = "small-workload-boundary" }
[actors.vendor]
kind = "user"
principal = "arn:aws:iam::{account}:user{path}vendor"
title = "the vendor"
made-by = "customer"
object = "user"
[actors.node]
kind = "role-session"
principal = "arn:aws:sts::{account}:assumed-role/node/session"
title = "a node"
made-by = "vendor"
object = "role"
attached = ["arn:{partition}:iam::aws:policy/AmazonEKSWorkerNodePolicy"]
[actors.machines]
kind = "service"
principal = "ec2.amazonaws.com"
title = "EC2"
[objects.user]
type = "iam:user"
arn = "arn:aws:iam::{account}:user{path}vendor"
[objects.role]
type = "iam:role"
arn = "arn:aws:iam::{account}:role{path}node"
"#;

fn small() -> Profile {
    match Profile::parse("own", SMALL) {
        Ok(profile) => profile,
        Err(errors) => panic!("{}", render(SMALL, &errors)),
    }
}

fn render(text: &str, errors: &[ProfileError]) -> String {
    let mut lines = String::new();
    for error in errors {
        let at = line_column(text, error.span.start);
        write!(lines, "{}:{} {}", at.line, at.column, error.message).unwrap();
        if !error.help.is_empty() {
            write!(lines, " ({})", error.help).unwrap();
        }
        lines.push('\n');
    }
    lines
}

fn with(values: &[(&str, &str)]) -> Settings {
    let entry = |(name, value): &(&str, &str)| ((*name).to_owned(), vec![(*value).to_owned()]);
    Settings {
        variables: values.iter().map(entry).collect(),
        ..Settings::default()
    }
}

/// Returns the two boundaries under these settings, or what is wrong with them.
fn boundaries(values: &[(&str, &str)]) -> String {
    let profile = small();
    let settings = with(values);
    let generation = profile.generation.as_ref().unwrap();
    let made: Vec<String> = generation
        .boundaries()
        .map(|it| match profile.generated_boundary(it, &settings) {
            Ok(arn) => arn.unwrap_or_else(|| "the customer's own".to_owned()),
            Err(errors) => complaints(&errors),
        })
        .collect();
    let filled = match profile.generation_settings(&settings) {
        Ok(filled) => format!("{:?}", filled.variables),
        Err(errors) => complaints(&errors),
    };
    format!("{}\n{filled}", made.join("\n"))
}

fn complaints(errors: &[SettingError]) -> String {
    let lines = errors
        .iter()
        .map(|it| format!("{} ({})", it.message, it.help));
    lines.collect::<Vec<_>>().join("; ")
}

#[test]
fn makers_and_attached_policies_are_read() {
    let profile = small();
    let vendor = profile.actor("vendor").unwrap();
    assert_eq!(vendor.made_by, Some(MadeBy::Customer));
    assert_eq!(vendor.object.as_deref(), Some("user"));
    let node = profile.actor("node").unwrap();
    assert_eq!(node.made_by, Some(MadeBy::Vendor));
    let attached = profile.fill(&node.attached[0], &Settings::default());
    let wanted = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy";
    assert_eq!(attached.as_deref(), Ok(wanted));
    assert_eq!(profile.actor("machines").unwrap().made_by, None);
    let generation = profile.generation.as_ref().unwrap();
    let name = profile.fill(&generation.name, &Settings::default());
    assert_eq!(name.as_deref(), Ok("small-test"), "a list gives its first");
}

#[test]
fn inputs_are_all_variables_in_order() {
    let profile = small();
    let settings = with(&[("account", "444455556666")]);
    let inputs = profile.inputs(&settings).unwrap();
    let text: Vec<String> = inputs
        .iter()
        .map(|(variable, values)| format!("{}={}", variable.name, values.join(",")))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
    let errors = profile.inputs(&with(&[("account", "4")])).unwrap_err();
    assert_eq!(errors.len(), 1);
}

#[test]
fn boundaries_are_made_unless_the_customer_has_its_own() {
    let own = "arn:aws:iam::111122223333:policy/own";
    let made = "arn:aws:iam::111122223333:policy/small/small-boundary";
    let cases: [&[(&str, &str)]; 7] = [
        &[],
        &[("own-boundary", ""), ("boundary", "")],
        &[("own-boundary", own), ("boundary", own)],
        &[("own-boundary", made)],
        &[("account", "444455556666"), ("partition", "aws-cn")],
        &[("path", "small")],
        &[("account", "4")],
    ];
    let mut text = String::new();
    for case in cases {
        writeln!(text, "{case:?}\n{}\n", boundaries(case)).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn filling_the_boundaries_twice_changes_nothing() {
    let profile = small();
    let once = profile.generation_settings(&Settings::default()).unwrap();
    assert_eq!(profile.generation_settings(&once), Ok(once.clone()));
    for boundary in profile.generation.as_ref().unwrap().boundaries() {
        let made = profile.generated_boundary(boundary, &once).unwrap();
        assert_eq!(made.as_ref(), once.variables[&boundary.variable].first());
    }
}

#[test]
fn a_profile_without_the_section_makes_no_boundary() {
    let (head, tail) = SMALL.split_once("[generate]").unwrap();
    let tail = tail.split_once("[actors.vendor]").unwrap().1;
    let text = format!("{head}[actors.vendor]{tail}");
    let profile = Profile::parse("own", &text).unwrap();
    assert!(profile.generation.is_none());
    let settings = with(&[("account", "444455556666")]);
    let filled = profile.generation_settings(&settings);
    assert_eq!(filled, Ok(settings));
}

#[test]
fn errors_have_places_and_hints() {
    let changes = [
        ("name = \"small-{stage}\"\n", ""),
        ("path = \"{path}\"\n", ""),
        (
            "boundary = { variable = \"own-boundary\", policy = \"small-boundary\" }\n",
            "",
        ),
        (
            "name = \"small-{stage}\"",
            "names = \"small-{stage}\"\nname = 3",
        ),
        ("name = \"small-{stage}\"", "name = \"small {stages}\""),
        ("name = \"small-{stage}\"", "name = \"small {stage}\""),
        ("default = \"/small/\"", "default = \"small\""),
        ("variable = \"own-boundary\"", "variable = \"own-boundry\""),
        ("variable = \"own-boundary\"", "variable = \"account\""),
        ("variable = \"own-boundary\"", "variable = \"boundary\""),
        ("variable = \"own-boundary\", ", ""),
        (
            "policy = \"small-boundary\"",
            "policies = \"small-boundary\"",
        ),
        (
            "policy = \"small-boundary\"",
            "policy = \"small-Workload-boundary\"",
        ),
        ("policy = \"small-boundary\"", "policy = \"small/boundary\""),
        (
            "{ variable = \"own-boundary\", policy = \"small-boundary\" }",
            "\"own\"",
        ),
        ("[variables.partition]", "[variables.partitions]"),
        ("made-by = \"customer\"", "made-by = \"custommer\""),
        (
            "made-by = \"customer\"\nobject = \"user\"",
            "made-by = \"customer\"",
        ),
        ("object = \"user\"", "object = \"users\""),
        ("object = \"user\"", "object = \"role\""),
        ("made-by = \"vendor\"\n", ""),
        ("iam::aws:policy", "iam::{account}:policy"),
        ("{partition}:iam::aws", "{partitions}:iam::aws"),
        (
            "title = \"EC2\"",
            "title = \"EC2\"\nmade-by = \"vendor\"\nobject = \"role\"",
        ),
    ];
    let mut text = String::new();
    for (from, to) in changes {
        assert!(SMALL.contains(from), "{from}");
        let changed = SMALL.replacen(from, to, 1);
        writeln!(text, "{} -> {}", from.escape_debug(), to.escape_debug()).unwrap();
        match Profile::parse("own", &changed) {
            Ok(_) => text.push_str("    no errors\n"),
            Err(errors) => {
                for line in render(&changed, &errors).lines() {
                    writeln!(text, "    {line}").unwrap();
                }
            }
        }
    }
    insta::assert_snapshot!(text);
}
