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
    fn value(&self, hole: &str) -> Option<&'a str> {
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

fn full_type(meant: &Meant, row: &ActionResource) -> String {
    format!("{}:{}", meant.service, row.name)
}

/// Returns the rows of an action with their types.
fn types(meant: &Meant) -> impl Iterator<Item = (&'static ActionResource, &'static ResourceType)> {
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

/// A text in the parameters or the answer of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'r> {
    pub(super) key: &'r str,
    pub(super) value: &'r str,
}

/// What a record says about one call.
#[derive(Debug)]
pub(super) struct Said<'r> {
    pub(super) home: Home<'r>,
    /// The ARNs that the record lists, each with its owner.
    pub(super) listed: Vec<(&'r str, Option<&'r str>)>,
    pub(super) request: Vec<Field<'r>>,
    pub(super) response: Vec<Field<'r>>,
}

impl<'r> Said<'r> {
    fn is_in_request(&self, value: &str) -> bool {
        self.request.iter().any(|it| it.value == value)
    }
}

/// Services whose parameters are named like the holes of their ARN formats and hold what stands
/// there; elsewhere a parameter of that name may be an ARN, a name and an id by turns.
const TRUSTED: [&str; 7] = ["ec2", "eks", "s3", "dynamodb", "logs", "lambda", "ecr"];

/// Parameters that are named otherwise: service, hole, parameter (API references of the services).
const NAMES: [(&str, &str, &str); 4] = [
    ("s3", "ObjectName", "key"),
    ("ec2", "SecurityGroupId", "groupId"),
    ("ec2", "KeyPairName", "keyName"),
    ("eks", "ClusterName", "name"),
];

/// What the ids of Amazon EC2 begin with, and the holes for them, for operations on resources of any
/// type, whose parameter is `resourceId` (Amazon EC2 User Guide, "Resource IDs").
const ID_PREFIXES: [(&str, &str); 20] = [
    ("acl", "NaclId"),
    ("ami", "ImageId"),
    ("dopt", "DhcpOptionsId"),
    ("eigw", "EgressOnlyInternetGatewayId"),
    ("eipalloc", "AllocationId"),
    ("eni", "NetworkInterfaceId"),
    ("i", "InstanceId"),
    ("igw", "InternetGatewayId"),
    ("lt", "LaunchTemplateId"),
    ("nat", "NatGatewayId"),
    ("pcx", "VpcPeeringConnectionId"),
    ("rtb", "RouteTableId"),
    ("sg", "SecurityGroupId"),
    ("sgr", "SecurityGroupRuleId"),
    ("snap", "SnapshotId"),
    ("subnet", "SubnetId"),
    ("tgw", "TransitGatewayId"),
    ("vol", "VolumeId"),
    ("vpc", "VpcId"),
    ("vpce", "VpcEndpointId"),
];

/// Holes whose values have slashes.
const WITH_SLASHES: [&str; 3] = ["ObjectName", "LogGroupName", "RepositoryName"];

/// Things that a call creates beside what it is named after (Amazon EC2 User Guide, "Example
/// policies to control access to the Amazon EC2 API", launching instances).
const ALSO_CREATED: [(&str, &str); 2] = [
    ("ec2:RunInstances", "network-interface"),
    ("ec2:RunInstances", "volume"),
];

/// Returns what a recorded call was checked on.
///
/// # Errors
///
/// Why it cannot be told.
pub(super) fn of_record(meant: &Meant, said: &Said<'_>) -> Result<Vec<Seen>, String> {
    let mut seen: Vec<Seen> = Vec::new();
    if meant.is_on_what_is_named {
        let typed = Typed::of(meant, said);
        for (row, kind) in types(meant) {
            let own = of_type(meant, row, kind, said, &typed);
            let is_new = |it: &Seen| !seen.iter().any(|known| known.arn == it.arn);
            let own: Vec<Seen> = own.into_iter().filter(|it| is_new(it)).collect();
            seen.extend(own);
        }
    }
    let mut unseen = missing(meant, &seen)?;
    for one in &mut unseen {
        let (_, name) = one.resource_type.split_once(':').unwrap_or_default();
        one.created = creates(meant, name);
        one.name = named(meant, name, said);
        let kind = types(meant).find(|(row, _)| *row.name == *name);
        let template = kind.and_then(|(_, it)| it.arn_templates.first());
        if let Some(template) = template.filter(|_| one.created && one.name.is_none()) {
            one.arn = nameless(template, said);
        }
        if let (Some(template), true, Some(own)) = (template, one.created, &one.name) {
            one.arn = with_path(template, own, said);
        }
    }
    seen.append(&mut unseen);
    Ok(seen)
}

/// The ARNs in a record with the types that the action knows them as.
struct Typed<'r>(Vec<(&'r str, String)>);

impl<'r> Typed<'r> {
    fn of(meant: &Meant, said: &Said<'r>) -> Self {
        let fields = said.request.iter().chain(&said.response).map(|it| it.value);
        let arns = fields.filter(|it| it.starts_with("arn:"));
        let mut typed: Vec<(&str, String)> = Vec::new();
        for arn in arns.chain(said.listed.iter().map(|(arn, _)| *arn)) {
            if !typed.iter().any(|(known, _)| *known == arn) {
                typed.extend(type_of(meant, arn).map(|kind| (arn, kind)));
            }
        }
        Self(typed)
    }

    fn is(&self, arn: &str, kind: &str) -> bool {
        let mut all = self.0.iter();
        all.any(|(known, of)| *known == arn && of == kind)
    }
}

fn of_type(
    meant: &Meant,
    row: &ActionResource,
    kind: &ResourceType,
    said: &Said<'_>,
    typed: &Typed<'_>,
) -> Vec<Seen> {
    let full = full_type(meant, row);
    let is_own = |arn: &str| typed.is(arn, &full);
    let created = creates(meant, &row.name);
    let mut seen: Vec<Seen> = Vec::new();
    for (arn, account) in &said.listed {
        if is_own(arn) {
            seen.push(Seen {
                created,
                account: account.map(str::to_owned),
                ..Seen::of(&full, Some((*arn).to_owned()))
            });
        }
    }
    let in_request = said.request.iter().filter(|it| is_own(it.value));
    seen.extend(in_request.map(|it| Seen::of(&full, Some(it.value.to_owned()))));
    if seen.is_empty() {
        let built = kind
            .arn_templates
            .iter()
            .flat_map(|it| built(meant, it, &said.request, said));
        seen.extend(built.map(|arn| Seen {
            created,
            ..Seen::of(&full, Some(arn))
        }));
    }
    if seen.is_empty() {
        let mut answers: Vec<String> = said
            .response
            .iter()
            .filter(|it| is_own(it.value))
            .map(|it| it.value.to_owned())
            .collect();
        let templates = kind.arn_templates.iter();
        answers.extend(templates.flat_map(|it| built(meant, it, &said.response, said)));
        for arn in answers {
            let one = answered(meant, &full, arn, kind, said);
            if !seen.contains(&one) {
                seen.push(one);
            }
        }
    }
    seen.dedup_by(|a, b| a.arn == b.arn && a.assigned == b.assigned);
    seen
}

/// A thing that only the answer names: where its last part is not in the request, AWS chose it, and
/// the call was checked on `*` in its place (Service Authorization Reference; the examples of the
/// Amazon EC2 User Guide allow creation on `vpc/*`).
fn answered(meant: &Meant, full: &str, arn: String, kind: &ResourceType, said: &Said<'_>) -> Seen {
    let templates = kind.arn_templates.iter();
    let last = templates
        .filter_map(|it| holes(it, &arn, true))
        .find_map(|it| it.last().copied());
    let verbs = [
        "Create", "Run", "Allocate", "Request", "Register", "Copy", "Import",
    ];
    let creates = verbs.iter().any(|it| meant.action.name.starts_with(it));
    let is_chosen_by_aws = last.is_some_and(|(_, value)| {
        let name = value.rsplit('/').next().unwrap_or(value);
        creates && !said.is_in_request(value) && !said.is_in_request(name)
    });
    let pattern = last
        .filter(|_| is_chosen_by_aws)
        .map(|(_, value)| format!("{}*", &arn[..arn.len() - value.len()]));
    Seen {
        created: creates,
        assigned: pattern.is_some().then(|| arn.clone()),
        ..Seen::of(full, Some(pattern.unwrap_or(arn)))
    }
}

/// Returns the ARNs of a format whose every part is in these fields; one for each value of the last.
fn built(meant: &Meant, template: &str, fields: &[Field<'_>], said: &Said<'_>) -> Vec<String> {
    if !TRUSTED.contains(&meant.service) {
        return Vec::new();
    }
    let last = pieces(template).into_iter().rev().find_map(|it| match it {
        Piece::Hole(name) if name != "UUID" => Some(name),
        _ => None,
    });
    let Some(last) = last.filter(|it| !matches!(*it, "Partition" | "Region" | "Account")) else {
        return Vec::new();
    };
    let candidates = values(meant, last, fields);
    let other = |hole: &str| -> Option<String> {
        if matches!(hole, "Partition" | "Region" | "Account") {
            return said.home.value(hole).map(str::to_owned);
        }
        // Amazon EKS puts an id of its own behind the names.
        if hole == "UUID" && meant.service == "eks" {
            return Some("*".to_owned());
        }
        match values(meant, hole, &said.request).as_slice() {
            [only] => Some((*only).to_owned()),
            _ => None,
        }
    };
    let candidates = candidates.into_iter();
    candidates
        .filter_map(|value| {
            fill(template, |hole| match hole == last {
                true => Some(value.to_owned()),
                false => other(hole),
            })
        })
        .collect()
}

/// Returns the values that stand in a hole, each once.
fn values<'r>(meant: &Meant, hole: &str, fields: &[Field<'r>]) -> Vec<&'r str> {
    let is_alias = |field: &Field<'_>| {
        let mut names = NAMES.iter();
        names.any(|(service, of, name)| {
            *service == meant.service && *of == hole && field.key.eq_ignore_ascii_case(name)
        })
    };
    let may_have_slashes = WITH_SLASHES.contains(&hole);
    let mut found: Vec<&str> = Vec::new();
    for field in fields {
        let prefix = field.value.split_once('-').map(|(prefix, _)| prefix);
        let is_of_prefix = meant.service == "ec2"
            && field.key == "resourceId"
            && prefix.is_some_and(|it| ID_PREFIXES.contains(&(it, hole)));
        let is_named = field.key.eq_ignore_ascii_case(hole) || is_alias(field) || is_of_prefix;
        let is_plain = !field.value.is_empty()
            && !field.value.contains([':', '*', '?'])
            && (may_have_slashes || !field.value.contains('/'));
        if is_named && is_plain && !found.contains(&field.value) {
            found.push(field.value);
        }
    }
    found
}

/// Whether a call creates things of a type: it is named after it.
fn creates(meant: &Meant, kind: &str) -> bool {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.collect::<String>().to_ascii_lowercase()
    };
    let name = meant.name();
    if ALSO_CREATED.contains(&(&name, kind)) {
        return true;
    }
    let verbs = ["Create", "Run", "Allocate", "Request"];
    let noun = verbs
        .iter()
        .find_map(|it| meant.action.name.strip_prefix(it));
    noun.map(plain).is_some_and(|noun| {
        noun.strip_suffix('s').unwrap_or(&noun) == plain(kind) || noun == plain(kind)
    })
}

/// The ARN with which AWS checks the creation of what gets its name only then; only where that name
/// is an id, for a name that the request gives would have been found.
fn nameless(template: &str, said: &Said<'_>) -> Option<String> {
    let open = pieces(template).into_iter().filter(|it| {
        matches!(it, Piece::Hole(name) if !matches!(*name, "Partition" | "Region" | "Account"))
    });
    let open: Vec<_> = open.collect();
    let is_id = matches!(open.as_slice(), [Piece::Hole(name)] if name.ends_with("Id"));
    let value = |hole: &str| match said.home.value(hole) {
        Some(value) => Some(value.to_owned()),
        None => hole.ends_with("Id").then(|| "*".to_owned()),
    };
    is_id.then(|| fill(template, value)).flatten()
}

/// The name of an IAM thing whose path the request does not tell.
fn named(meant: &Meant, kind: &str, said: &Said<'_>) -> Option<String> {
    let key = match (meant.service, kind) {
        ("iam", "role") => "roleName",
        ("iam", "user") => "userName",
        ("iam", "group") => "groupName",
        ("iam", "policy") => "policyName",
        ("iam", "instance-profile") => "instanceProfileName",
        _ => return None,
    };
    let mut fields = said.request.iter();
    let field = fields.find(|it| it.key.eq_ignore_ascii_case(key))?;
    (!field.value.contains(['/', ':'])).then(|| field.value.to_owned())
}

/// The ARN of an IAM thing that is created: its path is in the request, or `/` (IAM API Reference,
/// "CreateRole" and its like).
fn with_path(template: &str, name: &str, said: &Said<'_>) -> Option<String> {
    let path = said.request.iter().find(|it| it.key == "path");
    let path = path.map_or("/", |it| it.value);
    if !path.starts_with('/') || !path.ends_with('/') {
        return None;
    }
    fill(template, |hole| match said.home.value(hole) {
        Some(value) => Some(value.to_owned()),
        None => hole
            .ends_with("WithPath")
            .then(|| format!("{}{name}", &path[1..])),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::operation::{Meaning, meaning};

    fn meant(service: &str, name: &str) -> Meant {
        match meaning(service, name) {
            Meaning::Actions(actions) => actions[0],
            Meaning::Unknown(why, _) => panic!("{why}"),
        }
    }

    #[test]
    fn arns_have_the_type_whose_format_they_are_of() {
        let kind = |service: &str, name: &str, arn: &str| type_of(&meant(service, name), arn);
        let object = kind("s3", "GetObject", "arn:aws:s3:::bucket/a/b/c");
        assert_eq!(object.as_deref(), Some("s3:object"));
        assert_eq!(kind("s3", "GetObject", "arn:aws:s3:::bucket"), None);
        let role = kind(
            "iam",
            "DeleteRole",
            "arn:aws:iam::111122223333:role/team/app",
        );
        assert_eq!(role.as_deref(), Some("iam:role"));
        let vpc = kind(
            "ec2",
            "DeleteVpc",
            "arn:aws:ec2:eu-central-1:111122223333:vpc/*",
        );
        assert_eq!(vpc.as_deref(), Some("ec2:vpc"));
        assert_eq!(
            kind(
                "ec2",
                "DeleteVpc",
                "arn:aws:ec2:eu-central-1:111122223333:subnet/a"
            ),
            None
        );
        assert_eq!(kind("ec2", "DeleteVpc", "arn:aws:ec2"), None);
    }

    #[test]
    fn prefixes_of_ids_lead_to_formats() {
        let service = Catalog::builtin().service("ec2").unwrap();
        for (prefix, hole) in ID_PREFIXES {
            let mut templates = service
                .resource_types()
                .iter()
                .flat_map(|it| it.arn_templates.iter());
            let is_there = templates.any(|it| it.ends_with(&format!("/${{{hole}}}")));
            assert!(is_there, "{prefix}: no format has {hole}");
        }
    }

    #[test]
    fn what_is_not_told_stays_open() {
        let unseen = missing(&meant("ec2", "DeleteVpc"), &[]).unwrap();
        assert_eq!(unseen, [Seen::of("ec2:vpc", None)]);
        assert!(
            missing(&meant("ec2", "DescribeVpcs"), &[])
                .unwrap()
                .is_empty()
        );
        assert!(missing(&meant("ec2", "CreateTags"), &[]).is_err());
        let any = any_of(&meant("s3", "GetObject"), Home::default()).unwrap();
        assert_eq!(any[0].arn.as_deref(), Some("arn:*:s3:::*/*"));
    }
}
