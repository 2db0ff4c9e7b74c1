//! Effects other than `Allow` and `Deny`; the fix writes the one that is meant, where that is plain.

use crate::policy::Effect;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    cx.report_problems_with("unknown-effect", |editor, problem| {
        let text = editor.value_at(problem.span)?.as_str()?;
        let meant = meant(text)?.as_str();
        let edit = editor.replace_text(problem.span, meant);
        Some((format!("write `{meant}`"), vec![edit]))
    });
}

/// Returns the effect that differs in letter case, or in a few letters: `Denied`, `Alow`.
fn meant(text: &str) -> Option<Effect> {
    let text = text.trim().to_ascii_lowercase();
    [Effect::Allow, Effect::Deny].into_iter().find(|effect| {
        let name = effect.as_str().to_ascii_lowercase();
        strsim::osa_distance(&name, &text) <= 3 && text.starts_with(&name[..1])
    })
}
