//! What the catalog knows about one action, in the words that profiles use.

use std::sync::Arc;

use crate::catalog::{AccessLevel, Action, Catalog};

/// An action with its service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    service: &'a str,
    action: &'static Action,
}

/// Returns the facts about `service:Name`, or the names that it may stand for.
pub(super) fn find(action: &str) -> Result<Facts<'_>, Vec<String>> {
    let Some((service, name)) = action.split_once(':') else {
        return Err(Vec::new());
    };
    match Catalog::builtin().action(service, name) {
        Some(action) => Ok(Facts { service, action }),
        None => Err(similar(service, name)),
    }
}

/// Returns the facts about every action that `service:Name` matches, where the name may have
/// wildcards.
pub(super) fn matching(text: &str) -> Vec<Facts<'_>> {
    let Some((prefix, name)) = text.split_once(':') else {
        return Vec::new();
    };
    let Some(service) = Catalog::builtin().service(prefix) else {
        return Vec::new();
    };
    let facts = |action| Facts {
        service: prefix,
        action,
    };
    service.actions_matching(name).map(facts).collect()
}

/// Returns the facts about an action that a rule names.
pub(super) fn find_static(action: &str) -> Option<Facts<'static>> {
    let (service, name) = action.split_once(':')?;
    let service = Catalog::builtin().service(service)?;
    Some(Facts {
        service: service.prefix(),
        action: service.action(name)?,
    })
}

/// Returns whether a service has this resource type, else the types that it has.
pub(super) fn find_resource_type(service: &str, name: &str) -> Result<(), Vec<String>> {
    let Some(service) = Catalog::builtin().service(service) else {
        return Err(Vec::new());
    };
    if service.resource_type(name).is_some() {
        return Ok(());
    }
    let types = service.resource_types().iter();
    Err(types.map(|it| it.name.to_string()).collect())
}

/// Returns whether `service:type` exists.
pub(super) fn is_resource_type(resource_type: &str) -> bool {
    resource_type
        .split_once(':')
        .is_some_and(|(service, name)| find_resource_type(service, name).is_ok())
}

fn similar(service: &str, name: &str) -> Vec<String> {
    let Some(service) = Catalog::builtin().service(service) else {
        let prefixes = Catalog::builtin().service_prefixes();
        return super::read::nearest(service, prefixes)
            .map(|prefix| format!("{prefix}:{name}"))
            .into_iter()
            .collect();
    };
    let names = service.actions().iter().map(|action| &*action.name);
    super::read::nearest(name, names)
        .map(|near| format!("{}:{near}", service.prefix()))
        .into_iter()
        .collect()
}

impl Facts<'_> {
    /// Returns the service's prefix.
    pub(super) const fn service(&self) -> &str {
        self.service
    }

    /// Returns the name as AWS writes it.
    pub(super) fn name(&self) -> &'static str {
        &self.action.name
    }

    /// Returns `service:Name`.
    pub(super) fn full_name(&self) -> String {
        format!("{}:{}", self.service, self.action.name)
    }

    /// Returns whether AWS gives the action this access level.
    pub(super) fn has_level(&self, level: AccessLevel) -> bool {
        self.action.access_levels.contains(level)
    }

    /// Returns whether a call is checked on things of this type, `service:type`.
    pub(super) fn is_checked_on(&self, resource_type: &str) -> bool {
        self.row_keys(resource_type).is_some()
    }

    /// Returns the types that it may be checked on, `service:type`.
    pub(super) fn types(&self) -> Vec<String> {
        let rows = self.action.resource_types.iter();
        rows.map(|row| format!("{}:{}", self.service, row.name))
            .collect()
    }

    /// Returns the types that every call is checked on, `service:type`.
    pub(super) fn required_types(&self) -> Vec<String> {
        let rows = self.action.required_resource_types();
        rows.map(|row| format!("{}:{}", self.service, row.name))
            .collect()
    }

    fn row_keys(&self, resource_type: &str) -> Option<&'static [Arc<str>]> {
        let (service, name) = resource_type.split_once(':')?;
        if service != self.service {
            return None;
        }
        let row = self.action.resource_type(name)?;
        Some(&row.condition_keys)
    }

    /// Returns whether the action itself lists the key, whatever it is called on.
    pub(super) fn action_lists(&self, key: &str) -> bool {
        lists(&self.action.condition_keys, key)
    }

    /// Returns whether the action or any of its types lists the key.
    pub(super) fn lists_anywhere(&self, key: &str) -> bool {
        let mut rows = self.action.resource_types.iter();
        self.action_lists(key) || rows.any(|row| lists(&row.condition_keys, key))
    }

    /// Returns whether the key exists on things of this type in a call of this action.
    pub(super) fn type_lists(&self, resource_type: &str, key: &str) -> bool {
        self.row_keys(resource_type)
            .is_some_and(|keys| lists(keys, key))
    }

    /// Returns whether the key exists on things of this type or in the whole request.
    pub(super) fn supports(&self, resource_type: &str, key: &str) -> bool {
        self.action_lists(key) || self.type_lists(resource_type, key)
    }
}

/// Returns whether a list of keys holds this one, by a template such as `aws:RequestTag/${TagKey}`
/// too. Key names ignore letter case.
fn lists(keys: &[Arc<str>], key: &str) -> bool {
    keys.iter().any(|listed| match listed.find(['$', '<']) {
        Some(hole) => {
            key.len() > hole
                && key.is_char_boundary(hole)
                && key[..hole].eq_ignore_ascii_case(&listed[..hole])
        }
        None => listed.eq_ignore_ascii_case(key),
    })
}

/// Returns whether a key exists at all.
pub(super) fn is_known_key(key: &str) -> bool {
    Catalog::builtin().condition_key(key).is_some() || is_own_issuer_key(key)
}

/// Keys of an OIDC issuer of one's own are in no catalog (IAM User Guide, "Available keys for
/// OIDC federation").
fn is_own_issuer_key(key: &str) -> bool {
    key.rsplit_once(':').is_some_and(|(issuer, claim)| {
        // The issuer may be a variable of the profile.
        (issuer.contains('.') || issuer.ends_with('}')) && !claim.is_empty()
    })
}

/// Returns whether a key is one of an OIDC issuer of one's own, which a web identity token brings.
pub(super) fn is_in_token_of(action: &str, key: &str) -> bool {
    action == "sts:AssumeRoleWithWebIdentity" && is_own_issuer_key(key)
}

/// Returns whether requests of every action may carry a known key: global keys but those that need
/// support by the action (IAM User Guide, "Global condition context keys").
pub(super) fn is_in_every_request(key: &str) -> bool {
    let starts = |prefix: &str| {
        key.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let needs_support = ["aws:RequestTag/", "aws:ResourceTag/", "aws:TagKeys"];
    starts("aws:") && !needs_support.into_iter().any(starts)
}

/// Returns whether a key is known and requests of every action may carry it.
pub(super) fn is_global_key(key: &str) -> bool {
    is_in_every_request(key) && is_known_key(key)
}

/// Returns the known key that a misspelt one most likely stands for.
pub(super) fn similar_key(key: &str) -> Option<&'static str> {
    let catalog = Catalog::builtin();
    let prefix = key.split_once(':').map_or("", |(prefix, _)| prefix);
    let service_keys = catalog
        .service(prefix)
        .map_or(&[][..], |service| service.condition_keys());
    let global = if prefix == "aws" || service_keys.is_empty() {
        catalog.global_keys()
    } else {
        &[]
    };
    super::read::nearest(key, service_keys.iter().chain(global).map(|it| &*it.name))
}
