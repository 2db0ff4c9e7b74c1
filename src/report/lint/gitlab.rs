//! GitLab's code quality report (GitLab Docs: "Code Quality", "Code Quality report format").

use std::collections::BTreeMap;

use serde_json::json;

use super::Report;
use crate::finding::FindingType;
use crate::report::text::visible;
use crate::rule::fingerprint;

pub(super) fn render(report: &Report<'_>) -> String {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let rows: Vec<_> = report
        .all()
        .map(|finding| {
            let place = report.place(finding);
            let own = fingerprint(finding, report.path(finding));
            // GitLab wants each fingerprint once.
            let count = seen.entry(own.clone()).or_default();
            *count += 1;
            let severity = match finding.finding_type {
                FindingType::Error => "critical",
                FindingType::SecurityWarning => "major",
                FindingType::Warning => "minor",
                FindingType::Suggestion => "info",
            };
            json!({
                "description": visible(&finding.message),
                "check_name": finding.rule,
                "fingerprint": format!("{own}{count:04x}"),
                "severity": severity,
                "location": { "path": place.file, "lines": { "begin": place.start.line } },
            })
        })
        .collect();
    format!("{:#}\n", json!(rows))
}
