//! Flags access that rests on `aws:UserAgent` or `aws:Referer`.

use crate::policy::{Effect, Statement, Test};
use crate::rule::RuleContext;

/// Headers of the request, in lower case ("AWS global condition context keys", their warnings).
const WRITTEN_BY_CALLER: [&str; 2] = ["aws:referer", "aws:useragent"];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let is_header = WRITTEN_BY_CALLER.contains(&&*condition.key);
        if !is_header || condition.test() == Some(Test::Null) {
            continue;
        }
        let rests_on_it = match statement.effect {
            Effect::Allow => !condition.is_negated() && !cx.is_limited(statement),
            Effect::Deny => condition.is_negated(),
        };
        if !rests_on_it {
            continue;
        }
        let key = &condition.key_text.text;
        let message = match statement.effect {
            Effect::Allow => format!("whoever sends the right `{key}` is allowed"),
            Effect::Deny => format!("whoever sends the right `{key}` escapes this Deny"),
        };
        cx.report(condition.key_text.span, message)
            .why("the caller writes this header, with any text")
            .help("use a key that AWS fills in, such as `aws:PrincipalOrgID`, `aws:SourceArn` or `aws:SourceVpce`");
    }
}
