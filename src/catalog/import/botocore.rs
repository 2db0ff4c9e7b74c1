//! Reads partitions and regions from `partitions.json` of PyPI `botocore`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use super::{ImportError, SourceFile, json};

#[derive(Deserialize)]
struct PartitionsJson {
    partitions: Vec<PartitionJson>,
}

#[derive(Deserialize)]
struct PartitionJson {
    id: String,
    outputs: OutputsJson,
    regions: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputsJson {
    dns_suffix: String,
    implicit_global_region: String,
}

/// Returns the section `partitions`.
pub(super) fn partitions(file: &SourceFile, version: &str) -> Result<String, ImportError> {
    let PartitionsJson { partitions } = json(file)?;
    let mut text = format!(
        "source pypi:botocore {version} Apache-2.0 partitions and regions (partitions.json)\n"
    );
    for it in partitions {
        let OutputsJson {
            dns_suffix,
            implicit_global_region,
        } = it.outputs;
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "partition {} {dns_suffix} {implicit_global_region}",
            it.id
        );
        // `aws-global` and the like stand for no region: ARNs of global services have none.
        for region in it
            .regions
            .keys()
            .filter(|region| !region.ends_with("-global"))
        {
            let _ = writeln!(text, "region {region}");
        }
    }
    Ok(text)
}
