//! Generates the tables of data that the binary carries.

#[path = "build/profiles.rs"]
mod profiles;

use std::path::Path;

fn main() -> std::io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    let root = env!("CARGO_MANIFEST_DIR");
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    profiles::write_table(Path::new(root), Path::new(&out))
}
