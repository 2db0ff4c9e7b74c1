//! What a team has ruled out: actions that no policy may allow, resources that none may reach.

use super::shape::open_text;
use super::subject::Subject;
use crate::arn::Arn;
use crate::pattern;
use crate::policy::{Effect, Statement};
use crate::source::Span;

impl<'a> Subject<'a> {
    /// Returns the places of an Allow statement that allow an action on the team's list, each with
    /// the entry.
    #[must_use]
    pub fn forbidden_actions(&self, statement: &Statement) -> Vec<(Span, &'a str)> {
        let mut found = Vec::new();
        if statement.effect != Effect::Allow {
            return found;
        }
        let same = |a: u8, b: u8| a.eq_ignore_ascii_case(&b);
        let element = &statement.action;
        for entry in &self.lists.forbidden_actions {
            if element.negated {
                let mut patterns = element.patterns.iter();
                if !patterns.any(|it| pattern::includes(&it.text, entry, same)) {
                    found.push((element.span, entry.as_str()));
                }
                continue;
            }
            let mut patterns = element.patterns.iter();
            let hit = patterns.find(|it| pattern::overlap(&it.text, entry, same));
            found.extend(hit.map(|it| (it.span, entry.as_str())));
        }
        found
    }

    /// Returns the places of an Allow statement that reach a resource on the team's list, each with
    /// the entry. An action that works on no such resource does not count.
    #[must_use]
    pub fn sensitive_resources(&self, at: usize) -> Vec<(Span, &'a str)> {
        let mut found = Vec::new();
        let Some(statement) = self.document.statements.get(at) else {
            return found;
        };
        let Some(element) = &statement.resource else {
            return found;
        };
        if statement.effect != Effect::Allow {
            return found;
        }
        for entry in &self.lists.sensitive_resources {
            let same = |a, b| a == b;
            let place = if element.negated {
                let mut patterns = element.patterns.iter();
                let is_left_out =
                    patterns.any(|it| pattern::includes(it.template.text(), entry, same));
                (!is_left_out).then_some(element.span)
            } else {
                let mut patterns = element.patterns.iter();
                patterns
                    .find(|it| pattern::overlap(&open_text(it), entry, same))
                    .map(|it| it.span)
            };
            if let Some(place) = place
                && self.works_on(at, entry)
            {
                found.push((place, entry.as_str()));
            }
        }
        found
    }

    /// Returns whether some action of a statement works on what an ARN pattern names.
    fn works_on(&self, at: usize, entry: &str) -> bool {
        let (Some(actions), Some(arn)) = (self.actions(at), Arn::parse(entry)) else {
            return true;
        };
        actions.iter().any(|action| {
            let formats = self.memo.formats_of(*action);
            let mut formats = formats.iter();
            formats.any(|it| it.as_ref().is_none_or(|it| it.can_be(arn)))
        })
    }
}
