//! A second key takes the first one's place, also where a step is lost, killed or refused.

use aws_sdk_iam::types::StatusType;

use super::bench::{Bench, Ended, USER, policy, printed};
use super::client::wait;
use super::double::{Fault, Which};

/// A bench with the credential `main`, Ready.
fn ready() -> Option<Bench> {
    let bench = Bench::start()?;
    let key = bench.user(USER, &policy(&[]));
    bench.add(&key, &[]).expect(0);
    Some(bench)
}

fn by_admin(bench: &Bench) -> Ended {
    bench.run(&["rotate", "main", "--admin-profile", "admin"])
}

/// The user has one key, it is the kept one, and nothing is under way.
#[track_caller]
fn assert_settled(bench: &Bench, what: &str) -> String {
    let keys = bench.keys_of(USER);
    assert!(keys.len() == 1 && keys[0].1, "{what}: {keys:?}");
    let id = &keys[0].0;
    let kept = bench.kept();
    assert_eq!(kept["accessKeyId"], masked(id), "{what}");
    assert_eq!(kept["pending"], serde_json::Value::Null, "{what}");
    assert_eq!(kept["state"], "Ready", "{what}");
    id.clone()
}

fn masked(id: &str) -> String {
    format!("{}…{}", &id[..4], &id[id.len() - 4..])
}

#[test]
fn an_administrator_rotates_in_one_go() {
    let Some(bench) = ready() else {
        return;
    };
    let before = assert_settled(&bench, "before");
    bench.double.forget_calls();
    let ended = by_admin(&bench).expect(0);
    ended.says("is of the same user");
    ended.says("deleted the old key");
    assert_ne!(assert_settled(&bench, "after"), before);
    // What writes is called once, and in this order.
    let calls = bench.double.actions();
    let writes = ["CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"];
    let found = calls.iter().filter_map(|it| it.strip_prefix("iam:"));
    let found: Vec<&str> = found.filter(|it| writes.contains(it)).collect();
    assert_eq!(found, writes);
    bench.run(&["validate", "main"]).expect(0);
}

#[test]
fn whatever_is_lost_or_killed_the_same_command_ends_the_rotation() {
    let Some(bench) = ready() else {
        return;
    };
    let disturbed = [
        ("iam:CreateAccessKey", Fault::DropBefore),
        ("iam:CreateAccessKey", Fault::DropAfter),
        ("iam:CreateAccessKey", Fault::ServerErrorAfter),
        ("iam:CreateAccessKey", Fault::HalfAnswer),
        ("iam:UpdateAccessKey", Fault::DropAfter),
        ("iam:DeleteAccessKey", Fault::DropAfter),
    ];
    for (write, fault) in disturbed {
        bench.double.fault(write, Which::Nth(1), fault);
        let first = by_admin(&bench);
        bench.calm();
        if first.code != Some(0) {
            assert_eq!(write, "iam:CreateAccessKey", "{}", first.errors);
            assert_eq!(first.code, Some(3), "{}", first.errors);
            // Half of an answer may hold the secret.
            assert!(
                !first.errors.contains("SecretAccessKey"),
                "{}",
                first.errors
            );
            by_admin(&bench).expect(0);
        }
        assert_settled(&bench, write);
    }
    let killed = [
        ("iam:ListAccessKeys", 1, true),
        ("iam:CreateAccessKey", 1, true),
        ("iam:CreateAccessKey", 1, false),
        ("sts:GetCallerIdentity", 3, true),
        ("sts:GetCallerIdentity", 5, true),
        ("iam:UpdateAccessKey", 1, true),
        ("iam:UpdateAccessKey", 1, false),
        ("iam:DeleteAccessKey", 1, true),
        ("iam:DeleteAccessKey", 1, false),
    ];
    for (call, number, is_before) in killed {
        let rotate = ["rotate", "main", "--admin-profile", "admin"];
        bench.kill_at(&rotate, call, number, is_before);
        let what = format!("{call} {number} {is_before}");
        let again = by_admin(&bench);
        assert_eq!(again.code, Some(0), "{what}: {}{}", again.out, again.errors);
        assert_settled(&bench, &what);
    }
}

#[test]
fn without_an_administrator_the_customer_is_told_what_to_run() {
    let Some(bench) = ready() else {
        return;
    };
    let old = assert_settled(&bench, "before");
    let key = bench.key(USER);
    let told = bench.pipe(&["rotate", "main"], &printed(&key)).expect(4);
    told.says(&format!(
        "aws iam update-access-key --user-name {USER} --access-key-id {old} --status Inactive"
    ));
    told.says(&format!(
        "aws iam delete-access-key --user-name {USER} --access-key-id {old}"
    ));
    let kept = bench.kept();
    assert_eq!(kept["pending"]["step"], "switched");
    assert_eq!(kept["accessKeyId"], masked(&key.id));
    // It is asked again, and the vendor may go on working meanwhile.
    bench.run(&["rotate", "main"]).expect(4).says("still works");
    bench.run(&["validate", "main"]).expect(0);
    let deactivate = bench.iam().update_access_key().user_name(USER);
    let deactivate = deactivate.access_key_id(&old).status(StatusType::Inactive);
    wait(deactivate.send()).unwrap();
    let ended = bench.run(&["rotate", "main"]).expect(0);
    ended.says("AWS does not take the old key");
    ended.says("aws iam delete-access-key");
    assert_eq!(bench.kept()["pending"], serde_json::Value::Null);
}

#[test]
fn a_key_of_somebody_else_is_forgotten_at_once() {
    let Some(bench) = ready() else {
        return;
    };
    let old = assert_settled(&bench, "before");
    let other = bench.user("somebody", &policy(&[]));
    let refused = bench.pipe(&["rotate", "main"], &printed(&other)).expect(1);
    refused.says("user/somebody");
    refused.says("the key in use stays");
    let mut mistyped = bench.key(USER);
    mistyped.secret.replace_range(..4, "AAAA");
    bench.hide(&mistyped.secret);
    let refused = bench
        .pipe(&["rotate", "main"], &printed(&mistyped))
        .expect(1);
    refused.says("SignatureDoesNotMatch");
    let kept = bench.kept();
    assert_eq!(kept["accessKeyId"], masked(&old));
    assert_eq!(kept["pending"], serde_json::Value::Null);
}

#[test]
fn a_second_key_that_aws_does_not_know_yet_is_waited_for_and_can_be_abandoned() {
    let Some(bench) = ready() else {
        return;
    };
    let key = bench.key(USER);
    bench.double.set_active(&key, false);
    let rotate = ["rotate", "main", "--wait", "1"];
    let waited = bench.pipe(&rotate, &printed(&key)).expect(3);
    waited.says("--abandon");
    assert_eq!(bench.kept()["pending"]["step"], "received");
    bench.double.set_active(&key, true);
    bench.double.set_active(&key, false);
    let abandoned = bench.run(&["rotate", "main", "--abandon"]).expect(0);
    abandoned.says(&format!("--access-key-id {}", key.id));
    assert_eq!(bench.kept()["pending"], serde_json::Value::Null);
    bench.run(&["rotate", "main", "--abandon"]).expect(2);
    // The same key, once AWS knows it.
    bench.double.set_active(&key, true);
    bench.pipe(&rotate, &printed(&key)).expect(4);
}

#[test]
fn a_key_that_the_store_does_not_know_is_never_deleted() {
    let Some(bench) = ready() else {
        return;
    };
    let stranger = bench.key(USER);
    let refused = by_admin(&bench).expect(1);
    refused.says(&stranger.id);
    refused.says("may be somebody's");
    assert_eq!(bench.keys_of(USER).len(), 2);
    // Nor where the answer was lost, if the user is not one of a bootstrap.
    let delete = bench.iam().delete_access_key().user_name(USER);
    wait(delete.access_key_id(&stranger.id).send()).unwrap();
    let untag = bench.iam().untag_user().user_name(USER);
    wait(untag.tag_keys("rolecall:installation").send()).unwrap();
    bench
        .double
        .fault("iam:CreateAccessKey", Which::Nth(1), Fault::DropAfter);
    by_admin(&bench).expect(3).says("whose secret is lost");
    by_admin(&bench).expect(1).says("may be somebody's");
    assert_eq!(bench.keys_of(USER).len(), 2);
}

#[test]
fn a_new_key_that_may_not_do_the_work_is_not_put_to_use() {
    let Some(bench) = ready() else {
        return;
    };
    let old = assert_settled(&bench, "before");
    bench.change_policy(USER, &policy(&["iam:DetachRolePolicy"]));
    let key = bench.key(USER);
    let refused = bench.pipe(&["rotate", "main"], &printed(&key)).expect(1);
    refused.says("iam:DetachRolePolicy");
    let kept = bench.kept();
    assert_eq!(kept["accessKeyId"], masked(&old));
    assert_eq!(kept["pending"]["step"], "validated");
    // Somebody may need the new key all the same.
    bench.run(&["rotate", "main", "--save-anyway"]).expect(4);
    let kept = bench.kept();
    assert_eq!(kept["accessKeyId"], masked(&key.id));
    assert_eq!(kept["state"], "Invalid");
}

#[test]
fn who_is_no_administrator_of_the_account_is_refused() {
    let Some(bench) = ready() else {
        return;
    };
    let other = bench.double.grant(
        "arn:aws:iam::444455556666:user/admin",
        super::double::policies(&[]),
    );
    bench.hide(&other.secret);
    bench.write_profile("other", &other);
    let refused = bench.run(&["rotate", "main", "--admin-profile", "other"]);
    refused.expect(2).says("belongs to account 444455556666");
    let own = bench.key(USER);
    bench.write_profile("own", &own);
    let refused = bench.run(&["rotate", "main", "--admin-profile", "own"]);
    refused.expect(2).says("the vendor's user itself");
    // An administrator's profile comes before a key of the environment.
    let mut command = bench.command(&["rotate", "main", "--admin-profile", "own"]);
    let admin = bench.double.admin();
    command
        .env("AWS_ACCESS_KEY_ID", &admin.id)
        .env("AWS_SECRET_ACCESS_KEY", &admin.secret);
    let output = command.output().unwrap();
    bench
        .ended(&output)
        .expect(2)
        .says("the vendor's user itself");
}

#[test]
fn of_two_at_once_one_rotates_and_no_key_is_left_over() {
    let Some(bench) = ready() else {
        return;
    };
    for _ in 0..2 {
        let rotate = ["rotate", "main", "--admin-profile", "admin"];
        let both = [
            bench.command(&rotate).spawn(),
            bench.command(&rotate).spawn(),
        ];
        let ended = both.map(|it| bench.ended(&it.unwrap().wait_with_output().unwrap()));
        let codes: Vec<_> = ended.iter().map(|it| it.code).collect();
        // Who comes second finds the record changed, or goes on with what the first one did.
        let errors = format!("{codes:?} {} {}", ended[0].errors, ended[1].errors);
        assert!(codes.contains(&Some(0)), "{errors}");
        assert!(bench.keys_of(USER).len() == 1, "{errors}");
        assert_settled(&bench, &errors);
    }
}
