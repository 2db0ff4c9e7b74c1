//! Recognises calls of AWS in HTTP requests: service, operation, parameters, and whose key signed.
//!
//! The service is that of the signature's credential scope (AWS: "Signature Version 4: credential
//! scope"); the operation is a form's `Action`, a header, or a method with a path.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::http::Raw;

/// A call of AWS's API.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    /// The service by its name in signatures: `iam`, `access-analyzer`.
    pub(crate) service: String,
    /// The operation: `CreateUser`.
    pub(crate) operation: String,
    /// The parameters: of a form, an object of texts by their flat names (`Tags.member.1.Key`).
    pub(crate) parameters: Value,
    /// The id of the key that signed; empty if nobody did.
    pub(crate) access_key: String,
    /// The region of the signature.
    pub(crate) region: String,
}

impl Call {
    /// Returns a call as `iam:CreateUser`, with the prefix of IAM's actions.
    pub(crate) fn action(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// Returns a parameter at the top; empty if there is none, or if it is no text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.parameters[name].as_str().unwrap_or_default()
    }

    /// Returns whether a parameter was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        !self.parameters[name].is_null()
    }

    /// Returns the texts of a list in a form: `ActionNames.member.1`, …, or of an array.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        if let Some(list) = self.parameters[name].as_array() {
            let texts = list.iter().filter_map(Value::as_str);
            return texts.map(str::to_owned).collect();
        }
        let text = |at: usize| self.parameters[format!("{name}.member.{at}")].as_str();
        let texts = (1..).map_while(text);
        texts.map(str::to_owned).collect()
    }

    /// Returns pairs of a list in a form, such as `Tags.member.1.Key` and `…Value`.
    pub(crate) fn pairs(&self, list: &str, key: &str, value: &str) -> Vec<(String, String)> {
        let pair = |at: usize| {
            let key = self.parameters[format!("{list}.{at}.{key}")].as_str()?;
            Some((
                key.to_owned(),
                self.text(&format!("{list}.{at}.{value}")).to_owned(),
            ))
        };
        (1..).map_while(pair).collect()
    }

    /// Recognises a request.
    pub(crate) fn recognise(raw: &Raw) -> Self {
        let [access_key, region, service] = scope(raw.header("authorization"));
        let body = String::from_utf8_lossy(&raw.body);
        let target = raw.header("x-amz-target");
        let is_form = raw.header("content-type").contains("x-www-form-urlencoded");
        let (operation, parameters) = if is_form {
            let form = form(&body);
            (
                form.get("Action").cloned().unwrap_or_default(),
                object(form),
            )
        } else if let Some((_, operation)) = target.rsplit_once('.') {
            (operation.to_owned(), parsed(&body))
        } else {
            let mut parameters = parsed(&body);
            if let Value::Object(members) = &mut parameters {
                for (name, value) in form(&raw.query) {
                    members.insert(name, value.into());
                }
            }
            rest(&service, raw, parameters)
        };
        // Nobody signs this one, so that there is no scope.
        let service = match operation.as_str() {
            "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML" => "sts".to_owned(),
            _ => service,
        };
        Self {
            service,
            operation,
            parameters,
            access_key,
            region,
        }
    }
}

/// Returns key id, region and service of `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/…`.
fn scope(header: &str) -> [String; 3] {
    let scope = header.split("Credential=").nth(1).unwrap_or_default();
    let scope = scope.split([',', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = scope.split('/').collect();
    let part = |at: usize| parts.get(at).copied().unwrap_or_default().to_owned();
    [part(0), part(2), part(3)]
}

/// Decodes a form or a query.
pub(crate) fn form(text: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    let pairs = text.split('&').filter(|it| !it.is_empty());
    pairs
        .map(|it| it.split_once('=').unwrap_or((it, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn object(form: BTreeMap<String, String>) -> Value {
    let members = form.into_iter().map(|(name, value)| (name, value.into()));
    Value::Object(members.collect())
}

fn parsed(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|_| Value::Object(Map::new()))
}

/// The few operations of REST services: service, method, path with holes, name.
const REST: &[[&str; 4]] = &[
    [
        "route53",
        "GET",
        "/2013-04-01/hostedzone",
        "ListHostedZones",
    ],
    [
        "route53",
        "GET",
        "/2013-04-01/hostedzonesbyname",
        "ListHostedZonesByName",
    ],
    [
        "access-analyzer",
        "POST",
        "/policy/validation",
        "ValidatePolicy",
    ],
    [
        "access-analyzer",
        "POST",
        "/policy/check-no-new-access",
        "CheckNoNewAccess",
    ],
    [
        "access-analyzer",
        "POST",
        "/policy/check-access-not-granted",
        "CheckAccessNotGranted",
    ],
    [
        "access-analyzer",
        "POST",
        "/policy/check-no-public-access",
        "CheckNoPublicAccess",
    ],
    ["access-analyzer", "GET", "/analyzer", "ListAnalyzers"],
    [
        "eks",
        "GET",
        "/addons/supported-versions",
        "DescribeAddonVersions",
    ],
    ["eks", "GET", "/clusters/{name}/addons", "ListAddons"],
    ["eks", "POST", "/clusters/{name}/addons", "CreateAddon"],
    [
        "eks",
        "GET",
        "/clusters/{name}/addons/{addonName}",
        "DescribeAddon",
    ],
    ["eks", "GET", "/clusters", "ListClusters"],
    ["eks", "POST", "/clusters", "CreateCluster"],
    ["eks", "GET", "/clusters/{name}", "DescribeCluster"],
    ["eks", "DELETE", "/clusters/{name}", "DeleteCluster"],
    [
        "eks",
        "GET",
        "/clusters/{name}/node-groups",
        "ListNodegroups",
    ],
    [
        "eks",
        "POST",
        "/clusters/{name}/node-groups",
        "CreateNodegroup",
    ],
    [
        "eks",
        "GET",
        "/clusters/{name}/node-groups/{nodegroupName}",
        "DescribeNodegroup",
    ],
    [
        "eks",
        "DELETE",
        "/clusters/{name}/node-groups/{nodegroupName}",
        "DeleteNodegroup",
    ],
];

fn rest(service: &str, raw: &Raw, mut parameters: Value) -> (String, Value) {
    for [of, method, pattern, operation] in REST {
        if *of != service || *method != raw.method {
            continue;
        }
        let Some(found) = holes(pattern, &raw.path) else {
            continue;
        };
        for (name, value) in found {
            parameters[name] = value.into();
        }
        return ((*operation).to_owned(), parameters);
    }
    (format!("{} {}", raw.method, raw.path), parameters)
}

/// Returns what stands in the holes of a pattern; none if the path is not of it.
fn holes(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
    let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let wanted: Vec<&str> = pattern.split('/').collect();
    if parts.len() != wanted.len() {
        return None;
    }
    let mut found = Vec::new();
    for (want, part) in wanted.into_iter().zip(parts) {
        match want.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
            Some(name) => {
                let value = percent_decode_str(part).decode_utf8_lossy().into_owned();
                found.push((name.to_owned(), value));
            }
            None if want == part => {}
            None => return None,
        }
    }
    Some(found)
}
