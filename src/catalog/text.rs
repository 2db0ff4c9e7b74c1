//! The catalog's own format: lines that people review in a diff, the same in the checked-in data
//! and in the user's cache.
//!
//! A service:
//!
//! ```text
//! service eks Amazon Elastic Kubernetes Service
//! key eks:clusterAdmin Bool
//! type cluster
//!  arn arn:${Partition}:eks:${Region}:${Account}:cluster/${ClusterName}
//!  keys aws:ResourceTag/${TagKey}
//! action CreateNodegroup Write
//!  on cluster* nodegroup
//!  row cluster* eks:someKey
//!  keys aws:RequestTag/${TagKey} aws:TagKeys
//!  needs iam:PassRole
//! ```
//!
//! `on` lists the resource types whose own condition keys hold for the action, `row` one that has
//! other keys with the action. `*` marks a required type, `?` one of which the source does not say
//! whether it is required. A space inside a name is written `%20`. Writing what was read gives the
//! same bytes; there is one way to write each service.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Names;
use super::action::{AccessLevel, Action, ActionResource};
use super::condition_key::{ConditionKey, KeyType};
use super::head::Override;
use super::resource_type::ResourceType;
use super::service::{Parts, Service};

/// A line that is not in the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineError {
    /// From 1.
    pub(crate) line: usize,
    /// What is wrong, without the line.
    pub(crate) message: &'static str,
}

/// Reads a service and adds the facts of the overrides.
pub(crate) fn parse_service(text: &str, overrides: &[Override]) -> Result<Service, LineError> {
    let mut reader = Reader::default();
    let mut lines = (1..).zip(text.lines());
    let header = lines
        .next()
        .and_then(|(_, line)| line.strip_prefix("service "));
    let Some(header) = header else {
        return Err(LineError {
            line: 1,
            message: "a service starts with `service PREFIX NAME`",
        });
    };
    let (prefix, name) = header.split_once(' ').unwrap_or((header, header));
    for (line, content) in lines {
        reader
            .line(content)
            .map_err(|message| LineError { line, message })?;
    }
    reader.finish(prefix, overrides);
    Ok(Service::new(prefix, name, reader.parts))
}

#[derive(Default)]
struct Reader<'t> {
    parts: Parts,
    /// Equal lists share their memory: a service repeats few lists on many lines.
    lists: FxHashMap<&'t str, Names>,
    names: FxHashMap<&'t str, Arc<str>>,
    in_action: bool,
}

impl<'t> Reader<'t> {
    fn line(&mut self, line: &'t str) -> Result<(), &'static str> {
        if let Some(line) = line.strip_prefix(' ') {
            let (word, rest) = line
                .split_once(' ')
                .ok_or("a line has a word and its values")?;
            return if self.in_action {
                self.action_line(word, rest)
            } else {
                self.type_line(word, rest)
            };
        }
        let mut words = line.split(' ');
        match (words.next(), words.next()) {
            (Some("key"), Some(name)) => {
                let (key_type, multivalued) = KeyType::from_word(words.next().unwrap_or_default());
                let name = self.name(name);
                self.parts.condition_keys.push(ConditionKey {
                    name,
                    key_type,
                    multivalued,
                    presence: None,
                });
            }
            (Some("type"), Some(name)) => {
                self.in_action = false;
                let (name, empty) = (self.name(name), self.list(""));
                self.parts.resource_types.push(ResourceType {
                    name,
                    arn_templates: Arc::clone(&empty),
                    condition_keys: empty,
                });
            }
            (Some("action"), Some(name)) => {
                self.in_action = true;
                let mut permission_only = false;
                let mut levels = Vec::new();
                for word in words {
                    match AccessLevel::from_words(word) {
                        Some(level) => levels.push(level),
                        None if word == "permission-only" => permission_only = true,
                        None => return Err("an access level that the format does not have"),
                    }
                }
                let (name, empty) = (self.name(name), self.list(""));
                self.parts.actions.push(Action {
                    name,
                    access_levels: levels.into_iter().collect(),
                    permission_only,
                    resource_types: Vec::new(),
                    condition_keys: Arc::clone(&empty),
                    dependent_actions: empty,
                });
            }
            _ => return Err("expected `key`, `type` or `action` and a name"),
        }
        Ok(())
    }

    fn type_line(&mut self, word: &str, rest: &'t str) -> Result<(), &'static str> {
        let list = self.list(rest);
        let Some(resource_type) = self.parts.resource_types.last_mut() else {
            return Err("an indented line belongs to a `type` or an `action`");
        };
        match word {
            "arn" => resource_type.arn_templates = list,
            "keys" => resource_type.condition_keys = list,
            _ => return Err("a type has `arn` and `keys`"),
        }
        Ok(())
    }

    fn action_line(&mut self, word: &str, rest: &'t str) -> Result<(), &'static str> {
        let rows = match word {
            "on" => rest.split(' ').map(|name| self.row(name, None)).collect(),
            "row" => {
                let (name, keys) = rest.split_once(' ').ok_or("a row has a type and keys")?;
                vec![self.row(name, Some(keys))]
            }
            _ => Vec::new(),
        };
        let list = if rows.is_empty() {
            self.list(rest)
        } else {
            self.list("")
        };
        let Some(action) = self.parts.actions.last_mut() else {
            return Err("an indented line belongs to a `type` or an `action`");
        };
        match word {
            "on" | "row" => action.resource_types.extend(rows),
            "keys" => action.condition_keys = list,
            "needs" => action.dependent_actions = list,
            _ => return Err("an action has `on`, `row`, `keys` and `needs`"),
        }
        Ok(())
    }

    fn row(&mut self, marked: &'t str, keys: Option<&'t str>) -> ActionResource {
        let (name, required, required_known) = if let Some(name) = marked.strip_suffix('*') {
            (name, true, true)
        } else if let Some(name) = marked.strip_suffix('?') {
            (name, false, false)
        } else {
            (marked, false, true)
        };
        ActionResource {
            name: self.name(name),
            required,
            required_known,
            inherits_condition_keys: keys.is_none(),
            // Inherited keys are filled in at the end, when every type is known.
            condition_keys: self.list(keys.unwrap_or_default()),
            evidence: None,
        }
    }

    fn name(&mut self, word: &'t str) -> Arc<str> {
        let name = self
            .names
            .entry(word)
            .or_insert_with(|| decode(word).into());
        Arc::clone(name)
    }

    fn list(&mut self, line: &'t str) -> Names {
        if let Some(list) = self.lists.get(line) {
            return Arc::clone(list);
        }
        let words = line.split(' ').filter(|word| !word.is_empty());
        let list: Names = words.map(|word| self.name(word)).collect();
        self.lists.insert(line, Arc::clone(&list));
        list
    }

    fn finish(&mut self, prefix: &str, overrides: &[Override]) {
        for it in overrides
            .iter()
            .filter(|it| it.service.eq_ignore_ascii_case(prefix))
        {
            let mut actions = self.parts.actions.iter_mut();
            let action = actions.find(|action| action.name.eq_ignore_ascii_case(&it.action));
            // A newer reference may have dropped the action or learned the type.
            if let Some(action) = action
                && action.resource_type(&it.resource_type).is_none()
            {
                action.resource_types.push(ActionResource {
                    name: Arc::clone(&it.resource_type),
                    required: it.required,
                    required_known: true,
                    // The evidence is for the type, not for its keys with this action.
                    condition_keys: Arc::default(),
                    inherits_condition_keys: false,
                    evidence: Some(Arc::clone(&it.evidence)),
                });
            }
        }
        let types = self.parts.resource_types.iter();
        let keys_of: FxHashMap<String, Names> = types
            .map(|it| (it.name.to_ascii_lowercase(), Arc::clone(&it.condition_keys)))
            .collect();
        let rows = self
            .parts
            .actions
            .iter_mut()
            .flat_map(|action| &mut action.resource_types);
        for row in rows.filter(|row| row.inherits_condition_keys) {
            let keys = keys_of.get(&*row.name);
            let keys = keys.or_else(|| keys_of.get(&row.name.to_ascii_lowercase()));
            row.condition_keys = keys.cloned().unwrap_or_default();
        }
    }
}

/// Writes a service without the facts of overrides.
pub(crate) fn write_service(service: &Service) -> String {
    let mut out = format!("service {} {}\n", service.prefix(), service.name());
    for key in service.condition_keys() {
        let word = key.key_type.word(key.multivalued);
        line(&mut out, format_args!("key {} {word}", encode(&key.name)));
    }
    for resource_type in service.resource_types() {
        line(
            &mut out,
            format_args!("type {}", encode(&resource_type.name)),
        );
        list(&mut out, "arn", &resource_type.arn_templates);
        list(&mut out, "keys", &resource_type.condition_keys);
    }
    for action in service.actions() {
        let _ = write!(out, "action {}", action.name);
        for level in action.access_levels.iter() {
            let _ = write!(out, " {}", level.as_str().replace(' ', "-"));
        }
        out.push_str(if action.permission_only {
            " permission-only\n"
        } else {
            "\n"
        });
        let rows = || {
            action
                .resource_types
                .iter()
                .filter(|row| row.evidence.is_none())
        };
        let inheriting: Vec<String> = rows()
            .filter(|row| row.inherits_condition_keys)
            .map(marked)
            .collect();
        if !inheriting.is_empty() {
            line(&mut out, format_args!(" on {}", inheriting.join(" ")));
        }
        for row in rows().filter(|row| !row.inherits_condition_keys) {
            list(
                &mut out,
                &format!("row {}", marked(row)),
                &row.condition_keys,
            );
        }
        list(&mut out, "keys", &action.condition_keys);
        list(&mut out, "needs", &action.dependent_actions);
    }
    out
}

fn marked(row: &ActionResource) -> String {
    let mark = match (row.required_known, row.required) {
        (false, _) => "?",
        (true, true) => "*",
        (true, false) => "",
    };
    format!("{}{mark}", encode(&row.name))
}

fn line(out: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "{content}");
}

fn list(out: &mut String, word: &str, names: &Names) {
    if names.is_empty() {
        return;
    }
    let _ = write!(out, " {word}");
    for name in names.iter() {
        let _ = write!(out, " {}", encode(name));
    }
    out.push('\n');
}

fn encode(name: &str) -> Cow<'_, str> {
    if name.contains(char::is_whitespace) {
        Cow::Owned(name.split_whitespace().collect::<Vec<_>>().join("%20"))
    } else {
        Cow::Borrowed(name)
    }
}

fn decode(word: &str) -> Cow<'_, str> {
    if word.contains("%20") {
        Cow::Owned(word.replace("%20", " "))
    } else {
        Cow::Borrowed(word)
    }
}
