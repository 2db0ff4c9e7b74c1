//! For people: each finding in its source text.

use super::Report;
use crate::report::text::{self, Options};

pub(super) fn render(report: &Report<'_>, options: Options) -> String {
    let mut out = String::new();
    for findings in [report.unread, report.findings] {
        if !findings.is_empty() {
            out.push_str(&text::findings(report.sources, findings, options));
            out.push('\n');
        }
    }
    out.push_str(&report.closing());
    out.push('\n');
    out
}
