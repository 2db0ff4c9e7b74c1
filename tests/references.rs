//! The reference access under `policies/`: what `generate` makes for the shipped profiles with every
//! feature on, kept as it is so that a change shows. `BLESS=1` writes it anew.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests that read and, when asked, write the package's own files"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROFILES: [&str; 3] = [
    "mengi/eks",
    "streamnative/bootstrap",
    "streamnative/management",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Reads a folder with its folders: paths and texts.
fn read(folder: &Path, below: &str, found: &mut BTreeMap<String, String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.map(Result::unwrap) {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            read(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn generate(profile: &str, out: &Path) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args([
            "generate",
            "--builtin-catalog",
            "--all-features",
            "--for",
            profile,
            "--out",
        ])
        .arg(out)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn the_reference_access_is_what_generate_makes() {
    for profile in PROFILES {
        let kept = root().join("policies").join(profile).join("generated");
        if std::env::var_os("BLESS").is_some() {
            let (code, text) = generate(profile, &kept);
            eprintln!("{text}");
            assert_eq!(code, Some(0), "{profile}");
        }
        let folder =
            std::env::temp_dir().join(format!("rolecall-references-{}", std::process::id()));
        let out = folder.join(profile);
        let (code, text) = generate(profile, &out);
        assert_eq!(code, Some(0), "{profile}: {text}");
        let (mut made, mut known) = (BTreeMap::new(), BTreeMap::new());
        read(&out, "", &mut made);
        read(&kept, "", &mut known);
        fs::remove_dir_all(&folder).unwrap();
        let names = |it: &BTreeMap<String, String>| it.keys().cloned().collect::<Vec<_>>();
        assert_eq!(
            names(&made),
            names(&known),
            "{profile}: `BLESS=1` writes it anew"
        );
        for (name, text) in &made {
            assert!(
                known[name] == *text,
                "{profile}: {name} is no longer what is made; `BLESS=1` writes it anew"
            );
        }
    }
}

/// What the reviewer is told to run holds of the files as they lie there.
#[test]
fn the_reference_access_passes_its_own_check() {
    for profile in PROFILES {
        let folder = root().join("policies").join(profile).join("generated");
        let page = fs::read_to_string(folder.join("access.md")).unwrap();
        let checks: Vec<&str> = page
            .split("```sh\n")
            .filter_map(|it| it.split("```").next())
            .filter(|it| it.starts_with("rolecall check"))
            .collect();
        assert!(!checks.is_empty(), "{profile}");
        for check in checks {
            let words = check.replace("\\\n", " ");
            let words = words
                .split_whitespace()
                .skip(1)
                .map(|it| it.trim_matches('\''));
            let output = Command::new(env!("CARGO_BIN_EXE_rolecall"))
                .args(words.filter(|it| *it != "--require" && *it != "isolated"))
                .arg("--builtin-catalog")
                .current_dir(&folder)
                .output()
                .unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(0), "{profile}: {text}");
        }
    }
}

/// No rule has anything to say about it.
#[test]
fn the_reference_access_passes_every_rule() {
    for profile in PROFILES {
        let folder = root().join("policies").join(profile).join("generated");
        let mut files = BTreeMap::new();
        read(&folder, "", &mut files);
        for name in files
            .keys()
            .filter(|it| it.ends_with(".json") && *it != "proof.json")
        {
            let kind = match (name.contains("oundary"), name.ends_with(".trust.json")) {
                (true, _) => "boundary",
                (_, true) => "trust",
                _ => "identity",
            };
            let output = Command::new(env!("CARGO_BIN_EXE_rolecall"))
                .args(["lint", "--isolated", "--builtin-catalog", "--kind", kind])
                .args(["--fail-on", "suggestion"])
                .arg(folder.join(name))
                .output()
                .unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(0), "{profile} {name}: {text}");
        }
    }
}
