//! What a call was checked on: the ARNs that evidence names, and those that it makes certain.
//!
//! The catalog says on which types an action is checked and how their ARNs are written. An ARN is
//! put together only where every part is in the evidence; a type whose ARN is not certain stays in
//! the list without one.

use crate::catalog::{ActionResource, Catalog, ResourceType};

use super::operation::Meant;

/// Something that a call was checked on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Its type, `service:type`.
    pub resource_type: String,
    /// Its ARN; none: the evidence does not tell it. `*` stands for what AWS names when the thing
    /// is created.
    pub arn: Option<String>,
    /// Whether the call created it.
    pub created: bool,
    /// The ARN that it got, where `arn` has a `*` for it.
    pub assigned: Option<String>,
    /// The account that owns it, where the evidence says so and the ARN does not.
    pub account: Option<String>,
    /// What it is called, where that is known and its ARN is not.
    pub name: Option<String>,
}

impl Seen {
    pub(super) fn of(resource_type: &str, arn: Option<String>) -> Self {
        Self {
            resource_type: resource_type.to_owned(),
            arn,
            created: false,
            assigned: None,
            account: None,
            name: None,
        }
    }
}

/// Where a call was made, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Home<'a> {
    pub(super) partition: Option<&'a str>,
    pub(super) region: Option<&'a str>,
    pub(super) account: Option<&'a str>,
}

impl<'a> Home<'a> {
    pub(super) fn value(&self, hole: &str) -> Option<&'a str> {
        match hole {
            "Partition" => self.partition,
            "Region" => self.region,
            "Account" => self.account,
            _ => None,
        }
    }
}

/// A piece of an ARN format: text, or the name of a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    Hole(&'t str),
}

/// Takes an ARN format such as `arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}` apart.
pub(super) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find("${") {
        let Some(end) = rest[at..].find('}') else {
            break;
        };
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        pieces.push(Piece::Hole(&rest[at + 2..at + end]));
        rest = &rest[at + end + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// Returns what stands in the holes of a format, if the ARN is one of it. The last hole takes
/// slashes and colons only where `is_loose`: names of roles with their paths, keys of objects.
pub(super) fn holes<'t, 'a>(
    template: &'t str,
    arn: &'a str,
    is_loose: bool,
) -> Option<Vec<(&'t str, &'a str)>> {
    let pieces = pieces(template);
    let mut found = Vec::new();
    let mut rest = arn;
    for (at, piece) in pieces.iter().enumerate() {
        let name = match piece {
            Piece::Text(text) => {
                rest = rest.strip_prefix(text)?;
                continue;
            }
            Piece::Hole(name) => *name,
        };
        let end = match pieces.get(at + 1) {
            Some(Piece::Text(next)) => rest.find(next)?,
            Some(Piece::Hole(_)) => return None,
            None => rest.len(),
        };
        let value = &rest[..end];
        let is_last = at + 1 == pieces.len();
        let may_be_empty = matches!(name, "Region" | "Account");
        let is_split = value.contains([':', '/']) && !(is_loose && is_last);
        if is_split || value.is_empty() && !may_be_empty {
            return None;
        }
        found.push((name, value));
        rest = &rest[end..];
    }
    rest.is_empty().then_some(found)
}

/// Returns the type of an action, `service:type`, that this is an ARN of.
pub(super) fn type_of(meant: &Meant, arn: &str) -> Option<String> {
    let types =
        || types(meant).flat_map(|(row, it)| it.arn_templates.iter().map(move |t| (row, t)));
    let strict = types().find(|(_, template)| holes(template, arn, false).is_some());
    let loose = || {
        let fits = |template: &str| holes(template, arn, true).map(|it| it.len());
        types()
            .filter_map(|(row, template)| Some((fits(template)?, row)))
            .max_by_key(|(count, _)| *count)
            .map(|(_, row)| row)
    };
    let row = strict.map(|(row, _)| row).or_else(loose)?;
    Some(full_type(meant, row))
}

pub(super) fn full_type(meant: &Meant, row: &ActionResource) -> String {
    format!("{}:{}", meant.service, row.name)
}

/// Returns the rows of an action with their types.
pub(super) fn types(
    meant: &Meant,
) -> impl Iterator<Item = (&'static ActionResource, &'static ResourceType)> {
    let service = Catalog::builtin().service(meant.service);
    let rows = meant.action.resource_types.iter();
    rows.filter_map(move |row| Some((row, service?.resource_type(&row.name)?)))
}

/// Returns the ARN of any thing of these types: `*` for what is not known.
pub(super) fn any_of(meant: &Meant, home: Home<'_>) -> Result<Vec<Seen>, String> {
    let mut seen = missing(meant, &[])?;
    for one in &mut seen {
        let (_, name) = one.resource_type.split_once(':').unwrap_or_default();
        let kind = types(meant).find(|(row, _)| *row.name == *name);
        let template = kind.and_then(|(_, it)| it.arn_templates.first());
        one.arn = template
            .and_then(|it| fill(it, |hole| Some(home.value(hole).unwrap_or("*").to_owned())));
    }
    Ok(seen)
}

/// Returns an ARN of this format; none if a value is not known.
pub(super) fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let parts = pieces(template).into_iter().map(|piece| match piece {
        Piece::Text(text) => Some(text.to_owned()),
        Piece::Hole(name) => value(name),
    });
    parts.collect()
}

/// Returns the types that a call was checked on for certain and that are not seen.
///
/// # Errors
///
/// Why it cannot be told: the action may be checked on several types, and none is seen.
pub(super) fn missing(meant: &Meant, seen: &[Seen]) -> Result<Vec<Seen>, String> {
    let rows = &meant.action.resource_types;
    let required = rows.iter().filter(|row| row.required);
    let required = required.map(|row| full_type(meant, row));
    let mut missing: Vec<Seen> = required
        .filter(|kind| !seen.iter().any(|it| it.resource_type == *kind))
        .map(|kind| Seen::of(&kind, None))
        .collect();
    if rows.is_empty() || !seen.is_empty() || !missing.is_empty() {
        return Ok(missing);
    }
    // Access points stand for what is behind them.
    let plain =
        |row: &&ActionResource| meant.service == "s3" && matches!(&*row.name, "bucket" | "object");
    let plain: Vec<_> = rows.iter().filter(plain).collect();
    let only = match (plain.as_slice(), rows.as_slice()) {
        ([row], _) => row,
        (_, [row]) => row,
        _ => {
            return Err(format!(
                "`{}` may be checked on {} types of resource, and none is named",
                meant.name(),
                rows.len()
            ));
        }
    };
    missing.push(Seen::of(&full_type(meant, only), None));
    Ok(missing)
}
