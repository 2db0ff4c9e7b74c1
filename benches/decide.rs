//! Decisions per second for prepared policies, on one core.
//!
//! `mengi`: the requests of `mengi/eks` against its published policy. `cases`: every case of the
//! corpus of evaluation cases, policies prepared beforehand.
#![expect(clippy::disallowed_methods, reason = "benches read their own input")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rolecall::catalog::Catalog;
use rolecall::evaluate::case::{Case, Reader};
use rolecall::evaluate::derive::{Known, derive};
use rolecall::evaluate::{Action, Policies, Principal, Request, decide};
use rolecall::json;
use rolecall::policy::{Kind, lower};
use rolecall::profile::{Profile, Settings, shipped};

fn cases() -> Vec<Case> {
    let reader = Reader::new(Catalog::builtin());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/evaluate/");
    let mut cases = Vec::new();
    for file in ["first.jsonl", "neutral.jsonl"] {
        let text = std::fs::read_to_string(format!("{folder}{file}")).unwrap_or_default();
        cases.extend(text.lines().filter_map(|line| reader.read(line).ok()));
    }
    cases
}

/// The vendor's policy, and the requests that it has to allow.
fn mengi() -> Option<(Policies, Vec<Request>)> {
    let shipped = shipped("mengi/eks")?;
    let profile = Profile::parse(shipped.name, shipped.text).ok()?;
    let (_, text) = shipped
        .documents
        .iter()
        .find(|(name, _)| *name == "policy.json")?;
    let parsed = json::parse(text).ok()?;
    let identity = vec![lower(parsed.tree.root(), Kind::Identity)];
    let policies = Policies {
        identity,
        ..Policies::default()
    };
    let principal = Principal::parse("arn:aws:iam::111122223333:user/mengi-cloud-byoc")?;
    let mut requests = Vec::new();
    for call in profile.calls(&Settings::default()).ok()? {
        let action = Action::parse(&call.action)?;
        for resource in &call.resources {
            let both = call.context.iter().chain(&resource.context);
            let context: Vec<(String, Vec<String>)> = both
                .map(|(key, value)| (key.clone(), value.values()))
                .collect();
            let known = Known {
                principal: Some(&principal),
                resource: Some(&resource.arn),
                resource_account: resource.account.as_deref(),
                context: &context,
                complete: true,
                ..Known::default()
            };
            requests.push(derive(&action, &known, Catalog::builtin()).request);
        }
    }
    Some((policies, requests))
}

fn decisions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decide");
    if let Some((policies, requests)) = mengi() {
        group.throughput(Throughput::Elements(requests.len() as u64));
        group.bench_function("mengi", |bencher| {
            bencher.iter(|| {
                for request in &requests {
                    black_box(decide(black_box(&policies), black_box(request)));
                }
            });
        });
    }
    let cases = cases();
    group.throughput(Throughput::Elements(cases.len() as u64));
    group.bench_function("cases", |bencher| {
        bencher.iter(|| {
            for case in &cases {
                black_box(decide(black_box(&case.policies), black_box(&case.request)));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, decisions);
criterion_main!(benches);
