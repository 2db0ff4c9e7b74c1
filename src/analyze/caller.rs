//! Who may make a request: one caller that is known, or one of each kind that the policies in
//! play tell apart.
//!
//! Principals are compared for equality only (rules P1 to P9), so a caller of each named account,
//! each named user, role, session, service and provider, and one that nobody names, stand for all.

use super::bits::Bits;
use crate::evaluate::grant::{Grant, grant};
use crate::evaluate::{Action, Context, Principal, Request, Settings};
use crate::policy::{Document, Effect, Kind, PrincipalElement, PrincipalName};

/// Every caller in question.
#[derive(Debug)]
pub(super) struct Callers {
    list: Vec<Caller>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Caller {
    /// A request of this caller without action, resource and context.
    pub(super) request: Request,
    pub(super) has_boundary: bool,
}

/// An account that no policy of the question names, unless all of these are named.
pub(super) const STRANGERS: [&str; 4] = [
    "999999999999",
    "888888888888",
    "777777777777",
    "666666666666",
];

impl Callers {
    pub(super) fn one(principal: &Principal, settings: &Settings, has_boundary: bool) -> Self {
        Self {
            list: vec![caller(principal.clone(), settings.clone(), has_boundary)],
        }
    }

    /// Returns one caller of each kind that these documents tell apart.
    pub(super) fn of(documents: &[&Document]) -> Self {
        Self::with_accounts(documents, &[])
    }

    /// As [`Callers::of`], and callers of these accounts.
    pub(super) fn with_accounts(documents: &[&Document], accounts: &[String]) -> Self {
        let mut found = Found::default();
        for account in accounts {
            found.account(account);
        }
        let elements = documents
            .iter()
            .filter(|it| it.kind.has_principal())
            .flat_map(|document| {
                document
                    .statements
                    .iter()
                    .map(move |it| (document.kind, it))
            });
        let mut any = false;
        for (_, statement) in elements {
            any = true;
            found.boundaries |= statement.effect == Effect::Deny
                && statement.principal.as_ref().is_some_and(|it| it.negated);
            for entry in statement.principal.iter().flat_map(|it| &it.entries) {
                found.add(&entry.name, &entry.text);
            }
        }
        if !any {
            let nobody = Principal::simulated("111122223333");
            return Self::one(&nobody, &Settings::default(), false);
        }
        found.finish()
    }

    pub(super) const fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn into_list(self) -> Vec<Caller> {
        self.list
    }

    pub(super) fn get(&self, at: usize) -> &Caller {
        &self.list[at]
    }

    /// Returns the callers that a statement names in one of these ways.
    pub(super) fn named(
        &self,
        element: Option<&PrincipalElement>,
        kind: Kind,
        effect: Effect,
        ways: &[Grant],
    ) -> Bits {
        let mut named = Bits::none(self.list.len());
        for (at, caller) in self.list.iter().enumerate() {
            let grant = grant(element, &caller.request, kind, effect, caller.has_boundary);
            if grant.is_some_and(|it| ways.contains(&it)) {
                named.insert(at);
            }
        }
        named
    }
}

fn caller(principal: Principal, settings: Settings, has_boundary: bool) -> Caller {
    Caller {
        request: Request {
            principal,
            action: Action::default(),
            resource: None,
            resource_account: None,
            context: Context::default(),
            settings,
        },
        has_boundary,
    }
}

#[derive(Debug, Default)]
struct Found {
    principals: Vec<Principal>,
    accounts: Vec<String>,
    unique: Vec<Box<str>>,
    canonical: Vec<Box<str>>,
    boundaries: bool,
}

impl Found {
    fn push(&mut self, text: &str) {
        let parsed = match text {
            "" => Some(Principal::Anonymous),
            text => Principal::parse(text),
        };
        if let Some(principal) = parsed
            && !self.principals.contains(&principal)
        {
            self.principals.push(principal);
        }
    }

    fn account(&mut self, account: &str) {
        if !self.accounts.iter().any(|it| it == account) {
            self.accounts.push(account.to_owned());
        }
    }

    fn add(&mut self, name: &PrincipalName, text: &str) {
        match name {
            PrincipalName::Everyone | PrincipalName::Other => {}
            PrincipalName::Account { account } => self.account(account),
            PrincipalName::User {
                partition,
                account,
                path_and_name,
            } => {
                self.account(account);
                self.push(text);
                let name = crate::arn::last_segment(path_and_name);
                self.push(&format!(
                    "arn:{partition}:sts::{account}:federated-user/{name}"
                ));
            }
            PrincipalName::Role {
                partition,
                account,
                name,
            } => {
                self.account(account);
                self.push(&format!(
                    "arn:{partition}:sts::{account}:assumed-role/{name}/session"
                ));
            }
            PrincipalName::SessionArn => {
                if let Some(arn) = crate::arn::Arn::parse(text) {
                    self.account(arn.account);
                }
                self.push(text);
            }
            PrincipalName::Service => {
                let service = Principal::Service(text.into());
                if !self.principals.contains(&service) {
                    self.principals.push(service);
                }
            }
            PrincipalName::Federated => {
                let provider = Principal::Federated(text.into());
                if !self.principals.contains(&provider) {
                    self.principals.push(provider);
                }
            }
            PrincipalName::CanonicalUser => self.canonical.push(text.into()),
            PrincipalName::UniqueId => self.unique.push(text.into()),
        }
    }

    fn finish(mut self) -> Callers {
        let stranger = STRANGERS
            .into_iter()
            .find(|it| !self.accounts.iter().any(|known| known == it));
        if let Some(account) = stranger {
            self.account(account);
        }
        for account in self.accounts.clone() {
            self.push(&format!(
                "arn:aws:sts::{account}:assumed-role/someone/session"
            ));
            self.push(&format!("arn:aws:iam::{account}:user/someone"));
            self.push(&format!("arn:aws:iam::{account}:root"));
            self.push(&format!("arn:aws:sts::{account}:federated-user/someone"));
        }
        self.push("some-service.amazonaws.com");
        self.push("some-provider.example.com");
        self.push("");
        let mut list = Vec::new();
        for principal in &self.principals {
            let plain = Settings::default();
            list.push(caller(principal.clone(), plain.clone(), false));
            let is_entity = matches!(
                principal,
                Principal::User(_) | Principal::Session(_) | Principal::FederatedUser(_)
            );
            if self.boundaries && is_entity {
                list.push(caller(principal.clone(), plain.clone(), true));
            }
            if principal.identity().is_none() {
                continue;
            }
            for (unique, canonical) in self.ids(is_entity) {
                let settings = Settings {
                    unique_id: unique,
                    canonical_user: canonical,
                    ..Settings::default()
                };
                if self.boundaries && is_entity {
                    list.push(caller(principal.clone(), settings.clone(), true));
                }
                list.push(caller(principal.clone(), settings, false));
            }
        }
        Callers { list }
    }

    /// Every pair of ids that a caller may have, but for none at all.
    #[expect(
        clippy::type_complexity,
        reason = "a pair of ids, each of which may be missing"
    )]
    fn ids(&self, is_entity: bool) -> Vec<(Option<Box<str>>, Option<Box<str>>)> {
        let unique: Vec<Option<Box<str>>> = match is_entity {
            true => std::iter::once(None)
                .chain(self.unique.iter().cloned().map(Some))
                .collect(),
            false => vec![None],
        };
        let canonical = || std::iter::once(None).chain(self.canonical.iter().cloned().map(Some));
        let pairs = unique
            .iter()
            .flat_map(|unique| canonical().map(move |it| (unique.clone(), it)));
        pairs.filter(|(a, b)| a.is_some() || b.is_some()).collect()
    }
}
