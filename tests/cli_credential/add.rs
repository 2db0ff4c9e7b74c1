//! What is kept, what is not, and why.

use super::bench::{Bench, USER, policy};

#[test]
fn two_missing_actions_are_named_and_after_the_fix_the_same_command_ends_in_ready() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let missing = ["iam:DetachRolePolicy", "iam:CreateOpenIDConnectProvider"];
    let key = bench.user(USER, &policy(&missing));
    let refused = bench.add(&key, &[]).expect(1);
    eprintln!("{}", refused.out);
    for action in missing {
        refused.says(action);
    }
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
