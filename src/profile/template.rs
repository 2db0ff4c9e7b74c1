//! Texts with `{variable}` in them.
//!
//! A [`Template`] knows its place in the profile, so that an unknown variable is an error with a
//! position. Filling cannot fail: `load` has checked that every variable is declared, and
//! `settings` that each has a value.

use crate::source::Span;

/// A text with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
    span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
}

/// Why a text is not a template; lower-case start, no final period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BraceError {
    pub(super) message: String,
}

/// Values of variables by name, in the order in which they were bound.
#[derive(Clone, Debug, Default)]
pub struct Binding<'a> {
    values: Vec<(&'a str, &'a str)>,
}

impl<'a> Binding<'a> {
    /// Adds a value; a later one for the same name wins.
    pub fn bind(&mut self, name: &'a str, value: &'a str) {
        self.values.push((name, value));
    }

    /// Returns the value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.values
            .iter()
            .rev()
            .find_map(|(bound, value)| (*bound == name).then_some(*value))
    }
}

impl Template {
    /// Reads `{name}` as a variable and `{{`, `}}` as braces.
    pub(super) fn parse(text: &str, span: Span) -> Result<Self, BraceError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let tail = &rest[at..];
            if tail.starts_with("{{") || tail.starts_with("}}") {
                literal.push_str(&tail[..1]);
                rest = &tail[2..];
                continue;
            }
            let name = tail
                .strip_prefix('{')
                .and_then(|inner| inner.split_once('}'))
                .map(|(name, _)| name);
            match name {
                Some(name) if is_name(name) => {
                    if !literal.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut literal)));
                    }
                    parts.push(Part::Variable(name.to_owned()));
                    rest = &tail[name.len() + 2..];
                }
                Some(name) => {
                    return Err(BraceError {
                        message: format!("`{{{name}}}` is not the name of a variable"),
                    });
                }
                None => {
                    return Err(BraceError {
                        message: "a brace that belongs to no variable".to_owned(),
                    });
                }
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self { parts, span })
    }

    /// Returns where the text stands in its profile.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// Returns the names of the variables in it, in order, with repetitions.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Returns the text with every variable replaced; an unbound one stays as it is written.
    #[must_use]
    pub fn fill(&self, binding: &Binding<'_>) -> String {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Variable(name) => match binding.get(name) {
                    Some(value) => filled.push_str(value),
                    None => {
                        filled.push('{');
                        filled.push_str(name);
                        filled.push('}');
                    }
                },
            }
        }
        filled
    }

    /// Returns the text as the profile writes it, for tables.
    #[must_use]
    pub fn written(&self) -> String {
        self.fill(&Binding::default())
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
