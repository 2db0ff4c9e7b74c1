//! Flags principals on the team's block list.

use crate::arn::Arn;
use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if cx.lists.blocked_principals.is_empty() || statement.effect != Effect::Allow {
        return;
    }
    let entries = statement
        .admitted()
        .map(|it| (&*it.text, it.account(), it.span));
    let names = |key: &str| matches!(key, "aws:principalaccount" | "aws:principalarn");
    let conditions = statement.conditions.iter();
    let values = conditions
        .filter(|it| names(&it.key) && !it.excepts())
        .flat_map(|it| &it.values)
        .map(|it| {
            let text = it.template.text();
            let account = Arn::parse(text).map_or(text, |it| it.account);
            (text, Some(account), it.span)
        });
    for (text, account, span) in entries.chain(values) {
        if cx.is_blocked(text, account) {
            cx.report(span, format!("`{text}` is on your block list"))
                .why("the settings say that no policy may let it in")
                .help("remove it, or take it off `blocked-principals`");
        }
    }
}
