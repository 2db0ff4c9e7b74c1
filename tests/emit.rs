//! Generated access as files: in every format, what is made is what the bundle says.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests that run other programs where there are any, and say where there are none"
)]

#[path = "emit/cloudformation.rs"]
mod cloudformation;
#[path = "emit/fixture.rs"]
mod fixture;
#[path = "emit/json.rs"]
mod json;
#[path = "emit/problems.rs"]
mod problems;
#[cfg(unix)]
#[path = "emit/script.rs"]
mod script;
#[path = "emit/shipped.rs"]
mod shipped;
#[path = "emit/terraform.rs"]
mod terraform;
