//! The concrete request that a call stands for: that of its made-up member.

use crate::catalog::Catalog;
use crate::evaluate::derive::{Known, derive};
use crate::evaluate::{Action, Principal, Request};
use crate::profile::{Call, CallResource, TagOnCreate};

/// A call on one of its resources.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The action of the call.
    pub action: &'a Action,
    /// The call.
    pub call: &'a Call,
    /// One of its resources; none: it has none.
    pub resource: Option<&'a CallResource>,
    /// Who makes it.
    pub principal: &'a Principal,
    /// Whether what is created shows the tags of the request, where AWS does not say.
    pub filled: bool,
}

impl Asked<'_> {
    /// Returns the request.
    #[must_use]
    pub fn request(&self, catalog: &Catalog) -> Request {
        let Self {
            action,
            call,
            resource,
            principal,
            filled,
        } = *self;
        let own = resource.map_or(&[][..], |it| &it.context);
        let mut context: Vec<(String, Vec<String>)> = Vec::new();
        for (key, value) in call.context.iter().chain(own) {
            set(&mut context, key, value.values());
        }
        let mut absent: Vec<String> = call.absent.clone();
        // What a request sends is fixed: no tags but the ones in its context.
        absent.push("aws:requesttag/".into());
        absent.push("aws:tagkeys".into());
        if let Some(resource) = resource {
            absent.extend(resource.absent.iter().cloned());
            if !resource.open_tags {
                absent.push("aws:resourcetag/".into());
                absent.push(format!("{}:resourcetag/", action.service()));
            }
            if filled {
                fill_tags(&mut context, action.service());
            }
        }
        let known = Known {
            principal: Some(principal),
            resource: resource.map(|it| it.arn.as_str()),
            resource_type: resource.map(|it| type_name(&it.resource_type)),
            resource_account: resource.and_then(|it| it.account.as_deref()),
            context: &context,
            absent: &absent,
            complete: false,
            settings: crate::evaluate::Settings::default(),
        };
        derive(action, &known, catalog).request
    }
}

fn set(context: &mut Vec<(String, Vec<String>)>, key: &str, values: Vec<String>) {
    match context
        .iter_mut()
        .find(|(known, _)| known.eq_ignore_ascii_case(key))
    {
        Some((_, known)) => *known = values,
        None => context.push((key.to_owned(), values)),
    }
}

/// Returns which readings of tag-on-create to try: as given, and with the tags filled in.
#[must_use]
pub fn readings_of(resource: Option<&CallResource>) -> &'static [bool] {
    match resource.map(|it| it.tag_on_create) {
        Some(TagOnCreate::Unknown) => &[false, true],
        _ => &[false],
    }
}

fn fill_tags(context: &mut Vec<(String, Vec<String>)>, service: &str) {
    let tags: Vec<(String, Vec<String>)> = context
        .iter()
        .filter_map(|(key, values)| {
            let tag = key.strip_prefix("aws:RequestTag/")?;
            Some((tag.to_owned(), values.clone()))
        })
        .collect();
    for (tag, values) in tags {
        set(context, &format!("aws:ResourceTag/{tag}"), values.clone());
        set(context, &format!("{service}:ResourceTag/{tag}"), values);
    }
}

fn type_name(resource_type: &str) -> &str {
    resource_type
        .split_once(':')
        .map_or(resource_type, |(_, name)| name)
}
