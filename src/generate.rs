//! Makes the access that a profile needs, and proves it.
//!
//! What comes out is a [`Bundle`]: policies, permissions boundaries, role trust policies and who
//! carries them. [`emit`](crate::emit) writes it as JSON, Terraform, CloudFormation or a script;
//! nothing here knows those formats, reads or writes a file.

mod atom;
mod bundle;
mod cover;
mod name;
mod pack;
mod write;

pub use crate::profile::MadeBy;
pub use atom::{Atom, Atoms, Comparison, Conditions, Source, Untested, atoms, hull};
pub use bundle::{Bundle, Entity, EntityKind, Input, Policy, PolicyUse, Sentence, Unscoped};
pub use pack::{Split, size};
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
        let profile = Profile::parse("mengi/eks", shipped("mengi/eks").unwrap().text).unwrap();
        let mut settings = Settings::default();
        settings.variables.insert(
            "boundary".into(),
            vec!["arn:aws:iam::111122223333:policy/mengi-boundary".into()],
        );
        let catalog = Catalog::builtin();
        let start = std::time::Instant::now();
        let atoms = atoms(&profile, &settings, catalog).unwrap();
        eprintln!("{} atoms {:?}", atoms.list.len(), start.elapsed());
        let tags = vec!["ManagedBy".to_owned()];
        let making = pack::Making {
            profile: &profile,
            atoms: &atoms.list,
            tags: &tags,
            catalog,
        };
        let packed = making.pack(Split::None, 6144);
        eprintln!("{:?}", start.elapsed());
        for one in &packed {
            eprintln!("== {} {}", one.topic, size(&one.statements));
            for s in &one.statements {
                eprintln!("{}  # {}", text(&s.statement), s.why);
            }
        }
        eprintln!("{:#?}", atoms.untested);
    }
}
