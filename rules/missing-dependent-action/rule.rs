//! Flags allowed actions whose dependent actions the document allows nowhere.

use crate::policy::{Effect, Statement};
use crate::rule::{Ask, RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow || statement.action.negated {
        return;
    }
    let subject = cx.subject();
    for pattern in statement
        .action
        .patterns
        .iter()
        .filter(|it| !it.has_wildcard())
    {
        let [action] = *subject.memo.expand(pattern.folded()) else {
            continue;
        };
        let needed = action.action.dependent_actions.iter();
        let missing: Vec<&str> = needed
            .map(|it| &**it)
            .filter(|it| {
                let ask = Ask {
                    action: it,
                    context: &[],
                };
                subject.grants(ask).is_empty()
            })
            .collect();
        if missing.is_empty() {
            continue;
        }
        let message = format!(
            "calls of `{}` may need {} too",
            pattern.text,
            name_some(&missing)
        );
        cx.report(pattern.span, message)
            .why("AWS lists it as a dependent action, and nothing in this document allows it")
            .help("allow it where it is needed, unless another policy does");
    }
}
