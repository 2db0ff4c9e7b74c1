//! Why a requirement is not met: the layer, the class, and the statement that comes nearest.

use super::judge::{Decided, Outcome, failing, outside};
use super::stack::Stack;
use super::{Verdict, family};
use crate::analyze::{Doubt, DoubtReason};
use crate::evaluate::{
    Decision, Explanation, Layer, Lookup, Mismatch, Policies, Request, StatementTrace, Truth,
    explain,
};
use crate::policy::{Condition, Effect, ResourceElement};
use crate::source::Span;

/// The classes of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReasonClass {
    /// No Allow statement of the layer names the action.
    NoStatementNamesTheAction,
    /// A statement names the action, but not this resource.
    ResourceNotCovered,
    /// A statement names action and resource; a condition fails.
    ConditionFails,
    /// A statement names the action, but not this principal.
    PrincipalNotNamed,
    /// A Deny applies.
    ExplicitlyDenied,
    /// A policy of the resource or role has to allow it, and says nothing.
    NeedsResourcePolicy,
    /// The service refuses whatever policies say.
    RefusedByTheService,
    /// AWS refuses a document, so nothing in it counts.
    DocumentRefused,
    /// A fact is missing.
    Unknown,
}

impl ReasonClass {
    /// Returns the word of machine-readable output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoStatementNamesTheAction => "no-statement-names-the-action",
            Self::ResourceNotCovered => "resource-not-covered",
            Self::ConditionFails => "condition-fails",
            Self::PrincipalNotNamed => "principal-not-named",
            Self::ExplicitlyDenied => "explicitly-denied",
            Self::NeedsResourcePolicy => "needs-resource-policy",
            Self::RefusedByTheService => "refused-by-the-service",
            Self::DocumentRefused => "document-refused",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a requirement is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What kind of reason it is.
    pub class: ReasonClass,
    /// The layer that blocks first, in the order in which people look.
    pub layer: Option<Layer>,
    /// Every layer that blocks.
    pub layers: Vec<Layer>,
    /// The target of an organization's policy that blocks.
    pub target: Option<String>,
    /// The statement that decided, or the one that comes nearest.
    pub near: Option<Near>,
    /// The failing condition in words.
    pub condition: Option<String>,
    /// What would have to be known.
    pub unknown: Vec<String>,
    /// The ARN on which the call fails.
    pub resource: Option<String>,
    /// The request that fails, or that cannot be decided.
    pub example: Option<Example>,
}

/// A request that shows a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What is done.
    pub action: String,
    /// The ARN of what it is done to.
    pub resource: Option<String>,
    /// The context keys that the policies look at, as far as the request has them.
    pub context: Vec<(String, Vec<String>)>,
    /// Whether other requests of the same call are allowed.
    pub is_one_of_many: bool,
}

/// A statement worth looking at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// The document, as its place among those of its layer and target.
    pub document: usize,
    /// The statement's index.
    pub statement: usize,
    /// Its `Sid`, where it has one.
    pub sid: Option<String>,
    /// The element to point at.
    pub span: Span,
    /// The text in which it stands.
    pub file: Option<crate::source::FileId>,
}

impl Reason {
    /// Returns the reason of a verdict that hangs on something no policy tells.
    pub(super) fn depends_on(fact: &str) -> Self {
        Self {
            class: ReasonClass::Unknown,
            layer: None,
            layers: Vec::new(),
            target: None,
            near: None,
            condition: None,
            unknown: vec![fact.to_owned()],
            resource: None,
            example: None,
        }
    }
}

/// Returns why an outcome is not "met".
pub(super) fn of(outcome: &Outcome, stack: &Stack<'_>) -> Option<Reason> {
    if outcome.verdict == Verdict::Unknown
        && let Some(reason) = outside(outcome)
    {
        return Some(reason);
    }
    let decided = failing(outcome)?;
    if let Some(doubt) = &decided.settled.doubt {
        let mut reason = Reason::depends_on(doubt.reason.as_str());
        reason.condition = Some(words(doubt));
        return Some(reason);
    }
    let policies = stack.get(decided.policies);
    let request = decided.shown();
    let decision = decided.settled.decision;
    let explanation = explain(policies, request);
    let mut reason = match decision {
        Decision::Error => Reason::depends_on("document-refused"),
        Decision::Unknown => unknown(&explanation),
        Decision::ExplicitlyDenied => denied(&explanation, request),
        _ => silent(&explanation, request),
    };
    if decision == Decision::Error {
        reason.class = ReasonClass::DocumentRefused;
    }
    if outcome.contradicts {
        let keys: Vec<String> = reason.unknown.iter().map(|it| format!("`{it}`")).collect();
        reason.class = ReasonClass::ConditionFails;
        reason.condition = Some(format!(
            "the resources of the call ask for values of {} that no request has at once",
            keys.join(" and ")
        ));
        reason.unknown.clear();
    }
    reason.resource = request.resource.as_deref().map(str::to_owned);
    reason.example = Some(example(policies, decided));
    Some(reason)
}

fn example(policies: &Policies, decided: &Decided) -> Example {
    let request = decided.shown();
    let used = family::used(policies, request);
    let given = used.iter().filter_map(|key| {
        let Lookup::Present(entry) = request.context.get(&key.folded, &key.name) else {
            return None;
        };
        let values = entry.values.iter().map(|it| it.to_string()).collect();
        Some((key.name.clone(), values))
    });
    Example {
        action: request.action.text.to_string(),
        resource: request.resource.as_deref().map(str::to_owned),
        context: given.collect(),
        is_one_of_many: decided.settled.verdict == Verdict::PartlyMet,
    }
}

/// Says in plain words why a family could not be settled.
fn words(doubt: &Doubt) -> String {
    let detail = &doubt.detail;
    match doubt.reason {
        DoubtReason::Budget => {
            "the statements that decide it are too intricate to follow to the end".to_owned()
        }
        DoubtReason::RelationalTemplate => {
            "a policy variable makes it depend on two values at once".to_owned()
        }
        DoubtReason::MultivaluedVariable => {
            format!("{detail} compares several values with a policy variable")
        }
        DoubtReason::MixedKeyType => {
            format!("{detail} compares the key as another type than a condition beside it")
        }
        DoubtReason::CaseMapping => {
            format!("{detail} has a letter whose lower case depends on its neighbours")
        }
        DoubtReason::MalformedOperand => {
            format!("it is not known what AWS makes of {detail}: a value is malformed")
        }
        DoubtReason::UnsupportedOperator => {
            format!("AWS does not define the operator of {detail}")
        }
        DoubtReason::Document => detail.clone(),
        DoubtReason::Unmodelled => {
            "for some of them a rule or a policy decides that was not given".to_owned()
        }
        DoubtReason::Internal => {
            format!("rolecall contradicts itself here, please report it {detail}")
        }
    }
}

fn unknown(explanation: &Explanation<'_>) -> Reason {
    let mut reason = Reason::depends_on("");
    reason.unknown = explanation.unknown.clone();
    reason.layers = explanation.verdict.blocked_by.iter().collect();
    reason.layer = reason.layers.first().copied();
    let undecided = explanation
        .statements
        .iter()
        .find(|it| it.applies() == Truth::Unknown);
    if let Some(trace) = undecided {
        let at = trace
            .matched
            .conditions
            .iter()
            .position(|it| *it == Truth::Unknown);
        let span = at.map_or(trace.statement.span, |at| {
            trace.statement.conditions[at].key_text.span
        });
        reason.near = Some(near(trace, span, explanation));
        reason.layer = Some(trace.layer);
        reason.target = trace.target.map(str::to_owned);
    }
    reason
}

fn denied(explanation: &Explanation<'_>, request: &Request) -> Reason {
    let mut reason = Reason::depends_on("");
    reason.unknown.clear();
    reason.class = ReasonClass::ExplicitlyDenied;
    reason.layers = explanation.verdict.blocked_by.iter().collect();
    let deny = explanation
        .statements
        .iter()
        .find(|it| it.statement.effect == Effect::Deny && it.applies() == Truth::True);
    if let Some(trace) = deny {
        reason.layer = Some(trace.layer);
        reason.target = trace.target.map(str::to_owned);
        reason.near = Some(near(trace, element_span(trace), explanation));
        let conditions = &trace.statement.conditions;
        reason.condition = conditions.first().map(|it| describe(it, request, true));
    }
    reason
}

/// The element of a Deny that hits: its condition, else its resources, else its action.
fn element_span(trace: &StatementTrace<'_>) -> Span {
    let statement = trace.statement;
    if let Some(condition) = statement.conditions.first() {
        return condition.key_text.span.to(condition.values_span);
    }
    let is_narrow = |it: &&ResourceElement| !it.patterns.iter().any(|it| it.is_everything());
    let resources = statement.resource.as_ref().filter(is_narrow);
    resources.map_or(statement.action.span, |it| it.span)
}

/// People look at what they granted first, then at what limits it.
const ORDER: [Layer; 8] = [
    Layer::Service,
    Layer::Resource,
    Layer::Identity,
    Layer::Boundary,
    Layer::Session,
    Layer::Scp,
    Layer::Rcp,
    Layer::VpcEndpoint,
];

fn silent(explanation: &Explanation<'_>, request: &Request) -> Reason {
    let mut reason = Reason::depends_on("");
    reason.unknown.clear();
    let blocked = explanation.verdict.blocked_by;
    reason.layers = ORDER
        .into_iter()
        .filter(|layer| blocked.contains(*layer))
        .collect();
    reason.layer = reason.layers.first().copied();
    reason.class = ReasonClass::NoStatementNamesTheAction;
    let Some(layer) = reason.layer else {
        return reason;
    };
    if layer == Layer::Service {
        reason.class = ReasonClass::RefusedByTheService;
        return reason;
    }
    let of_layer = explanation.statements.iter().filter(|it| it.layer == layer);
    let allows: Vec<&StatementTrace<'_>> = of_layer
        .filter(|it| it.statement.effect == Effect::Allow)
        .collect();
    // Every level of an organization must allow: the first that does not is the one to look at.
    let granting = |target: Option<&str>| {
        allows
            .iter()
            .any(|it| it.target == target && it.applies() == Truth::True)
    };
    let target = allows
        .iter()
        .map(|it| it.target)
        .find(|target| !granting(*target))
        .flatten();
    reason.target = target.map(str::to_owned);
    let candidates = allows
        .iter()
        .filter(|it| target.is_none() || it.target == target);
    let nearest = candidates.max_by_key(|it| (rank(it.mismatch()), std::cmp::Reverse(it.index)));
    if allows.is_empty() && matches!(layer, Layer::Resource) {
        reason.class = ReasonClass::NeedsResourcePolicy;
    }
    let Some(trace) = nearest else { return reason };
    let (class, span) = match trace.mismatch() {
        None | Some(Mismatch::Action) => {
            let wide = allows
                .iter()
                .filter(|it| relevance(it, request) > 0)
                .max_by_key(|it| relevance(it, request));
            reason.near = wide.map(|it| near(it, it.statement.action.span, explanation));
            reason.class = if layer == Layer::Resource {
                ReasonClass::NeedsResourcePolicy
            } else {
                ReasonClass::NoStatementNamesTheAction
            };
            return reason;
        }
        Some(Mismatch::Principal) => (
            ReasonClass::PrincipalNotNamed,
            trace
                .statement
                .principal
                .as_ref()
                .map_or(trace.statement.span, |it| it.span),
        ),
        Some(Mismatch::Resource) => (
            ReasonClass::ResourceNotCovered,
            trace
                .statement
                .resource
                .as_ref()
                .map_or(trace.statement.span, |it| it.span),
        ),
        Some(Mismatch::Condition(at)) => {
            let condition = &trace.statement.conditions[at];
            reason.condition = Some(describe(condition, request, false));
            (
                ReasonClass::ConditionFails,
                condition.key_text.span.to(condition.values_span),
            )
        }
    };
    reason.class = class;
    reason.near = Some(near(trace, span, explanation));
    reason
}

const fn rank(mismatch: Option<Mismatch>) -> u8 {
    match mismatch {
        Some(Mismatch::Action) => 0,
        Some(Mismatch::Principal) => 1,
        Some(Mismatch::Resource) => 2,
        Some(Mismatch::Condition(_)) => 3,
        None => 4,
    }
}

/// How near a statement that does not name the action is: one that names most actions of the same
/// service.
pub(super) fn relevance(trace: &StatementTrace<'_>, request: &Request) -> usize {
    let service = request.action.service();
    let patterns = trace.statement.action.patterns.iter();
    let same = |text: &str| {
        text.split_once(':')
            .is_some_and(|(prefix, _)| prefix.eq_ignore_ascii_case(service))
    };
    patterns.filter(|pattern| same(&pattern.text)).count()
}

fn near(trace: &StatementTrace<'_>, span: Span, explanation: &Explanation<'_>) -> Near {
    let mut documents: Vec<*const crate::policy::Document> = Vec::new();
    for other in &explanation.statements {
        let document: *const _ = other.document;
        let same = other.layer == trace.layer && other.target == trace.target;
        if same && !documents.contains(&document) {
            documents.push(document);
        }
    }
    let own: *const _ = trace.document;
    Near {
        document: documents
            .iter()
            .position(|it| *it == own)
            .unwrap_or_default(),
        statement: trace.index,
        sid: trace.statement.sid.as_ref().map(|sid| sid.text.to_string()),
        span,
        file: trace.document.file,
    }
}

/// Says what a condition wants and what the request has.
fn describe(condition: &Condition, request: &Request, holds: bool) -> String {
    let wanted: Vec<String> = condition
        .values
        .iter()
        .map(|value| format!("`{}`", value.template.text()))
        .collect();
    let has = match request
        .context
        .get(&condition.key, &condition.key_text.text)
    {
        Lookup::Unknown => "nobody said whether the request has the key".to_owned(),
        Lookup::Absent => "the request does not have the key".to_owned(),
        Lookup::Present(entry) => {
            let values: Vec<String> = entry.values.iter().map(|it| format!("`{it}`")).collect();
            format!("the request has {}", values.join(", "))
        }
    };
    let verb = if holds { "holds" } else { "fails" };
    format!(
        "`{}` on `{}` with {} {verb}: {has}",
        condition.operator_text.text,
        condition.key_text.text,
        if wanted.is_empty() {
            "no value".to_owned()
        } else {
            wanted.join(", ")
        },
    )
}
