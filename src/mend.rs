//! Mends the access that a customer has: the least change that meets what a profile needs and, on
//! request, without what nothing needs.
//!
//! Two claims are proven on the texts as they would be written ([`Proof`]): no request that is
//! required is lost, and none is gained beyond the requirements. Nothing here writes a file; who
//! does so writes only what is proven. Service control policies, resource policies and every Deny
//! are left alone: what they withhold is reported as [`Open`].

mod add;
mod draft;
mod layout;
mod narrow;
mod plan;
mod proof;
mod text;

pub use proof::{Claim, Proof};

use std::collections::BTreeSet;

use crate::check::{self, Input, Judged, Reason, ReasonClass, Report, Verdict};
use crate::evaluate::{Layer, Policies};
use crate::generate::atoms;
use crate::policy::{Document, Effect};
use crate::profile::{SettingError, Strength};
use crate::source::Sources;
use draft::Draft;

/// What is to be mended, and how.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// What is given, and what is needed.
    pub input: &'a Input<'a>,
    /// The texts of the policies.
    pub sources: &'a Sources,
    /// The least strength of requirements that are added for.
    pub strength: Strength,
    /// Whether to remove what nothing needs.
    pub narrowing: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Mended {
    /// The texts that change, and new ones.
    pub files: Vec<Changed>,
    /// Documents of which nothing is needed: they are left as they are, and what is proven is
    /// proven without them.
    pub idle: Vec<String>,
    /// Requirements of the wanted strength that are still not met.
    pub open: Vec<Open>,
    /// What could not be done, and why.
    pub obstacles: Vec<String>,
    /// What there was.
    pub before: Figures,
    /// What there is.
    pub after: Figures,
    /// What is proven of the texts as they would be written.
    pub proof: Proof,
    /// The texts as they would be written: places of [`Open`] point into them.
    pub sources: Sources,
}

/// A text that changes, or a new one.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The path as the user gave it; of a new one, a proposal.
    pub name: String,
    /// What its policies are for.
    pub layer: Layer,
    /// As it was; none: it is new.
    pub before: Option<String>,
    /// As it is afterwards.
    pub after: String,
    /// What was done, in order.
    pub changes: Vec<Change>,
}

/// One change of a text, as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What was done.
    pub kind: ChangeKind,
    /// The statement: its `Sid`, or its number.
    pub statement: String,
    /// The actions that it is about.
    pub actions: Vec<String>,
    /// On what they are allowed.
    pub resources: Vec<String>,
    /// What they are for.
    pub needs: Vec<Reference>,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// Actions, or a resource, in a statement that is there.
    AddedActions,
    /// A new statement.
    AddedStatement,
    /// Actions that nothing needs are gone.
    RemovedActions,
    /// Wildcards are gone: what is needed of them is named.
    TookApart,
    /// What is needed of a statement is in others, and it is gone.
    MovedActions,
    /// A statement that nothing needs is gone.
    RemovedStatement,
    /// Actions that stay as they are, in a statement that others leave.
    Kept,
    /// A statement that allows less in place of one that allowed more.
    Narrowed,
}

impl ChangeKind {
    /// Returns the word of machine-readable output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AddedActions => "added-actions",
            Self::AddedStatement => "added-statement",
            Self::RemovedActions => "removed-actions",
            Self::TookApart => "took-apart",
            Self::MovedActions => "moved-actions",
            Self::RemovedStatement => "removed-statement",
            Self::Kept => "kept",
            Self::Narrowed => "narrowed",
        }
    }
}

/// A requirement as people refer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its id.
    pub id: String,
    /// The heading of its phase.
    pub phase: String,
}

/// A requirement that is still not met.
#[derive(Clone, Debug)]
pub struct Open {
    /// The requirement with its verdict.
    pub judged: Judged,
    /// Who can meet it, and how.
    pub who: String,
}

/// Policies in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Actions of the catalog that identity policies allow on something.
    pub actions: usize,
    /// Characters of identity policies, white space left out.
    pub characters: usize,
    /// Identity policy documents.
    pub documents: usize,
    /// Requirements that are met.
    pub met: usize,
    /// Required ones that are met.
    pub required_met: usize,
}

/// Mends the policies of a job.
///
/// # Errors
///
/// Everything that is wrong with the settings.
pub fn mend(job: &Job<'_>) -> Result<Mended, Vec<SettingError>> {
    // Without what could not be read nothing is proven, but what is there can still be mended.
    let readable = Input {
        unread: false,
        ..*job.input
    };
    let before = check::run(&readable)?;
    let needs = check::Needs::of(&readable)?;
    let found = atoms(readable.profile, readable.settings, readable.catalog)?;
    let mut draft = Draft::new(job, needs, found.list);
    let before_figures = figures(&draft, &before);
    let counts = |it: &Judged| it.call.strength <= job.strength;
    add::add(&mut draft, &add::wanted(&before, counts));
    if job.narrowing {
        narrow::narrow(&mut draft);
    }
    let policies = draft.policies();
    let after = check::run(&Input {
        policies: &policies,
        ..readable
    })?;
    let proof = proof::prove(&draft, &before, &after);
    let unmet = after.requirements.iter();
    let unmet = unmet.filter(|it| counts(it) && it.verdict != Verdict::Met);
    Ok(Mended {
        files: changed(&draft),
        idle: idle(&draft),
        open: unmet.map(|it| open(it, &draft)).collect(),
        obstacles: draft.obstacles.iter().cloned().collect(),
        before: before_figures,
        after: figures(&draft, &after),
        proof,
        sources: sources(&draft),
    })
}

fn changed(draft: &Draft<'_>) -> Vec<Changed> {
    let texts = draft.texts.iter().enumerate();
    let texts = texts.filter(|(_, it)| it.original.as_ref() != Some(&it.text));
    let changed = texts.map(|(at, it)| Changed {
        name: it.name.clone(),
        layer: it.layer,
        before: it.original.clone(),
        after: it.text.clone(),
        changes: draft
            .changes
            .iter()
            .filter(|(text, _)| *text == at)
            .map(|(_, change)| change.clone())
            .collect(),
    });
    changed.collect()
}

/// Documents of which nothing is needed, by the names of their files.
fn idle(draft: &Draft<'_>) -> Vec<String> {
    let mut idle = Vec::new();
    for text in &draft.texts {
        let is_only = text.held().len() == 1;
        for document in &text.idle {
            idle.push(match is_only {
                true => text.name.clone(),
                false => format!("{}, document {}", text.name, document + 1),
            });
        }
    }
    idle
}

/// The texts under the ids that they were read under, as they are by now.
fn sources(draft: &Draft<'_>) -> Sources {
    let mut sources = Sources::new();
    for (file, source) in draft.job.sources.iter() {
        let own = draft.texts.iter().find(|it| it.file == Some(file));
        let text = own.map_or(&source.text, |it| &it.text);
        sources.add(source.name.as_str(), text.as_str());
    }
    sources
}

fn open(judged: &Judged, draft: &Draft<'_>) -> Open {
    let who = match &judged.reason {
        None => "nobody can say what it lacks".to_owned(),
        Some(reason) => who(judged, reason, draft),
    };
    Open {
        judged: judged.clone(),
        who,
    }
}

fn who(judged: &Judged, reason: &Reason, draft: &Draft<'_>) -> String {
    if reason.class == ReasonClass::ExplicitlyDenied {
        return "a Deny is never changed here: whoever wrote it has to except this".to_owned();
    }
    if reason.class == ReasonClass::DocumentRefused {
        return "put right what AWS refuses in the document first".to_owned();
    }
    // A call that is denied on one resource and depends on a condition on another.
    let depends = draft.given_up.get(&judged.call.id) == Some(&None);
    if judged.verdict == Verdict::Unknown || depends {
        return "what may depend on a condition is not allowed past it here: whoever wrote the \
                condition has to say whether it is to hold for this"
            .to_owned();
    }
    let given_up = draft.given_up.get(&judged.call.id).copied().flatten();
    let Some(layer) = given_up.or(reason.layer) else {
        return "it has to be allowed in an identity policy".to_owned();
    };
    let has_text = draft.texts.iter().any(|it| it.layer == layer);
    match layer {
        Layer::Scp => {
            "service control policies are never changed here: whoever manages the organization \
             has to allow it"
        }
        Layer::Rcp => {
            "resource control policies are never changed here: whoever manages the organization \
             has to allow it"
        }
        Layer::Resource => "the owner of the resource has to allow it in its policy",
        Layer::VpcEndpoint => "whoever manages the VPC endpoint has to allow it there",
        Layer::Service => "no policy can allow it",
        layer if has_text && !draft.can_edit(layer) => {
            "the policy is held in a text inside its file, where it cannot be edited"
        }
        Layer::Boundary if !has_text => {
            "whoever manages the permissions boundary has to allow it there"
        }
        Layer::Session if !has_text => "whoever starts the session has to allow it in its policy",
        _ => "it has to be allowed there, and the files given here have no room for it",
    }
    .to_owned()
}

fn figures(draft: &Draft<'_>, report: &Report) -> Figures {
    let identity = draft.texts.iter().filter(|it| it.layer == Layer::Identity);
    let sizes = identity.clone().flat_map(|it| {
        let documents = 0..it.held().len();
        let in_force = documents.filter(|at| !it.idle.contains(at));
        in_force.filter_map(|at| it.measured(at).map(|it| it.without_white_space))
    });
    let documents: Vec<Document> = identity.clone().flat_map(|it| it.in_force()).collect();
    let met = || {
        let all = report.requirements.iter();
        all.filter(|it| it.verdict == Verdict::Met)
    };
    Figures {
        actions: allowed_actions(draft, documents),
        characters: sizes.sum(),
        documents: identity.map(|it| it.in_force().len()).sum(),
        met: met().count(),
        required_met: met()
            .filter(|it| it.call.strength == Strength::Required)
            .count(),
    }
}

/// Counts the actions of the catalog that some Allow statement names.
fn allowed_actions(draft: &Draft<'_>, documents: Vec<Document>) -> usize {
    let policies = Policies {
        identity: documents,
        ..Policies::default()
    };
    let statements: Vec<_> = policies
        .documents()
        .flat_map(|it| &it.statements)
        .filter(|it| it.effect == Effect::Allow)
        .collect();
    let mut named: BTreeSet<String> = BTreeSet::new();
    let catalog = draft.job.input.catalog;
    let of_service = |prefix: &str| {
        let may_name = |it: &crate::policy::ActionPattern| {
            let own = it.folded().split(':').next().unwrap_or_default();
            own.contains(['*', '?']) || own == prefix
        };
        let mut all = statements.iter();
        all.any(|it| it.action.negated || it.action.patterns.iter().any(may_name))
    };
    let prefixes = catalog.service_prefixes().filter(|it| of_service(it));
    for service in prefixes.filter_map(|it| catalog.service(it)) {
        for action in service.actions() {
            let text = format!("{}:{}", service.prefix(), action.name);
            let folded = text.to_ascii_lowercase();
            let names = |it: &&&crate::policy::Statement| {
                let element = &it.action;
                let any = element.patterns.iter().any(|it| it.matches(&text, &folded));
                any != element.negated
            };
            if statements.iter().any(|it| names(&it)) {
                named.insert(folded);
            }
        }
    }
    named.len()
}
