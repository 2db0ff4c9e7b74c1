//! Paths from what a document grants to more than it grants.
//!
//! The paths are data: `data/escalation.toml`, joined while building with the steps of
//! `isolation/data/transitions.toml`. An answer looks at the whole document, as `grant` does. It is
//! about this one document, the actions in it and roles and users that exist or may exist; what
//! several documents give together is `isolation`'s.

mod report;

pub use report::{Words, listed};

use super::grant::{Ask, Grant, is_met, may_apply, names_folded};
use super::subject::Subject;
use crate::policy::{Effect, ResourcePattern, Statement};
use crate::source::Span;

/// The paths that one rule reports.
#[derive(Debug)]
pub struct Family {
    /// The rule.
    pub rule: &'static str,
    /// The paths, the one to show first.
    pub paths: &'static [Path],
}

/// Calls that together give more than was granted.
#[derive(Debug)]
pub struct Path {
    /// What the calls do: third person, present, no period.
    pub title: &'static str,
    /// What is taken over: `Lambda function`; empty on other paths.
    pub thing: &'static str,
    /// Ids of the path at pathfinding.cloud.
    pub ids: &'static [&'static str],
    /// The service principal that a role must trust; empty without one.
    pub trust: &'static str,
    /// The call to limit.
    pub decisive: usize,
    /// The calls in their order.
    pub calls: &'static [Call],
}

/// One call of a path.
#[derive(Debug)]
pub struct Call {
    /// The action.
    pub action: &'static str,
    /// The action in lower case.
    pub folded: &'static str,
    /// The resource type that the call is about; `any` or `none`.
    pub on: &'static str,
    /// What must be granted of it.
    pub reach: Reach,
    /// Whether the call attaches the managed policy of `iam:PolicyARN`.
    pub attaches: bool,
}

/// What must be granted of a call for the path to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Some resource: the caller makes it, or any one will do.
    Some,
    /// Every resource of the type.
    Every,
    /// Every user, or the caller's own, by `${aws:username}`.
    EveryOrOwn,
    /// A document of Systems Manager that runs what its caller says.
    RunsCommands,
    /// Every role, to this service.
    PassTo(&'static str),
}

impl Reach {
    /// Returns whether one resource of a kind is enough.
    const fn is_some(self) -> bool {
        matches!(self, Self::Some | Self::RunsCommands)
    }
}

/// A path that a document grants.
#[derive(Clone, Debug)]
pub struct Escalation<'a> {
    /// The rule that reports it.
    pub rule: &'static str,
    /// The path.
    pub path: &'static Path,
    /// A grant for each call.
    pub grants: Vec<Grant<'a>>,
    /// Whether the decisive call is one that `NotAction` leaves in.
    pub by_not_action: bool,
}

include!(concat!(env!("OUT_DIR"), "/escalation.rs"));

/// Managed policies of AWS's that give everything, or give it in one step (AWS: "AWS managed
/// policies for job functions"; AWS Managed Policy Reference, IAMFullAccess).
const ADMINISTRATOR: [&str; 2] = [
    "arn:aws:iam::aws:policy/AdministratorAccess",
    "arn:aws:iam::aws:policy/IAMFullAccess",
];

/// Documents of AWS's that run commands or documents of their caller's choice (AWS Systems Manager
/// Automation and Command document references, read in 2026-09).
const RUNS_COMMANDS: [&str; 7] = [
    "arn:*:ssm:*:*:document/AWS-RunShellScript",
    "arn:*:ssm:*:*:document/AWS-RunPowerShellScript",
    "arn:*:ssm:*:*:document/AWS-RunRemoteScript",
    "arn:*:ssm:*:*:document/AWS-RunDocument",
    "arn:*:ssm:*:*:document/AWS-RunSaltState",
    "arn:*:ssm:*:*:document/AWS-ApplyAnsiblePlaybooks",
    "arn:*:ssm:*:*:document/AWS-ApplyChefRecipes",
];

/// Returns every path, by the rule that reports it.
#[must_use]
pub const fn families() -> &'static [Family] {
    FAMILIES
}

/// Returns the services that an action passes roles to, in lower case.
pub(super) fn services_passed_by(folded: &str) -> impl Iterator<Item = &'static str> {
    let from = PASSES.partition_point(|(action, _)| *action < folded);
    let own = PASSES[from..].iter();
    own.take_while(move |(action, _)| *action == folded)
        .map(|(_, service)| *service)
}

/// By what text a call is granted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Action,
    NotAction,
    /// `*` or `iam:*` on everything: a rule of its own says what that means.
    Whole,
}

impl<'a> Subject<'a> {
    /// Returns the paths that the document grants, by rule. Those that begin with everything (`*`
    /// or `iam:*` on `*`) are left out.
    #[must_use]
    pub fn escalations(&self) -> &[Escalation<'a>] {
        let known = &self.known.escalations;
        known.get_or_init(|| self.find_escalations())
    }

    fn find_escalations(&self) -> Vec<Escalation<'a>> {
        let mut found = Vec::new();
        if self.document.refusal().is_some() {
            return found;
        }
        let passes = self.names_service("iam") && self.may_pass_roles();
        for family in FAMILIES {
            for path in family.paths {
                let decisive = &path.calls[path.decisive];
                let is_pass = matches!(decisive.reach, Reach::PassTo(_));
                if is_pass && !passes || !path.calls.iter().all(|it| self.names_service_of(it)) {
                    continue;
                }
                // The last calls are the rare ones.
                let grants: Option<Vec<(Grant<'a>, By)>> = path
                    .calls
                    .iter()
                    .rev()
                    .map(|call| self.grant_of(call))
                    .collect();
                let Some(mut grants) = grants else { continue };
                grants.reverse();
                let by = grants[path.decisive].1;
                if by != By::Whole {
                    found.push(Escalation {
                        rule: family.rule,
                        path,
                        grants: grants.into_iter().map(|(it, _)| it).collect(),
                        by_not_action: by == By::NotAction,
                    });
                }
            }
        }
        found
    }

    /// Returns the actions that take over something with its role and are granted on some resources
    /// or under conditions only, each with what is taken over. What is granted everywhere is an
    /// escalation.
    #[must_use]
    pub fn limited_takeovers(&self) -> Vec<(&'static Call, &'static str, Grant<'a>)> {
        let mut found: Vec<(&'static Call, &'static str, Grant<'a>)> = Vec::new();
        let paths = FAMILIES.iter().flat_map(|it| it.paths);
        for path in paths.filter(|it| !it.thing.is_empty()) {
            let decisive = &path.calls[path.decisive];
            let is_known = found.iter().any(|(it, _, _)| it.action == decisive.action);
            if is_known || !path.calls.iter().all(|it| self.names_service_of(it)) {
                continue;
            }
            let is_open = self.escalations().iter().any(|it| {
                let own = &it.path.calls[it.path.decisive];
                own.action == decisive.action
            });
            let others = path.calls.iter().filter(|it| !std::ptr::eq(*it, decisive));
            if is_open
                || others
                    .into_iter()
                    .any(|it| self.limited_grant(it).is_none())
            {
                continue;
            }
            if let Some(grant) = self.limited_grant(decisive) {
                found.push((decisive, path.thing, grant));
            }
        }
        found
    }

    /// Returns a statement that grants a call by name, on whatever and under whatever conditions.
    fn limited_grant(&self, call: &Call) -> Option<Grant<'a>> {
        let ask = Ask {
            action: call.action,
            context: &[],
        };
        self.grants(ask).into_iter().find(|it| {
            let Some(element) = &it.statement.resource else {
                return false;
            };
            let mut patterns = element.patterns.iter();
            let is_named = patterns.any(|pattern| match call.reach {
                Reach::RunsCommands => self.runs_commands(pattern),
                _ => self.memo.may_name_of(pattern, call.action, call.on),
            });
            !it.statement.action.negated
                && (element.negated || is_named)
                && by(call, it.statement, it.resource) != By::Whole
        })
    }

    fn may_pass_roles(&self) -> bool {
        let mut statements = self.document.statements.iter();
        statements.any(|it| {
            it.effect == Effect::Allow && names_folded(it, "iam:PassRole", "iam:passrole").is_some()
        })
    }

    fn names_service_of(&self, call: &Call) -> bool {
        let prefix = call.folded.split(':').next().unwrap_or_default();
        self.names_service(prefix)
    }

    /// Returns the grant of a call: one that is about everything before one that names the action,
    /// and that before one of `NotAction`.
    fn grant_of(&self, call: &Call) -> Option<(Grant<'a>, By)> {
        let document: &'a crate::policy::Document = self.document;
        let mut best: Option<(Grant<'a>, By)> = None;
        for (index, statement) in document.statements.iter().enumerate() {
            if statement.effect == Effect::Deny {
                continue;
            }
            let Some(action) = names_folded(statement, call.action, call.folded) else {
                continue;
            };
            let Some(resource) = self.resource_of(call, statement) else {
                continue;
            };
            if !admits(call, statement) {
                continue;
            }
            let by = by(call, statement, resource);
            let is_better = match best {
                None => true,
                Some((_, known)) => by == By::Whole || by == By::Action && known == By::NotAction,
            };
            if is_better {
                let grant = Grant {
                    index,
                    statement,
                    action,
                    resource,
                };
                best = Some((grant, by));
            }
            if by == By::Whole {
                break;
            }
        }
        best.filter(|_| !self.is_call_denied(call))
    }

    /// Returns the text that names the resources of a call.
    fn resource_of(&self, call: &Call, statement: &Statement) -> Option<Span> {
        let Some(element) = &statement.resource else {
            return Some(statement.action.span);
        };
        let mut patterns = element.patterns.iter();
        if element.negated {
            let nothing = patterns.any(|it| it.is_everything());
            return (!nothing).then_some(element.span);
        }
        let memo = self.memo;
        let kind = if matches!(call.reach, Reach::PassTo(_)) {
            "role"
        } else {
            call.on
        };
        patterns
            .find(|pattern| match call.reach {
                _ if pattern.is_everything() => true,
                Reach::Some => memo.may_name_of(pattern, call.action, kind),
                Reach::RunsCommands => self.runs_commands(pattern),
                Reach::Every | Reach::PassTo(_) => memo.names_every_of(pattern, call.action, kind),
                Reach::EveryOrOwn => {
                    memo.names_every_of(pattern, call.action, kind) || memo.names_own_user(pattern)
                }
            })
            .map(|it| it.span)
    }

    /// Returns whether a text names a document that runs what its caller says.
    fn runs_commands(&self, pattern: &ResourcePattern) -> bool {
        let mut documents = RUNS_COMMANDS.iter();
        pattern.is_everything() || documents.any(|it| self.memo.may_name(pattern, it))
    }

    /// Returns whether a Deny is in the way of a call: on every resource whatever its conditions, or
    /// for a call that needs only some resource, on everything without conditions.
    fn is_call_denied(&self, call: &Call) -> bool {
        let every = !call.reach.is_some();
        let denies = self.document.statements.iter();
        denies
            .filter(|it| it.effect == Effect::Deny)
            .filter(|it| names_folded(it, call.action, call.folded).is_some())
            .any(|deny| {
                if !every && !deny.conditions.is_empty() || !denies_value(call, deny) {
                    return false;
                }
                match &deny.resource {
                    None => true,
                    Some(element) if element.negated => every,
                    Some(element) => {
                        let mut patterns = element.patterns.iter();
                        let kind = if matches!(call.reach, Reach::PassTo(_)) {
                            "role"
                        } else {
                            call.on
                        };
                        patterns.any(|it| self.memo.names_every_of(it, call.action, kind))
                    }
                }
            })
    }
}

/// Returns the key that a call gives a value, and the values that would do. Regions of China have
/// service principals of their own ("AWS service principals").
fn known_key(call: &Call) -> Option<(&'static str, Vec<String>)> {
    match call.reach {
        Reach::PassTo(service) => {
            let values = vec![service.to_owned(), format!("{service}.cn")];
            Some(("iam:passedtoservice", values))
        }
        _ if call.attaches => {
            let values = ADMINISTRATOR.iter().map(|it| (*it).to_owned()).collect();
            Some(("iam:policyarn", values))
        }
        _ => None,
    }
}

/// Returns whether the conditions of an Allow let a call in for one of the values that would do.
fn admits(call: &Call, statement: &Statement) -> bool {
    if statement.conditions.is_empty() {
        return true;
    }
    let known = known_key(call);
    let values: &[String] = known.as_ref().map_or(&[], |(_, values)| values);
    let key = known.as_ref().map(|(key, _)| *key);
    let others = |value: Option<&str>| {
        statement
            .conditions
            .iter()
            .all(|condition| match (value, condition.operator) {
                (Some(value), Some(operator)) if key == Some(&*condition.key) => {
                    is_met(condition, operator, value)
                }
                _ if call.reach.is_some() => !condition.limits_making(statement),
                _ => !condition.limits_authority(statement),
            })
    };
    if values.is_empty() {
        others(None)
    } else {
        values.iter().any(|value| others(Some(value)))
    }
}

/// Returns whether a Deny may apply whatever value the call has.
fn denies_value(call: &Call, deny: &Statement) -> bool {
    if deny.conditions.is_empty() {
        return true;
    }
    match known_key(call) {
        None => may_apply(deny, &[]),
        // The service of another partition is no way out.
        Some((key, values)) if key == "iam:passedtoservice" => {
            may_apply(deny, &[(key, &values[0])])
        }
        Some((key, values)) => values.iter().all(|value| may_apply(deny, &[(key, value)])),
    }
}

fn by(call: &Call, statement: &Statement, resource: Span) -> By {
    if statement.action.negated {
        return By::NotAction;
    }
    let is_everything = statement.resource.as_ref().is_none_or(|element| {
        let mut patterns = element.patterns.iter();
        !element.negated && patterns.any(|it| it.span == resource && it.is_everything())
    });
    let is_whole = statement.action.patterns.iter().any(|it| {
        matches!(it.folded(), "*" | "*:*")
            || it.folded() == "iam:*" && call.folded.starts_with("iam:")
    });
    if is_everything && is_whole {
        By::Whole
    } else {
        By::Action
    }
}
