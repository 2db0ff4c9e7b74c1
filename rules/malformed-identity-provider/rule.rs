//! Flags federated principals that are no identity provider.

use crate::policy::Statement;
use crate::rule::{BUILT_IN, Provider, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    for entry in statement.named() {
        if entry.provider() != Some(Provider::Malformed) || entry.is_unfinished() {
            continue;
        }
        let host = entry.text.strip_prefix("https://");
        let known = host.filter(|it| BUILT_IN.contains(it));
        let edits = cx
            .editor()
            .zip(known)
            .map(|(it, host)| it.replace_text(entry.span, host));
        let help = match (known, host) {
            (Some(host), _) => format!("write `{host}`"),
            (None, Some(host)) => {
                let host = host.trim_end_matches('/');
                format!("write `arn:aws:iam::ACCOUNT:oidc-provider/{host}`")
            }
            _ => "write `arn:aws:iam::ACCOUNT:saml-provider/NAME`, or `…:oidc-provider/HOST` with \
                  an account id of twelve digits"
                .to_owned(),
        };
        let title = format!("write `{}`", known.unwrap_or_default());
        cx.report(
            entry.span,
            format!("`{}` is no identity provider", entry.text),
        )
        .why("IAM refuses a trust policy with such a principal")
        .help(help)
        .fix(title, edits);
    }
}
