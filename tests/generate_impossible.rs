//! `[[impossible]]`: what no policy can close is told from what a policy has to close.

#![expect(clippy::unwrap_used, reason = "a test that fails may panic")]

use rolecall::catalog::Catalog;
use rolecall::generate::{Generated, Order, Split, run};
use rolecall::isolation::Verdict;
use rolecall::profile::{Profile, Settings, shipped};

const ROW: &str = "[[impossible]]\nclass = \"W18\"\nactions = [\"acm:AddTagsToCertificate\"]\n";

fn text() -> &'static str {
    shipped("streamnative/management").unwrap().text
}

fn generate(text: &str) -> Generated {
    let profile = Profile::parse("own", text).unwrap();
    let settings = Settings::default();
    run(&Order {
        profile: &profile,
        settings: &settings,
        split: Split::None,
        scps: &[],
        catalog: Catalog::builtin(),
    })
    .unwrap()
}

fn with_row(row: &str) -> String {
    assert!(text().contains(ROW), "the profile has the row");
    text().replacen(ROW, row, 1)
}

#[test]
fn a_way_that_no_policy_can_close_is_listed_and_not_held_against_the_proof() {
    let generated = generate(text());
    assert!(generated.proof.holds());
    let proven = generated.proof.entities.first().unwrap();
    let held = proven.impossible.first().unwrap();
    assert_eq!(held.row.class.id, "W18");
    let steps = held.escapes.iter().map(|it| it.steps.iter());
    for mut steps in steps {
        assert!(steps.any(|it| it.action == "acm:AddTagsToCertificate"));
    }
    assert_eq!(held.escapes.len(), 2);
}

#[test]
fn a_row_of_another_class_or_action_holds_nothing() {
    for row in [
        ROW.replace("W18", "W15"),
        ROW.replace("acm:AddTagsToCertificate", "acm:RemoveTagsFromCertificate"),
    ] {
        let generated = generate(&with_row(&row));
        let proven = generated.proof.entities.first().unwrap();
        assert!(proven.impossible.is_empty(), "{row}");
        let report = proven.isolation.as_ref().unwrap();
        assert_eq!(report.verdict, Verdict::Escapes, "{row}");
        assert!(!generated.proof.holds(), "{row}");
    }
}

#[test]
fn a_way_without_the_action_does_not_hide_behind_one_with_it() {
    // The same must-not forbids both.
    let open = "[objects.any-certificate]\ntype = \"acm:certificate\"\narn = \
                \"arn:{partition}:acm:{region}:{account}:certificate/*\"\nowner = \"foreign\"\n\n";
    let text = text()
        .replacen("[objects.quota]", &format!("{open}[objects.quota]"), 1)
        .replacen(
            "action = \"acm:DeleteCertificate\"\nresources = [\"certificate\"]",
            "action = \"acm:RemoveTagsFromCertificate\"\nresources = [\"any-certificate\"]",
            1,
        );
    let generated = generate(&text);
    let proven = generated.proof.entities.first().unwrap();
    let report = proven.isolation.as_ref().unwrap();
    let mut steps = report.escapes.iter().flat_map(|it| &it.steps);
    assert!(steps.any(|it| it.action == "acm:RemoveTagsFromCertificate"));
    assert!(!generated.proof.holds());
}

#[test]
fn errors_have_places() {
    let wrong = [
        (ROW.replace("W18", "W99"), "unknown class `W99`"),
        (
            ROW.replace("AddTagsToCertificate", "AddTags*"),
            "unknown action `acm:AddTags*`",
        ),
        (format!("{ROW}colour = \"red\"\n"), "colour"),
        (format!("{ROW}feature = \"none\"\n"), "none"),
    ];
    for (row, message) in wrong {
        let text = with_row(&row);
        let errors = Profile::parse("own", &text).unwrap_err();
        let found = errors.iter().find(|it| it.message.contains(message));
        let place = found.unwrap().span.start as usize;
        assert!(place >= text.find("[[impossible]]").unwrap(), "{message}");
    }
}

#[test]
fn a_row_whose_action_no_call_makes_is_unused() {
    let row = ROW.replace("acm:AddTagsToCertificate", "acm:RemoveTagsFromCertificate");
    let profile = Profile::parse("own", &with_row(&row)).unwrap();
    let unused = profile.unused();
    let found = unused.iter().find(|it| it.part == "impossible").unwrap();
    assert_eq!(found.name, "W18 by acm:RemoveTagsFromCertificate");
    let profile = Profile::parse("own", text()).unwrap();
    assert!(!profile.unused().iter().any(|it| it.part == "impossible"));
}
