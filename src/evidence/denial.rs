//! Reads what AWS says when it denies a call: who, what, on what, and which policy did it.
//!
//! The sentence (IAM User Guide, "Troubleshoot access denied error messages"):
//!
//! ```text
//! User: PRINCIPAL is not authorized to perform: ACTION [on resource: RESOURCE]
//!     [because no TYPE policy allows the ACTION action | with an explicit deny [in a TYPE policy[: ARN]]]
//! ```
//!
//! Around it, SDKs and tools name the operation and the code of the error. Texts may be wrapped and
//! framed, as Terraform prints them. Other refusals (`UnauthorizedOperation` with an encoded
//! message, a bare `Access Denied`) are found too, with what they say. Nothing here decides who is
//! right, decodes anything, or keeps an encoded message.

use crate::evaluate::Layer;
use crate::source::Span;

/// A refusal, as far as its text tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denial {
    /// Where it stands in the text.
    pub span: Span,
    /// Who called: an ARN as written, a session as `…:assumed-role/ROLE/SESSION`.
    pub principal: Option<String>,
    /// The action, `service:Name`.
    pub action: Option<String>,
    /// What it was to be done to.
    pub resource: Option<String>,
    /// Which sort of policy denied; AWS names one, even where several do.
    pub layer: Option<Layer>,
    /// Whether by a Deny statement (true) or by allowing nothing (false); none: it is not said.
    pub explicit: Option<bool>,
    /// The ARN of the policy.
    pub policy: Option<String>,
    /// The code of the error, such as `AccessDenied`.
    pub code: Option<String>,
    /// The service that was called, as the tool names it, such as `EC2`.
    pub service: Option<String>,
    /// The operation that was called, such as `CreateVpc`.
    pub operation: Option<String>,
    /// The bytes of an encoded authorization failure message.
    pub encoded: Option<Span>,
}

impl Denial {
    /// Returns in words which policy denied it; empty where nothing is said.
    #[must_use]
    pub fn cause(&self) -> String {
        let named = self.layer.map(layer_name);
        let arn = |text: String| match &self.policy {
            Some(policy) => format!("{text} ({policy})"),
            None => text,
        };
        match (named, self.explicit) {
            (Some(name), Some(true)) => arn(format!("explicitly denied by a {name}")),
            (Some(name), _) => arn(format!("not allowed by any {name}")),
            (None, Some(true)) => "explicitly denied".to_owned(),
            (None, _) => String::new(),
        }
    }
}

/// The words of AWS's sentence for each sort of policy.
const LAYERS: [(&str, Layer); 9] = [
    ("identity-based policy", Layer::Identity),
    ("resource-based policy", Layer::Resource),
    ("permissions boundary", Layer::Boundary),
    ("session policy", Layer::Session),
    ("service control policy", Layer::Scp),
    ("resource control policy", Layer::Rcp),
    ("VPC endpoint policy", Layer::VpcEndpoint),
    ("role trust policy", Layer::Resource),
    ("resource-based policies", Layer::Resource),
];

fn layer_name(layer: Layer) -> &'static str {
    let found = LAYERS.iter().find(|(_, known)| *known == layer);
    found.map_or("policy", |(name, _)| name)
}

/// Whether a text reads like a refusal somewhere.
#[must_use]
pub(super) fn is_denial(text: &str) -> bool {
    MARKS.iter().any(|mark| text.contains(mark)) || text.contains(NOT_AUTHORIZED)
}

const NOT_AUTHORIZED: &str = "not authorized to perform";
const MARKS: [&str; 6] = [
    "UnauthorizedOperation",
    "AccessDenied",
    "Access Denied",
    "Client.Unauthorized",
    "AuthorizationError",
    "is not authorized to access",
];

/// A word of a text, without the frames that tools draw.
#[derive(Clone, Copy)]
struct Word<'t> {
    text: &'t str,
    start: usize,
}

impl Word<'_> {
    const fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// Returns every refusal in a text, in order.
#[must_use]
pub fn denials(text: &str) -> Vec<Denial> {
    let words = words(text);
    let mut found: Vec<(usize, Denial)> = Vec::new();
    for at in 0..words.len() {
        // STS begins its sentences about tokens with "Not authorized to perform".
        let begins = matches!(words[at].text, "not" | "Not");
        if begins && starts(&words[at + 1..], &["authorized", "to", "perform"]) {
            found.extend(sentence(&words, at).map(|denial| (at, denial)));
        }
    }
    let sentences: Vec<usize> = found.iter().map(|(at, _)| *at).collect();
    for at in 0..words.len() {
        let Some(code) = code_at(&words, at) else {
            continue;
        };
        // The code of an error stands before its sentence, with the operation between them.
        let next = sentences.iter().position(|it| *it > at);
        let limit = next.map_or(words.len(), |it| sentences[it]);
        let is_nearest = !(at + 1..limit).any(|it| code_at(&words, it).is_some());
        let is_near = limit - at <= REACH && !ends_between(&words[at..limit]);
        let introduced = next.filter(|_| is_nearest && is_near);
        if let Some(position) = introduced {
            let denial = &mut found[position].1;
            denial.code = denial.code.take().or(Some(code));
            continue;
        }
        let is_known = found
            .iter()
            .any(|(_, it)| it.span.range().contains(&words[at].start));
        // "(AccessDenied) when calling the X operation: Access Denied" is one.
        let repeats = found.iter().any(|(known, it)| {
            *known < at
                && at - known <= AGAIN
                && it.action.is_none()
                && it.code.as_ref() == Some(&code)
        });
        if is_known || repeats {
            continue;
        }
        found.push((at, bare(&words, at, code)));
    }
    found.sort_by_key(|(at, _)| *at);
    let mut denials: Vec<Denial> = Vec::new();
    let mut from = 0;
    for (at, mut denial) in found {
        from = add_operation(&words, from, at, &mut denial);
        add_encoded(&words, at, &mut denial);
        denials.push(denial);
    }
    denials
}

/// How many words may stand between the code of an error and its sentence.
const REACH: usize = 40;

/// How many words later the same code is still the same error.
const AGAIN: usize = 8;

/// Whether another error begins in between.
fn ends_between(words: &[Word<'_>]) -> bool {
    words.iter().skip(1).any(|it| it.text == "Error:")
}

fn words(text: &str) -> Vec<Word<'_>> {
    // Of XML the tags are words of their own.
    let is_space = |it: char| it.is_whitespace() || matches!(it, '│' | '╷' | '╵' | '|' | '<' | '>');
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices() {
        match (is_space(letter), start) {
            (false, None) => start = Some(at),
            (true, Some(begun)) => {
                let text = &text[begun..at];
                words.push(Word { text, start: begun });
                start = None;
            }
            _ => {}
        }
    }
    if let Some(begun) = start {
        let text = &text[begun..];
        words.push(Word { text, start: begun });
    }
    words
}

/// Whether the words begin so, whatever punctuation follows the last of them.
fn starts(words: &[Word<'_>], wanted: &[&str]) -> bool {
    words.len() >= wanted.len()
        && words
            .iter()
            .zip(wanted)
            .enumerate()
            .all(|(at, (word, wanted))| {
                let text = match at + 1 == wanted.len() {
                    true => word.text,
                    false => word.text.trim_end_matches([':', ',', '.', '"']),
                };
                text.trim_end_matches([':', ',', '.', '"']) == *wanted
            })
}

/// Takes quotes and what ends a sentence off a word.
fn bare_word(text: &str) -> &str {
    text.trim_matches(['"', '\'', '`', '“', '”', '(', ')', '{', '}'])
        .trim_end_matches(['.', ',', ';', ':', '"', '\'', '`', ')', '}', '\\'])
}

fn is_action(text: &str) -> bool {
    let part = |it: &str| {
        let is_letter = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
        !it.is_empty() && it.bytes().all(is_letter)
    };
    text.split_once(':')
        .is_some_and(|(service, name)| part(service) && part(name))
}

/// Reads the sentence around "not authorized to perform".
fn sentence(words: &[Word<'_>], at: usize) -> Option<Denial> {
    // "User: ARN is not authorized", "ARN is not authorized".
    let is = at.checked_sub(1).filter(|it| words[*it].text == "is");
    let before = is.and_then(|it| it.checked_sub(1));
    let principal = before.map(|it| bare_word(words[it].text));
    let principal = principal.filter(|it| it.starts_with("arn:") || *it == "anonymous");
    let action = words.get(at + 4).map(|it| bare_word(it.text));
    let Some(action) = action.filter(|it| is_action(it)) else {
        // "You are not authorized to perform this operation": a code stands beside it.
        return None;
    };
    let first = before.unwrap_or(at);
    let first = match first.checked_sub(1).filter(|it| words[*it].text == "User:") {
        Some(user) if principal.is_some() => user,
        _ => first,
    };
    let mut denial = Denial {
        principal: principal.map(str::to_owned),
        action: Some(action.to_owned()),
        ..Denial::default()
    };
    let mut last = at + 4;
    let mut next = at + 5;
    if starts(&words[next.min(words.len())..], &["on", "resource"]) {
        next += 2;
        if let Some(word) = words.get(next) {
            let (resource, end) = resource(words, next);
            denial.resource = Some(resource).filter(|it| !it.is_empty());
            last = end.max(next);
            next = last + 1;
            let _ = word;
        }
    }
    let rest = &words[next.min(words.len())..];
    if starts(rest, &["because", "no"]) {
        denial.explicit = Some(false);
        if let Some((layer, length)) = layer_at(&rest[2..]) {
            denial.layer = Some(layer);
            last = next + 1 + length;
        }
    } else if starts(rest, &["with", "an", "explicit", "deny"]) {
        denial.explicit = Some(true);
        last = next + 3;
        let named = rest.get(4..).unwrap_or_default();
        let article = named.get(1).map(|it| it.text);
        let skipped = 1 + usize::from(matches!(article, Some("a" | "an" | "the")));
        if starts(named, &["in"])
            && let Some((layer, length)) = layer_at(named.get(skipped..).unwrap_or_default())
        {
            denial.layer = Some(layer);
            last = next + 3 + skipped + length;
            let policy = words.get(last + 1).map(|it| bare_word(it.text));
            let ends = words[last].text.ends_with(':');
            if let Some(policy) = policy.filter(|it| ends && it.starts_with("arn:")) {
                denial.policy = Some(policy.to_owned());
                last += 1;
            }
        }
    }
    denial.span = span(words[first].start, words[last.min(words.len() - 1)].end());
    Some(denial)
}

/// Reads a resource, which may be in quotes and have spaces in it; returns its last word too.
fn resource(words: &[Word<'_>], from: usize) -> (String, usize) {
    let first = words[from].text;
    let quote = first
        .chars()
        .next()
        .filter(|it| matches!(it, '"' | '\'' | '`'));
    let Some(quote) = quote else {
        return (bare_word(first).to_owned(), from);
    };
    let mut text = String::new();
    for (at, word) in words.iter().enumerate().skip(from).take(REACH) {
        if at > from {
            text.push(' ');
        }
        let own = if at == from {
            &word.text[quote.len_utf8()..]
        } else {
            word.text
        };
        match own.split_once(quote) {
            Some((own, _)) => return (text + own, at),
            None => text.push_str(own),
        }
    }
    (bare_word(first).to_owned(), from)
}

/// Returns the sort of policy whose name begins here, and how many words it has.
fn layer_at(words: &[Word<'_>]) -> Option<(Layer, usize)> {
    LAYERS.iter().find_map(|(name, layer)| {
        let parts: Vec<&str> = name.split(' ').collect();
        starts(words, &parts).then_some((*layer, parts.len()))
    })
}

/// Returns the code of an error that stands here, on its own or in brackets.
fn code_at(words: &[Word<'_>], at: usize) -> Option<String> {
    let text = bare_word(words[at].text);
    let is_code = |it: &str| {
        matches!(it, "AuthorizationError" | "AuthorizationErrorException")
            || it.starts_with("AccessDenied") && it.bytes().all(|it| it.is_ascii_alphanumeric())
            || it == "UnauthorizedOperation"
            || it == "Client.UnauthorizedOperation"
    };
    if is_code(text) {
        return Some(text.to_owned());
    }
    if text == "Access"
        && words
            .get(at + 1)
            .is_some_and(|it| bare_word(it.text) == "Denied")
    {
        return Some("AccessDenied".to_owned());
    }
    None
}

/// A refusal that says no more than its code.
fn bare(words: &[Word<'_>], at: usize, code: String) -> Denial {
    Denial {
        span: span(words[at].start, words[at].end()),
        code: Some(code),
        ..Denial::default()
    }
}

/// Finds which operation was called, in the words of SDKs: "when calling the X operation" (Python),
/// which follows the code, and "operation error EC2: X," (Go), which precedes it. Returns the first
/// word that is not of this refusal.
fn add_operation(words: &[Word<'_>], from: usize, at: usize, denial: &mut Denial) -> usize {
    let first = from.max(at.saturating_sub(REACH));
    for it in (first..=at + 1).rev().filter(|it| *it < words.len()) {
        let rest = &words[it..];
        let is_python = starts(rest, &["when", "calling", "the"])
            && rest
                .get(4)
                .is_some_and(|it| bare_word(it.text) == "operation");
        if is_python {
            denial.operation = Some(bare_word(rest[3].text).to_owned());
            return it.max(at) + 1;
        }
        if it <= at && starts(rest, &["operation", "error"]) {
            let named = rest.iter().skip(2).take(4);
            let named = named.map(|it| it.text).position(|it| it.ends_with(':'));
            if let Some(end) = named {
                let service = rest[2..=end + 2].iter().map(|it| bare_word(it.text));
                denial.service = Some(service.collect::<Vec<_>>().join(" "));
                denial.operation = rest.get(end + 3).map(|it| bare_word(it.text).to_owned());
                return at + 1;
            }
        }
        if it < at && words[it].text == "Error:" {
            break;
        }
    }
    at + 1
}

fn add_encoded(words: &[Word<'_>], at: usize, denial: &mut Denial) {
    let last = (at + 2 * REACH).min(words.len());
    for it in at..last {
        if starts(
            &words[it..],
            &["Encoded", "authorization", "failure", "message"],
        ) {
            if let Some(message) = words.get(it + 4) {
                denial.encoded = Some(span(message.start, message.end()));
            }
            return;
        }
        if it > at && words[it].text == "Error:" {
            return;
        }
    }
}

fn span(start: usize, end: usize) -> Span {
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(narrow(start), narrow(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Denial {
        let mut found = denials(text);
        assert_eq!(found.len(), 1, "{found:#?}");
        found.remove(0)
    }

    #[test]
    fn reads_the_sentence_with_every_sort_of_policy() {
        for (name, layer) in LAYERS {
            let text = format!(
                "User: arn:aws:sts::111122223333:assumed-role/vendor/session is not authorized to perform: \
                 sns:Publish on resource: arn:aws:sns:us-east-1:111122223333:a because no {name} allows the \
                 sns:Publish action"
            );
            let denial = only(&text);
            assert_eq!(
                (denial.layer, denial.explicit),
                (Some(layer), Some(false)),
                "{name}"
            );
            assert_eq!(denial.action.as_deref(), Some("sns:Publish"));
            let resource = denial.resource.as_deref();
            assert_eq!(resource, Some("arn:aws:sns:us-east-1:111122223333:a"));
            let principal = "arn:aws:sts::111122223333:assumed-role/vendor/session";
            assert_eq!(denial.principal.as_deref(), Some(principal));
        }
    }

    #[test]
    fn reads_the_arn_of_the_policy() {
        let policy =
            "arn:aws:organizations::111122223333:policy/o-a1b2c3d4e5/service_control_policy/p-1";
        let text = format!(
            "AccessDenied: User: arn:aws:iam::111122223333:user/a is not authorized to perform: \
             iam:CreateRole on resource: arn:aws:iam::111122223333:role/x with an explicit deny in a \
             service control policy: {policy}\n\tstatus code: 403, request id: 1"
        );
        let denial = only(&text);
        assert_eq!(denial.policy.as_deref(), Some(policy));
        assert_eq!(
            (denial.layer, denial.explicit),
            (Some(Layer::Scp), Some(true))
        );
        assert_eq!(denial.code.as_deref(), Some("AccessDenied"));
        let cause = format!("explicitly denied by a service control policy ({policy})");
        assert_eq!(denial.cause(), cause);
        let untyped = "User: a is not authorized to perform: s3:GetObject with an explicit deny";
        let denial = only(untyped);
        assert_eq!((denial.layer, denial.explicit), (None, Some(true)));
        assert_eq!(denial.principal, None);
    }

    #[test]
    fn reads_quoted_resources_and_frames() {
        let text = "│ Error: reading S3 Object: operation error S3: HeadObject, https response error\n\
                    │ StatusCode: 403, api error AccessDenied: User: arn:aws:iam::111122223333:user/a is\n\
                    │ not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::b/my key\"\n\
                    │ because no identity-based policy allows the s3:GetObject action\n╵";
        let denial = only(text);
        assert_eq!(denial.resource.as_deref(), Some("arn:aws:s3:::b/my key"));
        assert_eq!(denial.layer, Some(Layer::Identity));
        assert_eq!(denial.service.as_deref(), Some("S3"));
        assert_eq!(denial.operation.as_deref(), Some("HeadObject"));
    }

    #[test]
    fn reads_what_says_less() {
        let text = "An error occurred (UnauthorizedOperation) when calling the CreateVpc operation: You \
                    are not authorized to perform this operation. Encoded authorization failure message: \
                    abc-DEF_1";
        let denial = only(text);
        assert_eq!(denial.action, None);
        assert_eq!(denial.operation.as_deref(), Some("CreateVpc"));
        assert_eq!(&text[denial.encoded.unwrap().range()], "abc-DEF_1");
        let bare = only(
            "An error occurred (AccessDenied) when calling the ListObjectsV2 operation: Access Denied",
        );
        assert_eq!(bare.operation.as_deref(), Some("ListObjectsV2"));
        let go = only(
            "operation error EC2: CreateSubnet, https response error StatusCode: 403, RequestID: 1, \
             api error UnauthorizedOperation: You are not authorized to perform this operation. User: \
             arn:aws:sts::111122223333:assumed-role/r/s is not authorized to perform: ec2:CreateSubnet on \
             resource: arn:aws:ec2:eu-central-1:111122223333:subnet/* because no identity-based policy \
             allows the ec2:CreateSubnet action. Encoded authorization failure message: xyz",
        );
        assert_eq!(go.action.as_deref(), Some("ec2:CreateSubnet"));
        assert_eq!(go.code.as_deref(), Some("UnauthorizedOperation"));
        assert!(go.encoded.is_some());
        assert!(denials("all is well").is_empty());
    }

    #[test]
    fn keeps_one_refusal_from_the_next() {
        let text = "An error occurred (AccessDenied) when calling the ListObjectsV2 operation: Access Denied\n\
                    An error occurred (AccessDenied) when calling the GetObject operation: Access Denied\n\
                    An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You \
                    are not authorized to perform this operation.\n\
                    An error occurred (AccessDeniedException) when calling the Decrypt operation: User: \
                    arn:aws:iam::111122223333:user/a is not authorized to perform: kms:Decrypt\n\
                    Error: UnauthorizedOperation: You are not authorized to perform this operation.";
        let found = denials(text);
        let operations: Vec<_> = found.iter().map(|it| it.operation.as_deref()).collect();
        let expected = [
            Some("ListObjectsV2"),
            Some("GetObject"),
            Some("RunInstances"),
            Some("Decrypt"),
            None,
        ];
        assert_eq!(operations, expected);
        assert_eq!(found[3].code.as_deref(), Some("AccessDeniedException"));
    }
}
