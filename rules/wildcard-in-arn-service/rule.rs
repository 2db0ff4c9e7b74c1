//! Flags ARNs whose service has a wildcard.

use crate::pattern;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let subject = cx.subject();
    for (resource, arn) in subject.arns(statement) {
        if !pattern::has_wildcard(arn.service) {
            continue;
        }
        let message = format!("`{}` stands for several services", arn.service);
        cx.report(resource.span, message)
            .why("the wildcard may also match services that AWS adds later")
            .help("write one ARN for each service, or `*` for every resource");
    }
}
