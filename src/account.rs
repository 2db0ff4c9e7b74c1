//! What an AWS account looks like from outside: a snapshot, plain data.
//!
//! [`Snapshot`] holds the texts of policies as AWS gave them, whose they are, and what could *not* be
//! read and why. Nothing here reads an account (`aws` does), a file, or a clock, and there is no
//! secret in it: access keys are not part of it.

/// An account, or the part of it that matters for some principals, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// When reading began: RFC 3339, UTC.
    pub taken: String,
    /// Who read it.
    pub caller: Caller,
    /// The partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The account id.
    pub account: String,
    /// The users and roles that were read.
    pub principals: Vec<Principal>,
    /// Policies of resources: keys, buckets, queues.
    pub resource_policies: Vec<Text>,
    /// Customer managed policies that were read though none of the principals carries them.
    pub policies: Vec<ManagedPolicy>,
    /// Whether AWS said that the account is in no organization: then no policy of one binds it.
    pub in_no_organization: bool,
    /// The organization's policies; none if there is no organization, if they were not asked for,
    /// or could not be read: then `unread` says so.
    pub organization: Option<Organization>,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

/// Whose credential read the account: what `sts:GetCallerIdentity` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The ARN of a user, a role session or the root user.
    pub arn: String,
    /// The account id.
    pub account: String,
    /// The unique id, such as `AIDA…` or `AROA…:session`.
    pub user_id: String,
}

/// A user or a role with everything that says what it may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// The ARN with its path: of a session, that of its role.
    pub arn: String,
    /// Identity policies: inline ones, attached ones, those of its groups.
    pub policies: Vec<IdentityPolicy>,
    /// Its permissions boundary.
    pub boundary: Option<Text>,
    /// The role trust policy; none for a user.
    pub trust: Option<Text>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
    /// The longest session of a role, in seconds.
    pub max_session: Option<u32>,
    /// Whether every identity policy, the boundary and the trust policy could be read. If not, what
    /// it may do is not known.
    pub complete: bool,
}

/// An identity policy and how it came to its principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityPolicy {
    /// How it came there.
    pub origin: Origin,
    /// The document; its name is an ARN, or `ARN of the user, role or group#NAME` for an inline one.
    pub text: Text,
}

/// How an identity policy came to its principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Embedded in the user or role.
    Inline,
    /// A managed policy, attached.
    Attached,
    /// Of a group of this ARN that the user is in, inline or attached.
    Group(String),
}

/// A policy document as AWS gave it, decoded from its URL encoding and not changed otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The ARN of the policy, or of the resource that it belongs to.
    pub name: String,
    /// The JSON.
    pub text: String,
}

/// A customer managed policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManagedPolicy {
    /// Its ARN and its default version.
    pub text: Text,
    /// Its tags.
    pub tags: Vec<(String, String)>,
    /// How many versions there are; IAM holds five.
    pub versions: usize,
    /// How many users, groups and roles it is attached to.
    pub attachments: u32,
}

/// The policies of an organization that bind one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organization {
    /// Its id, such as `o-exampleorgid`.
    pub id: String,
    /// The account that no service control policy binds.
    pub management_account: String,
    /// Service control policies by level: root first, the account last. None: the organization has
    /// them switched off.
    pub scps: Option<Vec<Level>>,
    /// Resource control policies by level, in the same order.
    pub rcps: Option<Vec<Level>>,
}

/// The policies attached to one root, organizational unit or account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// Its id: `r-…`, `ou-…` or an account id.
    pub target: String,
    /// The policies.
    pub policies: Vec<Text>,
}

/// Something that could not be read: whatever is decided, it is decided without it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// What it is, in words: `the service control policies`.
    pub what: String,
    /// The call, such as `organizations:ListPoliciesForTarget`.
    pub operation: String,
    /// The ARN or name that it was asked about; empty if it takes none.
    pub resource: String,
    /// AWS's error code, such as `AccessDenied`.
    pub code: String,
    /// AWS's words.
    pub message: String,
    /// The request id, by which AWS finds the call; empty if there was no answer.
    pub request_id: String,
}

impl Unread {
    /// Says what could not be read, and why, in one line.
    #[must_use]
    pub fn words(&self) -> String {
        let mut text = format!("{}: `{}`", self.what, self.operation);
        if !self.resource.is_empty() {
            text.push_str(&format!(" of `{}`", self.resource));
        }
        let answer = [&*self.code, &*self.message].into_iter();
        let answer: Vec<&str> = answer.filter(|it| !it.is_empty()).collect();
        if !answer.is_empty() {
            text.push_str(&format!(" answered {}", answer.join(": ")));
        }
        text
    }
}

impl Snapshot {
    /// Whether somebody asked which policies of an organization bind the account, and was answered;
    /// what [`Snapshot::unread`] lists of it is missing even so.
    #[must_use]
    pub const fn tells_of_organization(&self) -> bool {
        self.in_no_organization || self.organization.is_some()
    }

    /// Returns the principal of an ARN; of a role session's ARN, its role.
    #[must_use]
    pub fn principal(&self, arn: &str) -> Option<&Principal> {
        let exact = self.principals.iter().find(|it| it.arn == arn);
        exact.or_else(|| {
            let (account, role) = session_role(arn)?;
            let mut roles = self.principals.iter().filter(|it| {
                crate::arn::Arn::parse(&it.arn).is_some_and(|own| {
                    own.account == account
                        && own.resource.starts_with("role/")
                        && crate::arn::last_segment(own.resource) == role
                })
            });
            roles.next()
        })
    }
}

/// Returns the account and role name of a role session: its ARN does not hold the role's path (AWS:
/// "IAM identifiers"), and IAM tells role names apart without their paths.
fn session_role(arn: &str) -> Option<(&str, &str)> {
    let arn = crate::arn::Arn::parse(arn).filter(|it| it.service == "sts")?;
    let rest = arn.resource.strip_prefix("assumed-role/")?;
    Some((arn.account, rest.split('/').next()?))
}
