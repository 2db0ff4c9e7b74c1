//! A credential that is a role: it has no secret, and its door is tried.

use super::bench::{Bench, policy};
use super::client::wait;
use super::double::{ACCOUNT, Fault, Key, Refusal, Which, policies};

const EXTERNAL_ID: &str = "o-4f1c2b7a90";

/// Makes a role that opens to the vendor with the external ID, and returns the vendor's key.
fn role(bench: &Bench) -> (String, Key) {
    let vendor = "arn:aws:iam::444455556666:user/vendor";
    let may = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Action": "sts:AssumeRole", "Resource": "*"}}"#;
    let key = bench.double.grant(vendor, policies(&[may]));
    bench.hide(&key.secret);
    bench.write_profile("vendor", &key);
    let arn = trusting(bench, vendor, true);
    (arn, key)
}

fn trust(vendor: &str) -> String {
    serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": vendor},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    }]})
    .to_string()
}

fn trusting(bench: &Bench, vendor: &str, is_new: bool) -> String {
    let iam = bench.iam();
    let document = trust(vendor);
    if is_new {
        let create = iam.create_role().role_name("manager");
        wait(create.assume_role_policy_document(document).send()).unwrap();
        let text = policy(&[]);
        let put = iam.put_role_policy().role_name("manager");
        wait(put.policy_name("eks").policy_document(text).send()).unwrap();
    } else {
        let update = iam.update_assume_role_policy().role_name("manager");
        wait(update.policy_document(document).send()).unwrap();
    }
    format!("arn:aws:iam::{ACCOUNT}:role/manager")
}

fn add(bench: &Bench, arn: &str, more: &[&str]) -> super::bench::Ended {
    let mut args = vec!["add", "main", "--for", "mengi/eks", "--role", arn];
    args.extend(["--external-id", EXTERNAL_ID, "--reader-profile", "admin"]);
    args.extend(["--aws-profile", "vendor", "--region", "eu-central-1"]);
    args.extend(more);
    bench.run(&args)
}

#[test]
fn a_role_is_kept_once_its_door_is_as_it_must_be() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let (arn, _) = role(&bench);
    let kept = add(&bench, &arn, &["--no-organization"]).expect(0);
    kept.says("saved: `main` is Ready");
    let kept = bench.kept();
    assert_eq!(kept["kind"], "role");
    assert_eq!(kept["externalId"], EXTERNAL_ID);
    assert_eq!(kept["account"], ACCOUNT);
    let mut validate = vec!["validate", "main", "--aws-profile", "vendor"];
    validate.extend(["--reader-profile", "admin", "--no-organization"]);
    bench.run(&validate).expect(0);
    // A region that is switched off says nothing about the role.
    let words = "STS is not activated in this region";
    let fault = Fault::Refuse(Refusal::new(403, "RegionDisabledException", words));
    bench.double.fault("sts:AssumeRole", Which::Every, fault);
    bench.run(&validate).expect(3);
    assert_eq!(bench.kept()["state"], "Ready");
    bench.calm();
    // The customer takes the vendor out of the trust policy.
    trusting(&bench, "arn:aws:iam::777788889999:user/other", false);
    bench.run(&validate).expect(1).says("does not open");
    assert_eq!(bench.kept()["state"], "Invalid");
    bench.run(&["rotate", "main"]).expect(2).says("is a role");
    let revoke = ["revoke", "main", "--aws-profile", "vendor"];
    bench.run(&revoke).expect(3).says("sts:AssumeRole");
    trusting(&bench, "arn:aws:iam::444455556666:user/vendor", false);
    bench
        .run(&revoke)
        .expect(0)
        .says("still lets the vendor in");
}

#[test]
fn a_role_that_does_not_open_is_not_kept() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let (arn, _) = role(&bench);
    trusting(&bench, "arn:aws:iam::777788889999:user/other", false);
    add(&bench, &arn, &[]).expect(2).says("does not open");
    assert!(!bench.store().exists());
    let kept = add(&bench, &arn, &["--save-anyway"]).expect(1);
    kept.says("`main` is Invalid");
}
