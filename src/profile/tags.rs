//! Tags in requests and on resources, as context keys.

use super::call::{CallResource, ContextValue, TagOnCreate};
use super::expand::service_of;
use super::facts::Facts;

/// IAM creates with tags fill `aws:ResourceTag` (IAM User Guide, "Controlling access to AWS
/// resources using tags"; the conditions of published vendor policies rest on it).
const TAG_ON_CREATE_IS_CERTAIN: [&str; 5] = [
    "iam:role",
    "iam:policy",
    "iam:user",
    "iam:instance-profile",
    "iam:oidc-provider",
];

/// Sets a key; a later value wins.
pub(super) fn set(context: &mut Vec<(String, ContextValue)>, key: &str, value: ContextValue) {
    match context
        .iter_mut()
        .find(|(it, _)| it.eq_ignore_ascii_case(key))
    {
        Some((_, old)) => *old = value,
        None => context.push((key.to_owned(), value)),
    }
}

/// Tags that a requirement spells out in its context come with their keys.
pub(super) fn add_tag_keys(context: &mut Vec<(String, ContextValue)>, facts: &Facts<'_>) {
    let keys: Vec<String> = context
        .iter()
        .filter_map(|(key, _)| key.strip_prefix("aws:RequestTag/"))
        .map(str::to_owned)
        .collect();
    let has = context.iter().any(|(key, _)| key == "aws:TagKeys");
    if !keys.is_empty() && !has && facts.lists_anywhere("aws:TagKeys") {
        set(context, "aws:TagKeys", ContextValue::Many(keys));
    }
}

/// Returns the context keys of a request that sends these tags.
pub(super) fn request_keys(tags: &[(String, String)]) -> Vec<(String, ContextValue)> {
    if tags.is_empty() {
        return Vec::new();
    }
    let keys = tags.iter().map(|(key, _)| key.clone()).collect();
    tags.iter()
        .map(|(key, value)| {
            (
                format!("aws:RequestTag/{key}"),
                ContextValue::One(value.clone()),
            )
        })
        .chain([("aws:TagKeys".to_owned(), ContextValue::Many(keys))])
        .collect()
}

/// Returns the keys under which requests show this tag of a resource: the global one and the
/// service's own, as far as the action has them.
pub(super) fn resource_tag_keys(
    resource: &CallResource,
    tag: &str,
    facts: &Facts<'_>,
) -> Vec<String> {
    let kind = resource.resource_type.as_str();
    let own = format!("{}:ResourceTag/{tag}", service_of(kind));
    [format!("aws:ResourceTag/{tag}"), own]
        .into_iter()
        .filter(|key| facts.supports(kind, key))
        .collect()
}

pub(super) fn add_created_tags(
    resource: &mut CallResource,
    sent: &[(String, String)],
    facts: &Facts<'_>,
) {
    let kind = resource.resource_type.clone();
    for (key, value) in request_keys(sent) {
        if facts.type_lists(&kind, &key) {
            set(&mut resource.context, &key, value);
        }
    }
    if sent.is_empty() {
        if facts.type_lists(&kind, "aws:TagKeys") {
            resource.absent.push("aws:TagKeys".to_owned());
        }
        return;
    }
    resource.tag_on_create = TagOnCreate::Unknown;
    if TAG_ON_CREATE_IS_CERTAIN.contains(&kind.as_str()) {
        resource.tag_on_create = TagOnCreate::Certain;
        for (tag, value) in sent {
            for key in resource_tag_keys(resource, tag, facts) {
                set(
                    &mut resource.context,
                    &key,
                    ContextValue::One(value.clone()),
                );
            }
        }
    }
}
