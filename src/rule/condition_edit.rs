//! Edits of conditions: to another operator, out of the statement, into it.

use super::subject::Subject;
use crate::finding::Edit;
use crate::json::Value;
use crate::json::edit::{Editor, Position, quoted};
use crate::policy::{Condition, Statement};
use crate::source::Span;

impl Subject<'_> {
    /// Returns the edits that put a condition under another operator, with other values where
    /// given (as JSON). `None` where the document cannot be edited, or the operator has the key
    /// already.
    #[must_use]
    pub fn move_condition(
        &self,
        statement: &Statement,
        condition: &Condition,
        operator: &str,
        values: Option<&str>,
    ) -> Option<Vec<Edit>> {
        let editor = self.editor()?;
        let target = block(statement, operator);
        let is_there =
            |it: &Condition| &*it.operator_text.text == operator && it.key == condition.key;
        if statement.conditions.iter().any(is_there) {
            return None;
        }
        let is_alone = is_alone(statement, condition);
        if is_alone && target.is_none() {
            let mut edits = vec![editor.replace_text(condition.operator_text.span, operator)];
            edits.extend(values.map(|json| editor.replace(condition.values_span, json)));
            return Some(edits);
        }
        let own = self.text.get(condition.values_span.range())?;
        let json = values.unwrap_or(own);
        let removed = if is_alone {
            condition.operator_text.span
        } else {
            condition.key_text.span
        };
        Some(vec![
            editor.remove(removed)?,
            insert(&editor, statement, operator, &condition.key_text.text, json)?,
        ])
    }

    /// Returns the edits that give an operator, with every key under it, another name. `None` where
    /// the document cannot be edited, or another operator of the statement has the name.
    #[must_use]
    pub fn rename_operator(
        &self,
        statement: &Statement,
        condition: &Condition,
        operator: &str,
    ) -> Option<Vec<Edit>> {
        if block(statement, operator).is_some() {
            return None;
        }
        let edit = self
            .editor()?
            .replace_text(condition.operator_text.span, operator);
        Some(vec![edit])
    }

    /// Returns the edits that give a key another name under its operator. `None` where the document
    /// cannot be edited, or the operator has that key already.
    #[must_use]
    pub fn rename_key(
        &self,
        statement: &Statement,
        condition: &Condition,
        key: &str,
    ) -> Option<Vec<Edit>> {
        let own = condition.operator_text.span;
        let is_there =
            |it: &Condition| it.operator_text.span == own && it.key.eq_ignore_ascii_case(key);
        if statement.conditions.iter().any(is_there) {
            return None;
        }
        let edit = self.editor()?.replace_text(condition.key_text.span, key);
        Some(vec![edit])
    }

    /// Returns the edits that add a condition; `json` is its value. `None` where the document
    /// cannot be edited, or the operator has the key already.
    #[must_use]
    pub fn add_condition(
        &self,
        statement: &Statement,
        operator: &str,
        key: &str,
        json: &str,
    ) -> Option<Vec<Edit>> {
        let is_there = |it: &Condition| {
            &*it.operator_text.text == operator && it.key.eq_ignore_ascii_case(key)
        };
        if statement.conditions.iter().any(is_there) {
            return None;
        }
        insert(&self.editor()?, statement, operator, key, json).map(|it| vec![it])
    }

    /// Returns the edits that take a condition out, with its operator or the whole `Condition`
    /// where nothing else is in them.
    #[must_use]
    pub fn remove_condition(
        &self,
        statement: &Statement,
        condition: &Condition,
    ) -> Option<Vec<Edit>> {
        let editor = self.editor()?;
        let span = if statement.conditions.len() == 1 {
            let object = editor.value_at(statement.span)?;
            let mut members = object.members();
            members.find(|it| it.key == "Condition")?.key_span
        } else if is_alone(statement, condition) {
            condition.operator_text.span
        } else {
            condition.key_text.span
        };
        editor.remove(span).map(|it| vec![it])
    }

    /// Returns the edits that take values out of a condition's list; `None` where none would be
    /// left.
    #[must_use]
    pub fn remove_values(&self, condition: &Condition, spans: &[Span]) -> Option<Vec<Edit>> {
        if spans.len() >= condition.values.len() {
            return None;
        }
        self.editor()?.remove_all(spans)
    }
}

/// Returns whether the condition's key is the only one under its operator.
fn is_alone(statement: &Statement, condition: &Condition) -> bool {
    let own = condition.operator_text.span;
    let same = statement.conditions.iter();
    same.filter(|it| it.operator_text.span == own).count() == 1
}

/// Returns the place of an operator's name in the statement.
fn block(statement: &Statement, operator: &str) -> Option<Span> {
    let mut conditions = statement.conditions.iter();
    conditions
        .find(|it| &*it.operator_text.text == operator)
        .map(|it| it.operator_text.span)
}

fn insert(
    editor: &Editor<'_>,
    statement: &Statement,
    operator: &str,
    key: &str,
    json: &str,
) -> Option<Edit> {
    let object = editor.value_at(statement.span)?;
    let condition = object.members().find(|it| it.key == "Condition");
    let Some(condition) = condition else {
        let own = format!("{{ {}: {{ {}: {json} }} }}", quoted(operator), quoted(key));
        return editor.insert_member(statement.span, Position::Last, "Condition", &own);
    };
    let condition: Value<'_> = condition.value;
    if let Some(block) = condition.members().find(|it| it.key == operator) {
        return editor.insert_member(block.value.span(), Position::Last, key, json);
    }
    let own = format!("{{ {}: {json} }}", quoted(key));
    editor.insert_member(condition.span(), Position::Last, operator, &own)
}
