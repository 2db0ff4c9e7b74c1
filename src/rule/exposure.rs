//! Actions by which data leaves an account or is opened to others, and how rules report them.
//!
//! The lists are facts about AWS (Service Authorization Reference, read 2026-09), kept here for the
//! rules that read them. They are not every such action, but those that peers and AWS's own guides
//! name.

use super::context::RuleContext;
use super::escalation::listed;
use super::grant::names_folded;
use crate::pattern;
use crate::policy::{Effect, Statement};

/// Actions that read objects, parameters and secrets (AWS Secrets Manager User Guide, Systems
/// Manager User Guide, S3 User Guide: the pages on identity-based policies).
pub const READ_DATA: &[&str] = &[
    "s3:GetObject",
    "s3:GetObjectVersion",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:GetParameterHistory",
    "secretsmanager:GetSecretValue",
];

/// Actions that share snapshots and images with other accounts or with everybody (EC2 User Guide,
/// "Share a snapshot", "Share an AMI"; RDS User Guide, "Sharing a DB snapshot").
pub const SHARE_SNAPSHOTS: &[&str] = &[
    "ec2:ModifySnapshotAttribute",
    "ec2:ModifyImageAttribute",
    "ec2:ModifyFpgaImageAttribute",
    "rds:ModifyDBSnapshotAttribute",
    "rds:ModifyDBClusterSnapshotAttribute",
    "redshift:AuthorizeSnapshotAccess",
];

/// Actions that decrypt, or let somebody else decrypt (AWS Security Hub User Guide, controls KMS.1
/// and KMS.2; KMS Developer Guide, "Grants in AWS KMS").
pub const DECRYPT: &[&str] = &["kms:Decrypt", "kms:ReEncryptFrom", "kms:CreateGrant"];

/// Actions that write the policy of a resource, or what is as good as one (Service Authorization
/// Reference, access level Permissions management).
pub const WRITE_RESOURCE_POLICIES: &[&str] = &[
    "s3:PutBucketPolicy",
    "s3:PutAccessPointPolicy",
    "s3express:PutBucketPolicy",
    "s3tables:PutTableBucketPolicy",
    "s3tables:PutTablePolicy",
    "kms:PutKeyPolicy",
    "sqs:AddPermission",
    "sqs:SetQueueAttributes",
    "sns:AddPermission",
    "sns:SetTopicAttributes",
    "lambda:AddPermission",
    "lambda:AddLayerVersionPermission",
    "ecr:SetRepositoryPolicy",
    "ecr-public:SetRepositoryPolicy",
    "secretsmanager:PutResourcePolicy",
    "dynamodb:PutResourcePolicy",
    "kinesis:PutResourcePolicy",
    "elasticfilesystem:PutFileSystemPolicy",
    "backup:PutBackupVaultAccessPolicy",
    "glacier:SetVaultAccessPolicy",
    "glue:PutResourcePolicy",
    "kafka:PutClusterPolicy",
    "codeartifact:PutDomainPermissionsPolicy",
    "codeartifact:PutRepositoryPermissionsPolicy",
    "acm-pca:PutPolicy",
    "codebuild:PutResourcePolicy",
];

/// Actions that copy data to another account, or set up that it is copied (S3 User Guide,
/// "Replicating objects"; DynamoDB Developer Guide, "DynamoDB data export to Amazon S3"; RAM User
/// Guide; EC2 User Guide, "Store and restore an AMI").
pub const COPY_OUT: &[&str] = &[
    "s3:PutReplicationConfiguration",
    "s3:PutInventoryConfiguration",
    "dynamodb:ExportTableToPointInTime",
    "rds:StartExportTask",
    "ec2:CreateStoreImageTask",
    "ec2:CreateInstanceExportTask",
    "ec2:ExportImage",
    "ec2:CreateTrafficMirrorSession",
    "backup:StartCopyJob",
    "backup:CopyFromBackupVault",
    "logs:CreateExportTask",
    "logs:PutSubscriptionFilter",
    "ram:CreateResourceShare",
    "ram:AssociateResourceShare",
    "redshift:AuthorizeDataShare",
];

/// Actions that make something public, or take away what keeps it from becoming so (S3 User Guide,
/// "Blocking public access to your Amazon S3 storage"; EC2 User Guide, "Block public access to your
/// AMIs", "Block public access for Amazon EBS snapshots"; EMR Management Guide, "Using Amazon EMR
/// block public access"; Systems Manager User Guide, "Sharing SSM documents").
pub const MAKE_PUBLIC: &[&str] = &[
    "s3:PutBucketPublicAccessBlock",
    "s3:PutAccountPublicAccessBlock",
    "s3:PutAccessPointPublicAccessBlock",
    "s3:PutBucketAcl",
    "s3:PutObjectAcl",
    "s3:PutObjectVersionAcl",
    "ec2:DisableImageBlockPublicAccess",
    "ec2:DisableSnapshotBlockPublicAccess",
    "elasticmapreduce:PutBlockPublicAccessConfiguration",
    "ssm:ModifyDocumentPermission",
];

/// So many actions are named; the others are counted.
const MOST_NAMED: usize = 3;

/// What a rule says of actions that are granted everywhere.
#[derive(Clone, Copy, Debug)]
pub struct Exposure<'w> {
    /// The actions.
    pub actions: &'static [&'static str],
    /// Whether actions are left out that no resource can limit.
    pub scopable: bool,
    /// What they are allowed on: `every key`.
    pub on: &'w str,
    /// What follows from it.
    pub why: &'w str,
    /// What to do.
    pub help: &'w str,
}

impl RuleContext<'_> {
    /// Reports those of some actions that the statement allows on every resource, without a
    /// condition that limits them. What `*` and `NotAction` bring along is not worth a word here.
    pub fn report_exposure(&mut self, statement: &Statement, exposure: Exposure<'_>) {
        if statement.effect != Effect::Allow || statement.action.negated {
            return;
        }
        // What most statements fail comes first: resources by name, conditions, other services.
        let is_wide = statement.resource.as_ref().is_none_or(|element| {
            let mut patterns = element.patterns.iter();
            element.negated || patterns.any(|it| pattern::has_wildcard(it.template.text()))
        });
        let mut conditions = statement.conditions.iter();
        if !is_wide || conditions.any(|it| it.limits_authority(statement)) {
            return;
        }
        let prefixes = prefixes(statement);
        if prefixes.iter().any(|it| pattern::has_wildcard(it)) {
            return;
        }
        let names_service = |action: &str| {
            let prefix = action.split(':').next().unwrap_or_default();
            prefixes.contains(&prefix)
        };
        let index = self.index();
        let mut place = None;
        let mut names = Vec::new();
        for action in exposure.actions {
            if !names_service(action) {
                continue;
            }
            let folded = action.to_ascii_lowercase();
            if names_folded(statement, action, &folded).is_none()
                || exposure.scopable && !self.is_scopable(&folded)
            {
                continue;
            }
            if let Some(wide) = self.wide_grant(index, action) {
                place.get_or_insert(wide.grant);
                names.push(format!("`{action}`"));
            }
        }
        let Some(grant) = place else { return };
        let verb = if names.len() == 1 { "is" } else { "are" };
        let left = names.len().saturating_sub(MOST_NAMED);
        if left > 0 {
            names.truncate(MOST_NAMED);
            let noun = if left == 1 { "action" } else { "actions" };
            names.push(format!("{left} more {noun} of this kind"));
        }
        let message = format!(
            "{} {verb} allowed on {}",
            listed(&names, "and"),
            exposure.on
        );
        self.report(grant.action, message)
            .related(grant.resource, "every resource")
            .why(exposure.why)
            .help(exposure.help);
    }

    fn is_scopable(&self, folded: &str) -> bool {
        let actions = self.memo.expand(folded);
        actions
            .iter()
            .any(|it| !it.action.resource_types.is_empty())
    }
}

/// Returns the services that a statement names, in lower case, each once.
fn prefixes(statement: &Statement) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for pattern in &statement.action.patterns {
        let prefix = pattern.folded().split(':').next().unwrap_or_default();
        if found.last() != Some(&prefix) && !found.contains(&prefix) {
            found.push(prefix);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn every_action_is_in_the_catalog() {
        let lists = [
            READ_DATA,
            SHARE_SNAPSHOTS,
            DECRYPT,
            WRITE_RESOURCE_POLICIES,
            COPY_OUT,
            MAKE_PUBLIC,
        ];
        let memo = super::super::Memo::new(Catalog::builtin());
        for action in lists.into_iter().flatten() {
            let found = memo.expand(&action.to_ascii_lowercase());
            assert!(found.iter().any(|it| it.name() == *action), "{action}");
        }
    }
}
