//! Who makes a request.

use crate::arn::{Arn, last_segment};
use crate::switch::on;

/// The caller of a request (rule P14; AWS: "AWS JSON policy elements: Principal").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// An IAM user.
    User(Identity),
    /// A role session, `…:assumed-role/ROLE/SESSION`.
    Session(Identity),
    /// A role as "any session of it".
    Role(Identity),
    /// A session of GetFederationToken, `…:federated-user/NAME`.
    FederatedUser(Identity),
    /// The root user of an account.
    Root(Identity),
    /// An AWS service that calls as itself.
    Service(Box<str>),
    /// An identity provider, in AssumeRoleWithSAML and AssumeRoleWithWebIdentity.
    Federated(Box<str>),
    /// An unsigned request.
    Anonymous,
    /// Nobody in particular: AWS's policy simulator without a caller (K4). It belongs to the
    /// resource's account.
    Simulated(Identity),
}

/// A caller that belongs to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The caller's ARN as given.
    pub arn: Box<str>,
    /// Its partition.
    pub partition: Box<str>,
    /// Its account id.
    pub account: Box<str>,
    /// The path and name of a user, the name of a role, the name of a federated user; empty for
    /// root.
    pub name: Box<str>,
}

impl Principal {
    /// Returns the caller that a text names: an ARN, a service principal, or an identity provider.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let Some(arn) = Arn::parse(text) else {
            let service = text.ends_with(".amazonaws.com")
                || text.ends_with(".amazonaws.com.cn")
                || text.ends_with(".amazon.com");
            // Amazon Cognito and Login with Amazon are identity providers under Amazon's names.
            let provider = matches!(text, "cognito-identity.amazonaws.com" | "www.amazon.com");
            return match (text.contains('.'), service && !provider) {
                (false, _) => None,
                (true, true) => Some(Self::Service(text.into())),
                (true, false) => Some(Self::Federated(text.into())),
            };
        };
        let identity = |name: &str| Identity {
            arn: text.into(),
            partition: arn.partition.into(),
            account: arn.account.into(),
            name: name.into(),
        };
        let (kind, rest) = arn.resource.split_once('/').unwrap_or((arn.resource, ""));
        Some(match (arn.service, kind) {
            ("iam", "root") => Self::Root(identity("")),
            ("iam", "user") => Self::User(identity(rest)),
            ("iam", "role") if on("P14") => Self::Role(identity(last_segment(rest))),
            ("iam", "saml-provider" | "oidc-provider") => Self::Federated(text.into()),
            ("sts", "assumed-role") => Self::Session(identity(
                rest.split_once('/').map_or(rest, |(role, _)| role),
            )),
            ("sts", "federated-user") => Self::FederatedUser(identity(rest)),
            _ => return None,
        })
    }

    /// Returns a caller of whom nothing is known but the account (K4).
    #[must_use]
    pub fn simulated(account: &str) -> Self {
        let [arn, partition, name] = [Box::default(), Box::default(), Box::default()];
        Self::Simulated(Identity {
            arn,
            partition,
            account: account.into(),
            name,
        })
    }

    /// Returns the caller's ARN or name; none for an unsigned request and for nobody in particular.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Service(name) | Self::Federated(name) => Some(name),
            _ => self
                .identity()
                .map(|it| &*it.arn)
                .filter(|it| !it.is_empty()),
        }
    }

    /// Returns what belongs to the caller's account; none for services, providers and anonymous.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        match self {
            Self::User(identity)
            | Self::Session(identity)
            | Self::Role(identity)
            | Self::FederatedUser(identity)
            | Self::Root(identity)
            | Self::Simulated(identity) => Some(identity),
            Self::Service(_) | Self::Federated(_) | Self::Anonymous => None,
        }
    }

    /// Returns the caller's account id.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.identity().map(|identity| &*identity.account)
    }

    /// Returns `aws:PrincipalArn` (P12): a session's is its role's, as far as the session's ARN
    /// tells it (a path is not in it).
    #[must_use]
    pub fn principal_arn(&self) -> Option<String> {
        let identity = self.identity()?;
        Some(match self {
            Self::Simulated(_) => return None,
            Self::Session(_) if on("P12") => {
                let Identity {
                    partition,
                    account,
                    name,
                    ..
                } = identity;
                format!("arn:{partition}:iam::{account}:role/{name}")
            }
            _ => identity.arn.to_string(),
        })
    }

    /// Returns `aws:PrincipalType` (K2).
    #[must_use]
    pub const fn principal_type(&self) -> Option<&'static str> {
        match self {
            Self::User(_) => Some("User"),
            Self::Session(_) | Self::Role(_) => Some("AssumedRole"),
            Self::FederatedUser(_) => Some("FederatedUser"),
            Self::Root(_) => Some("Account"),
            Self::Anonymous => Some("Anonymous"),
            Self::Service(_) | Self::Federated(_) | Self::Simulated(_) => None,
        }
    }
}
