//! Flags conditions on `sts:ExternalId` that others can meet.

use crate::arn::is_account_id;
use crate::pattern::has_wildcard;
use crate::policy::{Effect, Statement, Test};
use crate::rule::RuleContext;

/// Values that examples and tests have.
const GUESSES: [&str; 12] = [
    "12345",
    "123456",
    "changeme",
    "default",
    "example",
    "external-id",
    "externalid",
    "password",
    "secret",
    "test",
    "unique-id",
    "uniqueid",
];

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if statement.effect != Effect::Allow {
        return;
    }
    for condition in statement
        .conditions
        .iter()
        .filter(|it| &*it.key == "sts:externalid")
    {
        if condition.passes_when_absent() {
            let name = &condition.operator_text;
            cx.report(
                name.span,
                format!("`{}` holds without an external ID", name.text),
            )
            .why("whoever sends none gets in")
            .help("use `StringEquals`");
            continue;
        }
        let is_like = condition
            .operator
            .is_some_and(|it| it.test == Test::StringLike);
        for value in &condition.values {
            let text = value.template.text();
            // The shortest that AWS STS takes has two characters ("AssumeRole").
            let (message, help) = if is_like && has_wildcard(text) {
                (
                    format!("`{text}` matches more than one external ID"),
                    "write the whole value under `StringEquals`",
                )
            } else if text.len() < 2 {
                (
                    format!("`{text}` is shorter than an external ID can be"),
                    "use a value that nobody can guess, such as a random UUID",
                )
            } else if is_account_id(text) {
                (
                    format!("`{text}` is an account id, which others know"),
                    "use a value that nobody can guess, such as a random UUID",
                )
            } else if GUESSES.iter().any(|it| it.eq_ignore_ascii_case(text)) {
                (
                    format!("`{text}` is easily guessed"),
                    "use a value that nobody can guess, such as a random UUID",
                )
            } else {
                continue;
            };
            cx.report(value.span, message)
                .why("the external ID is to tell you from other customers of the vendor")
                .help(help);
        }
    }
}
