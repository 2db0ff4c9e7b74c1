//! From requirements to calls: variables, fan-out, tags, and the calls that follow by rule.

use super::call::{Call, CallResource, ContextValue, TagOnCreate};
use super::derive;
use super::facts::{self, Facts};
use super::representative::{is_family, representative};
use super::requirement::{ObjectUse, Requirement, State, Targets};
use super::settings::{self, SettingError, Settings};
use super::tags::{add_created_tags, add_tag_keys, request_keys, resource_tag_keys, set};
use super::template::{Binding, Template};
use super::{Actor, Key, Object, Owner, Profile, Values};

/// Services whose requests carry the partition's home region (IAM User Guide, "Global condition
/// context keys", aws:RequestedRegion).
pub const GLOBAL_SERVICES: [&str; 4] = ["iam", "sts", "route53", "organizations"];

impl Profile {
    /// Returns every call that must be allowed under these settings, in the order of the phases.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong with the settings.
    pub fn calls(&self, settings: &Settings) -> Result<Vec<Call>, Vec<SettingError>> {
        let values = self.resolve(settings)?;
        let mut calls = Vec::new();
        for (at, requirement) in self.requirements.iter().enumerate() {
            let listed = |list: &[String], name: &String| list.is_empty() || list.contains(name);
            if listed(&settings.phases, &requirement.phase)
                && listed(&settings.actors, &requirement.actor)
                && requirement.features().all(|it| self.is_on(it, settings))
            {
                self.expand(at, requirement, &values, &mut calls);
            }
        }
        Ok(calls)
    }

    /// Returns the profile as if what is in other accounts were in this one.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong with the settings.
    pub fn with_all_in(
        &self,
        account: &str,
        settings: &Settings,
    ) -> Result<Self, Vec<SettingError>> {
        let mut profile = self.clone();
        for object in &mut profile.objects {
            let Some(owner) = &object.account else {
                continue;
            };
            if self.fill(owner, settings)? != account {
                object.account = Template::parse(account, owner.span()).ok();
            }
        }
        Ok(profile)
    }

    fn expand(
        &self,
        at: usize,
        requirement: &Requirement,
        values: &settings::Values<'_>,
        calls: &mut Vec<Call>,
    ) {
        // INVARIANT: `validate` refuses unknown actions.
        let Ok(facts) = facts::find(&requirement.action) else {
            return;
        };
        let actor = self.actor(&requirement.actor);
        let axes = self.axes(requirement, actor, values);
        let mut picks = vec![0; axes.len()];
        if axes.iter().any(|axis| axis.len() == 0) {
            return;
        }
        loop {
            let member = Member::new(requirement, &axes, &picks, &values.single);
            let making = Making {
                profile: self,
                requirement,
                actor,
                at,
                member: &member,
            };
            making.calls(&facts, calls);
            if !advance(&mut picks, &axes) {
                return;
            }
        }
    }

    /// Returns what makes one request for each value: lists that the requirement uses, `each`.
    fn axes<'a>(
        &'a self,
        requirement: &'a Requirement,
        actor: Option<&'a Actor>,
        values: &settings::Values<'a>,
    ) -> Vec<Axis<'a>> {
        let mut axes = Vec::new();
        let service = service_of(&requirement.action);
        let is_regional = !GLOBAL_SERVICES.contains(&service);
        for (name, list) in &values.lists {
            let is_in = |template: &Template| template.variables().any(|it| it == *name);
            let used = requirement.templates().any(is_in)
                || requirement
                    .objects()
                    .filter_map(|object| self.object(object))
                    .any(|object| object.templates().any(is_in))
                || actor.is_some_and(|it| super::context_templates(&it.context).any(is_in));
            if used || (*name == "region" && is_regional) {
                axes.push(Axis::Variable(name, list));
            }
        }
        for (key, values) in &requirement.context {
            if let Values::Each(each) = values {
                axes.push(Axis::Key(&key.name, each));
            }
        }
        if let Targets::Each(uses) = &requirement.targets {
            axes.push(Axis::Object(uses));
        }
        axes
    }
}

/// Something of which each value makes a request of its own.
enum Axis<'a> {
    Variable(&'a str, &'a [String]),
    Key(&'a str, &'a [Template]),
    Object(&'a [ObjectUse]),
}

impl Axis<'_> {
    const fn len(&self) -> usize {
        match self {
            Self::Variable(_, values) => values.len(),
            Self::Key(_, values) => values.len(),
            Self::Object(uses) => uses.len(),
        }
    }
}

/// Moves to the next combination, the last axis fastest; false after the last one.
fn advance(picks: &mut [usize], axes: &[Axis<'_>]) -> bool {
    for (pick, axis) in picks.iter_mut().zip(axes).rev() {
        *pick += 1;
        if *pick < axis.len() {
            return true;
        }
        *pick = 0;
    }
    false
}

/// One combination of values.
pub(super) struct Member<'a> {
    pub(super) binding: Binding<'a>,
    keys: Vec<(&'a str, &'a Template)>,
    pub(super) uses: &'a [ObjectUse],
    variant: Vec<(String, String)>,
}

impl<'a> Member<'a> {
    fn new(
        requirement: &'a Requirement,
        axes: &[Axis<'a>],
        picks: &[usize],
        single: &Binding<'a>,
    ) -> Self {
        let mut member = Self {
            binding: single.clone(),
            keys: Vec::new(),
            uses: requirement.targets.uses(),
            variant: Vec::new(),
        };
        for (axis, pick) in axes.iter().zip(picks) {
            let word = match axis {
                Axis::Variable(name, values) => {
                    member.binding.bind(name, &values[*pick]);
                    (*name, values[*pick].clone())
                }
                Axis::Key(key, values) => {
                    member.keys.push((key, &values[*pick]));
                    (*key, values[*pick].fill(&member.binding))
                }
                Axis::Object(uses) => {
                    member.uses = &uses[*pick..=*pick];
                    ("object", uses[*pick].written())
                }
            };
            if axis.len() > 1 {
                member.variant.push((word.0.to_owned(), word.1));
            }
        }
        member
    }
}

/// Everything that the calls of one combination are made of.
pub(super) struct Making<'a> {
    profile: &'a Profile,
    pub(super) requirement: &'a Requirement,
    actor: Option<&'a Actor>,
    at: usize,
    pub(super) member: &'a Member<'a>,
}

impl Making<'_> {
    fn calls(&self, facts: &Facts<'_>, calls: &mut Vec<Call>) {
        let requirement = self.requirement;
        let tags = self.sent_tags(facts);
        let mut call = self.bare_call(&requirement.action, facts);
        for (key, values) in &requirement.context {
            let value = match values {
                Values::One(one) => self.key_value(one),
                Values::Many(many) => self.key_values(many),
                Values::Each(_) => continue,
            };
            set(&mut call.context, &self.name_of(key), value);
        }
        for (key, template) in &self.member.keys {
            set(&mut call.context, key, self.key_value(template));
        }
        add_tag_keys(&mut call.context, facts);
        call.absent
            .extend(requirement.absent.iter().map(|key| self.name_of(key)));
        let fixed = |key: &str| call.context.iter().any(|(it, _)| it == key);
        let of_others = derive::keys_of_dependent_calls(&requirement.action);
        let of_others: Vec<String> = of_others
            .filter(|it| !fixed(it))
            .map(str::to_owned)
            .collect();
        call.absent.extend(of_others);
        self.add_request_tags(&mut call, &tags, facts);
        let targets = self.member.uses.iter();
        call.resources
            .extend(targets.filter_map(|it| self.resource(it, facts, &tags)));
        let id = call.id.clone();
        calls.push(call);
        self.derived_calls(&id, &tags, calls);
    }

    /// Returns a call with what every call of this requirement has in common.
    pub(super) fn bare_call(&self, action: &str, facts: &Facts<'_>) -> Call {
        let requirement = self.requirement;
        let mut call = Call {
            id: requirement.id.clone(),
            requirement: self.at,
            derived_from: None,
            phase: requirement.phase.clone(),
            feature: requirement.feature.clone(),
            with: requirement.with.clone(),
            strength: requirement.strength,
            actor: requirement.actor.clone(),
            action: action.to_owned(),
            resources: Vec::new(),
            context: Vec::new(),
            absent: Vec::new(),
            variant: self.member.variant.clone(),
            why: requirement.why.clone(),
            breaks: requirement.breaks.clone(),
            tool: requirement.tool,
            evidence: requirement.evidence.clone(),
            alternative: requirement.alternative.clone(),
        };
        if let Some(region) = self.requested_region(action) {
            set(
                &mut call.context,
                "aws:RequestedRegion",
                ContextValue::One(region),
            );
        }
        if let Some(actor) = self.actor {
            self.add_actor_keys(&mut call, actor, facts);
        }
        call
    }

    fn add_actor_keys(&self, call: &mut Call, actor: &Actor, facts: &Facts<'_>) {
        let exists = |key: &Key| {
            facts::is_in_every_request(&key.name)
                || facts.action_lists(&key.name)
                || facts::is_in_token_of(&call.action, &key.name)
        };
        for (key, values) in actor.context.iter().filter(|(key, _)| exists(key)) {
            let value = match values {
                Values::One(one) => self.key_value(one),
                Values::Many(many) | Values::Each(many) => self.key_values(many),
            };
            set(&mut call.context, &self.name_of(key), value);
        }
        let absent = actor.absent.iter().filter(|key| exists(key));
        call.absent.extend(absent.map(|key| self.name_of(key)));
    }

    /// Returns the region that the request names. `iam:PassRole` is no request: the service that
    /// receives the role asks for it, in which region's name is not documented, so it stays open.
    fn requested_region(&self, action: &str) -> Option<String> {
        if action == "iam:PassRole" {
            return None;
        }
        if !GLOBAL_SERVICES.contains(&service_of(action)) {
            return self.member.binding.get("region").map(str::to_owned);
        }
        home_region(self.member.binding.get("partition")).map(str::to_owned)
    }

    fn name_of(&self, key: &Key) -> String {
        key.text.fill(&self.member.binding)
    }

    /// Fills a value; where it is an ARN of a family, the value is another one for each member.
    fn key_value(&self, template: &Template) -> ContextValue {
        match self.value_and_pattern(template) {
            (member, Some(pattern)) => ContextValue::Family { member, pattern },
            (one, None) => ContextValue::One(one),
        }
    }

    /// Fills the values of a list, those of a family with the member that stands for it.
    fn key_values(&self, templates: &[Template]) -> ContextValue {
        let values = templates.iter().map(|it| self.value_and_pattern(it).0);
        ContextValue::Many(values.collect())
    }

    fn value_and_pattern(&self, template: &Template) -> (String, Option<String>) {
        let text = template.fill(&self.member.binding);
        if text.starts_with("arn:") && is_family(&text) {
            (representative(&text), Some(text))
        } else {
            (text, None)
        }
    }

    /// Returns the tags that the request sends.
    fn sent_tags(&self, facts: &Facts<'_>) -> Vec<(String, String)> {
        let created = || self.member.uses.iter().filter(|it| it.state == State::New);
        let objects = || created().filter_map(|it| self.profile.object(&it.object));
        let by_default = || {
            let key = "aws:RequestTag/x";
            objects().any(|object| facts.supports(&object.resource_type, key))
                || (created().next().is_some() && facts.action_lists(key))
        };
        if !self.requirement.tagged.unwrap_or_else(by_default) {
            return Vec::new();
        }
        // What an AWS service or a controller makes carries its tags, not the vendor's.
        let mut tags = match objects().all(|object| object.owner == Owner::Service) {
            true if created().next().is_some() => Vec::new(),
            _ => self.filled(&self.profile.tags),
        };
        for object in objects() {
            for (key, value) in self.filled(&object.tags) {
                tags.retain(|(it, _)| *it != key);
                tags.push((key, value));
            }
        }
        tags
    }

    fn filled(&self, tags: &[(Template, Template)]) -> Vec<(String, String)> {
        let binding = &self.member.binding;
        tags.iter()
            .map(|(key, value)| (key.fill(binding), value.fill(binding)))
            .collect()
    }

    /// Puts the request's tags where the action itself, not one resource type, has their keys.
    pub(super) fn add_request_tags(
        &self,
        call: &mut Call,
        tags: &[(String, String)],
        facts: &Facts<'_>,
    ) {
        if tags.is_empty() {
            let sends = call.context.iter().any(|(key, _)| key == "aws:TagKeys");
            if facts.action_lists("aws:TagKeys") && !sends {
                call.absent.push("aws:TagKeys".to_owned());
            }
            return;
        }
        for (key, value) in request_keys(tags) {
            if facts.action_lists(&key) {
                set(&mut call.context, &key, value);
            }
        }
    }

    /// Returns what the call is checked on; none if AWS does not check it on this type.
    pub(super) fn resource(
        &self,
        target: &ObjectUse,
        facts: &Facts<'_>,
        sent: &[(String, String)],
    ) -> Option<CallResource> {
        let object = self.profile.object(&target.object)?;
        let kind = object.resource_type.as_str();
        if !facts.is_checked_on(kind) {
            return None;
        }
        let mut resource = self.plain_resource(object, target.state == State::New);
        for (key, values) in &object.context {
            if facts.supports(kind, &key.name) {
                let value = match values {
                    Values::One(one) => self.key_value(one),
                    Values::Many(many) | Values::Each(many) => self.key_values(many),
                };
                set(&mut resource.context, &self.name_of(key), value);
            }
        }
        self.add_boundary(&mut resource, object, facts);
        if resource.created {
            add_created_tags(&mut resource, sent, facts);
        } else {
            self.add_tags(&mut resource, object, target.state, facts);
            for (key, value) in request_keys(sent) {
                if facts.type_lists(kind, &key) {
                    set(&mut resource.context, &key, value);
                }
            }
        }
        Some(resource)
    }

    fn plain_resource(&self, object: &Object, created: bool) -> CallResource {
        let pattern = object.arn.fill(&self.member.binding);
        let named = pattern.split(':').nth(4).filter(|it| !it.is_empty());
        let account = match (&object.account, object.owner) {
            (Some(account), _) => Some(account.fill(&self.member.binding)),
            (None, Owner::Aws) => None,
            (None, _) => named.map(str::to_owned),
        };
        CallResource {
            arn: representative(&pattern),
            resource_type: object.resource_type.clone(),
            account,
            created,
            context: Vec::new(),
            absent: Vec::new(),
            open_tags: !created,
            tag_on_create: TagOnCreate::NotApplicable,
            key_policy: object.key_policy,
            family: is_family(&pattern).then_some(pattern),
        }
    }

    fn add_boundary(&self, resource: &mut CallResource, object: &Object, facts: &Facts<'_>) {
        const KEY: &str = "iam:PermissionsBoundary";
        let Some(boundary) = &object.boundary else {
            return;
        };
        if !facts.supports(&resource.resource_type, KEY) {
            return;
        }
        let boundary = boundary.fill(&self.member.binding);
        if boundary.is_empty() {
            resource.absent.push(KEY.to_owned());
        } else {
            set(&mut resource.context, KEY, ContextValue::One(boundary));
        }
    }

    fn add_tags(
        &self,
        resource: &mut CallResource,
        object: &Object,
        state: State,
        facts: &Facts<'_>,
    ) {
        let own = self.filled(&object.tags);
        let ours = match object.owner {
            Owner::Ours => self.filled(&self.profile.tags),
            Owner::Foreign | Owner::Aws | Owner::Service => Vec::new(),
        };
        if state == State::Untagged {
            for (tag, _) in ours.iter().chain(&own) {
                for key in resource_tag_keys(resource, tag, facts) {
                    resource.absent.push(key);
                }
            }
            return;
        }
        for (tag, value) in ours.iter().chain(&own) {
            for key in resource_tag_keys(resource, tag, facts) {
                set(
                    &mut resource.context,
                    &key,
                    ContextValue::One(value.clone()),
                );
            }
        }
    }
}

/// Returns the region that requests of global services carry; none where it is not known.
pub(super) fn home_region(partition: Option<&str>) -> Option<&'static str> {
    match partition {
        Some("aws-cn") => Some("cn-north-1"),
        Some("aws-us-gov") => Some("us-gov-west-1"),
        Some("aws") | None => Some("us-east-1"),
        Some(_) => None,
    }
}

pub(super) fn service_of(action: &str) -> &str {
    action
        .split_once(':')
        .map_or(action, |(service, _)| service)
}
