//! stub
use clap::Args;
/// stub
#[derive(Debug, Args)]
pub(super) struct TestArgs {}
pub(super) fn run(_: &TestArgs) -> u8 {
    0
}
