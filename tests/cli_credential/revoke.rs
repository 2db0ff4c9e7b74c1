//! The end of a credential: not while clusters need it, and not without a word about what nobody saw.

use super::bench::{Bench, USER, policy};
use super::double::{Fault, Key, Which};

fn ready() -> Option<(Bench, Key)> {
    let bench = Bench::start()?;
    let key = bench.user(USER, &policy(&[]));
    bench.add(&key, &[]).expect(0);
    Some((bench, key))
}

/// Makes a cluster as the vendor, or as somebody else.
fn cluster(bench: &Bench, region: &str, name: &str, tag: &str) {
    let body = serde_json::json!({
        "name": name,
        "roleArn": "arn:aws:iam::123456789012:role/cluster",
        "resourcesVpcConfig": {"subnetIds": []},
        "tags": {"ManagedBy": tag},
    });
    let admin = bench.double.admin();
    let at = ["POST", "/clusters"];
    let (status, answer) = bench.double.eks(&admin, region, at, &body.to_string());
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn a_credential_is_not_revoked_while_a_cluster_needs_it() {
    let Some((bench, key)) = ready() else {
        return;
    };
    cluster(&bench, "ap-south-1", "mengi-demo", "mengi");
    cluster(&bench, "eu-central-1", "own", "the-customer");
    let refused = bench.run(&["revoke", "main"]).expect(1);
    refused.says("arn:aws:eks:ap-south-1:123456789012:cluster/mengi-demo");
    assert!(
        !refused.errors.contains("cluster/own"),
        "{}",
        refused.errors
    );
    assert_eq!(bench.kept()["state"], "Ready");
    let admin = bench.double.admin();
    let at = ["DELETE", "/clusters/mengi-demo"];
    bench.double.eks(&admin, "ap-south-1", at, "");
    let ended = bench.run(&["revoke", "main"]).expect(0);
    ended.says(&format!(
        "aws iam delete-access-key --user-name {USER} --access-key-id {}",
        key.id
    ));
    let kept = bench.kept();
    assert_eq!(kept["state"], "Revoked");
    for again in ["revoke", "validate", "rotate"] {
        bench.run(&[again, "main"]).expect(2);
    }
    bench.run(&["remove", "main"]).expect(0);
    bench
        .run(&["show", "main"])
        .expect(2)
        .says("there is no credential");
}

#[test]
fn where_nobody_may_look_it_takes_force_and_says_what_is_orphaned() {
    let Some((bench, _)) = ready() else {
        return;
    };
    cluster(&bench, "eu-central-1", "mengi-demo", "mengi");
    let deny = || Fault::Deny("no".to_owned());
    bench.double.fault("eks:ListClusters", Which::Every, deny());
    let unknown = bench.run(&["revoke", "main"]).expect(3);
    unknown.says("eks:ListClusters failed with AccessDeniedException");
    unknown.says("would be left behind");
    assert_eq!(bench.kept()["state"], "Ready");
    bench.calm();
    // Which regions there are is not known, so one with a cluster may be missing.
    bench
        .double
        .fault("ec2:DescribeRegions", Which::Every, deny());
    let refused = bench.run(&["revoke", "main"]).expect(1);
    refused.says("cluster/mengi-demo");
    let forced = bench.run(&["revoke", "main", "--force"]).expect(0);
    forced.says("left behind");
    forced.says("cluster/mengi-demo");
    forced.says("which regions are enabled");
    let kept = bench.kept();
    assert_eq!(kept["state"], "Revoked");
    assert!(
        kept["reasons"][0]
            .as_str()
            .unwrap()
            .contains("cluster/mengi-demo")
    );
}

#[test]
fn a_key_that_is_dead_already_sees_nothing_and_an_administrator_does() {
    let Some((bench, key)) = ready() else {
        return;
    };
    bench.double.set_active(&key, false);
    bench
        .run(&["revoke", "main"])
        .expect(3)
        .says("InvalidClientTokenId");
    cluster(&bench, "eu-central-1", "mengi-demo", "mengi");
    let revoke = ["revoke", "main", "--admin-profile", "admin"];
    bench.run(&revoke).expect(1).says("cluster/mengi-demo");
    let admin = bench.double.admin();
    let at = ["DELETE", "/clusters/mengi-demo"];
    bench.double.eks(&admin, "eu-central-1", at, "");
    // Killed in the middle, the same command goes on.
    bench.kill_at(&revoke, "iam:UpdateAccessKey", 1, false);
    bench.kill_at(&revoke, "iam:DeleteAccessKey", 1, true);
    assert_eq!(bench.kept()["state"], "Ready");
    // The answer to the deletion is lost: it is asked again, and the key is gone.
    bench
        .double
        .fault("iam:DeleteAccessKey", Which::Nth(1), Fault::DropAfter);
    bench.run(&revoke).expect(0).says("deleted the access key");
    assert_eq!(bench.keys_of(USER), []);
    assert_eq!(bench.kept()["state"], "Revoked");
}

#[test]
fn what_is_in_use_is_not_removed_by_the_way() {
    let Some((bench, key)) = ready() else {
        return;
    };
    bench.run(&["remove", "main"]).expect(2).says("is Ready");
    let other = bench
        .run(&["remove", "main", "--tenant", "globex"])
        .expect(2);
    other.says("there is no credential");
    let removed = bench.run(&["remove", "main", "--force"]).expect(0);
    removed.says(&key.id);
}
