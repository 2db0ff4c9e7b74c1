//! Flags service principals that differ from a listed one by a letter or two.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for (text, span) in statement.service_names() {
        if cx.memo.catalog().is_service_principal(text) || !cx.has_service_form(text) {
            continue;
        }
        let Some(likely) = cx.likely_service_principal(text) else {
            continue;
        };
        let edits = cx.editor().map(|it| it.replace_text(span, &likely));
        cx.report(span, format!("no service is known as `{text}`"))
            .why("a misspelt service principal matches no service; IAM refuses it as a principal")
            .help(format!("did you mean `{likely}`?"))
            .fix(format!("write `{likely}`"), edits);
    }
}
