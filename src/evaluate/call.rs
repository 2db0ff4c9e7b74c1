//! A call of an API operation: one action on every resource that the call touches, each decided by
//! itself (A7, M1, M2, M7), and what else the call needs (M3 to M6).
//!
//! What the call needs besides its own action is information here: those are decisions of their own
//! on resources that this call does not name.

#[cfg(test)]
mod switch_tests;

use super::derive::{Derived, Known, derive, passes_tags};
use super::{Action, Decision, Lookup, Policies, Principal, Settings, Verdict, decide};
use crate::arn::Arn;
use crate::catalog::{self, AccessLevel, Catalog};
use crate::switch::on;

/// A call.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// The caller; `None` as in SimulateCustomPolicy without a caller (K4).
    pub principal: Option<&'a Principal>,
    /// The action.
    pub action: &'a Action,
    /// Everything that the call touches; empty for an action without resource types.
    pub resources: &'a [CallResource],
    /// The owner of the resources whose ARNs name no account.
    pub resource_account: Option<&'a str>,
    /// Context keys of the whole call.
    pub context: &'a [(String, Vec<String>)],
    /// Keys that the call certainly lacks.
    pub absent: &'a [String],
    /// Whether every key that is not given is absent.
    pub complete: bool,
    /// The EC2 scenario that says which resource types the call needs (M3).
    pub scenario: Option<Scenario>,
    /// Facts outside the context.
    pub settings: Settings,
}

/// A resource of a call.
#[derive(Clone, Debug, Default)]
pub struct CallResource {
    /// Its ARN, or `*`.
    pub arn: String,
    /// Context keys of this resource; they win over the call's.
    pub context: Vec<(String, Vec<String>)>,
}

/// What came of a call.
#[derive(Debug)]
pub struct Outcome {
    /// Allowed if it is on every resource and none is missing; denied if it is on one.
    pub decision: Decision,
    /// The resources in the order given; one without an ARN for a call without.
    pub resources: Vec<Decided>,
    /// Required resource types that no resource given is of (M1).
    pub missing_resource_types: Vec<String>,
    /// Other actions that the call needs (M4, M5, M6).
    pub also_needs: Vec<AlsoNeeds>,
}

/// The decision on one resource.
#[derive(Debug)]
pub struct Decided {
    /// The resource as given; `None` where none was.
    pub arn: Option<String>,
    /// The request and how it came about.
    pub derived: Derived,
    /// The decision.
    pub verdict: Verdict,
    /// Whether it hangs on who owns the resource, which nobody said (X6).
    pub owner_decides: bool,
}

/// An action that the caller needs for the call besides its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlsoNeeds {
    /// The action.
    pub action: String,
    /// Keys that this decision will see, as far as they are known.
    pub context: Vec<(String, String)>,
}

/// A `ResourceHandlingOption` of SimulateCustomPolicy: the resource types that a call of
/// ec2:RunInstances needs (M3; IAM API Reference, "SimulateCustomPolicy").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scenario {
    name: &'static str,
    types: &'static [&'static str],
}

const SCENARIOS: [Scenario; 6] = [
    Scenario {
        name: "EC2-Classic-InstanceStore",
        types: &["instance", "image", "security-group"],
    },
    Scenario {
        name: "EC2-Classic-EBS",
        types: &["instance", "image", "security-group", "volume"],
    },
    Scenario {
        name: "EC2-VPC-InstanceStore",
        types: &["instance", "image", "security-group", "network-interface"],
    },
    Scenario {
        name: "EC2-VPC-InstanceStore-Subnet",
        types: &[
            "instance",
            "image",
            "security-group",
            "network-interface",
            "subnet",
        ],
    },
    Scenario {
        name: "EC2-VPC-EBS",
        types: &[
            "instance",
            "image",
            "security-group",
            "network-interface",
            "volume",
        ],
    },
    Scenario {
        name: "EC2-VPC-EBS-Subnet",
        types: &[
            "instance",
            "image",
            "security-group",
            "network-interface",
            "subnet",
            "volume",
        ],
    },
];

impl Scenario {
    /// Returns the scenario of this name, in any letter case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        SCENARIOS
            .into_iter()
            .find(|it| it.name.eq_ignore_ascii_case(name))
    }

    /// Returns AWS's names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SCENARIOS.iter().map(|it| it.name)
    }
}

/// Decides a call.
#[must_use]
pub fn decide_call(policies: &Policies, call: &Call<'_>, catalog: &Catalog) -> Outcome {
    let entry = catalog.action(call.action.service(), call.action.name());
    // R8: an action without resource types has no resource, whatever is given.
    let has_resource = !entry.is_some_and(|it| it.resource_types.is_empty());
    let resources: Vec<Decided> = if call.resources.is_empty() {
        vec![decided(policies, call, None, has_resource, catalog)]
    } else {
        let each = call.resources.iter();
        each.map(|it| decided(policies, call, Some(it), has_resource, catalog))
            .collect()
    };
    let missing_resource_types = match entry {
        Some(entry) if on("M1") => missing_types(call, entry, &resources),
        _ => Vec::new(),
    };
    let decision = sum_up(&resources, !missing_resource_types.is_empty());
    let also_needs = entry.map_or_else(Vec::new, |it| also_needs(call, it, &resources, catalog));
    Outcome {
        decision,
        resources,
        missing_resource_types,
        also_needs,
    }
}

/// A7, M7: the call goes through only if it may on every resource, so a denial decides it.
fn sum_up(resources: &[Decided], is_incomplete: bool) -> Decision {
    let has = |wanted| resources.iter().any(|it| it.verdict.decision == wanted);
    if !on("A7") && has(Decision::Allowed) {
        return Decision::Allowed;
    }
    let limit = if on("M7") { resources.len() } else { 1 };
    let has = |wanted| {
        has(wanted)
            && resources
                .iter()
                .take(limit)
                .any(|it| it.verdict.decision == wanted)
    };
    let order = [
        Decision::Error,
        Decision::ExplicitlyDenied,
        Decision::ImplicitlyDenied,
        Decision::Unknown,
    ];
    let worst = order.into_iter().find(|decision| has(*decision));
    worst.unwrap_or(if is_incomplete {
        Decision::Unknown
    } else {
        Decision::Allowed
    })
}

fn decided(
    policies: &Policies,
    call: &Call<'_>,
    resource: Option<&CallResource>,
    has_resource: bool,
    catalog: &Catalog,
) -> Decided {
    let mut context = call.context.to_vec();
    for (key, values) in resource.iter().flat_map(|it| &it.context) {
        context.retain(|(known, _)| !known.eq_ignore_ascii_case(key));
        context.push((key.clone(), values.clone()));
    }
    let known = Known {
        principal: call.principal,
        resource: resource.map(|it| it.arn.as_str()).filter(|_| has_resource),
        resource_type: None,
        resource_account: call.resource_account,
        context: &context,
        absent: call.absent,
        complete: call.complete,
        settings: call.settings.clone(),
    };
    let mut derived = derive(call.action, &known, catalog);
    let mut verdict = decide(policies, &derived.request);
    let owner_decides = owner_decides(policies, &mut derived, verdict);
    if owner_decides {
        verdict.decision = Decision::Unknown;
    }
    Decided {
        arn: resource.map(|it| it.arn.clone()),
        derived,
        verdict,
        owner_decides,
    }
}

/// X6: whether another owner than the caller's account would change the answer. Only the ARNs of S3
/// leave the owner open where a policy of the owner could decide.
fn owner_decides(policies: &Policies, derived: &mut Derived, verdict: Verdict) -> bool {
    let request = &mut derived.request;
    let of_s3 = request
        .resource
        .as_deref()
        .and_then(Arn::parse)
        .is_some_and(|it| it.service == "s3");
    let by_account = request.principal.account().is_some_and(|it| !it.is_empty());
    let is_open = request.resource_account.is_none() && of_s3 && by_account;
    if !is_open || request.settings.complete || !on("X6") {
        return false;
    }
    request.resource_account = Some(Box::default());
    let foreign = decide(policies, request);
    request.resource_account = None;
    foreign.decision != verdict.decision
}

/// M1: required types of which no resource is given.
fn missing_types(call: &Call<'_>, entry: &catalog::Action, resources: &[Decided]) -> Vec<String> {
    let is_given = |name: &&str| {
        let given = |it: &Decided| it.derived.resource_type.as_deref() == Some(*name);
        resources.iter().any(given)
    };
    let required: Vec<&str> = match call.scenario.filter(|_| on("M3")) {
        Some(scenario) if *call.action.folded == *"ec2:runinstances" => scenario.types.to_vec(),
        _ => entry
            .required_resource_types()
            .map(|row| &*row.name)
            .collect(),
    };
    required
        .into_iter()
        .filter(|name| !is_given(name))
        .map(str::to_owned)
        .collect()
}

fn also_needs(
    call: &Call<'_>,
    entry: &catalog::Action,
    resources: &[Decided],
    catalog: &Catalog,
) -> Vec<AlsoNeeds> {
    let mut needs = Vec::new();
    let tagging = tagging_action(call.action, entry, resources, catalog);
    for action in entry.dependent_actions.iter().filter(|_| on("M4")) {
        let is_tagging = is_tagging(catalog, action);
        if is_tagging || is_left_out(call, action, resources) {
            continue;
        }
        let context = match passed_to(call.action, action, catalog) {
            Some(service) if on("M5") => vec![("iam:PassedToService".to_owned(), service)],
            _ => Vec::new(),
        };
        needs.push(AlsoNeeds {
            action: action.to_string(),
            context,
        });
    }
    needs.extend(tagging.filter(|_| on("M6")));
    needs
}

/// M6: creating with tags is authorised as tagging too, with the create action in a key of the
/// tagging action where the service has one (Amazon EC2 User Guide, "Grant permission to tag
/// Amazon EC2 resources during creation").
fn tagging_action(
    action: &Action,
    entry: &catalog::Action,
    resources: &[Decided],
    catalog: &Catalog,
) -> Option<AlsoNeeds> {
    if !resources
        .iter()
        .any(|it| passes_tags(&it.derived.request.context))
    {
        return None;
    }
    let service = catalog.service(action.service())?;
    let key = format!("{}:CreateAction", service.prefix());
    let lists_key = |it: &&catalog::Action| it.condition_keys.iter().any(|name| **name == *key);
    let by_key = service.actions().iter().find(lists_key);
    if by_key.is_some_and(|it| it.name == entry.name) {
        return None;
    }
    if let Some(by_key) = by_key {
        return Some(AlsoNeeds {
            action: format!("{}:{}", service.prefix(), by_key.name),
            context: vec![(key, entry.name.to_string())],
        });
    }
    let mut dependents = entry.dependent_actions.iter();
    let named = dependents.find(|it| is_tagging(catalog, it))?;
    Some(AlsoNeeds {
        action: named.to_string(),
        context: Vec::new(),
    })
}

/// Dependent actions that a call needs only with certain parameters: the call, the dependent action,
/// and the key that shows the parameter, where one does (Amazon EC2 API Reference, "RunInstances").
const ONLY_WITH: [(&str, &str, Option<&str>); 2] = [
    (
        "ec2:runinstances",
        "iam:PassRole",
        Some("ec2:instanceprofile"),
    ),
    // An image named by a parameter of Systems Manager.
    ("ec2:runinstances", "ssm:GetParameters", None),
];

/// Whether the context shows that a dependent action is not needed.
fn is_left_out(call: &Call<'_>, dependent: &str, resources: &[Decided]) -> bool {
    let mut rows = ONLY_WITH.iter();
    let row = rows.find(|(action, it, _)| *action == &*call.action.folded && *it == dependent);
    let shows = |key: &str| {
        let lookup =
            |it: &Decided| matches!(it.derived.request.context.get(key, key), Lookup::Absent);
        resources.iter().all(lookup)
    };
    row.is_some_and(|(_, _, key)| call.complete && key.is_none_or(shows))
}

/// M5: the service that receives the role, where it follows from the call. Services that hand
/// roles on to other services under other names are left out.
fn passed_to(action: &Action, dependent: &str, catalog: &Catalog) -> Option<String> {
    if !dependent.eq_ignore_ascii_case("iam:PassRole") {
        return None;
    }
    let service = match action.service() {
        // Amazon ECS Developer Guide, "Amazon ECS task IAM role".
        "ecs" => "ecs-tasks",
        // Instance profiles, node groups, monitoring: EC2 or another part of the service receives
        // the role, depending on the parameters.
        "autoscaling" | "eks" | "elasticmapreduce" | "rds" | "ssm" | "opsworks" => return None,
        other => other,
    };
    let principal = format!("{service}.amazonaws.com");
    catalog
        .is_service_principal(&principal)
        .then_some(principal)
}

/// Returns whether an action, as `service:Name`, is one that tags.
fn is_tagging(catalog: &Catalog, action: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else {
        return false;
    };
    let entry = catalog.action(service, name);
    entry.is_some_and(|it| it.access_levels.contains(AccessLevel::Tagging))
}
