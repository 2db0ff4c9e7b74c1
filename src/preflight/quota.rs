//! Quotas that end a provisioning half-way, whatever policies allow.
//!
//! Only the limit is read, not how much of it is in use: that would take a read for each kind of
//! resource, and more permissions than the vendor's own work.

use super::Account;
use crate::account::Unread;
use crate::profile::Call;

/// A quota, and the call that it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    action: &'static str,
    service: &'static str,
    code: &'static str,
    title: &'static str,
}

/// Codes from the AWS General Reference pages "Amazon VPC endpoints and quotas", "Amazon EC2
/// endpoints and quotas" and "Amazon EKS endpoints and quotas", read 2026-11-22.
const KNOWN: [Known; 5] = [
    Known {
        action: "ec2:CreateVpc",
        service: "vpc",
        code: "L-F678F1CE",
        title: "VPCs per Region",
    },
    Known {
        action: "ec2:CreateNatGateway",
        service: "vpc",
        code: "L-FE5A380F",
        title: "NAT gateways per Availability Zone",
    },
    Known {
        action: "ec2:AllocateAddress",
        service: "ec2",
        code: "L-0263D0A3",
        title: "EC2-VPC Elastic IPs",
    },
    Known {
        action: "ec2:RunInstances",
        service: "ec2",
        code: "L-1216C47A",
        title: "vCPUs of running on-demand standard instances",
    },
    Known {
        action: "eks:CreateCluster",
        service: "eks",
        code: "L-1194D53C",
        title: "EKS clusters",
    },
];

/// The limit of one quota in one region.
#[derive(Clone, Debug, PartialEq)]
pub struct Quota {
    /// What it limits.
    pub title: &'static str,
    /// The region.
    pub region: String,
    /// Its code.
    pub code: &'static str,
    /// The limit.
    pub limit: f64,
}

/// Reads the quotas that calls run into; the first refusal ends it.
pub(super) fn read(
    calls: &[Call],
    regions: &[&str],
    account: &mut dyn Account,
) -> (Vec<Quota>, Option<Unread>) {
    let mut quotas = Vec::new();
    let needed = |it: &&Known| calls.iter().any(|call| call.action == it.action);
    for known in KNOWN.iter().filter(needed) {
        for region in regions {
            match account.quota(region, known.service, known.code) {
                Ok(limit) => quotas.push(Quota {
                    title: known.title,
                    region: (*region).to_owned(),
                    code: known.code,
                    limit,
                }),
                Err(unread) => return (quotas, Some(*unread)),
            }
        }
    }
    (quotas, None)
}
