//! Files that are named with the ARN of the policy or role that they are of: `FILE=ARN`.
//!
//! Without it nobody can say whether a pattern means the policy itself. Nothing here reads a file.

use super::policies::{LoadedPolicies, PolicyArgs};
use crate::source::FileId;

/// The names of files, with the ARNs that stand behind some.
#[derive(Default)]
pub(super) struct Named {
    arns: Vec<(String, String)>,
}

impl Named {
    /// Takes the ARNs off the files of an actor's own layers.
    pub(super) fn layers(&mut self, layers: &mut PolicyArgs) {
        layers.identity = self.files(&layers.identity);
        layers.boundary = layers.boundary.as_ref().map(|it| self.file(it));
        layers.trust = layers.trust.as_ref().map(|it| self.file(it));
    }

    /// Takes the ARN off a `FILE=ARN`.
    fn file(&mut self, text: &str) -> String {
        match text.split_once("=arn:") {
            Some((file, arn)) => {
                self.arns.push((file.to_owned(), format!("arn:{arn}")));
                file.to_owned()
            }
            None => text.to_owned(),
        }
    }

    /// Takes the ARNs off a list.
    pub(super) fn files(&mut self, texts: &[String]) -> Vec<String> {
        texts.iter().map(|it| self.file(it)).collect()
    }

    /// Returns the ARNs of the files that were read.
    pub(super) fn of(&self, loaded: &LoadedPolicies) -> Vec<(FileId, String)> {
        let replayed = loaded.snapshot.iter().flat_map(|it| it.arns.clone());
        let mut found: Vec<(FileId, String)> = replayed.collect();
        for (file, source) in loaded.sources.iter() {
            let arn = self.arns.iter().find(|(name, _)| *name == source.name);
            found.extend(arn.map(|(_, arn)| (file, arn.clone())));
        }
        found
    }
}
