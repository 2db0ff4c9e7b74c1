//! From a snapshot of an account to the policies that decide what one of its principals may do.
//!
//! A document is read as one in a file is, under the name of its ARN. What the snapshot could not
//! read is never taken for empty: a principal that is not complete is said to be so, and
//! organization policies that could not be read leave nothing certainly allowed.

use crate::account::{self, Snapshot, Text, Unread};
use crate::arn::Arn;
use crate::evaluate::{Level, Policies};
use crate::finding::Finding;
use crate::policy::{Document, Kind, grammar, lower};
use crate::read;
use crate::source::{FileId, Location, Sources};

/// The policies of one principal and of its account.
#[derive(Debug, Default)]
pub struct Replay {
    /// All but the policies of resources.
    pub policies: Policies,
    /// The role trust policy.
    pub trust: Option<Document>,
    /// Policies of resources.
    pub resource_policies: Vec<Document>,
    /// What is wrong with documents that were read.
    pub findings: Vec<Finding>,
    /// Documents of which AWS gave the text and that cannot be read.
    pub unread: Vec<Finding>,
    /// The ARNs of managed policies and roles that texts are of.
    pub arns: Vec<(FileId, String)>,
    /// Whether policies of the organization could not be read: they can only take away.
    pub limits_unread: bool,
}

/// Reads what a snapshot holds of one principal; the texts join `sources`.
#[must_use]
pub fn replay(
    snapshot: &Snapshot,
    principal: &account::Principal,
    sources: &mut Sources,
) -> Replay {
    let mut reader = Reader {
        sources,
        replay: Replay::default(),
    };
    reader.own(principal);
    reader.resources(snapshot);
    reader.organization(snapshot);
    reader.replay
}

/// Returns what is wrong with a document's form, without repeated keys, which `read` reports for
/// every document it hands out (G3).
#[must_use]
pub fn problems(sources: &Sources, file: FileId, document: &Document) -> Vec<Finding> {
    let text = sources.text_at(Location {
        file,
        span: document.span,
    });
    // A document held in a text of its own is longer there than for AWS: its size is not judged.
    let text = if text.starts_with('{') { text } else { "" };
    let problems = grammar::problems(document, text);
    let own = problems.iter().filter(|problem| problem.rule != "G3");
    own.map(|problem| problem.finding(file)).collect()
}

/// Whether something that could not be read belongs to the organization.
#[must_use]
pub fn is_of_organization(unread: &Unread) -> bool {
    unread.operation.starts_with("organizations:")
}

/// Puts texts where the documents of files are.
struct Reader<'s> {
    sources: &'s mut Sources,
    replay: Replay,
}

impl Reader<'_> {
    fn own(&mut self, principal: &account::Principal) {
        for policy in &principal.policies {
            let mut documents = self.documents(&policy.text, Kind::Identity);
            self.replay.policies.identity.append(&mut documents);
        }
        if let Some(text) = &principal.boundary {
            // One that cannot be read still says that there is a boundary.
            let documents = self.documents(text, Kind::Boundary);
            self.replay.policies.boundary = Some(documents);
        }
        if let Some(text) = &principal.trust {
            self.replay.trust = self.documents(text, Kind::Trust).pop();
        }
    }

    fn resources(&mut self, snapshot: &Snapshot) {
        for text in &snapshot.resource_policies {
            let mut documents = self.documents(text, Kind::Resource);
            for document in &mut documents {
                document.of = Some(text.name.as_str().into());
            }
            self.replay.resource_policies.append(&mut documents);
        }
    }

    /// Adds the organization's policies.
    ///
    /// Neither service control policies nor resource control policies bind the management account
    /// (AWS Organizations User Guide, "Service control policies (SCPs)" and "Resource control
    /// policies (RCPs)").
    fn organization(&mut self, snapshot: &Snapshot) {
        if snapshot.in_no_organization {
            return;
        }
        let unread = snapshot.unread.iter().any(is_of_organization);
        let Some(organization) = &snapshot.organization else {
            self.replay.limits_unread = unread;
            return;
        };
        if organization.management_account == snapshot.account {
            return;
        }
        self.replay.policies.scps = self.levels(organization.scps.as_deref(), Kind::Scp);
        self.replay.policies.rcps = self.levels(organization.rcps.as_deref(), Kind::Rcp);
        self.replay.limits_unread = unread;
    }

    fn levels(&mut self, levels: Option<&[account::Level]>, kind: Kind) -> Vec<Level> {
        let levels = levels.unwrap_or_default().iter();
        levels
            .map(|level| Level {
                target: level.target.clone(),
                policies: level
                    .policies
                    .iter()
                    .flat_map(|text| self.documents(text, kind))
                    .collect(),
            })
            .collect()
    }

    fn documents(&mut self, text: &Text, kind: Kind) -> Vec<Document> {
        let mut documents = Vec::new();
        let mut reading = read::read(
            self.sources,
            &text.name,
            text.text.as_bytes().into(),
            &mut |found| {
                let mut document = lower(found.value, kind);
                document.file = Some(found.file);
                documents.push(document);
            },
        );
        let replay = &mut self.replay;
        replay.findings.append(&mut reading.findings);
        replay.unread.append(&mut reading.unread);
        for document in &documents {
            let mut own = problems(self.sources, reading.file, document);
            replay.findings.append(&mut own);
        }
        // An inline policy has no ARN of its own.
        let has_arn = Arn::parse(&text.name).is_some() && !text.name.contains('#');
        let files = documents.iter().filter_map(|it| it.file);
        let files = files.filter(|_| has_arn);
        replay.arns.extend(files.map(|it| (it, text.name.clone())));
        documents
    }
}
