//! Reads strict JSON straight into a [`Tree`], which is most of the work of `simulate --batch`.
//!
//! What is not plain strict JSON is left to `jsonc-parser`, which knows what is wrong with it:
//! [`parse`] gives up without a word. INVARIANT: it accepts nothing that the other path refuses, and
//! gives the same tree; a test reads every text of `testdata` and many damaged ones both ways.

use super::index;
use super::tree::{Kind, Tree};
use crate::source::Span;

/// As deep as `jsonc-parser` goes.
const DEEPEST: usize = 512;

/// Reads a text, or gives up.
pub(super) fn parse(text: &str) -> Option<Tree<'_>> {
    let mut reader = Reader {
        bytes: text.as_bytes(),
        text,
        at: 0,
        tree: Tree::with_capacity(text),
    };
    reader.space();
    reader.value(0)?;
    reader.space();
    (reader.at == reader.bytes.len()).then_some(reader.tree)
}

struct Reader<'s> {
    bytes: &'s [u8],
    text: &'s str,
    at: usize,
    tree: Tree<'s>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.string(),
            b'{' => self.object(depth + 1),
            b'[' => self.array(depth + 1),
            b't' => self.word("true", Kind::Bool),
            b'f' => self.word("false", Kind::Bool),
            b'n' => self.word("null", Kind::Null),
            b'-' | b'0'..=b'9' => self.number(),
            _ => None,
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        let node = self.open(Kind::Object, depth)?;
        if self.peek()? != b'}' {
            loop {
                if self.peek()? != b'"' {
                    return None;
                }
                self.string()?;
                self.space();
                if self.peek()? != b':' {
                    return None;
                }
                self.at += 1;
                self.space();
                self.value(depth)?;
                if !self.goes_on(b'}')? {
                    break;
                }
            }
        }
        self.close(node)
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        let node = self.open(Kind::Array, depth)?;
        if self.peek()? != b']' {
            loop {
                self.value(depth)?;
                if !self.goes_on(b']')? {
                    break;
                }
            }
        }
        self.close(node)
    }

    fn open(&mut self, kind: Kind, depth: usize) -> Option<u32> {
        if depth >= DEEPEST {
            return None;
        }
        let node = self.tree.open(kind, index(self.at));
        self.at += 1;
        self.space();
        Some(node)
    }

    fn close(&mut self, node: u32) -> Option<()> {
        self.at += 1;
        self.tree.close_at(node, index(self.at));
        Some(())
    }

    /// Skips what stands after a value; returns whether another one follows.
    fn goes_on(&mut self, end: u8) -> Option<bool> {
        self.space();
        let next = self.peek()?;
        if next == end {
            return Some(false);
        }
        if next != b',' {
            return None;
        }
        self.at += 1;
        self.space();
        Some(true)
    }

    fn word(&mut self, word: &str, kind: Kind) -> Option<()> {
        let end = self.at + word.len();
        if self.bytes.get(self.at..end) != Some(word.as_bytes()) {
            return None;
        }
        // A longer word is none of JSON's; what follows a value is looked at by the caller.
        self.scalar(kind, end)
    }

    fn scalar(&mut self, kind: Kind, end: usize) -> Option<()> {
        let span = Span::new(index(self.at), index(end));
        self.tree.push(kind, span, span, false);
        self.at = end;
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let digits = |at: usize| {
            let rest = &self.bytes[at..];
            let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            (count > 0).then_some(at + count)
        };
        let byte = |at: usize| self.bytes.get(at).copied();
        let start = self.at + usize::from(self.peek() == Some(b'-'));
        let mut end = digits(start)?;
        if byte(start) == Some(b'0') && end > start + 1 {
            return None;
        }
        if byte(end) == Some(b'.') {
            end = digits(end + 1)?;
        }
        if let Some(b'e' | b'E') = byte(end) {
            let sign = usize::from(matches!(byte(end + 1), Some(b'+' | b'-')));
            end = digits(end + 1 + sign)?;
        }
        self.scalar(Kind::Number, end)
    }

    fn string(&mut self) -> Option<()> {
        let start = self.at;
        let mut end = plain_end(self.bytes, start + 1);
        if self.bytes.get(end) == Some(&b'"') {
            let span = Span::new(index(start), index(end + 1));
            let inner = Span::new(span.start + 1, span.end - 1);
            self.tree.push(Kind::String, span, inner, false);
            self.at = end + 1;
            return Some(());
        }
        let decoded = self.tree.decoded.len();
        let mut from = start + 1;
        loop {
            self.tree.decoded.push_str(&self.text[from..end]);
            match self.bytes.get(end)? {
                b'"' => break,
                b'\\' => {
                    let (character, length) = escape(&self.text[end..])?;
                    self.tree.decoded.push(character);
                    from = end + length;
                    end = plain_end(self.bytes, from);
                }
                _ => return None,
            }
        }
        let text = Span::new(index(decoded), index(self.tree.decoded.len()));
        let span = Span::new(index(start), index(end + 1));
        self.tree.push(Kind::String, span, text, true);
        self.at = end + 1;
        Some(())
    }
}

/// Returns the character of the escape that a text starts with, and the escape's length; halves of
/// characters beyond U+FFFF are left to the other path.
fn escape(text: &str) -> Option<(char, usize)> {
    let simple = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let digits = text.get(2..6)?;
            if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return None;
            }
            let unit = u32::from_str_radix(digits, 16).ok()?;
            return Some((char::from_u32(unit)?, 6));
        }
        _ => return None,
    };
    Some((simple, 2))
}

/// Returns where the run of bytes that stand for themselves ends: at a quote, a backslash, a control
/// character or the end of the text.
fn plain_end(bytes: &[u8], start: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES << 7;
    let mut at = start;
    // Eight bytes at a time: a high bit is set where some byte is below the bound.
    while let Some(Ok(eight)) = bytes.get(at..at + 8).map(<[u8; 8]>::try_from) {
        let word = u64::from_le_bytes(eight);
        let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word;
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = (quote | backslash | below(word, 0x20)) & HIGHS;
        if found != 0 {
            // The lowest high bit is exact; only those above it may be borrowed.
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let stops = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    at + rest.iter().position(stops).unwrap_or(rest.len())
}
