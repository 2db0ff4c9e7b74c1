//! Writes HCL as `terraform fmt` leaves it: blocks, attributes, comments, templates.
//!
//! The libraries for HCL parse well, and tests read what is written here with one; but `hcl-rs`
//! writes no comments and `hcl-edit` no layout.

use super::prose;
use super::stand_in::Piece;
use super::tree::{Entry, Node};

/// A block such as `resource "aws_iam_role" "x" { … }`.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    comment: Vec<String>,
    head: String,
    attributes: Vec<Vec<Entry>>,
    blocks: Vec<Block>,
}

impl Block {
    /// Returns an empty block of a type with labels, which are identifiers.
    pub(super) fn new(kind: &str, labels: &[&str]) -> Self {
        let labels: String = labels.iter().map(|it| format!(" \"{it}\"")).collect();
        Self {
            head: format!("{kind}{labels}"),
            ..Self::default()
        }
    }

    /// Returns it with a comment before it.
    pub(super) fn with_comment(mut self, comment: Vec<String>) -> Self {
        self.comment = comment;
        self
    }

    /// Returns it with attributes, apart from those before by an empty line.
    pub(super) fn with(mut self, attributes: Vec<Entry>) -> Self {
        if !attributes.is_empty() {
            self.attributes.push(attributes);
        }
        self
    }

    /// Returns it with a block inside, after its attributes.
    pub(super) fn with_block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    fn write(&self, depth: usize, out: &mut String) {
        let indent = "  ".repeat(depth);
        out.push_str(&prose::commented(&self.comment, &indent));
        out.push_str(&format!("{indent}{} {{", self.head));
        if self.attributes.is_empty() && self.blocks.is_empty() {
            out.push_str("}\n");
            return;
        }
        out.push('\n');
        for (at, attributes) in self.attributes.iter().enumerate() {
            if at > 0 {
                out.push('\n');
            }
            write_entries(attributes, depth + 1, out);
        }
        for (at, block) in self.blocks.iter().enumerate() {
            if at > 0 || !self.attributes.is_empty() {
                out.push('\n');
            }
            block.write(depth + 1, out);
        }
        out.push_str(&format!("{indent}}}\n"));
    }
}

/// Returns a file of blocks with a comment at its head and its end.
pub(super) fn file(head: &[String], blocks: &[Block], tail: &[String]) -> String {
    let mut out = prose::commented(head, "");
    for block in blocks {
        out.push('\n');
        block.write(0, &mut out);
    }
    if !tail.is_empty() {
        out.push('\n');
        out.push_str(&prose::commented(tail, ""));
    }
    out
}

/// Writes the entries of a body or an object. Of neighbours that take one line each, the equals
/// signs stand below one another.
fn write_entries(entries: &[Entry], depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let written: Vec<(String, String)> = entries
        .iter()
        .map(|it| (key(&it.key), expression(&it.node, depth)))
        .collect();
    let is_line = |at: usize| !written[at].1.contains('\n');
    let mut start = 0;
    while start < entries.len() {
        let mut end = start + 1;
        if is_line(start) {
            while end < entries.len() && is_line(end) && entries[end].comment.is_empty() {
                end += 1;
            }
        }
        let columns = |it: &(String, String)| it.0.chars().count();
        let width = written[start..end].iter().map(columns).max().unwrap_or(0);
        for at in start..end {
            let (key, value) = &written[at];
            out.push_str(&prose::commented(&entries[at].comment, &indent));
            let gap = " ".repeat(width - columns(&written[at]));
            out.push_str(&format!("{indent}{key}{gap} = {value}\n"));
        }
        start = end;
    }
}

fn expression(node: &Node, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match node {
        Node::Text(pieces) | Node::Lines(pieces) => text(pieces),
        Node::Expression(expression) => expression.clone(),
        Node::Call(function, inner) => format!("{function}({})", expression(inner, depth)),
        Node::Plain(value) => value.to_string(),
        Node::List(entries) if entries.is_empty() => "[]".to_owned(),
        Node::List(entries) => {
            let mut out = "[\n".to_owned();
            for entry in entries {
                let inner = "  ".repeat(depth + 1);
                out.push_str(&prose::commented(&entry.comment, &inner));
                out.push_str(&format!("{inner}{},\n", expression(&entry.node, depth + 1)));
            }
            out + &indent + "]"
        }
        Node::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Node::Map(entries) => {
            let mut out = "{\n".to_owned();
            write_entries(entries, depth + 1, &mut out);
            out + &indent + "}"
        }
    }
}

/// Returns a key: bare where HCL takes it for a name and nothing else.
fn key(pieces: &[Piece]) -> String {
    const WORDS: [&str; 4] = ["for", "true", "false", "null"];
    if let [Piece::Text(name)] = pieces
        && name.starts_with(|it: char| it.is_ascii_alphabetic())
        && name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || it == '_')
        && !WORDS.contains(&&**name)
    {
        return name.clone();
    }
    // A key that is a reference alone would be read as its name.
    template(pieces)
}

/// Returns entries as an object within an attribute of a resource.
pub(super) fn object(entries: &[Entry]) -> String {
    expression(&Node::Map(entries.to_vec()), 1)
}

/// Returns text as an expression.
pub(super) fn text(pieces: &[Piece]) -> String {
    match pieces {
        [Piece::Reference(reference)] => reference.clone(),
        pieces => template(pieces),
    }
}

fn template(pieces: &[Piece]) -> String {
    let mut out = "\"".to_owned();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Reference(reference) => out.push_str(&format!("${{{reference}}}")),
            Piece::Text(text) => {
                let reference_follows = matches!(pieces.get(at + 1), Some(Piece::Reference(_)));
                escape(text, reference_follows, &mut out);
            }
        }
    }
    out + "\""
}

/// Writes characters within quotes.
///
/// HCL Native Syntax Specification, "Template Literals": `$${` and `%%{` stand for `${` and `%{`.
/// A dollar sign right before one of them would turn `${` into its escape, so it is interpolated.
fn escape(text: &str, reference_follows: bool, out: &mut String) {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' => {
                let mut ahead = characters.clone().skip_while(|it| *it == character);
                let opens = match ahead.next() {
                    Some('{') => true,
                    Some(_) => false,
                    None => reference_follows && character == '$',
                };
                match characters.peek() {
                    Some('{') => out.extend([character, character]),
                    _ if opens => out.push_str(&format!("${{\"{character}\"}}")),
                    _ => out.push(character),
                }
            }
            hidden if hidden.is_control() || !is_printed(hidden) => {
                out.push_str(&format!("\\U{:08X}", u32::from(hidden)));
            }
            plain => out.push(plain),
        }
    }
}

/// Returns whether a character is seen where it stands.
fn is_printed(character: char) -> bool {
    !matches!(character,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference() -> Piece {
        Piece::Reference("var.x".to_owned())
    }

    fn literal(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    /// Returns what HCL reads in an expression, with `x` for `var.x`.
    fn read(expression: &str) -> String {
        let body = hcl::parse(&format!("a = {expression}")).unwrap();
        let mut context = hcl::eval::Context::new();
        context.declare_var("var", hcl::value!({ "x" = "x" }));
        let attribute = body.attributes().next().unwrap();
        let value = hcl::eval::Evaluate::evaluate(&attribute.expr, &context).unwrap();
        value.as_str().unwrap().to_owned()
    }

    #[test]
    fn policy_variables_survive() {
        let pieces = [literal("a/${aws:username}/"), reference()];
        assert_eq!(text(&pieces), "\"a/$${aws:username}/${var.x}\"");
        assert_eq!(read(&text(&pieces)), "a/${aws:username}/x");
    }

    #[test]
    fn every_text_is_read_as_it_was() {
        let texts = [
            "",
            "$",
            "$$",
            "${",
            "$${",
            "$$${",
            "%{",
            "%%{",
            "%%%{if}",
            "${$}",
            "${*}",
            "$a{",
            "\"\\\n\r\t",
            "\u{1}\u{202e}é",
            "%$",
            "$%{",
            "%${a}",
        ];
        for before in texts {
            let alone = text(&[literal(before)]);
            assert_eq!(read(&alone), before, "{alone}");
            let joined = text(&[literal(before), reference(), literal(before)]);
            assert_eq!(read(&joined), format!("{before}x{before}"), "{joined}");
        }
    }

    #[test]
    fn a_reference_alone_needs_no_quotes_but_as_a_key() {
        assert_eq!(text(&[reference()]), "var.x");
        assert_eq!(key(&[reference()]), "\"${var.x}\"");
        assert_eq!(key(&[literal("Statement")]), "Statement");
        assert_eq!(key(&[literal("for")]), "\"for\"");
        assert_eq!(key(&[literal("aws:RequestTag/a")]), "\"aws:RequestTag/a\"");
    }

    #[test]
    fn equals_signs_stand_below_one_another_where_lines_are_neighbours() {
        let entries = vec![
            Entry::new("a", Node::text("1")),
            Entry::new("long", Node::text("2")),
            Entry::new("list", Node::List(vec![Entry::item(Node::text("3"))])),
            Entry::new("b", Node::text("4")),
            Entry::new("longer", Node::text("5")).with_comment(vec!["why".to_owned()]),
        ];
        let expected = "x {\n  a    = \"1\"\n  long = \"2\"\n  list = [\n    \"3\",\n  ]\n  \
                        b = \"4\"\n  # why\n  longer = \"5\"\n}\n";
        let mut written = String::new();
        Block::new("x", &[]).with(entries).write(0, &mut written);
        assert_eq!(written, expected);
    }
}
