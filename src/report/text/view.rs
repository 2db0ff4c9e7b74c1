//! The lines of a text that a finding shows.
//!
//! The library that draws reads a source from its start for every finding, and shows all that lies
//! between the marks of a long line. A view therefore holds only the marked lines, each cut to the
//! width around its marks, and empty lines between them.

use std::collections::HashMap;
use std::ops::Range;

use crate::finding::{Finding, Label};
use crate::source::{FileId, Sources};

use super::visible::{columns, visible, visible_line};

/// Lines further apart than this are shown in two views.
const MOST_LINES_BETWEEN: usize = 100;

/// Marked lines of one text that are shown together.
pub(super) struct View {
    /// The name of the text, the line and the column.
    pub(super) place: String,
    /// Safe to print; empty if the text is.
    pub(super) source: String,
    /// The number of the first line of `source`.
    pub(super) first_line: usize,
    last_line: usize,
    pub(super) marks: Vec<Mark>,
}

/// A place to mark.
pub(super) struct Mark {
    file: FileId,
    /// From 1.
    line: usize,
    /// In its line, later in the source of its view.
    pub(super) bytes: Range<usize>,
    /// What to say there, safe to print.
    pub(super) text: String,
    pub(super) is_primary: bool,
}

/// Returns the views of a finding, the one with the primary label first.
pub(super) fn views(lines: &mut Lines<'_>, finding: &Finding, width: usize) -> Vec<View> {
    let mut marks: Vec<_> = std::iter::once(&finding.primary)
        .chain(&finding.related)
        .enumerate()
        .map(|(at, label)| lines.mark(label, at == 0))
        .collect();
    marks.sort_by_key(|mark| (mark.file, mark.line, mark.bytes.start));
    let digits = marks.iter().map(|mark| mark.line).max().map_or(1, digits);
    let room = width.saturating_sub(digits + " | ".len());

    let mut together: Vec<Vec<Mark>> = Vec::new();
    for mark in marks {
        match together.last_mut() {
            Some(marks) if belongs(lines, marks, &mark, room) => marks.push(mark),
            _ => together.push(vec![mark]),
        }
    }
    together.sort_by_key(|marks| !marks.iter().any(|mark| mark.is_primary));
    together
        .into_iter()
        .filter_map(|marks| view(lines, marks, room))
        .collect()
}

/// Returns the columns that the line numbers of the views take.
pub(super) fn gutter(views: &[View]) -> usize {
    let with_source = views.iter().filter(|view| !view.source.is_empty());
    with_source
        .map(|view| digits(view.last_line))
        .max()
        .unwrap_or_default()
}

fn digits(number: usize) -> usize {
    number.to_string().len()
}

/// Returns whether a mark can be shown in the view of the marks before it.
fn belongs(lines: &mut Lines<'_>, marks: &[Mark], mark: &Mark, room: usize) -> bool {
    let Some(last) = marks.last() else {
        return true;
    };
    if last.file != mark.file || mark.line - last.line > MOST_LINES_BETWEEN {
        return false;
    }
    let same_line = marks.iter().filter(|other| other.line == mark.line);
    let all = same_line.fold(mark.bytes.clone(), |all, other| {
        all.start.min(other.bytes.start)..all.end.max(other.bytes.end)
    });
    let line = lines.text(mark.file, mark.line);
    last.line < mark.line || fits(line, room) || fits(&line[all], most_marked(room))
}

fn view(lines: &mut Lines<'_>, mut marks: Vec<Mark>, room: usize) -> Option<View> {
    let named = marks.iter().find(|mark| mark.is_primary);
    let Mark {
        file, line, bytes, ..
    } = named.or(marks.first())?;
    let column = lines.text(*file, *line)[..bytes.start].chars().count() + 1;
    let shown = lines.sources.get(*file);
    let place = format!("{}:{line}:{column}", visible(&shown.name));

    let (first_line, last_line) = (marks.first()?.line, marks.last()?.line);
    let mut source = String::new();
    let mut next = first_line;
    for same_line in marks.chunk_by_mut(|a, b| a.line == b.line) {
        let (file, line) = same_line.first().map(|mark| (mark.file, mark.line))?;
        // The library shows a single line between two marked ones.
        if line - next == 1 {
            push_line(&mut source, lines.text(file, next), &mut [], room);
            next += 1;
        }
        source.extend(std::iter::repeat_n('\n', line - next));
        push_line(&mut source, lines.text(file, line), same_line, room);
        next = line + 1;
    }
    // Up to an empty mark at the start of the last line, the library would count a line too few.
    let end = source.len().saturating_sub(1);
    if let Some(last) = marks.last_mut().filter(|last| last.bytes == (end..end)) {
        last.bytes.end += 1;
    }
    if shown.text.is_empty() {
        source.clear();
    }
    Some(View {
        place,
        source,
        first_line,
        last_line,
        marks,
    })
}

/// Appends what fits of a line and makes the bytes of its marks those of the source.
fn push_line(source: &mut String, line: &str, marks: &mut [Mark], room: usize) {
    let start = marks.iter().map(|mark| mark.bytes.start).min();
    let end = marks.iter().map(|mark| mark.bytes.end).max();
    let window = window(line, start.unwrap_or(0)..end.unwrap_or(0), room);
    if window.start > 0 {
        source.push('…');
    }
    let shown_at = |at: usize| {
        let before = &line[window.start..at.clamp(window.start, window.end)];
        source.len() + visible_line(before).len()
    };
    for mark in marks {
        mark.bytes = shown_at(mark.bytes.start)..shown_at(mark.bytes.end);
    }
    source.push_str(&visible_line(&line[window.clone()]));
    if window.end < line.len() {
        source.push('…');
    }
    source.push('\n');
}

/// Chooses the bytes of a line to show: all of it, or what fits around the marked part.
fn window(line: &str, marked: Range<usize>, room: usize) -> Range<usize> {
    if fits(line, room) {
        return 0..line.len();
    }
    // Room for `…` on both sides.
    let room = room.saturating_sub(2);
    let wanted = line[marked.clone()].chars().map(columns);
    // Most of what is left goes before the marked part: keys explain values.
    let before = (room - wanted.take(room).sum::<usize>().min(most_marked(room))) * 2 / 3;
    let start = marked.start - bytes_within(line[..marked.start].chars().rev(), before);
    start..start + bytes_within(line[start..].chars(), room)
}

/// Returns how much of a cut line marks may take, so that what is around them is seen, too.
const fn most_marked(room: usize) -> usize {
    room * 3 / 4
}

/// Returns how many bytes of the characters fit into the room.
fn bytes_within(characters: impl Iterator<Item = char>, room: usize) -> usize {
    let mut used = 0;
    characters
        .take_while(|character| {
            used += columns(*character);
            used <= room
        })
        .map(char::len_utf8)
        .sum()
}

/// Returns whether a text takes at most so many columns; a long one is not measured to its end.
fn fits(text: &str, room: usize) -> bool {
    bytes_within(text.chars(), room) == text.len()
}

/// Where the lines of each text start, found once: a text of many megabytes may have thousands of
/// findings.
pub(super) struct Lines<'s> {
    sources: &'s Sources,
    starts: HashMap<FileId, Vec<usize>>,
}

impl<'s> Lines<'s> {
    pub(super) fn new(sources: &'s Sources) -> Self {
        let starts = HashMap::new();
        Self { sources, starts }
    }

    fn starts(&mut self, file: FileId) -> &[usize] {
        self.starts.entry(file).or_insert_with(|| {
            let text = &self.sources.get(file).text;
            let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(breaks).collect()
        })
    }

    /// Finds the line of a label.
    fn mark(&mut self, label: &Label, is_primary: bool) -> Mark {
        let file = label.location.file;
        let span = label.location.span.range();
        let starts = self.starts(file);
        let line = starts.partition_point(|start| *start <= span.start).max(1);
        let last_byte = span.end.saturating_sub(1).max(span.start);
        let last_line = starts.partition_point(|start| *start <= last_byte).max(1);
        let line_start = starts.get(line - 1).copied().unwrap_or_default();
        let line_text = self.text(file, line);
        let in_line = |at: usize| line_text.floor_char_boundary(at.saturating_sub(line_start));
        let mut bytes = in_line(span.start)..in_line(span.end.max(span.start));
        let mut text = visible(&label.text).into_owned();
        if last_line > line {
            bytes.end = line_text.len();
            let colon = if text.is_empty() { "" } else { ": " };
            text = format!("to line {last_line}{colon}{text}");
        }
        Mark {
            file,
            line,
            bytes,
            text,
            is_primary,
        }
    }

    /// Returns a line without its line break.
    fn text(&mut self, file: FileId, line: usize) -> &'s str {
        let text = &self.sources.get(file).text;
        let starts = self.starts(file);
        let start = starts.get(line - 1).copied().unwrap_or_default();
        let end = starts.get(line).map_or(text.len(), |next| next - 1);
        let line = text.get(start..end).unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line)
    }
}
