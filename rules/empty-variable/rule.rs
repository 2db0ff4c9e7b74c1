//! Policy variables without a name.

use crate::rule::{RuleContext, written_variables};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for placed in subject.texts_with_variables() {
        let mut empty = written_variables(placed.text);
        let is_empty = empty.any(|it| it.is_closed && it.key().trim().is_empty());
        if is_empty {
            cx.report(
                placed.span,
                format!("a variable in `{}` is empty", placed.text),
            )
            .why("it has no value, so the text matches nothing")
            .help("write a condition key in the braces, or remove them");
        }
    }
}
