//! Defaults of policy variables without their quotes; the fix writes both.

use crate::rule::{RuleContext, is_template_variable, written_variables};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for placed in subject.texts_with_variables() {
        for variable in written_variables(placed.text).filter(|it| it.is_closed) {
            let Some(default) = variable.default().map(str::trim) else {
                continue;
            };
            let is_quoted =
                default.len() >= 2 && default.starts_with('\'') && default.ends_with('\'');
            if is_quoted || is_template_variable(&variable) {
                continue;
            }
            let quoted = format!("${{{}, '{}'}}", variable.key(), default.trim_matches('\''));
            let new = variable.replaced(placed.text, &quoted);
            let edit = subject
                .editor()
                .map(|it| it.replace_text(placed.span, &new));
            cx.report(
                placed.span,
                format!(
                    "the default in `{}` is not in single quotes",
                    variable.whole
                ),
            )
            .why("AWS documents a default in single quotes only")
            .help(format!("write `{quoted}`"))
            .fix(format!("write `{quoted}`"), edit);
        }
    }
}
