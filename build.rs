//! Prepares what the binary embeds.

#[path = "build/catalog.rs"]
mod catalog;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    catalog::embed()
}
