//! The requests that AWS decides for one call of an API: they are made at once, so what they show of
//! the caller, of the connection and of the time is the same in all of them.

use super::steps::tagged::CREATE_ACTION;
use crate::analyze::is_of_caller;
use crate::arn::Arn;
use crate::evaluate::{Action, Request};

/// A key with its values.
type Entry = (String, Vec<String>);

/// Whether the request is decided along with others, for what they ask for: a role passed, tags set
/// while something is created.
fn is_dependent(request: &Request) -> bool {
    let mut entries = request.context.entries().iter();
    let mut creates = || entries.any(|it| it.key.eq_ignore_ascii_case(CREATE_ACTION));
    *request.action.folded == *"iam:passrole" || creates()
}

/// Puts the requests of a step together that are one call: those of its first action on several
/// resources, with what depends on them. Every other action is a call of its own.
fn call_of<'r>(requests: &'r [&Request], at: usize) -> Vec<&'r Request> {
    let main = requests.iter().find(|it| !is_dependent(it));
    let main: Option<&Action> = main.map(|it| &it.action);
    let name = |it: &Request| {
        is_dependent(it)
            .then_some(main)
            .flatten()
            .unwrap_or(&it.action)
            .folded
            .clone()
    };
    let own = name(requests[at]);
    requests
        .iter()
        .copied()
        .filter(|it| name(it) == own)
        .collect()
}

/// Returns what a request shows of its caller besides, because others of the same call do; `None`:
/// they contradict each other, so they are no one call.
pub(super) fn shared(requests: &[&Request], at: usize) -> Option<Vec<Entry>> {
    let call = call_of(requests, at);
    let mut region: Option<&str> = None;
    let mut shared: Vec<(&str, Entry)> = Vec::new();
    for request in &call {
        let arn = request.resource.as_deref().and_then(Arn::parse);
        let own = arn.map_or("", |it| it.region);
        if !own.is_empty() && *region.get_or_insert(own) != own {
            return None;
        }
        for entry in request.context.entries() {
            let folded = entry.key.to_ascii_lowercase();
            if !is_of_caller(&folded) {
                continue;
            }
            let values: Vec<String> = entry.values.iter().map(|it| it.to_string()).collect();
            let known = shared
                .iter()
                .find(|(_, (key, _))| key.eq_ignore_ascii_case(&folded));
            match known {
                Some((_, (_, other))) if *other != values => return None,
                Some(_) => {}
                None => shared.push((&entry.key, (entry.key.to_string(), values))),
            }
        }
    }
    let own = requests[at].context.entries();
    let lacks = |key: &str| !own.iter().any(|it| it.key.eq_ignore_ascii_case(key));
    let missing = shared.into_iter().filter(|(key, _)| lacks(key));
    Some(missing.map(|(_, entry)| entry).collect())
}
