//! The kinds of policy documents, as `--kind` names them.

use super::{Statement, lower};
use crate::json::Value;

/// Where a policy document is attached; it decides which elements it may have and how it counts
/// (AWS: "Policies and permissions in AWS IAM").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Attached to a user, group or role.
    Identity,
    /// Attached to a resource: bucket, key, queue, …
    Resource,
    /// The trust policy of a role.
    Trust,
    /// The permissions boundary of a user or role.
    Boundary,
    /// Passed when a session is made.
    Session,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// The policy of a VPC endpoint.
    VpcEndpoint,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Identity,
        Self::Resource,
        Self::Trust,
        Self::Boundary,
        Self::Session,
        Self::Scp,
        Self::Rcp,
        Self::VpcEndpoint,
    ];

    /// Returns the word for `--kind`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Resource => "resource",
            Self::Trust => "trust",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::VpcEndpoint => "vpc-endpoint",
        }
    }

    /// Returns the kind of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Returns what people call it in a sentence.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Identity => "identity policy",
            Self::Resource => "resource policy",
            Self::Trust => "trust policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Scp => "service control policy",
            Self::Rcp => "resource control policy",
            Self::VpcEndpoint => "VPC endpoint policy",
        }
    }

    /// Returns [`Kind::title`] with its article.
    #[must_use]
    pub const fn title_with_article(self) -> &'static str {
        match self {
            Self::Identity => "an identity policy",
            Self::Resource => "a resource policy",
            Self::Trust => "a trust policy",
            Self::Boundary => "a permissions boundary",
            Self::Session => "a session policy",
            Self::Scp => "a service control policy",
            Self::Rcp => "a resource control policy",
            Self::VpcEndpoint => "a VPC endpoint policy",
        }
    }

    /// Returns whether statements name principals (rule G10).
    #[must_use]
    pub const fn has_principal(self) -> bool {
        matches!(
            self,
            Self::Resource | Self::Trust | Self::Rcp | Self::VpcEndpoint
        )
    }
}

/// Returns the kind that a document's elements tell: statements of identity policies name no
/// principals, those of trust policies no resources.
#[must_use]
pub fn kind_of(value: Value<'_>) -> Kind {
    let statements = value.get("Statement");
    let statements: Vec<_> = statements
        .into_iter()
        .flat_map(Value::one_or_many)
        .collect();
    let has = |it: &Value<'_>, names: [&str; 2]| names.iter().any(|name| it.get(name).is_some());
    let named = |it: &Value<'_>| has(it, ["Principal", "NotPrincipal"]);
    if !statements.iter().any(named) {
        return Kind::Identity;
    }
    let document = lower(value, Kind::Trust);
    if !document.statements.is_empty() && is_trust(&document.statements) {
        Kind::Trust
    } else {
        Kind::Resource
    }
}

/// Whether statements are those of a trust policy: no resource, and actions of STS only.
#[must_use]
pub fn is_trust(statements: &[Statement]) -> bool {
    let of_sts = |text: &str| {
        text.get(..4)
            .is_some_and(|it| it.eq_ignore_ascii_case("sts:"))
    };
    statements.iter().all(|it| {
        let patterns = &it.action.patterns;
        it.resource.is_none() && !patterns.is_empty() && patterns.iter().all(|it| of_sts(&it.text))
    })
}
