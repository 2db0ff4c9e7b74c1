//! What a profile declares and nothing in it uses.

use std::collections::BTreeSet;

use super::{Profile, Template, context_templates};
use crate::source::Span;

/// Something that is declared and not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// The sort of thing: `object`, `variable`, …
    pub part: &'static str,
    /// Its name.
    pub name: String,
    /// The place of its name in the profile, where that is known.
    pub span: Option<Span>,
}

/// Variables that rules, not texts, use.
const USED_BY_RULES: [&str; 3] = ["partition", "account", "region"];

impl Profile {
    /// Returns what is declared and not used, part by part in the order of the text.
    #[must_use]
    pub fn unused(&self) -> Vec<Unused> {
        let mut unused = Vec::new();
        let mut add = |part, name: &str, span: Option<Span>| {
            let name = name.to_owned();
            unused.push(Unused { part, name, span });
        };
        let objects = self.used_objects();
        for object in self
            .objects
            .iter()
            .filter(|it| !objects.contains(it.name.as_str()))
        {
            add("object", &object.name, Some(object.span));
        }
        let variables = self.used_variables();
        for variable in self
            .variables
            .iter()
            .filter(|it| !variables.contains(it.name.as_str()))
        {
            add("variable", &variable.name, Some(variable.span));
        }
        let mut features: BTreeSet<&str> = self.row_words(|it| &it.feature, |it| &it.feature);
        features.extend(self.impossibles.iter().map(|it| it.feature.as_str()));
        for feature in self
            .features
            .iter()
            .filter(|it| !features.contains(it.name.as_str()))
        {
            add("feature", &feature.name, None);
        }
        let actors: BTreeSet<&str> = self.row_words(|it| &it.actor, |it| &it.actor);
        let named = |name: &str| {
            name == self.default_actor
                || self
                    .phases
                    .iter()
                    .any(|it| it.actor.as_deref() == Some(name))
                || self
                    .documents
                    .iter()
                    .any(|it| it.actor.as_deref() == Some(name))
        };
        for actor in &self.actors {
            // Whom the vendor makes, `generate` makes documents for.
            let is_made = actor.made_by.is_some();
            if !actors.contains(actor.name.as_str()) && !named(&actor.name) && !is_made {
                add("actor", &actor.name, Some(actor.span));
            }
        }
        let phases: BTreeSet<&str> = self
            .requirements
            .iter()
            .map(|it| it.phase.as_str())
            .collect();
        for phase in self
            .phases
            .iter()
            .filter(|it| !phases.contains(it.name.as_str()))
        {
            add("phase", &phase.name, Some(phase.span));
        }
        for row in self.unused_impossibles() {
            let named: Vec<&str> = row.actions.iter().map(|it| it.text.as_str()).collect();
            let name = format!("{} by {}", row.class.id, named.join(", "));
            add("impossible", &name, Some(row.span));
        }
        unused
    }

    /// Returns the rows whose actions no call makes, whatever features are on.
    fn unused_impossibles(&self) -> Vec<&super::Impossible> {
        let settings = super::Settings {
            features: self
                .features
                .iter()
                .map(|it| (it.name.clone(), true))
                .collect(),
            ..super::Settings::default()
        };
        // A variable without a value keeps the calls from being known.
        let Ok(calls) = self.calls(&settings) else {
            return Vec::new();
        };
        let rows = self.impossibles.iter();
        rows.filter(|row| !calls.iter().any(|it| row.names(&it.action)))
            .collect()
    }

    fn row_words<'p>(
        &'p self,
        of_requirement: impl Fn(&'p super::Requirement) -> &'p String,
        of_must_not: impl Fn(&'p super::MustNot) -> &'p String,
    ) -> BTreeSet<&'p str> {
        let requirements = self.requirements.iter().map(of_requirement);
        let all = requirements.chain(self.must_nots.iter().map(of_must_not));
        all.map(String::as_str).collect()
    }

    fn used_objects(&self) -> BTreeSet<&str> {
        let requirements = self.requirements.iter().flat_map(|it| it.objects());
        let must_nots = self.must_nots.iter().flat_map(|it| it.objects());
        let actors = self.actors.iter().filter_map(|it| it.object.as_deref());
        let mut used: BTreeSet<&str> = requirements.chain(must_nots).chain(actors).collect();
        // What is foreign is told by the profile's own objects of that type.
        let foreign = self.must_nots.iter().flat_map(|it| &it.resources);
        let foreign = foreign.filter_map(|it| match it {
            super::Thing::Foreign(name, _) => self.object(name),
            _ => None,
        });
        let kinds: BTreeSet<&str> = foreign.map(|it| it.resource_type.as_str()).collect();
        let own = self
            .objects
            .iter()
            .filter(|it| kinds.contains(it.resource_type.as_str()));
        used.extend(own.map(|it| it.name.as_str()));
        used
    }

    fn used_variables(&self) -> BTreeSet<&str> {
        let mut templates: Vec<&Template> = Vec::new();
        templates.extend(self.tags.iter().flat_map(|(key, value)| [key, value]));
        for actor in &self.actors {
            templates.push(&actor.principal);
            templates.extend(&actor.attached);
            templates.extend(context_templates(&actor.context));
            templates.extend(actor.absent.iter().map(|it| &it.text));
        }
        templates.extend(self.objects.iter().flat_map(|it| it.templates()));
        templates.extend(self.requirements.iter().flat_map(|it| it.templates()));
        templates.extend(self.must_nots.iter().flat_map(|it| it.templates()));
        let mut used: BTreeSet<&str> = USED_BY_RULES.into_iter().collect();
        if let Some(made) = &self.generation {
            let boundaries = std::iter::once(&made.boundary).chain(&made.workload_boundary);
            templates.extend([&made.name, &made.path]);
            for boundary in boundaries {
                used.insert(&boundary.variable);
                templates.push(&boundary.policy);
            }
        }
        used.extend(templates.into_iter().flat_map(Template::variables));
        used
    }
}
