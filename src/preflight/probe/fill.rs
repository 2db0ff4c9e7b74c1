//! Fills the holes of a row for one call, and tells whether what is sent asks what the call asks.

use super::{Kind, Names, Probe, Request, Row, Shape};
use crate::arn::{Arn, last_segment};
use crate::pattern;
use crate::profile::{Call, CallResource, ContextValue};

impl Row {
    /// Returns the probe of a region and a resource, with these tags; it is not yet an exact one.
    /// None where a hole cannot be filled.
    #[must_use]
    pub fn fill(
        &'static self,
        region: &str,
        resource: &str,
        tags: &[(String, String)],
        names: &Names,
    ) -> Option<Probe> {
        let holes = Holes {
            region,
            resource,
            names,
        };
        let request = match self.shape {
            Shape::Form {
                version,
                parameters,
            } => {
                let filled = parameters.iter();
                let filled = filled.map(|(name, it)| Some(((*name).to_owned(), holes.fill(it)?)));
                let mut parameters = filled.collect::<Option<Vec<_>>>()?;
                parameters.extend(self.tag_parameters(tags));
                if self.kind == Kind::DryRun {
                    parameters.push(("DryRun".to_owned(), "true".to_owned()));
                }
                Request::Form {
                    version,
                    parameters,
                }
            }
            Shape::Json { target, body } => Request::Json {
                target,
                // Its braces are no holes.
                body: body.to_owned(),
            },
            Shape::Rest { method, path, body } => Request::Rest {
                method,
                path: holes.fill(path)?,
                body: body.to_owned(),
            },
        };
        Some(Probe {
            row: self,
            region: region.to_owned(),
            request,
            is_exact: false,
        })
    }

    fn tag_parameters(&self, tags: &[(String, String)]) -> Vec<(String, String)> {
        let Some(of) = self.tags.filter(|_| !tags.is_empty()) else {
            return Vec::new();
        };
        let mut parameters = vec![("TagSpecification.1.ResourceType".to_owned(), of.to_owned())];
        for (at, (key, value)) in tags.iter().enumerate() {
            let start = format!("TagSpecification.1.Tag.{}", at + 1);
            parameters.push((format!("{start}.Key"), key.clone()));
            parameters.push((format!("{start}.Value"), value.clone()));
        }
        parameters
    }

    /// Whether the probe is what the call asks: one request, on what is only created or not named
    /// at all, with every key that is fixed.
    pub(super) fn asks(&self, call: &Call) -> bool {
        let is_one =
            |(_, value): &(String, ContextValue)| !matches!(value, ContextValue::Family { .. });
        let is_named = matches!(self.kind, Kind::Read) && call.resources.len() == 1;
        let resources = call.resources.iter().all(|it| match it.created {
            true => true,
            false => is_named && it.family.is_none() && it.context.is_empty(),
        });
        let mut keys = call.context.iter();
        let mut own = call.resources.iter().flat_map(|it| &it.context);
        // A resource's own keys are what AWS makes of the request's tags.
        let is_tag = |(key, _): &(String, ContextValue)| {
            let key = key.to_ascii_lowercase();
            [
                "aws:resourcetag/",
                "ec2:resourcetag/",
                "aws:requesttag/",
                "aws:tagkeys",
            ]
            .iter()
            .any(|it| key.starts_with(it))
        };
        let created = self.tags.is_some();
        resources
            && keys.all(|it| is_one(it) && (carried(&it.0) || created && is_tag(it)))
            && own.all(|it| is_one(it) && (carried(&it.0) || created && is_tag(it)))
    }
}

/// Whether every request of the caller carries a key as the requirement fixes it: AWS fills it from
/// the request and the caller (IAM User Guide, "AWS global condition context keys").
fn carried(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.starts_with("aws:principal")
        || [
            "aws:calledvia",
            "aws:requestedregion",
            "aws:securetransport",
            "aws:userid",
            "aws:username",
            "aws:viaawsservice",
            "ec2:region",
        ]
        .contains(&key.as_str())
}

pub(super) fn requested_region(call: &Call) -> Option<String> {
    let mut keys = call.context.iter();
    let found = keys.find(|(key, _)| key.eq_ignore_ascii_case("aws:RequestedRegion"));
    if let Some((_, ContextValue::One(region))) = found {
        return Some(region.clone());
    }
    let arn = call.resources.first()?.arn.as_str();
    let region = Arn::parse(arn)?.region.to_owned();
    Some(region).filter(|it| !it.is_empty() && !pattern::has_wildcard(it))
}

pub(super) fn request_tags(call: &Call) -> Vec<(String, String)> {
    const START: &str = "aws:requesttag/";
    let of_resources = call.resources.iter().flat_map(|it| &it.context);
    let mut tags: Vec<(String, String)> = Vec::new();
    for (key, value) in call.context.iter().chain(of_resources) {
        let is_tag = key
            .get(..START.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(START));
        let value = value.values().into_iter().next();
        if let (true, Some(value)) = (is_tag, value) {
            let name = &key[START.len()..];
            if !tags.iter().any(|(known, _)| known == name) {
                tags.push((name.to_owned(), value));
            }
        }
    }
    tags
}

/// Whether what a call names is one of those whose names start with the vendor's prefix.
pub(super) fn has_prefix(resource: &CallResource, names: &Names) -> bool {
    let name = last_segment(&resource.arn);
    !names.prefix.is_empty() && name.starts_with(&names.prefix)
}

struct Holes<'a> {
    region: &'a str,
    resource: &'a str,
    names: &'a Names,
}

impl Holes<'_> {
    fn fill(&self, template: &str) -> Option<String> {
        let mut filled = template.to_owned();
        for hole in ["{region}", "{name}", "{id}", "{1}", "{2}", "{last}"] {
            if filled.contains(hole) {
                filled = filled.replace(hole, &self.value(hole)?);
            }
        }
        Some(filled)
    }

    fn value(&self, hole: &str) -> Option<String> {
        let path = Arn::parse(self.resource).map_or("", |it| it.resource);
        let value = match hole {
            "{region}" => self.region.to_owned(),
            "{name}" => format!("{}{}", self.names.prefix, self.random()?),
            "{id}" => self.random()?.get(..17)?.to_owned(),
            "{1}" => path.split('/').nth(1)?.to_owned(),
            "{2}" => path.split('/').nth(2)?.to_owned(),
            _ => last_segment(path).to_owned(),
        };
        // Nothing that would have to be encoded, or that stands for many.
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
        (!value.is_empty() && value.chars().all(is_plain)).then_some(value)
    }

    fn random(&self) -> Option<&str> {
        let random = self.names.random.as_str();
        let is_whole = random.len() == 32 && random.bytes().all(|it| it.is_ascii_hexdigit());
        is_whole.then_some(random)
    }
}
