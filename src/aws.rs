//! Meets real accounts: the only room that names the AWS SDK, and the only async code.
//!
//! Everything here blocks on the outside. [`Connection`] is a credential with its clients;
//! [`collect`] reads an account into a [`Snapshot`](crate::account::Snapshot), which then takes the
//! same path as files do; [`Operator`] makes and removes what a bootstrap wants. Nothing here decides
//! what is allowed, or what is done next.
//!
//! INVARIANT: credentials are found, used and never shown. The only secrets that come out of here are
//! that of a new access key and what KMS decrypts, in types that show nothing and are wiped.

pub mod access_key;
mod account_creation;
mod assume;
mod collect;
mod connection;
mod endpoint;
mod error;
mod kms;
mod live;
mod make;
mod observe;
mod opinion;
mod organization;
mod principal;
mod probe;
mod region;
mod signed;
mod simulate;
mod xml;

pub use collect::{Progress, Wanted, collect};
pub use connection::{Connection, Where};
pub use error::{CallError, Cause, CollectError};
pub use live::Live;
pub use make::Operator;
pub use region::Cluster;
