//! Who may do what is our own evaluator's word: denied and allowed calls are told apart, in AWS's
//! words, and what is denied changes nothing.

use aws_sdk_iam::error::ProvideErrorMetadata;
use rolecall::policy::{Kind, written};

use crate::client::{config, wait};
use crate::double::{ACCOUNT, Double, Key, Opinion, policies};

const ALL: &str = r#"{"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

fn allow(action: &str) -> String {
    ALL.replacen("\"*\"", &format!("\"{action}\""), 1)
}

fn iam(double: &Double, key: &Key) -> aws_sdk_iam::Client {
    aws_sdk_iam::Client::new(&config(&double.endpoint(), &key.id, &key.secret, None))
}

fn sts(double: &Double, key: &Key) -> aws_sdk_sts::Client {
    aws_sdk_sts::Client::new(&config(&double.endpoint(), &key.id, &key.secret, None))
}

/// Returns the words of a denial; empty if there is none.
fn words<T, E: ProvideErrorMetadata>(result: Result<T, E>) -> String {
    match result {
        Ok(_) => String::new(),
        Err(error) => {
            assert_eq!(error.code(), Some("AccessDenied"));
            error.message().unwrap().to_owned()
        }
    }
}

fn create(iam: &aws_sdk_iam::Client, name: &str) -> String {
    words(wait(iam.create_user().user_name(name).send()))
}

fn denied(action: &str, resource: &str, reason: &str) -> String {
    let user = format!("arn:aws:iam::{ACCOUNT}:user/one");
    let resource = format!("arn:aws:iam::{ACCOUNT}:{resource}");
    format!("User: {user} is not authorized to perform: {action} on resource: {resource} {reason}")
}

const CREATE: &str = "iam:CreateUser";

#[test]
fn a_denial_names_its_layer() {
    let Some(double) = Double::start() else {
        return;
    };
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/one");
    let one = "user/new";
    let silent = |layer: &str| {
        denied(
            CREATE,
            one,
            &format!("because no {layer} allows the {CREATE} action"),
        )
    };
    let explicit = |layer: &str| denied(CREATE, one, &format!("with an explicit deny in {layer}"));
    let deny = ALL.replace("Allow", "Deny");
    let mut given = policies(&[&allow("s3:*")]);
    let ask = |given: &rolecall::evaluate::Policies| {
        create(&iam(&double, &double.grant(&arn, given.clone())), "new")
    };
    assert_eq!(ask(&given), silent("identity-based policy"));
    given = policies(&[ALL, &deny]);
    assert_eq!(ask(&given), explicit("an identity-based policy"));
    given = policies(&[ALL]);
    given.boundary = Some(vec![written(&allow("s3:*"), Kind::Boundary)]);
    assert_eq!(ask(&given), silent("permissions boundary"));
    given.boundary = Some(vec![written(&deny, Kind::Boundary)]);
    assert_eq!(ask(&given), explicit("a permissions boundary"));
    given.boundary = None;
    double.set_scps(ACCOUNT, &[("r-1", &[ALL, &deny])]);
    assert_eq!(ask(&given), explicit("a service control policy"));
    double.set_scps(ACCOUNT, &[("r-1", &[ALL]), ("ou-1", &[&allow("s3:*")])]);
    assert_eq!(ask(&given), silent("service control policy"));
    double.set_scps(ACCOUNT, &[("r-1", &[ALL])]);
    assert_eq!(ask(&given), "");
    assert_eq!(double.actions().len(), 7);
}

#[test]
fn policies_are_those_that_moto_keeps() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.user("one", &[&allow("iam:GetUser")]);
    let (one, admin) = (iam(&double, &key), iam(&double, &double.admin()));
    let reason = format!("because no identity-based policy allows the {CREATE} action");
    assert_eq!(create(&one, "new"), denied(CREATE, "user/new", &reason));
    let policy = admin.create_policy().policy_name("some");
    let policy = wait(policy.policy_document(allow(CREATE)).send()).unwrap();
    let arn = policy.policy().unwrap().arn().unwrap();
    wait(
        admin
            .attach_user_policy()
            .user_name("one")
            .policy_arn(arn)
            .send(),
    )
    .unwrap();
    assert_eq!(create(&one, "new"), "");
    let bounds = admin.create_policy().policy_name("bounds");
    let bounds = wait(bounds.policy_document(allow("s3:*")).send()).unwrap();
    let bounds = bounds.policy().unwrap().arn().unwrap();
    let put = admin.put_user_permissions_boundary().user_name("one");
    wait(put.permissions_boundary(bounds).send()).unwrap();
    let reason = format!("because no permissions boundary allows the {CREATE} action");
    assert_eq!(create(&one, "other"), denied(CREATE, "user/other", &reason));
}

#[test]
fn conditions_see_boundary_tags_and_path() {
    let Some(double) = Double::start() else {
        return;
    };
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{
            "Effect": "Allow", "Action": ["iam:CreateRole", "iam:TagRole"],
            "Resource": "arn:aws:iam::{ACCOUNT}:role/vendor/*",
            "Condition": {{"StringEquals": {{"aws:RequestTag/owner": "me"}}}}
        }}, {{
            "Effect": "Allow", "Action": "iam:DeleteRole", "Resource": "*",
            "Condition": {{"StringEquals": {{"iam:ResourceTag/owner": "me"}}}}
        }}]}}"#
    );
    let one = iam(&double, &double.user("one", &[&text]));
    let create = |path: &str, owner: Option<&str>| {
        let tag = owner.map(|it| aws_sdk_iam::types::Tag::builder().key("owner").value(it));
        let tags = tag.map(|it| vec![it.build().unwrap()]);
        let create = one
            .create_role()
            .role_name("made")
            .path(path)
            .set_tags(tags);
        words(wait(create.assume_role_policy_document(TRUST).send())).is_empty()
    };
    assert!(!create("/", Some("me")));
    assert!(!create("/vendor/", None));
    assert!(!create("/vendor/", Some("you")));
    assert!(create("/vendor/", Some("me")));
    assert_eq!(words(wait(one.delete_role().role_name("made").send())), "");
}

const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"sts:ExternalId": "right"}}}}"#;

#[test]
fn actions_that_a_call_implies_are_asked_too() {
    let Some(double) = Double::start() else {
        return;
    };
    let admin = iam(&double, &double.admin());
    let one = iam(
        &double,
        &double.user(
            "one",
            &[
                &allow("iam:CreateUser"),
                &allow("iam:AddRoleToInstanceProfile"),
            ],
        ),
    );
    let tag = aws_sdk_iam::types::Tag::builder()
        .key("a")
        .value("b")
        .build()
        .unwrap();
    let tagged = one.create_user().user_name("new").tags(tag);
    let reason = "because no identity-based policy allows the iam:TagUser action";
    assert_eq!(
        words(wait(tagged.send())),
        denied("iam:TagUser", "user/new", reason)
    );
    let role = admin.create_role().role_name("node").path("/p/");
    wait(role.assume_role_policy_document(TRUST).send()).unwrap();
    wait(
        admin
            .create_instance_profile()
            .instance_profile_name("node")
            .send(),
    )
    .unwrap();
    let add = one.add_role_to_instance_profile().role_name("node");
    let reason = "because no identity-based policy allows the iam:PassRole action";
    let answer = words(wait(add.instance_profile_name("node").send()));
    assert_eq!(answer, denied("iam:PassRole", "role/p/node", reason));
}

#[test]
fn only_the_right_external_id_opens_a_role() {
    let Some(double) = Double::start() else {
        return;
    };
    let admin = iam(&double, &double.admin());
    let role = admin.create_role().role_name("target");
    wait(role.assume_role_policy_document(TRUST).send()).unwrap();
    let list = admin.put_role_policy().role_name("target").policy_name("p");
    wait(list.policy_document(allow("iam:ListUsers")).send()).unwrap();
    let key = double.user("one", &[&allow("sts:AssumeRole")]);
    let assume = |key: &Key, name: &str, external: Option<&str>| {
        let assume = sts(&double, key).assume_role().role_session_name("s");
        let arn = format!("arn:aws:iam::{ACCOUNT}:role/{name}");
        wait(
            assume
                .role_arn(arn)
                .set_external_id(external.map(str::to_owned))
                .send(),
        )
    };
    let silent = denied("sts:AssumeRole", "role/target", "")
        .trim_end()
        .to_owned();
    assert_eq!(words(assume(&key, "target", None)), silent);
    assert_eq!(words(assume(&key, "target", Some("wrong"))), silent);
    assert_ne!(words(assume(&key, "missing", Some("right"))), "");
    let stranger = double.user("two", &[]);
    assert_ne!(words(assume(&stranger, "target", Some("right"))), "");

    let answer = assume(&key, "target", Some("right")).unwrap();
    let made = answer.credentials().unwrap();
    let session = Key {
        id: made.access_key_id().to_owned(),
        secret: made.secret_access_key().to_owned(),
    };
    let identity = wait(sts(&double, &session).get_caller_identity().send()).unwrap();
    let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/target/s");
    assert_eq!(identity.arn(), Some(&*arn));
    let session = iam(&double, &session);
    assert_eq!(words(wait(session.list_users().send())), "");
    assert_ne!(create(&session, "new"), "");
}

#[test]
fn the_simulator_answers_page_by_page() {
    let Some(double) = Double::start() else {
        return;
    };
    double.user(
        "one",
        &[
            &allow("ec2:Describe*"),
            &ALL.replace("Allow", "Deny")
                .replacen("\"*\"", "\"s3:*\"", 1),
        ],
    );
    let admin = iam(&double, &double.admin());
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/one");
    let mut marker = None;
    let mut found = Vec::new();
    let mut pages = 0;
    loop {
        let ask = admin.simulate_principal_policy().policy_source_arn(&arn);
        let ask = ask
            .action_names("ec2:DescribeVpcs")
            .action_names("ec2:CreateVpc");
        let ask = ask
            .action_names("s3:GetObject")
            .resource_arns("arn:aws:s3:::b/k");
        let answer = wait(ask.max_items(2).set_marker(marker).send()).unwrap();
        for result in answer.evaluation_results() {
            let specific = result.resource_specific_results();
            assert_eq!(specific.len(), 1);
            found.push((
                result.eval_action_name().to_owned(),
                result.eval_decision().as_str().to_owned(),
            ));
        }
        pages += 1;
        marker = answer.marker().map(str::to_owned);
        if !answer.is_truncated() {
            break;
        }
    }
    assert_eq!(pages, 2);
    let expected = [
        ("ec2:DescribeVpcs", "allowed"),
        ("ec2:CreateVpc", "implicitDeny"),
        ("s3:GetObject", "explicitDeny"),
    ];
    assert_eq!(
        found,
        expected.map(|(action, it)| (action.to_owned(), it.to_owned()))
    );
    let ask = admin.simulate_principal_policy().policy_source_arn(&arn);
    let wrong = wait(ask.action_names("ec2:Describe*").send()).unwrap_err();
    assert_eq!(wrong.code(), Some("InvalidInput"));
}

#[test]
fn access_analyzer_says_what_the_test_wants() {
    let Some(double) = Double::start() else {
        return;
    };
    let key = double.admin();
    let config = config(&double.endpoint(), &key.id, &key.secret, None);
    let client = aws_sdk_accessanalyzer::Client::new(&config);
    let check = || {
        let check = client.check_no_new_access().existing_policy_document(ALL);
        let check = check.new_policy_document(ALL);
        let check = check.policy_type("IDENTITY_POLICY".into());
        wait(check.send())
            .unwrap()
            .result
            .unwrap()
            .as_str()
            .to_owned()
    };
    assert_eq!(check(), "PASS");
    double.set_opinion(Opinion {
        findings: vec![serde_json::json!({
            "findingType": "WARNING", "issueCode": "SOME_CODE", "findingDetails": "details",
            "learnMoreLink": "https://docs.aws.amazon.com/", "locations": []
        })],
        result: "FAIL".to_owned(),
        message: "new access".to_owned(),
    });
    assert_eq!(check(), "FAIL");
    let validate = client.validate_policy().policy_document(ALL);
    let validate = validate.policy_type("IDENTITY_POLICY".into());
    let answer = wait(validate.send()).unwrap();
    assert_eq!(answer.findings()[0].issue_code(), "SOME_CODE");
}

#[test]
fn a_dry_run_of_ec2_tells_and_does_nothing() {
    let Some(double) = Double::start() else {
        return;
    };
    let form = "Action=CreateVpc&CidrBlock=10.0.0.0%2F16";
    let dry = format!("{form}&DryRun=true");
    let tagged = format!(
        "{dry}&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=owner\
         &TagSpecification.1.Tag.1.Value=me"
    );
    let one = double.user(
        "one",
        &[&allow("ec2:CreateVpc"), &allow("ec2:DescribeVpcs")],
    );
    let two = double.user("two", &[]);
    let (status, body) = double.ec2(&one, &dry);
    assert_eq!(status, 412, "{body}");
    assert!(body.contains("<Code>DryRunOperation</Code>"), "{body}");
    let (status, body) = double.ec2(&two, &dry);
    assert_eq!(status, 403);
    assert!(
        body.contains("<Code>UnauthorizedOperation</Code>"),
        "{body}"
    );
    let vpc = format!("arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/*");
    assert!(body.contains(&vpc), "{body}");
    let (_, body) = double.ec2(&one, &tagged);
    assert!(body.contains("perform: ec2:CreateTags"), "{body}");

    let encoded = body.split("failure message: ").nth(1).unwrap();
    let encoded = encoded.split('<').next().unwrap();
    let decode = |key: &Key| {
        let decode = sts(&double, key).decode_authorization_message();
        wait(decode.encoded_message(encoded).send())
    };
    assert_ne!(words(decode(&two)), "");
    let decoded = decode(&double.admin()).unwrap();
    assert!(
        decoded
            .decoded_message()
            .unwrap()
            .contains("ec2:CreateTags")
    );

    let vpcs = |of: &str| of.matches("<cidrBlock>10.0.0.0/16</cidrBlock>").count();
    let list = "Action=DescribeVpcs";
    assert_eq!(vpcs(&double.ec2(&one, list).1), 0);
    assert_eq!(double.ec2(&one, form).0, 200);
    assert!(vpcs(&double.ec2(&one, list).1) > 0);
}
