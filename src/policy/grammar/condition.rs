//! Condition operators, keys and values that AWS refuses or that never do what they look like
//! (G15, G16, V1, V11, C34, C35, Q12, Q15; AWS: "IAM JSON policy elements: Condition operators").

use super::resource::variable_in_old_version;
use super::{REFUSED, is_iam};
use crate::arn::Arn;
use crate::pattern::Template;
use crate::policy::{
    Condition, ConditionValue, Document, Kind, Operand, Operator, Problem, Quantifier, Statement,
    Test, Text, Version,
};
use crate::switch::on;

pub(super) fn check(document: &Document, statement: &Statement, found: &mut Vec<Problem>) {
    let mut operator_seen = None;
    for condition in &statement.conditions {
        // One operator may hold several keys.
        if operator_seen != Some(condition.operator_text.span) {
            operator_seen = Some(condition.operator_text.span);
            found.extend(check_operator(&condition.operator_text, condition.operator));
        }
        check_values(document, condition, found);
    }
    if on("Q12") {
        check_tag_names(&statement.conditions, found);
    }
}

fn check_operator(text: &Text, operator: Option<Operator>) -> Option<Problem> {
    let name = &*text.text;
    if let Some(base) = null_with_if_exists(name) {
        let message = format!("`{name}` is not a condition operator: `Null` takes no `IfExists`");
        return on("C35").then(|| {
            Problem::new("C35", "null-with-if-exists", text.span, message)
                .why(REFUSED)
                .help(format!(
                    "write `{base}`, which asks whether the key is there by itself"
                ))
        });
    }
    if operator.is_none() {
        let message = format!("`{name}` is not a condition operator");
        return on("C35").then(|| {
            Problem::new("C35", "unknown-condition-operator", text.span, message)
                .why(REFUSED)
                .help(operator_help(name))
        });
    }
    let spelling = Operator::spelling(name).filter(|spelling| *spelling != name);
    let Some(spelling) = spelling else {
        return null_with_set_operator(text, operator?);
    };
    on("G15").then(|| {
        let message = format!("`{name}` is not how AWS spells this condition operator");
        Problem::new("G15", "miscased-condition-operator", text.span, message)
            .why("AWS documents fixed spellings; a service may refuse any other")
            .help(format!("write `{spelling}`"))
    })
}

/// A set operator before `Null` makes it say the same of every request.
fn null_with_set_operator(text: &Text, operator: Operator) -> Option<Problem> {
    let quantifier = operator
        .quantifier
        .filter(|_| operator.test == Test::Null)?;
    let (always, why) = match quantifier {
        Quantifier::ForAllValues => (
            "always",
            "with `ForAllValues` it holds for every request, whatever the value says",
        ),
        Quantifier::ForAnyValue => (
            "never",
            "with `ForAnyValue` it holds for no request, so the statement never applies",
        ),
    };
    let message = format!("`{}` is {always} true", text.text);
    Some(
        Problem::new("C28", "null-with-set-operator", text.span, message)
            .warning()
            .why(why)
            .help("write `Null`, which asks whether the key is there"),
    )
}

/// Returns the operator without its suffix where it is `NullIfExists`.
fn null_with_if_exists(name: &str) -> Option<&'static str> {
    let base = name.rsplit(':').next().unwrap_or(name);
    base.eq_ignore_ascii_case("NullIfExists").then_some("Null")
}

/// Says what an unknown operator may have been meant as.
fn operator_help(name: &str) -> String {
    if let Some(similar) = similar_operator(name) {
        return format!("did you mean `{similar}`?");
    }
    let folded = name.to_ascii_lowercase();
    if let Some((prefix, _)) = folded.split_once(':')
        && set_operator(prefix).is_none()
    {
        return "the set operators are `ForAllValues:` and `ForAnyValue:`".into();
    }
    let base = folded.rsplit(':').next().unwrap_or(&folded);
    let (base, suffix) = match base.strip_suffix("ifexists") {
        Some(base) => (base, "IfExists"),
        None => (base, ""),
    };
    if base.starts_with("null") {
        return "use `Null`, which takes neither a prefix nor `IfExists`".into();
    }
    if base.starts_with("bool") && base.contains("not") {
        return format!("use `Bool{suffix}` with the other value: it has no negated form");
    }
    "use an operator such as `StringEquals`, `ArnLike` or `Bool`".into()
}

/// Returns the operator that a misspelt one most likely stands for; never one that turns the
/// meaning round.
#[must_use]
pub fn similar_operator(name: &str) -> Option<String> {
    let folded = name.to_ascii_lowercase();
    let (prefix, rest) = match folded.split_once(':') {
        Some((prefix, rest)) => (set_operator(prefix)?, rest),
        None => ("", &*folded),
    };
    let (base, suffix) = match rest.strip_suffix("ifexists") {
        Some(base) => (base, "IfExists"),
        None => (rest, ""),
    };
    let has_no_negation = base.starts_with("bool") && base.contains("not");
    if base.starts_with("null") || has_no_negation {
        return None;
    }
    let plain = |name: &str| name.to_ascii_lowercase().replacen("not", "", 1);
    let is_negated = |name: &str| name.to_ascii_lowercase().contains("not");
    let wanted = plain(base);
    let (distance, known) = Operator::names()
        .filter(|known| is_negated(known) == is_negated(base))
        .map(|known| (strsim::osa_distance(&plain(known), &wanted), known))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= (wanted.len() / 4).min(3)).then(|| format!("{prefix}{known}{suffix}"))
}

/// Returns the prefix that a misspelt one in lower case stands for.
fn set_operator(prefix: &str) -> Option<&'static str> {
    let known = ["ForAllValues:", "ForAnyValue:"].into_iter();
    let distances = known.map(|known| {
        let folded = known.trim_end_matches(':').to_ascii_lowercase();
        (strsim::osa_distance(&folded, prefix), known)
    });
    let (distance, known) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= 2).then_some(known)
}

fn check_values(document: &Document, condition: &Condition, found: &mut Vec<Problem>) {
    if condition.values.is_empty() && on("C34") && !has_unread_values(document, condition) {
        let message = format!("`{}` has no values", condition.key_text.text);
        found.push(
            Problem::new(
                "C34",
                "empty-condition-values",
                condition.values_span,
                message,
            )
            .warning()
            .why("an empty list matches no value, under a negated operator neither")
            .help("add the values, or remove the condition key"),
        );
    }
    let Some(operator) = condition.operator else {
        return;
    };
    for value in &condition.values {
        // The first that speaks: the others would say the same again.
        found.extend(
            variable_under_typed_operator(document, condition, operator, value)
                .or_else(|| literal_variable(document, operator, value))
                .or_else(|| malformed(document.kind, operator, value))
                .or_else(|| session_arn(condition, operator, value)),
        );
    }
}

/// Returns whether lowering said of a value here that it cannot be read.
fn has_unread_values(document: &Document, condition: &Condition) -> bool {
    let span = condition.values_span;
    document
        .problems
        .iter()
        .any(|problem| span.start <= problem.span.start && problem.span.end <= span.end)
}

/// Rule V11, Q3.
fn variable_under_typed_operator(
    document: &Document,
    condition: &Condition,
    operator: Operator,
    value: &ConditionValue,
) -> Option<Problem> {
    let text = value.template.text();
    let applies = document.version == Version::V2012 && !operator.has_variables();
    if !applies || !text.contains("${") || !on("V11") {
        return None;
    }
    Template::new(text, true).variables().next()?;
    let name = &condition.operator_text.text;
    let message = format!("`{text}` has a variable under `{name}`");
    let problem = Problem::new("V11", "variable-under-typed-operator", value.span, message);
    let problem = problem.help("write the value itself, or use a String or Arn operator");
    Some(match operator.test {
        Test::Bool => problem
            .warning()
            .why("AWS's pages disagree about variables under `Bool`; read literally it is false"),
        _ => problem.why("variables work under String and Arn operators only"),
    })
}

fn literal_variable(
    document: &Document,
    operator: Operator,
    value: &ConditionValue,
) -> Option<Problem> {
    let text = value.template.text();
    operator
        .has_variables()
        .then(|| variable_in_old_version(document, text, value.span))?
}

/// Rule G16.
fn malformed(kind: Kind, operator: Operator, value: &ConditionValue) -> Option<Problem> {
    if !on("G16") {
        return None;
    }
    let text = value.template.text();
    // STS takes every malformed literal but this in a session policy.
    let is_binary = value.operand == Operand::Binary(None);
    if kind == Kind::Session && !is_binary {
        return None;
    }
    let (name, what, help) = match &value.operand {
        Operand::Number(None) => (
            "malformed-number",
            "number",
            "write a number such as `10` or `-1.5`",
        ),
        Operand::Date(None) => (
            "malformed-date",
            "date",
            "write a date such as `2030-01-01T00:00:00Z`, or seconds since 1970",
        ),
        Operand::Network(None) => (
            "malformed-ip-address",
            "IP address or network",
            "write an address or a network such as `203.0.113.0/24` or `2001:db8::/32`",
        ),
        Operand::Binary(None) => ("malformed-base64", "base64 text", "encode it as base64"),
        Operand::Text if operator.test == Test::Arn && !is_arn(&value.template) => (
            "malformed-arn",
            "ARN",
            "write an ARN of six parts, with wildcards where it may vary, or `*`",
        ),
        _ => return None,
    };
    let problem = Problem::new(
        "G16",
        name,
        value.span,
        format!("`{text}` is not {} {what}", article(what)),
    )
    .help(help);
    // A text that starts like an ARN may be meant as a short one; whether IAM takes those here is
    // not known.
    Some(if is_iam(kind) && !text.starts_with("arn:") {
        problem.why(REFUSED)
    } else {
        problem
            .warning()
            .why("it matches nothing; AWS may refuse the document")
    })
}

fn article(what: &str) -> &'static str {
    if what.starts_with(['A', 'I']) {
        "an"
    } else {
        "a"
    }
}

/// Returns whether a policy's side of an Arn operator has the six parts (C22), or may have them
/// once its variables are substituted.
fn is_arn(template: &Template) -> bool {
    let text = template.text();
    text == "*" || template.has_variables() || Arn::parse(text).is_some()
}

/// Rule Q15: the key holds the role's ARN, never that of its session.
fn session_arn(
    condition: &Condition,
    operator: Operator,
    value: &ConditionValue,
) -> Option<Problem> {
    let compares_text = matches!(operator.test, Test::Arn)
        || matches!(
            operator.test,
            Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike
        );
    if !compares_text || !condition.key.eq_ignore_ascii_case("aws:PrincipalArn") || !on("Q15") {
        return None;
    }
    let text = value.template.text();
    let role = role_of_session(text)?;
    let message = format!("`{text}` is the ARN of a role session");
    Some(
        Problem::new(
            "Q15",
            "session-arn-in-principal-arn-condition",
            value.span,
            message,
        )
        .warning()
        .why("in a session of a role `aws:PrincipalArn` holds the ARN of the role, so it never matches")
        .help(format!("write the role's ARN with its path: `{role}`")),
    )
}

/// Returns the ARN of the role, without its path, of which a text is the ARN of a session.
#[must_use]
pub fn role_of_session(text: &str) -> Option<String> {
    let arn = Arn::parse(text).filter(|arn| arn.service == "sts")?;
    let session = arn.resource.strip_prefix("assumed-role/")?;
    let role = session.split('/').next().unwrap_or(session);
    Some(format!(
        "arn:{}:iam::{}:role/{role}",
        arn.partition, arn.account
    ))
}

/// Rule Q12: tag names that differ in letter case alone, which condition keys ignore.
fn check_tag_names(conditions: &[Condition], found: &mut Vec<Problem>) {
    for (at, condition) in conditions.iter().enumerate() {
        let Some((_, tag)) = condition.key_text.text.split_once('/') else {
            continue;
        };
        let first = conditions[..at].iter().find(|other| {
            other.key.eq_ignore_ascii_case(&condition.key)
                && other
                    .key_text
                    .text
                    .split_once('/')
                    .is_some_and(|(_, it)| it != tag)
        });
        let Some(first) = first else { continue };
        let (key, other) = (&condition.key_text, &first.key_text);
        let message = format!(
            "`{}` is the same condition key as `{}`",
            key.text, other.text
        );
        found.push(
            Problem::new("Q12", "tag-keys-differing-in-case", key.span, message)
                .warning()
                .why("condition keys ignore letter case, so which tag's value counts is unpredictable")
                .help("use one spelling for the tag")
                .related(other.span, "first here"),
        );
    }
}
