//! The texts under analysis and places in them.
//!
//! A [`Sources`] owns every text that a run looks at: files, standard input, documents of an
//! account. Everything else points into them by [`FileId`] and byte [`Span`]. Nothing here reads a
//! file: `cli` puts the texts in.

use std::ops::Range;

/// One text of a [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// A half-open range of bytes in one text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Returns the span of the bytes from `start` up to `end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Returns the span as a range of indices.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Returns the smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }
}

/// A span in a named text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// The text.
    pub file: FileId,
    /// The bytes in it.
    pub span: Span,
}

/// A place as people count: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters (Unicode scalar values), from 1.
    pub column: usize,
}

/// A text with its name.
#[derive(Debug)]
pub struct Source {
    /// The path as the user gave it, `<stdin>`, or the ARN of a policy.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// Every text of a run.
#[derive(Debug, Default)]
pub struct Sources {
    sources: Vec<Source>,
}

impl Sources {
    /// Returns an empty set of texts.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            sources: Vec::new(),
        }
    }

    /// Adds a text and returns its id.
    ///
    /// INVARIANT: texts are shorter than 4 GiB, so that spans fit 32 bits; `read` refuses texts
    /// far below that.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        self.sources.push(Source {
            name: name.into(),
            text: text.into(),
        });
        id
    }

    /// Returns the text with this id.
    #[must_use]
    pub fn get(&self, id: FileId) -> &Source {
        &self.sources[id.0 as usize]
    }

    /// Returns every text in the order in which it was added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        (0..).map(FileId).zip(&self.sources)
    }

    /// Returns the text of a location.
    #[must_use]
    pub fn text_at(&self, location: Location) -> &str {
        self.get(location.file)
            .text
            .get(location.span.range())
            .unwrap_or_default()
    }

    /// Returns the line and column of the start of a location.
    #[must_use]
    pub fn line_column(&self, location: Location) -> LineColumn {
        line_column(&self.get(location.file).text, location.span.start)
    }
}

/// Returns the line and column of a byte offset; an offset past the end counts as the end.
#[must_use]
pub fn line_column(text: &str, offset: u32) -> LineColumn {
    let before = &text.as_bytes()[..(offset as usize).min(text.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let line_start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let column = before[line_start..]
        .iter()
        .filter(|byte| **byte & 0xC0 != 0x80)
        .count()
        + 1;
    LineColumn { line, column }
}
