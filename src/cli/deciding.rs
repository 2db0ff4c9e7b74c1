//! Which statements decided, which nearly did, and what is missing.

use std::fmt::Write as _;

use crate::cli::policies::LoadedPolicies;
use crate::evaluate::call::Decided;
use crate::evaluate::{
    Decision, Layer, Layers, Lookup, Mismatch, Request, StatementTrace, Truth, explain,
};
use crate::policy::{Condition, Effect, Problem};
use crate::source::{FileId, Span};

/// At most this many near misses: the nearest says what to do.
const MOST_NEAR: usize = 3;

/// Why a decision came out as it did.
pub(in crate::cli) struct Why<'a> {
    pub(in crate::cli) decided: &'a Decided,
    pub(in crate::cli) decision: Decision,
    pub(in crate::cli) blocked_by: Layers,
    /// The statements that decided.
    pub(in crate::cli) decided_by: Vec<Place<'a>>,
    /// Statements that would have allowed, or may, nearest first.
    pub(in crate::cli) near_misses: Vec<NearMiss<'a>>,
    /// What would have to be known: keys, ids of rules.
    pub(in crate::cli) unknown: Vec<String>,
    /// Why AWS refuses a whole document.
    pub(in crate::cli) refusal: Option<&'a Problem>,
}

/// A statement in its document.
pub(in crate::cli) struct Place<'a> {
    pub(in crate::cli) layer: Layer,
    pub(in crate::cli) target: Option<&'a str>,
    pub(in crate::cli) file: Option<FileId>,
    pub(in crate::cli) effect: Effect,
    pub(in crate::cli) sid: Option<&'a str>,
    /// How to name it to people.
    pub(in crate::cli) name: String,
    /// The statement.
    pub(in crate::cli) span: Span,
    /// The texts in it that match the request.
    pub(in crate::cli) matching: Vec<Span>,
}

/// A statement and the element that the request fails.
pub(in crate::cli) struct NearMiss<'a> {
    pub(in crate::cli) place: Place<'a>,
    pub(in crate::cli) failed: &'static str,
    /// The element, or the values of the condition.
    pub(in crate::cli) span: Span,
    /// Operator and key of a condition.
    pub(in crate::cli) condition: Option<&'a Condition>,
    /// What the statement wants.
    pub(in crate::cli) expected: Vec<String>,
    /// What the request has; `None`: nothing, or nobody said.
    pub(in crate::cli) actual: Option<String>,
    /// Whether nobody said what the request has.
    pub(in crate::cli) is_unknown: bool,
}

impl<'a> Why<'a> {
    pub(in crate::cli) fn new(decided: &'a Decided, loaded: &'a LoadedPolicies) -> Self {
        let request = &decided.derived.request;
        let explanation = explain(&loaded.policies, request);
        let decision = super::simulate::settle(decided.verdict.decision, !loaded.unread.is_empty());
        let blocked_by = decided.verdict.blocked_by;
        let statements = explanation.statements.as_slice();
        let mut unknown = explanation.unknown;
        if decided.owner_decides {
            unknown.push("X6".into());
        }
        if decision != Decision::Unknown {
            unknown.clear();
        }
        let near_misses = near_misses(statements, decision, blocked_by, request);
        Self {
            decided,
            decision,
            blocked_by,
            decided_by: decided_by(statements, decision, request),
            near_misses,
            unknown,
            refusal: explanation.refusal,
        }
    }
}

pub(in crate::cli) fn decided_by<'a>(
    statements: &[StatementTrace<'a>],
    decision: Decision,
    request: &Request,
) -> Vec<Place<'a>> {
    let effect = match decision {
        Decision::Allowed => Effect::Allow,
        Decision::ExplicitlyDenied => Effect::Deny,
        _ => return Vec::new(),
    };
    // AWS's own `RCPFullAWSAccess` allows; what customers' policies allow there says nothing (O10).
    let applies = |it: &&StatementTrace<'_>| {
        it.statement.effect == effect
            && it.applies() == Truth::True
            && (effect == Effect::Deny || it.layer != Layer::Rcp)
    };
    statements
        .iter()
        .filter(applies)
        .map(|it| place(it, request))
        .collect()
}

pub(in crate::cli) fn place<'a>(trace: &StatementTrace<'a>, request: &Request) -> Place<'a> {
    let statement = trace.statement;
    let mut matching = Vec::new();
    let actions = &statement.action;
    if actions.negated {
        matching.push(actions.span);
    } else {
        let named = actions.patterns.iter();
        let named = named.filter(|it| it.matches(&request.action.text, &request.action.folded));
        matching.extend(named.map(|it| it.span).take(1));
    }
    if let Some(element) = &statement.resource {
        let resolve = |variable: &crate::pattern::Variable| request.context.resolve(variable);
        let covers = |it: &&crate::policy::ResourcePattern| {
            it.covers(request.resource.as_deref(), &resolve) == crate::policy::Coverage::Yes
        };
        match element.patterns.iter().find(covers) {
            Some(pattern) if !element.negated => matching.push(pattern.span),
            _ if element.negated => matching.push(element.span),
            _ => {}
        }
    }
    Place {
        layer: trace.layer,
        target: trace.target.filter(|it| !it.is_empty()),
        file: trace.document.file,
        effect: statement.effect,
        sid: statement.sid.as_ref().map(|it| &*it.text),
        name: statement.name(trace.index),
        span: statement.span,
        matching,
    }
}

/// For a denial, Allow statements of the layers that are silent, nearest first; for an unknown
/// decision, the statements on which it hangs before these.
pub(in crate::cli) fn near_misses<'a>(
    statements: &[StatementTrace<'a>],
    decision: Decision,
    blocked_by: Layers,
    request: &Request,
) -> Vec<NearMiss<'a>> {
    let hangs =
        |it: &StatementTrace<'_>| decision == Decision::Unknown && it.applies() == Truth::Unknown;
    let would_allow = |it: &StatementTrace<'_>| {
        it.statement.effect == Effect::Allow
            && blocked_by.contains(it.layer)
            && it.applies() == Truth::False
            && (it.matched.action || is_of_same_service(it, request))
    };
    if !matches!(decision, Decision::ImplicitlyDenied | Decision::Unknown) {
        return Vec::new();
    }
    let is_near = |it: &&StatementTrace<'_>| hangs(it) || would_allow(it);
    let mut near: Vec<&StatementTrace<'a>> = statements.iter().filter(is_near).collect();
    near.sort_by_key(|it| distance(it));
    let near = near.into_iter().take(MOST_NEAR);
    near.filter_map(|it| near_miss(it, request)).collect()
}

fn is_of_same_service(trace: &StatementTrace<'_>, request: &Request) -> bool {
    let prefix = &request.action.folded[..=request.action.service().len()];
    let mut patterns = trace.statement.action.patterns.iter();
    patterns.any(|it| {
        it.text
            .get(..prefix.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(prefix))
    })
}

/// How far a statement is from applying: what would have to change, and how much of it.
fn distance(trace: &StatementTrace<'_>) -> usize {
    let matched = &trace.matched;
    let failing = matched
        .conditions
        .iter()
        .filter(|truth| **truth == Truth::False)
        .count();
    usize::from(!matched.action) * 1000
        + usize::from(!trace.principal) * 100
        + usize::from(matched.resource == Truth::False) * 100
        + failing
}

pub(in crate::cli) fn near_miss<'a>(
    trace: &StatementTrace<'a>,
    request: &Request,
) -> Option<NearMiss<'a>> {
    let statement = trace.statement;
    let mut miss = NearMiss {
        place: place(trace, request),
        failed: "",
        span: statement.span,
        condition: None,
        expected: Vec::new(),
        actual: None,
        is_unknown: trace.applies() == Truth::Unknown,
    };
    let mismatch = trace.mismatch().or_else(|| {
        let unknown = trace
            .matched
            .conditions
            .iter()
            .position(|it| *it == Truth::Unknown);
        let resource = (trace.matched.resource == Truth::Unknown).then_some(Mismatch::Resource);
        unknown.map(Mismatch::Condition).or(resource)
    })?;
    match mismatch {
        Mismatch::Action => {
            miss.failed = "action";
            miss.span = statement.action.span;
            miss.expected = statement
                .action
                .patterns
                .iter()
                .map(|it| it.text.to_string())
                .collect();
            miss.actual = Some(request.action.text.to_string());
        }
        Mismatch::Principal => {
            miss.failed = "principal";
            let element = statement.principal.as_ref();
            miss.span = element.map_or(statement.span, |it| it.span);
            let names = element.into_iter().flat_map(|it| &it.entries);
            miss.expected = names.map(|it| it.text.to_string()).collect();
            miss.actual = Some(principal_text(request));
        }
        Mismatch::Resource => {
            let element = statement.resource.as_ref()?;
            miss.failed = "resource";
            miss.span = element.span;
            miss.expected = element
                .patterns
                .iter()
                .map(|it| it.template.text().to_owned())
                .collect();
            miss.actual = request.resource.as_deref().map(str::to_owned);
        }
        Mismatch::Condition(at) => {
            let condition = statement.conditions.get(at)?;
            miss.failed = "condition";
            miss.span = condition.values_span;
            miss.expected = condition
                .values
                .iter()
                .map(|it| it.template.text().to_owned())
                .collect();
            miss.condition = Some(condition);
            if let Lookup::Present(entry) = request
                .context
                .get(&condition.key, &condition.key_text.text)
            {
                miss.actual = Some(entry.values.join(","));
            }
        }
    }
    Some(miss)
}

/// The caller as people write it.
pub(in crate::cli) fn principal_text(request: &Request) -> String {
    use crate::evaluate::Principal;
    match &request.principal {
        Principal::Anonymous => "anonymous".into(),
        Principal::Simulated(_) => "nobody in particular".into(),
        Principal::Service(name) | Principal::Federated(name) => name.to_string(),
        other => other
            .identity()
            .map_or_else(String::new, |it| it.arn.to_string()),
    }
}

/// Why a statement does not apply, in AWS's words.
pub(in crate::cli) fn reason(miss: &NearMiss<'_>) -> String {
    const SHOWN: usize = 3;
    let shown = list(&miss.expected[..miss.expected.len().min(SHOWN)]);
    let more = match miss.expected.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let actual = miss.actual.as_deref();
    if let Some(condition) = miss.condition {
        let operator = &condition.operator_text.text;
        let key = &condition.key_text.text;
        let wanted = format!("wants `{operator}` of `{key}`: {shown}{more}");
        let has = match actual {
            Some(value) => format!("the request has `{value}`"),
            None if miss.is_unknown => "what the request has is not known".into(),
            None => "the request has no such key".into(),
        };
        return format!("{wanted}; {has}");
    }
    match (miss.failed, actual) {
        ("action", Some(action)) => format!("names {shown}{more}, not `{action}`"),
        ("principal", Some(caller)) => format!("names {shown}{more}, and the caller is `{caller}`"),
        (_, Some(arn)) if miss.is_unknown => {
            format!("covers {shown}{more}: whether that is `{arn}` depends on a variable")
        }
        (_, Some(arn)) => format!("names the action, but not `{arn}`: {shown}{more}"),
        (_, None) => format!(
            "names the action with {shown}{more}, and an action without resource types is covered by `*` only"
        ),
    }
}

/// Names in a row, the last one after "and".
pub(in crate::cli) fn list<T: std::fmt::Display>(texts: &[T]) -> String {
    let mut out = String::new();
    for (at, text) in texts.iter().enumerate() {
        let comma = match at {
            0 => "",
            _ if at + 1 == texts.len() => " and ",
            _ => ", ",
        };
        let _ = write!(out, "{comma}`{text}`");
    }
    out
}
