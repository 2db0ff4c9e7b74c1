//! Annotations of GitHub Actions (GitHub Docs: "Workflow commands for GitHub Actions").
//!
//! GitHub shows ten of each level a step, so the most severe come first.

use std::fmt::Write as _;

use super::Report;
use crate::finding::FindingType;
use crate::report::text::visible;

pub(super) fn render(report: &Report<'_>) -> String {
    let mut findings: Vec<_> = report.all().collect();
    findings.sort_by_key(|it| it.finding_type);
    let mut out = String::new();
    for finding in findings {
        let place = report.place(finding);
        let level = match finding.finding_type {
            FindingType::Error => "error",
            FindingType::SecurityWarning | FindingType::Warning => "warning",
            FindingType::Suggestion => "notice",
        };
        let text = format!(
            "{}; {}; {}",
            visible(&finding.message),
            visible(&finding.why),
            visible(&finding.help)
        );
        let _ = writeln!(
            out,
            "::{level} file={},line={},col={},endLine={},endColumn={},title={}::{}",
            property(&place.file),
            place.start.line,
            place.start.column,
            place.end.line,
            place.end.column,
            property(&format!(
                "{}[{}]",
                finding.finding_type.as_str(),
                finding.rule
            )),
            data(&text)
        );
    }
    let _ = writeln!(out, "{}", report.closing());
    out
}

/// What ends or splits a command is escaped as the runner expects it.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D");
    text.replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
