//! Turns findings into text for people and machines. One file per format.

pub mod check;
pub mod credential;
pub mod generate;
pub mod isolation;
pub mod lint;
pub mod mend;
pub mod plan;
pub mod preflight;
pub mod snapshot;
pub mod text;
pub mod why;
