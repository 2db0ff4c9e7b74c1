//! The profiles of StreamNative: rows, context and the documents beside them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use rolecall::profile::{
    ActorKind, Call, ContextValue, Profile, Settings, Shipped, Strength, shipped,
};

/// What a managed policy may hold, white space not counted (IAM User Guide, "IAM and AWS STS
/// quotas").
const MANAGED_POLICY_LIMIT: usize = 6144;

/// What a role trust policy may hold unless the quota is raised.
const TRUST_POLICY_LIMIT: usize = 2048;

const NAMES: [&str; 2] = ["streamnative/bootstrap", "streamnative/management"];

fn parse(name: &str) -> (&'static Shipped, Profile) {
    let shipped = shipped(name).unwrap();
    (shipped, Profile::parse(name, shipped.text).unwrap())
}

fn calls(name: &str) -> Vec<Call> {
    parse(name).1.calls(&Settings::default()).unwrap()
}

fn fixed<'c>(keys: &'c [(String, ContextValue)], key: &str) -> Option<&'c str> {
    let (_, value) = keys.iter().find(|(name, _)| name == key)?;
    match value {
        ContextValue::One(one) => Some(one),
        ContextValue::Many(_) | ContextValue::Family { .. } => None,
    }
}

#[test]
fn bootstrap_has_every_required_row_of_an_eks_cluster_or_says_why_not() {
    let (_, bootstrap) = parse("streamnative/bootstrap");
    let (_, mengi) = parse("mengi/eks");
    let left_out: Vec<&String> = bootstrap
        .omitted
        .iter()
        .flat_map(|it| &it.requirements)
        .collect();
    assert!(bootstrap.omitted.iter().all(|it| !it.reason.is_empty()));
    let others = ["bootstrap", "rotate-key"];
    for row in mengi
        .requirements
        .iter()
        .filter(|it| !others.contains(&it.phase.as_str()))
    {
        // Only what the vendor itself does, another vendor does in its place.
        let actor = match row.actor.as_str() {
            "vendor" => "bootstrap",
            other => other,
        };
        let is_here = bootstrap
            .requirements
            .iter()
            .any(|it| it.id == row.id && it.actor == actor);
        assert!(is_here || left_out.contains(&&row.id), "{}", row.id);
    }
    let made = calls("streamnative/bootstrap");
    let base = mengi.calls(&Settings::default()).unwrap();
    for call in base
        .iter()
        .filter(|it| !others.contains(&it.phase.as_str()))
    {
        assert!(
            made.iter().any(|it| it.action == call.action),
            "{}",
            call.action
        );
    }
}

#[test]
fn bootstrap_has_rows_for_every_service_that_streamnative_adds() {
    let (_, profile) = parse("streamnative/bootstrap");
    for action in [
        "acm:RequestCertificate",
        "ec2:AcceptVpcEndpointConnections",
        "ec2:AcceptVpcPeeringConnection",
        "ec2:CreateVpcEndpointServiceConfiguration",
        "ec2:CreateVpcPeeringConnection",
        "kms:CreateKey",
        "route53:ChangeResourceRecordSets",
        "route53:CreateHostedZone",
        "s3:CreateBucket",
        "ssm:StartSession",
        "ssm:TerminateSession",
        "sts:AssumeRole",
        "sts:AssumeRoleWithWebIdentity",
    ] {
        let rows: Vec<_> = profile
            .requirements
            .iter()
            .filter(|it| it.action == action)
            .collect();
        assert!(!rows.is_empty(), "{action}");
        assert!(rows.iter().all(|it| !it.evidence.is_empty()), "{action}");
    }
}

#[test]
fn roles_are_created_with_path_boundary_and_tag() {
    let boundary =
        "arn:aws:iam::111122223333:policy/StreamNative/StreamNativeCloudPermissionBoundary";
    for name in NAMES {
        let calls = calls(name);
        let mut creates = calls
            .iter()
            .filter(|it| it.action == "iam:CreateRole")
            .peekable();
        assert!(creates.peek().is_some(), "{name}");
        for call in creates {
            let role = call.resources.first().unwrap();
            assert!(role.arn.contains(":role/StreamNative/"), "{}", role.arn);
            assert_eq!(
                fixed(&role.context, "iam:PermissionsBoundary"),
                Some(boundary),
                "{}",
                call.id
            );
            assert_eq!(
                fixed(&role.context, "aws:ResourceTag/Vendor"),
                Some("StreamNative"),
                "{}",
                call.id
            );
        }
    }
}

#[test]
fn assuming_a_role_takes_the_external_id() {
    for name in NAMES {
        let (_, profile) = parse(name);
        let is_of_vendor = |call: &&Call| {
            let actor = profile.actor(&call.actor).unwrap();
            call.action == "sts:AssumeRole" && actor.kind != ActorKind::Service
        };
        for call in calls(name).iter().filter(is_of_vendor) {
            assert_eq!(
                fixed(&call.context, "sts:ExternalId"),
                Some("o-example"),
                "{}",
                call.id
            );
        }
    }
}

#[test]
fn documents_are_listed_ours_and_fit() {
    for name in NAMES {
        let (shipped, profile) = parse(name);
        for document in &profile.documents {
            assert!(!document.published, "{name} {}", document.file);
            let text = shipped
                .documents
                .iter()
                .find(|(file, _)| *file == document.file);
            let (_, text) = text.unwrap_or_else(|| panic!("{name} lacks {}", document.file));
            let length = text.chars().filter(|it| !it.is_whitespace()).count();
            let limit = match document.kind.as_str() {
                "trust" => TRUST_POLICY_LIMIT,
                _ => MANAGED_POLICY_LIMIT,
            };
            assert!(
                length <= limit,
                "{name} {}: {length} of {limit}",
                document.file
            );
        }
        for (file, _) in shipped.documents {
            let is_listed = profile.documents.iter().any(|it| it.file == *file);
            assert!(is_listed, "{name} does not list {file}");
        }
    }
}

#[test]
fn what_is_required_says_what_breaks() {
    for name in NAMES {
        let (_, profile) = parse(name);
        for row in &profile.requirements {
            assert!(!row.why.is_empty(), "{}", row.id);
            assert!(
                row.strength != Strength::Required || !row.breaks.is_empty(),
                "{}",
                row.id
            );
        }
    }
}
