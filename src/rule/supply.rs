//! Whether the actions of a statement carry a condition key.

use super::condition::{Supply, lists_key};
use super::expand::ActionRef;
use super::key::is_retired;
use super::subject::Subject;
use crate::catalog::{AccessLevel, KeyType};
use crate::policy::{ActionPattern, Condition, Statement};

impl<'a> Subject<'a> {
    /// Returns whether AWS lists the key by action, so that an action without it never carries it:
    /// keys of services, and tags of resources and requests. Keys of sessions and of identity
    /// providers come with any action.
    #[must_use]
    pub fn is_listed_by_action(&self, condition: &Condition) -> bool {
        let key = &*condition.key;
        let Some((prefix, _)) = key.split_once(':') else {
            return false;
        };
        if prefix == "aws" {
            return is_tag_key(key);
        }
        let known = self.memo.key(condition);
        known.is_some_and(|it| it.presence.is_none() && it.key_type != KeyType::Unknown)
            && self.memo.catalog().has_service(prefix)
            && prefix != "sts"
            && !is_retired(prefix)
    }

    /// Returns the action texts of a statement of which no action carries the key, and whether
    /// some other does. `None` where the statement names all actions but some, or one that the
    /// catalog does not know.
    #[must_use]
    pub fn without_key<'s>(
        &self,
        statement: &'s Statement,
        condition: &Condition,
    ) -> Option<(Vec<&'s ActionPattern>, bool)> {
        let element = &statement.action;
        if element.negated {
            return None;
        }
        let mut without = Vec::new();
        let mut some = false;
        for pattern in &element.patterns {
            let folded = pattern.folded();
            if folded == "*" || self.memo.expand(folded).is_empty() {
                return None;
            }
            match self.memo.supply(folded, &condition.key) {
                Supply::None => without.push(pattern),
                Supply::Some | Supply::All => some = true,
            }
        }
        Some((without, some))
    }

    /// Returns whether calls of the statement's actions are likely to have the key all of them: AWS
    /// lists a key of the service for each, or each sets or removes tags and nothing else.
    #[must_use]
    pub fn is_part_of_each_call(&self, index: usize, condition: &Condition) -> bool {
        let Some(actions) = self.actions(index).filter(|it| !it.is_empty()) else {
            return false;
        };
        let key = &*condition.key;
        if key == "aws:tagkeys" {
            let tags = |it: &ActionRef| it.action.access_levels.contains(AccessLevel::Tagging);
            return actions.iter().all(tags);
        }
        !key.starts_with("aws:") && actions.iter().all(|it| lists_key(*it, key))
    }
}

/// Returns whether a key in lower case is that of a tag of the resource or the request.
fn is_tag_key(key: &str) -> bool {
    key.starts_with("aws:resourcetag/")
        || key.starts_with("aws:requesttag/")
        || key == "aws:tagkeys"
}
