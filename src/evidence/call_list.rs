//! Reads lists of calls: one `service:Action` a line, with what is known of it behind.
//!
//! ```text
//! ec2:CreateVpc
//! s3:PutObject arn:aws:s3:::backups/db.dump      # a comment
//! iam:AttachRolePolicy arn:aws:iam::111122223333:role/app iam:PolicyARN=arn:aws:iam::aws:policy/X
//! ```
//!
//! `*` as resource is any of the action's type. `KEY=VALUE` is a condition key of the request, or
//! one of `region`, `principal` and `date`.

use super::operation::{self, Meaning, Meant};
use super::resource::{self, Home, Seen};
use super::{Denied, Observed, Place, Reading, takes_key};
use crate::catalog::Catalog;
use crate::evaluate::Principal;

/// Returns a line without its comment and the space around it.
pub(super) fn content(line: &str) -> &str {
    let mut from = 0;
    while let Some(at) = line[from..].find('#') {
        let at = from + at;
        if at == 0 || line[..at].ends_with(char::is_whitespace) {
            return line[..at].trim();
        }
        from = at + 1;
    }
    line.trim()
}

/// Whether a line begins with the name of an action or operation of a known service.
pub(super) fn is_call(line: &str) -> bool {
    let first = content(line).split_whitespace().next().unwrap_or_default();
    first.split_once(':').is_some_and(|(service, name)| {
        let is_letter = |it: u8| it.is_ascii_alphanumeric();
        operation::prefix(service).is_some() && !name.is_empty() && name.bytes().all(is_letter)
    })
}

/// Reads one line.
pub(super) fn read_line(line: &str, place: &Place, reading: &mut Reading) {
    let mut tokens = content(line).split_whitespace();
    let Some(first) = tokens.next() else {
        return;
    };
    let Some((service, name)) = first.split_once(':') else {
        let message = format!("`{first}` is no action");
        let help = "write one `service:Action` a line, what it is called on behind it";
        return reading.cannot_read(place, message, help);
    };
    if name.contains(['*', '?']) {
        let message = format!("`{first}` is a pattern, not a call");
        return reading.cannot_read(place, message, "write each action in a line of its own");
    }
    let meant = match operation::meaning(service, name) {
        Meaning::Actions(meant) => meant,
        Meaning::Unknown(message, help) => return reading.cannot_read(place, message, help),
    };
    let mut call = Given::default();
    for token in tokens {
        if !call.take(token) {
            let message = format!("`{token}` is neither an ARN nor `KEY=VALUE`");
            let help = "the line was left out: names with spaces cannot be written here";
            return reading.cannot_read(place, message, help);
        }
    }
    if let Some(message) = call.complaint() {
        let help = "the line was left out";
        return reading.cannot_read(place, message, help);
    }
    for meant in meant {
        read_call(&meant, &call, place, None, reading);
    }
}

/// What is said about a call in words.
#[derive(Debug, Default)]
pub(super) struct Given<'t> {
    pub(super) arns: Vec<&'t str>,
    pub(super) keys: Vec<(&'t str, &'t str)>,
    pub(super) region: Option<&'t str>,
    pub(super) principal: Option<&'t str>,
    pub(super) date: Option<&'t str>,
}

impl<'t> Given<'t> {
    /// Returns what is wrong with the caller or the region.
    fn complaint(&self) -> Option<String> {
        let caller = self.principal.filter(|it| {
            let principal = Principal::parse(it);
            principal.is_none_or(|it| it.identity().is_none())
        });
        let region = self.region.filter(|it| !Catalog::builtin().is_region(it));
        match (caller, region) {
            (Some(caller), _) => Some(format!(
                "`principal={caller}` is no ARN of a user, role, session or root user"
            )),
            (None, Some(region)) => Some(format!("`region={region}` is no region")),
            (None, None) => None,
        }
    }

    /// Takes a word; false if it is none that is known.
    pub(super) fn take(&mut self, token: &'t str) -> bool {
        if token.starts_with("arn:") || token == "*" {
            self.arns.push(token);
            return true;
        }
        match token.split_once('=') {
            Some(("region", value)) => self.region = Some(value),
            Some(("principal", value)) => self.principal = Some(value),
            Some(("date", value)) => self.date = Some(value),
            Some((key, value)) if key.contains(':') => self.keys.push((key, value)),
            _ => return false,
        }
        true
    }
}

/// Adds one action of what was said.
pub(super) fn read_call(
    meant: &Meant,
    given: &Given<'_>,
    place: &Place,
    denied: Option<Denied>,
    reading: &mut Reading,
) {
    let place = Place {
        time: given.date.map(str::to_owned).or_else(|| place.time.clone()),
        ..place.clone()
    };
    let arns: &[&str] = if meant.is_on_what_is_named {
        &given.arns
    } else {
        &[]
    };
    let mut resources: Vec<Seen> = Vec::new();
    for arn in arns.iter().filter(|it| **it != "*") {
        match resource::type_of(meant, arn) {
            Some(kind) => resources.push(Seen::of(&kind, Some((*arn).to_owned()))),
            None => {
                let message = format!("`{}` is not checked on `{arn}`", meant.name());
                let kinds: Vec<&str> = meant
                    .action
                    .resource_types
                    .iter()
                    .map(|it| &*it.name)
                    .collect();
                let help = match kinds.as_slice() {
                    [] => "it has no resource type: leave the ARN out".to_owned(),
                    kinds if kinds.len() > 8 => format!("it has {} resource types", kinds.len()),
                    kinds => format!("it is checked on {}", kinds.join(", ")),
                };
                return reading.cannot_read(&place, message, help);
            }
        }
    }
    let home = Home {
        region: given.region,
        ..Home::default()
    };
    let rest = match arns.contains(&"*") && resources.is_empty() {
        true => resource::any_of(meant, home),
        false => resource::missing(meant, &resources),
    };
    match rest {
        Ok(mut rest) => resources.append(&mut rest),
        Err(message) => {
            return reading.cannot_read(&place, message, "name the resource behind the action");
        }
    }
    let mut context = Vec::new();
    for (key, value) in &given.keys {
        if !takes_key(meant, &resources, key) {
            let message = format!("`{key}` never exists in a `{}` request", meant.name());
            reading.cannot_read(&place, message, "the call was read without it");
            continue;
        }
        context.push(((*key).to_owned(), (*value).to_owned()));
    }
    reading.calls.push(Observed {
        action: meant.name(),
        resources,
        context,
        caller: given.principal.map(str::to_owned),
        region: given.region.map(str::to_owned),
        denied,
        place,
        ..Observed::default()
    });
}
