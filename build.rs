//! Prepares what the binary embeds.

#![expect(clippy::disallowed_methods, reason = "a build script works on files")]

#[path = "build/catalog.rs"]
mod catalog;
#[path = "build/escalation.rs"]
mod escalation;
#[path = "build/profiles.rs"]
mod profiles;
#[path = "build/rules.rs"]
mod rules;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    catalog::embed()?;
    escalation::embed()?;
    profiles::embed()?;
    rules::embed()
}
