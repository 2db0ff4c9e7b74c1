//! Names that AWS does not allow.

use crate::arn::Arn;
use crate::pattern::has_wildcard;
use crate::policy::Test;
use crate::rule::{RuleContext, placeholder};
use crate::source::Span;

/// What a name may be.
#[derive(Clone, Copy)]
struct Form {
    what: &'static str,
    shortest: usize,
    longest: usize,
    /// Beside letters and digits.
    signs: &'static str,
}

/// Longest names (AWS: "IAM and AWS STS quotas", "IAM and STS character limits").
const LONGEST: [(&str, usize); 5] = [
    ("role", 64),
    ("user", 64),
    ("group", 128),
    ("policy", 128),
    ("instance-profile", 128),
];
/// With the slashes at both ends.
const LONGEST_PATH: usize = 512;

/// Condition keys with the length and the signs that their values have beside letters and digits
/// (AWS STS API Reference, `AssumeRole`).
const VALUES: [(&str, Form); 3] = [
    (
        "sts:externalid",
        Form {
            what: "external id",
            shortest: 2,
            longest: 1224,
            signs: "_+=,.@:/-",
        },
    ),
    ("sts:rolesessionname", SESSION),
    (
        "sts:sourceidentity",
        Form {
            what: "source identity",
            ..SESSION
        },
    ),
];
const SESSION: Form = Form {
    what: "session",
    shortest: 2,
    longest: 64,
    signs: NAME_SIGNS,
};
const NAME_SIGNS: &str = "_+=,.@-";

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    for placed in subject.texts() {
        if placed.text.starts_with("arn:")
            && let Some(message) = flaw_of_arn(placed.text)
            && placeholder(placed.text).is_none()
        {
            report(cx, placed.span, message);
        }
    }
    let statements = subject.document.statements.iter();
    for condition in statements.flat_map(|it| &it.conditions) {
        let exact = |test| matches!(test, Test::StringEquals | Test::StringEqualsIgnoreCase);
        let Some((_, form)) = VALUES.iter().find(|(key, _)| *key == &*condition.key) else {
            continue;
        };
        if !condition.operator.is_some_and(|it| exact(it.test)) {
            continue;
        }
        for value in &condition.values {
            let text = value.template.text();
            if text.contains("${") || has_wildcard(text) || placeholder(text).is_some() {
                continue;
            }
            if let Some(message) = flaw(text, *form) {
                report(cx, value.span, message);
            }
        }
    }
}

fn report(cx: &mut RuleContext<'_>, span: Span, message: String) {
    cx.report(span, message)
        .why("AWS does not allow such a name, so this matches nothing")
        .help("write the name as it is in AWS");
}

fn flaw_of_arn(text: &str) -> Option<String> {
    let arn = Arn::parse(text)?;
    if text.contains("${") || !matches!(arn.service, "iam" | "sts") {
        return None;
    }
    let (kind, name) = arn.resource.split_once('/')?;
    if arn.service == "sts" {
        let (role, session) = name.split_once('/').filter(|_| kind == "assumed-role")?;
        return flaw(role, named("role", 64)).or_else(|| flaw(session, SESSION));
    }
    let (what, longest) = LONGEST.iter().find(|(word, _)| *word == kind)?;
    let (path, name) = name.rsplit_once('/').unwrap_or(("", name));
    // A `*` may stand for any number of further parts.
    if has_wildcard(path) {
        return None;
    }
    if path.len() + 2 > LONGEST_PATH {
        return Some(format!(
            "the path of `{text}` has more than the {LONGEST_PATH} characters that are allowed"
        ));
    }
    flaw(name, named(what, *longest))
}

const fn named(what: &'static str, longest: usize) -> Form {
    Form {
        what,
        shortest: 1,
        longest,
        signs: NAME_SIGNS,
    }
}

/// Says what is wrong with a name; nothing of one with wildcards, which may stand for others.
fn flaw(name: &str, form: Form) -> Option<String> {
    if has_wildcard(name) {
        return None;
    }
    let length = name.chars().count();
    let is_allowed = |it: char| it.is_ascii_alphanumeric() || form.signs.contains(it);
    let odd = name.chars().find(|it| !is_allowed(*it));
    let (longest, shortest) = (form.longest, form.shortest);
    let why = match odd {
        _ if length > longest => format!("it has {length} characters, and {longest} are allowed"),
        _ if length < shortest => format!("it has fewer than {shortest} characters"),
        Some(' ') => "it has a space".to_owned(),
        Some(odd) => format!("it has the character {odd:?}"),
        None => return None,
    };
    Some(format!("no {} can be called `{name}`: {why}", form.what))
}
