//! Flags Deny statements that spare unsigned requests along with AWS services.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(condition) = statement.spares_anonymous() else {
        return;
    };
    let edits = cx.change_operator(statement, condition, "BoolIfExists");
    let key = &condition.key_text.text;
    cx.report(
        condition.operator_text.span,
        "requests without a signature escape the Deny",
    )
    .related(condition.key_text.span, "they do not carry it")
    .why(format!(
        "`Bool` fails where `{key}` is missing, and the Deny does not apply"
    ))
    .help("use `BoolIfExists`")
    .fix("use `BoolIfExists`", edits);
}
