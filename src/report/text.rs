//! Findings in their source text, for people.
//!
//! `annotate-snippets`, rustc's renderer, draws them. It gets little views of the texts, see
//! `view`, and everything in them made safe to print, see `visible`: the texts are policies of
//! others and may try to deceive.

mod view;
mod visible;

use annotate_snippets::renderer::{DEFAULT_EMPHASIS_STYLE, DEFAULT_LINE_NUM_STYLE, Style};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::finding::{Finding, FindingType, Label};
use crate::source::Sources;

use view::{Lines, View};
pub(crate) use visible::visible;

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

/// Returns the findings as text, in the order given, with an empty line between two.
#[must_use]
pub fn findings(sources: &Sources, findings: &[Finding], options: Options) -> String {
    let mut lines = Lines::new(sources);
    let drawn: Vec<_> = findings
        .iter()
        .map(|finding| draw(&mut lines, finding, options) + "\n")
        .collect();
    drawn.join("\n")
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
    let Some((primary, related)) = labels.split_first() else {
        return String::new();
    };
    let mut bare = Finding::new("place", finding_type, primary.location, "").label(&primary.text);
    bare.related = related.to_vec();
    let views = view::views(&mut Lines::new(sources), &bare, options.source_width());
    let groups = place_groups(views, &level_of(finding_type), options);
    options.render(&groups) + "\n"
}

const fn level_of(finding_type: FindingType) -> Level<'static> {
    match finding_type {
        FindingType::Error => Level::ERROR,
        FindingType::SecurityWarning | FindingType::Warning => Level::WARNING,
        FindingType::Suggestion => Level::HELP,
    }
}

impl Options {
    fn source_width(self) -> usize {
        self.width
            .map_or(DEFAULT_WIDTH, |width| width.max(LEAST_WIDTH))
    }

    fn styled(self, style: Style, text: &str) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn render(self, report: &[Group<'_>]) -> String {
        let renderer = if self.color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.term_width(self.source_width()).render(report)
    }
}

fn place_groups<'a>(views: Vec<View>, level: &Level<'a>, options: Options) -> Vec<Group<'a>> {
    let gutter = view::gutter(&views);
    let group_of = |(at, view): (usize, View)| {
        // The place is not left to the library, which would count columns in the view.
        let arrow = if at == 0 { "-->" } else { ":::" };
        let arrow = options.styled(DEFAULT_LINE_NUM_STYLE, arrow);
        let indent = " ".repeat(gutter.max(1));
        let place = format!("{indent}{arrow} {}", view.place);
        let group = Group::with_title(level.clone().no_name().secondary_title(place));
        if view.source.is_empty() {
            group
        } else {
            group.element(snippet(view))
        }
    };
    views.into_iter().enumerate().map(group_of).collect()
}

fn draw(lines: &mut Lines<'_>, finding: &Finding, options: Options) -> String {
    let width = options.width.map(|width| width.max(LEAST_WIDTH));
    let views = view::views(lines, finding, options.source_width());
    let gutter = view::gutter(&views);
    let level = level_of(finding.finding_type);

    // Below titles of this kind the library puts no line before the next group.
    let title = level
        .clone()
        .with_name(finding.finding_type.as_str())
        .secondary_title(options.styled(DEFAULT_EMPHASIS_STYLE, &visible(&finding.message)))
        .id(finding.rule);
    let mut report = vec![Group::with_title(title)];
    report.extend(place_groups(views, &level, options));
    let notes = [("why", &finding.why), ("help", &finding.help)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| {
            let before = gutter + " = : ".len() + name.len();
            let room = width.map_or(usize::MAX, |width| width.saturating_sub(before));
            let text = wrap(&visible(text), room);
            Level::NOTE.with_name(name).message(text)
        });
    if let Some(last) = report.pop() {
        report.push(last.elements(notes));
    }

    options.render(&report)
}

fn snippet<'a>(view: View) -> Snippet<'a, Annotation<'a>> {
    let annotations = view.marks.into_iter().map(|mark| {
        let kind = if mark.is_primary {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let label = (!mark.text.is_empty()).then_some(mark.text);
        kind.span(mark.bytes).label(label)
    });
    Snippet::source(view.source)
        .line_start(view.first_line)
        .annotations(annotations)
}

/// Breaks a text at spaces; longer words keep their length.
fn wrap(text: &str, width: usize) -> String {
    let options = textwrap::Options::new(width)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(text, options)
}
