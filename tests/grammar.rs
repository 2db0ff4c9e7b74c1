//! Every case of `testdata/evaluate/findings.jsonl`: a document in, findings out.

#![expect(clippy::unwrap_used, reason = "tests stop where something is missing")]
#![expect(clippy::disallowed_methods, reason = "tests read testdata")]

use rolecall::json;
use rolecall::policy::{Kind, grammar, lower};

/// Reads a document and returns its findings as (rule, marked text), in text order.
fn findings(kind: &str, text: &str) -> Vec<(String, String)> {
    let parsed = json::parse(text).unwrap();
    let document = lower(parsed.tree.root(), Kind::parse(kind).unwrap());
    let problems = grammar::problems(&document, text);
    for problem in &problems {
        // Some names are put together from parts, which the house rules do not see.
        assert!(is_kebab_case(problem.name), "{}", problem.name);
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

fn is_kebab_case(name: &str) -> bool {
    let is_part = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit();
    name.split('-')
        .all(|word| !word.is_empty() && word.bytes().all(is_part))
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

/// The kind, the document, and (rule, marked text) of each finding.
type Expected = (&'static str, &'static str, Findings);
type Findings = &'static [(&'static str, &'static str)];

/// What no case of the file speaks of.
const MORE: [Expected; 26] = [
    (
        "identity",
        r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}"}}"#,
        &[("V1", r#""arn:aws:s3:::b/${aws:username}""#)],
    ),
    (
        "identity",
        r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${x}"}}"#,
        &[],
    ),
    (
        "identity",
        r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/a":"${aws:username}"}}}}"#,
        &[("V1", r#""${aws:username}""#)],
    ),
    (
        "trust",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole","Resource":"*"}}"#,
        &[("G6", r#""Resource""#)],
    ),
    (
        "trust",
        r#"{"Version":"2012-10-17","Id":"x","Statement":{"Effect":"Allow","Principal":{},"Action":"sts:AssumeRole"}}"#,
        &[("G7", "{}")],
    ),
    (
        "resource",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":[]},"Action":"s3:*","Resource":"arn:aws:s3:::b"}}"#,
        &[("G7", "[]")],
    ),
    (
        "identity",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{}}}"#,
        &[("G7", "{}")],
    ),
    // AWS's own policy, attached everywhere.
    (
        "rcp",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
        &[],
    ),
    (
        "rcp",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":{"Service":"s3.amazonaws.com"},"Action":"S3:*","Resource":"*"}}"#,
        &[("O15", r#"{"Service":"s3.amazonaws.com"}"#)],
    ),
    // API Gateway completes its own short form.
    (
        "resource",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/prod/GET/*"}}"#,
        &[],
    ),
    (
        "session",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"BinaryEquals":{"aws:PrincipalTag/b":"-"}}}}"#,
        &[("G16", r#""-""#)],
    ),
    (
        "resource",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/33"}}}}"#,
        &[("G16", r#""10.0.0.0/33""#)],
    ),
    // Two statements without a name, as generators write them.
    (
        "identity",
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow","Action":"s3:*","Resource":"*"},{"Sid":"","Effect":"Deny","Action":"iam:*","Resource":"*"}]}"#,
        &[],
    ),
    // Buckets and objects have no type; everything of a service is no guess.
    (
        "identity",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:*","ec2:*"],"Resource":["arn:aws:s3:::logs-*/x","arn:aws:s3:::*/*","arn:aws:ec2:*:*:*/*"]}}"#,
        &[],
    ),
    (
        "identity",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Action":"s3:*"}}"#,
        &[("G3", r#""Action""#)],
    ),
    (
        "identity",
        r#"{"Version":"2012-10-17","statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        &[("G2", r#""statement""#)],
    ),
    (
        "trust",
        r#"{"Version":"2012-10-17","Statement":{"Efect":"Allow","principal":{"AWS":"111111111111"},"Acton":"sts:AssumeRole"}}"#,
        &[
            ("G2", r#""Efect""#),
            ("G2", r#""principal""#),
            ("G2", r#""Acton""#),
        ],
    ),
    (
        "identity",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["a:b:c","s3:",":x","s3:x"],"Resource":"*"}}"#,
        &[
            ("G12", r#""a:b:c""#),
            ("G12", r#""s3:""#),
            ("G12", r#"":x""#),
        ],
    ),
    (
        "identity",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:username":{"a":"b"}}}}}"#,
        &[("G1", r#"{"a":"b"}"#)],
    ),
    (
        "identity",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEqualsNot":{"aws:username":"b","aws:userid":"c"}}}}"#,
        &[("C35", r#""StringEqualsNot""#)],
    ),
    (
        "identity",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":["bucket/${aws:username}","arn${aws:username}"]}}"#,
        &[
            ("G13", r#""bucket/${aws:username}""#),
            ("G13", r#""arn${aws:username}""#),
        ],
    ),
    (
        "identity",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":["*","arn:*:iam::*:role/x","${aws:PrincipalArn}","arn:aws:s3"]}}}}"#,
        &[("G16", r#""arn:aws:s3""#)],
    ),
    (
        "resource",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["111111111111","arn:aws:sts::111111111111:assumed-role/app/s"]},"Action":"s3:*","Resource":"*"}}"#,
        &[("P9", r#""NotPrincipal""#)],
    ),
    (
        "vpc-endpoint",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotPrincipal":"*","Action":"s3:*","Resource":"*"}}"#,
        &[("G17", r#""NotPrincipal""#)],
    ),
    (
        "boundary",
        r#"{"Version":"2012-10-17","Id":"x","Statement":{"Effect":"Deny","NotPrincipal":"*","Action":"s3:*","Resource":"*"}}"#,
        &[("G9", r#""Id""#), ("G10", r#""NotPrincipal""#)],
    ),
    (
        "resource",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotPrincipal":{"Service":"s3.amazonaws.com"},"Action":"s3:*","Resource":"*"}}"#,
        &[],
    ),
];

#[test]
fn what_the_file_leaves_open() {
    for (kind, text, expected) in MORE {
        let found = findings(kind, text);
        let found: Vec<_> = found.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert_eq!(found, expected, "{kind}: {text}");
    }
}

#[test]
fn bucket_and_key_policies_have_quotas_of_their_own() {
    let of = |service: &str, length: usize| {
        let pad = " ".repeat(length);
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{pad}"Principal":"*","Action":"{service}:*","Resource":"*"}}}}"#
        );
        findings("resource", &text).len()
    };
    assert_eq!((of("s3", 20_000), of("s3", 20_480)), (0, 1));
    assert_eq!((of("kms", 32_000), of("kms", 32_768)), (0, 1));
    assert_eq!((of("sqs", 8_000), of("sqs", 8_192)), (0, 1));
    assert_eq!(of("glue", 100_000), 0);
}

#[test]
fn suggests_what_was_meant() {
    let help = |operator: &str| {
        let text = format!(
            r#"{{"Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"{operator}":{{"aws:username":"x"}}}}}}}}"#
        );
        let parsed = json::parse(&text).unwrap();
        let document = lower(parsed.tree.root(), Kind::Identity);
        let mut problems = grammar::problems(&document, &text);
        problems.remove(0).help
    };
    assert_eq!(help("StringEqual"), "did you mean `StringEquals`?");
    assert_eq!(help("StringEqualsNot"), "did you mean `StringNotEquals`?");
    assert_eq!(
        help("ForAnyValues:StringLik"),
        "did you mean `ForAnyValue:StringLike`?"
    );
    assert_eq!(help("IPAdress"), "did you mean `IpAddress`?");
    assert_eq!(
        help("DateLesserThanIfExists"),
        "did you mean `DateLessThanIfExists`?"
    );
    assert!(help("BoolNotEquals").starts_with("use `Bool` with the other value"));
    assert!(help("ForAllValues:Null").starts_with("write `Null`"));
    assert!(help("NullIfExists").starts_with("write `Null`"));
    assert!(help("ForSomeValues:StringEquals").starts_with("the set operators are"));
    assert!(help("Matches").starts_with("use an operator such as"));
}
