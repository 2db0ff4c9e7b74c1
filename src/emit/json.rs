//! Writes each policy document as a JSON file of its own, with nothing else in it.
//!
//! JSON has no comments: why a statement is there is in its `Sid`, and in the other formats.

use super::File;
use super::name::{Taken, file};
use crate::generate::{Bundle, Entity, Policy, text};

/// Where the documents are that the vendor makes: for reference, nobody creates them from here.
const VENDOR_MADE: &str = "vendor-made/";

/// Returns the files of a bundle.
pub(super) fn files(bundle: &Bundle) -> Vec<File> {
    let mut folder = Folder::default();
    for policy in &bundle.policies {
        folder.policy("", policy);
    }
    for entity in &bundle.entities {
        folder.trust("", entity);
    }
    for entity in &bundle.vendor_made {
        folder.trust(VENDOR_MADE, entity);
        for policy in &entity.policies {
            folder.policy(VENDOR_MADE, policy);
        }
    }
    folder.files
}

#[derive(Default)]
struct Folder {
    files: Vec<File>,
    taken: Taken,
}

impl Folder {
    fn policy(&mut self, folder: &str, policy: &Policy) {
        let text = text(&policy.document());
        // Several of the vendor's roles may carry one policy.
        let path = format!("{folder}{}", file(&policy.name));
        let again = format!("{path}.json");
        if self
            .files
            .iter()
            .any(|it| it.path == again && it.text == text)
        {
            return;
        }
        self.add(path, ".json", text);
    }

    fn trust(&mut self, folder: &str, entity: &Entity) {
        if let Some(trust) = entity.trust_policy() {
            let path = format!("{folder}{}.trust", file(&entity.name));
            self.add(path, ".json", text(&trust));
        }
    }

    fn add(&mut self, path: String, extension: &str, text: String) {
        let path = self.taken.take(path, "-") + extension;
        self.files.push(File { path, text });
    }
}
