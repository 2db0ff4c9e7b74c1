//! The layers of AWS's decision, by which a verdict names what blocks a request.
//!
//! What a layer says, and how the layers go together, is `decide`'s.

/// A place in AWS's decision where a request can be blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// The caller's identity policies.
    Identity,
    /// Its permissions boundary.
    Boundary,
    /// Its session policies.
    Session,
    /// Service control policies.
    Scp,
    /// Resource control policies.
    Rcp,
    /// The resource's policy, or the role's trust policy.
    Resource,
    /// The VPC endpoint's policy.
    VpcEndpoint,
    /// A rule of the service itself, whatever policies say.
    Service,
}

impl Layer {
    /// Every layer.
    pub const ALL: [Self; 8] = [
        Self::Identity,
        Self::Boundary,
        Self::Session,
        Self::Scp,
        Self::Rcp,
        Self::Resource,
        Self::VpcEndpoint,
        Self::Service,
    ];

    /// Returns the word of machine-readable output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Boundary => "pb",
            Self::Session => "session",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::Resource => "resource",
            Self::VpcEndpoint => "vpce",
            Self::Service => "service",
        }
    }
}

/// A set of layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers(u8);

impl Layers {
    /// Adds a layer.
    pub const fn insert(&mut self, layer: Layer) {
        self.0 |= 1 << layer as u8;
    }

    /// Returns whether the layer is in the set.
    #[must_use]
    pub const fn contains(self, layer: Layer) -> bool {
        self.0 & 1 << layer as u8 != 0
    }

    /// Returns the layers in the set.
    pub fn iter(self) -> impl Iterator<Item = Layer> {
        Layer::ALL
            .into_iter()
            .filter(move |layer| self.contains(*layer))
    }

    /// Returns whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
