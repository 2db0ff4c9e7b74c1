//! Markdown for a comment on a pull request.

use std::fmt::Write as _;

use super::Report;
use crate::finding::Finding;
use crate::report::text::visible;

/// GitHub cuts comments at 65,536 characters; what is left out is counted.
const MOST: usize = 60_000;

pub(super) fn render(report: &Report<'_>) -> String {
    let mut out = format!("### rolecall: {}\n", escaped(&report.closing()));
    let mut findings: Vec<&Finding> = report.all().collect();
    findings.sort_by_key(|it| it.finding_type);
    if !findings.is_empty() {
        out.push_str("\n| | where | what | what to do |\n| --- | --- | --- | --- |\n");
    }
    for (at, finding) in findings.iter().enumerate() {
        let row = row(report, finding);
        if out.len() + row.len() > MOST {
            let _ = writeln!(out, "\n{} more are not shown here.", findings.len() - at);
            break;
        }
        out.push_str(&row);
    }
    out
}

fn row(report: &Report<'_>, finding: &Finding) -> String {
    let place = report.place(finding);
    format!(
        "| **{}** {} | {}:{} | {}: {} | {} |\n",
        finding.finding_type.as_str(),
        finding.rule,
        escaped(&place.file),
        place.start.line,
        escaped(&visible(&finding.message)),
        escaped(&visible(&finding.why)),
        escaped(&visible(&finding.help)),
    )
}

/// Writes every character that Markdown or HTML would act on as one that is only shown.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Mentions and references would notify or link.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '`' | '*' | '_' | '[' | ']' | '|' | '\\' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(character);
            }
            // URLs are not to become links.
            ':' => out.push_str("&#58;"),
            _ => out.push(character),
        }
    }
    out
}
