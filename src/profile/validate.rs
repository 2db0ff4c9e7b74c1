//! Checks a profile as a whole: names against declarations, actions and keys against the catalog.
//!
//! Rows of included profiles were checked where they were written; their places are in another
//! text, so nothing is reported about them here.

use std::collections::BTreeSet;

use super::read::{Errors, Fields};
use super::requirement::{Passed, Requirement, State};
use super::template::Template;
use super::{
    Actor, ActorKind, Key, Object, Profile, derive, facts, generation, impossible, must_not,
};
use crate::source::Span;

/// Reports everything that does not fit together.
pub(super) fn check(profile: &Profile, fields: &Fields<'_>, errors: &mut Errors) {
    check_actor(
        profile,
        &profile.default_actor,
        span_at(fields, "default-actor"),
        errors,
    );
    for phase in &profile.phases {
        if let Some(actor) = &phase.actor {
            check_actor(profile, actor, phase.span, errors);
        }
    }
    for template in profile.tags.iter().flat_map(|(key, value)| [key, value]) {
        check_template(profile, template, errors);
    }
    check_actors(profile, errors);
    generation::check(profile, errors);
    let own_objects = declared(fields, "objects");
    for object in &profile.objects {
        if own_objects.contains(&object.name.as_str()) {
            check_object(profile, object, errors);
        }
    }
    for document in &profile.documents {
        if let Some(actor) = &document.actor {
            check_actor(profile, actor, document.span, errors);
        }
    }
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for requirement in profile.requirements.iter().filter(|it| it.from.is_none()) {
        if !seen.insert(&requirement.id) {
            let message = format!("the requirement `{}` is here twice", requirement.id);
            errors.push(requirement.span, message, "ids are unique in a profile");
        }
        check_requirement(profile, requirement, errors);
    }
    seen.clear();
    for row in profile.must_nots.iter().filter(|it| it.from.is_none()) {
        if !seen.insert(&row.id) {
            let message = format!("the must-not `{}` is here twice", row.id);
            errors.push(row.span, message, "ids are unique in a profile");
        }
        must_not::check(profile, row, errors);
    }
    for row in &profile.impossibles {
        impossible::check(profile, row, errors);
    }
}

fn span_at(fields: &Fields<'_>, key: &str) -> Span {
    fields.get(key).map_or(fields.span, |node| node.span)
}

/// Returns the names that a section of this very text declares.
fn declared<'t>(fields: &Fields<'t>, section: &str) -> Vec<&'t str> {
    let table = fields.get(section).and_then(|node| node.value.as_table());
    table.map_or_else(Vec::new, |table| {
        table.keys().map(|key| key.get_ref().as_ref()).collect()
    })
}

pub(super) fn check_actor(profile: &Profile, name: &str, span: Span, errors: &mut Errors) {
    if profile.actor(name).is_none() {
        let known = profile.actors.iter().map(|it| it.name.as_str());
        errors.unknown(span, "actor", name, known);
    }
}

fn check_actors(profile: &Profile, errors: &mut Errors) {
    for actor in &profile.actors {
        check_template(profile, &actor.principal, errors);
        for template in super::context_templates(&actor.context) {
            check_template(profile, template, errors);
        }
        for (key, _) in &actor.context {
            check_key_exists(key, errors);
        }
        for key in &actor.absent {
            check_key_exists(key, errors);
        }
        check_maker(profile, actor, errors);
    }
}

/// Who makes an actor, what it is and what is attached to it.
fn check_maker(profile: &Profile, actor: &Actor, errors: &mut Errors) {
    let wanted = match actor.kind {
        ActorKind::User => "iam:user",
        ActorKind::RoleSession => "iam:role",
        _ => "",
    };
    let name = &actor.name;
    if let Some(maker) = actor.made_by
        && (wanted.is_empty() || actor.object.is_none())
    {
        let message = format!(
            "the actor `{name}` is made by the {} but names no object",
            maker.as_str()
        );
        let help = "`object` names its user or role; only actors of kind `user` and `role-session` are one";
        errors.push(actor.span, message, help);
    }
    if actor.made_by.is_none() && !actor.attached.is_empty() {
        let message = format!("the actor `{name}` has policies attached, but nobody makes it");
        errors.push(actor.span, message, "add `made-by`");
    }
    if let Some(object) = &actor.object {
        match profile.object(object) {
            None => report_unknown_object(profile, object, actor.span, errors),
            Some(found) if found.resource_type != wanted => {
                let (kind, found) = (actor.kind.as_str(), &found.resource_type);
                let message = format!("the actor `{name}` is a `{kind}`, its object a `{found}`");
                let help = match wanted {
                    "" => "leave `object` out".to_owned(),
                    wanted => format!("name an object of type `{wanted}`"),
                };
                errors.push(actor.span, message, help);
            }
            Some(_) => {}
        }
    }
    for template in &actor.attached {
        check_template(profile, template, errors);
        if !template.written().contains(":iam::aws:policy/") {
            let message = format!("`{}` is no AWS managed policy", template.written());
            let help =
                "write its ARN, such as `arn:{partition}:iam::aws:policy/AmazonEKSClusterPolicy`";
            errors.push(template.span(), message, help);
        }
    }
}

pub(super) fn check_feature(profile: &Profile, name: &str, span: Span, errors: &mut Errors) {
    if name != "base" && profile.feature(name).is_none() {
        let known = profile.features.iter().map(|it| it.name.as_str());
        errors.unknown(span, "feature", name, known.chain(["base"]));
    }
}

pub(super) fn check_template(profile: &Profile, template: &Template, errors: &mut Errors) {
    for name in template.variables() {
        if profile.variable(name).is_none() {
            let known = profile.variables.iter().map(|it| it.name.as_str());
            errors.unknown(template.span(), "variable", name, known);
        }
    }
}

fn check_object(profile: &Profile, object: &Object, errors: &mut Errors) {
    for template in object.templates() {
        check_template(profile, template, errors);
    }
    for (key, _) in &object.context {
        check_key_exists(key, errors);
    }
    let Some((service, name)) = object.resource_type.split_once(':') else {
        let help = "write `service:type`, such as `ec2:vpc`";
        errors.push(object.span, "a resource type without its service", help);
        return;
    };
    if let Err(known) = facts::find_resource_type(service, name) {
        let what = format!("resource type of `{service}`");
        errors.unknown(object.span, &what, name, known.iter().map(String::as_str));
    }
}

fn check_key_exists(key: &Key, errors: &mut Errors) {
    if !facts::is_known_key(&key.name) {
        report_unknown_key(key, errors);
    }
}

pub(super) fn report_unknown_key(key: &Key, errors: &mut Errors) {
    let help = facts::similar_key(&key.name)
        .map(|near| format!("did you mean `{near}`?"))
        .unwrap_or_default();
    errors.push(
        key.span,
        format!("unknown condition key `{}`", key.name),
        help,
    );
}

fn check_requirement(profile: &Profile, requirement: &Requirement, errors: &mut Errors) {
    let span = requirement.span;
    if profile.phase(&requirement.phase).is_none() {
        let known = profile.phases.iter().map(|it| it.name.as_str());
        errors.unknown(requirement.phase_span, "phase", &requirement.phase, known);
    }
    for feature in requirement.features() {
        check_feature(profile, feature, requirement.feature_span, errors);
    }
    if let Some(alternative) = &requirement.alternative {
        let same = |it: &&Requirement| it.alternative.as_ref() == Some(alternative);
        if profile.requirements.iter().filter(same).count() < 2 {
            let message = format!("`{alternative}` has no other alternative");
            errors.push(
                span,
                message,
                "requirements with the same word are alternatives",
            );
        }
    }
    if requirement.actor != profile.default_actor {
        check_actor(profile, &requirement.actor, span, errors);
    }
    for template in requirement.templates() {
        check_template(profile, template, errors);
    }
    for target in requirement.targets.uses() {
        if profile.object(&target.object).is_none() {
            report_unknown_object(profile, &target.object, target.span, errors);
        }
    }
    check_action(profile, requirement, errors);
    check_passes(profile, requirement, errors);
    check_rules(profile, requirement, errors);
}

fn report_unknown_object(profile: &Profile, name: &str, span: Span, errors: &mut Errors) {
    let known = profile.objects.iter().map(|it| it.name.as_str());
    errors.unknown(span, "object", name, known);
}

fn check_action(profile: &Profile, requirement: &Requirement, errors: &mut Errors) {
    let span = requirement.action_span;
    let facts = match facts::find(&requirement.action) {
        Ok(facts) => facts,
        Err(near) => {
            let help = match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write `service:Name`, one action".to_owned(),
            };
            let message = format!("unknown action `{}`", requirement.action);
            errors.push(span, message, help);
            return;
        }
    };
    if requirement.action.split_once(':').map(|(_, name)| name) != Some(facts.name()) {
        let help = format!("AWS writes `{}`", facts.name());
        errors.push(
            span,
            format!("`{}` in other letters", requirement.action),
            help,
        );
    }
    let mut types: Vec<&str> = Vec::new();
    let mut all_known = true;
    for target in requirement.targets.uses() {
        let Some(object) = profile.object(&target.object) else {
            all_known = false;
            continue;
        };
        all_known &= facts::is_resource_type(&object.resource_type);
        types.push(&object.resource_type);
        // A `new` thing of another type is created without being checked itself.
        if target.state != State::New && !facts.is_checked_on(&object.resource_type) {
            let checked = facts.types();
            let help = if checked.is_empty() {
                "it has no resource type: leave `resources` out".to_owned()
            } else {
                format!("it is checked on {}", checked.join(", "))
            };
            let (action, name) = (&requirement.action, &object.resource_type);
            errors.push(
                target.span,
                format!("`{action}` is not checked on `{name}`"),
                help,
            );
        }
    }
    let each = matches!(requirement.targets, super::Targets::Each(_));
    for missing in facts.required_types() {
        let is_there = types.iter().any(|it| is_same_kind(it, &missing));
        if all_known && !is_there && !(each && facts.required_types().len() == 1) {
            let action = &requirement.action;
            let message = format!("`{action}` is always checked on `{missing}` too");
            errors.push(span, message, "add an object of that type to `resources`");
        }
    }
    let keys = requirement.context.iter().map(|(key, _)| key);
    for key in keys.chain(&requirement.absent) {
        check_key(key, &facts, &types, errors);
    }
}

/// Types that differ only after a `/`, such as `listener/app` and `listener/net`, are alternatives.
fn is_same_kind(one: &str, other: &str) -> bool {
    let kind = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    kind(one).eq_ignore_ascii_case(&kind(other))
}

/// A key of a request must exist in requests of its action.
fn check_key(key: &Key, facts: &facts::Facts<'_>, types: &[&str], errors: &mut Errors) {
    let name = &key.name;
    let on_types = types.iter().any(|it| facts.supports(it, name));
    if on_types || facts.action_lists(name) || facts::is_global_key(name) {
        return;
    }
    if facts::is_known_key(name) {
        let message = format!("`{name}` never exists in a `{}` request", facts.name());
        errors.push(
            key.span,
            message,
            "the catalog lists it for other actions or types",
        );
    } else {
        report_unknown_key(key, errors);
    }
}

fn check_passes(profile: &Profile, requirement: &Requirement, errors: &mut Errors) {
    for Passed { role, to, span } in &requirement.passes {
        match profile.object(role) {
            None => report_unknown_object(profile, role, *span, errors),
            Some(object) if object.resource_type != "iam:role" => {
                let message = format!("`{role}` is no role but `{}`", object.resource_type);
                errors.push(*span, message, "`passes` names roles");
            }
            Some(_) => {}
        }
        if to.is_none() && derive::pass_role_rule(&requirement.action).is_none() {
            let message = format!(
                "no rule says whom `{}` passes a role to",
                requirement.action
            );
            let help = format!("write `{{ role = \"{role}\", to = \"…amazonaws.com\" }}`");
            errors.push(*span, message, help);
        }
    }
}

/// Rules bring variables of their own.
fn check_rules(profile: &Profile, requirement: &Requirement, errors: &mut Errors) {
    let action = requirement.action.as_str();
    let mut arns: Vec<&Template> = derive::also_rules(action).map(|rule| &rule.arn).collect();
    if requirement.first_use {
        let before = arns.len();
        arns.extend(derive::first_use_rules(action).map(|rule| &rule.arn));
        if arns.len() == before {
            let message = format!("no service-linked role is known for `{action}`");
            errors.push(requirement.span, message, "leave `first-use` out");
        }
    }
    let missing: Vec<&str> = arns
        .iter()
        .flat_map(|arn| arn.variables())
        .filter(|name| profile.variable(name).is_none())
        .collect();
    if let Some(name) = missing.first() {
        let message = format!("calls that follow from `{action}` need the variable `{name}`");
        errors.push(
            requirement.action_span,
            message,
            "declare it in `[variables]`",
        );
    }
}
