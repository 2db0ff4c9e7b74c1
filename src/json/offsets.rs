//! Where the bytes of a decoded text came from.
//!
//! A policy document is often carried inside another text: as a JSON string, or percent-encoded.
//! [`Offsets`] leads from the decoded bytes back to the bytes of the text that carried them, so
//! that findings point into what the user has. Nothing here decides what to decode.

use super::index;
use crate::source::Span;

/// Neighbouring decoded bytes that came out of their origin in the same way.
#[derive(Clone, Copy, Debug)]
struct Run {
    decoded: u32,
    origin: u32,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Every decoded byte stands for this many bytes of the origin: 1 for plain text, 2 for `\"`,
    /// 3 for `%22`, 6 for `\u0022`.
    Each(u32),
    /// The decoded bytes together (one character) stand for this many bytes of the origin.
    Whole(u32),
}

/// Leads from a decoded text back to its origin.
#[derive(Clone, Debug)]
pub struct Offsets {
    runs: Vec<Run>,
    decoded: u32,
    origin: u32,
}

impl Offsets {
    /// Returns the offsets of a text whose origin starts at this byte.
    #[must_use]
    pub const fn starting_at(origin: u32) -> Self {
        Self {
            runs: Vec::new(),
            decoded: 0,
            origin,
        }
    }

    /// Notes that the next `count` decoded bytes stand for `each` bytes of the origin, one by one.
    pub fn push_each(&mut self, count: usize, each: usize) {
        if count == 0 {
            return;
        }
        let step = Step::Each(index(each));
        if self.runs.last().is_none_or(|run| run.step != step) {
            self.push_run(step);
        }
        self.decoded += index(count);
        self.origin += index(count * each);
    }

    /// Notes that the next `count` decoded bytes together stand for `origin` bytes.
    pub fn push_whole(&mut self, count: usize, origin: usize) {
        self.push_run(Step::Whole(index(origin)));
        self.decoded += index(count);
        self.origin += index(origin);
    }

    fn push_run(&mut self, step: Step) {
        self.runs.push(Run {
            decoded: self.decoded,
            origin: self.origin,
            step,
        });
    }

    /// Returns the bytes of the origin that a span of the decoded text came from.
    #[must_use]
    pub fn to_origin(&self, span: Span) -> Span {
        let start = match self.run_at(span.start) {
            Some(run) => match run.step {
                Step::Each(each) => run.origin + (span.start - run.decoded) * each,
                Step::Whole(_) => run.origin,
            },
            None => self.origin,
        };
        if span.end <= span.start {
            return Span::new(start, start);
        }
        let last = span.end - 1;
        let end = match self.run_at(last) {
            Some(run) => match run.step {
                Step::Each(each) => run.origin + (last - run.decoded + 1) * each,
                Step::Whole(whole) => run.origin + whole,
            },
            None => self.origin,
        };
        Span::new(start, end)
    }

    fn run_at(&self, decoded: u32) -> Option<Run> {
        if decoded >= self.decoded {
            return None;
        }
        let after = self.runs.partition_point(|run| run.decoded <= decoded);
        self.runs.get(after.checked_sub(1)?).copied()
    }
}

/// Decodes what stands between the quotes of a JSON string that starts at `origin`.
///
/// INVARIANT: the string was accepted by [`super::parse`]. Escapes that it would have refused are
/// dropped here.
#[must_use]
pub fn unescape(raw: &str, origin: u32) -> (String, Offsets) {
    let mut text = String::with_capacity(raw.len());
    let mut offsets = Offsets::starting_at(origin);
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        offsets.push_each(at, 1);
        rest = &rest[at..];
        let (character, length) = escape(rest);
        let before = text.len();
        text.extend(character);
        match text.len() - before {
            1 => offsets.push_each(1, length),
            count => offsets.push_whole(count, length),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    offsets.push_each(rest.len(), 1);
    (text, offsets)
}

/// Returns the character of the escape that a text starts with, and the escape's length.
fn escape(text: &str) -> (Option<char>, usize) {
    let simple = match text.as_bytes().get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(text),
        Some(byte) if byte.is_ascii() => char::from(*byte),
        _ => return (None, 1),
    };
    (Some(simple), 2)
}

fn unicode_escape(text: &str) -> (Option<char>, usize) {
    let unit = |at: usize| {
        let escape = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(escape, 16).ok()
    };
    let Some(first) = unit(0) else {
        return (None, 2);
    };
    if let Some(character) = char::from_u32(first.into()) {
        return (Some(character), 6);
    }
    let pair = unit(6).and_then(|second| char::decode_utf16([first, second]).next()?.ok());
    (pair, if pair.is_some() { 12 } else { 6 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_back_through_escapes() {
        let raw = r#"a\"\u00e9\ud83d\ude00é\n"#;
        let (text, offsets) = unescape(raw, 10);
        assert_eq!(text, "a\"é😀é\n");
        let origin = |start, end| {
            let span = offsets.to_origin(Span::new(start, end));
            &raw[span.start as usize - 10..span.end as usize - 10]
        };
        assert_eq!(origin(0, 1), "a");
        assert_eq!(origin(1, 2), "\\\"");
        assert_eq!(origin(2, 4), "\\u00e9");
        assert_eq!(origin(4, 8), "\\ud83d\\ude00");
        assert_eq!(origin(8, 10), "é");
        assert_eq!(origin(10, 11), "\\n");
        assert_eq!(origin(0, 11), raw);
        assert_eq!(origin(11, 11), "");
        assert_eq!(
            offsets.to_origin(Span::new(11, 11)).start as usize,
            10 + raw.len()
        );
    }
}
