//! Reads an access key that somebody hands over: by standard input or the environment, never as an
//! argument.
//!
//! Standard input takes the secret alone or after its id, each on a line, what `aws iam create-access-key` prints (IAM API
//! Reference, "`AccessKey`"), and the CSV file that the console offers (IAM User Guide, "Manage
//! access keys for IAM users").
//!
//! INVARIANT: no message repeats what was read.
#![expect(
    clippy::disallowed_methods,
    reason = "this is `cli`, which sees the environment"
)]

use std::borrow::Cow;
use std::io::{IsTerminal as _, Read as _};

use secrecy::SecretString;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::NewSecretArgs;
use super::stop::Stop;
use crate::store::AccessKeyId;

const VARIABLE: &str = "ROLECALL_SECRET_ACCESS_KEY";

/// More than any of the shapes takes.
const MAX_BYTES: u64 = 64 * 1024;

const HOW: &str = "pipe in what `aws iam create-access-key --user-name NAME` prints, the console's \
                   CSV file, or the id and the secret on two lines; `rolecall credential` also \
                   takes the secret from ROLECALL_SECRET_ACCESS_KEY, with `--access-key-id ID`";

/// An access key as it was handed over. Its debug form shows no secret.
#[derive(Debug)]
pub(in crate::cli) struct Given {
    pub(in crate::cli) id: AccessKeyId,
    pub(in crate::cli) secret: SecretString,
}

impl NewSecretArgs {
    /// Refuses a secret that stands among the arguments.
    pub(super) fn refuse_argument(&self) -> Result<(), Stop> {
        match self.secret_access_key {
            None => Ok(()),
            Some(_) => Err(Stop::wrong_use(format!(
                "a secret is never taken as an argument, where every process and the shell's \
                 history see it: make a new one\nhelp: {HOW}"
            ))),
        }
    }

    /// Returns whether a key is handed over, as far as that shows before standard input is read.
    pub(super) fn is_given(&self) -> bool {
        self.access_key_id.is_some() || in_environment().is_some()
    }

    /// Reads the key.
    pub(super) fn read(&self) -> Result<Given, Stop> {
        self.refuse_argument()?;
        let id = self.access_key_id.as_deref();
        match in_environment() {
            Some(secret) => given(id, None, &secret),
            None => from_stdin(id),
        }
    }
}

/// Reads an access key from standard input; its id may be named apart.
pub(in crate::cli) fn from_stdin(id: Option<&str>) -> Result<Given, Stop> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(Stop::wrong_use(format!(
            "the secret access key is missing, and is not read from a terminal, which would show \
             it\nhelp: {HOW}"
        )));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(
        usize::try_from(MAX_BYTES).unwrap_or_default(),
    ));
    let read = stdin.lock().take(MAX_BYTES).read_to_end(&mut bytes);
    read.map_err(|error| format!("standard input cannot be read: {error}"))?;
    let text = std::str::from_utf8(&bytes);
    parse(id, text.map_err(|_| no_key("it is no text"))?)
}

fn in_environment() -> Option<Zeroizing<String>> {
    let secret = std::env::var(VARIABLE).map(Zeroizing::new).ok();
    secret.filter(|it| !it.trim().is_empty())
}

fn no_key(what: &str) -> Stop {
    Stop::wrong_use(format!("no access key can be read: {what}\nhelp: {HOW}"))
}

/// Reads any of the shapes.
fn parse(id: Option<&str>, text: &str) -> Result<Given, Stop> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(no_key("standard input is empty"));
    }
    if text.starts_with('{') {
        // What serde says about a wrong text repeats parts of it.
        let printed: Printed<'_> = serde_json::from_str(text)
            .map_err(|_| no_key("the JSON is not what `aws iam create-access-key` prints"))?;
        let Key { id: own, secret } = printed.key;
        return given(id, Some(&own), &Zeroizing::new(secret.into_owned()));
    }
    let mut lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
    let first = lines.next().unwrap_or_default();
    match (lines.next(), lines.next()) {
        (None, _) => given(id, None, first),
        (Some(second), None) if first.contains(',') => row(id, first, second),
        (Some(second), None) if AccessKeyId::new(first).is_ok() => given(id, Some(first), second),
        (Some(_), None) => Err(no_key(
            "the first of two lines is neither an id nor column names",
        )),
        _ => Err(no_key("there are more lines than one key takes")),
    }
}

#[derive(Deserialize)]
struct Printed<'a> {
    #[serde(rename = "AccessKey", borrow)]
    key: Key<'a>,
}

#[derive(Deserialize)]
struct Key<'a> {
    #[serde(rename = "AccessKeyId", borrow)]
    id: Cow<'a, str>,
    #[serde(rename = "SecretAccessKey", borrow)]
    secret: Cow<'a, str>,
}

/// Reads the console's CSV file: two columns, in older ones with others beside them.
fn row(id: Option<&str>, names: &str, values: &str) -> Result<Given, Stop> {
    let cell = |it: &str| it.trim().trim_matches('"').to_ascii_lowercase();
    let names: Vec<String> = names.split(',').map(cell).collect();
    let values: Vec<&str> = values.split(',').collect();
    let value = |name: &str| {
        let at = names.iter().position(|it| it == name)?;
        Some(values.get(at)?.trim().trim_matches('"'))
    };
    match (value("access key id"), value("secret access key")) {
        (Some(own), Some(secret)) => given(id, Some(own), secret),
        _ => Err(no_key(
            "the console's CSV file has the columns `Access key ID` and `Secret access key`, and \
             this text has not",
        )),
    }
}

fn given(named: Option<&str>, own: Option<&str>, secret: &str) -> Result<Given, Stop> {
    let id = match (named, own) {
        (Some(named), Some(own)) if named != own => {
            return Err(Stop::wrong_use(
                "`--access-key-id` names another key than the one that was handed over",
            ));
        }
        (Some(id), _) | (None, Some(id)) => id,
        (None, None) => {
            return Err(Stop::wrong_use(format!(
                "the secret came without the id of its key\nhelp: {HOW}"
            )));
        }
    };
    Ok(Given {
        id: AccessKeyId::new(id)?,
        secret: SecretString::from(secret.trim()),
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const ID: &str = "AKIAIOSFODNN7EXAMPLE";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn every_shape_gives_the_key() {
        let cli = format!(
            r#"{{"AccessKey": {{"UserName": "u", "AccessKeyId": "{ID}", "Status": "Active",
                "SecretAccessKey": "{SECRET}", "CreateDate": "2026-11-29T00:00:00Z"}}}}"#
        );
        let escaped = cli.replace('/', "\\/");
        let csv = format!("\u{feff}Access key ID,Secret access key\r\n{ID},{SECRET}\r\n");
        let old = format!("User name,Password,Access key ID,Secret access key\nu,,{ID},{SECRET}\n");
        let lines = format!("{ID}\n{SECRET}\n");
        for text in [cli, escaped, csv, old, lines] {
            let given = parse(None, &text).unwrap();
            assert_eq!(given.id.as_str(), ID, "{text}");
            assert_eq!(given.secret.expose_secret(), SECRET, "{text}");
            assert!(!format!("{given:?}").contains(SECRET));
        }
        let given = parse(Some(ID), &format!("{SECRET}\n")).unwrap();
        assert_eq!(given.secret.expose_secret(), SECRET);
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        let texts = [
            (None, SECRET.to_owned()),
            (None, format!(r#"{{"AccessKey": "{SECRET}"}}"#)),
            (None, format!(r#"{{"SecretAccessKey": "{SECRET}"}}"#)),
            (None, format!("{SECRET}\n{ID}")),
            (Some(ID), format!("{SECRET}\n{SECRET}\n{SECRET}")),
            (
                Some("AKIAIOSFODNN7OTHERID"),
                format!("access key id,secret access key\n{ID},{SECRET}"),
            ),
            (Some(ID), String::new()),
        ];
        for (id, text) in texts {
            let stop = parse(id, &text).unwrap_err();
            assert_eq!(stop.code, 2);
            assert!(!stop.message.contains(SECRET), "{}", stop.message);
        }
    }
}
