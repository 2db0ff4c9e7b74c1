//! Flags actions on the borders of networks.

use crate::policy::Statement;
use crate::rule::{RuleContext, Topic, name_some};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    let found: Vec<_> = subject.sensitive_about(index, Topic::Network).collect();
    let Some(first) = found.first() else {
        return;
    };
    let names: Vec<&str> = found.iter().map(|it| it.action).collect();
    let message = format!("{} can open or join networks", name_some(&names));
    cx.report(statement.action.patterns[first.pattern].span, message)
        .why("traffic can be let in, or led to networks of others")
        .help("name the VPC and its parts, or add a condition on `ec2:Vpc` or a tag");
}
