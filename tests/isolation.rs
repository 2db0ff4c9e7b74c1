//! Ways out of vendor-like access: each case of `testdata/isolation` with its verdict and class,
//! every way out replayable, and no way out of what is isolated by random requests.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test reads its files and stops where something is missing"
)]

#[path = "isolation/walk.rs"]
mod walk;

use std::path::PathBuf;

use rolecall::analyze::Analysis;
use rolecall::catalog::Catalog;
use rolecall::evaluate::{Level, Policies, Principal};
use rolecall::isolation::{Input, MustNot, Report, run};
use rolecall::json;
use rolecall::policy::{Document, Kind, lower};
use rolecall::source::{FileId, Sources};
use serde_json::Value;

/// A case with everything that [`Input`] borrows.
struct Case {
    name: String,
    verdict: String,
    classes: Vec<String>,
    policies: Policies,
    trusts: Vec<Document>,
    workload: Vec<Document>,
    arns: Vec<(FileId, String)>,
    principal: Option<Principal>,
    prefixes: Vec<String>,
    tags: Vec<(String, String)>,
    unbounded: Vec<String>,
    dedicated: bool,
    must_not: Vec<MustNot>,
    sources: Sources,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/isolation")
}

fn cases() -> Vec<Case> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|it| it.extension().is_some_and(|it| it == "json"))
        .collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        Case::new(&serde_json::from_str(&text).unwrap())
    };
    paths.iter().map(read).collect()
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.map(|it| it.as_str().unwrap().to_owned()).collect()
}

impl Case {
    fn new(value: &Value) -> Self {
        let mut case = Self {
            name: value["name"].as_str().unwrap().to_owned(),
            verdict: value["verdict"].as_str().unwrap().to_owned(),
            classes: texts(&value["classes"]),
            policies: Policies::default(),
            trusts: Vec::new(),
            workload: Vec::new(),
            arns: Vec::new(),
            principal: value["principal"]
                .as_str()
                .map(|it| Principal::parse(it).unwrap()),
            prefixes: texts(&value["path_prefixes"]),
            tags: Vec::new(),
            unbounded: texts(&value["unbounded"]),
            dedicated: value["dedicated_account"] == true,
            must_not: Vec::new(),
            sources: Sources::new(),
        };
        for (key, value) in value["tags"].as_object().into_iter().flatten() {
            case.tags
                .push((key.clone(), value.as_str().unwrap().to_owned()));
        }
        for item in value["policies"].as_array().into_iter().flatten() {
            let document = case.document(item, Kind::Identity);
            case.policies.identity.push(document);
        }
        if value["boundary"].is_object() {
            let document = case.document(&value["boundary"], Kind::Boundary);
            case.policies.boundary = Some(vec![document]);
        }
        for item in value["workload_boundaries"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let document = case.document(item, Kind::Boundary);
            case.workload.push(document);
        }
        for item in value["scps"].as_array().into_iter().flatten() {
            let document = case.lower(item, Kind::Scp, "scp");
            case.policies.scps.push(Level {
                target: "r-root".into(),
                policies: vec![document],
            });
        }
        for item in value["must_not"].as_array().into_iter().flatten() {
            let text = |key: &str| item[key].as_str().unwrap().to_owned();
            let family = case.lower(&item["family"], Kind::Identity, "must-not");
            case.must_not.push(MustNot {
                id: text("id"),
                class: text("class"),
                title: text("title"),
                why: text("why"),
                families: vec![family],
            });
        }
        if value["trust"].is_object() {
            let document = case.lower(&value["trust"], Kind::Trust, "trust");
            case.trusts.push(document);
        }
        case
    }

    fn document(&mut self, item: &Value, kind: Kind) -> Document {
        let document = self.lower(&item["document"], kind, kind.as_str());
        if let (Some(file), Some(arn)) = (document.file, item["arn"].as_str()) {
            self.arns.push((file, arn.to_owned()));
        }
        document
    }

    fn lower(&mut self, value: &Value, kind: Kind, name: &str) -> Document {
        let text = format!("{value:#}");
        let parsed = json::parse(&text).unwrap();
        let mut document = lower(parsed.tree.root(), kind);
        assert!(document.refusal().is_none(), "{}: {name}", self.name);
        document.file = Some(self.sources.add(name, text.clone()));
        document
    }

    fn run(&self, remedies: bool) -> Report {
        let catalog = Catalog::builtin();
        let oracle = Analysis {
            open_actions: false,
            ..Analysis::new(catalog)
        };
        run(&Input {
            policies: &self.policies,
            trusts: &self.trusts,
            workload_boundaries: &self.workload,
            arns: &self.arns,
            principal: self.principal.as_ref(),
            path_prefixes: &self.prefixes,
            own_marks: &[],
            own: &[],
            tags: &self.tags,
            principals: &self.unbounded,
            must_not: &self.must_not,
            dedicated_account: self.dedicated,
            catalog,
            oracle: &oracle,
            unread: false,
            accepts: None,
            remedies,
        })
    }
}

#[test]
fn every_case_has_its_verdict_and_class() {
    let mut wrong = Vec::new();
    for case in cases() {
        let report = case.run(false);
        let mut classes: Vec<&str> = report.escapes.iter().map(|it| it.class.as_str()).collect();
        classes.sort_unstable();
        classes.dedup();
        let open: Vec<String> = report
            .open
            .iter()
            .map(|it| format!("{}: {}", it.reason, it.detail))
            .collect();
        let verdict = report.verdict.as_str();
        let missing = case
            .classes
            .iter()
            .any(|it| !classes.contains(&it.as_str()));
        if verdict != case.verdict || missing || classes.len() != case.classes.len() {
            wrong.push(format!(
                "{}: {verdict} {classes:?}, expected {} {:?}\n    {}",
                case.name,
                case.verdict,
                case.classes,
                open.join("\n    ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How many random sequences of requests are made; more are asked for by `ROLECALL_WALKS`.
fn sequences() -> usize {
    let asked = std::env::var("ROLECALL_WALKS").ok();
    asked.and_then(|it| it.parse().ok()).unwrap_or(40)
}

#[test]
fn what_is_isolated_survives_random_requests() {
    let mut checked = 0;
    for (at, case) in (1_u64..).zip(cases()) {
        // Trust policies are about others than the actor.
        if case.verdict != "isolated" || !case.trusts.is_empty() || case.dedicated {
            continue;
        }
        checked += 1;
        let violation = walk::walk(&case, sequences(), at * 7919);
        assert_eq!(violation, None, "{}", case.name);
    }
    assert!(checked >= 10, "{checked}");
}

#[test]
fn random_requests_find_what_is_not_isolated() {
    let names = [
        "creator-without-boundary",
        "pass-any-role",
        "assume-any-role",
        "tag-to-own",
    ];
    for case in cases()
        .iter()
        .filter(|it| names.contains(&it.name.as_str()))
    {
        let found = walk::walk(case, 4000, 42);
        assert!(found.is_some(), "{}", case.name);
    }
}

#[test]
fn every_step_of_a_way_out_names_what_allows_it() {
    for case in cases() {
        for escape in case.run(false).escapes {
            assert!(!escape.steps.is_empty(), "{}", case.name);
            let first = &escape.steps[0];
            assert!(first.allowed_by.is_some(), "{}: {}", case.name, first.title);
            assert!(!escape.class.is_empty() && !escape.gain.is_empty());
        }
    }
}

#[test]
fn changes_that_close_a_way_out_are_found() {
    let mut without = Vec::new();
    for case in cases() {
        for escape in case.run(true).escapes {
            if escape.remedy.is_none() {
                without.push(format!("{}: {}", case.name, escape.title));
            }
        }
    }
    // Who is meant to become a role, only the customer knows.
    let expected = ["account-root", "service-in-a-human-trust"];
    without.retain(|it| !expected.iter().any(|name| it.starts_with(name)));
    assert!(without.is_empty(), "{}", without.join("\n"));
}

#[test]
fn every_step_in_the_binary_can_be_read() {
    let transitions = rolecall::isolation::transition::Transitions::builtin().unwrap();
    assert_eq!(transitions.broken(), Vec::<String>::new());
    let rows = transitions.rows(|_| true).unwrap();
    assert!(rows.len() > 500);
    for row in rows {
        let known = transitions.row(&row.id);
        assert_eq!(known.map(|it| &it.title), Some(&row.title), "{}", row.id);
        // Rows are found by the actions of their texts, so none may be missed there.
        let named = row.calls.iter();
        let mut named = named.map(|call| call.action.to_ascii_lowercase());
        assert!(named.all(|action| transitions.knows(&action)), "{}", row.id);
    }
}
