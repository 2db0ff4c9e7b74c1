//! Compresses the catalog's text, each service by itself, into one blob with an index.
//!
//! Only packs: the text is parsed by the library, and its tests read every service.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[path = "../src/catalog/hash.rs"]
mod hash;

const DATA: &str = "src/catalog/data";
/// The sections of the head in the order of `src/catalog/head.rs`.
const SECTIONS: [&str; 6] = [
    "header",
    "rcp",
    "partitions",
    "global",
    "principals",
    "overrides",
];

pub(crate) fn embed() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build/catalog.rs");
    println!("cargo::rerun-if-changed=src/catalog/hash.rs");
    println!("cargo::rerun-if-changed={DATA}");
    let data = Path::new(DATA);
    let mut head = String::new();
    for section in SECTIONS {
        writeln!(head, "section {section}")?;
        head += &read(&data.join(format!("{section}.txt")))?;
    }
    let mut services = Vec::new();
    for entry in fs::read_dir(data.join("services"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            let prefix = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            services.push((prefix, read(&path)?));
        }
    }
    services.sort();

    let mut text = head.clone();
    let mut blob = Vec::new();
    let mut index = String::new();
    let entry = |blob: &mut Vec<u8>, name: &str, text: &str| {
        let start = blob.len();
        blob.extend(miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 9));
        format!(
            "Packed {{ name: {name:?}, start: {start}, end: {} }}",
            blob.len()
        )
    };
    writeln!(
        index,
        "const HEAD: Packed = {};",
        entry(&mut blob, "", &head)
    )?;
    writeln!(index, "static SERVICES: &[Packed] = &[")?;
    for (prefix, service) in &services {
        if !service.starts_with(&format!("service {prefix} ")) {
            return Err(format!("{DATA}/services/{prefix}.txt is of another service").into());
        }
        writeln!(index, "    {},", entry(&mut blob, prefix, service))?;
        text += service;
    }
    writeln!(index, "];")?;
    writeln!(
        index,
        "const HASH: &str = {:?};",
        hash::hash_digits(text.as_bytes())
    )?;

    let out = std::env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("catalog.bin"), blob)?;
    fs::write(Path::new(&out).join("catalog_index.rs"), index)?;
    Ok(())
}

/// Returns a text with the same line ends on every platform, so that the hash is the same too.
fn read(path: &Path) -> Result<String, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.replace("\r\n", "\n"))
}
