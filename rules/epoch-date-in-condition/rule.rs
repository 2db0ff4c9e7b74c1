//! Flags dates that are written as seconds since 1970.

use crate::policy::operand::date_text;
use crate::policy::{Operand, Statement, Test};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let is_date = matches!(condition.test(), Some(Test::Date(_)));
        if !is_date || &*condition.key == "aws:epochtime" {
            continue;
        }
        for value in &condition.values {
            let Operand::Date(Some(milliseconds)) = value.operand else {
                continue;
            };
            let text = value.template.text();
            let is_digit = |it: u8| it.is_ascii_digit() || it == b'.';
            if text.len() <= 4 || !text.bytes().all(is_digit) {
                continue;
            }
            let new = date_text(milliseconds);
            let edit = cx.editor().map(|it| it.replace_text(value.span, &new));
            cx.report(
                value.span,
                format!("`{text}` is a date in seconds since 1970"),
            )
            .why("nobody reads which day it is, and a missing digit moves it by decades")
            .help(format!("write `{new}`"))
            .fix(format!("write `{new}`"), edit);
        }
    }
}
