//! `simulate --batch`: cases in, verdicts out, in the same order.

use serde_json::json;

use crate::catalog::Catalog;
use crate::cli::batch::{self, Batch, Refused};
use crate::evaluate::case::{CaseError, Reader};
use crate::evaluate::{Decision, decide};
use crate::source::line_column;

/// Runs the subcommand on a file or `-` and returns the exit code: 0 when every line was read.
pub(super) fn run(name: &str, catalog: &Catalog) -> u8 {
    let reader = Reader::new(catalog);
    let batch = Batch {
        answer: |line: &str, number: usize, out: &mut Vec<u8>| {
            answer_line(&reader, line, number, out)
        },
        refused: "\"decision\":null",
    };
    batch::run(name, &batch)
}

/// Writes the verdict on one line; an error is its id and what is wrong, in words.
fn answer_line(
    reader: &Reader<'_>,
    line: &str,
    number: usize,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let case = reader
        .read(line)
        .map_err(|CaseError { id, span, message }| {
            let column = line_column(line, span.start).column;
            (id, format!("line {number}, column {column}: {message}"))
        })?;
    let verdict = decide(&case.policies, &case.request);
    out.extend_from_slice(b"{\"id\":");
    out.extend_from_slice(case.id.as_bytes());
    out.extend_from_slice(b",\"decision\":\"");
    out.extend_from_slice(verdict.decision.as_str().as_bytes());
    out.push(b'"');
    if !verdict.blocked_by.is_empty() {
        out.extend_from_slice(b",\"blockedBy\":[");
        for (at, layer) in verdict.blocked_by.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.push(b'"');
            out.extend_from_slice(layer.as_str().as_bytes());
            out.push(b'"');
        }
        out.push(b']');
    }
    if verdict.decision == Decision::Error
        && let Some(problem) = case.policies.refusal()
    {
        out.extend_from_slice(b",\"error\":");
        out.extend_from_slice(json!(problem.message).to_string().as_bytes());
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}
