//! What a customer chooses: values of variables, features, the actor and phases of interest.

use std::collections::BTreeMap;

use super::read::nearest;
use super::template::Binding;
use super::{Profile, Template, Variable};

/// The choices for one run; what is left out keeps the profile's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Values by the variable's name; several only for lists.
    pub variables: BTreeMap<String, Vec<String>>,
    /// Features switched on or off.
    pub features: BTreeMap<String, bool>,
    /// Only calls of these actors; none means all.
    pub actors: Vec<String>,
    /// Only calls of these phases; none means all.
    pub phases: Vec<String>,
}

/// A choice that the profile does not offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError {
    /// What is wrong; lower-case start, no final period.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
}

/// Every variable with its values, checked.
#[derive(Debug)]
pub(super) struct Values<'a> {
    pub(super) lists: Vec<(&'a str, &'a [String])>,
    pub(super) single: Binding<'a>,
}

impl Profile {
    /// Returns the values of all variables, or everything that is wrong with the settings.
    pub(super) fn resolve<'a>(
        &'a self,
        settings: &'a Settings,
    ) -> Result<Values<'a>, Vec<SettingError>> {
        let mut errors = Vec::new();
        self.check_names(settings, &mut errors);
        let mut values = Values {
            lists: Vec::new(),
            single: Binding::default(),
        };
        for variable in &self.variables {
            let name = variable.name.as_str();
            let given = settings.variables.get(name).or(variable.default.as_ref());
            let Some(given) = given else {
                errors.push(SettingError {
                    message: format!("missing variable `{name}`: {}", variable.description),
                    help: format!("give it a value: `--var {name}=…`"),
                });
                continue;
            };
            for complaint in given.iter().filter_map(|it| variable.kind.complaint(it)) {
                errors.push(SettingError {
                    message: format!("variable `{name}`: {complaint}"),
                    help: String::new(),
                });
            }
            match (variable.kind.list, given.as_slice()) {
                (true, list) => values.lists.push((name, list)),
                (false, [one]) => values.single.bind(name, one),
                (false, _) => errors.push(SettingError {
                    message: format!("variable `{name}` takes one value, not {}", given.len()),
                    help: String::new(),
                }),
            }
        }
        if errors.is_empty() {
            Ok(values)
        } else {
            Err(errors)
        }
    }

    fn check_names(&self, settings: &Settings, errors: &mut Vec<SettingError>) {
        let variables: Vec<&str> = self.variables.iter().map(|it| it.name.as_str()).collect();
        let features: Vec<&str> = self.features.iter().map(|it| it.name.as_str()).collect();
        let actors: Vec<&str> = self.actors.iter().map(|it| it.name.as_str()).collect();
        let phases: Vec<&str> = self.phases.iter().map(|it| it.name.as_str()).collect();
        let mut check = |what: &str, name: &str, known: &[&str]| {
            if known.contains(&name) {
                return;
            }
            errors.push(SettingError {
                message: format!("`{}` has no {what} `{name}`", self.name),
                help: match nearest(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known: {}", known.join(", ")),
                },
            });
        };
        for name in settings.variables.keys() {
            check("variable", name, &variables);
        }
        for name in settings.features.keys().filter(|it| *it != "base") {
            check("feature", name, &features);
        }
        for name in &settings.actors {
            check("actor", name, &actors);
        }
        for name in &settings.phases {
            check("phase", name, &phases);
        }
    }

    /// Returns whether a feature is on under these settings; `base` always is.
    #[must_use]
    pub fn is_on(&self, feature: &str, settings: &Settings) -> bool {
        if feature == "base" {
            return true;
        }
        let chosen = settings.features.get(feature).copied();
        chosen.unwrap_or_else(|| self.feature(feature).is_some_and(|it| it.default))
    }

    /// Returns every variable with its values, in the profile's order.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong with the settings.
    pub fn inputs<'a>(
        &'a self,
        settings: &'a Settings,
    ) -> Result<Vec<(&'a Variable, &'a [String])>, Vec<SettingError>> {
        self.resolve(settings)?;
        let given = |variable: &'a Variable| {
            let chosen = settings.variables.get(&variable.name);
            chosen.or(variable.default.as_ref())
        };
        let values = |variable| Some((variable, given(variable)?.as_slice()));
        Ok(self.variables.iter().filter_map(values).collect())
    }

    /// Returns an actor's principal with the variables filled in; a list gives its first value.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong with the settings.
    pub fn principal(
        &self,
        actor: &str,
        settings: &Settings,
    ) -> Result<Option<String>, Vec<SettingError>> {
        let Some(actor) = self.actor(actor) else {
            return Ok(None);
        };
        self.fill(&actor.principal, settings).map(Some)
    }

    /// Returns a text with the variables filled in; a list gives its first value.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong with the settings.
    pub fn fill(
        &self,
        template: &Template,
        settings: &Settings,
    ) -> Result<String, Vec<SettingError>> {
        let values = self.resolve(settings)?;
        let mut binding = values.single;
        for (name, list) in values.lists {
            if let Some(first) = list.first() {
                binding.bind(name, first);
            }
        }
        Ok(template.fill(&binding))
    }
}
