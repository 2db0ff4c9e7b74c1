//! A bounded list of findings: a hostile text must not fill the memory with them.

use crate::finding::{Finding, FindingType};

/// How many findings of one text are kept. Nobody reads more, and the count says the rest.
const MOST: usize = 1000;

/// Findings, the first of them kept and all of them counted.
#[derive(Default)]
pub(super) struct Few {
    kept: Vec<Finding>,
    left_out: usize,
}

impl Few {
    pub(super) fn push(&mut self, finding: Finding) {
        self.push_with(|| finding);
    }

    /// Adds a finding that is only made if it is kept.
    pub(super) fn push_with(&mut self, finding: impl FnOnce() -> Finding) {
        if self.kept.len() < MOST {
            self.kept.push(finding());
        } else {
            self.left_out += 1;
        }
    }

    pub(super) fn append(&mut self, other: Self) {
        self.left_out += other.left_out;
        other.kept.into_iter().for_each(|it| self.push(it));
    }

    /// Returns the findings, with one at the end that counts those left out.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        if let Some(last) = self.kept.last().filter(|_| self.left_out > 0) {
            let message = format!("{} more findings like these are left out", self.left_out);
            let finding = Finding::new(
                "more-findings",
                FindingType::Error,
                last.primary.location,
                message,
            )
            .why("a file with this many has a common cause")
            .help("put the first ones right, then look again");
            self.kept.push(finding);
        }
        self.kept
    }
}
