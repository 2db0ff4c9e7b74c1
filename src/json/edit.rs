//! Edits of JSON text by the places of its values: what is around them stays byte for byte.
//!
//! Nothing is printed anew. An element is removed together with one comma, a member is inserted
//! with the white space that its neighbours have.

use super::{Kind, Member, Value, index};
use crate::finding::Edit;
use crate::source::Span;

/// Makes edits for one document that stands in a text as it is.
#[derive(Clone, Copy, Debug)]
pub struct Editor<'t> {
    text: &'t str,
    root: Value<'t>,
}

/// Where a new member of an object goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Before all others.
    First,
    /// After all others.
    Last,
}

/// A value among its neighbours.
struct Place<'t> {
    container: Value<'t>,
    /// The elements, or the members with their keys.
    siblings: Vec<Span>,
    at: usize,
}

impl<'t> Editor<'t> {
    /// Returns an editor; the spans of `root` point into `text`.
    #[must_use]
    pub const fn new(text: &'t str, root: Value<'t>) -> Self {
        Self { text, root }
    }

    /// Returns the document.
    #[must_use]
    pub const fn root(&self) -> Value<'t> {
        self.root
    }

    /// Replaces a value by another text in quotes.
    #[must_use]
    pub fn replace_text(&self, span: Span, text: &str) -> Edit {
        self.replace(span, quoted(text))
    }

    /// Replaces a value by JSON text.
    #[must_use]
    pub fn replace(&self, span: Span, json: impl Into<String>) -> Edit {
        Edit {
            span,
            text: json.into(),
        }
    }

    /// Removes an element of a list, or a member of an object, named by the place of the element
    /// or of the key. `None` when it is no such thing, or the last one of a list: an empty list is
    /// hardly ever what is wanted.
    #[must_use]
    pub fn remove(&self, span: Span) -> Option<Edit> {
        let place = self.place(span)?;
        if place.siblings.len() == 1 && place.container.kind() == Kind::Array {
            return None;
        }
        let own = place.siblings[place.at];
        let whole = match (place.siblings.get(place.at + 1), place.at.checked_sub(1)) {
            (Some(next), _) => Span::new(own.start, next.start),
            (None, Some(before)) => Span::new(place.siblings[before].end, own.end),
            (None, None) => {
                let inside = place.container.span();
                Span::new(inside.start + 1, inside.end - 1)
            }
        };
        Some(self.replace(whole, ""))
    }

    /// Removes several elements or members; `None` when one of them cannot be removed or nothing
    /// of a list would be left.
    #[must_use]
    pub fn remove_all(&self, spans: &[Span]) -> Option<Vec<Edit>> {
        let mut edits = Vec::with_capacity(spans.len());
        for span in spans {
            let place = self.place(*span)?;
            let is_removed = |it: &Span| spans.iter().any(|removed| contains(*it, *removed));
            let mut left = place.siblings.iter().filter(|it| !is_removed(it));
            // The first of those that stay keeps its place; the others go with the comma before
            // them.
            let first = *left.next()?;
            let own = place.siblings[place.at];
            let whole = if own.start < first.start {
                let next = place.siblings.get(place.at + 1)?;
                Span::new(own.start, next.start)
            } else {
                let before = place.siblings.get(place.at.checked_sub(1)?)?;
                Span::new(before.end, own.end)
            };
            edits.push(self.replace(whole, ""));
        }
        edits.sort();
        Some(edits)
    }

    /// Adds a member to the object that stands at `object`.
    #[must_use]
    pub fn insert_member(
        &self,
        object: Span,
        position: Position,
        key: &str,
        json: &str,
    ) -> Option<Edit> {
        let object = self.value_at(object).filter(|it| it.is_object())?;
        let member = format!("{}: {json}", quoted(key));
        let spans: Vec<Span> = object
            .members()
            .map(|it| it.key_span.to(it.value.span()))
            .collect();
        Some(self.insert(object, &spans, position, &member))
    }

    /// Adds an element at the end of the list at `list`, or makes one of the value there.
    #[must_use]
    pub fn append_element(&self, list: Span, json: &str) -> Option<Edit> {
        let value = self.value_at(list)?;
        if value.kind() != Kind::Array {
            let own = self.text.get(list.range())?;
            return Some(self.replace(list, format!("[{own}, {json}]")));
        }
        let spans: Vec<Span> = value.elements().map(Value::span).collect();
        Some(self.insert(value, &spans, Position::Last, json))
    }

    /// Adds texts at the end of the list at `list`, or makes one of the value there.
    #[must_use]
    pub fn append_texts(&self, list: Span, texts: &[&str]) -> Option<Edit> {
        let value = self.value_at(list)?;
        let mut space = " ";
        if value.kind() == Kind::Array {
            let first = value.elements().next().map(Value::span);
            let before = first.and_then(|it| {
                let start = value.span().start as usize + 1;
                self.text.get(start..it.start as usize)
            });
            space = before.filter(|it| it.contains('\n')).unwrap_or(" ");
        }
        let texts: Vec<String> = texts.iter().map(|it| quoted(it)).collect();
        self.append_element(list, &texts.join(&format!(",{space}")))
    }

    /// Replaces a text by one or several, which makes a list of a text that stands alone.
    #[must_use]
    pub fn replace_by_texts(&self, span: Span, texts: &[&str]) -> Option<Edit> {
        let (mut value, mut is_element) = (self.root, false);
        while value.span() != span {
            is_element = value.kind() == Kind::Array;
            value = children(value).find(|it| contains(it.span(), span))?;
        }
        let quoted_texts: Vec<String> = texts.iter().map(|it| quoted(it)).collect();
        let joined = quoted_texts.join(", ");
        let is_list = !is_element && texts.len() > 1;
        Some(self.replace(
            span,
            if is_list {
                format!("[{joined}]")
            } else {
                joined
            },
        ))
    }

    fn insert(&self, container: Value<'_>, spans: &[Span], position: Position, new: &str) -> Edit {
        let start = container.span().start + 1;
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
            let inside = Span::new(start, container.span().end - 1);
            let space = if container.is_object() { " " } else { "" };
            return self.replace(inside, format!("{space}{new}{space}"));
        };
        let before = self.text.get(start as usize..first.start as usize);
        let space = before.filter(|it| it.contains('\n')).unwrap_or(" ");
        match position {
            Position::First => self.replace(
                Span::new(first.start, first.start),
                format!("{new},{space}"),
            ),
            Position::Last => self.replace(Span::new(last.end, last.end), format!(",{space}{new}")),
        }
    }

    /// Returns the value that stands exactly here.
    #[must_use]
    pub fn value_at(&self, span: Span) -> Option<Value<'t>> {
        let mut value = self.root;
        while value.span() != span {
            value = children(value).find(|it| contains(it.span(), span))?;
        }
        Some(value)
    }

    /// Returns the member whose key stands exactly here.
    #[must_use]
    pub fn member_at(&self, key: Span) -> Option<Member<'t>> {
        let mut value = self.root;
        loop {
            if let Some(member) = value.members().find(|it| it.key_span == key) {
                return Some(member);
            }
            value = children(value).find(|it| contains(it.span(), key))?;
        }
    }

    /// Returns the innermost member whose value holds this place.
    #[must_use]
    pub fn member_around(&self, span: Span) -> Option<Member<'t>> {
        let mut value = self.root;
        let mut found = None;
        loop {
            let inside = value.members().find(|it| contains(it.value.span(), span));
            let next = inside.map(|it| it.value).or_else(|| {
                let mut elements = value.elements();
                elements.find(|it| contains(it.span(), span))
            });
            found = inside.or(found);
            match next {
                Some(next) if next.span() != span => value = next,
                _ => return found,
            }
        }
    }

    fn place(&self, span: Span) -> Option<Place<'t>> {
        let mut container = self.root;
        loop {
            let siblings: Vec<Span> = match container.kind() {
                Kind::Object => container
                    .members()
                    .map(|it| it.key_span.to(it.value.span()))
                    .collect(),
                _ => container.elements().map(Value::span).collect(),
            };
            let at = siblings.iter().position(|it| contains(*it, span))?;
            let is_key = || container.members().any(|it| it.key_span == span);
            if siblings[at] == span || is_key() {
                return Some(Place {
                    container,
                    siblings,
                    at,
                });
            }
            container = children(container).find(|it| contains(it.span(), span))?;
        }
    }
}

fn children<'t>(value: Value<'t>) -> Box<dyn Iterator<Item = Value<'t>> + 't> {
    match value.kind() {
        Kind::Object => Box::new(value.members().map(|it| it.value)),
        _ => Box::new(value.elements()),
    }
}

const fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Returns a text, or a list of several, as JSON writes it.
#[must_use]
pub fn texts(texts: &[&str]) -> String {
    match texts {
        [only] => quoted(only),
        _ => {
            let texts: Vec<String> = texts.iter().map(|it| quoted(it)).collect();
            format!("[{}]", texts.join(", "))
        }
    }
}

/// Returns an object as JSON writes it, on one line; the values are JSON.
#[must_use]
pub fn object(members: &[(&str, String)]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(key, value)| format!("{}: {value}", quoted(key)))
        .collect();
    format!("{{ {} }}", members.join(", "))
}

/// Returns a text as JSON writes it.
#[must_use]
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Applies edits to a text. Of two that overlap, or insert at the same place, the later one is
/// left out; the second number is how many were applied.
#[must_use]
pub fn apply(text: &str, edits: &[Edit]) -> (String, usize) {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut out = String::with_capacity(text.len());
    let (mut from, mut applied) = (0_u32, 0);
    let mut last_insertion = None;
    for edit in sorted {
        let is_insertion = edit.span.start == edit.span.end;
        if edit.span.start < from || is_insertion && last_insertion == Some(edit.span.start) {
            continue;
        }
        let Some(between) = text.get(from as usize..edit.span.start as usize) else {
            continue;
        };
        if text.get(edit.span.range()).is_none() {
            continue;
        }
        out.push_str(between);
        out.push_str(&edit.text);
        last_insertion = is_insertion.then_some(edit.span.start);
        from = edit.span.end;
        applied += 1;
    }
    out.push_str(text.get(from as usize..).unwrap_or_default());
    debug_assert!(index(out.len()) < u32::MAX);
    (out, applied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[track_caller]
    fn edited(text: &str, edit: impl Fn(&Editor<'_>) -> Option<Vec<Edit>>) -> String {
        let parsed = json::parse(text).unwrap();
        let editor = Editor::new(text, parsed.tree.root());
        apply(text, &edit(&editor).unwrap()).0
    }

    fn span(text: &str, part: &str) -> Span {
        let at = text.find(part).unwrap();
        Span::new(index(at), index(at + part.len()))
    }

    #[test]
    fn removes_elements_with_one_comma() {
        let text = "{\"a\": [1, 2,\n 3]}";
        let without =
            |part: &str| edited(text, |it| it.remove(span(text, part)).map(|it| vec![it]));
        assert_eq!(without("1"), "{\"a\": [2,\n 3]}");
        assert_eq!(without("2"), "{\"a\": [1, 3]}");
        assert_eq!(without("3"), "{\"a\": [1, 2]}");
        assert_eq!(without("\"a\""), "{}");
        let both =
            |a: &str, b: &str| edited(text, |it| it.remove_all(&[span(text, a), span(text, b)]));
        assert_eq!(both("1", "2"), "{\"a\": [3]}");
        assert_eq!(both("1", "3"), "{\"a\": [2]}");
        assert_eq!(both("2", "3"), "{\"a\": [1]}");
    }

    #[test]
    fn inserts_with_the_white_space_of_neighbours() {
        let text = "{\n  \"a\": [],\n  \"b\": {}\n}";
        let root = span(text, text);
        let first = |it: &Editor<'_>| it.insert_member(root, Position::First, "n", "1");
        let last = |it: &Editor<'_>| it.insert_member(root, Position::Last, "n", "1");
        assert_eq!(
            edited(text, |it| first(it).map(|it| vec![it])),
            "{\n  \"n\": 1,\n  \"a\": [],\n  \"b\": {}\n}"
        );
        assert_eq!(
            edited(text, |it| last(it).map(|it| vec![it])),
            "{\n  \"a\": [],\n  \"b\": {},\n  \"n\": 1\n}"
        );
        let list = span(text, "[]");
        assert_eq!(
            edited(text, |it| it.append_element(list, "7").map(|it| vec![it])),
            "{\n  \"a\": [7],\n  \"b\": {}\n}"
        );
    }

    #[test]
    fn puts_several_texts_in_place_of_one() {
        let text = "{\"a\": \"x\", \"b\": [\n \"y\"]}";
        let by = |it: &Editor<'_>, part: &str| it.replace_by_texts(span(text, part), &["1", "2"]);
        assert_eq!(
            edited(text, |it| by(it, "\"x\"").map(|it| vec![it])),
            "{\"a\": [\"1\", \"2\"], \"b\": [\n \"y\"]}"
        );
        assert_eq!(
            edited(text, |it| by(it, "\"y\"").map(|it| vec![it])),
            "{\"a\": \"x\", \"b\": [\n \"1\", \"2\"]}"
        );
        let more = |it: &Editor<'_>, part: &str| it.append_texts(span(text, part), &["1", "2"]);
        assert_eq!(
            edited(text, |it| more(it, "\"x\"").map(|it| vec![it])),
            "{\"a\": [\"x\", \"1\", \"2\"], \"b\": [\n \"y\"]}"
        );
        assert_eq!(
            edited(text, |it| more(it, "[\n \"y\"]").map(|it| vec![it])),
            "{\"a\": \"x\", \"b\": [\n \"y\",\n \"1\",\n \"2\"]}"
        );
    }

    #[test]
    fn leaves_out_edits_that_overlap() {
        let edit = |start, end, text: &str| Edit {
            span: Span::new(start, end),
            text: text.into(),
        };
        let (text, applied) = apply(
            "abcdef",
            &[edit(1, 3, "X"), edit(2, 4, "Y"), edit(5, 5, "-")],
        );
        assert_eq!((text.as_str(), applied), ("aXde-f", 2));
    }
}
