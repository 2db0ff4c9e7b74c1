//! Partitions and regions (source: `botocore`, see the catalog's sources).

/// A partition: `aws`, `aws-cn`, `aws-us-gov` and so on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The part of an ARN.
    pub name: Box<str>,
    /// What service endpoints end in: `amazonaws.com`.
    pub dns_suffix: Box<str>,
    /// The region of global services: `us-east-1`.
    pub implicit_global_region: Box<str>,
    /// Its regions, by name, without pseudo-regions such as `aws-global`.
    pub regions: Vec<Box<str>>,
}
