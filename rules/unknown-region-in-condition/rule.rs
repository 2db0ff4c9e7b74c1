//! Flags values that should be Regions and are none.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let Some(test) = condition.test().filter(|_| condition.is_about_regions()) else {
            continue;
        };
        for value in &condition.values {
            if !cx.memo.names_no_region(test, value) {
                continue;
            }
            let text = value.template.text();
            let similar = cx.memo.similar_region(text);
            let edit = similar
                .as_ref()
                .and_then(|it| Some(cx.editor()?.replace_text(value.span, it)));
            let help = similar.as_ref().map_or_else(
                || "use the code of a Region, such as `eu-west-1`".into(),
                |it| format!("did you mean `{it}`?"),
            );
            let date = &cx.memo.catalog().info().date;
            let why = format!("no request names it: there is no such Region (as of {date})");
            let title = similar
                .map(|it| format!("write `{it}`"))
                .unwrap_or_default();
            cx.report(value.span, format!("`{text}` names no Region"))
                .why(why)
                .help(help)
                .fix(title, edit);
        }
    }
}
