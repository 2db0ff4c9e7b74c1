//! A kept credential is checked again: what AWS says changes its state, and no answer does not.

use super::bench::{Bench, USER, policy};
use super::double::{Fault, Refusal, Which};

#[test]
fn the_state_follows_what_aws_says_and_not_what_it_does_not_say() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let key = bench.user(USER, &policy(&[]));
    bench.add(&key, &[]).expect(0);
    // A policy that was narrowed meanwhile.
    bench.change_policy(USER, &policy(&["iam:DetachRolePolicy"]));
    bench
        .run(&["validate", "main"])
        .expect(1)
        .says("iam:DetachRolePolicy");
    assert_eq!(bench.kept()["state"], "Invalid");
    bench.change_policy(USER, &policy(&[]));
    bench.run(&["validate", "main"]).expect(0);
    assert_eq!(bench.kept()["state"], "Ready");
    // Nobody answers.
    let fault = Fault::Throttle;
    bench
        .double
        .fault("sts:GetCallerIdentity", Which::Every, fault);
    bench.run(&["validate", "main"]).expect(3);
    assert_eq!(bench.kept()["state"], "Ready");
    bench.calm();
    // This machine's clock is off.
    let words = "Signature expired: 20261129T000000Z is now earlier than 20261129T001500Z";
    let skewed = Refusal::new(403, "SignatureDoesNotMatch", words);
    let fault = Fault::Refuse(skewed);
    bench
        .double
        .fault("sts:GetCallerIdentity", Which::Every, fault);
    bench.run(&["validate", "main"]).expect(2).says("clock");
    assert_eq!(bench.kept()["state"], "Ready");
    bench.calm();
    // What the policies say cannot be read any more.
    bench.double.fault(
        "iam:GetPolicyVersion",
        Which::Every,
        Fault::Deny("no".to_owned()),
    );
    bench.run(&["validate", "main"]).expect(3);
    assert_eq!(bench.kept()["state"], "Pending Validation");
    bench.calm();
    // The customer deactivated the key.
    bench.double.set_active(&key, false);
    bench.run(&["validate", "main"]).expect(1);
    let kept = bench.kept();
    assert_eq!(kept["state"], "Invalid");
    assert!(
        kept["reasons"][0]
            .as_str()
            .unwrap()
            .contains("InvalidClientTokenId")
    );
    bench.double.set_active(&key, true);
    bench.run(&["validate", "main"]).expect(0);
    let shown = bench.run(&["show", "main"]).expect(0);
    shown.says("is Pending Validation by a-test");
    shown.says(USER);
    let listed = bench.run(&["list"]).expect(0);
    listed.says("Ready");
    listed.says("mengi/eks");
    assert!(!listed.out.contains(&key.id), "{}", listed.out);
}
