//! Flags wildcards in place of a service principal.

use crate::pattern::has_wildcard;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for entry in statement.services().filter(|it| has_wildcard(&it.text)) {
        let message = format!("`{}` stands for a service principal", entry.text);
        cx.report(entry.span, message)
            .label("no service has this name")
            .why("service principals are exact names; where it is taken, any service may act")
            .help("name each service that needs it");
    }
}
