//! Names for statements that no other statement has.

use super::Subject;
use crate::policy::Statement;

impl Subject<'_> {
    /// Returns a name for a statement whose `Sid` others before it have too.
    #[must_use]
    pub fn unique_sid(&self, index: usize, statement: &Statement) -> Option<String> {
        let sid = statement.sid.as_ref()?;
        let before = self.document.statements.get(..index)?.iter();
        let same = before.filter(|it| it.sid.as_ref().is_some_and(|it| it.text == sid.text));
        let name = self.numbered_sid(&sid.text, same.count().saturating_sub(1));
        (!name.is_empty()).then_some(name)
    }

    /// Returns a `Sid` like this one that no statement has, with a number: `Read2`. The `nth` of
    /// them, from 0, so that several statements can get one at once.
    #[must_use]
    pub fn numbered_sid(&self, sid: &str, nth: usize) -> String {
        let stem = sid.trim_end_matches(|it: char| it.is_ascii_digit());
        let own: u64 = sid[stem.len()..].parse().unwrap_or(1);
        let is_used = |name: &str| {
            let mut sids = self
                .document
                .statements
                .iter()
                .filter_map(|it| it.sid.as_ref());
            sids.any(|it| *it.text == *name)
        };
        let numbered = (own.saturating_add(1)..).map(|it| format!("{stem}{it}"));
        let mut free = numbered.filter(|it| !is_used(it));
        free.nth(nth).unwrap_or_default()
    }
}
