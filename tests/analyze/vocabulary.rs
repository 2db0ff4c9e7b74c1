//! What random policies are made of: few words, so that the two sides and the requests meet.

use serde_json::{Value, json};

use super::generate::{has_one, swap_name};
use super::random::Random;

pub(crate) const ACTIONS: [&str; 14] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:Get*",
    "s3:*",
    "S3:getobject",
    "s3:?etObject",
    "s3:*Object",
    "*",
    "ec2:StartInstances",
    "ec2:*Instances",
    "s*:GetObject",
    "*:Get*",
    "iam:GetRole",
    "iam:Get*",
];

pub(crate) const RESOURCES: [&str; 17] = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/?*",
    "arn:aws:s3:::b/a*",
    "arn:aws:s3:::b/*a",
    "arn:aws:s3:::b/a",
    "arn:aws:s3:::b/A",
    "arn:aws:s3:::*",
    "arn:aws:s3:::?/a*",
    "arn:aws:s3:*",
    "arn:aws:*:*:*:b/a",
    "arn:aws:ec2:*:111122223333:instance/*",
    "arn:aws:ec2:us-east-1:*:instance/i-?",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::*:role/a",
    "arn:*",
    "*b/*",
];

pub(crate) const RESOURCE_TEMPLATES: [&str; 15] = [
    "arn:aws:s3:::b/${aws:username}",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:username}*",
    "arn:aws:s3:::b/?${aws:username}",
    "arn:aws:s3:::b/${aws:username}?",
    "arn:aws:s3:::b/*${aws:username}",
    "arn:aws:s3:::b/${aws:username}${aws:username}",
    "arn:aws:s3:::b/${aws:username, 'a'}",
    "arn:aws:s3:::b/${aws:username, 'a'}/*",
    "arn:aws:s3:::b/${aws:PrincipalTag/t}",
    "arn:aws:s3:::b/${aws:PrincipalTag/t}/${aws:username}",
    "arn:aws:s3:::b/${aws:PrincipalTag/t}${aws:username}",
    "arn:aws:s3:::b/a${AWS:UserName}",
    "arn:aws:s3:::b/${*}",
    "arn:aws:s3:::b/${aws:username",
];

pub(crate) const TEXT_TEMPLATES: [&str; 15] = [
    "${aws:username}",
    "${aws:username}",
    "${aws:PrincipalTag/t}",
    "${aws:PrincipalTag/t}",
    "a${aws:username}",
    "${aws:username}b",
    "?${aws:username}",
    "${aws:username}?",
    "*${aws:username}",
    "${aws:username}*",
    "${aws:username}${aws:username}",
    "${aws:username}${aws:PrincipalTag/t}",
    "${aws:username, 'a'}",
    "${aws:PrincipalTag/t, 'b'}/*",
    "${?}",
];

pub(crate) const ARN_TEMPLATES: [&str; 4] = [
    "arn:aws:iam::111122223333:role/${aws:username}",
    "arn:aws:iam::111122223333:role/${aws:username}/*",
    "arn:aws:iam::${aws:PrincipalTag/t}:role/a",
    "arn:aws:iam::111122223333:*${aws:username}",
];

pub(crate) const TEXT_PATTERNS: [&str; 10] =
    ["a*", "*b", "?", "a?", "*a*", "?*", "*", "a*b", "A*", "*a?"];

/// A condition key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) is_list: bool,
}

/// What values a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Arn,
    Address,
    Date,
    Bool,
    Number,
    Binary,
}

const fn one(name: &'static str, kind: Kind) -> Key {
    Key {
        name,
        kind,
        is_list: false,
    }
}

const fn list(name: &'static str) -> Key {
    Key {
        name,
        kind: Kind::Text,
        is_list: true,
    }
}

/// So many of the first keys are texts.
pub(crate) const TEXT_KEYS: usize = 8;

pub(crate) const KEYS: [Key; 15] = [
    one("aws:PrincipalTag/t", Kind::Text),
    one("aws:ResourceTag/t", Kind::Text),
    one("aws:RequestTag/t", Kind::Text),
    one("aws:username", Kind::Text),
    one("x:text", Kind::Text),
    list("aws:TagKeys"),
    list("aws:CalledVia"),
    list("x:list"),
    one("aws:SourceArn", Kind::Arn),
    one("aws:PrincipalArn", Kind::Arn),
    one("aws:SourceIp", Kind::Address),
    one("aws:CurrentTime", Kind::Date),
    one("aws:SecureTransport", Kind::Bool),
    one("s3:max-keys", Kind::Number),
    one("x:bytes", Kind::Binary),
];

impl Kind {
    pub(crate) const fn operators(self) -> &'static [&'static str] {
        match self {
            Self::Text => &[
                "StringEquals",
                "StringLike",
                "StringNotEquals",
                "StringNotLike",
                "StringEqualsIgnoreCase",
                "StringNotEqualsIgnoreCase",
                "Null",
            ],
            Self::Arn => &["ArnLike", "ArnEquals", "ArnNotLike", "StringLike", "Null"],
            Self::Address => &["IpAddress", "NotIpAddress", "IpAddress", "Null"],
            Self::Date => &[
                "DateEquals",
                "DateNotEquals",
                "DateLessThan",
                "DateLessThanEquals",
                "DateGreaterThan",
                "DateGreaterThanEquals",
            ],
            Self::Bool => &["Bool", "Bool", "StringEquals", "Null"],
            Self::Number => &[
                "NumericEquals",
                "NumericNotEquals",
                "NumericLessThan",
                "NumericLessThanEquals",
                "NumericGreaterThan",
                "NumericGreaterThanEquals",
            ],
            Self::Binary => &["BinaryEquals"],
        }
    }

    pub(crate) const fn values(self) -> &'static [&'static str] {
        match self {
            Self::Text => &[
                "a", "b", "ab", "a/b", "a:b", "A", "", "aa", "k", "K", "\u{212A}",
            ],
            Self::Arn => &[
                "arn:aws:iam::111122223333:role/a",
                "arn:aws:iam::111122223333:role/*",
                "arn:*:iam::*:role/a",
                "arn:aws:sns:*:*:a:b*",
                "arn:aws:iam::1111?2223333:*",
                "arn:aws:iam::*",
                "*",
                "bad",
                "arn:aws:s3:::b",
            ],
            Self::Address => &[
                "10.0.0.0/8",
                "10.0.0.0/9",
                "10.128.0.0/9",
                "10.1.2.3",
                "0.0.0.0/0",
                "192.0.2.5/24",
                "2001:db8::/32",
                "2001:db8::/33",
                "2001:db8:8000::/33",
                "2001:db8::5/64",
                "::/0",
            ],
            Self::Date => &[
                "2030-01-01T00:00:00Z",
                "2030-01-01",
                "1893456000",
                "2030-01-01T00:00:01Z",
                "2029-12-31T23:59:59.999Z",
                "2031-01-01T00:00:00Z",
            ],
            Self::Bool => &["true", "false"],
            Self::Number => &["1", "2", "1.5", "10", "1e1", "-1", "5", "1.0"],
            Self::Binary => &["AAE=", "AQI=", "AAE"],
        }
    }
}

/// The text with a character or two replaced by wildcards, but for policy variables.
pub(crate) fn wild(random: &mut Random, text: &str) -> String {
    if text.contains("${") {
        return text.to_owned();
    }
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..1 + random.below(2) {
        if characters.is_empty() {
            break;
        }
        let at = random.below(characters.len());
        match random.below(3) {
            0 => characters[at] = '*',
            1 => characters[at] = '?',
            _ => characters.insert(at, '*'),
        }
    }
    characters.into_iter().collect()
}

/// Operators that say the opposite of each other where the key is there.
const OPPOSITES: [(&str, &str); 9] = [
    ("StringEquals", "StringNotEquals"),
    ("StringLike", "StringNotLike"),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ("ArnLike", "ArnNotLike"),
    ("IpAddress", "NotIpAddress"),
    ("NumericLessThan", "NumericGreaterThanEquals"),
    ("NumericEquals", "NumericNotEquals"),
    ("DateLessThan", "DateGreaterThanEquals"),
    ("DateEquals", "DateNotEquals"),
];

/// The opposite of an operator on one value.
pub(crate) fn opposite(operator: &str) -> Option<&'static str> {
    OPPOSITES.iter().find_map(|(one, other)| match operator {
        it if it == *one => Some(*other),
        it if it == *other => Some(*one),
        _ => None,
    })
}

/// An operator that is nearly the same.
pub(crate) fn twin(random: &mut Random, operator: &str) -> String {
    if operator == "Null" {
        return operator.to_owned();
    }
    let (set, rest) = operator.rsplit_once(':').map_or(("", operator), |it| it);
    let plain = rest.trim_end_matches("IfExists");
    match random.below(4) {
        0 if plain.len() == rest.len() => format!("{operator}IfExists"),
        0 => operator.trim_end_matches("IfExists").to_owned(),
        1 if !set.is_empty() => {
            let other = ["ForAnyValue", "ForAllValues"][usize::from(set == "ForAnyValue")];
            format!("{other}:{rest}")
        }
        2 if plain == "StringLike" => "StringEquals".to_owned(),
        2 if plain == "StringEquals" => "StringLike".to_owned(),
        _ => {
            let other = opposite(plain).unwrap_or(plain);
            operator.replace(plain, other)
        }
    }
}

/// An Allow as several statements that together allow the same, or nearly so where a law holds
/// only in part.
pub(crate) fn pieces(random: &mut Random, whole: &Value) -> Vec<Value> {
    let mut pieces = vec![whole.clone()];
    for _ in 0..1 + random.below(2) {
        let at = random.below(pieces.len());
        let piece = pieces.remove(at);
        pieces.extend(cut(random, &piece));
    }
    pieces
}

fn cut(random: &mut Random, whole: &Value) -> Vec<Value> {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut piece = whole.clone();
        change(&mut piece);
        piece
    };
    let condition = |operator: &str, key: &str, value: Value| {
        with(&|it| {
            it["Condition"][operator][key] = value.clone();
        })
    };
    match random.below(9) {
        // One condition and its opposite; with `IfExists` once in a while the missing key twice.
        0..=2 => {
            let key = random.pick(&KEYS[..TEXT_KEYS]);
            let value = random.pick(key.kind.values());
            let (one, other) = OPPOSITES[random.below(3)];
            if key.is_list {
                return vec![
                    condition(&format!("ForAnyValue:{one}"), key.name, json!([value])),
                    condition(&format!("ForAllValues:{other}"), key.name, json!([value])),
                ];
            }
            vec![
                condition(one, key.name, json!([value])),
                condition(other, key.name, json!([value])),
            ]
        }
        3 => {
            let (one, other, key, value) = [
                (
                    "NumericLessThan",
                    "NumericGreaterThanEquals",
                    "s3:max-keys",
                    "5",
                ),
                (
                    "DateLessThan",
                    "DateGreaterThanEquals",
                    "aws:CurrentTime",
                    "2030-01-01",
                ),
                ("IpAddress", "NotIpAddress", "aws:SourceIp", "10.0.0.0/8"),
                (
                    "ArnLike",
                    "ArnNotLike",
                    "aws:SourceArn",
                    "arn:aws:iam::*:role/*",
                ),
            ][random.below(4)];
            vec![
                condition(one, key, json!([value])),
                condition(other, key, json!([value])),
                condition("Null", key, json!(["true"])),
            ]
        }
        4 => {
            let key = random.pick(&KEYS).name;
            vec![
                condition("Null", key, json!(["true"])),
                condition("Null", key, json!(["false"])),
            ]
        }
        5 => {
            let name = has_one(whole, "Resource", "NotResource");
            let pattern = *random.pick(&RESOURCES);
            if name != "Resource" {
                return vec![whole.clone()];
            }
            let one = with(&|it| it["Resource"] = json!([pattern]));
            let other = with(&|it| {
                it["Resource"] = json!([pattern]);
                swap_name(it, "Resource", "NotResource");
            });
            vec![one, other]
        }
        6 if whole["NotResource"].is_null() => {
            let one = with(&|it| it["Resource"] = json!(["arn:aws:s3:::b/", "arn:aws:s3:::b/?"]));
            let other = with(&|it| it["Resource"] = json!(["arn:aws:s3:::b/??*"]));
            vec![one, other, whole.clone()]
        }
        7 => {
            // Two halves of a network, of which the whole is another piece's.
            let halves = ["10.0.0.0/9", "10.128.0.0/9"];
            let mut pieces = halves.map(|it| condition("IpAddress", "aws:SourceIp", json!([it])));
            pieces[1]["Sid"] = "half".into();
            pieces.to_vec()
        }
        _ => {
            let names = ["Action", "Resource"];
            let name = names[random.below(2)];
            let Some(list) = whole[name].as_array().filter(|it| it.len() > 1) else {
                return vec![whole.clone(), whole.clone()];
            };
            list.iter()
                .map(|item| with(&|it| it[name] = json!([item])))
                .collect()
        }
    }
}
