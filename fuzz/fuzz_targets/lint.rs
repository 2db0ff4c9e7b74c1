//! Any bytes through every rule and every fix.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../checks.rs"]
#[expect(dead_code, reason = "each target runs one of the checks")]
mod checks;

fuzz_target!(|bytes: &[u8]| checks::lint(bytes));
