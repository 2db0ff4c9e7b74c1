//! `rolecall credential` against a server that speaks AWS's protocol: the life of a credential, what
//! is said when something is missing, and what is left when a step is disturbed or killed.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests that start another program where there is one, and say where there is none"
)]

#[path = "cli_credential/add.rs"]
mod add;
#[path = "cli_credential/bench.rs"]
mod bench;
#[path = "aws/client.rs"]
mod client;
#[path = "aws/server.rs"]
mod double;
#[path = "cli_credential/keys.rs"]
mod keys;
#[path = "cli_credential/revoke.rs"]
mod revoke;
#[path = "cli_credential/role.rs"]
mod role;
#[path = "cli_credential/rotate.rs"]
mod rotate;
#[path = "cli_credential/validate.rs"]
mod validate;
