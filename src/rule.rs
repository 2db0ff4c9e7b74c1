//! The rule engine: which rules there are, and what they say about a document.
//!
//! A rule is a folder `rules/<name>/`; the build script makes the table of them, and adding one
//! edits nothing else. A rule asks [`RuleContext`] and reports: matching, expansion and the
//! reading of conditions live here and in the layers below, in no rule. Nothing here applies a
//! fix (that is `fix`), reads a file or prints.

mod amend;
mod condition;
mod condition_edit;
mod context;
mod escalation;
mod expand;
mod exposure;
mod federation;
mod fingerprint;
mod fit;
mod forge;
mod grant;
mod key;
mod limit;
mod lists;
mod made;
mod matching;
mod mend;
mod meta;
mod misfit;
mod naming;
mod oddity;
mod operand;
mod organization;
mod origin;
mod outside;
mod placeholder;
mod principal;
mod problem;
mod region;
mod reopened;
mod repeat;
mod resource_id;
mod run;
mod select;
mod sensitive;
mod service_source;
mod shape;
mod sid;
mod space;
mod subject;
mod supply;
mod text;
mod topic;
mod variable;
mod wide;
mod width;
mod wish;

pub use condition::{Holds, OperatorName, Supply, lists_key};
pub use context::{Report, RuleContext};
pub use escalation::{Call, Escalation, Family, Path, Reach, Words, families, listed};
pub use expand::{ActionRef, Memo};
pub use exposure::{
    COPY_OUT, DECRYPT, Exposure, MAKE_PUBLIC, READ_DATA, SHARE_SNAPSHOTS, WRITE_RESOURCE_POLICIES,
};
pub use federation::{
    BUILT_IN, GITHUB, Issuer, Provider, SHARED, Subjects, host_of, is_eks, shared_issuer, subjects,
};
pub use fingerprint::{fingerprint, fingerprint_with_words};
pub use fit::Fit;
pub use forge::ForgedTag;
pub use grant::{Ask, Grant};
pub use key::{
    KeyIssue, NewKey, SENSITIVE_KEYS, VPC_ENDPOINT_KEY_SERVICES, is_retired, replaced_key,
};
pub use lists::{Lists, RequiredCondition};
pub use made::Made;
pub use matching::Matching;
pub use meta::{Check, Meta, Persona, Rule, Scope};
pub use misfit::Misfit;
pub use naming::{Naming, OddAction, name_some};
pub use oddity::places_of;
pub use operand::account_is_open;
pub use origin::set_version;
pub use placeholder::{is_template_variable, placeholder};
pub use principal::principal_type;
pub use problem::Change;
pub use reopened::Reopened;
pub use repeat::{Differ, Twin, covered_actions, covered_resources};
pub use run::{Outcome, run, run_one};
pub use select::{Selected, Selection, UnknownRule, unknown};
pub use sensitive::is_sensitive_key;
pub use service_source::partition_of;
pub use shape::Format;
pub use space::removed_space;
pub use subject::Subject;
pub use text::{Job, LintedDocument, LintedText, lint_text};
pub use topic::{Sensitive, Topic};
pub use variable::{Place, PlacedText, WrittenVariable, similar_keys, written_variables};
pub use wide::WideGrant;
pub use width::Wide;

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
