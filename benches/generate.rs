//! What `rolecall generate` costs, with its proof and without. Times are of the CPU: the machine is
//! shared.
#![expect(
    clippy::print_stderr,
    reason = "a bench says what it could not measure"
)]

use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, criterion_group, criterion_main};
use rolecall::catalog::Catalog;
use rolecall::generate::{Order, Split, bundle, run};
use rolecall::profile::{Profile, Settings, Shipped, shipped_profiles};

/// The CPU time of the whole process.
struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        cpu_time()
    }

    fn end(&self, start: Duration) -> Duration {
        cpu_time().saturating_sub(start)
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

#[cfg(unix)]
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

#[cfg(not(unix))]
fn cpu_time() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// One run from the text of the profile; returns how many policies there are, and whether all of it
/// is proven, where that was asked.
fn generate(shipped: &Shipped, with_proof: bool) -> Option<(usize, bool)> {
    let profile = Profile::of(shipped).ok()?;
    let settings = Settings::default();
    let catalog = Catalog::open_builtin();
    let order = Order {
        profile: &profile,
        settings: &settings,
        split: Split::None,
        scps: &[],
        catalog: &catalog,
    };
    match with_proof {
        false => Some((bundle(&order).ok()?.policies.len(), false)),
        true => {
            let generated = run(&order).ok()?;
            Some((generated.bundle.policies.len(), generated.proof.holds()))
        }
    }
}

fn generates(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("generate");
    group.sample_size(20);
    for shipped in shipped_profiles() {
        if generate(shipped, true).is_none_or(|(_, is_proven)| !is_proven) {
            eprintln!("{}: not measured, since it is not proven", shipped.name);
            continue;
        }
        for (word, with_proof) in [("with proof", true), ("without proof", false)] {
            group.bench_function(format!("{} {word}", shipped.name), |bencher| {
                bencher.iter(|| generate(shipped, with_proof));
            });
        }
    }
    group.finish();
}

criterion_group!(
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = generates
);
criterion_main!(benches);
