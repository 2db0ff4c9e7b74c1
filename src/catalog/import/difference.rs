//! What a newer catalog adds, drops and changes.

use std::collections::BTreeSet;

use super::Catalog;
use crate::catalog::Service;

/// Names that one catalog has and the other has not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// In the new one only.
    pub added: Vec<String>,
    /// In the old one only.
    pub dropped: Vec<String>,
}

impl Changes {
    /// Returns whether nothing was added or dropped.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.dropped.is_empty()
    }
}

/// The difference between two catalogs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Service prefixes.
    pub services: Changes,
    /// `service:Action`.
    pub actions: Changes,
    /// `service:type`.
    pub resource_types: Changes,
    /// Condition keys that a service lists, as `service: key`.
    pub condition_keys: Changes,
    /// Actions in both with other levels, resource types, keys or dependent actions.
    pub changed_actions: Vec<String>,
}

impl Difference {
    /// Compares two catalogs.
    #[must_use]
    pub fn between(old: &Catalog, new: &Catalog) -> Self {
        let actions =
            |service: &Service| names(service, service.actions().iter().map(|it| &*it.name), ":");
        let types = |service: &Service| {
            names(
                service,
                service.resource_types().iter().map(|it| &*it.name),
                ":",
            )
        };
        let keys = |service: &Service| {
            names(
                service,
                service.condition_keys().iter().map(|it| &*it.name),
                ": ",
            )
        };
        let mut changed_actions = Vec::new();
        for service in new.services() {
            let Some(before) = old.service(service.prefix()) else {
                continue;
            };
            for action in service.actions() {
                if before
                    .action(&action.name)
                    .is_some_and(|before| before != action)
                {
                    changed_actions.push(format!("{}:{}", service.prefix(), action.name));
                }
            }
        }
        Self {
            services: changes(old, new, |service| vec![service.prefix().to_owned()]),
            actions: changes(old, new, actions),
            resource_types: changes(old, new, types),
            condition_keys: changes(old, new, keys),
            changed_actions,
        }
    }
}

fn names<'n>(service: &Service, names: impl Iterator<Item = &'n str>, by: &str) -> Vec<String> {
    names
        .map(|name| format!("{}{by}{name}", service.prefix()))
        .collect()
}

fn changes(old: &Catalog, new: &Catalog, names: impl Fn(&Service) -> Vec<String>) -> Changes {
    let old: BTreeSet<String> = old.services().flat_map(&names).collect();
    let new: BTreeSet<String> = new.services().flat_map(&names).collect();
    Changes {
        added: new.difference(&old).cloned().collect(),
        dropped: old.difference(&new).cloned().collect(),
    }
}
