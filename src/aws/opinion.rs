//! AWS's own opinion of a policy: IAM Access Analyzer, as plain data.

use aws_sdk_accessanalyzer::types::{
    Access, AccessCheckPolicyType, PathElement, PolicyType, ReasonSummary, ValidatePolicyFinding,
    ValidatePolicyResourceType,
};

use super::connection::Connection;
use super::error::{CallError, failed, lacking};
use crate::policy::Kind;
use crate::preflight::{Judgement, Place, Remark};

const VALIDATE: &str = "access-analyzer:ValidatePolicy";
const NEW_ACCESS: &str = "access-analyzer:CheckNoNewAccess";
const NOT_GRANTED: &str = "access-analyzer:CheckAccessNotGranted";

impl Connection {
    /// Asks what is wrong with a policy: every page of the findings.
    ///
    /// # Errors
    ///
    /// It may not be asked, or was not answered.
    pub fn validate_policy(&self, document: &str, kind: Kind) -> Result<Vec<Remark>, CallError> {
        let (policy_type, resource_type) = match kind {
            Kind::Scp => (PolicyType::ServiceControlPolicy, None),
            Kind::Rcp => (PolicyType::ResourceControlPolicy, None),
            Kind::Trust => {
                let role = ValidatePolicyResourceType::RoleTrust;
                (PolicyType::ResourcePolicy, Some(role))
            }
            Kind::Resource | Kind::VpcEndpoint => (PolicyType::ResourcePolicy, None),
            _ => (PolicyType::IdentityPolicy, None),
        };
        let pages = self
            .analyzer
            .validate_policy()
            .policy_document(document)
            .policy_type(policy_type)
            .set_validate_policy_resource_type(resource_type)
            .into_paginator()
            .items()
            .send();
        let findings: Result<Vec<_>, _> = self.wait(pages.try_collect());
        let findings = findings.map_err(failed(VALIDATE, ""))?;
        Ok(findings.into_iter().map(remark).collect())
    }

    /// Asks whether a policy grants anything that another does not.
    ///
    /// # Errors
    ///
    /// As [`Connection::validate_policy`]; Access Analyzer also refuses what it cannot analyse.
    pub fn check_no_new_access(
        &self,
        new: &str,
        existing: &str,
        kind: Kind,
    ) -> Result<Judgement, CallError> {
        let asked = self
            .analyzer
            .check_no_new_access()
            .new_policy_document(new)
            .existing_policy_document(existing)
            .policy_type(checked(kind));
        let answer = self.wait(asked.send()).map_err(failed(NEW_ACCESS, ""))?;
        let result = answer.result.as_ref().map(|it| it.as_str());
        judgement(NEW_ACCESS, result, answer.message, answer.reasons)
    }

    /// Asks whether a policy grants none of these actions, and nothing on these resources.
    ///
    /// # Errors
    ///
    /// As [`Connection::check_no_new_access`].
    pub fn check_access_not_granted(
        &self,
        document: &str,
        actions: &[String],
        resources: &[String],
        kind: Kind,
    ) -> Result<Judgement, CallError> {
        let given = |list: &[String]| Some(list.to_vec()).filter(|it| !it.is_empty());
        let access = Access::builder()
            .set_actions(given(actions))
            .set_resources(given(resources))
            .build();
        let asked = self
            .analyzer
            .check_access_not_granted()
            .policy_document(document)
            .access(access)
            .policy_type(checked(kind));
        let answer = self.wait(asked.send()).map_err(failed(NOT_GRANTED, ""))?;
        let result = answer.result.as_ref().map(|it| it.as_str());
        judgement(NOT_GRANTED, result, answer.message, answer.reasons)
    }
}

fn checked(kind: Kind) -> AccessCheckPolicyType {
    match kind {
        Kind::Trust | Kind::Resource | Kind::VpcEndpoint => AccessCheckPolicyType::ResourcePolicy,
        _ => AccessCheckPolicyType::IdentityPolicy,
    }
}

fn remark(finding: ValidatePolicyFinding) -> Remark {
    let locations = finding.locations.into_iter().map(|it| {
        let start = it.span.and_then(|it| it.start);
        let position = start.and_then(|it| {
            let (line, column) = (u32::try_from(it.line), u32::try_from(it.column));
            Some((line.ok()?, column.ok()?))
        });
        Place {
            path: it.path.iter().map(element).collect(),
            position,
        }
    });
    Remark {
        locations: locations.collect(),
        finding_type: finding.finding_type.as_str().to_owned(),
        issue_code: finding.issue_code,
        details: finding.finding_details,
        link: finding.learn_more_link,
    }
}

fn element(element: &PathElement) -> String {
    match element {
        PathElement::Index(at) => at.to_string(),
        PathElement::Key(text) | PathElement::Value(text) => text.clone(),
        // Part of the value before it.
        PathElement::Substring(part) => format!("{}+{}", part.start, part.length),
        _ => "?".to_owned(),
    }
}

fn judgement(
    operation: &'static str,
    result: Option<&str>,
    message: Option<String>,
    reasons: Option<Vec<ReasonSummary>>,
) -> Result<Judgement, CallError> {
    let passes = match result {
        Some("PASS") => true,
        Some("FAIL") => false,
        _ => return Err(lacking(operation, "")),
    };
    let reasons = reasons.unwrap_or_default().into_iter().map(|it| {
        let position = it.statement_index.and_then(|it| usize::try_from(it).ok());
        (
            it.description.unwrap_or_default(),
            position,
            it.statement_id,
        )
    });
    Ok(Judgement {
        passes,
        message: message.unwrap_or_default(),
        reasons: reasons.collect(),
    })
}
