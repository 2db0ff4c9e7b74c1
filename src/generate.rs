//! Makes the access that a profile needs, and proves it.
//!
//! What comes out is a [`Bundle`]: policies, permissions boundaries, role trust policies and who
//! carries them. [`emit`](crate::emit) writes it as JSON, Terraform, CloudFormation or a script;
//! nothing here knows those formats, reads or writes a file.

mod bundle;
mod write;

pub use crate::profile::MadeBy;
pub use bundle::{Bundle, Entity, EntityKind, Input, Policy, PolicyUse, Sentence, Unscoped};
pub use write::{elements, text};
