//! The most that the actor, and whomever it creates, are meant to be able to do.

use super::family::{Family, everything};
use super::oracle::{Asker, Mode};
use super::scene::{Scene, caller_of};
use crate::analyze::Access;
use crate::evaluate::derive::{Known, derive};
use crate::evaluate::{Action, Decision, Policies, Principal, Request, Settings, decide};
use crate::policy::{Document, Effect};

/// The ceiling, as policies any of which allows.
pub(super) struct Ceiling {
    layers: Vec<(Policies, Principal)>,
    /// Whether it is everything.
    pub(super) is_everything: bool,
    /// Requests above it, the most telling first.
    pub(super) above: Vec<Request>,
}

/// Requests that show power: what an administrator may, on objects of somebody else.
const SHOWS: [(&str, &str); 12] = [
    (
        "iam:AttachUserPolicy",
        "arn:{p}:iam::{a}:user/customer-admin",
    ),
    ("iam:CreateUser", "arn:{p}:iam::{a}:user/customer-backdoor"),
    ("s3:GetObject", "arn:{p}:s3:::customer-data/secret"),
    (
        "secretsmanager:GetSecretValue",
        "arn:{p}:secretsmanager:us-east-1:{a}:secret:customer-AbCdEf",
    ),
    (
        "dynamodb:DeleteTable",
        "arn:{p}:dynamodb:us-east-1:{a}:table/customer",
    ),
    (
        "rds:DeleteDBInstance",
        "arn:{p}:rds:us-east-1:{a}:db:customer",
    ),
    (
        "lambda:UpdateFunctionCode",
        "arn:{p}:lambda:us-east-1:{a}:function:customer",
    ),
    (
        "ec2:TerminateInstances",
        "arn:{p}:ec2:us-east-1:{a}:instance/i-0customer0000000",
    ),
    (
        "eks:DeleteCluster",
        "arn:{p}:eks:us-east-1:{a}:cluster/customer",
    ),
    (
        "logs:DeleteLogGroup",
        "arn:{p}:logs:us-east-1:{a}:log-group:customer",
    ),
    (
        "cloudtrail:StopLogging",
        "arn:{p}:cloudtrail:us-east-1:{a}:trail/customer",
    ),
    ("iam:PutRolePolicy", "arn:{p}:iam::{a}:role/customer-admin"),
];

impl Ceiling {
    pub(super) fn new(scene: &Scene<'_>, asker: &mut Asker<'_>) -> Self {
        let given = scene.input.policies;
        let above = |identity: Vec<Document>, boundary: Option<Vec<Document>>| Policies {
            identity,
            boundary,
            scps: given.scps.clone(),
            rcps: given.rcps.clone(),
            ..Policies::default()
        };
        let mut layers = Vec::new();
        let own = if given.boundary.is_some() {
            above(vec![everything()], given.boundary.clone())
        } else {
            Policies {
                session: given.session.clone(),
                ..above(given.identity.clone(), None)
            }
        };
        layers.push((own, scene.principal.clone()));
        let workload = usize::from(given.boundary.is_some());
        for boundary in scene.boundaries.iter().skip(workload) {
            let arn = format!(
                "arn:{}:iam::{}:role/vendor-new",
                scene.partition, scene.account
            );
            let policies = above(vec![everything()], Some(boundary.documents.clone()));
            layers.push((policies, caller_of(&arn)));
        }
        let mut ceiling = Self {
            layers,
            is_everything: false,
            above: Vec::new(),
        };
        ceiling.above = ceiling.find_above(scene);
        let family = Family::new(&["*"]);
        let settings = Settings::default();
        let mut layers = ceiling.layers.iter();
        ceiling.is_everything = ceiling.above.is_empty()
            && layers.any(|(policies, principal)| {
                let access = Access {
                    policies,
                    principal,
                    resource_account: Some(&scene.account),
                    settings: &settings,
                };
                // An open question is not a proof that everything is allowed.
                !asker.denied(Mode::May, &family, &access).is_yes()
            });
        ceiling
    }

    /// Whether a request is below the ceiling, by whomever it is made.
    pub(super) fn allows(&self, request: &Request) -> bool {
        self.layers.iter().any(|(policies, principal)| {
            let asked = Request {
                principal: principal.clone(),
                ..request.clone()
            };
            decide(policies, &asked).decision == Decision::Allowed
        })
    }

    fn find_above(&self, scene: &Scene<'_>) -> Vec<Request> {
        let requests = SHOWS.iter().filter_map(|(action, resource)| {
            let resource = resource
                .replace("{p}", &scene.partition)
                .replace("{a}", &scene.account);
            let action = Action::parse(action)?;
            let known = Known {
                principal: Some(&scene.principal),
                resource: Some(&resource),
                resource_account: Some(&scene.account),
                complete: true,
                ..Known::default()
            };
            Some(derive(&action, &known, scene.input.catalog).request)
        });
        requests.filter(|it| !self.allows(it)).collect()
    }
}

/// Describes the ceiling in a few lines: which document it is, and what it lets through.
pub(super) fn describe(scene: &Scene<'_>) -> Vec<String> {
    let given = scene.input.policies;
    let mut lines = Vec::new();
    match (&given.boundary, scene.boundaries.first()) {
        (Some(documents), Some(boundary)) => {
            let name = boundary_name(boundary.named, &boundary.arn);
            lines.push(format!(
                "its permissions boundary{name}: {}",
                actions_of(documents)
            ));
        }
        _ => lines.push(format!(
            "its identity policies, for it has no permissions boundary: {}",
            actions_of(&given.identity)
        )),
    }
    let workload = usize::from(given.boundary.is_some());
    for boundary in scene.boundaries.iter().skip(workload) {
        let name = boundary_name(boundary.named, &boundary.arn);
        lines.push(format!(
            "for principals that it creates, the boundary{name}: {}",
            actions_of(&boundary.documents)
        ));
    }
    if !given.scps.is_empty() {
        lines.push(format!(
            "in all cases below the service control policies of {} levels",
            given.scps.len()
        ));
    }
    lines
}

fn boundary_name(named: bool, arn: &str) -> String {
    if named {
        format!(" `{arn}`")
    } else {
        String::new()
    }
}

/// The services and actions that documents allow, by service.
fn actions_of(documents: &[Document]) -> String {
    let mut services: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    let mut whole: Vec<String> = Vec::new();
    let mut all = false;
    for statement in documents.iter().flat_map(|it| &it.statements) {
        if statement.effect != Effect::Allow {
            continue;
        }
        if statement.action.negated {
            let not: Vec<&str> = statement
                .action
                .patterns
                .iter()
                .map(|it| &*it.text)
                .collect();
            whole.push(format!("everything but {}", not.join(", ")));
            continue;
        }
        for pattern in &statement.action.patterns {
            match pattern.text.split_once(':') {
                None => all = true,
                Some((service, "*")) => whole.push(format!("{}:*", service.to_ascii_lowercase())),
                Some((service, _)) => {
                    *services.entry(service.to_ascii_lowercase()).or_default() += 1;
                }
            }
        }
    }
    if all {
        return "every action".into();
    }
    whole.sort();
    whole.dedup();
    services.retain(|service, _| !whole.contains(&format!("{service}:*")));
    let some = services.iter().map(|(service, count)| match count {
        1 => format!("one action of {service}"),
        count => format!("{count} actions of {service}"),
    });
    let parts: Vec<String> = whole.iter().cloned().chain(some).collect();
    if parts.is_empty() {
        return "nothing".into();
    }
    parts.join(", ")
}
