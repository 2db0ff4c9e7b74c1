//! Statements that grant one action on everything or on all but some, and what would narrow them:
//! the forms that IAM Access Analyzer tells apart for `iam:PassRole` and
//! `iam:CreateServiceLinkedRole`.

use super::escalation::services_passed_by;
use super::expand::ActionRef;
use super::grant::{Ask, Grant};
use super::subject::Subject;
use crate::finding::Edit;
use crate::json::edit::{Position, quoted};
use crate::policy::{Effect, Version};

/// A grant on everything or on all but some.
#[derive(Clone, Copy, Debug)]
pub struct WideGrant<'a> {
    /// The grant.
    pub grant: Grant<'a>,
    /// `NotAction` leaves the action in.
    pub not_action: bool,
    /// `NotResource` leaves the resources in.
    pub not_resource: bool,
}

/// The services whose service-linked roles a service's actions make, by prefix (AWS: the pages
/// "Using service-linked roles" of each service's guide, read in 2026-09). A service that is not
/// here may have roles under names that no list tells.
const LINKED: [(&str, &[&str]); 24] = [
    ("access-analyzer", &["access-analyzer.amazonaws.com"]),
    ("autoscaling", &["autoscaling.amazonaws.com"]),
    ("backup", &["backup.amazonaws.com"]),
    ("cloud9", &["cloud9.amazonaws.com"]),
    (
        "config",
        &["config.amazonaws.com", "config-conforms.amazonaws.com"],
    ),
    ("dax", &["dax.amazonaws.com"]),
    ("ecs", &["ecs.amazonaws.com"]),
    (
        "eks",
        &[
            "eks.amazonaws.com",
            "eks-fargate.amazonaws.com",
            "eks-nodegroup.amazonaws.com",
        ],
    ),
    ("elasticache", &["elasticache.amazonaws.com"]),
    (
        "elasticloadbalancing",
        &["elasticloadbalancing.amazonaws.com"],
    ),
    ("elasticmapreduce", &["elasticmapreduce.amazonaws.com"]),
    (
        "es",
        &["es.amazonaws.com", "opensearchservice.amazonaws.com"],
    ),
    (
        "fsx",
        &[
            "fsx.amazonaws.com",
            "s3.data-source.lustre.fsx.amazonaws.com",
        ],
    ),
    (
        "guardduty",
        &[
            "guardduty.amazonaws.com",
            "malware-protection.guardduty.amazonaws.com",
        ],
    ),
    (
        "inspector2",
        &[
            "agentless.inspector2.amazonaws.com",
            "inspector2.amazonaws.com",
        ],
    ),
    ("kafka", &["kafka.amazonaws.com"]),
    ("macie2", &["macie.amazonaws.com"]),
    ("mq", &["mq.amazonaws.com"]),
    ("network-firewall", &["network-firewall.amazonaws.com"]),
    ("organizations", &["organizations.amazonaws.com"]),
    ("rds", &["rds.amazonaws.com"]),
    ("redshift", &["redshift.amazonaws.com"]),
    ("ssm", &["ssm.amazonaws.com"]),
    ("vpc-lattice", &["vpc-lattice.amazonaws.com"]),
];

/// What users do with their own credentials.
const OWN_CREDENTIALS: [&str; 10] = [
    "iam:ChangePassword",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:DeleteAccessKey",
    "iam:DeleteLoginProfile",
    "iam:GetLoginProfile",
    "iam:GetUser",
    "iam:ListAccessKeys",
    "iam:UpdateAccessKey",
    "iam:UpdateLoginProfile",
];

/// More services than these are a guess at what a document is for.
const MOST_SERVICES: usize = 3;

impl<'a> Subject<'a> {
    /// Returns how a statement grants an action on every resource of a type, or on all but some,
    /// without a condition that limits it and without a Deny against it.
    #[must_use]
    pub fn wide_grant(&self, index: usize, action: &str) -> Option<WideGrant<'a>> {
        let statement = self.document.statements.get(index)?;
        let prefix = action.split(':').next().unwrap_or_default();
        if statement.effect != Effect::Allow
            || !self.names_service(prefix)
            || !self.may_match(statement, action)
        {
            return None;
        }
        let context = &[];
        let open = self.open_grants(Ask { action, context });
        let grant = open.into_iter().find(|it| it.index == index)?;
        let resource = grant.statement.resource.as_ref();
        Some(WideGrant {
            grant,
            not_action: grant.statement.action.negated,
            not_resource: resource.is_some_and(|it| it.negated),
        })
    }

    /// Returns whether a statement names this action and no other.
    #[must_use]
    pub fn names_only(&self, index: usize, action: &str) -> bool {
        let own = self.actions(index);
        own.is_some_and(|it| matches!(it, [only] if only.is(action)))
    }

    /// Returns the services that the other actions of the document pass roles to; `None` if some
    /// action may pass one to a service that is not known, or there are too many to guess.
    #[must_use]
    pub fn services_passed_to(&self) -> Option<Vec<&'static str>> {
        let mut services = Vec::new();
        for (index, statement) in self.document.statements.iter().enumerate() {
            if statement.effect != Effect::Allow {
                continue;
            }
            for action in self.actions(index)? {
                let before = services.len();
                let name = action.name().to_ascii_lowercase();
                services.extend(services_passed_by(&name));
                let mut needed = action.action.dependent_actions.iter();
                let passes = needed.any(|it| it.eq_ignore_ascii_case("iam:PassRole"));
                if passes && services.len() == before {
                    return None;
                }
            }
        }
        few(services)
    }

    /// Returns the services whose service-linked roles the other actions of the document may make;
    /// `None` if some service has roles that are not known, or there are too many to guess.
    #[must_use]
    pub fn services_linked_to(&self) -> Option<Vec<&'static str>> {
        let mut services = Vec::new();
        for (index, statement) in self.document.statements.iter().enumerate() {
            if statement.effect != Effect::Allow {
                continue;
            }
            for action in self.actions(index)? {
                let prefix = action.service.prefix();
                if ["iam", "sts"].contains(&prefix) {
                    continue;
                }
                let known = LINKED.iter().find(|(it, _)| *it == prefix)?;
                services.extend(known.1);
            }
        }
        few(services)
    }

    /// Returns the edit that lets a statement without conditions apply only where a key has one of
    /// these values.
    #[must_use]
    pub fn pin(&self, index: usize, key: &str, values: &[&str]) -> Option<Edit> {
        let statement = self.document.statements.get(index)?;
        if !statement.conditions.is_empty() {
            return None;
        }
        let values: Vec<String> = values.iter().map(|it| quoted(it)).collect();
        let json = match values.as_slice() {
            [only] => only.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        let condition = format!("{{ \"StringEquals\": {{ {}: {json} }} }}", quoted(key));
        let editor = self.editor()?;
        editor.insert_member(statement.span, Position::Last, "Condition", &condition)
    }

    /// Returns the edit that limits a grant of everything to the caller's own user, where the
    /// statement is about a user's own credentials only (IAM User Guide, "AWS: Allows IAM users to
    /// manage their own credentials on the My security credentials page").
    #[must_use]
    pub fn limit_to_own_user(&self, grant: Grant<'_>) -> Option<Edit> {
        let element = grant.statement.resource.as_ref()?;
        let is_everything = match element.patterns.as_slice() {
            [only] => only.is_everything() && !element.negated,
            _ => false,
        };
        if !is_everything || self.document.version != Version::V2012 {
            return None;
        }
        let own = self.actions(grant.index)?;
        let is_own = |it: &ActionRef| OWN_CREDENTIALS.iter().any(|name| it.is(name));
        if !own.iter().all(is_own) {
            return None;
        }
        let editor = self.editor()?;
        Some(editor.replace_text(grant.resource, "arn:aws:iam::*:user/${aws:username}"))
    }

    /// Returns the edits that take actions out of a statement that names them one by one, among
    /// others.
    #[must_use]
    pub fn without_actions(&self, grant: Grant<'_>, actions: &[&str]) -> Option<Vec<Edit>> {
        let element = &grant.statement.action;
        let named = element.patterns.iter().filter(|pattern| {
            let mut own = actions.iter();
            own.any(|it| pattern.folded().eq_ignore_ascii_case(it))
        });
        let spans: Vec<_> = named.map(|it| it.span).collect();
        let editor = self.editor().filter(|_| !element.negated)?;
        if spans.is_empty() || spans.len() == element.patterns.len() {
            return None;
        }
        editor.remove_all(&spans)
    }

    /// Returns the edit that adds an action to the `NotAction` of a statement.
    #[must_use]
    pub fn except_action(&self, index: usize, action: &str) -> Option<Edit> {
        let statement = self.document.statements.get(index)?;
        let element = &statement.action;
        let editor = self.editor().filter(|_| element.negated)?;
        editor.append_element(element.span, &quoted(action))
    }
}

fn few(mut services: Vec<&'static str>) -> Option<Vec<&'static str>> {
    services.sort_unstable();
    services.dedup();
    (1..=MOST_SERVICES)
        .contains(&services.len())
        .then_some(services)
}
