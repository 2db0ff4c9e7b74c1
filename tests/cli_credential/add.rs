//! What is kept, what is not, and why.

use super::bench::{Bench, USER, policy};
use super::double::{Fault, Refusal, Which};

#[test]
fn two_missing_actions_are_named_and_after_the_fix_the_same_command_ends_in_ready() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let missing = ["iam:DetachRolePolicy", "iam:CreateOpenIDConnectProvider"];
    let key = bench.user(USER, &policy(&missing));
    let refused = bench.add(&key, &[]).expect(1);
    for action in missing {
        refused.says(action);
    }
    refused.says("to the actions of `IamForEks` in the identity policy");
    refused.says("the first in \"");
    refused.says("nothing was saved");
    assert!(!bench.store().exists());
    bench.change_policy(USER, &policy(&[]));
    bench
        .add(&key, &[])
        .expect(0)
        .says("saved: `main` is Ready");
    let kept = bench.kept();
    assert_eq!(kept["state"], "Ready");
}

#[test]
fn where_isolation_is_required_a_way_out_is_refused_now_and_later() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let key = bench.user(USER, &policy(&[]));
    let refused = bench.add(&key, &["--require", "isolated"]).expect(1);
    refused.says("isolation is required, and there is a way out");
    assert!(!bench.store().exists());
    bench
        .add(&key, &["--require", "isolated", "--save-anyway"])
        .expect(1);
    let kept = bench.kept();
    assert_eq!(kept["state"], "Invalid");
    assert_eq!(kept["isolation"], "escapes");
    bench.run(&["validate", "main"]).expect(1);
    assert_eq!(bench.kept()["state"], "Invalid");
}

#[test]
fn what_is_not_known_is_not_kept_unless_somebody_asks_and_is_never_ready() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let key = bench.user(USER, &policy(&[]));
    let denied = Fault::Deny("no".to_owned());
    bench
        .double
        .fault("iam:GetPolicyVersion", Which::Every, denied);
    bench.add(&key, &[]).expect(3).says("is not known");
    assert!(!bench.store().exists());
    bench.add(&key, &["--save-anyway"]).expect(3);
    assert_eq!(bench.kept()["state"], "Pending Validation");
    bench.calm();
    bench.run(&["validate", "main"]).expect(0);
}

#[test]
fn a_key_that_aws_does_not_take_is_not_kept() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let key = bench.user(USER, &policy(&[]));
    let words = "The security token included in the request is expired";
    let expired = Refusal::new(403, "ExpiredToken", words);
    let fault = Fault::Refuse(expired);
    bench
        .double
        .fault("sts:GetCallerIdentity", Which::Every, fault);
    bench.add(&key, &[]).expect(2).says("ExpiredToken");
    bench.calm();
    let mut mistyped = key.clone();
    mistyped.secret.replace_range(..4, "AAAA");
    bench.hide(&mistyped.secret);
    bench
        .add(&mistyped, &[])
        .expect(2)
        .says("SignatureDoesNotMatch");
    // Cut off where it was copied.
    mistyped.secret.truncate(10);
    bench.add(&mistyped, &["--save-anyway"]).expect(2);
    mistyped.id = "ASIAROLECALL00000000".to_owned();
    bench.add(&mistyped, &[]).expect(2).says("temporary key");
    assert!(!bench.kept_anything());
    // A key that was made this second is waited for.
    bench.double.set_active(&key, false);
    let soon = Fault::Refuse(Refusal::invalid_key("sts"));
    bench.double.set_active(&key, true);
    bench
        .double
        .fault("sts:GetCallerIdentity", Which::First(2), soon);
    bench.add(&key, &[]).expect(0);
}

#[test]
fn who_is_killed_in_the_middle_has_kept_nothing_or_all() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let key = bench.user(USER, &policy(&[]));
    let file = bench.folder.path().join("secret");
    std::fs::write(&file, &key.secret).unwrap();
    for (call, number) in [("sts:GetCallerIdentity", 1), ("iam:GetPolicyVersion", 1)] {
        let args = [
            "add",
            "main",
            "--for",
            "mengi/eks",
            "--access-key-id",
            &key.id,
        ];
        bench.kill_fed(&args, &file, call, number);
        assert!(!bench.kept_anything());
    }
    bench.add(&key, &[]).expect(0);
}
