//! Flags texts that have not the form of a service principal.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (text, span) in statement.service_names() {
        if cx.has_service_form(text) {
            continue;
        }
        let likely = cx.likely_service_principal(text);
        let edits = cx
            .editor()
            .zip(likely.as_deref())
            .map(|(it, name)| it.replace_text(span, name));
        let help = likely.as_ref().map_or_else(
            || "write a name such as `ec2.amazonaws.com`".to_owned(),
            |name| format!("did you mean `{name}`?"),
        );
        let title = format!("write `{}`", likely.unwrap_or_default());
        cx.report(span, format!("`{text}` is no service principal"))
            .why("no service has such a name, so it matches none")
            .help(help)
            .fix(title, edits);
    }
}
