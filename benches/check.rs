//! What `rolecall check` costs, read and decided anew each time, with the search for ways out and
//! without it. Times are of the CPU: the machine is shared, and both cores may take part.
#![expect(
    clippy::print_stderr,
    reason = "a bench says what it could not measure"
)]

use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, criterion_group, criterion_main};
use rolecall::catalog::Catalog;
use rolecall::check::{Input, isolation, run};
use rolecall::evaluate::Policies;
use rolecall::json;
use rolecall::policy::{Document, Kind, lower};
use rolecall::profile::{Profile, Settings, Shipped, shipped};

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

/// A profile with the documents that it is judged by.
struct Case {
    shipped: &'static Shipped,
    identity: &'static [&'static str],
    boundary: Option<&'static str>,
    trust: Option<&'static str>,
}

impl Case {
    fn document(&self, name: &str, kind: Kind) -> Option<Document> {
        let mut documents = self.shipped.documents.iter();
        let (_, text) = documents.find(|(own, _)| *own == name)?;
        let parsed = json::parse(text).ok()?;
        Some(lower(parsed.tree.root(), kind))
    }

    /// One run; returns how many requirements and escapes it reports.
    fn check(&self, with_isolation: bool) -> Option<(usize, usize)> {
        let profile = Profile::of(self.shipped).ok()?;
        let identity = self.identity.iter();
        let identity: Option<Vec<_>> = identity
            .map(|name| self.document(name, Kind::Identity))
            .collect();
        let boundary = self.boundary.map(|it| self.document(it, Kind::Boundary));
        let policies = Policies {
            identity: identity?,
            boundary: boundary.map(|it| it.into_iter().collect()),
            ..Policies::default()
        };
        let trust = self.trust.and_then(|it| self.document(it, Kind::Trust));
        let settings = Settings::default();
        let catalog = Catalog::open_builtin();
        let input = Input {
            profile: &profile,
            settings: &settings,
            policies: &policies,
            trust: trust.as_ref(),
            resource_policies: &[],
            principal: None,
            catalog: &catalog,
            unread: false,
        };
        let judged = run(&input).ok()?.requirements.len();
        let escapes = match with_isolation {
            true => isolation(&input, rolecall::check::Beside::default(), false)
                .ok()??
                .escapes
                .len(),
            false => 0,
        };
        Some((judged, escapes))
    }
}

fn checks(criterion: &mut Criterion<CpuTime>) {
    let mengi = shipped("mengi/eks").map(|shipped| Case {
        shipped,
        identity: &["policy.json"],
        boundary: None,
        trust: None,
    });
    let bootstrap = shipped("streamnative/bootstrap").map(|shipped| Case {
        shipped,
        identity: &[
            "network.json",
            "cluster.json",
            "roles.json",
            "services.json",
        ],
        boundary: Some("permission-boundary.json"),
        trust: Some("trust.json"),
    });
    let mut group = criterion.benchmark_group("check");
    group.sample_size(20);
    for case in mengi.iter().chain(&bootstrap) {
        for (word, with_isolation) in [("alone", false), ("with isolation", true)] {
            let name = format!("{} {word}", case.shipped.name);
            if case.check(with_isolation).is_none() {
                eprintln!("{name}: not measured");
                continue;
            }
            group.bench_function(name, |bencher| {
                bencher.iter(|| case.check(with_isolation));
            });
        }
    }
    group.finish();
}

criterion_group!(
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = checks
);
criterion_main!(benches);
