//! What the resource's policy says to the caller: the owner's side of a decision (sections E and P of
//! the rules).

use super::decide::{Effects, Policies};
use super::grant::{Grant, boundary_of, grant};
use super::request::Request;
use super::truth::Truth;
use super::{special, statement};
use crate::policy::{Document, Effect};

/// What the resource's policy says to this caller.
pub(super) struct ResourceSide {
    pub(super) account: Truth,
    pub(super) limited: Truth,
    pub(super) user: Truth,
    pub(super) session: Truth,
    pub(super) deny: Truth,
    /// Whether there is a policy to look at.
    pub(super) is_given: bool,
    /// Whether it certainly grants nothing to this caller.
    pub(super) is_silent: bool,
}

impl ResourceSide {
    pub(super) fn new(policies: &Policies, request: &Request) -> Self {
        let mut side = Self {
            account: Truth::False,
            limited: Truth::False,
            user: Truth::False,
            session: Truth::False,
            deny: Truth::False,
            is_given: policies.resource.is_some(),
            is_silent: false,
        };
        match &policies.resource {
            Some(document) => side.read(document, policies, request),
            // Nobody showed the policy that decides: it may say anything.
            None if special::lacks_what_decides(request) => side.doubt(),
            None => {}
        }
        side.is_silent = side.effects().allow == Truth::False;
        // S6: what no policy grants an access control list may.
        if side.is_silent && special::acl_may_grant(request) {
            side.doubt();
        }
        side
    }

    fn doubt(&mut self) {
        self.account = Truth::Unknown;
        self.limited = Truth::Unknown;
    }

    fn read(&mut self, document: &Document, policies: &Policies, request: &Request) {
        let has_boundary = boundary_of(policies, &request.principal).is_some();
        for item in &document.statements {
            let principal = item.principal.as_ref();
            let granted = grant(principal, request, document.kind, item.effect, has_boundary);
            let Some(granted) = granted else { continue };
            let applies = statement::applies(item, request);
            match (item.effect, granted) {
                (Effect::Deny, _) => self.deny = self.deny | applies,
                (Effect::Allow, Grant::Account) => self.account = self.account | applies,
                (Effect::Allow, Grant::Limited) => self.limited = self.limited | applies,
                (Effect::Allow, Grant::User) => self.user = self.user | applies,
                (Effect::Allow, Grant::Session) => self.session = self.session | applies,
            }
        }
    }

    /// Whether some Allow reaches the caller in any way, and whether some Deny does.
    pub(super) fn effects(&self) -> Effects {
        Effects {
            allow: self.account | self.limited | self.user | self.session,
            deny: self.deny,
        }
    }

    /// Whether it certainly names the caller, not only its account.
    pub(super) fn is_direct(&self) -> bool {
        (self.limited | self.user | self.session) == Truth::True
    }

    /// Whether a silent policy blocks.
    pub(super) fn needed(&self, request: &Request) -> bool {
        !request.same_account()
            || request.principal.identity().is_none()
            || special::needs_resource_policy(request)
    }
}
