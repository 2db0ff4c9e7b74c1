//! Values for policy variables: those that can matter, one after the other.
//!
//! A variable that stays open is read as "any text". That proves what it can; the rest is settled
//! here by putting texts in its place: every text that the policies spell out, every middle that
//! makes a template one of them, nothing at all, and "any other text" for what is left.

use super::automaton::Word;
use super::language::{Language, glob, literal, text_of};
use super::memo::Memo;
use super::scene::{Assignment, Setting};
use super::template::variables_of;
use crate::policy::{Effect, Operand, Statement, Test};

/// How many texts a variable is tried with.
const MAX_TEXTS: usize = 24;
/// How many combinations of plausible texts are tried.
const MAX_GUESSES: usize = 200;

/// What the policy variables of some statements may stand for.
pub(super) struct Candidates {
    /// The keys of the variables.
    pub(super) keys: Vec<String>,
    /// Settings of a key that together leave no value out.
    pub(super) parts: Vec<Setting>,
    /// Settings that may well show a request, those that say most first.
    plausible: Vec<Setting>,
}

/// Returns the keys of the policy variables of some statements, in lower case; lists have no value
/// that a variable could stand for (V8).
pub(super) fn keys(
    statements: &[(&Statement, Effect)],
    is_list: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    let all = statements.iter().flat_map(|(it, _)| variables_of(it));
    for variable in all {
        if !is_list(&variable.key) && !keys.iter().any(|it| **it == *variable.key) {
            keys.push(variable.key.to_string());
        }
    }
    keys
}

impl Candidates {
    pub(super) fn new(keys: Vec<String>, statements: &[(&Statement, Effect)], memo: &Memo) -> Self {
        if keys.is_empty() {
            let (parts, plausible) = (Vec::new(), Vec::new());
            return Self {
                keys,
                parts,
                plausible,
            };
        }
        let templates = templates(statements);
        let spelt = spelt(statements);
        let variables = statements.iter().flat_map(|(it, _)| variables_of(it));
        let defaults = variables.filter_map(|it| it.default.as_deref().map(str::to_owned));
        let mut pinned: Vec<String> = Vec::new();
        let mut add = |text: String| {
            if !text.is_empty() && pinned.len() < MAX_TEXTS && !pinned.contains(&text) {
                pinned.push(text);
            }
        };
        // What stands before a template's variable can end another one's value.
        let starts = templates.iter().map(|(before, _)| before);
        let fitting: Vec<&String> = spelt.iter().chain(starts).collect();
        for template in &templates {
            for text in &fitting {
                if let Some(middle) = middle(template, text) {
                    add(middle);
                }
            }
        }
        for text in spelt.iter().cloned().chain(defaults) {
            add(text);
        }
        let fresh = ["value", "another", "a:b", "a/b", "x"].map(str::to_owned);
        let filled = filled_in(&templates);
        let longest = fresh.len().max(filled.len()).max(pinned.len());
        let mut plausible = vec![Setting::Nothing];
        for at in 0..longest {
            for list in [&fresh[..], &pinned, &filled] {
                let setting = list.get(at).cloned().map(Setting::Value);
                plausible.extend(setting.filter(|it| !plausible.contains(it)));
            }
        }
        // If every variable is only compared as a whole, a few texts leave nothing out.
        let parts = exact_parts(statements, keys.len(), memo).unwrap_or_else(|| {
            // What is most likely to stay open comes first.
            let mut parts = vec![Setting::Other(pinned.clone()), Setting::Nothing];
            parts.extend(pinned.into_iter().map(Setting::Value));
            parts
        });
        Self {
            keys,
            parts,
            plausible,
        }
    }

    /// Returns plausible settings for one key at a time, with the others open, and combinations:
    /// all of them where they are few, else those of the first ones, and each for all keys.
    pub(super) fn guesses(&self) -> Vec<Assignment> {
        let all = &self.plausible;
        let exponent = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        let fits = |it: &usize| it.checked_pow(exponent).is_some_and(|it| it <= MAX_GUESSES);
        let count = (1..=all.len()).rev().find(fits).unwrap_or(0);
        let combinations = (0..count.pow(exponent)).map(|number| {
            let mut rest = number;
            let of = |key: &String| {
                let setting = all[rest % count].clone();
                rest /= count;
                (key.clone(), setting)
            };
            self.keys.iter().map(of).collect()
        });
        let alike = all.iter().skip(count).map(|setting| {
            let of = |key: &String| (key.clone(), setting.clone());
            self.keys.iter().map(of).collect()
        });
        let alone = self.keys.iter().flat_map(|key| {
            let of = |setting: &Setting| vec![(key.clone(), setting.clone())];
            all.iter().map(of)
        });
        match self.keys.as_slice() {
            [_] => combinations.collect(),
            _ => alone.chain(combinations).chain(alike).collect(),
        }
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
fn exact_parts(
    statements: &[(&Statement, Effect)],
    count: usize,
    memo: &Memo,
) -> Option<Vec<Setting>> {
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
    let mut parts = vec![Setting::Nothing];
    for cell in memo.cells(&languages, 500).ok()?.iter() {
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
            let Word::Found(word) = memo.find_word(&inside, &outside, 500).ok()? else {
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
    Some(parts)
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
