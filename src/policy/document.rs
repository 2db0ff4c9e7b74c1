//! Documents and statements. Everything is immutable after lowering and has its place in the text.

use super::{Condition, Kind, PrincipalElement, Problem, ResourcePattern};
use crate::pattern;
use crate::source::{FileId, Span};
use crate::switch::on;

/// A text with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The decoded text.
    pub text: Box<str>,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// The version of the policy language (rule G8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// No `Version`: read as `2008-10-17`.
    Absent,
    /// `2008-10-17`
    V2008,
    /// `2012-10-17`: the only one with policy variables (V1).
    V2012,
    /// Any other text, which AWS refuses.
    Other,
}

/// What a statement does when it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

impl Effect {
    /// Returns the word as policies spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// A policy document.
#[derive(Clone, Debug)]
pub struct Document {
    /// How it is attached.
    pub kind: Kind,
    /// The text that it stands in; `None` for a document of our own making.
    pub file: Option<FileId>,
    /// The ARN of the resource that it is the policy of, where somebody said it.
    pub of: Option<Box<str>>,
    /// The whole document.
    pub span: Span,
    /// The version of the language.
    pub version: Version,
    /// `Id`.
    pub id: Option<Text>,
    /// The key `Id`.
    pub id_key_span: Option<Span>,
    /// The statements that could be read, in text order.
    pub statements: Vec<Statement>,
    /// What AWS would refuse or does not do what it looks like.
    pub problems: Vec<Problem>,
}

impl Document {
    /// Returns a document without statements: it grants and denies nothing.
    #[must_use]
    pub const fn empty(kind: Kind) -> Self {
        Self {
            kind,
            file: None,
            of: None,
            span: Span::new(0, 0),
            version: Version::Absent,
            id: None,
            id_key_span: None,
            statements: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Whether somebody said that it is the policy of this resource, or of the bucket that an object
    /// is in (AWS: "Bucket policies for Amazon S3": they cover the objects of their bucket).
    #[must_use]
    pub fn is_of_resource(&self, arn: &str) -> bool {
        let rest = self.of.as_deref().and_then(|of| arn.strip_prefix(of));
        rest.is_some_and(|it| it.is_empty() || it.starts_with('/'))
    }

    /// Returns the first problem for which AWS evaluates nothing at all of the document (rules G1,
    /// G3, G5, G6, G8; G2 and G11 where they say why a required element is missing).
    #[must_use]
    pub fn refusal(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.fatal)
    }
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The whole statement.
    pub span: Span,
    /// `Sid`.
    pub sid: Option<Text>,
    /// `Effect`; documents with an unreadable one are refused.
    pub effect: Effect,
    /// Its value; the start of the statement where it is missing.
    pub effect_span: Span,
    /// `Principal` or `NotPrincipal`.
    pub principal: Option<PrincipalElement>,
    /// `Action` or `NotAction`.
    pub action: ActionElement,
    /// `Resource` or `NotResource`; `None` where the kind of policy has none.
    pub resource: Option<ResourceElement>,
    /// `Condition`, one entry per operator and key.
    pub conditions: Vec<Condition>,
}

impl Statement {
    /// Returns how to name the statement to people: its `Sid`, or its number from 1.
    #[must_use]
    pub fn name(&self, index: usize) -> String {
        statement_name(self.sid.as_ref().map(|sid| &*sid.text), index)
    }
}

/// Returns how to name a statement to people: its `Sid`, or its number from 1.
#[must_use]
pub fn statement_name(sid: Option<&str>, index: usize) -> String {
    match sid {
        Some(sid) if !sid.is_empty() => format!("`{sid}`"),
        _ => format!("statement {}", index + 1),
    }
}

/// `Action` or `NotAction`.
#[derive(Clone, Debug, Default)]
pub struct ActionElement {
    /// `NotAction`.
    pub negated: bool,
    /// The key.
    pub key_span: Span,
    /// The value with its brackets.
    pub span: Span,
    /// The texts, which are an OR (A5).
    pub patterns: Vec<ActionPattern>,
}

impl ActionElement {
    /// Adds an action, as a fix would.
    pub fn add(&mut self, action: &str) {
        self.patterns.push(ActionPattern::new(action, self.span));
    }
}

/// One action text.
#[derive(Clone, Debug)]
pub struct ActionPattern {
    /// As written, such as `s3:Get*`.
    pub text: Box<str>,
    /// Where it stands.
    pub span: Span,
    folded: Box<str>,
    wildcard: bool,
}

impl ActionPattern {
    pub(super) fn new(text: &str, span: Span) -> Self {
        Self {
            text: text.into(),
            span,
            folded: text.to_ascii_lowercase().into(),
            wildcard: pattern::has_wildcard(text),
        }
    }

    /// Returns the text in lower case (A1).
    #[must_use]
    pub const fn folded(&self) -> &str {
        &self.folded
    }

    /// Returns whether it matches an action; `folded` is `action` in lower case (A1, A2, A3).
    #[must_use]
    pub fn matches(&self, action: &str, folded: &str) -> bool {
        if !on("A1") {
            return pattern::matches(&self.text, action);
        }
        if !on("G12")
            && self
                .text
                .split(':')
                .next()
                .is_some_and(pattern::has_wildcard)
        {
            return &*self.text == "*";
        }
        if !self.wildcard || !on("A2") {
            return *self.folded == *folded || !on("A6") && folded.starts_with(&*self.folded);
        }
        if &*self.text == "*" {
            return on("A3");
        }
        pattern::matches_folded(&self.text, folded)
    }

    /// Returns whether it has `*` or `?`.
    #[must_use]
    pub const fn has_wildcard(&self) -> bool {
        self.wildcard
    }
}

/// `Resource` or `NotResource`.
#[derive(Clone, Debug, Default)]
pub struct ResourceElement {
    /// `NotResource`.
    pub negated: bool,
    /// The key.
    pub key_span: Span,
    /// The value with its brackets.
    pub span: Span,
    /// The texts, which are an OR.
    pub patterns: Vec<ResourcePattern>,
}
