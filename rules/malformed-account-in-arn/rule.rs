//! Flags ARNs whose account can be no account id.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let subject = cx.subject();
    for (resource, arn) in subject.arns(statement) {
        if subject.memo.can_be_account(arn) {
            continue;
        }
        let account = arn.account;
        let digits: String = account.chars().filter(|it| *it != '-').collect();
        let is_dashed = crate::arn::is_account_id(&digits);
        let text = resource.template.text();
        let fixed = is_dashed.then(|| text.replacen(account, &digits, 1));
        let edit = match (&fixed, subject.editor()) {
            (Some(fixed), Some(editor)) => Some(editor.replace_text(resource.span, fixed)),
            _ => None,
        };
        cx.report(resource.span, format!("`{account}` is no account id"))
            .why("no resource has such an ARN, so it matches nothing")
            .help("write the twelve digits of the account, or `*`")
            .fix(format!("write `{}`", fixed.unwrap_or_default()), edit);
    }
}
