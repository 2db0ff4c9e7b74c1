//! Reads one text, and the texts inside it: a document may be a JSON string, percent-encoded, or
//! both.
//!
//! Each text is a [`Layer`]. Values are looked at in the coordinates of their own layer, and
//! everything that leaves this module is led back to the outermost text.

use crate::finding::Finding;
use crate::json::{self, OddityKind, Offsets, Parsed, Value, index};
use crate::source::{Location, Span};

use super::few::Few;
use super::wrapper::{self, Part};
use super::{Facts, Found, Reading, percent, wording};

/// How many texts may be wrapped in each other. Real ones have two layers: a JSON string that is
/// percent-encoded.
const DEEPEST: usize = 6;

/// How many values a text may have, roughly. Each takes memory however short it is, so the length
/// of the text alone does not bound it: 64 MiB of `0,` would take gigabytes. Account dumps have
/// one value in twenty bytes.
const MOST_VALUES: usize = 8_000_000;

/// A text, and how it was taken out of the one around it.
struct Layer<'a> {
    text: &'a str,
    around: Option<(&'a Layer<'a>, Offsets)>,
    depth: usize,
}

impl Layer<'_> {
    /// Returns where a span of this text stands in the outermost one.
    fn to_origin(&self, span: Span) -> Span {
        match &self.around {
            Some((around, offsets)) => around.to_origin(offsets.to_origin(span)),
            None => span,
        }
    }

    fn whole(&self) -> Span {
        Span::new(0, index(self.text.len()))
    }
}

struct Reader<'v> {
    reading: Reading,
    findings: Few,
    unread: Few,
    visit: &'v mut dyn FnMut(Found<'_>),
}

pub(super) fn read(text: &str, reading: Reading, visit: &mut dyn FnMut(Found<'_>)) -> Reading {
    let mut reader = Reader {
        reading,
        findings: Few::default(),
        unread: Few::default(),
        visit,
    };
    let layer = Layer {
        text,
        around: None,
        depth: 0,
    };
    reader.read(&layer, None);
    Reading {
        findings: reader.findings.into_findings(),
        unread: reader.unread.into_findings(),
        ..reader.reading
    }
}

impl Reader<'_> {
    /// Reads a text. With `facts` a wrapper has said that it is a policy document.
    fn read(&mut self, layer: &Layer<'_>, facts: Option<&Facts>) {
        let body = layer.text.trim_start_matches('\u{feff}');
        if body.trim_ascii().is_empty() {
            let start = self.locate(layer, Span::new(0, 0));
            self.unread.push(match layer.around {
                None => wording::empty(start),
                Some(_) => wrapper::empty_document(self.locate_whole(layer)),
            });
            return;
        }
        if layer.depth > DEEPEST {
            let location = self.locate_whole(layer);
            self.unread.push(wording::nested_too_often(location));
            return;
        }
        if percent::is_encoded(body.trim_ascii_start()) {
            self.read_encoded(layer, facts);
            return;
        }
        // Any text can be a JSON string; only what looks like JSON is held to its grammar.
        let is_inside = layer.around.is_some();
        if is_inside && !body.trim_ascii_start().starts_with(['{', '[', '"', '/']) {
            let location = self.locate_whole(layer);
            self.unread
                .push(wrapper::not_a_document(location, "a text"));
            return;
        }
        if has_too_many_values(layer.text) {
            let start = self.locate(layer, Span::new(0, 0));
            self.unread.push(wording::too_many_values(start));
            return;
        }
        match json::parse(layer.text) {
            Ok(parsed) => self.read_values(layer, parsed, facts),
            Err(error) => {
                let location = self.locate(layer, error.span);
                self.unread.push(wording::syntax_error(location, error));
            }
        }
    }

    fn read_encoded(&mut self, layer: &Layer<'_>, facts: Option<&Facts>) {
        let (bytes, offsets) = percent::decode(layer.text);
        match String::from_utf8(bytes) {
            Ok(text) => self.read(&inner(layer, &text, offsets), facts),
            Err(error) => {
                let bad = index(error.utf8_error().valid_up_to());
                let span = offsets.to_origin(Span::new(bad, bad + 1));
                let location = self.locate(layer, span);
                self.unread.push(wording::encoded_utf8(location));
            }
        }
    }

    fn read_values(&mut self, layer: &Layer<'_>, mut parsed: Parsed<'_>, facts: Option<&Facts>) {
        let file = self.reading.file;
        let located = |span| Location {
            file,
            span: layer.to_origin(span),
        };
        let contents = match facts {
            Some(facts) => wrapper::document(parsed.tree.root(), facts, &located),
            None => wrapper::contents(parsed.tree.root(), &located),
        };
        self.unread.append(contents.unread);
        self.findings.append(contents.findings);
        if !contents.parts.is_empty() {
            let odd = oddities(&parsed, &contents.parts, &located);
            odd.into_iter().for_each(|it| self.findings.push(it));
            for duplicate in json::duplicate_keys(parsed.tree.root()) {
                self.findings
                    .push_with(|| wording::duplicate(&duplicate, located));
            }
        }
        if layer.around.is_some() {
            parsed.tree.map_spans(|span| layer.to_origin(span));
        }
        for part in &contents.parts {
            if part.is_string {
                self.read_string(layer, part);
            } else {
                let is_plain = layer.around.is_none();
                self.found(parsed.tree.value(part.id), &part.facts, is_plain);
            }
        }
    }

    fn read_string(&mut self, layer: &Layer<'_>, part: &Part) {
        let inside = Span::new(part.span.start + 1, part.span.end.saturating_sub(1));
        let raw = layer.text.get(inside.range()).unwrap_or_default();
        let (text, offsets) = json::unescape(raw, inside.start);
        let facts = part.is_certain.then_some(&part.facts);
        self.read(&inner(layer, &text, offsets), facts);
    }

    fn found(&mut self, value: Value<'_>, facts: &Facts, is_plain: bool) {
        self.reading.documents += 1;
        (self.visit)(Found {
            file: self.reading.file,
            value,
            facts,
            is_plain,
        });
    }

    fn locate(&self, layer: &Layer<'_>, span: Span) -> Location {
        Location {
            file: self.reading.file,
            span: layer.to_origin(span),
        }
    }

    /// Returns the place of a whole text.
    fn locate_whole(&self, layer: &Layer<'_>) -> Location {
        self.locate(layer, layer.whole())
    }
}

fn inner<'a>(around: &'a Layer<'a>, text: &'a str, offsets: Offsets) -> Layer<'a> {
    Layer {
        text,
        around: Some((around, offsets)),
        depth: around.depth + 1,
    }
}

/// Returns whether a text may hold more than [`MOST_VALUES`]: each but the first follows one of
/// three characters.
fn has_too_many_values(text: &str) -> bool {
    let opens_value = |byte: &&u8| matches!(byte, b'[' | b'{' | b',');
    // Shorter texts have no room for that many.
    text.len() > MOST_VALUES && text.as_bytes().iter().filter(opens_value).count() > MOST_VALUES
}

/// Returns one finding for each kind of oddity in a text: a thousand comments are one mistake.
fn oddities(
    parsed: &Parsed<'_>,
    parts: &[Part],
    located: &dyn Fn(Span) -> Location,
) -> Vec<Finding> {
    let root = parsed.tree.root().id();
    let mut findings = Vec::new();
    for kind in [
        OddityKind::ByteOrderMark,
        OddityKind::Comment,
        OddityKind::TrailingComma,
    ] {
        let same = parsed.oddities.iter().filter(|it| it.kind == kind);
        let spans: Vec<_> = same.map(|it| it.span).collect();
        let Some(first) = spans.first() else {
            continue;
        };
        // What stands around a lone document goes to AWS with it; around a CLI output it does not.
        let in_document = parts.iter().filter(|part| !part.is_string).any(|part| {
            let next = spans.partition_point(|span| span.start < part.span.start);
            let is_inside = spans
                .get(next)
                .is_some_and(|span| span.end <= part.span.end);
            part.id == root || is_inside
        });
        findings.push(wording::oddity(
            kind,
            located(*first),
            spans.len(),
            in_document,
        ));
    }
    findings
}
