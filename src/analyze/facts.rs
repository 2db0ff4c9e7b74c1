//! What is known of the requests of an action beside the policies: the facts that `--pure` leaves
//! out. They come from the catalog, and from what AWS documents about global keys.

use super::Access;
use super::compose;
use super::formula::{Claim, Node};
use super::language::{Language, Letter, glob};
use super::question::{Goal, Question};
use super::scene::{RESOURCE, Scene, Setting};
use crate::catalog::{self, Catalog, Presence};
use crate::evaluate::derive::{self, Known};
use crate::evaluate::listed::KeysOf;
use crate::evaluate::{Action, Caller, Principal};

/// The assumptions behind a verdict that rests on facts, by name.
pub const FACTS: [(&str, &str); 6] = [
    (
        "resource-types",
        "an action is authorised on the resource types that AWS lists for it, by ARNs of their form",
    ),
    (
        "condition-keys",
        "a request carries only condition keys that AWS lists for its action or resource type, and global ones",
    ),
    (
        "always-present",
        "keys that AWS documents as always in a request are in it",
    ),
    (
        "caller",
        "keys that follow from the caller (its ARN, account, user name) have these values",
    ),
    (
        "request-tags",
        "`aws:TagKeys` lists exactly the keys of the tags in the request",
    ),
    (
        "own-account",
        "resources are the caller's account's where no resource policy is given",
    ),
];

/// Adds the facts about an action of the catalog to a scene.
pub(super) fn add<'a>(
    scene: &mut Scene<'a>,
    action: &Action,
    entry: &catalog::Action,
    question: &Question<'_, 'a>,
) {
    resource_types(scene, action, entry);
    keys(scene, action, entry, question);
    tags(scene);
    if let Goal::Decided { access, layers, .. } = &question.goal
        && layers.resource.is_none()
    {
        let foreign = compose::is_foreign(scene, access, access.principal);
        let own = scene.formulas.not(foreign);
        scene.facts.push(own);
    }
}

fn resource_types(scene: &mut Scene<'_>, action: &Action, entry: &catalog::Action) {
    let none = scene.formulas.claim(RESOURCE, Claim::Text(false));
    if entry.resource_types.is_empty() {
        scene.facts.push(none);
        return;
    }
    let Some(service) = scene.catalog.service(action.service()) else {
        return;
    };
    let mut language = Language::default();
    for row in &entry.resource_types {
        let Some(declared) = service.resource_type(&row.name) else {
            return;
        };
        for template in declared.arn_templates.iter() {
            language.patterns.push(pattern(template));
        }
    }
    if language.patterns.is_empty() {
        return;
    }
    let mut of_type = scene.in_language(RESOURCE, language);
    if of_buckets(action, entry) {
        // A bucket's name has no slash (Amazon S3 User Guide, "Bucket naming rules").
        let objects = scene.in_language(RESOURCE, compose::in_parts("arn:*:s3:*:*:*/*"));
        let bucket = scene.formulas.not(objects);
        of_type = scene.formulas.and([of_type, bucket]);
    }
    let is_required = entry.required_resource_types().next().is_some();
    let fact = if is_required {
        of_type
    } else {
        scene.formulas.or([of_type, none])
    };
    scene.facts.push(fact);
}

/// Whether an action is about buckets and nothing in them.
fn of_buckets(action: &Action, entry: &catalog::Action) -> bool {
    action.service() == "s3"
        && entry
            .resource_types
            .iter()
            .all(|row| &*row.name == "bucket")
}

/// An ARN format with its holes open; those in the first five parts stay in their part.
fn pattern(template: &str) -> Box<[Letter]> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find("${") {
        text.push_str(&rest[..start]);
        text.push('*');
        let hole = &rest[start..];
        rest = hole.find('}').map_or("", |at| &hole[at + 1..]);
    }
    text.push_str(rest);
    let mut colons = 0;
    glob(&text)
        .iter()
        .map(|letter| {
            if *letter == Letter::Unit(u16::from(b':')) {
                colons += 1;
            }
            match letter {
                Letter::Any if colons < 5 => Letter::AnyInPart,
                letter => *letter,
            }
        })
        .collect()
}

fn keys<'a>(
    scene: &mut Scene<'a>,
    action: &Action,
    entry: &catalog::Action,
    question: &Question<'_, 'a>,
) {
    let principal = match &question.goal {
        Goal::Decided { access, .. } => Some(access.principal),
        Goal::Excess { .. } => None,
    };
    let known = Known {
        principal,
        ..Known::default()
    };
    let names: Vec<String> = scene.keys.iter().map(|it| it.folded.clone()).collect();
    let follows: Vec<(&str, String)> = principal.map_or_else(Vec::new, |principal| {
        derive::keys_of(action, &known, principal)
    });
    let listed = KeysOf::new(action, entry, scene.catalog);
    for name in names {
        let follows = follows
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(&name));
        if let Some((_, value)) = follows {
            let is = is_value(scene, &name, value);
            scene.facts.push(is);
            continue;
        }
        let declared = scene.catalog.condition_key(&name);
        let presence = declared.and_then(|it| it.presence);
        let applies = listed.may_have(&name);
        let caller = principal.map_or(Caller::Unknown, Caller::of);
        let excluded = !applies
            || principal.is_some() && presence.is_some_and(|it| !caller.may_have(Some(it)));
        if excluded {
            let absent = scene.key_present(&name, false);
            scene.facts.push(absent);
            continue;
        }
        if is_always_present(presence, principal) {
            let present = scene.key_present(&name, true);
            scene.facts.push(present);
        }
        // A key of some of the resource types only.
        if let Some(types) = listed.only_on(&name) {
            let Some(service) = scene.catalog.service(action.service()) else {
                continue;
            };
            let formats = types
                .into_iter()
                .filter_map(|it| service.resource_type(it))
                .flat_map(|it| it.arn_templates.iter());
            let language = Language {
                patterns: formats.map(|it| pattern(it)).collect(),
            };
            let of_type = scene.in_language(RESOURCE, language);
            let present = scene.key_present(&name, true);
            let fact = scene.formulas.implies(present, of_type);
            scene.facts.push(fact);
        }
    }
}

/// Returns what a key of a known caller is as a policy variable: its value, or nothing.
pub(super) fn caller_key(
    key: &str,
    action: &Action,
    access: &Access<'_>,
    catalog: &Catalog,
) -> Option<Setting> {
    let principal = access.principal;
    if matches!(principal, Principal::Simulated(_)) {
        return None;
    }
    let known = Known {
        principal: Some(principal),
        settings: access.settings.clone(),
        ..Known::default()
    };
    let follows = derive::keys_of(action, &known, principal);
    let value = follows
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key));
    if let Some((_, value)) = value {
        return Some(Setting::Value(value));
    }
    let presence = catalog.condition_key(key)?.presence?;
    let caller = Caller::of(principal);
    (!caller.may_have(Some(presence))).then_some(Setting::Nothing)
}

/// Claims that a key has the value that follows from the caller.
fn is_value(scene: &mut Scene<'_>, name: &str, value: &str) -> Node {
    let dimension = match scene.key(name) {
        Some(key) => key.dimension,
        None => return super::formula::TRUE,
    };
    let word = super::language::word_of(value);
    let languages = scene.languages[dimension as usize].clone();
    let has: Vec<bool> = languages.iter().map(|it| it.has(&word)).collect();
    if has.is_empty() {
        return scene.key_present(name, true);
    }
    scene.key_some(name, |cell| {
        has.iter()
            .enumerate()
            .all(|(at, has)| cell.languages.contains(at) == *has)
    })
}

fn is_always_present(presence: Option<Presence>, principal: Option<&Principal>) -> bool {
    match presence {
        Some(Presence::Always) => true,
        Some(Presence::Signed) => principal.is_some_and(|it| *it != Principal::Anonymous),
        _ => false,
    }
}

/// A tag in the request is one of `aws:TagKeys`, and the other way round.
fn tags(scene: &mut Scene<'_>) {
    const TAG: &str = "aws:requesttag/";
    const KEYS: &str = "aws:tagkeys";
    if scene.key(KEYS).is_none() {
        return;
    }
    let tags: Vec<(String, String)> = scene
        .keys
        .iter()
        .filter(|it| it.folded.starts_with(TAG))
        .map(|it| (it.folded.clone(), it.name[TAG.len()..].to_owned()))
        .collect();
    let some_keys = scene.key_present(KEYS, true);
    for (folded, tag) in tags {
        let present = scene.key_present(&folded, true);
        let listed = scene.key_some(KEYS, |cell| cell.text.eq_ignore_ascii_case(&tag));
        let fact = scene.formulas.implies(present, some_keys);
        scene.facts.push(fact);
        if listed != super::formula::FALSE {
            let both = scene.formulas.implies(listed, present);
            scene.facts.push(both);
        }
    }
}
