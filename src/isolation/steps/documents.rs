//! Steps on documents: managed policies, the boundary, and what denies.

use super::principals::{BOUNDARY, value_of};
use super::{Stepper, Turn};
use crate::isolation::family::{Condition, Family};
use crate::isolation::oracle::{Answer, Mode};
use crate::isolation::scene::{Object, Owner};
use crate::isolation::state::Deed;

impl Stepper<'_, '_, '_> {
    /// Policies that the actor can give a content: its own, boundaries, and others to be attached.
    pub(super) fn write_policies(&mut self, turn: &Turn<'_>) {
        let creates = turn.row.calls.len() == 1
            && turn.row.calls[0]
                .action
                .eq_ignore_ascii_case("iam:CreatePolicy");
        let objects: Vec<Object> = self.scene.policies.clone();
        for object in objects {
            let protected = object.owner == Owner::Protected;
            if object.owner == Owner::Reserved || creates && protected {
                continue;
            }
            let is_boundary = self.scene.boundaries.iter().any(|it| it.arn == object.arn);
            // Boundaries have rows of their own.
            if is_boundary || !self.is_new(turn, &object.arn) {
                continue;
            }
            if self.state.open_policies.contains_key(&object.arn) && !protected {
                continue;
            }
            self.write_policy(turn, &object.arn);
        }
        self.unnamed_documents(turn, creates);
    }

    fn write_policy(&mut self, turn: &Turn<'_>, arn: &str) {
        let mut made = Vec::new();
        for call in turn.row.calls.iter().filter(|it| !it.optional) {
            let family = Family::new(&[&call.action]).on(&[arn]);
            match self.ask(&turn.power, turn.by, &family) {
                Answer::No => return,
                Answer::Yes(witness) => made.push(witness.map(|it| *it)),
            }
        }
        let policy = arn.to_owned();
        self.found(turn, arn, made, &[], Deed::WritePolicy { policy });
    }

    /// Documents whose ARN nobody said may be any managed policy.
    fn unnamed_documents(&mut self, turn: &Turn<'_>, creates: bool) {
        let mut unnamed = self.scene.held.iter().filter(|it| !it.named);
        let Some(held) = unnamed.next() else { return };
        if self.mode == Mode::Must || creates {
            return;
        }
        let arn = held.arn.clone();
        if !self.is_new(turn, &format!("{arn} anywhere")) {
            return;
        }
        let any = [self.scene.policy_arn("*")];
        let family = Family::new(&[&turn.row.calls[0].action]).on(&any);
        if self.ask(&turn.power, turn.by, &family).is_yes() {
            let deed = Deed::WritePolicy {
                policy: arn.clone(),
            };
            self.found(turn, &arn, vec![None], &[], deed);
            self.guess("the ARNs of the actor's policies were not given (`FILE=ARN`)");
        }
    }

    pub(super) fn write_boundaries(&mut self, turn: &Turn<'_>) {
        for at in 0..self.scene.boundaries.len() {
            let boundary = &self.scene.boundaries[at];
            let arn = boundary.arn.clone();
            if self.is_new(turn, &arn) {
                self.write_policy(turn, &arn);
            }
            if boundary.named
                || self.mode == Mode::Must
                || !self.is_new(turn, &format!("{arn} any"))
            {
                continue;
            }
            let family =
                Family::new(&[&turn.row.calls[0].action]).on(&[self.scene.policy_arn("*")]);
            if self.ask(&turn.power, turn.by, &family).is_yes() {
                let deed = Deed::WritePolicy {
                    policy: arn.clone(),
                };
                self.found(turn, &arn, vec![None], &[], deed);
                self.guess("the boundary's ARN was not given (`FILE=ARN`)");
            }
        }
    }

    pub(super) fn drop_deny(&mut self, turn: &Turn<'_>, on: &str) {
        let main = &turn.row.calls[turn.row.target];
        let actor = self.arn(0);
        let kind = self.state.nodes[0].kind();
        for at in 0..self.scene.held.len() {
            let held = &self.scene.held[at];
            let arn = held.arn.clone();
            let inline = matches!(
                main.action.as_str(),
                "iam:DeleteRolePolicy"
                    | "iam:DeleteUserPolicy"
                    | "iam:PutRolePolicy"
                    | "iam:PutUserPolicy"
            );
            // A document with an ARN is a managed policy; one without may be either.
            let unlikely = inline && (held.named || self.mode == Mode::Must);
            if !held.denies || unlikely || self.state.nodes[0].dropped.contains_key(&at) {
                continue;
            }
            if !self.is_new(turn, &arn) {
                continue;
            }
            let named = held.named;
            let family = Family::new(&[&main.action]);
            let family = match on {
                "policy" => family.on(&[&arn]),
                _ if on == kind => {
                    let family = family
                        .on(&[&actor])
                        .when_all(self.target_conditions(turn.row, 0));
                    if turn.row.condition_keys.contains_key("iam:PolicyARN") {
                        family.when(Condition::new("ArnEquals", "iam:PolicyARN", &[&arn]))
                    } else {
                        family
                    }
                }
                // A group's documents: which they are, nobody said.
                "group" if self.mode == Mode::May && kind == "user" => {
                    family.on(&[format!("{}*", self.group_base())])
                }
                _ => continue,
            };
            if let Answer::Yes(witness) = self.ask(&turn.power, turn.by, &family) {
                let deed = Deed::DropDocument { at };
                self.found(turn, &arn, vec![witness.map(|it| *it)], &[], deed);
                if on == "group" || inline {
                    self.guess("how the actor has its policies was not given");
                } else if !named && self.mode == Mode::May {
                    // With the made-up ARN it is certain; see `unnamed_documents` for others.
                }
            }
        }
    }

    fn group_base(&self) -> String {
        format!(
            "arn:{}:iam::{}:group/",
            self.scene.partition, self.scene.account
        )
    }

    pub(super) fn set_boundary(&mut self, turn: &Turn<'_>, kind: &str) {
        for target in self.targets(kind) {
            let node = &self.state.nodes[target];
            let arn = node.arn.clone();
            if node.boundary.is_none() || !self.is_new(turn, &arn) {
                continue;
            }
            // Another policy that exists: AWS's administrator, or one of the account.
            let policies = self.strong_policies();
            let arns: Vec<&String> = policies.iter().map(|(arn, _)| arn).collect();
            let condition = match self.mode {
                Mode::Must => Condition::is(BOUNDARY, &arns),
                Mode::May => {
                    let known: Vec<&String> =
                        self.scene.boundaries.iter().map(|it| &it.arn).collect();
                    Condition::new("StringNotEquals", BOUNDARY, &known)
                }
            };
            let present = Condition::new("Null", BOUNDARY, &["false"]);
            if let Answer::Yes(witness) = self.ask_target(turn, target, vec![condition, present]) {
                let value = witness
                    .as_ref()
                    .and_then(|it| value_of(&it.request, BOUNDARY));
                let policy = value.unwrap_or_else(|| policies[0].0.clone());
                let fact = policies.iter().find(|(arn, _)| *arn == policy);
                let mut facts = self.facts_of(target);
                facts.extend(fact.and_then(|(_, fact)| *fact));
                let deed = Deed::SetBoundary {
                    of: arn.clone(),
                    policy,
                };
                self.found(turn, &arn, vec![witness.map(|it| *it)], &facts, deed);
            }
        }
        if self.state.nodes[0].boundary.is_some() {
            let policy = self.strong_policies()[0].0.clone();
            self.anywhere(turn, kind, |of| Deed::SetBoundary {
                of,
                policy: policy.clone(),
            });
        }
    }

    pub(super) fn remove_boundary(&mut self, turn: &Turn<'_>, kind: &str) {
        for target in self.targets(kind) {
            let node = &self.state.nodes[target];
            let arn = node.arn.clone();
            if node.boundary.is_none() || !self.is_new(turn, &arn) {
                continue;
            }
            if let Answer::Yes(witness) = self.ask_target(turn, target, Vec::new()) {
                let facts = self.facts_of(target);
                let deed = Deed::RemoveBoundary { of: arn.clone() };
                self.found(turn, &arn, vec![witness.map(|it| *it)], &facts, deed);
            }
        }
        if self.state.nodes[0].boundary.is_some() {
            self.anywhere(turn, kind, |of| Deed::RemoveBoundary { of });
        }
    }
}
