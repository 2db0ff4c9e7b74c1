//! Every text of a document with its place, and the policy variables in it as they are written,
//! right or wrong.

use super::Subject;
use crate::catalog::Catalog;
use crate::source::Span;

/// Where in a statement a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In `Action` or `NotAction`.
    Action,
    /// In `Resource` or `NotResource`.
    Resource,
    /// In `Principal` or `NotPrincipal`.
    Principal,
    /// A condition operator.
    ConditionOperator,
    /// A condition key.
    ConditionKey,
    /// A value of a condition.
    ConditionValue,
}

impl Place {
    /// Returns whether AWS substitutes variables there (V12; AWS: "IAM policy elements: Variables
    /// and tags", "Where you can use policy variables").
    #[must_use]
    pub const fn has_variables(self) -> bool {
        matches!(self, Self::Resource | Self::ConditionValue)
    }
}

/// A text of a statement.
#[derive(Clone, Copy, Debug)]
pub struct PlacedText<'a> {
    /// The text.
    pub text: &'a str,
    /// Where it stands, quotes included.
    pub span: Span,
    /// What it is.
    pub place: Place,
}

impl<'a> Subject<'a> {
    /// Returns the texts of all statements but their `Sid`s, in the order of the model.
    pub fn texts(&self) -> impl Iterator<Item = PlacedText<'a>> + use<'a> {
        let placed = |place| move |(text, span): (&'a str, Span)| PlacedText { text, span, place };
        let document: &'a crate::policy::Document = self.document;
        document.statements.iter().flat_map(move |statement| {
            let actions = statement.action.patterns.iter();
            let resources = statement.resource.iter().flat_map(|it| &it.patterns);
            let principals = statement.principal.iter().flat_map(|it| &it.entries);
            let conditions = statement.conditions.iter();
            let values = conditions.clone().flat_map(|it| &it.values);
            // One operator with several keys stands once in the text.
            let mut last = None;
            let operators = conditions.clone().map(|it| &it.operator_text);
            let operators = operators.filter(move |it| last.replace(it.span) != Some(it.span));
            actions
                .map(|it| (&*it.text, it.span))
                .map(placed(Place::Action))
                .chain(
                    resources
                        .map(|it| (it.template.text(), it.span))
                        .map(placed(Place::Resource)),
                )
                .chain(
                    principals
                        .map(|it| (&*it.text, it.span))
                        .map(placed(Place::Principal)),
                )
                .chain(
                    operators
                        .map(|it| (&*it.text, it.span))
                        .map(placed(Place::ConditionOperator)),
                )
                .chain(
                    conditions
                        .map(|it| (&*it.key_text.text, it.key_text.span))
                        .map(placed(Place::ConditionKey)),
                )
                .chain(
                    values
                        .map(|it| (it.template.text(), it.span))
                        .map(placed(Place::ConditionValue)),
                )
        })
    }

    /// Returns the texts in which variables are substituted and that have one, right or wrong;
    /// none in documents whose version has no variables (V1).
    pub fn texts_with_variables(&self) -> impl Iterator<Item = PlacedText<'a>> + use<'a> {
        let has = self.document.version == crate::policy::Version::V2012 && self.may_hold("${");
        let texts = has.then(|| self.texts());
        texts
            .into_iter()
            .flatten()
            .filter(|it| it.place.has_variables() && it.text.contains("${"))
    }
}

/// A `${` with what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenVariable<'t> {
    /// With `${`, and with `}` if there is one.
    pub whole: &'t str,
    /// What stands inside; up to the end of the text if nothing closes it.
    pub inner: &'t str,
    /// Where `whole` starts in the text.
    pub start: usize,
    /// Whether a `}` closes it before the next `${`.
    pub is_closed: bool,
}

impl<'t> WrittenVariable<'t> {
    /// Returns the name of the context key as it is written, spaces included.
    #[must_use]
    pub fn key(&self) -> &'t str {
        self.inner.split(',').next().unwrap_or_default()
    }

    /// Returns the default as it is written, behind the comma.
    #[must_use]
    pub fn default(&self) -> Option<&'t str> {
        self.inner.split_once(',').map(|(_, default)| default)
    }

    /// Returns whether it is `${*}`, `${?}` or `${$}`: that character itself (V7).
    #[must_use]
    pub fn is_escape(&self) -> bool {
        matches!(self.inner, "*" | "?" | "$") && self.is_closed
    }

    /// Returns the text with something else in its place.
    #[must_use]
    pub fn replaced(&self, text: &str, new: &str) -> String {
        let mut out = text.to_owned();
        out.replace_range(self.start..self.start + self.whole.len(), new);
        out
    }
}

/// Returns every `${` of a text.
pub fn written_variables(text: &str) -> impl Iterator<Item = WrittenVariable<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text.get(from..)?.find("${")?;
        let rest = &text[start + 2..];
        let next = rest.find("${").unwrap_or(rest.len());
        let close = rest[..next].find('}');
        let inner = &rest[..close.unwrap_or(next)];
        let end = start + 2 + inner.len() + usize::from(close.is_some());
        from = end;
        Some(WrittenVariable {
            whole: &text[start..end],
            inner,
            start,
            is_closed: close.is_some(),
        })
    })
}

/// Returns the condition keys that a misspelt one may stand for, best first; those with a tag name
/// in them too.
#[must_use]
pub fn similar_keys(catalog: &Catalog, key: &str) -> Vec<String> {
    let Some((head, tag)) = key.split_once('/') else {
        let similar = catalog.similar_condition_keys(key).into_iter();
        return similar.filter(|it| !it.contains(['$', '<'])).collect();
    };
    let head = head.to_ascii_lowercase();
    let templates = catalog.global_keys().iter().filter(|it| it.is_template());
    let heads = templates.filter_map(|it| it.name.split('/').next());
    let distances = heads.map(|it| (strsim::osa_distance(&it.to_ascii_lowercase(), &head), it));
    let mut near: Vec<_> = distances.filter(|(distance, _)| *distance <= 3).collect();
    near.sort_unstable();
    near.into_iter()
        .map(|(_, head)| format!("{head}/{tag}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::written_variables;

    #[test]
    fn takes_variables_as_they_are_written() {
        let of = |text| {
            let all = written_variables(text);
            all.map(|it| (it.whole.to_owned(), it.inner.to_owned(), it.is_closed))
                .collect::<Vec<_>>()
        };
        let own = |whole: &str, inner: &str, closed| (whole.to_owned(), inner.to_owned(), closed);
        assert_eq!(
            of("a${b}c${ d , 'e'}"),
            [own("${b}", "b", true), own("${ d , 'e'}", " d , 'e'", true)]
        );
        assert_eq!(of("a${b/c"), [own("${b/c", "b/c", false)]);
        assert_eq!(
            of("${a/${b}"),
            [own("${a/", "a/", false), own("${b}", "b", true)]
        );
        assert_eq!(of("$a {b}"), []);
    }

    #[test]
    fn replaces_one_of_several() {
        let text = "x/${a}/${b}";
        let second = written_variables(text).nth(1).unwrap();
        assert_eq!(second.replaced(text, "${c}"), "x/${a}/${c}");
    }
}
