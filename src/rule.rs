//! The rule engine: which rules there are, and what they say about a document.
//!
//! A rule is a folder `rules/<name>/`; the build script makes the table of them, and adding one
//! edits nothing else. A rule asks [`RuleContext`] and reports: matching, expansion and the
//! reading of conditions live here and in the layers below, in no rule. Nothing here applies a
//! fix (that is `fix`), reads a file or prints.

mod condition;
mod condition_edit;
mod context;
mod expand;
mod fit;
mod grant;
mod key;
mod limit;
mod lists;
mod meta;
mod misfit;
mod operand;
mod region;
mod run;
mod select;
mod subject;
mod supply;
mod text;

pub use condition::{Holds, OperatorName, Supply, lists_key};
pub use context::{Report, RuleContext};
pub use expand::{ActionRef, Memo};
pub use fit::Fit;
pub use grant::{Ask, Grant};
pub use key::{
    KeyIssue, NewKey, SENSITIVE_KEYS, VPC_ENDPOINT_KEY_SERVICES, is_retired, replaced_key,
};
pub use lists::{Lists, RequiredCondition};
pub use meta::{Check, Meta, Persona, Rule, Scope};
pub use misfit::Misfit;
pub use operand::account_is_open;
pub use run::{Outcome, run, run_one};
pub use select::{Selected, Selection, UnknownRule, unknown};
pub use subject::Subject;
pub use text::{Job, LintedDocument, LintedText, lint_text};

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
