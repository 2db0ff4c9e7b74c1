//! `[[include]]`: rows of another profile under this one's variables, tags, actors and objects.
//!
//! Everything is joined by name. What this profile declares wins; what only the other declares is
//! taken over as far as the rows taken over use it. Evidence is already in words, so the other
//! profile's short names do not leak.

use super::read::{Errors, Fields};
use super::{
    Actor, Feature, MustNot, Object, Omitted, Profile, Requirement, Template, embed, load,
};
use crate::source::Span;

/// Variables that rules, not texts, use.
const USED_BY_RULES: [&str; 3] = ["partition", "account", "region"];

/// Adds the rows of every included profile.
pub(super) fn resolve(
    profile: &mut Profile,
    fields: &Fields<'_>,
    including: &[&str],
    errors: &mut Errors,
) {
    for include in load::include_tables(fields, errors) {
        let name = include.required_text("profile", errors);
        let span = include.get("profile").map_or(include.span, |it| it.span);
        let Some(shipped) = embed::shipped(&name) else {
            let names = embed::shipped_profiles().iter().map(|it| it.name);
            errors.unknown(span, "profile", &name, names);
            continue;
        };
        if including.contains(&shipped.name) {
            errors.push(span, format!("`{name}` includes itself"), "");
            continue;
        }
        let path: Vec<&str> = including.iter().copied().chain([shipped.name]).collect();
        match Profile::included(shipped, &path) {
            Ok(other) => take_over(profile, other, &include, span, errors),
            Err(found) => {
                let message = format!("`{name}` has {} errors of its own", found.len());
                errors.push(span, message, "run `rolecall profiles` on it to see them");
            }
        }
    }
}

fn take_over(
    profile: &mut Profile,
    mut other: Profile,
    include: &Fields<'_>,
    span: Span,
    errors: &mut Errors,
) {
    for (name, span, on) in load::feature_switches(include, errors) {
        match other.features.iter_mut().find(|it| it.name == name) {
            Some(feature) => feature.default = on,
            None => {
                let known = other.features.iter().map(|it| it.name.as_str());
                errors.unknown(span, &format!("feature of `{}`", other.name), &name, known);
            }
        }
    }
    let rows = select_rows(profile, &mut other, include, errors);
    let actor = include.text("actor", errors);
    let must_nots = select_must_nots(&mut other, include, errors);
    let taken = Taken {
        rows: &rows,
        must_nots: &must_nots,
    };
    take_over_actors(profile, &other, &rows);
    take_over_phases(profile, &other, &rows);
    take_over_features(profile, &other.features, &taken);
    take_over_objects(profile, &other.objects, &taken);
    take_over_variables(profile, &other, &taken);
    for mut row in must_nots {
        row.actor = actor
            .clone()
            .unwrap_or_else(|| profile.default_actor.clone());
        row.from = Some(other.name.clone());
        if profile.must_nots.iter().any(|it| it.id == row.id) {
            let message = format!("the included must-not `{}` is here already", row.id);
            let help = "list the others in `must-not`, or give this one another id";
            errors.push(span, message, help);
            continue;
        }
        profile.must_nots.push(row);
    }
    for mut row in rows {
        // Whoever else makes a call makes it here too.
        if row.actor == other.default_actor {
            row.actor = actor
                .clone()
                .unwrap_or_else(|| profile.default_actor.clone());
        }
        row.from = Some(other.name.clone());
        if profile.requirements.iter().any(|it| it.id == row.id) {
            let message = format!("the included requirement `{}` is here already", row.id);
            errors.push(span, message, "omit it, or give the other one another id");
            continue;
        }
        profile.requirements.push(row);
    }
}

/// Returns the rows of the wanted phases that are not omitted.
fn select_rows(
    profile: &mut Profile,
    other: &mut Profile,
    include: &Fields<'_>,
    errors: &mut Errors,
) -> Vec<Requirement> {
    let takes_all = include.get("phases").is_none();
    let wanted = include.texts("phases", errors);
    for (name, span) in &wanted {
        if other.phase(name).is_none() {
            let known = other.phases.iter().map(|it| it.name.as_str());
            errors.unknown(*span, &format!("phase of `{}`", other.name), name, known);
        }
    }
    let omitted = include.texts("omit", errors);
    for (id, span) in &omitted {
        if !other.requirements.iter().any(|it| it.id == *id) {
            let known = other.requirements.iter().map(|it| it.id.as_str());
            errors.unknown(
                *span,
                &format!("requirement of `{}`", other.name),
                id,
                known,
            );
        }
    }
    if !omitted.is_empty() {
        profile.omitted.push(Omitted {
            profile: other.name.clone(),
            requirements: omitted.iter().map(|(id, _)| (*id).to_owned()).collect(),
            reason: include.required_text("omit-reason", errors),
        });
    }
    let rows = std::mem::take(&mut other.requirements);
    rows.into_iter()
        .filter(|row| takes_all || wanted.iter().any(|(name, _)| *name == row.phase))
        .filter(|row| !omitted.iter().any(|(id, _)| *id == row.id))
        .collect()
}

/// Returns the must-nots that the include lists. Those of another vendor may be about its own user
/// or name, so none is taken over unasked.
fn select_must_nots(
    other: &mut Profile,
    include: &Fields<'_>,
    errors: &mut Errors,
) -> Vec<MustNot> {
    let mut rows = std::mem::take(&mut other.must_nots);
    let wanted = include.texts("must-not", errors);
    for (id, span) in &wanted {
        if !rows.iter().any(|it| it.id == *id) {
            let known = rows.iter().map(|it| it.id.as_str());
            errors.unknown(*span, &format!("must-not of `{}`", other.name), id, known);
        }
    }
    rows.retain(|row| wanted.iter().any(|(id, _)| *id == row.id));
    rows
}

/// What is taken over, and so needs what it uses.
struct Taken<'a> {
    rows: &'a [Requirement],
    must_nots: &'a [MustNot],
}

impl Taken<'_> {
    fn uses_feature(&self, name: &str) -> bool {
        let rows = self.rows.iter().flat_map(Requirement::features);
        let must_nots = self.must_nots.iter().map(|row| row.feature.as_str());
        rows.chain(must_nots).any(|it| it == name)
    }

    fn uses_object(&self, name: &str) -> bool {
        let rows = self.rows.iter().flat_map(Requirement::objects);
        let must_nots = self.must_nots.iter().flat_map(MustNot::objects);
        rows.chain(must_nots).any(|it| it == name)
    }

    fn uses_variable(&self, name: &str) -> bool {
        let rows = self.rows.iter().flat_map(Requirement::templates);
        let must_nots = self.must_nots.iter().flat_map(MustNot::templates);
        rows.chain(must_nots)
            .any(|template| template.variables().any(|it| it == name))
    }
}

/// Takes over who makes calls, but for the default actor: that is this profile's own.
fn take_over_actors(profile: &mut Profile, other: &Profile, rows: &[Requirement]) {
    for actor in &other.actors {
        let used = rows.iter().any(|row| row.actor == actor.name);
        let is_new = profile.actor(&actor.name).is_none();
        if used && is_new && actor.name != other.default_actor {
            profile.actors.push(actor.clone());
        }
    }
}

fn take_over_phases(profile: &mut Profile, other: &Profile, rows: &[Requirement]) {
    for phase in &other.phases {
        let used = rows.iter().any(|row| row.phase == phase.name);
        if used && profile.phase(&phase.name).is_none() {
            let mut phase = phase.clone();
            phase.actor = None;
            profile.phases.push(phase);
        }
    }
}

fn take_over_features(profile: &mut Profile, features: &[Feature], taken: &Taken<'_>) {
    for feature in features {
        let used = taken.uses_feature(&feature.name);
        if used && profile.feature(&feature.name).is_none() {
            profile.features.push(feature.clone());
        }
    }
}

fn take_over_objects(profile: &mut Profile, objects: &[Object], taken: &Taken<'_>) {
    for object in objects {
        let is_an_actor = |actor: &Actor| actor.object.as_ref() == Some(&object.name);
        let used = taken.uses_object(&object.name) || profile.actors.iter().any(is_an_actor);
        if used && profile.object(&object.name).is_none() {
            profile.objects.push(object.clone());
        }
    }
}

fn take_over_variables(profile: &mut Profile, other: &Profile, taken: &Taken<'_>) {
    for variable in &other.variables {
        let name = variable.name.as_str();
        let in_rows = taken.uses_variable(name);
        let is_in = |template: &Template| template.variables().any(|it| it == name);
        let objects = profile.objects.iter().flat_map(Object::templates);
        let in_objects = objects.into_iter().any(is_in);
        let in_actors = profile.actors.iter().flat_map(Actor::templates).any(is_in);
        let used = in_rows || in_objects || in_actors || USED_BY_RULES.contains(&name);
        if used && profile.variable(name).is_none() {
            profile.variables.push(variable.clone());
        }
    }
}
