//! Flags ARNs with which a statement allows changes to every resource of a type.

use crate::catalog::AccessLevel;
use crate::policy::{Effect, Statement};
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    let Some(resources) = statement.resource.as_ref().filter(|it| !it.negated) else {
        return;
    };
    if statement.effect != Effect::Allow || resources.patterns.iter().any(|it| it.is_everything()) {
        return;
    }
    let Some(actions) = subject.actions(index) else {
        return;
    };
    let changes = [AccessLevel::Write, AccessLevel::PermissionsManagement];
    for resource in &resources.patterns {
        if !resource.template.text().contains('*') {
            continue;
        }
        let hit = actions.iter().find(|it| {
            let levels = it.action.access_levels;
            changes.iter().any(|level| levels.contains(*level))
                && subject.memo.names_every(resource, **it)
        });
        let Some(action) = hit else {
            continue;
        };
        if subject.is_limited(statement) {
            return;
        }
        let message = format!(
            "`{}` is allowed on every resource of its type",
            action.name()
        );
        cx.report(resource.span, message)
            .label("the wildcards leave nothing out")
            .why("the ARN looks like a limit and is none")
            .help("put the name, or the start of the names, of what is needed into the ARN");
        return;
    }
}
