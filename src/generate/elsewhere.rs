//! What lies in another account: its owner's policy decides too, and nobody here makes that policy.
//!
//! So it is taken for granted, named, and only the customer's side is judged: whether the identity
//! policy and the boundary allow the request, as they have to for what is in the account itself (IAM
//! User Guide, "Cross-account policy evaluation logic").

use std::collections::BTreeSet;

use crate::check::{Input, Judged, Report, Verdict, run};
use crate::evaluate::Principal;
use crate::policy::Document;
use crate::profile::SettingError;

/// Judges the customer's side of what could not be decided, and returns what is taken for granted.
///
/// # Errors
///
/// Everything that is wrong with the settings.
pub(super) fn judge(
    input: &Input<'_>,
    report: &mut Report,
) -> Result<BTreeSet<String>, Vec<SettingError>> {
    let mut taken = BTreeSet::new();
    let actor = input.settings.actors.first();
    let actor = actor.unwrap_or(&input.profile.default_actor);
    let principal = input.profile.principal(actor, input.settings)?;
    let principal = principal.and_then(|it| Principal::parse(&it));
    let Some(account) = principal.as_ref().and_then(Principal::account) else {
        return Ok(taken);
    };
    let undecided =
        |it: &Judged| it.verdict == Verdict::Unknown && owners(it, account).next().is_some();
    if !report.requirements.iter().any(undecided) || tells_owners_apart(input) {
        return Ok(taken);
    }
    let profile = input.profile.with_all_in(account, input.settings)?;
    let own = run(&Input {
        profile: &profile,
        ..*input
    })?;
    for (judged, own) in report.requirements.iter_mut().zip(own.requirements) {
        if !undecided(judged) || own.verdict != Verdict::Met {
            continue;
        }
        for (owner, resource) in owners(judged, account) {
            taken.insert(format!(
                "the account {owner} lets the vendor's roles call {} on {resource}: only the \
                 customer's side was judged",
                judged.call.action
            ));
        }
        judged.verdict = Verdict::Met;
    }
    Ok(taken)
}

/// Returns the other accounts that own what a call is about, with its name.
fn owners<'a>(judged: &'a Judged, account: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let resources = judged.call.resources.iter();
    resources.filter_map(move |it| {
        let owner = it.account.as_deref().filter(|it| *it != account)?;
        Some((owner, it.family.as_deref().unwrap_or(&it.arn)))
    })
}

/// Whether a policy asks who owns a resource: then another owner is not as good as the own one.
fn tells_owners_apart(input: &Input<'_>) -> bool {
    let policies = input.policies;
    let boundary = policies.boundary.iter().flatten();
    let levels = policies.scps.iter().chain(&policies.rcps);
    let levels = levels.flat_map(|it| &it.policies);
    let mut all = policies.identity.iter().chain(boundary).chain(levels);
    all.any(names_owner)
}

fn names_owner(document: &Document) -> bool {
    const KEYS: [&str; 4] = [
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:resourceorgpaths",
        "s3:resourceaccount",
    ];
    document.statements.iter().any(|statement| {
        let mut keys = statement.conditions.iter().map(|it| &*it.key);
        let values = statement.conditions.iter().flat_map(|it| &it.values);
        let resources = statement.resource.iter().flat_map(|it| &it.patterns);
        let templates = values
            .map(|it| &it.template)
            .chain(resources.map(|it| &it.template));
        let mut variables = templates.flat_map(|it| it.variables());
        keys.any(|it| KEYS.contains(&it)) || variables.any(|it| KEYS.contains(&&*it.key))
    })
}
