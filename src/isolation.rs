//! What could a vendor become? The closure over everything that its access lets it change.
//!
//! Most escapes take two or three requests: create a role, swap its boundary, give it everything.
//! [`run`] searches them on a symbolic account: every step that changes authority (`transition`),
//! taken by everyone whom the actor can act as, until nothing new comes. The engine of `analyze`
//! says which steps are allowed. What is found is unfolded into requests and decided one by one on
//! a concrete account (`replay`) before anybody sees it; what is not found, with every open question
//! counted as allowed, is proven not to be there.
//!
//! Resource policies that were not given, and what no policy can separate, are named in the report.
//! Nothing here knows profiles: what must not be reached comes in as data.

mod ceiling;
mod closure;
mod dedicated;
mod escape;
mod family;
mod gain;
mod guess;
mod joint;
mod names;
mod objects;
mod oracle;
mod plausible;
mod reach;
mod remedy;
mod replay;
mod scene;
mod state;
mod steps;
mod tagging;
mod texts;
pub mod transition;
mod trust;

pub use escape::{Escape, GrantedBy, Step};
pub use oracle::Oracle;
pub use remedy::{Change, Edit, Remedy};

use crate::catalog::Catalog;
use crate::evaluate::{Policies, Principal};
use crate::policy::Document;
use crate::source::FileId;

/// Whose access is looked at, and what is known of the account around it.
pub struct Input<'a> {
    /// The policies of the actor and of its account.
    pub policies: &'a Policies,
    /// The trust policy of the actor's role, and of other roles of the vendor.
    pub trusts: &'a [Document],
    /// Boundaries that roles carry which the actor creates, other than its own.
    pub workload_boundaries: &'a [Document],
    /// The ARNs of documents.
    pub arns: &'a [(FileId, String)],
    /// The actor; `None`: a role of the account with a name that no pattern means.
    pub principal: Option<&'a Principal>,
    /// How names of the vendor's own objects begin: `/Vendor/` for a path, `vendor-` for names.
    pub path_prefixes: &'a [String],
    /// Patterns of objects that are the vendor's own by their whole name.
    pub own: &'a [String],
    /// Tags that only AWS sets (`aws:…`), with the values by which objects are the vendor's own.
    pub own_marks: &'a [(String, String)],
    /// Tags that the vendor's own objects have.
    pub tags: &'a [(String, String)],
    /// Roles and users that exist in the account without a boundary.
    pub principals: &'a [String],
    /// What must not be allowed, now or after any step.
    pub must_not: &'a [MustNot],
    /// Whether the whole account is the vendor's, so that only ways out of it count.
    pub dedicated_account: bool,
    /// The catalog.
    pub catalog: &'a Catalog,
    /// Who answers questions about all requests.
    pub oracle: &'a dyn Oracle,
    /// Whether a document was named that could not be read: it may allow or deny anything.
    pub unread: bool,
    /// Whether the requirements are still met after a change; `None`: there are none.
    pub accepts: Option<&'a dyn Fn(&Change<'_>) -> bool>,
    /// Whether to look for changes that close what is found.
    pub remedies: bool,
}

/// What must not be allowed.
#[derive(Clone, Debug)]
pub struct MustNot {
    /// Its name.
    pub id: String,
    /// The class of the weakness, such as `W24`.
    pub class: String,
    /// What it is.
    pub title: String,
    /// Why it must not be.
    pub why: String,
    /// The requests, as documents that allow them.
    pub families: Vec<Document>,
}

/// The result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Nothing goes beyond the ceiling: proven.
    Isolated,
    /// Something does, and the report shows the requests.
    Escapes,
    /// Neither could be shown.
    Unknown,
}

impl Verdict {
    /// Returns the word of machine-readable output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Isolated => "isolated",
            Self::Escapes => "escapes",
            Self::Unknown => "unknown",
        }
    }
}

/// Something that keeps the verdict open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Open {
    /// The reason, such as `unmodelled` or `not-replayed`.
    pub reason: &'static str,
    /// What it is about.
    pub detail: String,
}

/// Everything that was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The result.
    pub verdict: Verdict,
    /// The actor as it was taken, as ARN.
    pub actor: String,
    /// What the actor and everyone whom it creates can do at most, in words.
    pub ceiling: Vec<String>,
    /// What is proven.
    pub invariants: Vec<String>,
    /// Ways out, shortest first.
    pub escapes: Vec<Escape>,
    /// What keeps the verdict open.
    pub open: Vec<Open>,
    /// Facts taken for granted on which the verdict rests.
    pub assumptions: Vec<String>,
    /// What IAM cannot separate within an account, whatever the documents say.
    pub cannot_isolate: Vec<String>,
    /// Questions that were put to the engine.
    pub questions: usize,
}

/// Looks for ways out.
#[must_use]
pub fn run(input: &Input<'_>) -> Report {
    closure::run(input)
}
