//! Bundles made by hand, as functions of their variables: once with stand-ins, once with values.

use rolecall::emit::Symbol;
use rolecall::generate::{
    Bundle, Entity, EntityKind, Input, Policy, PolicyUse, Sentence, Unscoped,
};
use serde_json::{Value, json};

/// The variables of a bundle, by name.
#[derive(Clone, Copy)]
pub(crate) struct Values(pub(crate) &'static [(&'static str, &'static str)]);

impl Values {
    fn get(&self, name: &str) -> &'static str {
        let found = self.0.iter().find(|(it, _)| *it == name);
        found.unwrap().1
    }
}

/// What the profiles' variables are generated with for formats with inputs.
pub(crate) const STAND_INS: Values = Values(&[
    ("account", "000000000000"),
    ("region", "zz-region-1"),
    ("prefix", "zz-prefix-"),
    ("cluster", "zz-cluster"),
    ("external-id", "zz-external-id"),
    ("path", "/zz-path/"),
    ("issuer", "zz-oidc/id/zz-issuer"),
]);

/// What a customer might give.
pub(crate) const REAL: Values = Values(&[
    ("account", "444455556666"),
    ("region", "eu-central-1"),
    ("prefix", "acme-"),
    ("cluster", "prod"),
    ("external-id", "o-acme/1=x"),
    ("path", "/acme/vendors/"),
    ("issuer", "oidc.eks.eu-central-1.amazonaws.com/id/0A1B"),
]);

/// Returns the stand-ins of these variables, with a default for `prefix`.
pub(crate) fn symbols(names: &[&str]) -> Vec<Symbol> {
    let symbols = names.iter().map(|name| Symbol {
        input: (*name).to_owned(),
        text: STAND_INS.get(name).to_owned(),
        default: (*name == "prefix").then(|| "mengi-".to_owned()),
    });
    symbols.collect()
}

fn sentence(why: &str, requirements: &[&str], statement: Value) -> Sentence {
    Sentence {
        statement,
        why: why.to_owned(),
        requirements: requirements.iter().map(|it| (*it).to_owned()).collect(),
    }
}

fn inputs(values: &Values, names: &[&str]) -> Vec<Input> {
    let inputs = names.iter().map(|name| Input {
        name: (*name).to_owned(),
        description: format!("the {name} of \"${{it}}\""),
        values: vec![values.get(name).to_owned()],
    });
    let fixed = Input {
        name: "dns-suffix".to_owned(),
        description: "the domain of service endpoints".to_owned(),
        values: vec!["amazonaws.com".to_owned()],
    };
    inputs.chain([fixed]).collect()
}

pub(crate) const USER_INPUTS: [&str; 4] = ["account", "region", "prefix", "cluster"];

/// Returns the access of a user with a policy and a boundary.
pub(crate) fn user(values: &Values) -> Bundle {
    let (account, prefix) = (values.get("account"), values.get("prefix"));
    let (region, cluster) = (values.get("region"), values.get("cluster"));
    let arn = |kind: &str, name: &str| format!("arn:aws:iam::{account}:{kind}/{name}");
    let policies = vec![
        Policy {
            name: "mengi-cloud-byoc-boundary".to_owned(),
            path: "/".to_owned(),
            arn: arn("policy", "mengi-cloud-byoc-boundary"),
            used_as: PolicyUse::Boundary,
            description: "the most that \"Mengi's\" user can do – $5 or ${less}".to_owned(),
            tags: Vec::new(),
            statements: vec![
                sentence(
                    "is the most that the user can do",
                    &[],
                    json!({"Sid": "Most", "Effect": "Allow", "Action": ["ec2:*", "eks:*", "iam:*"], "Resource": "*"}),
                ),
                sentence(
                    "keeps the boundary as it is",
                    &[],
                    json!({
                        "Sid": "KeepBoundary", "Effect": "Deny",
                        "Action": ["iam:CreatePolicyVersion", "iam:DeletePolicy"],
                        "Resource": arn("policy", "mengi-cloud-byoc-boundary"),
                    }),
                ),
            ],
        },
        Policy {
            name: "mengi-cloud-byoc-eks".to_owned(),
            path: "/".to_owned(),
            arn: arn("policy", "mengi-cloud-byoc-eks"),
            used_as: PolicyUse::Identity,
            description: "what Mengi needs for EKS".to_owned(),
            tags: Vec::new(),
            statements: vec![
                sentence(
                    &format!("makes roles that start with {prefix}, and\nhands them over"),
                    &["a", "b", "c", "d", "e", "f", "g", "h"],
                    json!({
                        "Sid": "PassRoles", "Effect": "Allow", "Action": "iam:PassRole",
                        "Resource": [arn("role", &format!("{prefix}*")), arn("role", &format!("{prefix}{cluster}-node"))],
                        "Condition": {"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "eks.amazonaws.com"]}},
                    }),
                ),
                sentence(
                    "works on its cluster",
                    &["create-cluster"],
                    json!({
                        "Sid": "Cluster", "Effect": "Allow", "Action": "eks:DescribeCluster",
                        "Resource": format!("arn:aws:eks:{region}:{account}:cluster/{cluster}"),
                        "Condition": {
                            "StringEquals": {
                                "aws:RequestedRegion": region,
                                format!("aws:ResourceTag/kubernetes.io/cluster/{cluster}"): "owned",
                            },
                            "Bool": {"aws:SecureTransport": true},
                            "Null": {"aws:ResourceTag/On": "false"},
                            "StringLike": {"aws:userid": "a-%{b}-$${aws:username}-${*}"},
                        },
                    }),
                ),
            ],
        },
    ];
    Bundle {
        profile: "mengi/eks".to_owned(),
        title: "Mengi Cloud BYOC on Amazon EKS".to_owned(),
        inputs: inputs(values, &USER_INPUTS),
        tags: vec![("ManagedBy".to_owned(), "mengi".to_owned())],
        entities: vec![Entity {
            kind: EntityKind::User,
            actor: "vendor".to_owned(),
            name: "mengi-cloud-byoc".to_owned(),
            path: "/".to_owned(),
            arn: arn("user", "mengi-cloud-byoc"),
            description: "the IAM user whose access key Mengi holds".to_owned(),
            trust: Vec::new(),
            attached: vec![policies[1].arn.clone()],
            policies: Vec::new(),
            boundary: Some(policies[0].arn.clone()),
            // It is not the vendor's own.
            tags: Vec::new(),
        }],
        policies,
        vendor_made: vec![Entity {
            kind: EntityKind::Role,
            actor: "controller".to_owned(),
            name: format!("{prefix}*-controller"),
            path: "/".to_owned(),
            arn: arn("role", &format!("{prefix}*-controller")),
            description: "the load balancer controller's role".to_owned(),
            trust: vec![sentence(
                "lets the controller in",
                &[],
                json!({
                    "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                    "Principal": {"Federated": arn("oidc-provider", "oidc.eks.amazonaws.com/id/x")},
                }),
            )],
            attached: Vec::new(),
            policies: vec![Policy {
                name: format!("{prefix}*-controller"),
                path: "/".to_owned(),
                arn: arn("policy", &format!("{prefix}*-controller")),
                used_as: PolicyUse::Identity,
                description: "what the controller does".to_owned(),
                tags: Vec::new(),
                statements: vec![sentence(
                    "reads load balancers",
                    &[],
                    json!({"Effect": "Allow", "Action": "elasticloadbalancing:Describe*", "Resource": "*"}),
                )],
            }],
            boundary: None,
            tags: Vec::new(),
        }],
        unscoped: vec![Unscoped {
            action: "ec2:DescribeVpcs".to_owned(),
            reason: "AWS has no resource for it".to_owned(),
        }],
    }
}

pub(crate) const ROLES_INPUTS: [&str; 5] = ["account", "region", "path", "external-id", "issuer"];

/// Returns the access of two roles with external IDs, web identities and a boundary.
pub(crate) fn roles(values: &Values) -> Bundle {
    let (account, path) = (values.get("account"), values.get("path"));
    let (external, issuer) = (values.get("external-id"), values.get("issuer"));
    let region = values.get("region");
    let arn = |kind: &str, name: &str| format!("arn:aws:iam::{account}:{kind}{path}{name}");
    let boundary = Policy {
        name: "VendorCloudPermissionBoundary".to_owned(),
        path: path.to_owned(),
        arn: arn("policy", "VendorCloudPermissionBoundary"),
        used_as: PolicyUse::WorkloadBoundary,
        description: "the most that roles of the vendor can do".to_owned(),
        tags: Vec::new(),
        statements: vec![sentence(
            "is the most",
            &[],
            json!({"Sid": "Most", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::vendor-*",
                "Condition": {"StringEquals": {"aws:RequestedRegion": ["us-east-1", region]}}}),
        )],
    };
    let policy = |name: &str, action: &str| Policy {
        name: name.to_owned(),
        path: path.to_owned(),
        arn: arn("policy", name),
        used_as: PolicyUse::Identity,
        description: format!("what {name} allows"),
        tags: Vec::new(),
        statements: vec![sentence(
            "does it",
            &["x"],
            json!({"Sid": "Do", "Effect": "Allow", "Action": action, "Resource": "*"}),
        )],
    };
    let policies = vec![
        boundary,
        policy("VendorCloudBootstrap1", "ec2:CreateVpc"),
        policy("VendorCloudBootstrap2", "eks:CreateCluster"),
        policy("VendorCloudManagement", "eks:DescribeCluster"),
    ];
    let trust = |web: bool| {
        let mut trust = vec![sentence(
            "lets the vendor's automation in",
            &[],
            json!({
                "Sid": "AssumeByAutomation", "Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"AWS": "arn:aws:iam::311022431024:role/cloud-manager"},
                "Condition": {"StringEquals": {"sts:ExternalId": external}},
            }),
        )];
        if web {
            trust.push(sentence(
                "lets the control plane in",
                &[],
                json!({
                    "Sid": "AssumeByWeb", "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                    "Principal": {"Federated": format!("arn:aws:iam::{account}:oidc-provider/{issuer}")},
                    "Condition": {"StringEquals": {
                        format!("{issuer}:aud"): "sts.amazonaws.com",
                        format!("{issuer}:sub"): "system:serviceaccount:a:${b}",
                    }},
                }),
            ));
        }
        trust
    };
    let entity = |name: &str, actor: &str, attached: &[&str], web: bool| Entity {
        kind: EntityKind::Role,
        actor: actor.to_owned(),
        name: name.to_owned(),
        path: path.to_owned(),
        arn: arn("role", name),
        description: format!("the {actor} role"),
        trust: trust(web),
        attached: attached
            .iter()
            .map(|it| match it.strip_prefix("aws/") {
                Some(name) => format!("arn:aws:iam::aws:policy/{name}"),
                None => arn("policy", it),
            })
            .collect(),
        policies: Vec::new(),
        boundary: Some(policies[0].arn.clone()),
        tags: vec![
            ("Vendor".to_owned(), "Vendor Inc.".to_owned()),
            ("Role".to_owned(), format!("{actor}-{external}")),
        ],
    };
    Bundle {
        profile: "vendor/roles".to_owned(),
        title: "Vendor's BYOC".to_owned(),
        inputs: inputs(values, &ROLES_INPUTS),
        tags: vec![("Vendor".to_owned(), "Vendor Inc.".to_owned())],
        entities: vec![
            entity(
                "VendorCloudBootstrapRole",
                "bootstrap",
                &["VendorCloudBootstrap1", "VendorCloudBootstrap2"],
                false,
            ),
            entity(
                "VendorCloudManagementRole",
                "management",
                &["VendorCloudManagement", "aws/ReadOnlyAccess"],
                true,
            ),
        ],
        policies,
        vendor_made: Vec::new(),
        unscoped: Vec::new(),
    }
}
