//! Finds a name in any letter case without allocating.
//!
//! AWS compares service prefixes, action names and condition key names without regard to case
//! (IAM User Guide, "IAM JSON policy elements: Action" and "… Condition"). The index holds
//! positions only; the caller owns the names and passes them in.

/// Positions of names, found by their case-insensitive hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameIndex {
    /// Position plus one, or 0 for a free slot; the length is a power of two.
    slots: Box<[u32]>,
}

impl NameIndex {
    /// Returns an index of the names in their order; of equal names the first is found.
    pub(crate) fn new<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> Self {
        let size = (names.len() * 2).next_power_of_two();
        let mut slots = vec![0_u32; size].into_boxed_slice();
        for (position, name) in (1..).zip(names) {
            let mut at = slot(name, size);
            while slots[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            slots[at] = position;
        }
        Self { slots }
    }

    /// Returns the position of a name; `name_at` gives the name at a position.
    pub(crate) fn find<'n>(&self, name: &str, name_at: impl Fn(usize) -> &'n str) -> Option<usize> {
        let size = self.slots.len();
        if size == 0 {
            return None;
        }
        let mut at = slot(name, size);
        // INVARIANT: at most half of the slots are taken, so a free one ends the search.
        while self.slots[at] != 0 {
            let position = self.slots[at] as usize - 1;
            if name_at(position).eq_ignore_ascii_case(name) {
                return Some(position);
            }
            at = (at + 1) & (size - 1);
        }
        None
    }
}

fn slot(name: &str, size: usize) -> usize {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in name.bytes() {
        // Setting this bit lowers letters; that it also joins a few other characters costs a
        // comparison at most.
        hash = (hash ^ u32::from(byte | 0x20)).wrapping_mul(0x0100_0193);
    }
    (hash ^ (hash >> 15)) as usize & (size - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_in_any_letter_case() {
        let names = ["RunInstances", "s3", "", "aws:TagKeys", "S3"];
        let index = NameIndex::new(names.into_iter());
        let find = |name| index.find(name, |at| names[at]);
        assert_eq!(find("runinstances"), Some(0));
        assert_eq!(find("S3"), Some(1));
        assert_eq!(find(""), Some(2));
        assert_eq!(find("AWS:tagkeys"), Some(3));
        assert_eq!(find("aws:TagKey"), None);
        assert_eq!(NameIndex::default().find("x", |_| "x"), None);
        assert_eq!(NameIndex::new([].into_iter()).find("x", |_| "x"), None);
    }
}
