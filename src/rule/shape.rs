//! The ARN formats of a namespace, and how the text of a resource compares with them, part by part.
//!
//! What AWS's reference lists is not everything there is: a text that is like no format of its
//! namespace is of an unknown shape, and nothing is said about it.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::expand::{ActionRef, Memo};
use super::fit::templates;
use crate::arn::Arn;
use crate::catalog::Service;
use crate::pattern;
use crate::policy::ResourcePattern;

/// An ARN format with `*` for each hole, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    namespace: Box<str>,
    /// Empty: its ARNs have no Region.
    pub region: Box<str>,
    /// Empty: its ARNs have no account.
    pub account: Box<str>,
    resource: Box<str>,
    /// The resource part is a name in which no slash can be.
    is_name: bool,
    /// The format as AWS writes it.
    pub template: &'static str,
}

/// The formats of what an action works on; `None` for one that cannot be taken apart.
pub(super) type OfAction = Rc<[Option<Rc<Format>>]>;

/// The formats worked out so far.
#[derive(Debug, Default)]
pub(super) struct Formats {
    by_template: RefCell<FxHashMap<usize, Option<Rc<Format>>>>,
    by_action: RefCell<FxHashMap<usize, OfAction>>,
    by_namespace: RefCell<FxHashMap<Box<str>, Several>>,
}

type Several = Rc<[Rc<Format>]>;

/// Services whose resource types have ARNs in the namespace of another service: the namespace,
/// then the services besides the one of its name. A test compares it with the catalog.
const SHARED: &[(&str, &[&str])] = &[
    ("acm", &["ec2"]),
    ("amplify", &["wafv2"]),
    ("apigateway", &["wafv2"]),
    ("app-integrations", &["connect"]),
    ("apprunner", &["wafv2"]),
    ("appsync", &["wafv2"]),
    ("bedrock-agentcore", &["wafv2"]),
    ("billing", &["bcm-data-exports", "ce"]),
    ("catalog", &["servicecatalog"]),
    ("cloudfront", &["cloudfront-keyvaluestore"]),
    ("cloudtrail", &["cloudtrail-data"]),
    ("codewhisperer", &["q"]),
    ("cognito-idp", &["wafv2"]),
    ("compute-optimizer", &["aco-automation"]),
    ("ds", &["ds-data"]),
    (
        "ec2",
        &[
            "ebs",
            "ec2-instance-connect",
            "route53",
            "ssm",
            "vpce",
            "wafv2",
            "workspaces-instances",
        ],
    ),
    ("ecs", &["ssm"]),
    ("eks", &["aps", "eks-auth"]),
    ("elastic-inference", &["ec2"]),
    (
        "elasticloadbalancing",
        &["arc-zonal-shift", "waf-regional", "wafv2"],
    ),
    ("iam", &["codestar", "ec2", "es", "ssm", "sts"]),
    ("iot", &["greengrass", "iotjobsdata", "iotwireless"]),
    ("iq-permission", &["iq"]),
    ("kafka", &["kafka-cluster"]),
    ("kms", &["events", "kinesis"]),
    ("license-manager", &["ec2"]),
    ("mpa", &["payment-cryptography"]),
    ("opensearch", &["es"]),
    ("qbusiness", &["qapps"]),
    ("qdeveloper", &["q"]),
    ("rds", &["rds-data"]),
    ("redshift", &["redshift-data"]),
    ("redshift-serverless", &["redshift-data"]),
    ("resource-groups", &["ec2"]),
    (
        "route53-recovery-control",
        &[
            "route53-recovery-cluster",
            "route53-recovery-control-config",
        ],
    ),
    ("s3", &["ssm"]),
    ("s3-object-lambda", &["s3"]),
    ("sagemaker", &["sagemaker-mlflow"]),
    ("sns", &["devops-guru"]),
    ("sso", &["sso-oauth"]),
    ("vpc-lattice", &["vpc-lattice-svcs"]),
    ("wafv2", &["apprunner", "cognito-idp"]),
    ("wisdom", &["connect"]),
];

/// Ends of ARN formats that are nothing but a name without slashes (Amazon S3 User Guide, "Bucket
/// naming rules"; Amazon SQS API Reference, "CreateQueue"; Amazon SNS API Reference, "CreateTopic").
const NAMES: [&str; 3] = [":${BucketName}", ":${QueueName}", ":${TopicName}"];

impl Memo {
    /// Returns whether AWS's reference has ARNs of this namespace; a service that has actions and
    /// no resource types counts.
    #[must_use]
    pub fn is_namespace(&self, name: &str) -> bool {
        self.catalog().has_service(name) || shared(name).next().is_some()
    }

    /// Returns namespaces that look like this one, best first.
    #[must_use]
    pub fn similar_namespaces(&self, name: &str) -> Vec<String> {
        match super::naming::service_called(name) {
            Some(own) => vec![own.to_owned()],
            None => self.catalog().similar_services(name),
        }
    }

    /// Returns the ARN formats of a namespace.
    #[must_use]
    pub fn formats(&self, namespace: &str) -> Rc<[Rc<Format>]> {
        if let Some(known) = self.formats.by_namespace.borrow().get(namespace) {
            return Rc::clone(known);
        }
        let own = std::iter::once(namespace);
        let services = own
            .chain(shared(namespace).map(|it: &str| it))
            .filter_map(|it| self.catalog().service(it));
        let found: Rc<[Rc<Format>]> = services
            .flat_map(Service::resource_types)
            .flat_map(|it| it.arn_templates.iter())
            .filter_map(|it| self.format(it))
            .filter(|it| &*it.namespace == namespace || &*it.namespace == "*")
            .collect();
        let mut known = self.formats.by_namespace.borrow_mut();
        known.insert(namespace.into(), Rc::clone(&found));
        found
    }

    /// Returns the ARN formats of the types that an action works on.
    pub(super) fn formats_of(&self, action: ActionRef) -> OfAction {
        let at = std::ptr::from_ref(action.action) as usize;
        if let Some(known) = self.formats.by_action.borrow().get(&at) {
            return Rc::clone(known);
        }
        let found: OfAction = templates(action).map(|it| self.format(it)).collect();
        let mut known = self.formats.by_action.borrow_mut();
        known.insert(at, Rc::clone(&found));
        found
    }

    /// Returns an ARN format taken apart; `None` for the few that are not in six parts.
    pub(super) fn format(&self, template: &'static str) -> Option<Rc<Format>> {
        let at = template.as_ptr() as usize;
        if let Some(known) = self.formats.by_template.borrow().get(&at) {
            return known.clone();
        }
        let glob = self.glob(template);
        let format = Arn::parse(&glob).and_then(|arn| {
            let is_odd = !matches!(arn.account, "" | "*" | "aws");
            (!is_odd).then(|| {
                Rc::new(Format {
                    namespace: arn.service.into(),
                    region: arn.region.into(),
                    account: arn.account.into(),
                    resource: arn.resource.into(),
                    is_name: NAMES.iter().any(|it| template.ends_with(it)),
                    template,
                })
            })
        });
        let mut known = self.formats.by_template.borrow_mut();
        known.insert(at, format.clone());
        format
    }

    /// Returns the formats whose resource part the text of a resource can be, whatever its Region
    /// and account; none where its namespace is open or unknown.
    #[must_use]
    pub fn likely_formats(&self, arn: Arn<'_>) -> Vec<Rc<Format>> {
        if pattern::has_wildcard(arn.service) {
            return Vec::new();
        }
        let all = self.formats(arn.service);
        let fitting = all.iter().filter(|it| it.is_resource(arn.resource));
        fitting.cloned().collect()
    }

    /// Returns whether the text of a resource is like some format of its namespace.
    #[must_use]
    pub fn has_known_shape(&self, pattern: &ResourcePattern) -> bool {
        let text = open_text(pattern);
        let Some(arn) = Arn::parse(&text) else {
            return false;
        };
        if pattern::has_wildcard(arn.service) {
            return false;
        }
        self.formats(arn.service).iter().any(|it| it.can_be(arn))
    }
}

impl Format {
    /// Returns whether some ARN is of this format and matches these parts, each compared by itself.
    #[must_use]
    pub fn can_be(&self, arn: Arn<'_>) -> bool {
        let same = |a, b| a == b;
        pattern::overlap(arn.service, &self.namespace, same)
            && pattern::overlap(arn.region, &self.region, same)
            && pattern::overlap(arn.account, &self.account, same)
            && self.is_resource(arn.resource)
    }

    /// Returns the resource part.
    pub(super) const fn resource(&self) -> &str {
        &self.resource
    }

    fn is_resource(&self, resource: &str) -> bool {
        !(self.is_name && resource.contains('/'))
            && pattern::overlap(resource, &self.resource, |a, b| a == b)
    }
}

/// Returns the text of a resource with `*` for its variables.
pub(super) fn open_text(pattern: &ResourcePattern) -> std::borrow::Cow<'_, str> {
    let text = pattern.template.text();
    if pattern.template.has_variables() {
        super::expand::fill(text, |_| "*".into()).into()
    } else {
        text.into()
    }
}

fn shared(namespace: &str) -> impl Iterator<Item = &'static str> {
    let own = SHARED.iter().filter(move |(it, _)| *it == namespace);
    own.flat_map(|(_, services)| services.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn shared_namespaces_are_those_of_the_catalog() {
        let catalog = Catalog::builtin();
        for service in catalog.services() {
            let types = service.resource_types().iter();
            for template in types.flat_map(|it| it.arn_templates.iter()) {
                let Some(arn) = Arn::parse(template) else {
                    continue;
                };
                let is_own = arn.service == service.prefix() || arn.service.starts_with('$');
                let is_shared = shared(arn.service).any(|it| it == service.prefix());
                assert!(is_own || is_shared, "{template} of {}", service.prefix());
            }
        }
    }

    #[test]
    fn parts_are_compared_one_by_one() {
        let memo = Memo::new(Catalog::builtin());
        let arn = Arn::parse("arn:aws:ec2:*:*:instance/*").unwrap();
        let formats = memo.formats("ec2");
        let own: Vec<_> = formats.iter().filter(|it| it.can_be(arn)).collect();
        assert!(
            own.iter().all(|it| it.template.contains(":instance/")),
            "{own:?}"
        );
        assert!(!own.is_empty());
    }
}
