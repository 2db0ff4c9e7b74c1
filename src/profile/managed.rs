//! What AWS managed policies allow that profiles attach.
//!
//! The facts are data, `policies/aws-managed.toml`, with their source. Only actions are known
//! here: which resources and conditions a policy names is not, and nothing is decided by them.

use std::sync::LazyLock;

use toml::de::DeTable;

use super::read::{Errors, Fields, Node, ProfileError};
use super::{embed, facts};
use crate::source::Span;

/// An AWS managed policy, as of a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsManaged {
    /// What follows `policy/` in its ARN, such as `service-role/AmazonEBSCSIDriverPolicy`.
    pub name: String,
    /// Its default version, such as `v10`.
    pub version: String,
    /// When AWS last changed it.
    pub date: String,
    /// The actions of its Allow statements, some with `*`, sorted.
    pub actions: Vec<String>,
}

// INVARIANT: a test parses the shipped facts, so the default is not reached.
static POLICIES: LazyLock<Vec<AwsManaged>> =
    LazyLock::new(|| parse(embed::aws_managed()).unwrap_or_default());

/// Returns the AWS managed policy with this ARN, in whichever partition; none if it is not known.
#[must_use]
pub fn aws_managed(arn: &str) -> Option<&'static AwsManaged> {
    let (partition, name) = arn.strip_prefix("arn:")?.split_once(":iam::aws:policy/")?;
    let is_partition = !partition.is_empty() && !partition.contains(':');
    let mut policies = aws_managed_policies().iter();
    policies.find(|policy| is_partition && policy.name == name)
}

/// Returns every AWS managed policy that is known, in the order of the data.
#[must_use]
pub fn aws_managed_policies() -> &'static [AwsManaged] {
    &POLICIES
}

fn parse(text: &str) -> Result<Vec<AwsManaged>, Vec<ProfileError>> {
    let mut errors = Errors::default();
    let (table, broken) = DeTable::parse_recoverable(text);
    for error in broken {
        errors.push(Span::default(), error.message(), "");
    }
    let what = "aws-managed.toml";
    let fields = Fields::new(
        what,
        table.get_ref(),
        Span::default(),
        &["policies"],
        &mut errors,
    );
    let mut policies: Vec<AwsManaged> = Vec::new();
    if let Some(node) = fields.required("policies", &mut errors) {
        for item in node.items(&mut errors) {
            let Some(policy) = read_policy(item, &mut errors) else {
                continue;
            };
            if policies.iter().any(|it| it.name == policy.name) {
                let message = format!("`{}` is here twice", policy.name);
                errors.push(item.span, message, "");
            }
            policies.push(policy);
        }
    }
    if errors.list.is_empty() {
        Ok(policies)
    } else {
        Err(errors.list)
    }
}

fn read_policy(node: Node<'_>, errors: &mut Errors) -> Option<AwsManaged> {
    let keys = ["name", "version", "date", "actions"];
    let fields = Fields::of_node("a policy", node, node.span, &keys, errors)?;
    let name = fields.required_text("name", errors);
    let version = fields.required_text("version", errors);
    let number = version.strip_prefix('v').map(str::parse::<u32>);
    if !matches!(number, Some(Ok(_))) {
        let message = format!("`{version}` is no version of `{name}`");
        errors.push(fields.span, message, "write it like `v3`");
    }
    let date = fields.required_text("date", errors);
    if !is_date(&date) {
        let message = format!("`{date}` is no date");
        errors.push(fields.span, message, "write it like `2026-02-12`");
    }
    fields.required("actions", errors);
    let actions = fields.texts("actions", errors);
    for (action, span) in &actions {
        if facts::matching(action).is_empty() {
            errors.push(*span, format!("no action is called `{action}`"), "");
        }
    }
    let actions: Vec<String> = actions
        .into_iter()
        .map(|(action, _)| action.to_owned())
        .collect();
    if !actions.is_sorted_by(|one, next| one < next) || actions.is_empty() {
        let message = format!("the actions of `{name}` are not sorted, each once");
        errors.push(fields.span, message, "");
    }
    Some(AwsManaged {
        name,
        version,
        date,
        actions,
    })
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_facts_have_no_errors() {
        let policies = parse(embed::aws_managed());
        assert!(policies.is_ok_and(|it| !it.is_empty()));
    }

    #[test]
    fn what_is_wrong_with_facts_is_said() {
        let text = r#"
            [[policies]]
            name = "A"
            version = "3"
            date = "today"
            actions = ["ec2:RunInstances", "ec2:NoSuchAction"]
            source = "x"
            [[policies]]
            name = "A"
            version = "v3"
            date = "2026-02-12"
            actions = []
        "#;
        let errors = parse(text).unwrap_err();
        let messages: Vec<&str> = errors.iter().map(|it| it.message.as_str()).collect();
        let wanted = [
            "unknown key of a policy `source`",
            "`3` is no version of `A`",
            "`today` is no date",
            "no action is called `ec2:NoSuchAction`",
            "the actions of `A` are not sorted, each once",
            "the actions of `A` are not sorted, each once",
            "`A` is here twice",
        ];
        assert_eq!(messages, wanted);
    }

    #[test]
    fn a_policy_is_found_in_every_partition_and_only_as_aws_s() {
        let of = |arn: &str| aws_managed(arn).map(|it| it.name.as_str());
        let driver = "service-role/AmazonEBSCSIDriverPolicy";
        for partition in ["aws", "aws-cn", "aws-us-gov"] {
            let arn = format!("arn:{partition}:iam::aws:policy/{driver}");
            assert_eq!(of(&arn), Some(driver));
        }
        assert_eq!(of("arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicy"), None);
        assert_eq!(
            of("arn:aws:iam::111122223333:policy/AmazonEKSClusterPolicy"),
            None
        );
        assert_eq!(of("AmazonEKSClusterPolicy"), None);
    }
}
