//! `Principal` and `NotPrincipal`, with each name sorted by what it names.

use crate::arn::{Arn, is_account_id, last_segment};
use crate::source::Span;

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug)]
pub struct PrincipalElement {
    /// `NotPrincipal`.
    pub negated: bool,
    /// The key.
    pub key_span: Span,
    /// The value with its brackets.
    pub span: Span,
    /// Every name, which are an OR (P11).
    pub entries: Vec<PrincipalEntry>,
}

/// One name.
#[derive(Clone, Debug)]
pub struct PrincipalEntry {
    /// The text as written.
    pub text: Box<str>,
    /// Where it stands.
    pub span: Span,
    /// What it names.
    pub name: PrincipalName,
}

/// What a principal text names (AWS: "AWS JSON policy elements: Principal").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalName {
    /// `*` or `{"AWS": "*"}` (P3).
    Everyone,
    /// An account, by id or as `…:root` (P2).
    Account {
        /// The account id.
        account: Box<str>,
    },
    /// An IAM user.
    User {
        /// Its partition, `aws` in most.
        partition: Box<str>,
        /// Its account id.
        account: Box<str>,
        /// The path and name after `user/`.
        path_and_name: Box<str>,
    },
    /// A role: every session of it (P4).
    Role {
        /// Its partition.
        partition: Box<str>,
        /// Its account id.
        account: Box<str>,
        /// Its name without path: a session's ARN carries none.
        name: Box<str>,
    },
    /// One session of a role (P5) or of a federated user (P6): this exact ARN.
    SessionArn,
    /// A service that calls as itself (P7).
    Service,
    /// An identity provider (P8).
    Federated,
    /// A canonical user id, of S3 and CloudFront (P8).
    CanonicalUser,
    /// `AIDA…`, `AROA…`: an entity by its unique id (P13).
    UniqueId,
    /// Anything else: it names nobody.
    Other,
}

impl PrincipalName {
    /// Returns what a text under `Principal: {"AWS": …}` names.
    #[must_use]
    pub fn of_aws(text: &str) -> Self {
        if text == "*" {
            return Self::Everyone;
        }
        if is_account_id(text) {
            return Self::Account {
                account: text.into(),
            };
        }
        let Some(arn) = Arn::parse(text) else {
            return if is_unique_id(text) {
                Self::UniqueId
            } else {
                Self::Other
            };
        };
        let own = |text: &str| Box::<str>::from(text);
        match (arn.service, arn.resource) {
            ("iam", "root") if is_account_id(arn.account) => Self::Account {
                account: own(arn.account),
            },
            ("iam", resource) => {
                if let Some(path_and_name) = resource.strip_prefix("user/") {
                    Self::User {
                        partition: own(arn.partition),
                        account: own(arn.account),
                        path_and_name: own(path_and_name),
                    }
                } else if let Some(path_and_name) = resource.strip_prefix("role/") {
                    Self::Role {
                        partition: own(arn.partition),
                        account: own(arn.account),
                        name: own(last_segment(path_and_name)),
                    }
                } else {
                    Self::Other
                }
            }
            ("sts", resource)
                if resource.starts_with("assumed-role/")
                    || resource.starts_with("federated-user/") =>
            {
                Self::SessionArn
            }
            _ => Self::Other,
        }
    }
}

/// IAM's unique ids: a four-letter prefix such as `AIDA` and capitals and digits (AWS: "IAM
/// identifiers").
fn is_unique_id(text: &str) -> bool {
    let id = text.split(':').next().unwrap_or_default();
    id.len() >= 16
        && id.starts_with('A')
        && id
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
