//! Flags resource control policies on source keys that deny one's own principals.

use crate::policy::Statement;
use crate::rule::RuleContext;

const KEY: &str = "aws:PrincipalIsAWSService";

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(condition) = statement.denies_all_but_sources() else {
        return;
    };
    let edits = cx.demand(statement, "Bool", KEY, &["true"]);
    let key = &condition.key_text;
    cx.report(
        key.span,
        "your own users and roles are denied with the services",
    )
    .related(
        condition.operator_text.span,
        "holds for requests without the key",
    )
    .why(format!("only services carry `{}`", key.text))
    .help(format!("add `Bool` on `{KEY}` `true`"))
    .fix("limit it to AWS services", edits);
}
