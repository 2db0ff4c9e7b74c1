//! The form of action texts (G12; AWS: "IAM JSON policy elements: Action").

use super::REFUSED;
use crate::pattern::has_wildcard;
use crate::policy::{Problem, Statement};
use crate::switch::on;

pub(super) fn check(statement: &Statement, found: &mut Vec<Problem>) {
    if !on("G12") {
        return;
    }
    for pattern in &statement.action.patterns {
        let text = &*pattern.text;
        if text == "*" {
            continue;
        }
        let problem = match text.split_once(':') {
            Some((prefix, _)) if has_wildcard(prefix) => {
                let message = format!("the service prefix of `{text}` has a wildcard");
                Problem::new("G12", "wildcard-in-service-prefix", pattern.span, message)
                    .help("name each service, such as `s3:Get*`; wildcards stand after the colon")
            }
            Some((prefix, name))
                if !prefix.is_empty() && !name.is_empty() && !name.contains(':') =>
            {
                continue;
            }
            _ => {
                let message = format!("`{text}` is not an action");
                Problem::new("G12", "malformed-action", pattern.span, message)
                    .help("write `service:Name`, such as `s3:GetObject`, or `*`")
            }
        };
        found.push(problem.why(REFUSED));
    }
}
