//! Evidence of what a vendor calls: lists of calls, CloudTrail records, `AccessDenied` texts.
//!
//! [`read`] turns a text into observed calls ([`Observed`]); [`profile_text`] writes a profile from
//! them, [`extend`] adds them to one. What a text does not tell is reported with its line
//! ([`Unread`]), and the rest goes on: nothing is guessed. Of a record only the fields that say
//! what was called, on what, by whom and when are taken; keys, tokens and addresses stay behind.
//! Nothing here reads a file, and dependent calls are left to the profile's own rules.

mod add;
mod arn_format;
mod call_list;
mod cloudtrail;
mod denial;
mod encoded;
mod name;
mod operation;
mod refusal;
mod resource;
mod secret;
mod why;
mod write;

pub use add::{AddError, Requested, add};
pub use denial::{Denial, denials};
pub use encoded::encoded;
pub use refusal::{Refusal, refusals};
pub use resource::Seen;
pub use why::{Change, Explanation, NewStatement, explain};
pub use write::{Extended, Options, extend, profile, profile_text};

use crate::catalog::names_key;
use operation::{Meaning, Meant};

/// One call that was made, or tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The action, `service:Name`.
    pub action: String,
    /// What it was checked on.
    pub resources: Vec<Seen>,
    /// Condition keys of the request that are known.
    pub context: Vec<(String, String)>,
    /// The tags that the request sent.
    pub tags: Vec<(String, String)>,
    /// Whether the evidence shows the whole request, so that tags that are not there were not sent.
    pub shows_request: bool,
    /// The ARNs of roles that it handed over.
    pub passes: Vec<String>,
    /// Who called, as an ARN.
    pub caller: Option<String>,
    /// The region that was called.
    pub region: Option<String>,
    /// The account that was called.
    pub account: Option<String>,
    /// Why it was denied, if it was.
    pub denied: Option<Denied>,
    /// Where this is known from.
    pub place: Place,
}

/// That a call was denied, and what is known of why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denied {
    /// Which policy did it, in words; empty where nothing is said.
    pub cause: String,
}

/// A place in evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The name of the text.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The id of the event.
    pub event: Option<String>,
    /// When it was, as written.
    pub time: Option<String>,
}

/// Something that could not be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The first place where it is so.
    pub place: Place,
    /// How many places there are.
    pub count: usize,
    /// What is wrong; lower-case start, no final period.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
}

/// What the texts say.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The calls, in the order of the texts.
    pub calls: Vec<Observed>,
    /// What could not be told.
    pub unread: Vec<Unread>,
    /// What is no call of anybody's, and needs nothing.
    pub passed_over: Vec<Unread>,
}

impl Reading {
    /// Notes that something is no call; the same in several places is one.
    fn pass_over(&mut self, place: &Place, message: impl Into<String>) {
        note(&mut self.passed_over, place, message.into(), String::new());
    }

    /// Notes that something cannot be told; the same in several places is one.
    fn cannot_read(&mut self, place: &Place, message: impl Into<String>, help: impl Into<String>) {
        note(&mut self.unread, place, message.into(), help.into());
    }

    /// Keeps the calls of one caller: its ARN, or the name of its role or user.
    pub fn keep_caller(&mut self, wanted: &str) {
        self.calls.retain(|call| {
            let caller = call.caller.as_deref().unwrap_or_default();
            let mut parts = caller.split(['/', ':']);
            caller == wanted || (!wanted.contains(':') && parts.any(|it| it == wanted))
        });
    }
}

fn note(list: &mut Vec<Unread>, place: &Place, message: String, help: String) {
    let known = list
        .iter_mut()
        .find(|it| it.message == message && it.place.file == place.file);
    match known {
        Some(known) => known.count += 1,
        None => list.push(Unread {
            place: place.clone(),
            count: 1,
            message,
            help,
        }),
    }
}

/// Reads one text of evidence, whatever it holds, and adds what it says.
pub fn read(file: &str, bytes: &[u8], reading: &mut Reading) {
    let place = |line: usize| Place {
        file: file.to_owned(),
        line,
        ..Place::default()
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        let help = match bytes.starts_with(&[0x1f, 0x8b]) {
            true => "it is compressed: `gunzip` it first",
            false => "",
        };
        return reading.cannot_read(&place(1), "the text is not UTF-8", help);
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with(['{', '[']) {
        return cloudtrail::read(file, text, reading);
    }
    let is_log = text
        .lines()
        .any(|it| denial::is_denial(call_list::content(it)));
    if is_log {
        read_denials(file, text, reading);
    }
    for (at, line) in text.lines().enumerate() {
        // Between messages of errors, a log says much that is no call.
        if !is_log || call_list::is_call(line) {
            call_list::read_line(line, &place(at + 1), reading);
        }
    }
    if is_log && reading.calls.is_empty() && reading.unread.is_empty() {
        reading.cannot_read(&place(1), "no message tells what was called", "");
    }
}

fn read_denials(file: &str, text: &str, reading: &mut Reading) {
    for denial in denials(text) {
        let start = denial.span.start as usize;
        let place = Place {
            file: file.to_owned(),
            line: text.as_bytes()[..start]
                .iter()
                .filter(|it| **it == b'\n')
                .count()
                + 1,
            ..Place::default()
        };
        read_denial(&denial, &place, reading);
    }
}

/// Adds the call that a message says was denied.
fn read_denial(denial: &Denial, place: &Place, reading: &mut Reading) {
    let denied = Denied {
        cause: denial.cause(),
    };
    let named = match &denial.action {
        Some(action) => action
            .split_once(':')
            .map(|(a, b)| (a.to_owned(), b.to_owned())),
        None => called(denial),
    };
    let Some((service, operation)) = named else {
        let code = denial.code.as_deref().unwrap_or("the message");
        let (message, help) = match (&denial.operation, denial.encoded) {
            (Some(operation), _) => (
                format!("`{code}` names the operation `{operation}`, but not its service"),
                "write the action into a list of calls",
            ),
            (None, Some(_)) => (
                format!("`{code}` does not say what was called: its message is encoded"),
                "decode it with `aws sts decode-authorization-message`, or write the action into a list of calls",
            ),
            (None, None) => (
                format!("`{code}` does not say what was called"),
                "write the action into a list of calls",
            ),
        };
        return reading.cannot_read(place, message, help);
    };
    let meant = match operation::meaning(&service, &operation) {
        Meaning::Actions(meant) => meant,
        Meaning::Unknown(message, help) => return reading.cannot_read(place, message, help),
    };
    let resource = denial.resource.as_deref();
    let resource = resource.filter(|it| it.starts_with("arn:") || *it == "*");
    let given = call_list::Given {
        // AWS writes `*` where an action has no resource, too.
        arns: resource
            .filter(|it| *it != "*" || !meant.iter().all(|it| it.action.resource_types.is_empty()))
            .into_iter()
            .collect(),
        region: resource.and_then(region_of),
        principal: denial
            .principal
            .as_deref()
            .filter(|it| it.starts_with("arn:")),
        ..call_list::Given::default()
    };
    for meant in meant {
        call_list::read_call(&meant, &given, place, Some(denied.clone()), reading);
    }
}

fn region_of(arn: &str) -> Option<&str> {
    let region = crate::arn::Arn::parse(arn)?.region;
    (!region.is_empty() && region != "*").then_some(region)
}

/// Returns the service and operation that a message names beside its sentence. `UnauthorizedOperation`
/// is Amazon EC2's (Amazon EC2 API Reference, "Error codes").
fn called(denial: &Denial) -> Option<(String, String)> {
    let operation = denial.operation.clone()?;
    let service = match (&denial.service, denial.code.as_deref()) {
        (Some(service), _) => {
            let letters = service.chars().filter(|it| !it.is_whitespace());
            let folded = letters.collect::<String>().to_ascii_lowercase();
            operation::prefix(&folded)?.to_owned()
        }
        (None, Some("UnauthorizedOperation" | "Client.UnauthorizedOperation")) => "ec2".to_owned(),
        _ => return None,
    };
    Some((service, operation))
}

/// Whether requests of an action on these things may have a condition key.
fn takes_key(meant: &Meant, resources: &[Seen], key: &str) -> bool {
    let folded = key.to_ascii_lowercase();
    let lists = |keys: &[std::sync::Arc<str>]| keys.iter().any(|it| names_key(it, &folded));
    let types = resources.iter().filter_map(|it| {
        let (_, name) = it.resource_type.split_once(':')?;
        meant.action.resource_type(name)
    });
    let needs_support = ["aws:requesttag/", "aws:resourcetag/", "aws:tagkeys"];
    let is_global = folded.starts_with("aws:")
        && !needs_support.iter().any(|it| folded.starts_with(it))
        && crate::catalog::Catalog::builtin()
            .condition_key(key)
            .is_some();
    is_global
        || lists(&meant.action.condition_keys)
        || types.into_iter().any(|it| lists(&it.condition_keys))
}
