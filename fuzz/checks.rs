//! What must hold for any bytes at all. The fuzz targets and the ordinary tests both call these.
#![expect(
    clippy::unwrap_used,
    reason = "these are tests, only not marked as such"
)]

use std::sync::LazyLock;

use rolecall::catalog::Catalog;
use rolecall::evaluate::case::{Case, Reader};
use rolecall::evaluate::{
    Decision, Explanation, OpenKeys, Policies, Principal, Request, Truth, decide, explain,
};
use rolecall::evidence::{self, Options, Reading};
use rolecall::finding::{Finding, FixClass};
use rolecall::fix::fix_text;
use rolecall::json::{self, Kind, Value};
use rolecall::policy::{self, Document, Effect, lower};
use rolecall::profile::Profile;
use rolecall::read;
use rolecall::report::text;
use rolecall::rule::{Job, Lists, Memo, Persona, Selection, lint_text};
use rolecall::source::{Location, Sources, Span};

mod case;

/// Parses a text: never panics, and the tree agrees with the text to the byte.
pub(crate) fn parse(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let second_opinion = serde_json::from_str::<serde_json::Value>(text);
    let parsed = match json::parse(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            assert!(text.get(error.span.range()).is_some(), "{error:?}");
            assert!(second_opinion.is_err(), "serde_json reads this: {error:?}");
            return;
        }
    };
    let is_strict = parsed.oddities.is_empty();
    if let Err(error) = &second_opinion {
        // serde_json stops at a depth of 128 and at numbers beyond an `f64`; we keep numbers as
        // text.
        let other = error.to_string();
        let is_limit = other.contains("recursion limit") || other.contains("out of range");
        assert!(
            !is_strict || is_limit,
            "serde_json does not read this: {other}"
        );
    }
    for oddity in &parsed.oddities {
        assert!(text.get(oddity.span.range()).is_some());
    }
    let mut leaves = Vec::new();
    collect(parsed.tree.root(), &mut leaves);
    let printed = print(text, &leaves, is_strict);
    assert_eq!(printed, text);
    let duplicates = json::duplicate_keys(parsed.tree.root());
    assert!(duplicates.iter().all(|it| !it.again.is_empty()));
}

/// Reads evidence: nothing panics, and what is made of it is a profile without errors, the same twice.
pub(crate) fn evidence(bytes: &[u8]) {
    let mut reading = Reading::default();
    evidence::read("evidence", bytes, &mut reading);
    if let Ok(text) = std::str::from_utf8(bytes) {
        for denial in evidence::denials(text) {
            assert!(text.get(denial.span.range()).is_some(), "{denial:?}");
            let encoded = denial.encoded.map(|it| text.get(it.range()));
            assert!(encoded.is_none_or(|it| it.is_some()), "{denial:?}");
            let _ = denial.cause();
        }
    }
    for generalise in [false, true] {
        let options = Options {
            generalise,
            ..Options::default()
        };
        let made = evidence::profile_text(&reading, &options);
        if let Err(errors) = Profile::parse("profile.toml", &made.text) {
            assert!(errors.is_empty(), "{errors:#?}\n{}", made.text);
        }
        let again = evidence::profile_text(&reading, &options);
        assert_eq!(made.text, again.text);
    }
}

/// Lints a text with every rule and makes every fix that does not widen: nothing panics, the fixed
/// text still reads, and a second run changes nothing.
pub(crate) fn lint(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let selection = Selection {
        persona: Persona::Auditor,
        ..Selection::default()
    };
    let selected = selection.resolve().unwrap();
    let lists = Lists::default();
    let memo = Memo::new(Catalog::builtin());
    let kinds = [None, Some(policy::Kind::Scp), Some(policy::Kind::Rcp)];
    for kind in kinds {
        let job = Job {
            selected: &selected,
            lists: &lists,
            kind,
        };
        let mut sources = Sources::new();
        let file = sources.add("policy.json", text);
        let linted = lint_text(&sources, file, job, &memo);
        assert!(linted.failed.is_empty(), "{:?}", linted.failed);
        let whole = linted.findings.iter().chain(&linted.unread);
        let _ = text::findings(
            &sources,
            &whole.cloned().collect::<Vec<_>>(),
            text::Options::default(),
        );
        let fixed = fix_text("policy.json", text, job, &memo, FixClass::Narrowing);
        if fixed.text == text {
            continue;
        }
        let file = sources.add("policy.json", fixed.text.as_str());
        let after = lint_text(&sources, file, job, &memo);
        assert_eq!(
            after.documents.len(),
            linted.documents.len(),
            "{}",
            fixed.text
        );
        let again = fix_text("policy.json", &fixed.text, job, &memo, FixClass::Narrowing);
        assert_eq!(again.text, fixed.text);
    }
}

/// Prints a text from its leaves and what stands between them.
fn print(text: &str, leaves: &[(Span, Kind, String)], is_strict: bool) -> String {
    let is_structure = |it: char| "{}[],: \t\r\n".contains(it);
    let mut printed = String::new();
    let mut at = 0;
    for (span, kind, decoded) in leaves {
        let range = span.range();
        assert!(at <= range.start && range.start < range.end, "{span:?}");
        let between = &text[at..range.start];
        assert!(
            !is_strict || between.chars().all(is_structure),
            "{between:?}"
        );
        printed.push_str(between);
        let raw = &text[range.clone()];
        if matches!(kind, Kind::String) {
            let (unescaped, offsets) = json::unescape(&raw[1..raw.len() - 1], span.start + 1);
            assert_eq!(&unescaped, decoded);
            let whole = Span::new(0, u32::try_from(unescaped.len()).unwrap());
            let inside = Span::new(span.start + 1, span.end - 1);
            assert_eq!(offsets.to_origin(whole), inside);
        } else if !matches!(kind, Kind::Null) {
            assert_eq!(raw, decoded);
        }
        printed.push_str(raw);
        at = range.end;
    }
    let between = &text[at..];
    assert!(
        !is_strict || between.chars().all(is_structure),
        "{between:?}"
    );
    printed.push_str(between);
    printed
}

/// Collects keys, strings, numbers and words in text order.
fn collect(value: Value<'_>, leaves: &mut Vec<(Span, Kind, String)>) {
    for member in value.members() {
        let inside = |span: Span| value.span().start < span.start && span.end < value.span().end;
        assert!(inside(member.key_span) && inside(member.value.span()));
        leaves.push((member.key_span, Kind::String, member.key.to_owned()));
        collect(member.value, leaves);
    }
    value
        .elements()
        .for_each(|element| collect(element, leaves));
    if !matches!(value.kind(), Kind::Object | Kind::Array) {
        let text = value.as_scalar().unwrap_or_default();
        leaves.push((value.span(), value.kind(), text.to_owned()));
    }
}

/// Reads a text as a user's file: never panics, every place it names exists, and its report keeps
/// what would act on a terminal out.
pub(crate) fn wrappers(bytes: &[u8]) {
    let mut sources = Sources::new();
    let mut spans = Vec::new();
    let reading = read::read(&mut sources, "fuzz", bytes.to_vec(), &mut |found| {
        places(found.value, &mut spans);
    });
    let exists = |location: Location| {
        let text = &sources.get(location.file).text;
        assert!(text.get(location.span.range()).is_some(), "{location:?}");
    };
    for span in spans {
        let file = reading.file;
        exists(Location { file, span });
    }
    assert!(reading.documents + reading.unread.len() > 0);
    let findings: Vec<Finding> = [reading.findings, reading.unread].concat();
    for finding in &findings {
        exists(finding.primary.location);
        finding
            .related
            .iter()
            .for_each(|label| exists(label.location));
        assert!(!finding.why.is_empty() && !finding.help.is_empty());
    }
    for width in [None, Some(20), Some(80)] {
        let options = text::Options {
            color: false,
            width,
        };
        let report = text::findings(&sources, &findings, options);
        let is_harmless = |it: char| it == '\n' || !it.is_control();
        assert!(report.chars().all(is_harmless));
    }
}

fn places(value: Value<'_>, spans: &mut Vec<Span>) {
    let inside = |span: Span| value.span().start <= span.start && span.end <= value.span().end;
    spans.push(value.span());
    for member in value.members() {
        assert!(inside(member.key_span) && inside(member.value.span()));
        assert!(member.key_span.end <= member.value.span().start);
        spans.push(member.key_span);
        places(member.value, spans);
    }
    for element in value.elements() {
        assert!(inside(element.span()));
        places(element, spans);
    }
}

/// Decides a case, which the bytes are or choose: never panics, and the answers fit together.
pub(crate) fn evaluate(bytes: &[u8]) {
    static READER: LazyLock<Reader<'_>> = LazyLock::new(|| Reader::new(Catalog::builtin()));
    if let Ok(line) = std::str::from_utf8(bytes) {
        match READER.read(line) {
            Ok(case) => decisions(case),
            Err(error) => assert!(line.get(error.span.range()).is_some(), "{error:?}"),
        }
    }
    let line = case::line(bytes);
    // Some texts of the bytes are no action and no principal.
    if let Ok(case) = READER.read(&line) {
        decisions(case);
    }
}

fn decisions(case: Case) {
    let Case {
        mut request,
        mut policies,
        ..
    } = case;
    let verdict = decide(&policies, &request);
    let decision = verdict.decision;
    assert_ne!(decision, Decision::Unknown, "the context is complete");

    let explanation = explain(&policies, &request);
    assert_eq!(explanation.verdict, verdict);
    assert_eq!(explanation.refusal.is_some(), decision == Decision::Error);
    if decision != Decision::Error && !needs_no_permission(&request) {
        let is_denied = decision == Decision::ExplicitlyDenied;
        assert_eq!(has_applicable_deny(&explanation), is_denied, "{request:?}");
    }

    // Order never matters (T2), except that of an organization's levels.
    reverse(&mut policies);
    assert_eq!(decide(&policies, &request), verdict, "in reverse");

    deny(&mut policies, &request);

    // What is certain whatever the keys that were not given may be, is so when they are absent.
    reverse(&mut policies);
    let everything = OpenKeys {
        prefixes: vec!["".into()],
        ..OpenKeys::default()
    };
    request.context.set_open(everything);
    request.settings.complete = false;
    let open = decide(&policies, &request);
    assert_eq!(explain(&policies, &request).verdict, open);
    // That a request is denied is certain before it is certain that a statement does it.
    let is_certain = open.decision != Decision::Unknown;
    let is_denial = |it| matches!(it, Decision::ImplicitlyDenied | Decision::ExplicitlyDenied);
    assert!(
        !is_certain || open.decision == decision || is_denial(open.decision) && is_denial(decision),
        "{decision:?}, and {:?} when keys are unknown",
        open.decision
    );
}

/// A statement against everything is never overruled (T3).
fn deny(policies: &mut Policies, request: &Request) {
    if needs_no_permission(request) {
        return;
    }
    const STATEMENT: &str = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;
    const NAMED: &str = r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#;
    let document = |statement: &str, kind: policy::Kind| -> Document {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        lower(json::parse(&text).unwrap().tree.root(), kind)
    };
    let is_denied = |policies: &Policies| {
        let decision = decide(policies, request).decision;
        let is_denied = [Decision::ExplicitlyDenied, Decision::Error].contains(&decision);
        assert!(is_denied, "{decision:?} in spite of a Deny: {request:?}");
    };
    // Services, providers, anonymous callers and root users have no policies of their own (E12).
    let has_policies = !matches!(request.principal, Principal::Root(_));
    if has_policies && request.principal.identity().is_some() {
        let own = document(STATEMENT, policy::Kind::Identity);
        policies.identity.push(own);
        is_denied(policies);
        policies.identity.pop();
    }
    if let Some(of_resource) = &mut policies.resource {
        let named = document(NAMED, policy::Kind::Resource);
        of_resource.statements.extend(named.statements);
        is_denied(policies);
        if let Some(of_resource) = &mut policies.resource {
            of_resource.statements.pop();
        }
    }
}

/// S4: actions that no policy governs.
fn needs_no_permission(request: &Request) -> bool {
    ["sts:getcalleridentity", "sts:getsessiontoken"].contains(&&*request.action.folded)
}

fn has_applicable_deny(explanation: &Explanation<'_>) -> bool {
    let mut statements = explanation.statements.iter();
    statements.any(|it| it.statement.effect == Effect::Deny && it.applies() == Truth::True)
}

/// Turns the order of documents and statements around.
fn reverse(policies: &mut Policies) {
    let levels = policies.scps.iter_mut().chain(&mut policies.rcps);
    let optional = [
        &mut policies.boundary,
        &mut policies.session,
        &mut policies.endpoint,
    ];
    let lists = levels
        .map(|level| &mut level.policies)
        .chain(optional.into_iter().flatten())
        .chain([&mut policies.identity]);
    let mut documents = Vec::new();
    for list in lists {
        list.reverse();
        documents.extend(list);
    }
    documents.extend(&mut policies.resource);
    documents.into_iter().for_each(|it| it.statements.reverse());
}
