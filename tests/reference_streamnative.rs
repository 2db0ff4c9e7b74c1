//! The reference documents of StreamNative: enough for every requirement, and nothing to spare.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test reads its files and stops where something is missing"
)]

use rolecall::catalog::Catalog;
use rolecall::check::{Input, Report, run};
use rolecall::evaluate::Policies;
use rolecall::json;
use rolecall::policy::{Document, Kind, lower};
use rolecall::profile::{Profile, Settings, Shipped, shipped};
use serde_json::Value;

/// One document: the kind of its policy, its file and its text.
type Written = (Kind, &'static str, Value);

const BOOTSTRAP: &str = "streamnative/bootstrap";
const MANAGEMENT: &str = "streamnative/management";

fn kind(word: &str) -> Kind {
    match word {
        "identity" => Kind::Identity,
        "boundary" => Kind::Boundary,
        "trust" => Kind::Trust,
        _ => panic!("no kind of this test: {word}"),
    }
}

fn read(shipped: &Shipped, file: &str) -> Value {
    let (_, text) = shipped
        .documents
        .iter()
        .find(|(name, _)| *name == file)
        .unwrap();
    serde_json::from_str(text).unwrap()
}

/// The documents of one actor, as the profile lists them.
fn documents(name: &str, actor: &str) -> Vec<Written> {
    let shipped = shipped(name).unwrap();
    let profile: &'static Profile = Box::leak(Box::new(parse(name)));
    let of_actor = profile
        .documents
        .iter()
        .filter(|it| it.actor.as_deref() == Some(actor));
    of_actor
        .map(|it| (kind(&it.kind), it.file.as_str(), read(shipped, &it.file)))
        .collect()
}

fn parse(name: &str) -> Profile {
    Profile::parse(name, shipped(name).unwrap().text).unwrap()
}

fn judge(name: &str, actor: &str, documents: &[Written]) -> Report {
    let of = |kind: Kind| -> Vec<Document> {
        let texts = documents.iter().filter(|(it, ..)| *it == kind);
        texts
            .map(|(_, _, value)| {
                let text = value.to_string();
                lower(json::parse(&text).unwrap().tree.root(), kind)
            })
            .collect()
    };
    let boundary = of(Kind::Boundary);
    let policies = Policies {
        identity: of(Kind::Identity),
        boundary: (!boundary.is_empty()).then_some(boundary),
        ..Policies::default()
    };
    let settings = Settings {
        actors: vec![actor.to_owned()],
        ..Settings::default()
    };
    run(&Input {
        profile: &parse(name),
        settings: &settings,
        policies: &policies,
        trust: of(Kind::Trust).first(),
        resource_policies: &[],
        principal: None,
        catalog: Catalog::builtin(),
        unread: false,
    })
    .unwrap()
}

/// Checks that the documents are enough, and that without any one statement of those that `tried`
/// picks a requirement is denied.
fn nothing_to_spare(name: &str, actor: &str, given: &[Written], tried: impl Fn(Kind) -> bool) {
    let report = judge(name, actor, given);
    assert!(!report.requirements.is_empty());
    assert!(!report.fails() && !report.is_incomplete(), "{name} {actor}");
    for (at, (kind, file, value)) in given.iter().enumerate().filter(|(_, it)| tried(it.0)) {
        for (index, statement) in value["Statement"].as_array().unwrap().iter().enumerate() {
            let mut rest = given.to_vec();
            rest[at].2["Statement"]
                .as_array_mut()
                .unwrap()
                .remove(index);
            let report = judge(name, actor, &rest);
            assert!(
                report.fails(),
                "{name} {kind:?} {file} does without {}",
                statement["Sid"]
            );
        }
    }
}

#[test]
fn bootstrap_needs_every_statement() {
    let given = documents(BOOTSTRAP, "bootstrap");
    nothing_to_spare(BOOTSTRAP, "bootstrap", &given, |_| true);
}

/// Both roles have one boundary, so the part that the bootstrap role needs is to spare here.
#[test]
fn management_needs_every_statement_within_the_boundary_of_both() {
    let mut given = documents(MANAGEMENT, "management");
    let boundaries = documents(BOOTSTRAP, "bootstrap").into_iter();
    given.extend(boundaries.filter(|it| it.0 == Kind::Boundary));
    nothing_to_spare(MANAGEMENT, "management", &given, |kind| {
        kind != Kind::Boundary
    });
}

#[test]
fn the_administrator_needs_every_statement() {
    let actor = "customer-administrator";
    nothing_to_spare(BOOTSTRAP, actor, &documents(BOOTSTRAP, actor), |_| true);
}
