//! One request: who does what to which resource, in which context.

use super::{Context, Principal};
use crate::arn::Arn;

/// The action of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// As given, such as `s3:GetObject`.
    pub text: Box<str>,
    /// In lower case.
    pub folded: Box<str>,
    colon: usize,
}

/// An action that no policy names.
impl Default for Action {
    fn default() -> Self {
        Self {
            text: "none:None".into(),
            folded: "none:none".into(),
            colon: 4,
        }
    }
}

impl Action {
    /// Reads `service:Name`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let colon = text
            .find(':')
            .filter(|at| *at > 0 && *at + 1 < text.len())?;
        Some(Self {
            text: text.into(),
            folded: text.to_ascii_lowercase().into(),
            colon,
        })
    }

    /// Returns the service prefix in lower case.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.folded[..self.colon]
    }

    /// Returns the name in lower case.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.folded[self.colon + 1..]
    }
}

/// Everything that policies decide about.
#[derive(Clone, Debug)]
pub struct Request {
    /// The caller.
    pub principal: Principal,
    /// What it does.
    pub action: Action,
    /// The ARN of what it does it to; `None` for an action without resource types (R8).
    pub resource: Option<Box<str>>,
    /// The account that owns the resource.
    pub resource_account: Option<Box<str>>,
    /// The condition context.
    pub context: Context,
    /// Facts outside the context.
    pub settings: Settings,
}

/// Facts of a request that no context key tells.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whether everything that matters was given, so that nothing is unknown.
    pub complete: bool,
    /// Whether the service supports resource control policies and the action has a resource type
    /// (O14).
    pub rcp_applies: bool,
    /// The management account of the organization (O5, O11).
    pub management_account: Option<Box<str>>,
    /// Whether the caller is a service-linked role (O5, O12); else its name tells.
    pub service_linked_role: Option<bool>,
    /// Whether the key is one of AWS's own (O13).
    pub aws_managed_key: bool,
    /// Whether S3 Block Public Access restricts public buckets (S10).
    pub block_public_access: bool,
    /// Whether the bucket has attribute-based access control enabled (S11).
    pub bucket_abac: Option<bool>,
    /// The caller's unique id, such as `AIDA…` (P13).
    pub unique_id: Option<Box<str>>,
    /// The caller's canonical user id (P8).
    pub canonical_user: Option<Box<str>>,
    /// Whether the resource is known to have no policy of its own. Keys of KMS and roles always have
    /// one (S1, S3), so of them it says nothing.
    pub lacks_resource_policy: bool,
    /// The ARN of the IAM user who made a federated session (E10); else the one of its name.
    pub federated_by: Option<Box<str>>,
}

impl Settings {
    /// The names that [`Settings::set`] takes, as in `testdata/evaluate/FORMAT.md`.
    pub const NAMES: [&str; 8] = [
        "federatedBy",
        "kms.awsManagedKey",
        "organization.managementAccount",
        "principal.canonicalUser",
        "principal.serviceLinkedRole",
        "principal.uniqueId",
        "s3.blockPublicAccess",
        "s3.bucketAbac",
    ];

    /// Sets a fact by name.
    ///
    /// # Errors
    ///
    /// There is no such fact, or it is not of this type; the text says which.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let flag = || match value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(format!("`{name}` is `true` or `false`, not `{value}`")),
        };
        match name {
            "federatedBy" => self.federated_by = Some(value.into()),
            "kms.awsManagedKey" => self.aws_managed_key = flag()?,
            "organization.managementAccount" => self.management_account = Some(value.into()),
            "principal.canonicalUser" => self.canonical_user = Some(value.into()),
            "principal.serviceLinkedRole" => self.service_linked_role = Some(flag()?),
            "principal.uniqueId" => self.unique_id = Some(value.into()),
            "s3.blockPublicAccess" => self.block_public_access = flag()?,
            "s3.bucketAbac" => self.bucket_abac = Some(flag()?),
            _ => {
                return Err(format!(
                    "there is no fact `{name}`: known are {}",
                    Self::NAMES.join(", ")
                ));
            }
        }
        Ok(())
    }
}

/// Returns whether an ARN is that of a bucket, not of an object in it.
pub(super) fn is_bucket(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.service == "s3" && !arn.resource.contains(['/', ':']))
}

impl Request {
    /// Returns whether caller and resource are of one account; a resource whose owner nobody
    /// named is taken for the caller's (X6).
    #[must_use]
    pub fn same_account(&self) -> bool {
        match (&self.resource_account, self.principal.account()) {
            (Some(owner), Some(caller)) => **owner == *caller,
            _ => true,
        }
    }

    /// Returns whether the request is about a bucket itself, not an object in it.
    #[must_use]
    pub fn is_on_bucket(&self) -> bool {
        self.resource.as_deref().is_some_and(is_bucket)
    }

    /// Returns whether the caller is a service-linked role.
    #[must_use]
    pub fn is_service_linked_role(&self) -> bool {
        self.settings
            .service_linked_role
            .unwrap_or_else(|| match &self.principal {
                Principal::Session(identity) | Principal::Role(identity) => {
                    identity.name.starts_with("AWSServiceRoleFor")
                }
                _ => false,
            })
    }
}
