//! The second rung: AWS's policy simulator, for what the texts could not settle.
//!
//! What it leaves out decides how much an answer is worth. It knows no resource control policies,
//! no session policies and no policies of resources that we could give; a service control policy
//! whose condition tests a key that was not sent is decided all the same, without a word (IAM API
//! Reference, "`SimulatePrincipalPolicy`"). And it decides one request, never a family of them.

use std::collections::BTreeMap;

use super::{Account, Rung, Settled, Simulated, SimulatedDecision, Simulation};
use crate::account::Unread;
use crate::catalog::Catalog;
use crate::check::{Asked, Verdict, readings_of};
use crate::evaluate::{Action, Layer, Lookup, Principal, Request};
use crate::profile::Call;

/// How many actions one question asks about: more make AWS's answers slow, and its throttling hard.
const MOST_ACTIONS: usize = 50;

/// Services of which nothing that the profiles ask for has a policy of its own, so that an implicit
/// denial by the caller's policies is final (IAM User Guide, "AWS services that work with IAM").
const WITHOUT_RESOURCE_POLICIES: [&str; 6] = [
    "autoscaling",
    "ec2",
    "eks",
    "elasticloadbalancing",
    "iam",
    "servicequotas",
];

/// One request that a requirement stands for.
struct Question {
    requirement: String,
    request: Request,
    /// Whether it is one of many.
    is_member: bool,
}

/// What the simulator says of each requirement, and why it could not be asked further.
pub(super) type Answers = (BTreeMap<String, Settled>, Option<Unread>);

/// Asks about the calls of requirements.
pub(super) fn settle(
    calls: &[&Call],
    principal: &Principal,
    arn: &str,
    catalog: &Catalog,
    account: &mut dyn Account,
) -> Answers {
    let questions = questions(calls, principal, catalog);
    let mut answers: BTreeMap<&str, Vec<(&Question, Simulated)>> = BTreeMap::new();
    for (simulation, asked) in batches(&questions) {
        let found = match account.simulate(arn, &simulation) {
            Ok(found) => found,
            // One refusal is enough: the next would be the same, and each shows in CloudTrail.
            Err(unread) => return (BTreeMap::new(), Some(*unread)),
        };
        for question in asked {
            let action = &*question.request.action.text;
            let answer = found
                .iter()
                .find(|it| it.action.eq_ignore_ascii_case(action));
            let of = answers.entry(&question.requirement).or_default();
            of.extend(answer.map(|it| (question, it.clone())));
        }
    }
    let settled = answers.into_iter().map(|(requirement, answers)| {
        let asked = questions.iter().filter(|it| it.requirement == requirement);
        let is_whole = asked.count() == answers.len();
        let settled = sum_up(&answers, is_whole);
        (requirement.to_owned(), settled)
    });
    (settled.collect(), None)
}

fn questions(calls: &[&Call], principal: &Principal, catalog: &Catalog) -> Vec<Question> {
    let mut questions = Vec::new();
    for call in calls {
        let Some(action) = Action::parse(&call.action) else {
            continue;
        };
        let slots: Vec<_> = match call.resources.as_slice() {
            [] => vec![None],
            some => some.iter().map(Some).collect(),
        };
        for resource in slots {
            for filled in readings_of(resource).iter().copied() {
                let asked = Asked {
                    action: &action,
                    call,
                    resource,
                    principal,
                    filled,
                };
                questions.push(Question {
                    requirement: call.id.clone(),
                    request: asked.request(catalog),
                    is_member: call.is_one_of_many(),
                });
            }
        }
    }
    questions
}

/// Puts questions with the same resource and context together; every action at most once in each.
fn batches(questions: &[Question]) -> Vec<(Simulation, Vec<&Question>)> {
    let mut batches: Vec<(Simulation, Vec<&Question>)> = Vec::new();
    for question in questions {
        let request = &question.request;
        let action = request.action.text.to_string();
        let resources: Vec<String> = request.resource.iter().map(ToString::to_string).collect();
        let context = context(request);
        let fits = |(simulation, _): &&mut (Simulation, Vec<&Question>)| {
            simulation.resources == resources
                && simulation.context == context
                && (simulation.actions.len() < MOST_ACTIONS || simulation.actions.contains(&action))
        };
        if let Some((simulation, asked)) = batches.iter_mut().find(fits) {
            if !simulation.actions.contains(&action) {
                simulation.actions.push(action);
            }
            asked.push(question);
            continue;
        }
        let simulation = Simulation {
            actions: vec![action],
            resources,
            context,
        };
        batches.push((simulation, vec![question]));
    }
    batches
}

/// Returns the keys that the request certainly has.
fn context(request: &Request) -> Vec<(String, &'static str, Vec<String>)> {
    let entries = request.context.entries().iter();
    let entries = entries.filter(|it| !it.values.is_empty());
    entries
        .map(|it| {
            let is_list = it.multivalued || it.values.len() > 1;
            let kind = if is_list { "stringList" } else { "string" };
            let values = it.values.iter().map(ToString::to_string).collect();
            (it.key.to_string(), kind, values)
        })
        .collect()
}

fn sum_up(answers: &[(&Question, Simulated)], is_whole: bool) -> Settled {
    let mut doubt = None;
    for (question, answer) in answers {
        match denial(question, answer) {
            Denial::None => {}
            Denial::Certain(settled) => return settled,
            Denial::Doubtful(words) => doubt = doubt.or(Some(words)),
        }
    }
    if let Some(words) = doubt {
        return unknown(words);
    }
    if !is_whole {
        return unknown("the simulator did not answer for every request".into());
    }
    if answers.iter().any(|(question, _)| question.is_member) {
        return unknown(
            "AWS's simulator allows one request of the many that are needed, which suggests that \
             it is allowed"
                .into(),
        );
    }
    // AWS gives this detail where the account is in an organization, and only there.
    if answers
        .iter()
        .any(|(_, it)| it.organization_allows.is_some())
    {
        return unknown(
            "AWS's simulator allows it under the organization's service control policies, and says \
             neither which condition keys it took for missing nor what resource control policies do"
                .into(),
        );
    }
    Settled {
        verdict: Verdict::Met,
        rung: Rung::Simulated,
        layer: None,
        words: "AWS's simulator allows it".into(),
    }
}

enum Denial {
    None,
    Certain(Settled),
    Doubtful(String),
}

fn denial(question: &Question, answer: &Simulated) -> Denial {
    let missing: Vec<&str> = answer
        .missing
        .iter()
        .filter(|key| may_have(&question.request, key))
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        return Denial::Doubtful(format!(
            "AWS's simulator says that it depends on `{}`, which the vendor's requests may have or \
             not",
            missing.join("`, `")
        ));
    }
    if answer.decision == SimulatedDecision::Allowed {
        return Denial::None;
    }
    if answer.organization_allows == Some(false) {
        return Denial::Doubtful(
            "AWS's simulator says that a service control policy denies it, and does not say which \
             condition keys it took for missing"
                .into(),
        );
    }
    let service = question.request.action.service();
    let layer = match answer.boundary_allows {
        Some(false) => Layer::Boundary,
        _ => Layer::Identity,
    };
    let is_explicit = answer.decision == SimulatedDecision::ExplicitDeny;
    if !is_explicit && layer == Layer::Identity && !WITHOUT_RESOURCE_POLICIES.contains(&service) {
        return Denial::Doubtful(
            "AWS's simulator finds no policy of the caller that allows it; the resource's own may"
                .into(),
        );
    }
    let on = question.request.resource.as_deref();
    let on = on.map(|it| format!(" on `{it}`")).unwrap_or_default();
    let how = match (is_explicit, layer) {
        (true, _) => "a Deny statement refuses it",
        (false, Layer::Boundary) => "the permissions boundary does not allow it",
        (false, _) => "no identity policy allows it",
    };
    Denial::Certain(Settled {
        verdict: Verdict::NotMet,
        rung: Rung::Simulated,
        layer: (!is_explicit).then_some(layer),
        words: format!("AWS's simulator says that {how}{on}"),
    })
}

/// Whether the vendor's request may carry a key that was not sent.
fn may_have(request: &Request, key: &str) -> bool {
    let folded = key.to_ascii_lowercase();
    !matches!(request.context.get(&folded, key), Lookup::Absent)
}

fn unknown(words: String) -> Settled {
    Settled {
        verdict: Verdict::Unknown,
        rung: Rung::Simulated,
        layer: None,
        words,
    }
}
