//! Access Analyzer, which moto does not have: answers that a test has set.

use serde_json::{Value, json};

use super::answer::json as answer;
use super::http::Answer;
use super::request::Call;

/// What Access Analyzer answers.
#[derive(Clone, Debug)]
pub(crate) struct Opinion {
    /// The findings of `ValidatePolicy`, as the API gives them.
    pub(crate) findings: Vec<Value>,
    /// The result of the checks: `PASS` or `FAIL`.
    pub(crate) result: String,
    /// What the checks say besides.
    pub(crate) message: String,
}

impl Default for Opinion {
    fn default() -> Self {
        Self {
            findings: Vec::new(),
            result: "PASS".to_owned(),
            message: String::new(),
        }
    }
}

/// Answers a call of Access Analyzer; none of the findings of a long list is on a second page.
pub(crate) fn reply(call: &Call, opinion: &Opinion) -> Answer {
    let body = match call.operation.as_str() {
        "ValidatePolicy" => json!({"findings": opinion.findings}),
        "ListAnalyzers" => json!({"analyzers": []}),
        _ => json!({"result": opinion.result, "message": opinion.message, "reasons": []}),
    };
    answer("access-analyzer", &body)
}
