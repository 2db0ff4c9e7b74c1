//! `Condition`: operators, keys and values.

use super::Text;
use super::operand::{self, Decimal, Network};
use crate::pattern::Template;
use crate::source::Span;

/// One operator on one key; a statement's conditions are an AND (C1).
#[derive(Clone, Debug)]
pub struct Condition {
    /// The operator; `None` for a name that AWS does not define (C35).
    pub operator: Option<Operator>,
    /// The operator as written.
    pub operator_text: Text,
    /// The key as written.
    pub key_text: Text,
    /// The key in lower case (C8).
    pub key: Box<str>,
    /// The values, which are an OR (C2), or a NOR under a negated operator (C3).
    pub values: Vec<ConditionValue>,
    /// The value with its brackets.
    pub values_span: Span,
}

/// One value of a condition.
#[derive(Clone, Debug)]
pub struct ConditionValue {
    /// The text with its variables.
    pub template: Template,
    /// Where it stands.
    pub span: Span,
    /// What a typed operator reads in it.
    pub operand: Operand,
}

/// What a typed operator reads in a value; `None` inside: malformed.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// String and Arn operators compare the text.
    Text,
    /// Numeric operators.
    Number(Option<Decimal>),
    /// Date operators, milliseconds since 1970.
    Date(Option<i64>),
    /// `Bool` and `Null`.
    Truth(bool),
    /// Ip operators.
    Network(Option<Network>),
    /// `BinaryEquals`.
    Binary(Option<Box<[u8]>>),
}

/// A condition operator taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    /// `ForAllValues:` or `ForAnyValue:`.
    pub quantifier: Option<Quantifier>,
    /// What is compared.
    pub test: Test,
    /// A `Not…` operator.
    pub negated: bool,
    /// `…IfExists`.
    pub if_exists: bool,
}

/// The set operators (AWS: "Conditions with multiple context keys or values").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// Every value of the request.
    ForAllValues,
    /// Some value of the request.
    ForAnyValue,
}

/// What an operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// `StringEquals`
    StringEquals,
    /// `StringEqualsIgnoreCase`
    StringEqualsIgnoreCase,
    /// `StringLike`
    StringLike,
    /// `NumericEquals`, …
    Numeric(Comparison),
    /// `DateEquals`, …
    Date(Comparison),
    /// `Bool`
    Bool,
    /// `BinaryEquals`
    Binary,
    /// `IpAddress`
    IpAddress,
    /// `ArnEquals` and `ArnLike`, which are the same (C22).
    Arn,
    /// `Null`
    Null,
}

/// How numbers and dates compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `…Equals`
    Equal,
    /// `…LessThan`
    Less,
    /// `…LessThanEquals`
    LessOrEqual,
    /// `…GreaterThan`
    Greater,
    /// `…GreaterThanEquals`
    GreaterOrEqual,
}

/// Every operator without prefix and suffix, as AWS spells it.
const OPERATORS: [(&str, Test, bool); 27] = [
    ("StringEquals", Test::StringEquals, false),
    ("StringNotEquals", Test::StringEquals, true),
    (
        "StringEqualsIgnoreCase",
        Test::StringEqualsIgnoreCase,
        false,
    ),
    (
        "StringNotEqualsIgnoreCase",
        Test::StringEqualsIgnoreCase,
        true,
    ),
    ("StringLike", Test::StringLike, false),
    ("StringNotLike", Test::StringLike, true),
    ("NumericEquals", Test::Numeric(Comparison::Equal), false),
    ("NumericNotEquals", Test::Numeric(Comparison::Equal), true),
    ("NumericLessThan", Test::Numeric(Comparison::Less), false),
    (
        "NumericLessThanEquals",
        Test::Numeric(Comparison::LessOrEqual),
        false,
    ),
    (
        "NumericGreaterThan",
        Test::Numeric(Comparison::Greater),
        false,
    ),
    (
        "NumericGreaterThanEquals",
        Test::Numeric(Comparison::GreaterOrEqual),
        false,
    ),
    ("DateEquals", Test::Date(Comparison::Equal), false),
    ("DateNotEquals", Test::Date(Comparison::Equal), true),
    ("DateLessThan", Test::Date(Comparison::Less), false),
    (
        "DateLessThanEquals",
        Test::Date(Comparison::LessOrEqual),
        false,
    ),
    ("DateGreaterThan", Test::Date(Comparison::Greater), false),
    (
        "DateGreaterThanEquals",
        Test::Date(Comparison::GreaterOrEqual),
        false,
    ),
    ("Bool", Test::Bool, false),
    ("BinaryEquals", Test::Binary, false),
    ("IpAddress", Test::IpAddress, false),
    ("NotIpAddress", Test::IpAddress, true),
    ("ArnEquals", Test::Arn, false),
    ("ArnLike", Test::Arn, false),
    ("ArnNotEquals", Test::Arn, true),
    ("ArnNotLike", Test::Arn, true),
    ("Null", Test::Null, false),
];

impl Operator {
    /// Returns the operator of this name in any letter case (G15, Q6).
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (quantifier, rest) = match strip_prefix(name, "ForAllValues:") {
            Some(rest) => (Some(Quantifier::ForAllValues), rest),
            None => match strip_prefix(name, "ForAnyValue:") {
                Some(rest) => (Some(Quantifier::ForAnyValue), rest),
                None => (None, name),
            },
        };
        let (base, if_exists) = match strip_suffix(rest, "IfExists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let same = |spelling: &str| {
            if crate::switch::on("G15") {
                spelling.eq_ignore_ascii_case(base)
            } else {
                spelling == base
            }
        };
        let (_, test, negated) = OPERATORS.iter().find(|(spelling, _, _)| same(spelling))?;
        if *test == Test::Null && if_exists {
            return None;
        }
        Some(Self {
            quantifier,
            test: *test,
            negated: *negated,
            if_exists,
        })
    }

    /// Returns whether policy variables work in its values (V11).
    #[must_use]
    pub const fn has_variables(self) -> bool {
        matches!(
            self.test,
            Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike | Test::Arn
        )
    }

    /// Returns the spelling of AWS for a name in another letter case.
    #[must_use]
    pub fn spelling(name: &str) -> Option<String> {
        Self::parse(name)?;
        let (prefix, rest) = match name.split_once(':') {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => {
                ("ForAllValues:", rest)
            }
            Some((_, rest)) => ("ForAnyValue:", rest),
            None => ("", name),
        };
        let (base, suffix) = match strip_suffix(rest, "IfExists") {
            Some(base) => (base, "IfExists"),
            None => (rest, ""),
        };
        let (spelling, _, _) = OPERATORS
            .iter()
            .find(|(spelling, _, _)| spelling.eq_ignore_ascii_case(base))?;
        Some(format!("{prefix}{spelling}{suffix}"))
    }

    /// Returns every operator name without prefix and suffix, for suggestions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        OPERATORS.iter().map(|(name, _, _)| *name)
    }
}

impl ConditionValue {
    pub(super) fn new(text: &str, span: Span, operator: Option<Operator>, variables: bool) -> Self {
        let with_variables = variables && operator.is_none_or(Operator::has_variables);
        let operand = match operator.map(|operator| operator.test) {
            Some(Test::Numeric(_)) => Operand::Number(Decimal::parse(text)),
            Some(Test::Date(_)) => Operand::Date(operand::date(text)),
            Some(Test::Bool | Test::Null) => Operand::Truth(operand::is_true(text)),
            Some(Test::IpAddress) => Operand::Network(Network::parse(text)),
            Some(Test::Binary) => Operand::Binary(decode_base64(text)),
            _ => Operand::Text,
        };
        Self {
            template: Template::new(text, with_variables),
            span,
            operand,
        }
    }
}

/// Returns the bytes of a base64 text.
#[must_use]
pub(crate) fn decode_base64(text: &str) -> Option<Box<[u8]>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .ok()
        .map(Into::into)
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len())?;
    let tail = text.get(at..)?;
    tail.eq_ignore_ascii_case(suffix).then(|| &text[..at])
}
