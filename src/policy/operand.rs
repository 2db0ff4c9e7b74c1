//! Values of typed conditions: numbers, dates, addresses, booleans.
//!
//! The same readers serve the policy's side and the request's. Their odd corners (leading zeros,
//! epoch seconds, IPv6 host bits) were recorded against AWS; the rule ids name them. AWS: "IAM JSON
//! policy elements: Condition operators".

use std::cmp::Ordering;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::switch::on;

/// An exact decimal number: sign, digits without outer zeros, and the power of ten of the first
/// digit (C10: no binary rounding).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    digits: Box<[u8]>,
    exponent: i64,
}

impl Decimal {
    /// Reads an integer, fraction or exponent form with optional sign and leading zeros.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], rest[at + 1..].parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let first = digits.iter().position(|digit| *digit != b'0');
        let Some(first) = first else {
            return Some(Self {
                negative: false,
                digits: Box::default(),
                exponent: 0,
            });
        };
        let last = digits
            .iter()
            .rposition(|digit| *digit != b'0')
            .unwrap_or(first);
        let exponent =
            i64::from(exponent) + i64::try_from(whole.len()).ok()? - i64::try_from(first).ok()?;
        Some(Self {
            negative,
            digits: digits[first..=last].into(),
            exponent,
        })
    }
}

/// As a policy would write it: plain digits, or with an exponent where that would be long.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        if self.negative {
            f.write_str("-")?;
        }
        let digits = String::from_utf8_lossy(&self.digits);
        let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        match usize::try_from(self.exponent) {
            Ok(whole) if self.exponent >= count && self.exponent <= 20 => {
                write!(f, "{digits}{}", "0".repeat(whole - digits.len()))
            }
            Ok(whole) if whole > 0 && self.exponent < count => {
                write!(f, "{}.{}", &digits[..whole], &digits[whole..])
            }
            _ if (-20..=0).contains(&self.exponent) => {
                let zeros = usize::try_from(-self.exponent).unwrap_or_default();
                write!(f, "0.{}{digits}", "0".repeat(zeros))
            }
            _ => write!(f, "0.{digits}e{}", self.exponent),
        }
    }
}

impl Decimal {
    /// Returns a number below this one.
    pub(crate) fn below(&self) -> String {
        match (self.negative, self.digits.is_empty()) {
            (_, true) => "-1".to_owned(),
            (true, _) => format!("-{}", self.larger()),
            (false, _) => "0".to_owned(),
        }
    }

    /// Returns a number above this one.
    pub(crate) fn above(&self) -> String {
        match (self.negative, self.digits.is_empty()) {
            (_, true) => "1".to_owned(),
            (true, _) => "0".to_owned(),
            (false, _) => self.larger(),
        }
    }

    /// The next power of ten.
    fn larger(&self) -> String {
        let one = Self {
            negative: false,
            digits: Box::new([b'1']),
            exponent: self.exponent.saturating_add(1),
        };
        one.to_string()
    }

    /// Returns a number strictly between this one and a larger one.
    pub(crate) fn between(&self, larger: &Self) -> String {
        if self.negative && !larger.negative && !larger.digits.is_empty() {
            return "0".to_owned();
        }
        // Away from zero from the one that is nearer to it.
        let (near, far) = if larger.negative || self.negative {
            (larger, self)
        } else {
            (self, larger)
        };
        if near.digits.is_empty() {
            // Half of the far one at most: a tenth.
            let tenth = Self {
                exponent: far.exponent.saturating_sub(1),
                ..far.clone()
            };
            return tenth.to_string();
        }
        let mut zeros = 0;
        loop {
            let mut digits = near.digits.to_vec();
            let whole = usize::try_from(near.exponent.clamp(0, 20)).unwrap_or_default();
            // Behind the decimal point and behind the digits.
            digits.resize(digits.len().max(whole) + zeros, b'0');
            digits.push(b'5');
            let candidate = Self {
                negative: far.negative,
                digits: digits.into(),
                exponent: near.exponent,
            };
            let is_between = match candidate.negative {
                false => candidate < *far,
                true => candidate > *far,
            };
            if is_between {
                return candidate.to_string();
            }
            zeros += 1;
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = || {
            (!self.digits.is_empty())
                .cmp(&!other.digits.is_empty())
                .then_with(|| {
                    if self.digits.is_empty() {
                        Ordering::Equal
                    } else {
                        self.exponent.cmp(&other.exponent)
                    }
                })
                .then_with(|| self.digits.cmp(&other.digits))
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => magnitude(),
            (true, true) => magnitude().reverse(),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A point in time in milliseconds since 1970-01-01T00:00:00Z (C12).
#[must_use]
pub fn date(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let epoch = unsigned.len() > 4 || !unsigned.bytes().all(|byte| byte.is_ascii_digit());
    if epoch
        && unsigned
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && let Some(milliseconds) = epoch_milliseconds(text)
    {
        return Some(milliseconds);
    }
    iso_milliseconds(text)
}

/// Writes a point in time in the form that [`date`] reads first: `2030-01-01T00:00:00Z`. Times
/// outside the years 1 to 9999 are seconds since 1970.
#[must_use]
pub(crate) fn date_text(milliseconds: i64) -> String {
    let (days, rest) = (
        milliseconds.div_euclid(86_400_000),
        milliseconds.rem_euclid(86_400_000),
    );
    let (year, month, day) = date_from_epoch(days);
    let (seconds, thousandths) = (rest / 1000, rest % 1000);
    if !(1..=9999).contains(&year) {
        let sign = if milliseconds < 0 { "-" } else { "" };
        let milliseconds = milliseconds.unsigned_abs();
        return format!("{sign}{}.{:03}", milliseconds / 1000, milliseconds % 1000);
    }
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = match thousandths {
        0 => String::new(),
        thousandths => format!(".{thousandths:03}"),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// Year, month and day of a number of days since 1970-01-01 in the proleptic Gregorian calendar.
const fn date_from_epoch(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

fn epoch_milliseconds(text: &str) -> Option<i64> {
    let factor = if on("C12") { 1000 } else { 1 };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let seconds: i64 = whole.parse().ok()?;
    let mut thousandths = 0;
    for at in 0..3 {
        let digit = fraction.as_bytes().get(at).copied().unwrap_or(b'0');
        thousandths = thousandths * 10 + i64::from(digit.checked_sub(b'0')?);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    seconds.checked_mul(factor)?.checked_add(sign * thousandths)
}

/// The forms of W3C's "Date and Time Formats" note: year to day, with an optional time and zone.
fn iso_milliseconds(text: &str) -> Option<i64> {
    let (day, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let mut parts = day.split('-');
    let year = fixed(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| fixed(part, 2))?;
    let date = parts.next().map_or(Some(1), |part| fixed(part, 2))?;
    if parts.next().is_some() || !(1..=12).contains(&month) {
        return None;
    }
    if date < 1 || date > days_in_month(year, month) {
        return None;
    }
    let mut milliseconds = days_from_epoch(year, month, date) * 86_400_000;
    if let Some(time) = time {
        let (clock, zone) = match time.find(['Z', 'z', '+', '-']) {
            Some(at) => (&time[..at], &time[at..]),
            None => (time, "Z"),
        };
        milliseconds += clock_milliseconds(clock)? - zone_milliseconds(zone)?;
    }
    Some(milliseconds)
}

fn clock_milliseconds(clock: &str) -> Option<i64> {
    let mut parts = clock.splitn(3, ':');
    let hour = fixed(parts.next()?, 2)?;
    let minute = fixed(parts.next()?, 2)?;
    let (second, fraction) = match parts.next() {
        None => (0, ""),
        Some(part) => match part.split_once('.') {
            Some((second, fraction)) if !fraction.is_empty() => (fixed(second, 2)?, fraction),
            Some(_) => return None,
            None => (fixed(part, 2)?, ""),
        },
    };
    if hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let mut thousandths = 0;
    for at in 0..3 {
        let digit = fraction.as_bytes().get(at).copied().unwrap_or(b'0');
        thousandths = thousandths * 10 + i64::from(digit.checked_sub(b'0').filter(|it| *it < 10)?);
    }
    Some(((hour * 60 + minute) * 60 + second) * 1000 + thousandths)
}

fn zone_milliseconds(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits = zone.get(1..)?;
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (fixed(hours, 2)?, fixed(minutes, 2)?),
        None if digits.len() == 4 => (fixed(&digits[..2], 2)?, fixed(&digits[2..], 2)?),
        None => (fixed(digits, 2)?, 0),
    };
    Some(sign * (hours * 60 + minutes) * 60_000)
}

fn fixed(text: &str, length: usize) -> Option<i64> {
    if text.len() != length || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
const fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    // Years start in March here, so that the leap day comes last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// `true` in any letter case is true, every other text false (C14).
#[must_use]
pub const fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

/// A range of addresses of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Address bits and prefix length.
    V4(u32, u32),
    /// Address bits and prefix length.
    V6(u128, u32),
}

/// One address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// An IPv4 address.
    V4(u32),
    /// An IPv6 address.
    V6(u128),
}

impl Address {
    /// Reads a request's address; an IPv4-mapped IPv6 address is IPv4 (C20).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let address = parse_address(text)?;
        if let Self::V6(bits) = address
            && bits >> 32 == 0xFFFF
            && on("C20")
        {
            return Some(Self::V4(
                u32::try_from(bits & 0xFFFF_FFFF).unwrap_or_default(),
            ));
        }
        Some(address)
    }
}

impl Network {
    /// Reads a policy's network or single address (C17 to C20).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(parse_prefix(prefix)?)),
            None => (text, None),
        };
        match parse_address(address)? {
            Address::V4(bits) => {
                let length = prefix.unwrap_or(32);
                (length <= 32).then_some(Self::V4(bits, length))
            }
            Address::V6(bits) => {
                let length = prefix.unwrap_or(128);
                (length <= 128).then_some(Self::V6(bits, length))
            }
        }
    }

    /// Returns whether the address is in the network.
    #[must_use]
    pub fn contains(self, address: Address) -> bool {
        match (self, address) {
            (Self::V4(network, length), Address::V4(bits)) => {
                let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
                // C18: host bits in the network are ignored.
                network & mask == bits & mask && (on("C18") || network & !mask == 0)
            }
            (Self::V6(network, length), Address::V6(bits)) => {
                let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
                // C19: a network with host bits set never matches.
                (network & !mask == 0 || !on("C19")) && network & mask == bits & mask
            }
            // C17: families never match each other.
            _ => !on("C17"),
        }
    }
}

fn parse_prefix(text: &str) -> Option<u32> {
    let text = text.strip_prefix('+').filter(|_| on("C18")).unwrap_or(text);
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (!on("C18") && text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok()
}

fn parse_address(text: &str) -> Option<Address> {
    if text.contains(':') {
        return text
            .parse::<Ipv6Addr>()
            .ok()
            .map(|it| Address::V6(it.to_bits()));
    }
    if !on("C18") {
        return text
            .parse::<Ipv4Addr>()
            .ok()
            .map(|it| Address::V4(it.to_bits()));
    }
    // C18: leading zeros are decimal, which `Ipv4Addr` refuses.
    let mut bits = 0;
    let mut parts = 0;
    for part in text.split('.') {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let value: u32 = part.parse().ok().filter(|value| *value <= 255)?;
        bits = bits << 8 | value;
        parts += 1;
        if parts > 4 {
            return None;
        }
    }
    (parts == 4).then_some(Address::V4(bits))
}
