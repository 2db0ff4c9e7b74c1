//! Reads AWS's Service Reference JSON: one file for each service (Service Authorization Reference,
//! "Simplified AWS service information for programmatic access").
//!
//! It says neither which resource types are required nor which keys go with a row of the actions
//! table; the import keeps both from the catalog in use where the row is the same.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use super::{DataSource, Draft, ImportError, SourceFile, json, sorted};
use crate::catalog::action::{AccessLevel, Action, ActionResource};
use crate::catalog::condition_key::{ConditionKey, KeyType};
use crate::catalog::resource_type::ResourceType;
use crate::catalog::service::Parts;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceJson {
    name: String,
    actions: Vec<ActionJson>,
    #[serde(default)]
    condition_keys: Vec<ConditionKeyJson>,
    #[serde(default)]
    resources: Vec<ResourceJson>,
    #[serde(default)]
    operations: Vec<OperationJson>,
    #[serde(default)]
    version: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ActionJson {
    name: String,
    #[serde(default)]
    action_condition_keys: Vec<String>,
    annotations: Option<AnnotationsJson>,
    #[serde(default)]
    resources: Vec<NameJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AnnotationsJson {
    properties: PropertiesJson,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PropertiesJson {
    #[serde(default)]
    is_list: bool,
    #[serde(default)]
    is_permission_management: bool,
    #[serde(default)]
    is_tagging_only: bool,
    #[serde(default)]
    is_write: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NameJson {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConditionKeyJson {
    name: String,
    #[serde(default)]
    types: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceJson {
    name: String,
    #[serde(rename = "ARNFormats", default)]
    arn_formats: Vec<String>,
    #[serde(default)]
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OperationJson {
    name: String,
    #[serde(default)]
    authorized_actions: Vec<AuthorizedActionJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AuthorizedActionJson {
    name: String,
    service: String,
}

/// Reads the services.
pub(super) fn read(files: &[SourceFile]) -> Result<Draft, ImportError> {
    let mut draft = Draft::default();
    let mut versions: Vec<String> = Vec::new();
    let mut others = Vec::new();
    for file in files {
        let value: serde_json::Value = json(file)?;
        if value.get("Name").is_none() || value.get("Actions").is_none() {
            // AWS's list of services, an array of names and addresses, lies beside them.
            if !value.is_array() {
                others.push(file);
            }
            continue;
        }
        let service: ServiceJson = json(file)?;
        let prefix = service.name.to_ascii_lowercase();
        versions.extend(service.version.clone());
        let parts = parts(service, &mut draft.notes);
        // The files give no names for services: the import takes the known ones.
        if draft
            .services
            .insert(prefix.clone(), (prefix, parts))
            .is_some()
        {
            return Err(ImportError::File {
                file: file.name.clone(),
                message: "a second file for the same service".into(),
            });
        }
    }
    if draft.services.is_empty() {
        return Err(ImportError::NoData);
    }
    if let Some(file) = others.first() {
        return Err(ImportError::File {
            file: file.name.clone(),
            message: "not a service of AWS's Service Reference: `Name` or `Actions` is missing"
                .into(),
        });
    }
    versions.sort();
    versions.dedup();
    let version = if versions.is_empty() {
        "unstated".into()
    } else {
        versions.join(",")
    };
    draft.source = Some(DataSource {
        name: "aws-service-reference".into(),
        version: version.into(),
        licence: "unstated".into(),
        provides: "services, actions, resource types, condition keys".into(),
    });
    Ok(draft)
}

fn parts(service: ServiceJson, notes: &mut Vec<String>) -> Parts {
    let mut parts = Parts::default();
    for key in service.condition_keys {
        let word = key.types.first().map_or("", String::as_str);
        let (key_type, multivalued) = KeyType::from_word(word);
        if key_type == KeyType::Unknown {
            notes.push(format!("`{}` has the unknown type `{word}`", key.name));
        }
        parts.condition_keys.push(ConditionKey {
            name: key.name.into(),
            key_type,
            multivalued,
            presence: None,
        });
    }
    let mut keys_of_type = HashMap::new();
    for it in service.resources {
        let condition_keys = sorted(it.condition_keys);
        keys_of_type.insert(it.name.to_ascii_lowercase(), Arc::clone(&condition_keys));
        parts.resource_types.push(ResourceType {
            name: it.name.into(),
            arn_templates: it.arn_formats.into_iter().map(Arc::from).collect(),
            condition_keys,
        });
    }
    let mut authorized: HashMap<String, Vec<String>> = HashMap::new();
    for operation in service.operations {
        let itself = format!("{}:{}", service.name, operation.name);
        let others = operation.authorized_actions.into_iter();
        let others = others
            .map(|it| format!("{}:{}", it.service, it.name))
            .filter(|it| !it.eq_ignore_ascii_case(&itself));
        authorized.entry(operation.name).or_default().extend(others);
    }
    for it in service.actions {
        let rows = it.resources.into_iter().map(|row| ActionResource {
            condition_keys: keys_of_type
                .get(&row.name.to_ascii_lowercase())
                .cloned()
                .unwrap_or_default(),
            name: row.name.into(),
            required: false,
            required_known: false,
            inherits_condition_keys: true,
            evidence: None,
        });
        parts.actions.push(Action {
            access_levels: it
                .annotations
                .map(|it| levels(&it.properties))
                .into_iter()
                .flatten()
                .collect(),
            permission_only: false,
            resource_types: rows.collect(),
            condition_keys: sorted(it.action_condition_keys),
            // The actions that AWS may authorise for the operation of the same name, besides the
            // action itself, are what its older pages called dependent actions.
            dependent_actions: sorted(authorized.remove(&it.name).unwrap_or_default()),
            name: it.name.into(),
        });
    }
    parts
}

/// An action without any mark reads ("Annotations" on the same page).
fn levels(it: &PropertiesJson) -> Vec<AccessLevel> {
    let marks = [
        (it.is_list, AccessLevel::List),
        (it.is_write, AccessLevel::Write),
        (
            it.is_permission_management,
            AccessLevel::PermissionsManagement,
        ),
        (it.is_tagging_only, AccessLevel::Tagging),
    ];
    let marked: Vec<_> = marks
        .into_iter()
        .filter(|(set, _)| *set)
        .map(|(_, level)| level)
        .collect();
    if marked.is_empty() {
        vec![AccessLevel::Read]
    } else {
        marked
    }
}
