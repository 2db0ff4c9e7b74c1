//! Actions that the policy of a resource cannot hold; the fix removes them.

use crate::arn::Arn;
use crate::pattern::has_wildcard;
use crate::policy::Document;
use crate::rule::RuleContext;

/// Services whose resource policies take their own actions only.
const OWN_ACTIONS: [&str; 9] = [
    "dynamodb",
    "ecr",
    "elasticfilesystem",
    "kinesis",
    "kms",
    "lambda",
    "s3",
    "secretsmanager",
    "sns",
];

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let document = subject.document;
    let Some(owner) = owner(document) else {
        return;
    };
    for statement in document.statements.iter().filter(|it| !it.action.negated) {
        for pattern in &statement.action.patterns {
            let prefix = pattern.text.split_once(':').map(|(prefix, _)| prefix);
            let is_foreign = prefix.is_some_and(|it| {
                !it.eq_ignore_ascii_case(owner)
                    && !has_wildcard(it)
                    && subject.memo.catalog().has_service(it)
            });
            if !is_foreign {
                continue;
            }
            let edit = subject.editor().and_then(|it| it.remove(pattern.span));
            let text = &pattern.text;
            cx.report(
                pattern.span,
                format!("`{text}` is no action on the resources of this policy"),
            )
            .why("the policy decides requests on its own resource only; most services refuse the document")
            .help("remove it; grant it in an identity policy, or in the policy of its own resource")
            .fix(format!("remove `{text}`"), edit);
        }
    }
}

/// Returns the one service that all ARNs of the policy name.
fn owner(document: &Document) -> Option<&'static str> {
    let mut owner = None;
    let elements = document
        .statements
        .iter()
        .filter_map(|it| it.resource.as_ref());
    for pattern in elements.flat_map(|it| &it.patterns) {
        let service = Arn::parse(pattern.template.text())?.service;
        let known = OWN_ACTIONS.into_iter().find(|it| *it == service)?;
        if owner.is_some_and(|it| it != known) {
            return None;
        }
        owner = Some(known);
    }
    owner
}
