//! Who from outside gets in: the exact analysis, asked no more than needed.

use super::subject::Subject;
use crate::analyze::{OpenStatement, Zone};
use crate::policy::{Effect, PrincipalName, Statement};

impl Subject<'_> {
    /// Returns the statements that let in somebody whom the policy names by no fixed value, after
    /// every Deny: the public, or a service on behalf of anybody.
    #[must_use]
    pub fn open_statements(&self) -> &[OpenStatement] {
        if !self.document.statements.iter().any(may_be_open) {
            return &[];
        }
        if self.lists.trusted_accounts.is_empty() && self.lists.trusted_organizations.is_empty() {
            return &self.openness().statements;
        }
        let openness = self.known.public.get_or_init(|| {
            self.analysis()
                .openness(std::slice::from_ref(self.document), &Zone::default())
        });
        &openness.statements
    }

    /// Returns what is known of one statement's openness.
    #[must_use]
    pub fn open_statement(&self, index: usize) -> Option<&OpenStatement> {
        let statement = self.document.statements.get(index)?;
        if !may_be_open(statement) {
            return None;
        }
        self.open_statements()
            .iter()
            .find(|it| it.statement == index)
    }

    /// Returns the statements that let in somebody from outside the accounts and organizations
    /// that the team trusts; none if it has said of none.
    #[must_use]
    pub fn untrusted_statements(&self) -> &[OpenStatement] {
        let lists = self.lists;
        if lists.trusted_accounts.is_empty() && lists.trusted_organizations.is_empty() {
            return &[];
        }
        let names_somebody = |it: &Statement| it.effect == Effect::Allow && it.principal.is_some();
        if !self.document.statements.iter().any(names_somebody) {
            return &[];
        }
        &self.openness().statements
    }
}

/// Whether a statement may let in anybody but accounts and principals that it names.
fn may_be_open(statement: &Statement) -> bool {
    let by_name = |name: &PrincipalName| {
        matches!(
            name,
            PrincipalName::Everyone | PrincipalName::Service | PrincipalName::Federated
        )
    };
    statement.effect == Effect::Allow
        && statement
            .principal
            .as_ref()
            .is_some_and(|it| it.negated || it.entries.iter().any(|it| by_name(&it.name)))
}
