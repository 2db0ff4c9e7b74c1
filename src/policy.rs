//! The model of policy documents, in AWS's words.
//!
//! [`lower()`] turns JSON values into a [`Document`]. Odd input stays representable: what AWS would
//! refuse is a [`Problem`] beside the statements that could be read; [`grammar`] looks for more of
//! them. Nothing here decides requests; that is `evaluate`'s.

mod condition;
mod document;
pub mod grammar;
mod kind;
mod lower;
pub mod operand;
mod principal;
mod problem;
pub mod quotas;
mod resource;

pub(crate) use condition::decode_base64;
pub use condition::{Comparison, Condition, ConditionValue, Operand, Operator, Quantifier, Test};
pub use document::{
    ActionElement, ActionPattern, Document, Effect, ResourceElement, Statement, Text, Version,
    statement_name,
};
pub use kind::{Kind, is_trust, kind_of};
pub use lower::{lower, similar_element, written};
pub use principal::{PrincipalElement, PrincipalEntry, PrincipalName};
pub use problem::Problem;
pub use resource::{Coverage, ResourcePattern};
