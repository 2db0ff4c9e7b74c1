//! Judges AWS access before it is handed over; the README below says for whom and how.
#![doc = include_str!("../README.md")]

mod switch;

// Tests of whole calls run here too, with rules switched off.
#[cfg(test)]
extern crate self as rolecall;

pub mod arn;
pub mod pattern;
pub mod source;

pub mod finding;

pub mod json;

pub mod catalog;

pub mod read;

pub mod policy;

pub mod account;

pub mod evaluate;

pub mod replay;

pub mod analyze;

pub mod isolation;

pub mod rule;

pub mod fix;

pub mod profile;

pub mod evidence;

pub mod check;

pub mod generate;

pub mod mend;

pub mod emit;

pub mod preflight;

pub mod plan;

pub mod provision;

#[cfg(feature = "aws")]
pub mod aws;

pub mod report;

pub mod config;

pub mod store;

pub mod cli;
