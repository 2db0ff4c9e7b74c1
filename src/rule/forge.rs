//! Whether a document lets set the very tags that limit what it allows.

use super::grant::Ask;
use super::subject::Subject;
use crate::catalog::AccessLevel;
use crate::pattern;
use crate::policy::{Condition, Effect, ResourcePattern, Statement};
use crate::source::Span;

/// A condition on a tag that does not hold anybody.
#[derive(Clone, Debug)]
pub struct ForgedTag {
    /// The condition, by its index in the statement.
    pub condition: usize,
    /// The action that sets the tag: `ec2:CreateTags`.
    pub action: String,
    /// The text that allows it.
    pub grant: Span,
}

impl Subject<'_> {
    /// Returns the condition of an Allow statement on a tag of the resource that the document also
    /// lets set on every resource, if all that is limited by it is of a service with such an
    /// action.
    #[must_use]
    pub fn forged_tag(&self, at: usize) -> Option<ForgedTag> {
        let statement = self.document.statements.get(at)?;
        if statement.effect != Effect::Allow {
            return None;
        }
        let condition = resource_tag(statement)?;
        let actions = self.actions(at)?;
        let mut prefixes: Vec<&str> = actions.iter().map(|it| it.service.prefix()).collect();
        prefixes.dedup();
        prefixes.iter().find_map(|prefix| {
            let service = self.memo.catalog().service(prefix)?;
            let tagging = service.actions().iter().filter(|it| {
                it.access_levels.contains(AccessLevel::Tagging) && sets_tags(&it.name)
            });
            tagging.into_iter().find_map(|it| {
                let action = format!("{prefix}:{}", it.name);
                let ask = Ask {
                    action: &action,
                    context: &[],
                };
                let mut grants = self.open_grants(ask).into_iter();
                let grant = grants.find(|it| reaches(it.statement, statement))?;
                Some(ForgedTag {
                    condition,
                    grant: grant.action,
                    action,
                })
            })
        })
    }
}

/// Returns the condition that demands a tag of the resource.
fn resource_tag(statement: &Statement) -> Option<usize> {
    statement.conditions.iter().position(|it| {
        // Nobody sets tags that start with `aws:` ("Tag your AWS resources").
        let is_tag = it.key.split_once(':').is_some_and(|(_, name)| {
            let tag = name.strip_prefix("resourcetag/");
            tag.is_some_and(|tag| !tag.starts_with("aws:"))
        });
        is_tag && it.is_limit(statement) && it.operator.is_some_and(|it| !it.negated)
    })
}

/// Returns whether a statement lets set any tag, and covers some resource text of another one.
fn reaches(grant: &Statement, limited: &Statement) -> bool {
    let names_tags =
        |it: &Condition| it.key.starts_with("aws:requesttag/") || &*it.key == "aws:tagkeys";
    if grant.conditions.iter().any(names_tags) {
        return false;
    }
    let (Some(wide), Some(own)) = (&grant.resource, &limited.resource) else {
        return true;
    };
    if wide.negated || own.negated {
        return wide.patterns.iter().any(|it| it.is_everything());
    }
    let covers = |it: &ResourcePattern| {
        let mut wide = wide.patterns.iter();
        wide.any(|wide| pattern::includes(wide.template.text(), it.template.text(), |a, b| a == b))
    };
    own.patterns.iter().any(covers)
}

/// Only these set tags of any resource of the service; others tag one type of it.
fn sets_tags(name: &str) -> bool {
    matches!(
        name,
        "CreateTags" | "TagResource" | "AddTagsToResource" | "AddTags"
    )
}
