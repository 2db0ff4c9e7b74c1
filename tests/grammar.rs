//! Every case of `testdata/evaluate/findings.jsonl`: a document in, findings out.

#![expect(clippy::disallowed_methods, reason = "tests read testdata")]

use rolecall::json;
use rolecall::policy::{Kind, grammar, lower};

/// Reads a document and returns its findings as (rule, marked text), in text order.
fn findings(kind: &str, text: &str) -> Vec<(String, String)> {
    let parsed = json::parse(text).unwrap();
    let document = lower(parsed.tree.root(), Kind::parse(kind).unwrap());
    let problems = grammar::problems(&document, text);
    for problem in &problems {
        check_wording(&problem.message);
        check_wording(problem.why);
        check_wording(&problem.help);
    }
    let marked = |span: rolecall::source::Span| text[span.range()].to_owned();
    let problems = problems.iter();
    problems
        .map(|it| (it.rule.to_owned(), marked(it.span)))
        .collect()
}

fn check_wording(words: &str) {
    assert!(!words.is_empty());
    assert!(!words.ends_with('.'), "{words}");
    let first = words.chars().next().unwrap();
    let proper = ["AWS", "IAM", "STS"]
        .iter()
        .any(|name| words.starts_with(name));
    assert!(!first.is_uppercase() || proper, "{words}");
    assert_eq!(words.matches('`').count() % 2, 0, "{words}");
}

#[test]
fn every_document_has_the_expected_findings() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let file = format!("{folder}/testdata/evaluate/findings.jsonl");
    let lines = std::fs::read_to_string(file).unwrap();
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let mut text = case["document"].as_str().unwrap().to_owned();
        if let Some(pad) = case["pad"].as_object() {
            let repeat = usize::try_from(pad["repeat"].as_u64().unwrap()).unwrap();
            let with = pad["with"].as_str().unwrap().repeat(repeat);
            text = text.replace(pad["placeholder"].as_str().unwrap(), &with);
        }
        let found = findings(case["kind"].as_str().unwrap(), &text);
        let mut rest = found.clone();
        let expected = case["expected"]["findings"].as_array().unwrap();
        let mut missing = Vec::new();
        for one in expected {
            let rule = one["rule"].as_str().unwrap();
            let marked = one["text"].as_str();
            let at = rest
                .iter()
                .position(|(it, text)| it == rule && marked.is_none_or(|marked| marked == text));
            match at {
                Some(at) => drop(rest.remove(at)),
                None => missing.push(one),
            }
        }
        if !missing.is_empty() || !rest.is_empty() {
            wrong.push(format!(
                "{} misses {missing:?}, has too many {rest:?}",
                case["id"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
