//! `rolecall bootstrap apply` and `destroy` against a server that speaks AWS's protocol: undisturbed,
//! disturbed at every call, killed at every call, and beside what is not theirs.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests that start another program where there is one, and say where there is none"
)]

#[path = "aws_bootstrap/beside.rs"]
mod beside;
#[path = "aws/client.rs"]
mod client;
#[path = "aws/server.rs"]
mod double;
#[path = "aws_bootstrap/scene.rs"]
mod scene;

use std::time::Duration;

use double::{Double, Fault, Refusal, Victim, Which, kill};
use rolecall::store::key::{Keyring, LocalKey};
use rolecall::store::{Kind, Store};
use scene::{Model, Scene, inventory, keys};
use secrecy::ExposeSecret as _;

/// The calls that make something, in the order of a calm run, without the reads.
fn writes(double: &Double) -> Vec<String> {
    let words = ["Create", "Attach", "Put", "Delete", "Detach", "Tag"];
    let calls = double.actions().into_iter();
    let is_write = |it: &String| words.iter().any(|word| it.contains(&format!(":{word}")));
    calls.filter(is_write).collect()
}

/// The calls that make the access of each model.
const OPERATIONS: [&str; 6] = [
    "iam:CreatePolicy",
    "iam:CreateUser",
    "iam:CreateRole",
    "iam:AttachUserPolicy",
    "iam:AttachRolePolicy",
    "iam:CreateAccessKey",
];

/// The calls that remove it.
const REMOVALS: [&str; 6] = [
    "iam:DeleteAccessKey",
    "iam:DetachUserPolicy",
    "iam:DetachRolePolicy",
    "iam:DeleteUser",
    "iam:DeleteRole",
    "iam:DeletePolicy",
];

/// Looks that the secret of the one key is nowhere but in the store, where it can be read.
fn secret_is_kept(scene: &Scene<'_>) {
    let key = LocalKey::from_file(&scene.path("key")).unwrap();
    let keyring = Keyring::new(Box::new(key), Vec::new()).unwrap();
    let store = Store::open(&scene.path("store.db")).unwrap();
    let kept = store.get("default", "cloud").unwrap();
    let Kind::AccessKey { id } = &kept.kind else {
        panic!("{kept:?}");
    };
    assert_eq!(kept.state.name(), "Pending Validation");
    let secret = store.secret(&keyring, "default", "cloud").unwrap();
    scene.works(id.as_str(), secret.expose_secret());
    scene.holds_no(secret.expose_secret(), None);
}

#[test]
fn what_is_planned_is_made_once_judged_and_removed_again() {
    let Some(double) = Double::start() else {
        return;
    };
    for model in Model::ALL {
        let before = inventory(&double);
        let mut scene = Scene::new(&double, model);
        if model == Model::Mengi {
            let planned = scene.plan_by_command();
            assert_eq!(planned.code, Some(0), "{}{}", planned.out, planned.errors);
        } else {
            scene.plan();
        }
        // Judging takes its time in debug builds: of one model it is enough.
        if model == Model::Mengi {
            scene.flags.retain(|it| it != "--no-check");
        }
        let applied = scene.apply();
        assert_eq!(applied.code, Some(0), "{}{}", applied.out, applied.errors);
        assert!(applied.out.contains("tell the vendor"), "{}", applied.out);
        let made = inventory(&double);
        if model == Model::Mengi {
            let judged = "172 of 172 requirements are met";
            assert!(applied.out.contains(judged), "{}", applied.out);
            assert_eq!(keys(&double).len(), 1);
            secret_is_kept(&scene);
        } else {
            for role in ["Bootstrap", "Management"] {
                let role = format!("role/StreamNative/StreamNativeCloud{role}Role");
                assert!(applied.out.contains(&scene::arn(&role)), "{}", applied.out);
            }
        }
        if model == Model::Mengi {
            scene.flags.push("--no-check".to_owned());
        }
        double.forget_calls();
        let again = scene.apply();
        assert_eq!(again.code, Some(0), "{}{}", again.out, again.errors);
        assert!(!again.out.contains("made   "), "{}", again.out);
        assert_eq!(writes(&double), Vec::<String>::new());
        assert_eq!(inventory(&double), made);
        let removed = scene.destroy();
        assert_eq!(removed.code, Some(0), "{}{}", removed.out, removed.errors);
        assert!(!removed.out.contains("left "), "{}", removed.out);
        assert_eq!(inventory(&double), before, "{}", removed.out);
        let removed = scene.destroy();
        assert_eq!(removed.code, Some(0), "{}{}", removed.out, removed.errors);
        assert!(
            removed.out.contains("nothing of this bootstrap is there"),
            "{}",
            removed.out
        );
    }
}

#[test]
fn every_kind_of_call_may_be_disturbed_in_every_way() {
    let Some(double) = Double::start() else {
        return;
    };
    for model in Model::ALL {
        let mut calm = Scene::new(&double, model);
        calm.plan();
        let applied = calm.apply();
        assert_eq!(applied.code, Some(0), "{}{}", applied.out, applied.errors);
        let wanted = inventory(&double);
        assert_eq!(calm.destroy().code, Some(0));
        let faults = [
            Fault::Throttle,
            Fault::ServerError,
            Fault::ServerErrorAfter,
            Fault::Delay(Duration::from_millis(300)),
            Fault::DropBefore,
            Fault::DropAfter,
            Fault::HalfAnswer,
            Fault::Deny("it was taken away".to_owned()),
            Fault::Refuse(Refusal::new(
                403,
                "InvalidClientTokenId",
                "it was switched off",
            )),
        ];
        for (number, fault) in faults.into_iter().enumerate() {
            // Roles take the same way as users: the faults that leave something are enough there.
            if model == Model::StreamNative && ![0, 5, 6, 7].contains(&number) {
                continue;
            }
            double.clear_faults();
            let mut scene = Scene::new(&double, model);
            scene.plan();
            let stops = number > 6;
            for operation in OPERATIONS {
                double.fault(operation, Which::First(1), fault.clone());
            }
            let mut runs = 0;
            loop {
                let ended = scene.apply();
                runs += 1;
                let said = format!("{number}: {}{}", ended.out, ended.errors);
                if ended.code == Some(0) {
                    break;
                }
                // It goes on by itself, but for what somebody has to put right.
                assert!(stops && runs < 12, "{said}");
                assert!(ended.code == Some(4) || runs < 3, "{said}");
                assert!(ended.errors.contains("it was "), "{said}");
            }
            assert_eq!(runs > 1, stops, "fault {number}");
            assert_eq!(inventory(&double), wanted, "fault {number}");
            if model == Model::Mengi {
                secret_is_kept(&scene);
            }
            // An answer may be lost on the way back as well.
            for operation in REMOVALS.iter().filter(|_| number == 5) {
                double.fault(operation, Which::Nth(1), Fault::DropAfter);
            }
            let removed = scene.destroy();
            assert_eq!(removed.code, Some(0), "{}{}", removed.out, removed.errors);
            assert_eq!(inventory(&double).len(), 0, "fault {number}");
        }
    }
}

#[test]
fn a_run_killed_at_any_call_goes_on() {
    let Some(double) = Double::start() else {
        return;
    };
    for model in Model::ALL {
        let mut calm = Scene::new(&double, model);
        calm.plan();
        double.forget_calls();
        assert_eq!(calm.apply().code, Some(0));
        let steps = writes(&double);
        let wanted = inventory(&double);
        assert_eq!(calm.destroy().code, Some(0));
        // Each run is killed when its first call has taken effect, the next one before its second.
        for after in [true, false] {
            if model == Model::StreamNative && !after {
                continue;
            }
            double.clear_faults();
            let mut scene = Scene::new(&double, model);
            scene.plan();
            for at in 0..steps.len() {
                double.clear_faults();
                let victim = Victim::default();
                if after {
                    for operation in OPERATIONS {
                        double.fault(operation, Which::Nth(1), Fault::RunAfter(kill(&victim)));
                    }
                } else {
                    let is_second = at > 0 && steps[at] == steps[at - 1];
                    let which = Which::Nth(if is_second { 2 } else { 1 });
                    double.fault(&steps[at], which, Fault::RunBefore(kill(&victim)));
                }
                scene.apply_as_victim(&victim);
            }
            double.clear_faults();
            let ended = scene.apply();
            assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.errors);
            assert_eq!(inventory(&double), wanted);
            if model == Model::Mengi {
                secret_is_kept(&scene);
            }
            let removed = scene.destroy();
            assert_eq!(removed.code, Some(0), "{}{}", removed.out, removed.errors);
            assert_eq!(inventory(&double).len(), 0);
        }
    }
}

#[test]
fn a_plan_that_was_changed_by_hand_is_judged_by_its_documents() {
    let Some(double) = Double::start() else {
        return;
    };
    let mut scene = Scene::new(&double, Model::Mengi);
    scene.plan_by_command();
    scene.flags.retain(|it| it != "--no-check");
    let file = scene.path("plan.json");
    let honest = std::fs::read_to_string(&file).unwrap();
    let honest: serde_json::Value = serde_json::from_str(&honest).unwrap();
    let admin =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let before = inventory(&double);
    // Every document becomes an administrator's; nobody says what the user is for.
    for (change, words) in [
        (0, "a way out that nobody accepted"),
        (1, "no profile of the plan says what it is for"),
    ] {
        let mut plan = honest.clone();
        match change {
            0 => {
                for object in plan["objects"].as_array_mut().unwrap() {
                    if object["wanted"]["document"].is_string() {
                        object["wanted"]["document"] = admin.into();
                    }
                }
            }
            _ => plan["profiles"] = serde_json::json!([]),
        }
        std::fs::write(&file, plan.to_string()).unwrap();
        let applied = scene.apply();
        assert_eq!(applied.code, Some(1), "{}{}", applied.out, applied.errors);
        assert!(applied.errors.contains(words), "{}", applied.errors);
        assert_eq!(inventory(&double), before);
    }
}
