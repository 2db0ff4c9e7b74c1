//! Which features to switch on: the corners, each one by itself, and seeded random choices.

use std::collections::BTreeMap;

use rolecall::profile::{Profile, Settings};

use crate::random::Random;

/// A choice of features.
#[derive(Clone, Debug)]
pub(crate) struct Subset {
    /// What it is called where something is wrong with it.
    pub(crate) name: String,
    /// Features that are not as by default.
    pub(crate) features: BTreeMap<String, bool>,
}

/// The defaults, everything on, everything off.
pub(crate) fn corners(profile: &Profile) -> [Subset; 3] {
    let all = |on: bool| {
        let features = profile.features.iter();
        features.map(|it| (it.name.clone(), on)).collect()
    };
    let subset = |name: &str, features| Subset {
        name: name.to_owned(),
        features,
    };
    [
        subset("defaults", BTreeMap::new()),
        subset("all on", all(true)),
        subset("all off", all(false)),
    ]
}

/// The corners and two random choices; `GENERATE_SUBSETS` asks for each feature toggled and so many
/// random choices, or for pairs of features too.
pub(crate) fn subsets(profile: &Profile) -> Vec<Subset> {
    let asked = std::env::var("GENERATE_SUBSETS").unwrap_or_default();
    let mut subsets: Vec<Subset> = corners(profile).into();
    let toggled = |names: &[&str]| {
        let on = |name: &str| !profile.is_on(name, &Settings::default());
        Subset {
            name: format!("toggled: {}", names.join(", ")),
            features: names.iter().map(|it| ((*it).to_owned(), on(it))).collect(),
        }
    };
    let names: Vec<&str> = profile.features.iter().map(|it| &*it.name).collect();
    if !asked.is_empty() {
        subsets.extend(names.iter().map(|it| toggled(&[it])));
    }
    if asked == "pairs" {
        for (at, one) in names.iter().enumerate() {
            subsets.extend(names[at + 1..].iter().map(|other| toggled(&[one, other])));
        }
    }
    let mut random = Random::new(5);
    for at in 0..asked.parse().unwrap_or(2) {
        // Few features in some, many in others.
        let percent = 10 + random.below(80);
        let chosen: BTreeMap<String, bool> = names
            .iter()
            .map(|it| ((*it).to_owned(), random.chance(percent)))
            .collect();
        let on: Vec<&str> = names.iter().filter(|it| chosen[**it]).copied().collect();
        subsets.push(Subset {
            name: format!("random {at}: {}", on.join(", ")),
            features: chosen,
        });
    }
    subsets
}
