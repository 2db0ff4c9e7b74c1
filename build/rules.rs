//! Lists `rules/<name>/` and writes the table that `src/rule.rs` includes.
//!
//! The front matter of each `rule.md` is checked here: an unknown or missing key, or a word that is
//! not one of ours, fails the build with its file and line. The words become Rust, so the table
//! costs nothing at run time.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FrontMatter {
    summary: String,
    r#type: Type,
    scope: Scope,
    kinds: Vec<Kind>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    peers: Vec<String>,
    #[serde(default)]
    access_analyzer: Vec<String>,
    #[serde(default)]
    persona: Persona,
    #[serde(default)]
    fix: Fix,
    fix_reason: Option<String>,
    #[serde(default)]
    instead_of: Vec<String>,
    #[serde(default)]
    outranks: Vec<String>,
    since: String,
    #[serde(default)]
    preview: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Type {
    Error,
    SecurityWarning,
    Warning,
    Suggestion,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Scope {
    Document,
    Statement,
    Text,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Identity,
    Resource,
    Trust,
    Boundary,
    Session,
    Scp,
    Rcp,
    VpcEndpoint,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Persona {
    #[default]
    Developer,
    Reviewer,
    Auditor,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Fix {
    #[default]
    None,
    Equivalent,
    Narrowing,
    Suggested,
}

/// Writes the table into the folder for generated code.
pub(crate) fn embed() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&root)?
        .map(|entry| entry.map(|it| it.path()))
        .collect::<Result<_, _>>()?;
    folders.retain(|it| it.is_dir());
    folders.sort();
    let mut modules = String::new();
    let mut table = String::from("pub(super) static RULES: &[Rule] = &[\n");
    for folder in &folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let (page, code) = (folder.join("rule.md"), folder.join("rule.rs"));
        println!("cargo::rerun-if-changed={}", folder.display());
        println!("cargo::rerun-if-changed={}", page.display());
        println!("cargo::rerun-if-changed={}", code.display());
        let text =
            std::fs::read_to_string(&page).map_err(|it| format!("{}: {it}", page.display()))?;
        let meta = front_matter(&page, &text)?;
        let module = name.replace('-', "_");
        writeln!(
            modules,
            "#[path = {:?}]\nmod {module};",
            code.display().to_string()
        )?;
        write_rule(&mut table, &name, &module, &page, &meta)?;
    }
    table.push_str("];\n");
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("rules.rs"), modules + &table)?;
    Ok(())
}

fn front_matter(page: &Path, text: &str) -> Result<FrontMatter, String> {
    let at = |line: usize, what: &str| format!("{}:{line}: {what}", page.display());
    let body = text
        .strip_prefix("+++\n")
        .ok_or_else(|| at(1, "the page starts with `+++` on a line of its own"))?;
    let end = body
        .find("\n+++\n")
        .ok_or_else(|| at(1, "the front matter is not closed by `+++`"))?;
    let meta: FrontMatter = toml::from_str(&body[..=end]).map_err(|error| {
        let before = error
            .span()
            .map_or(0, |span| body[..span.start].matches('\n').count());
        at(before + 2, error.message())
    })?;
    let whole = |what: &str| Err(at(2, what));
    if meta.kinds.is_empty() {
        return whole("`kinds` names no policy kind");
    }
    if meta.summary.ends_with('.') || meta.summary.contains('\n') {
        return whole("`summary` is one line without a final period");
    }
    if meta.fix == Fix::Narrowing && meta.fix_reason.is_none() {
        return whole("`fix = \"narrowing\"` needs a `fix-reason`: how may it break a caller?");
    }
    Ok(meta)
}

fn write_rule(
    table: &mut String,
    name: &str,
    module: &str,
    page: &Path,
    meta: &FrontMatter,
) -> std::fmt::Result {
    let kinds: Vec<String> = meta
        .kinds
        .iter()
        .map(|it| format!("Kind::{it:?}"))
        .collect();
    writeln!(
        table,
        "Rule {{ meta: Meta {{ name: {name:?}, summary: {:?}, finding_type: FindingType::{:?}, \
         scope: Scope::{:?}, kinds: &[{}], aliases: &{:?}, peers: &{:?}, access_analyzer: &{:?}, \
         persona: Persona::{:?}, fix: {}, fix_reason: {:?}, instead_of: &{:?}, outranks: &{:?}, \
         since: {:?}, preview: {}, page: include_str!({:?}) }}, check: Check::{:?}({module}::check) }},",
        meta.summary,
        meta.r#type,
        meta.scope,
        kinds.join(", "),
        meta.aliases,
        meta.peers,
        meta.access_analyzer,
        meta.persona,
        match meta.fix {
            Fix::None => "None".to_owned(),
            fix => format!("Some(crate::finding::FixClass::{fix:?})"),
        },
        meta.fix_reason.as_deref().unwrap_or_default(),
        meta.instead_of,
        meta.outranks,
        meta.since,
        meta.preview,
        page.display().to_string(),
        meta.scope,
    )
}
