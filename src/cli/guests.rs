//! Loading the policies that `who` and `public` ask about: those that name principals.

use clap::ValueEnum;

use super::policies::{LoadedPolicies, Loader};
use crate::finding;
use crate::policy::{Document, Kind};

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    #[default]
    Text,
    Json,
}

/// Policies of one resource or role, which are one layer.
pub(super) struct Guests {
    pub(super) documents: Vec<Document>,
    pub(super) loaded: LoadedPolicies,
}

/// Reads policies that name principals.
pub(super) fn load(names: &[String], kind: Option<Kind>) -> Result<Guests, String> {
    if let Some(kind) = kind.filter(|it| !matches!(it, Kind::Resource | Kind::Trust)) {
        return Err(format!(
            "`--kind {}`: {} lets nobody in\nhelp: give the policy of a resource (`--kind \
             resource`) or the trust policy of a role (`--kind trust`)",
            kind.as_str(),
            kind.title_with_article()
        ));
    }
    let mut loader = Loader::default();
    let mut documents = Vec::new();
    for name in names {
        let mut read = loader
            .documents_of("POLICY", name, kind)
            .map_err(|it| it.to_string())?;
        documents.append(&mut read);
    }
    if let Some(other) = documents.iter().find(|it| !it.kind.has_principal()) {
        return Err(format!(
            "this is {}, which names no principals\nhelp: give the policy of a resource or the \
             trust policy of a role",
            other.kind.title_with_article()
        ));
    }
    if documents.iter().any(|it| it.kind != documents[0].kind) {
        return Err("these policies are not of one resource: some are trust policies".into());
    }
    let mut loaded = loader.loaded;
    if documents.is_empty() && loaded.unread.is_empty() {
        return Err("no policy document was found".into());
    }
    finding::sort(&mut loaded.findings);
    finding::sort(&mut loaded.unread);
    Ok(Guests { documents, loaded })
}
