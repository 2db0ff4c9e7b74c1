//! Whether the resources that a text names are of a type that an action works on.

use super::expand::{ActionRef, Memo, fill};
use super::shape::open_text;
use crate::arn::Arn;
use crate::pattern::{self, Resolved};
use crate::policy::{ActionPattern, Coverage, ResourcePattern};

/// How a resource text and an action go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The text names every resource, or may name one of a type that the action works on.
    Fits,
    /// The action works on resources, and the text names none of them.
    OtherType,
    /// The action is not authorised on resources, so only `*` goes with it.
    NeedsStar,
}

/// A name that no pattern of anybody's is likely to be written for.
const PROBE: &str = "rolecall-probe-q7";

impl Memo {
    /// Returns whether a resource text can name what the action works on (Service Authorization
    /// Reference, "Resource types"). A policy variable stands for any text, and a text that is like
    /// no ARN of its namespace in the reference may name anything there.
    #[must_use]
    pub fn fit(&self, pattern: &ResourcePattern, action: ActionRef) -> Fit {
        let text = pattern.template.text();
        if text == "*" {
            return Fit::Fits;
        }
        let mut has_types = false;
        for template in templates(action) {
            has_types = true;
            if self.may_be(pattern, template) {
                return Fit::Fits;
            }
        }
        match (has_types, self.has_known_shape(pattern)) {
            (false, _) => Fit::NeedsStar,
            (true, true) => Fit::OtherType,
            (true, false) => Fit::Fits,
        }
    }

    /// Returns whether a resource text can name a resource of this ARN format, part by part.
    fn may_be(&self, pattern: &ResourcePattern, template: &'static str) -> bool {
        let text = open_text(pattern);
        match (Arn::parse(&text), self.format(template)) {
            (Some(arn), Some(format)) => format.can_be(arn),
            _ => self.may_name(pattern, template),
        }
    }

    /// Returns an ARN format of what an action text works on, as AWS writes it.
    #[must_use]
    pub fn format_of(&self, action: &ActionPattern) -> Option<&'static str> {
        let actions = self.expand(action.folded());
        actions.iter().find_map(|it| self.format_of_action(*it))
    }

    /// Returns an ARN format of what an action works on, of a required type if there is one.
    #[must_use]
    pub fn format_of_action(&self, action: ActionRef) -> Option<&'static str> {
        let rows = action.action.resource_types.iter();
        let row = rows.min_by_key(|it| !it.required)?;
        let own = action.service.resource_type(&row.name)?;
        own.arn_templates.first().map(|it| &**it)
    }

    /// Returns whether a resource text can name a resource of this ARN format.
    #[must_use]
    pub fn may_name(&self, pattern: &ResourcePattern, template: &str) -> bool {
        let glob = self.glob(template);
        let same = |a, b| a == b;
        if !pattern.template.has_variables() {
            return pattern::overlap(pattern.template.text(), &glob, same);
        }
        let open = fill(pattern.template.text(), |_| "*".into());
        pattern::overlap(&open, &glob, same)
    }

    /// Returns whether a resource text names every resource of one of the action's types in some
    /// account and Region, or every resource there is.
    #[must_use]
    pub fn names_every(&self, pattern: &ResourcePattern, action: ActionRef) -> bool {
        if pattern.is_everything() {
            return true;
        }
        if pattern.template.has_variables() {
            return false;
        }
        let text = pattern.template.text();
        let arn = Arn::parse(text);
        let own = |part: Option<&str>, otherwise: &str| match part {
            Some(part) if !part.is_empty() && !pattern::has_wildcard(part) => part.to_owned(),
            _ => otherwise.to_owned(),
        };
        let covers = |template: &str| {
            let probe = fill(template, |hole| match hole {
                "Partition" => own(arn.map(|it| it.partition), "aws"),
                "Region" => own(arn.map(|it| it.region), "us-east-1"),
                "Account" | "AccountId" => own(arn.map(|it| it.account), "111122223333"),
                _ => PROBE.into(),
            });
            pattern.covers(Some(&probe), &|_| Resolved::NoValue) == Coverage::Yes
        };
        templates(action).any(covers)
    }
}

/// Returns the ARN formats of the types that an action works on.
pub(super) fn templates(action: ActionRef) -> impl Iterator<Item = &'static str> {
    let types = action.action.resource_types.iter();
    types
        .filter_map(move |row| action.service.resource_type(&row.name))
        .flat_map(|it| it.arn_templates.iter().map(|it| &**it))
}
