//! Flags policy variables in condition keys.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let key = &condition.key_text.text;
        if !key.contains("${") {
            continue;
        }
        cx.report(
            condition.key_text.span,
            format!("`{key}` has a variable in a condition key"),
        )
        .why("variables are substituted in values only, so this is a key with a `$` in its name, which no request carries")
        .help("write the name of the key; a tag whose name varies needs a statement for each name");
    }
}
