//! *Never*, *always* and *sometimes* over every layer at once (boundaries, sessions, service and
//! resource control policies, resource policies, endpoints), for callers of every kind: against
//! `decide` on sampled requests, and each witness against the naive evaluator as well.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rolecall::analyze::{Access, DoubtReason, Found};
use rolecall::arn::{Arn, is_account_id};
use rolecall::catalog::Catalog;
use rolecall::evaluate::case::Reader;
use rolecall::evaluate::{Decision, Policies, Request, decide};
use rolecall::policy::{Document, Effect, Kind, Statement};
use serde_json::{Value, json};

use super::generate::{Style, document};
use super::random::Random;
use super::sample::{Sampler, own_result};
use super::{cases_of_all_layers, check, naive, pure, read_as};

/// A case of `tests/naive`, and a family of requests made of its statements.
fn draw(random: &mut Random) -> Value {
    let numbers: Vec<u32> = (0..600).map(|_| (random.next() >> 32) as u32).collect();
    let mut choices = cases_of_all_layers::Choices::new(&numbers);
    let case = match random.chance(50) {
        true => cases_of_all_layers::case(&mut choices),
        false => cases_of_all_layers::focused_case(&mut choices),
    };
    let mut known: Vec<Value> = Vec::new();
    for policy in documents(&case) {
        known.extend(one_or_many(&policy["Statement"]).cloned());
    }
    let style = Style {
        has_variables: random.chance(20),
    };
    let mut family = Vec::new();
    for _ in 0..1 + random.below(2) {
        let mut statement = match random.chance(60) && !known.is_empty() {
            true => random.pick(&known).clone(),
            false => style.statement(random),
        };
        let members = statement.as_object_mut().unwrap();
        members.retain(|name, _| !name.ends_with("Principal"));
        if !members.contains_key("Resource") && !members.contains_key("NotResource") {
            members.insert("Resource".to_owned(), json!("*"));
        }
        statement["Effect"] = "Allow".into();
        family.push(statement);
    }
    if random.chance(15) {
        let mut deny = style.statement(random);
        deny["Effect"] = "Deny".into();
        family.push(deny);
    }
    json!({"case": case, "family": document(family)})
}

fn one_or_many(value: &Value) -> impl Iterator<Item = &Value> {
    let many = value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice);
    many.iter().filter(|it| !it.is_null())
}

/// Every policy of a case.
fn documents(case: &Value) -> Vec<&Value> {
    let lists = [
        "identityPolicies",
        "permissionsBoundaries",
        "sessionPolicies",
        "vpcEndpointPolicies",
        "resourcePolicy",
    ];
    let mut found: Vec<&Value> = lists.iter().flat_map(|it| one_or_many(&case[it])).collect();
    for level in one_or_many(&case["scps"]).chain(one_or_many(&case["rcps"])) {
        found.extend(one_or_many(&level["policies"]));
    }
    found
}

#[derive(Debug, Default)]
struct Tally {
    cases: usize,
    never: usize,
    always: usize,
    sometimes: usize,
    unknown: BTreeMap<&'static str, usize>,
    samples: usize,
    of_family: usize,
    allowed: usize,
    checked_by_naive: usize,
}

/// Statements that have to apply for a request to be of the family, and to be allowed.
fn aims<'d>(
    random: &mut Random,
    policies: &'d Policies,
    family: &'d Document,
    wants_allowed: bool,
) -> Vec<&'d Statement> {
    let mut layers: Vec<Vec<&'d Document>> = vec![vec![family]];
    if wants_allowed {
        layers.push(policies.identity.iter().collect());
        for layer in [&policies.boundary, &policies.session, &policies.endpoint] {
            layers.push(layer.iter().flatten().collect());
        }
        for level in &policies.scps {
            layers.push(level.policies.iter().collect());
        }
        layers.push(policies.resource.iter().collect());
    }
    let mut aims = Vec::new();
    for layer in layers {
        let all = layer.into_iter().flat_map(|it| &it.statements);
        let allows: Vec<&Statement> = all.filter(|it| it.effect == Effect::Allow).collect();
        if !allows.is_empty() {
            aims.push(*random.pick(&allows));
        }
    }
    aims
}

fn is_so(decision: Decision, allowed: bool) -> Option<bool> {
    match decision {
        Decision::Allowed => Some(allowed),
        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => Some(!allowed),
        Decision::Unknown | Decision::Error => None,
    }
}

/// Asks the naive evaluator about a witness, where it knows the rules.
fn naive_decision(case: &Value, request: &Request) -> Option<&'static str> {
    let was_sts = case["request"]["action"].as_str()?.starts_with("sts:");
    let services = ["s3", "sqs", "lambda", "dynamodb", "kms", "sts"];
    let service = request.action.service();
    if !services.contains(&service) || was_sts != (service == "sts") {
        return None;
    }
    // It takes whatever stands in the place of an account for one, in texts that are no ARNs too,
    // and every resource of KMS for a key, every one of STS for a role.
    if let Some(resource) = request.resource.as_deref() {
        let arn = Arn::parse(resource)?;
        let is_usual = match service {
            "sts" => arn.service == "iam" && arn.resource.starts_with("role/"),
            "kms" => arn.service == "kms",
            _ => true,
        };
        if !is_usual || !arn.account.is_empty() && !is_account_id(arn.account) {
            return None;
        }
    }
    let mut case = case.clone();
    case["request"]["action"] = (*request.action.text).into();
    case["request"]["resource"] = request.resource.as_deref().unwrap_or("*").into();
    case["request"]["noResourceLevel"] = request.resource.is_none().into();
    let own = request.principal.account();
    let owner = request.resource_account.as_deref().or(own);
    case["request"]["resourceAccount"] = owner.unwrap_or("111111111111").into();
    let mut context = json!({});
    for entry in request.context.entries() {
        // The naive evaluator knows dates in the documented forms only.
        let is_date = |it: &str| it.contains('.') && it.len() > 9 && it.parse::<f64>().is_ok();
        if entry.values.iter().any(|it| is_date(it)) {
            return None;
        }
        context[&*entry.key] = match entry.multivalued {
            true => entry.values.iter().map(|it| &**it).collect(),
            false => entry.values.first().map(|it| &**it).into(),
        };
    }
    case["request"]["context"] = context;
    Some(naive::decide(&case))
}

fn holds(input: &Value, tally: &mut Tally) -> Result<(), String> {
    let reader = Reader::new(Catalog::builtin());
    let Ok(read) = reader.read(&input["case"].to_string()) else {
        return Ok(());
    };
    let (policies, base) = (read.policies, read.request);
    let family = read_as(&input["family"], Kind::Identity);
    if family.refusal().is_some() || policies.refusal().is_some() {
        return Ok(());
    }
    let given = input["case"]["request"]["resourceAccount"].as_str();
    let access = Access {
        policies: &policies,
        principal: &base.principal,
        resource_account: given,
        settings: &base.settings,
    };
    let families = std::slice::from_ref(&family);
    tally.cases += 1;
    let (mut nothing, mut shown) = ([false; 2], 0);
    for allowed in [true, false] {
        let found = match allowed {
            true => pure().find_allowed(families, &access),
            false => pure().find_denied(families, &access),
        };
        match found {
            Found::Nothing => nothing[usize::from(allowed)] = true,
            Found::Unknown(doubt) if doubt.reason == DoubtReason::Internal => {
                return Err(doubt.detail);
            }
            Found::Unknown(doubt) => {
                *tally.unknown.entry(doubt.reason.as_str()).or_default() += 1;
            }
            Found::Request(witness) => {
                shown += 1;
                let request = &witness.request;
                let decision = decide(&policies, request).decision;
                let is_of_family = own_result(families, request) == Some(true);
                if is_so(decision, allowed) != Some(true) || !is_of_family {
                    return Err(format!("{decision:?}, {is_of_family}: {request:?}"));
                }
                if let Some(naive) = naive_decision(&input["case"], request) {
                    tally.checked_by_naive += 1;
                    if (naive == "Allowed") != allowed {
                        return Err(format!("the naive evaluator: {naive} for {request:?}"));
                    }
                }
            }
        }
    }
    let [no_denied, no_allowed] = nothing;
    // What is always allowed is allowed sometimes, if there is any of it.
    if no_denied
        && no_allowed
        && let Found::Request(witness) = pure().find_excess(&[families], &[&[]])
    {
        return Err(format!("never and always: {:?}", witness.request));
    }
    tally.never += usize::from(no_allowed);
    tally.always += usize::from(no_denied);
    tally.sometimes += usize::from(shown == 2);
    let all = documents(&input["case"])
        .into_iter()
        .chain([&input["family"]]);
    let sampler = Sampler::new(all);
    let mut random = Random::new(11);
    for at in 0..40 {
        let wants_allowed = at % 2 == 0;
        let aims = aims(&mut random, &policies, &family, wants_allowed);
        let of_caller = |request: &Request| like(&base, request, given);
        let is_wanted = |request: &Request| {
            let request = of_caller(request);
            let decision = decide(&policies, &request).decision;
            is_so(decision, wants_allowed) == Some(true)
        };
        let request = of_caller(&sampler.draw(&mut random, &aims, is_wanted));
        tally.samples += 1;
        if own_result(families, &request) != Some(true) {
            continue;
        }
        tally.of_family += 1;
        let decision = decide(&policies, &request).decision;
        tally.allowed += usize::from(decision == Decision::Allowed);
        let refuted = match decision {
            Decision::Allowed => no_allowed,
            Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => no_denied,
            Decision::Unknown | Decision::Error => false,
        };
        if refuted {
            let claim = if no_allowed { "never" } else { "always" };
            return Err(format!(
                "said to be {claim} allowed, but {decision:?}: {request:?}"
            ));
        }
    }
    Ok(())
}

/// The request as the caller of a case makes it.
fn like(base: &Request, request: &Request, given: Option<&str>) -> Request {
    let mut request = request.clone();
    request.principal = base.principal.clone();
    request.settings = base.settings.clone();
    let arn = request.resource.as_deref().and_then(Arn::parse);
    let account = arn.map(|it| it.account.to_owned());
    let account = account.filter(|it| is_account_id(it));
    request.resource_account = account.as_deref().or(given).map(Into::into);
    let supported = Catalog::builtin().supports_rcp(request.action.service());
    request.settings.rcp_applies = request.resource.is_some() && supported;
    request
}

#[test]
fn nothing_refutes_always_and_never() {
    let tally = RefCell::new(Tally::default());
    check(40, draw, |input| holds(input, &mut tally.borrow_mut()));
    let tally = tally.into_inner();
    println!("{tally:?}");
    assert!(tally.never * 20 > tally.cases, "{tally:?}");
    assert!(tally.always * 20 > tally.cases, "{tally:?}");
    assert!(tally.sometimes * 20 > tally.cases, "{tally:?}");
    assert!(tally.of_family * 4 > tally.samples, "{tally:?}");
    // Undefined operators, lists with variables and letter cases that no table settles.
    let unknown: usize = tally.unknown.values().sum();
    assert!(unknown * 10 < tally.cases, "{tally:?}");
}
