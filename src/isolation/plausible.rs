//! Whether a request that a search found could be made: about an object that AWS can name so.
//!
//! A `*` of a pattern matches colons too, so what a search finds may be no ARN of the service.

use super::objects;
use super::scene::Scene;
use crate::analyze::{Access, Witness};
use crate::arn::Arn;
use crate::evaluate::derive::{Known, derive};
use crate::evaluate::{Request, Settings};
use crate::pattern;
use crate::policy::Document;

/// A region like `us-east-1`.
fn is_region(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = bytes.last().is_some_and(u8::is_ascii_digit);
    ends && text.split('-').count() >= 3
}

/// Whether the resource of a request is named like one of those that its action is about.
pub(super) fn is_named_right(scene: &Scene<'_>, request: &Request) -> bool {
    let Some(arn) = request.resource.as_deref() else {
        return true;
    };
    has_name_of(arn, &patterns_of(scene, request))
}

/// Returns the patterns of what the action of a request is about; none where that is not known.
fn patterns_of(scene: &Scene<'_>, request: &Request) -> Vec<String> {
    let action = &request.action.text;
    let service = request.action.service();
    let entry = objects::entry(scene.input.catalog, action);
    let kinds = entry.into_iter().flat_map(|it| it.resource_types.iter());
    kinds
        .flat_map(|kind| objects::patterns(scene, service, &kind.name))
        .collect()
}

fn has_name_of(arn: &str, patterns: &[String]) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| is_of(arn, pattern))
}

/// Whether each part of the ARN is one that the pattern leaves room for.
fn is_of(arn: &str, pattern: &str) -> bool {
    let (Some(parts), Some(wanted)) = (Arn::parse(arn), Arn::parse(pattern)) else {
        return pattern::matches(pattern, arn);
    };
    let region = match wanted.region {
        "*" => is_region(parts.region),
        other => other == parts.region,
    };
    let same = |wanted: &str, own: &str| wanted == own || wanted == "*" && !own.is_empty();
    region
        && same(wanted.partition, parts.partition)
        && wanted.service == parts.service
        && same(wanted.account, parts.account)
        && pattern::matches(wanted.resource, parts.resource)
        // Names of most kinds have no colon in them.
        && (wanted.resource.contains(':') || !parts.resource.contains(':'))
}

/// The same request about an object that can be named so, if that is in the family and allowed too.
pub(super) fn tidy(
    scene: &Scene<'_>,
    family: &[Document],
    access: &Access<'_>,
    witness: Witness,
) -> Witness {
    let request = &witness.request;
    let Some(arn) = request.resource.as_deref() else {
        return witness;
    };
    let patterns = patterns_of(scene, request);
    if has_name_of(arn, &patterns) {
        return witness;
    }
    let entries = request.context.entries().iter();
    let context: Vec<(String, Vec<String>)> = entries
        .filter(|it| !FOLLOW.iter().any(|key| it.key.eq_ignore_ascii_case(key)))
        .map(|it| {
            let values = it.values.iter().map(|value| value.to_string());
            (it.key.to_string(), values.collect())
        })
        .collect();
    let names = names(scene, &patterns, arn).into_iter();
    for resource in names.filter(|it| has_name_of(it, &patterns)) {
        let known = Known {
            principal: Some(&request.principal),
            resource: Some(&resource),
            resource_account: access.resource_account,
            context: &context,
            complete: true,
            settings: Settings {
                complete: true,
                ..request.settings.clone()
            },
            ..Known::default()
        };
        let other = derive(&request.action, &known, scene.input.catalog).request;
        if super::guess::is_one(family, access.policies, &other) {
            return Witness {
                request: other,
                ..witness
            };
        }
    }
    witness
}

/// Keys that follow from the name.
const FOLLOW: [&str; 3] = [
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:PrincipalAccount",
];

/// Names like the one found: the kinds of the action, with the beginning of what was found.
fn names(scene: &Scene<'_>, patterns: &[String], arn: &str) -> Vec<String> {
    let rest = Arn::parse(arn).map_or("", |it| it.resource);
    let first = rest.split(':').next().unwrap_or_default();
    let region = Arn::parse(arn).map_or("", |it| it.region);
    let mut found = Vec::new();
    for pattern in patterns {
        let plain = objects::plain_name(scene, pattern);
        let Some(parts) = Arn::parse(&plain) else {
            continue;
        };
        let region = match parts.region {
            "" => "",
            _ if is_region(region) => region,
            other => other,
        };
        let start = format!(
            "arn:{}:{}:{region}:{}:",
            parts.partition, parts.service, parts.account
        );
        for rest in [
            rest.to_owned(),
            first.to_owned(),
            format!("{first}customer"),
            parts.resource.to_owned(),
        ] {
            found.push(format!("{start}{rest}"));
        }
    }
    found
}
