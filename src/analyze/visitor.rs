//! Who a policy of a resource or role lets in, caller by caller.
//!
//! The keys that follow from a caller are tied to it by one more layer, a document that allows
//! exactly the requests which this caller can make: so the search knows nothing of callers, and
//! whoever is let in only by the name that a condition spells out is found by that name.

use super::caller::{Caller as Candidate, Callers, STRANGERS};
use super::family::{Wanted, family};
use super::memo::Memo;
use super::question::{self, Goal, Question};
use super::{Analysis, Cost, Found, Witness, compose, refusal};
use crate::arn::{Arn, is_account_id, last_segment};
use crate::evaluate::derive::{self, Known};
use crate::evaluate::grant::grant;
use crate::evaluate::{Action, Caller, Principal, Request, Settings};
use crate::policy::{Document, Effect, Kind, PrincipalElement};

/// A caller that stands for all of its kind.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The caller.
    pub principal: Principal,
    settings: Settings,
    /// Whether its name stands for any: no policy in play names it.
    is_anyone: bool,
}

/// The name of those whom no policy names.
const SOMEONE: &str = "someone";

impl Visitor {
    fn new(candidate: Candidate) -> Self {
        let request = candidate.request;
        let name = request.principal.identity().map(|it| &*it.name);
        Self {
            is_anyone: name == Some(SOMEONE),
            principal: request.principal,
            settings: request.settings,
        }
    }

    /// Whether no policy in play names this caller's account or name; it stands for the rest.
    #[must_use]
    pub const fn is_anyone(&self) -> bool {
        self.is_anyone
    }

    /// Whether it is a caller only by an id that some policy names.
    pub(super) const fn has_id(&self) -> bool {
        self.settings.unique_id.is_some() || self.settings.canonical_user.is_some()
    }

    /// Whether callers of this kind can call an action of these documents at all: to become a
    /// role, each kind has an action of its own (AWS STS API Reference).
    #[must_use]
    pub fn may_call(&self, action: &str, kind: Kind) -> bool {
        let is_provider = matches!(self.principal, Principal::Federated(_));
        if kind != Kind::Trust {
            return !is_provider;
        }
        let is = |name: &str| name.eq_ignore_ascii_case(action);
        let by_token = is("sts:AssumeRoleWithWebIdentity") || is("sts:AssumeRoleWithSAML");
        match (by_token, is("sts:AssumeRole")) {
            (true, _) => is_provider,
            (_, true) => !is_provider && self.principal != Principal::Anonymous,
            _ => self.principal != Principal::Anonymous,
        }
    }

    /// Whether a statement names this caller.
    #[must_use]
    pub fn is_named(&self, element: Option<&PrincipalElement>, document: &Document) -> bool {
        let request = self.request();
        grant(element, &request, document.kind, Effect::Allow, false).is_some()
    }

    fn rank(&self) -> usize {
        let is_stranger = |account: &str| STRANGERS.contains(&account);
        match &self.principal {
            Principal::Anonymous => 3,
            Principal::Federated(_) => 4,
            Principal::Service(_) => 5,
            other if other.account().is_some_and(is_stranger) => 0,
            _ if self.is_anyone => 1,
            _ => 2,
        }
    }

    fn request(&self) -> Request {
        Request {
            principal: self.principal.clone(),
            action: Action::default(),
            resource: None,
            resource_account: None,
            context: crate::evaluate::Context::default(),
            settings: self.settings.clone(),
        }
    }
}

impl Analysis<'_> {
    /// Returns one caller of each kind that documents tell apart, by their principals and by the
    /// accounts in their conditions.
    #[must_use]
    pub fn visitors(&self, documents: &[Document]) -> Vec<Visitor> {
        let all: Vec<&Document> = documents.iter().collect();
        let callers = Callers::with_accounts(&all, &accounts_in_conditions(documents));
        let list = callers.into_list().into_iter();
        // A boundary only makes a NotPrincipal with Deny hit.
        let mut visitors: Vec<Visitor> = list
            .filter(|it| !it.has_boundary)
            .map(Visitor::new)
            .collect();
        // Those whom nobody knows make the better examples.
        visitors.sort_by_key(Visitor::rank);
        visitors
    }

    /// Looks for a request of one caller that every layer allows by itself.
    #[must_use]
    pub fn find_admitted(&self, layers: &[&[Document]], visitor: &Visitor) -> Found {
        let documents = || layers.iter().copied().flatten();
        if let Some(problem) = documents().find_map(Document::refusal) {
            return Found::Unknown(refusal(problem));
        }
        let keys = keys(documents());
        let all = ["*".to_owned()];
        let wanted = self.requests_of(visitor, &keys, documents());
        let own = [family(&all, &all, &wanted)];
        let mut sides: Vec<&[Document]> = layers.to_vec();
        sides.push(&own);
        let mut items = Vec::new();
        let a = compose::layers(&mut items, &sides);
        let b = compose::layers(&mut items, &[&[]]);
        let question = Question {
            analysis: self,
            lists: question::lists(&items, self.catalog),
            memo: Memo::new(self.budget),
            callers: Callers::one(&visitor.principal, &visitor.settings, false),
            goal: Goal::Excess {
                a,
                b,
                ways: compose::WAYS[0],
            },
            items,
        };
        match question.run(&mut Cost::default()) {
            Found::Request(witness) => Found::Request(Box::new(named(*witness, visitor, layers))),
            found => found,
        }
    }

    /// The requests that a caller can make, as conditions.
    fn requests_of<'d>(
        &self,
        visitor: &Visitor,
        keys: &[String],
        documents: impl Iterator<Item = &'d Document>,
    ) -> Vec<Wanted> {
        let principal = &visitor.principal;
        let known = Known {
            settings: visitor.settings.clone(),
            ..Known::default()
        };
        let follows = derive::keys_of(&Action::default(), &known, principal);
        let caller = Caller::of(principal);
        let mut wanted: Vec<Wanted> = Vec::new();
        let mut add = |operator: &str, key: &str, values: Vec<String>| {
            wanted.push((operator.into(), key.to_owned(), values));
        };
        let has = |name: &str| keys.iter().any(|it| it.eq_ignore_ascii_case(name));
        for key in keys {
            let folded = key.to_ascii_lowercase();
            let value = follows
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(key));
            let declared = self.catalog.condition_key(&folded);
            match (folded.as_str(), value) {
                ("aws:principalarn", Some((_, arn))) if visitor.is_anyone => {
                    let open = arn.replace(SOMEONE, "?*");
                    add("StringLike", key, vec![open]);
                }
                ("aws:username" | "aws:userid", _) if visitor.is_anyone && value.is_some() => {
                    add("StringLike", key, vec!["?*".into()]);
                }
                ("kms:calleraccount", _) if principal.account().is_some() => {
                    let account = principal.account().unwrap_or_default();
                    add("StringEquals", key, vec![account.to_owned()]);
                }
                (_, Some((_, value))) => add("StringEquals", key, vec![value.clone()]),
                ("kms:calleraccount", None) if *principal == Principal::Anonymous => {
                    add("Null", key, vec!["true".into()]);
                }
                _ => {
                    let presence = declared.and_then(|it| it.presence);
                    let lacks = presence.is_some_and(|it| !caller.may_have(Some(it)));
                    if lacks {
                        add("Null", key, vec!["true".into()]);
                    }
                }
            }
        }
        if visitor.is_anyone && has("aws:PrincipalArn") {
            let named = named_arns(documents);
            if !named.is_empty() {
                add("StringNotLike", "aws:PrincipalArn", named);
            }
        }
        wanted
    }
}

/// Names the caller as the request says: a name that stands for any gets the one of
/// `aws:PrincipalArn` or `aws:username`.
fn named(witness: Witness, visitor: &Visitor, layers: &[&[Document]]) -> Witness {
    if !visitor.is_anyone {
        return witness;
    }
    let value = |name: &str| {
        let entries = witness.request.context.entries();
        let entry = entries.iter().find(|it| it.key.eq_ignore_ascii_case(name));
        entry
            .and_then(|it| it.values.first())
            .map(|it| it.to_string())
    };
    let arn = value("aws:PrincipalArn").and_then(|text| {
        let arn = Arn::parse(&text)?;
        let name = last_segment(arn.resource);
        let path = arn.resource.split_once('/')?.1;
        let (partition, account) = (arn.partition, arn.account);
        Some(match &visitor.principal {
            Principal::Session(_) => {
                format!("arn:{partition}:sts::{account}:assumed-role/{name}/session")
            }
            Principal::User(_) => format!("arn:{partition}:iam::{account}:user/{path}"),
            _ => return None,
        })
    });
    let arn = arn.or_else(|| {
        let name = value("aws:username")?;
        let Principal::User(user) = &visitor.principal else {
            return None;
        };
        Some(format!(
            "arn:{}:iam::{}:user/{name}",
            user.partition, user.account
        ))
    });
    let Some(principal) = arn.and_then(|it| Principal::parse(&it)) else {
        return witness;
    };
    let candidate = Candidate {
        request: Request {
            principal: principal.clone(),
            ..witness.request.clone()
        },
        has_boundary: false,
    };
    let renamed = Witness {
        request: candidate.request.clone(),
        ..witness.clone()
    };
    let holds =
        |it: &&[Document]| compose::own_result(it, &renamed.request, &candidate, compose::WAYS[0]);
    if layers.iter().all(holds) {
        renamed
    } else {
        witness
    }
}

/// Every key that documents look at, each as it is spelt first.
pub(super) fn keys<'d>(documents: impl Iterator<Item = &'d Document>) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    let mut add = |key: &str| {
        if !keys.iter().any(|it| it.eq_ignore_ascii_case(key)) {
            keys.push(key.to_owned());
        }
    };
    for statement in documents.flat_map(|it| &it.statements) {
        for condition in &statement.conditions {
            add(&condition.key_text.text);
        }
        for variable in super::template::variables_of(statement) {
            add(&variable.key);
        }
    }
    keys
}

/// The ARNs, as patterns, by which `aws:PrincipalArn` would tell a caller whom a `Principal`
/// names.
fn named_arns<'d>(documents: impl Iterator<Item = &'d Document>) -> Vec<String> {
    let elements = documents
        .flat_map(|it| &it.statements)
        .filter_map(|it| it.principal.as_ref());
    let texts = elements.flat_map(|it| &it.entries).map(|it| &*it.text);
    let mut named = Vec::new();
    for text in texts {
        let Some(arn) = Arn::parse(text) else {
            continue;
        };
        let (kind, rest) = arn.resource.split_once('/').unwrap_or((arn.resource, ""));
        let (partition, account) = (arn.partition, arn.account);
        match (arn.service, kind) {
            ("iam", "role") => {
                let name = last_segment(rest);
                named.push(format!("arn:{partition}:iam::{account}:role/{name}"));
                named.push(format!("arn:{partition}:iam::{account}:role/*/{name}"));
            }
            ("iam", "user") => named.push(text.to_owned()),
            _ => {}
        }
    }
    named
}

/// The account ids in the values of conditions: callers of these accounts may matter.
pub(super) fn accounts_in_conditions(documents: &[Document]) -> Vec<String> {
    let statements = documents.iter().flat_map(|it| &it.statements);
    let values = statements
        .flat_map(|it| &it.conditions)
        .flat_map(|it| &it.values);
    let mut accounts: Vec<String> = Vec::new();
    for value in values {
        let text = value.template.text();
        let account = match Arn::parse(text) {
            Some(arn) => arn.account,
            None => text,
        };
        if is_account_id(account) && !accounts.iter().any(|it| it == account) {
            accounts.push(account.to_owned());
        }
    }
    accounts
}
