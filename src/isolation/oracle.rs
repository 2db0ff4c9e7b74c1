//! Who answers whether a request of a family may be allowed: the exact engine, behind a trait so
//! that tests can put another in its place, and a memory, for the same question comes up often.

use std::collections::BTreeSet;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::family::{Family, document};
use super::guess;
use super::plausible;
use super::scene::Scene;
use crate::analyze::Access;
use crate::analyze::{Analysis, Doubt, Found, Witness};
use crate::policy::{Document, Kind};

/// Answers questions about all requests of a family.
pub trait Oracle {
    /// Looks for a request of the family that is allowed.
    fn find_allowed(&self, family: &[Document], access: &Access<'_>) -> Found;
    /// Looks for a request of the family that is denied.
    fn find_denied(&self, family: &[Document], access: &Access<'_>) -> Found;
}

impl Oracle for Analysis<'_> {
    fn find_allowed(&self, family: &[Document], access: &Access<'_>) -> Found {
        Analysis::find_allowed(self, family, access)
    }

    fn find_denied(&self, family: &[Document], access: &Access<'_>) -> Found {
        Analysis::find_denied(self, family, access)
    }
}

/// How an open question counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// As allowed: nothing found is a proof.
    May,
    /// As denied: what is found is certain.
    Must,
}

/// What came of a question, with the mode applied.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    No,
    /// With a request that shows it; none where the question stayed open.
    Yes(Option<Box<Witness>>),
}

impl Answer {
    pub(super) const fn is_yes(&self) -> bool {
        matches!(self, Self::Yes(_))
    }
}

/// What was found with a name that AWS gives, where the search took one that it does not.
fn tidy(scene: &Scene<'_>, family: &[Document], access: &Access<'_>, found: Found) -> Found {
    match found {
        Found::Request(witness) => {
            let witness = plausible::tidy(scene, family, access, *witness);
            Found::Request(Box::new(witness))
        }
        other => other,
    }
}

/// Asks, remembers, and keeps what stayed open.
pub(super) struct Asker<'a> {
    oracle: &'a dyn Oracle,
    /// Answers by the access that they are about.
    answers: FxHashMap<u64, FxHashMap<Family, Rc<Found>>>,
    /// Answers about given families, by their place.
    given: FxHashMap<(u64, usize), Rc<Found>>,
    families: FxHashMap<Family, Document>,
    /// Answers that still hold after a change, where the family has none of the changed actions.
    before: Option<(&'a Asker<'a>, Vec<String>)>,
    /// Questions that were put to the engine.
    pub(super) asked: usize,
    pub(super) doubts: Vec<Doubt>,
    described: BTreeSet<String>,
}

impl<'a> Asker<'a> {
    pub(super) fn new(oracle: &'a dyn Oracle) -> Self {
        Self {
            oracle,
            answers: FxHashMap::default(),
            given: FxHashMap::default(),
            families: FxHashMap::default(),
            before: None,
            asked: 0,
            doubts: Vec::new(),
            described: BTreeSet::new(),
        }
    }

    /// Asks about documents that differ from another's in what they say of some actions.
    pub(super) fn after(before: &'a Asker<'a>, changed: Vec<String>) -> Self {
        Self {
            before: Some((before, changed)),
            ..Self::new(before.oracle)
        }
    }

    /// Whether some request of the family is allowed; `power` names the access.
    pub(super) fn allowed(
        &mut self,
        mode: Mode,
        scene: &Scene<'_>,
        family: &Family,
        power: u64,
        access: &Access<'_>,
    ) -> Answer {
        if let Some(found) = self.known(power, family) {
            return self.judge(mode, &found);
        }
        let before = self
            .before
            .as_ref()
            .filter(|(_, changed)| !family.names_any(changed));
        let known = before.and_then(|(before, _)| before.known(power, family));
        let found = known.unwrap_or_else(|| Rc::new(self.find_new(scene, family, access)));
        let answers = self.answers.entry(power).or_default();
        answers.insert(family.clone(), Rc::clone(&found));
        self.judge(mode, &found)
    }

    fn known(&self, power: u64, family: &Family) -> Option<Rc<Found>> {
        self.answers.get(&power)?.get(family).map(Rc::clone)
    }

    fn find_new(&mut self, scene: &Scene<'_>, family: &Family, access: &Access<'_>) -> Found {
        let document = self
            .families
            .entry(family.clone())
            .or_insert_with_key(|family| document(&family.text(), Kind::Identity));
        if let Some(witness) = guess::request(scene, family, document, access) {
            return Found::Request(Box::new(witness));
        }
        self.asked += 1;
        let family = std::slice::from_ref(document);
        tidy(
            scene,
            family,
            access,
            self.oracle.find_allowed(family, access),
        )
    }

    /// Whether some request of what must not be allowed, by its place in the input, is; `power`
    /// names the access.
    pub(super) fn reaches(
        &mut self,
        mode: Mode,
        scene: &Scene<'_>,
        must_not: usize,
        power: u64,
        access: &Access<'_>,
    ) -> Answer {
        let key = (power, must_not);
        let found = match self.given.get(&key) {
            Some(found) => Rc::clone(found),
            None => {
                let families = &scene.input.must_not[must_not].families;
                let found = self.find(families, access);
                Rc::new(tidy(scene, families, access, found))
            }
        };
        self.given.insert(key, Rc::clone(&found));
        self.judge(mode, &found)
    }

    /// Whether some request of these documents is allowed.
    pub(super) fn allowed_of(
        &mut self,
        mode: Mode,
        scene: &Scene<'_>,
        family: &[Document],
        access: &Access<'_>,
    ) -> Answer {
        let found = self.find(family, access);
        self.judge(mode, &tidy(scene, family, access, found))
    }

    /// The plain answer.
    pub(super) fn find(&mut self, family: &[Document], access: &Access<'_>) -> Found {
        self.asked += 1;
        self.oracle.find_allowed(family, access)
    }

    /// Whether some request of the family is denied.
    pub(super) fn denied(&mut self, mode: Mode, family: &Family, access: &Access<'_>) -> Answer {
        self.asked += 1;
        let family = document(&family.text(), Kind::Identity);
        let found = self
            .oracle
            .find_denied(std::slice::from_ref(&family), access);
        self.judge(mode, &found)
    }

    fn judge(&mut self, mode: Mode, found: &Found) -> Answer {
        match found {
            Found::Nothing => Answer::No,
            Found::Request(witness) => Answer::Yes(Some(witness.clone())),
            Found::Unknown(doubt) => {
                if self.described.insert(doubt.detail.clone()) {
                    self.doubts.push(doubt.clone());
                }
                match mode {
                    Mode::May => Answer::Yes(None),
                    Mode::Must => Answer::No,
                }
            }
        }
    }
}
