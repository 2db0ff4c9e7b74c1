//! Flags `service:*` in Allow statements that no condition limits.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow || statement.action.negated || cx.is_limited(statement) {
        return;
    }
    for pattern in &statement.action.patterns {
        let Some((prefix, _)) = pattern.text.split_once(':') else {
            continue;
        };
        let Some(service) = cx.memo.catalog().service(prefix) else {
            continue;
        };
        if !pattern.is_whole_service() {
            continue;
        }
        let name = service.name();
        let count = service.actions().len();
        cx.report(pattern.span, format!("every action of {name} is allowed"))
            .label(format!("{count} actions today"))
            .why("deleting, sharing and what AWS adds later is among it")
            .help("name the actions that are needed, or patterns such as `Get*` and `List*`");
    }
}
