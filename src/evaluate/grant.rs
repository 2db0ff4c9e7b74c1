//! How a resource policy's `Principal` matches a caller: not at all, by account, or directly, and
//! with which of the caller's own limits (sections P and E of the rules).

use super::decide::Policies;
use super::principal::{Identity, Principal};
use super::request::Request;
use crate::arn::{Arn, last_segment};
use crate::pattern;
use crate::policy::{Document, Effect, Kind, PrincipalElement, PrincipalEntry, PrincipalName};
use crate::switch::on;

/// How directly a statement names the caller, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grant {
    /// It names the caller's account: the identity side decides (P2, E11).
    Account,
    /// It names the role, or the user who federated: boundary and session policy still limit
    /// (E7, E10).
    Limited,
    /// It names the IAM user: neither silent identity policies nor the boundary limit (E6).
    User,
    /// It names the session, everyone, a service or a provider: nothing limits but denies (E8, E9).
    Session,
}

/// Returns the caller's permissions boundary. Root users have none (E12), nor has a caller without
/// an account (X5), whatever is given.
pub(crate) fn boundary_of<'p>(
    policies: &'p Policies,
    principal: &Principal,
) -> Option<&'p [Document]> {
    let root = matches!(principal, Principal::Root(_)) && on("E12");
    let entity = principal.identity().is_some() && !root;
    policies.boundary.as_deref().filter(|_| entity)
}

/// Returns how a statement names the caller.
pub(crate) fn grant(
    element: Option<&PrincipalElement>,
    request: &Request,
    kind: Kind,
    effect: Effect,
    has_boundary: bool,
) -> Option<Grant> {
    // G10: a statement that should name principals and does not names nobody.
    let Some(element) = element else {
        return (!on("G10")).then_some(Grant::Session);
    };
    let limit = if on("P11") { element.entries.len() } else { 1 };
    let entries = element.entries.iter().take(limit);
    let best = entries
        .filter_map(|entry| names(entry, request, kind))
        .max();
    if !element.negated {
        return best;
    }
    // P10: a caller with a boundary is hit by every Deny with NotPrincipal.
    let hit = best.is_none() || effect == Effect::Deny && has_boundary && on("P10");
    hit.then_some(Grant::Session)
}

fn names(entry: &PrincipalEntry, request: &Request, kind: Kind) -> Option<Grant> {
    let caller = &request.principal;
    let identity = caller.identity();
    let text = &*entry.text;
    if !on("P1")
        && let Some(identity) = identity
        && pattern::matches(text, &identity.arn)
    {
        return Some(Grant::Session);
    }
    match &entry.name {
        PrincipalName::Everyone => {
            let grant = if on("E9") {
                Grant::Session
            } else {
                Grant::Limited
            };
            on("P3").then_some(grant)
        }
        PrincipalName::Account { account } => {
            let same = identity.is_some_and(|it| it.account == *account);
            // N3: in an endpoint policy the account means its root user alone.
            let root_only = kind == Kind::VpcEndpoint && on("N3");
            let counts = same && (!root_only || matches!(caller, Principal::Root(_)));
            let grant = if on("E11") {
                Grant::Account
            } else {
                Grant::Session
            };
            (counts && on("P2")).then_some(grant)
        }
        PrincipalName::User {
            partition,
            account,
            path_and_name,
        } => {
            let in_account = |it: &Identity| it.account == *account && it.partition == *partition;
            match caller {
                Principal::User(it) => {
                    (in_account(it) && it.name == *path_and_name).then_some(if on("E6") {
                        Grant::User
                    } else {
                        Grant::Account
                    })
                }
                Principal::FederatedUser(it) => (in_account(it)
                    && federated_by(request, it) == last_segment(path_and_name)
                    && on("P6"))
                .then_some(if on("E10") {
                    Grant::Limited
                } else {
                    Grant::Session
                }),
                _ => None,
            }
        }
        PrincipalName::Role {
            partition,
            account,
            name,
        } => {
            let (Principal::Session(it) | Principal::Role(it)) = caller else {
                return None;
            };
            let same = it.account == *account && it.partition == *partition && it.name == *name;
            let same = same && (on("P4") || matches!(caller, Principal::Role(_)));
            same.then_some(if on("E7") {
                Grant::Limited
            } else {
                Grant::Session
            })
        }
        PrincipalName::SessionArn => {
            let session = matches!(caller, Principal::Session(_) | Principal::FederatedUser(_));
            let same = session && identity.is_some_and(|it| *it.arn == *text);
            let known = match caller {
                Principal::Session(_) => on("P5"),
                _ => on("P6"),
            };
            let direct = match caller {
                Principal::Session(_) => on("E8"),
                _ => on("E10"),
            };
            (same && known).then_some(if direct {
                Grant::Session
            } else {
                Grant::Limited
            })
        }
        PrincipalName::Service => {
            (*caller == Principal::Service(text.into()) && on("P7")).then_some(Grant::Session)
        }
        PrincipalName::Federated => {
            (*caller == Principal::Federated(text.into()) && on("P8")).then_some(Grant::Session)
        }
        PrincipalName::CanonicalUser => {
            // It is an account's, so a caller without one has none.
            let own = request.settings.canonical_user.as_deref();
            let same = identity.is_some() && own == Some(text);
            (same && on("P8")).then_some(Grant::Account)
        }
        PrincipalName::UniqueId => by_unique_id(text, request),
        PrincipalName::Other => None,
    }
}

/// P13: an id names the caller only if it is the caller's own, known id.
fn by_unique_id(text: &str, request: &Request) -> Option<Grant> {
    if !on("P13") || request.settings.unique_id.as_deref() != Some(text) {
        return None;
    }
    match request.principal {
        Principal::User(_) => Some(Grant::User),
        Principal::Session(_) | Principal::Role(_) | Principal::FederatedUser(_) => {
            Some(Grant::Limited)
        }
        _ => None,
    }
}

/// Q14: the name of the IAM user behind a federated session; without a word about it, the
/// session's own name.
fn federated_by<'a>(request: &'a Request, identity: &'a Identity) -> &'a str {
    match request
        .settings
        .federated_by
        .as_deref()
        .and_then(Arn::parse)
    {
        Some(user) => last_segment(user.resource),
        None => &identity.name,
    }
}
