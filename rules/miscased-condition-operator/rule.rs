//! Flags condition operators that are spelt in another letter case than AWS's.

use crate::policy::Operator;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for problem in subject.problems() {
        if problem.name != "miscased-condition-operator" {
            continue;
        }
        let found = subject.condition_at(problem.span);
        let edits = found.and_then(|(statement, condition)| {
            let spelling = Operator::spelling(&condition.operator_text.text)?;
            let edits = subject.rename_operator(statement, condition, &spelling)?;
            Some((spelling, edits))
        });
        let mut report = cx.report_problem(problem);
        if let Some((spelling, edits)) = edits {
            report.fix(format!("write `{spelling}`"), edits);
        }
    }
}
