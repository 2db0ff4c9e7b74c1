//! An access key from standard input.

use std::io::Read as _;

use secrecy::SecretString;
use serde_json::Value;
use zeroize::Zeroizing;

/// The longest text that can be a key.
const MOST: u64 = 16 * 1024;

/// Reads the id and the secret of an access key.
pub(super) fn from_stdin() -> Result<(String, SecretString), String> {
    let mut text = Zeroizing::new(String::new());
    let mut input = std::io::stdin().lock().take(MOST);
    if input.read_to_string(&mut text).is_err() {
        return Err("standard input is not UTF-8: an access key was expected".into());
    }
    parse(&text).ok_or_else(|| {
        "standard input holds no access key\nhelp: pass the JSON that `aws iam create-access-key` \
         prints, or its id and its secret on two lines"
            .into()
    })
}

/// Reads `aws iam create-access-key`'s answer, or two lines.
fn parse(text: &str) -> Option<(String, SecretString)> {
    if let Ok(mut value) = serde_json::from_str::<Value>(text) {
        let key = value.get_mut("AccessKey")?;
        let id = key.get("AccessKeyId")?.as_str()?.to_owned();
        let Value::String(secret) = key.get_mut("SecretAccessKey")?.take() else {
            return None;
        };
        return Some((id, SecretString::from(secret)));
    }
    let mut words = text.split_whitespace();
    let (id, secret) = (words.next()?, words.next()?);
    let is_whole = words.next().is_none() && id.len() >= 16 && secret.len() >= 16;
    is_whole.then(|| (id.to_owned(), SecretString::from(secret)))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::parse;

    #[test]
    fn a_key_comes_as_json_or_on_two_lines() {
        let json = r#"{"AccessKey": {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "not/a+secret-of-anybody-really"}}"#;
        let lines = "AKIAIOSFODNN7EXAMPLE\nnot/a+secret-of-anybody-really\n";
        for text in [json, lines] {
            let (id, secret) = parse(text).unwrap();
            assert_eq!(id, "AKIAIOSFODNN7EXAMPLE");
            assert_eq!(secret.expose_secret(), "not/a+secret-of-anybody-really");
        }
        for text in [
            "",
            "AKIAIOSFODNN7EXAMPLE",
            "a b",
            "one two three four",
            "{}",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
