//! Sends probes: requests that cannot succeed, or only read.

use super::connection::Connection;
use super::error::{CallError, Cause};
use super::signed::{Request as Sent, Signed};
use crate::preflight::probe::{Request, SUCCESS};
use crate::preflight::{Probe, Probed};

impl Connection {
    /// Sends a probe and returns what its answer says. Each shows in the account's CloudTrail.
    #[must_use]
    pub fn probe(&self, probe: &Probe) -> Probed {
        let request = match &probe.request {
            Request::Form {
                version,
                parameters,
            } => Sent::Form {
                version,
                parameters: parameters.clone(),
            },
            Request::Json { target, body } => Sent::Json {
                target,
                body: members(body),
            },
            Request::Rest { method, path, body } => Sent::Rest {
                method,
                path: path.clone(),
                body: members(body),
            },
        };
        let answer = self.signed(Signed {
            action: probe.row.action,
            resource: "",
            region: &probe.region,
            request,
        });
        match answer {
            Ok(answer) => match probe.read(SUCCESS, "", &answer.request_id) {
                Some(said) => said,
                None => unclear(CallError {
                    code: SUCCESS.to_owned(),
                    message: "it was carried out".to_owned(),
                    cause: Cause::Other,
                    ..answer.unreadable()
                }),
            },
            Err(error) => {
                let said = probe.read(&error.code, &error.message, &error.request_id);
                said.unwrap_or_else(|| unclear(error))
            }
        }
    }
}

fn members(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn unclear(error: CallError) -> Probed {
    Probed::Unclear(error.unread("the answer to a probe"))
}
