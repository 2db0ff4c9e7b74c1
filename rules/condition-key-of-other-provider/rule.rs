//! Flags conditions on claims of another provider than the trusted one.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let mut providers = statement.oidc_providers();
    let Some((entry, url)) = providers.next() else {
        return;
    };
    if providers.next().is_some() || entry.is_unfinished() {
        return;
    }
    for condition in &statement.conditions {
        let Some((other, claim)) = condition.claim() else {
            continue;
        };
        if condition.claim_of(url).is_some() || other.contains(['$', '<', '{']) {
            continue;
        }
        let key = &condition.key_text;
        let right = format!("{url}:{claim}");
        let is_free = !statement
            .claims_of(url)
            .any(|(own, it)| own == claim && it.operator_text.text == condition.operator_text.text);
        let editor = cx.editor().filter(|_| is_free);
        let edits = editor.map(|it| it.replace_text(key.span, &right));
        let message = format!("tokens of `{url}` carry no `{}`", key.text);
        let why = if condition.passes_when_absent() {
            "it holds without the claim, so it keeps nobody out"
        } else {
            "it is never met, so nobody gets in"
        };
        cx.report(key.span, message)
            .related(entry.span, "the provider that is trusted")
            .why(why)
            .help(format!("write `{right}`, or trust the other provider"))
            .fix(format!("write `{right}`"), edits);
    }
}
