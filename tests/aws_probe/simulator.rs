//! The policy simulator: every page, every resource, and what a refusal leaves.

use super::double::{ACCOUNT, Double, Fault, Which, policies};
use super::{allowing, connection};
use rolecall::aws::{Cause, Live};
use rolecall::preflight::{Account as _, SimulatedDecision, Simulation};

fn principal() -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/vendor")
}

/// More actions than a page holds, all of them real.
fn many() -> Vec<String> {
    let catalog = rolecall::catalog::Catalog::builtin();
    let service = catalog.service("ec2").unwrap();
    let names = service.actions().iter().take(120);
    names.map(|it| format!("ec2:{}", it.name)).collect()
}

#[test]
fn every_page_is_read() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.grant(
        &principal(),
        policies(&[&allowing(&["ec2:Describe*", "iam:*"])]),
    );
    let asked = Simulation {
        actions: many(),
        ..Simulation::default()
    };
    let answers = connection(&double, &key)
        .simulate(&principal(), &asked)
        .unwrap();
    assert_eq!(answers.len(), 120);
    assert_eq!(double.actions().len(), 2);
    for answer in answers {
        let expected = match answer.action.starts_with("ec2:Describe") {
            true => SimulatedDecision::Allowed,
            false => SimulatedDecision::ImplicitDeny,
        };
        assert_eq!(
            (answer.decision, &*answer.resource),
            (expected, "*"),
            "{}",
            answer.action
        );
    }
}

#[test]
fn every_resource_has_its_own_answer_with_context() {
    let Some(double) = Double::start() else {
        return;
    };
    let text = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:Simulate*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*",
         "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}]}"#;
    let key = double.grant(&principal(), policies(&[text]));
    let connection = connection(&double, &key);
    let mut asked = Simulation {
        actions: vec!["s3:GetObject".to_owned()],
        resources: vec!["arn:aws:s3:::a/1".to_owned(), "arn:aws:s3:::b/1".to_owned()],
        context: vec![(
            "aws:RequestedRegion".to_owned(),
            "string",
            vec!["eu-central-1".to_owned()],
        )],
    };
    let decisions = |asked: &Simulation| {
        let answers = connection.simulate(&principal(), asked).unwrap();
        answers.iter().map(|it| it.decision).collect::<Vec<_>>()
    };
    let denied = SimulatedDecision::ImplicitDeny;
    assert_eq!(decisions(&asked), [SimulatedDecision::Allowed, denied]);
    asked.context[0].2 = vec!["us-east-1".to_owned()];
    assert_eq!(decisions(&asked), [denied, denied]);
}

#[test]
fn a_throttled_simulator_is_asked_again_and_a_denied_one_is_not() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.grant(&principal(), policies(&[&allowing(&["iam:Simulate*"])]));
    let connection = connection(&double, &key);
    let asked = Simulation {
        actions: vec!["ec2:CreateVpc".to_owned()],
        ..Simulation::default()
    };
    let simulate = "iam:SimulatePrincipalPolicy";
    double.fault(simulate, Which::First(2), Fault::Throttle);
    assert_eq!(connection.simulate(&principal(), &asked).unwrap().len(), 1);
    assert_eq!(double.actions().len(), 3);
    double.clear_faults();
    double.forget_calls();
    double.fault(simulate, Which::Every, Fault::Deny("no".to_owned()));
    let error = connection.simulate(&principal(), &asked).unwrap_err();
    assert_eq!((&*error.code, error.cause), ("AccessDenied", Cause::Denied));
    assert_eq!(double.actions().len(), 1);
    let mut live = Live::new(&connection, "2026-11-29T00:00:00Z".to_owned());
    let unread = live.simulate(&principal(), &asked).unwrap_err();
    assert_eq!(unread.operation, simulate);
    assert_eq!(unread.request_id, "00000000-0000-4000-8000-000000000000");
}
