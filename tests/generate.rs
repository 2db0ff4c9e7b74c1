//! Generated access, held against what the profiles say by another path than its own proof: the
//! concrete evaluator on every call, deletions one by one, limits, names, and the rules.
//!
//! `GENERATE_SUBSETS` asks for more random subsets of features, or for `pairs`; `GENERATE_CASES`
//! multiplies the random profiles.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test reads its settings and stops where something is wrong"
)]

#[path = "generate/deletions.rs"]
mod deletions;
#[path = "generate/documents.rs"]
mod documents;
#[path = "generate/profiles.rs"]
mod profiles;
#[path = "analyze/random.rs"]
mod random;
#[path = "generate/requests.rs"]
mod requests;
#[path = "generate/subsets.rs"]
mod subsets;

use rayon::prelude::*;
use rolecall::analyze::Found;
use rolecall::catalog::Catalog;
use rolecall::generate::{self, Failure, Generated, Order, PolicyUse, Split};
use rolecall::profile::{Profile, Settings, shipped};
use rolecall::report::generate::{Shown, proof_lines};

use requests::Access;
use subsets::Subset;

/// The shipped profiles that are proven with every subset of their features.
const PROVEN: [&str; 3] = [
    "mengi/eks",
    "streamnative/bootstrap",
    "streamnative/management",
];

fn profile(name: &str) -> Profile {
    Profile::of(shipped(name).unwrap()).unwrap()
}

fn order<'a>(profile: &'a Profile, settings: &'a Settings) -> Order<'a> {
    Order {
        profile,
        settings,
        split: Split::None,
        scps: &[],
        catalog: Catalog::builtin(),
    }
}

fn settings(subset: &Subset) -> Settings {
    Settings {
        features: subset.features.clone(),
        ..Settings::default()
    }
}

fn run(profile: &Profile, settings: &Settings) -> Result<Generated, Failure> {
    generate::run(&order(profile, settings))
}

/// Returns what is wrong with the proof, in the words of the report.
fn unproven(profile: &Profile, generated: &Generated) -> Option<String> {
    let shown = Shown {
        profile,
        generated,
        command: "",
        files: &[],
        checks: &[],
    };
    (!generated.proof.holds()).then(|| proof_lines(&shown))
}

/// What is wrong with one subset of features.
fn complaints(profile: &Profile, subset: &Subset) -> Vec<String> {
    let settings = settings(subset);
    let generated = match run(profile, &settings) {
        Ok(generated) => generated,
        Err(failure) => return vec![format!("{failure:?}")],
    };
    let mut wrong: Vec<String> = unproven(profile, &generated).into_iter().collect();
    wrong.extend(documents::complaints(&generated.bundle));
    for access in Access::all(profile, &generated) {
        wrong.extend(access.denied());
        if access.is_of_customer {
            wrong.extend(deletions::elements(&access));
        }
    }
    wrong
}

#[test]
fn every_subset_of_features_is_proven_and_fits() {
    let mut wrong = Vec::new();
    for name in PROVEN {
        let profile = profile(name);
        let subsets = subsets::subsets(&profile);
        assert!(subsets.len() >= 5, "{}", subsets.len());
        let found: Vec<(String, Vec<String>)> = subsets
            .par_iter()
            .map(|it| (format!("{name} {}", it.name), complaints(&profile, it)))
            .collect();
        for (subset, complaints) in found {
            wrong.extend(complaints.iter().map(|it| format!("{subset}: {it}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_can_be_left_out() {
    let mut wrong = Vec::new();
    for name in PROVEN {
        let profile = profile(name);
        let [defaults, all_on, _] = subsets::corners(&profile);
        for subset in [defaults, all_on] {
            let settings = settings(&subset);
            let generated = run(&profile, &settings).unwrap();
            let mut looked_at = 0;
            for access in Access::all(&profile, &generated) {
                if access.is_of_customer {
                    let (count, superfluous) = deletions::conditions(&access);
                    looked_at += count;
                    let named = superfluous.iter();
                    wrong.extend(named.map(|it| format!("{name} {}: {it}", subset.name)));
                }
            }
            assert!(looked_at > 0, "{name}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A Deny of a boundary takes away what no requirement of those who carry it asks for.
#[test]
fn every_deny_of_a_workload_boundary_is_needed() {
    for name in PROVEN {
        let profile = profile(name);
        let settings = Settings::default();
        let generated = run(&profile, &settings).unwrap();
        let policies = generated.bundle.policies.iter();
        let mut denies = 0;
        for policy in policies.filter(|it| it.used_as == PolicyUse::WorkloadBoundary) {
            for (sid, without) in deletions::without_denies(policy) {
                denies += 1;
                let found = deletions::beyond(&profile, &generated, &without);
                assert!(
                    matches!(found, Found::Request(_)),
                    "{name} {sid}: {found:?}"
                );
            }
            let document = [requests::read(policy)];
            assert!(!document[0].statements.is_empty());
        }
        assert!(denies > 0, "{name}");
    }
}

#[test]
fn the_same_settings_give_the_same_bytes() {
    for name in PROVEN {
        let profile = profile(name);
        for subset in subsets::corners(&profile) {
            let settings = settings(&subset);
            let text = || match generate::bundle(&order(&profile, &settings)) {
                Ok(bundle) => format!("{bundle:#?}"),
                Err(failure) => format!("{failure:?}"),
            };
            assert_eq!(text(), text(), "{name} {}", subset.name);
        }
    }
}

#[test]
fn statements_can_be_shared_out_by_phase_and_feature() {
    for name in PROVEN {
        let profile = profile(name);
        let settings = Settings::default();
        for split in [Split::Phase, Split::Feature] {
            let order = Order {
                split,
                ..order(&profile, &settings)
            };
            let bundle = match generate::run(&order) {
                Ok(generated) => {
                    let unmet = generated.proof.entities.iter().map(|it| it.unmet.len());
                    assert_eq!(unmet.sum::<usize>(), 0, "{name} {split:?}");
                    generated.bundle
                }
                Err(Failure::Limit { what, .. }) => {
                    assert!(what.contains("managed policies"), "{what}");
                    continue;
                }
                Err(failure) => panic!("{name} {split:?}: {failure:?}"),
            };
            assert_eq!(documents::complaints(&bundle), Vec::<String>::new());
        }
    }
}

#[test]
fn rules_find_nothing_wrong_in_what_is_generated() {
    let mut wrong = Vec::new();
    for name in PROVEN {
        let profile = profile(name);
        for subset in subsets::corners(&profile) {
            let settings = settings(&subset);
            let generated = generate::run(&order(&profile, &settings)).unwrap();
            for finding in documents::findings(&generated.bundle) {
                wrong.push(format!("{name} {}: {finding}", subset.name));
            }
        }
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Random profiles: proven where they can be, and whatever is taken out of what they get, a request
/// is no longer allowed.
#[test]
fn random_profiles_are_proven_and_nothing_in_them_is_idle() {
    let asked = std::env::var("GENERATE_CASES").ok();
    let cases: u64 = asked.map_or(1, |it| it.parse().unwrap()) * 60;
    let first: u64 = std::env::var("GENERATE_SEED").map_or(1, |it| it.parse().unwrap());
    let outcomes: Vec<(u64, Outcome)> = (first..first + cases)
        .into_par_iter()
        .map(|seed| (seed, random_case(seed)))
        .collect();
    let count = |wanted: fn(&Outcome) -> bool| outcomes.iter().filter(|it| wanted(&it.1)).count();
    let proven = count(|it| matches!(it, Outcome::Proven));
    let wrong: Vec<String> = outcomes
        .iter()
        .filter_map(|(seed, it)| match it {
            Outcome::Wrong(what) => Some(format!("GENERATE_SEED={seed}: {what}")),
            _ => None,
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Else the property would hold for want of profiles.
    let open = count(|it| matches!(it, Outcome::Open));
    let refused: Vec<&str> = outcomes
        .iter()
        .filter_map(|(_, it)| match it {
            Outcome::Refused(why) => Some(&**why),
            _ => None,
        })
        .collect();
    assert!(
        proven * 3 >= outcomes.len(),
        "{proven} proven, {open} open, {} refused:\n{}",
        refused.len(),
        refused.join("\n")
    );
}

enum Outcome {
    Proven,
    /// Something about it is not known, or nothing has to be allowed.
    Open,
    /// The profile does not fit the catalog.
    Refused(String),
    Wrong(String),
}

fn random_case(seed: u64) -> Outcome {
    let text = profiles::random_profile(&mut random::Random::new(seed));
    let profile = match Profile::parse("random", &text) {
        Ok(profile) => profile,
        Err(errors) => return Outcome::Refused(errors[0].message.clone()),
    };
    let settings = Settings::default();
    let generated = match run(&profile, &settings) {
        Ok(generated) => generated,
        // Nobody has to give permission for it.
        Err(Failure::Nothing { .. }) => return Outcome::Open,
        Err(failure) => return Outcome::Wrong(format!("{failure:?}\n{text}")),
    };
    let wrong = |what: String| Outcome::Wrong(format!("{what}\n{text}"));
    let complaints = documents::complaints(&generated.bundle);
    if !complaints.is_empty() {
        return wrong(complaints.join("\n"));
    }
    let mut is_open = false;
    for proven in &generated.proof.entities {
        let minimality = proven.minimality.as_ref().unwrap();
        if !minimality.superfluous.is_empty() {
            return wrong(format!("{:?}", minimality.superfluous));
        }
        if let generate::Containment::Exceeds(request) = &proven.contained {
            return wrong(format!("{request} is allowed"));
        }
        if !proven.unmet.is_empty() {
            // What no identity policy could meet: a resource's own policy decides, or the service
            // denies it on some of the family.
            let unmeetable = requests::unmeetable(&profile, &generated.settings);
            let mut unmet = proven.unmet.iter();
            if let Some(unmet) = unmet.find(|it| !unmeetable.contains(&it.id)) {
                return wrong(format!("{unmet:?}"));
            }
            is_open = true;
        }
        is_open |= !minimality.open.is_empty();
    }
    for access in Access::all(&profile, &generated) {
        if !is_open {
            let denied = access.denied();
            if !denied.is_empty() {
                return wrong(denied.join("\n"));
            }
        }
        let idle = deletions::elements(&access);
        if !idle.is_empty() && !is_open {
            return wrong(idle.join("\n"));
        }
        let (_, superfluous) = deletions::conditions(&access);
        if !superfluous.is_empty() && !is_open {
            return wrong(superfluous.join("\n"));
        }
    }
    match is_open {
        true => Outcome::Open,
        false => Outcome::Proven,
    }
}
