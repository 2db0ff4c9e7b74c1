//! Flags service principals in resource policies without a source condition.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let mut services = statement
        .services()
        .filter(|it| !cx.has_no_source(&it.text));
    let Some(first) = services.next() else {
        return;
    };
    let has_other = |it: &crate::policy::Condition| it.is_other_than_source() && it.names_values();
    if statement.fixes_source() || statement.conditions.iter().any(has_other) {
        return;
    }
    let index = cx.index();
    if cx.open_statement(index).is_none() {
        return;
    }
    let owner = cx.owner();
    let edits =
        owner.map(|account| cx.demand(statement, "StringEquals", "aws:SourceAccount", &[account]));
    let help = owner.map_or_else(
        || "add a condition on `aws:SourceArn` or `aws:SourceAccount`".to_owned(),
        |account| format!("add a condition on `aws:SourceArn`, or `aws:SourceAccount` `{account}`"),
    );
    let message = format!("`{}` is let in on behalf of anybody", first.text);
    cx.report(first.span, message)
        .why("other customers of the service can have it act on your resource")
        .help(help)
        .fix(
            "demand your own `aws:SourceAccount`",
            edits.unwrap_or_default(),
        );
}
