//! A verdict in words: one finding per requirement that is not met.

use super::fix::{Addition, Fix};
use super::reason::{Reason, ReasonClass};
use super::{Judged, Verdict, layer_title};
use crate::evaluate::Layer;
use crate::finding::{Finding, FindingType};
use crate::policy::statement_name;
use crate::profile::Strength;
use crate::source::{FileId, Location, Span};

/// Returns the requirement and why it is not met, in one line.
#[must_use]
pub fn headline(judged: &Judged) -> String {
    let on = match judged.resources.as_slice() {
        [] => String::new(),
        [one] => format!(" on `{one}`"),
        [first, rest @ ..] => format!(" on `{first}` and {} more", rest.len()),
    };
    let action = &judged.call.action;
    let why = judged
        .reason
        .as_ref()
        .map(|reason| sentence(reason, action));
    let state = match judged.verdict {
        Verdict::Met => "is allowed".to_owned(),
        Verdict::PartlyMet => format!("is allowed in part{}", exception(judged)),
        Verdict::NotMet => "is not allowed".to_owned(),
        Verdict::Unknown => "cannot be decided".to_owned(),
    };
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    format!("`{action}`{on} {state}{why}")
}

/// Context keys of an example that are shown.
const KEYS_SHOWN: usize = 3;

/// Says what is not allowed of a requirement that is allowed in part.
fn exception(judged: &Judged) -> String {
    let variant = judged.call.variant_text();
    let variant = match judged.decided.0 > 1 && !variant.is_empty() {
        true => format!(", not for {variant}"),
        false => String::new(),
    };
    let example = judged.reason.as_ref().and_then(|it| it.example.as_ref());
    let Some(example) = example.filter(|it| it.is_one_of_many) else {
        return variant;
    };
    let on = example.resource.as_ref();
    let on = on.map(|it| format!(" on `{it}`")).unwrap_or_default();
    let mut text = format!("{variant}, not e.g.{on}");
    // A failing condition is told with the value that fails it; a resource fails without any.
    let is_told = judged
        .reason
        .as_ref()
        .is_some_and(|it| it.condition.is_some() || it.class == ReasonClass::ResourceNotCovered);
    let keys = example.context.iter().filter(|_| !is_told);
    for (at, (key, values)) in keys.take(KEYS_SHOWN).enumerate() {
        let join = if at == 0 { " with" } else { "," };
        text.push_str(&format!("{join} `{key}` = `{}`", values.join("`, `")));
    }
    text
}

/// Says why in AWS's words.
fn sentence(reason: &Reason, action: &str) -> String {
    let layer = reason.layer.map_or("policy", layer_title);
    let at = reason
        .target
        .as_ref()
        .map(|it| format!(" at `{it}`"))
        .unwrap_or_default();
    let place = format!("{layer}{at}");
    let name = reason.near.as_ref().map_or_else(
        || "a statement".to_owned(),
        |near| statement_name(near.sid.as_deref(), near.statement),
    );
    let limits = matches!(
        reason.layer,
        Some(Layer::Boundary | Layer::Session | Layer::Scp | Layer::VpcEndpoint)
    );
    match reason.class {
        ReasonClass::NoStatementNamesTheAction if limits => {
            format!("it is outside the {place}, where no statement names the action")
        }
        ReasonClass::NoStatementNamesTheAction => format!("no statement of the {place} names it"),
        ReasonClass::ResourceNotCovered => {
            let resource = reason
                .resource
                .as_deref()
                .unwrap_or("a request without a resource");
            let lead = if limits {
                "it is outside the"
            } else {
                "in the"
            };
            let is_shown = reason.example.as_ref().is_some_and(|it| it.is_one_of_many);
            let what = match is_shown {
                true => "this resource".to_owned(),
                false => format!("`{resource}`"),
            };
            format!("{lead} {place}, {name} names the action but not {what}")
        }
        ReasonClass::ConditionFails => {
            let lead = if limits {
                "it is outside the"
            } else {
                "in the"
            };
            let condition = reason.condition.as_deref().unwrap_or_default();
            format!("{lead} {place}, a condition of {name} fails: {condition}")
        }
        ReasonClass::PrincipalNotNamed => {
            format!("{name} of the {place} allows it, but to other principals")
        }
        ReasonClass::ExplicitlyDenied => {
            let condition = reason
                .condition
                .as_ref()
                .map(|it| format!(", as {it}"))
                .unwrap_or_default();
            format!("{name} of the {place} denies it{condition}")
        }
        ReasonClass::NeedsResourcePolicy => {
            format!("the policy of the resource or role has to allow `{action}`, and does not")
        }
        ReasonClass::RefusedByTheService => {
            "AWS refuses it whatever policies say: the resource is AWS's own".to_owned()
        }
        ReasonClass::DocumentRefused => {
            "AWS refuses one of the documents, so nothing can be said before it is mended"
                .to_owned()
        }
        ReasonClass::Unknown => unknown_sentence(reason, &place, &name),
    }
}

fn unknown_sentence(reason: &Reason, place: &str, name: &str) -> String {
    if let Some(why) = &reason.condition {
        return format!("not for every request that it stands for: {why}");
    }
    let facts: Vec<String> = reason
        .unknown
        .iter()
        .map(|fact| match fact.as_str() {
            "resource-policy" => {
                "the policy of the resource or role, which was not given".to_owned()
            }
            "unread-document" => "a document that was not read".to_owned(),
            "unread-scps" => {
                "the organization's service control policies, which could not be read".to_owned()
            }
            "tag-on-create" => "whether AWS fills `aws:ResourceTag` from the tags of the request \
                 that creates the resource (documented in general, not for this action)"
                .to_owned(),
            key if key.contains(':') => {
                format!("`{key}`, which the vendor's requests may have or not")
            }
            rule => format!("rule {rule}, which is out of scope"),
        })
        .collect();
    let depends = format!("it depends on {}", facts.join("; and on "));
    match &reason.near {
        Some(_) => format!("{depends} (see {name} of the {place})"),
        None => depends,
    }
}

/// Returns a finding that shows the nearest statement in its file.
#[must_use]
pub fn finding(judged: &Judged, fallback: FileId) -> Finding {
    let near = judged
        .reason
        .as_ref()
        .and_then(|reason| reason.near.as_ref());
    let location = near.and_then(|near| {
        near.file.map(|file| Location {
            file,
            span: near.span,
        })
    });
    let location = location.unwrap_or(Location {
        file: fallback,
        span: Span::new(0, 0),
    });
    let name = match judged.verdict {
        Verdict::Unknown => "unknown-requirement",
        Verdict::PartlyMet => "partly-met-requirement",
        _ => "unmet-requirement",
    };
    let finding_type = match (judged.verdict, judged.call.strength) {
        (Verdict::Unknown, _) => FindingType::Warning,
        (_, Strength::Required) => FindingType::Error,
        (_, Strength::Recommended) => FindingType::Warning,
        _ => FindingType::Suggestion,
    };
    let mut finding = Finding::new(name, finding_type, location, headline(judged))
        .why(judged.call.breaks.clone())
        .help(help(judged));
    if near.is_some() {
        finding = finding.label(label(judged));
    }
    finding
}

fn label(judged: &Judged) -> String {
    match judged.reason.as_ref().map(|reason| reason.class) {
        Some(ReasonClass::NoStatementNamesTheAction) => "does not name it".to_owned(),
        Some(ReasonClass::ResourceNotCovered) => "does not cover the resource".to_owned(),
        Some(ReasonClass::ConditionFails) => "fails".to_owned(),
        Some(ReasonClass::ExplicitlyDenied) => "denies it".to_owned(),
        Some(ReasonClass::PrincipalNotNamed) => "names others".to_owned(),
        Some(ReasonClass::Unknown) => "decides, and is not known".to_owned(),
        _ => String::new(),
    }
}

fn help(judged: &Judged) -> String {
    if let Some(fix) = &judged.fix {
        return fix_text(fix);
    }
    let reason = judged.reason.as_ref();
    match reason.map(|reason| reason.class) {
        Some(ReasonClass::ExplicitlyDenied) => {
            "no addition helps against a Deny: except the vendor or this action from the statement"
                .into()
        }
        Some(ReasonClass::NeedsResourcePolicy | ReasonClass::PrincipalNotNamed) => {
            "allow the principal in the policy of the resource or role".into()
        }
        Some(ReasonClass::Unknown)
            if reason.is_some_and(|it| it.unknown.iter().any(|fact| fact == "resource-policy")) =>
        {
            "give it: `--trust FILE` for a role, `--resource-policy FILE` for anything else".into()
        }
        Some(ReasonClass::Unknown) if reason.is_some_and(|it| it.condition.is_some()) => {
            "`rolecall simulate` decides one request at a time".into()
        }
        Some(ReasonClass::Unknown) => {
            "ask the vendor whether its requests have the key, or take the condition away".into()
        }
        _ => String::new(),
    }
}

/// Says what to add.
#[must_use]
pub(super) fn fix_text(fix: &Fix) -> String {
    let mut parts = Vec::new();
    for addition in &fix.additions {
        parts.push(match addition {
            Addition::Action {
                layer,
                action,
                sid,
                statement,
                ..
            } => {
                let name = statement_name(sid.as_deref(), *statement);
                format!(
                    "add `\"{action}\"` to the actions of {name} in the {}",
                    layer_title(*layer)
                )
            }
            Addition::Statement {
                layer,
                target,
                statement,
            } => {
                let at = target
                    .as_ref()
                    .map(|it| format!(" at `{it}`"))
                    .unwrap_or_default();
                format!("add to the {}{at}: {statement}", layer_title(*layer))
            }
        });
    }
    parts.join("; and ")
}
