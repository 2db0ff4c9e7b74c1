//! Completes a request from what is known: keys that follow from the caller and the resource (K3),
//! keys that the action cannot have (C36), and which of the rest are unknown.
//!
//! The facts come from the catalog: which keys AWS lists for an action and a resource type, and when
//! requests carry the global ones (AWS: "AWS global condition context keys").

use std::sync::Arc;

use super::listed::Listed;
use super::{Action, Context, Lookup, Principal, Request, Settings};
use crate::arn::{Arn, is_account_id, last_segment};
use crate::catalog::{self, Catalog, Presence};
use crate::pattern;
use crate::policy::operand;
use crate::switch::on;

/// What is known of a request before anything is derived.
#[derive(Clone, Debug, Default)]
pub struct Known<'a> {
    /// The caller; `None` as in SimulateCustomPolicy without a caller (K4).
    pub principal: Option<&'a Principal>,
    /// The ARN of the resource; `None` for a request without one.
    pub resource: Option<&'a str>,
    /// The type of the resource, where it is known better than from its ARN.
    pub resource_type: Option<&'a str>,
    /// The owner of the resource.
    pub resource_account: Option<&'a str>,
    /// Context keys with their values.
    pub context: &'a [(String, Vec<String>)],
    /// Keys that the request certainly lacks; one that ends in `/` stands for all that begin so.
    pub absent: &'a [String],
    /// Whether every key that is not given is absent.
    pub complete: bool,
    /// Facts outside the context.
    pub settings: Settings,
}

/// A request with the account of how it came about.
#[derive(Debug)]
pub struct Derived {
    /// The request.
    pub request: Request,
    /// Keys that were derived, with their values.
    pub derived: Vec<(String, String)>,
    /// Keys that were given but do not apply to the action or the resource (C36).
    pub dropped: Vec<String>,
    /// The resource type that the resource was taken for.
    pub resource_type: Option<String>,
}

/// Returns whether a key of the context starts with `aws:RequestTag/`, or is `aws:TagKeys`.
pub(super) fn passes_tags(context: &Context) -> bool {
    context.entries().iter().any(|entry| {
        let folded = entry.key.to_ascii_lowercase();
        !entry.values.is_empty()
            && (folded.starts_with("aws:requesttag/") || folded == "aws:tagkeys")
    })
}

/// The principal id that AWS's policy simulator uses without a caller (K4).
pub const SIMULATOR_PRINCIPAL: &str = "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR";

/// Completes a request.
#[must_use]
pub fn derive(action: &Action, known: &Known<'_>, catalog: &Catalog) -> Derived {
    let listed = Listed::new(action, known, catalog);
    let owner = owner(known);
    let principal = known.principal.cloned().unwrap_or_else(|| match on("K4") {
        true => Principal::simulated(owner.as_deref().unwrap_or_default()),
        false => Principal::Anonymous,
    });
    let mut context = Context::default();
    let mut dropped = Vec::new();
    // S11: a bucket's tags are keys only where attribute-based access control is on.
    let tags_hidden = hides_bucket_tags(action, known);
    for (key, values) in known.context {
        if tags_hidden && is_resource_tag(key) {
            if known.settings.bucket_abac == Some(false) {
                dropped.push(key.clone());
            }
            continue;
        }
        if !listed.applies(key, catalog) && on("C36") {
            dropped.push(key.clone());
            continue;
        }
        let declared = catalog.condition_key(&key.to_ascii_lowercase());
        let multivalued = declared.map_or(values.len() > 1, |key| key.multivalued && on("K1"));
        context.set(
            key,
            values.iter().map(|it| it.as_str().into()).collect(),
            multivalued,
        );
    }
    let mut derived = Vec::new();
    if on("K3") {
        for (key, value) in derivable(action, known, owner.as_deref(), &context) {
            if context.has(key) {
                continue;
            }
            let multivalued = catalog.condition_key(&key.to_ascii_lowercase());
            let values = value.split('\n').map(Into::into).collect();
            context.set(key, values, multivalued.is_some_and(|key| key.multivalued));
            derived.push((key.to_owned(), value));
        }
    }
    context.set_multivalued(listed.multivalued(catalog));
    if !known.complete {
        let mut open = listed.open_keys(known, &principal, owner.as_deref(), catalog);
        open.absent.extend(ruled_out(&context, catalog));
        if tags_hidden {
            open.prefixes.retain(|it| **it != *RESOURCE_TAG);
            if known.settings.bucket_abac.is_none() {
                open.prefixes.push(RESOURCE_TAG.into());
            }
        }
        context.set_open(open);
    }
    let has_resource = known.resource.is_some();
    let settings = Settings {
        complete: known.complete,
        rcp_applies: has_resource && catalog.supports_rcp(action.service()),
        ..known.settings.clone()
    };
    Derived {
        request: Request {
            principal,
            action: action.clone(),
            resource: known.resource.map(Into::into),
            resource_account: owner,
            context,
            settings,
        },
        derived,
        dropped,
        resource_type: listed.resource_type.map(str::to_owned),
    }
}

/// Returns keys that follow from the caller and the action alone.
pub(crate) fn keys_of(
    action: &Action,
    known: &Known<'_>,
    principal: &Principal,
) -> Vec<(&'static str, String)> {
    let mut keys = Vec::new();
    of_principal(principal, known.settings.unique_id.as_deref(), &mut keys);
    if let Some(region) = region(action, None) {
        keys.push(("aws:RequestedRegion", region.to_owned()));
    }
    keys
}

/// X6: the account in the ARN is the owner's.
fn owner(known: &Known<'_>) -> Option<Box<str>> {
    let in_arn = known.resource.and_then(Arn::parse).map(|arn| arn.account);
    let owner = in_arn
        .filter(|it| is_account_id(it) && on("X6"))
        .or(known.resource_account);
    owner.map(Into::into)
}

/// Returns the keys that follow from caller, resource and other keys.
fn derivable(
    action: &Action,
    known: &Known<'_>,
    owner: Option<&str>,
    given: &Context,
) -> Vec<(&'static str, String)> {
    let mut keys = Vec::new();
    match known.principal {
        None => {
            if on("K4") {
                keys.push(("aws:userid", SIMULATOR_PRINCIPAL.to_owned()));
            }
        }
        Some(principal) => of_principal(principal, known.settings.unique_id.as_deref(), &mut keys),
    }
    if let Some(owner) = owner {
        keys.push(("aws:ResourceAccount", owner.to_owned()));
    }
    if let Some(region) = region(action, known.resource) {
        keys.push(("aws:RequestedRegion", region.to_owned()));
    }
    let names = given.entries().iter().filter_map(|entry| {
        let start = entry.key.get(..15)?;
        start
            .eq_ignore_ascii_case("aws:RequestTag/")
            .then(|| &entry.key[15..])
    });
    let names: Vec<&str> = names.collect();
    if !names.is_empty() {
        keys.push(("aws:TagKeys", names.join("\n")));
    }
    linked(given, &mut keys);
    keys
}

/// Returns keys that follow from other keys (IAM User Guide, "AWS global condition context keys").
fn linked(given: &Context, keys: &mut Vec<(&'static str, String)>) {
    let values = |key: &str| match given.get(key, key) {
        Lookup::Present(entry) => Some(&entry.values),
        _ => None,
    };
    let first = |key| {
        values(key)
            .and_then(|it| it.first())
            .map(|it| it.to_string())
    };
    // Both name one time.
    if let Some(time) = first("aws:currenttime").and_then(|it| operand::date(&it)) {
        keys.push(("aws:EpochTime", time.div_euclid(1000).to_string()));
    }
    if let Some(time) = first("aws:epochtime").filter(|it| operand::date(it).is_some()) {
        keys.push(("aws:CurrentTime", time));
    }
    if let Some(services) = values("aws:calledvia") {
        let ends = [
            ("aws:CalledViaFirst", services.first()),
            ("aws:CalledViaLast", services.last()),
        ];
        keys.extend(
            ends.into_iter()
                .filter_map(|(key, value)| Some((key, value?.to_string()))),
        );
    }
    // The age is there only when MFA was.
    if values("aws:multifactorauthage").is_some() {
        keys.push(("aws:MultiFactorAuthPresent", "true".to_owned()));
    }
    if let Some(path) = first("aws:principalorgpaths")
        && let Some((organization, _)) = path.split_once('/')
    {
        keys.push(("aws:PrincipalOrgID", organization.to_owned()));
    }
}

/// Returns keys, in lower case, that a request with these keys cannot have: it came through a VPC
/// endpoint, or it did not.
fn ruled_out(given: &Context, catalog: &Catalog) -> Vec<Arc<str>> {
    let through = |presence| {
        matches!(
            presence,
            Some(Presence::VpcEndpoint | Presence::VpcEndpointOfSomeServices)
        )
    };
    let beside = |presence| presence == Some(Presence::NotThroughVpcEndpoint);
    let has = |of: &dyn Fn(Option<Presence>) -> bool| {
        let mut keys = catalog.folded_global_keys();
        keys.any(|(key, folded)| {
            of(key.presence) && matches!(given.get(folded, &key.name), Lookup::Present(_))
        })
    };
    let (has_through, has_beside) = (has(&through), has(&beside));
    if !has_through && !has_beside {
        return Vec::new();
    }
    let excluded = |presence| has_through && beside(presence) || has_beside && through(presence);
    let keys = catalog.folded_global_keys();
    keys.filter(|(key, _)| excluded(key.presence))
        .map(|(_, folded)| Arc::clone(folded))
        .collect()
}

const RESOURCE_TAG: &str = "aws:resourcetag/";

pub(super) fn is_resource_tag(key: &str) -> bool {
    key.get(..RESOURCE_TAG.len())
        .is_some_and(|it| it.eq_ignore_ascii_case(RESOURCE_TAG))
}

/// S11: whether the tags of this bucket are no keys of the request, or may not be.
fn hides_bucket_tags(action: &Action, known: &Known<'_>) -> bool {
    let on_bucket = known.resource.is_some_and(super::request::is_bucket);
    let hidden = match known.settings.bucket_abac {
        Some(enabled) => !enabled,
        None => !known.complete,
    };
    action.service() == "s3" && on_bucket && hidden && on("S11")
}

fn of_principal(
    principal: &Principal,
    unique_id: Option<&str>,
    keys: &mut Vec<(&'static str, String)>,
) {
    if let Some(arn) = principal.principal_arn() {
        keys.push(("aws:PrincipalArn", arn));
    }
    if let Some(account) = principal.account() {
        keys.push(("aws:PrincipalAccount", account.to_owned()));
        keys.push(("aws:PrincipalIsAWSService", "false".to_owned()));
    }
    if let Some(kind) = principal.principal_type() {
        keys.push(("aws:PrincipalType", kind.to_owned()));
    }
    if let Some(id) = unique_id.filter(|_| on("K2")) {
        match principal {
            Principal::User(_) => keys.push(("aws:userid", id.to_owned())),
            // The id of the role, and the name of the session.
            Principal::Session(session) if !id.contains(':') => {
                keys.push(("aws:userid", format!("{id}:{}", last_segment(&session.arn))));
            }
            Principal::Session(_) => keys.push(("aws:userid", id.to_owned())),
            _ => {}
        }
    }
    match principal {
        Principal::User(user) => {
            keys.push(("aws:username", last_segment(&user.name).to_owned()));
        }
        Principal::Service(name) => {
            keys.push(("aws:PrincipalServiceName", name.to_string()));
            keys.push(("aws:PrincipalIsAWSService", "true".to_owned()));
        }
        // K2.
        Principal::Root(root) => keys.push(("aws:userid", root.account.to_string())),
        Principal::FederatedUser(user) if on("K2") => {
            keys.push(("aws:userid", format!("{}:{}", user.account, user.name)));
        }
        Principal::Anonymous => {
            keys.push(("aws:userid", "anonymous".to_owned()));
            keys.push(("aws:PrincipalAccount", "anonymous".to_owned()));
        }
        _ => {}
    }
}

/// The region of a request: the resource's, or `us-east-1` for services whose one endpoint is
/// there (IAM User Guide, "AWS global condition context keys", `aws:RequestedRegion`).
fn region<'a>(action: &Action, resource: Option<&'a str>) -> Option<&'a str> {
    let arn = resource.and_then(Arn::parse);
    if let Some(arn) = arn
        && !arn.region.is_empty()
    {
        return Some(arn.region);
    }
    let global = matches!(
        action.service(),
        "iam"
            | "route53"
            | "route53domains"
            | "organizations"
            | "cloudfront"
            | "account"
            | "support"
    );
    let commercial = arn.is_none_or(|arn| arn.partition == "aws");
    (global && commercial).then_some("us-east-1")
}

/// Returns the row of the resource's type: the one named, else the one whose ARN format fits with
/// the most literal text.
pub(super) fn resource_row<'c>(
    catalog: &Catalog,
    action: &Action,
    entry: &'c catalog::Action,
    named: Option<&str>,
    arn: &str,
) -> Option<&'c catalog::ActionResource> {
    if let Some(named) = named {
        return entry.resource_type(named);
    }
    let service = catalog.service(action.service())?;
    let mut best: Option<(usize, &catalog::ActionResource)> = None;
    for row in &entry.resource_types {
        let Some(resource_type) = service.resource_type(&row.name) else {
            continue;
        };
        for template in resource_type.arn_templates.iter() {
            let glob = glob_of(template);
            let literal = glob.bytes().filter(|byte| *byte != b'*').count();
            if pattern::matches(&glob, arn) && best.is_none_or(|(most, _)| literal > most) {
                best = Some((literal, row));
            }
        }
    }
    best.map(|(_, row)| row)
}

/// Returns the type of a resource by its ARN, among those of an action.
#[must_use]
pub fn resource_type_of(catalog: &Catalog, action: &Action, arn: &str) -> Option<String> {
    let entry = catalog.action(action.service(), action.name())?;
    resource_row(catalog, action, entry, None, arn).map(|row| row.name.to_string())
}

/// An ARN format with its holes as `*`.
fn glob_of(template: &str) -> String {
    let mut glob = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find("${") {
        glob.push_str(&rest[..start]);
        glob.push('*');
        rest = rest[start..]
            .find('}')
            .map_or("", |end| &rest[start + end + 1..]);
    }
    glob.push_str(rest);
    glob
}
