//! Makes the access that a profile needs, and proves it.
//!
//! What comes out is a [`Bundle`]: policies, permissions boundaries, role trust policies and who
//! carries them. [`emit`](crate::emit) writes it as JSON, Terraform, CloudFormation or a script;
//! nothing here knows those formats, reads or writes a file.

mod atom;
mod boundary;
mod bundle;
mod cover;
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
pub use minimal::{Element, Minimality};
pub use pack::{Split, size};
pub use proof::{Containment, Measured, Proof, Proven, Unmet};
pub use run::{Failure, Generated, MOST_ATTACHED, Order, run};
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
    let tags: Vec<String> = Vec::new();
    let making = pack::Making {
        profile,
        atoms,
        tags: &tags,
        catalog,
    };
    let places: Vec<usize> = (0..atoms.len()).collect();
    making.statements(&places, taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Settings, shipped};

    #[test]
    fn show() {
        for name in ["mengi/eks", "streamnative/bootstrap"] {
            let profile = Profile::parse(name, shipped(name).unwrap().text).unwrap();
            let mut settings = Settings::default();
            if name == "mengi/eks" {
                settings.variables.insert(
                    "boundary".into(),
                    vec!["arn:aws:iam::111122223333:policy/mengi-boundary".into()],
                );
            }
            let start = std::time::Instant::now();
            let generated = run(&Order {
                profile: &profile,
                settings: &settings,
                split: Split::None,
                scps: &[],
                catalog: Catalog::builtin(),
            });
            eprintln!("{:?}", start.elapsed());
            let generated = match generated {
                Ok(it) => it,
                Err(error) => {
                    eprintln!("{error:#?}");
                    continue;
                }
            };
            for policy in &generated.bundle.policies {
                eprintln!("== {} {}", policy.arn, size(&policy.statements));
                eprintln!("{}", text(&policy.document()));
            }
            for entity in generated
                .bundle
                .entities
                .iter()
                .chain(&generated.bundle.vendor_made)
            {
                eprintln!("== {entity:#?}");
            }
            for proven in generated
                .proof
                .entities
                .iter()
                .chain(&generated.proof.vendor_made)
            {
                eprintln!(
                    "{} met {} unmet {:#?} {:?}",
                    proven.actor, proven.met, proven.unmet, proven.contained
                );
                if let Some(it) = &proven.isolation {
                    eprintln!("{:?} {:#?}", it.verdict, it.open);
                    for escape in &it.escapes {
                        eprintln!("ESC {escape:#?}");
                    }
                }
                eprintln!("{:#?}", proven.minimality);
            }
            eprintln!("{:#?}", generated.bundle.unscoped);
        }
    }
}
