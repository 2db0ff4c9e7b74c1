//! Flags values of `kms:ViaService` without a Region.

use crate::json::edit::quoted;
use crate::policy::{Statement, Test};
use crate::rule::{OperatorName, RuleContext};

/// Returns the value with any Region, where it has none.
fn with_region(text: &str) -> Option<String> {
    let at = text.find(".amazonaws.com")?;
    let (service, domain) = text.split_at(at);
    let is_bare = !service.is_empty() && !service.contains(['.', '*', '?', '$']);
    is_bare.then(|| format!("{service}.*{domain}"))
}

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        if &*condition.key != "kms:viaservice" || !condition.compares_strings() {
            continue;
        }
        let bare: Vec<_> = condition
            .values
            .iter()
            .filter_map(|it| Some((it, with_region(it.template.text())?)))
            .collect();
        let Some((value, new)) = bare.first() else {
            continue;
        };
        let texts = condition.values.iter().map(|it| it.template.text());
        let texts: Vec<String> = texts
            .map(|it| quoted(&with_region(it).unwrap_or_else(|| it.into())))
            .collect();
        let json = match texts.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let base = if condition.is_negated() {
            "StringNotLike"
        } else {
            "StringLike"
        };
        let operator = OperatorName::of(&condition.operator_text.text).with_base(base);
        let edits = if condition.test() == Some(Test::StringLike) {
            cx.editor()
                .map(|it| vec![it.replace(condition.values_span, json)])
        } else {
            cx.move_condition(statement, condition, &operator, Some(&json))
        };
        let text = value.template.text();
        cx.report(value.span, format!("`{text}` names no Region"))
            .why("`kms:ViaService` holds the service's endpoint in a Region, such as `s3.eu-west-1.amazonaws.com`, so this never matches")
            .help(format!("name the Region, or write `{new}` under `{base}`"))
            .fix("allow any Region of the service", edits.into_iter().flatten());
    }
}
