//! Flags actions whose service prefix is not in the catalog.

use crate::rule::{Naming, RuleContext, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for odd in subject.odd_actions() {
        let statement = &subject.document.statements[odd.statement];
        if odd.naming != Naming::NoService || statement.action.negated {
            continue;
        }
        let Some((prefix, name)) = odd.pattern.text.split_once(':') else {
            continue;
        };
        let span = odd.pattern.span;
        let date = &subject.memo.catalog().info().date;
        let meant: Vec<String> = subject
            .memo
            .meant_services(odd.pattern)
            .iter()
            .map(|it| format!("{it}:{name}"))
            .collect();
        let edit = match (meant.as_slice(), subject.editor()) {
            ([only], Some(editor)) => Some(editor.replace_text(span, only)),
            _ => None,
        };
        let help = if meant.is_empty() {
            "look the prefix up in the Service Authorization Reference; if it is newer than the \
             catalog, run `rolecall catalog update`"
                .to_owned()
        } else {
            format!(
                "did you mean {}?",
                name_some(&meant).replace(" and ", " or ")
            )
        };
        let message = format!("no service has the prefix `{prefix}` as of {date}");
        cx.report(span, message)
            .why("no request has such an action, so the entry does nothing")
            .help(help)
            .fix(format!("write `{}`", meant.concat()), edit);
    }
}
