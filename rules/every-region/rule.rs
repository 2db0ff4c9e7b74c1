//! Notes that nothing in a document that allows changes everywhere limits the Region.

use crate::catalog::AccessLevel;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let statements = &subject.document.statements;
    let mut conditions = statements.iter().flat_map(|it| it.conditions.iter());
    if conditions.any(|it| matches!(&*it.key, "aws:requestedregion" | "ec2:region")) {
        return;
    }
    let is_wide = |at: &usize| {
        let mut wide = subject.wide(*at).iter();
        wide.any(|it| it.level == AccessLevel::Write)
    };
    let Some(at) = (0..statements.len()).find(is_wide) else {
        return;
    };
    let statement = &statements[at];
    let Some(star) = subject.open_star(statement) else {
        return;
    };
    let name = statement.name(at);
    cx.report(star, format!("{name} allows changes in every Region"))
        .label("and nothing in this document names one")
        .why("what is done in a Region that nobody looks at is found late, or on the bill")
        .help("add a condition on `aws:RequestedRegion`, or a Deny for all other Regions");
}
