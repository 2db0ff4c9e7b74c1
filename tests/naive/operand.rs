//! Numbers, dates and addresses, read the plain way.

use std::cmp::Ordering;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Compares two decimals as texts; none where one is no decimal (C10, C11).
pub(crate) fn compare_numbers(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (Digits::read(left)?, Digits::read(right)?);
    Some(left.compare(&right))
}

/// A decimal written out without an exponent.
struct Digits {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Digits {
    fn read(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
                    return None;
                }
                (mantissa, exponent.parse::<i32>().ok()?)
            }
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return None;
        }
        let (mut whole, mut fraction) = (whole.to_owned(), fraction.to_owned());
        for _ in 0..exponent {
            whole.push(if fraction.is_empty() {
                '0'
            } else {
                fraction.remove(0)
            });
        }
        for _ in exponent..0 {
            fraction.insert(0, whole.pop().unwrap_or('0'));
        }
        Some(Self {
            negative,
            whole,
            fraction,
        })
    }

    fn compare(&self, other: &Self) -> Ordering {
        let whole = self.whole.len().max(other.whole.len());
        let fraction = self.fraction.len().max(other.fraction.len());
        let write = |it: &Self| format!("{:0>whole$}{:0<fraction$}", it.whole, it.fraction);
        let (left, right) = (write(self), write(other));
        let zero = |it: &str| it.bytes().all(|it| it == b'0');
        match (
            self.negative && !zero(&left),
            other.negative && !zero(&right),
        ) {
            (false, false) => left.cmp(&right),
            (true, true) => right.cmp(&left),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

/// Returns the milliseconds since 1970 of a date; none where the text is no date (C12).
pub(crate) fn milliseconds(text: &str) -> Option<i64> {
    if !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()) && text.len() > 4 {
        return Some(text.parse::<i64>().ok()? * 1000);
    }
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let mut parts = day.split('-');
    let year = number(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |it| number(it, 2))?;
    let day_of_month = parts.next().map_or(Some(1), |it| number(it, 2))?;
    if parts.next().is_some() || !(1..=12).contains(&month) {
        return None;
    }
    if day_of_month < 1 || day_of_month > month_length(year, month) {
        return None;
    }
    let mut days = day_of_month - 1;
    for earlier in 1..month {
        days += month_length(year, earlier);
    }
    for earlier in 1970..year {
        days += if leap(earlier) { 366 } else { 365 };
    }
    for later in year..1970 {
        days -= if leap(later) { 366 } else { 365 };
    }
    let mut milliseconds = days * 86_400_000;
    if let Some(time) = time {
        milliseconds += time_of_day(time)?;
    }
    Some(milliseconds)
}

fn time_of_day(text: &str) -> Option<i64> {
    let (time, offset) = match text.find(['Z', '+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, "Z"),
    };
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut parts = clock.split(':');
    let hour = number(parts.next()?, 2)?;
    let minute = number(parts.next()?, 2)?;
    let second = parts.next().map_or(Some(0), |it| number(it, 2))?;
    if hour > 23 || minute > 59 || second > 59 || parts.next().is_some() {
        return None;
    }
    let fraction = format!("{fraction:0<3}");
    let thousandths = number(&fraction[..3], 3)?;
    let offset = match offset {
        "Z" => 0,
        other => {
            let (hours, minutes) = other[1..].split_once(':')?;
            let size = number(hours, 2)? * 60 + number(minutes, 2)?;
            if other.starts_with('-') { -size } else { size }
        }
    };
    Some(((hour * 60 + minute - offset) * 60 + second) * 1000 + thousandths)
}

fn number(text: &str, length: usize) -> Option<i64> {
    let digits = text.len() == length && text.bytes().all(|it| it.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn leap(year: i64) -> bool {
    year % 4 == 0 && year % 100 != 0 || year % 400 == 0
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// An address as its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bits {
    /// IPv4.
    Four(u32),
    /// IPv6.
    Six(u128),
}

/// Reads an address as written; IPv4 parts may have leading zeros (C18).
pub(crate) fn address(text: &str) -> Option<Bits> {
    let part = |it: &str| {
        let digits = !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
        digits.then(|| it.parse::<u8>().ok()).flatten()
    };
    let parts: Option<Vec<u8>> = text.split('.').map(part).collect();
    if let Some([a, b, c, d]) = parts.as_deref() {
        return Some(Bits::Four(Ipv4Addr::new(*a, *b, *c, *d).into()));
    }
    let six: Ipv6Addr = text.parse().ok()?;
    Some(Bits::Six(six.into()))
}

/// Reads the address of a request: `::ffff:a.b.c.d` is IPv4 (C20).
pub(crate) fn request_address(text: &str) -> Option<Bits> {
    match address(text)? {
        Bits::Six(bits) if bits >> 32 == 0xffff => Some(Bits::Four(bits as u32)),
        bits => Some(bits),
    }
}

/// Returns whether an address lies in a network of a policy (C17 to C20).
pub(crate) fn in_network(request: Bits, network: &str) -> bool {
    let (base, length) = match network.split_once('/') {
        Some((base, length)) => (base, Some(length)),
        None => (network, None),
    };
    let Some(base) = address(base) else {
        return false;
    };
    let width = if matches!(base, Bits::Four(_)) {
        32
    } else {
        128
    };
    let length = match length {
        None => width,
        Some(text) => match text.strip_prefix('+').unwrap_or(text).parse::<u32>() {
            Ok(length) if length <= width => length,
            _ => return false,
        },
    };
    match (request, base) {
        (Bits::Four(request), Bits::Four(base)) => {
            (0..length).all(|at| request >> (31 - at) & 1 == base >> (31 - at) & 1)
        }
        (Bits::Six(request), Bits::Six(base)) => {
            let bit = |bits: u128, at: u32| bits >> (127 - at) & 1;
            (length..128).all(|at| bit(base, at) == 0)
                && (0..length).all(|at| bit(request, at) == bit(base, at))
        }
        _ => false,
    }
}
