//! Values for policy variables: those that can matter, one after the other.
//!
//! A variable that stays open is read as "any text". That proves what it can; the rest is settled
//! here by putting texts in its place: every text that the policies spell out, every middle that
//! makes a template one of them, nothing at all, and "any other text" for what is left.

use super::scene::{Assignment, Setting, variables_of};
use crate::catalog::Catalog;
use crate::policy::{Effect, Operand, Statement};

/// One attempt.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) assignment: Assignment,
    /// Whether all such attempts together leave no request out.
    pub(super) is_part_of_proof: bool,
}

/// How many texts a variable is tried with.
const MAX_TEXTS: usize = 24;
/// How many attempts are made in all.
const MAX_ATTEMPTS: usize = 600;

pub(super) fn attempts(statements: &[(&Statement, Effect)], catalog: &Catalog) -> Vec<Attempt> {
    let mut keys: Vec<String> = Vec::new();
    let mut defaults: Vec<String> = Vec::new();
    for (statement, _) in statements {
        for variable in variables_of(statement) {
            let multivalued = catalog
                .condition_key(&variable.key)
                .is_some_and(|it| it.multivalued);
            if !multivalued && !keys.iter().any(|it| **it == *variable.key) {
                keys.push(variable.key.to_string());
            }
            defaults.extend(variable.default.iter().map(|it| it.to_string()));
        }
    }
    if keys.is_empty() {
        return Vec::new();
    }
    let spelt = spelt(statements);
    let templates = templates(statements);
    let mut pinned: Vec<String> = Vec::new();
    let mut add = |text: String| {
        if !text.is_empty() && pinned.len() < MAX_TEXTS && !pinned.contains(&text) {
            pinned.push(text);
        }
    };
    for template in &templates {
        for text in &spelt {
            if let Some(middle) = middle(template, text) {
                add(middle);
            }
        }
    }
    for text in spelt.iter().chain(&defaults) {
        add(text.clone());
    }
    let fresh = ["value", "another", "a:b", "a/b", "x"].map(str::to_owned);
    let fresh: Vec<String> = fresh
        .into_iter()
        .filter(|it| !pinned.contains(it))
        .collect();
    let mut attempts = Vec::new();
    // Plausible ones first, then those that make the proof.
    let guesses: Vec<Setting> = fresh
        .iter()
        .chain(&pinned)
        .cloned()
        .map(Setting::Value)
        .chain([Setting::Nothing])
        .collect();
    let mut parts: Vec<Setting> = vec![Setting::Nothing];
    parts.extend(pinned.iter().cloned().map(Setting::Value));
    parts.push(Setting::Other(pinned));
    combine(&keys, &guesses, false, &mut attempts);
    combine(&keys, &parts, true, &mut attempts);
    attempts
}

fn combine(keys: &[String], settings: &[Setting], is_part: bool, attempts: &mut Vec<Attempt>) {
    let total = settings
        .len()
        .checked_pow(u32::try_from(keys.len()).unwrap_or(u32::MAX));
    let Some(total) = total.filter(|it| *it <= MAX_ATTEMPTS) else {
        if is_part {
            // Too many to leave nothing out: an attempt that nothing settles.
            attempts.push(Attempt {
                assignment: Assignment::new(),
                is_part_of_proof: true,
            });
        } else {
            // One value for all of them at a time, and each by itself with the rest absent.
            for setting in settings {
                let all = keys
                    .iter()
                    .map(|key| (key.clone(), setting.clone()))
                    .collect();
                attempts.push(Attempt {
                    assignment: all,
                    is_part_of_proof: false,
                });
            }
        }
        return;
    };
    for number in 0..total {
        let mut rest = number;
        let mut assignment = Assignment::new();
        for key in keys {
            assignment.push((key.clone(), settings[rest % settings.len()].clone()));
            rest /= settings.len();
        }
        attempts.push(Attempt {
            assignment,
            is_part_of_proof: is_part,
        });
    }
}

/// Every text without variables in conditions and resources.
fn spelt(statements: &[(&Statement, Effect)]) -> Vec<String> {
    let mut texts = Vec::new();
    for (statement, _) in statements {
        let values = statement.conditions.iter().flat_map(|it| &it.values);
        let values = values
            .filter(|it| it.operand == Operand::Text)
            .map(|it| &it.template);
        let resources = statement.resource.iter().flat_map(|it| &it.patterns);
        for template in values.chain(resources.map(|it| &it.template)) {
            if template.variables().next().is_none() {
                texts.push(template.text().to_owned());
            }
        }
    }
    texts.sort();
    texts.dedup();
    texts
}

/// What stands before and behind the first variable of each template, up to a wildcard.
fn templates(statements: &[(&Statement, Effect)]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (statement, _) in statements {
        let values = statement.conditions.iter().flat_map(|it| &it.values);
        let resources = statement.resource.iter().flat_map(|it| &it.patterns);
        let texts = values
            .map(|it| it.template.text())
            .chain(resources.map(|it| it.template.text()));
        for text in texts.filter(|it| it.contains("${")) {
            let (before, rest) = text.split_once("${").unwrap_or((text, ""));
            let after = rest.split_once('}').map_or("", |(_, after)| after);
            let after = after.split(['*', '?', '$']).next().unwrap_or_default();
            let pair = (before.to_owned(), after.to_owned());
            if !found.contains(&pair) {
                found.push(pair);
            }
        }
    }
    found
}

/// Returns the text that makes a template one that a pattern matches.
fn middle((before, after): &(String, String), text: &str) -> Option<String> {
    let rest = text.strip_prefix(before.as_str())?;
    let cut = rest.split(['*', '?']).next().unwrap_or(rest);
    let middle = match after.is_empty() {
        true => cut.to_owned(),
        false => cut.split(after.as_str()).next().unwrap_or(cut).to_owned(),
    };
    Some(middle)
}
