//! stub
use clap::Args;
/// stub
#[derive(Debug, Args)]
pub(super) struct DiffArgs {}
pub(super) fn run(_: &DiffArgs) -> u8 {
    0
}
