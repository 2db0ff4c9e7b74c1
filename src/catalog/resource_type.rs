//! Resource types: what an action is authorised on.

use std::sync::Arc;

use super::Names;

/// One resource type of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// AWS's name for it, such as `instance`.
    pub name: Arc<str>,
    /// ARN formats as AWS writes them, with holes such as `${Region}`; some types have several.
    pub arn_templates: Names,
    /// Condition keys that AWS lists for the type. An action's row may list fewer or others: see
    /// `ActionResource::condition_keys`.
    pub condition_keys: Names,
}
