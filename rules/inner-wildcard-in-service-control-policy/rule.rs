//! Lists wildcards before the end of an action in service control policies.

use crate::pattern::has_wildcard;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for pattern in &statement.action.patterns {
        let text = &*pattern.text;
        if !has_wildcard(text.strip_suffix('*').unwrap_or(text)) {
            continue;
        }
        cx.report(
            pattern.span,
            format!("`{text}` has a wildcard before its end"),
        )
        .why("AWS takes it since September 2025; older tools and other partitions may not")
        .help("list the actions where the policy has to be taken there too");
    }
}
