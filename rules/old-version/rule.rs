//! The version of 2008; the fix writes the current one.

use crate::policy::Version;
use crate::rule::{RuleContext, set_version};
use crate::source::Span;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let document = subject.document;
    let mut problems = subject.problems().iter();
    if document.version != Version::V2008 || problems.any(|it| it.name == "variable-in-old-version")
    {
        return;
    }
    let editor = subject.editor();
    let edit = editor.as_ref().and_then(set_version);
    let start = Span::new(document.span.start, document.span.start + 1);
    let version = subject.json.and_then(|it| it.get("Version"));
    cx.report(
        version.map_or(start, |it| it.span()),
        "the document is written in the version of 2008",
    )
    .why("policy variables are plain text in it")
    .help("write `2012-10-17`")
    .fix("write `2012-10-17`", edit);
}
