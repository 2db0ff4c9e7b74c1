//! AWS's own opinion, as plain data.

use super::double::{Double, Fault, Opinion, Which};
use super::{allowing, connection};
use rolecall::policy::Kind;
use serde_json::json;

#[test]
fn findings_come_with_code_and_place() {
    let Some(double) = Double::start() else {
        return;
    };
    let finding = json!({
        "findingDetails": "words", "findingType": "SECURITY_WARNING",
        "issueCode": "PASS_ROLE_WITH_STAR_IN_RESOURCE", "learnMoreLink": "https://example.com",
        "locations": [{
            "path": [{"value": "Statement"}, {"index": 0}, {"substring": {"start": 1, "length": 2}}],
            "span": {"start": {"line": 3, "column": 4, "offset": 5},
                     "end": {"line": 3, "column": 6, "offset": 7}}
        }]
    });
    double.set_opinion(Opinion {
        findings: vec![finding],
        ..Opinion::default()
    });
    let connection = connection(&double, &double.admin());
    let policy = allowing(&["iam:PassRole"]);
    let [remark] = connection
        .validate_policy(&policy, Kind::Identity)
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(remark.finding_type, "SECURITY_WARNING");
    assert_eq!(remark.issue_code, "PASS_ROLE_WITH_STAR_IN_RESOURCE");
    assert_eq!(remark.locations[0].path, ["Statement", "0", "1+2"]);
    assert_eq!(remark.locations[0].position, Some((3, 4)));
    let asked = double.calls();
    assert_eq!(asked[0].text("policyType"), "IDENTITY_POLICY");
    assert_eq!(asked[0].text("policyDocument"), policy);
    drop(connection.validate_policy(&policy, Kind::Trust).unwrap());
    let asked = double.calls();
    let kind = asked[1].text("validatePolicyResourceType");
    assert_eq!(kind, "AWS::IAM::AssumeRolePolicyDocument");
}

#[test]
fn checks_pass_fail_or_are_refused() {
    let Some(double) = Double::start() else {
        return;
    };
    let connection = connection(&double, &double.admin());
    let (new, old) = (allowing(&["s3:*"]), allowing(&["s3:GetObject"]));
    let check = || connection.check_no_new_access(&new, &old, Kind::Identity);
    assert!(check().unwrap().passes);
    double.set_opinion(Opinion {
        result: "FAIL".to_owned(),
        message: "new access".to_owned(),
        ..Opinion::default()
    });
    let judgement = check().unwrap();
    assert!(!judgement.passes);
    assert_eq!(judgement.message, "new access");
    let actions = ["s3:PutObject".to_owned()];
    let granted = || connection.check_access_not_granted(&new, &actions, &[], Kind::Identity);
    assert!(!granted().unwrap().passes);
    let words = "User is not authorized to perform: access-analyzer:CheckAccessNotGranted";
    double.fault(
        "access-analyzer:*",
        Which::Every,
        Fault::Deny(words.to_owned()),
    );
    let error = granted().unwrap_err();
    assert_eq!(error.operation, "access-analyzer:CheckAccessNotGranted");
    assert_eq!(
        (&*error.code, &*error.message),
        ("AccessDeniedException", words)
    );
}
