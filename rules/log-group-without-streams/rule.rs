//! Flags actions on log streams whose resource is a log group without `:*`.

use crate::pattern;
use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    if !cx.names_service("logs") {
        return;
    }
    let subject = cx.subject();
    let actions = subject.stream_actions(statement);
    let Some(action) = actions.first().map(|at| &statement.action.patterns[*at]) else {
        return;
    };
    let texts: Vec<&str> = subject
        .arns(statement)
        .map(|(it, _)| it.template.text())
        .collect();
    for (resource, arn) in subject.arns(statement) {
        let Some(group) = arn.resource.strip_prefix("log-group:") else {
            continue;
        };
        if arn.service != "logs" || group.contains(':') || group.ends_with(['*', '}']) {
            continue;
        }
        let text = format!("{}:*", resource.template.text());
        if texts
            .iter()
            .any(|it| pattern::includes(it, &text, |a, b| a == b))
        {
            continue;
        }
        let edit = subject
            .editor()
            .map(|it| it.replace_text(resource.span, &text));
        cx.report(
            resource.span,
            format!("`{}` needs `:*` behind the log group", action.text),
        )
        .related(action.span, "it is about the streams of the group")
        .why("the ARN names the group and not its streams, so the action is not matched")
        .help(format!("write `{text}`"))
        .fix(format!("write `{text}`"), edit);
    }
}
