//! Policy variables of condition keys that do not exist; the fix writes the one that is meant.

use crate::rule::{RuleContext, is_template_variable, similar_keys, written_variables};

/// Services with variables of their own that are no condition keys (AWS: "AWS IoT Core policy
/// variables"; AWS Transfer Family User Guide, "Creating a session policy for an Amazon S3
/// bucket").
const OTHER_VARIABLES: [&str; 2] = ["iot", "transfer"];

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let catalog = subject.memo.catalog();
    for placed in subject.texts_with_variables() {
        for variable in written_variables(placed.text) {
            // Spaces are another rule's.
            let key = variable.key().trim();
            let Some((prefix, name)) = key.split_once(':') else {
                continue;
            };
            let is_global = prefix.eq_ignore_ascii_case("aws");
            let is_other = OTHER_VARIABLES
                .iter()
                .any(|it| prefix.eq_ignore_ascii_case(it));
            let is_ours = is_global || catalog.has_service(prefix) && !is_other;
            if !variable.is_closed
                || !is_ours
                || name.is_empty()
                || key.contains(char::is_whitespace)
                || is_template_variable(&variable)
                || catalog.condition_key(key).is_some()
            {
                continue;
            }
            let similar = similar_keys(catalog, key);
            if similar.is_empty() && !is_global {
                continue;
            }
            let date = &catalog.info().date;
            let help = match similar.as_slice() {
                [] => format!("name a condition key; the list of keys is of {date}"),
                near => {
                    let names: Vec<_> = near.iter().map(|it| format!("`{it}`")).collect();
                    let names = names.join(" or ");
                    format!("did you mean {names}? The list of keys is of {date}")
                }
            };
            let meant = similar.first().filter(|_| similar.len() == 1);
            let change = subject.editor().zip(meant);
            let mut report = cx.report(placed.span, format!("`{key}` is no condition key"));
            report
                .why("no request has it, so the variable has no value and matches nothing")
                .help(help);
            if let Some((editor, meant)) = change {
                let default = variable.default().map(|it| format!(",{it}"));
                let new = format!("${{{meant}{}}}", default.unwrap_or_default());
                let text = variable.replaced(placed.text, &new);
                report.fix(
                    format!("write `{new}`"),
                    [editor.replace_text(placed.span, &text)],
                );
            }
        }
    }
}
