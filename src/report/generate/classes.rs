//! The classes of weaknesses, one by one: held, not applicable, or impossible with the reason, and by
//! which documents.
//!
//! What is said here is read off the documents and their proof; nothing is claimed that the proof
//! does not show.

use serde_json::Value;

use super::Shown;
use crate::generate::{Entity, EntityKind, Policy, PolicyUse, Sentence, texts};
use crate::isolation::Verdict;
use crate::pattern;
use crate::profile::{WEAKNESSES, Weakness};

/// What is known of one class.
pub(super) struct Class {
    pub(super) weakness: Weakness,
    /// `held`, `not applicable`, `impossible` or `open`.
    pub(super) state: &'static str,
    /// Why.
    pub(super) reason: String,
    /// The documents that could have it.
    pub(super) documents: Vec<String>,
}

/// Returns every class, by number.
pub(super) fn classes(shown: &Shown<'_>) -> Vec<Class> {
    WEAKNESSES.iter().map(|it| class(shown, *it)).collect()
}

fn class(shown: &Shown<'_>, weakness: Weakness) -> Class {
    let made = |state, reason: &str| Class {
        weakness,
        state,
        reason: reason.to_owned(),
        documents: Vec::new(),
    };
    let proofs = &shown.generated.proof.entities;
    let impossible = proofs.iter().flat_map(|it| &it.impossible);
    let mut impossible = impossible.filter(|it| it.row.class.id == weakness.id);
    if let Some(held) = impossible.next() {
        let actions = held.row.actions.iter().map(|it| it.text.as_str()).collect();
        return Class {
            documents: documents(shown, &actions),
            ..made("impossible", &held.row.reason)
        };
    }
    let settings = &shown.generated.settings;
    let rows = shown.profile.must_not(settings).unwrap_or_default();
    let own: Vec<_> = rows
        .iter()
        .filter(|it| it.class.id == weakness.id)
        .collect();
    let isolated = |it: &crate::generate::Proven| {
        it.isolation
            .as_ref()
            .is_some_and(|it| it.verdict == Verdict::Isolated)
    };
    let is_isolated = proofs.iter().all(isolated);
    if !own.is_empty() && is_isolated {
        let ids: Vec<String> = own.iter().map(|it| format!("`{}`", it.id)).collect();
        let actions: Vec<String> = own.iter().flat_map(|it| actions_of(&it.text)).collect();
        let actions = actions.iter().map(String::as_str).collect();
        return Class {
            documents: documents(shown, &actions),
            ..made("held", &format!("proven impossible: {}", ids.join(", ")))
        };
    }
    let (state, reason) = by_construction(shown, weakness.id, is_isolated);
    made(state, reason)
}

/// What the form of the documents says.
fn by_construction(shown: &Shown<'_>, id: &str, is_isolated: bool) -> (&'static str, &'static str) {
    let bundle = &shown.generated.bundle;
    let roles: Vec<&Entity> = bundle
        .entities
        .iter()
        .filter(|it| it.kind == EntityKind::Role)
        .collect();
    let trusts = || roles.iter().flat_map(|it| &it.trust);
    let names =
        |sentence: &Sentence, kind: &str| sentence.statement["Principal"].get(kind).is_some();
    let aws: Vec<&Sentence> = trusts().filter(|it| names(it, "AWS")).collect();
    let federated: Vec<&Sentence> = trusts().filter(|it| names(it, "Federated")).collect();
    let no_role = ("not applicable", "no role is assumed from another account");
    let all = |holds: bool, yes, no| if holds { ("held", yes) } else { ("open", no) };
    match id {
        "W1" | "W2" if aws.is_empty() => no_role,
        "W1" | "W2" => all(
            aws.iter()
                .all(|it| has_condition(it, "StringEquals", "sts:ExternalId")),
            "every statement that trusts another account compares `sts:ExternalId` by `StringEquals`",
            "a statement trusts another account without `sts:ExternalId`",
        ),
        "W3" if aws.is_empty() => no_role,
        "W3" => all(
            aws.iter()
                .all(|it| !it.statement["Principal"].to_string().contains(":root")),
            "roles and users are named, no account as a whole",
            "a whole account is trusted",
        ),
        "W4" if federated.is_empty() => (
            "not applicable",
            "no identity provider is trusted by what the customer makes",
        ),
        "W4" => all(
            federated.iter().all(|it| {
                let text = it.statement["Condition"]["StringEquals"].to_string();
                text.contains(":aud\"") && text.contains(":sub\"")
            }),
            "every federated statement compares audience and subject by `StringEquals`",
            "a federated statement lacks the audience or the subject",
        ),
        "W5" | "W6" | "W8" | "W12" if bundle.vendor_made.is_empty() => {
            ("not applicable", "the vendor makes no roles")
        }
        "W9" => all(
            bundle.entities.iter().all(|it| it.boundary.is_some()),
            "the vendor's own access has a permissions boundary",
            "the vendor's own access has no permissions boundary",
        ),
        "W7" | "W11" | "W16" | "W17" => (
            "held",
            "nothing rests on a guard that could miss: what is not needed is not allowed",
        ),
        "W21" => all(
            !bundle
                .policies
                .iter()
                .any(|it| it.used_as == PolicyUse::Identity && has_wildcard(it)),
            "no action of an identity policy has a wildcard; those of boundaries are listed in the proof",
            "an action of an identity policy has a wildcard",
        ),
        "W29" | "W30" => (
            "held",
            "proven: no statement, resource, value or condition could be left out",
        ),
        "W31" if bundle.entities.iter().any(|it| it.kind == EntityKind::User) => (
            "impossible",
            "an access key is valid until it is deleted: rotate it, and add `aws:SourceIp` where the \
             vendor calls from fixed addresses",
        ),
        "W31" => ("not applicable", "sessions of roles end by themselves"),
        "W32" => (
            "open",
            "what only the beginning and the end need is allowed as long as the policies are \
             attached; `--split phase` puts it into policies that can be detached",
        ),
        "W33" => all(
            roles.iter().all(|it| {
                let mixed = |kind: &str| it.trust.iter().any(|own| names(own, kind));
                !(mixed("Service") && (mixed("AWS") || mixed("Federated")))
            }),
            "no role is trusted by services and by people",
            "a role is trusted by services and by people",
        ),
        "W35" => (
            "held",
            "the files are complete: nothing is fetched when they are applied",
        ),
        _ if is_isolated => (
            "held",
            "proven: nothing is allowed that no requirement asks for, and no request leads further",
        ),
        _ => ("open", "the proof does not show it"),
    }
}

fn has_condition(sentence: &Sentence, operator: &str, key: &str) -> bool {
    sentence.statement["Condition"][operator].get(key).is_some()
}

fn has_wildcard(policy: &Policy) -> bool {
    let actions = policy
        .statements
        .iter()
        .flat_map(|it| texts(&it.statement["Action"]));
    actions.into_iter().any(|it| it.contains('*'))
}

/// The actions that a must-not is about.
fn actions_of(document: &str) -> Vec<String> {
    let value: Value = serde_json::from_str(document).unwrap_or_default();
    let statements = value["Statement"].as_array().into_iter().flatten();
    let allows = statements.filter(|it| it["Effect"] == "Allow");
    allows
        .flat_map(|it| {
            texts(&it["Action"])
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The policies that name one of these actions.
fn documents(shown: &Shown<'_>, actions: &Vec<&str>) -> Vec<String> {
    let same = |a: u8, b: u8| a.eq_ignore_ascii_case(&b);
    let names = |policy: &&Policy| {
        let own = policy
            .statements
            .iter()
            .flat_map(|it| texts(&it.statement["Action"]));
        own.into_iter()
            .any(|own| actions.iter().any(|it| pattern::overlap(own, it, same)))
    };
    let policies = shown.generated.bundle.policies.iter().filter(names);
    policies.map(|it| it.name.clone()).collect()
}
