//! Amazon Resource Names as text in six parts.
//!
//! Nothing here matches patterns: that is `pattern`'s.

/// The parts of an ARN: `arn:partition:service:region:account:resource` (AWS: "Identify AWS
/// resources with Amazon Resource Names (ARNs)").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: &'a str,
    /// The service's namespace.
    pub service: &'a str,
    /// The region; empty where the service has none.
    pub region: &'a str,
    /// The account id; empty where the service names none.
    pub account: &'a str,
    /// Everything after the fifth colon.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Returns the parts of a text that is an ARN: `arn` and five colons at least.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next() != Some("arn") {
            return None;
        }
        Some(Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }
}

/// Returns whether a text is an AWS account id: twelve digits.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the last segment of a path such as `role/team/app`.
#[must_use]
pub fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
