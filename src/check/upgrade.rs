//! What a newer version of a profile means for policies that are installed.
//!
//! Both versions are judged against the same documents; requirements are the same if they have the
//! same id.

use super::{Judged, Report, Verdict};
use crate::profile::Strength;

/// A requirement of the newer version that the policies do not meet.
#[derive(Clone, Debug)]
pub struct Unmet<'a> {
    /// Its verdict under the newer version.
    pub judged: &'a Judged,
    /// Its verdict under the older version; none: it is new.
    pub before: Option<Verdict>,
}

impl Unmet<'_> {
    /// Returns whether the newer version makes the policies insufficient: the requirement counts,
    /// is certainly not met, and was met before or was not there.
    #[must_use]
    pub fn breaks(&self) -> bool {
        let had = self.before.is_none_or(|it| it == Verdict::Met);
        had && self.judged.blocks()
    }

    /// Returns whether it can only now not be decided.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.judged.call.strength == Strength::Required
            && self.judged.verdict == Verdict::Unknown
            && self.before != Some(Verdict::Unknown)
    }
}

/// Returns the requirements of the newer version that are not met, what breaks first.
#[must_use]
pub fn unmet<'a>(older: &Report, newer: &'a Report) -> Vec<Unmet<'a>> {
    let before = |judged: &Judged| {
        let same = older
            .requirements
            .iter()
            .find(|it| it.call.id == judged.call.id);
        same.map(|it| it.verdict)
    };
    let open = newer
        .requirements
        .iter()
        .filter(|it| it.verdict != Verdict::Met);
    let mut unmet: Vec<Unmet<'_>> = open
        .map(|judged| Unmet {
            judged,
            before: before(judged),
        })
        .collect();
    unmet.sort_by_key(|it| (!it.breaks(), !it.is_in_doubt()));
    unmet
}

/// Returns the ids of requirements that are met under the newer version and were not before.
#[must_use]
pub fn mended(older: &Report, newer: &Report) -> Vec<String> {
    let is_met = |report: &Report, id: &str| {
        let found = report.requirements.iter().find(|it| it.call.id == id);
        found.map(|it| it.verdict == Verdict::Met)
    };
    let met = newer
        .requirements
        .iter()
        .filter(|it| it.verdict == Verdict::Met);
    met.map(|it| it.call.id.clone())
        .filter(|id| is_met(older, id) == Some(false))
        .collect()
}
