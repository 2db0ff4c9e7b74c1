//! `compare --batch`: pairs of policies in, verdicts out, in the same order.

use serde_json::json;

use crate::analyze::{Analysis, Found};
use crate::cli::batch::{self, Batch, Refused};
use crate::cli::words::witness_json;
use crate::json::{self, Value};
use crate::policy::kind_of;
use crate::policy::{Document, Kind, lower};
use crate::source::line_column;

/// Answers every line of a file or `-` and returns the exit code: 0 when every line was read.
pub(super) fn run(name: &str, analysis: &Analysis<'_>) -> u8 {
    let batch = Batch {
        answer: |line: &str, number: usize, out: &mut Vec<u8>| answer(analysis, line, number, out),
        refused: "\"verdict\":null",
    };
    batch::run(name, &batch)
}

fn answer(
    analysis: &Analysis<'_>,
    line: &str,
    number: usize,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let parsed = json::parse(line).map_err(|error| {
        let column = line_column(line, error.span.start).column;
        (
            None,
            format!("line {number}, column {column}: {}", error.message),
        )
    })?;
    let root = parsed.tree.root();
    let id = root.get("id").map(|id| line[id.span().range()].to_owned());
    let side = |name: &str| {
        let value = root
            .get(name)
            .filter(|it| it.is_object() || it.elements().next().is_some());
        let value = value.ok_or_else(|| {
            (
                id.clone(),
                format!("line {number}: `{name}` is no policy and no list of policies"),
            )
        })?;
        Ok(value
            .one_or_many()
            .map(|it| vec![document(it)])
            .collect::<Vec<_>>())
    };
    let (a, b) = (side("a")?, side("b")?);
    let a: Vec<&[Document]> = a.iter().map(Vec::as_slice).collect();
    let b: Vec<&[Document]> = b.iter().map(Vec::as_slice).collect();
    let open = analysis.find_excess(&a, &b);
    let listed = match &open {
        Found::Nothing => Found::Nothing,
        Found::Request(witness) if witness.in_catalog => open.clone(),
        _ => Analysis {
            open_actions: false,
            ..*analysis
        }
        .find_excess(&a, &b),
    };
    let id = id.and_then(|id| serde_json::from_str::<serde_json::Value>(&id).ok());
    let mut answer = json!({
        "id": id,
        "verdict": verdict(&open),
        "catalog_verdict": verdict(&listed),
    });
    match &open {
        Found::Request(found) => answer["witness"] = witness_json(found),
        Found::Unknown(doubt) => {
            answer["reason"] = json!(doubt.reason.as_str());
            answer["detail"] = json!(doubt.detail);
        }
        Found::Nothing => {}
    }
    out.extend_from_slice(answer.to_string().as_bytes());
    out.push(b'\n');
    Ok(())
}

const fn verdict(found: &Found) -> &'static str {
    match found {
        Found::Nothing => "contained",
        Found::Request(_) => "not",
        Found::Unknown(_) => "unknown",
    }
}

/// A policy of a pair: one whose statements name principals is a resource policy.
fn document(value: Value<'_>) -> Document {
    let kind = match kind_of(value) {
        Kind::Identity => Kind::Identity,
        _ => Kind::Resource,
    };
    lower(value, kind)
}
