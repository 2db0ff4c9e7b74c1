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
        let rest = text.strip_prefix("arn:")?;
        // Read for every request: a loop over bytes is several times faster than `splitn`.
        let mut ends = [0; 4];
        let mut found = 0;
        for (at, byte) in rest.bytes().enumerate() {
            if byte == b':' {
                ends[found] = at;
                found += 1;
                if found == ends.len() {
                    break;
                }
            }
        }
        if found < ends.len() {
            return None;
        }
        let [partition, service, region, account] = ends;
        Some(Self {
            partition: &rest[..partition],
            service: &rest[partition + 1..service],
            region: &rest[service + 1..region],
            account: &rest[region + 1..account],
            resource: &rest[account + 1..],
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

#[cfg(test)]
mod tests {
    use super::Arn;

    #[test]
    fn parses_six_parts() {
        let arn = Arn::parse("arn:aws:s3:::bucket/a:b").unwrap();
        assert_eq!((arn.partition, arn.service, arn.region), ("aws", "s3", ""));
        assert_eq!((arn.account, arn.resource), ("", "bucket/a:b"));
        assert!(Arn::parse("arn:aws:s3::").is_none());
        assert!(Arn::parse("urn:aws:s3:::b").is_none());
        assert_eq!(Arn::parse("arn:::::").unwrap().resource, "");
    }
}
