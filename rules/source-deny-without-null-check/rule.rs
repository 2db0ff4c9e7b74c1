//! Flags resource control policies that deny services which send no source.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(condition) = statement.denies_without_source() else {
        return;
    };
    let edits = cx.demand(statement, "Null", "aws:SourceAccount", &["false"]);
    let key = &condition.key_text;
    cx.report(key.span, "services that send no source are denied")
        .related(
            condition.operator_text.span,
            "holds for requests without the key",
        )
        .why("some integrations of AWS services send none, and cannot work")
        .help("add `Null` on `aws:SourceAccount` `false`")
        .fix("spare services that send no source", edits);
}
