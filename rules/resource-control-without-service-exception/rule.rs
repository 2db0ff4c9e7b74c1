//! Flags resource control policies that deny AWS services; spares them.

use crate::policy::Statement;
use crate::rule::RuleContext;

const KEY: &str = "aws:PrincipalIsAWSService";

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(condition) = statement.denies_services() else {
        return;
    };
    let edits = cx.demand(statement, "BoolIfExists", KEY, &["false"]);
    let key = &condition.key_text;
    cx.report(key.span, "AWS services are denied with the strangers")
        .related(condition.operator_text.span, "holds for them too")
        .why("a service that calls as itself is of none of your accounts, and cannot work")
        .help(format!("add `BoolIfExists` on `{KEY}` `false`"))
        .fix("spare AWS services", edits);
}
