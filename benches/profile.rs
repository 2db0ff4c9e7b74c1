//! How long it takes to read, check and expand the largest shipped profile.

use criterion::{Criterion, criterion_group, criterion_main};
use rolecall::catalog::Catalog;
use rolecall::profile::{Profile, Settings, shipped};

fn profile(c: &mut Criterion) {
    let Some(shipped) = shipped("mengi/eks") else {
        return;
    };
    // The catalog's own reading is measured apart: once a run, whatever reads it first.
    c.bench_function("open the catalog's services of mengi/eks", |b| {
        b.iter(|| {
            let catalog = Catalog::open_builtin();
            let services = ["ec2", "eks", "iam", "kms", "logs", "sqs", "sts", "ssm"];
            let more = [
                "events",
                "autoscaling",
                "elasticloadbalancing",
                "servicequotas",
            ];
            let all = services.iter().chain(&more);
            all.filter(|it| catalog.service(it).is_some()).count()
        });
    });
    c.bench_function("parse mengi/eks", |b| {
        b.iter(|| Profile::parse(shipped.name, shipped.text).map(|it| it.requirements.len()));
    });
    let Ok(parsed) = Profile::parse(shipped.name, shipped.text) else {
        return;
    };
    let settings = Settings::default();
    c.bench_function("expand mengi/eks", |b| {
        b.iter(|| parsed.calls(&settings).map(|calls| calls.len()));
    });
}

criterion_group!(benches, profile);
criterion_main!(benches);
