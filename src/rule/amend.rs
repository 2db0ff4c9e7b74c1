//! Edits of a statement that several rules make.

use super::subject::Subject;
use crate::finding::Edit;
use crate::json::Value;
use crate::json::edit::{Editor, Position, quoted};
use crate::policy::{Condition, Statement};

impl Subject<'_> {
    /// Returns the edits that add a condition to a statement; none where the document cannot be
    /// edited or has a condition by this operator on this key.
    #[must_use]
    pub fn demand(
        &self,
        statement: &Statement,
        operator: &str,
        key: &str,
        values: &[&str],
    ) -> Vec<Edit> {
        let values: Vec<String> = values.iter().map(|it| quoted(it)).collect();
        let json = match values.as_slice() {
            [only] => only.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let add = || {
            let editor = self.editor()?;
            let member = format!("{}: {json}", quoted(key));
            let block = format!("{{ {member} }}");
            let own = editor.value_at(statement.span)?;
            let Some(conditions) = own.get("Condition") else {
                let json = format!("{{ {}: {block} }}", quoted(operator));
                return editor.insert_member(own.span(), Position::Last, "Condition", &json);
            };
            match conditions.get(operator) {
                None => editor.insert_member(conditions.span(), Position::Last, operator, &block),
                Some(keys) if has(keys, key) => None,
                Some(keys) => editor.insert_member(keys.span(), Position::Last, key, &json),
            }
        };
        add().into_iter().collect()
    }

    /// Returns the edits that put a condition under another operator.
    #[must_use]
    pub fn change_operator(
        &self,
        statement: &Statement,
        condition: &Condition,
        operator: &str,
    ) -> Vec<Edit> {
        let change = || {
            let editor = self.editor()?;
            let own = editor.value_at(statement.span)?;
            let conditions = own.get("Condition")?;
            let block = conditions.get(&condition.operator_text.text)?;
            let key = &*condition.key_text.text;
            let json = self.text.get(condition.values_span.range())?;
            let is_alone = block.members().count() == 1;
            match conditions.get(operator) {
                None if is_alone => Some(vec![
                    editor.replace_text(condition.operator_text.span, operator),
                ]),
                None => {
                    let block = format!("{{ {}: {json} }}", quoted(key));
                    let removed = editor.remove(condition.key_text.span)?;
                    let added = editor.insert_member(
                        conditions.span(),
                        Position::Last,
                        operator,
                        &block,
                    )?;
                    Some(vec![removed, added])
                }
                Some(other) if has(other, key) => None,
                Some(other) => {
                    let place = if is_alone {
                        condition.operator_text.span
                    } else {
                        condition.key_text.span
                    };
                    let removed = editor.remove(place)?;
                    let added = editor.insert_member(other.span(), Position::Last, key, json)?;
                    Some(vec![removed, added])
                }
            }
        };
        change().unwrap_or_default()
    }

    /// Returns the edit that adds actions to a statement's list.
    #[must_use]
    pub fn add_actions(&self, statement: &Statement, actions: &[&str]) -> Vec<Edit> {
        let quoted: Vec<String> = actions.iter().map(|it| quoted(it)).collect();
        let list = statement.action.span;
        let add = |it: Editor<'_>| it.append_element(list, &quoted.join(", "));
        self.editor().and_then(add).into_iter().collect()
    }

    /// Returns the edit that removes an element of a list or a member of an object; none where
    /// nothing would be left.
    #[must_use]
    pub fn remove(&self, span: crate::source::Span) -> Vec<Edit> {
        let edit = self.editor().and_then(|it| it.remove(span));
        edit.into_iter().collect()
    }
}

fn has(keys: Value<'_>, key: &str) -> bool {
    keys.members().any(|it| it.key.eq_ignore_ascii_case(key))
}
