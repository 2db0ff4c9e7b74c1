//! The steps that change authority, as data: `data/README.md` explains the fields.
//!
//! Nothing here knows policies or asks the engine.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use rustc_hash::FxHashSet;
use serde::Deserialize;

use crate::catalog::{AccessLevel, Action};
use crate::pattern;

/// One step that changes who may do what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Row {
    /// Unique and stable.
    pub id: String,
    /// The step in a report: third person, present, no period.
    pub title: String,
    /// T1 to T12 of the definition.
    pub family: String,
    /// Classes of weaknesses, the first one first.
    #[serde(default)]
    pub class: Vec<String>,
    /// What must be allowed, in the order in which the calls are made.
    pub calls: Vec<Call>,
    /// What holds afterwards.
    pub effect: Effect,
    /// The call, from 0, whose object the effect is on.
    #[serde(default)]
    pub target: usize,
    /// `role` or `user`, with [`Effect::CreatePrincipal`] only.
    pub kind: Option<String>,
    /// The service principal that the role's trust policy must admit.
    pub trust: Option<String>,
    /// Keys whose value the step fixes.
    #[serde(default, rename = "condition_keys")]
    pub condition_keys: BTreeMap<String, KeyRole>,
    /// Whether the effect is wider than what AWS grants: such a step proves no escape.
    #[serde(default, rename = "upper_bound")]
    pub upper_bound: bool,
    /// Whether it gives nothing on the issuers of Amazon EKS clusters: AWS runs them, with names of
    /// its own choice.
    #[serde(default, rename = "not_on_eks_issuers")]
    pub not_on_eks_issuers: bool,
    /// Whether it gives nothing on the vendor's own objects, which nobody else uses.
    #[serde(default, rename = "on_foreign")]
    pub on_foreign: bool,
    /// What shows it.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// What a reader of the row should know.
    #[serde(default)]
    pub note: String,
}

/// One call of a step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Call {
    /// `service:Name`.
    pub action: String,
    /// The kind of object; `none` without one.
    pub on: String,
    /// The service that a role is passed to.
    pub to: Option<String>,
    /// Whether somebody else, an event or a schedule may do its part.
    #[serde(default)]
    pub optional: bool,
}

/// What holds after a step.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Documents of the actor's choice allow for the target.
    AllowAny,
    /// The document that the call names allows for the target.
    AllowDocument,
    /// A document that denied may be gone.
    DropDeny,
    /// The target's boundary is the one that the call names.
    BoundaryValue,
    /// The target has no boundary.
    BoundaryNone,
    /// Whoever has this policy as a boundary has one of the actor's choice.
    BoundaryAny,
    /// A role or user exists.
    CreatePrincipal,
    /// The trust policy admits whom the actor chooses.
    TrustAny,
    /// The actor acts as the target, by a session.
    Assume,
    /// The actor acts as the target, by its credentials.
    Credential,
    /// Code of the actor's choice runs as the passed role.
    RunAs,
    /// Code of the actor's choice runs as the role that the target has.
    Hijack,
    /// Tags of the target take values of the actor's choice.
    Tag,
    /// Tags of the target are gone.
    Untag,
    /// The target's resource policy, grant or access list is of the actor's choice.
    ResourcePolicyAny,
    /// Policies of the organization no longer limit the account.
    Organization,
}

/// What a step does with a condition key.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum KeyRole {
    /// The boundary that the target has when the call is made.
    OfTarget,
    /// What the call sets.
    Value,
    /// The managed policy that the call attaches, detaches or deletes.
    Document,
    /// The service that the role is passed to.
    Service,
    /// In the request only while an object is created.
    CreateAction,
    /// The tags that the call sets; with an untag call only the keys.
    RequestTags,
    /// Not in the request: with it, the call does not do what the row says.
    Absent,
}

/// What the closure assumes of an action without a row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Generic {
    /// Unique and stable.
    pub id: String,
    /// The access level in the catalog.
    pub level: Option<String>,
    /// A dependent action in the catalog.
    pub needs: Option<String>,
    /// Starts of the action's name.
    #[serde(default)]
    pub names: Vec<String>,
    /// The step in a report.
    pub title: String,
    /// T8, T10 or T11.
    pub family: String,
    /// Classes of weaknesses.
    #[serde(default)]
    pub class: Vec<String>,
    /// What holds afterwards.
    pub effect: Effect,
    /// Whether the effect is wider than what AWS grants.
    #[serde(default, rename = "upper_bound")]
    pub upper_bound: bool,
    /// What shows it.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// What a reader should know.
    #[serde(default)]
    pub note: String,
}

/// The steps, and the actions that look like one and are none.
#[derive(Debug, Default)]
pub struct Transitions {
    rows: Vec<Lazy>,
    /// What is assumed of actions without a row; the first that fits.
    pub generic: Vec<Generic>,
    /// What no policy can separate within one account.
    pub cannot_isolate: Vec<CannotIsolate>,
    /// The date of the default that other writes are no steps, and that default in words.
    pub reach: (String, String),
    /// Actions of rows, in lower case.
    in_rows: FxHashSet<Box<str>>,
    /// Actions that give nothing, in lower case; some with `*`.
    no_gain: Vec<Box<str>>,
}

/// A row that is read when an action of it is allowed to somebody: most never are.
#[derive(Debug)]
struct Lazy {
    id: Box<str>,
    text: Box<str>,
    actions: Vec<Box<str>>,
    row: OnceLock<Option<Row>>,
}

/// Something that no policy can separate within one account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CannotIsolate {
    /// Unique and stable.
    pub id: String,
    /// What it is.
    pub title: String,
    /// Why it cannot be separated.
    pub why: String,
    /// What shows it.
    #[serde(default)]
    pub evidence: Vec<String>,
}

#[derive(Deserialize)]
struct GenericFile {
    generic: Vec<Generic>,
}

#[derive(Deserialize)]
struct CannotFile {
    #[serde(rename = "cannot-isolate")]
    entries: Vec<CannotIsolate>,
}

#[derive(Deserialize)]
struct ReachFile {
    default: ReachDefault,
}

#[derive(Deserialize)]
struct ReachDefault {
    date: String,
    assumption: String,
}

const ROW: &str = "[[transition]]";

impl Transitions {
    /// Returns the steps in the binary. A test reads them, so they can be read; who gets none must
    /// answer nothing, for without steps everything would be isolated.
    #[must_use]
    pub fn builtin() -> Option<&'static Self> {
        static BUILTIN: LazyLock<Option<Transitions>> = LazyLock::new(|| {
            let texts = Texts {
                rows: include_str!("data/transitions.toml"),
                generic: include_str!("data/generic.toml"),
                no_gain: include_str!("data/no-gain.toml"),
                reach: include_str!("data/reach.toml"),
                cannot_isolate: include_str!("data/cannot-isolate.toml"),
            };
            Transitions::parse(&texts).ok()
        });
        BUILTIN.as_ref()
    }

    /// Reads the steps. A row is read when it is first needed: [`Transitions::broken`] reads all.
    ///
    /// # Errors
    ///
    /// A text is not in the format of `data/README.md`; the text says where.
    pub fn parse(texts: &Texts<'_>) -> Result<Self, String> {
        fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
            toml::from_str(text).map_err(|error| error.to_string())
        }
        let generic: GenericFile = read(texts.generic)?;
        // Only the first table is asked for here; the rest is for tests.
        let head = texts.reach.split("[[").next().unwrap_or_default();
        let reach: ReachFile = read(head)?;
        let cannot: CannotFile = read(texts.cannot_isolate)?;
        let rows: Vec<Lazy> = texts.rows.split(ROW).skip(1).map(Lazy::new).collect();
        let actions = rows.iter().flat_map(|row| &row.actions);
        Ok(Self {
            in_rows: actions.cloned().collect(),
            rows,
            generic: generic.generic,
            cannot_isolate: cannot.entries,
            reach: (reach.default.date, reach.default.assumption),
            no_gain: actions_in(texts.no_gain),
        })
    }

    /// Returns the rows of which some action is asked for, in their order; each action of a row is
    /// given in lower case. None if one of them cannot be read.
    #[must_use]
    pub fn rows(&self, wanted: impl Fn(&[Box<str>]) -> bool) -> Option<Vec<&Row>> {
        let rows = self.rows.iter().filter(|row| wanted(&row.actions));
        rows.map(Lazy::get).collect()
    }

    /// Returns the row of this name, if it was needed already or is read now.
    #[must_use]
    pub fn row(&self, id: &str) -> Option<&Row> {
        let mut rows = self.rows.iter();
        rows.find(|row| *row.id == *id)?.get()
    }

    /// Returns what cannot be read.
    #[must_use]
    pub fn broken(&self) -> Vec<String> {
        let broken = self.rows.iter().filter(|row| row.get().is_none());
        broken.map(|row| row.text.to_string()).collect()
    }

    /// Returns whether a row or an entry of no gain names the action (in lower case).
    #[must_use]
    pub fn knows(&self, folded: &str) -> bool {
        self.in_rows.contains(folded) || self.no_gain.iter().any(|it| pattern::matches(it, folded))
    }

    /// Returns the generic rule for an action; none where a row or an entry of no gain names it, or
    /// no rule fits.
    #[must_use]
    pub fn generic_of(&self, service: &str, action: &Action) -> Option<&Generic> {
        let fits = |rule: &&Generic| {
            let level = rule.level.as_deref().is_none_or(|level| {
                AccessLevel::from_words(level).is_some_and(|it| action.access_levels.contains(it))
            });
            let needs = rule.needs.as_deref().is_none_or(|needed| {
                let mut dependent = action.dependent_actions.iter();
                dependent.any(|it| it.eq_ignore_ascii_case(needed))
            });
            let mut names = rule.names.iter();
            let named =
                rule.names.is_empty() || names.any(|it| action.name.starts_with(it.as_str()));
            level && needs && named
        };
        let rule = self.generic.iter().find(fits)?;
        let folded = format!("{service}:{}", action.name).to_ascii_lowercase();
        (!self.knows(&folded)).then_some(rule)
    }
}

impl Lazy {
    fn new(text: &str) -> Self {
        Self {
            id: values_in(text, "id = \"").next().unwrap_or_default().into(),
            actions: actions_in(text),
            text: text.into(),
            row: OnceLock::new(),
        }
    }

    fn get(&self) -> Option<&Row> {
        let read = || toml::from_str(&self.text).ok();
        self.row.get_or_init(read).as_ref()
    }
}

/// Returns the values of `action` in a text, in lower case.
fn actions_in(text: &str) -> Vec<Box<str>> {
    let values = values_in(text, "action = \"");
    values.map(|it| it.to_ascii_lowercase().into()).collect()
}

/// Returns the texts that stand in quotes behind a start, whose last character opens them.
fn values_in<'t>(text: &'t str, start: &'t str) -> impl Iterator<Item = &'t str> {
    let behind = |(at, start): (usize, &str)| text[at + start.len()..].split('"').next();
    text.match_indices(start).filter_map(behind)
}

/// The texts that hold the steps.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    /// `transitions.toml`
    pub rows: &'a str,
    /// `generic.toml`
    pub generic: &'a str,
    /// `no-gain.toml`
    pub no_gain: &'a str,
    /// `reach.toml`
    pub reach: &'a str,
    /// `cannot-isolate.toml`
    pub cannot_isolate: &'a str,
}
