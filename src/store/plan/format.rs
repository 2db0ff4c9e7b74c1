//! The fields of `rolecall/plan/v1`, and how they become a plan and come from one.

use serde::{Deserialize, Serialize};

use super::SCHEMA;
use crate::plan::{
    AccessKey, Account, Attachment, Difference, Found, Gate, Object, Part, Plan, Policy, Role,
    User, What,
};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Saved {
    schema: String,
    installation: String,
    partition: String,
    account: Option<String>,
    made: String,
    by: String,
    profiles: Vec<SavedPart>,
    objects: Vec<SavedObject>,
    gate: SavedGate,
    hand_over: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
struct SavedPart {
    profile: String,
    title: String,
    variables: Vec<Variable>,
    features: Vec<Feature>,
}

#[derive(Serialize, Deserialize)]
struct Variable {
    name: String,
    values: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Feature {
    name: String,
    on: bool,
}

#[derive(Serialize, Deserialize)]
struct SavedObject {
    key: String,
    why: String,
    wanted: SavedWhat,
    reasons: Vec<Reason>,
    found: SavedFound,
}

#[derive(Serialize, Deserialize)]
struct Reason {
    sid: String,
    why: String,
}

#[derive(Serialize, Deserialize)]
struct Tag {
    key: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum SavedWhat {
    Account {
        name: String,
        email: String,
        role: String,
        id: Option<String>,
    },
    Policy {
        arn: String,
        name: String,
        path: String,
        description: String,
        document: String,
        tags: Vec<Tag>,
    },
    User {
        arn: String,
        name: String,
        path: String,
        boundary: Option<String>,
        tags: Vec<Tag>,
    },
    Role {
        arn: String,
        name: String,
        path: String,
        description: String,
        trust: String,
        boundary: Option<String>,
        tags: Vec<Tag>,
    },
    Attachment {
        entity: String,
        policy: String,
    },
    AccessKey {
        user: String,
        ids: Vec<String>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
enum SavedFound {
    NotLooked,
    Absent,
    Same,
    Differs { differences: Vec<SavedDifference> },
    Unknown { reason: String },
}

#[derive(Serialize, Deserialize)]
struct SavedDifference {
    of: String,
    there: String,
    wanted: String,
}

#[derive(Serialize, Deserialize)]
struct SavedGate {
    /// For readers only: it follows from the rest, which is what is read.
    #[serde(default, skip_deserializing)]
    passes: bool,
    unmet: Vec<String>,
    weaknesses: Vec<OfClass>,
    unknown: Vec<OfClass>,
    accepted: Vec<Accepted>,
    findings: Vec<OfRule>,
}

#[derive(Serialize, Deserialize)]
struct OfClass {
    class: String,
    words: String,
}

#[derive(Serialize, Deserialize)]
struct Accepted {
    class: String,
    reason: String,
}

#[derive(Serialize, Deserialize)]
struct OfRule {
    rule: String,
    words: String,
}

#[derive(Serialize, Deserialize)]
struct Line {
    label: String,
    value: String,
}

/// Turns a list of pairs into a list of something else, or back.
fn each<'a, T: 'a, U>(list: &'a [T], one: impl Fn(&'a T) -> U) -> Vec<U> {
    list.iter().map(one).collect()
}

fn back<T, U>(list: Vec<T>, one: impl Fn(T) -> U) -> Vec<U> {
    list.into_iter().map(one).collect()
}

fn saved_tags(tags: &[(String, String)]) -> Vec<Tag> {
    each(tags, |(key, value)| Tag {
        key: key.clone(),
        value: value.clone(),
    })
}

fn tags(saved: Vec<Tag>) -> Vec<(String, String)> {
    back(saved, |it| (it.key, it.value))
}

impl From<&Plan> for Saved {
    fn from(plan: &Plan) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            installation: plan.installation.clone(),
            partition: plan.partition.clone(),
            account: plan.account.clone(),
            made: plan.made.clone(),
            by: plan.by.clone(),
            profiles: each(&plan.parts, |part| SavedPart {
                profile: part.profile.clone(),
                title: part.title.clone(),
                variables: each(&part.variables, |(name, values)| Variable {
                    name: name.clone(),
                    values: values.clone(),
                }),
                features: each(&part.features, |(name, on)| Feature {
                    name: name.clone(),
                    on: *on,
                }),
            }),
            objects: each(&plan.objects, |object| SavedObject {
                key: object.key.clone(),
                why: object.why.clone(),
                wanted: SavedWhat::from(&object.what),
                reasons: each(&object.reasons, |(sid, why)| Reason {
                    sid: sid.clone(),
                    why: why.clone(),
                }),
                found: SavedFound::from(&object.found),
            }),
            gate: SavedGate::from(&plan.gate),
            hand_over: each(&plan.hand_over, |(label, value)| Line {
                label: label.clone(),
                value: value.clone(),
            }),
        }
    }
}

impl From<Saved> for Plan {
    fn from(saved: Saved) -> Self {
        Self {
            parts: back(saved.profiles, |part| Part {
                profile: part.profile,
                title: part.title,
                variables: back(part.variables, |it| (it.name, it.values)),
                features: back(part.features, |it| (it.name, it.on)),
            }),
            installation: saved.installation,
            partition: saved.partition,
            account: saved.account,
            made: saved.made,
            by: saved.by,
            objects: back(saved.objects, |object| Object {
                key: object.key,
                what: object.wanted.into(),
                why: object.why,
                reasons: back(object.reasons, |it| (it.sid, it.why)),
                found: object.found.into(),
            }),
            gate: saved.gate.into(),
            hand_over: back(saved.hand_over, |it| (it.label, it.value)),
        }
    }
}

impl From<&What> for SavedWhat {
    fn from(what: &What) -> Self {
        match what.clone() {
            What::Account(it) => Self::Account {
                name: it.name,
                email: it.email,
                role: it.role,
                id: it.id,
            },
            What::Policy(it) => Self::Policy {
                arn: it.arn,
                name: it.name,
                path: it.path,
                description: it.description,
                document: it.document,
                tags: saved_tags(&it.tags),
            },
            What::User(it) => Self::User {
                arn: it.arn,
                name: it.name,
                path: it.path,
                boundary: it.boundary,
                tags: saved_tags(&it.tags),
            },
            What::Role(it) => Self::Role {
                arn: it.arn,
                name: it.name,
                path: it.path,
                description: it.description,
                trust: it.trust,
                boundary: it.boundary,
                tags: saved_tags(&it.tags),
            },
            What::Attachment(it) => Self::Attachment {
                entity: it.entity,
                policy: it.policy,
            },
            What::AccessKey(it) => Self::AccessKey {
                user: it.user,
                ids: it.ids,
            },
        }
    }
}

impl From<SavedWhat> for What {
    fn from(saved: SavedWhat) -> Self {
        match saved {
            SavedWhat::Account {
                name,
                email,
                role,
                id,
            } => Self::Account(Account {
                name,
                email,
                role,
                id,
            }),
            SavedWhat::Policy {
                arn,
                name,
                path,
                description,
                document,
                tags: own,
            } => Self::Policy(Policy {
                arn,
                name,
                path,
                description,
                document,
                tags: tags(own),
            }),
            SavedWhat::User {
                arn,
                name,
                path,
                boundary,
                tags: own,
            } => Self::User(User {
                arn,
                name,
                path,
                boundary,
                tags: tags(own),
            }),
            SavedWhat::Role {
                arn,
                name,
                path,
                description,
                trust,
                boundary,
                tags: own,
            } => Self::Role(Role {
                arn,
                name,
                path,
                description,
                trust,
                boundary,
                tags: tags(own),
            }),
            SavedWhat::Attachment { entity, policy } => {
                Self::Attachment(Attachment { entity, policy })
            }
            SavedWhat::AccessKey { user, ids } => Self::AccessKey(AccessKey { user, ids }),
        }
    }
}

impl From<&Found> for SavedFound {
    fn from(found: &Found) -> Self {
        match found {
            Found::NotLooked => Self::NotLooked,
            Found::Absent => Self::Absent,
            Found::Same => Self::Same,
            Found::Differs(list) => Self::Differs {
                differences: each(list, |it| SavedDifference {
                    of: it.of.clone(),
                    there: it.there.clone(),
                    wanted: it.wanted.clone(),
                }),
            },
            Found::Unknown(reason) => Self::Unknown {
                reason: reason.clone(),
            },
        }
    }
}

impl From<SavedFound> for Found {
    fn from(saved: SavedFound) -> Self {
        match saved {
            SavedFound::NotLooked => Self::NotLooked,
            SavedFound::Absent => Self::Absent,
            SavedFound::Same => Self::Same,
            SavedFound::Differs { differences } => {
                Self::Differs(back(differences, |it| Difference {
                    of: it.of,
                    there: it.there,
                    wanted: it.wanted,
                }))
            }
            SavedFound::Unknown { reason } => Self::Unknown(reason),
        }
    }
}

impl From<&Gate> for SavedGate {
    fn from(gate: &Gate) -> Self {
        let of_class = |list: &[(String, String)]| {
            each(list, |(class, words)| OfClass {
                class: class.clone(),
                words: words.clone(),
            })
        };
        Self {
            passes: gate.passes(),
            unmet: gate.unmet.clone(),
            weaknesses: of_class(&gate.weaknesses),
            unknown: of_class(&gate.unknown),
            accepted: each(&gate.accepted, |(class, reason)| Accepted {
                class: class.clone(),
                reason: reason.clone(),
            }),
            findings: each(&gate.findings, |(rule, words)| OfRule {
                rule: rule.clone(),
                words: words.clone(),
            }),
        }
    }
}

impl From<SavedGate> for Gate {
    fn from(saved: SavedGate) -> Self {
        Self {
            unmet: saved.unmet,
            weaknesses: back(saved.weaknesses, |it| (it.class, it.words)),
            unknown: back(saved.unknown, |it| (it.class, it.words)),
            accepted: back(saved.accepted, |it| (it.class, it.reason)),
            findings: back(saved.findings, |it| (it.rule, it.words)),
        }
    }
}
