//! Findings in their source text, for people.
//!
//! The texts are policies of others and may try to deceive: control and bidirectional characters
//! are shown as `<U+202E>` and never sent to the terminal. miette's own renderers lay findings out
//! differently and read a text from its start for every finding, so the drawing is ours.

mod snippet;
mod visible;

use std::fmt::Write as _;

use crate::finding::{Finding, FindingType, Label};
use crate::source::Sources;

use snippet::{Lines, Mark};
pub use visible::visible;

/// How findings are drawn.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether to send colours.
    pub color: bool,
    /// The width of the terminal in columns. Without one nothing is wrapped, and only very long
    /// source lines are cut.
    pub width: Option<usize>,
}

/// Where source lines are cut when nobody says how wide they may be.
const DEFAULT_WIDTH: usize = 160;
/// Narrower terminals get this much anyway.
const LEAST_WIDTH: usize = 40;

#[derive(Clone, Copy)]
enum Style {
    Error,
    Warning,
    Suggestion,
    Related,
    Gutter,
    Strong,
}

impl Style {
    const fn escape(self) -> &'static str {
        match self {
            Self::Error => "\u{1b}[1;31m",
            Self::Warning => "\u{1b}[1;33m",
            Self::Suggestion => "\u{1b}[1;36m",
            Self::Related | Self::Gutter => "\u{1b}[1;34m",
            Self::Strong => "\u{1b}[1m",
        }
    }
}

const fn style_of(finding_type: FindingType) -> Style {
    match finding_type {
        FindingType::Error => Style::Error,
        FindingType::SecurityWarning | FindingType::Warning => Style::Warning,
        FindingType::Suggestion => Style::Suggestion,
    }
}

/// Returns the findings as text, in the order given, with an empty line between two.
#[must_use]
pub fn findings(sources: &Sources, findings: &[Finding], options: Options) -> String {
    let mut page = Page {
        sources,
        lines: Lines::default(),
        options,
        out: String::new(),
    };
    for (at, finding) in findings.iter().enumerate() {
        if at > 0 {
            page.out.push('\n');
        }
        page.finding(finding);
    }
    page.out
}

/// Returns places in their source text, without the heading and advice of a finding. The first is
/// marked as the one that matters.
#[must_use]
pub fn places(
    sources: &Sources,
    labels: &[Label],
    finding_type: FindingType,
    options: Options,
) -> String {
    let mut page = Page {
        sources,
        lines: Lines::default(),
        options,
        out: String::new(),
    };
    page.places(labels.iter(), style_of(finding_type));
    page.out
}

struct Page<'a> {
    sources: &'a Sources,
    lines: Lines,
    options: Options,
    out: String,
}

impl Page<'_> {
    fn finding(&mut self, finding: &Finding) {
        let style = style_of(finding.finding_type);
        self.styled(
            style,
            &format!("{}[{}]", finding.finding_type.as_str(), finding.rule),
        );
        self.styled(Style::Strong, &format!(": {}", visible(&finding.message)));
        self.out.push('\n');

        let labels = std::iter::once(&finding.primary).chain(&finding.related);
        let gutter = self.places(labels, style);
        self.note("why", &finding.why, gutter);
        self.note("help", &finding.help, gutter);
    }

    /// Draws places, file by file, and returns the width of the line numbers.
    fn places<'l>(&mut self, labels: impl Iterator<Item = &'l Label>, style: Style) -> usize {
        let marks: Vec<_> = labels
            .enumerate()
            .map(|(at, label)| self.lines.mark(self.sources, label, at == 0))
            .collect();
        let last_line = marks.iter().map(|mark| mark.line).max().unwrap_or(1);
        let gutter = last_line.to_string().len();
        let mut files = Vec::new();
        for mark in &marks {
            if !files.contains(&mark.file) {
                files.push(mark.file);
            }
        }
        for (at, file) in files.into_iter().enumerate() {
            let mut there: Vec<_> = marks.iter().filter(|mark| mark.file == file).collect();
            let arrow = if at == 0 { "-->" } else { ":::" };
            if let Some(first) = there.first() {
                let name = visible(&self.sources.get(file).name);
                self.out.push_str(&" ".repeat(gutter));
                self.styled(Style::Gutter, arrow);
                let _ = writeln!(self.out, " {name}:{}:{}", first.line, first.column);
            }
            there.sort_by_key(|mark| (mark.line, std::cmp::Reverse(mark.column)));
            self.snippet(&there, gutter, style);
        }
        gutter
    }

    /// Draws the marked lines of one file.
    fn snippet(&mut self, marks: &[&Mark], gutter: usize, style: Style) {
        // An empty text has no line to show.
        if marks
            .iter()
            .all(|mark| self.sources.get(mark.file).text.is_empty())
        {
            return;
        }
        self.styled(Style::Gutter, &format!("{:gutter$} |", ""));
        self.out.push('\n');
        let mut previous: Option<usize> = None;
        for same_line in marks.chunk_by(|a, b| a.line == b.line) {
            let Some(first) = same_line.first() else {
                continue;
            };
            if previous.is_some_and(|line| first.line > line + 1) {
                self.styled(Style::Gutter, "...");
                self.out.push('\n');
            }
            previous = Some(first.line);
            let text = self.lines.text(self.sources, first.file, first.line);
            let width = self
                .options
                .width
                .map_or(DEFAULT_WIDTH, |it| it.max(LEAST_WIDTH));
            let width = width.saturating_sub(gutter + 3);
            // Places far apart on one line, as in a minified document, each get their own view.
            let at_once = if snippet::fits(text, same_line, width) {
                same_line.len()
            } else {
                1
            };
            for marks in same_line.chunks(at_once) {
                self.line(text, marks, (gutter, width), style);
            }
        }
    }

    /// Draws one line, or the part of it around the marks, with the marks under it.
    fn line(&mut self, text: &str, marks: &[&Mark], (gutter, width): (usize, usize), style: Style) {
        let drawn = snippet::draw(text, marks, width);
        let number = marks.first().map_or(1, |mark| mark.line);
        self.styled(Style::Gutter, &format!("{number:>gutter$} |"));
        let _ = writeln!(self.out, "{}{}", space_before(&drawn.text), drawn.text);
        for (mark, place) in marks.iter().zip(&drawn.places) {
            self.styled(Style::Gutter, &format!("{:gutter$} |", ""));
            self.out.push_str(&" ".repeat(place.start + 1));
            let (sign, style) = if mark.is_primary {
                ("^", style)
            } else {
                ("-", Style::Related)
            };
            let mut under = sign.repeat(place.len().max(1));
            if let Some(last_line) = mark.last_line {
                let _ = write!(under, " to line {last_line}");
                if !mark.text.is_empty() {
                    under.push(':');
                }
            }
            if !mark.text.is_empty() {
                let _ = write!(under, " {}", visible(&mark.text));
            }
            self.styled(style, &under);
            self.out.push('\n');
        }
    }

    fn note(&mut self, name: &str, text: &str, gutter: usize) {
        if text.is_empty() {
            return;
        }
        let indent = " ".repeat(gutter + 1);
        let head = format!("{indent}= {name}: ");
        let body = visible(text);
        let width = self.options.width.map(|width| width.max(LEAST_WIDTH));
        let lines = wrap(
            &body,
            width.map_or(usize::MAX, |it| it.saturating_sub(head.len())),
        );
        for (at, line) in lines.iter().enumerate() {
            if at == 0 {
                self.out.push_str(&indent);
                self.styled(Style::Gutter, "=");
                self.out.push(' ');
                self.styled(Style::Strong, &format!("{name}:"));
                self.out.push(' ');
            } else {
                self.out.push_str(&" ".repeat(head.len()));
            }
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    fn styled(&mut self, style: Style, text: &str) {
        if self.options.color {
            let _ = write!(self.out, "{}{text}\u{1b}[0m", style.escape());
        } else {
            self.out.push_str(text);
        }
    }
}

/// Keeps lines free of trailing space.
const fn space_before(text: &str) -> &'static str {
    if text.is_empty() { "" } else { " " }
}

/// Breaks a text at spaces into lines of at most `width` columns; longer words keep their length.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if visible::width(line) + 1 + visible::width(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
