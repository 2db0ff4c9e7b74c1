//! Writes what is for readers only: headers and comments, the same in every format.

use super::Symbol;
use super::stand_in::StandIns;
use crate::generate::{Bundle, Entity, EntityKind, Policy, PolicyUse, Sentence};

/// How wide comments are, without indent and comment sign.
const WIDTH: usize = 92;

/// How many ids of requirements a comment names.
const FEW: usize = 6;

/// Returns text in lines of a comment: nothing in it ends the comment or turns the reader's screen.
pub(super) fn lines(text: &str) -> Vec<String> {
    let plain = text.chars().map(|it| if is_hidden(it) { ' ' } else { it });
    let plain: String = plain.collect();
    // Names are searched for: none of them is cut at a hyphen.
    let options = textwrap::Options::new(WIDTH)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false);
    let lines = textwrap::wrap(plain.trim(), options);
    lines
        .into_iter()
        .map(|it| it.trim_end().to_owned())
        .collect()
}

/// Returns the comment of a statement: why it is there, and for which requirements.
pub(super) fn of_statement(sentence: &Sentence, stand_ins: &StandIns<'_>) -> Vec<String> {
    let mut comment = lines(&stand_ins.told(&sentence.why));
    let named = &sentence.requirements[..sentence.requirements.len().min(FEW)];
    if !named.is_empty() {
        let more = sentence.requirements.len() - named.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        comment.extend(lines(&format!("needed by {}{more}", named.join(", "))));
    }
    comment
}

/// Returns the head of a file: of what, what it is, and who made it.
pub(super) fn head(
    bundle: &Bundle,
    symbols: &[Symbol],
    stand_ins: &StandIns<'_>,
    what: &str,
) -> Vec<String> {
    let mut head = lines(&format!(
        "{}: {}",
        bundle.profile,
        stand_ins.told(&bundle.title)
    ));
    head.extend(lines(what));
    head.extend(lines(
        "made by rolecall generate: change the profile and make it anew instead of editing it",
    ));
    let fixed: Vec<String> = bundle
        .inputs
        .iter()
        .filter(|input| symbols.iter().all(|it| it.input != input.name))
        .filter(|input| input.values.iter().any(|it| !it.is_empty()))
        .map(|input| {
            let values = stand_ins.told(&input.values.join(", "));
            format!("{} = {values}", input.name)
        })
        .collect();
    if !fixed.is_empty() {
        head.push(String::new());
        head.push("made for".to_owned());
        for line in fixed {
            head.extend(indented(&line));
        }
    }
    head
}

/// Returns what follows the resources: what is made later, and what could not be scoped.
pub(super) fn tail(bundle: &Bundle, stand_ins: &StandIns<'_>) -> Vec<String> {
    let mut tail = Vec::new();
    if !bundle.vendor_made.is_empty() {
        tail.push("not made here, but by the vendor with this access".to_owned());
        for entity in &bundle.vendor_made {
            let line = format!(
                "{} {}: {}",
                kind(entity),
                stand_ins.told(&entity.name),
                stand_ins.told(&entity.description)
            );
            tail.extend(indented(&line));
        }
    }
    if !bundle.unscoped.is_empty() {
        if !tail.is_empty() {
            tail.push(String::new());
        }
        tail.push("allowed on more than is needed, because AWS has no way to say less".to_owned());
        for unscoped in &bundle.unscoped {
            let line = format!("{}: {}", unscoped.action, stand_ins.told(&unscoped.reason));
            tail.extend(indented(&line));
        }
    }
    tail
}

/// Returns what a policy is, with its name.
pub(super) fn of_policy(policy: &Policy, stand_ins: &StandIns<'_>) -> Vec<String> {
    let what = match policy.used_as {
        PolicyUse::Identity => "what is allowed",
        PolicyUse::Boundary => "permissions boundary: the most that can be allowed",
        PolicyUse::WorkloadBoundary => {
            "permissions boundary of the roles that the vendor makes: the most that they can do"
        }
    };
    lines(&format!("{}: {what}", stand_ins.told(&policy.name)))
}

/// Returns the word for what an entity is.
pub(super) fn kind(entity: &Entity) -> &'static str {
    match entity.kind {
        EntityKind::User => "user",
        EntityKind::Role => "role",
    }
}

/// Returns lines as comments that start with `#`, each ended.
pub(super) fn commented(lines: &[String], indent: &str) -> String {
    let lines = lines.iter().map(|line| {
        if line.is_empty() {
            format!("{indent}#\n")
        } else {
            format!("{indent}# {line}\n")
        }
    });
    lines.collect()
}

/// Returns text as IAM takes it for a description: at most 1,000 characters of Latin-1.
///
/// AWS IAM API Reference, CreateRole, Description; what it does not take becomes `-`.
pub(super) fn description(text: &str) -> String {
    let plain = text.chars().map(|it| match it {
        ' '..='~' | '\u{a1}'..='\u{ff}' => it,
        '\t' | '\n' | '\r' => ' ',
        _ => '-',
    });
    plain.take(1000).collect()
}

fn indented(line: &str) -> Vec<String> {
    let lines = lines(line).into_iter().enumerate();
    lines
        .map(|(at, line)| {
            let indent = if at == 0 { "  " } else { "    " };
            format!("{indent}{line}")
        })
        .collect()
}

/// Returns whether a character is not seen, or changes how others are seen.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_cannot_be_left() {
        let text = "why\nresource \"x\" {}\r\u{2028}\u{202e}end";
        assert_eq!(
            commented(&lines(text), ""),
            "# why resource \"x\" {}   end\n"
        );
    }

    #[test]
    fn descriptions_are_what_iam_takes() {
        assert_eq!(description("a – b\n“é”"), "a - b -é-");
        assert_eq!(description(&"x".repeat(2000)).len(), 1000);
    }
}
