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

/// The phases of the rows by their number.
const PHASES: [&str; 11] = [
    "bootstrap",
    "validate-credential",
    "create-network",
    "create-cluster",
    "create-node-group",
    "add-ons",
    "load-balancer-controller",
    "autoscaling",
    "update",
    "teardown",
    "rotate-key",
];

/// Returns `phase action` of every collected row.
fn rows() -> Vec<(&'static str, String)> {
    let rows = include_str!("../testdata/profiles/mengi-eks-rows.tsv");
    let lines = rows.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .map(|line| {
            let mut columns = line.split('\t');
            let phase = columns.next().unwrap().split(' ').next().unwrap();
            let phase = PHASES[phase.parse::<usize>().unwrap()];
            (phase, columns.next().unwrap().to_owned())
        })
        .collect()
}

fn mengi() -> Profile {
    Profile::parse("mengi/eks", shipped("mengi/eks").unwrap().text).unwrap()
}

/// Settings with every feature on.
fn everything(profile: &Profile) -> Settings {
    let features = profile.features.iter().map(|it| (it.name.clone(), true));
    Settings {
        features: features.collect(),
        ..Settings::default()
    }
}

#[test]
fn mengi_covers_every_row() {
    let profile = mengi();
    let calls = profile.calls(&everything(&profile)).unwrap();
    let missing: Vec<_> = rows()
        .into_iter()
        .filter(|(phase, action)| {
            !calls
                .iter()
                .any(|it| it.phase == *phase && it.action == *action)
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn mengi_has_nothing_beside_the_rows_unreviewed() {
    let profile = mengi();
    let calls = profile.calls(&everything(&profile)).unwrap();
    let rows = rows();
    let mut extra: Vec<String> = calls
        .iter()
        .filter(|it| {
            !rows
                .iter()
                .any(|(phase, action)| it.phase == *phase && it.action == *action)
        })
        .map(|it| format!("{} {}", it.phase, it.id))
        .collect();
    extra.dedup();
    insta::assert_snapshot!(extra.join("\n"));
}
