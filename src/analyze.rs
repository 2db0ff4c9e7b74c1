//! Exact reasoning about sets of requests: may it ever, is it always, is this no more than that?
//!
//! Every question is one search for a request ([`Found`]): none found is a proof over all requests,
//! and one that is found was decided again by `evaluate` before anybody sees it. What cannot be
//! settled is [`Found::Unknown`] with its reason, never a guess.
//!
//! A family of requests is written as policy documents: the requests that they allow by
//! themselves. So a family can say everything that a policy can: action and ARN patterns,
//! conditions, keys that are present (`Null` false) or absent (`Null` true), exceptions (Deny).

mod action;
mod assign;
mod automaton;
mod beside;
mod bits;
mod caller;
mod compose;
mod condition;
mod entrance;
mod excess;
mod facts;
mod family;
mod formula;
mod idle;
mod language;
mod memo;
mod overlap;
mod public;
mod question;
mod scene;
mod search;
mod shortcut;
#[cfg(test)]
mod shortcut_tests;
mod template;
mod values;
mod variable;
mod visitor;
mod witness;

pub use beside::{beside, is_of_caller, looks_at_caller};
use caller::Callers;
use compose::{Item, Layers};
pub use entrance::{Entrance, Entrances, Guest};
pub use excess::{Excess, Excesses};
pub use facts::FACTS;
pub use family::{Wanted, family};
pub use idle::{Idle, IdleStatement};
use memo::Memo;
pub use public::{OpenStatement, Openness, Reach, Zone};
use question::{Goal, Question};
pub use visitor::Visitor;

use crate::catalog::Catalog;
use crate::evaluate::{Policies, Principal, Request, Settings};
use crate::policy::Document;

/// What a search came to.
#[derive(Clone, Debug)]
pub enum Found {
    /// No request is so: a proof.
    Nothing,
    /// This one is; `evaluate` says so too.
    Request(Box<Witness>),
    /// Neither could be shown.
    Unknown(Doubt),
}

/// A request that shows something.
#[derive(Clone, Debug)]
pub struct Witness {
    /// The request, with everything that matters in it.
    pub request: Request,
    /// Whether the action is in the catalog; else it is a name that AWS may give tomorrow.
    pub in_catalog: bool,
}

/// Why a question could not be settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The reason.
    pub reason: DoubtReason,
    /// What it is about, for people.
    pub detail: String,
}

/// Reasons for which a question stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DoubtReason {
    /// The search was given up.
    Budget,
    /// A policy variable ties keys in a way that could not be taken apart.
    RelationalTemplate,
    /// A policy variable stands in a list that is compared with several values.
    MultivaluedVariable,
    /// One key is compared by operators of different types.
    MixedKeyType,
    /// A letter case that depends on its neighbours.
    CaseMapping,
    /// A malformed value where AWS's answer is not known.
    MalformedOperand,
    /// An operator that AWS does not define.
    UnsupportedOperator,
    /// A document that AWS would refuse.
    Document,
    /// A rule that is not modelled, or a fact that nobody gave, decides.
    Unmodelled,
    /// An error of this program: the search and the evaluator disagree.
    Internal,
}

/// Policies as they decide for one caller.
#[derive(Clone, Copy, Debug)]
pub struct Access<'a> {
    /// Every policy that takes part.
    pub policies: &'a Policies,
    /// The caller.
    pub principal: &'a Principal,
    /// The owner of the resources whose ARNs name no account; `None`: the caller's account.
    pub resource_account: Option<&'a str>,
    /// Facts outside the context.
    pub settings: &'a Settings,
}

/// How questions are answered.
#[derive(Clone, Copy, Debug)]
pub struct Analysis<'a> {
    /// The actions, resource types and keys that exist.
    pub catalog: &'a Catalog,
    /// Whether to leave out every fact about which keys and resources an action has (`--pure`).
    pub pure: bool,
    /// Whether actions that the catalog does not know may exist.
    pub open_actions: bool,
    /// Whether witnesses may have made-up action names where the catalog has fitting ones, which
    /// is faster.
    pub plain_witnesses: bool,
    /// How much work a question may cost.
    pub budget: Budget,
}

/// Limits of the work for one question; beyond them the answer is [`DoubtReason::Budget`].
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Nodes of all searches, with the reading of statements counted in.
    pub nodes: usize,
    /// States of one automaton; all of a question together may have 250 times as many.
    pub states: usize,
    /// Assignments of policy variables to values, for all classes of actions together.
    pub assignments: usize,
}

impl DoubtReason {
    /// Returns the word of machine-readable output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::RelationalTemplate => "relational-template",
            Self::MultivaluedVariable => "multivalued-variable",
            Self::MixedKeyType => "mixed-key-type",
            Self::CaseMapping => "case-mapping",
            Self::MalformedOperand => "malformed-operand",
            Self::UnsupportedOperator => "unsupported-operator",
            Self::Document => "document",
            Self::Unmodelled => "unmodelled",
            Self::Internal => "internal",
        }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            nodes: 200_000,
            states: 4_000,
            assignments: 512,
        }
    }
}

/// What a question cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Nodes of the search.
    pub nodes: usize,
}

impl<'a> Analysis<'a> {
    /// Returns the usual way to answer: with facts, for actions of today and tomorrow.
    #[must_use]
    pub fn new(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            pure: false,
            open_actions: true,
            plain_witnesses: false,
            budget: Budget::default(),
        }
    }

    /// Looks for a request of the family that is allowed. Nothing: the family is *never* allowed.
    #[must_use]
    pub fn find_allowed(&self, family: &[Document], access: &Access<'_>) -> Found {
        self.find_decided(family, access, true)
    }

    /// Looks for a request of the family that is denied. Nothing: the family is *always* allowed.
    #[must_use]
    pub fn find_denied(&self, family: &[Document], access: &Access<'_>) -> Found {
        self.find_decided(family, access, false)
    }

    fn find_decided(&self, family: &[Document], access: &Access<'_>, allowed: bool) -> Found {
        let refused = family.iter().find_map(Document::refusal);
        if let Some(problem) = refused.or_else(|| access.policies.refusal()) {
            return Found::Unknown(refusal(problem));
        }
        let mut items: Vec<Item<'_>> = Vec::new();
        compose::extend(&mut items, family);
        let own = (0..items.len(), family);
        let layers = Layers::add(access, &mut items);
        let has_boundary =
            crate::evaluate::grant::boundary_of(access.policies, access.principal).is_some();
        let question = Question {
            analysis: self,
            lists: question::lists(&items, self.catalog),
            memo: Memo::new(self.budget),
            items,
            callers: Callers::one(access.principal, access.settings, has_boundary),
            goal: Goal::Decided {
                family: own,
                layers,
                access,
                allowed,
            },
        };
        question.run(&mut Cost::default())
    }

    /// Looks for a request that the layers of `a` allow, all of them, and those of `b` do not.
    /// Nothing: `b` contains `a`. Each layer is decided by its own documents (rules T1 to T4).
    #[must_use]
    pub fn find_excess(&self, a: &[&[Document]], b: &[&[Document]]) -> Found {
        self.find_excess_at(a, b, &mut Cost::default())
    }

    /// As [`Analysis::find_excess`], adding up what it cost.
    pub fn find_excess_at(&self, a: &[&[Document]], b: &[&[Document]], cost: &mut Cost) -> Found {
        let documents: Vec<&Document> = a.iter().chain(b).copied().flatten().collect();
        if let Some(problem) = documents.iter().find_map(|it| it.refusal()) {
            return Found::Unknown(refusal(problem));
        }
        // What names the caller's account only, what names the caller or its role, and what names
        // a session (which no boundary limits, E6, E8) are three things: each has to be contained.
        let both = compose::has_levels(a) || compose::has_levels(b);
        for ways in compose::WAYS.into_iter().take(if both { 3 } else { 1 }) {
            let mut items: Vec<Item<'_>> = Vec::new();
            let own = compose::layers(&mut items, a);
            let others = compose::layers(&mut items, b);
            let question = Question {
                analysis: self,
                lists: question::lists(&items, self.catalog),
                memo: Memo::new(self.budget),
                callers: Callers::of(&documents),
                goal: Goal::Excess {
                    a: own,
                    b: others,
                    ways,
                },
                items,
            };
            match question.run(cost) {
                Found::Nothing => {}
                found => return found,
            }
        }
        Found::Nothing
    }
}

fn refusal(problem: &crate::policy::Problem) -> Doubt {
    Doubt {
        reason: DoubtReason::Document,
        detail: format!("AWS refuses a document: {}", problem.message),
    }
}
