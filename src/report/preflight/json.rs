//! `rolecall/preflight/v1`: the report for machines. Fields are only ever added to a version.

use serde_json::{Value, json as value};

use super::Shown;
use crate::account::Unread;
use crate::preflight::{Opinion, Trust};
use crate::report::check::{self, Checked};
use crate::report::isolation::block;

/// Returns the report as JSON; its fields are described in the README.
#[must_use]
pub fn json(shown: &Shown<'_>) -> Value {
    let report = shown.report;
    let identity = &report.identity;
    let mut checked = check::json(&Checked {
        profile: shown.profile,
        report: &report.check,
        isolation: None,
        isolation_required: shown.isolation_required,
        principal: (
            identity.kind.as_str().to_owned(),
            identity.caller.arn.clone(),
        ),
        sources: &report.sources,
        documents: &[],
        findings: &[],
        unread: &[],
        assumptions: &[],
        catalog: shown.catalog,
        refused_as_written: false,
        fallback: shown.fallback,
    });
    let mut requirements = checked["requirements"].take();
    for (requirement, row) in requirements
        .as_array_mut()
        .into_iter()
        .flatten()
        .zip(&report.rows)
    {
        requirement["rung"] = value!(row.rung.as_str());
        requirement["answer"] = value!(row.words);
    }
    let rungs = report.rungs();
    let rungs: serde_json::Map<String, Value> = rungs
        .map(|(rung, count)| (rung.as_str().to_owned(), value!(count)))
        .collect();
    value!({
        "schema": "rolecall/preflight/v1",
        "vendor": shown.profile.name,
        "profile": checked["profile"].take(),
        "caller": {
            "arn": identity.caller.arn,
            "account": identity.caller.account,
            "partition": identity.partition,
            "kind": identity.kind.as_str(),
        },
        "ready": report.is_ready(),
        "verdict": verdict(shown),
        "reasons": report.reasons(),
        "evidence": rungs,
        "requirements": requirements,
        "featuresOff": checked["featuresOff"].take(),
        "isolation": {
            "verdict": report.isolation_word(),
            "required": shown.isolation_required,
            "report": report.isolation.as_ref().map(|it| block(it, &report.sources)),
        },
        "trust": report.trust.as_ref().map(trust),
        "regions": report.regions.iter().map(|it| value!({
            "name": it.name,
            "enabled": it.enabled,
        })).collect::<Vec<_>>(),
        "quotas": report.quotas.iter().map(|it| value!({
            "title": it.title,
            "region": it.region,
            "code": it.code,
            "limit": it.limit,
        })).collect::<Vec<_>>(),
        "opinions": report.opinions.iter().map(opinion).collect::<Vec<_>>(),
        "probesCouldSettle": report.unsent,
        "policiesRead": report.complete,
        "organizationRead": report.limits_read,
        "unread": report.snapshot.unread.iter().chain(&report.unasked).map(unread).collect::<Vec<_>>(),
        "catalog": checked["catalog"].take(),
        "summary": checked["summary"].take(),
    })
}

fn verdict(shown: &Shown<'_>) -> &'static str {
    match (shown.report.is_ready(), shown.report.fails()) {
        (true, _) => "ready",
        (_, true) => "not-ready",
        _ => "unknown",
    }
}

fn opinion(opinion: &Opinion) -> Value {
    let remarks = opinion.remarks.iter().map(|it| {
        value!({
            "type": it.finding_type,
            "code": it.issue_code,
            "details": it.details,
            "link": it.link,
        })
    });
    value!({
        "document": opinion.document,
        "remarks": remarks.collect::<Vec<_>>(),
        "ownErrors": opinion.own_errors,
        "grantsTakeover": opinion.grants,
        "ownGrantsTakeover": opinion.own_grants,
        "disagreements": opinion.disagreements(),
    })
}

fn trust(trust: &Trust) -> Value {
    value!({
        "role": trust.role,
        "holds": trust.holds(),
        "attempts": trust.attempts.iter().map(|it| value!({
            "with": it.given.as_str(),
            "good": it.good,
            "answer": it.answer.as_ref().map(unread),
        })).collect::<Vec<_>>(),
    })
}

fn unread(unread: &Unread) -> Value {
    value!({
        "what": unread.what,
        "operation": unread.operation,
        "resource": unread.resource,
        "code": unread.code,
        "message": unread.message,
        "requestId": unread.request_id,
    })
}
