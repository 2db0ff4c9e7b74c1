//! The policies of a run: flags that say which document goes into which layer, and their loading.
//!
//! Shared by `simulate` and `check`. Opens files through `input`, finds the documents
//! with `read` and lowers them. A document that certainly is of another kind than its
//! flag says is refused: deciding with it would answer another question.

use std::fmt::Write as _;

use clap::Args;
use thiserror::Error;

use super::input::{self, InputError};
use super::replay::{self, Replayed};
use super::revision::{self, RevisionError};
use crate::evaluate::{Level, Policies};
use crate::finding::{self, Finding};
use crate::json;
use crate::policy::{Document, Effect, Kind, Statement, is_trust, kind_of, lower};
use crate::read::{self, Facts, KindHint};
use crate::replay::problems;
use crate::source::{FileId, Sources};
use crate::store::snapshot::SnapshotError;

/// Which documents take part, by layer. `-` is standard input.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Policies")]
pub struct PolicyArgs {
    /// Identity policies of the caller: its own, attached ones, those of its groups.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub identity: Vec<String>,
    /// The caller's permissions boundary.
    #[arg(long, value_name = "FILE")]
    pub boundary: Option<String>,
    /// Session policies of the caller.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub session: Vec<String>,
    /// Service control policies. Those with the same TARGET (root, organizational unit, account)
    /// are one level; levels in order, root first. Without TARGET all are one level.
    #[arg(long, value_name = "[TARGET=]FILE", num_args = 1..)]
    pub scp: Vec<String>,
    /// Resource control policies of the owner's account, as `--scp`. `RCPFullAWSAccess` is implied.
    #[arg(long, value_name = "[TARGET=]FILE", num_args = 1..)]
    pub rcp: Vec<String>,
    /// The policy of the resource, such as a bucket policy or a key policy.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub resource_policy: Vec<String>,
    /// The trust policy of the role that is assumed.
    #[arg(long, value_name = "FILE")]
    pub trust: Option<String>,
    /// The policy of the VPC endpoint that the request goes through.
    #[arg(long, value_name = "FILE")]
    pub endpoint_policy: Option<String>,
    /// Do not add AWS's `FullAWSAccess` to a level whose service control policies allow nothing.
    #[arg(long)]
    pub no_full_aws_access: bool,
    /// A saved snapshot of an account: fills every layer; files add to it.
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<String>,
    /// Whose policies to take from the snapshot, where it holds several users and roles.
    #[arg(long, value_name = "ARN", requires = "snapshot")]
    pub snapshot_principal: Option<String>,
}

impl PolicyArgs {
    /// Lets the caller of a command choose whose policies are taken, unless a flag does.
    pub(super) fn of_principal(&mut self, principal: Option<&str>) {
        if self.snapshot.is_some() && self.snapshot_principal.is_none() {
            self.snapshot_principal = principal.map(Into::into);
        }
    }

    /// Whether there is anything to decide with.
    pub(super) fn has_own(&self) -> bool {
        !self.identity.is_empty() || self.trust.is_some() || self.snapshot.is_some()
    }
}

/// The policies of a run.
#[derive(Debug, Default)]
pub struct LoadedPolicies {
    /// Every text that was read.
    pub sources: Sources,
    /// All but the policies of resources.
    pub policies: Policies,
    /// Policies of resources.
    pub resource_policies: Vec<Document>,
    /// Boundaries of roles that the caller creates.
    pub workload_boundaries: Vec<Document>,
    /// The role's trust policy.
    pub trust: Option<Document>,
    /// What is wrong with documents that were read.
    pub findings: Vec<Finding>,
    /// What could not be read: whatever is decided, it was decided without these.
    pub unread: Vec<Finding>,
    /// What was taken for granted, in words.
    pub assumptions: Vec<String>,
    /// The snapshot that policies were taken from.
    pub snapshot: Option<Replayed>,
}

/// Why the policies of a run cannot be used; each is the user's to put right.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// The user named a text that cannot be opened.
    #[error("`{flag}`: {error}")]
    Open {
        /// The flag that names it.
        flag: &'static str,
        /// What is wrong.
        #[source]
        error: InputError,
    },
    /// The user named a file of a git revision that cannot be read.
    #[error("`{flag}`: {error}")]
    Revision {
        /// The flag that names it.
        flag: &'static str,
        /// What is wrong.
        #[source]
        error: RevisionError,
    },
    /// The user gave a document of one kind as one of another.
    #[error("`{flag} {name}`: {what}\nhelp: {help}")]
    OtherKind {
        /// The flag.
        flag: &'static str,
        /// The text.
        name: String,
        /// What it is.
        what: String,
        /// What to do.
        help: String,
    },
    /// The user gave a file with several documents where AWS attaches one.
    #[error(
        "`{flag} {name}` holds {count} policy documents, and AWS attaches one there\nhelp: put the one that counts into a file of its own"
    )]
    Several {
        /// The flag.
        flag: &'static str,
        /// The text.
        name: String,
        /// How many.
        count: usize,
    },
    /// The user wrote no file after `TARGET=`.
    #[error("`{flag} {text}` names no file\nhelp: write `{flag} TARGET=FILE` or `{flag} FILE`")]
    NoFile {
        /// The flag.
        flag: &'static str,
        /// What was written.
        text: String,
    },
    /// Standard input can be read once.
    #[error("`-` (standard input) is named twice\nhelp: put one of the two into a file")]
    StdinTwice,
    /// The user named a file that is no snapshot.
    #[error("`--snapshot`: {0}")]
    Snapshot(#[from] SnapshotError),
    /// The user named a file that is no text.
    #[error("`--snapshot {name}` {what}\nhelp: is this the right file?")]
    SnapshotText {
        /// The file.
        name: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The user did not say whose policies, or of somebody who is not in the snapshot.
    #[error("the snapshot `{name}` {what}\nhelp: {help}")]
    SnapshotPrincipal {
        /// The file.
        name: String,
        /// What is wrong.
        what: String,
        /// What to do.
        help: String,
    },
    /// The user gave a file for a policy of which there is one, and the snapshot holds it.
    #[error(
        "`{flag}`: the snapshot holds that of `{principal}`, and there can be one only\nhelp: leave `{flag}` out, or judge files instead of the snapshot"
    )]
    BesideSnapshot {
        /// The flag.
        flag: &'static str,
        /// Whose it is.
        principal: String,
    },
}

/// The name under which an assumed `FullAWSAccess` appears in places.
const FULL_AWS_ACCESS_NAME: &str = "FullAWSAccess (assumed)";
/// AWS Organizations User Guide, "Service control policies (SCPs)": the policy attached by default.
const FULL_AWS_ACCESS: &str = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{ \"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\" }]\n}\n";

/// Loads every policy that the flags name.
///
/// # Errors
///
/// A text cannot be opened, or holds a document that does not belong where the flag puts it.
pub fn load(args: &PolicyArgs) -> Result<LoadedPolicies, PolicyError> {
    load_with_boundaries(args, &[])
}

/// Loads every policy that the flags name, and boundaries of roles that the caller creates.
///
/// # Errors
///
/// As [`load`].
pub fn load_with_boundaries(
    args: &PolicyArgs,
    workload_boundaries: &[String],
) -> Result<LoadedPolicies, PolicyError> {
    let mut loader = Loader::default();
    let workload = loader.many("--workload-boundary", workload_boundaries, Kind::Boundary)?;
    let identity = loader.many("--identity", &args.identity, Kind::Identity)?;
    let boundary = loader.optional("--boundary", args.boundary.as_ref(), Kind::Boundary)?;
    let session = loader.many("--session", &args.session, Kind::Session)?;
    let mut scps = loader.levels("--scp", &args.scp, Kind::Scp)?;
    let rcps = loader.levels("--rcp", &args.rcp, Kind::Rcp)?;
    let resource_policies = args
        .resource_policy
        .iter()
        .map(|name| loader.one("--resource-policy", name, Kind::Resource));
    let resource_policies = resource_policies
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect();
    let trust = loader.optional("--trust", args.trust.as_ref(), Kind::Trust)?;
    let endpoint = loader.optional(
        "--endpoint-policy",
        args.endpoint_policy.as_ref(),
        Kind::VpcEndpoint,
    )?;
    if !args.no_full_aws_access {
        loader.add_full_aws_access(&mut scps);
    }
    let loaded = &mut loader.loaded;
    loaded.policies = Policies {
        identity,
        // A flag whose file could not be read still says that there is such a policy.
        boundary: args
            .boundary
            .is_some()
            .then(|| boundary.into_iter().collect()),
        session: (!args.session.is_empty()).then_some(session),
        scps,
        rcps,
        resource: None,
        endpoint: args
            .endpoint_policy
            .is_some()
            .then(|| endpoint.into_iter().collect()),
    };
    loaded.resource_policies = resource_policies;
    loaded.workload_boundaries = workload;
    loaded.trust = trust;
    if let Some(file) = &args.snapshot {
        replay::add(&mut loader, args, file)?;
    }
    let mut loaded = loader.loaded;
    finding::sort(&mut loaded.findings);
    finding::sort(&mut loaded.unread);
    Ok(loaded)
}

/// Reads documents, flag by flag.
#[derive(Default)]
pub(super) struct Loader {
    /// What was read so far.
    pub(super) loaded: LoadedPolicies,
    /// Whether `REV:path` is a file of a git revision.
    pub(super) revisions: bool,
    stdin_is_read: bool,
}

impl Loader {
    pub(super) fn many(
        &mut self,
        flag: &'static str,
        names: &[String],
        kind: Kind,
    ) -> Result<Vec<Document>, PolicyError> {
        let mut documents = Vec::new();
        for name in names {
            documents.append(&mut self.documents(flag, name, kind)?);
        }
        Ok(documents)
    }

    pub(super) fn optional(
        &mut self,
        flag: &'static str,
        name: Option<&String>,
        kind: Kind,
    ) -> Result<Option<Document>, PolicyError> {
        name.map_or(Ok(None), |name| self.one(flag, name, kind))
    }

    fn one(
        &mut self,
        flag: &'static str,
        name: &str,
        kind: Kind,
    ) -> Result<Option<Document>, PolicyError> {
        let mut documents = self.documents(flag, name, kind)?;
        match documents.len() {
            0 | 1 => Ok(documents.pop()),
            count => Err(PolicyError::Several {
                flag,
                name: name.into(),
                count,
            }),
        }
    }

    pub(super) fn levels(
        &mut self,
        flag: &'static str,
        texts: &[String],
        kind: Kind,
    ) -> Result<Vec<Level>, PolicyError> {
        let mut levels: Vec<Level> = Vec::new();
        for text in texts {
            let (target, name) = target_and_file(text);
            if name.is_empty() {
                return Err(PolicyError::NoFile {
                    flag,
                    text: text.clone(),
                });
            }
            let mut documents = self.documents(flag, name, kind)?;
            match levels.iter_mut().find(|level| level.target == target) {
                Some(level) => level.policies.append(&mut documents),
                None => levels.push(Level {
                    target: target.into(),
                    policies: documents,
                }),
            }
        }
        Ok(levels)
    }

    fn documents(
        &mut self,
        flag: &'static str,
        name: &str,
        kind: Kind,
    ) -> Result<Vec<Document>, PolicyError> {
        self.documents_of(flag, name, Some(kind))
    }

    /// Reads the documents of a file; without a kind each is what it looks like.
    pub(super) fn documents_of(
        &mut self,
        flag: &'static str,
        name: &str,
        kind: Option<Kind>,
    ) -> Result<Vec<Document>, PolicyError> {
        self.take_stdin(name)?;
        let input = match self.revisions.then(|| revision::open(name)).flatten() {
            Some(input) => input.map_err(|error| PolicyError::Revision { flag, error })?,
            None => input::open(name).map_err(|error| PolicyError::Open { flag, error })?,
        };
        let mut refused = None;
        let documents = self.read(&input.name, input.bytes, &mut |found| {
            let hint = found.facts.kind.and_then(|it| Kind::parse(it.as_str()));
            let of = kind.or(hint).unwrap_or_else(|| kind_of(found.value));
            let document = lower(found.value, of);
            if let Some(kind) = kind {
                let reason = contradiction(found.facts, kind).or_else(|| other_kind(&document));
                refused = refused.take().or(reason);
            }
            document
        });
        if let Some((what, help)) = refused {
            return Err(PolicyError::OtherKind {
                flag,
                name: name.into(),
                what,
                help,
            });
        }
        Ok(documents)
    }

    /// Says that a name stands for standard input, which can be read once.
    pub(super) fn take_stdin(&mut self, name: &str) -> Result<(), PolicyError> {
        if name == input::STDIN && std::mem::replace(&mut self.stdin_is_read, true) {
            return Err(PolicyError::StdinTwice);
        }
        Ok(())
    }

    /// Reads the documents of a text and keeps what is wrong with them.
    fn read(
        &mut self,
        name: &str,
        bytes: Vec<u8>,
        lowered: &mut dyn FnMut(&read::Found<'_>) -> Document,
    ) -> Vec<Document> {
        let mut documents = Vec::new();
        let sources = &mut self.loaded.sources;
        let mut reading = read::read(sources, name, bytes, &mut |found| {
            let mut document = lowered(&found);
            document.file = Some(found.file);
            documents.push(document);
        });
        self.loaded.findings.append(&mut reading.findings);
        self.loaded.unread.append(&mut reading.unread);
        for document in &documents {
            self.loaded
                .findings
                .extend(problems(&self.loaded.sources, reading.file, document));
        }
        documents
    }

    /// AWS attaches `FullAWSAccess` to every target by default; policies that only deny are written
    /// to stand beside it (AWS Organizations User Guide, "SCP evaluation").
    pub(super) fn add_full_aws_access(&mut self, scps: &mut [Level]) {
        let silent = |level: &&mut Level| {
            let mut statements = level
                .policies
                .iter()
                .flat_map(|document| &document.statements);
            !level.policies.is_empty() && !statements.any(|it| it.effect == Effect::Allow)
        };
        for level in scps.iter_mut().filter(silent) {
            let Ok(parsed) = json::parse(FULL_AWS_ACCESS) else {
                continue;
            };
            let mut document = lower(parsed.tree.root(), Kind::Scp);
            document.file = Some(self.full_aws_access_file());
            level.policies.push(document);
            let mut text = String::from(
                "AWS's `FullAWSAccess` is attached beside the service control policies",
            );
            if !level.target.is_empty() {
                let _ = write!(text, " of `{}`", level.target);
            }
            text.push_str(", which have no Allow of their own (`--no-full-aws-access`: it is not)");
            self.loaded.assumptions.push(text);
        }
    }

    fn full_aws_access_file(&mut self) -> FileId {
        let known = self
            .loaded
            .sources
            .iter()
            .find(|(_, source)| source.name == FULL_AWS_ACCESS_NAME);
        match known {
            Some((file, _)) => file,
            None => self
                .loaded
                .sources
                .add(FULL_AWS_ACCESS_NAME, FULL_AWS_ACCESS),
        }
    }
}

/// `TARGET=FILE`: a target has neither slashes nor dots, so `./a=b.json` is a file.
fn target_and_file(text: &str) -> (&str, &str) {
    match text.split_once('=') {
        Some((target, name)) if !target.is_empty() && !target.contains(['/', '\\', '.']) => {
            (target, name)
        }
        _ => ("", text),
    }
}

/// Says why the text around a document makes it one of another kind.
fn contradiction(facts: &Facts, kind: Kind) -> Option<(String, String)> {
    let hint = facts.kind?;
    let managed = facts.command == Some("aws iam get-policy-version");
    let fits = match (hint, kind) {
        // A managed policy serves as identity policy, as boundary and as session policy.
        (KindHint::Identity, Kind::Boundary | Kind::Session) => managed,
        _ => hint.as_str() == kind.as_str(),
    };
    if fits {
        return None;
    }
    let command = facts.command.unwrap_or("a command");
    let found = Kind::parse(hint.as_str()).map_or("policy", Kind::title);
    let flag = flag_of(hint);
    Some((
        format!(
            "this output of `{command}` holds {}, not {}",
            a(found),
            a(kind.title())
        ),
        format!("give it as `{flag}`, or name another file here"),
    ))
}

/// A name with its article.
fn a(name: &str) -> String {
    let article = if name.starts_with('i') { "an" } else { "a" };
    format!("{article} {name}")
}

const fn flag_of(hint: KindHint) -> &'static str {
    match hint {
        KindHint::Identity => "--identity",
        KindHint::Resource => "--resource-policy",
        KindHint::Trust => "--trust",
        KindHint::Boundary => "--boundary",
        KindHint::Session => "--session",
        KindHint::Scp => "--scp",
        KindHint::Rcp => "--rcp",
        KindHint::VpcEndpoint => "--endpoint-policy",
    }
}

/// Says why the content of a document makes it certainly one of another kind (rules G6, G10).
fn other_kind(document: &Document) -> Option<(String, String)> {
    let kind = document.kind;
    let statements = document.statements.as_slice();
    if statements.is_empty() {
        return None;
    }
    let names_principals = |it: &Statement| it.principal.is_some();
    if !kind.has_principal() {
        if !statements.iter().all(names_principals) {
            return None;
        }
        return Some(if is_trust(statements) {
            (
                format!("the document names principals and assumes roles: it is a trust policy, not {}", a(kind.title())),
                "give it as `--trust`; `aws iam get-role-policy` and `get-policy-version` print identity policies".into(),
            )
        } else {
            (
                format!(
                    "every statement names a principal: the document is a policy of a resource, not {}",
                    a(kind.title())
                ),
                "give it as `--resource-policy`, `--endpoint-policy` or `--rcp`".into(),
            )
        });
    }
    if !statements.iter().any(names_principals) {
        return Some((
            format!("no statement names a principal, as every statement of {} does", a(kind.title())),
            "is it an identity policy (`--identity`), a boundary (`--boundary`) or an SCP (`--scp`)?".into(),
        ));
    }
    match kind {
        Kind::Trust if statements.iter().all(|it| it.resource.is_some()) => Some((
            "every statement has a `Resource`, and a trust policy is about its role alone".into(),
            "is it the policy of a resource (`--resource-policy`)?".into(),
        )),
        Kind::Resource | Kind::VpcEndpoint | Kind::Rcp if is_trust(statements) => Some((
            format!("the document assumes roles: it is a trust policy, not {}", a(kind.title())),
            "give it as `--trust`".into(),
        )),
        Kind::Rcp if statements.iter().all(|it| it.effect == Effect::Allow && it.resource.as_ref().is_some_and(|it| !it.patterns.iter().any(|it| it.is_everything()))) => Some((
            "every statement allows: the document is the policy of a resource, not a resource control policy, which only denies".into(),
            "give it as `--resource-policy`".into(),
        )),
        _ => None,
    }
}
