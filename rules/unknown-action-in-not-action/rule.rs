//! Flags texts under `NotAction` that name no action: what they should leave out is not left out.

use crate::policy::Effect;
use crate::rule::{Naming, RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for odd in subject.odd_actions() {
        let statement = &subject.document.statements[odd.statement];
        if !statement.action.negated {
            continue;
        }
        let meant: Vec<String> = match odd.naming {
            Naming::NoAction | Naming::NoMatch => subject.memo.meant_actions(odd.pattern),
            Naming::NoService => {
                let name = odd
                    .pattern
                    .text
                    .split_once(':')
                    .map_or("", |(_, name)| name);
                let services = subject.memo.meant_services(odd.pattern);
                services.iter().map(|it| format!("{it}:{name}")).collect()
            }
            Naming::Operation(actions) => actions.iter().map(|it| (*it).to_owned()).collect(),
            _ => continue,
        };
        let is_operation = matches!(odd.naming, Naming::Operation(_));
        let (text, span) = (&odd.pattern.text, odd.pattern.span);
        let texts: Vec<&str> = meant.iter().map(String::as_str).collect();
        let edit = subject
            .editor()
            .filter(|_| is_operation || texts.len() == 1)
            .and_then(|it| it.replace_by_texts(span, &texts));
        let date = &subject.memo.catalog().info().date;
        let why = match statement.effect {
            Effect::Allow => "`NotAction` leaves nothing out by it, so what was meant is allowed",
            Effect::Deny => "`NotAction` leaves nothing out by it, so what was meant is denied",
        };
        let help = match texts.as_slice() {
            [] => "write the action that is to be left out".to_owned(),
            _ if is_operation => format!("write {}", name_some(&texts)),
            _ => format!(
                "did you mean {}?",
                name_some(&texts).replace(" and ", " or ")
            ),
        };
        cx.report(
            span,
            format!("`{text}` under `NotAction` is no action as of {date}"),
        )
        .why(why)
        .help(help)
        .fix(format!("write {}", name_some(&texts)), edit);
    }
}
