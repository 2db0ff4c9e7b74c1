//! What profiles tell `generate`: names, boundaries, who makes whom, what is attached.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that fails may panic"
)]

use std::fmt::Write as _;

use rolecall::profile::{
    Actor, ActorKind, Call, ContextValue, MadeBy, Profile, ProfileError, SettingError, Settings,
    aws_managed, aws_managed_policies, shipped, shipped_profiles,
};
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

fn parse(name: &str) -> Profile {
    Profile::parse(name, shipped(name).unwrap().text).unwrap()
}

fn all() -> Vec<Profile> {
    shipped_profiles().iter().map(|it| parse(it.name)).collect()
}

/// Settings with every feature on.
fn everything(profile: &Profile) -> Settings {
    let features = profile.features.iter().map(|it| (it.name.clone(), true));
    Settings {
        features: features.collect(),
        ..Settings::default()
    }
}

fn made_by(profile: &Profile, maker: MadeBy) -> impl Iterator<Item = &Actor> {
    profile
        .actors
        .iter()
        .filter(move |it| it.made_by == Some(maker))
}

/// The ARN of the object that is this actor, a family with `*`.
fn arn_of(profile: &Profile, actor: &Actor) -> String {
    let object = profile.object(actor.object.as_ref().unwrap()).unwrap();
    profile.fill(&object.arn, &Settings::default()).unwrap()
}

fn is_assume_role(call: &Call) -> bool {
    call.action.starts_with("sts:AssumeRole") || call.action == "sts:TagSession"
}

fn is_on(call: &Call, arn: &str) -> bool {
    let mut resources = call.resources.iter();
    resources.any(|it| it.family.as_deref().unwrap_or(&it.arn) == arn)
}

#[test]
fn shipped_profiles_name_their_boundaries_and_who_makes_whom() {
    for profile in all() {
        let generation = profile.generation.as_ref().unwrap();
        assert!(generation.workload_boundary.is_some(), "{}", profile.name);
        let default = profile.actor(&profile.default_actor).unwrap();
        assert_eq!(default.made_by, Some(MadeBy::Customer), "{}", profile.name);
        assert_eq!(made_by(&profile, MadeBy::Customer).count(), 1);
        assert!(made_by(&profile, MadeBy::Vendor).count() > 0);
    }
}

/// Whoever may write a policy of a name may write itself one.
#[test]
fn the_vendor_writes_no_policy_with_a_generated_name() {
    for profile in all() {
        let settings = everything(&profile);
        let generation = profile.generation.as_ref().unwrap();
        let fill = |template| profile.fill(template, &settings).unwrap();
        let filled = profile.generation_settings(&settings).unwrap();
        let boundaries = generation
            .boundaries()
            .map(|it| filled.variables[&it.variable][0].clone());
        let start = format!(
            "arn:aws:iam::111122223333:policy{}{}",
            fill(&generation.path),
            fill(&generation.name)
        );
        let names: Vec<String> = boundaries.chain([start]).collect();
        let calls = profile.calls(&filled).unwrap();
        let is_write = |it: &&Call| {
            it.actor == profile.default_actor
                && [
                    "iam:CreatePolicy",
                    "iam:CreatePolicyVersion",
                    "iam:DeletePolicy",
                ]
                .contains(&it.action.as_str())
        };
        let mut written = 0;
        for call in calls.iter().filter(is_write) {
            for resource in &call.resources {
                let pattern = resource.family.as_ref().unwrap_or(&resource.arn);
                let fixed = pattern.split('*').next().unwrap();
                for name in &names {
                    let apart = !name.starts_with(fixed) && !fixed.starts_with(name.as_str());
                    assert!(apart, "{}: {} on {pattern}, {name}", profile.name, call.id);
                }
                written += 1;
            }
        }
        assert!(written > 0 || profile.name == "streamnative/management");
    }
}

#[test]
fn roles_of_the_vendor_carry_the_workload_boundary_and_others_their_own() {
    for profile in all() {
        let generation = profile.generation.as_ref().unwrap();
        let workload = generation.workload_boundary.as_ref().unwrap();
        for (maker, boundary) in [
            (MadeBy::Customer, &generation.boundary),
            (MadeBy::Vendor, workload),
        ] {
            for actor in made_by(&profile, maker) {
                let object = profile.object(actor.object.as_ref().unwrap()).unwrap();
                let written = object.boundary.as_ref().unwrap().written();
                let wanted = format!("{{{}}}", boundary.variable);
                assert_eq!(written, wanted, "{} {}", profile.name, actor.name);
            }
        }
    }
}

/// Without somebody who may take it a role is of no use; without a boundary of pods, everybody may.
#[test]
fn every_role_of_the_vendor_is_trusted_to_somebody_exact() {
    for profile in all() {
        let calls = profile.calls(&everything(&profile)).unwrap();
        for actor in made_by(&profile, MadeBy::Vendor) {
            let arn = arn_of(&profile, actor);
            let into: Vec<&Call> = calls
                .iter()
                .filter(|it| is_assume_role(it) && is_on(it, &arn))
                .collect();
            assert!(!into.is_empty(), "{} {}", profile.name, actor.name);
            for call in into {
                let by = profile.actor(&call.actor).unwrap();
                let fixed = |end: &str| {
                    let mut keys = call.context.iter();
                    let key = keys.find(|(key, _)| key.ends_with(end));
                    key.map(|(_, value)| value.values().join(","))
                };
                match by.kind {
                    ActorKind::WebIdentity => {
                        assert_eq!(fixed("EXAMPLE:aud").as_deref(), Some("sts.amazonaws.com"));
                        let subject = fixed("EXAMPLE:sub").unwrap();
                        assert!(subject.starts_with("system:serviceaccount:"), "{subject}");
                        assert!(!subject.contains('*'), "{subject}");
                    }
                    ActorKind::Service if by.name == "pod-identity-service" => {
                        assert!(fixed("RequestTag/kubernetes-service-account").is_some());
                        assert!(fixed("RequestTag/kubernetes-namespace").is_some());
                        assert!(fixed("RequestTag/eks-cluster-name").is_some());
                    }
                    ActorKind::Service if by.name == "eks-service" => {
                        assert!(fixed("aws:SourceArn").is_some());
                    }
                    ActorKind::Service => assert_eq!(by.name, "ec2-service"),
                    other => panic!("{other:?} takes {}", actor.name),
                }
            }
        }
    }
}

#[test]
fn roles_of_the_vendor_write_nothing_in_iam() {
    for profile in all() {
        let calls = profile.calls(&everything(&profile)).unwrap();
        let made: Vec<&str> = made_by(&profile, MadeBy::Vendor)
            .map(|it| it.name.as_str())
            .collect();
        let reads = ["iam:Get", "iam:List", "iam:PassRole"];
        for call in calls.iter().filter(|it| made.contains(&it.actor.as_str())) {
            let is_iam = call.action.starts_with("iam:") || call.action.starts_with("sts:");
            let is_read = reads.iter().any(|it| call.action.starts_with(it));
            assert!(!is_iam || is_read, "{} {}", profile.name, call.id);
        }
    }
}

/// A role is there to do something: rows of its own, or a policy of AWS.
#[test]
fn every_role_of_the_vendor_has_a_use() {
    for profile in all() {
        for actor in made_by(&profile, MadeBy::Vendor) {
            let mut rows = profile.requirements.iter();
            let has_rows = rows.any(|it| it.actor == actor.name);
            let has_use = has_rows || !actor.attached.is_empty();
            assert!(has_use, "{} {}", profile.name, actor.name);
        }
    }
}

#[test]
fn what_is_attached_is_known_and_nothing_else_is() {
    let mut attached: Vec<String> = Vec::new();
    for profile in all() {
        let templates = profile.actors.iter().flat_map(|it| &it.attached);
        for template in templates {
            let arn = profile.fill(template, &Settings::default()).unwrap();
            assert!(aws_managed(&arn).is_some(), "{}: {arn}", profile.name);
            attached.push(arn);
        }
    }
    for policy in aws_managed_policies() {
        let arn = format!("arn:aws:iam::aws:policy/{}", policy.name);
        assert!(attached.contains(&arn), "nobody attaches {arn}");
    }
}

/// What the vendor attaches to its roles it must be allowed to attach.
#[test]
fn what_is_attached_the_vendor_may_attach() {
    for profile in all() {
        let calls = profile.calls(&everything(&profile)).unwrap();
        let policies: Vec<String> = calls
            .iter()
            .filter(|it| it.action == "iam:AttachRolePolicy")
            .flat_map(|it| &it.context)
            .filter(|(key, _)| key == "iam:PolicyARN")
            .flat_map(|(_, value)| value.values())
            .collect();
        for actor in made_by(&profile, MadeBy::Vendor) {
            for template in &actor.attached {
                let arn = profile.fill(template, &Settings::default()).unwrap();
                assert!(policies.contains(&arn), "{} {arn}", profile.name);
            }
        }
    }
}

/// A controller's things carry the controller's tags, not the vendor's.
#[test]
fn what_a_controller_creates_carries_its_own_tags() {
    let profile = parse("mengi/eks");
    let calls = profile.calls(&everything(&profile)).unwrap();
    let create = calls
        .iter()
        .find(|it| it.id == "lbc-create-target-group")
        .unwrap();
    let keys: Vec<&str> = create
        .context
        .iter()
        .map(|(key, _)| key.as_str())
        .filter(|key| key.starts_with("aws:RequestTag/"))
        .collect();
    assert_eq!(
        keys,
        [
            "aws:RequestTag/ManagedBy",
            "aws:RequestTag/elbv2.k8s.aws/cluster"
        ]
    );
    let tags = ["ManagedBy", "elbv2.k8s.aws/cluster"].map(str::to_owned);
    let tags = ContextValue::Many(tags.to_vec());
    assert!(create.context.contains(&("aws:TagKeys".to_owned(), tags)));
    let tagging = "lbc-create-target-group/elasticloadbalancing:AddTags";
    assert!(calls.iter().any(|it| it.id == tagging));
}

/// Karpenter's role by IAM roles for service accounts needs both features.
#[test]
fn a_row_of_two_features_needs_both() {
    let profile = parse("mengi/eks");
    let has = |features: &[(&str, bool)]| {
        let settings = Settings {
            features: features
                .iter()
                .map(|(name, on)| ((*name).to_owned(), *on))
                .collect(),
            ..Settings::default()
        };
        let calls = profile.calls(&settings).unwrap();
        calls
            .iter()
            .any(|it| it.id == "autoscaler-role-by-web-identity")
    };
    assert!(has(&[("autoscaling", true), ("irsa", true)]));
    assert!(!has(&[("autoscaling", false), ("irsa", true)]));
    assert!(!has(&[("autoscaling", true), ("irsa", false)]));
}

/// Rows of others than the included profile's own actor stay theirs.
#[test]
fn an_include_takes_over_who_else_makes_calls() {
    let text = SMALL
        .replace("[tags]", "[variables.region]\ntype = \"region-list\"\ndefault = [\"eu-central-1\"]\ndescription = \"where\"\n[tags]")
        .replace("[generate]", "[[phases]]\nname = \"create\"\ntitle = \"Create\"\n[[include]]\nprofile = \"mengi/eks\"\nphases = [\"validate-credential\", \"run\"]\n[generate]");
    let profile = match Profile::parse("own", &text) {
        Ok(profile) => profile,
        Err(errors) => panic!("{}", render(&text, &errors)),
    };
    let by = |id: &str| {
        let mut rows = profile.requirements.iter();
        let row = rows.find(|it| it.id == id).unwrap();
        row.actor.clone()
    };
    assert_eq!(by("get-caller-identity"), "vendor");
    assert_eq!(by("lbc-delete-load-balancer"), "load-balancer-controller");
    assert_eq!(by("node-role-by-ec2"), "ec2-service");
    let controller = profile.actor("load-balancer-controller").unwrap();
    assert!(
        profile
            .object(controller.object.as_ref().unwrap())
            .is_some()
    );
    assert!(profile.variable("oidc-issuer").is_some());
    assert!(profile.actor("customer-administrator").is_none());
    profile.calls(&everything(&profile)).unwrap();
}

fn run(args: &[&str]) -> String {
    let mut command = assert_cmd::Command::cargo_bin("rolecall").unwrap();
    let output = command.args(args).output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// The facts about the AWS Load Balancer Controller are within what it publishes, with the role
/// trust policy that the rows ask for.
#[test]
fn the_published_policy_of_the_load_balancer_controller_is_enough() {
    let trust = std::env::temp_dir().join(format!("rolecall-{}-trust.json", std::process::id()));
    let issuer = "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
    let text = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Federated": format!("arn:aws:iam::111122223333:oidc-provider/{issuer}") },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": { "StringEquals": {
                (format!("{issuer}:aud")): "sts.amazonaws.com",
                (format!("{issuer}:sub")): "system:serviceaccount:kube-system:aws-load-balancer-controller",
            } },
        }],
    });
    #[expect(clippy::disallowed_methods, reason = "a test writes its own file")]
    std::fs::write(&trust, text.to_string()).unwrap();
    let trust = trust.to_str().unwrap();
    let policy = "testdata/policies/aws-load-balancer-controller.json";
    let check = |args: &[&str]| {
        let head = ["check", "--for", "mengi/eks", policy, "--no-isolation"];
        let text = run(&[&head, args].concat());
        text.lines().last().unwrap_or_default().to_owned()
    };
    let actor = [
        "--actor",
        "load-balancer-controller",
        "--feature",
        "web-acl",
    ];
    let with_trust = [&actor[..], &["--trust", trust]].concat();
    assert_eq!(
        check(&with_trust),
        "ENOUGH: all 65 required calls are allowed"
    );
    // The trust policy of another role judges no other: the published policy has no more calls.
    let other = run(&[
        "check",
        "--for",
        "mengi/eks",
        "policies/mengi/eks/policy.json",
        "--no-isolation",
        "--trust",
        trust,
    ]);
    assert!(
        other.contains("ENOUGH: all 165 required calls are allowed"),
        "{other}"
    );
}
