//! The text rendering of findings: a text and its labels in, the report out.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that measures time"
)]

use rolecall::finding::{Finding, FindingType};
use rolecall::report::text::{Options, findings};
use rolecall::source::{FileId, Location, Sources, Span};

/// Returns the place of a piece of a text.
fn place(sources: &Sources, file: FileId, piece: &str) -> Location {
    let start = sources.get(file).text.find(piece).unwrap();
    let span = Span::new(
        u32::try_from(start).unwrap(),
        u32::try_from(start + piece.len()).unwrap(),
    );
    Location { file, span }
}

/// Renders a finding on each piece of a text, the first being the primary one.
fn render(text: &str, pieces: &[(&str, &str)], options: Options) -> String {
    let mut sources = Sources::new();
    let file = sources.add("policy.json", text);
    let [(first, label), others @ ..] = pieces else {
        return String::new();
    };
    let location = place(&sources, file, first);
    let mut finding = Finding::new("some-rule", FindingType::Warning, location, "a message")
        .label(*label)
        .help("do something");
    for (piece, label) in others {
        finding = finding.related(place(&sources, file, piece), *label);
    }
    findings(&sources, &[finding], options)
}

fn plain(text: &str, pieces: &[(&str, &str)]) -> String {
    render(text, pieces, Options::default())
}

fn narrow(text: &str, pieces: &[(&str, &str)]) -> String {
    let options = Options {
        color: false,
        width: Some(40),
    };
    render(text, pieces, options)
}

#[test]
fn draws_the_documented_example() {
    let mut sources = Sources::new();
    let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\n    \"Effect\": \"Allow\",\n    \"Action\": \"iam:PassRole\",\n    \"Resource\": \"*\"\n  }]\n}\n";
    let file = sources.add("policy.json", text);
    let finding = Finding::new(
        "pass-role-on-any-role",
        FindingType::SecurityWarning,
        place(&sources, file, "\"*\""),
        "`iam:PassRole` is allowed on every role",
    )
    .label("matches any role in the account")
    .why("the caller can hand a more powerful role to a service it controls")
    .help("name the role ARNs, and pin the service with `iam:PassedToService`");
    let finding = [finding];
    insta::assert_snapshot!(findings(&sources, &finding, Options::default()), @r#"
    security-warning[pass-role-on-any-role]: `iam:PassRole` is allowed on every role
     --> policy.json:6:17
      |
    6 |     "Resource": "*"
      |                 ^^^ matches any role in the account
      = why: the caller can hand a more powerful role to a service it controls
      = help: name the role ARNs, and pin the service with `iam:PassedToService`
    "#);
    let color = Options {
        color: true,
        width: Some(60),
    };
    insta::assert_snapshot!(findings(&sources, &finding, color).replace('\u{1b}', "ESC"), @r#"
    ESC[1mESC[33msecurity-warning[pass-role-on-any-role]ESC[0m: ESC[1m`iam:PassRole` is allowed on every roleESC[0m
     ESC[1mESC[94m-->ESC[0m policy.json:6:17
      ESC[1mESC[94m|ESC[0m
    ESC[1mESC[94m6ESC[0m ESC[1mESC[94m|ESC[0m     "Resource": "*"
      ESC[1mESC[94m|ESC[0m                 ESC[1mESC[33m^^^ESC[0m ESC[1mESC[33mmatches any role in the accountESC[0m
      ESC[1mESC[94m= ESC[0mESC[1mwhyESC[0m: the caller can hand a more powerful role to a
             service it controls
      ESC[1mESC[94m= ESC[0mESC[1mhelpESC[0m: name the role ARNs, and pin the service with
              `iam:PassedToService`
    "#);
}

#[test]
fn draws_several_places() {
    let text = "{\n  \"a\": 1, \"b\": 2,\n  \"c\": 3,\n  \"d\": {\n    \"e\": 4\n  }\n}\n";
    let pieces = [
        ("\"b\"", "here"),
        ("\"a\"", "before"),
        ("{\n    \"e\": 4\n  }", "a block"),
        ("\"c\"", ""),
    ];
    insta::assert_snapshot!(plain(text, &pieces), @r#"
    warning[some-rule]: a message
     --> policy.json:2:11
      |
    2 |   "a": 1, "b": 2,
      |   ---     ^^^ here
      |   |
      |   before
    3 |   "c": 3,
      |   ---
    4 |   "d": {
      |        - to line 6: a block
      = help: do something
    "#);
}

#[test]
fn draws_places_in_other_texts() {
    let mut sources = Sources::new();
    let file = sources.add("one.json", "{\"a\": 1}");
    let other = sources.add(
        "arn:aws:iam::111122223333:policy/two",
        "\n\n\n\n\n\n\n\n\n{\"b\": 2}",
    );
    let empty = sources.add("empty.json", "");
    let finding = Finding::new(
        "some-rule",
        FindingType::Error,
        place(&sources, file, "1"),
        "a message",
    )
    .related(place(&sources, other, "2"), "there")
    .related(place(&sources, empty, ""), "nothing to show");
    let second = Finding::new(
        "other-rule",
        FindingType::Suggestion,
        place(&sources, empty, ""),
        "empty",
    );
    insta::assert_snapshot!(findings(&sources, &[finding, second], Options::default()), @r#"
    error[some-rule]: a message
      --> one.json:1:7
       |
     1 | {"a": 1}
       |       ^
      ::: arn:aws:iam::111122223333:policy/two:10:7
       |
    10 | {"b": 2}
       |       - there
      ::: empty.json:1:1

    suggestion[other-rule]: empty
     --> empty.json:1:1
    "#);
}

#[test]
fn aligns_tabs_and_wide_characters() {
    insta::assert_snapshot!(plain("\t\"漢字\":\t\"e\u{301}\", \"x\"", &[("\"x\"", "x"), ("\"漢字\"", "wide"), ("\"e\u{301}\"", "combining")]), @r#"
    warning[some-rule]: a message
     --> policy.json:1:14
      |
    1 |     "漢字":    "é", "x"
      |     ------     ---  ^^^ x
      |     |          |
      |     |          combining
      |     wide
      = help: do something
    "#);
}

#[test]
fn shows_hidden_characters() {
    let text = "{\"Sid\": \"a\u{1b}[31m\u{202e}b\u{7}\", \"x\": 1}\r\n";
    insta::assert_snapshot!(plain(text, &[("\"x\"", "a\u{1b}[0m label"), ("\u{202e}", "bidi")]), @r#"
    warning[some-rule]: a message
     --> policy.json:1:22
      |
    1 | {"Sid": "a<U+001B>[31m<U+202E>b<U+0007>", "x": 1}
      |                       -------- bidi       ^^^ a<U+001B>[0m label
      = help: do something
    "#);
}

#[test]
fn cuts_long_lines_around_the_places() {
    let text = format!(
        "[{}\"mark\", {}\"end\"]",
        "\"before\", ".repeat(50),
        "\"after\", ".repeat(50)
    );
    insta::assert_snapshot!(narrow(&text, &[("\"mark\"", "")]), @r#"
    warning[some-rule]: a message
     --> policy.json:1:502
      |
    1 | …efore", "before", "mark", "after",…
      |                    ^^^^^^
      = help: do something
    "#);
    insta::assert_snapshot!(narrow(&text, &[("\"end\"", "the last"), ("[", "the first")]), @r#"
    warning[some-rule]: a message
     --> policy.json:1:960
      |
    1 | … "after", "after", "end"]
      |                     ^^^^^ the last
     ::: policy.json:1:1
      |
    1 | ["before", "before", "before", "be…
      | - the first
      = help: do something
    "#);
    let long = format!("\"{}\"", "x".repeat(500));
    insta::assert_snapshot!(narrow(&format!("[1, {long}]"), &[(&long, "all of it")]), @r#"
    warning[some-rule]: a message
     --> policy.json:1:5
      |
    1 | [1, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ all of it
      = help: do something
    "#);
    let minified = format!("[{}\"mark\"]", "\"漢\",".repeat(1_000_000));
    insta::assert_snapshot!(plain(&minified, &[("\"mark\"", "")]), @r#"
    warning[some-rule]: a message
     --> policy.json:1:4000002
      |
    1 | …","漢","漢","漢","漢","漢","漢","漢","漢","漢","漢","漢","漢","漢","漢","漢","漢","漢","漢","漢","mark"]
      |                                                                                                   ^^^^^^
      = help: do something
    "#);
}

#[test]
fn wraps_prose_to_the_terminal() {
    let mut sources = Sources::new();
    let file = sources.add("a.json", "{}");
    let finding = Finding::new(
        "some-rule",
        FindingType::Error,
        place(&sources, file, "{"),
        "a message",
    )
    .why("a long reason that does not fit into the width of this terminal by far");
    let options = Options {
        color: false,
        width: Some(40),
    };
    insta::assert_snapshot!(findings(&sources, &[finding], options), @r#"
    error[some-rule]: a message
     --> a.json:1:1
      |
    1 | {}
      | ^
      = why: a long reason that does not fit
             into the width of this terminal
             by far
    "#);
}

#[test]
fn draws_many_findings_in_a_large_text_fast() {
    let start = std::time::Instant::now();
    let mut sources = Sources::new();
    let text = "{\"Action\": \"iam:PassRole\"}\n".repeat(400_000);
    let file = sources.add("large.json", text);
    let all: Vec<_> = (0..5_000)
        .map(|at| {
            let span = Span::new(at * 27 * 80, at * 27 * 80 + 1);
            Finding::new(
                "some-rule",
                FindingType::Error,
                Location { file, span },
                "a message",
            )
        })
        .collect();
    let report = findings(&sources, &all, Options::default());
    assert!(report.contains("large.json:399921:1\n"));
    assert!(start.elapsed() < std::time::Duration::from_secs(30));
}
