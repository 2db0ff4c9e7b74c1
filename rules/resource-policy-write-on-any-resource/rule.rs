//! Flags the right to write the policy of every resource of a service.

use crate::policy::Statement;
use crate::rule::{Exposure, RuleContext, WRITE_RESOURCE_POLICIES};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    cx.report_exposure(
        statement,
        Exposure {
            actions: WRITE_RESOURCE_POLICIES,
            scopable: true,
            on: "every resource",
            why: "whoever writes the policy of a resource says who gets in, from any account",
            help: "name the resources, or leave these actions to those who manage access",
        },
    );
}
