//! Says which values an input takes: those of the shape of its stand-in, and nothing that would
//! widen a policy, such as a wildcard.

use super::Symbol;

/// The values that an input takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Takes {
    /// The shortest.
    pub(super) least: usize,
    /// The longest.
    pub(super) most: usize,
    /// A regular expression that RE2 and Java read alike, from start to end.
    pub(super) pattern: String,
    /// What they are, to follow "must be".
    pub(super) told: String,
}

/// Returns the values that the input of a stand-in takes.
pub(super) fn takes(symbol: &Symbol) -> Takes {
    let text = &*symbol.text;
    if symbol.input == "external-id" {
        // AWS STS API Reference, AssumeRole, ExternalId.
        return Takes {
            least: 2,
            most: 1224,
            pattern: "^[0-9A-Za-z_+=,.@:/-]+$".to_owned(),
            told: "2 to 1,224 letters, digits and characters of _+=,.@:/- as AWS takes them; \
                   without an external ID anybody whom the vendor serves could have the vendor act here"
                .to_owned(),
        };
    }
    if symbol.input == "region" {
        return Takes {
            least: 6,
            most: 32,
            pattern: "^[a-z]+(-[a-z]+)+-[0-9]+$".to_owned(),
            told: "the code of one AWS Region, such as eu-central-1".to_owned(),
        };
    }
    if text.chars().all(|it| it.is_ascii_digit()) {
        let digits = text.len();
        return if digits == 12 {
            Takes {
                least: 12,
                most: 12,
                pattern: "^[0-9]{12}$".to_owned(),
                told: "the 12 digits of an AWS account ID".to_owned(),
            }
        } else {
            Takes {
                least: 1,
                most: 128,
                pattern: "^[0-9]+$".to_owned(),
                told: "digits".to_owned(),
            }
        };
    }
    if text.starts_with('/') && text.ends_with('/') {
        // AWS IAM API Reference, Path; fewer characters than it takes.
        return Takes {
            least: 1,
            most: 512,
            pattern: "^/([0-9A-Za-z+=,.@_-]+/)*$".to_owned(),
            told: "an IAM path, which starts and ends with /".to_owned(),
        };
    }
    // The characters of names in IAM, and what the stand-in has besides.
    let mut characters = "0-9A-Za-z+=,.@_".to_owned();
    let mut told = "letters, digits and characters of +=,.@_".to_owned();
    for extra in ['/', ':'] {
        if text.contains(extra) {
            characters.push(extra);
            told.push(extra);
        }
    }
    characters.push('-');
    told.push('-');
    if text.ends_with('-') {
        told.push_str(", and end with -");
        return Takes {
            least: 2,
            most: 128,
            pattern: format!("^[{characters}]+-$"),
            told,
        };
    }
    Takes {
        least: 1,
        most: 512,
        pattern: format!("^[{characters}]+$"),
        told,
    }
}
