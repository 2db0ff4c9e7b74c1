//! What random search has found: each was a wrong answer once.

use rolecall::analyze::{Access, Found};
use rolecall::catalog::Catalog;
use rolecall::evaluate::case::Reader;
use rolecall::policy::Kind;
use serde_json::{Value, json};

use super::{pure, read_as};

/// Whether some request of a family is allowed by a case's policies to its caller, and whether
/// some is denied.
fn sometimes(case: &Value, family: &Value) -> [bool; 2] {
    let read = Reader::new(Catalog::builtin()).read(&case.to_string());
    let read = read.unwrap();
    let access = Access {
        policies: &read.policies,
        principal: &read.request.principal,
        resource_account: case["request"]["resourceAccount"].as_str(),
        settings: &read.request.settings,
    };
    let family = [read_as(family, Kind::Identity)];
    let is_found = |found: Found| match found {
        Found::Request(_) => true,
        Found::Nothing => false,
        Found::Unknown(doubt) => panic!("{doubt:?}"),
    };
    [
        is_found(pure().find_allowed(&family, &access)),
        is_found(pure().find_denied(&family, &access)),
    ]
}

/// S4: a name that a rule singles out is an action of its own, whatever patterns it shares.
#[test]
fn actions_that_need_no_permission_are_found_behind_a_wildcard() {
    let family = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:*", "Resource": "*"},
    ]});
    for action in ["sts:GetCallerIdentity", "sts:GetCallerIdenti*", "sts:Other"] {
        let case = json!({
            "request": {
                "action": "sts:GetCallerIdentity",
                "principal": "arn:aws:iam::111111111111:user/alice",
            },
            "resourcePolicy": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": action},
            ]},
        });
        assert_eq!(sometimes(&case, &family), [true, true], "{action}");
    }
}

#[test]
fn a_key_that_aws_does_not_list_is_a_list_everywhere_or_nowhere() {
    use rolecall::policy::written;
    let allow = |rest: &str| format!(r#"{{"Effect": "Allow", "Resource": "*", {rest}}}"#);
    let document = |statements: &[String]| {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
            statements.join(",")
        );
        vec![written(&text, Kind::Identity)]
    };
    let one = r#""Action": "*", "Condition": {"StringEquals": {"made:Up": "b"}}"#;
    let other = r#""Action": "*", "Condition": {"StringEquals": {"made:Up": "c"}}"#;
    let list = r#""Action": "zz:y", "Condition": {"ForAllValues:StringEquals": {"made:Up": "x"}}"#;
    let a = document(&[allow(one)]);
    let b = document(&[allow(other), allow(list)]);
    let found = pure().find_excess(&[&a], &[&b]);
    assert!(matches!(found, Found::Nothing), "{found:?}");
}

#[test]
fn a_session_is_more_than_its_role() {
    use rolecall::policy::written;
    // E7, E8: a boundary limits what the role is granted, not what the session is.
    let policy = |principal: &str| {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "s3:GetObject",
                "Principal": {{"AWS": "{principal}"}}, "Resource": "arn:aws:s3:::b/*"}}}}"#
        );
        vec![written(&text, Kind::Resource)]
    };
    let role = policy("arn:aws:iam::111111111111:role/app");
    let session = policy("arn:aws:sts::111111111111:assumed-role/app/s1");
    let found = pure().find_excess(&[&session], &[&role]);
    assert!(matches!(found, Found::Request(_)), "{found:?}");
}
