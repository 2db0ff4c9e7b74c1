//! Which changes of a tag's value a statement looks at, and what a request that makes one shows.

use super::{Tagger, sees_resource, statements};
use crate::isolation::family::Condition;
use crate::isolation::names;
use crate::isolation::objects::OTHER_VALUE;
use crate::isolation::state::NodeId;
use crate::isolation::steps::Stepper;
use crate::isolation::texts::tag_key;
use crate::policy::{Condition as PolicyCondition, Effect, Test};

pub(super) const TAG_KEYS: &str = "aws:TagKeys";
/// Removes every tag where its request names none, and then lacks `aws:TagKeys` (Amazon EC2 API
/// Reference, "DeleteTags").
const REMOVES_ALL: &str = "ec2:DeleteTags";

/// A value of a tag, as far as conditions tell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::isolation) enum Value {
    Absent,
    Other,
    Is(String),
}

impl Value {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Absent => None,
            Self::Other => Some(OTHER_VALUE),
            Self::Is(value) => Some(value),
        }
    }
}

/// What another value of a tag opens, by the words of one statement.
#[derive(Clone, Debug)]
pub(super) struct Move {
    pub(super) tag: String,
    pub(super) from: Value,
    pub(super) to: Value,
    /// The actions of the statement.
    pub(super) actions: Vec<String>,
}

/// Returns what other values of tags open, for a principal.
pub(super) fn moves(stepper: &Stepper<'_, '_, '_>, by: NodeId) -> Vec<Move> {
    let mut found: Vec<Move> = Vec::new();
    for statement in statements(stepper, by) {
        let actions = if statement.action.negated {
            vec!["*".to_owned()]
        } else {
            let patterns = statement.action.patterns.iter();
            patterns.map(|it| it.text.to_string()).collect()
        };
        for condition in statement.conditions.iter().filter(|it| sees_resource(it)) {
            let Some(tag) = tag_key(condition) else {
                continue;
            };
            for (from, to) in turns(condition, statement.effect) {
                found.push(Move {
                    tag: tag.to_owned(),
                    from,
                    to,
                    actions: actions.clone(),
                });
            }
        }
    }
    // What differs by its actions only is one question.
    let mut merged: Vec<Move> = Vec::new();
    for one in found {
        let same = |it: &&mut Move| it.tag == one.tag && it.from == one.from && it.to == one.to;
        match merged.iter_mut().find(same) {
            Some(known) => known.actions.extend(one.actions),
            None => merged.push(one),
        }
    }
    merged
}

/// Which change of a value lets the statement allow more, or deny less.
fn turns(condition: &PolicyCondition, effect: Effect) -> Vec<(Value, Value)> {
    let Some(operator) = condition.operator else {
        return Vec::new();
    };
    let allows = effect == Effect::Allow;
    let values = condition.values.iter().map(|it| it.template.text());
    if operator.test == Test::Null {
        let absent = values.into_iter().any(|it| it.eq_ignore_ascii_case("true"));
        // Allowed, or not denied, when the tag is absent; or when it is there.
        return if absent == allows {
            vec![(Value::Other, Value::Absent)]
        } else {
            vec![(Value::Absent, Value::Other)]
        };
    }
    let mut found = Vec::new();
    for value in values {
        let any = operator.test == Test::StringLike && value == "*";
        let value = Value::Is(names::fill(value, "vendor"));
        // Every value does where any does: only whether the tag is there makes a difference.
        if any {
            let (absent, there) = (Value::Absent, value);
            found.push(if operator.negated != allows {
                (absent, there)
            } else {
                (there, absent)
            });
            continue;
        }
        // The statement looks for the value and allows, or for anything else and denies.
        if operator.negated != allows {
            found.push((Value::Absent, value.clone()));
            found.push((Value::Other, value));
        } else {
            found.push((value.clone(), Value::Absent));
            found.push((value, Value::Other));
        }
    }
    found
}

/// The contexts in which an object has a value of a tag. Services have a key of their own beside
/// the global one, and some actions see only that.
pub(in crate::isolation) fn contexts(keys: &[String], value: &Value) -> Vec<Vec<Condition>> {
    let Some(text) = value.text() else {
        return vec![keys.iter().map(|key| Condition::absent(key)).collect()];
    };
    let seen = |at: usize| {
        keys.iter().enumerate().map(move |(other, key)| {
            if other == at {
                Condition::is(key, &[text])
            } else {
                Condition::new("StringEqualsIfExists", key, &[text])
            }
        })
    };
    (0..keys.len()).map(|at| seen(at).collect()).collect()
}

/// What requests that make the change show of it. Some calls set tags without showing them.
pub(super) fn shown_tags(
    objects: Vec<Vec<Condition>>,
    step: &Move,
    taggers: &[&Tagger],
) -> Vec<Vec<Condition>> {
    let all_show = taggers.iter().all(|it| it.shows);
    let named = Condition::new("ForAnyValue:StringEquals", TAG_KEYS, &[&step.tag]);
    let mut shown: Vec<Vec<Condition>> = Vec::new();
    match step.to.text() {
        Some(value) => {
            let key = format!("aws:RequestTag/{}", step.tag);
            shown.push(if all_show {
                vec![Condition::is(&key, &[value]), named]
            } else {
                vec![Condition::new("StringEqualsIfExists", &key, &[value])]
            });
        }
        None if all_show => {
            shown.push(vec![named]);
            if taggers
                .iter()
                .any(|it| it.action.eq_ignore_ascii_case(REMOVES_ALL))
            {
                shown.push(vec![Condition::absent(TAG_KEYS)]);
            }
        }
        None => shown.push(Vec::new()),
    }
    let mut all = Vec::new();
    for object in objects {
        for shown in &shown {
            all.push(object.iter().chain(shown).cloned().collect());
        }
    }
    all
}
