//! What comparing policies costs: CPU time of one query, cold, on one thread.
//!
//! `cargo bench --bench analyze -- [pairs] [upgrades] [growth]` prints tables and asserts nothing;
//! without a word it prints all of them. `tests/managed-policies.sh` makes the data of the first
//! two, from AWS's managed policies:
//!
//! - `pairs`: `ROLECALL_MANAGED_POLICIES=folder` of `NAME.json`: all ordered pairs of every second
//!   policy by name;
//! - `upgrades`: `ROLECALL_MANAGED_UPGRADES=file` of lines `{"id","a","b"}`.
//!
//! `ROLECALL_BENCH_SLOWEST=n` lists the slowest queries, `ROLECALL_BENCH_EVERY=n` asks every nth
//! only, and `ROLECALL_BENCH_FACTS=1` asks as `rolecall compare` does, with facts and real action
//! names. Documents are parsed beforehand; a query shares nothing with the one before it.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench that reads its own input and prints its table"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use rolecall::analyze::{Analysis, Cost, Found};
use rolecall::catalog::Catalog;
use rolecall::json;
use rolecall::policy::{Document, Kind, lower};

/// A family grows no further once a query of it took this long.
const LONG: Duration = Duration::from_secs(10);

#[cfg(unix)]
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

#[cfg(not(unix))]
fn cpu_time() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

fn analysis() -> Analysis<'static> {
    let usual = Analysis::new(Catalog::builtin());
    match number("ROLECALL_BENCH_FACTS") {
        Some(1..) => usual,
        _ => Analysis {
            pure: true,
            plain_witnesses: true,
            ..usual
        },
    }
}

/// What one query came to.
struct Asked {
    time: Duration,
    nodes: usize,
    found: Found,
}

fn ask(analysis: &Analysis<'_>, a: &Document, b: &Document) -> Asked {
    let (a, b) = (std::slice::from_ref(a), std::slice::from_ref(b));
    let mut cost = Cost::default();
    let start = cpu_time();
    let found = analysis.find_excess_at(black_box(&[a]), black_box(&[b]), &mut cost);
    let time = cpu_time().saturating_sub(start);
    Asked {
        time,
        nodes: cost.nodes,
        found,
    }
}

fn word(found: &Found) -> String {
    match found {
        Found::Nothing => "contained".to_owned(),
        Found::Request(_) => "not contained".to_owned(),
        Found::Unknown(doubt) => format!("unknown: {}", doubt.reason.as_str()),
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The answers of one workload, for its row.
#[derive(Default)]
struct Row {
    asked: Vec<(Duration, usize, String)>,
    contained: Vec<Duration>,
    unknown: Vec<(String, String)>,
}

impl Row {
    fn add(&mut self, asked: &Asked, name: impl FnOnce() -> String) {
        let slowest = number("ROLECALL_BENCH_SLOWEST").is_some();
        match &asked.found {
            Found::Nothing => self.contained.push(asked.time),
            Found::Request(_) => {}
            Found::Unknown(doubt) => {
                let why = format!("{}: {}", doubt.reason.as_str(), doubt.detail);
                self.unknown.push((name(), why));
                self.asked.push((asked.time, asked.nodes, String::new()));
                return;
            }
        }
        let name = if slowest { name() } else { String::new() };
        self.asked.push((asked.time, asked.nodes, name));
    }

    fn print(mut self, title: &str) {
        if self.asked.is_empty() {
            return;
        }
        self.asked.sort();
        self.contained.sort();
        let of = |times: &[Duration]| {
            let at = |share: f64| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    clippy::cast_precision_loss,
                    reason = "a position in a list"
                )]
                let position = ((times.len() - 1) as f64 * share).round() as usize;
                micros(times.get(position).copied().unwrap_or_default())
            };
            let total: Duration = times.iter().sum();
            let count = u32::try_from(times.len()).unwrap_or(u32::MAX);
            let mut row = format!("{:>9}", times.len());
            for share in [0.5, 0.9, 0.99, 0.999, 1.0] {
                let _ = write!(row, " {:>9.1}", at(share));
            }
            let _ = write!(
                row,
                " {:>9.1} {:>8.2}",
                micros(total / count),
                total.as_secs_f64()
            );
            row
        };
        let times: Vec<Duration> = self.asked.iter().map(|it| it.0).collect();
        println!("\n{title} (µs of CPU)");
        println!(
            "{:<10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>8}",
            "", "n", "p50", "p90", "p99", "p99.9", "max", "mean", "total s"
        );
        println!("{:<10} {}", "all", of(&times));
        if !self.contained.is_empty() {
            println!("{:<10} {}", "contained", of(&self.contained));
        }
        let mut nodes: Vec<usize> = self.asked.iter().map(|it| it.1).collect();
        nodes.sort_unstable();
        let last = nodes.len() - 1;
        println!(
            "nodes: p50 {}, p99 {}, max {}; unknown {}",
            nodes[last / 2],
            nodes[last * 99 / 100],
            nodes[last],
            self.unknown.len()
        );
        for (name, why) in self.unknown.iter().take(20) {
            println!("  unknown  {name}: {why}");
        }
        let slowest = number("ROLECALL_BENCH_SLOWEST").unwrap_or(0);
        for (time, nodes, name) in self.asked.iter().rev().take(slowest) {
            println!("  {:>9.1}  {nodes:>6} nodes  {name}", micros(*time));
        }
    }
}

fn document(text: &str) -> Option<Document> {
    let parsed = json::parse(text).ok()?;
    Some(lower(parsed.tree.root(), Kind::Identity))
}

fn pairs(analysis: &Analysis<'_>) {
    let Ok(folder) = std::env::var("ROLECALL_MANAGED_POLICIES") else {
        println!("pairs: ROLECALL_MANAGED_POLICIES names no folder");
        return;
    };
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .collect();
    // By name, not by file name: `-` comes before the dot of `.json`.
    files.sort_by(|a, b| a.file_stem().cmp(&b.file_stem()));
    let policies: Vec<(String, Document)> = files
        .iter()
        .step_by(2)
        .filter_map(|path| {
            let text = std::fs::read_to_string(path).ok()?;
            let name = path.file_stem()?.to_string_lossy().into_owned();
            Some((name, document(&text)?))
        })
        .collect();
    let every = number("ROLECALL_BENCH_EVERY").unwrap_or(1);
    let mut row = Row::default();
    let ordered = policies
        .iter()
        .flat_map(|a| policies.iter().map(move |b| (a, b)))
        .filter(|(a, b)| a.0 != b.0);
    for ((a_name, a), (b_name, b)) in ordered.step_by(every) {
        let asked = ask(analysis, a, b);
        row.add(&asked, || format!("{a_name} in {b_name}"));
    }
    row.print(&format!("pairs of {} policies", policies.len()));
}

fn upgrades(analysis: &Analysis<'_>) {
    let text = std::env::var("ROLECALL_MANAGED_UPGRADES").map(std::fs::read_to_string);
    let Ok(Ok(text)) = text else {
        println!("upgrades: ROLECALL_MANAGED_UPGRADES names no file");
        return;
    };
    let every = number("ROLECALL_BENCH_EVERY").unwrap_or(1);
    let mut row = Row::default();
    for line in text.lines().step_by(every) {
        let Ok(parsed) = json::parse(line) else {
            continue;
        };
        let root = parsed.tree.root();
        let side = |name: &str| root.get(name).map(|it| lower(it, Kind::Identity));
        let (Some(a), Some(b)) = (side("a"), side("b")) else {
            continue;
        };
        let asked = ask(analysis, &a, &b);
        row.add(&asked, || {
            let id = root.get("id").and_then(json::Value::as_str);
            id.unwrap_or("?").to_owned()
        });
    }
    row.print("upgrades");
}

/// How a policy of one family looks at a size; the second says whether it is A, which in the
/// families of what is not contained has one thing more than B.
type Grow = fn(usize, bool) -> String;

fn policy(statements: &[String]) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

fn allow(action: &str, resource: &str, condition: &str) -> String {
    let condition = match condition {
        "" => String::new(),
        condition => format!(r#","Condition":{{{condition}}}"#),
    };
    format!(r#"{{"Effect":"Allow","Action":{action},"Resource":{resource}{condition}}}"#)
}

fn deny(action: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"Deny","Action":{action},"Resource":{resource}}}"#)
}

fn list(texts: impl Iterator<Item = String>) -> String {
    let quoted: Vec<String> = texts.map(|it| format!("\"{it}\"")).collect();
    format!("[{}]", quoted.join(","))
}

const FAMILIES: [(&str, Grow); 12] = [
    ("statements: a bucket each, same", |n, _| {
        let of = |i| {
            allow(
                r#""s3:GetObject""#,
                &format!("\"arn:aws:s3:::bucket-{i}/*\""),
                "",
            )
        };
        policy(&(0..n).map(of).collect::<Vec<_>>())
    }),
    ("statements: a bucket each, one lacks", |n, is_a| {
        let of = |i| {
            allow(
                r#""s3:GetObject""#,
                &format!("\"arn:aws:s3:::bucket-{i}/*\""),
                "",
            )
        };
        let has = |i: &usize| is_a || *i != n / 2;
        policy(&(0..n).filter(has).map(of).collect::<Vec<_>>())
    }),
    ("statements: a bucket each, in one list", |n, is_a| {
        let bucket = |i: usize| format!("arn:aws:s3:::bucket-{i}/*");
        let of = |i| allow(r#""s3:GetObject""#, &format!("\"{}\"", bucket(i)), "");
        match is_a {
            true => policy(&(0..n).map(of).collect::<Vec<_>>()),
            false => policy(&[allow(r#""s3:Get*""#, &list((0..n).map(bucket)), "")]),
        }
    }),
    ("statements: a service each, same", |n, _| {
        let of = |i| allow(&format!("\"service{i}:Get*\""), "\"*\"", "");
        policy(&(0..n).map(of).collect::<Vec<_>>())
    }),
    ("statements: an action each, one lacks", |n, is_a| {
        let of = |i| allow(&format!("\"s3:Get{i}\""), "\"*\"", "");
        let has = |i: &usize| is_a || *i != n / 2;
        policy(&(0..n).filter(has).map(of).collect::<Vec<_>>())
    }),
    ("statements: a tag value each, same", |n, _| {
        let of = |i| {
            let condition = format!(r#""StringEquals":{{"aws:ResourceTag/owner":"team-{i}"}}"#);
            allow(r#""ec2:StartInstances""#, "\"*\"", &condition)
        };
        policy(&(0..n).map(of).collect::<Vec<_>>())
    }),
    ("denies: a bucket each, same", |n, _| {
        let of = |i| deny(r#""s3:*""#, &format!("\"arn:aws:s3:::bucket-{i}/*\""));
        let mut statements = vec![allow(r#""s3:*""#, "\"*\"", "")];
        statements.extend((0..n).map(of));
        policy(&statements)
    }),
    ("patterns: prefixes, same", |n, _| {
        let list = list((0..n).map(|i| format!("arn:aws:s3:::bucket-{i}/*")));
        policy(&[allow(r#""s3:GetObject""#, &list, "")])
    }),
    ("patterns: infixes, one lacks", |n, is_a| {
        let has = |i: &usize| is_a || *i != n / 2;
        let list = list(
            (0..n)
                .filter(has)
                .map(|i| format!("arn:aws:s3:::*-{i}-*/logs")),
        );
        policy(&[allow(r#""s3:GetObject""#, &list, "")])
    }),
    ("conditions: a key each, same", |n, _| {
        let keys: Vec<String> = (0..n)
            .map(|i| format!(r#""aws:ResourceTag/k{i}":"v""#))
            .collect();
        let condition = format!(r#""StringEquals":{{{}}}"#, keys.join(","));
        policy(&[allow(r#""ec2:StartInstances""#, "\"*\"", &condition)])
    }),
    ("conditions: a key each, one lacks", |n, is_a| {
        let keys: Vec<String> = (0..n)
            .filter(|i| !is_a || *i != n / 2)
            .map(|i| format!(r#""aws:ResourceTag/k{i}":"v""#))
            .collect();
        let condition = format!(r#""StringEquals":{{"k":"v",{}}}"#, keys.join(","));
        let condition = condition.replace(",}", "}");
        policy(&[allow(r#""ec2:StartInstances""#, "\"*\"", &condition)])
    }),
    ("condition values: patterns, one lacks", |n, is_a| {
        let has = |i: &usize| is_a || *i != n / 2;
        let values = list((0..n).filter(has).map(|i| format!("team-{i}-*")));
        let condition = format!(r#""StringLike":{{"aws:ResourceTag/owner":{values}}}"#);
        policy(&[allow(r#""ec2:StartInstances""#, "\"*\"", &condition)])
    }),
];

fn growth(analysis: &Analysis<'_>) {
    const SIZES: [usize; 7] = [10, 30, 100, 300, 1_000, 3_000, 10_000];
    println!("\ngrowth (ms of CPU; - is not asked, since the size before took too long)");
    print!("{:<41}", "");
    for size in SIZES {
        print!(" {size:>9}");
    }
    println!();
    for (name, grow) in FAMILIES {
        print!("{name:<41}");
        let mut words: Vec<String> = Vec::new();
        let mut nodes = 0;
        let mut is_long = false;
        for size in SIZES {
            let both = document(&grow(size, true)).zip(document(&grow(size, false)));
            let Some((a, b)) = both.filter(|_| !is_long) else {
                print!(" {:>9}", "-");
                continue;
            };
            let mut asked = ask(analysis, &a, &b);
            let mut times = vec![asked.time];
            while times.len() < 5 && asked.time < LONG / 50 {
                asked = ask(analysis, &a, &b);
                times.push(asked.time);
            }
            times.sort();
            let time = times[times.len() / 2];
            is_long = time > LONG;
            nodes = asked.nodes;
            let word = word(&asked.found);
            if words.last() != Some(&word) {
                words.push(word);
            }
            print!(" {:>9.3}", micros(time) / 1e3);
        }
        println!("  {}; {nodes} nodes", words.join(", then "));
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` only wants to know that this builds.
    if !arguments.iter().any(|it| it == "--bench") {
        return;
    }
    let words: Vec<&String> = arguments.iter().filter(|it| !it.starts_with('-')).collect();
    let wants = |table: &str| words.is_empty() || words.iter().any(|it| *it == table);
    let analysis = analysis();
    if wants("growth") {
        growth(&analysis);
    }
    if wants("upgrades") {
        upgrades(&analysis);
    }
    if wants("pairs") {
        pairs(&analysis);
    }
}
