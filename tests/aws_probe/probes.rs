//! Every row of the table of probes: who may is told from who may not, and nothing has changed.

use super::double::{ACCOUNT, Double, Fault, Key, Refusal, Which, policies};
use super::{allowing, connection};
use rolecall::aws::{Connection, Live};
use rolecall::preflight::probe::{Kind, Names, Probe, Row, rows};
use rolecall::preflight::{Account as _, Probed};

fn names() -> Names {
    Names {
        prefix: "mengi-".to_owned(),
        random: "0123456789abcdef0123456789abcdef".to_owned(),
        region: "eu-central-1".to_owned(),
    }
}

/// Returns the probe of a row, about something of its kind that is not there.
fn filled(row: &'static Row) -> Probe {
    let arn = match row.action.split_once(':') {
        Some(("eks", "DescribeNodegroup")) => "eks:eu-central-1:ACCOUNT:nodegroup/mengi-a/b/c",
        Some(("eks", "DescribeAddon")) => "eks:eu-central-1:ACCOUNT:addon/mengi-a/vpc-cni/c",
        Some(("eks", _)) => "eks:eu-central-1:ACCOUNT:cluster/mengi-a",
        _ => "iam::ACCOUNT:role/mengi-a",
    };
    let arn = format!("arn:aws:{}", arn.replace("ACCOUNT", ACCOUNT));
    let tags = [("ManagedBy".to_owned(), "mengi".to_owned())];
    row.fill("eu-central-1", &arn, &tags, &names()).unwrap()
}

/// Returns a connection of somebody who may make these calls only.
fn holder(double: &Double, name: &str, actions: &[&str]) -> Connection {
    connection(double, &may_only(double, name, actions))
}

/// Lets somebody make these calls only, from now on and by all keys.
fn may_only(double: &Double, name: &str, actions: &[&str]) -> Key {
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/{name}");
    double.grant(&arn, policies(&[&allowing(actions)]))
}

/// What the account holds, as far as the probes' writes could change it.
fn held(double: &Double) -> Vec<String> {
    let admin = double.admin();
    let lists = [
        "DescribeVpcs",
        "DescribeSubnets",
        "DescribeAddresses",
        "DescribeInternetGateways",
        "DescribeLaunchTemplates",
        "DescribeSecurityGroups",
        "DescribeRouteTables",
        "DescribeNatGateways",
        "DescribeInstances",
        "DescribeNetworkInterfaces",
        "DescribeVpcEndpoints",
        "DescribeSnapshots",
        "DescribeVolumes",
    ];
    let lists = lists.iter().map(|it| {
        let (_, text) = double.ec2(&admin, &format!("Action={it}"));
        // The id of the request differs each time.
        let start = text.find("<requestId>").unwrap_or(0);
        let end = text.find("</requestId>").unwrap_or(start);
        format!("{}{}", &text[..start], &text[end..])
    });
    let mut held: Vec<String> = lists.collect();
    let clusters = connection(double, &admin).clusters("eu-central-1").unwrap();
    held.push(format!("{clusters:?}"));
    held
}

#[test]
fn each_row_tells_who_may_from_who_may_not() {
    let Some(double) = Double::start() else {
        return;
    };
    double.role("mengi-a", "/", r#"{"Version":"2012-10-17","Statement":[]}"#);
    let before = held(&double);
    let nobody = holder(&double, "nobody", &["cloudtrail:LookupEvents"]);
    let somebody = holder(&double, "somebody", &[]);
    let mut wrong = Vec::new();
    for row in rows() {
        let probe = filled(row);
        // Creating with tags asks for the tags too.
        drop(may_only(
            &double,
            "somebody",
            &[row.action, "ec2:CreateTags"],
        ));
        double.forget_calls();
        let (may, may_not) = (somebody.probe(&probe), nobody.probe(&probe));
        if !matches!(may, Probed::Allowed { .. }) || !matches!(may_not, Probed::Denied { .. }) {
            wrong.push(format!("{}: {may:?} and {may_not:?}", row.action));
        }
        let calls = double.actions();
        if calls != [row.action, row.action] {
            wrong.push(format!("{}: one call for each, not {calls:?}", row.action));
        }
        let calls = double.calls();
        let is_dry = calls.iter().all(|it| it.text("DryRun") == "true");
        assert!(is_dry || row.kind != Kind::DryRun, "{}", row.action);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(held(&double), before, "something has changed");
}

#[test]
fn a_probe_with_tags_sends_them_and_their_refusal_leaves_the_action_open() {
    let Some(double) = Double::start() else {
        return;
    };
    let row = rows()
        .iter()
        .find(|it| it.action == "ec2:CreateVpc")
        .unwrap();
    let untagged = holder(&double, "untagged", &["ec2:CreateVpc"]);
    let answer = untagged.probe(&filled(row));
    let Probed::Unclear(unread) = &answer else {
        panic!("{answer:?}");
    };
    assert_eq!(unread.code, "UnauthorizedOperation");
    assert!(
        unread.message.contains("ec2:CreateTags"),
        "{}",
        unread.message
    );
    let calls = double.calls();
    assert_eq!(calls[0].text("TagSpecification.1.ResourceType"), "vpc");
    assert_eq!(calls[0].text("TagSpecification.1.Tag.1.Key"), "ManagedBy");
    assert_eq!(calls[0].region, "eu-central-1");
}

#[test]
fn an_answer_that_says_neither_is_unclear_and_keeps_its_request_id() {
    let Some(double) = Double::start() else {
        return;
    };
    let connection = connection(&double, &double.admin());
    let mut live = Live::new(&connection, String::new());
    let row = rows()
        .iter()
        .find(|it| it.action == "ec2:DeleteVpc")
        .unwrap();
    for (status, code) in [(400, "InvalidVpcID.NotFound"), (401, "AuthFailure")] {
        double.clear_faults();
        let refusal = Refusal::new(status, code, "words");
        double.fault("ec2:DeleteVpc", Which::Every, Fault::Refuse(refusal));
        let Probed::Unclear(unread) = live.probe(&filled(row)) else {
            panic!("{code} is taken for an answer");
        };
        assert_eq!((&*unread.code, &*unread.message), (code, "words"));
        assert_eq!(unread.operation, "ec2:DeleteVpc");
        assert_eq!(unread.request_id, "00000000-0000-4000-8000-000000000000");
    }
    double.clear_faults();
    double.fault("ec2:DeleteVpc", Which::First(1), Fault::Throttle);
    assert!(matches!(live.probe(&filled(row)), Probed::Allowed { .. }));
}
