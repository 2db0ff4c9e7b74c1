//! Keeps secrets that stand in a text by accident out of what is printed.
//!
//! A secret access key is forty letters of base64, a session token a few hundred (IAM User Guide,
//! "Manage access keys for IAM users"). Neither has a mark, so what looks like forty letters drawn at
//! random is hidden. Names that people make change between upper case, lower case and digits less
//! often than random ones do; ids of AWS have no lower case.

/// The length of a secret access key.
const LENGTH: usize = 40;
/// In forty random letters of base64 the kind of letter changes about 25 times, give or take 3.
const LEAST_CHANGES: usize = 16;
const HIDDEN: &str = "[hidden: looks like a secret]";

/// Returns the text without what looks like a secret.
#[must_use]
pub(super) fn hidden(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|it| !is_base64(it)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        out.push_str(if is_random(run.as_bytes()) {
            HIDDEN
        } else {
            run
        });
        let end = after.find(is_base64).unwrap_or(after.len());
        let (between, next) = after.split_at(end);
        out.push_str(between);
        rest = next;
    }
    out
}

/// Whether [`hidden`] took something out.
#[must_use]
pub(super) fn is_hidden(text: &str) -> bool {
    text.contains(HIDDEN)
}

fn is_base64(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '/' | '+' | '=')
}

fn is_random(run: &[u8]) -> bool {
    run.windows(LENGTH).any(|window| {
        let count = |kind: fn(&u8) -> bool| window.iter().filter(|it| kind(it)).count();
        let kinds = |it: &u8| {
            (
                it.is_ascii_uppercase(),
                it.is_ascii_lowercase(),
                it.is_ascii_digit(),
            )
        };
        let changes = window
            .windows(2)
            .filter(|it| kinds(&it[0]) != kinds(&it[1]))
            .count();
        count(u8::is_ascii_uppercase) >= 6
            && count(u8::is_ascii_lowercase) >= 6
            && changes >= LEAST_CHANGES
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_keys_and_tokens_and_nothing_else() {
        let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        assert!(is_random(b"kX9bQ2mZr4LwT8vN1cYh+Gd6sPfJ0aEu/7RtWiOq"));
        for text in [
            "arn:aws:s3:::backups/kX9bQ2mZr4LwT8vN1cYh+Gd6sPfJ0aEu/7RtWiOq",
            key,
        ] {
            assert!(is_hidden(&hidden(text)), "{text}");
        }
        for text in [
            "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_AdministratorAccess_0a1b2c3d4e5f6071",
            "arn:aws:s3:::logs/AWSLogs/111122223333/CloudTrail/eucentral1/2026/11/29/CloudTrailDigest",
            "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-1234-4321-abcd-0a1b2c3d4e5f",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        ] {
            assert_eq!(hidden(text), text);
        }
    }
}
