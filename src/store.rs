//! What is kept between runs, in versioned formats. Secrets are kept in encrypted form only.
//!
//! The types of the core are not serialised: each format has types of its own here, so that a change
//! inside changes no file.
//!
//! INVARIANT: no type here shows a secret by `Debug`, `Display` or `Serialize`, and no error message
//! holds one. Nothing here knows the clock or the environment: `cli` says what time it is, who acts
//! and where the keys come from. The one place below `cli` that touches files is the database itself
//! and the key files, because who may read a key is decided on the opened file.

#[cfg(feature = "aws")]
mod cipher;
#[cfg(feature = "aws")]
pub mod credential;
#[cfg(feature = "aws")]
mod database;
#[cfg(feature = "aws")]
mod error;
#[cfg(feature = "aws")]
pub mod journal;
#[cfg(feature = "aws")]
pub mod key;
#[cfg(feature = "aws")]
mod life;
pub mod plan;
#[cfg(feature = "aws")]
mod rewrap;
#[cfg(feature = "aws")]
mod rotate;
#[cfg(feature = "aws")]
mod row;
#[cfg(feature = "aws")]
pub mod seal;
pub mod snapshot;

#[cfg(feature = "aws")]
pub use credential::{
    AccessKeyId, Credential, Event, Kind, NewCredential, NewKind, PendingKey, Seen, Settings,
    Stamp, State, Step, Validation,
};
#[cfg(feature = "aws")]
pub use database::Store;
#[cfg(feature = "aws")]
pub use error::StoreError;
#[cfg(feature = "aws")]
pub use rewrap::{Cursor, KeyUse, Rewrapped, Unopened};
