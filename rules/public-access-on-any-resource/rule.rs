//! Flags the right to make resources public, or to turn off what keeps them from it.

use crate::policy::Statement;
use crate::rule::{Exposure, MAKE_PUBLIC, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    cx.report_exposure(
        statement,
        Exposure {
            actions: MAKE_PUBLIC,
            scopable: false,
            on: "every resource",
            why: "one call of the holder can open data to everybody",
            help: "leave these actions to those who manage access, or name the resources",
        },
    );
}
