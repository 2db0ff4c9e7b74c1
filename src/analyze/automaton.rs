//! Which combinations of languages some text realises, and one such text for each: eagerly for all
//! combinations ([`cells`]), or goal-directed for one ([`find_word`]).
//!
//! Both walk sets of positions of the patterns (subset construction), with letters only for what
//! is live and one more for everything else. A pattern whose trailing plain `*` is reached accepts
//! whatever follows; positions before the last plain `*` that is reached add nothing.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::bits::Bits;
use super::language::{self, COLON, Language, Letter, Look, Pattern, Symbol, look};
use super::shortcut;

/// The work was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OverBudget;

/// A combination of languages that a text realises.
#[derive(Clone, Debug)]
pub(super) struct Combination {
    /// The languages that have the text.
    pub(super) vector: Bits,
    pub(super) word: Vec<Symbol>,
}

/// The positions of all patterns in one row. Position `end` of a pattern has no letter.
struct Positions {
    letters: Vec<Option<Letter>>,
    /// The language and the pattern of each position.
    owner: Vec<(u32, u32)>,
    /// From here on stands one more position for each language: it accepts whatever follows.
    absorbed: u32,
    starts: Vec<u32>,
}

type Set = Box<[u32]>;

impl Positions {
    fn new(languages: &[&Language]) -> Self {
        let (mut letters, mut owner, mut starts) = (Vec::new(), Vec::new(), Vec::new());
        let mut pattern = 0;
        for (language, it) in (0..).zip(languages) {
            for own in &it.patterns {
                starts.push(number(letters.len()));
                letters.extend(own.iter().map(|letter| Some(*letter)));
                letters.push(None);
                owner.resize(letters.len(), (language, pattern));
                pattern += 1;
            }
        }
        let absorbed = number(letters.len());
        for language in (0..).zip(languages).map(|(language, _)| language) {
            owner.push((language, pattern));
            pattern += 1;
        }
        Self {
            letters,
            owner,
            absorbed,
            starts,
        }
    }

    /// Adds a position and what is reached from it without a letter.
    fn reach(&self, mut at: u32, set: &mut Vec<u32>) {
        loop {
            match self.letters[at as usize] {
                Some(Letter::Any) if self.letters[at as usize + 1].is_none() => {
                    set.push(self.absorbed + self.owner[at as usize].0);
                    return;
                }
                Some(letter) if letter.is_star() => {
                    set.push(at);
                    at += 1;
                }
                _ => {
                    set.push(at);
                    return;
                }
            }
        }
    }

    /// Sorts a set and leaves out what adds nothing.
    fn settle(&self, set: &mut Vec<u32>) -> Set {
        set.sort_unstable();
        set.dedup();
        let first_absorbed = set.partition_point(|at| *at < self.absorbed);
        if first_absorbed < set.len() {
            let done: Vec<u32> = set[first_absorbed..]
                .iter()
                .map(|at| at - self.absorbed)
                .collect();
            let is_open =
                |at: &u32| *at >= self.absorbed || !done.contains(&self.owner[*at as usize].0);
            set.retain(is_open);
        }
        let mut kept: Vec<u32> = Vec::with_capacity(set.len());
        let mut last_star: Option<(u32, u32)> = None;
        for at in set.iter().rev() {
            let pattern = self.owner[*at as usize].1;
            if last_star.is_some_and(|(own, _)| own == pattern) {
                continue;
            }
            if *at < self.absorbed && self.letters[*at as usize] == Some(Letter::Any) {
                last_star = Some((pattern, *at));
            }
            kept.push(*at);
        }
        kept.reverse();
        kept.into()
    }

    fn start(&self) -> Set {
        let mut set = Vec::new();
        for start in &self.starts {
            self.reach(*start, &mut set);
        }
        self.settle(&mut set)
    }

    fn step(&self, set: &[u32], symbol: Symbol, next: &mut Vec<u32>) -> Set {
        next.clear();
        for at in set {
            if *at >= self.absorbed {
                next.push(*at);
                continue;
            }
            match self.letters[*at as usize] {
                Some(letter) if letter.takes(symbol) => {
                    self.reach(if letter.is_star() { *at } else { at + 1 }, next);
                }
                _ => {}
            }
        }
        self.settle(next)
    }

    /// Returns the languages that accept in a set.
    fn accepting(&self, set: &[u32], languages: usize) -> Bits {
        let mut vector = Bits::none(languages);
        for at in set {
            if *at >= self.absorbed || self.letters[*at as usize].is_none() {
                vector.insert(self.owner[*at as usize].0 as usize);
            }
        }
        vector
    }

    /// Adds every letter that a set tells apart from others.
    fn live(&self, set: &[u32], live: &mut Vec<Symbol>) {
        for at in set.iter().filter(|at| **at < self.absorbed) {
            match self.letters[*at as usize] {
                Some(Letter::Unit(unit)) => live.push(unit.into()),
                Some(Letter::Choice(units)) => live.extend(units.map(Symbol::from)),
                Some(Letter::Digit) => live.extend(0x30..=0x39),
                Some(Letter::AnyInPart | Letter::OneInPart) => live.push(COLON),
                Some(letter @ Letter::Variable(variable)) => {
                    debug_assert!(letter.takes(0x1_0000 + Symbol::from(variable)));
                    live.push(0x1_0000 + Symbol::from(variable));
                }
                _ => {}
            }
        }
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Puts letters in order, small ones first, which is how values are written.
fn in_order(live: &mut Vec<Symbol>) {
    live.sort_unstable_by_key(|symbol| (*symbol >= 0x80, Reverse(*symbol)));
    live.dedup();
}

/// A letter that is none of these: a plain one where there is one.
pub(super) fn other_than(live: &[Symbol]) -> Symbol {
    let plain = "xyzabcdefghijklmnopqrstuvw0123456789-_XYZABCDEFGHIJKLMNOPQRSTUVW.=@,+!~^";
    plain
        .bytes()
        .map(Symbol::from)
        .chain(0xC0..0xD800)
        .find(|symbol| !live.contains(symbol) && *symbol != COLON)
        .unwrap_or(0x2603)
}

/// Returns every combination of languages that some text realises, each with a short one, where
/// their patterns are so plain that no automaton is needed.
pub(super) fn cells_at_a_glance(languages: &[&Language]) -> Option<Vec<Combination>> {
    let mut patterns = languages.iter().flat_map(|it| &it.patterns);
    let is_plain = patterns.all(|it| look(it) != Look::General);
    (is_plain && shortcut::on("prefixes")).then(|| plain_cells(languages))
}

/// Returns every combination of languages that some text realises, each with a short one.
/// `left` is how many states the question's automata may still have.
pub(super) fn cells(
    languages: &[&Language],
    budget: usize,
    left: &Cell<usize>,
) -> Result<Vec<Combination>, OverBudget> {
    let budget = budget.min(left.get());
    let positions = Positions::new(languages);
    let mut seen: FxHashMap<Set, u32> = FxHashMap::default();
    let mut states: Vec<(Set, u32, Symbol)> = Vec::new();
    let mut found: Vec<Combination> = Vec::new();
    let mut vectors: FxHashSet<Bits> = FxHashSet::default();
    let start = positions.start();
    seen.insert(start.clone(), 0);
    states.push((start, u32::MAX, 0));
    let (mut live, mut next, mut at) = (Vec::new(), Vec::new(), 0);
    while at < states.len() {
        let set = states[at].0.clone();
        let vector = positions.accepting(&set, languages.len());
        if vectors.insert(vector.clone()) {
            let word = spell(at, |at| (states[at].1, states[at].2));
            found.push(Combination { vector, word });
        }
        live.clear();
        positions.live(&set, &mut live);
        in_order(&mut live);
        live.insert(0, other_than(&live));
        for symbol in &live {
            let reached = positions.step(&set, *symbol, &mut next);
            if !seen.contains_key(&reached) {
                if states.len() >= budget {
                    left.set(left.get() - budget);
                    return Err(OverBudget);
                }
                seen.insert(reached.clone(), number(states.len()));
                states.push((reached, number(at), *symbol));
            }
        }
        at += 1;
    }
    left.set(left.get().saturating_sub(states.len()));
    Ok(found)
}

fn spell(mut at: usize, back: impl Fn(usize) -> (u32, Symbol)) -> Vec<Symbol> {
    let mut word = Vec::new();
    loop {
        let (from, symbol) = back(at);
        if from == u32::MAX {
            break;
        }
        word.push(symbol);
        at = from as usize;
    }
    word.reverse();
    word
}

/// Cells of texts and prefixes: a text is told apart by the longest prefix that it has and by
/// being one of the texts, so these and each prefix with a fresh letter behind realise all.
fn plain_cells(languages: &[&Language]) -> Vec<Combination> {
    let mut literals: FxHashMap<Vec<Symbol>, Bits> = FxHashMap::default();
    let mut order: Vec<Vec<Symbol>> = Vec::new();
    let mut prefixes: FxHashMap<Vec<Symbol>, Vec<usize>> = FxHashMap::default();
    let mut starts: Vec<Vec<Symbol>> = Vec::new();
    let mut used: Vec<Symbol> = Vec::new();
    for (at, language) in languages.iter().enumerate() {
        for pattern in &language.patterns {
            let is_prefix = pattern.last() == Some(&Letter::Any);
            let word: Vec<Symbol> = pattern
                .iter()
                .filter_map(|letter| match letter {
                    Letter::Unit(unit) => Some(Symbol::from(*unit)),
                    _ => None,
                })
                .collect();
            used.extend(&word);
            if is_prefix {
                let known = prefixes.entry(word.clone());
                known
                    .or_insert_with(|| {
                        starts.push(word);
                        Vec::new()
                    })
                    .push(at);
            } else {
                let known = literals.entry(word.clone());
                known
                    .or_insert_with(|| {
                        order.push(word);
                        Bits::none(languages.len())
                    })
                    .insert(at);
            }
        }
    }
    used.sort_unstable();
    used.dedup();
    let fresh = other_than(&used);
    let mut lengths: Vec<usize> = starts.iter().map(Vec::len).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let mut found: Vec<Combination> = Vec::new();
    let mut seen: FxHashSet<Bits> = FxHashSet::default();
    let mut add = |word: Vec<Symbol>| {
        let mut vector = literals
            .get(&word)
            .cloned()
            .unwrap_or_else(|| Bits::none(languages.len()));
        for length in &lengths {
            let start = word.get(..*length);
            for language in start.and_then(|it| prefixes.get(it)).into_iter().flatten() {
                vector.insert(*language);
            }
        }
        if seen.insert(vector.clone()) {
            found.push(Combination { vector, word });
        }
    };
    for word in order {
        add(word);
    }
    for start in &starts {
        let mut word = start.clone();
        word.push(fresh);
        add(word);
    }
    add(vec![fresh]);
    found
}

/// How [`find_word`] knows that there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A text in all of the first and none of the second languages.
    Found(Vec<Symbol>),
    /// There is none, and these languages alone (of the first; of the second) see to it.
    None(Vec<usize>, Vec<usize>),
}

/// Answers where patterns alone show it, or where one of a few texts does.
pub(super) fn word_at_a_glance(inside: &[&Language], outside: &[&Language]) -> Option<Word> {
    for (at, own) in inside.iter().enumerate() {
        if own.patterns.is_empty() {
            return Some(Word::None(vec![at], Vec::new()));
        }
    }
    // The language with the fewest patterns leads.
    let (lead, leading) = inside
        .iter()
        .enumerate()
        .min_by_key(|(_, it)| it.patterns.len())?;
    let mut covers: Vec<usize> = Vec::new();
    // Languages that share nothing with some of its patterns.
    let mut apart: Vec<usize> = vec![lead];
    let mut open: Vec<&Pattern> = Vec::new();
    let spelt = Spelt::new(leading, outside);
    for pattern in &leading.patterns {
        let covering = spelt.language(pattern).or_else(|| {
            let includes = |it: &&Language| {
                let mut patterns = it.patterns.iter();
                patterns.any(|it| language::includes(it, pattern))
            };
            outside.iter().position(includes)
        });
        let shares = |it: &&Language| {
            let mut patterns = it.patterns.iter();
            patterns.any(|it| !language::are_apart(it, pattern))
        };
        match covering {
            Some(at) if !covers.contains(&at) => covers.push(at),
            Some(_) => {}
            None => match inside.iter().position(|it| !shares(it)) {
                Some(at) if !apart.contains(&at) => apart.push(at),
                Some(_) => {}
                None => open.push(pattern),
            },
        }
    }
    if open.is_empty() {
        covers.sort_unstable();
        apart.sort_unstable();
        return Some(Word::None(apart, covers));
    }
    let fits = |word: &Vec<Symbol>| {
        inside.iter().all(|it| it.has(word)) && !outside.iter().any(|it| it.has(word))
    };
    open.into_iter()
        .flat_map(|pattern| ["example", "", "x"].map(|fill| fill_in(pattern, fill)))
        .find(fits)
        .map(Word::Found)
}

/// The patterns of many languages by their letters; empty where there are few.
struct Spelt<'a>(FxHashMap<&'a [Letter], usize>);

impl<'a> Spelt<'a> {
    fn new(leading: &Language, outside: &[&'a Language]) -> Self {
        const MANY: usize = 256;
        let count: usize = outside.iter().map(|it| it.patterns.len()).sum();
        let mut spelt = FxHashMap::default();
        if count * leading.patterns.len() > MANY {
            for (at, language) in outside.iter().enumerate() {
                for pattern in &language.patterns {
                    spelt.entry(&**pattern).or_insert(at);
                }
            }
        }
        Self(spelt)
    }

    fn language(&self, pattern: &[Letter]) -> Option<usize> {
        self.0.get(pattern).copied()
    }
}

/// Returns a text of a pattern with every star filled in alike.
fn fill_in(pattern: &[Letter], fill: &str) -> Vec<Symbol> {
    let mut word = Vec::with_capacity(pattern.len());
    for letter in pattern {
        match letter {
            Letter::Unit(unit) => word.push((*unit).into()),
            Letter::Choice([unit, _, _]) => word.push((*unit).into()),
            Letter::Digit => word.push('1'.into()),
            Letter::One | Letter::OneInPart => word.push('x'.into()),
            Letter::Variable(variable) => word.push(0x1_0000 + Symbol::from(*variable)),
            Letter::Any | Letter::AnyInPart => word.extend(fill.bytes().map(Symbol::from)),
        }
    }
    word
}

struct Node {
    inside: Vec<Set>,
    outside: Set,
    from: u32,
    symbol: Symbol,
}

/// Looks for a text in all of `inside`, of which there is one, and in none of `outside`. `left` is
/// how many states the question's automata may still have.
///
/// Best first: the texts that need the fewest further letters, then those that are in danger of
/// the fewest patterns outside.
pub(super) fn find_word(
    inside: &[&Language],
    outside: &[&Language],
    budget: usize,
    left: &Cell<usize>,
) -> Result<Word, OverBudget> {
    let budget = budget.min(left.get());
    let own: Vec<Positions> = inside.iter().map(|it| Positions::new(&[it])).collect();
    let others = Positions::new(outside);
    let needs = |at: &Positions, set: &Set| {
        let rest = |from: &u32| {
            if *from >= at.absorbed {
                return 0;
            }
            let letters = at.letters[*from as usize..].iter();
            letters
                .map_while(|it| *it)
                .filter(|it| !it.is_star())
                .count()
        };
        set.iter().map(rest).min().unwrap_or(0)
    };
    let mut nodes: Vec<Node> = Vec::new();
    let mut seen: FxHashMap<Vec<Set>, Vec<Set>> = FxHashMap::default();
    let mut queue = BinaryHeap::new();
    let mut add = |nodes: &mut Vec<Node>, queue: &mut BinaryHeap<_>, node: Node| {
        if node.inside.iter().any(|set| set.is_empty()) {
            return;
        }
        // What is outside whatever follows stays there.
        if node.outside.last().is_some_and(|at| *at >= others.absorbed) {
            return;
        }
        let known = seen.entry(node.inside.clone()).or_default();
        if known.iter().any(|set| is_part_of(set, &node.outside)) {
            return;
        }
        known.retain(|set| !is_part_of(&node.outside, set));
        known.push(node.outside.clone());
        let needed: usize = own
            .iter()
            .zip(&node.inside)
            .map(|(at, set)| needs(at, set))
            .sum();
        queue.push(Reverse((needed, node.outside.len(), nodes.len())));
        nodes.push(node);
    };
    let start = Node {
        inside: own.iter().map(Positions::start).collect(),
        outside: others.start(),
        from: u32::MAX,
        symbol: 0,
    };
    add(&mut nodes, &mut queue, start);
    let (mut live, mut next) = (Vec::new(), Vec::new());
    while let Some(Reverse((_, _, at))) = queue.pop() {
        let accepted = |at: &Positions, set: &Set| !at.accepting(set, 1).is_empty();
        let is_in = own
            .iter()
            .zip(&nodes[at].inside)
            .all(|(it, set)| accepted(it, set));
        if is_in
            && others
                .accepting(&nodes[at].outside, outside.len())
                .is_empty()
        {
            left.set(left.get().saturating_sub(nodes.len()));
            return Ok(Word::Found(spell(at, |at| {
                (nodes[at].from, nodes[at].symbol)
            })));
        }
        live.clear();
        for (it, set) in own.iter().zip(&nodes[at].inside) {
            it.live(set, &mut live);
        }
        others.live(&nodes[at].outside, &mut live);
        in_order(&mut live);
        live.insert(0, other_than(&live));
        for symbol in &live {
            if nodes.len() >= budget {
                left.set(left.get() - budget);
                return Err(OverBudget);
            }
            let node = Node {
                inside: own
                    .iter()
                    .zip(&nodes[at].inside)
                    .map(|(it, set)| it.step(set, *symbol, &mut next))
                    .collect(),
                outside: others.step(&nodes[at].outside, *symbol, &mut next),
                from: number(at),
                symbol: *symbol,
            };
            add(&mut nodes, &mut queue, node);
        }
    }
    left.set(left.get().saturating_sub(nodes.len()));
    Ok(Word::None(
        (0..inside.len()).collect(),
        (0..outside.len()).collect(),
    ))
}

/// Whether one sorted set is part of another.
fn is_part_of(part: &[u32], whole: &[u32]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|at| rest.any(|it| it == at))
}
