//! A bootstrap beside what is not its own: another run, names that are taken, keys and versions of
//! others, and the places where a secret may go.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::client::wait;
use crate::double::{Double, Fault, Victim, Which};
use crate::scene::{Model, Scene, arn, iam, inventory, keys};
use crate::writes;

const USER: &str = "mengi-cloud-byoc";

#[test]
fn of_two_runs_at_once_one_is_refused() {
    let Some(double) = Double::start() else {
        return;
    };
    let mut scene = Scene::new(&double, Model::Mengi);
    scene.plan();
    double.fault(
        "iam:CreatePolicy",
        Which::Nth(1),
        Fault::Delay(Duration::from_secs(3)),
    );
    let args = scene.apply_args();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut first = scene.command(&double.admin(), &args).spawn().unwrap();
    while writes(&double).is_empty() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let second = scene.apply();
    assert_eq!(second.code, Some(2), "{}{}", second.out, second.errors);
    assert!(
        second.errors.contains("another run of the bootstrap"),
        "{}",
        second.errors
    );
    let removal = scene.destroy();
    assert_eq!(removal.code, Some(2), "{}{}", removal.out, removal.errors);
    assert!(first.wait().unwrap().success());
    assert_eq!(keys(&double).len(), 1);
    let third = scene.apply();
    assert_eq!(third.code, Some(0), "{}{}", third.out, third.errors);
    assert!(!third.out.contains("made   "), "{}", third.out);
}

#[test]
fn a_name_that_is_taken_is_refused_and_left() {
    let Some(double) = Double::start() else {
        return;
    };
    wait(
        iam(&double)
            .create_user()
            .user_name(USER)
            .path("/byoc/")
            .send(),
    )
    .unwrap();
    let before = inventory(&double);
    let mut scene = Scene::new(&double, Model::Mengi);
    scene.plan();
    double.forget_calls();
    let ended = scene.apply();
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.errors);
    for words in [
        "user/mengi-cloud-byoc is there, differs",
        "rolecall:installation",
        "customer-1",
    ] {
        assert!(ended.errors.contains(words), "{}", ended.errors);
    }
    assert_eq!(writes(&double), Vec::<String>::new());
    let removed = scene.destroy();
    assert_eq!(removed.code, Some(0), "{}{}", removed.out, removed.errors);
    assert!(
        removed.out.contains("was not made by this bootstrap"),
        "{}",
        removed.out
    );
    assert_eq!(inventory(&double), before);
}

#[test]
fn a_key_of_somebody_else_stops_the_run_and_stays() {
    let Some(double) = Double::start() else {
        return;
    };
    let mut scene = Scene::new(&double, Model::Mengi);
    scene.plan();
    let fault = Fault::Deny("nobody makes keys".to_owned());
    double.fault("iam:CreateAccessKey", Which::Every, fault);
    let ended = scene.apply();
    assert_eq!(ended.code, Some(4), "{}{}", ended.out, ended.errors);
    assert!(
        ended.errors.contains("nobody makes keys"),
        "{}",
        ended.errors
    );
    // The command that goes on is the one that was typed.
    assert!(
        ended
            .errors
            .contains("rolecall bootstrap apply --plan plan.json"),
        "{}",
        ended.errors
    );
    double.clear_faults();
    let theirs = wait(iam(&double).create_access_key().user_name(USER).send()).unwrap();
    let theirs = theirs.access_key.unwrap().access_key_id;
    let ended = scene.apply();
    assert_eq!(ended.code, Some(4), "{}{}", ended.out, ended.errors);
    assert!(ended.errors.contains(&theirs), "{}", ended.errors);
    assert_eq!(keys(&double), [theirs.as_str()]);
    // What hangs on it stays with it, and is listed.
    let removed = scene.destroy();
    assert_eq!(removed.code, Some(4), "{}{}", removed.out, removed.errors);
    assert!(removed.out.contains(&format!(
        "{theirs} is an access key that this bootstrap did not make"
    )));
    assert_eq!(keys(&double), [theirs.as_str()]);
    let delete = iam(&double).delete_access_key().user_name(USER);
    wait(delete.access_key_id(theirs).send()).unwrap();
    let removed = scene.destroy();
    assert_eq!(removed.code, Some(0), "{}{}", removed.out, removed.errors);
    assert_eq!(inventory(&double).len(), 0);
}

#[test]
fn what_others_have_added_is_named_and_goes_once_they_have_let_go() {
    let Some(double) = Double::start() else {
        return;
    };
    let mut scene = Scene::new(&double, Model::Mengi);
    scene.plan();
    assert_eq!(scene.apply().code, Some(0));
    let iam = iam(&double);
    let policy = arn("policy/byoc/access-of-mengi-eks");
    let other = arn("policy/byoc/access-of-mengi-services");
    wait(async {
        iam.create_user().user_name("theirs").send().await.unwrap();
        let attach = iam.attach_user_policy().user_name("theirs");
        attach.policy_arn(&policy).send().await.unwrap();
        let version = iam.create_policy_version().policy_arn(&other);
        let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;
        let version = version.policy_document(text).set_as_default(true);
        version.send().await.unwrap();
    });
    // What was changed is shown, and not put back.
    let ended = scene.apply();
    assert_eq!(ended.code, Some(4), "{}{}", ended.out, ended.errors);
    assert!(
        ended
            .errors
            .contains("access-of-mengi-services was changed"),
        "{}",
        ended.errors
    );
    let removed = scene.destroy();
    assert_eq!(removed.code, Some(4), "{}{}", removed.out, removed.errors);
    assert!(
        removed.out.contains("is still in use: user `theirs`"),
        "{}",
        removed.out
    );
    assert!(
        removed.out.contains("somebody had changed it"),
        "{}",
        removed.out
    );
    assert!(
        removed
            .errors
            .contains("rolecall bootstrap destroy --plan plan.json")
    );
    let left: Vec<String> = inventory(&double).into_keys().collect();
    assert_eq!(left, [policy.clone(), arn("user/theirs")]);
    let detach = iam
        .detach_user_policy()
        .user_name("theirs")
        .policy_arn(&policy);
    wait(detach.send()).unwrap();
    assert_eq!(scene.destroy().code, Some(0));
    let left: Vec<String> = inventory(&double).into_keys().collect();
    assert_eq!(left, [arn("user/theirs")]);
}

#[test]
fn a_secret_goes_where_it_was_said_and_nowhere_else() {
    let Some(double) = Double::start() else {
        return;
    };
    // Without a place nothing is made.
    let mut scene = Scene::new(&double, Model::Mengi);
    scene.plan();
    scene.flags = vec!["--no-check".to_owned()];
    double.forget_calls();
    let ended = scene.apply();
    assert_eq!(ended.code, Some(2), "{}{}", ended.out, ended.errors);
    assert!(ended.errors.contains("--secret-file"), "{}", ended.errors);
    assert_eq!(writes(&double), Vec::<String>::new());
    // Into a new file, also where the run was killed before it could say so.
    let file = scene.path("secret");
    scene
        .flags
        .extend(["--secret-file".to_owned(), file.display().to_string()]);
    let victim = Victim::default();
    let hook = crate::double::kill(&victim);
    double.fault("iam:CreateAccessKey", Which::Nth(1), Fault::RunAfter(hook));
    scene.apply_as_victim(&victim);
    double.clear_faults();
    let ended = scene.apply();
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.errors);
    assert!(ended.out.contains("the one plain copy"), "{}", ended.out);
    let text = std::fs::read_to_string(&file).unwrap();
    let (id, secret) = of_file(&text);
    assert_eq!(keys(&double), [id]);
    scene.works(id, secret);
    scene.holds_no(secret, Some(&file));
    assert_eq!(scene.destroy().code, Some(0));
    // It is never written over.
    let ended = scene.apply();
    assert_eq!(ended.code, Some(4), "{}{}", ended.out, ended.errors);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    assert_eq!(keys(&double), Vec::<String>::new());
    assert_eq!(scene.destroy().code, Some(0));
    // Encrypted to a recipient.
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    scene.flags = ["--no-check", "--secret-to", &recipient]
        .map(str::to_owned)
        .to_vec();
    let ended = scene.apply();
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.errors);
    let lines = ended
        .out
        .lines()
        .skip_while(|it| !it.starts_with("-----BEGIN AGE"));
    let lines = lines
        .skip(1)
        .take_while(|it| !it.starts_with("-----END AGE"));
    let bytes = BASE64_STANDARD.decode(lines.collect::<String>()).unwrap();
    let text = String::from_utf8(age::decrypt(&identity, &bytes).unwrap()).unwrap();
    let (id, secret) = of_file(&text);
    scene.works(id, secret);
    scene.holds_no(secret, None);
}

fn of_file(text: &str) -> (&str, &str) {
    let value = |name: &str| {
        let mut lines = text.lines();
        lines
            .find_map(|it| it.strip_prefix(name)?.strip_prefix(" = "))
            .unwrap()
    };
    (value("aws_access_key_id"), value("aws_secret_access_key"))
}
