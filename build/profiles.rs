//! Lists `policies/<vendor>/<profile>/` and writes the table that `src/profile/embed.rs` includes.
//!
//! A folder with a `profile.toml` is a profile; every `*.json` beside it is one of its documents.
//! Nothing is read here: the table is made of `include_str!`.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// Writes the table into the folder for generated code.
pub(crate) fn embed() -> Result<(), Box<dyn std::error::Error>> {
    let root = env!("CARGO_MANIFEST_DIR");
    let out = std::env::var("OUT_DIR")?;
    write_table(Path::new(root), Path::new(&out))?;
    Ok(())
}

fn write_table(root: &Path, out: &Path) -> io::Result<()> {
    let policies = root.join("policies");
    println!("cargo::rerun-if-changed={}", policies.display());
    let mut table = String::from("pub(super) static SHIPPED: &[Shipped] = &[\n");
    for vendor in sorted_entries(&policies)?.iter().filter(|it| it.is_dir()) {
        println!("cargo::rerun-if-changed={}", vendor.display());
        for folder in sorted_entries(vendor)?.iter().filter(|it| it.is_dir()) {
            println!("cargo::rerun-if-changed={}", folder.display());
            let profile = folder.join("profile.toml");
            if !profile.is_file() {
                continue;
            }
            let name = format!("{}/{}", name_of(vendor), name_of(folder));
            write_entry(&mut table, &name, &profile, &sorted_entries(folder)?);
        }
    }
    table.push_str("];\n");
    let dependent = policies.join("dependent-calls.toml");
    let _ = writeln!(
        table,
        "pub(super) static DEPENDENT_CALLS: &str = include_str!({:?});",
        dependent.display().to_string()
    );
    let managed = policies.join("aws-managed.toml");
    let _ = writeln!(
        table,
        "pub(super) static AWS_MANAGED: &str = include_str!({:?});",
        managed.display().to_string()
    );
    std::fs::write(out.join("profiles.rs"), table)
}

fn write_entry(table: &mut String, name: &str, profile: &Path, files: &[PathBuf]) {
    let include = |path: &Path| format!("include_str!({:?})", path.display().to_string());
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        table,
        "Shipped {{ name: {name:?}, text: {}, documents: &[",
        include(profile)
    );
    for file in files
        .iter()
        .filter(|it| it.extension() == Some(OsStr::new("json")))
    {
        let _ = writeln!(table, "({:?}, {}),", name_of(file), include(file));
    }
    table.push_str("] },\n");
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn sorted_entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        entries.push(entry?.path());
    }
    entries.sort();
    Ok(entries)
}
