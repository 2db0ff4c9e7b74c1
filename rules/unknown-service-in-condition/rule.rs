//! Flags values that should be service principals and are none.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if !condition.is_about_services() {
            continue;
        }
        for value in &condition.values {
            let Some(meant) = cx.memo.meant_service(value) else {
                continue;
            };
            let text = value.template.text();
            let edit = cx.editor().map(|it| it.replace_text(value.span, &meant));
            cx.report(value.span, format!("`{text}` is no service principal"))
                .why("requests name services by their principal, in full, so it never matches")
                .help(format!("did you mean `{meant}`?"))
                .fix(format!("write `{meant}`"), edit);
        }
    }
}
