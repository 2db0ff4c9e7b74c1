//! What a condition can come to, from its own text and from what AWS says of its key.
//!
//! Rules about conditions ask here. Whether conditions limit what a statement allows is `limit`'s;
//! whether several conditions can hold together is asked of the exact analysis.

use super::expand::{ActionRef, Memo};
use super::subject::Subject;
use crate::analyze::{Analysis, Found};
use crate::catalog::{ConditionKey, Presence};
use crate::evaluate::{Truth, condition as evaluation};
use crate::pattern::{Resolved, Substituted, Token};
use crate::policy::{
    Condition, ConditionValue, Document, Effect, Kind, Operand, Quantifier, Statement, Test,
    written,
};
use crate::source::Span;

/// When a condition holds, as far as its own text and the presence of its key tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// For every request.
    Always,
    /// For every request that has the key, whatever its value.
    WhenPresent,
    /// For every request that lacks the key, and for no other.
    WhenAbsent,
    /// For no request.
    Never,
    /// It depends on the value.
    ByValue,
}

/// How many of the actions that a pattern names ever carry a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    /// None of them, or there are none.
    None,
    /// Some of them.
    Some,
    /// All of them.
    All,
}

/// A condition operator's name in its parts: `ForAllValues:`, `StringEquals`, `IfExists`.
#[derive(Clone, Copy, Debug)]
pub struct OperatorName<'t> {
    /// `ForAllValues:` or `ForAnyValue:`, or nothing.
    pub prefix: &'t str,
    /// The operator itself.
    pub base: &'t str,
    /// `IfExists`, or nothing.
    pub suffix: &'t str,
}

impl<'t> OperatorName<'t> {
    /// Takes a name apart.
    #[must_use]
    pub fn of(name: &'t str) -> Self {
        let (prefix, rest) = name.split_at(name.find(':').map_or(0, |at| at + 1));
        let at = rest.len().saturating_sub("IfExists".len());
        let is_suffix = rest
            .get(at..)
            .is_some_and(|it| it.eq_ignore_ascii_case("IfExists"));
        let (base, suffix) = if is_suffix {
            rest.split_at(at)
        } else {
            (rest, "")
        };
        Self {
            prefix,
            base,
            suffix,
        }
    }

    /// Returns the name with another operator in the middle.
    #[must_use]
    pub fn with_base(&self, base: &str) -> String {
        format!("{}{base}{}", self.prefix, self.suffix)
    }

    /// Returns the name without its set operator.
    #[must_use]
    pub fn without_prefix(&self) -> String {
        format!("{}{}", self.base, self.suffix)
    }

    /// Returns the name without `IfExists`.
    #[must_use]
    pub fn without_suffix(&self) -> String {
        format!("{}{}", self.prefix, self.base)
    }
}

impl Condition {
    /// Returns whether it holds for a request that lacks the key (C4, C27, C28, C29, C30).
    #[must_use]
    pub fn holds_when_absent(&self) -> bool {
        let Some(operator) = self.operator else {
            return false;
        };
        match operator.test {
            Test::Null => evaluation::null(self, true) == Truth::True,
            _ => evaluation::absent(operator) == Truth::True,
        }
    }

    /// Returns what is compared; `None` for an unknown operator.
    #[must_use]
    pub fn test(&self) -> Option<Test> {
        self.operator.map(|it| it.test)
    }

    /// Returns whether it is a `Not…` operator.
    #[must_use]
    pub fn is_negated(&self) -> bool {
        self.operator.is_some_and(|it| it.negated)
    }

    /// Returns the set operator.
    #[must_use]
    pub fn quantifier(&self) -> Option<Quantifier> {
        self.operator.and_then(|it| it.quantifier)
    }

    /// Returns whether the operator ends in `IfExists`.
    #[must_use]
    pub fn is_if_exists(&self) -> bool {
        self.operator.is_some_and(|it| it.if_exists)
    }

    /// Returns whether it is a `String…` operator.
    #[must_use]
    pub fn compares_strings(&self) -> bool {
        matches!(
            self.test(),
            Some(Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike)
        )
    }

    /// Returns whether it is `Null` with this word alone and no set operator.
    #[must_use]
    pub fn is_null(&self, absent: bool) -> bool {
        let wanted = Operand::Truth(absent);
        self.test() == Some(Test::Null)
            && self.quantifier().is_none()
            && !self.values.is_empty()
            && self.values.iter().all(|it| it.operand == wanted)
    }

    /// Returns whether some value of the list matches every text that the operator can compare.
    #[must_use]
    pub fn has_open_value(&self) -> bool {
        let is_arn = match self.test() {
            Some(Test::StringLike) => false,
            Some(Test::Arn) => true,
            _ => return false,
        };
        let is_open = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
        self.values.iter().any(|value| {
            let text = value.template.text();
            let is_whole = is_arn && {
                let mut parts = text.splitn(6, ':');
                let starts = parts.next().is_some_and(|it| it == "arn" || is_open(it));
                starts && parts.clone().count() == 5 && parts.all(is_open)
            };
            is_open(text) || is_whole
        })
    }
}

impl ConditionValue {
    /// Returns whether the text has a wildcard outside its policy variables; `${*}` is none.
    #[must_use]
    pub fn has_wildcard(&self) -> bool {
        let text = self.template.text();
        if !crate::pattern::has_wildcard(text) {
            return false;
        }
        let resolve = |_: &_| Resolved::Value("");
        match self.template.tokens(true, resolve) {
            Substituted::Known(tokens) | Substituted::Unknown(tokens) => tokens
                .iter()
                .any(|it| matches!(it, Token::Any | Token::One)),
            Substituted::NoValue => false,
        }
    }
}

impl Memo {
    /// Returns the condition key that a condition names, if the catalog has it.
    #[must_use]
    pub fn key(&self, condition: &Condition) -> Option<&'static ConditionKey> {
        self.catalog().condition_key(&condition.key)
    }

    /// Returns whether the key is known to be a list in requests.
    #[must_use]
    pub fn is_list(&self, condition: &Condition) -> bool {
        // AWS's reference calls these lists; the Amazon EventBridge User Guide ("Using IAM policy
        // conditions in Amazon EventBridge") compares them without a set operator.
        const LOOSE: [&str; 2] = ["events:detail-type", "events:source"];
        !LOOSE.contains(&&*condition.key) && self.key(condition).is_some_and(|it| it.multivalued)
    }

    /// Returns whether the key is known to have one value at most. AWS's reference says so of
    /// claims too that its User Guide treats as lists, so claims of identity providers are left
    /// out.
    #[must_use]
    pub fn is_single(&self, condition: &Condition) -> bool {
        let prefix = condition.key.split(':').next().unwrap_or_default();
        !prefix.contains('.') && self.key(condition).is_some_and(|it| !it.multivalued)
    }

    /// Returns how many of the actions of a pattern in lower case AWS lists a key for, of the
    /// action itself or of a resource type of it.
    #[must_use]
    pub fn supply(&self, folded: &str, key: &str) -> Supply {
        // Tags of one kind are alike.
        let key = key
            .split_once('/')
            .filter(|(stem, _)| stem.starts_with("aws:"))
            .map_or_else(|| key.to_owned(), |(stem, _)| format!("{stem}/x"));
        let name: Box<str> = format!("{folded} {key}").into();
        if let Some(known) = self.supplies.borrow().get(&name) {
            return *known;
        }
        let actions = self.expand(folded);
        let with = actions.iter().filter(|it| lists_key(**it, &key)).count();
        let supply = match with {
            0 => Supply::None,
            count if count == actions.len() => Supply::All,
            _ => Supply::Some,
        };
        self.supplies.borrow_mut().insert(name, supply);
        supply
    }
}

/// Keys that AWS's own managed policies use with actions for which its reference does not list
/// them (managed policies read in 2026-09): the start of the action and of the key, in lower case.
const UNLISTED: [(&str, &str); 6] = [
    ("aws-marketplace:", "aws-marketplace:productid"),
    ("ec2:copyvolumes", "aws:resourcetag/"),
    ("ec2:copyvolumes", "ec2:resourcetag/"),
    ("ecs:", "ecs:resourcetag/"),
    ("iotsitewise:", "iottwinmaker:linkedservices"),
    ("iottwinmaker:", "iottwinmaker:linkedservices"),
];

/// Returns whether AWS lists a key for an action or one of its resource types (Service
/// Authorization Reference, "Actions table"). Tags of a resource are also there where the action
/// makes it with tags ("AWS global condition context keys", `aws:ResourceTag/tag-key`).
#[must_use]
pub fn lists_key(action: ActionRef, key: &str) -> bool {
    let rows = action.action.resource_types.iter();
    let names = rows.flat_map(|row| row.condition_keys.iter());
    let makes_tagged = key.starts_with("aws:resourcetag/");
    let is_listed = action
        .action
        .condition_keys
        .iter()
        .chain(names)
        .any(|name| {
            crate::catalog::names_key(name, key)
                || makes_tagged && name.starts_with("aws:RequestTag/")
        });
    is_listed
        || UNLISTED.iter().any(|(of, stem)| {
            key.starts_with(stem) && action.name().to_ascii_lowercase().starts_with(of)
        })
}

impl<'a> Subject<'a> {
    /// Returns the condition that a place is in: its operator, its key or one of its values.
    #[must_use]
    pub fn condition_at(&self, span: Span) -> Option<(&'a Statement, &'a Condition)> {
        let (_, statement) = self.statement_at(span)?;
        let is_in = |outer: Span| outer.start <= span.start && span.end <= outer.end;
        let mut conditions = statement.conditions.iter();
        let found = conditions.find(|it| {
            it.operator_text.span == span || it.key_text.span == span || is_in(it.values_span)
        })?;
        Some((statement, found))
    }

    /// Returns whether every request that the statement is about has the key: AWS always sends it,
    /// or the statement demands it.
    #[must_use]
    pub fn is_sure(&self, statement: &Statement, condition: &Condition) -> bool {
        let is_demanded = |other: &Condition| other.key == condition.key && other.is_null(false);
        self.is_always_sent(condition) || statement.conditions.iter().any(is_demanded)
    }

    /// Returns whether AWS sends the key with every request that the document is about (IAM User
    /// Guide, "AWS global condition context keys").
    #[must_use]
    pub fn is_always_sent(&self, condition: &Condition) -> bool {
        let presence = self.memo.key(condition).and_then(|it| it.presence);
        match presence {
            Some(Presence::Always) => true,
            // Nobody makes an unsigned request under these.
            Some(Presence::Signed) => matches!(
                self.document.kind,
                Kind::Identity | Kind::Boundary | Kind::Session | Kind::Scp
            ),
            _ => false,
        }
    }

    /// Returns when the condition holds.
    #[must_use]
    pub fn holds(&self, condition: &Condition) -> Holds {
        let Some(operator) = condition.operator else {
            return Holds::ByValue;
        };
        let known = if operator.test == Test::Null {
            match (
                evaluation::null(condition, true) == Truth::True,
                evaluation::null(condition, false) == Truth::True,
            ) {
                (true, true) => Holds::Always,
                (true, false) => Holds::WhenAbsent,
                (false, true) => Holds::WhenPresent,
                (false, false) => Holds::Never,
            }
        } else if condition.has_open_value() {
            // C32: a list without a set operator is another matter.
            if operator.quantifier.is_none() && self.memo.is_list(condition) {
                return Holds::ByValue;
            }
            match (condition.holds_when_absent(), operator.negated) {
                (true, false) => Holds::Always,
                (true, true) => Holds::WhenAbsent,
                (false, false) => Holds::WhenPresent,
                (false, true) => Holds::Never,
            }
        } else {
            Holds::ByValue
        };
        match known {
            Holds::WhenPresent if self.is_always_sent(condition) => Holds::Always,
            Holds::WhenAbsent if self.is_always_sent(condition) => Holds::Never,
            known => known,
        }
    }

    /// Returns two conditions on one key that no request meets together, though each may hold by
    /// itself. Values are compared by the exact analysis.
    #[must_use]
    pub fn contradiction<'s>(
        &self,
        statement: &'s Statement,
    ) -> Option<(&'s Condition, &'s Condition)> {
        let all = &statement.conditions;
        for (at, second) in all.iter().enumerate() {
            let mut before = all[..at].iter();
            let found = before.find(|it| it.key == second.key && self.exclude(it, second));
            if let Some(first) = found {
                return Some((first, second));
            }
        }
        None
    }

    fn exclude(&self, first: &Condition, second: &Condition) -> bool {
        let absence = |it: &Condition| it.is_null(true);
        if absence(first) || absence(second) {
            return !first.holds_when_absent() || !second.holds_when_absent();
        }
        if first.test() == Some(Test::Null) || second.test() == Some(Test::Null) {
            return first.is_null(false) && self.holds(second) == Holds::WhenAbsent
                || second.is_null(false) && self.holds(first) == Holds::WhenAbsent;
        }
        // Lists without a set operator match nothing, which is another finding.
        let is_plain = |it: &Condition| it.quantifier().is_none();
        let is_list = self.memo.key(first).is_some_and(|it| it.multivalued);
        if is_list && (is_plain(first) || is_plain(second)) {
            return false;
        }
        let Some(text) = alone(first, second) else {
            return false;
        };
        let document = written(&text, Kind::Identity);
        let nothing = Document::empty(Kind::Identity);
        // Of no action of the catalog anything is known but what the conditions say.
        let analysis = Analysis {
            pure: true,
            plain_witnesses: true,
            ..self.analysis()
        };
        let found = analysis.find_excess(&[&[document]], &[&[nothing]]);
        matches!(found, Found::Nothing)
    }

    /// Returns whether a condition of the statement can keep a request of a caller with other
    /// values out, this one left aside.
    #[must_use]
    pub fn is_limited_beside(&self, statement: &Statement, condition: &Condition) -> bool {
        statement
            .conditions
            .iter()
            .any(|it| it.key != condition.key && it.is_limit(statement))
    }
}

/// Writes a statement that allows everything under two conditions on one key; `None` where an
/// operator is unknown.
fn alone(first: &Condition, second: &Condition) -> Option<String> {
    let mut block = serde_json::Map::new();
    for condition in [first, second] {
        condition.operator?;
        let values: Vec<_> = condition
            .values
            .iter()
            .map(|it| serde_json::Value::from(it.template.text()))
            .collect();
        let keys = block
            .entry(condition.operator_text.text.to_string())
            .or_insert_with(|| serde_json::json!({}));
        let keys = keys.as_object_mut()?;
        // Two spellings of one key under one operator.
        if keys.contains_key(&*condition.key) {
            return None;
        }
        keys.insert(condition.key.to_string(), values.into());
    }
    let statement = serde_json::json!({
        "Effect": Effect::Allow.as_str(), "Action": "rolecall:Probe", "Resource": "*",
        "Condition": block,
    });
    let document = serde_json::json!({"Version": "2012-10-17", "Statement": [statement]});
    Some(document.to_string())
}
