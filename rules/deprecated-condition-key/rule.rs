//! Flags condition keys that AWS keeps for old policies only.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if &*condition.key != "aws:sourceowner" {
            continue;
        }
        let key = &condition.key_text.text;
        cx.report(condition.key_text.span, format!("`{key}` is deprecated"))
            .why("services that were connected to Amazon SNS later do not send it")
            .help("use `aws:SourceAccount`, with `aws:SourceArn` where one resource is meant");
    }
}
