//! What a matcher without one of the rules would answer: for the tests that switch rules off.

use crate::pattern::{self, Resolved, Substituted, Template, Token};
use crate::switch::on;

/// Returns the naive answer where a rule of this topic is off.
pub(super) fn covers(text: &str, resource: &str) -> Option<bool> {
    let plain = !pattern::has_wildcard(text);
    if !on("R1") && plain {
        return Some(resource.starts_with(text));
    }
    if !on("R3") {
        return Some(text == resource);
    }
    if !on("R4") {
        return Some(in_parts(text, resource));
    }
    if !on("R10") && plain {
        let below = resource.strip_prefix(text);
        return Some(below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    }
    if !on("R11") {
        return Some(pattern::matches(&text.replace('.', "?"), resource));
    }
    if !on("R12") {
        let rest = |arn: &str| arn.splitn(3, ':').nth(2).map(str::to_owned);
        return Some(pattern::matches(&rest(text)?, &rest(resource)?));
    }
    if !on("R14") {
        return Some(pattern::matches(text, resource) || pattern::matches(resource, text));
    }
    if !on("G13") && !text.starts_with("arn") {
        return Some(true);
    }
    None
}

fn in_parts(text: &str, resource: &str) -> bool {
    let Substituted::Known(tokens) = Template::new(text, false).tokens(true, |_| Resolved::NoValue)
    else {
        return false;
    };
    let confined: Vec<Token> = tokens
        .into_iter()
        .map(|token| match token {
            Token::Any => Token::AnyInPart,
            Token::One => Token::OneInPart,
            other => other,
        })
        .collect();
    pattern::tokens_match(&confined, resource)
}
