//! One document under the rules, with what several rules ask of it worked out once.

use std::cell::OnceCell;
use std::rc::Rc;

use super::escalation::Escalation;
use super::expand::{ActionRef, Memo};
use super::lists::Lists;
use super::matching::Matching;
use super::naming::OddAction;
use super::placeholder::placeholder;
use super::repeat::Twin;
use super::topic::Sensitive;
use super::width::Wide;
use crate::analyze::{Analysis, IdleStatement, Openness, Zone};
use crate::json::Value;
use crate::json::edit::Editor;
use crate::policy::{ActionPattern, Document, Problem, ResourcePattern, Statement, grammar};
use crate::source::{FileId, Span};

/// A document to look at.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The text that it stands in.
    pub file: FileId,
    /// That text.
    pub text: &'a str,
    /// The document's number in the file, from 0.
    pub number: usize,
    /// The document's JSON, where it can be edited: it stands in the text as it is.
    pub json: Option<Value<'a>>,
    /// The document.
    pub document: &'a Document,
    /// Whether its kind was told, or is plain from the text around it; else it is a guess.
    pub kind_is_certain: bool,
    /// The ARN of the policy, role or resource, where the text around it says so.
    pub arn: Option<&'a str>,
    /// What the team says of itself.
    pub lists: &'a Lists,
    /// What the thread knows already.
    pub memo: &'a Memo,
    pub(super) known: Known<'a>,
}

/// What was asked before.
#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    problems: OnceCell<Vec<Problem>>,
    actions: Vec<OnceCell<Rc<[ActionRef]>>>,
    prefixes: OnceCell<Prefixes<'a>>,
    idle: OnceCell<Vec<IdleStatement>>,
    openness: OnceCell<Openness>,
    /// The same without the team's trust zone.
    pub(super) public: OnceCell<Openness>,
    pub(super) odd_actions: OnceCell<Vec<OddAction<'a>>>,
    pub(super) matching: OnceCell<Vec<Matching>>,
    pub(super) wide: OnceCell<Vec<Vec<Wide>>>,
    pub(super) sensitive: OnceCell<Vec<Vec<Sensitive>>>,
    pub(super) twins: OnceCell<Vec<Twin>>,
    pub(super) escalations: OnceCell<Vec<Escalation<'a>>>,
}

/// The services that the actions of a document name.
#[derive(Debug, Default)]
pub(super) struct Prefixes<'a> {
    names: Vec<&'a str>,
    /// Some statement has `*`, `NotAction` or a wildcard in the prefix.
    is_open: bool,
}

/// Above this many statements the exact questions that compare each with all others are left out.
pub(super) const MOST_STATEMENTS: usize = 60;

/// Problems that a placeholder makes, beside being one.
const PLACEHOLDERS_BREAK: [&str; 5] = [
    "malformed-account-in-arn",
    "malformed-action",
    "malformed-arn",
    "malformed-principal",
    "malformed-resource",
];

impl<'a> Subject<'a> {
    /// Returns a document with nothing around it.
    #[must_use]
    pub fn new(
        file: FileId,
        text: &'a str,
        document: &'a Document,
        lists: &'a Lists,
        memo: &'a Memo,
    ) -> Self {
        let actions = document.statements.iter().map(|_| OnceCell::new());
        Self {
            file,
            text,
            number: 0,
            json: None,
            document,
            kind_is_certain: true,
            arn: None,
            lists,
            memo,
            known: Known {
                actions: actions.collect(),
                ..Known::default()
            },
        }
    }

    /// Returns what AWS would refuse or read otherwise than it looks, in text order; not texts that
    /// are malformed because of a placeholder.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        self.known.problems.get_or_init(|| {
            let span = self.document.span.range();
            let own = self.text.get(span).unwrap_or_default();
            let mut found = grammar::problems(self.document, own);
            // Whoever fills in a placeholder ends these too.
            found.retain(|it| {
                let text = self.text.get(it.span.range()).unwrap_or_default();
                !PLACEHOLDERS_BREAK.contains(&it.name)
                    || placeholder(text.trim_matches('"')).is_none()
            });
            found
        })
    }

    /// Returns the actions of the catalog that a statement names; `None` where it names all but
    /// some (`*`, `NotAction`).
    #[must_use]
    pub fn actions(&self, at: usize) -> Option<&[ActionRef]> {
        let statement = self.document.statements.get(at)?;
        let element = &statement.action;
        if element.negated || element.patterns.iter().any(|it| &*it.text == "*") {
            return None;
        }
        let expand = || match element.patterns.as_slice() {
            [only] => self.memo.expand(only.folded()),
            patterns => {
                let mut all = Vec::new();
                for pattern in patterns {
                    all.extend(self.memo.expand(pattern.folded()).iter().copied());
                }
                all.sort_by_key(|it| std::ptr::from_ref(it.action) as usize);
                all.dedup_by_key(|it| std::ptr::from_ref(it.action));
                all.sort_by(|a, b| {
                    let key = |it: &ActionRef| (it.service.prefix(), &*it.action.name);
                    key(a).cmp(&key(b))
                });
                all.into()
            }
        };
        self.known
            .actions
            .get(at)
            .map(|it| &**it.get_or_init(expand))
    }

    /// Returns whether some statement may name an action of this service, by a look at prefixes.
    #[must_use]
    pub fn names_service(&self, prefix: &str) -> bool {
        let prefixes = self.known.prefixes.get_or_init(|| self.prefixes());
        prefixes.is_open
            || prefixes
                .names
                .iter()
                .any(|it| it.eq_ignore_ascii_case(prefix))
    }

    fn prefixes(&self) -> Prefixes<'a> {
        let mut found = Prefixes::default();
        let document: &'a Document = self.document;
        for statement in &document.statements {
            found.is_open |= statement.action.negated;
            for pattern in &statement.action.patterns {
                let prefix = pattern.text.split(':').next().unwrap_or_default();
                found.is_open |= crate::pattern::has_wildcard(prefix);
                if !found.names.contains(&prefix) {
                    found.names.push(prefix);
                }
            }
        }
        found
    }

    /// Returns the statements that could be left out, each proven by the exact analysis. None are
    /// looked for in documents that AWS refuses, and in very long ones; of the others, only those
    /// that a look at their texts makes likely.
    #[must_use]
    pub fn idle_statements(&self) -> &[IdleStatement] {
        self.known.idle.get_or_init(|| {
            let count = self.document.statements.len();
            if self.document.refusal().is_some() || count > MOST_STATEMENTS {
                return Vec::new();
            }
            self.find_idle()
        })
    }

    /// Returns whom a resource or trust policy lets in from outside the team's trust zone, or, if
    /// no zone is set, from outside whatever the policy names by fixed values.
    #[must_use]
    pub fn openness(&self) -> &Openness {
        self.known.openness.get_or_init(|| {
            let zone = Zone {
                accounts: self.lists.trusted_accounts.clone(),
                organizations: self.lists.trusted_organizations.clone(),
            };
            self.analysis()
                .openness(std::slice::from_ref(self.document), &zone)
        })
    }

    /// Returns the exact analysis.
    #[must_use]
    pub fn analysis(&self) -> Analysis<'static> {
        Analysis::new(self.memo.catalog())
    }

    /// Returns what makes edits, where the document can be edited.
    #[must_use]
    pub fn editor(&self) -> Option<Editor<'a>> {
        self.json.map(|json| Editor::new(self.text, json))
    }

    /// Returns the action text at a place.
    #[must_use]
    pub fn action_at(&self, span: Span) -> Option<&'a ActionPattern> {
        let (_, statement) = self.statement_at(span)?;
        let mut patterns = statement.action.patterns.iter();
        patterns.find(|it| it.span == span)
    }

    /// Returns the resource text at a place.
    #[must_use]
    pub fn resource_at(&self, span: Span) -> Option<&'a ResourcePattern> {
        let (_, statement) = self.statement_at(span)?;
        let mut patterns = statement.resource.as_ref()?.patterns.iter();
        patterns.find(|it| it.span == span)
    }

    /// Returns the statement that a place is in.
    #[must_use]
    pub fn statement_at(&self, span: Span) -> Option<(usize, &'a Statement)> {
        let document: &'a Document = self.document;
        let mut statements = document.statements.iter().enumerate();
        statements.find(|(_, it)| it.span.start <= span.start && span.end <= it.span.end)
    }
}
