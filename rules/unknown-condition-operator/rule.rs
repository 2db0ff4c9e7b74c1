//! Flags condition operators that AWS does not define.

use crate::policy::grammar::similar_operator;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for problem in subject.problems() {
        if problem.name != "unknown-condition-operator" {
            continue;
        }
        let found = subject.condition_at(problem.span);
        let edits = found.and_then(|(statement, condition)| {
            let similar = similar_operator(&condition.operator_text.text)?;
            let edits = subject.rename_operator(statement, condition, &similar)?;
            Some((similar, edits))
        });
        let mut report = cx.report_problem(problem);
        if let Some((similar, edits)) = edits {
            report.fix(format!("write `{similar}`"), edits);
        }
    }
}
