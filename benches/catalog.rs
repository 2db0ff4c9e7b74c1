//! What the catalog costs a run: opening it, the first action of a service, everything.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rolecall::catalog::Catalog;

fn benches(criterion: &mut Criterion) {
    criterion.bench_function("open the built-in catalog", |bencher| {
        bencher.iter_with_large_drop(Catalog::open_builtin);
    });
    criterion.bench_function("open it and read ec2, the largest service", |bencher| {
        bencher.iter_with_large_drop(|| {
            let catalog = Catalog::open_builtin();
            black_box(catalog.action("ec2", "RunInstances"));
            catalog
        });
    });
    criterion.bench_function("open it and read every service", |bencher| {
        bencher.iter_with_large_drop(|| {
            let catalog = Catalog::open_builtin();
            black_box(catalog.services().count());
            catalog
        });
    });
    let text = Catalog::builtin().to_text();
    criterion.bench_function("open a catalog from a text, as from the cache", |bencher| {
        bencher.iter_batched(
            || text.clone(),
            Catalog::from_text,
            criterion::BatchSize::LargeInput,
        );
    });
    let catalog = Catalog::builtin();
    catalog.services().count();
    criterion.bench_function("find an action", |bencher| {
        bencher.iter(|| catalog.action(black_box("ec2"), black_box("runinstances")));
    });
    criterion.bench_function("find a condition key by its template", |bencher| {
        bencher.iter(|| catalog.condition_key(black_box("aws:resourcetag/vendor")));
    });
}

criterion_group!(all, benches);
criterion_main!(all);
