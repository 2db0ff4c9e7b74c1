//! Flags objects, parameters or secrets read on every resource.

use crate::policy::Statement;
use crate::rule::{Exposure, READ_DATA, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    cx.report_exposure(
        statement,
        Exposure {
            actions: READ_DATA,
            scopable: true,
            on: "every resource",
            why: "one leaked credential of the holder reads all of them, in every application of the account",
            help: "name the buckets, parameters or secrets, or limit them by `aws:ResourceTag`",
        },
    );
}
