//! AWS's own opinion of the principal's policies, beside ours: IAM Access Analyzer.
//!
//! It judges one document at a time, without boundary and without the organization, so it settles no
//! requirement. Where it and we say different things, both are shown.

use super::Account;
use crate::account::{Snapshot, Unread};
use crate::analyze::{Access, Analysis, Found};
use crate::catalog::Catalog;
use crate::evaluate::{Policies, Principal, Settings};
use crate::finding::{Finding, FindingType};
use crate::policy::{Document, Kind, written};
use crate::source::Sources;

/// A finding of `ValidatePolicy` (IAM Access Analyzer API Reference, "ValidatePolicyFinding").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// `ERROR`, `SECURITY_WARNING`, `WARNING` or `SUGGESTION`.
    pub finding_type: String,
    /// Its code, such as `PASS_ROLE_WITH_STAR_IN_RESOURCE`.
    pub issue_code: String,
    /// AWS's words.
    pub details: String,
    /// Where AWS explains it.
    pub link: String,
    /// Where it is.
    pub locations: Vec<Place>,
}

/// A place in a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Keys and positions from the outside in, such as `Statement`, `0`, `Action`.
    pub path: Vec<String>,
    /// The line, from 1, and the column, from 0; none where AWS gave none.
    pub position: Option<(u32, u32)>,
}

/// What a check of access says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Whether it passes: no new access, or none of the access.
    pub passes: bool,
    /// AWS's words.
    pub message: String,
    /// Statements that fail it: AWS's words, the position and the `Sid`.
    pub reasons: Vec<(String, Option<usize>, Option<String>)>,
}

/// What AWS and we say of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// The document's name.
    pub document: String,
    /// What AWS finds wrong with it.
    pub remarks: Vec<Remark>,
    /// How many errors we find in it.
    pub own_errors: usize,
    /// Whether it grants one of [`TAKEOVER`]: what AWS says; none: it was not asked.
    pub grants: Option<bool>,
    /// What we say; none: we cannot tell.
    pub own_grants: Option<bool>,
}

/// Actions that make whoever has them somebody else: no profile needs one.
pub const TAKEOVER: [&str; 6] = [
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:PutUserPolicy",
    "iam:UpdateAccessKey",
    "iam:UpdateLoginProfile",
];

/// The same, for our own analysis.
const TAKEOVER_FAMILY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:AttachUserPolicy","iam:CreateAccessKey","iam:CreateLoginProfile","iam:PutUserPolicy","iam:UpdateAccessKey","iam:UpdateLoginProfile"],"Resource":"*"}}"#;

impl Opinion {
    /// Returns what AWS and we do not agree on, one line each.
    #[must_use]
    pub fn disagreements(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let errors = self.remarks.iter().filter(|it| it.finding_type == "ERROR");
        match (errors.count(), self.own_errors) {
            (0, 0) => {}
            (0, own) => lines.push(format!("we find {own} errors, and AWS finds none")),
            (aws, 0) => lines.push(format!("AWS finds {aws} errors, and we find none")),
            _ => {}
        }
        match (self.grants, self.own_grants) {
            (Some(true), Some(false)) => lines.push(
                "AWS says that it lets the vendor become another user, and we say that it does not"
                    .to_owned(),
            ),
            (Some(false), Some(true)) => lines.push(
                "we say that it lets the vendor become another user, and AWS says that it does not"
                    .to_owned(),
            ),
            _ => {}
        }
        lines
    }
}

/// What our own analysis found, to be compared.
pub(super) struct Own<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) principal: &'a Principal,
    pub(super) identity: &'a [Document],
    pub(super) findings: &'a [Finding],
    pub(super) sources: &'a Sources,
    pub(super) catalog: &'a Catalog,
}

/// Asks about each identity policy; the first refusal ends it.
pub(super) fn ask(own: &Own<'_>, account: &mut dyn Account) -> (Vec<Opinion>, Option<Unread>) {
    let mut opinions = Vec::new();
    let principals = own.snapshot.principals.iter();
    for policy in principals.flat_map(|it| &it.policies) {
        let text = &policy.text;
        let remarks = match account.validate(&text.text, Kind::Identity) {
            Ok(remarks) => remarks,
            Err(unread) => return (opinions, Some(*unread)),
        };
        let (grants, refused) = match account.grants(&text.text, &TAKEOVER) {
            Ok(judgement) => (Some(!judgement.passes), None),
            Err(unread) => (None, Some(*unread)),
        };
        opinions.push(Opinion {
            document: text.name.clone(),
            remarks,
            own_errors: own.errors(&text.name),
            grants,
            own_grants: own.grants(&text.name),
        });
        if refused.is_some() {
            return (opinions, refused);
        }
    }
    (opinions, None)
}

impl Own<'_> {
    fn is_of(&self, name: &str, file: crate::source::FileId) -> bool {
        self.sources.get(file).name == name
    }

    fn errors(&self, name: &str) -> usize {
        let errors = self.findings.iter().filter(|it| {
            it.finding_type == FindingType::Error && self.is_of(name, it.primary.location.file)
        });
        errors.count()
    }

    fn grants(&self, name: &str) -> Option<bool> {
        let documents = self.identity.iter();
        let own = documents.filter(|it| it.file.is_some_and(|file| self.is_of(name, file)));
        let policies = Policies {
            identity: own.cloned().collect(),
            ..Policies::default()
        };
        let access = Access {
            policies: &policies,
            principal: self.principal,
            resource_account: None,
            settings: &Settings::default(),
        };
        let family = [written(TAKEOVER_FAMILY, Kind::Identity)];
        match Analysis::new(self.catalog).find_allowed(&family, &access) {
            Found::Nothing => Some(false),
            Found::Request(_) => Some(true),
            Found::Unknown(_) => None,
        }
    }
}
