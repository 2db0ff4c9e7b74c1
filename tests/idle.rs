//! Statements that could be left out: text in, places and reasons out.
#![expect(clippy::unwrap_used, reason = "tests stop where something is missing")]

use rolecall::analyze::{Analysis, Idle};
use rolecall::catalog::Catalog;
use rolecall::json;
use rolecall::policy::{Document, Kind, lower};

fn document(statements: &str) -> Document {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    let parsed = json::parse(&text).unwrap();
    lower(parsed.tree.root(), Kind::Identity)
}

/// Returns one word for each idle statement, with its number from 0.
fn idle(statements: &str) -> Vec<String> {
    let catalog = Catalog::builtin();
    let documents = [document(statements)];
    let found = Analysis::new(catalog).idle_statements(&documents);
    let words = found.iter().map(|it| {
        let at = it.statement;
        match it.why {
            Idle::Moot => format!("{at} moot"),
            Idle::Shadowed => format!("{at} shadowed"),
            Idle::Redundant { by: Some((_, by)) } => format!("{at} by {by}"),
            Idle::Redundant { by: None } => format!("{at} by several"),
            Idle::DeniesNothing => format!("{at} denies nothing"),
        }
    });
    words.collect()
}

const GET: &str = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}"#;
const READ: &str = r#"{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"}"#;

#[test]
fn redundant() {
    assert_eq!(idle(&[GET, READ].join(",")), ["0 by 1"]);
    assert_eq!(idle(&[READ, GET].join(",")), ["1 by 0"]);
    // Of two that say the same, only one can be left out.
    assert_eq!(idle(&[GET, GET].join(",")), ["1 by 0"]);
    let halves = r#"
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::a*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*"}"#;
    assert_eq!(idle(halves), ["2 by several"]);
}

#[test]
fn shadowed_and_moot() {
    let denied = r#"
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"},
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::a/*"},
        {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}"#;
    // With the Allow gone the Deny has nothing left to deny, but the Allow is asked first only if
    // it comes later: one of the two is enough.
    assert_eq!(idle(denied), ["1 shadowed"]);
    let contradiction = r#"
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*",
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a"}, "StringLike": {"aws:PrincipalOrgID": "o-b*"}}}"#;
    assert_eq!(idle(contradiction), ["0 moot"]);
}

#[test]
fn denies() {
    let unasked = r#"
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
        {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}"#;
    assert_eq!(idle(unasked), ["1 denies nothing"]);
    let twice = r#"
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}"#;
    assert_eq!(idle(twice), ["2 by 1"]);
    let needed = r#"
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}"#;
    assert!(idle(needed).is_empty());
}
