//! Makes a case of `testdata/evaluate/FORMAT.md` of any bytes, each byte a choice.
//!
//! Mutated JSON rarely stays a case that gets as far as a decision; these always do. What the bytes
//! choose from is little on purpose, so that requests and policies often speak of the same things.

use serde_json::{Map, Value, json};

const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:ListBucket",
    "s3:ListAllMyBuckets",
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:GetCallerIdentity",
    "sts:TagSession",
    "kms:Decrypt",
    "kms:CreateAlias",
    "iam:PassRole",
    "iam:CreatePolicyVersion",
    "ec2:RunInstances",
    "sqs:SendMessage",
    "organizations:LeaveOrganization",
    "x:Y",
];
const ACTION_PATTERNS: &[&str] = &[
    "*",
    "s3:*",
    "S3:get*",
    "sts:?ssume*",
    "kms:*",
    "iam:*",
    "*:*",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::bucket/alice",
    "arn:aws:s3:us-east-1:111111111111:accesspoint/a",
    "arn:aws:iam::111111111111:role/r",
    "arn:aws:iam::222222222222:role/aws-service-role/x.amazonaws.com/r",
    "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "arn:aws:kms:us-east-1:111111111111:key/k",
    "arn:aws:kms:us-east-1:222222222222:alias/aws/s3",
    "arn:aws:sqs:us-east-1:222222222222:q",
];
const RESOURCE_PATTERNS: &[&str] = &[
    "arn:aws:s3:::*",
    "arn:aws:s3:::bucket/${aws:username}",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/t, 'alice'}",
    "arn:aws:iam::*:role/*",
    "arn:*",
    "arn:aws:s3:::${*}?${$}",
];
const PRINCIPALS: &[&str] = &[
    "arn:aws:iam::111111111111:user/alice",
    "arn:aws:iam::222222222222:user/path/bob",
    "arn:aws:sts::111111111111:assumed-role/r/s",
    "arn:aws:sts::222222222222:assumed-role/AWSServiceRoleForX/s",
    "arn:aws:iam::111111111111:role/r",
    "arn:aws:sts::111111111111:federated-user/alice",
    "arn:aws:iam::111111111111:root",
    "s3.amazonaws.com",
    "cognito-identity.amazonaws.com",
    "arn:aws:iam::111111111111:oidc-provider/example.com",
];
const ACCOUNTS: &[&str] = &["111111111111", "222222222222"];
const KEYS: &[&str] = &[
    "aws:username",
    "aws:PrincipalArn",
    "aws:PrincipalTag/t",
    "aws:ResourceTag/t",
    "aws:TagKeys",
    "aws:SourceIp",
    "aws:CurrentTime",
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalIsAWSService",
    "aws:CalledVia",
    "s3:prefix",
    "sts:ExternalId",
];
const TESTS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericLessThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnLike",
    "ArnNotEquals",
    "Null",
];
const VALUES: &[&str] = &[
    "alice",
    "",
    "true",
    "false",
    "5",
    "*",
    "a*e",
    "10.0.0.0/8",
    "10.1.2.3",
    "2001:db8::/32",
    "2026-01-01T00:00:00Z",
    "111111111111",
    "YWxpY2U=",
    "arn:aws:iam::111111111111:user/alice",
    "arn:aws:iam::*:user/*",
    "${aws:username}",
    "${aws:PrincipalTag/t, 'alice'}",
];

/// Makes the line of a case.
pub(crate) fn line(bytes: &[u8]) -> String {
    let mut choices = Choices { bytes };
    let own = |it: &mut Choices<'_>| it.document(false);
    let named = |it: &mut Choices<'_>| it.document(true);
    let mut case = json!({
        "id": "fuzz",
        "request": choices.request(),
        "identityPolicies": choices.list(own),
        "scps": [],
        "rcps": [],
    });
    let layers = choices.next();
    let mut set = |bit: u8, name: &str, make: &dyn Fn(&mut Choices<'_>) -> Value| {
        if layers & 1 << bit != 0 {
            case[name] = make(&mut choices);
        }
    };
    set(0, "resourcePolicy", &|it| named(it));
    set(1, "permissionsBoundaries", &|it| it.list(own));
    set(2, "sessionPolicies", &|it| it.list(own));
    set(
        3,
        "scps",
        &|it| json!([{ "target": "r", "policies": it.list(own) }]),
    );
    set(
        4,
        "rcps",
        &|it| json!([{ "target": "r", "policies": it.list(named) }]),
    );
    set(5, "vpcEndpointPolicies", &|it| it.list(named));
    set(6, "settings", &|it| it.settings());
    case.to_string()
}

/// The bytes that are left to choose with; zeros after their end.
struct Choices<'b> {
    bytes: &'b [u8],
}

impl Choices<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else {
            return 0;
        };
        self.bytes = rest;
        *first
    }

    fn is(&mut self, one_in: u8) -> bool {
        self.next() % one_in == one_in - 1
    }

    /// Returns one of the texts, or now and then a text of the bytes themselves.
    fn text(&mut self, lists: &[&[&str]]) -> String {
        let choice = self.next();
        if choice == 255 {
            let length = usize::from(self.next() % 16).min(self.bytes.len());
            let (text, rest) = self.bytes.split_at(length);
            self.bytes = rest;
            return String::from_utf8_lossy(text).into_owned();
        }
        let all: Vec<&str> = lists.iter().copied().flatten().copied().collect();
        all[usize::from(choice) % all.len()].to_owned()
    }

    /// Returns up to three of something.
    fn list(&mut self, make: impl Fn(&mut Self) -> Value) -> Value {
        let count = self.next() % 4;
        (0..count).map(|_| make(self)).collect()
    }

    /// Returns one text, or a list of them.
    fn texts(&mut self, lists: &[&[&str]]) -> Value {
        if self.is(4) {
            self.list(|it| it.text(lists).into())
        } else {
            self.text(lists).into()
        }
    }

    fn request(&mut self) -> Value {
        let principal = match self.is(16) {
            true => json!({ "anonymous": true }),
            false => self.text(&[PRINCIPALS]).into(),
        };
        let mut request = json!({
            "principal": principal,
            "action": self.text(&[ACTIONS]),
            "resource": self.text(&[RESOURCES]),
            "resourceAccount": self.text(&[ACCOUNTS]),
        });
        let count = self.next() % 4;
        let mut context = Map::new();
        for _ in 0..count {
            let key = self.text(&[KEYS]);
            context.insert(key, self.texts(&[VALUES]));
        }
        request["context"] = context.into();
        if self.is(8) {
            request["noResourceLevel"] = true.into();
        }
        request
    }

    fn document(&mut self, has_principal: bool) -> Value {
        let version = match self.is(4) {
            true => "2008-10-17",
            false => "2012-10-17",
        };
        let statements = self.list(|it| it.statement(has_principal));
        json!({ "Version": version, "Statement": statements })
    }

    fn statement(&mut self, has_principal: bool) -> Value {
        let shape = self.next();
        let name = |bit: u8, name: &str| match shape & 1 << bit {
            0 => name.to_owned(),
            _ => format!("Not{name}"),
        };
        let effect = if self.is(3) { "Deny" } else { "Allow" };
        let mut statement = json!({ "Effect": effect });
        statement[name(7, "Action")] = self.texts(&[ACTION_PATTERNS, ACTIONS]);
        statement[name(6, "Resource")] = self.texts(&[RESOURCES, RESOURCE_PATTERNS]);
        if has_principal {
            statement[name(5, "Principal")] = match self.next() % 8 {
                0 => json!({ "Service": self.texts(&[PRINCIPALS]) }),
                1 => json!({ "Federated": self.texts(&[PRINCIPALS]) }),
                2 => json!({ "AWS": "*" }),
                3 | 4 => json!({ "AWS": self.texts(&[ACCOUNTS, PRINCIPALS]) }),
                _ => json!("*"),
            };
        }
        if shape & 1 != 0 {
            statement["Condition"] = self.conditions();
        }
        statement
    }

    fn conditions(&mut self) -> Value {
        let mut operators = Map::new();
        for _ in 0..=self.next() % 2 {
            let set = ["", "", "", "ForAnyValue:", "ForAllValues:"];
            let set = self.text(&[&set]);
            let test = self.text(&[TESTS]);
            let suffix = self.text(&[&["", "", "IfExists"]]);
            let key = self.text(&[KEYS]);
            let values = self.texts(&[VALUES]);
            operators.insert(format!("{set}{test}{suffix}"), json!({ key: values }));
        }
        operators.into()
    }

    fn settings(&mut self) -> Value {
        let flags = self.next();
        let flag = |bit: u8| flags & 1 << bit != 0;
        json!({
            "s3": { "bucketAbac": flag(0), "blockPublicAccess": flag(1) },
            "kms": { "awsManagedKey": flag(2) },
            "principal": { "serviceLinkedRole": flag(3) },
            "organization": { "managementAccount": self.text(&[ACCOUNTS]) },
        })
    }
}
