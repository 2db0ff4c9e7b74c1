//! What every generated document has to be: within AWS's limits, with names that IAM takes, without
//! wildcards where power over others is concerned, and without findings of the rules.

use std::collections::BTreeSet;

use rolecall::catalog::{AccessLevel, Catalog};
use rolecall::finding::FindingType;
use rolecall::generate::{Bundle, Entity, Policy, text};
use rolecall::policy::{Kind, quotas, written};
use rolecall::rule::{Job, Lists, Memo, Persona, Selection, lint_text};
use rolecall::source::{Sources, line_column};
use serde_json::Value;

use crate::deletions::texts;
use crate::requests;

/// Returns everything that is wrong with a bundle's documents.
pub(crate) fn complaints(bundle: &Bundle) -> Vec<String> {
    let mut wrong = Vec::new();
    for policy in policies(bundle) {
        let document = requests::read(policy);
        if let Some(problem) = document.refusal() {
            wrong.push(format!("{}: {problem:?}", policy.name));
        }
        let text = requests::text(policy);
        // Boundaries are managed policies too; one of 6,144 characters fits everywhere.
        let managed = written(&text, Kind::Boundary);
        let measured = quotas::measure(&managed, &text).unwrap();
        if measured.size > measured.quota.limit {
            wrong.push(format!("{} has {} characters", policy.name, measured.size));
        }
        wrong.extend(sids(&policy.name, &policy.document()));
        wrong.extend(wildcards(policy));
        for sentence in &policy.statements {
            let is_deny = sentence.statement["Effect"] == "Deny";
            if sentence.why.is_empty() || sentence.requirements.is_empty() && !is_deny {
                let sid = &sentence.statement["Sid"];
                wrong.push(format!("{} {sid}: nobody knows what for", policy.name));
            }
        }
    }
    for entity in entities(bundle) {
        if entity.attached.len() > 10 {
            wrong.push(format!(
                "{}: {} policies",
                entity.name,
                entity.attached.len()
            ));
        }
        let unique: BTreeSet<&String> = entity.attached.iter().collect();
        if unique.len() < entity.attached.len() {
            wrong.push(format!("{}: a policy is attached twice", entity.name));
        }
        let Some(trust) = entity.trust_policy() else {
            continue;
        };
        let written_trust = text(&trust);
        let document = written(&written_trust, Kind::Trust);
        if let Some(problem) = document.refusal() {
            wrong.push(format!("trust of {}: {problem:?}", entity.name));
        }
        let measured = quotas::measure(&document, &written_trust).unwrap();
        if measured.size > measured.quota.limit {
            wrong.push(format!("trust of {}: {}", entity.name, measured.size));
        }
        wrong.extend(sids(&entity.name, &trust));
    }
    let names: Vec<&String> = bundle.policies.iter().map(|it| &it.arn).collect();
    if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
        wrong.push(format!("two policies of one name: {names:?}"));
    }
    wrong
}

fn entities(bundle: &Bundle) -> impl Iterator<Item = &Entity> {
    bundle.entities.iter().chain(&bundle.vendor_made)
}

fn policies(bundle: &Bundle) -> impl Iterator<Item = &Policy> {
    let made = bundle.vendor_made.iter().flat_map(|it| &it.policies);
    bundle.policies.iter().chain(made)
}

/// IAM takes letters and digits, and each `Sid` once in a document.
fn sids(name: &str, document: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for statement in document["Statement"].as_array().unwrap() {
        let sid = statement["Sid"].as_str().unwrap_or_default();
        let is_plain = !sid.is_empty() && sid.bytes().all(|it| it.is_ascii_alphanumeric());
        if !is_plain || !seen.insert(sid) {
            wrong.push(format!("{name}: the Sid `{sid}`"));
        }
    }
    wrong
}

/// Wildcards in an Allow that could take in power over others: in IAM, STS, KMS and tagging.
fn wildcards(policy: &Policy) -> Vec<String> {
    let mut wrong = Vec::new();
    for sentence in &policy.statements {
        let statement = &sentence.statement;
        if statement["Effect"] != "Allow" {
            continue;
        }
        if !statement["NotAction"].is_null() || !statement["NotResource"].is_null() {
            wrong.push(format!("{}: {statement}", policy.name));
        }
        for action in texts(&statement["Action"]) {
            let Some((start, _)) = action.split_once(['*', '?']) else {
                continue;
            };
            let (service, start) = start.split_once(':').unwrap_or((start, ""));
            let own = Catalog::builtin().service(service).into_iter();
            let mut taken_in = own
                .flat_map(|it| it.actions())
                .filter(|it| it.name.starts_with(start));
            let is_guarded = ["iam", "sts", "kms"].contains(&service);
            let is_tagging = taken_in.any(|it| {
                let mut levels = it.access_levels.iter();
                levels.any(|it| it == AccessLevel::Tagging)
            });
            if is_guarded || is_tagging || start.is_empty() {
                wrong.push(format!("{}: {action}", policy.name));
            }
        }
    }
    wrong
}

/// Returns what the rules find wrong or dangerous in the documents.
pub(crate) fn findings(bundle: &Bundle) -> Vec<String> {
    let selection = Selection {
        persona: Persona::Reviewer,
        ..Selection::default()
    };
    let selected = selection.resolve().unwrap();
    let lists = Lists::default();
    let memo = Memo::new(Catalog::builtin());
    let mut all: Vec<(String, String, Kind)> = policies(bundle)
        .map(|it| {
            let document = requests::read(it);
            (it.name.clone(), requests::text(it), document.kind)
        })
        .collect();
    for entity in entities(bundle) {
        let trust = entity.trust_policy().map(|it| text(&it));
        let trust = trust.map(|it| (format!("trust of {}", entity.name), it, Kind::Trust));
        all.extend(trust);
    }
    let mut found = Vec::new();
    for (name, text, kind) in all {
        let mut sources = Sources::new();
        let file = sources.add(&name, text.clone());
        let job = Job {
            selected: &selected,
            lists: &lists,
            kind: Some(kind),
        };
        let linted = lint_text(&sources, file, job, &memo);
        assert_eq!(linted.failed, Vec::<&str>::new(), "{name}");
        assert!(linted.unread.is_empty(), "{name}");
        for finding in linted.findings {
            let matters = matches!(
                finding.finding_type,
                FindingType::Error | FindingType::SecurityWarning
            );
            if matters {
                let span = finding.primary.location.span;
                let place = line_column(&text, span.start);
                let line = text.lines().nth(place.line - 1).unwrap_or_default().trim();
                found.push(format!(
                    "{name}: {}: {}: {line}",
                    finding.rule, finding.message
                ));
            }
        }
    }
    found
}
