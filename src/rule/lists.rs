//! What a team says about its own accounts and wishes: the lists that some rules need.
//!
//! Settings fill them. A rule that rests on a list says nothing while the list is empty.

/// Lists of the user's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Account ids of the user's own, and of others that it trusts.
    pub trusted_accounts: Vec<String>,
    /// Ids of organizations that it trusts.
    pub trusted_organizations: Vec<String>,
    /// Action patterns that no policy may allow.
    pub forbidden_actions: Vec<String>,
    /// ARN patterns of resources that no policy may reach.
    pub sensitive_resources: Vec<String>,
    /// Condition keys that no policy may use.
    pub forbidden_condition_keys: Vec<String>,
    /// Actions that may only be allowed under a condition.
    pub required_conditions: Vec<RequiredCondition>,
    /// Account ids and principal ARN patterns that no policy may name.
    pub blocked_principals: Vec<String>,
}

/// Actions that may only be allowed under a condition on one of some keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredCondition {
    /// Action patterns.
    pub actions: Vec<String>,
    /// Condition keys, any one of which will do.
    pub keys: Vec<String>,
}
