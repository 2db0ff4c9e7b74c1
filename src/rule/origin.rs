//! Where a policy comes from, and the version of the language it is written in.

use super::Subject;
use crate::finding::Edit;
use crate::json::edit::{Editor, Position, quoted};

/// The version of the policy language that has everything (AWS: "IAM JSON policy elements:
/// Version").
const CURRENT: &str = "2012-10-17";

impl Subject<'_> {
    /// Returns whether the text around the document says that AWS wrote it:
    /// `arn:aws:iam::aws:policy/…`. Quotas for customers do not hold for those.
    #[must_use]
    pub fn is_aws_managed(&self) -> bool {
        let arn = self.arn.and_then(crate::arn::Arn::parse);
        arn.is_some_and(|it| it.service == "iam" && it.account == "aws")
    }

    /// Returns whether some text of the document may hold this, by a look at its source.
    #[must_use]
    pub fn may_hold(&self, part: &str) -> bool {
        // What is held in a JSON string or percent-encoded has another spelling.
        let own = self.text.get(self.document.span.range());
        self.json.is_none() || own.is_some_and(|it| it.contains(part))
    }
}

/// Returns the edit that gives a document the current version of the language.
#[must_use]
pub fn set_version(editor: &Editor<'_>) -> Option<Edit> {
    let root = editor.root();
    match root.get("Version") {
        Some(value) => Some(editor.replace_text(value.span(), CURRENT)),
        None => editor.insert_member(root.span(), Position::First, "Version", &quoted(CURRENT)),
    }
}
