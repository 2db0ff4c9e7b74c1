//! Flags SAML providers that are trusted without the audience.

use crate::policy::Statement;
use crate::rule::{Provider, RuleContext, partition_of};

const ENDPOINT: &str = "https://signin.aws.amazon.com/saml";

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let mut entries = statement.admitted();
    let Some(entry) = entries.find(|it| it.provider() == Some(Provider::Saml)) else {
        return;
    };
    if statement.conditions.iter().any(|it| &*it.key == "saml:aud") {
        return;
    }
    let edits = match partition_of(&entry.text) {
        "aws" => cx.demand(statement, "StringEquals", "SAML:aud", &[ENDPOINT]),
        _ => Vec::new(),
    };
    cx.report(entry.span, "the audience of the assertion is not checked")
        .why("an assertion that was sent to another endpoint is taken too")
        .help("add `SAML:aud` with the endpoint of your partition and Region")
        .fix(format!("demand the audience `{ENDPOINT}`"), edits);
}
