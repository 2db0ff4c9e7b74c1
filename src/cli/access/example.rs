//! Why a request is allowed or denied: the layer, the statement and the condition.

use crate::analyze::Witness;
use crate::check::layer_title;
use crate::cli::deciding::{NearMiss, Place, decided_by, list, near_misses, reason};
use crate::cli::policies::LoadedPolicies;
use crate::evaluate::{Decision, Layer, Layers, explain};

/// A request with what decides it.
pub(super) struct Example<'a> {
    pub(super) witness: &'a Witness,
    pub(super) decision: Decision,
    pub(super) blocked_by: Layers,
    /// In words.
    pub(super) why: String,
    /// The statements that decide.
    pub(super) decided_by: Vec<Place<'a>>,
    /// Statements that nearly allow it, nearest first.
    pub(super) near_misses: Vec<NearMiss<'a>>,
}

impl<'a> Example<'a> {
    pub(super) fn new(witness: &'a Witness, loaded: &'a LoadedPolicies) -> Self {
        let request = &witness.request;
        let explanation = explain(&loaded.policies, request);
        let verdict = explanation.verdict;
        let decided_by = decided_by(&explanation.statements, verdict.decision, request);
        let near_misses = near_misses(
            &explanation.statements,
            verdict.decision,
            verdict.blocked_by,
            request,
        );
        let mut example = Self {
            witness,
            decision: verdict.decision,
            blocked_by: verdict.blocked_by,
            why: String::new(),
            decided_by,
            near_misses,
        };
        example.why = example.words();
        example
    }

    fn words(&self) -> String {
        if let Some(place) = self.decided_by.first() {
            let verb = if self.decision == Decision::Allowed {
                "allows"
            } else {
                "denies"
            };
            return format!("{} {verb} it", statement(place));
        }
        if self.decision == Decision::Allowed {
            return "no policy is asked for this action".into();
        }
        // Of several layers that are silent, one that names the action tells most.
        let near = self.near_misses.iter().find(|it| it.failed != "action");
        if let Some(near) = near {
            return format!("{} {}", statement(&near.place), reason(near));
        }
        let layers: Vec<&str> = self.blocked_by.iter().map(layer_title).collect();
        if layers.is_empty() {
            return "nothing allows it".into();
        }
        if self.blocked_by.contains(Layer::Service) {
            return "AWS refuses it, whatever policies say".into();
        }
        format!(
            "no Allow statement of the {} names `{}`",
            list(&layers).replace('`', ""),
            self.witness.request.action.text
        )
    }

    /// What to point at: the statement, or the element that the request fails.
    pub(super) fn place(&self) -> Option<(&Place<'a>, crate::source::Span)> {
        if let Some(place) = self.decided_by.first() {
            let span = place.matching.first().copied().unwrap_or(place.span);
            return Some((place, span));
        }
        let near = self.near_misses.iter().find(|it| it.failed != "action")?;
        Some((&near.place, near.span))
    }
}

fn statement(place: &Place<'_>) -> String {
    let target = place
        .target
        .map(|it| format!(" of `{it}`"))
        .unwrap_or_default();
    format!("{} of the {}{target}", place.name, layer_title(place.layer))
}
