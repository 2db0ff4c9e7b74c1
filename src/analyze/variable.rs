//! Settles the policy variables of one class of actions where leaving them open settles nothing.
//!
//! Three ways, from the cheapest on. The request that was found with a variable open shows values
//! that fit everything else: taking them one variable at a time ends in a request that is one, or
//! in a contradiction. Then all values of one variable after the other are gone through, as parts
//! that together leave nothing out, and each part only as far as it has to be: what has no request
//! with the other variables open has none at all. Last, plausible texts are tried.

use super::assign::Candidates;
use super::memo::Memo;
use super::scene::{Assignment, Setting};
use super::{Doubt, DoubtReason, Witness};

/// How an attempt ended.
pub(super) enum Attempted {
    Nothing,
    Found(Box<Witness>),
    /// With what was found to be so for the keys in play.
    Unknown(Doubt, Assignment),
}

/// The variables of one class, and how to make an attempt at it.
pub(super) struct Variables<'v> {
    pub(super) attempt: &'v mut dyn FnMut(&Assignment) -> Attempted,
    pub(super) candidates: Candidates,
    pub(super) memo: &'v Memo,
    pub(super) limit: usize,
}

/// What one way came to.
enum Way {
    /// There is no request.
    Proven,
    Found(Box<Witness>),
    Open,
    OverBudget,
}

/// With how many variables in turn the first way begins.
const TURNS: usize = 4;

impl Variables<'_> {
    /// Settles the question, which was left open by `doubt` under the settings of `known`.
    pub(super) fn settle(
        &mut self,
        known: &Assignment,
        doubt: Doubt,
        drawn: &Assignment,
    ) -> Attempted {
        if self.candidates.keys.is_empty() {
            return Attempted::Unknown(doubt, Assignment::new());
        }
        let mut way = self.follow(known, drawn);
        if matches!(way, Way::Open) {
            way = self.split(&mut known.clone(), 0);
        }
        if matches!(way, Way::Open) {
            way = self.guess(known);
        }
        match way {
            Way::Proven => Attempted::Nothing,
            Way::Found(witness) => Attempted::Found(witness),
            Way::Open => Attempted::Unknown(doubt, Assignment::new()),
            Way::OverBudget => {
                let detail = format!("policy variables: more than {} steps", self.limit);
                let reason = DoubtReason::Budget;
                Attempted::Unknown(Doubt { reason, detail }, Assignment::new())
            }
        }
    }

    fn attempt(&mut self, assignment: &Assignment) -> Option<Attempted> {
        self.memo.may_assign().then(|| (self.attempt)(assignment))
    }

    /// Takes the values of the request that was found, one variable at a time.
    fn follow(&mut self, known: &Assignment, drawn: &Assignment) -> Way {
        let keys = self.candidates.keys.clone();
        for turn in 0..keys.len().min(TURNS) {
            let (mut assignment, mut drawn) = (known.clone(), drawn.clone());
            for key in keys.iter().cycle().skip(turn).take(keys.len()) {
                let found = drawn.iter().find(|(own, _)| own == key);
                let setting = found.map_or_else(
                    // No condition asks for it.
                    || Setting::Value("value".to_owned()),
                    |(_, setting)| setting.clone(),
                );
                assignment.push((key.clone(), setting));
                match self.attempt(&assignment) {
                    Some(Attempted::Found(witness)) => return Way::Found(witness),
                    Some(Attempted::Nothing) => break,
                    Some(Attempted::Unknown(_, next)) => drawn = next,
                    None => return Way::OverBudget,
                }
            }
        }
        Way::Open
    }

    /// Goes through all values of the variables from one on. A part that is open with the others
    /// open is split by the next one; one that is open to the end ends this.
    fn split(&mut self, assignment: &mut Assignment, from: usize) -> Way {
        let Some(key) = self.candidates.keys.get(from).cloned() else {
            return Way::Open;
        };
        for part in self.candidates.parts.clone() {
            assignment.push((key.clone(), part));
            let way = match self.attempt(assignment) {
                Some(Attempted::Nothing) => Way::Proven,
                Some(Attempted::Found(witness)) => Way::Found(witness),
                Some(Attempted::Unknown(..)) => self.split(assignment, from + 1),
                None => Way::OverBudget,
            };
            assignment.pop();
            if !matches!(way, Way::Proven) {
                return way;
            }
        }
        Way::Proven
    }

    fn guess(&mut self, known: &Assignment) -> Way {
        for mut assignment in self.candidates.guesses() {
            assignment.extend(known.iter().cloned());
            match self.attempt(&assignment) {
                Some(Attempted::Found(witness)) => return Way::Found(witness),
                Some(_) => {}
                None => return Way::OverBudget,
            }
        }
        Way::Open
    }
}
