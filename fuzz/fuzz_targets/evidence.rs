//! Fuzzes `evidence` of `fuzz/checks.rs`.
#![no_main]

#[expect(dead_code, reason = "each target calls one of the checks")]
#[path = "../checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::evidence(bytes));
