//! What the attempts of one question share: answers about texts, and the limits of the whole.
//!
//! Every class of actions and every attempt at its policy variables asks anew about the same few
//! sets of patterns. An answer depends on nothing but the patterns and the limit, which is the same
//! for the whole question, so the second asking may take the first one's answer. Nothing is kept
//! from one question to the next.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Budget;
use super::automaton::{self, Combination, OverBudget, Word};
use super::language::{Language, Letter};
use super::shortcut;

/// How many times the states of one automaton all automata of a question may have.
const AUTOMATA: usize = 250;

/// How much work, in clauses or conditions looked at, counts as one node.
pub(super) const WORK_PER_NODE: usize = 100;

/// What a list of languages comes to.
type Cells = Result<Rc<[Combination]>, OverBudget>;

/// How many languages have the text that is looked for; these, and those that do not.
type Asked = (usize, Box<[Language]>);

/// Answers by the languages they are about, and what is left of the budget.
#[derive(Debug)]
pub(super) struct Memo {
    cells: RefCell<FxHashMap<Box<[Language]>, Cells>>,
    words: RefCell<FxHashMap<Asked, Result<Word, OverBudget>>>,
    /// States that the automata of this question may still have.
    states: Cell<usize>,
    /// Nodes that its searches may still visit.
    nodes: Cell<usize>,
    /// Assignments of its policy variables that may still be tried.
    assignments: Cell<usize>,
}

impl Memo {
    pub(super) fn new(budget: Budget) -> Self {
        Self {
            cells: RefCell::default(),
            words: RefCell::default(),
            states: Cell::new(budget.states.saturating_mul(AUTOMATA)),
            nodes: Cell::new(budget.nodes),
            assignments: Cell::new(budget.assignments),
        }
    }

    /// Returns how many nodes the searches of the question may still visit.
    pub(super) fn nodes(&self) -> usize {
        self.nodes.get()
    }

    /// Takes nodes from the budget, and work beside them that is counted in clauses.
    pub(super) fn spend(&self, nodes: usize, work: usize) {
        let spent = nodes.saturating_add(work / WORK_PER_NODE);
        self.nodes.set(self.nodes.get().saturating_sub(spent));
    }

    /// Takes one assignment from the budget; false where there is none left.
    pub(super) fn may_assign(&self) -> bool {
        let left = self.assignments.get();
        self.assignments.set(left.saturating_sub(1));
        left > 0
    }

    /// Returns the cells of some languages ([`automaton::cells`]).
    pub(super) fn cells(&self, languages: &[Language], most: usize) -> Cells {
        let own: Vec<&Language> = languages.iter().collect();
        if let Some(plain) = automaton::cells_at_a_glance(&own) {
            return Ok(plain.into());
        }
        if shortcut::on("memo")
            && let Some(known) = self.cells.borrow().get(languages)
        {
            return known.clone();
        }
        let found = automaton::cells(&own, most, &self.states).map(Rc::from);
        self.cells
            .borrow_mut()
            .insert(languages.into(), found.clone());
        found
    }

    /// Looks for a text in all of `inside` and in none of `outside` ([`automaton::find_word`]).
    pub(super) fn find_word(
        &self,
        inside: &[&Language],
        outside: &[&Language],
        most: usize,
    ) -> Result<Word, OverBudget> {
        let everything = Language::one(Box::new([Letter::Any]));
        if inside.is_empty() {
            return Ok(match self.find_word(&[&everything], outside, most)? {
                Word::None(_, outside) => Word::None(Vec::new(), outside),
                found => found,
            });
        }
        if shortcut::on("glance")
            && let Some(word) = automaton::word_at_a_glance(inside, outside)
        {
            return Ok(word);
        }
        let all = inside.iter().chain(outside).copied().cloned();
        let asked = (inside.len(), all.collect());
        if shortcut::on("memo")
            && let Some(known) = self.words.borrow().get(&asked)
        {
            return known.clone();
        }
        let found = automaton::find_word(inside, outside, most, &self.states);
        self.words.borrow_mut().insert(asked, found.clone());
        found
    }
}
