//! Which rules run, and how much their findings matter.

use super::{Persona, Rule, rules};
use crate::finding::FindingType;

/// What a user says about rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selection {
    /// Who reads the findings.
    pub persona: Persona,
    /// Only these, whatever the persona; empty: those of the persona.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// Types that differ from the rules' own.
    pub types: Vec<(String, FindingType)>,
}

/// A name that no rule has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRule {
    /// The name.
    pub name: String,
    /// The name that it most likely stands for.
    pub similar: Option<&'static str>,
}

/// Rules to run, with the type of their findings.
#[derive(Clone, Debug)]
pub struct Selected {
    /// By name.
    pub rules: Vec<(&'static Rule, FindingType)>,
}

impl Selection {
    /// Returns the rules that it selects; a name may be an alias.
    ///
    /// # Errors
    ///
    /// Names that no rule has.
    pub fn resolve(&self) -> Result<Selected, Vec<UnknownRule>> {
        let names = self.select.iter().chain(&self.ignore);
        let names = names.chain(self.types.iter().map(|(name, _)| name));
        let unknown: Vec<_> = names.filter_map(|name| unknown(name)).collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let names = |list: &[String], rule: &Rule| list.iter().any(|it| is_name(rule, it));
        let is_on = |rule: &&'static Rule| {
            let selected = match self.select.as_slice() {
                [] => rule.meta.persona <= self.persona && !rule.meta.preview,
                list => names(list, rule),
            };
            selected && !names(&self.ignore, rule)
        };
        let rules = rules().iter().filter(is_on).map(|rule| {
            let own = self
                .types
                .iter()
                .rev()
                .find(|(name, _)| is_name(rule, name));
            (rule, own.map_or(rule.meta.finding_type, |(_, it)| *it))
        });
        Ok(Selected {
            rules: rules.collect(),
        })
    }
}

/// Returns what is wrong with a name of a rule, if anything.
#[must_use]
pub fn unknown(name: &str) -> Option<UnknownRule> {
    if super::find(name).is_some() {
        return None;
    }
    let names = rules()
        .iter()
        .flat_map(|it| it.meta.aliases.iter().copied().chain([it.meta.name]));
    let closest = names
        .map(|it| (strsim::osa_distance(it, name), it))
        .min_by_key(|(distance, _)| *distance);
    let most = 1 + name.chars().count() / 3;
    Some(UnknownRule {
        name: name.to_owned(),
        similar: closest.filter(|(it, _)| *it <= most).map(|(_, it)| it),
    })
}

fn is_name(rule: &Rule, name: &str) -> bool {
    rule.meta.name == name || rule.meta.aliases.contains(&name)
}
