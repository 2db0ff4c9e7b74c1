//! Placeholders of templates and of documentation, each said once for a document.

use crate::rule::{Place, PlacedText, RuleContext, placeholder};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let mut found: Vec<(&str, PlacedText<'_>, usize)> = Vec::new();
    for placed in subject.texts() {
        // Actions are many, and hardly ever have one.
        if placed.place == Place::Action && !placed.text.contains(['<', '{', '$', '%']) {
            continue;
        }
        // A variable of any kind in a condition key is another rule's.
        if placed.place == Place::ConditionKey && placed.text.contains("${") {
            continue;
        }
        let Some(text) = placeholder(placed.text) else {
            continue;
        };
        match found.iter_mut().find(|(known, ..)| *known == text) {
            Some((.., count)) => *count += 1,
            None => found.push((text, placed, 1)),
        }
    }
    for (text, placed, count) in found {
        let why = match placed.place {
            Place::Action => "AWS reads it as it stands, and there is no such action",
            Place::Resource => "AWS reads it as it stands, so it names no resource",
            Place::Principal => "AWS reads it as it stands, and there is no such principal",
            Place::ConditionOperator => "AWS reads it as it stands, and refuses the operator",
            Place::ConditionKey => "AWS reads it as it stands, and no request has such a key",
            Place::ConditionValue => "AWS reads it as it stands, so it is not what requests have",
        };
        let mut report = cx.report(placed.span, format!("`{text}` is a placeholder"));
        report
            .why(why)
            .help("put the real value in its place, or check what the template makes of it");
        if count > 1 {
            report.label(format!("stands in {count} places"));
        }
    }
}
