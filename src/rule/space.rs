//! White space between the values of a document.

use crate::finding::Edit;
use crate::source::Span;

/// Returns the edits that remove all white space between the values of the document at `span`, and
/// how many bytes that saves.
#[must_use]
pub fn removed_space(text: &str, span: Span) -> (Vec<Edit>, usize) {
    let (mut edits, mut saved) = (Vec::new(), 0);
    let own = text.as_bytes().get(span.range()).unwrap_or_default();
    let (mut in_string, mut is_escaped) = (false, false);
    let mut start = None;
    for (at, byte) in (span.start..).zip(own) {
        if !in_string && byte.is_ascii_whitespace() {
            start.get_or_insert(at);
            continue;
        }
        if let Some(start) = start.take() {
            saved += (at - start) as usize;
            let span = Span::new(start, at);
            edits.push(Edit {
                span,
                text: String::new(),
            });
        }
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_string,
            b'"' => in_string = !in_string,
            _ => {}
        }
    }
    (edits, saved)
}

#[cfg(test)]
mod tests {
    use super::removed_space;
    use crate::json::{edit, index};
    use crate::source::Span;

    #[test]
    fn keeps_what_is_in_texts() {
        let text = "{ \"a b\" : [ \"c \\\" d\",\n 1 ]\t}";
        let (edits, saved) = removed_space(text, Span::new(0, index(text.len())));
        let (left, _) = edit::apply(text, &edits);
        assert_eq!(left, "{\"a b\":[\"c \\\" d\",1]}");
        assert_eq!(saved, text.len() - left.len());
    }
}
