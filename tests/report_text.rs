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

#[test]
fn draws_distant_places_apart() {
    let text = format!("{{\n\"a\": 1,\n{}\"b\": 2\n}}\n", "\n".repeat(200));
    insta::assert_snapshot!(plain(&text, &[("\"b\"", "here"), ("\"a\"", "before")]), @r#"
    warning[some-rule]: a message
       --> policy.json:203:1
        |
    203 | "b": 2
        | ^^^ here
       ::: policy.json:2:1
        |
      2 | "a": 1,
        | --- before
        = help: do something
    "#);
    let text = text.replace(&"\n".repeat(200), &"\n".repeat(90));
    insta::assert_snapshot!(plain(&text, &[("\"b\"", "here"), ("\"a\"", "before")]), @r#"
    warning[some-rule]: a message
      --> policy.json:93:1
       |
     2 | "a": 1,
       | --- before
    ...
    93 | "b": 2
       | ^^^ here
       = help: do something
    "#);
}

#[test]
fn draws_long_arrays_and_deep_nesting_shortly() {
    let actions = "      \"ec2:RunInstances\",\n".repeat(40);
    let array = format!("[\n{actions}      \"ec2:StopInstances\"\n    ]");
    let text = format!("{{\n    \"Action\": {array}\n}}\n");
    insta::assert_snapshot!(plain(&text, &[(&array, "does not name it")]), @r#"
    warning[some-rule]: a message
     --> policy.json:2:15
      |
    2 |     "Action": [
      |               ^ to line 44: does not name it
      = help: do something
    "#);
    let text = format!("{{\n{}\"Action\": \"*\"\n}}", " ".repeat(44));
    insta::assert_snapshot!(plain(&text, &[("\"*\"", "every action")]), @r#"
    warning[some-rule]: a message
     --> policy.json:2:55
      |
    2 | ...                   "Action": "*"
      |                                 ^^^ every action
      = help: do something
    "#);
}

#[test]
fn draws_places_without_text() {
    // An empty place at the end of the text, on a line whose number is a digit longer.
    let text = "\n\n\n\n\n\n\n\n{\"a\": 1\n";
    let mut sources = Sources::new();
    let file = sources.add("policy.json", text);
    let end = u32::try_from(text.len()).unwrap();
    let location = |start, end| Location {
        file,
        span: Span::new(start, end),
    };
    let finding = Finding::new(
        "some-rule",
        FindingType::Error,
        location(end, end),
        "a message",
    )
    .related(location(8, 9), "never closed");
    insta::assert_snapshot!(findings(&sources, &[finding], Options::default()), @r#"
    error[some-rule]: a message
      --> policy.json:10:1
       |
     9 | {"a": 1
       | - never closed
    10 |
       | ^
    "#);
    let none = sources.add("<no document>", "");
    let location = Location {
        file: none,
        span: Span::default(),
    };
    let finding = Finding::new("some-rule", FindingType::Error, location, "a message")
        .label("nothing to see")
        .why("a reason")
        .help("do something");
    insta::assert_snapshot!(findings(&sources, &[finding], Options::default()), @r#"
    error[some-rule]: a message
     --> <no document>:1:1
     |
     = why: a reason
     = help: do something
    "#);
}

#[test]
fn draws_many_findings_of_several_places_fast() {
    let start = std::time::Instant::now();
    let minified = format!("[{}]", "\"iam:PassRole\",".repeat(65_000));
    let lines = minified.replace(',', ",\n");
    for text in [minified, lines] {
        let mut sources = Sources::new();
        let step = u32::try_from(text.len() / 2_000).unwrap();
        let file = sources.add("large.json", text);
        let place = |at: u32, length| Location {
            file,
            span: Span::new(at * step, at * step + length),
        };
        let all: Vec<_> = (0..2_000)
            .map(|at| {
                Finding::new("some-rule", FindingType::Error, place(at, 20), "a message")
                    .related(place(0, 1), "the first")
                    .related(place(at / 2, 500_000), "half of the text")
            })
            .collect();
        let report = findings(&sources, &all, Options::default());
        assert!(report.len() < 4_000_000, "{}", report.len());
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(30));
}

proptest::proptest! {
    /// Nothing that a terminal acts on comes through, whatever the texts and the places.
    #[test]
    fn draws_any_text_safely(
        text in "[a\"{} \t\r\n\0\u{1b}\u{7f}\u{9b}\u{85}\u{200b}\u{200d}\u{202e}\u{2066}\u{301}漢😀é]{0,120}",
        places in proptest::collection::vec((0..140_u32, 0..140_u32), 1..5),
        width in proptest::option::of(0..100_usize),
        color: bool,
    ) {
        let mut sources = Sources::new();
        let file = sources.add(text.clone(), text.clone());
        let mut labels = places.iter().map(|(start, end)| Location {
            file,
            span: Span::new(*start, *end),
        });
        let mut finding = Finding::new("some-rule", FindingType::Error, labels.next().unwrap(), &*text)
            .label(&*text)
            .why(&*text)
            .help(&*text);
        for location in labels {
            finding = finding.related(location, &*text);
        }
        let report = findings(&sources, &[finding], Options { color, width });
        let uncolored = ["[0m", "[1m", "[33m", "[91m", "[94m"]
            .iter()
            .fold(report, |report, code| report.replace(&format!("\u{1b}{code}"), ""));
        for character in uncolored.chars().filter(|it| *it != '\n') {
            let invisible = "\u{200b}\u{200d}\u{202e}\u{2066}".contains(character);
            assert!(!character.is_control() && !invisible, "{character:?} in {uncolored:?}");
        }
    }
}
