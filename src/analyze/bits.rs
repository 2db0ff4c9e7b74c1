//! Small sets of numbers: cells, statements, atoms.

use smallvec::SmallVec;

/// A set of numbers below a length that is fixed when it is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Bits {
    words: SmallVec<[u64; 2]>,
    len: u32,
}

impl Bits {
    pub(super) fn none(len: usize) -> Self {
        Self {
            words: SmallVec::from_elem(0, len.div_ceil(64)),
            len: u32::try_from(len).unwrap_or(u32::MAX),
        }
    }

    pub(super) fn all(len: usize) -> Self {
        let mut bits = Self::none(len);
        bits.words.fill(u64::MAX);
        bits.trim();
        bits
    }

    pub(super) fn one(len: usize, at: usize) -> Self {
        let mut bits = Self::none(len);
        bits.insert(at);
        bits
    }

    fn trim(&mut self) {
        let used = self.len % 64;
        if used != 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << used) - 1;
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.len as usize
    }

    pub(super) fn insert(&mut self, at: usize) {
        self.words[at / 64] |= 1 << (at % 64);
    }

    pub(super) fn contains(&self, at: usize) -> bool {
        self.words
            .get(at / 64)
            .is_some_and(|word| word & 1 << (at % 64) != 0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(super) fn is_subset(&self, other: &Self) -> bool {
        self.words
            .iter()
            .zip(&other.words)
            .all(|(a, b)| a & !b == 0)
    }

    pub(super) fn is_disjoint(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).all(|(a, b)| a & b == 0)
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for (a, b) in both.words.iter_mut().zip(&other.words) {
            *a &= b;
        }
        both
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        let mut either = self.clone();
        either.add(other);
        either
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a |= b;
        }
    }

    pub(super) fn complement(&self) -> Self {
        let mut rest = self.clone();
        for word in &mut rest.words {
            *word = !*word;
        }
        rest.trim();
        rest
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                let at = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                Some(index * 64 + at)
            })
        })
    }

    pub(super) fn first(&self) -> Option<usize> {
        self.iter().next()
    }
}
