//! What a user or role has to be able to ask for: every call of the profile as a concrete request,
//! decided by the evaluator under its policies and boundary.

use rolecall::catalog::Catalog;
use rolecall::check::{self, Asked, readings_of};
use rolecall::evaluate::{Action, Decision, Policies, Principal, Request, decide};
use rolecall::generate::{Entity, Generated, Policy, PolicyUse};
use rolecall::policy::{Document, Kind, written};
use rolecall::profile::{Profile, Settings};

/// What role trust policies decide is not asked of identity policies.
const TRUST: [&str; 5] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:SetSourceIdentity",
];

/// A request with the id of its call.
pub(crate) struct Needed {
    pub(crate) id: String,
    pub(crate) request: Request,
    /// The policy of what it is about, where the profile knows it.
    key_policy: Option<Document>,
}

impl Needed {
    /// Whether these policies allow it, with that of the key.
    pub(crate) fn decided_by(&self, policies: &Policies) -> Decision {
        let policies = Policies {
            resource: self.key_policy.clone(),
            ..policies.clone()
        };
        decide(&policies, &self.request).decision
    }
}

/// The default key policy (AWS KMS Developer Guide, "Default key policy").
fn default_key_policy(account: &str) -> Document {
    let root = format!("arn:aws:iam::{account}:root");
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": "kms:*",
        "Resource": "*",
    }]});
    written(&policy.to_string(), Kind::Resource)
}

/// The access of one user or role, with what it is for.
pub(crate) struct Access<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) actor: String,
    pub(crate) is_of_customer: bool,
    /// The policies that are attached to it.
    pub(crate) identity: Vec<&'a Policy>,
    /// Those that are its permissions boundary.
    pub(crate) boundary: Option<&'a Policy>,
    pub(crate) requests: Vec<Needed>,
    pub(crate) settings: Settings,
}

/// Returns a policy as the text that is written.
pub(crate) fn text(policy: &Policy) -> String {
    rolecall::generate::text(&policy.document())
}

pub(crate) fn read(policy: &Policy) -> Document {
    let kind = match policy.used_as {
        PolicyUse::Identity => Kind::Identity,
        PolicyUse::Boundary | PolicyUse::WorkloadBoundary => Kind::Boundary,
    };
    written(&text(policy), kind)
}

impl<'a> Access<'a> {
    /// Returns the access of everybody in a bundle.
    pub(crate) fn all(profile: &'a Profile, generated: &'a Generated) -> Vec<Self> {
        let bundle = &generated.bundle;
        let own = bundle.entities.iter().map(|it| (it, true));
        let made = bundle.vendor_made.iter().map(|it| (it, false));
        own.chain(made)
            .map(|(entity, is_of_customer)| {
                let policies = || bundle.policies.iter().chain(&entity.policies);
                let attached = policies().filter(|it| {
                    it.used_as == PolicyUse::Identity && entity.attached.contains(&it.arn)
                });
                let boundary = entity.boundary.as_ref();
                Self {
                    profile,
                    actor: entity.actor.clone(),
                    is_of_customer,
                    identity: attached.collect(),
                    boundary: boundary.and_then(|arn| policies().find(|it| it.arn == *arn)),
                    requests: requests(profile, generated, entity),
                    settings: settings(generated, &entity.actor),
                }
            })
            .collect()
    }

    /// Returns the policies with these in the place of its own.
    pub(crate) fn policies(&self, identity: Vec<Document>) -> Policies {
        Policies {
            identity,
            boundary: self.boundary.map(|it| vec![read(it)]),
            ..Policies::default()
        }
    }

    /// Returns the requests that are not allowed.
    pub(crate) fn denied(&self) -> Vec<String> {
        let identity = self.identity.iter().map(|it| read(it)).collect();
        let policies = self.policies(identity);
        let mut denied = Vec::new();
        for needed in &self.requests {
            let decision = needed.decided_by(&policies);
            if decision != Decision::Allowed {
                let (id, request) = (&needed.id, &needed.request);
                let on = request.resource.as_deref().unwrap_or("no resource");
                denied.push(format!(
                    "{}: {id}: {} on {on} is {decision:?}",
                    self.actor, request.action.text
                ));
            }
        }
        denied
    }
}

/// Returns the ids of what is not met even where everything is allowed.
pub(crate) fn unmeetable(profile: &Profile, settings: &Settings) -> Vec<String> {
    let all =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let policies = Policies {
        identity: vec![written(all, Kind::Identity)],
        ..Policies::default()
    };
    let input = check::Input {
        profile,
        settings,
        policies: &policies,
        trust: None,
        resource_policies: &[],
        principal: None,
        catalog: Catalog::builtin(),
        unread: false,
    };
    let report = check::run(&input).unwrap();
    let unmet = report
        .requirements
        .into_iter()
        .filter(|it| it.verdict != check::Verdict::Met);
    unmet.map(|it| it.call.id).collect()
}

fn settings(generated: &Generated, actor: &str) -> Settings {
    Settings {
        actors: vec![actor.to_owned()],
        ..generated.settings.clone()
    }
}

fn requests(profile: &Profile, generated: &Generated, entity: &Entity) -> Vec<Needed> {
    let settings = settings(generated, &entity.actor);
    let principal = profile.principal(&entity.actor, &settings).unwrap();
    let principal = Principal::parse(&principal.unwrap()).unwrap();
    let mut requests = Vec::new();
    for call in profile.calls(&settings).unwrap() {
        if TRUST.contains(&&*call.action) {
            continue;
        }
        let action = Action::parse(&call.action).unwrap();
        let slots: Vec<_> = match call.resources.as_slice() {
            [] => vec![None],
            all => all.iter().map(Some).collect(),
        };
        for resource in slots {
            for filled in readings_of(resource) {
                let asked = Asked {
                    action: &action,
                    call: &call,
                    resource,
                    principal: &principal,
                    filled: *filled,
                };
                let account = resource.and_then(|it| {
                    it.key_policy?;
                    it.account.as_deref()
                });
                // What lies in another account is decided as if it lay in this one: only the customer's
                // side is at stake, and the other one is taken to let the caller in.
                let owner = resource.and_then(|it| it.account.as_deref());
                let elsewhere = owner.is_some_and(|it| principal.account() != Some(it));
                let mut request = asked.request(Catalog::builtin());
                if elsewhere {
                    request.resource_account = principal.account().map(Into::into);
                }
                requests.push(Needed {
                    id: call.id.clone(),
                    request,
                    key_policy: account.map(default_key_policy),
                });
            }
        }
    }
    requests
}
