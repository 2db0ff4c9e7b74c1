//! The ways to see an answer without the work of a search, and a way for tests to do without one.
//!
//! Code that takes one asks [`on`] with its name. Outside this crate's own tests that is the
//! constant `true`; in them each is switched off in turn, and no answer may change.

/// The shortcuts, by name.
#[cfg(test)]
pub(super) const ALL: [&str; 8] = [
    "apart", "cells", "covered", "glance", "itself", "memo", "pairs", "prefixes",
];

#[cfg(not(test))]
#[inline(always)]
pub(super) const fn on(_shortcut: &'static str) -> bool {
    true
}

#[cfg(test)]
pub(super) use testing::on;

#[cfg(test)]
pub(super) mod testing {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;

    thread_local! {
        static OFF: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
        static MISSED: RefCell<BTreeMap<&'static str, usize>> =
            const { RefCell::new(BTreeMap::new()) };
        static IS_OFF: Cell<bool> = const { Cell::new(false) };
    }

    pub(crate) fn on(shortcut: &'static str) -> bool {
        debug_assert!(super::ALL.contains(&shortcut));
        if !IS_OFF.get() || !OFF.with_borrow(|it| it.contains(&shortcut)) {
            return true;
        }
        MISSED.with_borrow_mut(|it| *it.entry(shortcut).or_default() += 1);
        false
    }

    /// Runs `body` without some shortcuts on this thread.
    pub(crate) fn without<R>(shortcuts: &[&'static str], body: impl FnOnce() -> R) -> R {
        OFF.set(shortcuts.to_vec());
        IS_OFF.set(true);
        let result = body();
        IS_OFF.set(false);
        result
    }

    /// Returns how often a shortcut would have been looked for.
    pub(crate) fn missed(shortcut: &str) -> usize {
        MISSED.with_borrow(|it| it.get(shortcut).copied().unwrap_or(0))
    }
}
