//! Baselines: the findings that were there when a team began, so that only new ones fail.
//!
//! A finding is known again by its rule, file, statement and words, not by its line. A baseline
//! only ever shrinks: what is gone is reported as stale.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::rule::fingerprint_with_words;

const SCHEMA: &str = "rolecall/baseline/v1";

/// Findings that are known, by their fingerprints, with how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    known: BTreeMap<String, (Known, usize)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    rule: String,
    path: String,
    message: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    findings: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    fingerprint: String,
    count: usize,
    rule: String,
    path: String,
    message: String,
}

/// Why a text is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is not the JSON that we write.
    #[error("not a baseline: {0}; write it anew with `--write-baseline`")]
    Format(#[from] serde_json::Error),
    /// It is of another version.
    #[error("a baseline of the format `{0}`, which this version of rolecall does not know")]
    Version(String),
}

impl Baseline {
    /// Adds a finding.
    pub fn add(&mut self, finding: &Finding, path: &str) {
        let known = || Known {
            rule: finding.rule.to_owned(),
            path: path.to_owned(),
            message: finding.message.clone(),
        };
        let entry = self.known.entry(fingerprint_with_words(finding, path));
        entry.or_insert_with(|| (known(), 0)).1 += 1;
    }

    /// Takes a finding out; returns whether it was known.
    pub fn take(&mut self, finding: &Finding, path: &str) -> bool {
        match self.known.get_mut(&fingerprint_with_words(finding, path)) {
            Some((_, count)) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }

    /// Returns how many findings were never taken out.
    #[must_use]
    pub fn left(&self) -> usize {
        self.known.values().map(|(_, count)| count).sum()
    }

    /// Reads a baseline.
    ///
    /// # Errors
    ///
    /// The text is no baseline, or one of another version.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let file: File = serde_json::from_str(text)?;
        if file.schema != SCHEMA {
            return Err(BaselineError::Version(file.schema));
        }
        let known = file.findings.into_iter().map(|row| {
            let known = Known {
                rule: row.rule,
                path: row.path,
                message: row.message,
            };
            (row.fingerprint, (known, row.count))
        });
        Ok(Self {
            known: known.collect(),
        })
    }

    /// Returns it as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let rows = self.known.iter().map(|(fingerprint, (known, count))| Row {
            fingerprint: fingerprint.clone(),
            count: *count,
            rule: known.rule.clone(),
            path: known.path.clone(),
            message: known.message.clone(),
        });
        let file = File {
            schema: SCHEMA.into(),
            findings: rows.collect(),
        };
        serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
    }
}
