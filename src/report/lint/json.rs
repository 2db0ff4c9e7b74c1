//! `rolecall/lint/v1`. Fields are only ever added to a version.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Report, file_name};
use crate::finding::{Finding, Label};
use crate::report::text::visible;
use crate::rule::fingerprint;

const SCHEMA: &str = "rolecall/lint/v1";

/// The report of one run.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Lint {
    /// `rolecall/lint/v1`
    schema: &'static str,
    /// The program.
    tool: Tool,
    /// What AWS defines, as known on a date.
    catalog: Catalog,
    /// What is wrong, in order of file and position.
    findings: Vec<Entry>,
    /// What could not be read.
    unread: Vec<Entry>,
    /// The counts.
    summary: Counts,
}

#[derive(Serialize, JsonSchema)]
struct Tool {
    /// `rolecall`
    name: &'static str,
    /// Its version.
    version: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Catalog {
    /// The date of the data, such as `2026-09-26`.
    date: String,
    /// Names this text.
    hash: String,
}

/// One finding.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Entry {
    /// The name of the rule.
    rule: String,
    /// `error`, `security-warning`, `warning` or `suggestion`.
    r#type: &'static str,
    /// What is wrong.
    message: String,
    /// Why it matters.
    why: String,
    /// What to do.
    help: String,
    /// The file.
    file: String,
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
    /// The first byte.
    start: u32,
    /// One past the last byte.
    end: u32,
    /// The `Sid` of the statement.
    sid: Option<String>,
    /// The number of the document in the file, from 0.
    document: Option<usize>,
    /// The number of the statement in the document, from 0.
    statement: Option<usize>,
    /// Names the content of the statement, for suppressions.
    statement_hash: Option<String>,
    /// Names rule, file and statement, whatever the line.
    fingerprint: String,
    /// Other places that explain it.
    related: Vec<Related>,
    /// A change that ends it.
    fix: Option<Change>,
}

#[derive(Serialize, JsonSchema)]
struct Related {
    /// What is to be seen there.
    text: String,
    /// The file.
    file: String,
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
    /// The first byte.
    start: u32,
    /// One past the last byte.
    end: u32,
}

#[derive(Serialize, JsonSchema)]
struct Change {
    /// What it does, as an order.
    title: String,
    /// The most that it does: `equivalent`, `narrowing` or `suggested`.
    class: &'static str,
    /// The edits, apart from each other.
    edits: Vec<Replacement>,
}

#[derive(Serialize, JsonSchema)]
struct Replacement {
    /// The first byte that is replaced.
    start: u32,
    /// One past the last byte.
    end: u32,
    /// What stands there afterwards.
    text: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Counts {
    /// Files that were read.
    files: usize,
    /// Policy documents in them.
    documents: usize,
    /// Files that hold no policy.
    skipped: usize,
    /// Findings of type `error`.
    errors: usize,
    /// Findings of type `security-warning`.
    security_warnings: usize,
    /// Findings of type `warning`.
    warnings: usize,
    /// Findings of type `suggestion`.
    suggestions: usize,
    /// Findings that suppressions hide.
    suppressed: usize,
    /// Findings that the baseline knows.
    baseline: usize,
    /// Files or documents that could not be read.
    unread: usize,
    /// Rules that failed, which are errors of this program.
    failed_rules: Vec<&'static str>,
    /// The exit code of the run.
    exit_code: u8,
}

pub(super) fn render(report: &Report<'_>) -> String {
    let text = serde_json::to_string_pretty(&lint(report)).unwrap_or_default();
    text + "\n"
}

/// One finding a line, then the counts.
pub(super) fn render_lines(report: &Report<'_>) -> String {
    let lint = lint(report);
    let line = |value: serde_json::Result<String>| value.unwrap_or_default() + "\n";
    let mut out = String::new();
    for entry in lint.unread.iter().chain(&lint.findings) {
        out.push_str(&line(serde_json::to_string(entry)));
    }
    let last = serde_json::json!({ "schema": SCHEMA, "summary": lint.summary });
    out + &line(Ok(last.to_string()))
}

/// Returns the JSON Schema of the report.
#[must_use]
pub fn schema() -> String {
    let schema = schemars::schema_for!(Lint);
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

fn lint(report: &Report<'_>) -> Lint {
    use crate::finding::FindingType as Type;
    let summary = report.summary;
    Lint {
        schema: SCHEMA,
        tool: Tool {
            name: "rolecall",
            version: env!("CARGO_PKG_VERSION"),
        },
        catalog: Catalog {
            date: report.catalog.date.clone(),
            hash: report.catalog.hash.clone(),
        },
        findings: report.findings.iter().map(|it| entry(report, it)).collect(),
        unread: report.unread.iter().map(|it| entry(report, it)).collect(),
        summary: Counts {
            files: summary.files,
            documents: summary.documents,
            skipped: summary.skipped,
            errors: report.count(Type::Error),
            security_warnings: report.count(Type::SecurityWarning),
            warnings: report.count(Type::Warning),
            suggestions: report.count(Type::Suggestion),
            suppressed: summary.suppressed,
            baseline: summary.baseline,
            unread: report.unread.len(),
            failed_rules: summary.failed_rules.clone(),
            exit_code: summary.exit_code,
        },
    }
}

fn entry(report: &Report<'_>, finding: &Finding) -> Entry {
    let place = report.place(finding);
    let subject = finding.subject.as_ref();
    let shown = |text: &str| visible(text).into_owned();
    Entry {
        rule: finding.rule.to_owned(),
        r#type: finding.finding_type.as_str(),
        message: shown(&finding.message),
        why: shown(&finding.why),
        help: shown(&finding.help),
        file: place.file,
        line: place.start.line,
        column: place.start.column,
        start: finding.primary.location.span.start,
        end: finding.primary.location.span.end,
        sid: subject.and_then(|it| it.sid.as_deref().map(shown)),
        document: subject.map(|it| it.document),
        statement: subject.and_then(|it| it.statement),
        statement_hash: subject.and_then(|it| it.hash.as_deref().map(str::to_owned)),
        fingerprint: fingerprint(finding, report.path(finding)),
        related: finding
            .related
            .iter()
            .map(|it| related(report, it))
            .collect(),
        fix: finding.fix.as_ref().map(|fix| Change {
            title: shown(&fix.title),
            class: fix.class.as_str(),
            edits: fix
                .edits
                .iter()
                .map(|it| Replacement {
                    start: it.span.start,
                    end: it.span.end,
                    text: it.text.clone(),
                })
                .collect(),
        }),
    }
}

fn related(report: &Report<'_>, label: &Label) -> Related {
    let source = report.sources.get(label.location.file);
    let at = report.sources.line_column(label.location);
    Related {
        text: visible(&label.text).into_owned(),
        file: file_name(&source.name),
        line: at.line,
        column: at.column,
        start: label.location.span.start,
        end: label.location.span.end,
    }
}
