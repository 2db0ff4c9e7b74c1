//! Flags wildcards in the subject under `StringEquals`; writes `StringLike`.

use crate::policy::{Effect, Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow {
        return;
    }
    for condition in &statement.conditions {
        let is_subject = condition.claim().is_some_and(|(_, claim)| claim == "sub");
        let operator = condition.operator.filter(|it| !it.negated && is_subject);
        let Some(operator) = operator.filter(|it| it.test == Test::StringEquals) else {
            continue;
        };
        let mut values = condition.values.iter();
        let has_star = |text: &str| text.contains('*') && !text.contains("${");
        let Some(value) = values.find(|it| has_star(it.template.text())) else {
            continue;
        };
        let like = condition.operator_text.text.replace("Equals", "Like");
        let edits = match operator.quantifier {
            None => cx.change_operator(statement, condition, &like),
            Some(_) => Vec::new(),
        };
        let text = value.template.text();
        let name = &condition.operator_text.text;
        cx.report(
            value.span,
            format!("`{text}` matches no token: `{name}` takes `*` for a star"),
        )
        .why("nobody can assume the role by this value")
        .help(format!("use `{like}`, with as few wildcards as will do"))
        .fix(format!("use `{like}`"), edits);
    }
}
