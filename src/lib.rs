#![doc = include_str!("../README.md")]

mod switch;

pub mod arn;
pub mod pattern;
pub mod source;

pub mod finding;

pub mod json;

pub mod catalog;

pub mod read;

pub mod policy;

pub mod evaluate;

pub mod profile;

pub mod check;

pub mod report;

pub mod cli;
