//! The bootstrap's steps, rehearsed on an account in memory: every call in turn is disturbed in every
//! way, the run is repeated, and the end is that of an undisturbed run, with nothing twice.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests, which also rehearse that the process is killed"
)]

#[path = "provision/stage.rs"]
mod stage;

use std::panic::{AssertUnwindSafe, catch_unwind};

use rolecall::plan::{Found, Plan, What};
use rolecall::provision::{Applied, Destroyed, Outcome, Stop, apply, destroy};
use stage::{ACCOUNT, Killed, Scene, Trouble, name_of, plan, plan_with_account};

fn run(plan: &Plan, scene: &mut Scene) -> Result<Applied, Stop> {
    apply(plan, &mut scene.site(), &mut |_, _| {})
}

fn remove(plan: &Plan, scene: &mut Scene) -> Result<Destroyed, Stop> {
    destroy(plan, &mut scene.site(), None, &mut |_| {})
}

/// Runs it; a killed process ends it like any other.
fn run_or_die<T>(work: impl FnOnce() -> Result<T, Stop>) -> Option<Result<T, Stop>> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => Some(result),
        Err(cause) if cause.is::<Killed>() => None,
        Err(cause) => std::panic::resume_unwind(cause),
    }
}

/// The names of what is there, and for each user the number of its keys.
fn inventory(scene: &Scene) -> (Vec<String>, usize) {
    (
        scene.stage.objects.keys().cloned().collect(),
        scene.stage.keys.len(),
    )
}

/// Every key that is there has its secret kept, and every secret that is kept is of a key.
fn secrets_match(scene: &Scene) {
    let ids: Vec<&String> = scene.stage.keys.iter().map(|it| &it.0).collect();
    for id in &ids {
        assert!(scene.paper.secrets.iter().any(|it| it.0 == **id), "{id}");
    }
}

fn silence() {
    std::panic::set_hook(Box::new(|info| {
        if info.payload().is::<Killed>() {
            return;
        }
        let text = info.payload().downcast_ref::<String>();
        let text = text.map_or_else(
            || info.payload().downcast_ref::<&str>().copied().unwrap_or(""),
            String::as_str,
        );
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            format!("{text} at {:?}\n", info.location()).as_bytes(),
        );
    }));
}

#[test]
fn a_second_run_changes_nothing() {
    for plan in [plan(), plan_with_account()] {
        let mut scene = Scene::default();
        let first = run(&plan, &mut scene).unwrap();
        assert!(first.objects.iter().all(|it| it.1 == Outcome::Made));
        let (before, entries) = (scene.stage.writes, scene.paper.entries.len());
        let second = run(&plan, &mut scene).unwrap();
        assert!(second.objects.iter().all(|it| it.1 == Outcome::There));
        assert_eq!(
            (scene.stage.writes, scene.paper.entries.len()),
            (before, entries)
        );
        secrets_match(&scene);
    }
}

#[test]
fn whatever_happens_to_any_call_the_end_is_the_same() {
    silence();
    for plan in [plan(), plan_with_account()] {
        let mut calm = Scene::default();
        run(&plan, &mut calm).unwrap();
        for trouble in Trouble::ALL {
            for at in 1..=calm.stage.writes {
                for hidden in [0, 2] {
                    let mut scene = Scene::default();
                    scene.stage.hidden = hidden;
                    scene.stage.trouble = Some((at, trouble));
                    let mut runs = 0;
                    loop {
                        runs += 1;
                        assert!(runs < 4, "{trouble:?} at {at}");
                        let result = run_or_die(|| run(&plan, &mut scene));
                        match &result {
                            Some(Ok(_)) => break,
                            None => assert!(matches!(
                                trouble,
                                Trouble::KilledBefore | Trouble::KilledAfter
                            )),
                            Some(Err(stop)) => assert!(
                                matches!(trouble, Trouble::Denied | Trouble::Credential),
                                "{trouble:?} at {at}: {stop}"
                            ),
                        }
                        scene.stage.trouble = None;
                    }
                    assert_eq!(inventory(&scene), inventory(&calm), "{trouble:?} at {at}");
                    secrets_match(&scene);
                    let accounts = scene.stage.objects.values();
                    let accounts = accounts.filter(|it| matches!(it, What::Account(_)));
                    assert!(accounts.count() < 2);
                }
            }
        }
    }
}

#[test]
fn a_denial_is_shown_as_it_was_said_and_at_once() {
    let mut scene = Scene::default();
    scene.stage.trouble = Some((3, Trouble::Denied));
    let stop = run(&plan(), &mut scene).unwrap_err().to_string();
    assert!(
        stop.contains("as AWS said it") && stop.contains("policy/two"),
        "{stop}"
    );
    assert_eq!(scene.watch.now, 0, "nobody waited");
}

#[test]
fn what_is_never_known_is_given_up_after_two_minutes_in_its_first_words() {
    let mut scene = Scene::default();
    // The boundary of the user is not in this plan and not in the account.
    let mut plan = plan();
    plan.objects.retain(|it| it.key != "policy/boundary");
    let stop = run(&plan, &mut scene).unwrap_err();
    assert!(
        matches!(&stop, Stop::Failed { object, .. } if object == "user/cloud"),
        "{stop}"
    );
    assert_eq!(scene.watch.now, 120);
}

#[test]
fn removal_leaves_nothing_however_it_is_disturbed() {
    silence();
    let plan = plan();
    let mut calm = Scene::default();
    run(&plan, &mut calm).unwrap();
    let made = calm.stage.writes;
    remove(&plan, &mut calm).unwrap();
    assert_eq!(inventory(&calm), (Vec::new(), 0));
    for trouble in Trouble::ALL {
        for at in made + 1..=calm.stage.writes {
            let mut scene = Scene::default();
            run(&plan, &mut scene).unwrap();
            scene.stage.trouble = Some((at, trouble));
            let first = run_or_die(|| remove(&plan, &mut scene));
            if let Some(Ok(first)) = &first
                && first.left.iter().any(|it| it.is_ours)
            {
                assert_eq!(trouble, Trouble::Denied, "{first:?}");
            }
            scene.stage.trouble = None;
            let second = remove(&plan, &mut scene).unwrap();
            assert_eq!(second.left, [], "{trouble:?} at {at}");
            assert_eq!(inventory(&scene), (Vec::new(), 0), "{trouble:?} at {at}");
        }
    }
    // What was removed can be made again.
    run(&plan, &mut calm).unwrap();
    secrets_match(&calm);
}

#[test]
fn a_run_that_ended_anywhere_can_be_removed() {
    silence();
    let plan = plan();
    let mut calm = Scene::default();
    run(&plan, &mut calm).unwrap();
    for trouble in [Trouble::Denied, Trouble::KilledBefore, Trouble::KilledAfter] {
        for at in 1..=calm.stage.writes {
            let mut scene = Scene::default();
            scene.stage.trouble = Some((at, trouble));
            run_or_die(|| run(&plan, &mut scene));
            scene.stage.trouble = None;
            let removed = remove(&plan, &mut scene).unwrap();
            assert_eq!(removed.left, [], "{trouble:?} at {at}");
            assert_eq!(inventory(&scene), (Vec::new(), 0), "{trouble:?} at {at}");
        }
    }
}

#[test]
fn a_secret_in_its_file_is_found_again_by_the_id_of_its_key() {
    silence();
    let mut scene = Scene::default();
    scene.paper.dies_before_entry = true;
    assert!(run_or_die(|| run(&plan(), &mut scene)).is_none());
    run(&plan(), &mut scene).unwrap();
    assert_eq!(scene.paper.secrets.len(), 1, "no second key was made");
    secrets_match(&scene);
}

#[test]
fn a_key_that_the_journal_does_not_know_stops_everything() {
    let plan = plan();
    let user = format!("arn:aws:iam::{ACCOUNT}:user/cloud");
    for (used, created, known) in [(true, 5, false), (false, -5, false), (false, 5, true)] {
        silence();
        let mut scene = Scene::default();
        let mut calm = Scene::default();
        run(&plan, &mut calm).unwrap();
        // An open call, but the key is used, or older than it.
        scene.stage.trouble = Some((calm.stage.writes, Trouble::KilledBefore));
        assert!(run_or_die(|| run(&plan, &mut scene)).is_none());
        scene.stage.trouble = None;
        let foreign = ("AKIATHEIRS".to_owned(), user.clone(), created, used);
        scene.stage.keys.push(foreign);
        let result = run(&plan, &mut scene);
        if known {
            // Exactly what a lost answer leaves: nobody can tell the two apart.
            assert_eq!(scene.stage.keys.len(), 1);
            result.unwrap();
            continue;
        }
        let stop = result.unwrap_err();
        assert!(
            matches!(&stop, Stop::UnknownKeys { ids, .. } if *ids == ["AKIATHEIRS"]),
            "{stop}"
        );
        assert_eq!(scene.stage.keys.len(), 1);
        // The removal leaves it as well, and says so.
        let left = remove(&plan, &mut scene).unwrap().left;
        let objects: Vec<&str> = left.iter().map(|it| it.object.as_str()).collect();
        assert_eq!(objects, ["key/cloud", "user/cloud", "policy/boundary"]);
        assert_eq!(scene.stage.keys.len(), 1);
    }
}

#[test]
fn a_key_without_any_open_call_stops_everything() {
    let mut scene = Scene::default();
    let user = format!("arn:aws:iam::{ACCOUNT}:user/cloud");
    scene
        .stage
        .keys
        .push(("AKIATHEIRS".to_owned(), user, 1, false));
    let stop = run(&plan(), &mut scene).unwrap_err();
    assert!(matches!(stop, Stop::UnknownKeys { .. }), "{stop}");
}

#[test]
fn a_name_that_somebody_else_has_is_refused_before_anything_is_made() {
    let plan = plan();
    for object in plan.objects.iter().take(5) {
        let mut scene = Scene::default();
        let mut foreign = object.what.clone();
        match &mut foreign {
            What::Policy(it) => it.tags.clear(),
            What::User(it) => it.tags.clear(),
            What::Role(it) => it.tags.clear(),
            _ => unreachable!(),
        }
        scene.stage.objects.insert(name_of(&foreign), foreign);
        let stop = run(&plan, &mut scene).unwrap_err();
        assert!(
            matches!(&stop, Stop::Moved(all) if all[0].object == object.key),
            "{stop}"
        );
        assert_eq!(scene.stage.writes, 0);
        // Nor is it removed.
        let left = remove(&plan, &mut scene).unwrap().left;
        assert!(left.iter().any(|it| it.object == object.key && !it.is_ours));
        assert_eq!(scene.stage.objects.len(), 1);
    }
}

#[test]
fn what_was_the_same_and_is_not_any_more_is_refused() {
    let mut plan = plan();
    plan.objects[1].found = Found::Same;
    let mut scene = Scene::default();
    let stop = run(&plan, &mut scene).unwrap_err();
    assert!(stop.to_string().contains("is gone"), "{stop}");
    assert_eq!(scene.stage.writes, 0);
    // Exactly what is wanted is adopted, with its tag.
    let there = plan.objects[1].what.clone();
    scene.stage.objects.insert(name_of(&there), there.clone());
    let applied = run(&plan, &mut scene).unwrap();
    assert_eq!(applied.objects[1].1, Outcome::Adopted);
    // And what somebody changed afterwards is shown, and left.
    let What::Policy(mut changed) = there else {
        unreachable!();
    };
    changed.document = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}]}"#.to_owned();
    let changed = What::Policy(changed);
    scene.stage.objects.insert(name_of(&changed), changed);
    let Err(Stop::Moved(all)) = run(&plan, &mut scene) else {
        panic!("it is not noticed");
    };
    assert!(!all[0].differences.is_empty());
}

#[test]
fn what_this_plan_made_and_somebody_removed_comes_back_by_a_new_plan_only() {
    let mut plan = plan();
    let mut scene = Scene::default();
    run(&plan, &mut scene).unwrap();
    scene
        .stage
        .objects
        .remove("arn:aws:iam::111122223333:user/cloud on arn");
    let name = name_of(&plan.objects[5].what);
    scene.stage.objects.remove(&name).unwrap();
    assert!(run(&plan, &mut scene).is_err());
    "2026-11-29T09:00:00Z".clone_into(&mut plan.made);
    run(&plan, &mut scene).unwrap();
    assert!(scene.stage.objects.contains_key(&name));
}

#[test]
fn another_account_is_never_touched() {
    let mut plan = plan();
    plan.account = Some("444455556666".to_owned());
    let mut scene = Scene::default();
    for stop in [
        run(&plan, &mut scene).unwrap_err(),
        remove(&plan, &mut scene).unwrap_err(),
    ] {
        assert!(matches!(stop, Stop::Elsewhere { .. }), "{stop}");
    }
    plan.account = Some(ACCOUNT.to_owned());
    "aws-cn".clone_into(&mut plan.partition);
    assert!(run(&plan, &mut scene).is_err());
    assert_eq!(scene.stage.writes, 0);
}

#[test]
fn a_plan_that_is_not_good_enough_is_refused_unless_somebody_takes_it_upon_them() {
    let mut plan = plan();
    let mut scene = Scene::default();
    plan.gate.weaknesses = vec![("W5".to_owned(), "passes a role".to_owned())];
    let stop = run(&plan, &mut scene).unwrap_err().to_string();
    assert!(stop.contains("W5: passes a role"), "{stop}");
    plan.gate.accepted = vec![("W5".to_owned(), "reviewed".to_owned())];
    plan.gate.unmet = vec!["eks:CreateCluster is not allowed".to_owned()];
    assert!(run(&plan, &mut scene).is_err());
    assert_eq!(scene.stage.writes, 0);
    plan.gate.unmet.clear();
    run(&plan, &mut scene).unwrap();
}

#[test]
fn what_others_have_attached_keeps_a_policy_and_is_named() {
    let plan = plan();
    let mut scene = Scene::default();
    run(&plan, &mut scene).unwrap();
    let theirs = What::Attachment(rolecall::plan::Attachment {
        entity: format!("arn:aws:iam::{ACCOUNT}:user/theirs"),
        policy: format!("arn:aws:iam::{ACCOUNT}:policy/one"),
    });
    scene.stage.objects.insert(name_of(&theirs), theirs);
    let result = remove(&plan, &mut scene).unwrap();
    let [left] = result.left.as_slice() else {
        panic!("{:?}", result.left);
    };
    assert!(
        left.object == "policy/one" && left.why.contains("user/theirs"),
        "{left:?}"
    );
    assert_eq!(inventory(&scene).0.len(), 2);
}

#[test]
fn a_member_account_is_closed_by_its_exact_id_only() {
    let plan = plan_with_account();
    let mut scene = Scene::default();
    let id = run(&plan, &mut scene).unwrap().account.unwrap();
    for typed in [None, Some("999999999999")] {
        let result = destroy(&plan, &mut scene.site(), typed, &mut |_| {}).unwrap();
        assert_eq!(result.left.len(), 1);
        assert!(result.left[0].why.contains("--close-account") && !result.left[0].is_ours);
    }
    assert!(!scene.stage.log.iter().any(|it| it.starts_with("close")));
    let result = destroy(&plan, &mut scene.site(), Some(&id), &mut |_| {}).unwrap();
    assert_eq!(result.left, []);
    assert!(scene.stage.log.contains(&format!("close {id}")));
}
