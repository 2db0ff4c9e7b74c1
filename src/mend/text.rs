//! The texts that are mended, and the edits that mending makes of them.
//!
//! A text is edited one step after the other and read again after each, so that no step has to know
//! where the others moved things. Nothing here knows why a step is taken.

use std::collections::BTreeSet;

use serde_json::Value;

use super::layout::{Layout, indentation};
use crate::evaluate::Layer;
use crate::finding::Edit;
use crate::json::edit::{self, Editor, quoted};
use crate::policy::quotas::{Measured, measure};
use crate::policy::{ActionElement, Document, Kind, lower};
use crate::read;
use crate::source::{FileId, Sources, Span};

/// A text with policies of one layer.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// The path as the user gave it; of a new document, a proposal.
    pub(super) name: String,
    pub(super) layer: Layer,
    /// As it was given; none: a new document.
    pub(super) original: Option<String>,
    /// As it is by now.
    pub(super) text: String,
    /// Where it was read from, for those who point into the original.
    pub(super) file: Option<FileId>,
    /// Documents of which nothing is needed.
    pub(super) idle: BTreeSet<usize>,
}

/// A document of a text.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) document: Document,
    /// Whether it stands in the text as it is, so that it can be edited there.
    pub(super) is_plain: bool,
}

/// A statement by where it stands in its text: the document and the statement, from 0.
pub(super) type At = (usize, usize);

/// One change of one document.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Adds actions to those of a statement.
    AddActions(At, Vec<String>),
    /// Adds a resource to those of a statement.
    AddResource(At, String),
    /// Leaves a statement only these actions.
    KeepActions(At, Vec<String>),
    /// Adds statements after this one; none: at the end of the document.
    Insert(usize, Option<usize>, Vec<Value>),
    /// Puts statements in place of one.
    Replace(At, Vec<Value>),
    /// Removes a statement; the last one of a document stays.
    Remove(At),
}

impl Step {
    const fn document(&self) -> usize {
        match self {
            Self::AddActions((document, _), _)
            | Self::AddResource((document, _), _)
            | Self::KeepActions((document, _), _)
            | Self::Insert(document, _, _)
            | Self::Replace((document, _), _)
            | Self::Remove((document, _)) => *document,
        }
    }
}

/// Returns the kind of policy of a layer whose texts are mended.
pub(super) const fn kind(layer: Layer) -> Kind {
    match layer {
        Layer::Boundary => Kind::Boundary,
        Layer::Session => Kind::Session,
        _ => Kind::Identity,
    }
}

impl Text {
    /// Returns the documents of the text as it is by now.
    pub(super) fn held(&self) -> Vec<Held> {
        let mut held = Vec::new();
        visit(&self.text, |value, is_plain| {
            let mut document = lower(value, kind(self.layer));
            document.file = self.file;
            held.push(Held { document, is_plain });
        });
        held
    }

    /// Returns the documents of which something is needed.
    pub(super) fn in_force(&self) -> Vec<Document> {
        let held = self.held().into_iter().enumerate();
        let needed = held.filter(|(at, _)| !self.idle.contains(at));
        needed.map(|(_, it)| it.document).collect()
    }

    /// Returns the text after a step; none if it cannot be taken.
    pub(super) fn after(&self, step: &Step) -> Option<String> {
        let mut number = 0;
        let mut edits = None;
        visit(&self.text, |value, is_plain| {
            if number == step.document() && is_plain {
                let document = lower(value, kind(self.layer));
                let pen = Pen {
                    text: &self.text,
                    editor: Editor::new(&self.text, value),
                    document: &document,
                };
                edits = pen.edits(step);
            }
            number += 1;
        });
        let edits = edits?;
        let (after, applied) = edit::apply(&self.text, &edits);
        (applied == edits.len()).then_some(after)
    }

    /// Measures a document against the quota of its kind.
    pub(super) fn measured(&self, document: usize) -> Option<Measured> {
        let held = self.held();
        let document = &held.get(document)?.document;
        measure(document, self.text.get(document.span.range())?)
    }
}

/// Hands every document of a text to `visit`, and whether it stands there as it is.
fn visit(text: &str, mut visit: impl FnMut(crate::json::Value<'_>, bool)) {
    let mut sources = Sources::new();
    let file = sources.add("", text);
    read::read_text(&sources, file, &mut |found| {
        visit(found.value, found.is_plain);
    });
}

/// Edits one document.
struct Pen<'t> {
    text: &'t str,
    editor: Editor<'t>,
    document: &'t Document,
}

impl Pen<'_> {
    fn edits(&self, step: &Step) -> Option<Vec<Edit>> {
        let statement = |at: usize| self.document.statements.get(at);
        match step {
            Step::AddActions((_, at), actions) => {
                let list = &statement(*at)?.action;
                let own = list.patterns.iter().map(|it| (&*it.text, it.span));
                self.add_texts(list.span, &own.collect::<Vec<_>>(), actions)
            }
            Step::AddResource((_, at), resource) => {
                let list = statement(*at)?.resource.as_ref()?;
                let own = list.patterns.iter();
                let own = own.map(|it| (it.template.text(), it.span));
                let own: Vec<(&str, Span)> = own.collect();
                self.add_texts(list.span, &own, std::slice::from_ref(resource))
            }
            Step::KeepActions((_, at), actions) => {
                self.keep_actions(&statement(*at)?.action, actions)
            }
            Step::Insert(_, after, statements) => {
                let last = self.document.statements.last();
                let edit = match after.map_or(last, statement) {
                    Some(after) => self.insert(after.span, statements)?,
                    None => self.fill(statements)?,
                };
                Some(vec![edit])
            }
            Step::Replace((_, at), statements) => {
                let span = statement(*at)?.span;
                Some(vec![
                    self.editor.replace(span, self.listed(span, statements)?),
                ])
            }
            Step::Remove((_, at)) => {
                let span = statement(*at)?.span;
                self.editor.remove(span).map(|it| vec![it])
            }
        }
    }

    /// Adds texts to a list: in its order where it is sorted, else at its end.
    fn add_texts(&self, list: Span, own: &[(&str, Span)], new: &[String]) -> Option<Vec<Edit>> {
        let value = self.editor.value_at(list)?;
        let is_list = value.kind() == crate::json::Kind::Array;
        // Letter case counts in some lists and not in others: either is an order.
        let orders: [fn(&str) -> String; 2] = [str::to_owned, str::to_ascii_lowercase];
        let is_sorted = |order: &fn(&str) -> String| own.iter().map(|it| order(it.0)).is_sorted();
        let order = orders.into_iter().find(is_sorted);
        let mut new: Vec<&str> = new.iter().map(String::as_str).collect();
        new.sort_unstable_by_key(|it| order.unwrap_or(orders[0])(it));
        let Some(order) = order.filter(|_| is_list && own.len() > 1) else {
            return Some(vec![self.editor.append_texts(list, &new)?]);
        };
        let space = self.space(list, own.first()?.1);
        let mut edits: Vec<Edit> = Vec::new();
        let mut last: Vec<&str> = Vec::new();
        for text in new {
            let Some(next) = own.iter().position(|it| order(it.0) > order(text)) else {
                last.push(text);
                continue;
            };
            let start = own[next].1.start;
            let written = format!("{},{space}", quoted(text));
            match edits.iter_mut().find(|it| it.span.start == start) {
                Some(edit) => edit.text.push_str(&written),
                None => edits.push(self.editor.replace(Span::new(start, start), written)),
            }
        }
        if !last.is_empty() {
            edits.push(self.editor.append_texts(list, &last)?);
        }
        Some(edits)
    }

    /// Takes out what is not kept, and puts what is kept of a wildcard in its place.
    fn keep_actions(&self, list: &ActionElement, actions: &[String]) -> Option<Vec<Edit>> {
        let mut left: Vec<&String> = actions.iter().collect();
        let value = self.editor.value_at(list.span)?;
        let is_list = value.kind() == crate::json::Kind::Array;
        // Names that stand there keep their place before wildcards take what is left.
        let mut own: Vec<Option<Vec<&String>>> = vec![None; list.patterns.len()];
        for (at, pattern) in list.patterns.iter().enumerate() {
            if !pattern.has_wildcard() {
                let folded = pattern.folded();
                let found = left.iter().position(|it| it.to_ascii_lowercase() == folded);
                own[at] = Some(found.map(|it| left.remove(it)).into_iter().collect());
            }
        }
        for (at, pattern) in list.patterns.iter().enumerate() {
            if own[at].is_none() {
                let matches = |it: &&String| pattern.matches(it, &it.to_ascii_lowercase());
                let (taken, others) = left.into_iter().partition(matches);
                own[at] = Some(taken);
                left = others;
            }
        }
        if list.negated || !left.is_empty() || actions.is_empty() {
            return None;
        }
        let layout = self.layout();
        if !is_list {
            let own = indentation(self.text, list.key_span.start as usize);
            let value = match actions {
                [one] => Value::from(one.as_str()),
                many => Value::from(many),
            };
            return Some(vec![
                self.editor.replace(list.span, layout.print(&value, own)),
            ]);
        }
        let mut edits = Vec::new();
        let mut removed = Vec::new();
        for (pattern, kept) in list.patterns.iter().zip(own.iter().flatten()) {
            match kept.as_slice() {
                [] => removed.push(pattern.span),
                [_] if !pattern.has_wildcard() => {}
                many => {
                    let space = self.space(list.span, list.patterns.first()?.span);
                    let many: Vec<String> = many.iter().map(|it| quoted(it)).collect();
                    let many = many.join(&format!(",{space}"));
                    edits.push(self.editor.replace(pattern.span, many));
                }
            }
        }
        if !removed.is_empty() {
            edits.extend(self.editor.remove_all(&removed)?);
        }
        edits.sort();
        Some(edits)
    }

    fn layout(&self) -> Layout {
        Layout::of(self.text, self.document.span)
    }

    /// The white space between the elements of a list.
    fn space(&self, list: Span, first: Span) -> String {
        let inside = self.text.get(list.start as usize + 1..first.start as usize);
        let inside = inside.filter(|it| it.contains('\n')).map(str::to_owned);
        inside.unwrap_or_else(|| self.layout().space().to_owned())
    }

    /// Puts statements into a list that has none.
    fn fill(&self, statements: &[Value]) -> Option<Edit> {
        let list = self.statements()?;
        let is_empty = list.elements().next().is_none();
        if list.kind() != crate::json::Kind::Array || !is_empty {
            return None;
        }
        let own = indentation(self.text, list.span().start as usize);
        let printed = self.layout().print(&Value::from(statements), own);
        Some(self.editor.replace(list.span(), printed))
    }

    fn insert(&self, after: Span, statements: &[Value]) -> Option<Edit> {
        let list = self.statements()?;
        let new = self.printed(after, statements);
        if list.kind() != crate::json::Kind::Array {
            let own = self.text.get(list.span().range())?;
            let space = self.layout().space();
            return Some(
                self.editor
                    .replace(list.span(), format!("[{own},{space}{new}]")),
            );
        }
        let space = self.space(list.span(), list.elements().next()?.span());
        let end = Span::new(after.end, after.end);
        Some(self.editor.replace(end, format!(",{space}{new}")))
    }

    /// Statements as they stand in place of one.
    fn listed(&self, span: Span, statements: &[Value]) -> Option<String> {
        let printed = self.printed(span, statements);
        let is_list = self.statements()?.kind() == crate::json::Kind::Array;
        Some(if is_list || statements.len() == 1 {
            printed
        } else {
            format!("[{printed}]")
        })
    }

    fn printed(&self, beside: Span, statements: &[Value]) -> String {
        let layout = self.layout();
        let own = indentation(self.text, beside.start as usize);
        let space = self.statements().and_then(|list| {
            let first = list.elements().next()?;
            Some(self.space(list.span(), first.span()))
        });
        let space = space.unwrap_or_else(|| layout.space().to_owned());
        let printed: Vec<String> = statements.iter().map(|it| layout.print(it, own)).collect();
        printed.join(&format!(",{space}"))
    }

    /// The value of `Statement`.
    fn statements(&self) -> Option<crate::json::Value<'_>> {
        let mut members = self.editor.root().members();
        members.find(|it| it.key == "Statement").map(|it| it.value)
    }
}
