//! Writes YAML for CloudFormation: block style, every text in double quotes, `!Sub` and `!Ref`.
//!
//! Quoted as JSON quotes, a text means the same to every version of YAML, so that this needs none
//! of the rules about which words are numbers or truth values; and no library writes comments.

use super::prose;
use super::stand_in::Piece;
use super::tree::{Entry, Node};

/// Returns a mapping as a whole document.
pub(super) fn document(head: &[String], entries: &[Entry], tail: &[String]) -> String {
    let mut out = prose::commented(head, "");
    for entry in entries {
        out.push('\n');
        write_entries(std::slice::from_ref(entry), 0, &mut out);
    }
    if !tail.is_empty() {
        out.push('\n');
        out.push_str(&prose::commented(tail, ""));
    }
    out
}

fn write_entries(entries: &[Entry], depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for entry in entries {
        out.push_str(&prose::commented(&entry.comment, &indent));
        out.push_str(&format!("{indent}{}:", key(&entry.key)));
        write_value(&entry.node, depth + 1, out);
    }
}

/// Writes what follows a colon: on the same line, or in lines of its own.
fn write_value(node: &Node, depth: usize, out: &mut String) {
    match node {
        Node::Map(entries) if !entries.is_empty() => {
            out.push('\n');
            write_entries(entries, depth, out);
        }
        Node::List(entries) if !entries.is_empty() => {
            out.push('\n');
            write_items(entries, depth, out);
        }
        Node::Lines(pieces) => {
            out.push_str(" !Sub |\n");
            for line in substituted(pieces).lines() {
                out.push_str(&format!("{}{line}\n", "  ".repeat(depth)));
            }
        }
        short => out.push_str(&format!(" {}\n", scalar(short))),
    }
}

fn write_items(entries: &[Entry], depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for entry in entries {
        out.push_str(&prose::commented(&entry.comment, &indent));
        match &entry.node {
            Node::Map(inner) if !inner.is_empty() => {
                // The first key stands behind the dash, in the column of the others.
                let mut item = String::new();
                write_entries(inner, depth + 1, &mut item);
                let item = item.get(indent.len() + 2..).unwrap_or_default();
                out.push_str(&format!("{indent}- {item}"));
            }
            short => out.push_str(&format!("{indent}- {}\n", scalar(short))),
        }
    }
}

fn scalar(node: &Node) -> String {
    match node {
        Node::Text(pieces) | Node::Lines(pieces) => text(pieces),
        Node::Expression(expression) => expression.clone(),
        Node::Call(function, inner) => format!("{function} {}", scalar(inner)),
        Node::Plain(value) => value.to_string(),
        Node::List(entries) => {
            let items: Vec<String> = entries.iter().map(|it| scalar(&it.node)).collect();
            format!("[{}]", items.join(", "))
        }
        Node::Map(_) => "{}".to_owned(),
    }
}

/// Returns a key: bare where every YAML takes it for a text, as CloudFormation's own names are.
fn key(pieces: &[Piece]) -> String {
    // `Null` is a condition operator of IAM, and nothing to YAML.
    const WORDS: [&str; 9] = ["null", "y", "n", "yes", "no", "on", "off", "true", "false"];
    let text: String = pieces
        .iter()
        .map(|it| match it {
            Piece::Text(text) | Piece::Reference(text) => &**text,
        })
        .collect();
    let is_bare = text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text.chars().all(|it| it.is_ascii_alphanumeric())
        && !WORDS.contains(&&*text.to_ascii_lowercase());
    if is_bare { text } else { quote(&text) }
}

/// Returns text as a value: `!Ref` for a reference alone, `!Sub` where references are in it.
fn text(pieces: &[Piece]) -> String {
    match pieces {
        [Piece::Reference(reference)] => format!("!Ref {}", quote_if_odd(reference)),
        [Piece::Text(text)] => quote(text),
        [] => quote(""),
        pieces => format!("!Sub {}", quote(&substituted(pieces))),
    }
}

/// Returns text for `Fn::Sub`, to which `${!` is the way to write `${`.
///
/// AWS CloudFormation Template Reference, Fn::Sub.
fn substituted(pieces: &[Piece]) -> String {
    let parts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.replace("${", "${!"),
        Piece::Reference(reference) => format!("${{{reference}}}"),
    });
    parts.collect()
}

fn quote_if_odd(name: &str) -> String {
    if name.contains(':') {
        quote(name)
    } else {
        name.to_owned()
    }
}

fn quote(text: &str) -> String {
    let mut out = "\"".to_owned();
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(character),
            // All others are written out: YAML 1.1 takes some of them for the end of a line.
            other => {
                let code = u32::from(other);
                out.push_str(&if code > 0xffff {
                    format!("\\U{code:08X}")
                } else {
                    format!("\\u{code:04X}")
                });
            }
        }
    }
    out + "\""
}
