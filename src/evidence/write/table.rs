//! Puts tables into the text of a profile, leaving what is there as it is.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use crate::evidence::name::{escaped, unique};

/// Returns a list of texts.
pub(in crate::evidence) fn list<'t>(texts: impl Iterator<Item = &'t str>) -> Item {
    Item::Value(Value::Array(texts.collect::<Array>()))
}

/// Returns a list of texts, each in a line of its own.
pub(super) fn lines<'t>(texts: impl Iterator<Item = &'t str>) -> Item {
    let mut array: Array = texts.collect();
    for item in array.iter_mut() {
        item.decor_mut().set_prefix("\n  ");
    }
    array.set_trailing("\n");
    array.set_trailing_comma(true);
    Item::Value(Value::Array(array))
}

/// Returns a table in one line.
pub(in crate::evidence) fn inline<'t>(entries: impl Iterator<Item = (&'t str, &'t str)>) -> Item {
    let table: InlineTable = entries
        .map(|(key, text)| (toml_edit::Key::new(key), Value::from(text)))
        .collect();
    Item::Value(Value::InlineTable(table))
}

/// Adds `[section.name]`.
pub(super) fn insert_named(document: &mut DocumentMut, section: &str, name: &str, table: Table) {
    let root = document.as_table_mut();
    let home = root.entry(section).or_insert_with(|| {
        let mut home = Table::new();
        home.set_implicit(true);
        Item::Table(home)
    });
    match home {
        Item::Table(home) => {
            home.insert(name, Item::Table(table));
        }
        other => {
            if let Some(home) = other.as_table_like_mut() {
                home.insert(
                    name,
                    Item::Value(Value::InlineTable(table.into_inline_table())),
                );
            }
        }
    }
}

/// Adds a variable.
pub(in crate::evidence) fn add_variable(
    document: &mut DocumentMut,
    name: &str,
    kind: &str,
    default: Option<&str>,
    description: &str,
) {
    let mut table = Table::new();
    table.insert("type", value(kind));
    if let Some(default) = default {
        table.insert("default", value(default));
    }
    table.insert("description", value(description));
    insert_named(document, "variables", name, table);
}

/// What an object is.
pub(in crate::evidence) struct NewObject<'o> {
    pub(in crate::evidence) resource_type: &'o str,
    pub(in crate::evidence) arn: &'o str,
    pub(in crate::evidence) owner: Option<&'o str>,
    pub(in crate::evidence) tags: &'o [(String, String)],
    pub(in crate::evidence) account: Option<&'o str>,
}

/// Adds an object.
pub(in crate::evidence) fn add_object(
    document: &mut DocumentMut,
    name: &str,
    object: &NewObject<'_>,
) {
    let mut table = Table::new();
    table.insert("type", value(object.resource_type));
    table.insert("arn", value(object.arn));
    if let Some(owner) = object.owner {
        table.insert("owner", value(owner));
    }
    if !object.tags.is_empty() {
        let tags: Vec<_> = object
            .tags
            .iter()
            .map(|(key, value)| (escaped(key), escaped(value)))
            .collect();
        let tags = tags.iter().map(|(key, it)| (key.as_str(), it.as_str()));
        table.insert("tags", inline(tags));
    }
    if let Some(account) = object.account {
        table.insert("account", value(account));
    }
    insert_named(document, "objects", name, table);
}

/// Adds a phase behind the others.
pub(in crate::evidence) fn add_phase(document: &mut DocumentMut, name: &str, title: &str) {
    let mut table = Table::new();
    table.insert("name", value(name));
    table.insert("title", value(title));
    push(document, "phases", table);
}

/// Adds a requirement behind the others.
pub(in crate::evidence) fn add_requirement(document: &mut DocumentMut, table: Table) {
    push(document, "requirements", table);
}

fn push(document: &mut DocumentMut, section: &str, table: Table) {
    let root = document.as_table_mut();
    let home = root
        .entry(section)
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    match home {
        Item::ArrayOfTables(home) => home.push(table),
        other => {
            if let Some(home) = other.as_array_mut() {
                home.push(Value::InlineTable(table.into_inline_table()));
            }
        }
    }
}

/// Adds what a requirement rests on, and returns the short name for it.
pub(in crate::evidence) fn add_evidence(
    document: &mut DocumentMut,
    wanted: &str,
    text: &str,
) -> String {
    let root = document.as_table_mut();
    let home = root
        .entry("evidence")
        .or_insert_with(|| Item::Table(Table::new()));
    let Some(home) = home.as_table_like_mut() else {
        return wanted.to_owned();
    };
    let same = home.iter().find(|(_, it)| it.as_str() == Some(text));
    if let Some((name, _)) = same {
        return name.to_owned();
    }
    let name = unique(wanted, |it| home.contains_key(it));
    home.insert(&name, value(text));
    name
}
