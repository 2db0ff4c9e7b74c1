//! `[[impossible]]`: weaknesses that no policy can close, because AWS lacks what it would take.
//!
//! A row says what is known; whether anybody reaches it, and what that means for a proof, is
//! `generate`'s.

use super::must_not::{read_actions, read_class};
use super::read::{Errors, Fields, Node};
use super::requirement::{Surroundings, read_evidence};
use super::validate::check_feature;
use super::{ActionText, Profile, Settings, Weakness, facts};
use crate::source::Span;

/// A weakness that comes with every grant of an action, however it is scoped.
#[derive(Clone, Debug)]
pub struct Impossible {
    /// The class of the weakness.
    pub class: Weakness,
    /// The actions whose grant makes it possible.
    pub actions: Vec<ActionText>,
    /// What AWS lacks.
    pub reason: String,
    /// Where this is known from, in words.
    pub evidence: Vec<String>,
    /// The feature with which it counts; `base` is always on.
    pub feature: String,
    /// The place of its class in the profile.
    pub span: Span,
    feature_span: Span,
}

impl Impossible {
    /// Whether an action is one of those that make it possible.
    #[must_use]
    pub fn names(&self, action: &str) -> bool {
        let mut own = self.actions.iter();
        own.any(|it| it.text.eq_ignore_ascii_case(action))
    }
}

const KEYS: [&str; 5] = ["class", "actions", "reason", "evidence", "feature"];

/// Reads one `[[impossible]]` table.
pub(super) fn read(
    node: Node<'_>,
    surroundings: &Surroundings<'_>,
    errors: &mut Errors,
) -> Option<Impossible> {
    let fields = Fields::of_node("an impossible", node, node.span, &KEYS, errors)?;
    let place = |key| fields.get(key).map_or(node.span, |node| node.span);
    let actions = read_actions(&fields, errors);
    let class = read_class(&fields, errors);
    Some(Impossible {
        actions,
        reason: fields.required_text("reason", errors),
        evidence: read_evidence(&fields, surroundings.evidence, errors),
        feature: fields
            .text("feature", errors)
            .unwrap_or_else(|| "base".to_owned()),
        span: place("class"),
        feature_span: place("feature"),
        class: class?,
    })
}

/// Reports everything in a row that does not fit the profile or the catalog.
pub(super) fn check(profile: &Profile, row: &Impossible, errors: &mut Errors) {
    check_feature(profile, &row.feature, row.feature_span, errors);
    for ActionText { text, span } in &row.actions {
        if let Err(near) = facts::find(text) {
            let help = match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write `service:Name`, without wildcards".to_owned(),
            };
            errors.push(*span, format!("unknown action `{text}`"), help);
        }
    }
}

impl Profile {
    /// Returns the weaknesses that no policy can close under these settings.
    pub fn impossible(&self, settings: &Settings) -> impl Iterator<Item = &Impossible> {
        let rows = self.impossibles.iter();
        rows.filter(|it| self.is_on(&it.feature, settings))
    }
}
