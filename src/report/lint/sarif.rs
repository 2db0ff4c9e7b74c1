//! SARIF 2.1.0, within the limits that GitHub sets (GitHub Docs: "SARIF support for code
//! scanning"): at most 25,000 results, of which the most severe stay, and 1,000 places each.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Report;
use crate::finding::{Finding, FindingType};
use crate::report::text::visible;
use crate::rule::{self, Meta, fingerprint};
use crate::source::Location;

const MOST_RESULTS: usize = 25_000;
const MOST_PLACES: usize = 1_000;

pub(super) fn render(report: &Report<'_>) -> String {
    let mut findings: Vec<&Finding> = report.all().collect();
    let left_out = findings.len().saturating_sub(MOST_RESULTS);
    if left_out > 0 {
        findings.sort_by_key(|it| it.finding_type);
        findings.truncate(MOST_RESULTS);
    }
    let mut names: Vec<&str> = rule::rules().iter().map(|it| it.meta.name).collect();
    names.extend(findings.iter().map(|it| it.rule));
    names.sort_unstable();
    names.dedup();
    let mut seen = BTreeMap::new();
    let results: Vec<Value> = findings
        .iter()
        .map(|it| result(report, it, &names, &mut seen))
        .collect();
    let mut notifications: Vec<Value> = report
        .summary
        .failed_rules
        .iter()
        .map(|name| {
            json!({
                "level": "error",
                "message": { "text": format!("the rule `{name}` failed, which is a bug of rolecall") },
            })
        })
        .collect();
    if left_out > 0 {
        notifications.push(json!({
            "level": "warning",
            "message": { "text": format!("{left_out} results are left out: GitHub takes {MOST_RESULTS}") },
        }));
    }
    let incomplete = !report.unread.is_empty() || !report.summary.failed_rules.is_empty();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "rolecall",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "properties": { "catalog": report.catalog.date },
                "rules": names.iter().map(|it| descriptor(it)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": !incomplete,
                "exitCode": report.summary.exit_code,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn descriptor(name: &str) -> Value {
    let Some(rule) = rule::find(name) else {
        return json!({ "id": name });
    };
    let meta: &Meta = &rule.meta;
    let mut tags = vec!["iam", meta.persona.as_str()];
    if meta.finding_type == FindingType::SecurityWarning {
        tags.push("security");
    }
    let mut descriptor = json!({
        "id": meta.name,
        "shortDescription": { "text": meta.summary },
        "fullDescription": { "text": meta.summary },
        "help": { "text": meta.body(), "markdown": meta.body() },
        "defaultConfiguration": { "level": level(meta.finding_type) },
        "properties": { "tags": tags, "precision": "high" },
    });
    if meta.finding_type == FindingType::SecurityWarning {
        // GitHub sorts security results by this number.
        descriptor["properties"]["security-severity"] = json!("7.0");
    }
    descriptor
}

const fn level(finding_type: FindingType) -> &'static str {
    match finding_type {
        FindingType::Error => "error",
        FindingType::SecurityWarning | FindingType::Warning => "warning",
        FindingType::Suggestion => "note",
    }
}

fn result(
    report: &Report<'_>,
    finding: &Finding,
    names: &[&str],
    seen: &mut BTreeMap<String, usize>,
) -> Value {
    let own = fingerprint(finding, report.path(finding));
    let count = seen.entry(own.clone()).or_default();
    *count += 1;
    let text = format!(
        "{}; {}; {}",
        visible(&finding.message),
        visible(&finding.why),
        visible(&finding.help)
    );
    let related: Vec<Value> = finding
        .related
        .iter()
        .take(MOST_PLACES)
        .enumerate()
        .map(|(at, it)| {
            let mut place = place(report, it.location);
            place["id"] = json!(at + 1);
            place["message"] = json!({ "text": visible(&it.text) });
            place
        })
        .collect();
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": names.iter().position(|it| *it == finding.rule),
        "level": level(finding.finding_type),
        "message": { "text": text },
        "locations": [place(report, finding.primary.location)],
        "partialFingerprints": { "rolecall/v1": format!("{own}:{count}") },
    });
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    result
}

fn place(report: &Report<'_>, location: Location) -> Value {
    let place = report.place_of(location);
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&place.file) },
            "region": {
                "startLine": place.start.line,
                "startColumn": place.start.column,
                "endLine": place.end.line,
                "endColumn": place.end.column,
            },
        },
    })
}

/// A path as a relative URI reference: what URIs do not take is percent-encoded.
fn uri(path: &str) -> String {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const SET: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'[')
        .add(b'\\')
        .add(b']')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}');
    let encoded = utf8_percent_encode(&path.replace('\\', "/"), SET).to_string();
    // A colon in the first segment would make it a scheme.
    let first = encoded.split('/').next().unwrap_or_default();
    if first.contains(':') && !encoded.starts_with('/') {
        return format!("./{encoded}");
    }
    encoded
}
