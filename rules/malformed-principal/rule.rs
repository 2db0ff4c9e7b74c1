//! Flags names under `AWS` that are no account, user, role, session or unique id.

use crate::arn::Arn;
use crate::pattern::has_wildcard;
use crate::policy::{PrincipalEntry, PrincipalName, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let Some(element) = &statement.principal else {
        return;
    };
    let wrong = element.entries.iter().filter(|it| names_nobody(it));
    let mut wrong = wrong.peekable();
    if wrong.peek().is_none() || cx.subject().is_malformed(element) {
        return;
    }
    for entry in wrong {
        let arn = Arn::parse(&entry.text);
        let is_group = arn.is_some_and(|it| it.resource.starts_with("group/"));
        let (message, help) = if is_group {
            (
                format!("`{}` is a group, which is no principal", entry.text),
                "name the group's users, or a role that they assume",
            )
        } else if entry.text.contains(".amazonaws.com") {
            (
                format!("`{}` stands under `AWS`", entry.text),
                "put service principals under `Service`",
            )
        } else {
            (
                format!("`{}` is no AWS principal", entry.text),
                "write an account id of twelve digits, or the ARN of a user, role or session",
            )
        };
        cx.report(entry.span, message)
            .why("AWS refuses a policy with a principal that does not exist")
            .help(help);
    }
}

fn names_nobody(entry: &PrincipalEntry) -> bool {
    // An account that is no number, such as `cloudfront`, is one of AWS's own.
    let is_short = |account: &str| {
        let is_number = !account.is_empty() && account.bytes().all(|it| it.is_ascii_digit());
        account.is_empty() || is_number && account.len() != 12
    };
    let is_wrong = match &entry.name {
        PrincipalName::Other => true,
        PrincipalName::User { account, .. } | PrincipalName::Role { account, .. } => {
            is_short(account)
        }
        _ => false,
    };
    // A canonical user id, which Amazon S3 takes here too.
    let is_canonical =
        entry.text.len() == 64 && entry.text.bytes().all(|it| it.is_ascii_hexdigit());
    is_wrong && !is_canonical && !entry.is_unfinished() && !has_wildcard(&entry.text)
}
