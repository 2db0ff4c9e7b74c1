//! The test double of AWS answers as AWS does where moto alone does not.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::result_large_err,
    clippy::disallowed_methods,
    reason = "tests that start another program where there is one, say where there is none, and \
              look at the SDK's errors as they are"
)]

#[path = "aws/client.rs"]
mod client;
#[path = "aws/server.rs"]
mod double;

#[path = "aws_double/faults.rs"]
mod faults;
#[path = "aws_double/permissions.rs"]
mod permissions;
#[path = "aws_double/truth.rs"]
mod truth;
