//! Flags ARNs whose partition is none of AWS's, each partition once for a document.

use crate::arn::Arn;
use crate::pattern;
use crate::policy::ResourcePattern;
use crate::rule::RuleContext;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let partitions = subject.memo.catalog().partitions();
    let mut found: Vec<(&str, Vec<(&ResourcePattern, Arn<'_>)>)> = Vec::new();
    for statement in &subject.document.statements {
        for (resource, arn) in subject.arns(statement) {
            let mut known = partitions.iter();
            if known.any(|it| pattern::matches(arn.partition, &it.name)) {
                continue;
            }
            match found.iter_mut().find(|(name, _)| *name == arn.partition) {
                Some((_, places)) => places.push((resource, arn)),
                None => found.push((arn.partition, vec![(resource, arn)])),
            }
        }
    }
    for (name, places) in found {
        let lower = name.to_ascii_lowercase();
        let mut near = partitions
            .iter()
            .map(|it| &*it.name)
            .filter(|it| *it == lower || name.is_empty() && *it == "aws");
        let meant = near.next();
        let mut edits = Vec::new();
        let mut texts = Vec::new();
        for (resource, arn) in &places {
            let Some(meant) = meant else { break };
            let head = "arn::".len() + arn.partition.len();
            let text = format!("arn:{meant}:{}", &resource.template.text()[head..]);
            edits.extend(
                subject
                    .editor()
                    .map(|it| it.replace_text(resource.span, &text)),
            );
            texts.push(text);
        }
        let help = match (texts.as_slice(), meant) {
            ([], _) | (_, None) => {
                "write `aws`, `aws-cn`, `aws-us-gov` or another of AWS's partitions".to_owned()
            }
            ([only], _) => format!("did you mean `{only}`?"),
            (_, Some(meant)) => format!("did you mean `arn:{meant}:…`?"),
        };
        let title = match texts.as_slice() {
            [only] => format!("write `{only}`"),
            _ => format!("write `{}`", meant.unwrap_or_default()),
        };
        let message = match name {
            "" => "the ARN has no partition".to_owned(),
            name => format!("`{name}` is no partition"),
        };
        let Some((first, _)) = places.first() else {
            continue;
        };
        let mut report = cx.report(first.span, message);
        report
            .why("no resource has such an ARN, so it matches nothing")
            .help(help)
            .fix(title, edits);
        if places.len() > 1 {
            report.label(format!("one of {} ARNs with it", places.len()));
        }
    }
}
