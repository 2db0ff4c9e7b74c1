//! How rules report the paths of `escalation`: one finding for a family, with the steps by number.

use super::super::context::{Report, RuleContext};
use super::super::grant::Grant;
use super::super::meta::Persona;
use super::{Escalation, Path, Reach};
use crate::source::Span;

/// So many other paths of a family are pointed at; the rest is more of the same.
const MOST_OTHERS: usize = 3;

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
            let is_shown = super::super::find(escalation.rule)
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
#[must_use]
pub fn listed(names: &[String], conjunction: &str) -> String {
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
