//! Texts of others, made safe to print.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

/// What a tab of a source line is drawn as, wherever it stands.
const TAB: &str = "    ";

/// Returns a text with every character that a terminal would act on, or that nobody can see,
/// written out as `<U+001B>`.
///
/// The library that draws lets some of them through.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) {
            let _ = write!(shown, "<U+{:04X}>", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Returns a part of a source line as [`visible`] shows it, with its tabs as spaces.
pub(crate) fn visible_line(line: &str) -> String {
    visible(&line.replace('\t', TAB)).into_owned()
}

/// Returns how many columns a character takes in [`visible_line`].
pub(super) fn columns(character: char) -> usize {
    if character == '\t' {
        TAB.len()
    } else if is_hidden(character) {
        let digits = if u32::from(character) > 0xFFFF { 5 } else { 4 };
        digits + 4
    } else {
        character.width().unwrap_or(0)
    }
}

/// Returns whether a character moves the cursor, turns the writing direction or takes no room.
///
/// Combining marks take no room either, but belong to the character before them.
const fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
