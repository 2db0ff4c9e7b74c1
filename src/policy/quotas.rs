//! How long a policy document may be: AWS's quotas, each with the page that states it.
//!
//! This is the one place with these numbers. Quotas on counts (policies per role, versions) are
//! not here: they are no matter of one document.

use super::Kind;

/// What counts to a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// Characters, white space left out.
    CharactersWithoutWhiteSpace,
    /// Every character.
    Characters,
    /// Every byte.
    Bytes,
}

/// The most that a document of one kind may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The kind of document.
    pub kind: Kind,
    /// For resource policies, the prefix of the service that stores it.
    pub service: Option<&'static str>,
    /// What is limited, as a sentence names it.
    pub subject: &'static str,
    /// The limit.
    pub limit: usize,
    /// A greater limit under which it may still be accepted, and what that takes.
    pub otherwise: Option<(usize, &'static str)>,
    /// What counts.
    pub counting: Counting,
    /// The title of AWS's page.
    pub page: &'static str,
    /// When the page, or the named announcement of its change, was read.
    pub read: &'static str,
}

const IAM: &str = "IAM and AWS STS quotas";
const ORGANIZATIONS: &str = "Quotas and service limits for AWS Organizations";

/// Every quota. A kind may have several rows; the first whose service fits holds.
pub const QUOTAS: [Quota; 9] = [
    Quota {
        kind: Kind::Identity,
        service: None,
        subject: "a managed policy",
        limit: 6_144,
        // The inline policies of one role share 10,240 characters, those of a group 5,120, of a
        // user 2,048.
        otherwise: Some((10_240, "it only fits a role, as an inline policy")),
        counting: Counting::CharactersWithoutWhiteSpace,
        page: IAM,
        read: "2026-11-22",
    },
    Quota {
        kind: Kind::Boundary,
        service: None,
        subject: "a managed policy",
        limit: 6_144,
        otherwise: None,
        counting: Counting::CharactersWithoutWhiteSpace,
        page: IAM,
        read: "2026-11-22",
    },
    Quota {
        kind: Kind::Trust,
        service: None,
        subject: "a role trust policy",
        limit: 2_048,
        // The greatest value was 4,096 until 2026; pages of 2026 name 8,192.
        otherwise: Some((
            8_192,
            "it needs an account with a raised `Role trust policy length`",
        )),
        counting: Counting::CharactersWithoutWhiteSpace,
        page: IAM,
        read: "2026-11-22",
    },
    Quota {
        kind: Kind::Session,
        service: None,
        // Inline and managed session policies share it; a packed size limit comes on top.
        subject: "a session policy",
        limit: 2_048,
        otherwise: None,
        counting: Counting::Characters,
        page: IAM,
        read: "2026-11-22",
    },
    Quota {
        kind: Kind::Scp,
        service: None,
        subject: "a service control policy",
        // 5,120 until 2026-05-15 (announcement "AWS Organizations increased SCP quotas").
        limit: 10_240,
        otherwise: None,
        counting: Counting::Characters,
        page: ORGANIZATIONS,
        read: "2026-11-22",
    },
    Quota {
        kind: Kind::Rcp,
        service: None,
        subject: "a resource control policy",
        limit: 5_120,
        otherwise: None,
        counting: Counting::Characters,
        page: ORGANIZATIONS,
        read: "2026-11-22",
    },
    Quota {
        kind: Kind::VpcEndpoint,
        service: None,
        subject: "a VPC endpoint policy",
        limit: 20_480,
        otherwise: None,
        counting: Counting::Characters,
        page: "AWS PrivateLink quotas",
        read: "2026-11-22",
    },
    Quota {
        kind: Kind::Resource,
        service: Some("s3"),
        subject: "a bucket policy",
        limit: 20_480,
        otherwise: None,
        counting: Counting::Bytes,
        page: "Bucket policies for Amazon S3",
        read: "2026-11-22",
    },
    Quota {
        kind: Kind::Resource,
        service: Some("kms"),
        subject: "a key policy",
        limit: 32_768,
        otherwise: None,
        counting: Counting::Bytes,
        page: "AWS KMS quotas: Resource quotas",
        read: "2026-11-22",
    },
];

/// Returns the quota of a kind; `service` is the one that all actions of the document name.
#[must_use]
pub fn quota(kind: Kind, service: Option<&str>) -> Option<&'static Quota> {
    QUOTAS
        .iter()
        .filter(|quota| quota.kind == kind)
        .find(|quota| match (quota.service, service) {
            (None, _) => true,
            (Some(own), Some(service)) => own.eq_ignore_ascii_case(service),
            (Some(_), None) => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quota_says_where_it_stands_and_can_be_found() {
        for row in &QUOTAS {
            assert!(!row.page.is_empty() && row.read.len() == 10, "{row:?}");
            assert!(row.otherwise.is_none_or(|(limit, _)| limit > row.limit));
            assert_eq!(quota(row.kind, row.service), Some(row));
        }
        assert_eq!(quota(Kind::Resource, Some("sqs")), None);
        assert_eq!(quota(Kind::Resource, None), None);
    }
}
