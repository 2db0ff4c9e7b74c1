//! Flags the right to share every snapshot or image.

use crate::policy::Statement;
use crate::rule::{Exposure, RuleContext, SHARE_SNAPSHOTS};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    cx.report_exposure(
        statement,
        Exposure {
            actions: SHARE_SNAPSHOTS,
            scopable: true,
            on: "every resource",
            why: "a shared snapshot is a copy of a disk or database in somebody else's account, and the log shows one call",
            help: "name the snapshots or images, or limit them by `aws:ResourceTag` and the accounts by `ec2:Add/userId`",
        },
    );
}
