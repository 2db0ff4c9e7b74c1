//! Policies of resources: who is named, and how (directly, by its account, as everyone but some),
//! against `decide` for callers of every kind. Without boundaries and session policies, which tell
//! direct grants apart that containment does not.

use std::cell::RefCell;

use rolecall::analyze::{DoubtReason, Found};
use rolecall::evaluate::{Decision, Policies, Principal, Request, decide};
use rolecall::policy::{Document, Effect, Kind, Statement};
use serde_json::{Value, json};

use super::generate::{Style, document, statements};
use super::random::Random;
use super::sample::Sampler;
use super::{check, pure, read_as};

const OWN: &str = "111111111111";

const CALLERS: [&str; 14] = [
    "arn:aws:iam::111111111111:user/alice",
    "arn:aws:iam::111111111111:user/team/bob",
    "arn:aws:sts::111111111111:assumed-role/app/s1",
    "arn:aws:sts::111111111111:assumed-role/app/s2",
    "arn:aws:sts::111111111111:assumed-role/other/s1",
    "arn:aws:sts::111111111111:federated-user/alice",
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::222222222222:user/alice",
    "arn:aws:sts::222222222222:assumed-role/app/s1",
    "arn:aws:iam::222222222222:root",
    "arn:aws:iam::333333333333:user/alice",
    "lambda.amazonaws.com",
    "events.amazonaws.com",
    "",
];

fn name(random: &mut Random) -> (&'static str, &'static str) {
    *random.pick(&[
        ("AWS", "*"),
        ("AWS", "111111111111"),
        ("AWS", "arn:aws:iam::111111111111:root"),
        ("AWS", "arn:aws:iam::222222222222:root"),
        ("AWS", "arn:aws:iam::111111111111:user/alice"),
        ("AWS", "arn:aws:iam::111111111111:user/team/bob"),
        ("AWS", "arn:aws:iam::111111111111:role/app"),
        ("AWS", "arn:aws:iam::111111111111:role/path/app"),
        ("AWS", "arn:aws:sts::111111111111:assumed-role/app/s1"),
        ("AWS", "arn:aws:iam::222222222222:role/app"),
        ("AWS", "arn:aws:sts::111111111111:federated-user/alice"),
        ("AWS", "AIDACKCEVSQ6C2EXAMPLE"),
        ("Service", "lambda.amazonaws.com"),
        ("CanonicalUser", "79a5"),
    ])
}

fn element(random: &mut Random) -> Value {
    if random.chance(15) {
        return json!("*");
    }
    let mut element = json!({});
    for _ in 0..1 + random.below(2) {
        let (kind, name) = name(random);
        match element[kind].as_array_mut() {
            Some(list) => list.push(name.into()),
            None => element[kind] = json!([name]),
        }
    }
    element
}

fn name_somebody(random: &mut Random, statement: &mut Value) {
    let members = statement.as_object_mut().unwrap();
    members.retain(|it, _| !it.ends_with("Principal"));
    let element = element(random);
    // `NotPrincipal` beside an Allow names everybody else, anonymous callers as well.
    let negated = element != "*" && random.chance(20);
    let name = if negated { "NotPrincipal" } else { "Principal" };
    members.insert(name.to_owned(), element);
}

fn draw(random: &mut Random) -> Value {
    let style = Style {
        has_variables: random.chance(15),
    };
    let mut a = document(Vec::<Value>::new());
    for _ in 0..1 + random.below(3) {
        let mut statement = style.statement(random);
        name_somebody(random, &mut statement);
        statements(&mut a).push(statement);
    }
    statements(&mut a)[0]["Effect"] = "Allow".into();
    let mut b = a.clone();
    for _ in 0..random.below(3) {
        let list = statements(&mut b);
        let at = random.below(list.len());
        match random.below(6) {
            0 if list.len() > 1 => drop(list.remove(at)),
            1 => drop(list[at].as_object_mut().unwrap().remove("Condition")),
            2 => {
                let mut more = list[at].clone();
                name_somebody(random, &mut more);
                list.push(more);
            }
            3 => {
                let mut deny = style.statement(random);
                deny["Effect"] = "Deny".into();
                name_somebody(random, &mut deny);
                list.push(deny);
            }
            _ => name_somebody(random, &mut list[at]),
        }
    }
    match random.chance(40) {
        true => json!({"a": b, "b": a}),
        false => json!({"a": a, "b": b}),
    }
}

#[derive(Debug, Default)]
struct Tally {
    contained: usize,
    not: usize,
    unknown: usize,
    samples: usize,
    allowed: usize,
}

fn policies(resource: &Document, identity: &Document, has_identity: bool) -> Policies {
    Policies {
        identity: has_identity.then(|| identity.clone()).into_iter().collect(),
        resource: Some(resource.clone()),
        // Without one a federated user has nothing that names its user, not itself (E5, E10).
        session: Some(vec![identity.clone()]),
        ..Policies::default()
    }
}

/// The request as some caller makes it; some have ids of their own.
fn by_somebody(random: &mut Random, request: &Request) -> Request {
    let mut request = request.clone();
    request.settings.unique_id = None;
    request.settings.canonical_user = None;
    let caller = *random.pick(&CALLERS);
    request.principal = Principal::parse(caller).unwrap_or(Principal::Anonymous);
    if random.chance(20) && caller.contains("111111111111:user/") {
        request.settings.unique_id = Some("AIDACKCEVSQ6C2EXAMPLE".into());
    }
    if random.chance(10) && caller.contains("arn:") {
        request.settings.canonical_user = Some("79a5".into());
    }
    request.resource_account = Some(OWN.into());
    request
}

fn holds(input: &Value, tally: &mut Tally) -> Result<(), String> {
    let [a, b] = ["a", "b"].map(|it| read_as(&input[it], Kind::Resource));
    let all = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]);
    let all = read_as(&document(all), Kind::Identity);
    let nothing = read_as(&document(Vec::<Value>::new()), Kind::Resource);
    let side = |it| std::slice::from_ref(it);
    match pure().find_excess(&[side(&a)], &[side(&b)]) {
        Found::Nothing => tally.contained += 1,
        Found::Unknown(doubt) if doubt.reason == DoubtReason::Internal => {
            return Err(doubt.detail);
        }
        Found::Unknown(_) => {
            tally.unknown += 1;
            return Ok(());
        }
        Found::Request(_) => {
            tally.not += 1;
            return Ok(());
        }
    }
    let sampler = Sampler::new([&input["a"], &input["b"]].into_iter());
    let mut allows: Vec<&Statement> = a.statements.iter().collect();
    allows.retain(|it| it.effect == Effect::Allow);
    if allows.is_empty() {
        return Ok(());
    }
    let mut random = Random::new(3);
    for _ in 0..60 {
        let aim = *random.pick(&allows);
        let request = sampler.draw(&mut random, &[aim], |_| true);
        let has_identity = random.chance(50);
        let decision = |it: &Document, request: &Request| {
            decide(&policies(it, &all, has_identity), request).decision
        };
        let mut request = by_somebody(&mut random, &request);
        for _ in 0..3 {
            if decision(&a, &request) != Decision::Allowed {
                request = by_somebody(&mut random, &request);
            }
        }
        let by = |it: &Document| decision(it, &request);
        // What the identity side allows by itself is no grant of the policy; its Deny would still
        // count, but that is not compared.
        let silent = by(&nothing);
        if silent != Decision::ImplicitlyDenied {
            continue;
        }
        tally.samples += 1;
        if by(&a) != Decision::Allowed {
            continue;
        }
        tally.allowed += 1;
        let other = by(&b);
        if matches!(
            other,
            Decision::ImplicitlyDenied | Decision::ExplicitlyDenied
        ) {
            return Err(format!(
                "{other:?}, with identity {has_identity}: {request:?}"
            ));
        }
    }
    Ok(())
}

#[test]
fn nothing_refutes_what_policies_of_resources_contain() {
    let tally = RefCell::new(Tally::default());
    check(60, draw, |input| holds(input, &mut tally.borrow_mut()));
    let tally = tally.into_inner();
    println!("{tally:?}");
    assert!(tally.allowed * 4 > tally.samples, "{tally:?}");
    assert!(tally.contained > tally.not / 4, "{tally:?}");
    assert!(tally.not > tally.contained / 4, "{tally:?}");
    assert!(tally.unknown * 20 < tally.contained, "{tally:?}");
}
