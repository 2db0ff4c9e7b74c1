//! Flags patterns that match no action of their service.

use crate::rule::{Naming, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for odd in subject.odd_actions() {
        let statement = &subject.document.statements[odd.statement];
        if odd.naming != Naming::NoMatch || statement.action.negated {
            continue;
        }
        let date = &subject.memo.catalog().info().date;
        let text = &odd.pattern.text;
        let message = format!("`{text}` matches no action as of {date}");
        cx.report(odd.pattern.span, message)
            .why("the entry does nothing, whatever it looks like")
            .help(
                "name the actions that are meant; if they are newer than the catalog, run \
                 `rolecall catalog update`",
            );
    }
}
