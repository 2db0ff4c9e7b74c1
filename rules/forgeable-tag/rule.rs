//! Flags conditions on tags of a resource beside a permission to set tags on any resource.

use crate::rule::{ForgedTag, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    // One permission to set tags is one mistake, however many statements rest on the tag.
    let mut found: Vec<(usize, ForgedTag, usize)> = Vec::new();
    for index in 0..subject.document.statements.len() {
        let Some(forged) = subject.forged_tag(index) else {
            continue;
        };
        match found.iter_mut().find(|it| it.1.grant == forged.grant) {
            Some(known) => known.2 += 1,
            None => found.push((index, forged, 0)),
        }
    }
    for (index, forged, more) in found {
        let condition = &subject.document.statements[index].conditions[forged.condition];
        let key = &condition.key_text.text;
        let action = forged.action;
        let others = match more {
            0 => String::new(),
            1 => " (and so is that of another statement)".to_owned(),
            more => format!(" (and so are those of {more} more statements)"),
        };
        let mut report = cx.report(
            condition.key_text.span,
            format!(
                "the limit by `{key}` is void: `{action}` sets the tag on the same resources{others}"
            ),
        );
        report
            .related(forged.grant, format!("allows `{action}` there"))
            .why("whoever may set the tag first may then do what the condition is to prevent")
            .help(format!(
                "limit `{action}` to what is being created (`ec2:CreateAction`), to resources that \
                 have the tag already, or to other tag keys (`aws:TagKeys`)"
            ));
    }
}
