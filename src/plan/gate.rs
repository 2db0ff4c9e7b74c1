//! Whether what a plan makes may be made: every required requirement met, no way beyond the access,
//! nothing open, but for what somebody takes upon them by name.

use super::{Gate, Plan, What};
use crate::catalog::Catalog;
use crate::check::Verdict;
use crate::finding::FindingType;
use crate::generate::{Generated, PolicyUse, Proven};
use crate::isolation::{self, Escape};
use crate::policy::Kind;
use crate::profile::Strength;
use crate::rule::{Job, Lists, Memo, Selection, lint_text};
use crate::source::Sources;

/// The class of service control policies that nobody could read: they can only take away, so
/// something that is required may not work.
pub const UNREAD_SCPS: &str = "unread-scps";

/// The class of requirements for which a fact is missing.
const OPEN_REQUIREMENT: &str = "undecided-requirement";

/// The class of open questions on the way out.
const OPEN_ISOLATION: &str = "undecided-isolation";

/// The class of a way out that has none of its own.
const UNCLASSED: &str = "unclassed";

/// A class that was accepted, and against which nothing stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NothingOfClass {
    /// The class.
    pub class: String,
    /// The classes of which there is something that can be accepted.
    pub known: Vec<String>,
}

/// Judges what a plan makes: the proof of each of its profiles, and its documents as the linter sees
/// them. `unread` says which limits of the account could not be read.
#[must_use]
pub fn gate(
    plan: &Plan,
    accesses: &[Generated],
    unread: &[String],
    catalog: &'static Catalog,
) -> Gate {
    let mut gate = Gate::default();
    for access in accesses {
        let profile = &access.bundle.profile;
        for proven in &access.proof.entities {
            gate.requirements(profile, proven);
            gate.isolation(profile, proven);
        }
        for proven in &access.proof.vendor_made {
            gate.requirements(profile, proven);
        }
    }
    gate.unknown
        .extend(unread.iter().map(|it| (UNREAD_SCPS.to_owned(), it.clone())));
    gate.lint(plan, accesses, catalog);
    gate
}

impl Gate {
    /// Takes a class upon somebody; that stays in the plan.
    ///
    /// # Errors
    ///
    /// There is nothing of this class that could be accepted.
    pub fn accept(&mut self, class: &str, reason: &str) -> Result<(), NothingOfClass> {
        let all = || self.weaknesses.iter().chain(&self.unknown);
        let known = all().find(|(known, _)| known.eq_ignore_ascii_case(class));
        let Some((class, _)) = known.cloned() else {
            let mut known: Vec<String> = all().map(|(class, _)| class.clone()).collect();
            known.sort();
            known.dedup();
            return Err(NothingOfClass {
                class: class.to_owned(),
                known,
            });
        };
        self.accepted.retain(|(known, _)| *known != class);
        self.accepted.push((class, reason.to_owned()));
        Ok(())
    }

    fn requirements(&mut self, profile: &str, proven: &Proven) {
        let required = proven.unmet.iter();
        for unmet in required.filter(|it| it.strength == Strength::Required) {
            let words = format!(
                "{profile}, {}: {} ({}) is {}",
                proven.actor,
                unmet.id,
                unmet.action,
                unmet.verdict.as_str()
            );
            match unmet.verdict {
                Verdict::Unknown => self.unknown.push((OPEN_REQUIREMENT.to_owned(), words)),
                _ => self.unmet.push(words),
            }
        }
    }

    fn isolation(&mut self, profile: &str, proven: &Proven) {
        let actor = format!("{profile}, {}", proven.actor);
        let Some(report) = &proven.isolation else {
            self.unknown.push((
                OPEN_ISOLATION.to_owned(),
                format!("{actor}: nobody asked where its access leads"),
            ));
            return;
        };
        for escape in &report.escapes {
            let words = format!("{actor}: {}", way(escape));
            self.weaknesses.push((class(escape), words));
        }
        for held in &proven.impossible {
            let row = &held.row;
            for escape in &held.escapes {
                let words = format!(
                    "{actor}: {}; no policy can close it, because {}",
                    way(escape),
                    row.reason
                );
                self.weaknesses.push((row.class.id.to_owned(), words));
            }
        }
        if report.verdict == isolation::Verdict::Unknown {
            let open = report.open.iter();
            self.unknown.extend(open.map(|it| {
                let words = format!("{actor}: {} ({})", it.detail, it.reason);
                (OPEN_ISOLATION.to_owned(), words)
            }));
        }
    }

    fn lint(&mut self, plan: &Plan, accesses: &[Generated], catalog: &'static Catalog) {
        let Ok(selected) = Selection::default().resolve() else {
            return;
        };
        let memo = Memo::new(catalog);
        let lists = Lists::default();
        for object in &plan.objects {
            let Some(document) = object.what.document() else {
                continue;
            };
            let mut sources = Sources::new();
            let file = sources.add(object.what.name(), document);
            let job = Job {
                selected: &selected,
                lists: &lists,
                kind: Some(kind(&object.what, accesses)),
            };
            let linted = lint_text(&sources, file, job, &memo);
            for finding in linted.unread.iter().chain(&linted.findings) {
                let words = format!("{}: {}", object.key, finding.message);
                // AWS refuses such a document, or nobody knows what it says.
                if finding.finding_type == FindingType::Error {
                    self.unmet.push(format!("{words} ({})", finding.rule));
                } else {
                    self.findings.push((finding.rule.to_owned(), words));
                }
            }
            for rule in linted.failed {
                let words = format!("{}: the rule `{rule}` failed", object.key);
                self.unknown.push((OPEN_ISOLATION.to_owned(), words));
            }
        }
    }
}

fn kind(what: &What, accesses: &[Generated]) -> Kind {
    let What::Policy(policy) = what else {
        return Kind::Trust;
    };
    let mut policies = accesses.iter().flat_map(|it| &it.bundle.policies);
    match policies.find(|it| it.arn == policy.arn) {
        Some(it) if it.used_as != PolicyUse::Identity => Kind::Boundary,
        _ => Kind::Identity,
    }
}

fn class(escape: &Escape) -> String {
    match escape.class.as_str() {
        "" => UNCLASSED.to_owned(),
        class => class.to_owned(),
    }
}

/// Says what a way out gains, and by which requests.
fn way(escape: &Escape) -> String {
    let steps = escape.steps.iter().map(|it| match &it.resource {
        Some(resource) => format!("{} on {resource}", it.action),
        None => it.action.clone(),
    });
    let steps: Vec<String> = steps.collect();
    format!("{}, by {}", escape.title, steps.join(", then "))
}
