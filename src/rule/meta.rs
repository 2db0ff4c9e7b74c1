//! What a rule says of itself: the front matter of its page.

use super::RuleContext;
use crate::finding::{Finding, FindingType, FixClass};
use crate::policy::{Kind, Statement};

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its front matter.
    pub meta: Meta,
    /// Its code.
    pub check: Check,
}

/// The front matter of a rule, and its page.
#[derive(Debug)]
pub struct Meta {
    /// The name of its folder, as settings and reports have it.
    pub name: &'static str,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// How much a finding matters.
    pub finding_type: FindingType,
    /// What it looks at.
    pub scope: Scope,
    /// The kinds of policy that it looks at.
    pub kinds: &'static [Kind],
    /// Other names under which it can be looked up.
    pub aliases: &'static [&'static str],
    /// Ids of other tools' checks that it covers, as `tool:ID`.
    pub peers: &'static [&'static str],
    /// Issue codes of IAM Access Analyzer that it covers.
    pub access_analyzer: &'static [&'static str],
    /// From which persona on it speaks.
    pub persona: Persona,
    /// The most that its fixes do; `None`: it has none.
    pub fix: Option<FixClass>,
    /// How a narrowing fix may break a caller; empty for others.
    pub fix_reason: &'static str,
    /// Rules that are silent about a statement where this one speaks: they would say the same.
    pub instead_of: &'static [&'static str],
    /// Rules that are silent about a text where this one speaks.
    pub outranks: &'static [&'static str],
    /// The version that it came with.
    pub since: &'static str,
    /// Whether it only speaks when it is selected by name.
    pub preview: bool,
    /// The whole page, front matter included.
    pub page: &'static str,
}

impl Meta {
    /// Returns the page without its front matter.
    #[must_use]
    pub fn body(&self) -> &'static str {
        let mut parts = self.page.splitn(3, "+++\n");
        parts.nth(2).unwrap_or(self.page).trim()
    }
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A document.
    Document,
    /// One statement.
    Statement,
    /// What reading a text comes upon before there is a document.
    Text,
}

impl Scope {
    /// Returns the word of front matter.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Statement => "statement",
            Self::Text => "text",
        }
    }
}

/// Who reads the findings; each persona sees those of the ones before it too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Persona {
    /// Whoever writes policies: what is wrong or dangerous.
    #[default]
    Developer,
    /// Whoever decides whether to grant one: also what is wide.
    Reviewer,
    /// Whoever takes stock: also what is merely worth knowing.
    Auditor,
}

impl Persona {
    /// Every persona.
    pub const ALL: [Self; 3] = [Self::Developer, Self::Reviewer, Self::Auditor];

    /// Returns the word of front matter and settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Developer => "developer",
            Self::Reviewer => "reviewer",
            Self::Auditor => "auditor",
        }
    }

    /// Returns the persona of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}

/// The code of a rule.
#[derive(Clone, Copy)]
pub enum Check {
    /// Looks at the whole document.
    Document(for<'a> fn(&mut RuleContext<'a>)),
    /// Looks at one statement at a time.
    Statement(for<'a> fn(&mut RuleContext<'a>, &'a Statement)),
    /// Adds a fix, if there is one, to what reading found.
    Text(fn(text: &str, finding: &mut Finding)),
}

impl std::fmt::Debug for Check {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Document(_) => "Document",
            Self::Statement(_) => "Statement",
            Self::Text(_) => "Text",
        })
    }
}
