//! Says what an action with a wildcard stands for today.

use crate::catalog::AccessLevel;
use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow || statement.action.negated {
        return;
    }
    let memo = cx.memo;
    for pattern in statement
        .action
        .patterns
        .iter()
        .filter(|it| it.has_wildcard())
    {
        if &*pattern.text == "*" {
            continue;
        }
        let actions = memo.expand(pattern.folded());
        if actions.is_empty() {
            continue;
        }
        let levels: Vec<String> = AccessLevel::ALL
            .iter()
            .map(|level| {
                let own = actions
                    .iter()
                    .filter(|it| it.action.access_levels.contains(*level));
                (own.count(), level.as_str())
            })
            .filter(|(count, _)| *count > 0)
            .map(|(count, level)| format!("{count} {level}"))
            .collect();
        let date = &memo.catalog().info().date;
        let count = actions.len();
        let noun = if count == 1 { "action" } else { "actions" };
        cx.report(
            pattern.span,
            format!("`{}` stands for {count} {noun} as of {date}", pattern.text),
        )
        .label(levels.join(", "))
        .why("AWS adds actions, and the wildcard takes them in")
        .help("name the actions where that is not wanted");
    }
}
