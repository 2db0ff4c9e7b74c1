//! Proves what mending promises, on the texts as they would be written: nothing that is required is
//! lost, and nothing is gained beyond the requirements.
//!
//! A claim is proven, or refuted by an example, or open with the reason. There is no fourth.

use super::draft::{Draft, LAYERS};
use super::text::Text;
use crate::analyze::{Found, Witness};
use crate::check::{Report, Verdict, headline, layer_title};
use crate::evaluate::Layer;
use crate::policy::{Document, Effect};

/// What came of one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It holds for all requests.
    Proven,
    /// It does not: why, or an example.
    Refuted(String),
    /// Neither could be shown: the reason.
    Open(String),
}

/// The claims about the texts as they would be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Every requirement that was met still is.
    pub nothing_lost: Claim,
    /// Every request that is allowed was so before, or is required.
    pub nothing_gained: Claim,
    /// Every request that is allowed is required; none where that was not asked for.
    pub nothing_spare: Option<Claim>,
    /// Every Deny statement stands as it did.
    pub denies_kept: Claim,
}

impl Proof {
    /// Returns whether every claim is proven.
    #[must_use]
    pub fn holds(&self) -> bool {
        let claims = [&self.nothing_lost, &self.nothing_gained, &self.denies_kept];
        let mut claims = claims.into_iter().chain(&self.nothing_spare);
        claims.all(|it| *it == Claim::Proven)
    }

    /// Returns every claim with what it says.
    #[must_use]
    pub fn claims(&self) -> Vec<(&'static str, &Claim)> {
        let mut claims = vec![
            (
                "every requirement that was met still is",
                &self.nothing_lost,
            ),
            (
                "nothing is allowed that was not allowed before and is not required",
                &self.nothing_gained,
            ),
        ];
        if let Some(claim) = &self.nothing_spare {
            claims.push(("nothing is allowed that is not required", claim));
        }
        claims.push(("every Deny statement stands as it did", &self.denies_kept));
        claims
    }
}

/// Proves the claims, or says why not.
pub(super) fn prove(draft: &Draft<'_>, before: &Report, after: &Report) -> Proof {
    if draft.job.input.unread {
        let reason = || {
            let reason = "a document could not be read: it may allow or deny anything";
            Claim::Open(reason.to_owned())
        };
        return Proof {
            nothing_lost: reason(),
            nothing_gained: reason(),
            nothing_spare: draft.job.narrowing.then(reason),
            denies_kept: denies_kept(draft),
        };
    }
    let nothing_gained = LAYERS.into_iter().map(|layer| gained(draft, layer));
    let worst = nothing_gained.fold(Claim::Proven, |worst, claim| match (&worst, &claim) {
        (Claim::Refuted(_), _) | (_, Claim::Proven) => worst,
        _ => claim,
    });
    let spare = || {
        let new = draft.documents(Layer::Identity);
        claim(&draft.analysis().find_excess(&[&new], &[&draft.hull]))
    };
    Proof {
        nothing_lost: lost(draft, before, after),
        nothing_gained: worst,
        nothing_spare: draft.job.narrowing.then(spare),
        denies_kept: denies_kept(draft),
    }
}

fn lost(draft: &Draft<'_>, before: &Report, after: &Report) -> Claim {
    let was_met = |id: &str| {
        let mut all = before.requirements.iter();
        all.any(|it| it.call.id == id && it.verdict == Verdict::Met)
    };
    let lost = after
        .requirements
        .iter()
        .filter(|it| it.verdict != Verdict::Met && was_met(&it.call.id));
    let lost: Vec<String> = lost
        .map(|it| format!("`{}`: {}", it.call.id, headline(it)))
        .collect();
    if !lost.is_empty() {
        return Claim::Refuted(lost.join("; "));
    }
    // Requirements that are met in part keep that part.
    let new = draft.policies();
    let is_lost = |need: &&crate::check::Need| {
        let verdict = |own| draft.needs.settle(need, own).verdict;
        verdict(&new) != Verdict::Met && verdict(draft.job.input.policies) == Verdict::Met
    };
    match draft.needs.all.iter().find(is_lost) {
        None => Claim::Proven,
        Some(need) => Claim::Refuted(format!(
            "`{}` on `{}`, for `{}`",
            need.call.action,
            need.resource_name(),
            need.call.id
        )),
    }
}

/// What a layer allows that it did not allow before and nothing requires.
fn gained(draft: &Draft<'_>, layer: Layer) -> Claim {
    let own = || draft.texts.iter().filter(|it| it.layer == layer);
    let is_same = |it: &Text| it.original.as_ref() == Some(&it.text) && it.idle.is_empty();
    if own().all(is_same) {
        return Claim::Proven;
    }
    let new: Vec<Document> = own().flat_map(Text::in_force).collect();
    let mut old: Vec<Document> = own().flat_map(originals).collect();
    old.extend_from_slice(&draft.hull);
    match claim(&draft.analysis().find_excess(&[&new], &[&old])) {
        Claim::Proven => Claim::Proven,
        Claim::Refuted(example) => {
            Claim::Refuted(format!("the {} gains {example}", layer_title(layer)))
        }
        Claim::Open(reason) => Claim::Open(format!("the {}: {reason}", layer_title(layer))),
    }
}

fn originals(text: &Text) -> Vec<Document> {
    let original = text.original.as_ref().map(|original| Text {
        text: original.clone(),
        ..text.clone()
    });
    let held = original.map(|it| it.held()).unwrap_or_default();
    held.into_iter().map(|it| it.document).collect()
}

fn claim(found: &Found) -> Claim {
    match found {
        Found::Nothing => Claim::Proven,
        Found::Request(witness) => Claim::Refuted(example(witness)),
        Found::Unknown(doubt) => Claim::Open(match doubt.detail.as_str() {
            "" => doubt.reason.as_str().to_owned(),
            detail => detail.to_owned(),
        }),
    }
}

/// How many context keys of an example are shown.
const KEYS_SHOWN: usize = 4;

fn example(witness: &Witness) -> String {
    let request = &witness.request;
    let mut text = format!("`{}`", request.action.text);
    if let Some(resource) = &request.resource {
        text.push_str(&format!(" on `{resource}`"));
    }
    let principal = |key: &str| key.to_ascii_lowercase().starts_with("aws:principal");
    let keys = request.context.entries().iter();
    let keys = keys.filter(|entry| !principal(&entry.key) && !entry.values.is_empty());
    for (at, entry) in keys.take(KEYS_SHOWN).enumerate() {
        let join = if at == 0 { " with" } else { "," };
        let values: Vec<String> = entry.values.iter().map(|it| format!("`{it}`")).collect();
        text.push_str(&format!("{join} `{}` = {}", entry.key, values.join(", ")));
    }
    text
}

fn denies_kept(draft: &Draft<'_>) -> Claim {
    for text in draft.texts.iter().filter(|it| it.original.is_some()) {
        let denies = |documents: &[Document], of: &str| -> Vec<String> {
            let statements = documents.iter().flat_map(|it| &it.statements);
            let denies = statements.filter(|it| it.effect == Effect::Deny);
            let text = |it: &crate::policy::Statement| {
                of.get(it.span.range()).unwrap_or_default().to_owned()
            };
            denies.map(text).collect()
        };
        let original = text.original.as_deref().unwrap_or_default();
        let new: Vec<Document> = text.held().into_iter().map(|it| it.document).collect();
        if denies(&originals(text), original) != denies(&new, &text.text) {
            return Claim::Refuted(format!("a Deny of `{}` changed", text.name));
        }
    }
    Claim::Proven
}
