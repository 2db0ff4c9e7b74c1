//! Changes of texts as unified diffs, which `git apply` and `patch` take.

use similar::TextDiff;

use crate::report::text::visible;

/// Returns what turns one text into another; without `before` the file is new.
pub(super) fn patch(name: &str, before: Option<&str>, after: &str) -> String {
    let name = visible(name.trim_start_matches('/'));
    let from = match before {
        Some(_) => format!("a/{name}"),
        None => "/dev/null".to_owned(),
    };
    TextDiff::from_lines(before.unwrap_or_default(), after)
        .unified_diff()
        .context_radius(3)
        .header(&from, &format!("b/{name}"))
        .to_string()
}
