//! The form of resource texts (G6, G13, R13, V1, V10, Q2; AWS: "IAM JSON policy elements:
//! Resource", "IAM policy elements: Variables and tags").

use super::REFUSED;
use crate::arn::Arn;
use crate::catalog::Catalog;
use crate::pattern::{Template, has_wildcard};
use crate::policy::{Document, Kind, Problem, ResourcePattern, Statement};
use crate::source::Span;
use crate::switch::on;

pub(super) fn check(document: &Document, statement: &Statement, found: &mut Vec<Problem>) {
    let Some(element) = &statement.resource else {
        return;
    };
    if document.kind == Kind::Trust {
        if on("G6") {
            let message = "a trust policy names no resource";
            found.push(
                Problem::new("G6", "unexpected-resource", element.key_span, message)
                    .why(REFUSED)
                    .help("remove it: the policy applies to the role it belongs to"),
            );
        }
        return;
    }
    for pattern in &element.patterns {
        found.extend(check_pattern(document, pattern));
    }
}

/// Returns the first thing that is wrong with a text: the later checks would say the same again.
fn check_pattern(document: &Document, pattern: &ResourcePattern) -> Option<Problem> {
    let text = pattern.template.text();
    let span = pattern.span;
    if text == "*" {
        return None;
    }
    if let Some(problem) = variable_in_old_version(document, text, span) {
        return Some(problem);
    }
    let colons = pattern.template.colons_before_variable();
    let is_variable = text.starts_with("${") && colons == Some(0);
    if !text.starts_with("arn:") && !is_variable {
        return malformed(document.kind, text, span);
    }
    if let Some(colons) = colons.filter(|colons| *colons < 5) {
        return early_variable(text, span, colons);
    }
    let missing = 5_usize.saturating_sub(text.bytes().filter(|byte| *byte == b':').count());
    if missing > 0 {
        return on("R13").then(|| short(document.kind, text, span, missing));
    }
    wildcard_type(text, span)
}

fn malformed(kind: Kind, text: &str, span: Span) -> Option<Problem> {
    // API Gateway completes these itself ("Create and attach an API Gateway resource policy").
    if kind == Kind::Resource && text.starts_with("execute-api:/") {
        return None;
    }
    let help = if text.bytes().all(|byte| byte == b'*') {
        "write a single `*` for every resource"
    } else {
        "write `*` or an ARN, such as `arn:aws:s3:::bucket/key`"
    };
    on("G13").then(|| {
        let message = format!("`{text}` is not an ARN");
        Problem::new("G13", "malformed-resource", span, message)
            .why(REFUSED)
            .help(help)
    })
}

/// Rule V10.
fn early_variable(text: &str, span: Span, colons: usize) -> Option<Problem> {
    if !on("V10") {
        return None;
    }
    let parts = ["prefix", "partition", "service", "region", "account"];
    let place = parts.get(colons).copied().unwrap_or_default();
    let message = match colons {
        0 => format!("`{text}` starts with a variable"),
        _ => format!("`{text}` has a variable in its {place}"),
    };
    let problem = Problem::new("V10", "variable-before-fifth-colon", span, message)
        .why("variables work only after the fifth colon of an ARN, so it matches no resource");
    // `::` is in no context key: these are CloudFormation's own names.
    Some(problem.help(if text.contains("${AWS::") {
        "fill the template's placeholders in before the policy is used".to_owned()
    } else if colons == 0 {
        "write the ARN up to its resource part, or `*` with a condition on the context key".into()
    } else {
        format!("write the {place} itself, or `*` with a condition on the context key")
    }))
}

/// Rule R13, Q1.
fn short(kind: Kind, text: &str, span: Span, missing: usize) -> Problem {
    let has = 6 - missing;
    let message = format!("`{text}` has {has} of the six parts of an ARN");
    let problem = Problem::new("R13", "short-arn", span, message).help(
        "write all six parts, `arn:partition:service:region:account:resource`, with `*` where any will do",
    );
    // R5: "it can expand to match beyond the colon boundaries".
    let runs_on = text.split(':').any(|part| part.ends_with('*'));
    match kind {
        Kind::Rcp => problem.why("AWS refuses it in a resource control policy"),
        _ if runs_on => problem
            .warning()
            .why("a `*` that ends a part may run on over colons, and match more than is meant"),
        _ => problem.why("which resources it matches depends on the kind of policy"),
    }
}

/// Rule Q2: a wildcard in the resource type ("Identify AWS resources with Amazon Resource Names
/// (ARNs)": not allowed). With nothing but `*` behind it, there is only one way to read it.
fn wildcard_type(text: &str, span: Span) -> Option<Problem> {
    let arn = Arn::parse(text)?;
    let at = arn.resource.find(['/', ':'])?;
    let (word, rest) = (&arn.resource[..at], &arn.resource[at + 1..]);
    let is_open = rest.bytes().all(|byte| matches!(byte, b'*' | b'/' | b':'));
    if !has_wildcard(word) || is_open || !on("Q2") || !names_types(arn.service) {
        return None;
    }
    let message = format!("`{word}` is a resource type with a wildcard");
    Some(
        Problem::new("Q2", "wildcard-in-resource-type", span, message)
            .warning()
            .why("AWS documents that a resource type takes no wildcard")
            .help("write one ARN for each resource type"),
    )
}

/// Returns whether the resource part of every ARN of the service starts with a type, unlike
/// `arn:aws:s3:::bucket/key`.
fn names_types(service: &str) -> bool {
    let types = Catalog::builtin().service(service);
    types.is_some_and(|service| {
        let mut templates = service
            .resource_types()
            .iter()
            .flat_map(|it| it.arn_templates.iter())
            .filter_map(|template| template.splitn(6, ':').nth(5));
        !service.resource_types().is_empty()
            && templates.all(|part| !part.starts_with(['$', '/', '*']))
    })
}

/// Rule V1: a policy variable in a document whose version has none.
pub(super) fn variable_in_old_version(
    document: &Document,
    text: &str,
    span: Span,
) -> Option<Problem> {
    use crate::policy::Version;
    let is_old = matches!(document.version, Version::Absent | Version::V2008);
    if !is_old || !text.contains("${") || !on("V1") {
        return None;
    }
    // Only what looks like a context key: other text in braces may well be meant literally.
    let template = Template::new(text, true);
    template.variables().find(|it| it.key.contains(':'))?;
    let message = format!("`{text}` has a variable in a version of the language without them");
    Some(
        Problem::new("V1", "variable-in-old-version", span, message)
            .warning()
            .why("without `Version` `2012-10-17` variables are literal text")
            .help(match document.version {
                Version::Absent => "add `\"Version\": \"2012-10-17\"`",
                _ => "write the version `2012-10-17`",
            }),
    )
}
