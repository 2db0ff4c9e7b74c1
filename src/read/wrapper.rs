//! Recognises policy documents and the texts that people have them in, by content alone.
//!
//! A wrapper is known by the keys that the AWS CLI prints (AWS CLI Command Reference, "Output" of
//! each command). The kind of policy is named only where the command leaves no doubt.

use crate::finding::{Finding, FindingType};
use crate::json::{Kind, NodeId, Value};
use crate::source::{Location, Span};

use super::few::Few;
use super::wording::{quoted, unread};
use super::{Facts, KindHint};

/// A policy document, or a string that should hold one.
pub(super) struct Part {
    pub(super) id: NodeId,
    pub(super) span: Span,
    pub(super) is_string: bool,
    /// Whether a wrapper says that this is a policy document.
    pub(super) is_certain: bool,
    pub(super) facts: Facts,
}

/// What one text holds.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) parts: Vec<Part>,
    pub(super) findings: Few,
    pub(super) unread: Few,
}

const ACCEPTED: &str = "accepted are a policy document (an object with a `Statement`), a JSON array \
    of them, and the output of `aws iam get-policy-version`, `get-role-policy`, `get-role`, \
    `aws organizations describe-policy`, `aws s3api get-bucket-policy` and their like";

/// Commands whose output holds the policy of a resource as a string under one key.
const RESOURCE_POLICIES: [(&str, Option<&str>, &str); 7] = [
    (
        "Policy",
        Some("FileSystemId"),
        "aws efs describe-file-system-policy",
    ),
    ("Policy", Some("RevisionId"), "aws lambda get-policy"),
    ("Policy", Some("PolicyName"), "aws kms get-key-policy"),
    ("Policy", None, "aws s3api get-bucket-policy"),
    (
        "ResourcePolicy",
        None,
        "aws secretsmanager get-resource-policy",
    ),
    ("policyText", None, "aws ecr get-repository-policy"),
    ("PolicyInJson", None, "aws glue get-resource-policy"),
];

/// Finds the documents in a text that may be anything.
pub(super) fn contents(root: Value<'_>, located: &dyn Fn(Span) -> Location) -> Contents {
    let mut search = Search {
        located,
        contents: Contents::default(),
    };
    match root.kind() {
        Kind::Array => search.array(root),
        Kind::String => search.part(root, false, Facts::default()),
        Kind::Object if search.object(root) => {}
        _ => search.refuse(root),
    }
    search.contents
}

/// Finds the document in a text that a wrapper says is one.
pub(super) fn document(
    root: Value<'_>,
    facts: &Facts,
    located: &dyn Fn(Span) -> Location,
) -> Contents {
    let mut search = Search {
        located,
        contents: Contents::default(),
    };
    search.document(root, facts.clone());
    search.contents
}

/// Says that a wrapper holds something else where it should hold a document.
pub(super) fn not_a_document(location: Location, what: &str) -> Finding {
    unread(
        "not-a-policy",
        location,
        format!("{what} stands where a policy document was expected"),
    )
    .help("give the output of the command unchanged, or the policy document itself")
}

/// Says that a wrapper holds an empty text.
pub(super) fn empty_document(location: Location) -> Finding {
    unread(
        "not-a-policy",
        location,
        "the text that should hold a policy document is empty",
    )
    .help("an empty text grants nothing: leave the file out")
}

struct Search<'a> {
    located: &'a dyn Fn(Span) -> Location,
    contents: Contents,
}

impl Search<'_> {
    fn array(&mut self, array: Value<'_>) {
        let mut count = 0;
        let mut others = Vec::new();
        for element in array.elements() {
            count += 1;
            match element.as_str() {
                Some(text) if text.trim_start().starts_with(['{', '"', '%']) => {
                    self.part(element, false, Facts::default());
                }
                None if element.is_object() && self.object(element) => {}
                _ => others.push(element),
            }
        }
        let Some(first) = others.first() else {
            if count == 0 {
                self.refuse(array);
            }
            return;
        };
        if others.len() == count {
            self.refuse(array);
            return;
        }
        let message = format!(
            "{} of the {count} elements of the array hold no policy document",
            others.len()
        );
        let finding = unread("not-a-policy", (self.located)(first.span()), message)
            .label(if others.len() > 1 {
                "the first of them"
            } else {
                ""
            })
            .help(ACCEPTED);
        self.contents.unread.push(finding);
    }

    /// Looks into an object; returns whether it was something known.
    fn object(&mut self, object: Value<'_>) -> bool {
        if has_statement(object) {
            self.part(object, true, Facts::default());
            return true;
        }
        self.identity(object)
            || self.roles(object)
            || self.organizations(object)
            || self.attributes(object)
            || self.resource(object)
            || self.not_yet(object)
    }

    fn identity(&mut self, object: Value<'_>) -> bool {
        // With `--query PolicyVersion`, what is inside stands alone.
        let alone = object.get("VersionId").and_then(|_| object.get("Document"));
        if let Some(document) = at(object, &["PolicyVersion", "Document"]).or(alone) {
            let facts = facts("aws iam get-policy-version", KindHint::Identity);
            self.document(document, facts);
            return true;
        }
        let Some(document) = object.get("PolicyDocument") else {
            return false;
        };
        let commands = [
            ("RoleName", "aws iam get-role-policy"),
            ("UserName", "aws iam get-user-policy"),
            ("GroupName", "aws iam get-group-policy"),
        ];
        let owner = commands.iter().find(|(key, _)| object.get(key).is_some());
        let facts = owner.map_or_else(Facts::default, |(_, command)| Facts {
            name: text(object, "PolicyName"),
            ..facts(command, KindHint::Identity)
        });
        self.document(document, facts);
        true
    }

    fn roles(&mut self, object: Value<'_>) -> bool {
        // With `--query Role`, what is inside stands alone.
        let role = object.get("Role").unwrap_or(object);
        if self.role(role, "aws iam get-role") {
            return true;
        }
        let mut is_known = false;
        for role in object.get("Roles").into_iter().flat_map(Value::elements) {
            is_known |= self.role(role, "aws iam list-roles");
        }
        is_known
    }

    fn role(&mut self, role: Value<'_>, command: &'static str) -> bool {
        let Some(document) = role.get("AssumeRolePolicyDocument") else {
            return false;
        };
        let facts = Facts {
            name: text(role, "RoleName"),
            arn: text(role, "Arn"),
            ..facts(command, KindHint::Trust)
        };
        self.document(document, facts);
        if let Some(boundary) = at(role, &["PermissionsBoundary", "PermissionsBoundaryArn"]) {
            let arn = quoted(boundary.as_str().unwrap_or_default());
            let finding = Finding::new(
                "boundary-not-in-file",
                FindingType::Suggestion,
                (self.located)(boundary.span()),
                format!(
                    "the role has the permissions boundary {arn}, and its document is elsewhere"
                ),
            )
            .why("only the trust policy of the role was read from this file")
            .help("read the boundary too, with `aws iam get-policy-version`");
            self.contents.findings.push(finding);
        }
        true
    }

    fn organizations(&mut self, object: Value<'_>) -> bool {
        if let Some(document) = at(object, &["ResourcePolicy", "Content"]) {
            let command = "aws organizations describe-resource-policy";
            self.document(document, facts(command, KindHint::Resource));
            return true;
        }
        let Some(policy) = object.get("Policy").filter(|it| it.is_object()) else {
            return false;
        };
        let Some(document) = policy.get("Content") else {
            return self.policy_without_document(policy);
        };
        let summary = policy.get("PolicySummary");
        let mut facts = Facts {
            command: Some("aws organizations describe-policy"),
            kind: None,
            name: summary.and_then(|it| text(it, "Name")),
            arn: summary.and_then(|it| text(it, "Arn")),
        };
        let Some(policy_type) = summary.and_then(|it| it.get("Type")) else {
            self.document(document, facts);
            return true;
        };
        match policy_type.as_str() {
            Some("SERVICE_CONTROL_POLICY") => facts.kind = Some(KindHint::Scp),
            Some("RESOURCE_CONTROL_POLICY") => facts.kind = Some(KindHint::Rcp),
            other => {
                let name = quoted(other.unwrap_or_default());
                let finding = unread(
                    "not-iam-grammar",
                    (self.located)(policy_type.span()),
                    format!("a policy of type {name} is not written in the IAM policy language"),
                )
                .help("only `SERVICE_CONTROL_POLICY` and `RESOURCE_CONTROL_POLICY` documents can be read");
                self.contents.unread.push(finding);
                return true;
            }
        }
        self.document(document, facts);
        true
    }

    fn policy_without_document(&mut self, policy: Value<'_>) -> bool {
        if has_statement(policy) {
            self.part(policy, true, Facts::default());
            return true;
        }
        let Some(version) = policy.get("DefaultVersionId").and_then(Value::as_str) else {
            return false;
        };
        let finding = unread(
            "not-a-policy",
            (self.located)(policy.span()),
            "the output of `aws iam get-policy` names a policy but does not hold its document",
        )
        .help(format!(
            "use the output of {}",
            quoted(&format!(
                "aws iam get-policy-version --version-id {version}"
            ))
        ));
        self.contents.unread.push(finding);
        true
    }

    fn attributes(&mut self, object: Value<'_>) -> bool {
        let Some(attributes) = object.get("Attributes").filter(|it| it.is_object()) else {
            return false;
        };
        let Some(document) = attributes.get("Policy") else {
            return false;
        };
        let (command, arn) = match text(attributes, "TopicArn") {
            Some(arn) => ("aws sns get-topic-attributes", Some(arn)),
            None => ("aws sqs get-queue-attributes", text(attributes, "QueueArn")),
        };
        let facts = Facts {
            arn,
            ..facts(command, KindHint::Resource)
        };
        self.document(document, facts);
        true
    }

    fn resource(&mut self, object: Value<'_>) -> bool {
        let mut is_known = false;
        for endpoint in object
            .get("VpcEndpoints")
            .into_iter()
            .flat_map(Value::elements)
        {
            let Some(document) = endpoint.get("PolicyDocument") else {
                continue;
            };
            let facts = Facts {
                name: text(endpoint, "VpcEndpointId"),
                ..facts("aws ec2 describe-vpc-endpoints", KindHint::VpcEndpoint)
            };
            self.document(document, facts);
            is_known = true;
        }
        if is_known {
            return true;
        }
        let known = RESOURCE_POLICIES.iter().find_map(|(key, beside, command)| {
            let document = object.get(key).filter(|it| it.as_str().is_some())?;
            let is_there = beside.is_none_or(|beside| object.get(beside).is_some());
            is_there.then_some((document, *command))
        });
        let Some((document, command)) = known else {
            return false;
        };
        let facts = Facts {
            name: text(object, "Name").or_else(|| text(object, "repositoryName")),
            arn: text(object, "ARN"),
            ..facts(command, KindHint::Resource)
        };
        self.document(document, facts);
        true
    }

    /// Recognises what holds policies in ways that are not read.
    fn not_yet(&mut self, object: Value<'_>) -> bool {
        let has = |key: &str| object.get(key).is_some();
        let is_dump = has("RoleDetailList") || has("UserDetailList") || has("GroupDetailList");
        let (rule, what, help) = if is_dump {
            (
                "account-dump",
                "the output of `aws iam get-account-authorization-details`",
                "give the documents one by one, as `aws iam get-policy-version`, `get-role-policy` \
                 and `get-role` print them",
            )
        } else if has("AWSTemplateFormatVersion") {
            ("not-a-policy", "a CloudFormation template", ACCEPTED)
        } else if has("resource_changes") || has("planned_values") {
            ("not-a-policy", "a Terraform plan", ACCEPTED)
        } else {
            return false;
        };
        let finding = unread(
            rule,
            (self.located)(first_key(object)),
            format!("the policies inside {what} are not read"),
        )
        .help(help);
        self.contents.unread.push(finding);
        true
    }

    /// Takes what a wrapper says is a document.
    fn document(&mut self, value: Value<'_>, facts: Facts) {
        match value.kind() {
            Kind::Object | Kind::String => self.part(value, true, facts),
            kind => {
                let finding = not_a_document((self.located)(value.span()), kind_in_words(kind));
                self.contents.unread.push(finding);
            }
        }
    }

    fn part(&mut self, value: Value<'_>, is_certain: bool, facts: Facts) {
        self.contents.parts.push(Part {
            id: value.id(),
            span: value.span(),
            is_string: matches!(value.kind(), Kind::String),
            is_certain,
            facts,
        });
    }

    fn refuse(&mut self, value: Value<'_>) {
        let misspelt = value
            .members()
            .find(|member| strsim::levenshtein(&member.key.to_ascii_lowercase(), "statement") <= 2);
        let finding = if let Some(member) = misspelt {
            let message = format!(
                "the object has the key {} but no `Statement`",
                quoted(member.key)
            );
            unread("not-a-policy", (self.located)(member.key_span), message)
                .help("did you mean `Statement`?")
        } else {
            let message = format!("{} is not a policy document", in_words(value));
            let help = if has_effect(value) || value.elements().any(has_effect) {
                "put statements under the key `Statement` of an object that has \
                 `\"Version\": \"2012-10-17\"`"
            } else {
                ACCEPTED
            };
            unread("not-a-policy", (self.located)(first_key(value)), message).help(help)
        };
        self.contents.unread.push(finding);
    }
}

fn facts(command: &'static str, kind: KindHint) -> Facts {
    Facts {
        command: Some(command),
        kind: Some(kind),
        name: None,
        arn: None,
    }
}

/// Returns whether an object is meant as a policy document. `policy` judges the spelling.
fn has_statement(object: Value<'_>) -> bool {
    object
        .members()
        .any(|member| member.key.eq_ignore_ascii_case("Statement"))
}

fn at<'t>(value: Value<'t>, path: &[&str]) -> Option<Value<'t>> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

fn text(object: Value<'_>, key: &str) -> Option<String> {
    object.get(key)?.as_str().map(str::to_owned)
}

/// Returns where a value starts to show what it is: marking all of a large file helps nobody.
fn first_key(value: Value<'_>) -> Span {
    match value.members().next() {
        Some(member) => member.key_span,
        None => Span::new(value.span().start, value.span().start + 1),
    }
}

const fn kind_in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "an object",
        Kind::Array => "an array",
        Kind::String => "a text",
        Kind::Number => "a number",
        Kind::Bool => "a boolean",
        Kind::Null => "`null`",
    }
}

/// Says what a value is, for people who expected something else.
fn in_words(value: Value<'_>) -> String {
    const SHOWN: usize = 4;
    if matches!(value.kind(), Kind::Array) {
        return match (value.elements().next(), value.elements().count()) {
            (None, _) => "an empty array".into(),
            (Some(first), 1) => format!("an array with {}", kind_in_words(first.kind())),
            (Some(_), _) if value.elements().any(has_effect) => "an array of statements".into(),
            (Some(_), count) => format!("an array of {count} other values"),
        };
    }
    if has_effect(value) {
        return "a single statement".into();
    }
    let mut keys: Vec<_> = value
        .members()
        .take(SHOWN)
        .map(|it| quoted(it.key))
        .collect();
    let others = value.members().skip(SHOWN).count();
    if others > 0 {
        keys.push(format!("{others} more"));
    }
    let Some((last, others)) = keys.split_last() else {
        return match value.kind() {
            Kind::Object => "an empty object".into(),
            kind => kind_in_words(kind).into(),
        };
    };
    match others {
        [] => format!("an object with the key {last}"),
        _ => format!("an object with the keys {} and {last}", others.join(", ")),
    }
}

fn has_effect(value: Value<'_>) -> bool {
    value.get("Effect").is_some()
}
