//! Reads the page of a rule: its code blocks with what stands around them.

use rolecall::policy::Kind;

/// A code block of a page.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// `bad`, `good`, `finding`, `fixed`; empty for others.
    pub(crate) role: String,
    /// From `kind=…`.
    pub(crate) kind: Option<Kind>,
    /// From `file=…`.
    pub(crate) file: Option<String>,
    /// From `repeat=…`: how often each line stands but the first and the last.
    pub(crate) repeat: usize,
    pub(crate) text: String,
    /// The line of the opening fence, from 1.
    pub(crate) line: usize,
    /// Byte range of `text` in the page.
    pub(crate) range: std::ops::Range<usize>,
}

/// Returns the blocks of a page in order.
pub(crate) fn blocks(page: &str) -> Result<Vec<Block>, String> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    let mut at = 0;
    for (number, line) in page.split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        let Some(info) = line.trim_end().strip_prefix("```") else {
            continue;
        };
        if let Some(mut block) = open.take() {
            block.range.end = start;
            block.text = repeated(&page[block.range.clone()], block.repeat);
            found.push(block);
            continue;
        }
        // The first word is the language.
        let words = info.split_whitespace().skip(1);
        let mut block = Block {
            role: String::new(),
            kind: None,
            file: None,
            repeat: 1,
            text: String::new(),
            line: number + 1,
            range: at..at,
        };
        for word in words {
            match word.split_once('=') {
                Some(("kind", kind)) => {
                    let known = Kind::parse(kind);
                    block.kind =
                        Some(known.ok_or(format!("line {}: no kind `{kind}`", number + 1))?);
                }
                Some(("repeat", count)) => {
                    let wrong = |_| format!("line {}: no number `{count}`", number + 1);
                    block.repeat = count.parse().map_err(wrong)?;
                }
                Some(("file", file)) => block.file = Some(file.to_owned()),
                None if block.role.is_empty() => word.clone_into(&mut block.role),
                _ => return Err(format!("line {}: what is `{word}`?", number + 1)),
            }
        }
        open = Some(block);
    }
    match open {
        Some(block) => Err(format!("line {}: the block is not closed", block.line)),
        None => Ok(found),
    }
}

/// Makes long examples of short ones.
fn repeated(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let [first, inside @ .., last] = lines.as_slice() else {
        return text.to_owned();
    };
    [first, &*inside.concat().repeat(count), last].concat()
}

/// The headings of a page, in order.
pub(crate) const HEADINGS: [&str; 4] = [
    "## Why it matters",
    "## Examples",
    "## When it is right to ignore this",
    "## What it does not see",
];
