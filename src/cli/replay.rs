//! `--snapshot FILE`: the policies of a saved account take the place of files.
//!
//! A principal that is not complete counts as a document that was not read.

use serde_json::{Value, json};

use super::input;
use super::policies::{LoadedPolicies, Loader, PolicyArgs, PolicyError};
use crate::account::{self, Snapshot, Unread};
use crate::evaluate::Level;
use crate::finding::{Finding, FindingType};
use crate::policy::Document;
use crate::replay::{self, Replay};
use crate::source::{FileId, Location, Span};
use crate::store::snapshot;

/// A snapshot that policies were taken from.
#[derive(Debug)]
pub struct Replayed {
    /// The file.
    pub(super) name: String,
    /// What is in it.
    pub(super) snapshot: Snapshot,
    /// The ARN that was asked about: of a user, a role, or a session of it.
    pub(super) principal: String,
    /// The ARNs of managed policies and roles that texts are of.
    pub(super) arns: Vec<(FileId, String)>,
    /// Whether policies of the organization could not be read: they can only take away.
    pub(super) limits_unread: bool,
}

/// Adds what the snapshot holds of one principal to what was read from files.
pub(super) fn add(loader: &mut Loader, args: &PolicyArgs, file: &str) -> Result<(), PolicyError> {
    let (name, text) = open(loader, file)?;
    let snapshot = snapshot::read(&name, &text)?;
    let (arn, principal) = principal(&name, &snapshot, args.snapshot_principal.as_deref())?;
    let principal = principal.clone();
    for (flag, given, held) in [
        ("--boundary", &args.boundary, &principal.boundary),
        ("--trust", &args.trust, &principal.trust),
    ] {
        if given.is_some() && held.is_some() {
            let principal = arn;
            return Err(PolicyError::BesideSnapshot { flag, principal });
        }
    }
    let loaded = &mut loader.loaded;
    let mut held = replay::replay(&snapshot, &principal, &mut loaded.sources);
    let limits_unread = held.limits_unread;
    take(loaded, &mut held);
    if !principal.complete {
        let file = loader.loaded.sources.add(&*name, &*text);
        let finding = incomplete(file, &text, &principal, &snapshot);
        loader.loaded.unread.push(finding);
    }
    let replayed = Replayed {
        name,
        snapshot,
        principal: arn,
        arns: held.arns,
        limits_unread,
    };
    loader.loaded.assumptions.extend(replayed.notes());
    loader.loaded.snapshot = Some(replayed);
    Ok(())
}

fn open(loader: &mut Loader, file: &str) -> Result<(String, String), PolicyError> {
    const FLAG: &str = "--snapshot";
    loader.take_stdin(file)?;
    let input = input::open(file).map_err(|error| PolicyError::Open { flag: FLAG, error })?;
    if input.bytes.len() > crate::read::MAX_BYTES {
        return Err(PolicyError::SnapshotText {
            name: input.name,
            what: "has more than 64 MiB",
        });
    }
    match String::from_utf8(input.bytes) {
        Ok(text) => Ok((input.name, text)),
        Err(_) => Err(PolicyError::SnapshotText {
            name: input.name,
            what: "is not UTF-8",
        }),
    }
}

/// Returns the principal that is asked about; without a word, the only one.
fn principal<'s>(
    name: &str,
    snapshot: &'s Snapshot,
    asked: Option<&str>,
) -> Result<(String, &'s account::Principal), PolicyError> {
    let found = match (asked, snapshot.principals.as_slice()) {
        (Some(arn), _) => snapshot.principal(arn).map(|it| (arn.to_owned(), it)),
        (None, [one]) => Some((one.arn.clone(), one)),
        (None, _) => None,
    };
    found.ok_or_else(|| {
        let all = snapshot.principals.iter();
        let all: Vec<String> = all.map(|it| format!("`{}`", it.arn)).collect();
        PolicyError::SnapshotPrincipal {
            name: name.to_owned(),
            what: match asked {
                Some(arn) => format!("holds nothing of `{arn}`"),
                None if all.is_empty() => "holds no user or role".to_owned(),
                None => "holds several users and roles".to_owned(),
            },
            help: match all.as_slice() {
                [] => "take one with `rolecall snapshot --principal ARN`".to_owned(),
                some => format!("name one with `--snapshot-principal`: {}", some.join(", ")),
            },
        }
    })
}

/// Adds what a snapshot holds to what files hold.
fn take(loaded: &mut LoadedPolicies, held: &mut Replay) {
    let policies = &mut loaded.policies;
    policies.identity.append(&mut held.policies.identity);
    if held.policies.boundary.is_some() {
        policies.boundary = held.policies.boundary.take();
    }
    if held.trust.is_some() {
        loaded.trust = held.trust.take();
    }
    join(&mut policies.scps, std::mem::take(&mut held.policies.scps));
    join(&mut policies.rcps, std::mem::take(&mut held.policies.rcps));
    loaded.resource_policies.append(&mut held.resource_policies);
    loaded.findings.append(&mut held.findings);
    loaded.unread.append(&mut held.unread);
}

/// Adds levels; those of files that name the same target are one with them.
fn join(levels: &mut Vec<Level>, held: Vec<Level>) {
    let given = std::mem::replace(levels, held);
    for mut level in given {
        match levels.iter_mut().find(|it| it.target == level.target) {
            Some(same) => same.policies.append(&mut level.policies),
            None => levels.push(level),
        }
    }
}

/// Says that nobody knows what a principal may do.
fn incomplete(
    file: FileId,
    text: &str,
    principal: &account::Principal,
    snapshot: &Snapshot,
) -> Finding {
    let quoted = format!("\"{}\"", principal.arn);
    let index = |at: usize| u32::try_from(at).unwrap_or_default();
    let start = text.find(&quoted).unwrap_or_default();
    let end = (start + quoted.len()).min(text.len());
    let location = Location {
        file,
        span: Span::new(index(start), index(end)),
    };
    let reasons: Vec<String> = snapshot.unread.iter().map(Unread::words).collect();
    let message = format!("not every policy of `{}` could be read", principal.arn);
    Finding::new(
        "incomplete-principal",
        FindingType::Error,
        location,
        message,
    )
    .why(match reasons.as_slice() {
        [] => "what was not read may allow or deny anything".to_owned(),
        some => some.join("; "),
    })
    .help("take the snapshot again with a credential that may read them")
}

impl Replayed {
    /// Whether every policy of the principal itself is here.
    pub(super) fn is_whole(&self) -> bool {
        let found = self.snapshot.principal(&self.principal);
        found.is_some_and(|it| it.complete)
    }

    /// Whether everything is here by which an organization limits the account.
    pub(super) fn knows_limits(&self) -> bool {
        !self.limits_unread && self.snapshot.tells_of_organization()
    }

    /// Whether a caller is the principal whose policies were taken.
    pub(super) fn speaks_of(&self, caller: &str) -> bool {
        let arn = |it: &str| self.snapshot.principal(it).map(|it| it.arn.clone());
        let own = arn(&self.principal);
        own.is_some() && arn(caller) == own
    }

    /// Says what every answer rests on: the date, who read it, and what could not be read.
    pub(super) fn notes(&self) -> Vec<String> {
        let snapshot = &self.snapshot;
        let mut notes = vec![format!(
            "the policies of `{}` are as `{}` read them on {} (snapshot `{}`)",
            self.principal, snapshot.caller.arn, snapshot.taken, self.name
        )];
        let bound = snapshot.organization.as_ref();
        if bound.is_some_and(|it| it.management_account == snapshot.account) {
            notes.push("no organization policy binds this account, the management account".into());
        }
        if !snapshot.in_no_organization && bound.is_none() && !self.limits_unread {
            notes.push(
                "no service control policy binds the account: the snapshot did not ask \
                 (`rolecall snapshot --organization` does)"
                    .into(),
            );
        }
        let unread = snapshot.unread.iter();
        notes.extend(
            unread.map(|it| format!("decided without what could not be read: {}", it.words())),
        );
        notes
    }

    /// The same for machines.
    pub(super) fn json(&self) -> Value {
        let snapshot = &self.snapshot;
        let unread = snapshot.unread.iter().map(|it| {
            json!({
                "what": it.what,
                "operation": it.operation,
                "resource": it.resource,
                "code": it.code,
                "message": it.message,
                "requestId": it.request_id,
            })
        });
        json!({
            "file": self.name,
            "taken": snapshot.taken,
            "caller": snapshot.caller.arn,
            "account": snapshot.account,
            "principal": self.principal,
            "unread": unread.collect::<Vec<_>>(),
        })
    }
}

impl LoadedPolicies {
    /// Whether policies could not be read that can only take away: nothing is certainly allowed.
    pub(super) fn limits_unread(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|it| it.limits_unread)
    }

    /// Whether the trust policy is that of the role in the snapshot.
    pub(super) fn trust_is_of_snapshot(&self) -> bool {
        let own = |it: &Replayed| {
            it.snapshot
                .principal(&it.principal)
                .is_some_and(|it| it.trust.is_some())
        };
        self.snapshot.as_ref().is_some_and(own)
    }

    /// Adds to a report for machines which snapshot it rests on.
    pub(super) fn with_snapshot(&self, mut report: serde_json::Value) -> serde_json::Value {
        if let Some(replayed) = &self.snapshot {
            report["snapshot"] = replayed.json();
        }
        report
    }
}

/// Leaves the policies of one resource among those of snapshots: a call has one resource's.
pub(super) fn keep_of<'r>(documents: &mut Vec<Document>, resources: impl Iterator<Item = &'r str>) {
    let resources: Vec<&str> = resources.collect();
    documents.retain(|it| {
        let mut touched = resources.iter();
        it.of.is_none() || touched.any(|arn| it.is_of_resource(arn))
    });
}
