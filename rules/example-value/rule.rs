//! Values of AWS's documentation, each said once for a document.

use crate::arn::{Arn, is_account_id};
use crate::policy::Operand;
use crate::policy::operand::Network;
use crate::rule::RuleContext;
use crate::source::Span;

/// The account ids of AWS's examples.
const ACCOUNTS: [&str; 4] = [
    "111122223333",
    "123456789012",
    "444455556666",
    "777788889999",
];
/// How the names of example buckets start, in lower case (Amazon S3 User Guide, "Bucket naming
/// rules": `amzn-s3-demo-` is kept for examples).
const BUCKETS: [&str; 2] = ["amzn-s3-demo-", "doc-example-bucket"];

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let mut found: Vec<(String, Span, &str)> = Vec::new();
    let mut add = |value: &str, span, what| {
        if found.iter().all(|(known, ..)| known != value) {
            found.push((value.to_owned(), span, what));
        }
    };
    for placed in subject.texts() {
        let arn = Arn::parse(placed.text);
        let account = match arn {
            Some(arn) => arn.account,
            None if is_account_id(placed.text) => placed.text,
            None => "",
        };
        if ACCOUNTS.contains(&account) {
            add(account, placed.span, "an account of AWS's examples");
        }
        let bucket = arn.filter(|it| it.service == "s3" && it.account.is_empty());
        let name = bucket.and_then(|it| it.resource.split('/').next());
        let is_example = |name: &&str| {
            let folded = name.to_ascii_lowercase();
            BUCKETS.iter().any(|it| folded.starts_with(it))
        };
        if let Some(name) = name.filter(is_example) {
            add(name, placed.span, "a bucket of AWS's examples");
        }
    }
    let conditions = subject
        .document
        .statements
        .iter()
        .flat_map(|it| &it.conditions);
    for value in conditions.flat_map(|it| &it.values) {
        if let Operand::Network(Some(network)) = value.operand
            && is_for_examples(network)
        {
            add(value.template.text(), value.span, "a network for examples");
        }
    }
    for (value, span, what) in found {
        cx.report(span, format!("`{value}` is {what}"))
            .why("it was most likely copied from a page, and is not what is meant here")
            .help("put your own in its place");
    }
}

/// Returns whether no host has an address in this network (RFC 5737, RFC 3849).
fn is_for_examples(network: Network) -> bool {
    match network {
        Network::V4(bits, length) => {
            length >= 24 && matches!(bits >> 8, 0x00C0_0002 | 0x00C6_3364 | 0x00CB_0071)
        }
        Network::V6(bits, length) => length >= 32 && bits >> 96 == 0x2001_0DB8,
    }
}
