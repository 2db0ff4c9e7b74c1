//! Meets real accounts: the only room that names the AWS SDK, and the only async code.
//!
//! Everything here blocks on the outside. [`Connection`] is a credential with its clients;
//! [`collect`] reads an account into a [`Snapshot`](crate::account::Snapshot), which then takes the
//! same path as files do; [`Operator`] makes and removes what a bootstrap wants. Nothing here decides
//! what is allowed, or what is done next.
//!
//! INVARIANT: no secret leaves the SDK's own types: credentials are found, used and never shown.

mod account_creation;
mod collect;
mod connection;
mod endpoint;
mod error;
mod live;
mod make;
mod observe;
mod organization;
mod principal;
mod region;
mod signed;
mod xml;

pub use collect::{Progress, Wanted, collect};
pub use connection::{Connection, Where};
pub use error::{CallError, Cause, CollectError};
pub use live::Live;
pub use make::Operator;
pub use region::Cluster;
