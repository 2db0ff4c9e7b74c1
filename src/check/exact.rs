//! Decides a call for every member of the family that it stands for.
//!
//! `evaluate` decides the made-up member, `analyze` all others. Members and keys that nobody told
//! us are different things: the call is needed for every member, so one that is denied makes it
//! *partly met*; a key that nobody told us may have any value or none, so what depends on it is
//! *unknown*.

use super::Verdict;
use super::alike::are_alike;
use super::family::{self, Names, Scope, Used};
use super::residual::residual;
use crate::analyze::{Access, Analysis, Budget, Doubt, DoubtReason, Found, Witness};
use crate::catalog::Catalog;
use crate::evaluate::{Context, Decision, Lookup, Policies, Request, decide, explain};
use crate::pattern;
use crate::policy::Document;

/// What came of a family.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub(super) verdict: Verdict,
    /// The request that shows it, where it is not the made-up member.
    pub(super) shown: Option<Request>,
    /// What `evaluate` says of the request that shows it.
    pub(super) decision: Decision,
    /// Why it is not known for every member.
    pub(super) doubt: Option<Doubt>,
    /// Whether it holds only of requests as AWS documents them.
    pub(super) rests_on_facts: bool,
}

/// How often another member is looked for that is denied whatever the keys are that nobody told us.
const ROUNDS: usize = 6;

/// How much work one question may cost: a profile asks hundreds.
const BUDGET: Budget = Budget {
    nodes: 20_000,
    states: 1_000,
    assignments: 128,
};

/// Decides a request of the made-up member, and with it all others of the scope.
pub(super) fn settle(
    policies: &Policies,
    catalog: &Catalog,
    request: &Request,
    scope: &Scope,
) -> Settled {
    let decision = decide(policies, request).decision;
    let plain = Settled {
        verdict: verdict_of(decision),
        shown: None,
        decision,
        doubt: None,
        rests_on_facts: false,
    };
    if decision == Decision::Error {
        return plain;
    }
    let single = Scope::default();
    let is_single = scope.is_single() || are_alike(policies, request, scope);
    let scope = if is_single { &single } else { scope };
    let is_settled = match decision {
        Decision::Unknown => {
            is_single && !family::may_cancel_out(policies, request)
                || !depends_on_keys_only(policies, request)
        }
        _ => is_single,
    };
    if is_settled {
        return plain;
    }
    search(policies, catalog, request, scope, plain)
}

/// Settles with `analyze` what the made-up member does not settle.
fn search(
    policies: &Policies,
    catalog: &Catalog,
    request: &Request,
    scope: &Scope,
    plain: Settled,
) -> Settled {
    let question = Question::new(policies, catalog, request, scope);
    match plain.decision {
        Decision::Allowed => question.allowed(plain),
        Decision::Unknown => question.open(plain),
        _ => question.denied(plain),
    }
}

/// Returns what a decision on one request comes to.
pub(super) const fn verdict_of(decision: Decision) -> Verdict {
    match decision {
        Decision::Allowed => Verdict::Met,
        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => Verdict::NotMet,
        // A document that AWS refuses cannot be attached: nothing is known before it is mended.
        Decision::Error | Decision::Unknown => Verdict::Unknown,
    }
}

/// Whether nothing but context keys is missing; other facts are no matter of values.
fn depends_on_keys_only(policies: &Policies, request: &Request) -> bool {
    let unknown = explain(policies, request).unknown;
    !unknown.is_empty() && unknown.iter().all(|it| it.contains(':'))
}

/// An answer, and whether it rests on what AWS documents about requests.
type Answer = (Found, bool);

struct Question<'a> {
    /// What the members can turn.
    policies: Policies,
    catalog: &'a Catalog,
    /// Of the made-up member.
    request: &'a Request,
    scope: &'a Scope,
    used: Vec<Used>,
    /// Its members, and more.
    wide: Vec<Document>,
}

impl<'a> Question<'a> {
    fn new(
        policies: &Policies,
        catalog: &'a Catalog,
        request: &'a Request,
        scope: &'a Scope,
    ) -> Self {
        let policies = residual(policies, request, scope);
        let used = family::used(&policies, request);
        let wide = family::documents(request, scope, Names::AnyText, &used, None, catalog);
        Self {
            policies,
            catalog,
            request,
            scope,
            used,
            wide,
        }
    }

    /// The made-up member is allowed: are all?
    fn allowed(&self, plain: Settled) -> Settled {
        match self.find_denied() {
            (Found::Nothing, rests_on_facts) => Settled {
                rests_on_facts,
                ..plain
            },
            (Found::Request(witness), _) => match self.surely_denied(*witness.clone()) {
                Some(shown) => self.partly(shown),
                None => self.depends(&witness),
            },
            (Found::Unknown(doubt), _) => doubtful(doubt),
        }
    }

    /// The made-up member is denied: are all?
    fn denied(&self, plain: Settled) -> Settled {
        match self.find_any(true) {
            (Found::Nothing, rests_on_facts) => Settled {
                rests_on_facts,
                ..plain
            },
            // Without an answer it is certain that one is denied, and not that all are.
            (Found::Request(_) | Found::Unknown(_), _) => Settled {
                verdict: Verdict::PartlyMet,
                ..plain
            },
        }
    }

    /// What the made-up member may do depends on keys that nobody told us, as far as `evaluate`
    /// can tell statement by statement.
    fn open(&self, plain: Settled) -> Settled {
        let witness = match self.find_denied() {
            (Found::Nothing, rests_on_facts) => {
                return Settled {
                    verdict: Verdict::Met,
                    rests_on_facts,
                    ..plain
                };
            }
            (Found::Request(witness), _) => *witness,
            (Found::Unknown(_), _) => return plain,
        };
        match self.find_any(true) {
            (Found::Nothing, rests_on_facts) => {
                let decision = decide(&self.policies, &witness.request).decision;
                Settled {
                    verdict: Verdict::NotMet,
                    shown: Some(witness.request),
                    decision,
                    rests_on_facts,
                    ..plain
                }
            }
            (Found::Request(_), _) if !self.scope.is_single() => self
                .surely_denied(witness)
                .map_or(plain, |shown| self.partly(shown)),
            _ => plain,
        }
    }

    fn partly(&self, shown: Request) -> Settled {
        Settled {
            verdict: Verdict::PartlyMet,
            decision: decide(&self.policies, &shown).decision,
            shown: Some(shown),
            doubt: None,
            rests_on_facts: false,
        }
    }

    /// Some member is denied or not by keys that nobody told us.
    fn depends(&self, witness: &Witness) -> Settled {
        let shown = self.member(&witness.request);
        let decision = decide(&self.policies, &shown).decision;
        Settled {
            verdict: Verdict::Unknown,
            doubt: (decision != Decision::Unknown).then(|| Doubt {
                reason: DoubtReason::Internal,
                detail: String::new(),
            }),
            shown: Some(shown),
            decision,
            rests_on_facts: false,
        }
    }

    fn find_denied(&self) -> Answer {
        if !family::has(&self.wide, self.request) {
            // A value that no condition can be written for: nothing is proven about it.
            let doubt = Doubt {
                reason: DoubtReason::MalformedOperand,
                detail: "a value that the profile fixes".to_owned(),
            };
            return (Found::Unknown(doubt), false);
        }
        self.find_any(false)
    }

    /// Looks for a member that is allowed, or denied.
    fn find_any(&self, allowed: bool) -> Answer {
        let found = self.ask(&self.wide, allowed, true);
        let members = match &found {
            Found::Nothing => return (found, false),
            _ if self.scope.is_single() => return self.find(&self.wide, allowed),
            _ => self.narrowed(self.request, self.scope, None),
        };
        match &found {
            Found::Request(it) if !self.needs_facts() && family::has(&members, &it.request) => {
                (found, false)
            }
            _ => self.find(&members, allowed),
        }
    }

    /// Whether what AWS documents about requests of the action can say more than the family, which
    /// says itself which context keys there are.
    fn needs_facts(&self) -> bool {
        self.scope.is_wide() || self.request.resource.is_none()
    }

    fn find(&self, family: &[Document], allowed: bool) -> Answer {
        let plain = self.ask(family, allowed, true);
        if matches!(plain, Found::Nothing) || !self.needs_facts() {
            return (plain, false);
        }
        match self.ask(family, allowed, false) {
            // Nothing is proven by facts that leave no request of the family at all.
            Found::Nothing if !matches!(self.ask(family, !allowed, false), Found::Request(_)) => {
                (plain, false)
            }
            found => (found, true),
        }
    }

    fn ask(&self, family: &[Document], allowed: bool, pure: bool) -> Found {
        let access = Access {
            policies: &self.policies,
            principal: &self.request.principal,
            resource_account: self.request.resource_account.as_deref(),
            settings: &self.request.settings,
        };
        let analysis = Analysis {
            pure,
            budget: BUDGET,
            ..Analysis::new(self.catalog)
        };
        match allowed {
            true => analysis.find_allowed(family, &access),
            false => analysis.find_denied(family, &access),
        }
    }

    /// Returns a request of a member that is denied whatever the keys are that nobody told us.
    fn surely_denied(&self, mut witness: Witness) -> Option<Request> {
        for _ in 0..ROUNDS {
            let member = self.member(&witness.request);
            match decide(&self.policies, &member).decision {
                Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => {
                    return Some(self.readable(member));
                }
                Decision::Unknown => {}
                Decision::Allowed | Decision::Error => return None,
            }
            let alone = self.narrowed(&member, &Scope::default(), None);
            let allowed = match self.find(&alone, true).0 {
                Found::Nothing => return Some(witness.request),
                Found::Request(allowed) => allowed,
                Found::Unknown(_) => return None,
            };
            // With the keys that allow this member, is there another one that is denied?
            let told = Some(&allowed.request.context);
            let others = self.narrowed(self.request, self.scope, told);
            match self.find(&others, false).0 {
                Found::Request(next) => witness = *next,
                _ => return None,
            }
        }
        None
    }

    fn narrowed(&self, request: &Request, scope: &Scope, told: Option<&Context>) -> Vec<Document> {
        let (names, used) = (Names::AsReal, &self.used);
        family::documents(request, scope, names, used, told, self.catalog)
    }

    /// Returns the request of the member that a found request is about: what nobody told us stays
    /// untold.
    fn member(&self, found: &Request) -> Request {
        let mut member = self.request.clone();
        if self.scope.resource.is_some() {
            member.resource.clone_from(&found.resource);
            member.resource_account.clone_from(&found.resource_account);
        }
        for (key, _) in &self.scope.context {
            let folded = key.to_ascii_lowercase();
            if let Lookup::Present(entry) = found.context.get(&folded, key) {
                let values = entry.values.clone();
                member.context.set(key, values, entry.multivalued);
            }
        }
        member
    }

    /// Makes a member easier to read: like the made-up one but for what matters, and with names
    /// that are not cut short.
    fn readable(&self, found: Request) -> Request {
        let decision = |it: &Request| decide(&self.policies, it).decision;
        let decided = decision(&found);
        let mut member = found.clone();
        if let (Some(pattern), Some(arn)) = (&self.scope.resource, &found.resource) {
            let longer: Box<str> = spelt_out(pattern, arn).into();
            for resource in [self.request.resource.clone(), Some(longer)] {
                let other = Request {
                    resource,
                    ..member.clone()
                };
                if decision(&other) == decided {
                    member = other;
                    break;
                }
            }
        }
        for (key, pattern) in &self.scope.context {
            let folded = key.to_ascii_lowercase();
            let values = |of: &Request| match of.context.get(&folded, key) {
                Lookup::Present(entry) => entry.values.clone(),
                _ => Vec::new(),
            };
            let longer = values(&found)
                .iter()
                .map(|it| spelt_out(pattern, it).into())
                .collect();
            for values in [values(self.request), longer] {
                let mut other = member.clone();
                other.context.set(key, values, false);
                if decision(&other) == decided {
                    member = other;
                    break;
                }
            }
        }
        member
    }
}

/// Returns a name of a family with the rest of its last word, where that is the beginning of an id
/// or nothing yet.
fn spelt_out(pattern: &str, name: &str) -> String {
    const ID: &str = "0a1b2c3d4e5f60718";
    let start = name.rfind(['-', '/', '_', ':', '.', '=']);
    let id = &name[start.map_or(0, |at| at + 1)..];
    let is_short = id.len() < ID.len() && id.bytes().all(|it| it.is_ascii_hexdigit());
    let longer = format!("{name}{}", ID.get(id.len()..).unwrap_or_default());
    if is_short && pattern::matches(pattern, &longer) {
        longer
    } else {
        name.to_owned()
    }
}

const fn doubtful(doubt: Doubt) -> Settled {
    Settled {
        verdict: Verdict::Unknown,
        shown: None,
        decision: Decision::Unknown,
        doubt: Some(doubt),
        rests_on_facts: false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::evaluate::derive::{Known, derive};
    use crate::evaluate::{Action, Principal};
    use crate::policy::{Kind, written};

    const FAMILY: &str = "arn:aws:iam::111122223333:role/mengi-*-role";
    const NAMES: [&str; 9] = [
        "0a1b",
        "",
        "eu-1",
        "eu-prod-1",
        "prod",
        "a",
        "x-role-y",
        "eu",
        "eu-role",
    ];

    fn request(name: &str) -> Request {
        let principal = Principal::parse("arn:aws:iam::111122223333:user/vendor");
        let arn = FAMILY.replace('*', name);
        let known = Known {
            principal: principal.as_ref(),
            resource: Some(&arn),
            resource_type: Some("role"),
            resource_account: Some("111122223333"),
            ..Known::default()
        };
        let action = Action::parse("iam:GetRole").unwrap_or_default();
        derive(&action, &known, Catalog::builtin()).request
    }

    fn statements() -> Vec<Value> {
        let resources = [
            json!({"Resource": "*"}),
            json!({"Resource": "arn:aws:iam::*:role/mengi-*"}),
            json!({"Resource": "arn:aws:iam::111122223333:role/mengi-eu-*"}),
            json!({"Resource": "arn:aws:iam::*:role/*-prod*"}),
            json!({"Resource": "arn:aws:iam::*:role/mengi-?*-role"}),
            json!({"Resource": "arn:aws:iam::*:role/*/*"}),
            json!({"Resource": "arn:aws:iam::*:user/*"}),
            json!({"Resource": ["arn:aws:iam::444455556666:role/*", "arn:aws:ec2:*:*:vpc/*"]}),
            json!({"Resource": "arn:aws:iam::*:role/other-${aws:username}-*"}),
            json!({"NotResource": "arn:aws:iam::*:role/mengi-eu-*"}),
            json!({"NotResource": "arn:aws:iam::*"}),
        ];
        let mut all = Vec::new();
        for resource in resources {
            for effect in ["Allow", "Deny"] {
                let mut statement = resource.clone();
                statement["Effect"] = json!(effect);
                statement["Action"] = json!("iam:Get*");
                all.push(statement.clone());
                statement["Condition"] = json!({"Bool": {"aws:SecureTransport": "true"}});
                all.push(statement);
            }
        }
        all
    }

    /// What is said of a family is so of its members, and what texts show is what a search shows.
    #[test]
    fn verdicts_agree_with_members_and_with_a_search() {
        let scope = Scope {
            resource: Some(FAMILY.to_owned()),
            context: Vec::new(),
        };
        let made_up = request(NAMES[0]);
        let (mut alike, mut partly) = (0, 0);
        let statements = statements();
        for (at, one) in statements.iter().enumerate() {
            // Every pair once, and of those every third.
            for other in statements[at..].iter().step_by(3) {
                let text = json!([one, other]);
                let policy = json!({"Version": "2012-10-17", "Statement": text});
                let policies = Policies {
                    identity: vec![written(&policy.to_string(), Kind::Identity)],
                    ..Policies::default()
                };
                let settled = settle(&policies, Catalog::builtin(), &made_up, &scope);
                let of = |name: &str| verdict_of(decide(&policies, &request(name)).decision);
                let members: Vec<Verdict> = NAMES.into_iter().map(of).collect();
                let has = |verdict| members.contains(&verdict);
                match settled.verdict {
                    Verdict::Met => assert!(!has(Verdict::NotMet), "{text:#}"),
                    Verdict::NotMet => assert!(!has(Verdict::Met), "{text:#}"),
                    Verdict::PartlyMet => {
                        partly += 1;
                        let shown = settled.shown.as_ref().unwrap_or(&made_up);
                        let shown = decide(&policies, shown).decision;
                        assert_eq!(verdict_of(shown), Verdict::NotMet, "{text:#}");
                    }
                    Verdict::Unknown => assert!(settled.doubt.is_none(), "{settled:?}"),
                }
                if are_alike(&policies, &made_up, &scope) {
                    alike += 1;
                    let plain = Settled {
                        verdict: members[0],
                        shown: None,
                        decision: decide(&policies, &made_up).decision,
                        doubt: None,
                        rests_on_facts: false,
                    };
                    let found = search(&policies, Catalog::builtin(), &made_up, &scope, plain);
                    assert_eq!(found.verdict, settled.verdict, "{text:#}");
                }
            }
        }
        assert!(alike > 40 && partly > 60, "{alike} alike, {partly} partly");
    }
}
