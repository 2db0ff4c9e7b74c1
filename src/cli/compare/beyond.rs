//! Access that one side has and the other lacks, said in words: which statement gives it, and why
//! the other side does not.

use super::sides::Side;
use crate::analyze::Excess;
use crate::cli::deciding::{self, Place, near_misses, reason};
use crate::cli::words;
use crate::evaluate::{Decision, Layer, Layers, Request, StatementTrace, Truth, explain_documents};
use crate::policy::{Effect, Statement};

/// One such access.
pub(super) struct Beyond<'a> {
    pub(super) excess: &'a Excess,
    pub(super) statement: &'a Statement,
    /// The statement that gives it.
    pub(super) place: Place<'a>,
    /// What it is, in words.
    pub(super) what: String,
    pub(super) lack: Lack<'a>,
}

/// Why the other side does not allow the example.
pub(super) struct Lack<'a> {
    /// A word for machines.
    pub(super) class: &'static str,
    /// In words.
    pub(super) text: String,
    /// The statement behind it, and what to point at in it.
    pub(super) place: Option<Place<'a>>,
}

impl<'a> Beyond<'a> {
    pub(super) fn new(excess: &'a Excess, side: &'a Side, other: &'a Side) -> Option<Self> {
        let document = side.documents.get(excess.document)?;
        let statement = document.statements.get(excess.statement)?;
        let request = &excess.witness.request;
        let traces = explain_documents(Layer::Identity, std::slice::from_ref(document), request);
        let trace = traces.get(excess.statement)?;
        Some(Self {
            excess,
            statement,
            place: deciding::place(trace, request),
            what: what(excess, statement),
            lack: Lack::of(other, request),
        })
    }
}

/// Actions, resources and conditions in words.
fn what(excess: &Excess, statement: &Statement) -> String {
    let mut text = if statement.action.negated {
        format!("every action but {}", words::some(&excess.actions))
    } else if excess.actions.is_empty() {
        format!(
            "action names of {} that AWS does not have yet",
            words::some(&excess.tomorrow)
        )
    } else {
        words::some(&excess.actions)
    };
    if let Some(element) = &statement.resource {
        let but = if element.negated {
            "everything but "
        } else {
            ""
        };
        let is_everything = excess.resources.iter().any(|it| it == "*");
        if is_everything && !element.negated {
            text.push_str(" on every resource");
        } else {
            text.push_str(&format!(" on {but}{}", words::some(&excess.resources)));
        }
    }
    if let Some(element) = &statement.principal {
        let names: Vec<&str> = element.entries.iter().map(|it| &*it.text).collect();
        let but = if element.negated {
            "everybody but "
        } else {
            ""
        };
        if names == ["*"] && !element.negated {
            text.push_str(" by everybody");
        } else {
            text.push_str(&format!(" by {but}{}", words::some(&names)));
        }
    }
    let conditions = words::conditions(statement);
    if !conditions.is_empty() {
        text.push_str(&format!(", if {conditions}"));
    }
    text
}

impl<'a> Lack<'a> {
    fn of(other: &'a Side, request: &Request) -> Self {
        let layers = other.layers();
        for (at, documents) in layers.iter().enumerate() {
            let traces = explain_documents(Layer::Identity, documents, request);
            let applies = |it: &&StatementTrace<'_>, effect| {
                it.statement.effect == effect && it.applies() == Truth::True
            };
            if let Some(deny) = traces.iter().find(|it| applies(it, Effect::Deny)) {
                let place = deciding::place(deny, request);
                return Self {
                    class: "denied",
                    text: format!("{} of {} denies it", place.name, other.layer_name(at)),
                    place: Some(place),
                };
            }
            if traces.iter().any(|it| applies(&it, Effect::Allow)) {
                continue;
            }
            return Self::silent(&traces, &other.layer_name(at), request);
        }
        // Allowed by naming the account only, and not directly: a matter of resource policies.
        Self {
            class: "account-only",
            text: format!(
                "`{}` names the caller's account only, so its own policies still decide",
                other.name
            ),
            place: None,
        }
    }

    fn silent(traces: &[StatementTrace<'a>], layer: &str, request: &Request) -> Self {
        let mut blocked_by = Layers::default();
        blocked_by.insert(Layer::Identity);
        let near = near_misses(traces, Decision::ImplicitlyDenied, blocked_by, request);
        let near = near.into_iter().find(|it| it.failed != "action");
        let Some(near) = near else {
            return Self {
                class: "no-statement-names-the-action",
                text: format!(
                    "no Allow statement of {layer} names `{}`",
                    request.action.text
                ),
                place: None,
            };
        };
        let text = format!("{} of {layer} {}", near.place.name, reason(&near));
        Self {
            class: match near.failed {
                "resource" => "resource-not-covered",
                "principal" => "principal-not-named",
                _ => "condition-fails",
            },
            text,
            place: Some(Place {
                matching: vec![near.span],
                ..near.place
            }),
        }
    }
}
