//! The smallest change that closes a way out, proven by searching again with it.

use super::escape::Escape;
use super::gain::{Gain, Proven};
use super::scene::Scene;
use crate::evaluate::Policies;
use crate::policy::Document;
use crate::source::{FileId, Span};

/// A change that closes a way out.
#[derive(Clone, Debug)]
pub struct Remedy {
    /// In words.
    pub text: String,
    /// What is to be changed.
    pub edit: Edit,
}

/// A change to a document.
#[derive(Clone, Debug)]
pub enum Edit {
    /// A statement is added to a document.
    AddStatement {
        /// The document, where it is one of the given ones.
        file: Option<FileId>,
        /// Whether it belongs into the boundary.
        boundary: bool,
        /// The statement.
        statement: serde_json::Value,
    },
    /// A condition is added to a statement.
    AddCondition {
        /// The document.
        file: FileId,
        /// The statement.
        span: Span,
        /// The condition, as in a policy.
        condition: serde_json::Value,
    },
    /// An action is taken out of a statement.
    RemoveAction {
        /// The document.
        file: FileId,
        /// The statement.
        span: Span,
        /// The action, as written.
        action: String,
    },
}

/// The documents after a change.
#[derive(Debug)]
pub struct Change<'a> {
    /// The policies of the actor and of its account.
    pub policies: &'a Policies,
    /// The trust policies.
    pub trusts: &'a [Document],
}

/// Looks for a change that closes a way out.
pub(super) fn find(
    scene: &Scene<'_>,
    key: Option<&(Gain, Proven)>,
    escape: &Escape,
) -> Option<Remedy> {
    let _ = (scene, key, escape);
    None
}
