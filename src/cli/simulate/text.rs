//! The answer for people: the answer in words first, then the statement behind it in its file.

use super::Answer;
use crate::check::layer_title;
use crate::cli::catalog::catalog_line;
use crate::cli::deciding::{NearMiss, Place, Why, list, principal_text, reason};
use crate::evaluate::{Decision, Layer, Principal};
use crate::finding::{FindingType, Label};
use crate::policy::Effect;
use crate::report::text::{Options, findings, places, visible};
use crate::source::{Location, Span};

/// Colours are sent; `anstream` takes them out where they do not belong.
const OPTIONS: Options = Options {
    color: true,
    width: None,
};

/// Returns the answer as text.
pub(super) fn answer(answer: &Answer<'_>) -> String {
    let mut page = Page {
        answer,
        out: String::new(),
    };
    page.headline();
    for why in &answer.why {
        page.resource(why);
    }
    page.unknown();
    page.notes();
    page.out
}

struct Page<'a> {
    answer: &'a Answer<'a>,
    out: String,
}

impl<'a> Page<'a> {
    fn line(&mut self, text: &str) {
        self.out.push_str(&visible(text));
        self.out.push('\n');
    }

    fn headline(&mut self) {
        let action = &self.answer.question.action.text;
        let call = match self.answer.why.as_slice() {
            [one] => match one.decided.arn.as_deref() {
                Some(arn) => format!("`{action}` on `{arn}`"),
                None => format!("`{action}`"),
            },
            more => {
                let denied = more.iter().filter(|it| is_denial(it.decision)).count();
                match denied {
                    0 => format!("`{action}` on these {} resources", more.len()),
                    _ => format!("`{action}` on {denied} of {} resources", more.len()),
                }
            }
        };
        let missing = &self.answer.outcome.missing_resource_types;
        let text = match self.answer.decision {
            Decision::Allowed => format!("allowed: {} may call {call}", self.caller()),
            Decision::ExplicitlyDenied => {
                format!("denied: a Deny in {} applies to {call}", self.blocking())
            }
            Decision::ImplicitlyDenied if self.blocked_by(Layer::Service) => {
                format!("denied: AWS refuses {call}, whatever policies say")
            }
            Decision::ImplicitlyDenied => {
                format!("denied: nothing in {} allows {call}", self.blocking())
            }
            Decision::Error => {
                let problem = self.answer.why.iter().find_map(|it| it.refusal);
                let why = problem.map_or("", |it| it.message.as_str());
                format!("denied: AWS refuses a policy document that takes part: {why}")
            }
            Decision::Unknown if !self.answer.loaded.unread.is_empty() => {
                format!("unknown: not every policy could be read that may decide {call}")
            }
            Decision::Unknown
                if self.answer.outcome.decision == Decision::Allowed
                    && self.answer.loaded.limits_unread() =>
            {
                format!(
                    "unknown: the organization's policies could not be read, and may deny {call}"
                )
            }
            Decision::Unknown if !missing.is_empty() && self.is_allowed_so_far() => {
                let these = if self.answer.why.len() > 1 {
                    "these resources"
                } else {
                    "this resource"
                };
                format!("allowed for {these}; the call also needs {}", list(missing))
            }
            Decision::Unknown => {
                let mut unknown: Vec<String> = Vec::new();
                for reason in self.answer.why.iter().flat_map(|it| &it.unknown) {
                    push_new(&mut unknown, fact(reason));
                }
                format!(
                    "unknown: whether {call} is allowed depends on {}",
                    unknown.join(" and ")
                )
            }
        };
        self.line(&text);
    }

    fn is_allowed_so_far(&self) -> bool {
        self.answer
            .why
            .iter()
            .all(|it| it.decision == Decision::Allowed)
    }

    fn caller(&self) -> String {
        match &self.answer.question.principal {
            None => "a caller of whom nothing is known".into(),
            Some(Principal::Anonymous) => "anyone, without a signature,".into(),
            Some(_) => {
                let first = self.answer.why.first();
                let text = first.map(|it| principal_text(&it.decided.derived.request));
                format!("`{}`", text.unwrap_or_default())
            }
        }
    }

    fn blocked_by(&self, layer: Layer) -> bool {
        let denied = |it: &&Why<'_>| it.decision == self.answer.decision;
        self.answer
            .why
            .iter()
            .filter(denied)
            .any(|it| it.blocked_by.contains(layer))
    }

    /// The layers that block, in words.
    fn blocking(&self) -> String {
        let layers = Layer::ALL
            .into_iter()
            .filter(|layer| self.blocked_by(*layer));
        let names: Vec<String> = layers.map(|layer| self.layer(layer)).collect();
        match names.split_last() {
            None => "the policies given".into(),
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
        }
    }

    fn layer(&self, layer: Layer) -> String {
        let targets: Vec<&str> = match layer {
            Layer::Scp if self.answer.decision == Decision::ExplicitlyDenied => {
                let places = self.answer.why.iter().flat_map(|it| &it.decided_by);
                places
                    .filter(|it| it.layer == layer)
                    .filter_map(|it| it.target)
                    .collect()
            }
            _ => Vec::new(),
        };
        let target = targets
            .first()
            .map(|it| format!(" of `{it}`"))
            .unwrap_or_default();
        format!("the {}{target}", self.title(layer))
    }

    fn title(&self, layer: Layer) -> &'static str {
        let policies = &self.answer.loaded.policies;
        let is_trust = |it: &crate::policy::Document| it.kind == crate::policy::Kind::Trust;
        match layer {
            Layer::Identity if policies.identity.len() > 1 => "identity policies",
            Layer::Session if policies.session.as_ref().is_some_and(|it| it.len() > 1) => {
                "session policies"
            }
            Layer::Scp => "service control policies",
            Layer::Rcp => "resource control policies",
            Layer::Resource if policies.resource.as_ref().is_some_and(is_trust) => {
                "role's trust policy"
            }
            other => layer_title(other),
        }
    }

    fn resource(&mut self, why: &Why<'a>) {
        if self.answer.why.len() > 1 {
            let arn = why.decided.arn.as_deref().unwrap_or_default();
            self.out.push('\n');
            self.line(&format!("{} `{arn}`", words(why.decision)));
        }
        // Of what allows, one statement of each layer is enough; of what denies, the first few.
        let mut layers = Vec::new();
        for place in why.decided_by.iter().take(8) {
            let is_new = !layers.contains(&place.layer);
            layers.push(place.layer);
            if place.effect == Effect::Allow && !is_new || layers.len() > 4 {
                continue;
            }
            self.deciding(place);
        }
        if why.decided_by.is_empty() && why.decision == Decision::Allowed {
            self.line(match &why.decided.derived.request.principal {
                Principal::Root(_) => "the root user of the account needs no identity policy",
                _ => "no policy is asked for this action",
            });
        }
        if why.decision == Decision::ImplicitlyDenied {
            self.silent(why);
        }
        for (at, miss) in why.near_misses.iter().enumerate() {
            self.near_miss(miss, at == 0);
        }
    }

    fn deciding(&mut self, place: &Place<'_>) {
        let verb = if place.effect == Effect::Deny {
            "denies"
        } else {
            "allows"
        };
        let text = format!("{} {verb} it", self.statement(place));
        self.line(&text);
        let finding_type = match place.effect {
            Effect::Deny => FindingType::Error,
            Effect::Allow => FindingType::Suggestion,
        };
        let spans = if place.matching.is_empty() {
            vec![place.span]
        } else {
            place.matching.clone()
        };
        let labels = spans.into_iter().map(|span| (span, String::new()));
        self.places(place, labels.collect(), finding_type);
    }

    fn statement(&self, place: &Place<'_>) -> String {
        let target = place
            .target
            .map(|it| format!(" of `{it}`"))
            .unwrap_or_default();
        let layer = match place.layer {
            Layer::Scp => "service control policy",
            Layer::Rcp => "resource control policy",
            other => self.title(other),
        };
        format!("{} of the {layer}{target}", place.name)
    }

    fn places(&mut self, place: &Place<'_>, spans: Vec<(Span, String)>, finding_type: FindingType) {
        let Some(file) = place.file else { return };
        let labels = spans.into_iter().map(|(span, text)| Label {
            location: Location { file, span },
            text,
        });
        let labels: Vec<Label> = labels.collect();
        let sources = &self.answer.loaded.sources;
        self.out
            .push_str(&places(sources, &labels, finding_type, OPTIONS));
    }

    /// Says of each silent layer why it is silent, where no near miss will.
    fn silent(&mut self, why: &Why<'_>) {
        let action = &self.answer.question.action.text;
        let policies = &self.answer.loaded.policies;
        let mut lines = Vec::new();
        for layer in why.blocked_by.iter() {
            if why.near_misses.iter().any(|it| it.place.layer == layer) {
                continue;
            }
            let given = match layer {
                Layer::Identity => !policies.identity.is_empty(),
                Layer::Resource => policies.resource.is_some(),
                _ => true,
            };
            lines.push(match layer {
                Layer::Service => "AWS keeps this resource to itself, or S3 Block Public Access is on (rules S8, S9, S10)".to_owned(),
                Layer::Resource if !given => {
                    "no resource policy was given, and a caller from outside the resource's account needs one that allows it".to_owned()
                }
                Layer::Session if policies.session.is_none() => {
                    "a federated session without a session policy has no permissions of its own".to_owned()
                }
                _ if !given => format!("no {} was given", layer_title(layer)),
                _ => format!("no Allow statement of the {} names `{action}`", self.title(layer)),
            });
        }
        for line in lines {
            self.line(&line);
        }
    }

    fn near_miss(&mut self, miss: &NearMiss<'_>, is_first: bool) {
        let lead = match (miss.is_unknown, is_first) {
            (true, _) => "undecided",
            (false, true) => "nearest",
            (false, false) => "next",
        };
        let text = format!("{lead}: {} {}", self.statement(&miss.place), reason(miss));
        self.line(&text);
        let label = if miss.is_unknown {
            "depends on the request"
        } else {
            "this fails"
        };
        let spans = vec![(miss.span, label.to_owned())];
        self.places(&miss.place, spans, FindingType::Warning);
    }

    fn unknown(&mut self) {
        let mut seen: Vec<&str> = Vec::new();
        for reason in self.answer.why.iter().flat_map(|it| &it.unknown) {
            if seen.contains(&reason.as_str()) {
                continue;
            }
            seen.push(reason);
            let text = match reason.as_str() {
                "S6" => "S6: access points, access control lists and the owner of an object can decide this, and are not evaluated".into(),
                "S7" => "S7: resource policies of this service follow rules of their own, which are not evaluated".into(),
                "S11" => "S11: tags of a bucket are keys only if the bucket has attribute-based access control on: say so with `--fact s3.bucketAbac=true`, or `false`".into(),
                "R15" => "R15: KMS decides about the key behind the alias: give the key's ARN as `--resource`".into(),
                "X6" => "X6: it matters who owns the bucket, and the ARN does not tell: give `--resource-account ID`".into(),
                "resource-policy" => "the policy of the resource decides, and a key or a role always has one: give it as `--resource-policy`, or `--trust`".into(),
                key => format!("`{key}` is not known: give `--context {key}=VALUE`, or `--context-absent {key}` if the request lacks it"),
            };
            self.line(&text);
        }
    }

    fn notes(&mut self) {
        let answer = self.answer;
        let missing = &answer.outcome.missing_resource_types;
        if !missing.is_empty() {
            self.line(&format!(
                "needed: {} of type {} (`--resource ARN`)",
                if missing.len() > 1 {
                    "resources"
                } else {
                    "a resource"
                },
                list(missing)
            ));
        }
        for need in &answer.outcome.also_needs {
            let keys: Vec<String> = need
                .context
                .iter()
                .map(|(key, value)| format!("`{key}` = `{value}`"))
                .collect();
            let with = if keys.is_empty() {
                String::new()
            } else {
                format!(", with {}", keys.join(", "))
            };
            self.line(&format!(
                "also needed, a decision of its own: `{}`{with}",
                need.action
            ));
        }
        let mut derived: Vec<String> = Vec::new();
        let mut dropped: Vec<String> = Vec::new();
        for why in &answer.why {
            for (key, value) in &why.decided.derived.derived {
                push_new(
                    &mut derived,
                    format!("`{key}` = `{}`", value.replace('\n', "`, `")),
                );
            }
            for key in &why.decided.derived.dropped {
                let on = match (&why.decided.derived.resource_type, answer.why.len() > 1) {
                    (Some(name), true) => format!(" on `{name}`"),
                    _ => String::new(),
                };
                push_new(&mut dropped, format!("`{key}`{on}"));
            }
        }
        if !derived.is_empty() {
            self.line(&format!("derived: {}", derived.join(", ")));
        }
        if !dropped.is_empty() {
            self.line(&format!(
                "left out, as requests of this action do not carry it: {}",
                dropped.join(", ")
            ));
        }
        for text in answer
            .question
            .assumptions
            .iter()
            .chain(&answer.loaded.assumptions)
        {
            self.line(&format!("assumed: {text}"));
        }
        let sources = &answer.loaded.sources;
        if !answer.loaded.unread.is_empty() {
            self.line("not read:");
            self.out
                .push_str(&findings(sources, &answer.loaded.unread, OPTIONS));
        }
        if !answer.loaded.findings.is_empty() {
            self.out.push('\n');
            self.out
                .push_str(&findings(sources, &answer.loaded.findings, OPTIONS));
            self.out.push('\n');
        }
        self.line(&catalog_line(answer.catalog.info()));
    }
}

/// What is missing, in words.
fn fact(reason: &str) -> String {
    match reason {
        "S6" => "what S3 decides outside policies (S6)".into(),
        "S7" => "rules of the service's own (S7)".into(),
        "S11" => "whether tags of the bucket count (S11)".into(),
        "R15" => "the key behind the alias (R15)".into(),
        "X6" => "who owns the bucket (X6)".into(),
        "resource-policy" => "the policy of the resource".into(),
        key => format!("`{key}`"),
    }
}

fn push_new(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) {
        list.push(text);
    }
}

const fn is_denial(decision: Decision) -> bool {
    matches!(
        decision,
        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied | Decision::Error
    )
}

const fn words(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "allowed on",
        Decision::Unknown => "unknown on",
        _ => "denied on",
    }
}
