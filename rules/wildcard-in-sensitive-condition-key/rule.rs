//! Flags wildcards in the values of keys that hold ids of accounts, organizations and networks.

use crate::policy::{Effect, Statement, Test};
use crate::rule::{RuleContext, SENSITIVE_KEYS};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        // What widens an Allow, and the exception of a Deny.
        let widens = (statement.effect == Effect::Deny) == condition.is_negated();
        if condition.test() != Some(Test::StringLike)
            || !widens
            || !SENSITIVE_KEYS.contains(&&*condition.key)
        {
            continue;
        }
        let Some(value) = condition.values.iter().find(|it| it.has_wildcard()) else {
            continue;
        };
        let (key, text) = (&condition.key_text.text, value.template.text());
        cx.report(value.span, format!("`{text}` matches ids of others"))
            .related(condition.key_text.span, "holds an id")
            .why(format!("ids of strangers begin and end like one's own, so a wildcard in `{key}` lets in whoever happens to match"))
            .help("list the ids in full");
    }
}
