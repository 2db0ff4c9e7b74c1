//! Decides by our own evaluator whether a call may be made, and says it in AWS's words.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rolecall::arn::{Arn, last_segment};
use rolecall::catalog::Catalog;
use rolecall::evaluate::derive::{Known, derive};
use rolecall::evaluate::{
    Action, Decision, Explanation, Layer, Level, Policies, Principal, Request, Settings, explain,
};
use rolecall::policy::{Document, Effect, Kind, written};

use super::answer::{Refusal, element, elements};
use super::asked::{Asked, Scene};
use super::key::Holder;
use super::moto::Moto;
use super::truth::Truth;

/// Whose policies are what.
#[derive(Default)]
pub(crate) struct Permission {
    /// Policies that tests gave, by the ARN of a user or a role session.
    given: BTreeMap<String, Policies>,
    /// Service control policies, by account.
    scps: BTreeMap<String, Vec<Level>>,
    /// Policies read from moto, until IAM is written to.
    read: BTreeMap<String, Arc<Policies>>,
}

impl Permission {
    /// Sets the policies of a user or a role session.
    pub(crate) fn give(&mut self, arn: &str, policies: Policies) {
        self.given.insert(arn.to_owned(), policies);
    }

    /// Sets the service control policies of an account, root first.
    pub(crate) fn set_scps(&mut self, account: &str, levels: Vec<Level>) {
        self.scps.insert(account.to_owned(), levels);
    }

    /// Forgets what was read, because IAM has changed.
    pub(crate) fn forget(&mut self) {
        self.read.clear();
    }

    /// Returns the policies of a user, a role or a session, without those of resources.
    pub(crate) fn policies(&mut self, arn: &str, truth: &Truth, moto: &Moto) -> Policies {
        let mut policies = match self.given.get(arn) {
            Some(given) => given.clone(),
            None => {
                let read = self.read.entry(arn.to_owned());
                Policies::clone(read.or_insert_with(|| Arc::new(read_policies(arn, truth, moto))))
            }
        };
        let account = Arn::parse(arn).map_or("", |it| it.account);
        if let Some(levels) = self.scps.get(account) {
            policies.scps.clone_from(levels);
        }
        policies
    }

    /// Returns why a call is denied.
    pub(crate) fn deny(&mut self, scene: &Scene<'_>, holder: &Holder) -> Option<Refusal> {
        let mut policies = self.policies(&holder.arn, scene.truth, scene.moto);
        policies.session.clone_from(&holder.session);
        for asked in scene.asked() {
            let mut policies = policies.clone();
            if asked.action == "sts:AssumeRole" {
                let Some(trust) = trust(asked.resource.as_deref()?, scene.moto) else {
                    return Some(denial(scene, holder, &asked, String::new()));
                };
                policies.resource = Some(trust);
            }
            let request = request(&holder.arn, &asked, holder);
            let explanation = explain(&policies, &request);
            if explanation.verdict.decision != Decision::Allowed {
                // AWS does not say why a role cannot be assumed.
                let reason = match asked.action.as_str() {
                    "sts:AssumeRole" => String::new(),
                    action => reason(&explanation, action),
                };
                return Some(denial(scene, holder, &asked, reason));
            }
        }
        None
    }
}

/// Returns the request that the evaluator decides.
pub(crate) fn request(caller: &str, asked: &Asked, holder: &Holder) -> Request {
    let principal = Principal::parse(caller).unwrap();
    let unique_id = Some(holder.unique_id.as_str()).filter(|it| !it.is_empty());
    let settings = Settings {
        unique_id: unique_id.map(Into::into),
        ..Settings::default()
    };
    let known = Known {
        principal: Some(&principal),
        resource: asked.resource.as_deref(),
        context: &asked.context,
        complete: true,
        settings,
        ..Known::default()
    };
    let action = Action::parse(&asked.action).unwrap();
    derive(&action, &known, Catalog::builtin()).request
}

/// AWS: "Troubleshoot access denied error messages".
fn denial(scene: &Scene<'_>, holder: &Holder, asked: &Asked, reason: String) -> Refusal {
    let service = &scene.call.service;
    let resource = asked.resource.as_deref().unwrap_or("*");
    let (caller, action) = (&holder.arn, &asked.action);
    let words = format!(
        "User: {caller} is not authorized to perform: {action} on resource: {resource}{reason}"
    );
    if service != "ec2" {
        return Refusal::denied(service, words);
    }
    let encoded = BASE64_STANDARD.encode(
        serde_json::json!({
            "allowed": false,
            "explicitDeny": reason.contains("explicit deny"),
            "context": {"principal": {"arn": caller}, "action": action, "resource": resource},
        })
        .to_string(),
    );
    let start = "You are not authorized to perform this operation.";
    let message = format!("{start} {words} Encoded authorization failure message: {encoded}");
    Refusal::denied(service, message)
}

/// Returns the reason in AWS's words: an explicit denial first, then the first silent layer.
fn reason(explanation: &Explanation<'_>, action: &str) -> String {
    const NAMES: [(Layer, &str); 6] = [
        (Layer::Rcp, "resource control policy"),
        (Layer::Scp, "service control policy"),
        (Layer::Resource, "resource-based policy"),
        (Layer::Identity, "identity-based policy"),
        (Layer::Boundary, "permissions boundary"),
        (Layer::Session, "session policy"),
    ];
    let denies = |layer: Layer| {
        explanation.statements.iter().any(|it| {
            it.layer == layer
                && it.statement.effect == Effect::Deny
                && it.applies() == rolecall::evaluate::Truth::True
        })
    };
    if explanation.verdict.decision == Decision::ExplicitlyDenied {
        let name = NAMES.iter().find(|(layer, _)| denies(*layer));
        return name.map_or_else(String::new, |(_, name)| {
            let article = if name.starts_with('i') { "an" } else { "a" };
            format!(" with an explicit deny in {article} {name}")
        });
    }
    let blocked = explanation.verdict.blocked_by;
    let name = NAMES.iter().find(|(layer, _)| blocked.contains(*layer));
    name.map_or_else(String::new, |(_, name)| {
        format!(" because no {name} allows the {action} action")
    })
}

/// Returns the trust policy of a role; none if there is no such role.
fn trust(arn: &str, moto: &Moto) -> Option<Document> {
    let parsed = Arn::parse(arn)?;
    let name = last_segment(parsed.resource);
    let role = moto.iam(parsed.account, "GetRole", &[("RoleName", name)]);
    // The path is part of the ARN: without it there is no such role.
    let is_same = role.is_success() && element(&role.body, "Arn") == arn;
    let text = decoded(&element(&role.body, "AssumeRolePolicyDocument"));
    is_same.then(|| written(&text, Kind::Trust))
}

fn decoded(text: &str) -> String {
    let text = percent_encoding::percent_decode_str(text);
    text.decode_utf8_lossy().into_owned()
}

/// Returns what moto keeps of a user's, role's or session's policies.
fn read_policies(arn: &str, truth: &Truth, moto: &Moto) -> Policies {
    let Some(parsed) = Arn::parse(arn) else {
        return Policies::default();
    };
    let (account, mut parts) = (parsed.account, parsed.resource.split('/'));
    let (kind, name) = match parts.next() {
        Some("user") => ("User", last_segment(parsed.resource)),
        Some("role") => ("Role", last_segment(parsed.resource)),
        _ => ("Role", parts.next().unwrap_or_default()),
    };
    let mut identity = documents(account, kind, name, moto);
    if kind == "User" {
        let groups = moto.iam(account, "ListGroupsForUser", &[("UserName", name)]);
        for group in elements(&groups.body, "GroupName") {
            identity.extend(documents(account, "Group", group, moto));
        }
    }
    let entity = format!("{}/{name}", kind.to_ascii_lowercase());
    let boundary = truth.boundary(account, &entity);
    let boundary = boundary.map(|it| vec![managed(account, it, Kind::Boundary, moto)]);
    Policies {
        identity,
        boundary,
        ..Policies::default()
    }
}

fn documents(account: &str, kind: &str, name: &str, moto: &Moto) -> Vec<Document> {
    let parameter = format!("{kind}Name");
    let ask = |operation: String, more: &[(&str, &str)]| {
        let mut parameters = vec![(parameter.as_str(), name)];
        parameters.extend(more);
        moto.iam(account, &operation, &parameters).body
    };
    let mut found = Vec::new();
    let names = ask(format!("List{kind}Policies"), &[]);
    let names = element(&names, "PolicyNames");
    for policy in elements(&names, "member") {
        let text = ask(format!("Get{kind}Policy"), &[("PolicyName", policy)]);
        let text = decoded(&element(&text, "PolicyDocument"));
        found.push(written(&text, Kind::Identity));
    }
    let attached = ask(format!("ListAttached{kind}Policies"), &[]);
    for arn in elements(&attached, "PolicyArn") {
        found.push(managed(account, arn, Kind::Identity, moto));
    }
    found
}

fn managed(account: &str, arn: &str, kind: Kind, moto: &Moto) -> Document {
    let policy = moto.iam(account, "GetPolicy", &[("PolicyArn", arn)]);
    let version = element(&policy.body, "DefaultVersionId");
    let parameters = [("PolicyArn", arn), ("VersionId", &version)];
    let version = moto.iam(account, "GetPolicyVersion", &parameters);
    written(&decoded(&element(&version.body, "Document")), kind)
}
