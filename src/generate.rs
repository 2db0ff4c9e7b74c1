//! Makes the access that a profile needs, and proves it.
//!
//! What comes out is a [`Bundle`]: policies, permissions boundaries, role trust policies and who
//! carries them. [`emit`](crate::emit) writes it as JSON, Terraform, CloudFormation or a script;
//! nothing here knows those formats, reads or writes a file.

mod atom;
mod boundary;
mod bundle;
mod cover;
mod elsewhere;
mod impossible;
mod minimal;
mod name;
mod pack;
mod proof;
mod run;
mod trust;
mod unscoped;
mod write;

pub use crate::profile::MadeBy;
pub use atom::{Atom, Atoms, Comparison, Conditions, Source, Untested, atoms, hull};
pub use bundle::{Bundle, Entity, EntityKind, Input, Policy, PolicyUse, Sentence, Unscoped};
pub use impossible::Held;
pub use minimal::{Element, Minimality};
pub use pack::{Split, size, texts};
pub use proof::{Admitted, Containment, Measured, Proof, Proven, Unmet};
pub use run::{Failure, Generated, MOST_ATTACHED, Order, bundle, run, run_changed};
pub use write::{elements, text};

use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::profile::Profile;

/// Returns the statements that allow what these atoms allow and nothing else; `taken` holds the
/// `Sid`s that are in use.
#[must_use]
pub fn statements(
    profile: &Profile,
    atoms: &[Atom],
    catalog: &Catalog,
    taken: &mut BTreeSet<String>,
) -> Vec<Sentence> {
    let tags: Vec<String> = profile.tags.iter().map(|(key, _)| key.written()).collect();
    let making = pack::Making {
        profile,
        atoms,
        tags: &tags,
        catalog,
    };
    let places: Vec<usize> = (0..atoms.len()).collect();
    making.statements(&places, taken)
}
