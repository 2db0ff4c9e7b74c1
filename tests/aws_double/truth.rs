//! What AWS refuses and moto serves: each is asked of moto first, whose answer is the wrong one.

use aws_sdk_iam::error::ProvideErrorMetadata;
use aws_sdk_organizations::types::CreateAccountState;

use crate::client::{config, wait};
use crate::double::{ACCOUNT, Double, Key};

const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*"}}"#;

fn iam(endpoint: &str, key: &Key) -> aws_sdk_iam::Client {
    aws_sdk_iam::Client::new(&config(endpoint, &key.id, &key.secret, None))
}

/// Returns the code of an error; empty if there is none.
fn code<T, E: ProvideErrorMetadata>(result: Result<T, E>) -> String {
    match result {
        Ok(_) => String::new(),
        Err(error) => error.code().unwrap_or("none").to_owned(),
    }
}

/// Asks moto and then the double, and returns both codes.
fn both(double: &Double, ask: impl Fn(&aws_sdk_iam::Client) -> String) -> [String; 2] {
    let key = double.admin();
    [double.moto_endpoint(), double.endpoint()].map(|it| ask(&iam(&it, &key)))
}

#[test]
fn a_key_that_is_off_or_gone_is_invalid() {
    let Some(double) = Double::start() else {
        return;
    };
    let admin = iam(&double.endpoint(), &double.admin());
    wait(admin.create_user().user_name("one").send()).unwrap();
    let answer = wait(admin.create_access_key().user_name("one").send()).unwrap();
    let made = answer.access_key().unwrap();
    let who = |endpoint: &str| {
        let config = config(
            endpoint,
            made.access_key_id(),
            made.secret_access_key(),
            None,
        );
        let sts = aws_sdk_sts::Client::new(&config);
        wait(sts.get_caller_identity().send())
    };
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/one");
    let answer = who(&double.endpoint()).unwrap();
    assert_eq!(answer.arn(), Some(&*arn));
    assert!(!answer.user_id().unwrap().is_empty());
    let set = |status: &str| {
        let update = admin
            .update_access_key()
            .user_name("one")
            .status(status.into());
        wait(update.access_key_id(made.access_key_id()).send()).unwrap();
        [double.moto_endpoint(), double.endpoint()].map(|it| code(who(&it)))
    };
    assert_eq!(set("Inactive"), ["", "InvalidClientTokenId"]);
    assert_eq!(set("Active"), ["", ""]);
    let delete = admin.delete_access_key().user_name("one");
    wait(delete.access_key_id(made.access_key_id()).send()).unwrap();
    assert_eq!(code(who(&double.moto_endpoint())), "");
    assert_eq!(code(who(&double.endpoint())), "InvalidClientTokenId");
}

#[test]
fn a_wrong_secret_and_an_unknown_key_are_told_apart() {
    let Some(double) = Double::start() else {
        return;
    };
    let right = double.user("one", &[]);
    let who = |endpoint: &str, key: &Key| {
        let sts = aws_sdk_sts::Client::new(&config(endpoint, &key.id, &key.secret, None));
        code(wait(sts.get_caller_identity().send()))
    };
    let mut half = right.clone();
    half.secret.truncate(20);
    let mut unknown = right.clone();
    unknown.id = "AKIAUNKNOWN000000000".to_owned();
    let answers = [&right, &half, &unknown].map(|it| who(&double.endpoint(), it));
    assert_eq!(
        answers,
        ["", "SignatureDoesNotMatch", "InvalidClientTokenId"]
    );
    assert_eq!(who(&double.moto_endpoint(), &half), "");
    double.set_active(&right, false);
    assert_eq!(who(&double.endpoint(), &right), "InvalidClientTokenId");
}

#[test]
fn a_policy_has_a_size() {
    let Some(double) = Double::start() else {
        return;
    };
    let text = |length: usize| POLICY.replace('*', &"a".repeat(length));
    let size = POLICY.chars().filter(|it| !it.is_whitespace()).count();
    for (name, length, expected) in [
        ("fits", 6145 - size, ""),
        ("not", 6146 - size, "LimitExceeded"),
    ] {
        let number = std::cell::Cell::new(0);
        let codes = both(&double, |iam| {
            // Both keep their state in moto: the second name is another one.
            number.set(number.get() + 1);
            let name = format!("{name}-{}", number.get());
            let create = iam.create_policy().policy_name(name);
            code(wait(create.policy_document(text(length)).send()))
        });
        assert_eq!(codes[1], expected, "{name}");
        if !expected.is_empty() {
            assert_eq!(codes[0], "");
        }
    }
}

#[test]
fn a_boundary_must_exist_and_stays_with_its_user() {
    let Some(double) = Double::start() else {
        return;
    };
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/bounds");
    let create = |iam: &aws_sdk_iam::Client| {
        let create = iam.create_user().user_name("one");
        code(wait(create.permissions_boundary(&arn).send()))
    };
    assert_eq!(both(&double, create)[0], "");
    let moto = iam(&double.moto_endpoint(), &double.admin());
    wait(moto.delete_user().user_name("one").send()).unwrap();
    let admin = iam(&double.endpoint(), &double.admin());
    assert_eq!(create(&admin), "NoSuchEntity");

    let policy = admin.create_policy().policy_name("bounds");
    wait(policy.policy_document(POLICY).send()).unwrap();
    assert_eq!(create(&admin), "");
    let shown = |iam: &aws_sdk_iam::Client| {
        let answer = wait(iam.get_user().user_name("one").send()).unwrap();
        let boundary = answer.user().unwrap().permissions_boundary().cloned();
        boundary.and_then(|it| it.permissions_boundary_arn)
    };
    assert_eq!(shown(&moto), None);
    assert_eq!(shown(&admin), Some(arn.clone()));

    let delete =
        |iam: &aws_sdk_iam::Client| code(wait(iam.delete_policy().policy_arn(&arn).send()));
    assert_eq!(delete(&admin), "DeleteConflict");
    wait(
        admin
            .delete_user_permissions_boundary()
            .user_name("one")
            .send(),
    )
    .unwrap();
    assert_eq!(shown(&admin), None);
    let again = admin.delete_user_permissions_boundary().user_name("one");
    assert_eq!(code(wait(again.send())), "NoSuchEntity");
    let put = admin.put_user_permissions_boundary().user_name("one");
    wait(put.permissions_boundary(&arn).send()).unwrap();
    assert_eq!(delete(&admin), "DeleteConflict");
    assert_eq!(delete(&moto), "", "moto deletes it all the same");
}

#[test]
fn an_attached_policy_and_one_with_versions_stay() {
    let Some(double) = Double::start() else {
        return;
    };
    let admin = iam(&double.endpoint(), &double.admin());
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/some");
    let policy = admin.create_policy().policy_name("some");
    wait(policy.policy_document(POLICY).send()).unwrap();
    wait(admin.create_user().user_name("one").send()).unwrap();
    let attach = admin.attach_user_policy().user_name("one");
    wait(attach.policy_arn(&arn).send()).unwrap();
    let delete =
        |iam: &aws_sdk_iam::Client| code(wait(iam.delete_policy().policy_arn(&arn).send()));
    assert_eq!(delete(&admin), "DeleteConflict");
    let detach = admin.detach_user_policy().user_name("one");
    wait(detach.policy_arn(&arn).send()).unwrap();
    let version = admin.create_policy_version().policy_arn(&arn);
    wait(version.policy_document(POLICY).send()).unwrap();
    assert_eq!(delete(&admin), "DeleteConflict");
    let version = admin.delete_policy_version().policy_arn(&arn);
    wait(version.version_id("v2").send()).unwrap();
    assert_eq!(delete(&admin), "");
}

#[test]
fn an_account_takes_its_time_and_an_address_serves_once() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.admin();
    let config = config(&double.endpoint(), &key.id, &key.secret, None);
    let client = aws_sdk_organizations::Client::new(&config);
    wait(client.create_organization().send()).unwrap();
    double.set_patience(2);
    let create = || {
        let create = client.create_account().email("a@example.com");
        let answer = wait(create.account_name("member").send()).unwrap();
        answer.create_account_status.unwrap()
    };
    let ask = |id: &str| {
        let ask = client.describe_create_account_status();
        let answer = wait(ask.create_account_request_id(id).send()).unwrap();
        answer.create_account_status.unwrap()
    };
    let first = create();
    assert_eq!(first.state(), Some(&CreateAccountState::InProgress));
    assert_eq!(first.account_id(), None);
    let states: Vec<_> = (0..3)
        .map(|_| ask(first.id().unwrap()).state.unwrap())
        .collect();
    let [waiting, done] = [
        CreateAccountState::InProgress,
        CreateAccountState::Succeeded,
    ];
    assert_eq!(states, [waiting.clone(), waiting, done]);
    let member = ask(first.id().unwrap()).account_id.unwrap();
    assert_eq!(member.len(), 12);

    let second = create();
    assert_eq!(second.state(), Some(&CreateAccountState::InProgress));
    let failed = ask(second.id().unwrap());
    assert_eq!(failed.state(), Some(&CreateAccountState::Failed));
    assert_eq!(
        failed.failure_reason().unwrap().as_str(),
        "EMAIL_ALREADY_EXISTS"
    );

    // The role that a new account carries can be assumed.
    let role = format!("arn:aws:iam::{member}:role/OrganizationAccountAccessRole");
    let sts = aws_sdk_sts::Client::new(&config);
    let assume = sts.assume_role().role_arn(&role).role_session_name("s");
    assert_eq!(code(wait(assume.send())), "");
}
