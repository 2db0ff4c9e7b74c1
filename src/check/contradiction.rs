//! Requirements that a profile's own must-nots forbid.
//!
//! A must-not is a family of requests; a requirement stands for requests too, one for each member
//! of its resource and each value of the keys that nobody fixed. A request that is in both is a
//! contradiction: no policy can meet the profile. Policies play no part here.

use super::family::{self, Names};
use super::judge::scope;
use super::request::{Asked, readings_of};
use crate::analyze::{Analysis, Doubt, Found};
use crate::catalog::Catalog;
use crate::evaluate::{Action, Policies, Principal, Request, names_action};
use crate::policy::{Document, Kind};
use crate::profile::{Call, Forbidden, Profile, SettingError, Settings};

/// A requirement and a must-not that say the opposite.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// The required call.
    pub call: Call,
    /// The id of the must-not.
    pub must_not: String,
    /// What must not be possible, in one line.
    pub title: String,
    /// A request that is both.
    pub clash: Clash,
}

/// What is known of a request that is required and forbidden.
#[derive(Clone, Debug)]
pub enum Clash {
    /// This one is.
    Request(Box<Request>),
    /// Whether there is one is not settled.
    Unknown(Doubt),
}

/// Looks for requests that are both required and forbidden, with every feature on that the settings
/// do not switch off.
///
/// # Errors
///
/// Everything that is wrong with the settings.
pub fn contradictions(
    profile: &Profile,
    settings: &Settings,
    catalog: &Catalog,
) -> Result<Vec<Contradiction>, Vec<SettingError>> {
    let calls = profile.calls(settings)?;
    let forbidden = profile.must_not(settings)?;
    let mut found: Vec<Contradiction> = Vec::new();
    for call in &calls {
        let Some(action) = Action::parse(&call.action) else {
            continue;
        };
        let principal = profile.principal(&call.actor, settings)?;
        let principal = principal.and_then(|it| Principal::parse(&it));
        let principal = principal.unwrap_or(Principal::Anonymous);
        for row in forbidden.iter().filter(|it| it.actor == call.actor) {
            let is_known = |it: &Contradiction| it.call.id == call.id && it.must_not == row.id;
            if found.iter().any(is_known) {
                continue;
            }
            let clash = clash(call, &action, &principal, row, catalog);
            found.extend(clash.map(|clash| Contradiction {
                call: call.clone(),
                must_not: row.id.clone(),
                title: row.title.clone(),
                clash,
            }));
        }
    }
    Ok(found)
}

fn clash(
    call: &Call,
    action: &Action,
    principal: &Principal,
    row: &Forbidden,
    catalog: &Catalog,
) -> Option<Clash> {
    let mut doubt = None;
    let slots: Vec<_> = match call.resources.as_slice() {
        [] => vec![None],
        resources => resources.iter().map(Some).collect(),
    };
    for resource in slots {
        // What AWS does not say about tags on what is created, the profile cannot be blamed for.
        let filled = readings_of(resource).last().copied().unwrap_or_default();
        let asked = Asked {
            action,
            call,
            resource,
            principal,
            filled,
        };
        let request = asked.request(catalog);
        let mut statements = row.family.statements.iter();
        if !statements.any(|it| names_action(it, &request)) {
            continue;
        }
        match both(&request, &scope(call, resource, &request), row, catalog) {
            Found::Request(witness) => return Some(Clash::Request(Box::new(witness.request))),
            Found::Unknown(why) => doubt = Some(why),
            Found::Nothing => {}
        }
    }
    doubt.map(Clash::Unknown)
}

/// Looks for a request that is like the required one and in the family.
fn both(request: &Request, scope: &family::Scope, row: &Forbidden, catalog: &Catalog) -> Found {
    let forbidden = Policies {
        identity: vec![row.family.clone()],
        ..Policies::default()
    };
    let used = family::used(&forbidden, request);
    let required = family::documents(request, scope, Names::AsReal, &used, None, catalog);
    let analysis = Analysis {
        open_actions: false,
        plain_witnesses: true,
        ..Analysis::new(catalog)
    };
    let nothing = [Document::empty(Kind::Identity)];
    analysis.find_excess(&[&required, &forbidden.identity], &[&nothing])
}
