//! What changed from one version of a profile to the next.
//!
//! Compares what profiles say, row by row by name; wording (`why`, `breaks`, titles, evidence) is no
//! difference. What a change means for policies is not asked here.

use std::collections::BTreeMap;

use super::{
    Key, MustNot, Object, Owner, Profile, Requirement, Targets, Template, Values, word_of,
};

/// One row that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The sort of row: `requirement`, `must-not`, `object`, …
    pub part: &'static str,
    /// Its name.
    pub name: String,
    /// What it is, in one line: the new one's, of a removed row the old one's.
    pub summary: String,
    /// What happened to it.
    pub change: Change,
}

/// What happened to a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only the new version has it.
    Added,
    /// Only the old version has it.
    Removed,
    /// Both have it, with these parts different.
    Changed(Vec<FieldChange>),
}

impl Change {
    /// Returns the word for it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed(_) => "changed",
        }
    }
}

/// A part of a row that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The key, as profiles write it.
    pub field: &'static str,
    /// The old value in words; empty for none.
    pub old: String,
    /// The new value in words; empty for none.
    pub new: String,
}

/// A row in words.
struct Row {
    part: &'static str,
    name: String,
    summary: String,
    fields: Vec<(&'static str, String)>,
}

impl Profile {
    /// Returns what is different in a newer version of this profile: requirements first, each part
    /// in the order of the new version, what was removed behind.
    #[must_use]
    pub fn differences(&self, newer: &Self) -> Vec<Difference> {
        let mut differences = Vec::new();
        let parts = [requirements, must_nots, variables, objects, others];
        for rows in parts {
            compare(rows(self), rows(newer), &mut differences);
        }
        differences
    }
}

fn compare(old: Vec<Row>, new: Vec<Row>, differences: &mut Vec<Difference>) {
    let key = |row: &Row| (row.part, row.name.clone());
    let mut before: BTreeMap<_, Row> = old.into_iter().map(|row| (key(&row), row)).collect();
    for row in new {
        let change = match before.remove(&key(&row)) {
            None => Change::Added,
            Some(old) => {
                let fields = changed(&old, &row);
                if fields.is_empty() {
                    continue;
                }
                Change::Changed(fields)
            }
        };
        differences.push(difference(row, change));
    }
    let removed = before.into_values();
    differences.extend(removed.map(|row| difference(row, Change::Removed)));
}

fn difference(row: Row, change: Change) -> Difference {
    Difference {
        part: row.part,
        name: row.name,
        summary: row.summary,
        change,
    }
}

fn changed(old: &Row, new: &Row) -> Vec<FieldChange> {
    let value = |row: &Row, field: &str| {
        let found = row.fields.iter().find(|(name, _)| *name == field);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    // Both have the same fields: they are made by one function.
    let fields = new.fields.iter().map(|(field, _)| *field);
    fields
        .filter(|field| value(old, field) != value(new, field))
        .map(|field| FieldChange {
            field,
            old: value(old, field),
            new: value(new, field),
        })
        .collect()
}

fn requirements(profile: &Profile) -> Vec<Row> {
    profile.requirements.iter().map(requirement).collect()
}

fn requirement(row: &Requirement) -> Row {
    let uses: Vec<String> = row.targets.uses().iter().map(|it| it.written()).collect();
    let uses = uses.join(", ");
    let on = if uses.is_empty() {
        String::new()
    } else {
        format!(" on {uses}")
    };
    let passes = row.passes.iter().map(|it| match &it.to {
        Some(to) => format!("{} to {}", it.role, to.written()),
        None => it.role.clone(),
    });
    let tagged = row.tagged.map(|it| it.to_string());
    let together = match row.targets {
        Targets::Each(_) => "one call for each",
        _ => "one call on all",
    };
    Row {
        part: "requirement",
        name: row.id.clone(),
        summary: format!("{}{on}", row.action),
        fields: vec![
            ("action", row.action.clone()),
            ("resources", uses),
            ("each", together.to_owned()),
            ("phase", row.phase.clone()),
            ("feature", row.feature.clone()),
            ("strength", row.strength.as_str().to_owned()),
            ("actor", row.actor.clone()),
            ("tagged", tagged.unwrap_or_default()),
            ("context", context(&row.context)),
            ("absent", keys(&row.absent)),
            ("passes", joined(passes)),
            ("first-use", row.first_use.to_string()),
            ("alternative", row.alternative.clone().unwrap_or_default()),
            ("tool", row.tool.as_str().to_owned()),
        ],
    }
}

fn must_nots(profile: &Profile) -> Vec<Row> {
    profile.must_nots.iter().map(must_not).collect()
}

fn must_not(row: &MustNot) -> Row {
    Row {
        part: "must-not",
        name: row.id.clone(),
        summary: row.title.clone(),
        fields: vec![
            (
                "actions",
                joined(row.actions.iter().map(|it| it.text.clone())),
            ),
            (
                "levels",
                joined(row.levels.iter().map(|it| it.as_str().to_owned())),
            ),
            (
                "resources",
                joined(row.resources.iter().map(super::Thing::written)),
            ),
            (
                "except",
                joined(row.except.iter().map(super::Thing::written)),
            ),
            ("context", context(&row.context)),
            ("unless", context(&row.unless)),
            ("absent", keys(&row.absent)),
            ("class", row.class.id.to_owned()),
            ("feature", row.feature.clone()),
            ("actor", row.actor.clone()),
        ],
    }
}

fn variables(profile: &Profile) -> Vec<Row> {
    let rows = profile.variables.iter().map(|row| {
        let default = row.default.as_ref();
        let default = default.map(|it| format!("`{}`", it.join("`, `")));
        Row {
            part: "variable",
            name: row.name.clone(),
            summary: row.description.clone(),
            fields: vec![
                ("type", row.kind.word()),
                (
                    "default",
                    default.unwrap_or_else(|| "none: a value must be given".to_owned()),
                ),
            ],
        }
    });
    rows.collect()
}

fn objects(profile: &Profile) -> Vec<Row> {
    profile.objects.iter().map(object).collect()
}

fn object(row: &Object) -> Row {
    let written = |it: &Option<Template>| it.as_ref().map(Template::written).unwrap_or_default();
    let key_policy = row.key_policy.map(|_| "default".to_owned());
    Row {
        part: "object",
        name: row.name.clone(),
        summary: row.arn.written(),
        fields: vec![
            ("type", row.resource_type.clone()),
            ("arn", row.arn.written()),
            ("owner", word_of(&Owner::WORDS, row.owner).to_owned()),
            ("tags", tags(&row.tags)),
            ("context", context(&row.context)),
            ("boundary", written(&row.boundary)),
            ("account", written(&row.account)),
            ("key-policy", key_policy.unwrap_or_default()),
        ],
    }
}

/// Actors, phases, features and tags.
fn others(profile: &Profile) -> Vec<Row> {
    let mut rows = vec![Row {
        part: "profile",
        name: "profile".to_owned(),
        summary: "the profile itself".to_owned(),
        fields: vec![
            ("default-actor", profile.default_actor.clone()),
            ("tags", tags(&profile.tags)),
        ],
    }];
    rows.extend(profile.actors.iter().map(|row| Row {
        part: "actor",
        name: row.name.clone(),
        summary: row.title.clone(),
        fields: vec![
            ("kind", row.kind.as_str().to_owned()),
            ("principal", row.principal.written()),
            ("context", context(&row.context)),
            ("absent", keys(&row.absent)),
        ],
    }));
    rows.extend(profile.phases.iter().map(|row| Row {
        part: "phase",
        name: row.name.clone(),
        summary: row.title.clone(),
        fields: vec![
            ("actor", row.actor.clone().unwrap_or_default()),
            ("until", row.until.map(|it| it.as_str().to_owned()).unwrap_or_default()),
            ("minute", row.minute.map(|it| it.to_string()).unwrap_or_default()),
        ],
    }));
    rows.extend(profile.features.iter().map(|row| Row {
        part: "feature",
        name: row.name.clone(),
        summary: row.title.clone(),
        fields: vec![("default", if row.default { "on" } else { "off" }.to_owned())],
    }));
    rows
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join(", ")
}

fn tags(tags: &[(Template, Template)]) -> String {
    let written = tags
        .iter()
        .map(|(key, value)| format!("{} = {}", key.written(), value.written()));
    joined(written)
}

fn keys(keys: &[Key]) -> String {
    joined(keys.iter().map(|it| it.name.clone()))
}

fn context(context: &[(Key, Values)]) -> String {
    let written = context.iter().map(|(key, values)| {
        let list = joined(values.templates().map(Template::written));
        let list = match values {
            Values::One(_) => list,
            Values::Many(_) => format!("[{list}]"),
            Values::Each(_) => format!("each of [{list}]"),
        };
        format!("{} = {list}", key.name)
    });
    joined(written)
}
