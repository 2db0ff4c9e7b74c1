//! `--batch`: lines of JSON in, answers out, in the same order.
//!
//! Memory is bounded by the length of a chunk: lines are read, answered on every core and written
//! chunk by chunk. A line that cannot be read is answered in its place and does not end the run.
use std::io::{self, Read, Write};

use rayon::prelude::*;
use serde_json::json;

use super::input;

/// How much is read at a time: enough to keep every core busy, little enough to stay in memory.
const CHUNK: usize = 4 * 1024 * 1024;
/// A longer line is no case: a policy has at most 32 KiB.
const LONGEST_LINE: usize = 16 * 1024 * 1024;
/// Lines that one task answers; about a millisecond.
const TASK: usize = 32;

/// How lines are answered.
pub(super) struct Batch<A> {
    /// Writes the answer to one line, given its number; an error is its id and what is wrong with
    /// it, in words.
    pub(super) answer: A,
    /// What a refused line's answer says besides its error, as members of a JSON object.
    pub(super) refused: &'static str,
}

/// The id of a line, as JSON, and what is wrong with it.
pub(super) type Refused = (Option<String>, String);

/// Answers every line of a file or `-` and returns the exit code: 0 when every line was read.
pub(super) fn run<A>(name: &str, batch: &Batch<A>) -> u8
where
    A: Fn(&str, usize, &mut Vec<u8>) -> Result<(), Refused> + Sync,
{
    let input: Box<dyn Read> = if name == input::STDIN {
        Box::new(io::stdin().lock())
    } else {
        match input::file(name) {
            Ok(file) => Box::new(file),
            Err(error) => {
                let _ = writeln!(anstream::stderr(), "error: {error}");
                return 2;
            }
        }
    };
    let output = io::BufWriter::with_capacity(256 * 1024, io::stdout().lock());
    match answer_lines(input, output, batch) {
        Ok(0) => 0,
        Ok(_) => 3,
        // Whoever closed the pipe has seen enough.
        Err(BatchError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(BatchError::Output(error)) => complain("<stdout>", &error),
        Err(BatchError::Input(error)) => complain(name, &error),
    }
}

fn complain(name: &str, error: &io::Error) -> u8 {
    let _ = writeln!(anstream::stderr(), "error: `{name}`: {error}");
    3
}

enum BatchError {
    Input(io::Error),
    Output(io::Error),
}

/// Answers every line and returns how many could not be read.
fn answer_lines<A>(
    mut input: impl Read,
    mut output: impl Write,
    batch: &Batch<A>,
) -> Result<usize, BatchError>
where
    A: Fn(&str, usize, &mut Vec<u8>) -> Result<(), Refused> + Sync,
{
    let mut pending: Vec<u8> = Vec::with_capacity(CHUNK * 2);
    let mut first_line = 1;
    let mut unread = 0;
    let mut is_in_long_line = false;
    loop {
        let is_last = fill(&mut input, &mut pending).map_err(BatchError::Input)?;
        if is_in_long_line {
            let end = pending.iter().position(|byte| *byte == b'\n');
            is_in_long_line = end.is_none() && !is_last;
            // The line break stays and ends the line that was answered already.
            pending.drain(..end.unwrap_or(pending.len()));
        }
        let end = match pending.iter().rposition(|byte| *byte == b'\n') {
            _ if is_last => pending.len(),
            Some(at) => at + 1,
            None if pending.len() > LONGEST_LINE => {
                let message = format!("line {first_line}: more than {LONGEST_LINE} bytes");
                let mut answers = Answers::default();
                answers.refuse(None, first_line, message, batch.refused);
                unread += answers.write(&mut output)?;
                pending.clear();
                is_in_long_line = true;
                continue;
            }
            None => continue,
        };
        let whole = pending[..end]
            .strip_suffix(b"\n")
            .unwrap_or(&pending[..end]);
        let lines: Vec<&[u8]> = if end == 0 {
            Vec::new()
        } else {
            whole.split(|byte| *byte == b'\n').collect()
        };
        let tasks: Vec<(usize, &[&[u8]])> = lines.chunks(TASK).enumerate().collect();
        let answers: Vec<Answers> = tasks
            .into_par_iter()
            .map(|(task, lines)| answer(batch, lines, first_line + task * TASK))
            .collect();
        first_line += lines.len();
        for answers in answers {
            unread += answers.write(&mut output)?;
        }
        pending.drain(..end);
        if is_last {
            break;
        }
    }
    output.flush().map_err(BatchError::Output)?;
    Ok(unread)
}

/// Reads until a chunk is there or the input ends; returns whether it ended.
fn fill(input: &mut impl Read, pending: &mut Vec<u8>) -> io::Result<bool> {
    let limit = u64::try_from(CHUNK).unwrap_or(u64::MAX);
    let count = input.by_ref().take(limit).read_to_end(pending)?;
    Ok(count < CHUNK)
}

#[derive(Default)]
struct Answers {
    text: Vec<u8>,
    unread: Vec<String>,
}

impl Answers {
    /// Answers a line that cannot be read.
    fn refuse(&mut self, id: Option<String>, line: usize, message: String, refused: &str) {
        let id = id.and_then(|id| serde_json::from_str(&id).ok());
        let id: serde_json::Value = id.unwrap_or_default();
        let error = json!(message);
        let text = format!("{{\"id\":{id},\"line\":{line},{refused},\"error\":{error}}}\n");
        self.text.extend_from_slice(text.as_bytes());
        self.unread.push(message);
    }

    /// Writes the answers and returns how many lines could not be read.
    fn write(self, output: &mut impl Write) -> Result<usize, BatchError> {
        output.write_all(&self.text).map_err(BatchError::Output)?;
        for message in &self.unread {
            let _ = writeln!(
                anstream::stderr(),
                "error: {}",
                super::input::lines_visible(message)
            );
        }
        Ok(self.unread.len())
    }
}

fn answer<A>(batch: &Batch<A>, lines: &[&[u8]], first_line: usize) -> Answers
where
    A: Fn(&str, usize, &mut Vec<u8>) -> Result<(), Refused>,
{
    let mut answers = Answers::default();
    for (at, bytes) in lines.iter().enumerate() {
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let number = first_line + at;
        let written = match std::str::from_utf8(bytes) {
            Ok(line) => (batch.answer)(line, number, &mut answers.text),
            Err(error) => Err((
                None,
                format!(
                    "line {number}: byte {} is not UTF-8",
                    error.valid_up_to() + 1
                ),
            )),
        };
        if let Err((id, message)) = written {
            answers.refuse(id, number, message, batch.refused);
        }
    }
    answers
}
