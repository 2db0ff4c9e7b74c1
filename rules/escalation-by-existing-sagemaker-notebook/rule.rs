//! Flags the right to open every SageMaker notebook.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_taken_role(
        "name the notebooks and user profiles, or limit them by `sagemaker:ResourceTag`",
    );
}
