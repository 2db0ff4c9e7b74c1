//! How long a policy document may be: AWS's quotas, each with the page that states it.
//!
//! This is the one place with these numbers. Quotas on counts (policies per role, versions) are
//! not here: they are no matter of one document.

use super::{Document, Kind};
use crate::switch::on;

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
    /// A greater limit under which it may still be accepted.
    pub otherwise: Option<Otherwise>,
    /// What counts.
    pub counting: Counting,
    /// The title of AWS's page.
    pub page: &'static str,
    /// When the page, or the named announcement of its change, was read.
    pub read: &'static str,
}

/// A greater limit, for some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Otherwise {
    /// What is limited, as a sentence names it.
    pub subject: &'static str,
    /// The limit.
    pub limit: usize,
    /// The name of the finding about a document between the two limits.
    pub problem: &'static str,
    /// What it takes.
    pub takes: &'static str,
}

const IAM: &str = "IAM and AWS STS quotas";
const ORGANIZATIONS: &str = "Quotas and service limits for AWS Organizations";

/// Every quota. A kind may have several rows; the first whose service fits holds.
pub const QUOTAS: [Quota; 15] = [
    Quota {
        kind: Kind::Identity,
        service: None,
        subject: "a managed policy",
        limit: 6_144,
        // The inline policies of one role share 10,240 characters, those of a group 5,120, of a
        // user 2,048.
        otherwise: Some(Otherwise {
            subject: "an inline policy of a role",
            limit: 10_240,
            problem: "too-large-for-managed-policy",
            takes: "it only fits a role, as an inline policy",
        }),
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
        otherwise: Some(Otherwise {
            subject: "a role trust policy with the highest quota",
            limit: 8_192,
            problem: "trust-policy-over-default-quota",
            takes: "it needs an account with a raised `Role trust policy length`",
        }),
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
    Quota {
        kind: Kind::Resource,
        service: Some("sns"),
        subject: "a topic policy",
        limit: 30_720,
        otherwise: None,
        counting: Counting::Bytes,
        page: "Amazon SNS API permissions: Actions and resources reference",
        read: "2026-11-28",
    },
    Quota {
        kind: Kind::Resource,
        service: Some("sqs"),
        subject: "a queue policy",
        limit: 8_192,
        otherwise: None,
        counting: Counting::Bytes,
        page: "Amazon SQS policy quotas",
        read: "2026-11-28",
    },
    Quota {
        kind: Kind::Resource,
        service: Some("lambda"),
        subject: "the policy of a function",
        limit: 20_480,
        otherwise: None,
        counting: Counting::Bytes,
        page: "Lambda quotas",
        read: "2026-11-28",
    },
    Quota {
        kind: Kind::Resource,
        service: Some("secretsmanager"),
        subject: "the policy of a secret",
        limit: 20_480,
        otherwise: None,
        counting: Counting::Characters,
        page: "AWS Secrets Manager quotas",
        read: "2026-11-28",
    },
    Quota {
        kind: Kind::Resource,
        service: Some("ecr"),
        subject: "a repository policy",
        limit: 10_240,
        otherwise: None,
        counting: Counting::Characters,
        page: "Amazon ECR API Reference: SetRepositoryPolicy",
        read: "2026-11-28",
    },
    Quota {
        kind: Kind::Resource,
        service: Some("organizations"),
        subject: "a delegation policy",
        limit: 40_000,
        otherwise: None,
        counting: Counting::Characters,
        page: ORGANIZATIONS,
        read: "2026-11-28",
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

/// A document's size beside the quota for its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The quota.
    pub quota: &'static Quota,
    /// What counts to it.
    pub size: usize,
    /// Characters that are not white space.
    pub without_white_space: usize,
}

/// Measures a document; `text` is its source text. `None` where no quota is known for it.
#[must_use]
pub fn measure(document: &Document, text: &str) -> Option<Measured> {
    let quota = quota(document.kind, only_service(document))?;
    let characters = text.chars().count();
    let white_space = text.bytes().filter(u8::is_ascii_whitespace).count();
    let size = match quota.counting {
        Counting::CharactersWithoutWhiteSpace if on("G4") => characters - white_space,
        Counting::Characters if !on("G4") => characters - white_space,
        Counting::CharactersWithoutWhiteSpace | Counting::Characters => characters,
        Counting::Bytes => text.len(),
    };
    Some(Measured {
        quota,
        size,
        without_white_space: characters - white_space,
    })
}

/// Returns the service prefix that every action of the document has.
fn only_service(document: &Document) -> Option<&str> {
    let statements = document.statements.iter();
    let patterns = statements.flat_map(|it| &it.action.patterns);
    let mut prefixes = patterns.map(|it| it.text.split_once(':').map(|(prefix, _)| prefix));
    let first = prefixes.next()??;
    prefixes
        .all(|prefix| prefix.is_some_and(|it| it.eq_ignore_ascii_case(first)))
        .then_some(first)
}

/// Returns a number as people write it: `10,240`.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How many parts the policy of a service's resource may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The prefix of the service.
    pub service: &'static str,
    /// What is limited, as a sentence names it.
    pub subject: &'static str,
    /// The most statements.
    pub statements: usize,
    /// The most actions in one statement, where that is limited.
    pub actions: Option<usize>,
    /// The title of AWS's page.
    pub page: &'static str,
    /// When it was read.
    pub read: &'static str,
}

/// Quotas on the parts of one document.
pub const COUNTS: [Counts; 2] = [
    Counts {
        service: "sqs",
        subject: "a queue policy",
        statements: 20,
        actions: Some(7),
        page: "Amazon SQS policy quotas",
        read: "2026-11-28",
    },
    Counts {
        service: "sns",
        subject: "a topic policy",
        statements: 100,
        actions: None,
        page: "Amazon SNS API permissions: Actions and resources reference",
        read: "2026-11-28",
    },
];

/// Returns how many parts a resource policy may have whose actions are all of one service.
#[must_use]
pub fn counts(document: &Document) -> Option<&'static Counts> {
    if document.kind != Kind::Resource {
        return None;
    }
    let service = only_service(document)?;
    COUNTS
        .iter()
        .find(|it| it.service.eq_ignore_ascii_case(service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quota_says_where_it_stands_and_can_be_found() {
        for row in &QUOTAS {
            assert!(!row.page.is_empty() && row.read.len() == 10, "{row:?}");
            assert!(row.otherwise.is_none_or(|it| it.limit > row.limit));
            assert_eq!(quota(row.kind, row.service), Some(row));
        }
        assert_eq!(quota(Kind::Resource, Some("glue")), None);
        assert_eq!(quota(Kind::Resource, None), None);
    }
}
