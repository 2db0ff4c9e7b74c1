//! Reports what the reading of documents found, together with the change that ends it.

use super::RuleContext;
use crate::finding::Edit;
use crate::json::edit::Editor;
use crate::policy::Problem;

/// A change of the text: what it does, as an order, and its edits.
pub type Change = (String, Vec<Edit>);

impl<'a> RuleContext<'a> {
    /// Reports every problem of this name, with the change that `change` makes of it where the
    /// document can be edited.
    pub fn report_problems_with(
        &mut self,
        name: &str,
        change: impl Fn(&Editor<'a>, &'a Problem) -> Option<Change>,
    ) {
        let subject = self.subject();
        let editor = subject.editor();
        for problem in subject.problems().iter().filter(|it| it.name == name) {
            let change = editor.as_ref().and_then(|editor| change(editor, problem));
            let mut report = self.report_problem(problem);
            if let Some((title, edits)) = change {
                report.fix(title, edits);
            }
        }
    }
}
