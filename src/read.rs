//! Finds the policy documents in what people have: bare documents, outputs of the AWS CLI,
//! documents held as a JSON string or URL-encoded.
//!
//! [`read`] takes bytes and never fails or panics. It hands each document to its caller as a
//! [`json::Value`](crate::json::Value) whose spans point into the original text, whatever the
//! document was wrapped in; what AWS would refuse but a reader can understand becomes a finding
//! beside it. What cannot be read becomes one finding in [`Reading::unread`], and the other
//! documents go on. Nothing here opens a file (that is `cli::input`) or knows what a policy means
//! (that is `policy`), and no policy kind is guessed: see [`KindHint`].

mod few;
mod layer;
mod percent;
mod wording;
mod wrapper;

use crate::finding::Finding;
use crate::json::Value;
use crate::source::{FileId, Sources};

/// The largest text that is read, in bytes.
///
/// A policy document has at most 32 KiB, but dumps of an account's authorization details run to
/// tens of megabytes. Anything longer is the wrong file, and reading it would take memory that a
/// CI runner may not have.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The kind of a policy, where the text around it leaves no doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KindHint {
    /// Attached to a user, group or role.
    Identity,
    /// Attached to a resource such as a bucket or key.
    Resource,
    /// A role trust policy.
    Trust,
    /// A permissions boundary.
    Boundary,
    /// A session policy.
    Session,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// A VPC endpoint policy.
    VpcEndpoint,
}

impl KindHint {
    /// Returns the name that `--kind` takes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Resource => "resource",
            Self::Trust => "trust",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::VpcEndpoint => "vpc-endpoint",
        }
    }
}

/// What the text around a document says about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The command whose output it is, such as `aws iam get-role`; none for a bare document.
    pub command: Option<&'static str>,
    /// The kind of policy.
    pub kind: Option<KindHint>,
    /// The name of the policy, role or resource.
    pub name: Option<String>,
    /// The ARN of the policy, role or resource.
    pub arn: Option<String>,
}

/// One policy document, for as long as the caller looks at it.
#[derive(Debug)]
pub struct Found<'t> {
    /// The text that it stands in.
    pub file: FileId,
    /// The document; its spans point into that text.
    pub value: Value<'t>,
    /// What the text around it says.
    pub facts: &'t Facts,
    /// Whether the document stands in the text as it is, so that it can be edited there; else it
    /// is held in a JSON string, or URL-encoded.
    pub is_plain: bool,
}

/// What came of reading one text.
#[derive(Debug)]
pub struct Reading {
    /// The text.
    pub file: FileId,
    /// How many documents were found in it.
    pub documents: usize,
    /// What is wrong with documents that were read.
    pub findings: Vec<Finding>,
    /// One finding for each document, or whole text, that could not be read. They make a run
    /// incomplete, which is not the same as a policy being wrong, so they are kept apart.
    pub unread: Vec<Finding>,
}

impl Reading {
    const fn new(file: FileId) -> Self {
        Self {
            file,
            documents: 0,
            findings: Vec::new(),
            unread: Vec::new(),
        }
    }
}

/// Adds a text to the sources and hands every policy document in it to `visit`, in text order.
///
/// `name` is the path as the user gave it, `<stdin>`, or an ARN.
pub fn read(
    sources: &mut Sources,
    name: &str,
    bytes: Vec<u8>,
    visit: &mut dyn FnMut(Found<'_>),
) -> Reading {
    if bytes.len() > MAX_BYTES {
        drop(bytes);
        return too_large(sources, name);
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            let file = sources.add(name, text);
            read_text(sources, file, visit)
        }
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            // The text is kept only to be shown, so what follows the bad byte may be cut.
            let shown = &error.as_bytes()[..(good + 1024).min(error.as_bytes().len())];
            let file = sources.add(name, String::from_utf8_lossy(shown));
            let mut reading = Reading::new(file);
            reading
                .unread
                .push(wording::invalid_utf8(file, good, error.as_bytes()));
            reading
        }
    }
}

/// Hands every policy document in a text that is already a source to `visit`, in text order.
///
/// Texts can be read on several threads this way.
pub fn read_text(sources: &Sources, file: FileId, visit: &mut dyn FnMut(Found<'_>)) -> Reading {
    layer::read(&sources.get(file).text, Reading::new(file), visit)
}

/// Says that a text is longer than [`MAX_BYTES`], for callers that stopped reading it.
pub fn too_large(sources: &mut Sources, name: &str) -> Reading {
    let file = sources.add(name, "");
    let mut reading = Reading::new(file);
    reading.unread.push(wording::too_large(file));
    reading
}
