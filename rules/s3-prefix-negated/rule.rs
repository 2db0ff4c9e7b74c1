//! Flags Deny statements on listed prefixes, and Allow statements on all but listed ones.

use crate::policy::{Effect, Statement, Test};
use crate::rule::{Holds, RuleContext};

/// Actions that list a bucket by a prefix.
const LISTINGS: [&str; 3] = [
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let lists = || LISTINGS.iter().any(|it| cx.may_match(statement, it));
        if &*condition.key != "s3:prefix" || !lists() || !condition.compares_strings() {
            continue;
        }
        let keeps_out = match statement.effect {
            Effect::Deny => !condition.is_negated() && !condition.is_if_exists(),
            Effect::Allow => condition.is_negated(),
        };
        // `""` is the listing without a prefix: to deny it is another thing.
        let is_whole = |text: &str| text.is_empty();
        let mut values = condition.values.iter().map(|it| it.template.text());
        if !keeps_out || values.any(is_whole) || cx.holds(condition) != Holds::ByValue {
            continue;
        }
        let like = condition.test() == Some(Test::StringLike);
        let (message, help) = match statement.effect {
            Effect::Deny => (
                "listings with a shorter prefix, or without one, escape this Deny",
                if like {
                    "allow the prefixes that may be listed, or deny with `StringNotLike` all others"
                } else {
                    "allow the prefixes that may be listed, or deny with `StringNotEquals` all others"
                },
            ),
            Effect::Allow => (
                "listings with a shorter prefix, or without one, pass this condition",
                "allow the prefixes that may be listed",
            ),
        };
        cx.report(condition.values_span, message)
            .why("a listing of `priv` or of the whole bucket also shows what is under `private/`")
            .help(help);
    }
}
