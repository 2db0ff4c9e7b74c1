//! Which condition keys the catalog lists for an action, and so which a request of it can have (C36).

use std::sync::Arc;

use super::derive::{Known, resource_row};
use super::{Action, Caller, OpenKeys, Principal};
use crate::catalog::{self, Catalog};
use crate::switch::on;

/// What AWS lists for the action and the resource's type.
#[derive(Debug)]
pub(super) struct Listed<'c> {
    service: &'c str,
    /// As AWS writes them.
    keys: Vec<&'c Arc<str>>,
    /// Without the `${…}` hole and what follows: what is left ends in `/` or the like.
    prefixes: Vec<&'c str>,
    /// Whether the catalog knows the action; else any key of its service may apply.
    known: bool,
    pub(super) resource_type: Option<&'c str>,
}

impl<'c> Listed<'c> {
    /// Returns keys of a known action.
    fn of(action: &'c Action, keys: impl IntoIterator<Item = &'c Arc<str>>) -> Self {
        let mut listed = Self {
            service: action.service(),
            keys: Vec::new(),
            prefixes: Vec::new(),
            known: true,
            resource_type: None,
        };
        listed.list(keys);
        listed
    }

    pub(super) fn new(action: &'c Action, known: &Known<'_>, catalog: &'c Catalog) -> Self {
        let Some(entry) = catalog.action(action.service(), action.name()) else {
            return Self {
                known: false,
                ..Self::of(action, [])
            };
        };
        let mut listed = Self::of(action, &*entry.condition_keys);
        let row = known
            .resource
            .and_then(|arn| resource_row(catalog, action, entry, known.resource_type, arn));
        match row {
            Some(row) if on("M2") => {
                listed.resource_type = Some(&row.name);
                listed.list(&*row.condition_keys);
            }
            // A resource of no listed type: any of their keys may apply.
            _ if known.resource.is_some() => {
                let rows = entry.resource_types.iter();
                listed.list(rows.flat_map(|row| row.condition_keys.iter()));
            }
            _ => {}
        }
        listed
    }

    fn list(&mut self, names: impl IntoIterator<Item = &'c Arc<str>>) {
        for name in names {
            match catalog::hole_start(name) {
                Some(hole) => self.prefixes.push(&name[..hole]),
                None => self.keys.push(name),
            }
        }
    }

    fn lists(&self, key: &str) -> bool {
        let begins = |prefix: &&str| {
            let start = key.as_bytes().get(..prefix.len());
            key.len() > prefix.len()
                && start.is_some_and(|it| it.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        let is = |it: &&Arc<str>| it.eq_ignore_ascii_case(key);
        self.keys.iter().any(is) || self.prefixes.iter().any(begins)
    }

    /// C36: whether a request of this action on this resource can have the key at all.
    pub(super) fn applies(&self, key: &str, catalog: &Catalog) -> bool {
        let folded = key.to_ascii_lowercase();
        let by_listing = ["aws:requesttag/", "aws:resourcetag/"]
            .iter()
            .any(|prefix| folded.starts_with(prefix))
            || folded == "aws:tagkeys";
        if !self.known {
            return true;
        }
        let of_service = folded
            .strip_prefix(self.service)
            .is_some_and(|rest| rest.starts_with(':'));
        if by_listing || of_service {
            return self.lists(&folded);
        }
        let declared = catalog.condition_key(&folded);
        // Keys of a session (`ec2:RoleDelivery`) and of identity providers come with any action;
        // what another service lists for its own actions does not.
        let prefix = folded.split_once(':').map_or("", |(prefix, _)| prefix);
        self.lists(&folded)
            || declared.is_some_and(|key| key.presence.is_some())
            || !catalog.has_service(prefix)
    }

    pub(super) fn multivalued(&self, catalog: &Catalog) -> Arc<[Arc<str>]> {
        let globals = catalog.multivalued_global_keys();
        let own: Vec<Arc<str>> = self
            .keys
            .iter()
            .filter(|key| !is_global(key))
            .filter(|key| catalog.condition_key(key).is_some_and(|it| it.multivalued))
            .map(|key| folded(key))
            .collect();
        if own.is_empty() {
            return globals;
        }
        globals.iter().cloned().chain(own).collect()
    }

    pub(super) fn open_keys(
        &self,
        known: &Known<'_>,
        principal: &Principal,
        owner: Option<&str>,
        catalog: &Catalog,
    ) -> OpenKeys {
        let mut open = OpenKeys {
            globals: catalog.global_names(),
            caller: Caller::of(principal),
            owner_known: owner.is_some(),
            keys: self.keys.iter().copied().map(Arc::clone).collect(),
            prefixes: self.prefixes.iter().map(|prefix| folded(prefix)).collect(),
            ..OpenKeys::default()
        };
        if !self.known {
            open.prefixes.push(format!("{}:", self.service).into());
            open.prefixes
                .extend(["aws:requesttag/".into(), "aws:resourcetag/".into()]);
            open.keys.push("aws:tagkeys".into());
        }
        for key in known.absent {
            match key.ends_with('/') {
                true => open.absent_prefixes.push(folded(key)),
                false => open.absent.push(folded(key)),
            }
        }
        open
    }
}

fn folded(key: &str) -> Arc<str> {
    key.to_ascii_lowercase().into()
}

fn is_global(key: &str) -> bool {
    key.get(..4)
        .is_some_and(|it| it.eq_ignore_ascii_case("aws:"))
}

/// The keys that requests of an action of the catalog may have, whatever they are made on.
pub(crate) struct KeysOf<'c> {
    /// On any resource.
    always: Listed<'c>,
    /// On a resource of each type.
    by_type: Vec<(&'c str, Listed<'c>)>,
    /// On some resource.
    all: Listed<'c>,
    catalog: &'c Catalog,
}

impl<'c> KeysOf<'c> {
    pub(crate) fn new(
        action: &'c Action,
        entry: &'c catalog::Action,
        catalog: &'c Catalog,
    ) -> Self {
        let rows = || entry.resource_types.iter();
        let of_rows = rows().flat_map(|row| row.condition_keys.iter());
        Self {
            always: Listed::of(action, &*entry.condition_keys),
            by_type: rows()
                .map(|row| (&*row.name, Listed::of(action, &*row.condition_keys)))
                .collect(),
            all: Listed::of(action, entry.condition_keys.iter().chain(of_rows)),
            catalog,
        }
    }

    /// Returns whether some request may have a key (C36).
    pub(crate) fn may_have(&self, key: &str) -> bool {
        self.all.applies(key, self.catalog)
    }

    /// Returns the resource types on which alone a request may have a key; `None` where the type
    /// does not matter.
    pub(crate) fn only_on(&self, key: &str) -> Option<Vec<&'c str>> {
        if self.always.applies(key, self.catalog) {
            return None;
        }
        let types = self.by_type.iter().filter(|(_, own)| own.lists(key));
        Some(types.map(|(name, _)| *name).collect())
    }
}
