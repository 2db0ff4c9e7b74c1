//! Draws a request from what a search found, and asks `evaluate` about it.

use std::fmt;

use super::action::{Actions, Class};
use super::automaton::{Word, word_at_a_glance};
use super::bits::Bits;
use super::compose::{in_parts, own_result};
use super::formula::Dimension;
use super::language::{Language, text_of};
use super::question::{Goal, Question};
use super::scene::{Assignment, Cells, PRINCIPAL, RESOURCE, Scene, Setting};
use super::search::{Domain, Model};
use super::{Doubt, DoubtReason, Witness};
use crate::arn::{Arn, is_account_id};
use crate::evaluate::{Action, Decision, decide};

/// A request with its caller.
pub(super) struct Drawn {
    witness: Witness,
    caller: usize,
}

/// What `evaluate` says.
pub(super) enum Checked {
    Yes(Box<Witness>),
    No(Box<Shown>),
    Unknown(Doubt),
}

pub(super) fn draw(
    question: &Question<'_, '_>,
    scene: &Scene<'_>,
    model: &Model,
    class: &Class,
    action: &Action,
    actions: &Actions<'_>,
) -> Drawn {
    let (prefix, name) = (action.service(), action.name());
    let mut action = action.clone();
    let mut known = question.analysis.catalog.action(prefix, name);
    if known.is_none() && !class.is_literal && !question.analysis.plain_witnesses {
        let mut others = actions.catalog_actions(class, question.analysis.catalog);
        if let Some((prefix, entry)) = others.next()
            && let Some(other) = Action::parse(&format!("{prefix}:{}", entry.name))
        {
            (action, known) = (other, Some(entry));
        }
    }
    if let Some(entry) = known
        && let Some(spelt) = Action::parse(&format!("{}:{}", action.service(), entry.name))
    {
        action = spelt;
    }
    let caller = match &model.domains[PRINCIPAL as usize] {
        Domain::Cells(cells) => cells.first().unwrap_or_default(),
        _ => 0,
    };
    let mut request = scene.callers.get(caller).request.clone();
    let own_account = request.principal.account().filter(|it| is_account_id(it));
    let account = own_account.unwrap_or("111122223333").to_owned();
    request.resource = resource(scene, model, &action, known, &account).map(Into::into);
    for key in &scene.keys {
        let values = key_values(key.dimension, &key.cells, model);
        if !values.is_empty() {
            let values = values.into_iter().map(Into::into).collect();
            request.context.set(&key.name, values, key.multivalued);
        }
    }
    let catalog = question.analysis.catalog;
    request
        .context
        .set_multivalued(catalog.multivalued_global_keys());
    let in_arn = request
        .resource
        .as_deref()
        .and_then(Arn::parse)
        .map(|it| it.account);
    let in_arn = in_arn.filter(|it| is_account_id(it)).map(str::to_owned);
    let given = match &question.goal {
        Goal::Decided { access, .. } => access.resource_account.map(str::to_owned),
        Goal::Excess { .. } => None,
    };
    request.resource_account = in_arn.or(given).map(Into::into);
    request.settings.rcp_applies =
        request.resource.is_some() && catalog.supports_rcp(action.service());
    request.action = action;
    Drawn {
        witness: Witness {
            request,
            in_catalog: known.is_some(),
        },
        caller,
    }
}

fn key_values(dimension: Dimension, cells: &Cells, model: &Model) -> Vec<String> {
    match (cells, &model.domains[dimension as usize]) {
        (Cells::Texts, _) => model
            .words
            .get(&dimension)
            .map(|it| text_of(it))
            .into_iter()
            .collect(),
        (Cells::Values(values), Domain::Cells(left)) => {
            if left.contains(values.len()) {
                return Vec::new();
            }
            let at = left.first().unwrap_or_default();
            values
                .get(at)
                .map(|it| it.text.clone())
                .into_iter()
                .collect()
        }
        (
            Cells::Values(values),
            Domain::Elements {
                allowed,
                wanted,
                any,
            },
        ) => {
            let mut chosen: Vec<usize> = Vec::new();
            for cells in wanted {
                let possible = cells.and(allowed);
                if !chosen.iter().any(|at| possible.contains(*at)) {
                    chosen.extend(possible.first());
                }
            }
            if chosen.is_empty() && *any == Some(true) {
                chosen.extend(allowed.first());
            }
            chosen
                .into_iter()
                .map(|at| values[at].text.clone())
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Draws the resource: one that looks real where there is one.
fn resource(
    scene: &Scene<'_>,
    model: &Model,
    action: &Action,
    known: Option<&crate::catalog::Action>,
    account: &str,
) -> Option<String> {
    let Domain::Text {
        inside,
        outside,
        present,
    } = &model.domains[RESOURCE as usize]
    else {
        return None;
    };
    if *present == Some(false) {
        return None;
    }
    let has_none = known.is_some_and(|it| it.resource_types.is_empty());
    if *present != Some(true) && has_none {
        return None;
    }
    let languages = &scene.languages[RESOURCE as usize];
    let of = |atoms: &Bits| -> Vec<&Language> { atoms.iter().map(|it| &languages[it]).collect() };
    let lacks = of(outside);
    for nice in plausible(scene, action, known, account) {
        let mut has = of(inside);
        has.insert(0, &nice);
        // A look is enough: what is found beside it is as true.
        if let Some(Word::Found(word)) = word_at_a_glance(&has, &lacks) {
            return Some(text_of(&word));
        }
    }
    model.words.get(&RESOURCE).map(|it| text_of(it))
}

/// ARNs of the action's resource types in one account and region, and ARNs at all.
fn plausible(
    scene: &Scene<'_>,
    action: &Action,
    known: Option<&crate::catalog::Action>,
    account: &str,
) -> Vec<Language> {
    let mut found = Vec::new();
    let service = scene.catalog.service(action.service());
    let types = known.into_iter().flat_map(|it| &it.resource_types);
    for row in types {
        let declared = service.and_then(|it| it.resource_type(&row.name));
        for template in declared.into_iter().flat_map(|it| it.arn_templates.iter()) {
            found.push(in_parts(&filled(template, account)));
        }
    }
    if known.is_none() {
        found.push(in_parts(&format!(
            "arn:aws:{}:us-east-1:{account}:*",
            action.service()
        )));
    }
    found.push(in_parts("arn:aws:*:*:*:*"));
    found
}

/// An ARN format with what is usual in its holes.
fn filled(template: &str, account: &str) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find("${") {
        text.push_str(&rest[..start]);
        let hole = &rest[start..];
        let end = hole.find('}').map_or(hole.len(), |at| at + 1);
        text.push_str(match &hole[..end] {
            "${Partition}" => "aws",
            "${Region}" => "us-east-1",
            "${Account}" => account,
            _ => "*",
        });
        rest = &hole[end..];
    }
    text.push_str(rest);
    text
}

/// Asks `evaluate` about a request.
pub(super) fn check(question: &Question<'_, '_>, drawn: Drawn) -> Checked {
    let Drawn { witness, caller } = drawn;
    let request = &witness.request;
    let caller = question.callers.get(caller);
    let holds = match &question.goal {
        Goal::Excess { a, b, ways } => {
            let of = |layer: &&[_]| own_result(layer, request, caller, ways);
            Ok(a.iter().all(|(_, it)| of(it)) && !b.iter().all(|(_, it)| of(it)))
        }
        Goal::Decided {
            family,
            access,
            allowed,
            ..
        } => {
            let decision = decide(access.policies, request).decision;
            let is_so = match decision {
                Decision::Allowed => Ok(*allowed),
                Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => Ok(!allowed),
                Decision::Unknown => Err(DoubtReason::Unmodelled),
                Decision::Error => Err(DoubtReason::Document),
            };
            is_so.map(|it| it && own_result(family.1, request, caller, super::compose::WAYS[0]))
        }
    };
    match holds {
        Ok(true) => Checked::Yes(Box::new(witness)),
        Ok(false) => Checked::No(Box::new(Shown(witness))),
        Err(reason) => Checked::Unknown(Doubt {
            reason,
            detail: format!(
                "{} depends on what no policy given here says",
                Shown(witness)
            ),
        }),
    }
}

/// Returns what a request has for the keys of a scene that have one value, or none.
pub(super) fn values(scene: &Scene<'_>, shown: &Shown) -> Assignment {
    let context = &shown.0.request.context;
    let keys = scene.keys.iter().filter(|it| !it.multivalued);
    let setting = |key: &super::scene::Key| {
        let mut entries = context.entries().iter();
        let entry = entries.find(|it| it.key.eq_ignore_ascii_case(&key.name));
        let value = entry
            .and_then(|it| it.values.first())
            .filter(|it| !it.is_empty());
        let setting = value.map_or(Setting::Nothing, |it| Setting::Value(it.to_string()));
        (key.folded.clone(), setting)
    };
    keys.map(setting).collect()
}

/// A request in one line.
pub(super) struct Shown(Witness);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = &self.0.request;
        write!(f, "`{}`", request.action.text)?;
        if let Some(resource) = &request.resource {
            write!(f, " on `{resource}`")?;
        }
        for (at, entry) in request.context.entries().iter().enumerate() {
            let join = if at == 0 { " with" } else { "," };
            write!(
                f,
                "{join} `{}` = `{}`",
                entry.key,
                entry.values.join("`, `")
            )?;
        }
        Ok(())
    }
}
