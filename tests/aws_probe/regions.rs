//! Signed calls without an SDK: regions, quotas, clusters, and what their errors keep.

use super::double::{ACCOUNT, Double, Fault, Refusal, Which, policies};
use super::{allowing, connection};
use rolecall::aws::Cause;

#[test]
fn regions_are_those_that_are_enabled() {
    let Some(double) = Double::start() else {
        return;
    };
    let connection = connection(&double, &double.admin());
    let regions = connection.regions().unwrap();
    assert!(regions.iter().any(|it| it == "eu-central-1"), "{regions:?}");
    assert!(!regions.iter().any(|it| it == "me-south-1"), "{regions:?}");
}

#[test]
fn a_refusal_keeps_operation_code_words_and_request_id() {
    let Some(double) = Double::start() else {
        return;
    };
    let arn = "arn:aws:iam::123456789012:user/nobody";
    let key = double.grant(arn, policies(&[&allowing(&["s3:GetObject"])]));
    let connection = connection(&double, &key);
    let error = connection.regions().unwrap_err();
    assert_eq!(error.operation, "ec2:DescribeRegions");
    assert_eq!(error.code, "UnauthorizedOperation");
    assert_eq!(error.cause, Cause::Denied);
    assert!(
        error
            .message
            .contains("is not authorized to perform: ec2:DescribeRegions")
    );
    assert_eq!(error.request_id, "00000000-0000-4000-8000-000000000000");
    let error = connection
        .quota("eu-central-1", "vpc", "L-F678F1CE")
        .unwrap_err();
    assert_eq!(
        (&*error.code, &*error.resource),
        ("AccessDeniedException", "vpc/L-F678F1CE")
    );
    assert_eq!(error.request_id, "00000000-0000-4000-8000-000000000000");
    let error = connection.clusters("eu-central-1").unwrap_err();
    assert_eq!(
        (&*error.code, error.cause),
        ("AccessDeniedException", Cause::Denied)
    );
}

#[test]
fn busy_and_broken_answers_are_asked_for_again() {
    let Some(double) = Double::start() else {
        return;
    };
    let connection = connection(&double, &double.admin());
    let calm = connection.regions().unwrap();
    for fault in [
        Fault::Throttle,
        Fault::ServerError,
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::HalfAnswer,
    ] {
        double.clear_faults();
        double.forget_calls();
        double.fault("ec2:DescribeRegions", Which::First(1), fault);
        assert_eq!(connection.regions().unwrap(), calm);
        assert_eq!(double.actions().len(), 2);
    }
    double.clear_faults();
    double.fault("eks:ListClusters", Which::First(1), Fault::Throttle);
    assert_eq!(connection.clusters("eu-central-1").unwrap(), []);
}

#[test]
fn an_unknown_key_and_a_wrong_secret_are_told_apart_from_a_denial() {
    let Some(double) = Double::start() else {
        return;
    };
    let mut key = double.admin();
    key.secret.push('x');
    let error = connection(&double, &key).regions().unwrap_err();
    assert_eq!(
        (&*error.code, error.cause),
        ("AuthFailure", Cause::BadCredential)
    );
    assert!(!format!("{error:?}").contains(&key.secret));
}

#[test]
fn a_quota_is_read_from_the_answer() {
    let Some(double) = Double::start() else {
        return;
    };
    let connection = connection(&double, &double.admin());
    let value = connection
        .quota("eu-central-1", "vpc", "L-F678F1CE")
        .unwrap();
    assert!(value > 0.0);
    let refusal = Refusal::new(400, "NoSuchResourceException", "The request failed");
    double.fault("servicequotas:*", Which::Every, Fault::Refuse(refusal));
    let error = connection.quota("eu-central-1", "vpc", "L-0").unwrap_err();
    assert_eq!(
        (&*error.code, error.cause),
        ("NoSuchResourceException", Cause::NotFound)
    );
}

#[test]
fn clusters_come_with_their_tags() {
    let Some(double) = Double::start() else {
        return;
    };
    let connection = connection(&double, &double.admin());
    assert_eq!(connection.clusters("eu-central-1").unwrap(), []);
    // More than a page holds.
    for at in 0..21 {
        let tags = serde_json::json!({"ManagedBy": "mengi", "at": at.to_string()});
        double.cluster("eu-central-1", &format!("mengi-{at:02}"), &tags);
    }
    double.cluster("us-east-1", "elsewhere", &serde_json::json!({}));
    double.forget_calls();
    let mut clusters = connection.clusters("eu-central-1").unwrap();
    let pages = double.actions();
    let pages = pages.iter().filter(|it| *it == "eks:ListClusters");
    assert_eq!(pages.count(), 2);
    clusters.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(clusters.len(), 21);
    let last = clusters.pop().unwrap();
    assert_eq!(last.name, "mengi-20");
    assert_eq!(
        last.arn,
        format!("arn:aws:eks:eu-central-1:{ACCOUNT}:cluster/mengi-20")
    );
    let mut tags = last.tags;
    tags.sort();
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(tags, [pair("ManagedBy", "mengi"), pair("at", "20")]);
    // One that may not be described is not left out.
    double.fault(
        "eks:DescribeCluster",
        Which::Nth(5),
        Fault::Deny("no".to_owned()),
    );
    let error = connection.clusters("eu-central-1").unwrap_err();
    assert_eq!(error.operation, "eks:DescribeCluster");
    assert!(error.resource.starts_with("mengi-"));
}
