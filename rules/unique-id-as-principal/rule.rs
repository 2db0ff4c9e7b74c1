//! Flags principals that are named by a unique id.

use crate::policy::{PrincipalName, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(element) = &statement.principal else {
        return;
    };
    for entry in &element.entries {
        if entry.name != PrincipalName::UniqueId {
            continue;
        }
        // IAM User Guide, "IAM identifiers", section "Understanding unique ID prefixes".
        let what = match entry.text.get(..4) {
            Some("AROA") => "a role",
            Some("AIDA") => "a user",
            _ => "something in IAM",
        };
        let message = format!("`{}` is the unique id of {what}", entry.text);
        cx.report(entry.span, message)
            .label("what is left when it was deleted")
            .why("IAM shows an id in place of an ARN once nobody has it any more")
            .help("remove it, or write the ARN of who should be let in");
    }
}
