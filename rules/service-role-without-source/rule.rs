//! Flags service roles without the source condition that AWS asks for.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let mut services = statement
        .services()
        .filter(|it| cx.wants_source_in_trust(&it.text));
    let Some(first) = services.next() else {
        return;
    };
    if statement.fixes_source() || !cx.may_match(statement, "sts:AssumeRole") {
        return;
    }
    let owner = cx.owner();
    let all = statement
        .named()
        .all(|it| cx.wants_source_in_trust(&it.text));
    let edits = owner
        .filter(|_| all)
        .map(|account| cx.demand(statement, "StringEquals", "aws:SourceAccount", &[account]));
    let message = format!("`{}` may act by the role for anybody", first.text);
    cx.report(first.span, message)
        .why("AWS asks for a source in this service's roles, against the confused deputy problem")
        .help("add a condition on `aws:SourceAccount` with your account id, or on `aws:SourceArn`")
        .fix(
            "demand your own `aws:SourceAccount`",
            edits.unwrap_or_default(),
        );
}
