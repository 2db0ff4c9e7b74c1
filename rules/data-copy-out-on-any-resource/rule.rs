//! Flags the right to export, replicate or share every resource of a service.

use crate::policy::Statement;
use crate::rule::{COPY_OUT, Exposure, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    cx.report_exposure(
        statement,
        Exposure {
            actions: COPY_OUT,
            scopable: true,
            on: "every resource",
            why: "a copy that goes to another account is out of reach, and once set up goes on by itself",
            help: "name the resources, or limit the destinations by their condition keys",
        },
    );
}
