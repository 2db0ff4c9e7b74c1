//! What is asked of a live account by `preflight`: probes, the simulator, roles, regions, quotas and
//! AWS's own opinion, against a server that speaks AWS's protocol.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests that start another program where there is one, and say where there is none"
)]

#[path = "aws/server.rs"]
mod double;

#[path = "aws_probe/opinions.rs"]
mod opinions;
#[path = "aws_probe/probes.rs"]
mod probes;
#[path = "aws_probe/regions.rs"]
mod regions;
#[path = "aws_probe/sessions.rs"]
mod sessions;
#[path = "aws_probe/simulator.rs"]
mod simulator;

use double::{Double, Key};
use rolecall::aws::{Connection, Where};

/// Returns where the double is asked.
fn place(double: &Double) -> Where {
    Where {
        region: Some("eu-central-1".to_owned()),
        endpoint: Some(double.endpoint()),
        ..Where::default()
    }
}

/// Returns a connection of this key's holder.
fn connection(double: &Double, key: &Key) -> Connection {
    let secret = key.secret.as_str().into();
    Connection::with_key(&place(double), &key.id, &secret).unwrap()
}

/// Returns a policy that allows these actions on everything.
fn allowing(actions: &[&str]) -> String {
    let statement = serde_json::json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    serde_json::json!({"Version": "2012-10-17", "Statement": statement}).to_string()
}
