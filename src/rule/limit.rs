//! Which conditions limit what a statement allows, and which only look as if they did.
//!
//! This is a reading of one statement for people, wider than the exact analysis needs: it says
//! whether somebody who is allowed something only under conditions is held by them.

use crate::policy::operand::Network;
use crate::policy::{Condition, ConditionValue, Operand, Quantifier, Statement, Test};

/// Keys that say how a request comes, not who may make it: most are in the caller's hand (AWS:
/// "AWS global condition context keys").
const HOW_NOT_WHO: [&str; 8] = [
    "aws:securetransport",
    "aws:useragent",
    "aws:referer",
    "aws:currenttime",
    "aws:epochtime",
    "s3:tlsversion",
    "s3:signatureversion",
    "s3:authtype",
];

/// Keys that limit where something is, not what it may do: IAM has no Regions, and its resources are
/// in the account of the caller.
const WHERE_ONLY: [&str; 4] = [
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:principalaccount",
];

impl Condition {
    /// Returns whether the condition, in an Allow, keeps some callers or requests out that would
    /// otherwise come in, as far as its text tells.
    #[must_use]
    pub fn is_limit(&self, statement: &Statement) -> bool {
        let Some(operator) = self.operator else {
            return false;
        };
        if HOW_NOT_WHO.contains(&&*self.key) || self.values.is_empty() {
            return false;
        }
        // Without the key they are true: `…IfExists`, `Not…` and `ForAllValues` alike ("IAM JSON
        // policy elements: Condition operators").
        let holds_when_absent = operator.if_exists
            || operator.negated && operator.quantifier != Some(Quantifier::ForAnyValue)
            || operator.quantifier == Some(Quantifier::ForAllValues);
        if holds_when_absent && !self.is_always_there(statement) {
            return false;
        }
        match operator.test {
            // Only what has the tag, or who has it.
            Test::Null => {
                let is_tag =
                    self.key.contains("resourcetag/") || self.key.contains("principaltag/");
                let is_there = |it: &ConditionValue| matches!(it.operand, Operand::Truth(false));
                is_tag && self.values.iter().all(is_there)
            }
            _ if operator.negated => true,
            Test::IpAddress => !self.values.iter().any(is_any_address),
            _ => !self.values.iter().any(|it| {
                let text = it.template.text();
                text.bytes().all(|byte| byte == b'*')
                    && !text.is_empty()
                    && is_pattern(operator.test)
            }),
        }
    }

    /// Returns whether requests are sure to carry the key, because the statement demands it or AWS
    /// always sends it.
    fn is_always_there(&self, statement: &Statement) -> bool {
        let is_demanded = statement.conditions.iter().any(|other| {
            let is_null = other
                .operator
                .is_some_and(|it| it.test == Test::Null && it.quantifier.is_none());
            let is_false = |value: &ConditionValue| matches!(value.operand, Operand::Truth(false));
            is_null && other.key == self.key && other.values.iter().all(is_false)
        });
        is_demanded
            || matches!(
                &*self.key,
                "aws:requestedregion"
                    | "aws:principalaccount"
                    | "aws:principalarn"
                    | "aws:principaltype"
                    | "aws:userid"
                    | "aws:resourceaccount"
            )
    }

    /// Returns whether the condition limits authority: a condition on the Region does not, since
    /// IAM has none.
    #[must_use]
    pub fn limits_authority(&self, statement: &Statement) -> bool {
        !WHERE_ONLY.contains(&&*self.key) && self.is_limit(statement)
    }

    /// Returns whether the condition limits what can be made: tags that a call must set do not,
    /// since whoever makes something sets them.
    #[must_use]
    pub fn limits_making(&self, statement: &Statement) -> bool {
        let is_set = self.key.starts_with("aws:requesttag/") || &*self.key == "aws:tagkeys";
        !is_set && self.limits_authority(statement)
    }

    /// Returns whether a Deny with this condition can be got around by making the call in another
    /// way or Region.
    #[must_use]
    pub fn is_avoidable(&self) -> bool {
        HOW_NOT_WHO.contains(&&*self.key) || &*self.key == "aws:requestedregion"
    }
}

const fn is_pattern(test: Test) -> bool {
    matches!(test, Test::StringLike | Test::Arn)
}

const fn is_any_address(value: &ConditionValue) -> bool {
    matches!(
        value.operand,
        Operand::Network(Some(Network::V4(_, 0) | Network::V6(_, 0)))
    )
}
