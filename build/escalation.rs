//! Joins `src/rule/data/escalation.toml` with the rows of `src/isolation/data/transitions.toml` that
//! it names, and writes the table that `src/rule/escalation.rs` includes.
//!
//! So each fact about a step stands in one place, and reading them costs nothing at run time. A
//! step or call that does not exist fails the build.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Families {
    family: Vec<Family>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    rule: String,
    paths: Vec<EscalationPath>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EscalationPath {
    step: String,
    #[serde(default)]
    with: Vec<String>,
    #[serde(default)]
    pathfinding: Vec<String>,
    #[serde(default)]
    thing: String,
}

#[derive(Deserialize)]
struct Transitions {
    transition: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    title: String,
    calls: Vec<Call>,
    effect: String,
    #[serde(default)]
    target: usize,
    #[serde(default)]
    trust: String,
    #[serde(default)]
    condition_keys: BTreeMap<String, String>,
}

#[derive(Clone, Deserialize)]
struct Call {
    action: String,
    on: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    optional: bool,
}

/// Writes the table into the folder for generated code.
pub(crate) fn embed() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let families: Families = read(&root.join("rule/data/escalation.toml"))?;
    let rows: Transitions = read(&root.join("isolation/data/transitions.toml"))?;
    let rows = rows.transition;
    let mut out = String::from("pub(super) static FAMILIES: &[Family] = &[\n");
    for family in &families.family {
        writeln!(out, "Family {{ rule: {:?}, paths: &[", family.rule)?;
        for path in &family.paths {
            let row = rows.iter().find(|it| it.id == path.step);
            let row = row.ok_or_else(|| format!("{}: no step `{}`", family.rule, path.step))?;
            write_path(&mut out, path, row)?;
        }
        out.push_str("] },\n");
    }
    out.push_str("];\n");
    write_passes(&mut out, &rows)?;
    let folder = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&folder).join("escalation.rs"), out)?;
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed={}", path.display());
    let text = std::fs::read_to_string(path)?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn write_path(out: &mut String, path: &EscalationPath, row: &Row) -> std::fmt::Result {
    let target = row.calls.get(row.target);
    let target = target.map(|it| (it.action.clone(), it.on.clone()));
    let mut calls: Vec<Call> = Vec::new();
    let is_wanted = |it: &&Call| !it.optional || path.with.contains(&it.action);
    calls.extend(row.calls.iter().filter(is_wanted).cloned());
    for action in &path.with {
        if !calls.iter().any(|it| it.action == *action) {
            calls.push(Call {
                action: action.clone(),
                on: "any".into(),
                to: String::new(),
                optional: false,
            });
        }
    }
    // A role is chosen before anything is made that has it.
    calls.sort_by_key(|it| it.to.is_empty());
    let decisive = if row.effect == "run-as" {
        0
    } else {
        let same = |it: &Call| Some((it.action.clone(), it.on.clone())) == target;
        calls.iter().position(same).unwrap_or_default()
    };
    let attaches = row
        .condition_keys
        .get("iam:PolicyARN")
        .is_some_and(|it| it == "document" && row.effect == "allow-document");
    writeln!(
        out,
        "Path {{ title: {:?}, thing: {:?}, ids: &{:?}, trust: {:?}, decisive: {decisive}, calls: &[",
        row.title, path.thing, path.pathfinding, row.trust
    )?;
    for (at, call) in calls.iter().enumerate() {
        let reach = if !call.to.is_empty() {
            format!("Reach::PassTo({:?})", call.to)
        } else if call.action.starts_with("ssm:") && call.on == "document" && at != decisive {
            "Reach::RunsCommands".into()
        } else if row.effect == "run-as" || at != decisive {
            "Reach::Some".into()
        } else if call.on == "user" && row.effect != "credential" {
            "Reach::EveryOrOwn".into()
        } else {
            "Reach::Every".to_owned()
        };
        writeln!(
            out,
            "Call {{ action: {:?}, folded: {:?}, on: {:?}, reach: {reach}, attaches: {attaches} }},",
            call.action,
            call.action.to_ascii_lowercase(),
            call.on
        )?;
    }
    out.push_str("] },\n");
    Ok(())
}

/// Writes which call passes a role to which service, of all steps.
fn write_passes(out: &mut String, rows: &[Row]) -> std::fmt::Result {
    let mut passes: Vec<(String, &str)> = Vec::new();
    for row in rows {
        let mut passed = row.calls.iter().filter(|it| !it.to.is_empty());
        if let Some(pass) = passed.next() {
            let own = row.calls.iter().find(|it| it.to.is_empty());
            passes.extend(own.map(|it| (it.action.to_ascii_lowercase(), pass.to.as_str())));
        }
    }
    passes.sort();
    passes.dedup();
    writeln!(
        out,
        "pub(super) static PASSES: &[(&str, &str)] = &{passes:?};"
    )
}
