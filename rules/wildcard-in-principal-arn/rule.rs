//! Flags wildcards in principal ARNs; moves the pattern into a condition on `aws:PrincipalArn`.

use crate::arn::Arn;
use crate::policy::Effect;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let problems = subject.problems().iter();
    for problem in problems.filter(|it| it.name == "wildcard-in-principal-arn") {
        let rewrite = || {
            let (_, statement) = subject.statement_at(problem.span)?;
            let element = statement.principal.as_ref()?;
            let [entry] = element.entries.as_slice() else {
                return None;
            };
            let is_iam = Arn::parse(&entry.text).is_some_and(|it| it.service == "iam");
            if element.negated || statement.effect != Effect::Allow || !is_iam {
                return None;
            }
            let editor = subject.editor()?;
            let mut edits =
                subject.demand(statement, "ArnLike", "aws:PrincipalArn", &[&entry.text]);
            if edits.is_empty() {
                return None;
            }
            let everyone = editor.replace(element.span, "{ \"AWS\": \"*\" }");
            edits.push(everyone);
            Some(edits)
        };
        let edits = rewrite().unwrap_or_default();
        cx.report_problem(problem)
            .fix("match it by a condition on `aws:PrincipalArn`", edits);
    }
}
