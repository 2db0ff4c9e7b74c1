//! Documents that nearly fill their quota.

use crate::policy::quotas::{grouped, measure};
use crate::rule::RuleContext;
use crate::source::Span;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let document = subject.document;
    let own = subject.text.get(document.span.range()).unwrap_or_default();
    let Some(measured) = measure(document, own) else {
        return;
    };
    let (size, limit) = (measured.size, measured.quota.limit);
    if size * 10 <= limit * 9 || size > limit || subject.is_aws_managed() {
        return;
    }
    let message = format!(
        "the document has {} of the {} that {} has at most",
        grouped(size),
        grouped(limit),
        measured.quota.subject
    );
    let start = Span::new(document.span.start, document.span.start + 1);
    cx.report(start, message)
        .why("the next change may not fit")
        .help("shorten it, or plan how to split it");
}
