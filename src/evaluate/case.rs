//! One line of `simulate --batch`: a request with its policies as JSON.
//!
//! The format is documented in `testdata/evaluate/FORMAT.md`. The context is complete: a key that
//! is not given is absent, nothing is derived (K3) and nothing dropped (C36).

use std::sync::Arc;

use super::{Action, Context, Level, Policies, Principal, Request, Settings};
use crate::arn::{Arn, is_account_id};
use crate::catalog::Catalog;
use crate::json::{self, Kind as JsonKind, Value};
use crate::policy::{Document, Kind, lower};
use crate::source::Span;
use crate::switch::on;

/// A line that was read.
#[derive(Debug)]
pub struct Case {
    /// Its `id`, as JSON text with quotes.
    pub id: String,
    /// What is asked.
    pub request: Request,
    /// The policies.
    pub policies: Policies,
}

/// Why a line could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseError {
    /// Its `id`, where it has one, as JSON text with quotes.
    pub id: Option<String>,
    /// Where in the line.
    pub span: Span,
    /// What is wrong there.
    pub message: String,
}

/// Reads lines.
#[derive(Clone, Debug)]
pub struct Reader<'c> {
    catalog: &'c Catalog,
    /// Global keys that are lists by declaration, in lower case.
    multivalued: Arc<[Arc<str>]>,
}

impl<'c> Reader<'c> {
    /// Returns a reader that looks names up in this catalog.
    #[must_use]
    pub fn new(catalog: &'c Catalog) -> Self {
        let multivalued = catalog.multivalued_global_keys();
        Self {
            catalog,
            multivalued,
        }
    }

    /// Reads one line.
    ///
    /// # Errors
    ///
    /// The line is not JSON, or lacks what a request needs. A policy that AWS would refuse is no
    /// error here: it is the decision `Error` (T5).
    pub fn read(&self, line: &str) -> Result<Case, CaseError> {
        read(line, self)
    }
}

fn read(line: &str, reader: &Reader<'_>) -> Result<Case, CaseError> {
    let parsed = json::parse(line).map_err(|error| CaseError {
        id: None,
        span: error.span,
        message: error.message,
    })?;
    let root = parsed.tree.root();
    let id = root.get("id").map(|id| line[id.span().range()].to_owned());
    read_value(root, reader)
        .map(|(request, policies)| Case {
            id: id.clone().unwrap_or_else(|| "null".into()),
            request,
            policies,
        })
        .map_err(|(span, message)| CaseError { id, span, message })
}

type Failure = (Span, String);

fn read_value(root: Value<'_>, reader: &Reader<'_>) -> Result<(Request, Policies), Failure> {
    let request = root.get("request").filter(|it| it.is_object());
    let request =
        request.ok_or_else(|| (root.span(), "the line has no `request` object".into()))?;
    let settings = root.get("settings");
    let request = read_request(request, settings, reader)?;
    let policies = read_policies(root, &request)?;
    Ok((request, policies))
}

fn read_request(
    value: Value<'_>,
    settings: Option<Value<'_>>,
    reader: &Reader<'_>,
) -> Result<Request, Failure> {
    let catalog = reader.catalog;
    let (span, text) = required(value, "action")?;
    let action = Action::parse(text)
        .ok_or_else(|| (span, format!("`{text}` is no action: write `service:Name`")))?;
    let principal = principal(value)?;
    let resource = value.get("resource").and_then(Value::as_str).unwrap_or("*");
    let none = match value.get("noResourceLevel").and_then(Value::as_bool) {
        Some(none) => none,
        None => catalog
            .action(action.service(), action.name())
            .is_some_and(|it| it.resource_types.is_empty()),
    };
    let resource = (!none).then(|| Box::<str>::from(resource));
    let given = value
        .get("resourceAccount")
        .and_then(Value::as_str)
        .map(Box::from);
    let resource_account = owner(resource.as_deref()).or(given);
    let mut facts = settings.map(read_settings).unwrap_or_default();
    facts.complete = true;
    facts.rcp_applies = resource.is_some() && catalog.supports_rcp(action.service());
    let mut context = Context::default();
    if let Some(given) = value.get("context") {
        let hides_tags = facts.bucket_abac == Some(false)
            && action.service() == "s3"
            && resource.as_deref().is_some_and(super::request::is_bucket)
            && on("S11");
        for member in given.members() {
            if hides_tags && super::derive::is_resource_tag(member.key) {
                continue;
            }
            let multivalued = member.value.kind() == JsonKind::Array;
            let values = member
                .value
                .one_or_many()
                .filter_map(Value::as_scalar)
                .map(Box::from);
            context.set(member.key, values.collect(), multivalued);
        }
    }
    context.set_multivalued(Arc::clone(&reader.multivalued));
    Ok(Request {
        principal,
        action,
        resource,
        resource_account,
        context,
        settings: facts,
    })
}

/// X6: an account in the ARN is the owner's.
fn owner(resource: Option<&str>) -> Option<Box<str>> {
    let account = Arn::parse(resource?)?.account;
    (is_account_id(account) && on("X6")).then(|| account.into())
}

fn principal(value: Value<'_>) -> Result<Principal, Failure> {
    let given = value
        .get("principal")
        .ok_or_else(|| (value.span(), "the request has no `principal`".into()))?;
    if given.get("anonymous").and_then(Value::as_bool) == Some(true) {
        return Ok(Principal::Anonymous);
    }
    let text = given.as_str().unwrap_or_default();
    if !on("P14") && text.contains(":role/") {
        return Ok(Principal::Anonymous);
    }
    Principal::parse(text).ok_or_else(|| {
        let message = format!(
            "`{text}` is no principal: write an ARN, a service such as `ec2.amazonaws.com`, an \
             identity provider, or `{{\"anonymous\": true}}`"
        );
        (given.span(), message)
    })
}

fn read_settings(value: Value<'_>) -> Settings {
    let part = |group: &str, name: &str| value.get(group).and_then(|it| it.get(name));
    let text = |group, name| {
        part(group, name)
            .and_then(Value::as_str)
            .map(Box::<str>::from)
    };
    let flag = |group, name| part(group, name).and_then(Value::as_bool);
    Settings {
        management_account: text("organization", "managementAccount"),
        service_linked_role: flag("principal", "serviceLinkedRole"),
        unique_id: text("principal", "uniqueId"),
        canonical_user: text("principal", "canonicalUser"),
        aws_managed_key: flag("kms", "awsManagedKey").unwrap_or_default(),
        block_public_access: flag("s3", "blockPublicAccess").unwrap_or_default(),
        bucket_abac: flag("s3", "bucketAbac"),
        federated_by: value
            .get("federatedBy")
            .and_then(Value::as_str)
            .map(Box::from),
        ..Settings::default()
    }
}

fn read_policies(root: Value<'_>, request: &Request) -> Result<Policies, Failure> {
    let list = |name: &str, kind| -> Result<Option<Vec<Document>>, Failure> {
        match root.get(name) {
            None => Ok(None),
            Some(value) if value.kind() == JsonKind::Null => Ok(None),
            Some(value) => value
                .elements()
                .map(|it| document(it, kind))
                .collect::<Result<_, _>>()
                .map(Some),
        }
    };
    let levels = |name: &str, kind| -> Result<Vec<Level>, Failure> {
        let Some(value) = root.get(name) else {
            return Ok(Vec::new());
        };
        let level = |item: Value<'_>| -> Result<Level, Failure> {
            let target = item
                .get("target")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let policies = item.get("policies").into_iter().flat_map(Value::elements);
            let policies = policies
                .map(|it| document(it, kind))
                .collect::<Result<_, _>>()?;
            Ok(Level { target, policies })
        };
        value.elements().map(level).collect()
    };
    let of_role = request.action.service() == "sts";
    let resource = root
        .get("resourcePolicy")
        .filter(|it| it.kind() != JsonKind::Null);
    let resource_kind = if of_role { Kind::Trust } else { Kind::Resource };
    Ok(Policies {
        identity: list("identityPolicies", Kind::Identity)?.unwrap_or_default(),
        boundary: list("permissionsBoundaries", Kind::Boundary)?,
        session: list("sessionPolicies", Kind::Session)?,
        scps: levels("scps", Kind::Scp)?,
        rcps: levels("rcps", Kind::Rcp)?,
        resource: resource.map(|it| document(it, resource_kind)).transpose()?,
        endpoint: list("vpcEndpointPolicies", Kind::VpcEndpoint)?,
    })
}

/// A policy document as an object, or as a text that holds its JSON.
fn document(value: Value<'_>, kind: Kind) -> Result<Document, Failure> {
    let Some(text) = value.as_str() else {
        return Ok(lower(value, kind));
    };
    match json::parse(text) {
        Ok(parsed) if parsed.oddities.is_empty() => Ok(lower(parsed.tree.root(), kind)),
        // What is not strict JSON is as little a document as a mere text is (G1).
        _ => Ok(lower(value, kind)),
    }
}

fn required<'t>(value: Value<'t>, name: &str) -> Result<(Span, &'t str), Failure> {
    let found = value
        .get(name)
        .and_then(|it| it.as_str().map(|text| (it.span(), text)));
    found.ok_or_else(|| (value.span(), format!("the request has no `{name}`")))
}
