//! A document with comments and references, before it is written in a language.
//!
//! It knows no language: `hcl` and `yaml` write it.

use serde_json::Value;

use super::prose;
use super::stand_in::{Piece, StandIns};
use crate::generate::{Sentence, elements};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Text with references.
    Text(Vec<Piece>),
    /// Text with references that reads best in lines, such as JSON in YAML.
    Lines(Vec<Piece>),
    /// An expression of the language, written as it is.
    Expression(String),
    /// A call of a function of the language.
    Call(&'static str, Box<Node>),
    /// A number or truth value.
    Plain(Value),
    /// A list.
    List(Vec<Entry>),
    /// A mapping.
    Map(Vec<Entry>),
}

/// A value with what stands before it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// The lines of its comment.
    pub(super) comment: Vec<String>,
    /// Its key; empty in a list.
    pub(super) key: Vec<Piece>,
    /// The value.
    pub(super) node: Node,
}

impl Node {
    /// Returns text without references.
    pub(super) fn text(text: &str) -> Self {
        Self::Text(plain(text))
    }
}

impl Entry {
    /// Returns an entry of a mapping.
    pub(super) fn new(key: &str, node: Node) -> Self {
        Self {
            comment: Vec::new(),
            key: plain(key),
            node,
        }
    }

    /// Returns an entry of a list.
    pub(super) fn item(node: Node) -> Self {
        Self {
            comment: Vec::new(),
            key: Vec::new(),
            node,
        }
    }

    /// Returns it with a comment before it.
    pub(super) fn with_comment(mut self, comment: Vec<String>) -> Self {
        self.comment = comment;
        self
    }
}

/// Returns a policy document, each statement with the reason for it.
pub(super) fn document(sentences: &[Sentence], stand_ins: &StandIns<'_>) -> Node {
    let statements = sentences.iter().map(|sentence| {
        Entry::item(value(&sentence.statement, stand_ins))
            .with_comment(prose::of_statement(sentence, stand_ins))
    });
    Node::Map(vec![
        Entry::new("Version", Node::text("2012-10-17")),
        Entry::new("Statement", Node::List(statements.collect())),
    ])
}

/// Returns whether references stand in keys, which not every language can write.
pub(super) fn has_references_in_keys(node: &Node) -> bool {
    match node {
        Node::List(entries) | Node::Map(entries) => entries.iter().any(|entry| {
            let in_key = entry.key.iter().any(|it| matches!(it, Piece::Reference(_)));
            in_key || has_references_in_keys(&entry.node)
        }),
        Node::Call(_, inner) => has_references_in_keys(inner),
        Node::Text(_) | Node::Lines(_) | Node::Expression(_) | Node::Plain(_) => false,
    }
}

/// Returns a document as JSON text with references in it; its comments are left out.
///
/// References stand within the quotes: their values must need no escape.
pub(super) fn json(node: &Node) -> Vec<Piece> {
    let mut out = Vec::new();
    write_json(node, 0, &mut out);
    out
}

fn value(value: &Value, stand_ins: &StandIns<'_>) -> Node {
    match value {
        Value::String(text) => Node::Text(stand_ins.split(text)),
        Value::Array(list) => {
            let items = list
                .iter()
                .map(|it| Entry::item(self::value(it, stand_ins)));
            Node::List(items.collect())
        }
        Value::Object(_) => {
            let entries = elements(value).into_iter().map(|(key, it)| Entry {
                comment: Vec::new(),
                key: stand_ins.split(key),
                node: self::value(it, stand_ins),
            });
            Node::Map(entries.collect())
        }
        other => Node::Plain(other.clone()),
    }
}

fn plain(text: &str) -> Vec<Piece> {
    vec![Piece::Text(text.to_owned())]
}

fn write_json(node: &Node, depth: usize, out: &mut Vec<Piece>) {
    match node {
        Node::Text(pieces) | Node::Lines(pieces) => quote(pieces, out),
        Node::Expression(expression) => push(expression, out),
        Node::Call(_, inner) => write_json(inner, depth, out),
        Node::Plain(value) => push(&value.to_string(), out),
        Node::List(entries) => {
            let bracket = |it| if entries.is_empty() { "" } else { it };
            push("[", out);
            for (at, entry) in entries.iter().enumerate() {
                push(if at == 0 { "\n" } else { ",\n" }, out);
                push(&"  ".repeat(depth + 1), out);
                write_json(&entry.node, depth + 1, out);
            }
            push(bracket("\n"), out);
            push(bracket(&"  ".repeat(depth)), out);
            push("]", out);
        }
        Node::Map(entries) => {
            let bracket = |it| if entries.is_empty() { "" } else { it };
            push("{", out);
            for (at, entry) in entries.iter().enumerate() {
                push(if at == 0 { "\n" } else { ",\n" }, out);
                push(&"  ".repeat(depth + 1), out);
                quote(&entry.key, out);
                push(": ", out);
                write_json(&entry.node, depth + 1, out);
            }
            push(bracket("\n"), out);
            push(bracket(&"  ".repeat(depth)), out);
            push("}", out);
        }
    }
}

fn quote(pieces: &[Piece], out: &mut Vec<Piece>) {
    push("\"", out);
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                let quoted = Value::from(&**text).to_string();
                push(&quoted[1..quoted.len() - 1], out);
            }
            Piece::Reference(_) => out.push(piece.clone()),
        }
    }
    push("\"", out);
}

fn push(text: &str, out: &mut Vec<Piece>) {
    match out.last_mut() {
        Some(Piece::Text(before)) => before.push_str(text),
        _ => out.push(Piece::Text(text.to_owned())),
    }
}
