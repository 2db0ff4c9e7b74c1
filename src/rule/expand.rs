//! Which actions of the catalog a pattern names today.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::condition::Supply;
use crate::catalog::{Action, Catalog, Service};
use crate::pattern;

/// An action with its service.
#[derive(Clone, Copy, Debug)]
pub struct ActionRef {
    /// The service.
    pub service: &'static Service,
    /// The action.
    pub action: &'static Action,
}

impl ActionRef {
    /// Returns the full name: `ec2:RunInstances`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.service.prefix(), self.action.name)
    }

    /// Returns whether this is the action of this name, in any letter case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        name.split_once(':').is_some_and(|(prefix, action)| {
            self.service.prefix().eq_ignore_ascii_case(prefix)
                && self.action.name.eq_ignore_ascii_case(action)
        })
    }
}

/// What was worked out once and serves every document that one thread looks at.
#[derive(Debug)]
pub struct Memo {
    catalog: &'static Catalog,
    patterns: RefCell<FxHashMap<Box<str>, Rc<[ActionRef]>>>,
    globs: RefCell<FxHashMap<usize, Rc<str>>>,
    pub(super) formats: super::shape::Formats,
    pub(super) supplies: RefCell<FxHashMap<Box<str>, Supply>>,
}

impl Memo {
    /// Returns an empty memo.
    #[must_use]
    pub fn new(catalog: &'static Catalog) -> Self {
        Self {
            catalog,
            patterns: RefCell::default(),
            globs: RefCell::default(),
            formats: super::shape::Formats::default(),
            supplies: RefCell::default(),
        }
    }

    /// Returns the catalog.
    #[must_use]
    pub const fn catalog(&self) -> &'static Catalog {
        self.catalog
    }

    /// Returns the actions that a pattern in lower case names today; for `*` all there are, which
    /// reads the whole catalog.
    #[must_use]
    pub fn expand(&self, folded: &str) -> Rc<[ActionRef]> {
        if let Some(known) = self.patterns.borrow().get(folded) {
            return Rc::clone(known);
        }
        let found: Rc<[ActionRef]> = self.find(folded).into();
        self.patterns
            .borrow_mut()
            .insert(folded.into(), Rc::clone(&found));
        found
    }

    fn find(&self, folded: &str) -> Vec<ActionRef> {
        if folded == "*" {
            let all = self.catalog.services();
            return all
                .flat_map(|service| {
                    let own = service.actions().iter();
                    own.map(move |action| ActionRef { service, action })
                })
                .collect();
        }
        let Some((prefix, name)) = folded.split_once(':') else {
            return Vec::new();
        };
        let Some(service) = self.catalog.service(prefix) else {
            return Vec::new();
        };
        if !pattern::has_wildcard(name) {
            let own = service.action(name);
            return own
                .map(|action| ActionRef { service, action })
                .into_iter()
                .collect();
        }
        let start = &name[..name.find(['*', '?']).unwrap_or(name.len())];
        let starts = |action: &&Action| {
            let head = action.name.get(..start.len());
            head.is_some_and(|it| it.eq_ignore_ascii_case(start))
        };
        let own = service.actions().iter().filter(starts).filter(|action| {
            &name[start.len()..] == "*"
                || pattern::matches_folded(name, &action.name.to_ascii_lowercase())
        });
        own.map(|action| ActionRef { service, action }).collect()
    }

    /// Returns an ARN format of the catalog as a pattern: `*` for each hole.
    #[must_use]
    pub fn glob(&self, template: &str) -> Rc<str> {
        let at = template.as_ptr() as usize;
        if let Some(known) = self.globs.borrow().get(&at) {
            return Rc::clone(known);
        }
        let glob: Rc<str> = glob_of(template).into();
        self.globs.borrow_mut().insert(at, Rc::clone(&glob));
        glob
    }
}

/// Writes `*` for each `${…}` of an ARN format.
fn glob_of(template: &str) -> String {
    fill(template, |_| "*".into())
}

/// Replaces each hole of an ARN format by what `value` says of its name.
pub(super) fn fill(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let (hole, after) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(&value(hole));
        rest = after;
    }
    out.push_str(rest);
    out
}
