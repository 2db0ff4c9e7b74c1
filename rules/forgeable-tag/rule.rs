//! Flags conditions on tags of a resource beside a permission to set tags on any resource.

use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let mut seen = Vec::new();
    for (index, statement) in subject.document.statements.iter().enumerate() {
        let Some(forged) = subject.forged_tag(index) else {
            continue;
        };
        let condition = &statement.conditions[forged.condition];
        let (key, action) = (&condition.key_text.text, forged.action);
        // One finding for all statements that rest on the tag.
        let what = (condition.key.clone(), action.clone());
        if seen.contains(&what) {
            continue;
        }
        seen.push(what);
        let message = format!("the limit by `{key}` is void: `{action}` sets the tag there");
        cx.report(condition.key_text.span, message)
            .related(forged.grant, format!("allows `{action}` without a limit"))
            .why("whoever may set the tag first may then do what the condition is to prevent")
            .help(format!(
                "limit `{action}` to what is being created, to resources that have the tag \
                 already, or to other tag keys (`aws:TagKeys`)"
            ));
    }
}
