//! Policy variables where AWS substitutes none.

use crate::policy::Version;
use crate::rule::{Place, RuleContext, is_template_variable, written_variables};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    if subject.document.version != Version::V2012 || !subject.may_hold("${") {
        return;
    }
    for placed in subject.texts() {
        // Those in condition keys are another rule's.
        let is_other = placed.place.has_variables() || placed.place == Place::ConditionKey;
        if is_other || !placed.text.contains("${") {
            continue;
        }
        let mut variables = written_variables(placed.text)
            .filter(|it| it.is_closed && it.key().contains(':') && !is_template_variable(it));
        let Some(variable) = variables.next() else {
            continue;
        };
        let place = match placed.place {
            Place::Action => "an action",
            Place::Principal => "a principal",
            _ => "a condition operator",
        };
        let message = format!("the variable `{}` stands in {place}", variable.whole);
        cx.report(placed.span, message)
            .why("AWS substitutes variables in `Resource` and condition values only; it is plain text")
            .help("compare with the variable in a `Condition`, or write the name itself");
    }
}
