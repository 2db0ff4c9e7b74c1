//! Trust in identity providers: which provider a statement names, and what its conditions say of
//! the provider's tokens.

use super::subject::Subject;
use crate::arn::{Arn, is_account_id};
use crate::pattern::has_wildcard;
use crate::policy::{
    Condition, ConditionValue, PrincipalEntry, PrincipalName, Quantifier, Statement, Test,
};

/// A `Federated` principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider<'s> {
    /// An OpenID Connect provider, by its URL without `https://`.
    Oidc(&'s str),
    /// A SAML provider.
    Saml,
    /// Neither form.
    Malformed,
}

/// Providers that IAM knows without an ARN (AWS: "AWS JSON policy elements: Principal").
pub const BUILT_IN: [&str; 4] = [
    "cognito-identity.amazonaws.com",
    "accounts.google.com",
    "www.amazon.com",
    "graph.facebook.com",
];

/// A provider whose tokens anybody can get, or that serves one customer under one URL.
#[derive(Debug)]
pub struct Issuer {
    /// The host of its URL.
    pub host: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Claims that say for whom a token was made.
    pub claims: &'static [&'static str],
    /// A value of `sub` that names one customer, as its documentation writes it.
    pub example: &'static str,
}

/// Providers where anybody may have an account, each with the claims that tell customers apart:
/// its own documentation on use with AWS, and "Available keys for AWS OIDC federation" (IAM User
/// Guide; provider-specific claims since 2026-01), read 2026-11.
pub const SHARED: [Issuer; 8] = [
    Issuer {
        host: GITHUB,
        name: "GitHub",
        claims: &[
            "sub",
            "repository",
            "repository_id",
            "repository_owner",
            "repository_owner_id",
            "job_workflow_ref",
            "enterprise_id",
            "actor_id",
        ],
        example: "repo:OWNER/REPOSITORY:ref:refs/heads/main",
    },
    Issuer {
        host: "gitlab.com",
        name: "GitLab",
        claims: &["sub"],
        example: "project_path:GROUP/PROJECT:ref_type:branch:ref:main",
    },
    Issuer {
        host: "app.terraform.io",
        name: "HCP Terraform",
        claims: &["sub"],
        example: "organization:ORGANIZATION:project:PROJECT:workspace:WORKSPACE:run_phase:*",
    },
    Issuer {
        host: "agent.buildkite.com",
        name: "Buildkite",
        claims: &["sub"],
        example: "organization:ORGANIZATION:pipeline:PIPELINE:*",
    },
    Issuer {
        host: "accounts.google.com",
        name: "Google",
        claims: &["sub", "aud", "oaud", "email"],
        example: "the numeric id of the user or service account",
    },
    Issuer {
        host: "graph.facebook.com",
        name: "Facebook",
        claims: &["app_id", "id"],
        example: "",
    },
    Issuer {
        host: "www.amazon.com",
        name: "Login with Amazon",
        claims: &["app_id", "user_id"],
        example: "",
    },
    Issuer {
        host: "cognito-identity.amazonaws.com",
        name: "Amazon Cognito",
        claims: &["aud", "sub"],
        example: "",
    },
];

/// The provider of GitHub Actions.
pub const GITHUB: &str = "token.actions.githubusercontent.com";

impl PrincipalEntry {
    /// Returns the identity provider that the name stands for.
    #[must_use]
    pub fn provider(&self) -> Option<Provider<'_>> {
        (self.name == PrincipalName::Federated).then(|| provider(&self.text))
    }
}

fn provider(text: &str) -> Provider<'_> {
    if let Some(arn) = Arn::parse(text) {
        let is_iam = arn.service == "iam" && arn.region.is_empty() && is_account_id(arn.account);
        return match arn.resource.split_once('/') {
            Some(("oidc-provider", url)) if is_iam && url.contains('.') => Provider::Oidc(url),
            Some(("saml-provider", name)) if is_iam && !name.is_empty() => Provider::Saml,
            _ => Provider::Malformed,
        };
    }
    let is_host = text.contains('.')
        && text
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b".-/_".contains(&it));
    if is_host {
        Provider::Oidc(text)
    } else {
        Provider::Malformed
    }
}

/// Returns the shared provider that has this URL; one with a path serves a single customer.
#[must_use]
pub fn shared_issuer(url: &str) -> Option<&'static Issuer> {
    let host = url.trim_end_matches('/');
    SHARED.iter().find(|it| host.eq_ignore_ascii_case(it.host))
}

/// Returns the host of a provider's URL.
#[must_use]
pub fn host_of(url: &str) -> &str {
    url.split('/').next().unwrap_or(url)
}

/// Returns whether a URL is that of a cluster of Amazon EKS.
#[must_use]
pub fn is_eks(url: &str) -> bool {
    let is_host = url.starts_with("oidc.eks.") || url.starts_with("oidc-eks.");
    is_host && url.contains("/id/")
}

impl Statement {
    /// Returns the OpenID Connect providers that an Allow trusts, by entry and URL.
    pub fn oidc_providers(&self) -> impl Iterator<Item = (&PrincipalEntry, &str)> {
        self.admitted().filter_map(|it| match it.provider() {
            Some(Provider::Oidc(url)) => Some((it, url)),
            _ => None,
        })
    }

    /// Returns the conditions on claims of a provider's tokens.
    pub fn claims_of<'s>(
        &'s self,
        url: &'s str,
    ) -> impl Iterator<Item = (&'s str, &'s Condition)> + 's {
        let conditions = self.conditions.iter();
        conditions.filter_map(move |it| Some((it.claim_of(url)?, it)))
    }

    /// Returns whether a condition on one of these claims keeps tokens out.
    #[must_use]
    pub fn limits_claim(&self, url: &str, names: &[&str]) -> bool {
        self.claims_of(url)
            .any(|(claim, it)| names.contains(&claim) && it.limits_claim())
    }
}

impl Condition {
    /// Returns the claim that the key stands for, if it is one of this provider's.
    #[must_use]
    pub fn claim_of(&self, url: &str) -> Option<&str> {
        let (own, claim) = self.key.rsplit_once(':')?;
        let trim = |it| str::trim_end_matches(it, '/');
        trim(own).eq_ignore_ascii_case(trim(url)).then_some(claim)
    }

    /// Returns the provider's URL and the claim of a key that stands for a claim at all.
    #[must_use]
    pub fn claim(&self) -> Option<(&str, &str)> {
        let (url, claim) = self.key.rsplit_once(':')?;
        url.contains('.').then_some((url, claim))
    }

    /// Returns whether it keeps some tokens out. Tokens always carry the claims that matter, so an
    /// `…IfExists` limits too.
    #[must_use]
    pub fn limits_claim(&self) -> bool {
        let Some(operator) = self.operator else {
            return false;
        };
        let everything = |text: &str| !text.is_empty() && text.bytes().all(|it| it == b'*');
        match operator.test {
            _ if operator.negated || self.values.is_empty() => false,
            Test::StringLike => !self.values.iter().any(|it| everything(it.template.text())),
            Test::StringEquals | Test::StringEqualsIgnoreCase => true,
            _ => false,
        }
    }

    /// Returns the values that are patterns: those with wildcards under a `…Like` operator.
    pub fn patterns(&self) -> impl Iterator<Item = &crate::policy::ConditionValue> {
        let is_like = self
            .operator
            .is_some_and(|it| !it.negated && it.test == Test::StringLike);
        let values = self.values.iter();
        values.filter(move |it| is_like && has_wildcard(it.template.text()))
    }

    /// Returns whether it is a set operator that passes requests without the key.
    #[must_use]
    pub fn passes_when_absent(&self) -> bool {
        self.operator.is_some_and(|it| {
            it.if_exists
                || it.negated && it.quantifier != Some(Quantifier::ForAnyValue)
                || it.quantifier == Some(Quantifier::ForAllValues)
        })
    }
}

impl Subject<'_> {
    /// Returns the values of GitHub's `sub` that let tokens in, with what each matches; none where
    /// another claim says which repository it has to be.
    #[must_use]
    pub fn github_subjects<'s>(
        &self,
        statement: &'s Statement,
    ) -> Vec<(&'s ConditionValue, Subjects)> {
        let mut found = Vec::new();
        for (_, url) in statement.oidc_providers() {
            let Some(issuer) = shared_issuer(url).filter(|it| it.host == GITHUB) else {
                continue;
            };
            let mut others = issuer.claims.iter().filter(|it| **it != "sub");
            if others.any(|it| statement.limits_claim(url, &[*it])) {
                continue;
            }
            for (claim, condition) in statement.claims_of(url) {
                let operator = condition.operator.filter(|it| !it.negated);
                let Some(operator) = operator.filter(|_| claim == "sub") else {
                    continue;
                };
                let is_like = operator.test == Test::StringLike;
                let values = condition.values.iter();
                found.extend(values.map(|it| (it, subjects(it.template.text(), is_like))));
            }
        }
        found
    }
}

/// What a pattern of GitHub subjects lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subjects {
    /// Repositories of everybody.
    Everybody,
    /// Repositories of owners whose names only start or end alike.
    SimilarOwners,
    /// Whatever carries a claim that anybody can set in a repository of their own.
    Outsiders,
    /// Several repositories of one owner.
    Owner,
    /// Every branch, tag, environment and event of a repository.
    Repository,
    /// Pull requests of a repository.
    PullRequests,
    /// One branch, environment or the like.
    Fixed,
}

/// Claims that name an owner or a repository (GitHub: "OpenID Connect reference").
const OWNERS: [&str; 7] = [
    "repo",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "job_workflow_ref",
    "enterprise",
];
/// Claims whose values anybody can set in a repository of their own.
const FREE: [&str; 9] = [
    "workflow",
    "environment",
    "ref",
    "ref_type",
    "context",
    "head_ref",
    "base_ref",
    "event_name",
    "runner_environment",
];

/// Reads a value of GitHub's `sub`: `repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH`, or the claims
/// that a repository chose in their place (GitHub: "OpenID Connect reference").
#[must_use]
pub fn subjects(text: &str, is_pattern: bool) -> Subjects {
    let wild = |it: &str| is_pattern && has_wildcard(it);
    let (claim, rest) = text.split_once(':').unwrap_or((text, ""));
    if wild(claim) {
        return Subjects::Everybody;
    }
    let claim = claim.to_ascii_lowercase();
    let is_owner = |it: &str| OWNERS.contains(&it.to_ascii_lowercase().as_str());
    if FREE.contains(&claim.as_str()) {
        let mut others = rest.split(':');
        return if others.any(is_owner) {
            Subjects::Fixed
        } else {
            Subjects::Outsiders
        };
    }
    if !is_owner(&claim) {
        return Subjects::Fixed;
    }
    let (value, rest) = rest.split_once(':').unwrap_or((rest, ""));
    let (owner, name) = match value.split_once('/') {
        Some((owner, name)) => (owner, Some(name)),
        None => (value, None),
    };
    // With ids it is `repo:OWNER@ID/REPOSITORY@ID:…`, and no name has an `@` of its own.
    let (owner, id) = owner.split_once('@').unwrap_or((owner, ""));
    let name = name.map(|it| it.split('@').next().unwrap_or(it));
    let all_stars = |it: &str| !it.is_empty() && it.bytes().all(|it| it == b'*');
    if wild(owner) {
        return if all_stars(owner) {
            Subjects::Everybody
        } else {
            Subjects::SimilarOwners
        };
    }
    if claim != "repo" && claim != "repository" {
        return Subjects::Fixed;
    }
    match name {
        Some(name) if wild(name) => Subjects::Owner,
        None if wild(id) => Subjects::Owner,
        _ if wild(rest) => Subjects::Repository,
        _ if rest == "pull_request" => Subjects::PullRequests,
        _ => Subjects::Fixed,
    }
}

#[cfg(test)]
mod tests {
    use super::{Provider, Subjects, provider, subjects};

    #[test]
    fn reads_providers() {
        let arn = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/A";
        let url = "oidc.eks.us-east-1.amazonaws.com/id/A";
        assert_eq!(provider(arn), Provider::Oidc(url));
        let saml = "arn:aws-us-gov:iam::111122223333:saml-provider/okta";
        assert_eq!(provider(saml), Provider::Saml);
        assert_eq!(
            provider("accounts.google.com"),
            Provider::Oidc("accounts.google.com")
        );
        for text in [
            "https://accounts.google.com",
            "google",
            "arn:aws:iam::1:saml-provider/okta",
            "arn:aws:iam::111122223333:role/app",
        ] {
            assert_eq!(provider(text), Provider::Malformed, "{text}");
        }
    }

    #[test]
    fn reads_subjects_of_github() {
        let of = |text| subjects(text, true);
        assert_eq!(of("*"), Subjects::Everybody);
        assert_eq!(of("repo:*"), Subjects::Everybody);
        assert_eq!(of("repo:*/app:*"), Subjects::Everybody);
        assert_eq!(of("repo:acme*/app:*"), Subjects::SimilarOwners);
        assert_eq!(of("repo:acme/*"), Subjects::Owner);
        assert_eq!(of("repo:acme/*:ref:refs/heads/main"), Subjects::Owner);
        assert_eq!(of("repo:acme/app:*"), Subjects::Repository);
        assert_eq!(of("repo:acme/app*"), Subjects::Owner);
        assert_eq!(of("repo:acme/app:pull_request"), Subjects::PullRequests);
        assert_eq!(of("repo:acme/app:ref:refs/heads/main"), Subjects::Fixed);
        assert_eq!(of("repo:acme@*/app@*:ref:refs/heads/main"), Subjects::Fixed);
        assert_eq!(of("repo:acme@1/app@2:*"), Subjects::Repository);
        assert_eq!(of("repo:acme@*"), Subjects::Owner);
        assert_eq!(of("environment:prod"), Subjects::Outsiders);
        assert_eq!(of("environment:prod:repo:acme/app"), Subjects::Fixed);
        assert_eq!(of("repository_owner:acme*"), Subjects::SimilarOwners);
        assert_eq!(subjects("repo:acme/app:*", false), Subjects::Fixed);
    }
}
