//! What the text of an action names: an action, an API operation, something retired, or nothing.
//!
//! The catalog is asked first, so a newer one settles what the lists here do not know. Nothing is
//! said of texts that are no action at all: the grammar does that.

use std::sync::LazyLock;

use super::expand::Memo;
use super::subject::Subject;
use crate::pattern;
use crate::policy::{ActionPattern, Document};

/// What the text of an action names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Naming {
    /// At least one action of the catalog; also `*`, and texts that are no action.
    Listed,
    /// Something of a service that the catalog does not have.
    NoService,
    /// No action of its service.
    NoAction,
    /// A pattern that no action of its service matches.
    NoMatch,
    /// A service, or an action, that AWS's reference had and has no more.
    Retired {
        /// Whether the whole service is gone.
        is_service: bool,
        /// The month in which the reference was last seen to have it: `2025-04`.
        seen: &'static str,
    },
    /// Something that AWS's reference does not have, and an AWS managed policy names.
    Unlisted {
        /// The managed policy.
        policy: &'static str,
    },
    /// An API operation, with the actions that IAM checks for it.
    Operation(&'static [&'static str]),
}

/// The text of an action that names no action of the catalog.
#[derive(Clone, Debug)]
pub struct OddAction<'a> {
    /// The statement, by its index.
    pub statement: usize,
    /// The text.
    pub pattern: &'a ActionPattern,
    /// What it names instead.
    pub naming: Naming,
}

/// One name that AWS's reference does not have.
struct Former {
    folded: String,
    is_service: bool,
    is_retired: bool,
    /// A month, or a managed policy.
    detail: &'static str,
}

static FORMER: LazyLock<Vec<Former>> = LazyLock::new(|| {
    let rows = rows(include_str!("data/former-names.txt"));
    rows.filter_map(|row| match row.as_slice() {
        [word, name, detail] => Some(Former {
            folded: name.to_ascii_lowercase(),
            is_service: !name.contains(':'),
            is_retired: *word == "retired",
            detail,
        }),
        _ => None,
    })
    .collect()
});

static OPERATIONS: LazyLock<Vec<Vec<&'static str>>> =
    LazyLock::new(|| rows(include_str!("data/api-operations.txt")).collect());

/// Returns the words of each line of a data file.
pub(super) fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = text.lines().filter(|it| !it.starts_with('#'));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|words| !words.is_empty())
}

impl Memo {
    /// Returns what the text of an action names.
    #[must_use]
    pub fn naming(&self, action: &ActionPattern) -> Naming {
        let folded = action.folded();
        if folded == "*" || !self.expand(folded).is_empty() {
            return Naming::Listed;
        }
        let Some((prefix, name)) = folded.split_once(':') else {
            return Naming::Listed;
        };
        // The grammar speaks of these; `${…}`, `{{…}}` and the like are a template's.
        let is_malformed = prefix.is_empty() || name.is_empty() || name.contains(':');
        if is_malformed || pattern::has_wildcard(prefix) || action.text.contains(['{', '<', '%']) {
            return Naming::Listed;
        }
        let is_service = self.catalog().has_service(prefix);
        if !action.has_wildcard()
            && let Some(actions) = operation(folded)
        {
            return Naming::Operation(actions);
        }
        if let Some(former) = former(folded, prefix, is_service) {
            return if former.is_retired {
                Naming::Retired {
                    is_service: former.is_service,
                    seen: former.detail,
                }
            } else {
                Naming::Unlisted {
                    policy: former.detail,
                }
            };
        }
        match (is_service, action.has_wildcard()) {
            (false, _) => Naming::NoService,
            (true, true) => Naming::NoMatch,
            (true, false) => Naming::NoAction,
        }
    }

    /// Returns names of actions that a text which names none most likely stands for, best first.
    #[must_use]
    pub fn meant_actions(&self, action: &ActionPattern) -> Vec<String> {
        let Some((prefix, name)) = action.text.split_once(':') else {
            return Vec::new();
        };
        let Some(service) = self.catalog().service(prefix) else {
            return Vec::new();
        };
        let similar = self.catalog().similar_actions(prefix, name.trim());
        nearest(name.trim(), similar)
            .into_iter()
            .map(|it| format!("{}:{it}", service.prefix()))
            .collect()
    }

    /// Returns prefixes of services that a text which is none most likely stands for, best first;
    /// of those that only look alike, the ones that have the action.
    #[must_use]
    pub fn meant_services(&self, action: &ActionPattern) -> Vec<String> {
        let Some((prefix, name)) = action.folded().split_once(':') else {
            return Vec::new();
        };
        let own = service_called(prefix);
        let has = |it: &str| !self.expand(&format!("{it}:{name}")).is_empty();
        if let Some(own) = own.filter(|it| has(it)) {
            return vec![own.to_owned()];
        }
        let mut similar = self.catalog().similar_services(prefix.trim());
        similar.retain(|it| has(it));
        nearest(prefix.trim(), similar)
    }

    /// Returns what a text that is no action most likely stands for: `iam.PassRole`, or a name
    /// without its service that only one service has.
    #[must_use]
    pub fn meant_by_malformed(&self, text: &str) -> Option<String> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'*' | b':')) {
            return Some("*".into());
        }
        let is_word = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric());
        if is_word(text) {
            let [only] = *self.services_with(text) else {
                return None;
            };
            let name = &self.catalog().action(only, text)?.name;
            return Some(format!("{only}:{name}"));
        }
        let (prefix, name) = text.split_once(['.', '/', ' ', ';', '_'])?;
        let name = name.trim_start_matches(':').trim();
        let meant = format!("{}:{name}", prefix.to_ascii_lowercase());
        let is_known = !self.expand(&meant.to_ascii_lowercase()).is_empty();
        is_known.then_some(meant)
    }

    /// Returns whether AWS's reference had a service of this name and has it no more, or a managed
    /// policy of AWS's names it.
    #[must_use]
    pub fn is_former_service(&self, name: &str) -> bool {
        FORMER.iter().any(|it| it.is_service && it.folded == name)
    }

    /// Returns services with an action of this name, at most three. It reads the whole catalog.
    #[must_use]
    pub fn services_with(&self, action: &str) -> Vec<&'static str> {
        let all = self.catalog().services();
        let having = all.filter(|it| it.action(action).is_some());
        having.map(|it| it.prefix()).take(3).collect()
    }
}

impl<'a> Subject<'a> {
    /// Returns the texts of actions that name no action of the catalog.
    #[must_use]
    pub fn odd_actions(&self) -> &[OddAction<'a>] {
        let document: &'a Document = self.document;
        self.known.odd_actions.get_or_init(|| {
            let statements = document.statements.iter().enumerate();
            let texts = statements.flat_map(|(statement, it)| {
                let patterns = it.action.patterns.iter();
                patterns.map(move |pattern| (statement, pattern))
            });
            texts
                .filter_map(|(statement, pattern)| match self.memo.naming(pattern) {
                    Naming::Listed => None,
                    naming => Some(OddAction {
                        statement,
                        pattern,
                        naming,
                    }),
                })
                .collect()
        })
    }
}

/// Returns those of the names that are as near as the nearest.
fn nearest(name: &str, mut similar: Vec<String>) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    let distance = |it: &String| strsim::osa_distance(&name, &it.to_ascii_lowercase());
    if let Some(least) = similar.iter().map(distance).min() {
        similar.retain(|it| distance(it) == least);
    }
    similar
}

/// Returns names for a message: the first few in backticks, and how many more there are.
#[must_use]
pub fn name_some<T: AsRef<str>>(names: &[T]) -> String {
    const SHOWN: usize = 3;
    let shown = names.iter().take(SHOWN);
    let shown: Vec<String> = shown.map(|it| format!("`{}`", it.as_ref())).collect();
    match (names.len().saturating_sub(SHOWN), shown.split_last()) {
        (0, Some((last, rest))) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        (0, _) => shown.join(", "),
        (more, _) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Returns the prefix of a service that goes by another name.
pub(super) fn service_called(name: &str) -> Option<&'static str> {
    let mut names = rows(include_str!("data/service-names.txt"));
    names.find_map(|row| match row.as_slice() {
        [written, meant] if *written == name => Some(*meant),
        _ => None,
    })
}

fn operation(folded: &str) -> Option<&'static [&'static str]> {
    let mut all = OPERATIONS.iter();
    let row = all.find(|row| {
        row.first()
            .is_some_and(|it| it.eq_ignore_ascii_case(folded))
    })?;
    row.get(1..)
}

fn former(folded: &str, prefix: &str, is_service: bool) -> Option<&'static Former> {
    FORMER.iter().find(|it| {
        if it.is_service {
            !is_service && it.folded == prefix
        } else {
            pattern::matches_folded(folded, &it.folded)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn operations_are_no_actions_and_stand_for_some() {
        let memo = Memo::new(Catalog::builtin());
        let known = |name: &str| !memo.expand(&name.to_ascii_lowercase()).is_empty();
        for row in OPERATIONS.iter() {
            assert!(row.len() > 1 && !known(row[0]), "{row:?}");
            assert!(row[1..].iter().all(|it| known(it)), "{row:?}");
        }
    }

    #[test]
    fn former_names_are_not_in_the_catalog() {
        let memo = Memo::new(Catalog::builtin());
        assert!(FORMER.len() > 200);
        for former in FORMER.iter() {
            if former.is_service {
                assert!(
                    !memo.catalog().has_service(&former.folded),
                    "{}",
                    former.folded
                );
            } else {
                assert!(memo.expand(&former.folded).is_empty(), "{}", former.folded);
            }
        }
    }

    #[test]
    fn services_go_by_other_names() {
        let catalog = Catalog::builtin();
        for row in rows(include_str!("data/service-names.txt")) {
            assert!(!catalog.has_service(row[0]), "{row:?}");
            assert!(catalog.has_service(row[1]), "{row:?}");
        }
    }
}
