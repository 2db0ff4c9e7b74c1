//! Whether the resources that a text names are of a type that an action works on.

use super::expand::{ActionRef, Memo, fill};
use super::shape::open_text;
use crate::arn::{Arn, is_account_id};
use crate::pattern::{self, Resolved, Variable};
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
        let formats = rows.filter_map(|row| {
            let own = action.service.resource_type(&row.name)?;
            Some((!row.required, &**own.arn_templates.first()?))
        });
        // The shortest is mostly the best known: an object rather than one of an access point.
        let best = formats.min_by_key(|(is_optional, format)| (*is_optional, format.len()));
        best.map(|(_, format)| format)
    }

    /// Returns whether a resource text can name a resource of this ARN format.
    #[must_use]
    pub fn may_name(&self, pattern: &ResourcePattern, template: &str) -> bool {
        let glob = self.glob(template);
        if !pattern.template.has_variables() {
            return overlap(pattern.template.text(), &glob);
        }
        overlap(&fill(pattern.template.text(), |_| "*".into()), &glob)
    }

    /// Returns whether a resource text names every resource of one of the action's types in some
    /// account and Region, or every resource there is.
    #[must_use]
    pub fn names_every(&self, pattern: &ResourcePattern, action: ActionRef) -> bool {
        if pattern.is_everything() {
            return true;
        }
        let none = |_: &Variable| Resolved::NoValue;
        !pattern.template.has_variables()
            && templates(action).any(|template| covers_any(pattern, template, &none))
    }

    /// Returns whether a resource text names every resource of one type of the action's service, or
    /// every resource there is. For an action that the catalog does not know the type is unknown.
    #[must_use]
    pub fn names_every_of(&self, pattern: &ResourcePattern, action: &str, kind: &str) -> bool {
        if pattern.is_everything() {
            return true;
        }
        let none = |_: &Variable| Resolved::NoValue;
        !pattern.template.has_variables()
            && self
                .templates_of(action, kind)
                .any(|template| covers_any(pattern, template, &none))
    }

    /// Returns whether a resource text names the caller's own user, whoever that is, by
    /// `${aws:username}`.
    #[must_use]
    pub fn names_own_user(&self, pattern: &ResourcePattern) -> bool {
        let own = |variable: &Variable| match &*variable.key {
            "aws:username" => Resolved::Value(PROBE),
            _ => Resolved::NoValue,
        };
        pattern.template.has_variables()
            && self
                .templates_of("iam:GetUser", "user")
                .any(|template| covers_any(pattern, template, &own))
    }

    /// Returns whether a resource text can name a resource of a type of the action's service.
    #[must_use]
    pub fn may_name_of(&self, pattern: &ResourcePattern, action: &str, kind: &str) -> bool {
        pattern.is_everything()
            || self
                .templates_of(action, kind)
                .any(|template| self.may_name(pattern, template))
    }

    /// Returns the ARN formats of a resource type; each type of the action for `any` and for a type
    /// that the catalog does not know.
    fn templates_of(&self, action: &str, kind: &str) -> impl Iterator<Item = &'static str> + use<> {
        // Whatever the type, an action without any is authorised on `*` only.
        let found = self.expand(&action.to_ascii_lowercase()).first().copied();
        let found = found.filter(|it| !it.action.resource_types.is_empty());
        let named = found.and_then(|it| it.service.resource_type(kind));
        let own = found.filter(|_| named.is_none() && kind != "none");
        let own = own.into_iter().flat_map(templates);
        let named = named.into_iter().flat_map(|it| it.arn_templates.iter());
        own.chain(named.map(|it| &**it))
    }
}

/// Returns whether an ARN pattern and the pattern of an ARN format have an ARN in common. Part by
/// part where the account is one, so that `*` of one part does not stand for half of the ARN; a
/// text such as `arn:aws:states:*:stateMachine:app` is one that rests on just that.
fn overlap(text: &str, glob: &str) -> bool {
    let same = |a, b| a == b;
    let is_account = |part: &str| {
        part.is_empty() || is_account_id(part) || part.bytes().all(|it| matches!(it, b'*' | b'?'))
    };
    match (Arn::parse(text), Arn::parse(glob)) {
        (Some(own), Some(known)) if is_account(own.account) => [
            (own.partition, known.partition),
            (own.service, known.service),
            (own.region, known.region),
            (own.account, known.account),
            (own.resource, known.resource),
        ]
        .into_iter()
        .all(|(a, b)| pattern::overlap(a, b, same)),
        _ => pattern::overlap(text, glob, same),
    }
}

/// Returns whether a resource text covers every resource of an ARN format in some account and
/// Region.
fn covers_any<'v>(
    pattern: &ResourcePattern,
    template: &str,
    resolve: &impl Fn(&Variable) -> Resolved<'v>,
) -> bool {
    let arn = Arn::parse(pattern.template.text());
    let own = |part: Option<&str>, otherwise: &str| match part {
        Some(part) if !part.is_empty() && !pattern::has_wildcard(part) => part.to_owned(),
        _ => otherwise.to_owned(),
    };
    let probe = fill(template, |hole| match hole {
        "Partition" => own(arn.map(|it| it.partition), "aws"),
        "Region" => own(arn.map(|it| it.region), "us-east-1"),
        "Account" | "AccountId" => own(arn.map(|it| it.account), "111122223333"),
        _ => PROBE.into(),
    });
    pattern.covers(Some(&probe), resolve) == Coverage::Yes
}

/// Returns the ARN formats of the types that an action works on.
pub(super) fn templates(action: ActionRef) -> impl Iterator<Item = &'static str> {
    let types = action.action.resource_types.iter();
    types
        .filter_map(move |row| action.service.resource_type(&row.name))
        .flat_map(|it| it.arn_templates.iter().map(|it| &**it))
}
