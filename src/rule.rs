//! The rule engine: which rules there are, and what they say about a document.
//!
//! A rule is a folder `rules/<name>/`; the build script makes the table of them, and adding one
//! edits nothing else. A rule asks [`RuleContext`] and reports: matching, expansion and the
//! reading of conditions live here and in the layers below, in no rule. Nothing here applies a
//! fix (that is `fix`), reads a file or prints.

mod context;
mod escalation;
mod expand;
mod exposure;
mod fit;
mod grant;
mod limit;
mod lists;
mod made;
mod meta;
mod reopened;
mod run;
mod select;
mod subject;
mod text;
mod wide;

pub use context::{Report, RuleContext};
pub use escalation::{Call, Escalation, Family, Path, Reach, Words, families, listed};
pub use expand::{ActionRef, Memo};
pub use exposure::{
    COPY_OUT, DECRYPT, Exposure, MAKE_PUBLIC, READ_DATA, SHARE_SNAPSHOTS, WRITE_RESOURCE_POLICIES,
};
pub use fit::Fit;
pub use grant::{Ask, Grant};
pub use lists::{Lists, RequiredCondition};
pub use made::Made;
pub use meta::{Check, Meta, Persona, Rule, Scope};
pub use reopened::Reopened;
pub use run::{Outcome, run, run_one};
pub use select::{Selected, Selection, UnknownRule, unknown};
pub use subject::Subject;
pub use text::{Job, LintedDocument, LintedText, lint_text};
pub use wide::WideGrant;

/// Every rule, by name.
#[must_use]
pub fn rules() -> &'static [Rule] {
    table::RULES
}

/// Returns the rule with this name or alias.
#[must_use]
pub fn find(name: &str) -> Option<&'static Rule> {
    let own = rules().iter().find(|it| it.meta.name == name);
    own.or_else(|| rules().iter().find(|it| it.meta.aliases.contains(&name)))
}

/// What the build script makes of `rules/`.
mod table {
    use super::{Check, Meta, Persona, Rule, Scope};
    use crate::finding::FindingType;
    use crate::policy::Kind;

    include!(concat!(env!("OUT_DIR"), "/rules.rs"));
}
