//! Everything that one side allows and the other does not, described by the statements that give
//! it: the smallest description that a reader of the policy recognises.
//!
//! A request beyond the other side is allowed by some Allow statement, so asking statement by
//! statement misses none; within one, action texts and resource texts are asked one by one.

use super::{Analysis, Doubt, Found, Witness};
use crate::policy::{Document, Effect, Statement};

/// Access of one statement that the other side does not give.
#[derive(Clone, Debug)]
pub struct Excess {
    /// The document, by its index in the first layer.
    pub document: usize,
    /// The statement, by its index in the document.
    pub statement: usize,
    /// Actions with such access: names where only some that a text stands for have it, else the
    /// texts of the policy.
    pub actions: Vec<String>,
    /// Texts of the policy for which only action names that AWS does not have yet are such.
    pub tomorrow: Vec<String>,
    /// The texts of `Resource` for which there is such access; all of `NotResource`.
    pub resources: Vec<String>,
    /// One of the requests.
    pub witness: Witness,
}

/// Everything of one side that the other does not give.
#[derive(Clone, Debug, Default)]
pub struct Excesses {
    /// Statement by statement, in text order.
    pub found: Vec<Excess>,
    /// What could not be settled.
    pub doubts: Vec<Doubt>,
    /// Whether statements were left out, as enough were found.
    pub more: bool,
}

/// At most this many statements are described.
const MOST: usize = 50;
/// Texts that stand for so many actions that taking them apart costs more questions stay whole.
const MOST_QUESTIONS: usize = 2_000;

impl Analysis<'_> {
    /// Returns what the layers of `a` allow, all of them, and those of `b` do not, by the Allow
    /// statements of the first layer of `a`.
    #[must_use]
    pub fn excesses(&self, a: &[&[Document]], b: &[&[Document]]) -> Excesses {
        let mut excesses = Excesses::default();
        let Some((first, others)) = a.split_first() else {
            return excesses;
        };
        let side = Side {
            analysis: *self,
            first,
            others,
            b,
        };
        let all: Vec<(usize, usize)> = allows(first).collect();
        side.search(&all, &mut excesses);
        excesses
    }
}

/// The Allow statements of documents.
pub(super) fn allows(documents: &[Document]) -> impl Iterator<Item = (usize, usize)> {
    let of = |(at, document): (usize, &Document)| -> Vec<(usize, usize)> {
        let statements = document.statements.iter().enumerate();
        let allows = statements.filter(|(_, it)| it.effect == Effect::Allow);
        allows.map(|(statement, _)| (at, statement)).collect()
    };
    documents.iter().enumerate().flat_map(of)
}

/// Returns documents with this one Allow statement and every Deny.
pub(super) fn only(documents: &[Document], document: usize, allow: &Statement) -> Vec<Document> {
    let reduce = |(at, it): (usize, &Document)| {
        let mut reduced = Document {
            statements: Vec::new(),
            ..it.clone()
        };
        if at == document {
            reduced.statements.push(allow.clone());
        }
        let denies = it.statements.iter().filter(|it| it.effect == Effect::Deny);
        reduced.statements.extend(denies.cloned());
        reduced
    };
    documents.iter().enumerate().map(reduce).collect()
}

/// Returns documents with these of their Allow statements and every Deny.
fn with_allows(documents: &[Document], keep: impl Fn((usize, usize)) -> bool) -> Vec<Document> {
    let reduce = |(at, it): (usize, &Document)| {
        let statements = it.statements.iter().enumerate();
        let kept = statements
            .filter(|(index, it)| it.effect == Effect::Deny || keep((at, *index)))
            .map(|(_, it)| it.clone());
        Document {
            statements: kept.collect(),
            ..it.clone()
        }
    };
    documents.iter().enumerate().map(reduce).collect()
}

struct Side<'q, 'a> {
    analysis: Analysis<'a>,
    first: &'q [Document],
    others: &'q [&'q [Document]],
    b: &'q [&'q [Document]],
}

impl Side<'_, '_> {
    /// Asks about many statements at once and halves what has something: of thousands, few do.
    fn search(&self, allows: &[(usize, usize)], excesses: &mut Excesses) {
        if allows.is_empty() || excesses.more {
            return;
        }
        if let [(document, statement)] = *allows {
            let whole = &self.first[document].statements[statement];
            match self.ask(&self.analysis, document, whole) {
                Found::Nothing => {}
                Found::Unknown(doubt) => {
                    if !excesses.doubts.contains(&doubt) {
                        excesses.doubts.push(doubt);
                    }
                }
                Found::Request(_) if excesses.found.len() >= MOST => excesses.more = true,
                Found::Request(witness) => {
                    let described = self.describe(document, statement, *witness);
                    excesses.found.extend(described);
                }
            }
            return;
        }
        let reduced = with_allows(self.first, |place| allows.contains(&place));
        let mut a: Vec<&[Document]> = vec![&reduced];
        a.extend(self.others);
        if matches!(self.analysis.find_excess(&a, self.b), Found::Nothing) {
            return;
        }
        let (left, right) = allows.split_at(allows.len() / 2);
        self.search(left, excesses);
        self.search(right, excesses);
    }

    fn ask(&self, analysis: &Analysis<'_>, document: usize, allow: &Statement) -> Found {
        let reduced = only(self.first, document, allow);
        let mut a: Vec<&[Document]> = vec![&reduced];
        a.extend(self.others);
        analysis.find_excess(&a, self.b)
    }

    /// Takes a statement apart: action by action, resource text by resource text; what has the same
    /// resources is described together.
    fn describe(&self, document: usize, statement: usize, witness: Witness) -> Vec<Excess> {
        let whole = &self.first[document].statements[statement];
        let mut parts: Vec<Part> = Vec::new();
        if whole.action.negated {
            let texts = whole.action.patterns.iter();
            let resources = self.resources(&self.analysis, document, whole);
            for text in texts.map(|it| it.text.to_string()) {
                parts.push(Part::new(text, &resources, &witness));
            }
        } else {
            for text in &whole.action.patterns {
                self.parts(document, whole, &text.text, &mut parts);
            }
        }
        // Its words together may have more than each alone; then they are the description.
        if parts.is_empty() {
            let resources = texts_of(whole);
            for text in &whole.action.patterns {
                parts.push(Part::new(text.text.to_string(), &resources, &witness));
            }
        }
        let mut excesses: Vec<Excess> = Vec::new();
        for part in parts {
            let known = excesses
                .iter_mut()
                .find(|it| it.resources == part.resources);
            let excess = match known {
                Some(excess) => excess,
                None => {
                    excesses.push(Excess {
                        document,
                        statement,
                        actions: Vec::new(),
                        tomorrow: Vec::new(),
                        resources: part.resources,
                        witness: part.witness.clone(),
                    });
                    let Some(last) = excesses.last_mut() else {
                        continue;
                    };
                    last
                }
            };
            if part.witness.in_catalog && !excess.witness.in_catalog {
                excess.witness = part.witness;
            }
            let list = if part.is_tomorrow {
                &mut excess.tomorrow
            } else {
                &mut excess.actions
            };
            if !list.contains(&part.action) {
                list.push(part.action);
            }
        }
        excesses
    }

    fn parts(&self, document: usize, whole: &Statement, text: &str, parts: &mut Vec<Part>) {
        let with = |text: &str| {
            let mut statement = whole.clone();
            statement.action.patterns.clear();
            statement.action.add(text);
            statement
        };
        let own = with(text);
        let Found::Request(witness) = self.ask(&self.analysis, document, &own) else {
            return;
        };
        let is_one = !text.contains(['*', '?']);
        let names = if is_one { Vec::new() } else { self.names(text) };
        let count = whole.resource.as_ref().map_or(1, |it| it.patterns.len());
        if is_one || names.len() * count > MOST_QUESTIONS {
            let resources = self.resources(&self.analysis, document, &own);
            parts.push(Part::new(text.to_owned(), &resources, &witness));
            return;
        }
        let today = Analysis {
            open_actions: false,
            ..self.analysis
        };
        let all = names.len();
        let mut new: Vec<Part> = Vec::new();
        for name in names {
            let own = with(&name);
            if let Found::Request(witness) = self.ask(&today, document, &own) {
                let resources = self.resources(&today, document, &own);
                new.push(Part::new(name, &resources, &witness));
            }
        }
        let is_alike = new.windows(2).all(|it| it[0].resources == it[1].resources);
        match new.first() {
            None => parts.push(Part {
                is_tomorrow: true,
                ..Part::new(
                    text.to_owned(),
                    &self.resources(&self.analysis, document, &own),
                    &witness,
                )
            }),
            Some(first) if new.len() == all && is_alike => {
                parts.push(Part::new(text.to_owned(), &first.resources, &first.witness));
            }
            Some(_) => parts.append(&mut new),
        }
    }

    /// The actions of the catalog that a text stands for; one more than enough at most.
    fn names(&self, text: &str) -> Vec<String> {
        let folded = text.to_ascii_lowercase();
        let (prefix, _) = folded.split_once(':').unwrap_or((&folded, ""));
        let services = self.analysis.catalog.services();
        let services = services.filter(|it| crate::pattern::matches_folded(prefix, it.prefix()));
        let names = services.flat_map(|service| {
            let own = service.actions().iter();
            own.map(move |it| format!("{}:{}", service.prefix(), it.name))
        });
        names
            .filter(|it| crate::pattern::matches_folded(&folded, &it.to_ascii_lowercase()))
            .take(MOST_QUESTIONS + 1)
            .collect()
    }

    /// The texts of `Resource` for which there is such access.
    fn resources(
        &self,
        analysis: &Analysis<'_>,
        document: usize,
        whole: &Statement,
    ) -> Vec<String> {
        let texts = texts_of(whole);
        let Some(element) = &whole.resource else {
            return texts;
        };
        if element.negated || texts.len() == 1 {
            return texts;
        }
        let has_excess = |at: usize| {
            let mut statement = whole.clone();
            if let Some(element) = &mut statement.resource {
                element.patterns = vec![element.patterns[at].clone()];
            }
            matches!(self.ask(analysis, document, &statement), Found::Request(_))
        };
        let all = texts.into_iter().enumerate();
        all.filter(|(at, _)| has_excess(*at))
            .map(|(_, it)| it)
            .collect()
    }
}

/// The resource texts of a statement.
fn texts_of(statement: &Statement) -> Vec<String> {
    let element = statement.resource.iter();
    let texts = element.flat_map(|it| &it.patterns);
    texts.map(|it| it.template.text().to_owned()).collect()
}

/// One action, or action text, with the resource texts for which it is beyond the other side.
struct Part {
    action: String,
    is_tomorrow: bool,
    resources: Vec<String>,
    witness: Witness,
}

impl Part {
    fn new(action: String, resources: &[String], witness: &Witness) -> Self {
        Self {
            action,
            is_tomorrow: false,
            resources: resources.to_vec(),
            witness: witness.clone(),
        }
    }
}
