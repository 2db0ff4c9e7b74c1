//! Who gets in by a policy of a resource or role: name by name, after every Deny.

use super::excess::{allows, only};
use super::visitor::Visitor;
use super::{Analysis, Doubt, Found, Witness};
use crate::evaluate::Principal;
use crate::policy::{Document, PrincipalName, Statement};

/// Somebody who gets in.
#[derive(Clone, Debug)]
pub struct Entrance {
    /// The document, by its index.
    pub document: usize,
    /// The Allow statement, by its index in the document.
    pub statement: usize,
    /// The name in its `Principal`, by its index; none for `NotPrincipal`.
    pub entry: Option<usize>,
    /// What kind of caller gets in.
    pub guest: Guest,
    /// One of the requests.
    pub witness: Witness,
}

/// Kinds of callers, as far as a policy tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guest {
    /// Requests without a signature.
    Anonymous,
    /// Callers of any AWS account.
    AnyAccount,
    /// Callers of one account, as far as its own policies let them.
    Account,
    /// Sessions of a role.
    Role,
    /// An IAM user.
    User,
    /// One session.
    Session,
    /// A service.
    Service,
    /// Those for whom an identity provider speaks.
    Provider,
    /// A caller by its unique or canonical id.
    Id,
}

impl Guest {
    /// Returns the word of machine-readable output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::AnyAccount => "any-account",
            Self::Account => "account",
            Self::Role => "role",
            Self::User => "user",
            Self::Session => "session",
            Self::Service => "service",
            Self::Provider => "identity-provider",
            Self::Id => "id",
        }
    }
}

/// Everybody who gets in.
#[derive(Clone, Debug, Default)]
pub struct Entrances {
    /// In text order.
    pub open: Vec<Entrance>,
    /// Names that an Allow names in vain: document, statement and name.
    pub shut: Vec<(usize, usize, Option<usize>)>,
    /// What could not be settled.
    pub doubts: Vec<Doubt>,
}

impl Analysis<'_> {
    /// Returns who may make some request of a family, as far as documents, which are one layer,
    /// decide. `action` is the family's, where it is one.
    #[must_use]
    pub fn entrances(
        &self,
        documents: &[Document],
        family: &[Document],
        action: &str,
    ) -> Entrances {
        let visitors = self.visitors(documents);
        let mut entrances = Entrances::default();
        for (document, statement) in allows(documents) {
            let of = &documents[document];
            let allow = &of.statements[statement];
            for (entry, own) in doors(allow) {
                let reduced = only(documents, document, &own);
                let guests = visitors
                    .iter()
                    .filter(|it| it.may_call(action, of.kind))
                    .filter(|it| it.is_named(own.principal.as_ref(), of));
                let mut seen: Vec<Guest> = Vec::new();
                let mut is_doubtful = false;
                for visitor in guests {
                    let guest = guest(&own, entry, visitor);
                    if seen.contains(&guest) {
                        continue;
                    }
                    match self.find_admitted(&[&reduced, family], visitor) {
                        Found::Nothing => {}
                        Found::Unknown(doubt) => {
                            is_doubtful = true;
                            if !entrances.doubts.contains(&doubt) {
                                entrances.doubts.push(doubt);
                            }
                        }
                        Found::Request(witness) => {
                            seen.push(guest);
                            entrances.open.push(Entrance {
                                document,
                                statement,
                                entry,
                                guest,
                                witness: *witness,
                            });
                        }
                    }
                }
                if seen.is_empty() && !is_doubtful {
                    entrances.shut.push((document, statement, entry));
                }
            }
        }
        entrances
    }
}

/// A statement once for each name in its `Principal`.
fn doors(allow: &Statement) -> Vec<(Option<usize>, Statement)> {
    let Some(element) = allow.principal.as_ref().filter(|it| !it.negated) else {
        return vec![(None, allow.clone())];
    };
    let all = element.entries.iter().enumerate();
    all.map(|(at, entry)| {
        let mut own = allow.clone();
        if let Some(element) = &mut own.principal {
            element.entries = vec![entry.clone()];
        }
        (Some(at), own)
    })
    .collect()
}

/// What kind of caller a name lets in, given one whom it names.
fn guest(own: &Statement, entry: Option<usize>, visitor: &Visitor) -> Guest {
    let name = own.principal.iter().flat_map(|it| &it.entries).next();
    match name.filter(|_| entry.is_some()).map(|it| &it.name) {
        Some(PrincipalName::Account { .. }) => Guest::Account,
        Some(PrincipalName::User { .. }) => Guest::User,
        Some(PrincipalName::Role { .. }) => Guest::Role,
        Some(PrincipalName::SessionArn) => Guest::Session,
        Some(PrincipalName::Service) => Guest::Service,
        Some(PrincipalName::Federated) => Guest::Provider,
        Some(PrincipalName::CanonicalUser | PrincipalName::UniqueId) => Guest::Id,
        _ => match &visitor.principal {
            Principal::Anonymous => Guest::Anonymous,
            Principal::Service(_) => Guest::Service,
            Principal::Federated(_) => Guest::Provider,
            _ => Guest::AnyAccount,
        },
    }
}
