//! Writes a generated [`Bundle`](crate::generate::Bundle) in the form in which a customer applies
//! it: a Terraform module, a CloudFormation template, a script of `aws` commands, or plain JSON.
//!
//! Text in, files out, as data: nothing here decides what the access is, or touches a file system.
