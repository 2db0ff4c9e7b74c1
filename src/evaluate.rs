//! Decides one request against the policies that apply to it, as AWS does.
//!
//! [`decide()`] gives the decision and the layers that block it; [`explain()`] gives, for the same
//! inputs and by the same functions, every statement's part in it. The rules and their evidence
//! are in `src/evaluate/rules.md`; ids in the code (`E7`, `R5`) point there.
//!
//! Absent and unknown are different here: a key that a request leaves out is absent, a key that
//! nobody told us about is unknown, and what depends on it is [`Decision::Unknown`].

pub mod call;
pub mod case;
pub(crate) mod condition;
mod context;
mod decide;
pub mod derive;
pub(crate) mod grant;
pub(crate) mod listed;
mod principal;
mod request;
mod resource;
pub(crate) mod special;
mod statement;
#[cfg(test)]
mod switch_tests;
mod trace;
mod truth;

pub use context::{Caller, Context, ContextEntry, Lookup, OpenKeys};
pub use decide::{Decision, Layer, Layers, Level, Policies, Verdict, decide};
pub use principal::{Identity, Principal};
pub use request::{Action, Request, Settings};
pub use statement::{Matched, Mismatch, match_statement};
pub(crate) use statement::{applies, names_action};
pub use trace::{Explanation, StatementTrace, explain, explain_documents};
pub use truth::Truth;
