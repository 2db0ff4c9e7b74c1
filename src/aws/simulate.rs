//! Asks AWS's policy simulator.

use std::collections::BTreeSet;

use aws_sdk_iam::types::{
    ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType,
};

use super::connection::Connection;
use super::error::{CallError, failed, unusable};
use crate::preflight::{Simulated, SimulatedDecision, Simulation};

const SIMULATE: &str = "iam:SimulatePrincipalPolicy";

impl Connection {
    /// Asks AWS's policy simulator about a user or role: one answer for each action and resource.
    ///
    /// Every page is read, since a page that breaks off reads like a complete one, and every action
    /// must be answered for every resource (IAM API Reference, "SimulatePrincipalPolicy").
    ///
    /// # Errors
    ///
    /// It may not be asked, was not answered, or left something out.
    pub fn simulate(
        &self,
        principal: &str,
        asked: &Simulation,
    ) -> Result<Vec<Simulated>, CallError> {
        let context = asked.context.iter().map(|(key, kind, values)| {
            ContextEntry::builder()
                .context_key_name(key)
                .context_key_type(ContextKeyTypeEnum::from(*kind))
                .set_context_key_values(Some(values.clone()))
                .build()
        });
        let pages = self
            .iam
            .simulate_principal_policy()
            .policy_source_arn(principal)
            .set_action_names(Some(asked.actions.clone()))
            // Without any, AWS asks about `*`, as is right for actions without resources only.
            .set_resource_arns(Some(asked.resources.clone()).filter(|it| !it.is_empty()))
            .set_context_entries(Some(context.collect::<Vec<_>>()).filter(|it| !it.is_empty()))
            .into_paginator()
            .items()
            .send();
        let results = self.wait(pages.try_collect());
        let results: Vec<EvaluationResult> = results.map_err(failed(SIMULATE, principal))?;
        let incomplete = |words: String| unusable(SIMULATE, principal, "IncompleteAnswer", words);
        let mut answers = Vec::new();
        for result in results {
            answers.extend(answers_of(result).map_err(incomplete)?);
        }
        let answered: BTreeSet<(String, &str)> = answers
            .iter()
            .map(|it| (it.action.to_ascii_lowercase(), it.resource.as_str()))
            .collect();
        let any = ["*".to_owned()];
        let resources: &[String] = match asked.resources.is_empty() {
            true => &any,
            false => &asked.resources,
        };
        for action in &asked.actions {
            let lower = action.to_ascii_lowercase();
            let is_left = |it: &&String| !answered.contains(&(lower.clone(), it.as_str()));
            if let Some(resource) = resources.iter().find(is_left) {
                return Err(incomplete(format!(
                    "no answer for `{action}` on `{resource}`"
                )));
            }
        }
        Ok(answers)
    }
}

/// Returns the answers in a result. With several resources it sums up over them, and those of each
/// lie in it; with one, or in the older shape, it is the answer itself.
fn answers_of(result: EvaluationResult) -> Result<Vec<Simulated>, String> {
    let organization = result
        .organizations_decision_detail
        .map(|it| it.allowed_by_organizations);
    let of_all = result
        .permissions_boundary_decision_detail
        .map(|it| it.allowed_by_permissions_boundary);
    let missing = result.missing_context_values.unwrap_or_default();
    let action = result.eval_action_name;
    let specific = result.resource_specific_results.unwrap_or_default();
    if specific.is_empty() {
        return Ok(vec![Simulated {
            decision: decision(&result.eval_decision)?,
            resource: result.eval_resource_name.unwrap_or_else(|| "*".to_owned()),
            action,
            boundary_allows: of_all,
            organization_allows: organization,
            missing,
        }]);
    }
    let is_only = specific.len() == 1;
    let answers = specific.into_iter().map(|it| {
        let decision = decision(&it.eval_resource_decision)?;
        let own = it.permissions_boundary_decision_detail;
        let own = own.map(|it| it.allowed_by_permissions_boundary);
        let mut missing = missing.clone();
        for key in it.missing_context_values.unwrap_or_default() {
            if !missing.contains(&key) {
                missing.push(key);
            }
        }
        Ok(Simulated {
            action: action.clone(),
            resource: it.eval_resource_name,
            decision,
            boundary_allows: own.or_else(|| each(of_all, decision, is_only)),
            organization_allows: each(organization, decision, is_only),
            missing,
        })
    });
    answers.collect()
}

/// Returns what a sum over all resources says about one of them: a refusal may be another's.
fn each(all: Option<bool>, decision: SimulatedDecision, is_only: bool) -> Option<bool> {
    match all {
        Some(false) if decision == SimulatedDecision::Allowed => Some(true),
        Some(false) if !is_only => None,
        all => all,
    }
}

fn decision(decision: &PolicyEvaluationDecisionType) -> Result<SimulatedDecision, String> {
    match decision {
        PolicyEvaluationDecisionType::Allowed => Ok(SimulatedDecision::Allowed),
        PolicyEvaluationDecisionType::ExplicitDeny => Ok(SimulatedDecision::ExplicitDeny),
        PolicyEvaluationDecisionType::ImplicitDeny => Ok(SimulatedDecision::ImplicitDeny),
        other => Err(format!(
            "a decision that is not known: `{}`",
            other.as_str()
        )),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::{
        EvaluationResult, OrganizationsDecisionDetail, PolicyEvaluationDecisionType as Decision,
        ResourceSpecificResult,
    };

    use super::{SimulatedDecision, answers_of};

    fn result(decision: Decision) -> aws_sdk_iam::types::builders::EvaluationResultBuilder {
        EvaluationResult::builder()
            .eval_action_name("s3:GetObject")
            .eval_resource_name("arn:aws:s3:::a/b")
            .eval_decision(decision)
    }

    fn specific(name: &str, decision: Decision, missing: &str) -> ResourceSpecificResult {
        ResourceSpecificResult::builder()
            .eval_resource_name(name)
            .eval_resource_decision(decision)
            .missing_context_values(missing)
            .build()
            .unwrap()
    }

    #[test]
    fn a_flat_result_is_the_answer() {
        let flat = result(Decision::ExplicitDeny).missing_context_values("aws:SourceIp");
        let [answer] = answers_of(flat.build().unwrap())
            .unwrap()
            .try_into()
            .unwrap();
        assert_eq!(answer.decision, SimulatedDecision::ExplicitDeny);
        assert_eq!(answer.resource, "arn:aws:s3:::a/b");
        assert_eq!(answer.missing, ["aws:SourceIp"]);
        assert_eq!(answer.organization_allows, None);
    }

    #[test]
    fn a_sum_over_resources_is_not_taken_for_each() {
        let organization = OrganizationsDecisionDetail::builder().allowed_by_organizations(false);
        let sum = result(Decision::ImplicitDeny)
            .missing_context_values("a:b")
            .organizations_decision_detail(organization.build())
            .resource_specific_results(specific("arn:aws:s3:::a/b", Decision::Allowed, "c:d"))
            .resource_specific_results(specific("arn:aws:s3:::c", Decision::ImplicitDeny, "a:b"));
        let answers = answers_of(sum.build().unwrap()).unwrap();
        assert_eq!(answers[0].decision, SimulatedDecision::Allowed);
        assert_eq!(answers[0].organization_allows, Some(true));
        assert_eq!(answers[0].missing, ["a:b", "c:d"]);
        assert_eq!(answers[1].decision, SimulatedDecision::ImplicitDeny);
        assert_eq!(answers[1].organization_allows, None);
        assert_eq!(answers[1].missing, ["a:b"]);
    }

    #[test]
    fn a_decision_of_tomorrow_is_not_guessed() {
        let odd = result(Decision::from("perhaps")).build().unwrap();
        assert!(answers_of(odd).unwrap_err().contains("`perhaps`"));
    }
}
