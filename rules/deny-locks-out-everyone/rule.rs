//! Flags Deny statements that nobody escapes, of the right to change the policy.

use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

/// The action that changes the policy of a resource, with its service.
const CHANGES: [(&str, &str); 7] = [
    ("s3", "s3:PutBucketPolicy"),
    ("sqs", "sqs:SetQueueAttributes"),
    ("kms", "kms:PutKeyPolicy"),
    ("sns", "sns:SetTopicAttributes"),
    ("secretsmanager", "secretsmanager:PutResourcePolicy"),
    ("ecr", "ecr:SetRepositoryPolicy"),
    ("backup", "backup:PutBackupVaultAccessPolicy"),
];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Deny || !statement.conditions.is_empty() {
        return;
    }
    let Some(everyone) = statement.everyone() else {
        return;
    };
    let names = |service: &str| {
        let mut patterns = statement.action.patterns.iter();
        patterns.any(|it| {
            let prefix = it.text.split(':').next().unwrap_or_default();
            prefix.eq_ignore_ascii_case(service)
        })
    };
    let mut changes = CHANGES.iter().filter(|(service, _)| names(service));
    let Some((service, action)) = changes.find(|(_, it)| cx.may_match(statement, it)) else {
        return;
    };
    let covers = statement.resource.as_ref().is_none_or(|element| {
        // An object of a bucket has no policy of its own.
        let is_whole = |text: &str| *service != "s3" || !text.contains('/');
        element.negated
            || element
                .patterns
                .iter()
                .any(|it| is_whole(it.template.text()))
    });
    if !covers {
        return;
    }
    cx.report(everyone.span, format!("nobody may call `{action}`"))
        .label("no principal of the account escapes")
        .related(statement.effect_span, "denied without a condition")
        .why("nobody but the root user or AWS Support can take the policy back")
        .help("except an administrator by a condition on `aws:PrincipalArn`");
}
