//! What AWS refuses and moto does not, and what AWS answers and moto does not know. Each function
//! names AWS's page; permissions are not looked at here.

use std::collections::BTreeMap;

use rolecall::arn::last_segment;
use serde_json::json;

use super::answer::{Refusal, element, elements, json as json_answer, query};
use super::http::Answer;
use super::moto::Moto;
use super::request::Call;

/// What has to be remembered beside moto.
#[derive(Debug)]
pub(crate) struct Truth {
    /// The ARNs of permissions boundaries, by account and `user/NAME` or `role/NAME`.
    boundaries: BTreeMap<(String, String), String>,
    /// The e-mail addresses of accounts that were asked for.
    addresses: Vec<String>,
    /// How often the status of an account's creation is still `IN_PROGRESS`, by request.
    pending: BTreeMap<String, usize>,
    /// Requests for accounts whose address was taken.
    failed: Vec<String>,
    /// How often a new account's status is asked for before it is there.
    pub(crate) patience: usize,
}

impl Default for Truth {
    fn default() -> Self {
        Self {
            boundaries: BTreeMap::new(),
            addresses: Vec::new(),
            pending: BTreeMap::new(),
            failed: Vec::new(),
            patience: 1,
        }
    }
}

/// IAM's quota of characters in a managed policy, white space not counted (AWS: "IAM and AWS STS
/// quotas").
const MANAGED_POLICY: usize = 6144;

/// Returns `user/NAME` or `role/NAME` of the entity that a call is about.
fn entity(call: &Call) -> String {
    match call.text("RoleName") {
        "" => format!("user/{}", call.text("UserName")),
        name => format!("role/{name}"),
    }
}

/// Returns how many characters of a policy count.
fn size(text: &str) -> usize {
    text.chars().filter(|it| !it.is_whitespace()).count()
}

fn conflict(message: &str) -> Refusal {
    Refusal::new(409, "DeleteConflict", message)
}

impl Truth {
    /// Returns the boundary of `user/NAME` or `role/NAME`.
    pub(crate) fn boundary(&self, account: &str, entity: &str) -> Option<&str> {
        let key = (account.to_owned(), entity.to_owned());
        self.boundaries.get(&key).map(String::as_str)
    }

    /// Returns why AWS refuses a call that moto would serve.
    pub(crate) fn refuse(&self, call: &Call, account: &str, moto: &Moto) -> Option<Refusal> {
        if call.service != "iam" {
            return None;
        }
        let inline = |most: usize, kind: &str| {
            let message = format!(
                "Maximum policy size of {most} bytes exceeded for {kind} {}",
                last_segment(&entity(call))
            );
            let is_over = size(call.text("PolicyDocument")) > most;
            is_over.then(|| Refusal::new(409, "LimitExceeded", message))
        };
        match call.operation.as_str() {
            "CreatePolicy" | "CreatePolicyVersion" => too_big(call),
            "PutUserPolicy" => inline(2048, "user"),
            "PutRolePolicy" => inline(10240, "role"),
            "DeletePolicy" => self.in_use(call, account, moto),
            "CreateUser"
            | "CreateRole"
            | "PutUserPermissionsBoundary"
            | "PutRolePermissionsBoundary" => no_boundary(call, account, moto),
            _ => None,
        }
    }

    /// AWS: "API DeletePolicy": it must be detached, have one version, and be nobody's boundary.
    fn in_use(&self, call: &Call, account: &str, moto: &Moto) -> Option<Refusal> {
        let arn = call.text("PolicyArn");
        let attached = moto.iam(account, "ListEntitiesForPolicy", &[("PolicyArn", arn)]);
        let names = ["UserName", "RoleName", "GroupName"];
        let is_attached = names
            .iter()
            .any(|it| !elements(&attached.body, it).is_empty());
        let mut boundaries = self.boundaries.iter();
        if is_attached || boundaries.any(|((of, _), it)| of == account && it == arn) {
            return Some(conflict("Cannot delete a policy attached to entities."));
        }
        let versions = moto.iam(account, "ListPolicyVersions", &[("PolicyArn", arn)]);
        (elements(&versions.body, "VersionId").len() > 1).then(|| {
            conflict(
                "This policy has more than one version. Before you delete a policy, you must \
                 delete the policy's versions. The default version is deleted with the policy.",
            )
        })
    }

    /// Returns what AWS answers to a call that moto does not know.
    pub(crate) fn reply(&mut self, call: &Call, account: &str, moto: &Moto) -> Option<Answer> {
        match call.action().as_str() {
            "iam:PutUserPermissionsBoundary" | "iam:DeleteUserPermissionsBoundary" => {
                let user = [("UserName", call.text("UserName"))];
                let user = moto.iam(account, "GetUser", &user);
                if !user.is_success() {
                    return Some(user);
                }
                let key = (account.to_owned(), entity(call));
                let before = self.boundaries.remove(&key);
                let arn = call.text("PermissionsBoundary");
                if !arn.is_empty() {
                    self.boundaries.insert(key, arn.to_owned());
                } else if before.is_none() {
                    let message = "The permissions boundary cannot be found.";
                    return Some(Refusal::new(404, "NoSuchEntity", message).answer("iam"));
                }
                Some(query("iam", &call.operation, ""))
            }
            "organizations:CreateAccount" => {
                let address = call.text("Email").to_ascii_lowercase();
                if !self.addresses.contains(&address) {
                    self.addresses.push(address);
                    return None;
                }
                let id = format!("car-{:032x}", self.failed.len() + 1);
                self.failed.push(id.clone());
                Some(status(&id, call.text("AccountName"), "IN_PROGRESS"))
            }
            "organizations:DescribeCreateAccountStatus" => {
                let id = call.text("CreateAccountRequestId");
                if let Some(left) = self.pending.get_mut(id).filter(|it| **it > 0) {
                    *left -= 1;
                    return Some(status(id, "", "IN_PROGRESS"));
                }
                let is_failed = self.failed.iter().any(|it| it == id);
                is_failed.then(|| status(id, "", "FAILED"))
            }
            _ => None,
        }
    }

    /// Learns from a call that took effect, and changes moto's answer into AWS's.
    pub(crate) fn observe(&mut self, call: &Call, account: &str, answer: &mut Answer) {
        let key = |entity: String| (account.to_owned(), entity);
        match call.action().as_str() {
            "iam:CreateUser" | "iam:CreateRole" | "iam:PutRolePermissionsBoundary" => {
                let arn = call.text("PermissionsBoundary");
                if !arn.is_empty() {
                    self.boundaries.insert(key(entity(call)), arn.to_owned());
                }
            }
            "iam:DeleteUser" | "iam:DeleteRole" | "iam:DeleteRolePermissionsBoundary" => {
                self.boundaries.remove(&key(entity(call)));
            }
            "organizations:CreateAccount" => {
                let body: serde_json::Value =
                    serde_json::from_str(&answer.body).unwrap_or_default();
                let id = body["CreateAccountStatus"]["Id"]
                    .as_str()
                    .unwrap_or_default();
                self.pending.insert(id.to_owned(), self.patience);
                *answer = status(id, call.text("AccountName"), "IN_PROGRESS");
            }
            _ => {}
        }
        if ["iam:CreateUser", "iam:GetUser"].contains(&call.action().as_str()) {
            self.show_boundary(account, answer);
        }
    }

    /// AWS: "API User": `GetUser` shows the boundary, which moto forgets.
    fn show_boundary(&self, account: &str, answer: &mut Answer) {
        let name = element(&answer.body, "UserName");
        let Some(arn) = self.boundary(account, &format!("user/{name}")) else {
            return;
        };
        let boundary = format!(
            "<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>\
             <PermissionsBoundaryArn>{arn}</PermissionsBoundaryArn></PermissionsBoundary></User>"
        );
        answer.body = answer.body.replacen("</User>", &boundary, 1);
    }
}

/// AWS: "API CreatePolicy", error `LimitExceeded`.
fn too_big(call: &Call) -> Option<Refusal> {
    let is_over = size(call.text("PolicyDocument")) > MANAGED_POLICY;
    is_over.then(|| {
        let message = format!("Cannot exceed quota for PolicySize: {MANAGED_POLICY}");
        Refusal::new(409, "LimitExceeded", message)
    })
}

/// AWS: "API CreateUser", error `NoSuchEntity`; policies of AWS itself are taken to exist.
fn no_boundary(call: &Call, account: &str, moto: &Moto) -> Option<Refusal> {
    let arn = call.text("PermissionsBoundary");
    if arn.is_empty() || arn.contains(":iam::aws:policy/") {
        return None;
    }
    let policy = moto.iam(account, "GetPolicy", &[("PolicyArn", arn)]);
    (!policy.is_success()).then(|| {
        let message = format!("Scope ARN: {arn} does not exist or is not attachable.");
        Refusal::new(404, "NoSuchEntity", message)
    })
}

/// AWS: "API CreateAccountStatus".
fn status(id: &str, name: &str, state: &str) -> Answer {
    let mut body = json!({"Id": id, "State": state, "RequestedTimestamp": 1_700_000_000});
    if !name.is_empty() {
        body["AccountName"] = name.into();
    }
    if state == "FAILED" {
        body["FailureReason"] = "EMAIL_ALREADY_EXISTS".into();
    }
    json_answer("organizations", &json!({"CreateAccountStatus": body}))
}
