//! Flags condition keys with an empty list of values.

use crate::policy::{Quantifier, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for problem in subject.problems() {
        if problem.name != "empty-condition-values" {
            continue;
        }
        let Some((statement, condition)) = subject.condition_at(problem.span) else {
            continue;
        };
        let is_null = condition.test() == Some(Test::Null);
        let asks_for_absence = !is_null && condition.holds_when_absent();
        let edits = if asks_for_absence {
            subject.move_condition(statement, condition, "Null", Some("\"true\""))
        } else {
            None
        };
        let why = match (asks_for_absence, condition.quantifier()) {
            (true, Some(_)) => {
                "`ForAllValues` with no values holds only for requests that lack the key"
            }
            (true, None) => "with no values it holds only for requests that lack the key",
            (false, Some(Quantifier::ForAnyValue)) => {
                "`ForAnyValue` with no values never holds, so the statement does nothing"
            }
            (false, _) => "no value matches an empty list, so the statement does nothing",
        };
        let help = if asks_for_absence {
            "add the values, or say what it means: `Null` with `true`"
        } else {
            "add the values, or remove the statement"
        };
        cx.report_problem(problem).why(why).help(help).fix(
            "ask for the absence of the key",
            edits.into_iter().flatten(),
        );
    }
}
