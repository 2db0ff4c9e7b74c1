//! moto starts, calls are recorded, and faults strike the calls that they name.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};

use crate::client::{config, wait};
use crate::double::{Double, Fault, Refusal, Victim, Which, kill};

fn iam(endpoint: &str, double: &Double) -> aws_sdk_iam::Client {
    let key = double.admin();
    aws_sdk_iam::Client::new(&config(endpoint, &key.id, &key.secret, None))
}

/// Creates a user and returns the code of the error; empty if there is none, `connection` if there
/// was no answer.
fn create(iam: &aws_sdk_iam::Client, name: &str) -> String {
    match wait(iam.create_user().user_name(name).send()) {
        Ok(_) => String::new(),
        Err(SdkError::DispatchFailure(_) | SdkError::ResponseError(_)) => "connection".to_owned(),
        Err(error) => error.code().unwrap_or("none").to_owned(),
    }
}

fn users(iam: &aws_sdk_iam::Client) -> Vec<String> {
    let answer = wait(iam.list_users().send()).unwrap();
    let names = answer.users().iter().map(|it| it.user_name().to_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn moto_by_itself_speaks_the_protocol() {
    let Some(double) = Double::start() else {
        return;
    };
    let iam = iam(&double.moto_endpoint(), &double);
    assert_eq!(create(&iam, "one"), "");
    assert_eq!(users(&iam), ["one"]);
    assert_eq!(double.actions(), [""; 0], "nothing passes the double");
}

#[test]
fn every_start_finds_an_empty_account() {
    for _ in 0..2 {
        let Some(double) = Double::start() else {
            return;
        };
        let iam = iam(&double.endpoint(), &double);
        assert_eq!(users(&iam), [""; 0]);
        assert_eq!(create(&iam, "one"), "");
    }
}

#[test]
fn calls_are_recorded_with_their_parameters_and_their_key() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.admin();
    create(&iam(&double.endpoint(), &double), "one");
    let config = config(&double.endpoint(), &key.id, &key.secret, None);
    let organizations = aws_sdk_organizations::Client::new(&config);
    drop(wait(
        organizations
            .list_policies_for_target()
            .target_id("r-1")
            .filter(aws_sdk_organizations::types::PolicyType::ServiceControlPolicy)
            .send(),
    ));
    let analyzer = aws_sdk_accessanalyzer::Client::new(&config);
    drop(wait(analyzer.list_analyzers().send()));
    let calls = double.calls();
    assert_eq!(
        double.actions(),
        [
            "iam:CreateUser",
            "organizations:ListPoliciesForTarget",
            "access-analyzer:ListAnalyzers"
        ]
    );
    assert_eq!(calls[0].text("UserName"), "one");
    assert_eq!(calls[1].text("TargetId"), "r-1");
    assert!(
        calls
            .iter()
            .all(|it| it.access_key == key.id && it.region == "us-east-1")
    );
    double.forget_calls();
    assert!(double.calls().is_empty());
}

#[test]
fn every_service_throttles_and_fails_in_its_own_words() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.admin();
    let config = config(&double.endpoint(), &key.id, &key.secret, None);
    double.fault("*", Which::First(4), Fault::Throttle);
    double.fault("*", Which::From(5), Fault::ServerError);
    let mut codes = Vec::new();
    for _ in 0..2 {
        codes.push(create(&iam(&double.endpoint(), &double), "one"));
        let sts = aws_sdk_sts::Client::new(&config);
        let answer = wait(sts.get_caller_identity().send()).unwrap_err();
        codes.push(answer.code().unwrap().to_owned());
        let organizations = aws_sdk_organizations::Client::new(&config);
        let answer = wait(organizations.describe_organization().send()).unwrap_err();
        codes.push(answer.code().unwrap().to_owned());
        let analyzer = aws_sdk_accessanalyzer::Client::new(&config);
        let answer = wait(analyzer.list_analyzers().send()).unwrap_err();
        codes.push(answer.code().unwrap().to_owned());
    }
    assert_eq!(
        codes,
        [
            "Throttling",
            "Throttling",
            "TooManyRequestsException",
            "ThrottlingException",
            "ServiceFailure",
            "InternalFailure",
            "ServiceException",
            "InternalServerException"
        ]
    );
    double.clear_faults();
    assert_eq!(users(&iam(&double.endpoint(), &double)), [""; 0]);
}

#[test]
fn a_fault_strikes_the_call_of_its_number_only() {
    let Some(double) = Double::start() else {
        return;
    };
    let iam = iam(&double.endpoint(), &double);
    double.fault(
        "iam:CreateUser",
        Which::Nth(2),
        Fault::Deny("no".to_owned()),
    );
    let full = Refusal::new(
        409,
        "LimitExceeded",
        "Cannot exceed quota for UsersPerAccount: 5000",
    );
    double.fault("iam:CreateUser", Which::Nth(3), Fault::Refuse(full));
    let codes = ["one", "two", "three", "four"].map(|it| create(&iam, it));
    assert_eq!(codes, ["", "AccessDenied", "LimitExceeded", ""]);
    assert_eq!(users(&iam), ["four", "one"]);
}

#[test]
fn a_lost_answer_is_told_apart_from_a_lost_call() {
    let Some(double) = Double::start() else {
        return;
    };
    let iam = iam(&double.endpoint(), &double);
    for (at, fault) in [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::HalfAnswer,
        Fault::ServerErrorAfter,
    ]
    .into_iter()
    .enumerate()
    {
        double.fault("iam:CreateUser", Which::Nth(at + 1), fault);
    }
    let codes = ["before", "after", "half", "failed"].map(|it| create(&iam, it));
    assert_eq!(
        codes,
        ["connection", "connection", "connection", "ServiceFailure"]
    );
    assert_eq!(users(&iam), ["after", "failed", "half"]);
}

#[test]
fn a_call_can_be_made_to_wait() {
    let Some(double) = Double::start() else {
        return;
    };
    let time = Duration::from_millis(300);
    double.fault("iam:*", Which::Every, Fault::Delay(time));
    let start = Instant::now();
    assert_eq!(create(&iam(&double.endpoint(), &double), "one"), "");
    assert!(start.elapsed() >= time);
}

#[test]
#[cfg(unix)]
fn a_child_is_killed_before_or_after_its_call_takes_effect() {
    let Some(double) = Double::start() else {
        return;
    };
    let iam = iam(&double.endpoint(), &double);
    for (name, is_after) in [("before", false), ("after", true)] {
        let victim: Victim = Arc::new(Mutex::new(None));
        *victim.lock().unwrap() = Some(Command::new("sleep").arg("60").spawn().unwrap());
        let hook = kill(&victim);
        let fault = match is_after {
            true => Fault::RunAfter(hook),
            false => Fault::RunBefore(hook),
        };
        double.clear_faults();
        double.fault("iam:CreateUser", Which::Nth(1), fault);
        assert_eq!(create(&iam, name), "connection");
        let mut child = victim.lock().unwrap().take().unwrap();
        assert!(child.try_wait().unwrap().is_some(), "the child still runs");
    }
    assert_eq!(users(&iam), ["after"]);
}
