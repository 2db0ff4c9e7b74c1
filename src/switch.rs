//! The ids of the evaluation rules, and a way for tests to switch one off.
//!
//! Each rule of AWS's semantics has an id (`R5`, `E7`, …; listed in `src/evaluate/rules.md`). Code
//! that implements one asks [`on`] with its id. Outside tests that is the constant `true`; in this
//! crate's own tests a rule can be switched off, to show that some case depends on it.

#[cfg(not(test))]
#[inline(always)]
pub(crate) const fn on(_rule: &'static str) -> bool {
    true
}

#[cfg(test)]
pub(crate) use testing::on;

#[cfg(test)]
pub(crate) mod testing {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeSet;

    thread_local! {
        static OFF: Cell<Option<&'static str>> = const { Cell::new(None) };
        static ASKED: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
    }

    pub(crate) fn on(rule: &'static str) -> bool {
        ASKED.with_borrow_mut(|asked| asked.insert(rule));
        OFF.get() != Some(rule)
    }

    /// Runs `body` with one rule switched off on this thread.
    pub(crate) fn without<R>(rule: &'static str, body: impl FnOnce() -> R) -> R {
        OFF.set(Some(rule));
        let result = body();
        OFF.set(None);
        result
    }
}
