//! Why a decision came out as it did: every statement's part in it.
//!
//! Made by the same functions as the decision, from the same inputs; only slower, because nothing
//! is skipped.

use super::context::Lookup;
use super::decide::{Decision, Layer, Policies, Verdict, decide};
use super::grant::{boundary_of, grant};
use super::request::Request;
use super::resource::ResourceSide;
use super::statement::{Matched, Mismatch, match_statement};
use super::truth::Truth;
use super::{Principal, special};
use crate::policy::{Document, Problem, Statement};

/// A decision with everything that took part in it.
#[derive(Debug)]
pub struct Explanation<'a> {
    /// The decision.
    pub verdict: Verdict,
    /// Why a whole document could not be evaluated (T5).
    pub refusal: Option<&'a Problem>,
    /// Every statement of every document, in the order of the layers.
    pub statements: Vec<StatementTrace<'a>>,
    /// What would have to be known for an answer: condition keys, `resource-policy`, or ids of
    /// rules out of scope (`S6`, `S7`).
    pub unknown: Vec<String>,
}

/// One statement's part in a decision.
#[derive(Debug)]
pub struct StatementTrace<'a> {
    /// The layer of its document.
    pub layer: Layer,
    /// The target of an organization's policy.
    pub target: Option<&'a str>,
    /// Its document.
    pub document: &'a Document,
    /// The statement.
    pub statement: &'a Statement,
    /// Its index in the document.
    pub index: usize,
    /// Whether it names the caller; always true in policies without principals.
    pub principal: bool,
    /// Element by element.
    pub matched: Matched,
}

impl StatementTrace<'_> {
    /// Returns whether the statement applies.
    #[must_use]
    pub fn applies(&self) -> Truth {
        let matched = &self.matched;
        let named = Truth::from(matched.action && self.principal);
        matched
            .conditions
            .iter()
            .fold(named & matched.resource, |all, one| all & *one)
    }

    /// Returns the first element that the request fails for certain.
    #[must_use]
    pub fn mismatch(&self) -> Option<Mismatch> {
        let matched = &self.matched;
        if !matched.action {
            return Some(Mismatch::Action);
        }
        if !self.principal {
            return Some(Mismatch::Principal);
        }
        if matched.resource == Truth::False {
            return Some(Mismatch::Resource);
        }
        let failed = matched
            .conditions
            .iter()
            .position(|truth| *truth == Truth::False);
        failed.map(Mismatch::Condition)
    }
}

/// Decides a request and says why.
#[must_use]
pub fn explain<'a>(policies: &'a Policies, request: &Request) -> Explanation<'a> {
    let verdict = decide(policies, request);
    let is_bounded = boundary_of(policies, &request.principal).is_some();
    let mut statements = Vec::new();
    for (layer, target, document) in documents(policies) {
        if !is_bound(layer, request) {
            continue;
        }
        // P10 is about resource-based policies: `decide` asks it of no other layer.
        let has_boundary = is_bounded && matches!(layer, Layer::Resource | Layer::VpcEndpoint);
        trace(
            layer,
            target,
            document,
            request,
            has_boundary,
            &mut statements,
        );
    }
    let unknown = match verdict.decision {
        Decision::Unknown => unknown(policies, request, &statements),
        _ => Vec::new(),
    };
    Explanation {
        verdict,
        refusal: policies.refusal(),
        statements,
        unknown,
    }
}

/// Returns every statement's part in what documents by themselves say of a request.
#[must_use]
pub fn explain_documents<'a>(
    layer: Layer,
    documents: &'a [Document],
    request: &Request,
) -> Vec<StatementTrace<'a>> {
    let mut statements = Vec::new();
    for document in documents {
        trace(layer, None, document, request, false, &mut statements);
    }
    statements
}

fn trace<'a>(
    layer: Layer,
    target: Option<&'a str>,
    document: &'a Document,
    request: &Request,
    has_boundary: bool,
    statements: &mut Vec<StatementTrace<'a>>,
) {
    let named = document.kind.has_principal();
    for (index, statement) in document.statements.iter().enumerate() {
        let principal = !named || {
            let element = statement.principal.as_ref();
            let effect = statement.effect;
            grant(element, request, document.kind, effect, has_boundary).is_some()
        };
        statements.push(StatementTrace {
            layer,
            target,
            document,
            statement,
            index,
            principal,
            matched: match_statement(statement, request),
        });
    }
}

/// Whether policies of a layer count for this request at all.
fn is_bound(layer: Layer, request: &Request) -> bool {
    let has_account = request.principal.identity().is_some();
    let root = matches!(request.principal, Principal::Root(_));
    match layer {
        Layer::Identity | Layer::Boundary => has_account && !root,
        Layer::Session => has_account,
        Layer::Scp => special::bound_by_scps(request),
        Layer::Rcp => special::bound_by_rcps(request),
        _ => true,
    }
}

fn documents(policies: &Policies) -> Vec<(Layer, Option<&str>, &Document)> {
    let mut all: Vec<(Layer, Option<&str>, &Document)> = Vec::new();
    let mut add = |layer, target, documents: &'_ mut dyn Iterator<Item = _>| {
        all.extend(documents.map(|it| (layer, target, it)));
    };
    add(Layer::Identity, None, &mut policies.identity.iter());
    add(
        Layer::Boundary,
        None,
        &mut policies.boundary.iter().flatten(),
    );
    add(Layer::Session, None, &mut policies.session.iter().flatten());
    for level in &policies.scps {
        add(
            Layer::Scp,
            Some(level.target.as_str()),
            &mut level.policies.iter(),
        );
    }
    for level in &policies.rcps {
        add(
            Layer::Rcp,
            Some(level.target.as_str()),
            &mut level.policies.iter(),
        );
    }
    add(Layer::Resource, None, &mut policies.resource.iter());
    add(
        Layer::VpcEndpoint,
        None,
        &mut policies.endpoint.iter().flatten(),
    );
    all
}

fn unknown(
    policies: &Policies,
    request: &Request,
    statements: &[StatementTrace<'_>],
) -> Vec<String> {
    let mut missing = Vec::new();
    let side = ResourceSide::new(policies, request);
    missing.extend(
        special::reasons(request, &side)
            .into_iter()
            .map(str::to_owned),
    );
    if special::hides_its_resource(request) {
        return missing;
    }
    if policies.resource.is_none() && special::lacks_what_decides(request) {
        missing.push("resource-policy".to_owned());
    }
    for trace in statements
        .iter()
        .filter(|trace| trace.applies() == Truth::Unknown)
    {
        for (condition, truth) in trace
            .statement
            .conditions
            .iter()
            .zip(&trace.matched.conditions)
        {
            if *truth != Truth::Unknown {
                continue;
            }
            match request
                .context
                .get(&condition.key, &condition.key_text.text)
            {
                Lookup::Unknown if is_bucket_tag(&condition.key, request) => {
                    missing.push("S11".to_owned());
                }
                Lookup::Unknown => missing.push(condition.key_text.text.to_string()),
                _ => {
                    let values = condition.values.iter();
                    missing.extend(values.flat_map(|it| unknown_variables(&it.template, request)));
                }
            }
        }
        if trace.matched.resource == Truth::Unknown {
            let patterns = trace.statement.resource.iter().flat_map(|it| &it.patterns);
            missing.extend(patterns.flat_map(|it| unknown_variables(&it.template, request)));
        }
    }
    let mut seen = std::collections::HashSet::new();
    missing.retain(|key| seen.insert(key.to_ascii_lowercase()));
    missing
}

/// S11: whether the key is a tag of a bucket of which nobody said whether its tags are keys.
fn is_bucket_tag(key: &str, request: &Request) -> bool {
    key.starts_with("aws:resourcetag/")
        && request.action.service() == "s3"
        && request.is_on_bucket()
        && request.settings.bucket_abac.is_none()
}

fn unknown_variables(template: &crate::pattern::Template, request: &Request) -> Vec<String> {
    let text = template.text();
    let folded = text.to_ascii_lowercase();
    let written = |key: &str| match folded.find(key) {
        Some(at) => text[at..at + key.len()].to_owned(),
        None => key.to_owned(),
    };
    template
        .variables()
        .filter(|it| matches!(request.context.get(&it.key, &it.key), Lookup::Unknown))
        .map(|it| written(&it.key))
        .collect()
}
