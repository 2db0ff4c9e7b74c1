//! One source line and the marks under it.

use std::collections::HashMap;
use std::ops::Range;

use crate::finding::Label;
use crate::source::{FileId, Sources};

use super::visible;

/// What a tab is drawn as, wherever it stands.
const TAB: &str = "    ";

/// A label, by line and column.
pub(super) struct Mark {
    pub(super) file: FileId,
    /// From 1.
    pub(super) line: usize,
    /// In characters, from 1.
    pub(super) column: usize,
    /// The marked bytes of the line.
    bytes: Range<usize>,
    /// The line where it ends, if that is another one.
    pub(super) last_line: Option<usize>,
    pub(super) text: String,
    pub(super) is_primary: bool,
}

/// Where the lines of each text start, found once: a text of many megabytes may have thousands of
/// findings.
#[derive(Default)]
pub(super) struct Lines {
    starts: HashMap<FileId, Vec<usize>>,
}

impl Lines {
    fn starts(&mut self, sources: &Sources, file: FileId) -> &[usize] {
        self.starts.entry(file).or_insert_with(|| {
            let text = sources.get(file).text.as_bytes();
            let breaks = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            std::iter::once(0)
                .chain(breaks.map(|(at, _)| at + 1))
                .collect()
        })
    }

    /// Finds the line of a label.
    pub(super) fn mark(&mut self, sources: &Sources, label: &Label, is_primary: bool) -> Mark {
        let file = label.location.file;
        let span = label.location.span.range();
        let starts = self.starts(sources, file);
        let line = starts.partition_point(|start| *start <= span.start).max(1);
        let last_byte = span.end.saturating_sub(1).max(span.start);
        let last_line = starts.partition_point(|start| *start <= last_byte).max(1);
        let line_start = starts.get(line - 1).copied().unwrap_or_default();
        let text = self.text(sources, file, line);
        let start = floor(text, span.start.saturating_sub(line_start));
        let end = if last_line > line {
            text.len()
        } else {
            floor(text, span.end.saturating_sub(line_start))
        };
        Mark {
            file,
            line,
            column: text[..start].chars().count() + 1,
            bytes: start..end.max(start),
            last_line: (last_line > line).then_some(last_line),
            text: label.text.clone(),
            is_primary,
        }
    }

    /// Returns a line without its line break.
    pub(super) fn text<'s>(&mut self, sources: &'s Sources, file: FileId, line: usize) -> &'s str {
        let text = &sources.get(file).text;
        let starts = self.starts(sources, file);
        let start = starts.get(line - 1).copied().unwrap_or_default();
        let end = starts.get(line).map_or(text.len(), |next| next - 1);
        let line = text.get(start..end).unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line)
    }
}

/// Returns the nearest place at or before `at` where a character starts.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or_default()
}

/// Returns whether all marks of a line can be seen at once in `width` columns.
pub(super) fn fits(line: &str, marks: &[&Mark], width: usize) -> bool {
    if marks.len() < 2 {
        return true;
    }
    let start = marks
        .iter()
        .map(|mark| mark.bytes.start)
        .min()
        .unwrap_or_default();
    let end = marks
        .iter()
        .map(|mark| mark.bytes.end)
        .max()
        .unwrap_or_default();
    line.len() <= width
        || line[start..end]
            .chars()
            .take(width)
            .map(columns)
            .sum::<usize>()
            + 2
            < width
}

/// A line as it is shown.
pub(super) struct Drawn {
    pub(super) text: String,
    /// The columns of each mark, from 0.
    pub(super) places: Vec<Range<usize>>,
}

/// Draws a line of at most `width` columns around its first mark.
pub(super) fn draw(line: &str, marks: &[&Mark], width: usize) -> Drawn {
    let start = marks
        .iter()
        .map(|mark| mark.bytes.start)
        .min()
        .unwrap_or_default();
    let end = marks
        .iter()
        .map(|mark| mark.bytes.end)
        .max()
        .unwrap_or_default();
    // A single place may be cut off at its end, so that its key is seen; several are wanted whole.
    let least_before = if marks.len() > 1 { 0 } else { width / 4 };
    let window = window(line, start..end, width, least_before);
    let mut text = String::new();
    let mut column = 0;
    let cut_before = window.start > 0;
    let cut_after = window.end < line.len();
    if cut_before {
        text.push('…');
        column += 1;
    }
    // Where each mark starts and ends is noted as the line goes by.
    let mut places: Vec<_> = marks.iter().map(|_| (None, None)).collect();
    let mut note = |at: usize, column: usize| {
        for (mark, (start, end)) in marks.iter().zip(&mut places) {
            if start.is_none() && at >= mark.bytes.start {
                *start = Some(column);
            }
            if end.is_none() && at >= mark.bytes.end {
                *end = Some(column);
            }
        }
    };
    for (at, character) in line[window.clone()].char_indices() {
        note(window.start + at, column);
        if character == '\t' {
            text.push_str(TAB);
        } else {
            visible::push(&mut text, character);
        }
        column += columns(character);
    }
    note(window.end, column);
    if cut_after {
        text.push('…');
    }
    let places = places
        .into_iter()
        .map(|(start, end)| {
            let start = start.unwrap_or(column);
            start..end.unwrap_or(column).max(start)
        })
        .collect();
    text.truncate(text.trim_end().len());
    Drawn { text, places }
}

/// Chooses the bytes of a line to show: all of it, or what fits around the marked part.
fn window(line: &str, marked: Range<usize>, width: usize, least_before: usize) -> Range<usize> {
    // A line that cannot fit need not be measured to its end.
    if line.len() <= width * 16 && line.chars().map(columns).sum::<usize>() <= width {
        return 0..line.len();
    }
    // Room for `…` on both sides.
    let width = width.saturating_sub(2);
    let marked_columns: usize = line[marked.clone()].chars().take(width).map(columns).sum();
    // Most of what is left goes before the marked part: keys explain values.
    let before = (width.saturating_sub(marked_columns) * 2 / 3).max(least_before);
    let mut start = marked.start;
    let mut used = 0;
    for (at, character) in line[..marked.start].char_indices().rev() {
        if used + columns(character) > before {
            break;
        }
        used += columns(character);
        start = at;
    }
    let mut end = start;
    let mut used = 0;
    for (at, character) in line[start..].char_indices() {
        if used + columns(character) > width {
            break;
        }
        used += columns(character);
        end = start + at + character.len_utf8();
    }
    start..end
}

fn columns(character: char) -> usize {
    if character == '\t' {
        TAB.len()
    } else {
        visible::columns(character)
    }
}
