//! The two sides of a comparison, from the flags.

use super::CompareArgs;
use crate::cli::policies::{LoadedPolicies, Loader, PolicyError};
use crate::finding;
use crate::policy::{Document, Kind};

/// Both sides, and what was found while they were read.
pub(super) struct Sides {
    pub(super) old: Side,
    pub(super) new: Side,
    pub(super) loaded: LoadedPolicies,
}

/// One side: what grants, and what limits it.
pub(super) struct Side {
    /// The names of its files.
    pub(super) name: String,
    /// The documents that grant, which are a union.
    pub(super) documents: Vec<Document>,
    /// What also has to allow: boundary, session policies, levels of an organization.
    limits: Vec<(&'static str, String, Vec<Document>)>,
}

impl Side {
    /// Every layer has to allow.
    pub(super) fn layers(&self) -> Vec<&[Document]> {
        let limits = self.limits.iter().map(|(_, _, it)| it.as_slice());
        std::iter::once(self.documents.as_slice())
            .chain(limits)
            .collect()
    }

    /// The name of a layer in a sentence.
    pub(super) fn layer_name(&self, at: usize) -> String {
        match at.checked_sub(1).and_then(|at| self.limits.get(at)) {
            None => format!("`{}`", self.name),
            Some((title, target, _)) if target.is_empty() => (*title).to_owned(),
            Some((title, target, _)) => format!("{title} of `{target}`"),
        }
    }
}

/// The flags of one side.
struct Flags<'a> {
    first: (&'static str, Option<&'a String>),
    more: (&'static str, &'a [String]),
    boundary: (&'static str, Option<&'a String>),
    session: (&'static str, &'a [String]),
    scp: (&'static str, &'a [String]),
}

/// Reads both sides.
pub(super) fn load(args: &CompareArgs) -> Result<Sides, String> {
    let old = Flags {
        first: ("OLD", args.old.as_ref()),
        more: ("--old", &args.also_old),
        boundary: ("--old-boundary", args.old_boundary.as_ref()),
        session: ("--old-session", &args.old_session),
        scp: ("--old-scp", &args.old_scp),
    };
    let new = Flags {
        first: ("NEW", args.new.as_ref()),
        more: ("--new", &args.also_new),
        boundary: ("--new-boundary", args.new_boundary.as_ref()),
        session: ("--new-session", &args.new_session),
        scp: ("--new-scp", &args.new_scp),
    };
    let mut loader = Loader::default();
    loader.revisions = true;
    let mut side = |flags: &Flags<'_>| side(&mut loader, flags, args).map_err(|it| it.to_string());
    let (old, new) = (side(&old)?, side(&new)?);
    for (side, flags) in [(&old, "OLD or `--old`"), (&new, "NEW or `--new`")] {
        if side.name.is_empty() {
            return Err(format!(
                "no policy was given as {flags}\nhelp: write `rolecall compare OLD NEW`"
            ));
        }
    }
    let named = |side: &Side| {
        let mut kinds = side.documents.iter().map(|it| it.kind.has_principal());
        let first = kinds.next();
        (first, kinds.all(|it| Some(it) == first))
    };
    let ((of_old, old_is_one), (of_new, new_is_one)) = (named(&old), named(&new));
    let is_one = of_old.is_none() || of_new.is_none() || of_old == of_new;
    if !old_is_one || !new_is_one || !is_one {
        return Err(
            "some of these policies name principals and some do not: policies of resources and \
             policies of callers cannot be compared with each other"
                .into(),
        );
    }
    let mut loaded = loader.loaded;
    finding::sort(&mut loaded.findings);
    finding::sort(&mut loaded.unread);
    Ok(Sides { old, new, loaded })
}

fn side(loader: &mut Loader, flags: &Flags<'_>, args: &CompareArgs) -> Result<Side, PolicyError> {
    let mut documents = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let first = flags.first.1.map(|name| (flags.first.0, name));
    let more = flags.more.1.iter().map(|name| (flags.more.0, name));
    for (flag, name) in first.into_iter().chain(more) {
        documents.append(&mut loader.documents_of(flag, name, args.kind)?);
        names.push(name);
    }
    let mut limits: Vec<(&'static str, String, Vec<Document>)> = Vec::new();
    let (flag, boundary) = flags.boundary;
    if boundary.is_some() {
        let read = loader.optional(flag, boundary, Kind::Boundary)?;
        let read: Vec<Document> = read.into_iter().collect();
        limits.push(("the permissions boundary", String::new(), read));
    }
    let (flag, session) = flags.session;
    if !session.is_empty() {
        let read = loader.many(flag, session, Kind::Session)?;
        limits.push(("the session policy", String::new(), read));
    }
    let (flag, scps) = flags.scp;
    let mut levels = loader.levels(flag, scps, Kind::Scp)?;
    if !args.no_full_aws_access {
        loader.add_full_aws_access(&mut levels);
    }
    for level in levels {
        limits.push(("the service control policies", level.target, level.policies));
    }
    let mut name = names.join("`, `");
    // Policies that only limit can be compared with each other, too.
    if names.is_empty() && !limits.is_empty() {
        let (title, _, read) = limits.remove(0);
        documents = read;
        title.clone_into(&mut name);
    }
    Ok(Side {
        name,
        documents,
        limits,
    })
}
