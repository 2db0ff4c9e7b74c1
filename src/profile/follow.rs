//! Makes the calls that follow from another by rule: tagging, handing over roles, first use.

use super::call::{Call, CallResource, ContextValue, TagOnCreate};
use super::derive;
use super::expand::Making;
use super::facts::{self, Facts};
use super::requirement::{ObjectUse, Passed, State};
use super::tags::set;
use super::template::Template;

impl Making<'_> {
    pub(super) fn derived_calls(&self, id: &str, tags: &[(String, String)], calls: &mut Vec<Call>) {
        let requirement = self.requirement;
        let action = requirement.action.as_str();
        if let Some(rule) = derive::tags_rule(action).filter(|_| !tags.is_empty()) {
            calls.extend(self.tagging_call(id, rule, tags));
        }
        for passed in &requirement.passes {
            calls.extend(self.pass_role_call(id, passed));
        }
        let first_use = derive::first_use_rules(action).filter(|_| requirement.first_use);
        for rule in first_use {
            let name = "iam:CreateServiceLinkedRole";
            let Some(mut call) = self.role_call(id, name, &rule.arn, &rule.breaks, &rule.evidence)
            else {
                continue;
            };
            let service = ContextValue::One(rule.service.clone());
            set(&mut call.context, "iam:AWSServiceName", service);
            call.variant
                .push(("service".to_owned(), rule.service.clone()));
            call.why = format!("the first `{action}` of an account makes a service-linked role");
            calls.push(call);
        }
        for rule in derive::also_rules(action) {
            let call = self.role_call(id, &rule.call, &rule.arn, &rule.breaks, &rule.evidence);
            calls.extend(call.map(|mut call| {
                call.why = format!("{} (`{id}`)", rule.why);
                for resource in &mut call.resources {
                    rule.resource_type.clone_into(&mut resource.resource_type);
                }
                call
            }));
        }
    }

    fn derived_call(&self, id: &str, action: &str) -> Option<(Call, Facts<'static>)> {
        let facts = facts::find_static(action)?;
        let mut call = self.bare_call(action, &facts);
        call.id = format!("{id}/{action}");
        call.derived_from = Some(id.to_owned());
        Some((call, facts))
    }

    fn tagging_call(
        &self,
        id: &str,
        rule: &derive::TagsRule,
        tags: &[(String, String)],
    ) -> Option<Call> {
        let (mut call, facts) = self.derived_call(id, &rule.call)?;
        let parent = self.requirement.action.as_str();
        let mut binding = self.member.binding.clone();
        let name = parent.split_once(':').map_or(parent, |(_, name)| name);
        binding.bind("action", name);
        for (key, value) in &rule.context {
            set(
                &mut call.context,
                key,
                ContextValue::One(value.fill(&binding)),
            );
        }
        self.add_request_tags(&mut call, tags, &facts);
        let created = self.member.uses.iter().filter(|it| it.state == State::New);
        call.resources
            .extend(created.filter_map(|it| self.resource(it, &facts, tags)));
        if call.resources.is_empty() {
            return None;
        }
        call.why = format!("`{parent}` with tags is authorised as tagging too");
        rule.breaks.clone_into(&mut call.breaks);
        call.evidence = vec![rule.evidence.clone()];
        Some(call)
    }

    fn pass_role_call(&self, id: &str, passed: &Passed) -> Option<Call> {
        let rule = derive::pass_role_rule(&self.requirement.action);
        let service = match &passed.to {
            Some(to) => to.fill(&self.member.binding),
            None => rule?.service.clone(),
        };
        let (mut call, facts) = self.derived_call(id, "iam:PassRole")?;
        let target = ObjectUse {
            object: passed.role.clone(),
            state: State::Existing,
            span: passed.span,
        };
        call.resources.extend(self.resource(&target, &facts, &[]));
        call.why = format!("`{}` hands the role to {service}", self.requirement.action);
        call.breaks = format!(
            "`{}` fails with AccessDenied on iam:PassRole for the role `{}`",
            self.requirement.action, passed.role
        );
        call.evidence = rule.map_or_else(
            || self.requirement.evidence.clone(),
            |rule| vec![rule.evidence.clone()],
        );
        set(
            &mut call.context,
            "iam:PassedToService",
            ContextValue::One(service),
        );
        if self.requirement.passes.len() > 1 {
            call.variant.push(("role".to_owned(), passed.role.clone()));
        }
        Some(call)
    }

    /// Returns a call on a role that AWS made: without tags and without a boundary.
    fn role_call(
        &self,
        id: &str,
        action: &str,
        arn: &Template,
        breaks: &str,
        evidence: &str,
    ) -> Option<Call> {
        let (mut call, facts) = self.derived_call(id, action)?;
        let arn = arn.fill(&self.member.binding);
        let boundary = "iam:PermissionsBoundary";
        let absent = facts
            .supports("iam:role", boundary)
            .then(|| boundary.to_owned());
        call.resources.push(CallResource {
            account: self.member.binding.get("account").map(str::to_owned),
            arn,
            family: None,
            resource_type: "iam:role".to_owned(),
            created: false,
            context: Vec::new(),
            absent: absent.into_iter().collect(),
            open_tags: false,
            tag_on_create: TagOnCreate::NotApplicable,
            key_policy: None,
        });
        breaks.clone_into(&mut call.breaks);
        call.evidence = vec![evidence.to_owned()];
        Some(call)
    }
}
