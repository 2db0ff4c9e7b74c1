//! Actions that deserve a second look wherever they are allowed, by what they are about.
//!
//! The lists are in `data/topics.txt`, each with the AWS page that it rests on.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::naming::rows;
use super::subject::Subject;
use crate::policy::{Effect, Statement};

/// What sensitive actions are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// They hand out credentials.
    Credentials,
    /// They make ways in that last.
    Persistence,
    /// They stop or remove what records and watches.
    Audit,
    /// They change settings of an account, an organization or of billing.
    Account,
    /// They open or join networks.
    Network,
    /// They destroy what holds data.
    Destruction,
}

/// A sensitive action that a statement allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensitive {
    /// What it is about.
    pub topic: Topic,
    /// The action, as AWS writes it.
    pub action: &'static str,
    /// The action text that names it, by position.
    pub pattern: usize,
}

/// A row of the lists.
struct Row {
    topic: Topic,
    action: &'static str,
    folded: String,
}

/// The rows by service.
static ROWS: LazyLock<FxHashMap<&'static str, Vec<Row>>> = LazyLock::new(|| {
    let mut all: FxHashMap<&str, Vec<Row>> = FxHashMap::default();
    for row in rows(include_str!("data/topics.txt")) {
        let Some((topic, actions)) = row.split_first() else {
            continue;
        };
        let topic = match *topic {
            "credentials" => Topic::Credentials,
            "persistence" => Topic::Persistence,
            "audit" => Topic::Audit,
            "account" => Topic::Account,
            "network" => Topic::Network,
            _ => Topic::Destruction,
        };
        for action in actions {
            let service = action.split(':').next().unwrap_or_default();
            all.entry(service).or_default().push(Row {
                topic,
                action,
                folded: action.to_ascii_lowercase(),
            });
        }
    }
    all
});

/// Returns the actions of every topic.
pub(super) fn sensitive_actions() -> impl Iterator<Item = &'static str> {
    ROWS.values().flatten().map(|it| it.action)
}

impl Subject<'_> {
    /// Returns the sensitive actions that an Allow statement allows on every resource of a type,
    /// without a condition that limits it, leaving out `*` and whole services (`s3:*`).
    #[must_use]
    pub fn sensitive(&self, at: usize) -> &[Sensitive] {
        let all = self.known.sensitive.get_or_init(|| {
            let statements = self.document.statements.iter();
            statements.map(|it| self.find_sensitive(it)).collect()
        });
        all.get(at).map_or(&[], Vec::as_slice)
    }

    /// Returns those of one topic.
    pub fn sensitive_about(&self, at: usize, topic: Topic) -> impl Iterator<Item = Sensitive> {
        let all = self.sensitive(at).iter();
        all.filter(move |it| it.topic == topic).copied()
    }

    fn find_sensitive(&self, statement: &Statement) -> Vec<Sensitive> {
        let mut found = Vec::new();
        if statement.effect != Effect::Allow || statement.action.negated {
            return found;
        }
        for (at, pattern) in statement.action.patterns.iter().enumerate() {
            if pattern.is_whole_service() {
                continue;
            }
            let prefix = pattern.folded().split(':').next().unwrap_or_default();
            let Some(rows) = ROWS.get(prefix) else {
                continue;
            };
            for row in rows {
                let is_new = || !found.iter().any(|it: &Sensitive| it.action == row.action);
                if pattern.matches(row.action, &row.folded)
                    && is_new()
                    && self.is_on_everything(statement, &row.folded)
                {
                    found.push(Sensitive {
                        topic: row.topic,
                        action: row.action,
                        pattern: at,
                    });
                }
            }
        }
        if !found.is_empty() && self.is_limited(statement) {
            found.clear();
        }
        found
    }

    /// Returns whether a statement names every resource of a type of an action, or all but some.
    fn is_on_everything(&self, statement: &Statement, folded: &str) -> bool {
        let Some(element) = &statement.resource else {
            return true;
        };
        let actions = self.memo.expand(folded);
        element.negated
            || element.patterns.iter().any(|pattern| {
                let mut actions = actions.iter();
                pattern.is_everything()
                    || actions.any(|action| self.memo.names_every(pattern, *action))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn sensitive_actions_are_in_the_catalog() {
        let catalog = Catalog::builtin();
        for (service, rows) in ROWS.iter() {
            for row in rows {
                let name = row.action.split_once(':').map_or("", |(_, name)| name);
                let action = catalog.action(service, name);
                assert_eq!(action.map(|it| &*it.name), Some(name), "{}", row.action);
            }
        }
    }
}
