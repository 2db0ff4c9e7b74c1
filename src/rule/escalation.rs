//! Paths from what a document grants to more than it grants, and how rules report them.
//!
//! The paths are data: `data/escalation.toml`, joined while building with the steps of
//! `isolation/data/transitions.toml`. An answer looks at the whole document, as `grant` does. It is
//! about this one document, the actions in it and roles and users that exist or may exist; what
//! several documents give together is `isolation`'s.

use super::context::{Report, RuleContext};
use super::grant::{Grant, is_met, may_apply, names_folded};
use super::meta::Persona;
use super::subject::Subject;
use crate::arn::Arn;
use crate::pattern;
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
    /// Every role, to this service.
    PassTo(&'static str),
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

/// Documents of AWS's that run what the caller says (AWS Systems Manager User Guide, "Running
/// commands using specific document parameters"; "Running documents from remote locations").
const ANY_COMMAND: [&str; 8] = [
    "AWS-ApplyAnsiblePlaybooks",
    "AWS-ApplyChefRecipes",
    "AWS-InstallApplication",
    "AWS-InstallPowerShellModule",
    "AWS-RunDocument",
    "AWS-RunPowerShellScript",
    "AWS-RunRemoteScript",
    "AWS-RunShellScript",
];

/// So many other paths of a family are pointed at; the rest is more of the same.
const MOST_OTHERS: usize = 3;

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
        best.filter(|_| self.may_run_anything(call) && !self.is_call_denied(call))
    }

    /// Returns whether a call that runs an SSM document may run one that takes any command. The
    /// document is authorised beside the node: a statement that names one of fixed content gives
    /// its content and no more.
    fn may_run_anything(&self, call: &Call) -> bool {
        if !matches!(call.folded, "ssm:sendcommand" | "ssm:createassociation") {
            return true;
        }
        self.document.statements.iter().any(|statement| {
            let runs_any = |pattern: &ResourcePattern| {
                let arn = Arn::parse(pattern.template.text());
                pattern.is_everything()
                    || arn.is_some_and(|arn| {
                        pattern::matches(arn.service, "ssm")
                            && ANY_COMMAND.iter().any(|document| {
                                pattern::matches(arn.resource, &format!("document/{document}"))
                            })
                    })
            };
            let names_one = || match &statement.resource {
                None => true,
                Some(element) => element.negated || element.patterns.iter().any(runs_any),
            };
            statement.effect == Effect::Allow
                && names_folded(statement, call.action, call.folded).is_some()
                && admits(call, statement)
                && names_one()
        })
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
                Reach::Every | Reach::PassTo(_) => memo.names_every_of(pattern, call.action, kind),
                Reach::EveryOrOwn => {
                    memo.names_every_of(pattern, call.action, kind) || memo.names_own_user(pattern)
                }
            })
            .map(|it| it.span)
    }

    /// Returns whether a Deny is in the way of a call: on every resource whatever its conditions, or
    /// for a call that needs only some resource, on everything without conditions.
    fn is_call_denied(&self, call: &Call) -> bool {
        let every = call.reach != Reach::Some;
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
                _ if call.reach == Reach::Some => !condition.limits_making(statement),
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

/// What a rule says of its paths.
#[derive(Clone, Copy, Debug)]
pub struct Words<'w> {
    /// What the holder can do, after "the holder can".
    pub claim: &'w str,
    /// What is gained.
    pub why: &'w str,
    /// The smallest change that ends it.
    pub help: &'w str,
}

impl<'a> RuleContext<'a> {
    /// Reports the paths of this rule, if the document grants one, at the statement that grants the
    /// decisive call.
    pub fn report_escalation(&mut self, words: Words<'_>) -> Option<(Report<'_>, Grant<'a>)> {
        let rule = self.meta().name;
        let all = self.subject().escalations().iter();
        let own: Vec<&'a Escalation<'a>> = all
            .filter(|it| it.rule == rule && !it.by_not_action)
            .collect();
        let first = own.first()?;
        let decisive = first.grants[first.path.decisive];
        let message = format!("with {}, the holder can {}", actions(&own), words.claim);
        let labels = labels(&own);
        let mut report = self.report(decisive.action, message);
        report.why(words.why).help(words.help);
        for (span, text) in labels {
            if span == decisive.action {
                report.label(text);
            } else {
                report.related(span, text);
            }
        }
        Some((report, decisive))
    }

    /// Reports the paths of this rule on which a role is passed to something new.
    pub fn report_passed_role(&mut self, help: &str) {
        let Some(path) = self.shown_path() else {
            return;
        };
        let claim = format!("act as any role that trusts `{}`", path.trust);
        let why = format!(
            "whoever {} has every permission of that role, be it an administrator's",
            path.title
        );
        let why = &why;
        self.report_escalation(Words {
            claim: &claim,
            why,
            help,
        });
    }

    /// Reports the paths of this rule on which something that exists is taken over with its role.
    pub fn report_taken_role(&mut self, help: &str) {
        let Some(path) = self.shown_path() else {
            return;
        };
        let claim = format!("act as the role of any {}", path.thing);
        let why = format!(
            "whoever {} has every permission of the role that it runs as",
            path.title
        );
        let why = &why;
        self.report_escalation(Words {
            claim: &claim,
            why,
            help,
        });
    }

    /// Reports the statements whose `NotAction` leaves in actions of IAM that lead to any permission,
    /// once for all of them. What `iam:PassRole` leads to is another rule's.
    pub fn report_left_in(&mut self, words: Words<'_>) {
        let subject = self.subject();
        let mut found: Vec<(Grant<'a>, Vec<String>)> = Vec::new();
        for escalation in subject.escalations().iter().filter(|it| it.by_not_action) {
            let call = &escalation.path.calls[escalation.path.decisive];
            let is_shown = super::find(escalation.rule)
                .is_some_and(|it| it.meta.persona == Persona::Developer);
            let is_direct = call.folded.starts_with("iam:") && call.reach != Reach::Some;
            if !is_shown || !is_direct || matches!(call.reach, Reach::PassTo(_)) {
                continue;
            }
            let grant = escalation.grants[escalation.path.decisive];
            let name = format!("`{}`", call.action);
            match found.iter_mut().find(|(it, _)| it.index == grant.index) {
                Some((_, names)) => names.push(name),
                None => found.push((grant, vec![name])),
            }
        }
        for (grant, mut names) in found {
            let left = names.len().saturating_sub(MOST_OTHERS);
            names.truncate(MOST_OTHERS);
            if left > 0 {
                let noun = if left == 1 { "action" } else { "actions" };
                names.push(format!("{left} more {noun}"));
            }
            let message = format!(
                "`NotAction` leaves in {}: the holder can {}",
                listed(&names, "and"),
                words.claim
            );
            let edit = subject.except_action(grant.index, "iam:*");
            self.report(grant.action, message)
                .label("everything but these")
                .why(words.why)
                .help(words.help)
                .fix("add `iam:*` to `NotAction`", edit);
        }
    }

    fn shown_path(&self) -> Option<&'static Path> {
        let rule = self.meta().name;
        let mut all = self.subject().escalations().iter();
        let first = all.find(|it| it.rule == rule && !it.by_not_action);
        first.map(|it| it.path)
    }
}

/// Names the actions of the first path, or, where each path is one call, of all of them.
fn actions(own: &[&Escalation<'_>]) -> String {
    let is_single = |it: &&&Escalation<'_>| it.path.calls.len() == 1;
    let singles: Vec<_> = own.iter().take_while(is_single).collect();
    let mut names: Vec<String> = Vec::new();
    let mut push = |name: String| {
        if !names.contains(&name) {
            names.push(name);
        }
    };
    let conjunction = if singles.is_empty() {
        for call in own[0].path.calls {
            push(match call.reach {
                Reach::PassTo(_) => format!("`{}` on every role", call.action),
                _ => format!("`{}`", call.action),
            });
        }
        "and"
    } else {
        for escalation in singles {
            push(format!("`{}`", escalation.path.calls[0].action));
        }
        "or"
    };
    listed(&names, conjunction)
}

/// Returns `a, b and c`.
pub(super) fn listed(names: &[String], conjunction: &str) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} {conjunction} {last}", before.join(", ")),
    }
}

/// Returns what is to be seen at each place: the steps of the first path by number, then what the
/// other paths begin with.
fn labels(own: &[&Escalation<'_>]) -> Vec<(Span, String)> {
    let mut labels: Vec<(Span, String)> = Vec::new();
    let mut add = |span: Span, text: String, separator: &str| match labels
        .iter_mut()
        .find(|(known, _)| *known == span)
    {
        Some((_, known)) => {
            known.push_str(separator);
            known.push_str(&text);
        }
        None => labels.push((span, text)),
    };
    let mut named: Vec<&str> = Vec::new();
    let first = own[0];
    for (call, grant) in first.path.calls.iter().zip(&first.grants) {
        if named.contains(&call.action) {
            continue;
        }
        named.push(call.action);
        let number = named.len();
        let text = match call.reach {
            Reach::PassTo(service) => format!("{number}. `{}` to `{service}`", call.action),
            _ if first.path.calls.len() == 1 => {
                format!("{number}. `{}` {}", call.action, first.path.title)
            }
            _ => format!("{number}. `{}`", call.action),
        };
        add(grant.action, text, ", ");
    }
    let others = own.iter().skip(1).filter_map(|it| {
        let mut calls = it.path.calls.iter().zip(&it.grants);
        calls.find(|(call, _)| !matches!(call.reach, Reach::PassTo(_)))
    });
    let mut count = 0;
    for (call, grant) in others {
        if count < MOST_OTHERS && !named.contains(&call.action) {
            named.push(call.action);
            count += 1;
            add(grant.action, format!("or `{}`", call.action), ", ");
        }
    }
    labels
}
