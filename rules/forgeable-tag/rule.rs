//! Flags conditions on tags of a resource beside a permission to set tags on any resource.

use crate::policy::Statement;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    let (subject, index) = (cx.subject(), cx.index());
    let Some(forged) = subject.forged_tag(index) else {
        return;
    };
    let condition = &statement.conditions[forged.condition];
    let key = &condition.key_text.text;
    let action = forged.action;
    let mut report = cx.report(
        condition.key_text.span,
        format!("the limit by `{key}` is void: `{action}` sets the tag on any resource"),
    );
    report
        .related(forged.grant, format!("allows `{action}` on everything"))
        .why("whoever may set the tag first may then do what the condition is to prevent")
        .help(format!(
            "limit `{action}` to what is being created (`ec2:CreateAction`), to resources that \
             have the tag already, or to other tag keys (`aws:TagKeys`)"
        ));
}
