//! One line for each finding, as compilers print them.

use std::fmt::Write as _;

use super::Report;
use crate::report::text::visible;

pub(super) fn render(report: &Report<'_>) -> String {
    let mut out = String::new();
    for finding in report.all() {
        let place = report.place(finding);
        let _ = writeln!(
            out,
            "{}:{}:{}: {}[{}] {}",
            place.file,
            place.start.line,
            place.start.column,
            finding.finding_type.as_str(),
            finding.rule,
            visible(&finding.message)
        );
    }
    let _ = writeln!(out, "{}", report.closing());
    out
}
