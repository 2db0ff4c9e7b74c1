//! Sessions of roles: the right, a wrong and no external ID, and EC2's encoded words.

use base64::Engine as _;

use super::double::{ACCOUNT, Double, Fault, Refusal, Which, policies};
use super::{allowing, connection, place};
use rolecall::aws::{Connection, Live};
use rolecall::preflight::{Account as _, Assumed};

const ROLE: &str = "arn:aws:iam::123456789012:role/vendor/manager";

/// Creates a role that opens to an external ID.
fn fill(double: &Double) {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},
        "Condition":{{"StringEquals":{{"sts:ExternalId":"customer-1"}}}}}}]}}"#
    );
    double.role("manager", "/vendor/", &trust);
}

#[test]
fn only_the_right_external_id_opens_the_role() {
    let Some(double) = Double::start() else {
        return;
    };
    fill(&double);
    let connection = connection(&double, &double.admin());
    let mut live = Live::new(&connection, String::new());
    assert_eq!(live.assume(ROLE, Some("customer-1")), Assumed::Granted);
    for wrong in [Some("customer-2"), None] {
        let Assumed::Refused(why) = live.assume(ROLE, wrong) else {
            panic!("the role opens to {wrong:?}");
        };
        assert_eq!(
            (&*why.operation, &*why.code),
            ("sts:AssumeRole", "AccessDenied")
        );
        assert_eq!(why.resource, ROLE);
        assert!(!why.request_id.is_empty());
    }
    let failure = Refusal::new(400, "RegionDisabledException", "STS is not activated");
    double.fault("sts:AssumeRole", Which::Every, Fault::Refuse(failure));
    assert!(matches!(
        live.assume(ROLE, Some("customer-1")),
        Assumed::Unclear(_)
    ));
}

#[test]
fn a_session_is_a_connection_of_its_own() {
    let Some(double) = Double::start() else {
        return;
    };
    fill(&double);
    let connection = connection(&double, &double.admin());
    let session = connection
        .assume(&place(&double), ROLE, Some("customer-1"))
        .unwrap();
    let caller = session.caller().unwrap();
    assert_eq!(
        caller.arn,
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/manager/rolecall")
    );
    // Signed calls carry the session's token too.
    let error = session.regions().unwrap_err();
    assert_eq!(error.code, "UnauthorizedOperation");
    assert!(
        error.message.contains("assumed-role/manager/rolecall"),
        "{error}"
    );
}

#[test]
fn encoded_words_are_decoded_where_that_is_allowed() {
    let Some(double) = Double::start() else {
        return;
    };
    let decode = |actions: &[&str]| {
        let arn = "arn:aws:iam::123456789012:user/vendor";
        let key = double.grant(arn, policies(&[&allowing(actions)]));
        let words = base64::prelude::BASE64_STANDARD.encode(r#"{"allowed":false}"#);
        let connection: Connection = connection(&double, &key);
        connection.decode(&words)
    };
    let decoded = decode(&["sts:DecodeAuthorizationMessage"]).unwrap();
    assert_eq!(decoded, r#"{"allowed":false}"#);
    let error = decode(&["s3:GetObject"]).unwrap_err();
    assert_eq!(
        (error.operation, &*error.code),
        ("sts:DecodeAuthorizationMessage", "AccessDenied")
    );
}
