//! The objects of a written profile: what was seen, with account, region and partition as variables.

use toml_edit::DocumentMut;

use super::table::{NewObject, add_object, add_variable};
use crate::arn::{Arn, is_account_id};
use crate::catalog::Catalog;
use crate::evidence::name::{escaped, kebab, unique};
use crate::evidence::resource::{Piece, fill, holes, pieces};
use crate::evidence::{Observed, Seen};
use crate::profile::Profile;

/// A thing that requirements name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::evidence) struct Thing {
    pub(in crate::evidence) resource_type: String,
    /// Its ARN as profiles write it; none: a variable without a value.
    pub(in crate::evidence) arn: Option<String>,
    /// What it is called, where that is all that is known.
    pub(in crate::evidence) called: Option<String>,
    pub(in crate::evidence) created: bool,
    pub(in crate::evidence) tags: Vec<(String, String)>,
    /// The account that owns it, as profiles write it, where the ARN does not say.
    pub(in crate::evidence) account: Option<String>,
}

/// The account, region and partition of the calls, as far as there is one of each.
#[derive(Clone, Debug, Default)]
pub(in crate::evidence) struct Home {
    pub(super) partition: Option<String>,
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
    is_open: bool,
}

impl Home {
    /// Returns what most calls have in common; a region only if all have the same.
    pub(super) fn of(calls: &[Observed]) -> Self {
        let mut partitions = Vec::new();
        let mut accounts = Vec::new();
        let mut regions = Vec::new();
        for call in calls {
            let arns = call.resources.iter().filter_map(|it| it.arn.as_deref());
            let arns = arns.chain(call.caller.as_deref());
            for arn in arns.filter_map(Arn::parse) {
                partitions.push(arn.partition);
                accounts.push(arn.account);
                if call.region.is_none() {
                    regions.push(arn.region);
                }
            }
            accounts.extend(call.account.as_deref());
            let service = call.action.split(':').next().unwrap_or_default();
            if !["iam", "sts", "route53", "organizations"].contains(&service) {
                regions.extend(call.region.as_deref());
            }
        }
        partitions.retain(|it| Catalog::builtin().partition(it).is_some());
        accounts.retain(|it| is_account_id(it));
        regions.retain(|it| Catalog::builtin().is_region(it));
        regions.sort_unstable();
        regions.dedup();
        let only = match regions.as_slice() {
            [only] => Some((*only).to_owned()),
            _ => None,
        };
        Self {
            partition: most_frequent(partitions),
            account: most_frequent(accounts),
            region: only,
            is_open: false,
        }
    }

    /// Returns the values of a profile's own variables.
    pub(in crate::evidence) fn of_profile(profile: &Profile) -> Self {
        let value = |name: &str| {
            let default = profile.variable(name)?.default.as_ref()?;
            match default.as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            }
        };
        Self {
            partition: value("partition"),
            account: value("account"),
            region: value("region"),
            is_open: false,
        }
    }

    /// The same where the variables are there, with values or without.
    pub(super) fn with_variables(mut self) -> Self {
        self.partition = self.partition.or_else(|| Some("aws".to_owned()));
        self.is_open = true;
        self
    }

    /// Whether an ARN has to be made up for which no region is known.
    pub(super) fn needs_region(&self, calls: &[Observed], generalise: bool) -> bool {
        let is_open = |it: &Seen| {
            let template = it
                .arn
                .is_none()
                .then(|| template(&it.resource_type))
                .flatten();
            template.is_some_and(|it| it.contains("${Region}"))
        };
        generalise && calls.iter().any(|call| call.resources.iter().any(is_open))
    }

    /// Returns a text with account, region and partition as variables where it is an ARN.
    pub(in crate::evidence) fn templated(&self, text: &str) -> String {
        let Some(arn) = Arn::parse(text) else {
            return escaped(text);
        };
        let part = |value: &str, own: &Option<String>, name: &str| match own {
            Some(own) if own == value => format!("{{{name}}}"),
            _ => escaped(value),
        };
        format!(
            "arn:{}:{}:{}:{}:{}",
            part(arn.partition, &self.partition, "partition"),
            escaped(arn.service),
            part(arn.region, &self.region, "region"),
            part(arn.account, &self.account, "account"),
            escaped(arn.resource),
        )
    }

    /// Returns what was seen as a profile names it.
    pub(in crate::evidence) fn thing(&self, seen: &Seen, generalise: bool) -> Thing {
        let arn = match (&seen.arn, generalise) {
            (Some(arn), true) => Some(self.templated(&generalised(&seen.resource_type, arn))),
            (Some(arn), false) => Some(self.templated(arn)),
            (None, true) => self.any(seen),
            (None, false) => None,
        };
        let own = template(&seen.resource_type).unwrap_or_default();
        let names_account = own.contains("${Account}") || own.contains(":aws:");
        let account = match &seen.account {
            Some(account) if self.account.as_ref() != Some(account) => Some(account.clone()),
            _ => Some("{account}".to_owned()),
        };
        Thing {
            resource_type: seen.resource_type.clone(),
            called: seen.name.clone().filter(|_| arn.is_none()),
            arn,
            created: seen.created,
            tags: Vec::new(),
            account: account.filter(|_| !names_account && !is_amazon_image(&seen.resource_type)),
        }
    }

    /// The ARN of any thing of a type, by its name where that is known.
    fn any(&self, seen: &Seen) -> Option<String> {
        let own = |value: &Option<String>, name: &str| match (value, self.is_open) {
            (_, true) | (Some(_), _) => format!("{{{name}}}"),
            (None, false) => "*".to_owned(),
        };
        fill(template(&seen.resource_type)?, |hole| {
            Some(match (hole, &seen.name) {
                ("Partition", _) => own(&self.partition, "partition"),
                ("Region", _) => own(&self.region, "region"),
                ("Account", _) => own(&self.account, "account"),
                (hole, Some(name)) if hole.ends_with("WithPath") => format!("*{}", escaped(name)),
                _ => "*".to_owned(),
            })
        })
    }
}

/// Whether nothing says that a thing is of the account.
pub(super) fn is_taken_for_own(seen: &Seen) -> bool {
    let names_account = template(&seen.resource_type)
        .is_none_or(|it| it.contains("${Account}") || it.contains(":aws:"));
    seen.account.is_none() && !names_account && !is_amazon_image(&seen.resource_type)
}

/// Images are AWS's, a vendor's or one's own: their ARNs do not tell.
fn is_amazon_image(resource_type: &str) -> bool {
    matches!(resource_type, "ec2:image" | "ec2:snapshot")
}

fn most_frequent(mut values: Vec<&str>) -> Option<String> {
    values.sort_unstable();
    let mut best: Option<(usize, &str)> = None;
    for same in values.chunk_by(|a, b| a == b) {
        if best.is_none_or(|(count, _)| same.len() > count) {
            best = Some((same.len(), same[0]));
        }
    }
    best.map(|(_, value)| value.to_owned())
}

/// Returns the first ARN format of a type, `service:type`.
fn template(resource_type: &str) -> Option<&'static str> {
    let (service, name) = resource_type.split_once(':')?;
    let kind = Catalog::builtin().service(service)?.resource_type(name)?;
    kind.arn_templates.first().map(|it| &**it)
}

/// Puts `*` in the place of ids that AWS assigned: the format says which part is an id, and its
/// value that AWS chose it. Names stay.
fn generalised(resource_type: &str, arn: &str) -> String {
    let Some(template) = template(resource_type) else {
        return arn.to_owned();
    };
    let Some(found) = holes(template, arn, false) else {
        return arn.to_owned();
    };
    let value = |hole: &str| {
        found
            .iter()
            .find(|(name, _)| *name == hole)
            .map(|(_, it)| *it)
    };
    let is_id = |hole: &str| hole.ends_with("Id") || hole == "UUID";
    let general = fill(template, |hole| {
        let value = value(hole)?;
        Some(match is_id(hole) {
            true => assigned(value).unwrap_or_else(|| value.to_owned()),
            false => value.to_owned(),
        })
    });
    general.unwrap_or_else(|| arn.to_owned())
}

/// Returns the pattern of ids like this one, if AWS assigns such: `vpc-0a1b2c3d` is `vpc-*`.
fn assigned(value: &str) -> Option<String> {
    let is_hex = |it: &str| it.len() >= 8 && it.bytes().all(|it| it.is_ascii_hexdigit());
    let plain: String = value.chars().filter(|it| *it != '-').collect();
    if is_hex(&plain) && (plain.len() == value.len() || value.len() == 36) {
        return Some("*".to_owned());
    }
    let (prefix, id) = value.rsplit_once('-')?;
    let is_word = |it: u8| it.is_ascii_lowercase() || it == b'-';
    (is_hex(id) && prefix.bytes().all(is_word)).then(|| format!("{prefix}-*"))
}

/// The objects of a document, with their names.
#[derive(Debug, Default)]
pub(in crate::evidence) struct Objects {
    named: Vec<(String, Thing)>,
    taken: Vec<String>,
    variables: Vec<String>,
}

impl Objects {
    /// Returns those that a profile has.
    pub(super) fn of(profile: &Profile) -> Self {
        let named = profile.objects.iter().map(|object| {
            let written = |(key, it): &(crate::profile::Template, crate::profile::Template)| {
                (key.written(), it.written())
            };
            let thing = Thing {
                resource_type: object.resource_type.clone(),
                arn: Some(object.arn.written()),
                called: None,
                created: false,
                tags: object.tags.iter().map(written).collect(),
                account: object
                    .account
                    .as_ref()
                    .map(crate::profile::Template::written),
            };
            (object.name.clone(), thing)
        });
        Self {
            named: named.collect(),
            taken: profile.objects.iter().map(|it| it.name.clone()).collect(),
            variables: profile.variables.iter().map(|it| it.name.clone()).collect(),
        }
    }

    /// Returns the name of a thing, declaring it where it is new, with the variable that it needs.
    pub(in crate::evidence) fn name(
        &mut self,
        document: &mut DocumentMut,
        thing: &Thing,
        has_tags: bool,
    ) -> (String, Option<String>) {
        let is_it = |known: &Thing| {
            known.resource_type == thing.resource_type
                && known.arn == thing.arn
                && known.called == thing.called
                && (known.tags == thing.tags || thing.tags.is_empty())
        };
        if let Some((name, _)) = self.named.iter().find(|(_, it)| is_it(it)) {
            return (name.clone(), None);
        }
        let wanted = wanted_name(thing);
        let name = unique(&wanted, |it| self.taken.iter().any(|known| known == it));
        self.taken.push(name.clone());
        self.named.push((name.clone(), thing.clone()));
        let mut open = None;
        let arn = thing.arn.clone().unwrap_or_else(|| {
            let is_taken = |it: &str| self.variables.iter().any(|known| known == it);
            let variable = unique(&name, is_taken);
            self.variables.push(variable.clone());
            let kind = thing.resource_type.split(':').nth(1).unwrap_or_default();
            let called = thing.called.as_ref();
            let called = called.map(|it| format!(" `{it}`")).unwrap_or_default();
            let description =
                format!("the ARN of the {kind}{called}, which the evidence does not tell");
            add_variable(document, &variable, "arn", None, &description);
            open = Some(variable.clone());
            format!("{{{variable}}}")
        });
        let is_of_aws = arn.split(':').nth(4) == Some("aws");
        let owner = match (is_of_aws, has_tags && !thing.created) {
            (true, _) => Some("aws"),
            // The evidence does not say that it carries the profile's tags.
            (false, true) => Some("foreign"),
            (false, false) => None,
        };
        let new = NewObject {
            resource_type: &thing.resource_type,
            arn: &arn,
            owner,
            tags: &thing.tags,
            account: thing.account.as_deref(),
        };
        add_object(document, &name, &new);
        (name, open)
    }
}

/// Returns what a thing is best called: after its name or id, or its type.
fn wanted_name(thing: &Thing) -> String {
    let kind = kebab(thing.resource_type.split(':').nth(1).unwrap_or_default());
    let arn = thing.arn.as_deref().unwrap_or_default();
    let last = match (&thing.called, arn.rsplit_once(':')) {
        (Some(name), _) => name.as_str(),
        (None, Some((_, resource))) => {
            let holes = template(&thing.resource_type)
                .map(pieces)
                .unwrap_or_default();
            let names = holes.iter().filter(|it| matches!(it, Piece::Hole(name) if !matches!(*name, "Partition" | "Region" | "Account" | "UUID"))).count();
            match names {
                0 => "",
                1 => resource.rsplit('/').next().unwrap_or(resource),
                _ => resource.split_once('/').map_or(resource, |(_, it)| it),
            }
        }
        _ => "",
    };
    let last = kebab(last);
    match last.as_str() {
        "" => kind,
        last if last == kind || last.starts_with(&format!("{kind}-")) => last.to_owned(),
        last if thing.arn.as_deref().is_some_and(|it| it.ends_with('*'))
            && last.starts_with(&kind) =>
        {
            kind
        }
        last => format!("{kind}-{last}"),
    }
}
