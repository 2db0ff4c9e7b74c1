//! Variables of a profile and the types that their values must have.

use super::read::{Errors, Fields, Node, nearest};
use crate::source::Span;

/// Something that a profile leaves open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name, written `{name}` in texts.
    pub name: String,
    /// What values it takes.
    pub kind: VariableKind,
    /// The value unless one is given: several only for lists.
    pub default: Option<Vec<String>>,
    /// What it is.
    pub description: String,
    /// The place of its name in the profile.
    pub span: Span,
}

/// What values a variable takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VariableKind {
    base: Base,
    /// Whether it holds several values, each of which makes its own requests.
    pub list: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    Text,
    AccountId,
    Region,
    Partition,
    Arn,
    Path,
    NamePrefix,
}

const BASES: [(&str, Base); 7] = [
    ("text", Base::Text),
    ("account-id", Base::AccountId),
    ("region", Base::Region),
    ("partition", Base::Partition),
    ("arn", Base::Arn),
    ("path", Base::Path),
    ("name-prefix", Base::NamePrefix),
];

impl VariableKind {
    fn parse(word: &str) -> Option<Self> {
        let (name, list) = match word.strip_suffix("-list") {
            Some(name) => (name, true),
            None => (word, false),
        };
        let (_, base) = BASES.iter().find(|(candidate, _)| *candidate == name)?;
        Some(Self { base: *base, list })
    }

    /// Returns the word that profiles write.
    #[must_use]
    pub fn word(self) -> String {
        let name = super::word_of(&BASES, self.base);
        if self.list {
            format!("{name}-list")
        } else {
            name.to_owned()
        }
    }

    /// Returns what is wrong with a value, if anything.
    pub(super) fn complaint(self, value: &str) -> Option<String> {
        let fits = match self.base {
            Base::Text => true,
            Base::AccountId => value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit()),
            Base::Region => is_region(value),
            Base::Partition => value == "aws" || is_other_partition(value),
            Base::Arn => {
                value.is_empty() || value.splitn(6, ':').count() == 6 && value.starts_with("arn:")
            }
            Base::Path => value.starts_with('/') && value.ends_with('/'),
            Base::NamePrefix => value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b)),
        };
        let expected = match self.base {
            _ if fits => return None,
            Base::AccountId => "an account id of 12 digits",
            Base::Region => "a region such as `eu-central-1`",
            Base::Partition => "a partition such as `aws`, `aws-cn` or `aws-us-gov`",
            Base::Arn => "an ARN of six parts",
            Base::Path => "a path that starts and ends with `/`",
            Base::NamePrefix | Base::Text => "letters, digits and `+=,.@_-`",
        };
        Some(format!("`{value}` is not {expected}"))
    }
}

fn is_region(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [words @ .., number] if words.len() >= 2 => {
            words.iter().all(is_word)
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        _ => false,
    }
}

fn is_other_partition(value: &str) -> bool {
    value
        .strip_prefix("aws-")
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
}

/// Reads the table of one variable.
pub(super) fn read(
    name: &str,
    span: Span,
    node: Node<'_>,
    errors: &mut Errors,
) -> Option<Variable> {
    let what = format!("the variable `{name}`");
    let fields = Fields::of_node(
        what,
        node,
        span,
        &["type", "default", "description"],
        errors,
    )?;
    let kind = match fields.required("type", errors) {
        Some(node) => read_kind(node, errors),
        None => None,
    };
    let kind = kind.unwrap_or(VariableKind {
        base: Base::Text,
        list: false,
    });
    let default = fields
        .get("default")
        .map(|node| read_default(node, kind, errors));
    Some(Variable {
        name: name.to_owned(),
        kind,
        default,
        description: fields.required_text("description", errors),
        span,
    })
}

fn read_kind(node: Node<'_>, errors: &mut Errors) -> Option<VariableKind> {
    let word = node.text(errors)?;
    let kind = VariableKind::parse(word);
    if kind.is_none() {
        let words: Vec<&str> = BASES.iter().map(|(word, _)| *word).collect();
        let help = match nearest(word, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "types: {}; or a list, such as `region-list`",
                words.join(", ")
            ),
        };
        errors.push(node.span, format!("unknown type `{word}`"), help);
    }
    kind
}

fn read_default(node: Node<'_>, kind: VariableKind, errors: &mut Errors) -> Vec<String> {
    let nodes = match (kind.list, node.value.is_array()) {
        (true, true) => node.items(errors),
        (true, false) => {
            node.wrong_type("a list", errors);
            return Vec::new();
        }
        (false, _) => vec![node],
    };
    let mut values = Vec::new();
    for item in nodes {
        let Some(text) = item.text(errors) else {
            continue;
        };
        if let Some(complaint) = kind.complaint(text) {
            errors.push(item.span, complaint, "");
        }
        values.push(text.to_owned());
    }
    values
}
