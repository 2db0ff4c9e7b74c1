//! On whose behalf a service calls: keys and services of the confused deputy problem, and the
//! names of service principals.

use super::subject::Subject;
use crate::arn::Arn;
use crate::policy::{Condition, Statement, Test};

/// Keys by which a service says for whom it calls (AWS: "The confused deputy problem"), and
/// those of single services that say the same.
const SOURCES: [&str; 6] = [
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "kms:calleraccount",
    "lambda:eventsourcetoken",
];
/// Keys that are used in their place and say something else (AWS: "Access Analyzer policy check
/// reference", Recommended condition key for service principal).
const OTHERS: [&str; 8] = [
    "aws:referer",
    "aws:sourceowner",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:principalorgid",
    "aws:principalaccount",
    "aws:userid",
];
/// Service principals that deliver to a place which the owner chose, and of whose policy AWS
/// documents no source key: "Enable access logs for your Application Load Balancer" (2026-11).
const WITHOUT_SOURCE: [&str; 2] = [
    "logdelivery.elasticloadbalancing.amazonaws.com",
    "logdelivery.elb.amazonaws.com",
];
/// Services whose documentation asks for `aws:SourceArn` or `aws:SourceAccount` in the trust
/// policies of the roles that it is given (their pages "Cross-service confused deputy
/// prevention", read 2026-11). Others are bound to one resource, or send no such key.
const ROLE_SOURCES: [&str; 27] = [
    "airflow.amazonaws.com",
    "amplify.amazonaws.com",
    "apigateway.amazonaws.com",
    "appflow.amazonaws.com",
    "application-autoscaling.amazonaws.com",
    "appsync.amazonaws.com",
    "autoscaling.amazonaws.com",
    "bedrock.amazonaws.com",
    "codebuild.amazonaws.com",
    "comprehend.amazonaws.com",
    "datasync.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "eks.amazonaws.com",
    "events.amazonaws.com",
    "firehose.amazonaws.com",
    "glue.amazonaws.com",
    "iot.amazonaws.com",
    "kendra.amazonaws.com",
    "kinesisanalytics.amazonaws.com",
    "lexv2.amazonaws.com",
    "pipes.amazonaws.com",
    "rekognition.amazonaws.com",
    "scheduler.amazonaws.com",
    "ssm.amazonaws.com",
    "states.amazonaws.com",
    "transfer.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
];
/// Services that run the code of whoever may start something in them (AWS: "Grant a user
/// permissions to pass a role to an AWS service").
const COMPUTE: [&str; 14] = [
    "apprunner.amazonaws.com",
    "batch.amazonaws.com",
    "cloudformation.amazonaws.com",
    "codebuild.amazonaws.com",
    "datapipeline.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "ecs.amazonaws.com",
    "elasticmapreduce.amazonaws.com",
    "glue.amazonaws.com",
    "lambda.amazonaws.com",
    "pods.eks.amazonaws.com",
    "sagemaker.amazonaws.com",
    "ssm.amazonaws.com",
];

impl Condition {
    /// Returns whether the key says on whose behalf a service calls.
    #[must_use]
    pub fn is_source(&self) -> bool {
        SOURCES.contains(&&*self.key) || self.key.starts_with("kms:encryptioncontext:")
    }

    /// Returns whether the key is used in place of one that says it.
    #[must_use]
    pub fn is_other_than_source(&self) -> bool {
        OTHERS.contains(&&*self.key)
    }

    /// Returns whether it names values that a request is compared with, some of them no `*`.
    #[must_use]
    pub fn names_values(&self) -> bool {
        let is_comparison = self
            .operator
            .is_some_and(|it| !it.negated && it.test != Test::Null);
        let mut values = self.values.iter().map(|it| it.template.text());
        is_comparison && values.any(|it| it.bytes().any(|byte| byte != b'*'))
    }
}

impl Statement {
    /// Returns whether some condition fixes on whose behalf a service may call.
    #[must_use]
    pub fn fixes_source(&self) -> bool {
        let mut conditions = self.conditions.iter();
        conditions.any(|it| it.is_source() && it.names_values())
    }
}

impl Subject<'_> {
    /// Returns whether AWS documents no source key for calls of this service.
    #[must_use]
    pub fn has_no_source(&self, service: &str) -> bool {
        WITHOUT_SOURCE.contains(&&*plain(service))
    }

    /// Returns whether AWS asks for a source key in the trust policies of the service's roles.
    #[must_use]
    pub fn wants_source_in_trust(&self, service: &str) -> bool {
        ROLE_SOURCES.contains(&&*plain(service))
    }

    /// Returns whether the service runs the code of whoever may use it.
    #[must_use]
    pub fn is_compute(&self, service: &str) -> bool {
        COMPUTE.contains(&&*plain(service))
    }

    /// Returns whether a text has the form of a service principal: words with dots between them,
    /// and a partition's suffix (AWS: "AWS JSON policy elements: Principal", "AWS service
    /// principals").
    #[must_use]
    pub fn has_service_form(&self, text: &str) -> bool {
        let catalog = self.memo.catalog();
        let word = |it: &str| {
            !it.is_empty()
                && it
                    .bytes()
                    .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-_".contains(&it))
        };
        let has_form = |suffix: &str| {
            let rest = text.strip_suffix(suffix);
            rest.and_then(|it| it.strip_suffix('.'))
                .is_some_and(|it| it.split('.').all(word))
        };
        // Alexa has names of its own (AWS Lambda Developer Guide, "Using Lambda with Alexa").
        catalog.is_service_principal(text)
            || has_form("amazon.com")
            || catalog
                .partitions()
                .iter()
                .any(|it| has_form(&it.dns_suffix))
    }

    /// Returns the listed service principal that a text most likely stands for: all but two
    /// letters are the same, or only the suffix is missing.
    #[must_use]
    pub fn likely_service_principal(&self, text: &str) -> Option<String> {
        let catalog = self.memo.catalog();
        let folded = text.to_ascii_lowercase();
        for candidate in [folded.clone(), format!("{folded}.amazonaws.com")] {
            if candidate != text && catalog.is_service_principal(&candidate) {
                return Some(candidate);
            }
        }
        let (name, _) = folded.split_once(".amazonaws.").unwrap_or((&folded, ""));
        // Of a service that exists the list may just lack the name; a number tells two apart.
        let own = name.split('.').next().unwrap_or(name);
        if catalog.has_service(own) || own.ends_with(|it: char| it.is_ascii_digit()) {
            return None;
        }
        // In a short name one letter makes another word.
        let most = if name.len() >= 10 { 2 } else { 1 };
        let is_long = name.len() >= 5 && !name.ends_with(|it: char| it.is_ascii_digit());
        let similar = catalog.similar_service_principals(&folded);
        let close = |it: &String| is_long && strsim::osa_distance(it, &folded) <= most;
        similar.into_iter().find(close)
    }
}

/// Returns the name of a service principal without a Region and with the usual suffix.
fn plain(service: &str) -> String {
    let service = service.strip_suffix(".cn").unwrap_or(service);
    let Some(rest) = service.strip_suffix(".amazonaws.com") else {
        return service.to_owned();
    };
    // `logs.us-east-1`: a Region ends in a number.
    let region = rest.rsplit_once('.').filter(|(_, it)| {
        it.ends_with(|it: char| it.is_ascii_digit()) && it.matches('-').count() > 1
    });
    format!("{}.amazonaws.com", region.map_or(rest, |(name, _)| name))
}

/// Keys whose values are service principals.
const NAMES_SERVICES: [&str; 4] = [
    "iam:passedtoservice",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "iam:awsservicename",
];

impl Statement {
    /// Returns every text that stands for a service principal: under `Service` and in conditions
    /// that compare whole texts.
    pub fn service_names(&self) -> impl Iterator<Item = (&str, crate::source::Span)> {
        let elements = self.principal.iter().flat_map(|it| &it.entries);
        let entries = elements
            .filter(|it| it.name == crate::policy::PrincipalName::Service)
            .map(|it| (&*it.text, it.span));
        let conditions = self
            .conditions
            .iter()
            .filter(|it| NAMES_SERVICES.contains(&&*it.key));
        let values = conditions.flat_map(|it| &it.values);
        let values = values.map(|it| (it.template.text(), it.span));
        entries
            .chain(values)
            .filter(|(text, _)| !text.contains(['*', '?', '$', '<', '{', '%']))
    }
}

/// Returns the partition of an ARN-like text, `aws` where it is none.
#[must_use]
pub fn partition_of(text: &str) -> &str {
    Arn::parse(text).map_or("aws", |it| it.partition)
}
