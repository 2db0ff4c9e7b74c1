//! Ways out of an account that is the vendor's alone, besides those that the steps know: into roles
//! of other accounts, and letting principals of other accounts in.

use serde_json::json;

use super::family::{Family, document, trust};
use super::gain::{Gain, Goal};
use super::oracle::Answer;
use super::state::NodeId;
use super::steps::{Stepper, names};
use crate::analyze::Access;
use crate::arn::{Arn, is_account_id};
use crate::evaluate::{Policies, Settings};
use crate::policy::{Document, Kind};

/// An account that nobody named.
const STRANGER: &str = "999999999999";
/// How many other accounts that the documents name are looked at one by one.
const MOST: usize = 8;

/// A call that leads out of the account.
struct Way {
    action: &'static str,
    class: &'static str,
    title: &'static str,
    /// Whether it is made on a role of another account.
    abroad: bool,
}

/// No condition key shows what a trust policy says (IAM User Guide, "IAM and AWS STS condition
/// context keys"), so who may write one may name anybody in it.
const WAYS: [Way; 3] = [
    Way {
        action: "sts:AssumeRole",
        class: "W28",
        title: "roles of other accounts that trust this one can be assumed",
        abroad: true,
    },
    Way {
        action: "iam:UpdateAssumeRolePolicy",
        class: "W14",
        title: "principals of other accounts can be let into a role",
        abroad: false,
    },
    Way {
        action: "iam:CreateRole",
        class: "W14",
        title: "a role can be created that principals of other accounts may assume",
        abroad: false,
    },
];

/// The trust policy of a role that trusts this account.
pub(super) fn trusts_account(partition: &str, account: &str) -> Document {
    trust(&json!({"AWS": format!("arn:{partition}:iam::{account}:root")}))
}

/// Returns the ways out by calls that need no step of their own.
pub(super) fn ways_out(stepper: &mut Stepper<'_, '_, '_>) -> Vec<Gain> {
    let mut found = Vec::new();
    for by in 0..stepper.state.nodes.len() {
        if stepper.state.nodes[by].acts.is_some() {
            let ways = WAYS.iter();
            found.extend(ways.filter_map(|way| try_way(stepper, by, way)));
        }
    }
    found
}

fn try_way(stepper: &mut Stepper<'_, '_, '_>, by: NodeId, way: &Way) -> Option<Gain> {
    let scene = stepper.scene;
    let power = stepper.state.power(by);
    let target = ("way-out".to_owned(), way.action.to_owned());
    if stepper.fired.contains(&target) || !names(&power.policies, way.action) {
        return None;
    }
    let accounts = if way.abroad {
        others(&power.policies, &scene.account)
    } else {
        vec![scene.account.clone()]
    };
    let principal = stepper.state.nodes[by].principal.clone();
    let settings = Settings::default();
    for account in accounts {
        let policies = Policies {
            resource: way
                .abroad
                .then(|| trusts_account(&scene.partition, &scene.account)),
            ..power.policies.clone()
        };
        let access = Access {
            policies: &policies,
            principal: &principal,
            resource_account: Some(&account),
            settings: &settings,
        };
        let roles = format!("arn:{}:iam::{account}:role/*", scene.partition);
        let family = Family::new(&[way.action]).on(&[roles]);
        let family = [document(&family.text(), Kind::Identity)];
        let mode = stepper.mode;
        let Answer::Yes(witness) = stepper.asker.allowed_of(mode, scene, &family, &access) else {
            continue;
        };
        stepper.fired.insert(target);
        let goal = match witness {
            Some(witness) => Goal::Reach {
                id: format!("way-out {}", way.action),
                class: way.class.to_owned(),
                title: way.title.to_owned(),
                request: Box::new(witness.request),
                guard: None,
            },
            None => Goal::Guard {
                what: way.title.to_owned(),
            },
        };
        return Some(Gain {
            goal,
            by: stepper.state.nodes[by].arn.clone(),
            cause: None,
            path: stepper.state.unfold(&power.premises),
        });
    }
    None
}

/// Other accounts that an Allow may be about: those that it names, and one that nobody named.
fn others(policies: &Policies, own: &str) -> Vec<String> {
    let statements = policies.identity.iter().flat_map(|it| &it.statements);
    let resources = statements
        .flat_map(|it| &it.resource)
        .flat_map(|it| &it.patterns);
    let mut found: Vec<String> = Vec::new();
    for pattern in resources {
        if let Some(arn) = Arn::parse(pattern.template.text())
            && is_account_id(arn.account)
            && arn.account != own
            && !found.iter().any(|it| it == arn.account)
            && found.len() < MOST
        {
            found.push(arn.account.to_owned());
        }
    }
    found.push(STRANGER.to_owned());
    found
}
