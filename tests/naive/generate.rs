//! Cases with small alphabets, so that policies and requests meet.
//!
//! A case is read off a list of numbers: zero is always the plainest choice, so that shrinking the
//! list shrinks the case.

use serde_json::{Map, Value, json};

const ONE: &str = "111111111111";
const TWO: &str = "222222222222";

/// Keys that are lists.
pub(crate) const LISTS: [&str; 2] = ["aws:TagKeys", "aws:CalledVia"];

/// Keys of one value, with the kind of value each has.
pub(crate) const KEYS: [(&str, Kind); 12] = [
    ("aws:username", Kind::Text),
    ("aws:PrincipalTag/t", Kind::Text),
    ("aws:RequestTag/T", Kind::Text),
    ("aws:ResourceTag/t", Kind::Text),
    ("aws:PrincipalOrgID", Kind::Text),
    ("aws:PrincipalArn", Kind::Arn),
    ("aws:SourceArn", Kind::Arn),
    ("aws:SourceIp", Kind::Address),
    ("aws:CurrentTime", Kind::Date),
    ("aws:SecureTransport", Kind::Bool),
    ("s3:max-keys", Kind::Number),
    ("x:bytes", Kind::Binary),
];

const TEXTS: [&str; 17] = [
    "alice",
    "b",
    "k",
    "Alice",
    "app",
    "",
    "*",
    "a*",
    "al?ce",
    "a:b",
    "true",
    "1",
    "ΟΣ",
    "ος",
    "\u{212A}",
    "\u{10428}",
    "x\ny",
];
const NUMBERS: [&str; 17] = [
    "1", "2", "01", "+1", "1.0", "1e0", "10", "1e1", "-1", "-0", "0", "0.1", "0.10", "12e-1", "x",
    "", "NaN",
];
const DATES: [&str; 13] = [
    "2030-01-01T00:00:00Z",
    "2030-01-01",
    "1893456000",
    "2030-01-01T01:00:00+01:00",
    "2030-01-01T00:00:00.5Z",
    "2030-01-01T00:00",
    "2029-12-31T23:59:59.999Z",
    "2029-12-31",
    "2030",
    "2030-01",
    "1893455999",
    "not-a-date",
    "",
];
const BOOLS: [&str; 5] = ["true", "false", "TRUE", "yes", ""];
const ADDRESSES: [&str; 8] = [
    "192.0.2.5",
    "192.0.2.200",
    "10.1.2.3",
    "2001:db8::5",
    "2001:db8:0:0::4",
    "::ffff:192.0.2.5",
    "not-an-ip",
    "",
];
const NETWORKS: [&str; 19] = [
    "192.0.2.0/24",
    "192.0.2.5",
    "192.0.2.5/24",
    "192.000.002.5",
    "192.0.2.0/024",
    "192.0.2.0/+24",
    "0.0.0.0/0",
    "10.0.0.0/8",
    "192.0.2.128/25",
    "2001:db8::/32",
    "2001:db8::5/64",
    "2001:db8::4/127",
    "2001:DB8:0:0:0:0:0:5",
    "::/0",
    "::ffff:192.0.2.0/120",
    "192.0.2.0/33",
    "not-an-ip",
    "",
    "192.0.2.5/32",
];
const ARNS: [&str; 8] = [
    "arn:aws:iam::111111111111:user/alice",
    "arn:aws:iam::111111111111:role/app",
    "arn:aws:iam::222222222222:role/app",
    "arn:aws-cn:iam::111111111111:user/alice",
    "arn:aws:sns:us-east-1:111111111111:a:b",
    "arn:aws:s3:::b",
    "not-an-arn",
    "",
];
const BINARIES: [&str; 5] = ["AAE=", "AQI=", "AAE", "%", ""];

/// What values a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Arn,
    Address,
    Date,
    Bool,
    Number,
    Binary,
}

/// A list of numbers from which a case is read.
pub(crate) struct Choices<'a> {
    numbers: &'a [u32],
    at: usize,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(numbers: &'a [u32]) -> Self {
        Self { numbers, at: 0 }
    }

    fn next(&mut self) -> u32 {
        let number = self.numbers.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        number
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end
    }

    /// True in this many of a hundred cases.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.next() % 100 >= 100 - percent
    }

    pub(crate) fn pick<'t, T: ?Sized>(&mut self, items: &[&'t T]) -> &'t T {
        items[self.below(items.len())]
    }

    /// A value for a context key.
    pub(crate) fn value(&mut self, kind: Kind) -> &'static str {
        match kind {
            Kind::Text => self.pick(&TEXTS),
            Kind::Arn => self.pick(&ARNS),
            Kind::Address => self.pick(&ADDRESSES),
            Kind::Date => self.pick(&DATES),
            Kind::Bool => self.pick(&BOOLS),
            Kind::Number => self.pick(&NUMBERS),
            Kind::Binary => self.pick(&BINARIES),
        }
    }

    /// A list for a multivalued context key.
    pub(crate) fn list(&mut self) -> Value {
        let count = self.below(4);
        (0..count).map(|_| self.pick(&TEXTS)).collect()
    }
}

/// A request and what policies near it are made of.
pub(crate) struct Case<'c, 'a> {
    choices: &'c mut Choices<'a>,
    action: &'static str,
    resource: &'static str,
    principal: Value,
    context: Map<String, Value>,
    focused: bool,
}

const ACTIONS: [(&str, &[&str]); 12] = [
    (
        "s3:GetObject",
        &[
            "arn:aws:s3:::b/k",
            "arn:aws:s3:::b/x/y:z",
            "arn:aws:s3:::b/*",
            "arn:aws-cn:s3:::b/k",
            "arn:aws:s3:::b/alice/k",
        ],
    ),
    (
        "sqs:SendMessage",
        &[
            "arn:aws:sqs:us-east-1:111111111111:q",
            "arn:aws:sqs:us-east-1:222222222222:alice",
            "arn:aws:sqs:eu-west-1:111111111111:Q",
        ],
    ),
    (
        "lambda:InvokeFunction",
        &[
            "arn:aws:lambda:us-east-1:111111111111:function:f:PROD",
            "arn:aws:lambda:us-east-1:222222222222:function:f",
        ],
    ),
    (
        "dynamodb:GetItem",
        &[
            "arn:aws:dynamodb:us-east-1:111111111111:table/t/index/alice",
            "arn:aws:dynamodb:us-east-1:222222222222:table/t",
        ],
    ),
    (
        "kms:Decrypt",
        &[
            "arn:aws:kms:us-east-1:111111111111:key/k",
            "arn:aws:kms:us-east-1:222222222222:key/k",
            "arn:aws:kms:us-east-1:111111111111:alias/k",
        ],
    ),
    (
        "kms:RetireGrant",
        &["arn:aws:kms:us-east-1:111111111111:key/k"],
    ),
    (
        "iam:GetRole",
        &[
            "arn:aws:iam::111111111111:role/app",
            "arn:aws:iam::222222222222:role/team/app",
        ],
    ),
    (
        "sts:AssumeRole",
        &[
            "arn:aws:iam::111111111111:role/app",
            "arn:aws:iam::222222222222:role/team/app",
        ],
    ),
    ("sts:TagSession", &["arn:aws:iam::111111111111:role/app"]),
    ("s3:ListAllMyBuckets", &["*"]),
    ("sqs:ListQueues", &["*"]),
    ("sts:GetCallerIdentity", &["*"]),
];

/// Reads a whole case off the choices.
pub(crate) fn case(choices: &mut Choices<'_>) -> Value {
    any_case(choices, false)
}

/// Reads a case in which conditions and variables decide more often: few layers, and statements
/// that match but for these.
pub(crate) fn focused_case(choices: &mut Choices<'_>) -> Value {
    any_case(choices, true)
}

fn any_case(choices: &mut Choices<'_>, focused: bool) -> Value {
    let actions = if focused { 4 } else { ACTIONS.len() };
    let (mut action, resources) = ACTIONS[choices.below(actions)];
    let mut resource = choices.pick(resources);
    let principal = match choices.below(if focused { 12 } else { 20 }) {
        0..=5 => json!("arn:aws:iam::111111111111:user/alice"),
        6 => json!("arn:aws:iam::111111111111:user/team/alice"),
        7..=11 => json!("arn:aws:sts::111111111111:assumed-role/app/s1"),
        12 | 13 => json!("arn:aws:sts::111111111111:federated-user/alice"),
        14 => json!("arn:aws:iam::111111111111:root"),
        15 => json!("lambda.amazonaws.com"),
        16 | 17 => json!({"anonymous": true}),
        18 => json!("accounts.google.com"),
        _ => json!("arn:aws:iam::111111111111:saml-provider/P"),
    };
    // An identity provider calls nothing else.
    if principal
        .as_str()
        .is_some_and(|it| it.contains("google") || it.contains("saml-"))
    {
        action = "sts:AssumeRoleWithWebIdentity";
        resource = "arn:aws:iam::111111111111:role/app";
    }
    let mut context = Map::new();
    for (key, kind) in KEYS {
        if choices.chance(45) {
            let usual = kind == Kind::Arn && choices.chance(70);
            let value = if usual {
                ARNS[choices.below(2)]
            } else {
                choices.value(kind)
            };
            let key = if choices.chance(5) {
                key.to_uppercase()
            } else {
                key.to_owned()
            };
            context.insert(key, value.into());
        }
    }
    for key in LISTS {
        if choices.chance(45) {
            context.insert(key.to_owned(), choices.list());
        }
    }
    let no_resource = resource == "*";
    let owner = if no_resource || choices.chance(80) {
        ONE
    } else {
        TWO
    };
    let request = json!({
        "principal": principal, "action": action, "resource": resource,
        "noResourceLevel": no_resource, "resourceAccount": owner, "context": context,
    });
    let mut near = Case {
        choices,
        action,
        resource,
        principal,
        context,
        focused,
    };
    let identity = (0..near.choices.below(3))
        .map(|_| near.policy(Place::Plain))
        .collect();
    let optional = |near: &mut Case<'_, '_>, percent, place| match near.choices.chance(if focused {
        percent / 3
    } else {
        percent
    }) {
        true => (0..=near.choices.below(2))
            .map(|_| near.policy(place))
            .collect(),
        false => Value::Null,
    };
    let boundary = optional(&mut near, 25, Place::Plain);
    let session = match near.principal.as_str() {
        Some(arn) if arn.contains(":sts:") || arn.ends_with(":root") => {
            optional(&mut near, 40, Place::Plain)
        }
        _ => Value::Null,
    };
    let endpoint = optional(&mut near, 12, Place::Endpoint);
    let levels = |near: &mut Case<'_, '_>, percent, place| -> Value {
        let count = if near
            .choices
            .chance(if focused { percent / 3 } else { percent })
        {
            1 + near.choices.below(2)
        } else {
            0
        };
        let level = |near: &mut Case<'_, '_>| -> Value {
            let policies: Value = (0..1 + near.choices.below(2))
                .map(|_| near.policy(place))
                .collect();
            json!({"target": "t", "policies": policies})
        };
        (0..count).map(|_| level(near)).collect()
    };
    let scps = levels(&mut near, 20, Place::Scp);
    let rcps = levels(&mut near, 20, Place::Rcp);
    let resource_policy = match near.choices.chance(65) {
        true if action.starts_with("sts:") => near.policy(Place::Trust),
        true => near.policy(Place::Resource),
        false => Value::Null,
    };
    let mut settings = Map::new();
    if near.choices.chance(5) {
        let account = near.choices.pick(&[ONE, TWO]);
        settings.insert("organization".into(), json!({"managementAccount": account}));
    }
    if near.choices.chance(5) {
        settings.insert("principal".into(), json!({"serviceLinkedRole": true}));
    } else if near.choices.chance(10) {
        settings.insert(
            "principal".into(),
            json!({"uniqueId": "AIDACKCEVSQ6C2EXAMPLE", "canonicalUser": "79a5"}),
        );
    }
    if near.choices.chance(5) {
        settings.insert("kms".into(), json!({"awsManagedKey": true}));
    }
    json!({
        "id": "p", "request": request, "identityPolicies": Value::Array(identity),
        "resourcePolicy": resource_policy, "permissionsBoundaries": boundary,
        "sessionPolicies": session, "scps": scps, "rcps": rcps, "vpcEndpointPolicies": endpoint,
        "settings": settings,
    })
}

/// Reads one more statement for a case: where it goes and what it is.
pub(crate) fn more(choices: &mut Choices<'_>, case: &Value, effect: &str) -> (&'static str, Value) {
    let of = |name: &str| ACTIONS.iter().find(|(action, _)| *action == name);
    let request = &case["request"];
    let action =
        of(request["action"].as_str().unwrap()).map_or("sts:AssumeRoleWithWebIdentity", |it| it.0);
    let resource = ACTIONS
        .iter()
        .flat_map(|(_, resources)| resources.iter())
        .find(|it| request["resource"] == ***it)
        .unwrap();
    let context = request["context"].as_object().unwrap().clone();
    let principal = request["principal"].clone();
    let mut near = Case {
        choices,
        action,
        resource,
        principal,
        context,
        focused: false,
    };
    let (list, place) = match near.choices.below(7) {
        0 | 1 => ("identityPolicies", Place::Plain),
        2 if action.starts_with("sts:") => ("resourcePolicy", Place::Trust),
        2 => ("resourcePolicy", Place::Resource),
        3 => ("permissionsBoundaries", Place::Plain),
        4 => ("sessionPolicies", Place::Plain),
        5 => ("vpcEndpointPolicies", Place::Endpoint),
        _ => ("scps", Place::Scp),
    };
    let mut statement = near.statement(place);
    statement["Effect"] = effect.into();
    (list, statement)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Plain,
    Scp,
    Rcp,
    Endpoint,
    Resource,
    Trust,
}

impl Case<'_, '_> {
    fn policy(&mut self, place: Place) -> Value {
        let mut statements = Vec::new();
        // Without a broad grant here and there nearly everything is denied.
        if place != Place::Rcp && self.choices.chance(45) {
            let mut all = json!({"Effect": "Allow", "Action": "*"});
            if place != Place::Trust {
                all["Resource"] = "*".into();
            }
            if !matches!(place, Place::Plain | Place::Scp) {
                all["Principal"] = self.principals();
            }
            if self.choices.chance(if self.focused { 90 } else { 30 }) {
                all["Condition"] = self.conditions();
            }
            statements.push(all);
        }
        for _ in 0..1 + self.choices.below(3) {
            statements.push(self.statement(place));
        }
        let single = statements.len() == 1 && self.choices.chance(30);
        let statements = if single {
            statements.remove(0)
        } else {
            statements.into()
        };
        let mut document = json!({"Version": "2012-10-17", "Statement": statements});
        match self.choices.below(20) {
            17 => document["Version"] = "2008-10-17".into(),
            18 => drop(document.as_object_mut().unwrap().remove("Version")),
            19 if self.choices.chance(10) => document["Version"] = "2012-10-18".into(),
            _ => {}
        }
        document
    }

    fn statement(&mut self, place: Place) -> Value {
        let deny = place == Place::Rcp || self.choices.chance(25);
        let mut statement = json!({"Effect": if deny { "Deny" } else { "Allow" }});
        match place {
            Place::Rcp => statement["Principal"] = "*".into(),
            Place::Endpoint | Place::Resource | Place::Trust => {
                let element = self.principals();
                let negated = self.choices.chance(12) && element != "*";
                statement[if negated { "NotPrincipal" } else { "Principal" }] = element;
            }
            Place::Plain | Place::Scp => {}
        }
        let negated = place != Place::Rcp && self.choices.chance(12);
        let actions = self.many(Self::action_pattern);
        statement[if negated { "NotAction" } else { "Action" }] = actions;
        if place != Place::Trust {
            let negated = self.choices.chance(15);
            let resources = self.many(Self::resource_pattern);
            statement[if negated { "NotResource" } else { "Resource" }] = resources;
        }
        if self.choices.chance(if self.focused { 80 } else { 50 }) {
            statement["Condition"] = self.conditions();
        }
        statement
    }

    fn many(&mut self, one: impl Fn(&mut Self) -> String) -> Value {
        match self.choices.below(10) {
            0..=5 => one(self).into(),
            6 => json!([one(self)]),
            _ => json!([one(self), one(self)]),
        }
    }

    fn action_pattern(&mut self) -> String {
        let (service, name) = self.action.split_once(':').unwrap();
        match self.choices.below(if self.focused { 4 } else { 12 }) {
            0 | 1 => "*".into(),
            2 | 3 => format!("{service}:*"),
            4 => self.action.into(),
            5 => self.action.to_uppercase(),
            6 => format!("{service}:{}*", &name[..self.choices.below(name.len())]),
            7 | 8 => format!("{service}:{}", self.wild(name)),
            9 => format!("{service}:${{aws:username}}"),
            10 => "ec2:*".into(),
            _ => format!("{service}:Other"),
        }
    }

    /// The text with a few characters replaced by wildcards.
    fn wild(&mut self, text: &str) -> String {
        let mut characters: Vec<String> = text.chars().map(String::from).collect();
        for _ in 0..1 + self.choices.below(3) {
            if characters.is_empty() {
                break;
            }
            let at = self.choices.below(characters.len());
            match self.choices.below(4) {
                0 => characters[at] = "*".into(),
                1 => characters[at] = "?".into(),
                2 => characters.insert(at, "*".into()),
                _ => {
                    let end = (at + 1 + self.choices.below(5)).min(characters.len());
                    drop(characters.splice(at..end, ["*".to_owned()]));
                }
            }
        }
        characters.concat()
    }

    fn resource_pattern(&mut self) -> String {
        let resource = if self.resource == "*" {
            "arn:aws:s3:::b/k"
        } else {
            self.resource
        };
        let mut parts: Vec<String> = resource.splitn(6, ':').map(str::to_owned).collect();
        match self.choices.below(16) {
            0..=2 => "*".into(),
            3 => resource.into(),
            4 | 5 => self.wild(resource),
            6 | 7 => {
                parts[5] = self.wild(&parts[5].clone());
                parts.join(":")
            }
            8 => {
                // A short ARN.
                parts.truncate(2 + self.choices.below(4));
                let end = self.choices.pick(&["", ":*", "*", ":", "?"]);
                format!("{}{end}", parts.join(":"))
            }
            9 => {
                let at = 1 + self.choices.below(4);
                parts[at] = self
                    .choices
                    .pick(&["*", "aws-cn", "", "us-*", "1*1"])
                    .into();
                parts.join(":")
            }
            10..=13 => {
                let rest = parts[5].clone();
                let variable = self.variable();
                parts[5] = match self.choices.below(4) {
                    0 => rest.replace("alice", &variable),
                    1 => rest.replacen('k', &variable, 1),
                    2 => format!("{}{variable}*", &rest[..self.choices.below(rest.len())]),
                    _ => format!("*{variable}"),
                };
                parts.join(":")
            }
            14 => {
                // A variable too early (V10).
                parts[4] = self.variable();
                parts.join(":")
            }
            _ => "arn:aws:ec2:*:*:instance/*".into(),
        }
    }

    fn variable(&mut self) -> String {
        match self.choices.below(10) {
            0 | 1 => "${aws:username}".into(),
            2 => "${aws:PrincipalTag/t}".into(),
            3 => "${AWS:UserName, 'k'}".into(),
            4 => "${aws:RequestTag/t,alice}".into(),
            5 => "${aws:TagKeys, 'alice'}".into(),
            6 => "${*}".into(),
            7 => "${?}".into(),
            8 => "${aws:PrincipalArn}".into(),
            _ => "${aws:username".into(),
        }
    }

    fn principals(&mut self) -> Value {
        let one = |case: &mut Self| {
            let own = case.principal.as_str().unwrap_or("*").to_owned();
            match case.choices.below(16) {
                0 | 1 => ("AWS", "*".to_owned()),
                2..=4 if own.contains("google") || own.contains("saml-") => ("Federated", own),
                2..=4 if own.ends_with("amazonaws.com") => ("Service", own),
                2..=4 => ("AWS", own),
                5 | 6 => ("AWS", ONE.into()),
                7 => ("AWS", format!("arn:aws:iam::{ONE}:root")),
                8 => ("AWS", format!("arn:aws:iam::{ONE}:role/team/app")),
                9 => ("AWS", format!("arn:aws:iam::{ONE}:role/app")),
                10 => ("AWS", format!("arn:aws:iam::{ONE}:user/alice")),
                11 => ("AWS", format!("arn:aws:iam::{TWO}:root")),
                12 => ("AWS", format!("arn:aws:iam::{ONE}:user/*")),
                13 => ("AWS", "AIDACKCEVSQ6C2EXAMPLE".into()),
                14 => ("CanonicalUser", "79a5".into()),
                _ => ("Service", "lambda.amazonaws.com".into()),
            }
        };
        if self.choices.chance(20) {
            return "*".into();
        }
        let (kind, text) = one(self);
        let mut element = json!({kind: text});
        if self.choices.chance(25) {
            let (kind, more) = one(self);
            element[kind] = match element[kind].take() {
                Value::Null => more.into(),
                known => json!([known, more]),
            };
        }
        element
    }

    fn conditions(&mut self) -> Value {
        let mut block = json!({});
        for _ in 0..1 + self.choices.below(2) {
            let multivalued = self.choices.chance(20);
            let (key, kind) = match multivalued {
                true => (LISTS[self.choices.below(2)], Kind::Text),
                false => KEYS[self.choices.below(KEYS.len())],
            };
            let kind = match self.choices.chance(8) {
                true => KEYS[self.choices.below(KEYS.len())].1,
                false => kind,
            };
            let mut operator = self.operator(kind).to_owned();
            if operator != "Null" {
                if self.choices.chance(if multivalued { 80 } else { 10 }) {
                    let set = self.choices.pick(&["ForAnyValue:", "ForAllValues:"]);
                    operator = format!("{set}{operator}");
                }
                if self.choices.chance(20) {
                    operator += "IfExists";
                }
            }
            if self.choices.chance(3) {
                operator = operator.to_lowercase();
            }
            let written = match self.choices.below(12) {
                10 => key.to_lowercase(),
                11 => key.to_uppercase(),
                _ => key.to_owned(),
            };
            let values = self.values(&operator, kind, key);
            block[operator][written] = values;
        }
        block
    }

    fn operator(&mut self, kind: Kind) -> &'static str {
        if self.choices.chance(10) {
            return if self.choices.chance(10) {
                "StringContains"
            } else {
                "Null"
            };
        }
        match kind {
            Kind::Text => self.choices.pick(&[
                "StringEquals",
                "StringLike",
                "StringNotEquals",
                "StringNotLike",
                "StringEqualsIgnoreCase",
                "StringNotEqualsIgnoreCase",
            ]),
            Kind::Arn => self.choices.pick(&[
                "ArnLike",
                "ArnEquals",
                "ArnNotLike",
                "ArnNotEquals",
                "StringLike",
            ]),
            Kind::Address => self.choices.pick(&["IpAddress", "NotIpAddress"]),
            Kind::Date => self.choices.pick(&[
                "DateEquals",
                "DateNotEquals",
                "DateLessThan",
                "DateLessThanEquals",
                "DateGreaterThan",
                "DateGreaterThanEquals",
            ]),
            Kind::Bool => "Bool",
            Kind::Number => self.choices.pick(&[
                "NumericEquals",
                "NumericNotEquals",
                "NumericLessThan",
                "NumericLessThanEquals",
                "NumericGreaterThan",
                "NumericGreaterThanEquals",
            ]),
            Kind::Binary => "BinaryEquals",
        }
    }

    fn values(&mut self, operator: &str, kind: Kind, key: &str) -> Value {
        let given = self.context.get(key).cloned();
        let one = |case: &mut Self| -> Value {
            if operator.to_lowercase().ends_with("null") {
                return case.choices.pick(&["true", "false", "TRUE", "x"]).into();
            }
            let own = match &given {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Array(texts)) if !texts.is_empty() => {
                    texts[0].as_str().unwrap().to_owned()
                }
                _ => case.choices.value(kind).to_owned(),
            };
            let like = operator.contains("Like") || operator.contains("Arn");
            match (case.choices.below(10), kind) {
                (0..=2, _) => own.into(),
                (3, Kind::Text | Kind::Arn) => case.variable().into(),
                (4, Kind::Text) => format!("{}{}", case.variable(), own).into(),
                (4, Kind::Arn) => format!("arn:aws:iam::{ONE}:user/{}", case.variable()).into(),
                (5, Kind::Arn) => case
                    .choices
                    .pick(&[
                        "*",
                        "arn:aws:iam::*",
                        "arn:*:iam::*:*",
                        "arn:aws:*:*:*:*b",
                        "bad",
                    ])
                    .into(),
                (5 | 6, Kind::Text | Kind::Arn) if like => case.wild(&own).into(),
                (7, Kind::Bool) => true.into(),
                (7, Kind::Number) => 1.into(),
                (_, Kind::Address) => case.choices.pick(&NETWORKS).into(),
                (_, kind) => case.choices.value(kind).into(),
            }
        };
        match self.choices.below(20) {
            0..=10 => one(self),
            11 => json!([]),
            12..=16 => json!([one(self), one(self)]),
            _ => json!([one(self), one(self), one(self)]),
        }
    }
}
