//! Public or not, for every resource type: policy in, verdict out.
//!
//! `testdata/public/cases.jsonl` is written from AWS's definition: Amazon S3 User Guide, "The
//! meaning of public", and the resource types of IAM Access Analyzer's `CheckNoPublicAccess`.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests that read the package's own files and stop where one is missing"
)]

use std::collections::BTreeSet;
use std::path::Path;

use rolecall::analyze::{Analysis, Reach, Zone};
use rolecall::catalog::Catalog;
use rolecall::json;
use rolecall::policy::{Kind, lower};
use serde_json::Value;

/// The values of `resourceType` of `CheckNoPublicAccess`.
const TYPES: [&str; 26] = [
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::Stream",
    "AWS::EFS::FileSystem",
    "AWS::OpenSearchService::Domain",
    "AWS::Kinesis::Stream",
    "AWS::Kinesis::StreamConsumer",
    "AWS::KMS::Key",
    "AWS::Lambda::Function",
    "AWS::S3::Bucket",
    "AWS::S3::AccessPoint",
    "AWS::S3Express::DirectoryBucket",
    "AWS::S3::Glacier",
    "AWS::S3Outposts::Bucket",
    "AWS::S3Outposts::AccessPoint",
    "AWS::SecretsManager::Secret",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::IAM::AssumeRolePolicyDocument",
    "AWS::S3Tables::TableBucket",
    "AWS::ApiGateway::RestApi",
    "AWS::CodeArtifact::Domain",
    "AWS::Backup::BackupVault",
    "AWS::CloudTrail::Dashboard",
    "AWS::CloudTrail::EventDataStore",
    "AWS::S3Tables::Table",
    "AWS::S3Express::AccessPoint",
];

fn cases() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/public/cases.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn verdict(case: &Value) -> String {
    let text = case["policy"].to_string();
    let parsed = json::parse(&text).unwrap();
    let kind = Kind::parse(case["kind"].as_str().unwrap()).unwrap();
    let document = lower(parsed.tree.root(), kind);
    let list = |name: &str| -> Vec<String> {
        let list = case["zone"][name].as_array();
        let texts = list.into_iter().flatten();
        texts.map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let zone = Zone {
        accounts: list("accounts"),
        organizations: list("organizations"),
    };
    let openness = Analysis::new(Catalog::builtin()).openness(&[document], &zone);
    if let Some(doubt) = openness.doubts.first() {
        return format!("unknown: {doubt:?}");
    }
    match openness.reach {
        Reach::Never => "never".into(),
        Reach::Conditionally => "conditionally".into(),
        Reach::Yes => "yes".into(),
    }
}

#[test]
fn cases_have_the_verdict_of_awss_definition() {
    let mut wrong = Vec::new();
    for case in cases() {
        let found = verdict(&case);
        let expected = case["verdict"].as_str().unwrap();
        if found != expected {
            let name = case["name"].as_str().unwrap();
            wrong.push(format!("{name}: {found}, not {expected} ({})", case["why"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_resource_type_has_cases() {
    let cases = cases();
    let types = cases.iter().map(|it| it["type"].as_str().unwrap());
    let types: BTreeSet<&str> = types.collect();
    let missing: Vec<_> = TYPES.iter().filter(|it| !types.contains(*it)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
