//! Flags actions that are not in the catalog and are neither API operations nor former names.

use crate::policy::Effect;
use crate::rule::{Naming, RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for odd in subject.odd_actions() {
        let statement = &subject.document.statements[odd.statement];
        if odd.naming != Naming::NoAction || statement.action.negated {
            continue;
        }
        let (text, span) = (&odd.pattern.text, odd.pattern.span);
        let date = &subject.memo.catalog().info().date;
        let meant = subject.memo.meant_actions(odd.pattern);
        let edit = match (meant.as_slice(), subject.editor()) {
            ([only], Some(editor)) => Some(editor.replace_text(span, only)),
            _ => None,
        };
        let help = if meant.is_empty() {
            "look the name up in the Service Authorization Reference; if it is newer than the \
             catalog, run `rolecall catalog update`"
                .to_owned()
        } else {
            format!(
                "did you mean {}?",
                name_some(&meant).replace(" and ", " or ")
            )
        };
        let why = match statement.effect {
            Effect::Allow => "no request has this action, so nothing is allowed by it",
            Effect::Deny => "no request has this action, so nothing is denied by it",
        };
        cx.report(span, format!("`{text}` is no action as of {date}"))
            .why(why)
            .help(help)
            .fix(format!("write `{}`", meant.concat()), edit);
    }
}
