//! Lists roles that services can assume which run code.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for entry in statement.services() {
        if !cx.is_compute(&entry.text) {
            continue;
        }
        let message = format!("`{}` runs code with the role's permissions", entry.text);
        cx.report(entry.span, message)
            .why("whoever may pass the role and start something in the service has them too")
            .help("see that few may pass it with `iam:PassRole`");
    }
}
