//! Requirements over families of requests: met for all of them, for some, for none, or not known.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is missing"
)]

use rolecall::catalog::Catalog;
use rolecall::check::{self, Addition, Input, Judged, headline};
use rolecall::evaluate::{Layer, Level, Policies};
use rolecall::json;
use rolecall::policy::{Document, Kind, lower};
use rolecall::profile::{Profile, Settings};
use serde_json::{Value, json};

const PROFILE: &str = r#"
schema = 1
title = "Families"
summary = "Requirements over families of things"
default-actor = "vendor"

[source]
document = "none"
publisher = "Test"

[evidence]
test = "a test"

[variables.account]
type = "account-id"
default = "111122223333"
description = "the customer's account"

[variables.region]
type = "region"
default = "eu-central-1"
description = "the region"

[tags]
Vendor = "test"

[actors.vendor]
kind = "user"
principal = "arn:aws:iam::{account}:user/team/vendor"
title = "the vendor's user"

[[phases]]
name = "run"
title = "Run"

[objects.role]
type = "iam:role"
arn = "arn:aws:iam::{account}:role/mengi-*"

[objects.subnet]
type = "ec2:subnet"
arn = "arn:aws:ec2:{region}:{account}:subnet/subnet-*"
context = { "ec2:Vpc" = "arn:aws:ec2:{region}:{account}:vpc/vpc-*" }

[objects.table]
type = "ec2:route-table"
arn = "arn:aws:ec2:{region}:{account}:route-table/rtb-*"

[objects.bus]
type = "events:event-bus"
arn = "arn:aws:events:{region}:{account}:event-bus/mengi-*"

[[requirements]]
id = "role"
phase = "run"
action = "iam:GetRole"
resources = ["role"]
why = "reads roles"
breaks = "roles cannot be read"
evidence = ["test"]

[[requirements]]
id = "attach"
phase = "run"
action = "iam:AttachRolePolicy"
resources = ["role"]
context = { "iam:PolicyARN" = "arn:aws:iam::{account}:policy/mengi-*" }
why = "attaches policies"
breaks = "policies cannot be attached"
evidence = ["test"]

[[requirements]]
id = "subnet"
phase = "run"
action = "ec2:DeleteSubnet"
resources = ["subnet"]
why = "deletes subnets"
breaks = "subnets stay"
evidence = ["test"]

[[requirements]]
id = "route"
phase = "run"
action = "ec2:AssociateRouteTable"
resources = ["subnet", "table"]
why = "routes subnets"
breaks = "subnets have no routes"
evidence = ["test"]

[[requirements]]
id = "bus"
phase = "run"
action = "events:CreateEventBus"
resources = ["new bus"]
why = "makes buses"
breaks = "no buses"
evidence = ["test"]
"#;

fn document(statements: &Value, kind: Kind) -> Document {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let document = lower(json::parse(&text).unwrap().tree.root(), kind);
    assert!(document.problems.is_empty(), "{:?}", document.problems);
    document
}

fn identity(statements: &Value) -> Policies {
    Policies {
        identity: vec![document(statements, Kind::Identity)],
        ..Policies::default()
    }
}

fn judge(policies: &Policies, id: &str) -> Judged {
    let profile = match Profile::parse("families", PROFILE) {
        Ok(profile) => profile,
        Err(errors) => panic!("{errors:?}"),
    };
    let report = check::run(&Input {
        profile: &profile,
        settings: &Settings::default(),
        policies,
        trust: None,
        resource_policies: &[],
        principal: None,
        catalog: Catalog::builtin(),
        unread: false,
    });
    let mut all = report.unwrap().requirements.into_iter();
    all.find(|it| it.call.id == id).unwrap()
}

fn verdict(statements: &Value, id: &str) -> &'static str {
    judge(&identity(statements), id).verdict.as_str()
}

fn allow(actions: &Value, resources: &Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources})
}

fn allow_if(actions: &str, resources: &str, condition: &Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources, "Condition": condition})
}

fn deny(resources: &str) -> Value {
    json!({"Sid": "Guard", "Effect": "Deny", "Action": "*", "Resource": resources})
}

fn get_role(resources: &str) -> Value {
    allow(&json!("iam:GetRole"), &json!(resources))
}

#[test]
fn met_is_for_every_member() {
    for statements in [
        json!([get_role("*")]),
        json!([get_role("arn:aws:iam::111122223333:role/mengi-*")]),
        json!([get_role("arn:aws:iam::*:role/m?ngi-*")]),
        // Two halves that together leave nothing out.
        json!([
            get_role("arn:aws:iam::111122223333:role/mengi-a*"),
            {"Effect": "Allow", "Action": "iam:*", "NotResource": "arn:aws:iam::111122223333:role/mengi-a*"},
        ]),
        // A guard beside the family.
        json!([get_role("*"), deny("arn:aws:iam::*:role/admin-*")]),
        // A policy variable with a value that follows from the caller.
        json!([get_role("*"), deny("arn:aws:iam::*:role/${aws:username}-*")]),
        json!([allow_if(
            "iam:GetRole",
            "*",
            &json!({"StringEquals": {"aws:username": "vendor"}})
        )]),
    ] {
        assert_eq!(verdict(&statements, "role"), "met", "{statements:#}");
    }
}

/// A call on two resources is one call of one caller.
#[test]
fn resources_of_a_call_are_judged_together() {
    let on = |kind: &str, condition: &Value| {
        let resources = format!("arn:aws:ec2:*:*:{kind}/*");
        allow_if("ec2:AssociateRouteTable", &resources, condition)
    };
    let mfa = |value: &str| json!({"Bool": {"aws:MultiFactorAuthPresent": value}});
    let from = |range: &str| json!({"IpAddress": {"aws:SourceIp": range}});
    let any = json!({"Bool": {"aws:PrincipalIsAWSService": "false"}});
    for (subnet, table, expected) in [
        // Each alone depends on what nobody told us, and both together are never allowed.
        (mfa("true"), mfa("false"), "not-met"),
        (from("192.0.2.0/25"), from("192.0.2.128/25"), "not-met"),
        (from("192.0.2.0/24"), from("192.0.2.128/25"), "unknown"),
        (mfa("true"), from("192.0.2.128/25"), "unknown"),
        (mfa("true"), mfa("true"), "unknown"),
        (any.clone(), any.clone(), "met"),
        (any.clone(), mfa("true"), "unknown"),
    ] {
        let statements = json!([on("subnet", &subnet), on("route-table", &table)]);
        let judged = judge(&identity(&statements), "route");
        assert_eq!(judged.verdict.as_str(), expected, "{statements:#}");
        assert!(!headline(&judged).is_empty());
    }
    let statements = json!([on("subnet", &mfa("true")), on("route-table", &mfa("false"))]);
    insta::assert_snapshot!(headline(&judge(&identity(&statements), "route")), @"`ec2:AssociateRouteTable` on `arn:aws:ec2:eu-central-1:111122223333:subnet/subnet-*` and 1 more is not allowed: in the identity policy, a condition of statement 1 fails: the resources of the call ask for values of `aws:MultiFactorAuthPresent` that no request has at once");
    // What another resource asks of the object, not of the caller, may differ.
    let vpc = json!({"StringEquals": {"aws:ResourceTag/a": "b"}});
    let statements = json!([on("subnet", &vpc), on("route-table", &any)]);
    assert_ne!(
        judge(&identity(&statements), "route").verdict.as_str(),
        "met"
    );
}

/// Names have no colons, so an ARN of another type is none of the family.
#[test]
fn members_look_like_names() {
    let statements = json!([
        allow(&json!("*"), &json!("*")),
        deny("arn:aws:ec2:*:*:vpc/vpc-0f*"),
        deny("arn:aws:iam::*:role/*/admin"),
    ]);
    assert_eq!(verdict(&statements, "subnet"), "met");
    assert_eq!(verdict(&statements, "role"), "met");
}

#[test]
fn a_narrower_resource_meets_a_part() {
    let judged = judge(
        &identity(&json!([get_role(
            "arn:aws:iam::111122223333:role/mengi-eu-*"
        )])),
        "role",
    );
    insta::assert_snapshot!(headline(&judged), @"`iam:GetRole` on `arn:aws:iam::111122223333:role/mengi-*` is allowed in part, not e.g. on `arn:aws:iam::111122223333:role/mengi-0a1b2c3d4e5f60718`: in the identity policy, statement 1 names the action but not this resource");
    let reason = judged.reason.unwrap();
    assert_eq!(reason.class.as_str(), "resource-not-covered");
    assert_eq!(reason.layer, Some(Layer::Identity));
    let other = json!([get_role("arn:aws:iam::111122223333:role/other-*")]);
    assert_eq!(verdict(&other, "role"), "not-met");
    assert_eq!(verdict(&json!([deny("*")]), "role"), "not-met");
}

#[test]
fn a_condition_meets_a_part() {
    let like = json!({"ArnLike": {"iam:PolicyARN": "arn:aws:iam::*:policy/mengi-eu-*"}});
    let judged = judge(&identity(&json!([allow_if("iam:*", "*", &like)])), "attach");
    insta::assert_snapshot!(headline(&judged), @"`iam:AttachRolePolicy` on `arn:aws:iam::111122223333:role/mengi-*` is allowed in part, not e.g. on `arn:aws:iam::111122223333:role/mengi-0a1b2c3d4e5f60718`: in the identity policy, a condition of statement 1 fails: `ArnLike` on `iam:PolicyARN` with `arn:aws:iam::*:policy/mengi-eu-*` fails: the request has `arn:aws:iam::111122223333:policy/mengi-0a1b2c3d4e5f60718`");
    assert_eq!(judged.reason.unwrap().class.as_str(), "condition-fails");
    for (pattern, expected) in [
        ("arn:aws:iam::*:policy/mengi-*", "met"),
        ("arn:aws:iam::*:policy/*", "met"),
        ("arn:aws:iam::aws:policy/*", "not-met"),
    ] {
        let like = json!({"ArnLike": {"iam:PolicyARN": pattern}});
        let statements = json!([allow_if("iam:*", "*", &like)]);
        assert_eq!(verdict(&statements, "attach"), expected, "{pattern}");
    }
    let unlike = json!({"ArnNotLike": {"ec2:Vpc": "arn:aws:ec2:*:*:vpc/vpc-0f*"}});
    let judged = judge(
        &identity(&json!([allow_if("ec2:*", "*", &unlike)])),
        "subnet",
    );
    insta::assert_snapshot!(headline(&judged), @"`ec2:DeleteSubnet` on `arn:aws:ec2:eu-central-1:111122223333:subnet/subnet-*` is allowed in part, not e.g. on `arn:aws:ec2:eu-central-1:111122223333:subnet/subnet-0a1b2c3d4e5f60718`: in the identity policy, a condition of statement 1 fails: `ArnNotLike` on `ec2:Vpc` with `arn:aws:ec2:*:*:vpc/vpc-0f*` fails: the request has `arn:aws:ec2:eu-central-1:111122223333:vpc/vpc-0f1b2c3d4e5f60718`");
}

#[test]
fn a_deny_of_some_members_meets_a_part() {
    let statements = json!([
        allow(&json!("*"), &json!("*")),
        deny("arn:aws:iam::*:role/mengi-prod-*")
    ]);
    let judged = judge(&identity(&statements), "role");
    insta::assert_snapshot!(headline(&judged), @"`iam:GetRole` on `arn:aws:iam::111122223333:role/mengi-*` is allowed in part, not e.g. on `arn:aws:iam::111122223333:role/mengi-prod-0a1b2c3d4e5f60718`: `Guard` of the identity policy denies it");
    assert_eq!(judged.reason.unwrap().class.as_str(), "explicitly-denied");
    assert!(judged.fix.is_none());
    // What nobody told us does not hide what is denied in any case.
    let anywhere = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    let statements = json!([
        allow_if("*", "*", &anywhere),
        deny("arn:aws:iam::*:role/mengi-prod-*"),
    ]);
    assert_eq!(verdict(&statements, "role"), "partly-met");
}

#[test]
fn the_layer_that_fails_some_members_is_named() {
    let all = json!([allow(&json!("*"), &json!("*"))]);
    let boundary = Policies {
        boundary: Some(vec![document(
            &json!([allow(
                &json!("iam:*"),
                &json!("arn:aws:iam::*:role/mengi-eu-*")
            )]),
            Kind::Boundary,
        )]),
        ..identity(&all)
    };
    let judged = judge(&boundary, "role");
    insta::assert_snapshot!(headline(&judged), @"`iam:GetRole` on `arn:aws:iam::111122223333:role/mengi-*` is allowed in part, not e.g. on `arn:aws:iam::111122223333:role/mengi-0a1b2c3d4e5f60718`: it is outside the permissions boundary, statement 1 names the action but not this resource");
    assert_eq!(judged.reason.unwrap().layer, Some(Layer::Boundary));
    let scp = Policies {
        scps: vec![Level {
            target: "root".into(),
            policies: vec![document(
                &json!([
                    allow(&json!("*"), &json!("*")),
                    deny("arn:aws:iam::*:role/mengi-prod-*")
                ]),
                Kind::Scp,
            )],
        }],
        ..identity(&all)
    };
    let judged = judge(&scp, "role");
    insta::assert_snapshot!(headline(&judged), @"`iam:GetRole` on `arn:aws:iam::111122223333:role/mengi-*` is allowed in part, not e.g. on `arn:aws:iam::111122223333:role/mengi-prod-0a1b2c3d4e5f60718`: `Guard` of the service control policy at `root` denies it");
    let reason = judged.reason.unwrap();
    assert_eq!(reason.layer, Some(Layer::Scp));
    assert_eq!(reason.target.as_deref(), Some("root"));
}

#[test]
fn a_key_that_nobody_told_leaves_it_unknown() {
    let inside = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    let outside = json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    let eu = "arn:aws:iam::111122223333:role/mengi-eu-*";
    let judged = judge(&identity(&json!([allow_if("iam:*", "*", &inside)])), "role");
    insta::assert_snapshot!(headline(&judged), @"`iam:GetRole` on `arn:aws:iam::111122223333:role/mengi-*` cannot be decided: it depends on `aws:SourceIp`, which the vendor's requests may have or not (see statement 1 of the identity policy)");
    assert_eq!(judged.reason.unwrap().unknown, ["aws:SourceIp"]);
    for (statements, expected) in [
        // Some are allowed in any case, the others by the key.
        (
            json!([get_role(eu), allow_if("iam:*", "*", &inside)]),
            "unknown",
        ),
        // Some by the key, the others in no case.
        (json!([allow_if("iam:*", eu, &inside)]), "partly-met"),
        // In any case, by one statement or the other.
        (
            json!([
                allow_if("iam:*", "*", &inside),
                allow_if("iam:*", "*", &outside)
            ]),
            "met",
        ),
        // In no case.
        (
            json!([
                allow_if("iam:*", "*", &inside),
                {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": inside},
            ]),
            "not-met",
        ),
        // Some with the key, the others without it: no member is denied in any case.
        (
            json!([
                allow_if("iam:*", eu, &inside),
                {"Effect": "Allow", "Action": "iam:*", "NotResource": eu, "Condition": outside},
            ]),
            "unknown",
        ),
        // A variable that nobody told.
        (
            json!([get_role("arn:aws:iam::*:role/${aws:PrincipalTag/team}-*")]),
            "unknown",
        ),
    ] {
        assert_eq!(verdict(&statements, "role"), expected, "{statements:#}");
    }
    // A tag beside ours, on something that is there already.
    let tagged = json!({"StringEquals": {"aws:ResourceTag/stage": "test"}});
    let judged = judge(
        &identity(&json!([allow_if("ec2:*", "*", &tagged)])),
        "subnet",
    );
    assert_eq!(judged.reason.unwrap().unknown, ["aws:ResourceTag/stage"]);
}

#[test]
fn tags_of_what_is_created_are_read_both_ways() {
    let tagged = json!({"StringEquals": {"aws:ResourceTag/Vendor": "test"}});
    let statements = json!([allow_if(
        "events:*",
        "arn:aws:events:*:*:event-bus/*",
        &tagged
    )]);
    let judged = judge(&identity(&statements), "bus");
    assert_eq!(judged.verdict.as_str(), "unknown");
    assert_eq!(judged.reason.unwrap().unknown, ["tag-on-create"]);
    let statements = json!([allow_if(
        "events:*",
        "*",
        &json!({"StringEquals": {"aws:RequestTag/Vendor": "test"}})
    ),]);
    assert_eq!(verdict(&statements, "bus"), "met");
    // In either reading some are denied.
    let statements = json!([
        allow_if(
            "events:*",
            "arn:aws:events:*:*:event-bus/mengi-eu-*",
            &tagged
        ),
        allow(
            &json!("events:*"),
            &json!("arn:aws:events:*:*:event-bus/mengi-us-*")
        ),
    ]);
    assert_eq!(verdict(&statements, "bus"), "partly-met");
}

#[test]
fn tags_in_a_list_are_the_whole_list() {
    for (operator, tags, expected) in [
        (
            "ForAllValues:StringEquals",
            json!(["Vendor", "Name"]),
            "met",
        ),
        ("ForAllValues:StringEquals", json!(["Name"]), "not-met"),
        ("ForAnyValue:StringEquals", json!(["Vendor"]), "met"),
        ("ForAnyValue:StringNotEquals", json!(["Vendor"]), "not-met"),
    ] {
        let condition = json!({operator: {"aws:TagKeys": tags}});
        let statements = json!([allow_if("events:*", "*", &condition)]);
        assert_eq!(verdict(&statements, "bus"), expected, "{condition}");
    }
}

#[test]
fn fixes_are_proven_for_every_member() {
    let added = |statements: &Value| -> Vec<Addition> {
        let judged = judge(&identity(statements), "role");
        judged.fix.map(|it| it.additions).unwrap_or_default()
    };
    let narrow = json!([get_role("arn:aws:iam::111122223333:role/mengi-eu-*")]);
    let whole = json!({
        "Effect": "Allow",
        "Action": "iam:GetRole",
        "Resource": "arn:aws:iam::111122223333:role/mengi-*",
    });
    let [Addition::Statement { statement, .. }] = &added(&narrow)[..] else {
        panic!("no statement is added");
    };
    assert_eq!(*statement, whole);
    // One more action in a statement that covers the family, and not in one that leaves some out.
    let wide = json!([allow(&json!(["iam:ListRoles"]), &json!("*"))]);
    assert!(matches!(&added(&wide)[..], [Addition::Action { .. }]));
    let most = json!([{
        "Effect": "Allow",
        "Action": ["iam:ListRoles"],
        "NotResource": "arn:aws:iam::*:role/mengi-prod-*",
    }]);
    let [Addition::Statement { statement, .. }] = &added(&most)[..] else {
        panic!("no statement is added");
    };
    assert_eq!(*statement, whole);
    // Nothing helps where some are denied.
    let denied = json!([deny("arn:aws:iam::*:role/mengi-prod-*")]);
    assert!(added(&denied).is_empty());
}
