//! What `lint` found, in every format.
//!
//! The texts under analysis are others' and may try to deceive: control characters are written
//! out in every format, no line of output starts with `::`, and Markdown and annotations escape
//! what they would act on.

mod concise;
mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod sarif;
mod text;

pub use json::schema;

use crate::catalog;
use crate::finding::{Finding, FindingType};
use crate::report::text::Options;
use crate::source::{FileId, LineColumn, Sources};
use std::collections::BTreeMap;

/// Everything that a run of `lint` has to say.
#[derive(Debug)]
pub struct Report<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The findings that are shown, sorted.
    pub findings: &'a [Finding],
    /// What was not read.
    pub unread: &'a [Finding],
    /// The counts.
    pub summary: &'a Summary,
    /// The catalog that was decided with.
    pub catalog: &'a catalog::Info,
    /// The files that were looked at, with their paths as fingerprints have them: relative to the
    /// settings.
    pub paths: &'a BTreeMap<FileId, String>,
}

/// What was and was not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that were read.
    pub files: usize,
    /// Policy documents in them.
    pub documents: usize,
    /// Files that hold no policy.
    pub skipped: usize,
    /// Findings that suppressions hide.
    pub suppressed: usize,
    /// Findings that the baseline knows.
    pub baseline: usize,
    /// Rules that failed, which are errors of this program.
    pub failed_rules: Vec<&'static str>,
    /// The exit code.
    pub exit_code: u8,
}

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people.
    Text,
    /// One line for each finding.
    Concise,
    /// `rolecall/lint/v1`.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// JUnit XML.
    Junit,
    /// A comment on a pull request.
    Markdown,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 9] = [
        Self::Text,
        Self::Concise,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
        Self::Junit,
        Self::Markdown,
    ];

    /// Returns the word for `--format`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
        }
    }

    /// Returns the format of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}

/// Returns the report in a format.
#[must_use]
pub fn render(report: &Report<'_>, format: Format, options: Options) -> String {
    match format {
        Format::Text => text::render(report, options),
        Format::Concise => concise::render(report),
        Format::Json => json::render(report),
        Format::Jsonl => json::render_lines(report),
        Format::Sarif => sarif::render(report),
        Format::Github => github::render(report),
        Format::Gitlab => gitlab::render(report),
        Format::Junit => junit::render(report),
        Format::Markdown => markdown::render(report),
    }
}

/// A place in a file, for machines.
struct Place {
    file: String,
    start: LineColumn,
    end: LineColumn,
}

impl Report<'_> {
    /// The path by which fingerprints name the file of a finding.
    fn path(&self, finding: &Finding) -> &str {
        let file = finding.primary.location.file;
        self.paths.get(&file).map_or("", String::as_str)
    }

    fn place(&self, finding: &Finding) -> Place {
        self.place_of(finding.primary.location)
    }

    fn place_of(&self, location: crate::source::Location) -> Place {
        let source = self.sources.get(location.file);
        Place {
            file: file_name(&source.name),
            start: self.sources.line_column(location),
            end: crate::source::line_column(&source.text, location.span.end),
        }
    }

    /// Everything that is wrong, what was not read included.
    fn all(&self) -> impl Iterator<Item = &Finding> {
        self.unread.iter().chain(self.findings)
    }

    fn count(&self, finding_type: FindingType) -> usize {
        let of_type = |it: &&Finding| it.finding_type == finding_type;
        self.findings.iter().filter(of_type).count()
    }

    /// The last line of every report for people.
    fn closing(&self) -> String {
        let summary = self.summary;
        let mut parts: Vec<String> = FindingType::ALL
            .into_iter()
            .filter_map(|it| {
                let count = self.count(it);
                let word = match it {
                    FindingType::Error => "error",
                    FindingType::SecurityWarning => "security warning",
                    FindingType::Warning => "warning",
                    FindingType::Suggestion => "suggestion",
                };
                (count > 0).then(|| counted(count, word))
            })
            .collect();
        if parts.is_empty() {
            parts.push("no findings".into());
        }
        let mut text = format!(
            "{} in {} ({})",
            parts.join(", "),
            match summary.documents {
                1 => "1 policy".to_owned(),
                count => format!("{count} policies"),
            },
            counted(summary.files, "file")
        );
        for (count, what) in [
            (self.unread.len(), "not read"),
            (summary.suppressed, "suppressed"),
            (summary.baseline, "in the baseline"),
            (summary.skipped, "skipped: no policy"),
        ] {
            if count > 0 {
                text.push_str(&format!("; {count} {what}"));
            }
        }
        if !summary.failed_rules.is_empty() {
            text.push_str(&format!(
                "; failed, which is a bug of rolecall: `{}`",
                summary.failed_rules.join("`, `")
            ));
        }
        text
    }
}

fn counted(count: usize, word: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {word}{plural}")
}

/// Returns the name of a file as every format prints it: safe to print, and not the start of a
/// workflow command.
fn file_name(name: &str) -> String {
    let shown = super::text::visible(name);
    if shown.starts_with("::") {
        format!("./{shown}")
    } else {
        shown.into_owned()
    }
}
