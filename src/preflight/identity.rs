//! Whose credential it is: what `sts:GetCallerIdentity` proves, and what it does not.

use crate::account::Caller;
use crate::arn::Arn;

/// Whose credential it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What AWS said.
    pub caller: Caller,
    /// The partition.
    pub partition: String,
    /// What kind of principal it is.
    pub kind: Holder,
}

/// Kinds of principals that may hold a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// An IAM user: its key is valid until somebody deletes it.
    User,
    /// A session of a role.
    Session,
    /// The root user.
    Root,
    /// A federated user or something newer: no policy of its own can be read.
    Other,
}

impl Identity {
    /// Reads who answered.
    #[must_use]
    pub fn of(caller: Caller) -> Self {
        let arn = Arn::parse(&caller.arn);
        let resource = arn.as_ref().map_or("", |it| it.resource);
        let kind = match resource.split('/').next() {
            Some("user") => Holder::User,
            Some("assumed-role") => Holder::Session,
            Some("root") => Holder::Root,
            _ => Holder::Other,
        };
        Self {
            partition: arn.map_or_else(String::new, |it| it.partition.to_owned()),
            kind,
            caller,
        }
    }

    /// Returns what is worth saying about it.
    #[must_use]
    pub const fn note(&self) -> Option<&'static str> {
        match self.kind {
            // IAM User Guide, "Security best practices in IAM": temporary credentials instead.
            Holder::User => Some(
                "a user's access key is valid until somebody deletes it: rotate it, or let the \
                 vendor assume a role",
            ),
            Holder::Session | Holder::Root | Holder::Other => None,
        }
    }
}

impl Holder {
    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Session => "role session",
            Self::Root => "root user",
            Self::Other => "other principal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_from_arns() {
        for (arn, kind) in [
            ("arn:aws:iam::111122223333:user/vendor/mengi", Holder::User),
            (
                "arn:aws:sts::111122223333:assumed-role/Manager/one",
                Holder::Session,
            ),
            ("arn:aws-cn:iam::111122223333:root", Holder::Root),
            (
                "arn:aws:sts::111122223333:federated-user/somebody",
                Holder::Other,
            ),
            ("", Holder::Other),
        ] {
            let caller = Caller {
                arn: arn.into(),
                ..Caller::default()
            };
            assert_eq!(Identity::of(caller).kind, kind, "{arn}");
        }
    }
}
