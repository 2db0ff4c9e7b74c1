//! The profiles that the binary carries.

use super::read::nearest;

/// A profile in the binary, as text.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// `vendor/profile`.
    pub name: &'static str,
    /// Its `profile.toml`.
    pub text: &'static str,
    /// The documents beside it: file name and text.
    pub documents: &'static [(&'static str, &'static str)],
}

include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

/// Returns every profile in the binary, by name.
#[must_use]
pub fn shipped_profiles() -> &'static [Shipped] {
    SHIPPED
}

/// Returns the profile with this name.
#[must_use]
pub fn shipped(name: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|shipped| shipped.name == name)
}

/// Returns the names that a misspelt one may stand for: the nearest, or those that hold it.
#[must_use]
pub fn similar_names(name: &str) -> Vec<&'static str> {
    let names = || SHIPPED.iter().map(|shipped| shipped.name);
    let holding: Vec<&str> = names().filter(|known| known.contains(name)).collect();
    if !name.is_empty() && !holding.is_empty() {
        return holding;
    }
    nearest(name, names()).into_iter().collect()
}

/// Returns the text of the rules for dependent calls.
pub(super) fn dependent_calls() -> &'static str {
    DEPENDENT_CALLS
}

/// Returns the text of the facts about AWS managed policies.
pub(super) fn aws_managed() -> &'static str {
    AWS_MANAGED
}
