//! Characters that IAM refuses; the fix writes plain quotes, dashes and spaces.

use crate::json::Value;
use crate::rule::RuleContext;
use crate::source::Span;

pub(super) fn check(cx: &mut RuleContext<'_>) {
    let subject = cx.subject();
    let (text, Some(editor)) = (subject.text, subject.editor()) else {
        return;
    };
    let own = |span: Span| text.get(span.range()).unwrap_or_default();
    if own(subject.document.span).is_ascii() {
        return;
    }
    let mut strings = Vec::new();
    collect(editor.root(), &mut strings);
    for (span, decoded) in strings {
        let Some(odd) = own(span).chars().find(|it| *it > '\u{ff}') else {
            continue;
        };
        let message = format!("the text has the character U+{:04X}", u32::from(odd));
        let mut report = cx.report(span, message);
        report
            .why("IAM takes characters up to U+00FF only and refuses the document")
            .help("write it without, or with a plain character in its place");
        if let Some(plain) = plain(decoded) {
            report.fix(
                format!("write `{plain}`"),
                [editor.replace_text(span, &plain)],
            );
        }
    }
}

// INVARIANT: `json::parse` refuses texts nested deeper than 512, so this recursion is shallow.
fn collect<'t>(value: Value<'t>, strings: &mut Vec<(Span, &'t str)>) {
    if let Some(text) = value.as_str() {
        strings.push((value.span(), text));
    }
    for member in value.members() {
        strings.push((member.key_span, member.key));
        collect(member.value, strings);
    }
    value.elements().for_each(|it| collect(it, strings));
}

/// Returns the text with plain characters; `None` where one has no plain form.
fn plain(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{2018}'..='\u{201b}' => plain.push('\''),
            '\u{201c}'..='\u{201f}' => plain.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => plain.push('-'),
            '\u{2026}' => plain.push_str("..."),
            '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => plain.push(' '),
            '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => {}
            '\u{100}'.. => return None,
            _ => plain.push(character),
        }
    }
    Some(plain)
}
