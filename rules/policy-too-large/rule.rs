//! Documents longer than AWS takes; the fix removes white space where that is enough.

use crate::policy::quotas::{Counting, measure};
use crate::rule::{RuleContext, removed_space};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    if subject.is_aws_managed() {
        return;
    }
    let span = subject.document.span;
    cx.report_problems_with("policy-too-large", |_, _| {
        let own = subject.text.get(span.range())?;
        let measured = measure(subject.document, own)?;
        let (edits, saved) = removed_space(subject.text, span);
        let counts = measured.quota.counting != Counting::CharactersWithoutWhiteSpace;
        let fits = counts && measured.size.saturating_sub(saved) <= measured.quota.limit;
        fits.then(|| ("remove the white space between values".into(), edits))
    });
}
