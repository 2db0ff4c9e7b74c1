//! Where a service is asked, and how its calls are signed.

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use crate::catalog::{Catalog, Partition};

/// Where a service is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Scheme and host.
    pub(super) url: String,
    /// The region of the signature.
    pub(super) region: String,
    /// The service's name in the signature.
    pub(super) service: &'static str,
}

/// The services that are asked, each named in hosts and signatures as its actions are: the id by
/// which the shared configuration knows it, and whether one endpoint serves a whole partition (AWS
/// General Reference, "Service endpoints and quotas"; AWS SDKs and Tools Reference Guide,
/// "Identifiers for service-specific endpoints").
const SERVICES: [(&str, &str, bool); 10] = [
    ("acm", "ACM", false),
    ("autoscaling", "Auto Scaling", false),
    ("ec2", "EC2", false),
    ("eks", "EKS", false),
    ("elasticloadbalancing", "Elastic Load Balancing v2", false),
    ("iam", "IAM", true),
    ("kms", "KMS", false),
    ("route53", "Route 53", true),
    ("servicequotas", "Service Quotas", false),
    ("ssm", "SSM", false),
];

impl Endpoint {
    /// Returns where the service of an action's prefix is asked: at the endpoint that was given or
    /// configured, else at AWS.
    pub(super) fn of(prefix: &'static str, region: &str, config: &SdkConfig) -> Self {
        let row = SERVICES.iter().find(|it| it.0 == prefix);
        let (service, id, is_global) = *row.unwrap_or(&(prefix, prefix, false));
        let partition = partition_of(region);
        let suffix = partition.map_or("amazonaws.com", |it| &*it.dns_suffix);
        let signed = match partition {
            // "AWS Identity and Access Management endpoints": Beijing serves China.
            Some(partition) if service == "iam" && &*partition.name == "aws-cn" => "cn-north-1",
            Some(partition) if is_global => &*partition.implicit_global_region,
            _ => region,
        };
        let is_government = partition.is_some_and(|it| &*it.name == "aws-us-gov");
        let host = match config.use_fips() {
            // The endpoints of GovCloud are all validated (AWS GovCloud (US) User Guide, "Service
            // endpoints").
            Some(true) if !is_government => validated(service),
            _ => service.to_owned(),
        };
        let url = configured(id, config).unwrap_or_else(|| match is_global {
            true => global(&host, signed, suffix),
            false => format!("https://{host}.{region}.{suffix}"),
        });
        Self {
            url,
            region: signed.to_owned(),
            service,
        }
    }
}

/// Returns the host whose cryptography is validated after FIPS 140; where a service has none, nobody
/// answers, which is what was asked for (AWS: "FIPS endpoints by service").
fn validated(service: &str) -> String {
    match service {
        "eks" => "fips.eks".to_owned(),
        _ => format!("{service}-fips"),
    }
}

/// Returns the partition of a region; a region that the catalog does not know yet is named like its
/// neighbours.
fn partition_of(region: &str) -> Option<&'static Partition> {
    fn area(region: &str) -> Option<&str> {
        region.rsplitn(3, '-').nth(2)
    }
    let catalog = Catalog::builtin();
    let known = catalog.partition_of_region(region);
    known.or_else(|| {
        let mut partitions = catalog.partitions().iter();
        partitions.find(|it| it.regions.iter().any(|name| area(name) == area(region)))
    })
}

/// AWS General Reference, "AWS Identity and Access Management endpoints" and "Amazon Route 53
/// endpoints".
fn global(host: &str, region: &str, suffix: &str) -> String {
    match region {
        "us-east-1" => format!("https://{host}.{suffix}"),
        "us-gov-west-1" => format!("https://{host}.us-gov.{suffix}"),
        "cn-northwest-1" => format!("https://{host}.{suffix}"),
        _ => format!("https://{host}.{region}.{suffix}"),
    }
}

/// What was given goes before what is configured for the service, and that before what is
/// configured for all (AWS SDKs and Tools Reference Guide, "Service-specific endpoints").
fn configured(id: &str, config: &SdkConfig) -> Option<String> {
    let general = config.endpoint_url().map(str::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return general;
    }
    let key = ServiceConfigKey::builder()
        .service_id(id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let own = key
        .ok()
        .and_then(|it| config.service_config()?.load_config(it));
    own.or(general)
}

#[cfg(test)]
mod tests {
    use aws_config::SdkConfig;

    use super::Endpoint;

    #[test]
    fn every_partition_has_its_own_hosts() {
        let config = SdkConfig::builder().build();
        let cases = [
            (
                "ec2",
                "eu-central-1",
                "https://ec2.eu-central-1.amazonaws.com",
                "eu-central-1",
            ),
            (
                "eks",
                "cn-north-1",
                "https://eks.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
            (
                "ec2",
                "us-gov-west-2",
                "https://ec2.us-gov-west-2.amazonaws.com",
                "us-gov-west-2",
            ),
            (
                "iam",
                "eu-central-1",
                "https://iam.amazonaws.com",
                "us-east-1",
            ),
            (
                "iam",
                "cn-northwest-1",
                "https://iam.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
            (
                "iam",
                "us-gov-east-1",
                "https://iam.us-gov.amazonaws.com",
                "us-gov-west-1",
            ),
        ];
        for (service, region, url, signed) in cases {
            let found = Endpoint::of(service, region, &config);
            assert_eq!(
                (&*found.url, &*found.region),
                (url, signed),
                "{service} in {region}"
            );
        }
    }

    #[test]
    fn validated_endpoints_are_asked_where_they_are_wanted() {
        let config = SdkConfig::builder().use_fips(true).build();
        let url = |service, region| Endpoint::of(service, region, &config).url;
        assert_eq!(
            url("ec2", "us-east-1"),
            "https://ec2-fips.us-east-1.amazonaws.com"
        );
        assert_eq!(
            url("eks", "us-east-1"),
            "https://fips.eks.us-east-1.amazonaws.com"
        );
        assert_eq!(
            url("ec2", "us-gov-west-1"),
            "https://ec2.us-gov-west-1.amazonaws.com"
        );
    }

    #[test]
    fn a_given_endpoint_is_asked_for_every_service() {
        let config = SdkConfig::builder()
            .endpoint_url("http://127.0.0.1:1")
            .build();
        let found = Endpoint::of("eks", "eu-central-1", &config);
        assert_eq!(
            (&*found.url, &*found.region),
            ("http://127.0.0.1:1", "eu-central-1")
        );
    }
}
