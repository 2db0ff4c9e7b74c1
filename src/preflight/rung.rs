//! The rungs of the ladder of evidence.

use crate::check::Verdict;
use crate::evaluate::Layer;

/// The strongest evidence that a verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rung {
    /// The texts of the policies were read, and decide.
    Proven,
    /// AWS's policy simulator decided.
    Simulated,
    /// AWS answered a request that cannot succeed.
    Probed,
    /// There is none.
    Unknown,
}

impl Rung {
    /// Every rung, the strongest first.
    pub const ALL: [Self; 4] = [Self::Proven, Self::Simulated, Self::Probed, Self::Unknown];

    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Simulated => "simulated",
            Self::Probed => "probed",
            Self::Unknown => "unknown",
        }
    }
}

/// What a rung below *proven* says about a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The verdict; *unknown* where the answer only suggests one.
    pub verdict: Verdict,
    /// On which rung.
    pub rung: Rung,
    /// Which sort of policy refuses, where that is told.
    pub layer: Option<Layer>,
    /// In words.
    pub words: String,
}
