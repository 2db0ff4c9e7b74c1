//! Policy variables of condition keys that hold several values.

use crate::rule::{RuleContext, written_variables};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for placed in subject.texts_with_variables() {
        for variable in written_variables(placed.text).filter(|it| it.is_closed) {
            let key = variable.key().trim();
            let known = subject.memo.catalog().condition_key(key);
            if known.is_some_and(|it| it.multivalued) {
                let message = format!("`{key}` holds a list, and a variable stands for one value");
                cx.report(placed.span, message)
                    .why("such a variable never has a value, so the text matches nothing")
                    .help("compare the key itself in a `Condition`, under `ForAnyValue:` or `ForAllValues:`");
            }
        }
    }
}
