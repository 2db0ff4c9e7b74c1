//! Who else can become the actor's role: what its trust policy lets through besides the vendor.
//!
//! Every finding is a request to assume the role that must not be allowed: without an external id,
//! by anybody of an account, by any subject of an identity provider, by a service.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Open;
use super::escape::{Escape, Step, granted_by};
use super::family::{Condition, Family, document, everything};
use super::objects::OTHER_VALUE;
use super::oracle::{Answer, Asker, Mode};
use super::remedy::{Edit, Remedy, condition_of};
use super::replay::Done;
use super::scene::Scene;
use crate::analyze::{Access, Found, Witness};
use crate::evaluate::{Decision, Policies, Principal, Settings, decide};
use crate::policy::{Document, Effect, Kind, PrincipalEntry, PrincipalName, Quantifier, Statement};

/// An account that nobody named.
const STRANGER: &str = "999999999999";

/// What was found about trust policies.
#[derive(Default)]
pub(super) struct Outsiders {
    pub(super) escapes: Vec<Escape>,
    pub(super) open: Vec<Open>,
}

/// One question about a trust policy.
struct Doubtful {
    class: &'static str,
    title: String,
    gain: String,
    principal: Principal,
    who: String,
    action: &'static str,
    conditions: Vec<Condition>,
    /// What would keep the request out, as a condition of a policy.
    fix: Option<(Value, String)>,
}

/// Looks for principals outside the vendor's that a trust policy admits, and may admit.
pub(super) fn outsiders(scene: &Scene<'_>, asker: &mut Asker<'_>) -> Outsiders {
    let mut found = Outsiders::default();
    let mut seen = BTreeSet::new();
    for trust in scene.input.trusts {
        for doubtful in questions(scene, trust) {
            if !seen.insert((doubtful.class, doubtful.title.clone())) {
                continue;
            }
            let family = Family::new(&[doubtful.action])
                .on(&[&scene.actor])
                .when_all(doubtful.conditions.clone());
            let policies = policies(scene, trust);
            let settings = Settings::default();
            let access = Access {
                policies: &policies,
                principal: &doubtful.principal,
                resource_account: Some(&scene.account),
                settings: &settings,
            };
            let family = [document(&family.text(), Kind::Identity)];
            match asker.allowed_of(Mode::May, scene, &family, &access) {
                Answer::No => {}
                Answer::Yes(None) => found.open.push(Open {
                    reason: "trust",
                    detail: doubtful.title,
                }),
                Answer::Yes(Some(witness)) => {
                    match describe(scene, trust, &doubtful, *witness, asker) {
                        Some(escape) => found.escapes.push(escape),
                        None => found.open.push(Open {
                            reason: "not-replayed",
                            detail: doubtful.title,
                        }),
                    }
                }
            }
        }
    }
    found
}

fn policies(scene: &Scene<'_>, trust: &Document) -> Policies {
    Policies {
        // What the caller's own account lets it do, nobody here knows.
        identity: vec![everything()],
        resource: Some(trust.clone()),
        rcps: scene.input.policies.rcps.clone(),
        ..Policies::default()
    }
}

fn questions(scene: &Scene<'_>, trust: &Document) -> Vec<Doubtful> {
    let mut found = Vec::new();
    let allows = trust.statements.iter();
    for statement in allows.filter(|it| it.effect == Effect::Allow) {
        let Some(element) = &statement.principal else {
            continue;
        };
        if element.negated {
            found.push(anyone(
                scene,
                STRANGER,
                "anybody whom the trust policy does not name",
            ));
            continue;
        }
        for entry in &element.entries {
            found.extend(of_entry(scene, trust, statement, entry));
        }
    }
    found
}

fn of_entry(
    scene: &Scene<'_>,
    trust: &Document,
    statement: &Statement,
    entry: &PrincipalEntry,
) -> Vec<Doubtful> {
    match &entry.name {
        PrincipalName::Everyone => vec![anyone(scene, STRANGER, "anybody with an AWS account")],
        PrincipalName::Account { account } if **account != scene.account => {
            let who = format!("any principal of the account {account}");
            let mut found = vec![anyone(scene, account, &who)];
            found.extend(without_external_id(
                statement,
                &role_of(scene, account, "anyone"),
                &entry.text,
            ));
            found
        }
        PrincipalName::Role { account, name, .. } if **account != scene.account => {
            let principal = role_of(scene, account, name);
            without_external_id(statement, &principal, &entry.text)
                .into_iter()
                .collect()
        }
        PrincipalName::User { account, .. } if **account != scene.account => {
            let principal = Principal::parse(&entry.text);
            principal
                .and_then(|it| without_external_id(statement, &it, &entry.text))
                .into_iter()
                .collect()
        }
        PrincipalName::Federated => federated(statement, &entry.text),
        PrincipalName::Service if names_people(trust) => Principal::parse(&entry.text)
            .map(|principal| Doubtful {
                class: "W33",
                title: format!("the service {} can take the vendor's role too", entry.text),
                gain: "whoever may use that service with the role acts as the vendor".into(),
                principal,
                who: entry.text.to_string(),
                action: "sts:AssumeRole",
                conditions: Vec::new(),
                fix: None,
            })
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether a trust policy admits anything but services.
fn names_people(trust: &Document) -> bool {
    let principals = trust
        .statements
        .iter()
        .filter_map(|it| it.principal.as_ref());
    let mut entries = principals.flat_map(|it| &it.entries);
    entries.any(|it| it.name != PrincipalName::Service)
}

fn role_of(scene: &Scene<'_>, account: &str, name: &str) -> Principal {
    let arn = format!(
        "arn:{}:sts::{account}:assumed-role/{name}/session",
        scene.partition
    );
    Principal::parse(&arn).unwrap_or(Principal::Anonymous)
}

fn anyone(scene: &Scene<'_>, account: &str, who: &str) -> Doubtful {
    Doubtful {
        class: "W3",
        title: format!("{who} can become the role"),
        gain: format!("{who} acts as the vendor"),
        principal: role_of(scene, account, "anyone"),
        who: who.to_owned(),
        action: "sts:AssumeRole",
        conditions: Vec::new(),
        fix: None,
    }
}

fn without_external_id(
    statement: &Statement,
    principal: &Principal,
    who: &str,
) -> Option<Doubtful> {
    let mut patterns = statement.action.patterns.iter();
    if !patterns.any(|it| it.matches("sts:AssumeRole", "sts:assumerole")) {
        return None;
    }
    let about_id = statement
        .conditions
        .iter()
        .find(|it| *it.key == *"sts:externalid");
    let in_a_set = about_id.is_some_and(|it| {
        it.operator
            .is_some_and(|it| it.quantifier == Some(Quantifier::ForAllValues))
    });
    let class = if in_a_set { "W2" } else { "W1" };
    let values: Vec<String> = about_id
        .into_iter()
        .flat_map(|it| &it.values)
        .map(|it| it.template.text().to_owned())
        .collect();
    let values = if values.is_empty() {
        vec!["the-id-agreed-with-the-vendor".to_owned()]
    } else {
        values
    };
    let text = "ask for the external id with a plain `StringEquals`, which an absent key fails";
    Some(Doubtful {
        class,
        title: if in_a_set {
            "the external id is asked for by `ForAllValues`, which an absent one passes".into()
        } else {
            "the role can be assumed without an external id".into()
        },
        gain:
            "whoever makes the vendor use this role's ARN gets the vendor to work in this account"
                .into(),
        principal: principal.clone(),
        who: who.to_owned(),
        action: "sts:AssumeRole",
        conditions: vec![Condition::absent("sts:ExternalId")],
        fix: Some((
            json!({"StringEquals": {"sts:ExternalId": values}}),
            text.to_owned(),
        )),
    })
}

/// The name under which an identity provider's keys are known.
fn provider_name(text: &str) -> &str {
    text.split_once("oidc-provider/")
        .map_or(text, |(_, name)| name)
}

fn federated(statement: &Statement, text: &str) -> Vec<Doubtful> {
    let Some(principal) = Principal::parse(text) else {
        return Vec::new();
    };
    let names = |action: &str| {
        let mut patterns = statement.action.patterns.iter();
        patterns.any(|it| it.matches(action, &action.to_ascii_lowercase()))
    };
    let name = provider_name(text);
    let ask = |action, key: String, title: String| Doubtful {
        class: "W4",
        gain: format!("whoever has such a token of `{name}` acts as the vendor"),
        principal: principal.clone(),
        who: text.to_owned(),
        action,
        conditions: vec![Condition::is(&key, &[OTHER_VALUE])],
        fix: Some((
            json!({"StringEquals": {key.clone(): format!("the-{}-of-the-vendor", key.rsplit(':').next().unwrap_or_default())}}),
            format!("compare `{key}` with the vendor's own"),
        )),
        title,
    };
    if text.contains("saml-provider/")
        || names("sts:AssumeRoleWithSAML") && !names("sts:AssumeRoleWithWebIdentity")
    {
        let title = "the role can be assumed with an assertion for any audience".to_owned();
        return vec![ask("sts:AssumeRoleWithSAML", "SAML:aud".into(), title)];
    }
    ["sub", "aud"]
        .into_iter()
        .map(|part| {
            let what = if part == "sub" { "subject" } else { "audience" };
            ask(
                "sts:AssumeRoleWithWebIdentity",
                format!("{name}:{part}"),
                format!("the role can be assumed with a token of `{name}` for any {what}"),
            )
        })
        .collect()
}

fn describe(
    scene: &Scene<'_>,
    trust: &Document,
    doubtful: &Doubtful,
    witness: Witness,
    asker: &mut Asker<'_>,
) -> Option<Escape> {
    let policies = policies(scene, trust);
    let request = witness.request;
    if decide(&policies, &request).decision != Decision::Allowed {
        return None;
    }
    let done = Done { request, policies };
    let granted = granted_by(&done);
    let remedy = doubtful.fix.as_ref().and_then(|(condition, text)| {
        let granted = granted.as_ref()?;
        let mut changed = trust.clone();
        let statement = changed.statements.get_mut(granted.index)?;
        // Another condition of the operator on the key stays: both have to hold.
        statement.conditions.extend(condition_of(condition));
        let policies = self::policies(scene, &changed);
        let settings = Settings::default();
        let access = Access {
            policies: &policies,
            principal: &doubtful.principal,
            resource_account: Some(&scene.account),
            settings: &settings,
        };
        let family = Family::new(&[doubtful.action])
            .on(&[&scene.actor])
            .when_all(doubtful.conditions.clone());
        let family = document(&family.text(), Kind::Identity);
        let closed = matches!(
            asker.find(std::slice::from_ref(&family), &access),
            Found::Nothing
        );
        closed.then(|| Remedy {
            text: text.clone(),
            edit: Edit::AddCondition {
                file: granted.file,
                span: granted.span,
                actions: Vec::new(),
                condition: condition.clone(),
            },
        })
    });
    let entries = done.request.context.entries().iter();
    let context = entries.map(|it| {
        let values = it.values.iter().map(|value| value.to_string());
        (it.key.to_string(), values.collect())
    });
    let step = Step {
        title: format!("{} becomes the role", doubtful.who),
        by: doubtful.who.clone(),
        action: done.request.action.text.to_string(),
        resource: done.request.resource.as_deref().map(str::to_owned),
        context: context.collect(),
        allowed_by: granted,
        otherwise: "the trust policy",
    };
    Some(Escape {
        class: doubtful.class.into(),
        title: doubtful.title.clone(),
        gain: doubtful.gain.clone(),
        steps: vec![step],
        also: Vec::new(),
        remedy,
    })
}
