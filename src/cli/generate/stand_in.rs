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
        let text = match word.trim_end_matches("-list") {
            "account-id" if name == "account" => "998877665544".to_owned(),
            "region" => "zz-standin-9".to_owned(),
            "name-prefix" if value.as_ref().is_none_or(|it| it.ends_with('-')) => {
                format!("standin-{name}-")
            }
            "text" | "name-prefix" => format!("standin-{name}-x"),
            "path" if value.as_ref().is_some_and(|it| it != "/") => format!("/standin-{name}/"),
            _ => continue,
        };
        if value.as_ref().is_some_and(|it| it.contains('*')) {
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
