//! Ways around a Deny on the objects of a bucket: it binds the holder of the policy, and the holder
//! may still say who else gets in.

use super::grant::{Ask, Grant};
use super::subject::Subject;
use crate::finding::Edit;
use crate::json::edit::quoted;
use crate::pattern;
use crate::policy::{Effect, ResourcePattern, Statement};

/// What is denied on objects, and what gives it back by another hand (S3 User Guide, "Policies and
/// permissions in Amazon S3", "Access control list (ACL) overview", "Managing the lifecycle of
/// objects": expiration is S3's own doing).
const WAYS: [(&str, &str, &str); 4] = [
    (
        "s3:GetObject",
        "s3:PutBucketPolicy",
        "lets others read the objects",
    ),
    (
        "s3:GetObject",
        "s3:PutObjectAcl",
        "lets others read the objects",
    ),
    (
        "s3:PutObject",
        "s3:PutBucketPolicy",
        "lets others write objects",
    ),
    (
        "s3:DeleteObject",
        "s3:PutLifecycleConfiguration",
        "has S3 delete the objects",
    ),
];

/// A way around a Deny.
#[derive(Clone, Debug)]
pub struct Reopened<'a> {
    /// The denied action.
    pub denied: &'static str,
    /// The action that gives it back.
    pub by: &'static str,
    /// What that does: third person, present, no period.
    pub effect: &'static str,
    /// Where it is granted.
    pub grant: Grant<'a>,
    /// The change of the Deny that closes it, where there is one.
    pub closed_by: Option<Vec<Edit>>,
}

impl<'a> Subject<'a> {
    /// Returns how the holder gets around a Deny on objects, if the document allows it.
    #[must_use]
    pub fn reopened(&self, deny: &Statement) -> Option<Reopened<'a>> {
        if deny.effect != Effect::Deny || !deny.conditions.is_empty() || deny.action.negated {
            return None;
        }
        let element = deny.resource.as_ref().filter(|it| !it.negated)?;
        WAYS.iter().find_map(|(denied, by, effect)| {
            if !self.may_match(deny, denied) {
                return None;
            }
            let ask = Ask {
                action: by,
                context: &[],
            };
            let grants = self.grants(ask).into_iter();
            let mut open = grants.filter(|it| !self.is_limited(it.statement));
            let (grant, target) = open.find_map(|grant| {
                let mut targets = element.patterns.iter().map(|it| target_of(by, it));
                let target = targets.find(|target| {
                    is_over(grant.statement, target) && !self.is_denied_over(by, target)
                })?;
                Some((grant, target))
            })?;
            Some(Reopened {
                denied,
                by,
                effect,
                grant,
                closed_by: self.closing(deny, by, target),
            })
        })
    }

    /// Returns the edits that add an action and its resource to a Deny.
    fn closing(&self, deny: &Statement, by: &str, target: &str) -> Option<Vec<Edit>> {
        let editor = self.editor()?;
        let element = deny.resource.as_ref()?;
        let mut edits = Vec::new();
        if !self.may_match(deny, by) {
            edits.push(editor.append_element(deny.action.span, &quoted(by))?);
        }
        if !element
            .patterns
            .iter()
            .any(|it| it.template.text() == target)
        {
            edits.push(editor.append_element(element.span, &quoted(target))?);
        }
        Some(edits)
    }

    fn is_denied_over(&self, action: &str, target: &str) -> bool {
        let denies = self.document.statements.iter();
        denies
            .filter(|it| it.effect == Effect::Deny && self.may_match(it, action))
            .any(|it| is_over(it, target))
    }
}

/// Returns the resource that an action works on, of objects: themselves or their bucket.
fn target_of<'o>(action: &str, objects: &'o ResourcePattern) -> &'o str {
    let text = objects.template.text();
    if action == "s3:PutObjectAcl" {
        return text;
    }
    text.split_once('/').map_or(text, |(bucket, _)| bucket)
}

/// Returns whether a statement names something of what a text names.
fn is_over(statement: &Statement, target: &str) -> bool {
    let Some(element) = statement.resource.as_ref().filter(|it| !it.negated) else {
        return statement.resource.is_some();
    };
    let same = |a, b| a == b;
    let mut patterns = element.patterns.iter();
    patterns.any(|it| pattern::overlap(it.template.text(), target, same))
}
