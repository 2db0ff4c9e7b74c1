//! Whether an operator compares what its key holds.

use super::expand::Memo;
use crate::catalog::{KeyType, hole_start};
use crate::policy::{Condition, Test};

/// How an operator and its key go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The operator reads values as something that the key never holds.
    Unreadable {
        /// What the key holds.
        holds: &'static str,
        /// Operators that fit.
        wanted: &'static str,
    },
    /// The texts of both are compared, letter by letter.
    AsText {
        /// What the key holds.
        holds: &'static str,
        /// Operators that fit.
        wanted: &'static str,
    },
}

impl Memo {
    /// Returns how the operator misses the type that AWS documents for the key (Service
    /// Authorization Reference, "Condition keys table"). Tags hold any text, which may well be a
    /// number or an ARN, and a String key may hold an ARN: nothing is said of those.
    #[must_use]
    pub fn misfit(&self, condition: &Condition) -> Option<Misfit> {
        let test = condition.test()?;
        let key = self.key(condition)?;
        if test == Test::Null || hole_start(&key.name).is_some() {
            return None;
        }
        let (holds, wanted) = match key.key_type {
            KeyType::String => ("a text", "`StringEquals`, `StringLike`"),
            KeyType::Arn => ("an ARN", "`ArnEquals`, `ArnLike`"),
            KeyType::Bool => ("`true` or `false`", "`Bool`"),
            KeyType::Numeric => ("a number", "`NumericEquals`, `NumericLessThan`"),
            KeyType::Date => ("a date", "`DateLessThan`, `DateGreaterThan`"),
            KeyType::IpAddress => ("an IP address", "`IpAddress`, `NotIpAddress`"),
            KeyType::Binary | KeyType::Unknown => return None,
        };
        let is_text = condition.compares_strings();
        let fits = match (key.key_type, test) {
            (KeyType::String, Test::Arn | Test::Binary)
            | (KeyType::Bool, Test::Bool)
            | (KeyType::Arn, Test::Arn)
            | (KeyType::Numeric, Test::Numeric(_))
            | (KeyType::Date, Test::Date(_))
            | (KeyType::IpAddress, Test::IpAddress) => true,
            // "AWS global condition context keys": Date and Numeric both.
            (KeyType::Date, Test::Numeric(_)) => &*condition.key == "aws:epochtime",
            // ARNs are texts; whether wildcards cross their parts is another question.
            (KeyType::String | KeyType::Arn, _) => is_text,
            _ => false,
        };
        if fits {
            return None;
        }
        // Texts of networks and dates are not what a request holds, letter by letter.
        let is_range = |text: &str| text.contains('/') || text.contains(':');
        let as_text = is_text
            && match key.key_type {
                KeyType::Bool | KeyType::Numeric => true,
                KeyType::IpAddress => !condition
                    .values
                    .iter()
                    .any(|it| is_range(it.template.text())),
                _ => false,
            };
        Some(if as_text {
            Misfit::AsText { holds, wanted }
        } else {
            Misfit::Unreadable { holds, wanted }
        })
    }
}
