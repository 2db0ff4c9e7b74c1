//! Properties of `mend`: whatever is taken out of a policy that is enough, it is enough again
//! afterwards, and allows nothing beyond what it allowed and what is required.
//!
//! The proof that comes with the result is not believed here: the texts are read and judged anew.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests read the package's own files and stop where one is missing"
)]

use proptest::prelude::*;
use rolecall::analyze::{Analysis, Found};
use rolecall::catalog::Catalog;
use rolecall::check::{self, Input, Report, Verdict};
use rolecall::evaluate::{Decision, Policies, decide};
use rolecall::generate::{atoms, hull, statements};
use rolecall::mend::{Job, Mended, Open, mend};
use rolecall::policy::{Document, Kind, lower};
use rolecall::profile::{Profile, Settings, Strength, shipped};
use rolecall::read;
use rolecall::source::Sources;
use serde_json::{Value, json};

struct Given {
    sources: Sources,
    documents: Vec<Document>,
}

fn given(texts: &[String]) -> Given {
    let mut sources = Sources::new();
    let mut documents = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let file = sources.add(format!("{at}.json"), text.as_str());
        read::read_text(&sources, file, &mut |found| {
            let mut document = lower(found.value, Kind::Identity);
            document.file = Some(file);
            documents.push(document);
        });
    }
    assert_eq!(documents.len(), texts.len());
    Given { sources, documents }
}

fn profile(name: &str) -> Profile {
    match shipped(name) {
        Some(own) => Profile::of(own).unwrap(),
        None => {
            let path = format!(
                "{}/testdata/fix-for/profile.toml",
                env!("CARGO_MANIFEST_DIR")
            );
            Profile::parse(name, &std::fs::read_to_string(path).unwrap()).unwrap()
        }
    }
}

fn judged<T>(profile: &Profile, given: &Given, of: impl FnOnce(&Input<'_>, &Sources) -> T) -> T {
    let policies = Policies {
        identity: given.documents.clone(),
        ..Policies::default()
    };
    let settings = Settings::default();
    let input = Input {
        profile,
        settings: &settings,
        policies: &policies,
        trust: None,
        resource_policies: &[],
        principal: None,
        catalog: Catalog::builtin(),
        unread: false,
    };
    of(&input, &given.sources)
}

fn report(profile: &Profile, given: &Given) -> Report {
    judged(profile, given, |input, _| check::run(input).unwrap())
}

fn mended(profile: &Profile, given: &Given, narrowing: bool) -> Mended {
    judged(profile, given, |input, sources| {
        let job = Job {
            input,
            sources,
            strength: Strength::Required,
            narrowing,
        };
        mend(&job).unwrap()
    })
}

/// Returns the texts as they would be written.
fn written(texts: &[String], mended: &Mended) -> Vec<String> {
    let mut all = texts.to_vec();
    for changed in &mended.files {
        match (
            &changed.before,
            changed.name.strip_suffix(".json").unwrap().parse::<usize>(),
        ) {
            (Some(_), Ok(at)) => all[at] = changed.after.clone(),
            _ => all.push(changed.after.clone()),
        }
    }
    all
}

/// A policy that is enough, as lists of actions, resources and values that can be thinned out.
fn sufficient(profile: &Profile) -> Vec<Value> {
    let atoms = atoms(profile, &Settings::default(), Catalog::builtin()).unwrap();
    let mut taken = std::collections::BTreeSet::new();
    let made = statements(profile, &atoms.list, Catalog::builtin(), &mut taken);
    made.into_iter().map(|it| it.statement).collect()
}

/// Takes out statements, actions and resources by a row of numbers.
fn thinned(statements: &[Value], mut pick: impl FnMut() -> u8) -> Vec<Value> {
    let mut left = Vec::new();
    for statement in statements {
        let mut statement = statement.clone();
        match pick() % 8 {
            0 => continue,
            1 | 2 => thin(&mut statement["Action"], &mut pick),
            3 => thin(&mut statement["Resource"], &mut pick),
            // More than is required: this has to stay.
            4 => {
                statement.as_object_mut().unwrap().remove("Condition");
            }
            5 => statement["Resource"] = json!("*"),
            _ => {}
        }
        left.push(statement);
    }
    left
}

fn thin(list: &mut Value, pick: &mut impl FnMut() -> u8) {
    if let Some(list) = list.as_array_mut() {
        let mut at = 0;
        while at < list.len() && list.len() > 1 {
            if pick().is_multiple_of(3) {
                list.remove(at);
            } else {
                at += 1;
            }
        }
    }
}

fn document(statements: &[Value], spaces: bool) -> String {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    match spaces {
        true => format!("{policy:#}\n"),
        false => policy.to_string(),
    }
}

/// Everything that is promised of one mended policy.
fn keeps_its_promises(profile: &Profile, texts: &[String], narrowing: bool) {
    let before = given(texts);
    let outcome = mended(profile, &before, narrowing);
    assert!(outcome.proof.holds(), "{:?}\n{texts:#?}", outcome.proof);
    let texts_after = written(texts, &outcome);
    let after = given(&texts_after);
    let (old, new) = (report(profile, &before), report(profile, &after));
    for (was, is) in old.requirements.iter().zip(&new.requirements) {
        assert_eq!(was.call.id, is.call.id);
        let is_wanted = is.call.strength == Strength::Required || was.verdict == Verdict::Met;
        // What depends on a condition stays so; it is told, and nothing is allowed past it.
        let is_told = |it: &Open| it.judged.call.id == is.call.id && it.who.contains("condition");
        let may_stay = outcome.open.iter().any(is_told);
        let id = &is.call.id;
        assert!(
            !is_wanted || is.verdict == Verdict::Met || may_stay,
            "{id}: {texts_after:#?}"
        );
    }
    let atoms = atoms(profile, &Settings::default(), Catalog::builtin()).unwrap();
    // The concrete evaluator agrees, request by request.
    let policies = Policies {
        identity: after.documents.clone(),
        ..Policies::default()
    };
    for atom in &atoms.list {
        let of = |id: &str| new.requirements.iter().find(|it| it.call.id == id);
        let is_required = atom.sources.iter().any(|it| {
            // Of alternatives one is enough.
            of(&it.id).is_some_and(|it| it.met_by.is_none() && it.verdict == Verdict::Met)
        });
        for request in atom.requests.iter().filter(|_| is_required) {
            let decision = decide(&policies, request).decision;
            assert_eq!(
                decision,
                Decision::Allowed,
                "{} {:?}",
                atom.action,
                request.resource
            );
        }
    }
    let mut most = hull(&atoms.list);
    if !narrowing {
        most.extend(before.documents.clone());
    }
    let analysis = Analysis::new(Catalog::builtin());
    let own: Vec<Document> = match narrowing && !outcome.idle.is_empty() {
        // What is not needed stays where it is, and is reported.
        true => return,
        false => after.documents.clone(),
    };
    let excess = analysis.find_excess(&[&own], &[&most]);
    assert!(matches!(excess, Found::Nothing), "{excess:?}");
    // And there is nothing left to do.
    let again = mended(profile, &after, narrowing);
    assert!(again.files.is_empty(), "{:#?}", again.files);
    // What is an inline policy of a role today may fill it; a managed one stays one.
    let size = |text: &String| text.chars().filter(|it| !it.is_whitespace()).count();
    for (at, text) in texts_after.iter().enumerate() {
        let was = texts.get(at).map_or(0, size);
        let most = if was > 6_144 { 10_240 } else { 6_144 };
        assert!(size(text) <= most, "{was} -> {}", size(text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_small_policy_is_enough_again(
        row in proptest::collection::vec(any::<u8>(), 64),
        files in 1..4_usize,
        spaces in any::<bool>(),
        narrowing in any::<bool>(),
    ) {
        let profile = profile("testdata/fix-for/profile.toml");
        let mut row = row.iter().cycle();
        let left = thinned(&sufficient(&profile), || *row.next().unwrap());
        let texts: Vec<String> = (0..files)
            .map(|file| left.iter().skip(file).step_by(files).cloned().collect::<Vec<_>>())
            .filter(|it| !it.is_empty())
            .map(|it| document(&it, spaces))
            .collect();
        prop_assume!(!texts.is_empty());
        keeps_its_promises(&profile, &texts, narrowing);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, max_shrink_iters: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_policy_of_a_cluster_is_enough_again(
        row in proptest::collection::vec(any::<u8>(), 256),
        narrowing in any::<bool>(),
    ) {
        let profile = profile("mengi/eks");
        let mut row = row.iter().cycle();
        let left = thinned(&sufficient(&profile), || *row.next().unwrap());
        let half = left.len() / 2;
        let texts = [document(&left[..half], true), document(&left[half..], true)];
        keeps_its_promises(&profile, &texts, narrowing);
    }
}
