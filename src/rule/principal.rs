//! Whom a statement names: questions about `Principal` that several rules ask.

use super::subject::Subject;
use crate::arn::{Arn, is_account_id};
use crate::pattern::{self, Resolved};
use crate::policy::{
    Coverage, Effect, PrincipalElement, PrincipalEntry, PrincipalName, ResourcePattern, Statement,
};

impl PrincipalEntry {
    /// Returns the account that the name belongs to, if it says one.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match &self.name {
            PrincipalName::Account { account }
            | PrincipalName::User { account, .. }
            | PrincipalName::Role { account, .. } => Some(account).map(|it| &**it),
            PrincipalName::SessionArn => Arn::parse(&self.text).map(|it| it.account),
            _ => None,
        }
        .filter(|it| is_account_id(it))
    }

    /// Returns whether the text has holes that somebody or something fills in before AWS sees it.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        self.text.contains(['$', '<', '{', '%', '['])
    }
}

impl Statement {
    /// Returns the names that an Allow lets in by name; none under `NotPrincipal` and Deny.
    pub fn admitted(&self) -> impl Iterator<Item = &PrincipalEntry> {
        let allows = self.effect == Effect::Allow;
        self.named().filter(move |_| allows)
    }

    /// Returns the names under `Principal`.
    pub fn named(&self) -> impl Iterator<Item = &PrincipalEntry> {
        let element = self.principal.iter().filter(|it| !it.negated);
        element.flat_map(|it| &it.entries)
    }

    /// Returns the name that stands for everyone: `"*"` or `{"AWS": "*"}`.
    #[must_use]
    pub fn everyone(&self) -> Option<&PrincipalEntry> {
        self.named().find(|it| it.name == PrincipalName::Everyone)
    }

    /// Returns the service principals that an Allow lets in.
    pub fn services(&self) -> impl Iterator<Item = &PrincipalEntry> {
        self.admitted()
            .filter(|it| it.name == PrincipalName::Service)
    }

    /// Returns the place to point at when a statement lets too many in: the `*` if there is one.
    #[must_use]
    pub fn principal_span(&self) -> crate::source::Span {
        let element = self.principal.as_ref().map_or(self.span, |it| it.span);
        self.everyone().map_or(element, |it| it.span)
    }
}

/// Returns the key under which a name belongs that stands without one.
#[must_use]
pub fn principal_type(text: &str) -> Option<&'static str> {
    if let Some(arn) = Arn::parse(text) {
        let is_provider = arn.resource.starts_with("saml-provider/")
            || arn.resource.starts_with("oidc-provider/");
        if arn.service == "iam" && is_provider {
            return Some("Federated");
        }
    }
    match PrincipalName::of_aws(text) {
        PrincipalName::Other if text.contains(".amazonaws.com") => Some("Service"),
        PrincipalName::Other => None,
        _ => Some("AWS"),
    }
}

impl<'a> Subject<'a> {
    /// Returns the account that the policy's resource or role belongs to, where the text around
    /// the document or the ARNs in it say so.
    #[must_use]
    pub fn owner(&self) -> Option<&'a str> {
        let of = |text: &'a str| Arn::parse(text).map(|it| it.account);
        if let Some(account) = self.arn.and_then(of).filter(|it| is_account_id(it)) {
            return Some(account);
        }
        let mut found = None;
        for statement in &self.document.statements {
            let Some(element) = statement.resource.as_ref().filter(|it| !it.negated) else {
                continue;
            };
            for pattern in &element.patterns {
                let account = of(pattern.template.text()).filter(|it| is_account_id(it));
                if found.is_some() && account.is_some() && found != account {
                    return None;
                }
                found = found.or(account);
            }
        }
        found
    }

    /// Returns whether an account or principal is on the team's list of those that no policy may
    /// name.
    #[must_use]
    pub fn is_blocked(&self, text: &str, account: Option<&str>) -> bool {
        let mut blocked = self.lists.blocked_principals.iter();
        blocked.any(|it| Some(&**it) == account || pattern::matches(it, text))
    }

    /// Returns whether a statement is about a resource that has no variables in its name.
    #[must_use]
    pub fn covers(&self, statement: &Statement, resource: &str) -> bool {
        let covers = |it: &ResourcePattern| {
            it.covers(Some(resource), &|_| Resolved::NoValue) == Coverage::Yes
        };
        statement.resource.as_ref().is_none_or(|element| {
            let named = element.patterns.iter().any(covers);
            named != element.negated
        })
    }

    /// Returns whether something is wrong with the form of this element, which says all there is
    /// to say of its names.
    #[must_use]
    pub fn is_malformed(&self, element: &PrincipalElement) -> bool {
        let (start, end) = (element.span.start, element.span.end);
        self.problems().iter().any(|it| {
            matches!(it.name, "bare-principal" | "unknown-principal-type")
                && start <= it.span.start
                && it.span.end <= end
        })
    }
}
