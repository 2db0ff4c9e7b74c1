//! Looks for a request that a formula describes: unit propagation over the domains of its
//! dimensions, branches where a choice is left, and texts at the end, whose contradictions are
//! remembered as clauses.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::automaton::{OverBudget, Word};
use super::bits::Bits;
use super::formula::{Claim, Dimension, Formulas, Node, Shape};
use super::language::{self, Language, Symbol};
use super::memo::{Memo, WORK_PER_NODE};
use super::shortcut;

/// What a dimension may still be.
#[derive(Clone, Debug)]
pub(super) enum Domain {
    /// One of these cells.
    Cells(Bits),
    /// A set of elements, each in one of the allowed cells, with these among them.
    Elements {
        allowed: Bits,
        wanted: Vec<Bits>,
        any: Option<bool>,
    },
    /// A text in some languages and not in others, or none.
    Text {
        inside: Bits,
        outside: Bits,
        present: Option<bool>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    True,
    False,
    Open,
}

/// A request as far as the formula tells it.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) domains: Vec<Domain>,
    /// The texts of the text dimensions that need one.
    pub(super) words: FxHashMap<Dimension, Vec<Symbol>>,
}

/// How much a search cost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    pub(super) nodes: usize,
}

pub(super) struct Search<'a> {
    pub(super) formulas: &'a mut Formulas,
    pub(super) domains: Vec<Domain>,
    /// The languages of the text dimensions.
    pub(super) languages: &'a [Vec<Language>],
    pub(super) max_nodes: usize,
    pub(super) max_states: usize,
    memo: &'a Memo,
    pub(super) cost: Cost,
    trail: Vec<(Dimension, Domain)>,
    learned: Vec<Node>,
    /// Whether all of one language, or nothing of it, is in another.
    pairs: RefCell<FxHashMap<(Dimension, usize, u32), Option<bool>>>,
    pub(super) work: usize,
}

struct Frame {
    open: Vec<Node>,
    branches: Vec<Node>,
    next: usize,
    trail: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        formulas: &'a mut Formulas,
        mut domains: Vec<Domain>,
        languages: &'a [Vec<Language>],
        max_nodes: usize,
        max_states: usize,
        memo: &'a Memo,
    ) -> Self {
        for (domain, languages) in domains.iter_mut().zip(languages) {
            if let Domain::Text {
                inside, outside, ..
            } = domain
            {
                *inside = Bits::none(languages.len());
                *outside = Bits::none(languages.len());
            }
        }
        Self {
            formulas,
            domains,
            languages,
            max_nodes,
            max_states,
            memo,
            cost: Cost::default(),
            trail: Vec::new(),
            learned: Vec::new(),
            pairs: RefCell::default(),
            work: 0,
        }
    }

    /// Returns a request for which `goal` holds; `None` is a proof that there is none.
    pub(super) fn run(&mut self, goal: Node) -> Result<Option<Model>, OverBudget> {
        let mut frames: Vec<Frame> = Vec::new();
        let mut pending = vec![goal];
        let mut open: Vec<Node> = Vec::new();
        loop {
            self.cost.nodes += 1;
            if self.cost.nodes > self.max_nodes || self.work > self.max_nodes * WORK_PER_NODE {
                return Err(OverBudget);
            }
            let holds = self.propagate(&mut pending, &mut open)?;
            if holds && open.is_empty() {
                match self.texts()? {
                    Ok(words) => {
                        return Ok(Some(Model {
                            domains: self.domains.clone(),
                            words,
                        }));
                    }
                    Err(clause) => self.learned.push(clause),
                }
            } else if holds {
                let frame = self.frame(open);
                frames.push(frame);
            }
            // The next branch of the last choice that has one.
            loop {
                let Some(frame) = frames.last_mut() else {
                    return Ok(None);
                };
                while self.trail.len() > frame.trail {
                    if let Some((dimension, domain)) = self.trail.pop() {
                        self.domains[dimension as usize] = domain;
                    }
                }
                let Some(branch) = frame.branches.get(frame.next).copied() else {
                    frames.pop();
                    continue;
                };
                pending.clear();
                pending.push(branch);
                let tried: Vec<Node> = frame.branches[..frame.next].to_vec();
                frame.next += 1;
                open = frame.open.clone();
                for other in tried {
                    let not = self.formulas.not(other);
                    pending.push(not);
                }
                break;
            }
        }
    }

    /// Chooses the clause with the fewest ways to hold.
    fn frame(&self, mut open: Vec<Node>) -> Frame {
        let mut best: Option<(usize, usize)> = None;
        for (at, clause) in open.iter().enumerate() {
            if let Shape::Or(parts) = self.formulas.get(*clause) {
                let ways = parts
                    .iter()
                    .filter(|part| self.status(**part) == Status::Open)
                    .count();
                if best.is_none_or(|(fewest, _)| ways < fewest) {
                    best = Some((ways, at));
                }
                if ways <= 2 {
                    break;
                }
            }
        }
        let at = best.map_or(0, |(_, at)| at);
        let clause = open.swap_remove(at);
        let branches = match self.formulas.get(clause) {
            Shape::Or(parts) => parts
                .iter()
                .copied()
                .filter(|part| self.status(*part) == Status::Open)
                .collect(),
            _ => vec![clause],
        };
        Frame {
            open,
            branches,
            next: 0,
            trail: self.trail.len(),
        }
    }

    /// Takes in what has to hold; false where it cannot.
    fn propagate(
        &mut self,
        pending: &mut Vec<Node>,
        open: &mut Vec<Node>,
    ) -> Result<bool, OverBudget> {
        loop {
            while let Some(node) = pending.pop() {
                match self.formulas.get(node) {
                    Shape::True => {}
                    Shape::False => return Ok(false),
                    Shape::And(parts) => pending.extend(parts.iter().copied()),
                    Shape::Or(_) => open.push(node),
                    Shape::Claim(dimension, claim) => {
                        let (dimension, claim) = (*dimension, claim.clone());
                        if !self.narrow(dimension, &claim) {
                            return Ok(false);
                        }
                    }
                }
            }
            self.work += open.len() + self.learned.len();
            if self.work > self.max_nodes * WORK_PER_NODE {
                return Err(OverBudget);
            }
            let mut at = 0;
            while at < open.len() {
                match self.only_way(open[at]) {
                    Way::Holds => {
                        open.swap_remove(at);
                    }
                    Way::None => return Ok(false),
                    Way::One(part) => {
                        open.swap_remove(at);
                        pending.push(part);
                    }
                    Way::Several => at += 1,
                }
            }
            for at in 0..self.learned.len() {
                match self.only_way(self.learned[at]) {
                    Way::Holds | Way::Several => {}
                    Way::None => return Ok(false),
                    Way::One(part) => pending.push(part),
                }
            }
            if pending.is_empty() {
                return Ok(true);
            }
        }
    }

    fn only_way(&self, clause: Node) -> Way {
        let Shape::Or(parts) = self.formulas.get(clause) else {
            return match self.status(clause) {
                Status::True => Way::Holds,
                Status::False => Way::None,
                Status::Open => Way::One(clause),
            };
        };
        let mut way = Way::None;
        for part in parts {
            match (self.status(*part), &way) {
                (Status::True, _) => return Way::Holds,
                (Status::False, _) => {}
                (Status::Open, Way::None) => way = Way::One(*part),
                (Status::Open, _) => way = Way::Several,
            }
        }
        way
    }

    fn status(&self, node: Node) -> Status {
        match self.formulas.get(node) {
            Shape::True => Status::True,
            Shape::False => Status::False,
            Shape::Claim(dimension, claim) => self.entailed(*dimension, claim),
            Shape::And(parts) => {
                let mut all = Status::True;
                for part in parts {
                    match self.status(*part) {
                        Status::False => return Status::False,
                        Status::Open => all = Status::Open,
                        Status::True => {}
                    }
                }
                all
            }
            Shape::Or(parts) => {
                let mut any = Status::False;
                for part in parts {
                    match self.status(*part) {
                        Status::True => return Status::True,
                        Status::Open => any = Status::Open,
                        Status::False => {}
                    }
                }
                any
            }
        }
    }

    fn entailed(&self, dimension: Dimension, claim: &Claim) -> Status {
        let of = |yes: bool, no: bool| match (yes, no) {
            (true, _) => Status::True,
            (_, true) => Status::False,
            _ => Status::Open,
        };
        match (&self.domains[dimension as usize], claim) {
            (Domain::Cells(cells), Claim::In(wanted)) => {
                of(cells.is_subset(wanted), cells.is_disjoint(wanted))
            }
            (
                Domain::Elements {
                    allowed,
                    wanted,
                    any,
                },
                claim,
            ) => match claim {
                Claim::Some(cells) => of(
                    wanted.iter().any(|it| it.and(allowed).is_subset(cells)),
                    *any == Some(false) || allowed.is_disjoint(cells),
                ),
                Claim::Every(cells) => {
                    let others = cells.complement();
                    of(
                        *any == Some(false) || allowed.is_disjoint(&others),
                        wanted.iter().any(|it| it.and(allowed).is_subset(&others)),
                    )
                }
                Claim::Elements(wants) => of(*any == Some(*wants), *any == Some(!wants)),
                _ => Status::Open,
            },
            (
                Domain::Text {
                    inside,
                    outside,
                    present,
                },
                claim,
            ) => match claim {
                Claim::Word(language, is_in) => {
                    let (yes, no) = match self.at_a_glance(dimension, inside, *language) {
                        Some(holds) => (holds, !holds),
                        None => (
                            false,
                            *present == Some(false) || outside.contains(*language as usize),
                        ),
                    };
                    if *is_in { of(yes, no) } else { of(no, yes) }
                }
                Claim::Text(wants) => of(*present == Some(*wants), *present == Some(!wants)),
                _ => Status::Open,
            },
            _ => Status::Open,
        }
    }

    /// Whether a text of some languages is surely in another one, or surely not.
    fn at_a_glance(&self, dimension: Dimension, inside: &Bits, language: u32) -> Option<bool> {
        let languages = &self.languages[dimension as usize];
        for own in inside.iter() {
            if own == language as usize {
                return Some(true);
            }
            if !shortcut::on("pairs") {
                continue;
            }
            let mut known = self.pairs.borrow_mut();
            let pair = known
                .entry((dimension, own, language))
                .or_insert_with(|| relate(&languages[own], &languages[language as usize]));
            if pair.is_some() {
                return *pair;
            }
        }
        None
    }

    /// Takes a claim in; false where it contradicts what is known.
    fn narrow(&mut self, dimension: Dimension, claim: &Claim) -> bool {
        match self.entailed(dimension, claim) {
            Status::True => return true,
            Status::False => return false,
            Status::Open => {}
        }
        let old = self.domains[dimension as usize].clone();
        let domain = &mut self.domains[dimension as usize];
        let holds = match (&mut *domain, claim) {
            (Domain::Cells(cells), Claim::In(wanted)) => {
                *cells = cells.and(wanted);
                !cells.is_empty()
            }
            (
                Domain::Elements {
                    allowed,
                    wanted,
                    any,
                },
                claim,
            ) => {
                match claim {
                    Claim::Some(cells) => {
                        wanted.push(cells.clone());
                        *any = Some(true);
                    }
                    Claim::Every(cells) => *allowed = allowed.and(cells),
                    Claim::Elements(wants) => *any = Some(*wants),
                    _ => {}
                }
                let possible = |cells: &Bits| !cells.is_disjoint(allowed);
                let has_room = *any != Some(true) || !allowed.is_empty();
                has_room && wanted.iter().all(possible)
            }
            (
                Domain::Text {
                    inside,
                    outside,
                    present,
                },
                claim,
            ) => {
                match claim {
                    Claim::Word(language, true) => {
                        inside.insert(*language as usize);
                        *present = Some(true);
                    }
                    Claim::Word(language, false) => outside.insert(*language as usize),
                    Claim::Text(wants) => *present = Some(*wants),
                    _ => {}
                }
                true
            }
            _ => true,
        };
        self.trail.push((dimension, old));
        holds
    }

    /// Finds the texts that are needed; else the clause that says why there is none.
    fn texts(&mut self) -> Result<Result<FxHashMap<Dimension, Vec<Symbol>>, Node>, OverBudget> {
        let mut words = FxHashMap::default();
        for at in 0..self.domains.len() {
            let Domain::Text {
                inside,
                outside,
                present: Some(true),
            } = &self.domains[at]
            else {
                continue;
            };
            let languages = &self.languages[at];
            let of = |atoms: &Bits| -> Vec<&'a Language> {
                atoms.iter().map(|it| &languages[it]).collect()
            };
            let (has, lacks) = (of(inside), of(outside));
            let dimension = Dimension::try_from(at).unwrap_or_default();
            match self.memo.find_word(&has, &lacks, self.max_states)? {
                Word::Found(word) => {
                    words.insert(dimension, word);
                }
                Word::None(some_in, some_out) => {
                    let (some_in, some_out) =
                        reduce(self.memo, &has, &lacks, some_in, some_out, self.max_states);
                    let atoms = |of: &Bits, chosen: Vec<usize>| -> Vec<u32> {
                        let all: Vec<usize> = of.iter().collect();
                        let atom = |at: usize| u32::try_from(all[at]).unwrap_or_default();
                        chosen.into_iter().map(atom).collect()
                    };
                    let some_in = atoms(inside, some_in);
                    let some_out = atoms(outside, some_out);
                    let is_anywhere = some_in.is_empty();
                    let mut parts = Vec::new();
                    for language in some_in {
                        parts.push(self.formulas.claim(dimension, Claim::Word(language, false)));
                    }
                    for language in some_out {
                        parts.push(self.formulas.claim(dimension, Claim::Word(language, true)));
                    }
                    if is_anywhere {
                        // Something else asks for a text.
                        parts.push(self.formulas.claim(dimension, Claim::Text(false)));
                    }
                    return Ok(Err(self.formulas.or(parts)));
                }
            }
        }
        Ok(Ok(words))
    }
}

enum Way {
    Holds,
    None,
    One(Node),
    Several,
}

/// Returns whether a language is part of another, or shares nothing with it, as far as their
/// patterns show it at once.
fn relate(own: &Language, other: &Language) -> Option<bool> {
    const TOO_MANY: usize = 100_000;
    if own.patterns.len() * other.patterns.len() > TOO_MANY {
        return None;
    }
    let is_in = own
        .patterns
        .iter()
        .all(|own| other.patterns.iter().any(|it| language::includes(it, own)));
    if is_in {
        return Some(true);
    }
    let mut pairs = own
        .patterns
        .iter()
        .flat_map(|own| other.patterns.iter().map(move |it| (own, it)));
    let apart = pairs.all(|(a, b)| language::are_apart(a, b));
    apart.then_some(false)
}

/// Leaves out languages without which there is no text either.
fn reduce(
    memo: &Memo,
    has: &[&Language],
    lacks: &[&Language],
    mut some_in: Vec<usize>,
    mut some_out: Vec<usize>,
    budget: usize,
) -> (Vec<usize>, Vec<usize>) {
    if some_in.len() + some_out.len() > 24 {
        return (some_in, some_out);
    }
    let is_empty = |some_in: &[usize], some_out: &[usize]| {
        let has: Vec<&Language> = some_in.iter().map(|it| has[*it]).collect();
        let lacks: Vec<&Language> = some_out.iter().map(|it| lacks[*it]).collect();
        matches!(memo.find_word(&has, &lacks, budget), Ok(Word::None(..)))
    };
    let mut at = 0;
    while at < some_out.len() {
        let mut fewer = some_out.clone();
        fewer.remove(at);
        if is_empty(&some_in, &fewer) {
            some_out = fewer;
        } else {
            at += 1;
        }
    }
    at = 0;
    while at < some_in.len() && some_in.len() > 1 {
        let mut fewer = some_in.clone();
        fewer.remove(at);
        if is_empty(&fewer, &some_out) {
            some_in = fewer;
        } else {
            at += 1;
        }
    }
    (some_in, some_out)
}
