//! What a call asks permission for: its own action on each resource, and the actions that AWS asks
//! for besides (tags, passing a role), each with its condition context.

use rolecall::arn::{Arn, last_segment};
use rolecall::catalog::Catalog;

use super::answer::{element, elements};
use super::moto::Moto;
use super::request::Call;
use super::truth::Truth;

/// One question to the policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// `service:Name`.
    pub(crate) action: String,
    /// The ARN; `None` for an action without resource types.
    pub(crate) resource: Option<String>,
    /// The keys of the call and of the resource.
    pub(crate) context: Vec<(String, Vec<String>)>,
}

/// A call with what has to be looked up for it.
pub(crate) struct Scene<'a> {
    pub(crate) call: &'a Call,
    /// The ARN of the caller.
    pub(crate) caller: &'a str,
    /// The caller's account.
    pub(crate) account: &'a str,
    pub(crate) truth: &'a Truth,
    pub(crate) moto: &'a Moto,
}

type Keys = Vec<(String, Vec<String>)>;

fn one(key: impl Into<String>, value: &str) -> (String, Vec<String>) {
    (key.into(), vec![value.to_owned()])
}

impl Scene<'_> {
    /// Returns everything that must be allowed for the call.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let call = self.call;
        let context = self.context();
        let mut asked = Vec::new();
        for resource in self.resources() {
            let mut context = context.clone();
            if let Some(arn) = &resource {
                context.extend(self.resource_keys(arn));
            }
            asked.push(Asked {
                action: call.action(),
                resource,
                context,
            });
        }
        let own = asked.first().and_then(|it| it.resource.clone());
        asked.extend(self.tagging(own, &context));
        asked.extend(self.passing());
        asked
    }

    /// The tag actions that creating with tags implies (AWS: "Tags for IAM resources", "Grant
    /// permission to tag Amazon EC2 resources during creation").
    fn tagging(&self, own: Option<String>, context: &Keys) -> Option<Asked> {
        let call = self.call;
        if self.tags().is_empty() {
            return None;
        }
        let mut context = context.clone();
        let action = match call.service.as_str() {
            "iam" => format!("iam:Tag{}", call.operation.strip_prefix("Create")?),
            "ec2" if call.operation != "CreateTags" => {
                context.push(one("ec2:CreateAction", &call.operation));
                "ec2:CreateTags".to_owned()
            }
            "eks" | "organizations" if call.operation.starts_with("Create") => {
                format!("{}:TagResource", call.service)
            }
            _ => return None,
        };
        let resource = match call.service.as_str() {
            "ec2" => Some(self.ec2_arn(call.text("TagSpecification.1.ResourceType"), "*")),
            "organizations" => Some("*".to_owned()),
            _ => own,
        };
        Some(Asked {
            action,
            resource,
            context,
        })
    }

    /// The role that a call passes to a service (AWS: "Grant a user permissions to pass a role to
    /// an AWS service").
    fn passing(&self) -> Option<Asked> {
        let call = self.call;
        let (role, service) = match call.action().as_str() {
            "iam:AddRoleToInstanceProfile" => (self.role(call.text("RoleName")), "ec2"),
            "eks:CreateCluster" => (call.text("roleArn").to_owned(), "eks"),
            "eks:CreateNodegroup" => (call.text("nodeRole").to_owned(), "eks"),
            "ec2:CreateFlowLogs" => (
                call.text("DeliverLogsPermissionArn").to_owned(),
                "vpc-flow-logs",
            ),
            _ => return None,
        };
        (!role.is_empty()).then(|| Asked {
            action: "iam:PassRole".to_owned(),
            resource: Some(role),
            context: vec![one(
                "iam:PassedToService",
                &format!("{service}.amazonaws.com"),
            )],
        })
    }

    fn tags(&self) -> Vec<(String, String)> {
        let call = self.call;
        if let Some(tags) = call.parameters["Tags"].as_array() {
            let text = |tag: &serde_json::Value, name| tag[name].as_str().map(str::to_owned);
            let tags = tags.iter();
            return tags
                .filter_map(|it| Some((text(it, "Key")?, text(it, "Value")?)))
                .collect();
        }
        if let Some(tags) = call.parameters["tags"].as_object() {
            let text = |it: &serde_json::Value| it.as_str().unwrap_or_default().to_owned();
            return tags
                .iter()
                .map(|(key, it)| (key.clone(), text(it)))
                .collect();
        }
        let lists = ["Tags.member", "Tag", "TagSpecification.1.Tag"];
        let found = lists.iter().map(|it| call.pairs(it, "Key", "Value"));
        found.flatten().collect()
    }

    /// The keys of the call, whatever the resource.
    fn context(&self) -> Keys {
        let call = self.call;
        let mut keys = vec![
            one("aws:RequestedRegion", &call.region),
            one("aws:SecureTransport", "false"),
            one("aws:SourceIp", "127.0.0.1"),
        ];
        let tags = self.tags();
        if !tags.is_empty() {
            let names = tags.iter().map(|(key, _)| key.clone()).collect();
            keys.push(("aws:TagKeys".to_owned(), names));
        }
        for (key, value) in tags {
            keys.push(one(format!("aws:RequestTag/{key}"), &value));
        }
        let named = [
            ("PermissionsBoundary", "iam:PermissionsBoundary"),
            ("PolicyArn", "iam:PolicyARN"),
            ("AWSServiceName", "iam:AWSServiceName"),
            ("ExternalId", "sts:ExternalId"),
            ("RoleSessionName", "sts:RoleSessionName"),
        ];
        for (parameter, key) in named {
            if !call.text(parameter).is_empty() {
                keys.push(one(key, call.text(parameter)));
            }
        }
        keys
    }

    /// The keys that what the call is about has already: its tags, and its boundary unless the call
    /// sets one (AWS: "Actions, resources, and condition keys for IAM").
    fn resource_keys(&self, arn: &str) -> Keys {
        let Some(parsed) = Arn::parse(arn).filter(|it| it.service == "iam") else {
            return Vec::new();
        };
        let (account, moto) = (parsed.account, self.moto);
        let name = last_segment(parsed.resource);
        let (kind, _) = parsed.resource.split_once('/').unwrap_or_default();
        let found = match kind {
            "user" => moto.iam(account, "ListUserTags", &[("UserName", name)]),
            "role" => moto.iam(account, "ListRoleTags", &[("RoleName", name)]),
            "policy" => moto.iam(account, "ListPolicyTags", &[("PolicyArn", arn)]),
            _ => return Vec::new(),
        };
        let names = elements(&found.body, "Key");
        let values = elements(&found.body, "Value");
        let mut keys = Vec::new();
        for (name, value) in names.into_iter().zip(values) {
            keys.push(one(format!("aws:ResourceTag/{name}"), value));
            keys.push(one(format!("iam:ResourceTag/{name}"), value));
        }
        let boundary = self.truth.boundary(account, &format!("{kind}/{name}"));
        if let Some(boundary) = boundary.filter(|_| !self.call.has("PermissionsBoundary")) {
            keys.push(one("iam:PermissionsBoundary", boundary));
        }
        keys
    }

    /// Returns what the call is about; one `None` where its action has no resource types.
    fn resources(&self) -> Vec<Option<String>> {
        let call = self.call;
        let catalog = Catalog::builtin();
        let name = call.operation.to_ascii_lowercase();
        let action = catalog.action(&call.service, &name);
        if action.is_some_and(|it| it.resource_types.is_empty()) {
            return vec![None];
        }
        match call.service.as_str() {
            "iam" => vec![Some(self.iam_resource())],
            "sts" if call.has("RoleArn") => vec![Some(call.text("RoleArn").to_owned())],
            "eks" if call.has("name") => {
                let Self { account, .. } = self;
                let (region, name) = (&call.region, call.text("name"));
                vec![Some(format!(
                    "arn:aws:eks:{region}:{account}:cluster/{name}"
                ))]
            }
            "ec2" => {
                let types = action
                    .into_iter()
                    .flat_map(|it| it.required_resource_types());
                let arns = types.map(|it| Some(self.ec2_arn(&it.name, &self.ec2_id(&it.name))));
                let arns: Vec<_> = arns.collect();
                match arns.is_empty() {
                    true => vec![Some("*".to_owned())],
                    false => arns,
                }
            }
            _ => vec![Some("*".to_owned())],
        }
    }

    fn ec2_arn(&self, kind: &str, id: &str) -> String {
        let (region, account) = (&self.call.region, self.account);
        format!("arn:aws:ec2:{region}:{account}:{kind}/{id}")
    }

    /// Returns the id of a resource of this type in the parameters: `VpcId` of a `vpc`; `*` for one
    /// that the call creates.
    fn ec2_id(&self, kind: &str) -> String {
        let words = kind.split('-').map(|it| {
            let (first, rest) = it.split_at(1);
            first.to_ascii_uppercase() + rest
        });
        let name = words.collect::<String>();
        let ids = [format!("{name}Id"), format!("{name}Id.1")];
        let mut found = ids.iter().map(|it| self.call.text(it));
        found.find(|it| !it.is_empty()).unwrap_or("*").to_owned()
    }

    fn role(&self, name: &str) -> String {
        self.existing("GetRole", "RoleName", name, "role")
    }

    /// Returns the ARN of what exists, with its path; of what does not, the one without a path.
    fn existing(&self, operation: &str, parameter: &str, name: &str, kind: &str) -> String {
        let found = self.moto.iam(self.account, operation, &[(parameter, name)]);
        match element(&found.body, "Arn") {
            arn if !arn.is_empty() && found.is_success() => arn,
            _ => format!("arn:aws:iam::{}:{kind}/{name}", self.account),
        }
    }

    fn iam_resource(&self) -> String {
        let (call, account) = (self.call, self.account);
        let path = match call.text("Path") {
            "" => "/",
            path => path,
        };
        let kinds = [
            (
                "InstanceProfileName",
                "GetInstanceProfile",
                "instance-profile",
            ),
            ("RoleName", "GetRole", "role"),
            ("UserName", "GetUser", "user"),
            ("GroupName", "GetGroup", "group"),
        ];
        for (parameter, operation, kind) in kinds {
            let name = call.text(parameter);
            if name.is_empty() {
                continue;
            }
            let is_new = [
                "CreateInstanceProfile",
                "CreateRole",
                "CreateUser",
                "CreateGroup",
            ];
            if is_new.contains(&call.operation.as_str()) {
                return format!("arn:aws:iam::{account}:{kind}{path}{name}");
            }
            return self.existing(operation, parameter, name, kind);
        }
        if call.operation == "CreatePolicy" {
            let name = call.text("PolicyName");
            return format!("arn:aws:iam::{account}:policy{path}{name}");
        }
        let given = ["PolicyArn", "PolicySourceArn", "OpenIDConnectProviderArn"];
        let mut given = given.iter().map(|it| call.text(it));
        if let Some(arn) = given.find(|it| !it.is_empty()) {
            return arn.to_owned();
        }
        // Without a name these are about the caller.
        let own = [
            "GetUser",
            "CreateAccessKey",
            "ListAccessKeys",
            "UpdateAccessKey",
            "DeleteAccessKey",
        ];
        match own.contains(&call.operation.as_str()) {
            true => self.caller.to_owned(),
            false => "*".to_owned(),
        }
    }
}
