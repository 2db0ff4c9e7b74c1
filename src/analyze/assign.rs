//! Values for policy variables: those that can matter, one after the other.
//!
//! A variable that stays open is read as "any text". That proves what it can; the rest is settled
//! here by putting texts in its place: every text that the policies spell out, every middle that
//! makes a template one of them, nothing at all, and "any other text" for what is left.

use super::automaton::{Word, cells, find_word};
use super::language::{Language, glob, literal, text_of};
use super::scene::{Assignment, Setting};
use super::template::variables_of;
use crate::catalog::Catalog;
use crate::policy::{Effect, Operand, Statement, Test};

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
    if let Some(parts) = exact_parts(statements, keys.len()) {
        // Every variable is only compared as a whole: these leave nothing out.
        let mut attempts = Vec::new();
        combine(&keys, &parts, true, &mut attempts);
        return attempts;
    }
    let fresh = ["value", "another", "a:b", "a/b", "x"].map(str::to_owned);
    let fresh: Vec<String> = fresh
        .into_iter()
        .chain(filled_in(&templates))
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

/// Returns texts of templates, for values that are compared with other variables.
fn filled_in(templates: &[(String, String)]) -> Vec<String> {
    let fill = |(before, after): &(String, String)| {
        let text = format!("{before}value{after}")
            .replace('?', "x")
            .replace('*', "");
        text.rsplit(':').next().unwrap_or_default().to_owned()
    };
    let mut texts: Vec<String> = templates.iter().map(fill).collect();
    texts.sort();
    texts.dedup();
    texts.truncate(8);
    texts
}

/// If variables are only compared with whole values of keys: nothing, and for each combination of
/// the languages in play as many texts as there are variables. Texts of one combination differ in
/// nothing but being equal to each other, so these leave nothing out.
fn exact_parts(statements: &[(&Statement, Effect)], count: usize) -> Option<Vec<Setting>> {
    let mut languages: Vec<Language> = vec![Language::one(Box::default())];
    for (statement, _) in statements {
        let resources = statement.resource.iter().flat_map(|it| &it.patterns);
        if resources
            .flat_map(|it| it.template.variables())
            .next()
            .is_some()
        {
            return None;
        }
        for condition in &statement.conditions {
            let test = condition.operator.map(|it| it.test);
            for value in &condition.values {
                let text = value.template.text();
                let variables = value.template.variables().count();
                let is_whole = text.starts_with("${") && text.find('}') == Some(text.len() - 1);
                let language = match (test, variables) {
                    (Some(Test::StringEquals | Test::StringLike), 1) if is_whole => continue,
                    (_, 1..) if value.operand == Operand::Text => return None,
                    // Escaped wildcards.
                    _ if value.template.has_variables() => return None,
                    (Some(Test::StringEquals), _) => literal(text),
                    (Some(Test::StringLike), _) if !text.contains('$') => glob(text),
                    (Some(Test::Null | Test::Bool | Test::Binary), _) | (None, _) => continue,
                    (Some(Test::Numeric(_) | Test::Date(_) | Test::IpAddress), _) => continue,
                    _ => return None,
                };
                languages.push(Language::one(language));
            }
        }
    }
    let own: Vec<&Language> = languages.iter().collect();
    let mut parts = vec![Setting::Nothing];
    for cell in cells(&own, 500).ok()? {
        let mut taken: Vec<Language> = Vec::new();
        let text = text_of(&cell.word);
        if text.is_empty() {
            continue;
        }
        taken.push(Language::one(literal(&text)));
        parts.push(Setting::Value(text));
        while taken.len() < count {
            let (mut inside, mut outside) = (Vec::new(), Vec::new());
            for (at, language) in languages.iter().enumerate() {
                if cell.vector.contains(at) {
                    inside.push(language);
                } else {
                    outside.push(language);
                }
            }
            outside.extend(&taken);
            let Word::Found(word) = find_word(&inside, &outside, 500).ok()? else {
                break;
            };
            let text = text_of(&word);
            taken.push(Language::one(literal(&text)));
            parts.push(Setting::Value(text));
        }
    }
    // Values that stand behind a variable as its default are texts like others.
    let defaults = statements.iter().flat_map(|(it, _)| variables_of(it));
    for default in defaults.filter_map(|it| it.default.as_deref()) {
        let setting = Setting::Value(default.to_owned());
        if !parts.contains(&setting) {
            parts.push(setting);
        }
    }
    (parts.len().checked_pow(u32::try_from(count).ok()?)? <= MAX_ATTEMPTS).then_some(parts)
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
