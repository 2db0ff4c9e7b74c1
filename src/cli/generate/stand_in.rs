//! Values that stand in for the inputs of a module or template, each unlike anything else.

use crate::emit::Symbol;
use crate::profile::{Profile, Settings};

/// Returns the settings with stand-ins for every variable that a module takes as an input, and what
/// each stands for.
///
/// A boundary's ARN follows from others, a list of several regions decides how many statements
/// there are, and a partition is what the account says: those keep their values.
pub(super) fn stand_ins(profile: &Profile, settings: &Settings) -> (Settings, Vec<Symbol>) {
    let mut changed = settings.clone();
    let mut symbols = Vec::new();
    for variable in &profile.variables {
        let name = variable.name.as_str();
        let given = settings.variables.get(name).or(variable.default.as_ref());
        let value = match given.map(Vec::as_slice) {
            Some([one]) => Some(one.clone()),
            // Without a value the module has to ask for it.
            None if !variable.kind.list => None,
            _ => continue,
        };
        let word = variable.kind.word();
        let length = value.as_ref().map_or(16, String::len);
        let ends_in_dash = value.as_ref().is_none_or(|it| it.ends_with('-'));
        let text = match word.trim_end_matches("-list") {
            "account-id" if name == "account" => "998877665544".to_owned(),
            "region" => region_of(length),
            "name-prefix" if ends_in_dash => format!("{}-", filler(symbols.len(), length - 1)),
            "text" | "name-prefix" => filler(symbols.len(), length),
            "path" if length > 2 => format!("/{}/", filler(symbols.len(), length - 2)),
            _ => continue,
        };
        // Too short to be told from other text: it keeps its value.
        if text.len() < SHORTEST {
            continue;
        }
        // Another domain would mean other identity providers than AWS's.
        let is_fixed = name == "dns-suffix";
        if is_fixed || value.as_ref().is_some_and(|it| it.contains('*')) {
            continue;
        }
        let default = match name {
            // Nobody else's account or external id may be taken over by mistake.
            "account" | "external-id" => None,
            _ => value,
        };
        changed
            .variables
            .insert(name.to_owned(), vec![text.clone()]);
        symbols.push(Symbol {
            input: name.to_owned(),
            text,
            default,
        });
    }
    (changed, symbols)
}

/// The shortest stand-in that can be told from other text.
const SHORTEST: usize = 6;

/// Returns letters that mean nothing, as many as the value has, so that what is made of stand-ins
/// fits AWS's limits as what is made of values does; others for each place.
fn filler(place: usize, length: usize) -> String {
    let letters = ('a'..='z').cycle().skip(place * 3 % 26);
    let middle: String = letters.take(length.saturating_sub(4)).collect();
    format!("zq{:x}{middle}qz", place % 16)
        .chars()
        .take(length)
        .collect()
}

/// Returns a text that is read as a region and is none.
fn region_of(length: usize) -> String {
    format!("zz-{}-9", "q".repeat(length.saturating_sub(5).max(1)))
}
