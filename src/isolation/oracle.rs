//! Who answers whether a request of a family may be allowed: the exact engine, behind a trait so
//! that tests can put another in its place, and a memory, for the same question comes up often.

use std::collections::{BTreeSet, HashMap};

use super::family::{Family, document};
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

/// Asks, remembers, and keeps what stayed open.
pub(super) struct Asker<'a> {
    oracle: &'a dyn Oracle,
    answers: HashMap<(u64, String), Found>,
    families: HashMap<String, Document>,
    /// Questions that were put to the engine.
    pub(super) asked: usize,
    pub(super) doubts: Vec<Doubt>,
    described: BTreeSet<String>,
}

impl<'a> Asker<'a> {
    pub(super) fn new(oracle: &'a dyn Oracle) -> Self {
        Self {
            oracle,
            answers: HashMap::new(),
            families: HashMap::new(),
            asked: 0,
            doubts: Vec::new(),
            described: BTreeSet::new(),
        }
    }

    /// Whether some request of the family is allowed; `power` names the access.
    pub(super) fn allowed(
        &mut self,
        mode: Mode,
        family: &Family,
        power: u64,
        access: &Access<'_>,
    ) -> Answer {
        let text = family.text();
        let found = match self.answers.get(&(power, text.clone())) {
            Some(found) => found.clone(),
            None => {
                let family = self
                    .families
                    .entry(text.clone())
                    .or_insert_with_key(|text| document(text, Kind::Identity));
                self.asked += 1;
                let found = self
                    .oracle
                    .find_allowed(std::slice::from_ref(family), access);
                self.answers.insert((power, text), found.clone());
                found
            }
        };
        self.judge(mode, found)
    }

    /// Whether some request of these documents is allowed.
    pub(super) fn allowed_of(
        &mut self,
        mode: Mode,
        family: &[Document],
        access: &Access<'_>,
    ) -> Answer {
        self.asked += 1;
        let found = self.oracle.find_allowed(family, access);
        self.judge(mode, found)
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
        self.judge(mode, found)
    }

    fn judge(&mut self, mode: Mode, found: Found) -> Answer {
        match found {
            Found::Nothing => Answer::No,
            Found::Request(witness) => Answer::Yes(Some(witness)),
            Found::Unknown(doubt) => {
                if self.described.insert(doubt.detail.clone()) {
                    self.doubts.push(doubt);
                }
                match mode {
                    Mode::May => Answer::Yes(None),
                    Mode::Must => Answer::No,
                }
            }
        }
    }
}
