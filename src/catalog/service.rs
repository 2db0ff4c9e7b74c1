//! Services: everything AWS defines under one prefix, with lookups in any letter case.

use std::sync::Arc;

use super::action::Action;
use super::condition_key::ConditionKey;
use super::name_index::NameIndex;
use super::resource_type::ResourceType;
use crate::pattern;

/// One service, by its prefix in action names.
#[derive(Clone, Debug)]
pub struct Service {
    prefix: Arc<str>,
    name: Arc<str>,
    actions: Vec<Action>,
    resource_types: Vec<ResourceType>,
    condition_keys: Vec<ConditionKey>,
    action_index: NameIndex,
    resource_type_index: NameIndex,
    condition_key_index: NameIndex,
    /// Positions of the condition keys with holes.
    templates: Vec<u32>,
}

/// The parts of a service, in any order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    pub(crate) actions: Vec<Action>,
    pub(crate) resource_types: Vec<ResourceType>,
    pub(crate) condition_keys: Vec<ConditionKey>,
}

impl Service {
    /// Puts a service together, sorted by name, each name once.
    pub(crate) fn new(prefix: &str, name: &str, parts: Parts) -> Self {
        let Parts {
            mut actions,
            mut resource_types,
            mut condition_keys,
        } = parts;
        for action in &mut actions {
            sort_by_name(&mut action.resource_types, |row| &row.name);
        }
        sort_by_name(&mut actions, |action| &action.name);
        sort_by_name(&mut resource_types, |it| &it.name);
        sort_by_name(&mut condition_keys, |key| &key.name);
        Self {
            prefix: prefix.into(),
            name: name.into(),
            action_index: NameIndex::new(actions.iter().map(|it| &*it.name)),
            resource_type_index: NameIndex::new(resource_types.iter().map(|it| &*it.name)),
            condition_key_index: NameIndex::new(condition_keys.iter().map(|it| &*it.name)),
            templates: (0..)
                .zip(&condition_keys)
                .filter(|(_, key)| key.is_template())
                .map(|(at, _)| at)
                .collect(),
            actions,
            resource_types,
            condition_keys,
        }
    }

    /// Returns the prefix: `ec2`.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns AWS's name: `Amazon EC2`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the actions, by name.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// Returns the action with this name.
    #[must_use]
    pub fn action(&self, name: &str) -> Option<&Action> {
        let at = self.action_index.find(name, |at| &self.actions[at].name)?;
        self.actions.get(at)
    }

    /// Returns the actions whose names match a pattern with `*` and `?`, by name.
    pub fn actions_matching<'s>(&'s self, pattern: &str) -> impl Iterator<Item = &'s Action> {
        // What starts alike stands together.
        let start = pattern.split(['*', '?']).next().unwrap_or_default();
        let first = self
            .actions
            .partition_point(|it| folded(&it.name).lt(folded(start)));
        let starts = move |it: &&Action| {
            let own = it.name.as_bytes().get(..start.len());
            own.is_some_and(|own| own.eq_ignore_ascii_case(start.as_bytes()))
        };
        self.actions[first..]
            .iter()
            .take_while(starts)
            .filter(move |it| pattern::matches_in_any_case(pattern, &it.name))
    }

    /// Returns the resource types, by name.
    #[must_use]
    pub fn resource_types(&self) -> &[ResourceType] {
        &self.resource_types
    }

    /// Returns the resource type with this name.
    #[must_use]
    pub fn resource_type(&self, name: &str) -> Option<&ResourceType> {
        let at = self
            .resource_type_index
            .find(name, |at| &self.resource_types[at].name)?;
        self.resource_types.get(at)
    }

    /// Returns the condition keys that the service's actions and types use, also global ones.
    #[must_use]
    pub fn condition_keys(&self) -> &[ConditionKey] {
        &self.condition_keys
    }

    /// Returns the condition key that this names, exactly or by a template.
    #[must_use]
    pub fn condition_key(&self, key: &str) -> Option<&ConditionKey> {
        let exact = self
            .condition_key_index
            .find(key, |at| &self.condition_keys[at].name);
        if let Some(at) = exact {
            return self.condition_keys.get(at);
        }
        let mut templates = self
            .templates
            .iter()
            .map(|at| &self.condition_keys[*at as usize]);
        templates.find(|it| it.matches(key))
    }
}

fn sort_by_name<T>(items: &mut Vec<T>, name: impl Fn(&T) -> &str) {
    items.sort_by(|a, b| folded(name(a)).cmp(folded(name(b))));
    items.dedup_by(|a, b| name(a).eq_ignore_ascii_case(name(b)));
}

fn folded(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().map(|byte| byte.to_ascii_lowercase())
}
