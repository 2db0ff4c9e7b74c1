//! The tree of values of one text: one flat list of nodes in text order.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;

use super::{SyntaxError, index};
use crate::source::Span;

/// The kinds of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{ … }`
    Object,
    /// `[ … ]`
    Array,
    /// `"…"`
    String,
    /// A number, kept as its text.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`
    Null,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    span: Span,
    /// Bytes of the decoded text: in the source, or in `Tree::decoded` where it had escapes.
    text: Span,
    /// One past the last node below this one.
    end: u32,
    kind: Kind,
    escaped: bool,
}

/// Every value of a text, in text order; a key is a string node just before its value.
#[derive(Debug)]
pub struct Tree<'s> {
    source: &'s str,
    pub(super) decoded: String,
    nodes: Vec<Node>,
}

impl<'s> Tree<'s> {
    pub(super) fn build(
        source: &'s str,
        offset: usize,
        root: &ast::Value<'_>,
    ) -> Result<Self, SyntaxError> {
        let mut tree = Self::with_capacity(source);
        tree.add(root, offset)?;
        Ok(tree)
    }

    pub(super) fn with_capacity(source: &'s str) -> Self {
        Self {
            source,
            decoded: String::new(),
            nodes: Vec::with_capacity(source.len() / 12),
        }
    }

    fn add(&mut self, value: &ast::Value<'_>, offset: usize) -> Result<(), SyntaxError> {
        let range = value.range();
        let span = Span::new(index(range.start + offset), index(range.end + offset));
        match value {
            ast::Value::StringLit(literal) => return self.add_string(&literal.value, span),
            ast::Value::NumberLit(_) => self.push(Kind::Number, span, span, false),
            ast::Value::BooleanLit(_) => self.push(Kind::Bool, span, span, false),
            ast::Value::NullKeyword(_) => self.push(Kind::Null, span, span, false),
            ast::Value::Object(object) => {
                let at = self.push(Kind::Object, span, span, false);
                for property in &object.properties {
                    let name = property.name.range();
                    let name_span = Span::new(index(name.start + offset), index(name.end + offset));
                    self.add_string(property.name.as_str(), name_span)?;
                    self.add(&property.value, offset)?;
                }
                self.close(at)
            }
            ast::Value::Array(array) => {
                let at = self.push(Kind::Array, span, span, false);
                for element in &array.elements {
                    self.add(element, offset)?;
                }
                self.close(at)
            }
        };
        Ok(())
    }

    fn add_string(&mut self, value: &str, span: Span) -> Result<(), SyntaxError> {
        let inner = Span::new(span.start + 1, span.end.saturating_sub(1));
        let raw = &self.source[inner.range()];
        // jsonc-parser lets raw control characters through; JSON and AWS do not (RFC 8259, 7).
        if let Some(at) = raw.bytes().position(|byte| byte < 0x20) {
            let at = inner.start + index(at);
            return Err(SyntaxError {
                span: Span::new(at, at + 1),
                message: "a raw control character stands inside a text".into(),
                help: "write it as an escape, such as `\\n` or `\\t`, or remove it".into(),
            });
        }
        if raw.len() == value.len() {
            self.push(Kind::String, span, inner, false);
        } else {
            let start = index(self.decoded.len());
            self.decoded.push_str(value);
            let text = Span::new(start, index(self.decoded.len()));
            self.push(Kind::String, span, text, true);
        }
        Ok(())
    }

    /// Adds an object or array that starts here.
    pub(super) fn open(&mut self, kind: Kind, start: u32) -> u32 {
        let span = Span::new(start, start);
        self.push(kind, span, span, false)
    }

    /// Ends an object or array with its last byte.
    pub(super) fn close_at(&mut self, at: u32, end: u32) {
        let node = &mut self.nodes[at as usize];
        node.span.end = end;
        node.text.end = end;
        self.close(at);
    }

    pub(super) fn push(&mut self, kind: Kind, span: Span, text: Span, escaped: bool) -> u32 {
        let at = index(self.nodes.len());
        self.nodes.push(Node {
            span,
            text,
            end: at + 1,
            kind,
            escaped,
        });
        at
    }

    fn close(&mut self, at: u32) -> u32 {
        let end = index(self.nodes.len());
        self.nodes[at as usize].end = end;
        at
    }

    /// Returns the outermost value.
    #[must_use]
    pub fn root(&self) -> Value<'_> {
        Value {
            nodes: &self.nodes,
            source: self.source,
            decoded: &self.decoded,
            id: 0,
        }
    }

    /// Returns the value with this id.
    #[must_use]
    pub fn value(&self, id: NodeId) -> Value<'_> {
        Value {
            id: id.0,
            ..self.root()
        }
    }

    /// Returns every value with its place and text, for comparing trees.
    #[cfg(test)]
    pub(super) fn all(&self) -> Vec<(Kind, Span, u32, &str)> {
        let one = |id: usize| {
            let value = self.value(NodeId(index(id)));
            let is_text = !matches!(value.kind(), Kind::Object | Kind::Array);
            let text = if is_text { value.text() } else { "" };
            (value.kind(), value.span(), value.node().end, text)
        };
        (0..self.nodes.len()).map(one).collect()
    }

    /// Rewrites every span, for a text that was itself taken out of another one.
    pub fn map_spans(&mut self, map: impl Fn(Span) -> Span) {
        for node in &mut self.nodes {
            // Texts keep pointing into `source`; only what is reported moves.
            node.span = map(node.span);
        }
    }
}

/// Names one value of a [`Tree`] while nobody borrows the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeId(u32);

/// One value of a [`Tree`].
#[derive(Clone, Copy, Debug)]
pub struct Value<'t> {
    nodes: &'t [Node],
    source: &'t str,
    decoded: &'t str,
    id: u32,
}

/// One key of an object with its value. Keys may repeat.
#[derive(Clone, Copy, Debug)]
pub struct Member<'t> {
    /// The decoded key.
    pub key: &'t str,
    /// The key with its quotes.
    pub key_span: Span,
    /// The value.
    pub value: Value<'t>,
}

impl<'t> Value<'t> {
    const fn node(self) -> &'t Node {
        &self.nodes[self.id as usize]
    }

    const fn at(self, id: u32) -> Self {
        Self { id, ..self }
    }

    fn text(self) -> &'t str {
        let node = self.node();
        let text = if node.escaped {
            self.decoded
        } else {
            self.source
        };
        &text[node.text.range()]
    }

    /// Returns the id that [`Tree::value`] takes.
    #[must_use]
    pub const fn id(self) -> NodeId {
        NodeId(self.id)
    }

    /// Returns what kind of value it is.
    #[must_use]
    pub const fn kind(self) -> Kind {
        self.node().kind
    }

    /// Returns where it is in the text, quotes and brackets included.
    #[must_use]
    pub const fn span(self) -> Span {
        self.node().span
    }

    /// Returns the decoded text of a string.
    #[must_use]
    pub fn as_str(self) -> Option<&'t str> {
        matches!(self.kind(), Kind::String).then(|| self.text())
    }

    /// Returns the text of a string, number or boolean: what a condition compares.
    #[must_use]
    pub fn as_scalar(self) -> Option<&'t str> {
        matches!(self.kind(), Kind::String | Kind::Number | Kind::Bool).then(|| self.text())
    }

    /// Returns the value of a boolean.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        matches!(self.kind(), Kind::Bool).then(|| self.text() == "true")
    }

    /// Returns whether it is an object.
    #[must_use]
    pub const fn is_object(self) -> bool {
        matches!(self.kind(), Kind::Object)
    }

    /// Returns the members of an object in text order, repeated keys included; none for others.
    pub fn members(self) -> impl Iterator<Item = Member<'t>> {
        let end = if self.is_object() {
            self.node().end
        } else {
            self.id
        };
        let mut next = self.id + 1;
        std::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let key = self.at(next);
            let value = self.at(next + 1);
            next = value.node().end;
            Some(Member {
                key: key.text(),
                key_span: key.span(),
                value,
            })
        })
    }

    /// Returns the elements of an array in text order; none for others.
    pub fn elements(self) -> impl Iterator<Item = Value<'t>> {
        let is_array = matches!(self.kind(), Kind::Array);
        let end = if is_array { self.node().end } else { self.id };
        let mut next = self.id + 1;
        std::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let element = self.at(next);
            next = element.node().end;
            Some(element)
        })
    }

    /// Returns the elements of an array, or the value itself where it is none: AWS lets a single
    /// value stand without brackets (IAM User Guide, "Grammar of the IAM JSON policy language").
    pub fn one_or_many(self) -> impl Iterator<Item = Value<'t>> {
        let single = (!matches!(self.kind(), Kind::Array)).then_some(self);
        single.into_iter().chain(self.elements())
    }

    /// Returns the value of the first member with this key.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Value<'t>> {
        self.members()
            .find(|member| member.key == key)
            .map(|member| member.value)
    }
}
