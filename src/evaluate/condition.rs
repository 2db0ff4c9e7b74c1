//! Whether a condition holds in a request's context (AWS: "IAM JSON policy elements: Condition
//! operators", "Conditions with multiple context keys or values").

use super::context::{Context, ContextEntry, Lookup};
use super::truth::Truth;
use crate::arn::Arn;
use crate::pattern::{self, Substituted, Token};
use crate::policy::operand::{self, Address, Decimal};
use crate::policy::{
    Comparison, Condition, ConditionValue, Effect, Operand, Operator, Quantifier, Test,
};
use crate::switch::on;

/// Returns whether one operator on one key holds.
#[must_use]
pub(super) fn holds(condition: &Condition, effect: Effect, context: &Context) -> Truth {
    let Some(operator) = condition.operator else {
        // C35: AWS refuses unknown operators when the policy is written.
        return Truth::from(!on("C35"));
    };
    let entry = match context.get(&condition.key, &condition.key_text.text) {
        Lookup::Unknown => return Truth::Unknown,
        Lookup::Absent => None,
        Lookup::Present(entry) if !on("C5") && entry.values.iter().all(|it| it.is_empty()) => None,
        Lookup::Present(entry) => Some(entry),
    };
    if operator.test == Test::Null {
        return null(condition, entry.is_none());
    }
    match entry {
        None => absent(operator),
        Some(entry) => present(condition, operator, effect, entry, context),
    }
}

/// C28: `true` asks for absence, everything else for presence; several values are an OR. With
/// `ForAllValues` it always holds, with `ForAnyValue` never (IAM User Guide, "Access Analyzer policy
/// check reference", "Null with qualifier").
pub(crate) fn null(condition: &Condition, is_absent: bool) -> Truth {
    if let Some(quantifier) = condition.operator.and_then(|it| it.quantifier) {
        return Truth::from(quantifier == Quantifier::ForAllValues);
    }
    if !on("C28") {
        return Truth::from(is_absent);
    }
    let wanted = |value: &ConditionValue| value.operand == Operand::Truth(true);
    Truth::from(
        condition
            .values
            .iter()
            .any(|value| wanted(value) == is_absent),
    )
}

/// Whether an operator holds for a key that the request lacks.
pub(crate) fn absent(operator: Operator) -> Truth {
    Truth::from(match operator.quantifier {
        Some(Quantifier::ForAllValues) if on("C29") => true,
        Some(Quantifier::ForAllValues) => false,
        Some(Quantifier::ForAnyValue) if on("C30") => false,
        _ if operator.if_exists => on("C27"),
        // C15: Bool has no negated form, so a missing key fails it.
        _ => operator.negated && on("C4") || operator.test == Test::Bool && !on("C15"),
    })
}

fn present(
    condition: &Condition,
    operator: Operator,
    effect: Effect,
    entry: &ContextEntry,
    context: &Context,
) -> Truth {
    if condition.values.is_empty() {
        // C34: an empty list never matches a present key, negated or not.
        return Truth::from(operator.negated && !on("C34"));
    }
    if operator.if_exists && !on("C26") {
        return Truth::True;
    }
    let one = |value: &str| satisfies(value, condition, operator, effect, context);
    match operator.quantifier {
        Some(Quantifier::ForAllValues) if on("C33") || entry.multivalued => entry
            .values
            .iter()
            .map(|value| one(value))
            .fold(Truth::True, |a, b| a & b),
        Some(Quantifier::ForAnyValue) if on("C33") || entry.multivalued => entry
            .values
            .iter()
            .map(|value| one(value))
            .fold(Truth::False, |a, b| a | b),
        Some(_) => Truth::False,
        // C32: without a set operator a multivalued key matches nothing.
        None if entry.multivalued && on("C32") => Truth::False,
        None => entry
            .values
            .iter()
            .map(|value| one(value))
            .fold(Truth::False, |a, b| a | b),
    }
}

/// Returns whether one value of the request satisfies the operator and its list of values.
pub(crate) fn satisfies(
    value: &str,
    condition: &Condition,
    operator: Operator,
    effect: Effect,
    context: &Context,
) -> Truth {
    match operator.test {
        // C24: a value that is no ARN satisfies no Arn operator, negated or not.
        Test::Arn if Arn::parse(value).is_none() => {
            return Truth::from(operator.negated && !on("C24"));
        }
        // C21: the same for addresses.
        Test::IpAddress if Address::parse(value).is_none() => {
            return Truth::from(operator.negated && !on("C21"));
        }
        Test::Arn if on("C25") => return arn_list(value, condition, operator, effect, context),
        // C11, C13: a malformed number or date satisfies the negated operators only.
        Test::Numeric(_) if operator.negated && Decimal::parse(value).is_none() => {
            return Truth::from(on("C11"));
        }
        Test::Date(_) if operator.negated && operand::date(value).is_none() => {
            return Truth::from(on("C13"));
        }
        _ => {}
    }
    if !on("V6") && operator.negated && has_no_value(condition, context) {
        return Truth::False;
    }
    let limit = if on("C2") { condition.values.len() } else { 1 };
    let values = condition.values.iter().take(limit);
    let any = values
        .map(|expected| matches(value, expected, operator, context))
        .fold(Truth::False, |a, b| a | b);
    if !operator.negated {
        return any;
    }
    if !on("C3") || operator.quantifier.is_some() && !on("C31") {
        // The naive reading: some policy value differs.
        let values = condition.values.iter();
        let all = values.map(|expected| matches(value, expected, operator, context));
        return !all.fold(Truth::True, |a, b| a & b);
    }
    !any
}

/// Whether a variable of the condition has no value (V5, V6).
fn has_no_value(condition: &Condition, context: &Context) -> bool {
    let templates = condition.values.iter().map(|value| &value.template);
    let mut tokens = templates.map(|it| it.tokens(true, |variable| context.resolve(variable)));
    tokens.any(|it| it == Substituted::NoValue)
}

/// C25: values are tried in order; a malformed one, once reached, fails an Allow and holds in a
/// Deny, whatever the operator.
fn arn_list(
    value: &str,
    condition: &Condition,
    operator: Operator,
    effect: Effect,
    context: &Context,
) -> Truth {
    let mut seen_unknown = false;
    for expected in &condition.values {
        let result = match arn_match(value, expected, context) {
            ArnMatch::Malformed => Truth::from(effect == Effect::Deny),
            ArnMatch::Result(Truth::True) => Truth::from(!operator.negated),
            ArnMatch::Result(Truth::False) => continue,
            ArnMatch::Result(Truth::Unknown) => {
                seen_unknown = true;
                continue;
            }
        };
        return if seen_unknown { Truth::Unknown } else { result };
    }
    if seen_unknown {
        Truth::Unknown
    } else {
        Truth::from(operator.negated)
    }
}

/// Returns whether one value of the request equals one value of the policy.
fn matches(value: &str, expected: &ConditionValue, operator: Operator, context: &Context) -> Truth {
    let template = &expected.template;
    if !on("V11") && template.text().contains("${") && !operator.has_variables() {
        return substituted_operand(value, expected, operator, context);
    }
    let result = match (operator.test, &expected.operand) {
        (Test::StringEquals, _) if !template.has_variables() => template.text() == value,
        (Test::StringLike, _) if !template.has_variables() => {
            if on("C6") {
                pattern::matches(template.text(), value)
            } else {
                template.text() == value
            }
        }
        (Test::StringEqualsIgnoreCase, _) if !template.has_variables() => {
            same_letters(template.text(), value)
        }
        (Test::StringEquals | Test::StringLike | Test::StringEqualsIgnoreCase, _) => {
            return variable_text(value, expected, operator.test, context);
        }
        (Test::Arn, _) => {
            return match arn_match(value, expected, context) {
                ArnMatch::Result(result) => result,
                ArnMatch::Malformed => Truth::False,
            };
        }
        (Test::Numeric(comparison), Operand::Number(Some(expected))) => {
            if on("C10") {
                Decimal::parse(value).is_some_and(|it| compares(it.cmp(expected), comparison))
            } else {
                binary_compares(value, template.text(), comparison)
            }
        }
        (Test::Date(comparison), Operand::Date(Some(expected))) => {
            operand::date(value).is_some_and(|it| compares(it.cmp(expected), comparison))
        }
        (Test::Bool, Operand::Truth(expected)) => {
            if on("C14") {
                operand::is_true(value) == *expected
            } else {
                value == template.text()
            }
        }
        (Test::Binary, Operand::Binary(Some(expected))) => {
            let bytes = crate::policy::decode_base64(value);
            if on("C16") {
                bytes.as_deref() == Some(expected)
            } else {
                value.as_bytes() == &**expected
            }
        }
        (Test::IpAddress, Operand::Network(Some(network))) => {
            Address::parse(value).is_some_and(|address| network.contains(address))
        }
        // A malformed value of the policy matches nothing (C20).
        _ => false,
    };
    Truth::from(result)
}

/// The naive reading of V11: variables everywhere.
fn substituted_operand(
    value: &str,
    expected: &ConditionValue,
    operator: Operator,
    context: &Context,
) -> Truth {
    let template = pattern::Template::new(expected.template.text(), true);
    let Substituted::Known(tokens) = template.tokens(false, |it| context.resolve(it)) else {
        return Truth::False;
    };
    let text = text_of(&tokens);
    let same = match operator.test {
        Test::Bool => operand::is_true(value) == operand::is_true(&text),
        _ => value == text,
    };
    Truth::from(same)
}

fn variable_text(value: &str, expected: &ConditionValue, test: Test, context: &Context) -> Truth {
    let wildcards = test == Test::StringLike;
    let substituted = expected
        .template
        .tokens(wildcards, |it| context.resolve(it));
    match substituted {
        // V5, V6: no value matches nothing, so negated operators hold.
        Substituted::NoValue => Truth::from(!on("V5")),
        Substituted::Known(tokens) if test == Test::StringEqualsIgnoreCase => {
            Truth::from(same_letters(&text_of(&tokens), value))
        }
        Substituted::Known(tokens) => Truth::from(pattern::tokens_match(&tokens, value)),
        Substituted::Unknown(tokens)
            if test == Test::StringEqualsIgnoreCase || pattern::tokens_match(&tokens, value) =>
        {
            Truth::Unknown
        }
        Substituted::Unknown(_) => Truth::False,
    }
}

fn text_of(tokens: &[Token]) -> String {
    let units: Vec<u16> = tokens
        .iter()
        .map(|token| match token {
            Token::Unit(unit) => *unit,
            _ => u16::from(b'*'),
        })
        .collect();
    String::from_utf16_lossy(&units)
}

/// C7: lowercased texts, with the contextual final sigma, and no case folding.
fn same_letters(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() || !on("C7") {
        return a.eq_ignore_ascii_case(b);
    }
    a.to_lowercase() == b.to_lowercase()
}

fn compares(ordering: std::cmp::Ordering, comparison: Comparison) -> bool {
    match comparison {
        Comparison::Equal => ordering.is_eq(),
        Comparison::Less => ordering.is_lt(),
        Comparison::LessOrEqual => ordering.is_le(),
        Comparison::Greater => ordering.is_gt(),
        Comparison::GreaterOrEqual => ordering.is_ge(),
    }
}

/// The naive reading of C10: binary floating point.
fn binary_compares(a: &str, b: &str, comparison: Comparison) -> bool {
    let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>()) else {
        return false;
    };
    a.partial_cmp(&b)
        .is_some_and(|ordering| compares(ordering, comparison))
}

enum ArnMatch {
    Malformed,
    Result(Truth),
}

/// C22: six parts, one by one; the sixth takes the rest. `*` alone is every ARN.
fn arn_match(value: &str, expected: &ConditionValue, context: &Context) -> ArnMatch {
    let template = &expected.template;
    if !on("C22") {
        return ArnMatch::Result(Truth::from(pattern::matches(template.text(), value)));
    }
    if !template.has_variables() {
        let text = template.text();
        if text == "*" {
            return ArnMatch::Result(Truth::True);
        }
        if text.bytes().filter(|byte| *byte == b':').count() < 5
            || !text.starts_with(['a', '*', '?'])
        {
            return ArnMatch::Malformed;
        }
        let same = text
            .splitn(6, ':')
            .zip(value.splitn(6, ':'))
            .all(|(a, b)| pattern::matches(a, b));
        return ArnMatch::Result(Truth::from(same));
    }
    let tokens = match template.tokens(true, |it| context.resolve(it)) {
        Substituted::Known(tokens) => tokens,
        Substituted::NoValue => return ArnMatch::Result(Truth::False),
        Substituted::Unknown(_) => return ArnMatch::Result(Truth::Unknown),
    };
    const COLON: Token = Token::Unit(b':' as u16);
    if !on("C23") {
        // The naive reading: only the pattern's own colons split.
        let written = template.tokens(true, |_| pattern::Resolved::Value(""));
        let colons = match written {
            Substituted::Known(own) => own.iter().filter(|it| **it == COLON).count(),
            _ => 0,
        };
        if colons < 5 {
            return ArnMatch::Malformed;
        }
    }
    // C23: a colon in a substituted value splits too.
    let parts: Vec<&[Token]> = tokens.splitn(6, |token| *token == COLON).collect();
    if parts.len() < 6 {
        return ArnMatch::Malformed;
    }
    let same = parts
        .iter()
        .zip(value.splitn(6, ':'))
        .all(|(a, b)| pattern::tokens_match(a, b));
    ArnMatch::Result(Truth::from(same))
}
