//! Condition keys that are walls around accounts, organizations and networks.

/// In lower case (AWS: "AWS global condition context keys", "Sensitive condition keys", read
/// 2026-11-28).
const SENSITIVE: [&str; 10] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
];

/// Returns whether AWS calls a condition key, in lower case, sensitive: its values are ids, and a
/// wildcard or somebody else's value among them opens the wall.
#[must_use]
pub fn is_sensitive_key(folded: &str) -> bool {
    SENSITIVE.contains(&folded)
}
