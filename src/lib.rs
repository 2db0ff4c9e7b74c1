//! rolecall: does this access let the vendor do its job, and nothing else?

pub mod source;

pub mod finding;

pub mod json;

pub mod read;

pub mod report;

pub mod cli;
