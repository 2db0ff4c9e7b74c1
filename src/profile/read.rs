//! Reads TOML tables field by field, collecting every error with its place.
//!
//! Deserialising with serde would stop at the first unknown key; a person who writes a profile
//! wants all of them at once. This module knows TOML and nothing about profiles.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::template::Template;
use crate::source::Span;

/// Something wrong in a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError {
    /// The bytes of the profile's text that are wrong.
    pub span: Span,
    /// What is wrong; lower-case start, no final period.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
}

/// The errors of one profile, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Errors {
    pub(super) list: Vec<ProfileError>,
}

impl Errors {
    pub(super) fn push(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.list.push(ProfileError {
            span,
            message: message.into(),
            help: help.into(),
        });
    }

    /// Reports a name that is none of `known`, with the nearest of them.
    pub(super) fn unknown<'k>(
        &mut self,
        span: Span,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => String::new(),
            None if known.len() <= 16 => format!("known: {}", known.join(", ")),
            None => String::new(),
        };
        self.push(span, format!("unknown {what} `{name}`"), help);
    }
}

/// Returns the known name that a misspelt one most likely stands for.
pub(super) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// A value with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'t> {
    pub(super) value: &'t DeValue<'t>,
    pub(super) span: Span,
}

impl<'t> Node<'t> {
    pub(super) fn of(spanned: &'t Spanned<DeValue<'t>>) -> Self {
        Self {
            value: spanned.get_ref(),
            span: span_of(spanned),
        }
    }

    /// Returns the text, or reports that it is none.
    pub(super) fn text(self, errors: &mut Errors) -> Option<&'t str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.wrong_type("a text", errors);
        }
        text
    }

    pub(super) fn template(self, errors: &mut Errors) -> Option<Template> {
        template_of(self.text(errors)?, self.span, errors)
    }

    /// Returns the items of a list, or reports that it is none.
    pub(super) fn items(self, errors: &mut Errors) -> Vec<Node<'t>> {
        match self.value.as_array() {
            Some(array) => array.iter().map(Node::of).collect(),
            None => {
                self.wrong_type("a list", errors);
                Vec::new()
            }
        }
    }

    pub(super) fn wrong_type(self, expected: &str, errors: &mut Errors) {
        let message = format!("expected {expected}, found {}", article(self.value));
        errors.push(self.span, message, "");
    }
}

/// Reads a text with variables, or reports its braces.
pub(super) fn template_of(text: &str, span: Span, errors: &mut Errors) -> Option<Template> {
    match Template::parse(text, span) {
        Ok(template) => Some(template),
        Err(error) => {
            let help = "a variable is written `{name}` in lower case; a literal brace `{{`";
            errors.push(span, error.message, help);
            None
        }
    }
}

fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

pub(super) fn span_of<T>(spanned: &Spanned<T>) -> Span {
    let range = spanned.span();
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(narrow(range.start), narrow(range.end))
}

/// A table of which every key must be known.
pub(super) struct Fields<'t> {
    table: &'t DeTable<'t>,
    /// Where to point when a field is missing.
    pub(super) span: Span,
    what: String,
}

impl<'t> Fields<'t> {
    /// Reads a table and reports keys that are none of `known`.
    pub(super) fn new(
        what: impl Into<String>,
        table: &'t DeTable<'t>,
        span: Span,
        known: &[&str],
        errors: &mut Errors,
    ) -> Self {
        let what = what.into();
        for key in table.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let name = key.get_ref();
                let of_what = format!("key of {what}");
                errors.unknown(span_of(key), &of_what, name, known.iter().copied());
            }
        }
        Self { table, span, what }
    }

    /// Reads a value that must be a table.
    pub(super) fn of_node(
        what: impl Into<String>,
        node: Node<'t>,
        span: Span,
        known: &[&str],
        errors: &mut Errors,
    ) -> Option<Self> {
        match node.value.as_table() {
            Some(table) => Some(Self::new(what, table, span, known, errors)),
            None => {
                node.wrong_type("a table", errors);
                None
            }
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<Node<'t>> {
        self.table.get(key).map(Node::of)
    }

    /// Returns a field that must be there.
    pub(super) fn required(&self, key: &str, errors: &mut Errors) -> Option<Node<'t>> {
        let node = self.get(key);
        if node.is_none() {
            errors.push(self.span, format!("{} has no `{key}`", self.what), "");
        }
        node
    }

    pub(super) fn text(&self, key: &str, errors: &mut Errors) -> Option<String> {
        self.get(key)?.text(errors).map(str::to_owned)
    }

    pub(super) fn required_text(&self, key: &str, errors: &mut Errors) -> String {
        let text = self
            .required(key, errors)
            .and_then(|node| Some((node, node.text(errors)?)));
        match text {
            Some((node, text)) => {
                if text.trim().is_empty() {
                    errors.push(node.span, format!("`{key}` is empty"), "");
                }
                text.to_owned()
            }
            None => String::new(),
        }
    }

    pub(super) fn boolean(&self, key: &str, errors: &mut Errors) -> Option<bool> {
        let node = self.get(key)?;
        let boolean = node.value.as_bool();
        if boolean.is_none() {
            node.wrong_type("`true` or `false`", errors);
        }
        boolean
    }

    /// Returns a whole number that is not negative.
    pub(super) fn count(&self, key: &str, errors: &mut Errors) -> Option<u32> {
        let node = self.get(key)?;
        let count = match node.value {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            _ => None,
        };
        if count.is_none() {
            node.wrong_type("a whole number, not negative", errors);
        }
        count
    }

    /// Returns a list of texts with their places.
    pub(super) fn texts(&self, key: &str, errors: &mut Errors) -> Vec<(&'t str, Span)> {
        let Some(node) = self.get(key) else {
            return Vec::new();
        };
        node.items(errors)
            .into_iter()
            .filter_map(|item| Some((item.text(errors)?, item.span)))
            .collect()
    }

    pub(super) fn template(&self, key: &str, errors: &mut Errors) -> Option<Template> {
        self.get(key)?.template(errors)
    }

    /// Returns one of a fixed set of words, or reports the nearest.
    pub(super) fn word<T: Copy>(
        &self,
        key: &str,
        words: &[(&'static str, T)],
        errors: &mut Errors,
    ) -> Option<T> {
        let node = self.get(key)?;
        let text = node.text(errors)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            errors.unknown(node.span, key, text, words.iter().map(|(word, _)| *word));
        }
        found.map(|(_, value)| *value)
    }

    /// Returns the entries of a sub-table in the order of the text: name, its place, value.
    pub(super) fn entries(&self, key: &str, errors: &mut Errors) -> Vec<(&'t str, Span, Node<'t>)> {
        match self.get(key) {
            Some(node) => entries(node, errors),
            None => Vec::new(),
        }
    }
}

/// Returns the entries of a table in the order of the text.
pub(super) fn entries<'t>(node: Node<'t>, errors: &mut Errors) -> Vec<(&'t str, Span, Node<'t>)> {
    let Some(table) = node.value.as_table() else {
        node.wrong_type("a table", errors);
        return Vec::new();
    };
    let mut entries: Vec<_> = table
        .iter()
        .map(|(name, value)| (name.get_ref().as_ref(), span_of(name), Node::of(value)))
        .collect();
    entries.sort_by_key(|(_, span, _)| span.start);
    entries
}
