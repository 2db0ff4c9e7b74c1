//! From the names of API operations, as CloudTrail and SDKs write them, to IAM actions.
//!
//! Most operations are authorised by the action of the same name in the service of the same name;
//! the tables hold the others, each block with the AWS page that says so. A name that is neither an
//! action nor in a table stays unknown: nothing is guessed from likeness.

use crate::catalog::{Action, Catalog};

/// An action that authorises an operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meant {
    /// The service's prefix.
    pub(super) service: &'static str,
    /// The action.
    pub(super) action: &'static Action,
    /// Whether what the record names is what this action is checked on.
    pub(super) is_on_what_is_named: bool,
}

impl Meant {
    /// Returns `service:Name`.
    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.service, self.action.name)
    }
}

/// What an operation needs.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    /// These actions, all of them.
    Actions(Vec<Meant>),
    /// It is not known; what is wrong, and what to do.
    Unknown(String, String),
}

/// Sources of events under another name than the prefix of their actions (AWS CloudTrail User
/// Guide, "AWS service topics for CloudTrail", and the "Service prefix" lines of the Service
/// Authorization Reference).
const SOURCES: &[(&str, &str)] = &[
    ("email", "ses"),
    ("models.lex", "lex"),
    ("models-v2-lex", "lex"),
    ("monitoring", "cloudwatch"),
    ("runtime.lex", "lex"),
    ("runtime.sagemaker", "sagemaker"),
    ("tagging", "tag"),
];

/// Operations whose actions have other names. `?` marks an action that is checked on something else
/// than what the record names, or on a part of it that the record does not tell.
const OPERATIONS: &[(&str, &str, &[&str])] = &[
    // Amazon S3 User Guide, "Required permissions for Amazon S3 API operations".
    ("s3", "CompleteMultipartUpload", &["s3:PutObject"]),
    ("s3", "CopyObject", &["s3:PutObject", "s3:GetObject?"]),
    ("s3", "CreateMultipartUpload", &["s3:PutObject"]),
    (
        "s3",
        "DeleteBucketAnalyticsConfiguration",
        &["s3:PutAnalyticsConfiguration"],
    ),
    ("s3", "DeleteBucketCors", &["s3:PutBucketCORS"]),
    (
        "s3",
        "DeleteBucketEncryption",
        &["s3:PutEncryptionConfiguration"],
    ),
    (
        "s3",
        "DeleteBucketIntelligentTieringConfiguration",
        &["s3:PutIntelligentTieringConfiguration"],
    ),
    (
        "s3",
        "DeleteBucketInventoryConfiguration",
        &["s3:PutInventoryConfiguration"],
    ),
    (
        "s3",
        "DeleteBucketLifecycle",
        &["s3:PutLifecycleConfiguration"],
    ),
    (
        "s3",
        "DeleteBucketMetricsConfiguration",
        &["s3:PutMetricsConfiguration"],
    ),
    (
        "s3",
        "DeleteBucketOwnershipControls",
        &["s3:PutBucketOwnershipControls"],
    ),
    (
        "s3",
        "DeleteBucketPublicAccessBlock",
        &["s3:PutBucketPublicAccessBlock"],
    ),
    (
        "s3",
        "DeleteBucketReplication",
        &["s3:PutReplicationConfiguration"],
    ),
    ("s3", "DeleteBucketTagging", &["s3:PutBucketTagging"]),
    ("s3", "DeleteObjects", &["s3:DeleteObject"]),
    (
        "s3",
        "DeletePublicAccessBlock",
        &["s3:PutBucketPublicAccessBlock"],
    ),
    (
        "s3",
        "GetBucketAccelerateConfiguration",
        &["s3:GetAccelerateConfiguration"],
    ),
    (
        "s3",
        "GetBucketAnalyticsConfiguration",
        &["s3:GetAnalyticsConfiguration"],
    ),
    ("s3", "GetBucketCors", &["s3:GetBucketCORS"]),
    (
        "s3",
        "GetBucketEncryption",
        &["s3:GetEncryptionConfiguration"],
    ),
    (
        "s3",
        "GetBucketIntelligentTieringConfiguration",
        &["s3:GetIntelligentTieringConfiguration"],
    ),
    (
        "s3",
        "GetBucketInventoryConfiguration",
        &["s3:GetInventoryConfiguration"],
    ),
    (
        "s3",
        "GetBucketLifecycle",
        &["s3:GetLifecycleConfiguration"],
    ),
    (
        "s3",
        "GetBucketLifecycleConfiguration",
        &["s3:GetLifecycleConfiguration"],
    ),
    (
        "s3",
        "GetBucketMetricsConfiguration",
        &["s3:GetMetricsConfiguration"],
    ),
    (
        "s3",
        "GetBucketNotificationConfiguration",
        &["s3:GetBucketNotification"],
    ),
    (
        "s3",
        "GetBucketReplication",
        &["s3:GetReplicationConfiguration"],
    ),
    (
        "s3",
        "GetObjectLockConfiguration",
        &["s3:GetBucketObjectLockConfiguration"],
    ),
    (
        "s3",
        "GetPublicAccessBlock",
        &["s3:GetBucketPublicAccessBlock"],
    ),
    ("s3", "HeadBucket", &["s3:ListBucket"]),
    ("s3", "HeadObject", &["s3:GetObject"]),
    ("s3", "ListBuckets", &["s3:ListAllMyBuckets"]),
    (
        "s3",
        "ListMultipartUploads",
        &["s3:ListBucketMultipartUploads"],
    ),
    ("s3", "ListObjects", &["s3:ListBucket"]),
    ("s3", "ListObjectsV2", &["s3:ListBucket"]),
    ("s3", "ListObjectVersions", &["s3:ListBucketVersions"]),
    ("s3", "ListParts", &["s3:ListMultipartUploadParts"]),
    (
        "s3",
        "PutBucketAccelerateConfiguration",
        &["s3:PutAccelerateConfiguration"],
    ),
    (
        "s3",
        "PutBucketAnalyticsConfiguration",
        &["s3:PutAnalyticsConfiguration"],
    ),
    ("s3", "PutBucketCors", &["s3:PutBucketCORS"]),
    (
        "s3",
        "PutBucketEncryption",
        &["s3:PutEncryptionConfiguration"],
    ),
    (
        "s3",
        "PutBucketIntelligentTieringConfiguration",
        &["s3:PutIntelligentTieringConfiguration"],
    ),
    (
        "s3",
        "PutBucketInventoryConfiguration",
        &["s3:PutInventoryConfiguration"],
    ),
    (
        "s3",
        "PutBucketLifecycle",
        &["s3:PutLifecycleConfiguration"],
    ),
    (
        "s3",
        "PutBucketLifecycleConfiguration",
        &["s3:PutLifecycleConfiguration"],
    ),
    (
        "s3",
        "PutBucketMetricsConfiguration",
        &["s3:PutMetricsConfiguration"],
    ),
    (
        "s3",
        "PutBucketNotificationConfiguration",
        &["s3:PutBucketNotification"],
    ),
    (
        "s3",
        "PutBucketReplication",
        &["s3:PutReplicationConfiguration"],
    ),
    (
        "s3",
        "PutObjectLockConfiguration",
        &["s3:PutBucketObjectLockConfiguration"],
    ),
    (
        "s3",
        "PutPublicAccessBlock",
        &["s3:PutBucketPublicAccessBlock"],
    ),
    ("s3", "SelectObjectContent", &["s3:GetObject"]),
    ("s3", "UploadPart", &["s3:PutObject"]),
    ("s3", "UploadPartCopy", &["s3:PutObject", "s3:GetObject?"]),
    // AWS Lambda Developer Guide, "Logging AWS Lambda API calls using AWS CloudTrail".
    ("lambda", "Invoke", &["lambda:InvokeFunction"]),
    ("lambda", "InvokeExecution", &["lambda:InvokeFunction"]),
    // Amazon SQS Developer Guide, "Amazon SQS API permissions: Actions and resource reference".
    (
        "sqs",
        "ChangeMessageVisibilityBatch",
        &["sqs:ChangeMessageVisibility"],
    ),
    ("sqs", "DeleteMessageBatch", &["sqs:DeleteMessage"]),
    ("sqs", "SendMessageBatch", &["sqs:SendMessage"]),
    // Amazon SNS API Reference, "PublishBatch".
    ("sns", "PublishBatch", &["sns:Publish"]),
    // AWS KMS Developer Guide, "AWS KMS permissions".
    (
        "kms",
        "ReEncrypt",
        &["kms:ReEncryptFrom?", "kms:ReEncryptTo?"],
    ),
    // Amazon DynamoDB API Reference, "TransactGetItems".
    ("dynamodb", "TransactGetItems", &["dynamodb:GetItem"]),
    // Amazon CloudFront Developer Guide, "CloudFront API permissions".
    (
        "cloudfront",
        "CreateDistributionWithTags",
        &["cloudfront:CreateDistribution", "cloudfront:TagResource"],
    ),
];

/// Operations that one action cannot be told for, with the reason.
const UNTOLD: &[(&str, &str, &str)] = &[
    // Amazon DynamoDB API Reference, "TransactWriteItems"; Developer Guide, "IAM policies for PartiQL".
    (
        "dynamodb",
        "TransactWriteItems",
        "what it does is authorised item by item: `dynamodb:PutItem`, `UpdateItem`, `DeleteItem`, `ConditionCheckItem`",
    ),
    (
        "dynamodb",
        "ExecuteStatement",
        "its statement decides: `dynamodb:PartiQLSelect`, `PartiQLInsert`, `PartiQLUpdate`, `PartiQLDelete`",
    ),
    (
        "dynamodb",
        "BatchExecuteStatement",
        "its statements decide: `dynamodb:PartiQLSelect`, `PartiQLInsert`, `PartiQLUpdate`, `PartiQLDelete`",
    ),
    // AWS Sign-In User Guide, "Logging AWS Sign-In events".
    (
        "signin",
        "ConsoleLogin",
        "signing in to the console needs no action",
    ),
];

/// Returns the prefix of the actions behind the source of an event, `ec2.amazonaws.com`.
pub(super) fn service_of(source: &str) -> Option<&'static str> {
    let name = source
        .strip_suffix(".amazonaws.com")
        .or_else(|| source.strip_suffix(".amazonaws.com.cn"))?;
    prefix(name)
}

/// Returns the prefix of the actions of a service, by its name in events or by the prefix itself.
pub(super) fn prefix(name: &str) -> Option<&'static str> {
    let known = SOURCES.iter().find(|(source, _)| *source == name);
    let prefix = known.map_or(name, |(_, prefix)| prefix);
    Some(Catalog::builtin().service(prefix)?.prefix())
}

/// Returns what an operation needs.
pub(super) fn meaning(service: &str, operation: &str) -> Meaning {
    if let Some((_, _, why)) = UNTOLD
        .iter()
        .find(|(home, name, _)| *home == service && *name == operation)
    {
        let help = "write the actions into a list of calls".to_owned();
        return Meaning::Unknown(format!("`{service}:{operation}`: {why}"), help);
    }
    let Some(prefix) = prefix(service) else {
        let message = format!("no service has the prefix `{service}`");
        return Meaning::Unknown(message, newer());
    };
    let name = without_version(prefix, operation);
    let found = find(prefix, name, true).map(|it| vec![it]);
    if let Some(found) = found.or_else(|| listed(prefix, name)) {
        return Meaning::Actions(found);
    }
    // API Gateway authorises HTTP methods on paths (Service Authorization Reference, "Amazon API
    // Gateway Management").
    if prefix == "apigateway" {
        let message = format!("`apigateway:{operation}` is authorised by its HTTP method and path");
        let help = "write it as `apigateway:GET`, `POST`, `PUT`, `PATCH` or `DELETE` into a list";
        return Meaning::Unknown(message, help.to_owned());
    }
    let message = format!("no action of `{prefix}` has the name of the operation `{operation}`");
    Meaning::Unknown(message, near(prefix, name))
}

fn find(prefix: &str, name: &str, is_on_what_is_named: bool) -> Option<Meant> {
    let service = Catalog::builtin().service(prefix)?;
    Some(Meant {
        service: service.prefix(),
        action: service.action(name)?,
        is_on_what_is_named,
    })
}

fn listed(prefix: &str, operation: &str) -> Option<Vec<Meant>> {
    let mut rows = OPERATIONS.iter();
    let is =
        |row: &&(&str, &str, &[&str])| row.0 == prefix && row.1.eq_ignore_ascii_case(operation);
    let (_, _, actions) = rows.find(is)?;
    let one = |text: &&str| {
        let name = text.strip_suffix('?').unwrap_or(text);
        let (service, action) = name.split_once(':')?;
        find(service, action, !text.ends_with('?'))
    };
    actions.iter().map(one).collect()
}

/// Takes the date of the API's version off a name: `CreateFunction20150331`,
/// `UpdateFunctionCode20150331v2` (AWS Lambda Developer Guide, as above), `GetDistribution2020_05_31`
/// (Amazon CloudFront Developer Guide, "Logging CloudFront API calls").
fn without_version<'n>(prefix: &str, name: &'n str) -> &'n str {
    if !matches!(prefix, "lambda" | "cloudfront") {
        return name;
    }
    let unversioned = match name.rsplit_once('v') {
        Some((rest, version)) if is_digits(version) => rest,
        _ => name,
    };
    let stem = unversioned.trim_end_matches(|it: char| it.is_ascii_digit() || it == '_');
    let date: String = unversioned[stem.len()..].split('_').collect();
    match date.len() == 8 && is_digits(&date) {
        true => stem,
        false => name,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

fn near(prefix: &str, name: &str) -> String {
    let names = Catalog::builtin().service(prefix).map(|it| it.actions());
    let names = names.unwrap_or_default().iter().map(|it| &*it.name);
    let nearest = names
        .map(|it| (strsim::jaro_winkler(name, it), it))
        .filter(|(likeness, _)| *likeness > 0.9)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, name)) => format!("did you mean `{prefix}:{name}`?"),
        None => newer(),
    }
}

fn newer() -> String {
    format!(
        "the catalog is of {}: write the action into a list of calls if you know it",
        Catalog::builtin().info().date
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(service: &str, operation: &str) -> Vec<String> {
        match meaning(service, operation) {
            Meaning::Actions(actions) => actions.iter().map(Meant::name).collect(),
            Meaning::Unknown(..) => Vec::new(),
        }
    }

    #[test]
    fn every_row_of_the_tables_is_in_the_catalog_and_needed() {
        for (service, operation, listed) in OPERATIONS {
            let name = without_version(service, operation);
            let found = actions(service, operation);
            assert_eq!(found.len(), listed.len(), "{service} {operation}");
            let is_action = find(service, name, true).is_some_and(|it| *it.action.name == *name);
            assert!(!is_action, "{service}:{operation} is an action");
        }
        for (source, prefix) in SOURCES {
            assert!(Catalog::builtin().has_service(prefix), "{prefix}");
            assert!(!Catalog::builtin().has_service(source), "{source}");
        }
    }

    #[test]
    fn names_of_versions_are_taken_off_where_aws_adds_them() {
        assert_eq!(
            actions("lambda", "CreateFunction20150331"),
            ["lambda:CreateFunction"]
        );
        assert_eq!(
            actions("lambda", "GetFunction20150331v2"),
            ["lambda:GetFunction"]
        );
        let updated = actions("cloudfront", "UpdateDistribution2020_05_31");
        assert_eq!(updated, ["cloudfront:UpdateDistribution"]);
        assert!(actions("ec2", "CreateVpc20150331").is_empty());
        assert!(actions("lambda", "CreateFunction2015").is_empty());
    }
}
