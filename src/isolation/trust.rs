//! Who else can become the actor's role: what its trust policy lets through besides the vendor.

use super::Open;
use super::escape::Escape;
use super::gain::{Gain, Proven};
use super::oracle::{Asker, Mode};
use super::scene::Scene;

/// What was found about trust policies.
#[derive(Default)]
pub(super) struct Outsiders {
    pub(super) escapes: Vec<(Option<(Gain, Proven)>, Escape)>,
    pub(super) open: Vec<Open>,
}

/// Looks for principals outside the vendor's that a trust policy admits.
pub(super) fn outsiders(scene: &Scene<'_>, asker: &mut Asker<'_>, mode: Mode) -> Outsiders {
    let _ = (scene, asker, mode);
    Outsiders::default()
}
