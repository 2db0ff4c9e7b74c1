//! Vendor profiles: shipped ones are sound, errors have places, requirements become calls.

use rolecall::profile::{Profile, ProfileError, Settings, shipped, shipped_profiles};
use rolecall::source::line_column;

/// Returns errors as `line:column message (help)`, one a line.
fn render(text: &str, errors: &[ProfileError]) -> String {
    let mut lines = String::new();
    for error in errors {
        let at = line_column(text, error.span.start);
        lines.push_str(&format!("{}:{}: {}", at.line, at.column, error.message));
        if !error.help.is_empty() {
            lines.push_str(&format!(" ({})", error.help));
        }
        lines.push('\n');
    }
    lines
}

#[test]
fn shipped_profiles_have_no_errors() {
    for shipped in shipped_profiles() {
        if let Err(errors) = Profile::parse(shipped.name, shipped.text) {
            panic!("{}:\n{}", shipped.name, render(shipped.text, &errors));
        }
    }
}

#[test]
fn mengi_has_calls() {
    let text = shipped("mengi/eks").unwrap().text;
    let profile = Profile::parse("mengi/eks", text).unwrap();
    let calls = profile.calls(&Settings::default()).unwrap();
    println!(
        "{} requirements, {} calls",
        profile.requirements.len(),
        calls.len()
    );
}
