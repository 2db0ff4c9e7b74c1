//! What Deny statements of resource control policies do to AWS services and to one's own
//! principals (AWS: "Resource control policies (RCPs)", "RCP syntax", "Access Analyzer policy
//! check reference").

use crate::policy::{Condition, Effect, Operand, Statement, Test};

/// Keys that say to whom a caller belongs. Calls of services carry none of them that is of the
/// organization's own.
const PRINCIPALS: [&str; 4] = [
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
];
/// Keys that only calls of services carry.
const SOURCES: [&str; 4] = [
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
];
const IS_SERVICE: &str = "aws:principalisawsservice";

impl Statement {
    /// Returns the condition of a Deny that also meets every call of a service, because those
    /// carry no such key, or another value.
    #[must_use]
    pub fn denies_services(&self) -> Option<&Condition> {
        let excepts = |it: &Condition| {
            it.key.starts_with("aws:principalservicename")
                || &*it.key == IS_SERVICE
                || SOURCES.contains(&&*it.key)
        };
        if self.effect != Effect::Deny || self.conditions.iter().any(excepts) {
            return None;
        }
        let mut conditions = self.conditions.iter();
        conditions.find(|it| PRINCIPALS.contains(&&*it.key) && it.excepts())
    }

    /// Returns the condition of a Deny on a source key that also meets everybody who is no
    /// service, because their requests carry no such key.
    #[must_use]
    pub fn denies_all_but_sources(&self) -> Option<&Condition> {
        let about_services = |it: &Condition| {
            &*it.key == IS_SERVICE
                || it.key.starts_with("aws:principalservicename")
                || PRINCIPALS.contains(&&*it.key)
                || SOURCES.contains(&&*it.key) && it.demands_key()
        };
        if self.effect != Effect::Deny || self.conditions.iter().any(about_services) {
            return None;
        }
        let mut conditions = self.conditions.iter();
        conditions.find(|it| SOURCES.contains(&&*it.key) && it.excepts())
    }

    /// Returns the condition of a Deny for services that also meets those calls which carry no
    /// source at all.
    #[must_use]
    pub fn denies_without_source(&self) -> Option<&Condition> {
        let of_services = |it: &Condition| &*it.key == IS_SERVICE && it.is_true();
        let demanded = |it: &Condition| SOURCES.contains(&&*it.key) && it.demands_key();
        let conditions = || self.conditions.iter();
        if self.effect != Effect::Deny
            || !conditions().any(of_services)
            || conditions().any(demanded)
        {
            return None;
        }
        conditions()
            .find(|it| matches!(&*it.key, "aws:sourceorgid" | "aws:sourceorgpaths") && it.excepts())
    }

    /// Returns the condition by which a Deny spares services and, for want of `IfExists`, also
    /// unsigned requests.
    #[must_use]
    pub fn spares_anonymous(&self) -> Option<&Condition> {
        let is_bare = |it: &&Condition| {
            let operator = it.operator.filter(|it| it.test == Test::Bool);
            &*it.key == IS_SERVICE
                && operator.is_some_and(|it| !it.if_exists && it.quantifier.is_none())
                && !it.is_true()
        };
        let denies = self.effect == Effect::Deny;
        self.conditions.iter().filter(|_| denies).find(is_bare)
    }
}

impl Condition {
    /// Returns whether it is met by what it does not name.
    #[must_use]
    pub fn excepts(&self) -> bool {
        self.operator.is_some_and(|it| it.negated)
    }

    /// Returns whether it wants the key to be there.
    #[must_use]
    pub fn demands_key(&self) -> bool {
        let is_null = self.operator.is_some_and(|it| it.test == Test::Null);
        is_null && !self.is_true()
    }

    /// Returns whether one of its values is `true`.
    #[must_use]
    pub fn is_true(&self) -> bool {
        let mut values = self.values.iter();
        values.any(|it| it.operand == Operand::Truth(true))
    }
}
