//! Suggests source keys in place of others for service principals.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.services().next().is_none() || statement.fixes_source() {
        return;
    }
    let mut conditions = statement.conditions.iter();
    let other = conditions.find(|it| it.is_other_than_source() && it.names_values());
    let Some(condition) = other else {
        return;
    };
    let key = &condition.key_text;
    cx.report(
        key.span,
        format!("`{}` limits a service principal", key.text),
    )
    .why("AWS made other keys to say on whose behalf a service calls")
    .help("use `aws:SourceArn`, `aws:SourceAccount`, `aws:SourceOrgID` or `aws:SourceOrgPaths`");
}
