//! Spaces in the names of policy variables; the fix takes them out where that gives a known key.

use crate::rule::{RuleContext, is_template_variable, written_variables};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for placed in subject.texts_with_variables() {
        for variable in written_variables(placed.text).filter(|it| it.is_closed) {
            let key = variable.key();
            let has_space = key.contains(char::is_whitespace) && !key.trim().is_empty();
            if !has_space || is_template_variable(&variable) {
                continue;
            }
            let squeezed: String = key.chars().filter(|it| !it.is_whitespace()).collect();
            let known = subject.memo.catalog().condition_key(&squeezed);
            // Without its space a tag is another one.
            let is_same = key.trim() == squeezed || known.is_some_and(|it| !it.is_template());
            let default = variable.default().map(|it| format!(",{it}"));
            let plain = format!("${{{squeezed}{}}}", default.unwrap_or_default());
            let new = variable.replaced(placed.text, &plain);
            let editor = subject.editor().filter(|_| is_same);
            let edit = editor.map(|it| it.replace_text(placed.span, &new));
            cx.report(
                placed.span,
                format!("the name of the variable `{}` has a space", variable.whole),
            )
            .why("AWS does not support a space in it, so it may stand for nothing")
            .help(if is_same {
                format!("write `{plain}`")
            } else {
                "use a key without spaces; no variable can name a tag whose key has one".into()
            })
            .fix(format!("write `{plain}`"), edit);
        }
    }
}
