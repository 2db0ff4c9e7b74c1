//! Names of condition keys: which exist, which are meant, and what AWS says of some of them.

use super::expand::Memo;
use crate::catalog::hole_start;
use crate::policy::Condition;

/// What is wrong with the name of a condition key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyIssue {
    /// It is not `prefix:name`.
    Malformed,
    /// A key for tags without the tag: `aws:ResourceTag`.
    NoTag,
    /// It starts with `aws:`, and AWS defines no such global key.
    UnknownGlobal,
    /// Its prefix is a service's, which has no such key.
    UnknownOfService,
    /// Its prefix is no service's.
    UnknownService,
}

/// Keys that AWS's own managed policies use and its pages do not describe (managed policies read in
/// 2026-09).
const UNDOCUMENTED: [&str; 2] = ["aws:principalorgmasteraccountid", "lakeformation:gluearn"];

/// Keys in which a wildcard has no valid use (IAM User Guide, "AWS global condition context keys",
/// section "Sensitive condition keys", read in 2026), in lower case.
pub const SENSITIVE_KEYS: [&str; 10] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
];

/// Prefixes of the services that send `aws:SourceVpcArn`, `aws:VpceAccount`, `aws:VpceOrgID` or
/// `aws:VpceOrgPaths` (IAM User Guide, "AWS global condition context keys", the lists under these
/// keys taken together, read in 2026). AWS adds to them.
pub const VPC_ENDPOINT_KEY_SERVICES: [&str; 52] = [
    "acm-pca",
    "applicationinsights",
    "apprunner",
    "athena",
    "b2bi",
    "cassandra",
    "cloudformation",
    "cognito-identity",
    "comprehendmedical",
    "compute-optimizer",
    "datasync",
    "discovery",
    "dms",
    "ds-data",
    "dynamodb",
    "ebs",
    "ecr",
    "ecs",
    "firehose",
    "gamelift",
    "healthlake",
    "iam",
    "identitystore",
    "iotfleetwise",
    "iottwinmaker",
    "iotwireless",
    "kinesisanalytics",
    "kms",
    "lambda",
    "medical-imaging",
    "network-firewall",
    "omics",
    "payment-cryptography",
    "polly",
    "pricing",
    "rbin",
    "rekognition",
    "route53",
    "s3",
    "scheduler",
    "servicediscovery",
    "servicequotas",
    "ses",
    "shield",
    "sms-voice",
    "sqs",
    "ssm-contacts",
    "storagegateway",
    "textract",
    "transcribe",
    "transfer",
    "workmail",
];

impl Memo {
    /// Returns what is wrong with a condition's key. A prefix that is a host name is an identity
    /// provider's, of which AWS lists few: nothing is said of those.
    #[must_use]
    pub fn key_issue(&self, condition: &Condition) -> Option<KeyIssue> {
        let key = &*condition.key;
        let catalog = self.catalog();
        let Some((prefix, name)) = key.split_once(':') else {
            return Some(KeyIssue::Malformed);
        };
        let has_space = |text: &str| text.bytes().any(|byte| byte.is_ascii_whitespace());
        if prefix.is_empty() || name.is_empty() || has_space(prefix) {
            return Some(KeyIssue::Malformed);
        }
        if key.ends_with('/') && self.tag_key(key).is_some() {
            return Some(KeyIssue::NoTag);
        }
        if catalog.condition_key(key).is_some() || UNDOCUMENTED.contains(&key) {
            return None;
        }
        if self.tag_key(key).is_some() {
            return Some(KeyIssue::NoTag);
        }
        if prefix == "aws" {
            return Some(KeyIssue::UnknownGlobal);
        }
        // Hosts, and place holders.
        if prefix.contains(['.', '/', '<', '{']) {
            return None;
        }
        Some(
            if catalog.has_service(prefix) || catalog.is_key_home(prefix) {
                KeyIssue::UnknownOfService
            } else {
                KeyIssue::UnknownService
            },
        )
    }

    /// Returns the key for tags that a name stands for without its tag: `aws:ResourceTag/${TagKey}`
    /// for `aws:resourcetag`.
    #[must_use]
    pub fn tag_key(&self, key: &str) -> Option<&'static str> {
        let bare = key.strip_suffix('/').unwrap_or(key);
        let (prefix, _) = bare.split_once(':')?;
        let stem = |name: &'static str| {
            let stem = name.get(..hole_start(name)?)?.strip_suffix('/')?;
            stem.eq_ignore_ascii_case(bare).then_some(name)
        };
        let catalog = self.catalog();
        if prefix.eq_ignore_ascii_case("aws") {
            return catalog.global_keys().iter().find_map(|it| stem(&it.name));
        }
        let keys = catalog.service(prefix)?.condition_keys();
        keys.iter().find_map(|it| stem(&it.name))
    }

    /// Returns the condition key that a name most likely stands for, if one is closer than all
    /// others.
    #[must_use]
    pub fn similar_key(&self, key: &str) -> Option<String> {
        let catalog = self.catalog();
        let (stem, tag) = match key.split_once('/') {
            Some((stem, tag)) => (stem, Some(tag)),
            None => (key, None),
        };
        if let Some(tag) = tag.filter(|it| !it.is_empty()) {
            let (prefix, _) = stem.split_once(':')?;
            let own = catalog
                .service(prefix)
                .map_or(&[][..], |it| it.condition_keys());
            let all = catalog.global_keys().iter().chain(own);
            let stems =
                all.filter_map(|it| it.name.get(..hole_start(&it.name)?)?.strip_suffix('/'));
            let (distance, known) = stems
                .map(|known| (distance(known, stem), known))
                .min_by_key(|(distance, _)| *distance)?;
            return (distance <= 3).then(|| format!("{known}/{tag}"));
        }
        if !key.contains(':') {
            let own = catalog.global_keys().iter();
            let mut named = own.filter(|it| {
                it.name
                    .split_once(':')
                    .is_some_and(|(_, name)| name.eq_ignore_ascii_case(key))
            });
            return named.next().map(|it| it.name.to_string());
        }
        let similar = catalog.similar_condition_keys(key);
        let best = similar.first()?;
        let is_sole = similar
            .get(1)
            .is_none_or(|it| distance(it, key) > distance(best, key));
        let is_template = hole_start(best).is_some();
        (is_sole && !is_template).then(|| best.clone())
    }
}

fn distance(a: &str, b: &str) -> usize {
    strsim::osa_distance(&a.to_ascii_lowercase(), &b.to_ascii_lowercase())
}

/// A key that took the place of another.
#[derive(Clone, Copy, Debug)]
pub struct NewKey {
    /// The key.
    pub key: &'static str,
    /// What to do.
    pub help: &'static str,
}

/// Returns the successor of a global key that AWS does not support any more (IAM User Guide,
/// "Access Analyzer policy check reference", check "Unsupported global condition key").
#[must_use]
pub fn replaced_key(key: &str) -> Option<NewKey> {
    key.eq_ignore_ascii_case("aws:ARN").then_some(NewKey {
        key: "aws:PrincipalArn",
        help: "use `aws:PrincipalArn` for the caller, or `aws:SourceArn` for the resource on whose \
               behalf a service calls",
    })
}

/// Prefixes of services that AWS has ended, whose keys stand in policies from before.
const RETIRED: [&str; 4] = ["a4b", "deepracer", "lookoutvision", "opsworks"];

/// Returns whether a prefix is that of a service which AWS has ended.
#[must_use]
pub fn is_retired(prefix: &str) -> bool {
    RETIRED.contains(&prefix.to_ascii_lowercase().as_str())
}
