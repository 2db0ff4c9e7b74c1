//! Reading: texts in `testdata/read`, and the report beside each.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that reads its data and measures time"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rolecall::finding::{Finding, FindingType};
use rolecall::json::Value;
use rolecall::read::{self, Found, MAX_BYTES, Reading};
use rolecall::report::text;
use rolecall::source::{Location, Sources};

#[expect(dead_code, reason = "deciding is not reading")]
#[path = "../fuzz/checks.rs"]
mod checks;

/// Reads a text and reports what was found, with a probe on one value of each document to show
/// that places are led back to the original text.
fn report(name: &str, bytes: Vec<u8>) -> (Reading, String) {
    let mut out = String::new();
    let mut probes = Vec::new();
    let mut sources = Sources::new();
    let mut reading = read::read(&mut sources, name, bytes, &mut |found: Found<'_>| {
        let kind = found.facts.kind.map_or("no kind", |kind| kind.as_str());
        let command = found.facts.command.unwrap_or("nothing around it");
        let _ = write!(out, "document: {kind}, from {command}");
        for fact in [&found.facts.name, &found.facts.arn].into_iter().flatten() {
            let _ = write!(out, ", {fact}");
        }
        out.push('\n');
        probes.extend(probe(&found));
    });
    let _ = writeln!(
        out,
        "{} read, {} unread\n",
        reading.documents,
        reading.unread.len()
    );
    let mut findings = reading.findings.clone();
    findings.append(&mut probes);
    findings.extend(reading.unread.iter().cloned());
    rolecall::finding::sort(&mut findings);
    out.push_str(&text::findings(
        &sources,
        &findings,
        text::Options::default(),
    ));
    reading.findings.extend(probes);
    (reading, out)
}

fn probe(found: &Found<'_>) -> Option<Finding> {
    let statement = found.value.get("Statement")?.one_or_many().next()?;
    let value = ["Resource", "Principal"]
        .iter()
        .find_map(|key| statement.get(key))?;
    let location = |value: Value<'_>| Location {
        file: found.file,
        span: value.span(),
    };
    let probe = Finding::new(
        "probe",
        FindingType::Suggestion,
        location(value),
        "this value",
    )
    .related(location(statement.get("Effect")?), "and this one");
    Some(probe)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/read")
}

#[test]
fn reports_every_case() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut names: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let (snapshots, cases): (Vec<_>, Vec<_>) = names
        .into_iter()
        .partition(|name| name.ends_with(".snap") || name.ends_with(".snap.new"));
    for snapshot in &snapshots {
        let case = snapshot.trim_end_matches(".new").trim_end_matches(".snap");
        assert!(
            cases.iter().any(|it| it == case),
            "{snapshot} belongs to no case"
        );
    }
    assert!(cases.len() > 40);
    for case in cases {
        let bytes = std::fs::read(folder().join(&case)).unwrap();
        let (_, report) = report(&case, bytes);
        settings.bind(|| insta::assert_snapshot!(case.as_str(), report));
    }
}

fn only_unread(reading: &Reading) -> &Finding {
    assert_eq!(
        (
            reading.documents,
            reading.findings.len(),
            reading.unread.len()
        ),
        (0, 0, 1)
    );
    &reading.unread[0]
}

#[test]
fn refuses_large_files() {
    let (reading, text) = report("large.json", vec![b' '; MAX_BYTES + 1]);
    assert_eq!(only_unread(&reading).rule, "file-too-large");
    assert!(text.contains("--> large.json:1:1\n"), "{text}");
    let (reading, _) = report("blank.json", vec![b' '; MAX_BYTES]);
    assert_eq!(only_unread(&reading).rule, "empty-file");
}

#[test]
fn bounds_values_and_findings() {
    let many = format!("[{}0]", "0,".repeat(9_000_000));
    let (reading, _) = report("values.json", many.into_bytes());
    assert_eq!(only_unread(&reading).rule, "file-too-large");

    let twice = "{\"Statement\":0,\"Statement\":0},\"{\",".repeat(5_000);
    let (reading, text) = report("many.json", format!("[{twice}1]").into_bytes());
    assert_eq!(reading.documents, 5_000);
    assert_eq!((reading.findings.len(), reading.unread.len()), (1001, 1001));
    assert!(text.contains("4000 more findings like these are left out"));
    assert!(text.contains("4001 more findings like these are left out"));
}

#[test]
fn refuses_deep_nesting() {
    for open in ["[", "{\"a\":", "[{\"Statement\":"] {
        let (reading, _) = report("deep.json", open.repeat(200_000).into_bytes());
        let finding = only_unread(&reading);
        assert_eq!(finding.rule, "invalid-json");
        assert!(finding.help.contains("no policy is nested this deep"));
    }
}

#[test]
fn reads_huge_objects_fast() {
    let start = Instant::now();
    let mut document = String::from("{\"Statement\":{\"Condition\":{\"StringEquals\":{");
    for key in 0..100_000 {
        let _ = write!(document, "\"aws:PrincipalTag/{key}\":\"x\",");
    }
    document.push_str("\"aws:PrincipalTag/7\":\"y\"}}}}");
    let (reading, _) = report("huge.json", document.clone().into_bytes());
    assert_eq!((reading.documents, reading.unread.len()), (1, 0));
    let rules: Vec<_> = reading
        .findings
        .iter()
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(rules, ["duplicate-key"]);

    let held = serde_json::json!({ "Policy": document }).to_string();
    let (reading, _) = report("held.json", held.into_bytes());
    assert_eq!((reading.documents, reading.findings.len()), (1, 1));

    let names = format!("[{}\"x\"]", "\"x\",".repeat(300_000));
    let (reading, _) = report("names.json", names.into_bytes());
    assert_eq!(only_unread(&reading).rule, "not-a-policy");
    // A few seconds; anything quadratic takes minutes, and shared machines are slow.
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "{:?}",
        start.elapsed()
    );
}

mod properties {
    use proptest::prelude::*;
    use rolecall::json::{self, Value};
    use rolecall::read;
    use rolecall::source::{Sources, Span};

    use super::checks;

    /// What a document can be carried in.
    #[derive(Clone, Copy, Debug)]
    enum Layer {
        /// A JSON string, escaped only where it must be.
        String,
        /// A JSON string in ASCII, as the AWS CLI prints it.
        AsciiString,
        /// Percent-encoded, as the IAM API returns it.
        Percent,
    }

    impl Layer {
        fn wrap(self, text: &str) -> String {
            match self {
                Self::String => serde_json::to_string(text).unwrap(),
                Self::AsciiString => {
                    let escape = |unit: u16| match u8::try_from(unit) {
                        Ok(byte) if byte.is_ascii_alphanumeric() => char::from(byte).into(),
                        Ok(b'"') => "\\\"".into(),
                        Ok(b'/') => "\\/".into(),
                        _ => format!("\\u{unit:04x}"),
                    };
                    let body: String = text.encode_utf16().map(escape).collect();
                    format!("\"{body}\"")
                }
                Self::Percent => {
                    let set = percent_encoding::NON_ALPHANUMERIC;
                    let encoded = percent_encoding::utf8_percent_encode(text, set).to_string();
                    // What needs no encoding may still have it or not.
                    encoded.replace("%2B", "+").replace("%2A", "*")
                }
            }
        }

        fn unwrap(self, piece: &str) -> String {
            match self {
                Self::String | Self::AsciiString => {
                    serde_json::from_str(&format!("\"{piece}\"")).unwrap()
                }
                Self::Percent => percent_encoding::percent_decode_str(piece)
                    .decode_utf8()
                    .unwrap()
                    .into_owned(),
            }
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
            "[a-z:*%+/\"\\\\é漢😀\u{202e}\n]{0,12}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::Array),
                prop::collection::vec((any::<String>(), inner), 0..4)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn any_layers() -> impl Strategy<Value = Vec<Layer>> {
        let layer = prop_oneof![
            Just(Layer::String),
            Just(Layer::AsciiString),
            Just(Layer::Percent)
        ];
        prop::collection::vec(layer, 0..4)
    }

    fn spans(value: Value<'_>, all: &mut Vec<Span>) {
        all.push(value.span());
        for member in value.members() {
            all.push(member.key_span);
            spans(member.value, all);
        }
        value.elements().for_each(|element| spans(element, all));
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            checks::parse(&bytes);
            checks::wrappers(&bytes);
        }

        #[test]
        fn anything_like_json_can_be_read(text in "([\\[\\]{},:\" \n0-9e.+-]|\\\\[u\"n]|%7B|%22|//|/\\*|\\*/|\"Statement\"|\u{feff}|é){0,40}") {
            checks::parse(text.as_bytes());
            checks::wrappers(text.as_bytes());
        }

        #[test]
        fn any_json_can_be_read(value in any_json(), is_pretty: bool) {
            let text = if is_pretty { format!("{value:#}") } else { value.to_string() };
            prop_assert!(json::parse(&text).is_ok());
            checks::parse(text.as_bytes());
            checks::wrappers(text.as_bytes());
        }

        #[test]
        fn places_are_led_back_through_every_layer(
            value in any_json(),
            is_pretty: bool,
            layers in any_layers(),
        ) {
            let document = serde_json::json!({ "Statement": value });
            let plain = if is_pretty { format!("{document:#}") } else { document.to_string() };
            let mut expected = Vec::new();
            spans(json::parse(&plain).unwrap().tree.root(), &mut expected);

            let carried = layers.iter().fold(plain.clone(), |text, layer| layer.wrap(&text));
            let mut sources = Sources::new();
            let mut found = Vec::new();
            let reading = read::read(&mut sources, "carried", carried.clone().into_bytes(), &mut |it| {
                spans(it.value, &mut found);
            });
            // A text percent-encoded twice still starts with `%` once decoded, so it is decoded
            // again; every other order is taken apart as it was put together.
            prop_assert_eq!(reading.documents, 1);
            prop_assert_eq!(expected.len(), found.len());
            for (expected, found) in expected.iter().zip(&found) {
                let piece = carried[found.range()].to_owned();
                let piece = layers.iter().rev().fold(piece, |text, layer| layer.unwrap(&text));
                prop_assert_eq!(&piece, &plain[expected.range()]);
            }
        }
    }
}
