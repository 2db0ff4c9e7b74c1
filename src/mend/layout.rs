//! Prints statements the way the text around them is laid out.
//!
//! Only new text is printed: what stands in a policy already is never laid out anew.

use serde_json::Value;

use crate::generate::elements;
use crate::source::Span;

/// How a text is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// One step of indentation; none: everything stands on one line.
    unit: Option<String>,
    /// What stands between the values of one line, and between a key and its value.
    space: &'static str,
    /// What ends a line.
    line_break: &'static str,
}

impl Layout {
    /// Returns the layout of the document that stands here in a text.
    pub(super) fn of(text: &str, document: Span) -> Self {
        let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let base = indentation(text, document.start as usize);
        let body = text.get(document.range()).unwrap_or_default();
        let is_tight = !body.contains(char::is_whitespace);
        let mut lines = body.lines().skip(1).filter(|it| !it.trim().is_empty());
        let unit = lines.find_map(|line| {
            let own = &line[..line.len() - line.trim_start().len()];
            own.strip_prefix(base).filter(|it| !it.is_empty())
        });
        Self {
            space: if is_tight { "" } else { " " },
            unit: body.contains('\n').then(|| unit.unwrap_or("  ").to_owned()),
            line_break,
        }
    }

    /// Returns what stands between the statements of a list that has none, or one, to go by.
    pub(super) const fn space(&self) -> &'static str {
        self.space
    }

    /// Returns a value as it is written on a line with this indentation.
    pub(super) fn print(&self, value: &Value, indentation: &str) -> String {
        let mut out = String::new();
        self.write(value, indentation, &mut out);
        out
    }

    fn write(&self, value: &Value, indentation: &str, out: &mut String) {
        let members: Vec<(Option<&str>, &Value)> = match value {
            Value::Object(_) => {
                let elements = elements(value).into_iter();
                elements.map(|(key, it)| (Some(key), it)).collect()
            }
            Value::Array(list) => list.iter().map(|it| (None, it)).collect(),
            _ => Vec::new(),
        };
        if members.is_empty() {
            out.push_str(&value.to_string());
            return;
        }
        let is_object = value.is_object();
        let inner = format!("{indentation}{}", self.unit.as_deref().unwrap_or_default());
        out.push(if is_object { '{' } else { '[' });
        for (at, (key, value)) in members.into_iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            match &self.unit {
                Some(_) => {
                    out.push_str(self.line_break);
                    out.push_str(&inner);
                }
                None if at > 0 => out.push_str(self.space),
                None => {}
            }
            if let Some(key) = key {
                out.push_str(&Value::from(key).to_string());
                out.push(':');
                out.push_str(self.space);
            }
            self.write(value, &inner, out);
        }
        if self.unit.is_some() {
            out.push_str(self.line_break);
            out.push_str(indentation);
        }
        out.push(if is_object { '}' } else { ']' });
    }
}

/// Returns the white space with which the line of a byte begins.
pub(super) fn indentation(text: &str, at: usize) -> &str {
    let start = text
        .get(..at)
        .and_then(|it| it.rfind('\n'))
        .map_or(0, |it| it + 1);
    let line = text.get(start..at).unwrap_or_default();
    &line[..line.len() - line.trim_start().len()]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn statements_look_like_their_neighbours() {
        let statement = json!({"Action": ["a:B", "a:C"], "Effect": "Allow"});
        let print = |text: &str| {
            let end = u32::try_from(text.len()).unwrap();
            Layout::of(text, Span::new(0, end)).print(&statement, "\t")
        };
        assert_eq!(
            print("{\n\t\"Statement\": []\n}"),
            "{\n\t\t\"Effect\": \"Allow\",\n\t\t\"Action\": [\n\t\t\t\"a:B\",\n\t\t\t\"a:C\"\n\t\t]\n\t}"
        );
        assert_eq!(
            print("{\"Statement\": []}"),
            "{\"Effect\": \"Allow\", \"Action\": [\"a:B\", \"a:C\"]}"
        );
        assert_eq!(
            print("{}"),
            "{\"Effect\":\"Allow\",\"Action\":[\"a:B\",\"a:C\"]}"
        );
        assert!(print("{\r\n    \"Statement\": []\r\n}").contains("{\r\n\t    \"Effect\""));
    }
}
