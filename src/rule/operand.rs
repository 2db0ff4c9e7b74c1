//! Values of conditions that say nothing, or the same as another: networks, numbers, patterns.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::pattern;
use crate::policy::operand::Network;
use crate::policy::{Comparison, Condition, ConditionValue, Operand, Test};

/// Networks whose addresses no request from the Internet has (RFC 1918, RFC 1122, RFC 3927, RFC
/// 4193, RFC 4291).
const PRIVATE: [Network; 8] = [
    Network::V4(0x0A00_0000, 8),
    Network::V4(0xAC10_0000, 12),
    Network::V4(0xC0A8_0000, 16),
    Network::V4(0x7F00_0000, 8),
    Network::V4(0xA9FE_0000, 16),
    Network::V6(0xFC00 << 112, 7),
    Network::V6(0xFE80 << 112, 10),
    Network::V6(1, 128),
];

impl Network {
    /// Returns whether every address of the other network is in this one.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::V4(own, length), Self::V4(bits, longer)) => {
                length <= longer && (own ^ bits) & mask4(length) == 0
            }
            // C19: with host bits set it has no address at all.
            (Self::V6(own, length), Self::V6(bits, longer)) => {
                !self.has_host_bits() && length <= longer && (own ^ bits) & mask6(length) == 0
            }
            _ => false,
        }
    }

    /// Returns whether bits behind the prefix are set.
    #[must_use]
    pub const fn has_host_bits(self) -> bool {
        match self {
            Self::V4(bits, length) => bits & !mask4(length) != 0,
            Self::V6(bits, length) => bits & !mask6(length) != 0,
        }
    }

    /// Returns the network as text without bits behind the prefix.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::V4(bits, length) => {
                format!("{}/{length}", Ipv4Addr::from_bits(bits & mask4(length)))
            }
            Self::V6(bits, length) => {
                format!("{}/{length}", Ipv6Addr::from_bits(bits & mask6(length)))
            }
        }
    }

    /// Returns whether all its addresses are private.
    #[must_use]
    pub fn is_private(self) -> bool {
        PRIVATE.iter().any(|it| it.covers(self))
    }

    /// Returns whether it is every address of its family.
    #[must_use]
    pub const fn is_everything(self) -> bool {
        matches!(self, Self::V4(_, 0) | Self::V6(0, 0))
    }
}

const fn mask4(length: u32) -> u32 {
    match u32::MAX.checked_shl(32 - length) {
        Some(mask) => mask,
        None => 0,
    }
}

const fn mask6(length: u32) -> u128 {
    match u128::MAX.checked_shl(128 - length) {
        Some(mask) => mask,
        None => 0,
    }
}

impl ConditionValue {
    /// Returns the network that it is.
    #[must_use]
    pub const fn network(&self) -> Option<Network> {
        match self.operand {
            Operand::Network(network) => network,
            _ => None,
        }
    }
}

impl Condition {
    /// Returns values without which the condition is the same, each with one that makes it so.
    #[must_use]
    pub fn redundant_values(&self) -> Vec<(&ConditionValue, &ConditionValue)> {
        let Some(test) = self.test() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (at, value) in self.values.iter().enumerate() {
            let by = self.values.iter().enumerate().find(|(other, wide)| {
                // Of two that say the same, the first stays.
                *other != at
                    && implies(test, value, wide)
                    && (*other < at || !implies(test, wide, value))
            });
            found.extend(by.map(|(_, wide)| (value, wide)));
        }
        found
    }
}

/// Returns whether everything that one value matches is matched by another.
fn implies(test: Test, narrow: &ConditionValue, wide: &ConditionValue) -> bool {
    let (a, b) = (narrow.template.text(), wide.template.text());
    if a == b {
        return true;
    }
    let is_plain = !narrow.template.has_variables() && !wide.template.has_variables();
    match test {
        Test::StringEqualsIgnoreCase => is_plain && a.is_ascii() && a.eq_ignore_ascii_case(b),
        Test::StringLike => is_plain && pattern::includes(b, a, |x, y| x == y),
        Test::Arn => is_plain && arn_includes(b, a),
        Test::Numeric(comparison) => match (&narrow.operand, &wide.operand) {
            (Operand::Number(Some(narrow)), Operand::Number(Some(wide))) => {
                is_within(narrow, wide, comparison)
            }
            _ => false,
        },
        Test::Date(comparison) => match (&narrow.operand, &wide.operand) {
            (Operand::Date(Some(narrow)), Operand::Date(Some(wide))) => {
                is_within(narrow, wide, comparison)
            }
            _ => false,
        },
        Test::IpAddress => match (narrow.network(), wide.network()) {
            (Some(narrow), Some(wide)) => wide.covers(narrow),
            _ => false,
        },
        Test::StringEquals | Test::Bool | Test::Binary | Test::Null => false,
    }
}

fn is_within<T: Ord>(narrow: &T, wide: &T, comparison: Comparison) -> bool {
    match comparison {
        Comparison::Equal => narrow == wide,
        Comparison::Less | Comparison::LessOrEqual => narrow <= wide,
        Comparison::Greater | Comparison::GreaterOrEqual => narrow >= wide,
    }
}

/// C22: part by part.
fn arn_includes(outer: &str, inner: &str) -> bool {
    let is_whole = |text: &str| text.bytes().filter(|byte| *byte == b':').count() >= 5;
    if outer == "*" {
        return is_whole(inner);
    }
    is_whole(outer)
        && is_whole(inner)
        && outer
            .splitn(6, ':')
            .zip(inner.splitn(6, ':'))
            .all(|(outer, inner)| pattern::includes(outer, inner, |x, y| x == y))
}

/// Returns whether an ARN pattern names an account behind a wildcard which, as `StringLike` reads
/// it, may run on over colons: the id may then stand in the name of a resource of any account (C6,
/// C22).
#[must_use]
pub fn account_is_open(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let before_account: Vec<&str> = parts.by_ref().take(4).collect();
    let has_star = before_account.iter().any(|it| it.contains('*'));
    let (Some(account), Some(_)) = (parts.next(), parts.next()) else {
        return false;
    };
    has_star && crate::arn::is_account_id(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_cover_each_other() {
        let network = |text| Network::parse(text).unwrap();
        let covers = |a, b| network(a).covers(network(b));
        assert!(covers("203.0.113.0/24", "203.0.113.7"));
        assert!(covers("203.0.113.9/24", "203.0.113.7/32"));
        assert!(covers("0.0.0.0/0", "10.0.0.0/8"));
        assert!(covers("2001:db8::/32", "2001:db8:1::/48"));
        assert!(!covers("203.0.113.7", "203.0.113.0/24"));
        assert!(!covers("2001:db8::1/32", "2001:db8:1::/48"));
        assert!(!covers("0.0.0.0/0", "::1"));
        assert!(network("172.31.0.0/16").is_private());
        assert!(!network("172.32.0.0/16").is_private());
        assert!(!network("10.0.0.0/7").is_private());
        assert_eq!(network("203.0.113.7/24").text(), "203.0.113.0/24");
        assert_eq!(network("2001:db8::5/64").text(), "2001:db8::/64");
    }

    #[test]
    fn accounts_behind_wildcards_are_open() {
        assert!(account_is_open("arn:aws:sns:*:111122223333:alarms"));
        assert!(account_is_open("arn:aws:s*:us-east-1:111122223333:*"));
        assert!(!account_is_open("arn:aws:sns:us-east-1:111122223333:*"));
        assert!(!account_is_open("arn:aws:iam::*:role/app"));
        assert!(!account_is_open("arn:aws:sns:*"));
    }
}
