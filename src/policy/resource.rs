//! Resource texts, prepared for matching by the kind of policy they stand in.

#[cfg(test)]
mod naive;

use super::Kind;
use crate::pattern::{self, Resolved, Substituted, Template, Token, Variable};
use crate::source::Span;
use crate::switch::on;

/// One text of `Resource` or `NotResource`.
#[derive(Clone, Debug)]
pub struct ResourcePattern {
    /// As written, with its variables.
    pub template: Template,
    /// Where it stands.
    pub span: Span,
    shape: Shape,
    /// The text with its missing parts as `*` (R13).
    padded: Option<Box<Shape>>,
}

#[derive(Clone, Debug)]
enum Shape {
    /// `*`: every resource, and requests without one (R7).
    Everything,
    /// No resource at all (V10; short ARNs in an RCP, R13).
    Nothing,
    /// That text.
    Literal,
    /// Wildcards that are all free to cross colons.
    Glob(Box<str>),
    /// Wildcards of which some stay inside their part (R6).
    Tokens(Box<[Token]>),
    /// To be substituted for each request.
    Variables,
}

/// Whether a pattern covers a request's resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It depends on a variable that the request does not say.
    Unknown,
}

impl ResourcePattern {
    pub(super) fn new(text: &str, span: Span, kind: Kind, variables: bool) -> Self {
        let template = Template::new(text, variables);
        let (shape, padded) = shapes(&template, kind);
        Self {
            template,
            span,
            shape,
            padded: padded.map(Box::new),
        }
    }

    /// Returns whether it is `*` alone.
    #[must_use]
    pub const fn is_everything(&self) -> bool {
        matches!(self.shape, Shape::Everything)
    }

    /// Returns patterns that together cover what this one covers, but for requests without a
    /// resource (see [`ResourcePattern::is_everything`]). With a variable that `resolve` does not
    /// know they cover more.
    pub(crate) fn patterns<'a>(
        &self,
        resolve: &impl Fn(&Variable) -> Resolved<'a>,
    ) -> Substituted<Vec<Vec<Token>>> {
        let plain = || match self.template.tokens(true, resolve) {
            Substituted::Known(mut tokens) => {
                pattern::confine_to_parts(&mut tokens);
                Substituted::Known(vec![tokens])
            }
            Substituted::NoValue => Substituted::Known(Vec::new()),
            Substituted::Unknown(mut tokens) => {
                pattern::confine_to_parts(&mut tokens);
                Substituted::Unknown(vec![tokens])
            }
        };
        match &self.shape {
            Shape::Nothing => Substituted::Known(Vec::new()),
            Shape::Variables => plain(),
            _ => match (plain(), self.padded_text()) {
                (Substituted::Known(mut patterns), Some(long)) => {
                    let long = Template::new(&long, false);
                    if let Substituted::Known(mut tokens) = long.tokens(true, resolve) {
                        pattern::confine_to_parts(&mut tokens);
                        patterns.push(tokens);
                    }
                    Substituted::Known(patterns)
                }
                (patterns, _) => patterns,
            },
        }
    }

    fn padded_text(&self) -> Option<String> {
        self.padded.as_ref()?;
        let text = self.template.text();
        let missing = 5_usize.saturating_sub(text.bytes().filter(|byte| *byte == b':').count());
        Some(format!("{text}{}", ":*".repeat(missing)))
    }

    /// Returns whether it covers this resource; `None` is a request without one (R7, R8).
    pub fn covers<'a>(
        &self,
        resource: Option<&str>,
        resolve: &impl Fn(&Variable) -> Resolved<'a>,
    ) -> Coverage {
        let Some(resource) = resource else {
            let star = if on("R7") {
                self.is_everything()
            } else {
                false
            };
            return if star || !on("R8") {
                Coverage::Yes
            } else {
                Coverage::No
            };
        };
        #[cfg(test)]
        if let Some(yes) = naive::covers(self.template.text(), resource) {
            return if yes { Coverage::Yes } else { Coverage::No };
        }
        match (
            self.shape.covers(&self.template, resource, resolve),
            &self.padded,
        ) {
            (Coverage::No, Some(padded)) => padded.covers(&self.template, resource, resolve),
            (coverage, _) => coverage,
        }
    }
}

fn shapes(template: &Template, kind: Kind) -> (Shape, Option<Shape>) {
    let text = template.text();
    if text == "*" {
        return (Shape::Everything, None);
    }
    if template.has_variables() {
        // V10: variables only after the fifth colon.
        let early = template
            .colons_before_variable()
            .is_some_and(|colons| colons < 5);
        return (
            if early && on("V10") {
                Shape::Nothing
            } else {
                Shape::Variables
            },
            None,
        );
    }
    let missing = 5_usize.saturating_sub(text.bytes().filter(|byte| *byte == b':').count());
    let short = missing > 0 && text.starts_with("arn");
    if short && kind == Kind::Rcp && on("R13") {
        return (Shape::Nothing, None);
    }
    let pads = match kind {
        Kind::Identity | Kind::Session | Kind::Boundary => true,
        Kind::Resource | Kind::Trust | Kind::VpcEndpoint => pattern::has_wildcard(text),
        Kind::Scp => text.ends_with('*'),
        Kind::Rcp => false,
    };
    let padded = (short && pads && on("R13")).then(|| {
        let mut long = text.to_owned();
        long.push_str(&":*".repeat(missing));
        Shape::of(&long)
    });
    (Shape::of(text), padded)
}

impl Shape {
    fn of(text: &str) -> Self {
        if !pattern::has_wildcard(text) {
            return Self::Literal;
        }
        if pattern::is_confined(text) {
            let template = Template::new(text, false);
            return match template.tokens(true, |_| Resolved::NoValue) {
                Substituted::Known(mut tokens) => {
                    pattern::confine_to_parts(&mut tokens);
                    Self::Tokens(tokens.into())
                }
                _ => Self::Nothing,
            };
        }
        Self::Glob(text.into())
    }

    fn covers<'a>(
        &self,
        template: &Template,
        resource: &str,
        resolve: &impl Fn(&Variable) -> Resolved<'a>,
    ) -> Coverage {
        let yes = match self {
            Self::Everything => true,
            Self::Nothing => false,
            Self::Literal if on("R2") => template.text() == resource,
            Self::Literal => template.text().eq_ignore_ascii_case(resource),
            Self::Glob(glob) => pattern::matches(glob, resource),
            Self::Tokens(tokens) => pattern::tokens_match(tokens, resource),
            Self::Variables => return substituted(template, resource, resolve),
        };
        if yes { Coverage::Yes } else { Coverage::No }
    }
}

fn substituted<'a>(
    template: &Template,
    resource: &str,
    resolve: &impl Fn(&Variable) -> Resolved<'a>,
) -> Coverage {
    let empty = |variable: &Variable| match resolve(variable) {
        Resolved::NoValue if !on("V3") => Resolved::Value(""),
        resolved => resolved,
    };
    let (mut tokens, certain) = match template.tokens(true, empty) {
        // V3: a variable without value matches no resource.
        Substituted::NoValue => return Coverage::No,
        Substituted::Known(tokens) => (tokens, true),
        Substituted::Unknown(tokens) => (tokens, false),
    };
    pattern::confine_to_parts(&mut tokens);
    match (pattern::tokens_match(&tokens, resource), certain) {
        (false, _) => Coverage::No,
        (true, true) => Coverage::Yes,
        (true, false) => Coverage::Unknown,
    }
}
