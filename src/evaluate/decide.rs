//! Puts the layers together: identity, boundary, session, organization, resource and endpoint
//! policies (AWS: "How AWS enforcement code logic evaluates requests to allow or deny access").

use super::grant::{boundary_of, grant};
use super::request::Request;
use super::resource::ResourceSide;
use super::statement;
use super::truth::Truth;
use super::{Principal, special};
use crate::policy::{Document, Effect, Kind, Problem};
use crate::switch::on;

/// What AWS answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// The request goes through.
    Allowed,
    /// No applicable Allow where one is needed.
    ImplicitlyDenied,
    /// An applicable Deny.
    ExplicitlyDenied,
    /// A document that AWS refuses takes part (T5): a denial.
    Error,
    /// A fact is missing on which the answer depends.
    Unknown,
}

impl Decision {
    /// Returns the word of machine-readable output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "Allowed",
            Self::ImplicitlyDenied => "ImplicitlyDenied",
            Self::ExplicitlyDenied => "ExplicitlyDenied",
            Self::Error => "Error",
            Self::Unknown => "Unknown",
        }
    }
}

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

/// The policies attached to one target of an organization.
#[derive(Clone, Debug)]
pub struct Level {
    /// The root, organizational unit or account.
    pub target: String,
    /// The policies, which are a union (T4).
    pub policies: Vec<Document>,
}

/// Every policy that takes part in a decision.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// The caller's own, attached and groups' policies.
    pub identity: Vec<Document>,
    /// The permissions boundary; `None`: the caller has none.
    pub boundary: Option<Vec<Document>>,
    /// The session policies; `None`: the session has none.
    pub session: Option<Vec<Document>>,
    /// Service control policies of the caller's account, root first; empty: none apply.
    pub scps: Vec<Level>,
    /// Resource control policies of the owner's account, root first. `RCPFullAWSAccess` is implied.
    pub rcps: Vec<Level>,
    /// The resource's policy, or the role's trust policy.
    pub resource: Option<Document>,
    /// The policy of the VPC endpoint that the request goes through; `None`: default, full access.
    pub endpoint: Option<Vec<Document>>,
}

impl Policies {
    /// Returns every document.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        let levels = self.scps.iter().chain(&self.rcps);
        let optional = [&self.boundary, &self.session, &self.endpoint];
        self.identity
            .iter()
            .chain(levels.flat_map(|level| &level.policies))
            .chain(&self.resource)
            .chain(optional.into_iter().flatten().flatten())
    }

    /// Returns the first problem for which a whole document cannot be evaluated.
    #[must_use]
    pub fn refusal(&self) -> Option<&Problem> {
        self.documents().find_map(Document::refusal)
    }
}

/// A decision with the layers that block it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What AWS answers.
    pub decision: Decision,
    /// Every layer that denies, or stays silent where its Allow is needed. For `Unknown`, every
    /// layer that might.
    pub blocked_by: Layers,
}

/// What one layer says: whether some Allow applies, and whether some Deny does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effects {
    pub(super) allow: Truth,
    pub(super) deny: Truth,
}

impl Effects {
    const SILENT: Self = Self {
        allow: Truth::False,
        deny: Truth::False,
    };
    const FULL: Self = Self {
        allow: Truth::True,
        deny: Truth::False,
    };
}

/// Decides a request.
#[must_use]
pub fn decide(policies: &Policies, request: &Request) -> Verdict {
    if policies.refusal().is_some() {
        let decision = if on("T5") {
            Decision::Error
        } else {
            Decision::ImplicitlyDenied
        };
        return Verdict {
            decision,
            blocked_by: Layers::default(),
        };
    }
    if special::is_always_allowed(request) {
        return Verdict {
            decision: Decision::Allowed,
            blocked_by: Layers::default(),
        };
    }
    if special::hides_its_resource(request) {
        // Whatever the policies say, they say it of another resource.
        let blocked_by = Layers::default();
        return Verdict {
            decision: Decision::Unknown,
            blocked_by,
        };
    }
    compose(policies, request)
}

fn compose(policies: &Policies, request: &Request) -> Verdict {
    let own = OwnSide::new(policies, request);
    let resource = ResourceSide::new(policies, request);
    let organization = Organization::new(policies, request);
    let endpoint = endpoint(policies, request);
    let core = core(&own, &resource, request);
    let core = if on("N2") {
        core
    } else {
        core | Truth::from(policies.endpoint.is_some()) & endpoint.allow
    };
    let service = special::forbids(policies, request);

    let mut deny = own.identity.deny | own.boundary.deny | own.session.deny | resource.deny;
    if !on("E13") && resource.is_direct() {
        deny = resource.deny;
    }
    if !on("X3") && !request.same_account() {
        deny = Truth::False;
    }
    deny = deny | organization.scp.deny | organization.rcp.deny | endpoint.deny;
    let allow = core & organization.scp.allow & organization.rcp.allow & endpoint.allow & !service;
    let allow = special::doubt(request, &resource, allow);

    let decision = match (deny, allow) {
        (Truth::True, _) if on("T3") && on("T6") => Decision::ExplicitlyDenied,
        (Truth::True, Truth::False) if on("T3") => Decision::ImplicitlyDenied,
        (Truth::True, _) if on("T3") => Decision::ExplicitlyDenied,
        (_, Truth::False) if on("T1") => Decision::ImplicitlyDenied,
        (_, Truth::False) => Decision::Allowed,
        (Truth::Unknown, _) | (_, Truth::Unknown) => Decision::Unknown,
        _ => Decision::Allowed,
    };
    let layers = [
        (
            Layer::Identity,
            own.identity,
            own.needed(&resource, request),
        ),
        (
            Layer::Boundary,
            own.boundary,
            own.limits(&resource, request),
        ),
        (Layer::Session, own.session, own.limits(&resource, request)),
        (Layer::Scp, organization.scp, true),
        (Layer::Rcp, organization.rcp, true),
        (
            Layer::Resource,
            resource.effects(),
            resource.needed(request),
        ),
        (Layer::VpcEndpoint, endpoint, true),
        (
            Layer::Service,
            Effects {
                allow: !service,
                deny: Truth::False,
            },
            true,
        ),
    ];
    Verdict {
        decision,
        blocked_by: blocking(decision, &layers),
    }
}

fn blocking(decision: Decision, layers: &[(Layer, Effects, bool)]) -> Layers {
    let mut blocked_by = Layers::default();
    for (layer, effects, needed) in layers {
        let blocks = match decision {
            Decision::ExplicitlyDenied => effects.deny == Truth::True,
            Decision::ImplicitlyDenied => *needed && effects.allow == Truth::False,
            Decision::Unknown => {
                effects.deny == Truth::Unknown || *needed && effects.allow != Truth::True
            }
            Decision::Allowed | Decision::Error => false,
        };
        if blocks {
            blocked_by.insert(*layer);
        }
    }
    blocked_by
}

/// Whether the request is allowed by the caller's and the owner's accounts (E14, X1).
fn core(own: &OwnSide, resource: &ResourceSide, request: &Request) -> Truth {
    let direct = resource.limited | resource.user | resource.session;
    if !own.has_account {
        // X5, S5: services, identity providers and anonymous callers have no side of their own.
        let provider = matches!(request.principal, Principal::Federated(_));
        return if on("X5") && (on("S5") || !provider) {
            direct
        } else {
            direct & own.identity.allow
        };
    }
    let limits = own.boundary.allow & own.session.allow;
    let identity = own.identity.allow & limits;
    if request.same_account() || !on("X1") {
        let by_resource = resource.session | resource.user | resource.limited & limits;
        let by_resource = if on("E14") { by_resource } else { Truth::False };
        let delegated = if special::needs_resource_policy(request) {
            resource.account | direct
        } else {
            Truth::True
        };
        let by_identity = if on("E1") {
            identity & delegated
        } else {
            identity & direct
        };
        let nothing_asked = !on("E2") && policies_are_silent(own, resource);
        return by_resource | by_identity | Truth::from(nothing_asked);
    }
    // X2: across accounts the identity side keeps all its limits.
    let identity = if on("X2") {
        identity
    } else {
        identity | resource.session | resource.user
    };
    identity & (direct | resource.account)
}

/// E2, switched off: what nobody mentions is allowed.
fn policies_are_silent(own: &OwnSide, resource: &ResourceSide) -> bool {
    own.identity.allow == Truth::False && resource.effects().allow == Truth::False
}

/// The caller's side: identity policies, boundary and session policies (E3 to E5, E12).
pub(super) struct OwnSide {
    identity: Effects,
    boundary: Effects,
    session: Effects,
    has_account: bool,
}

impl OwnSide {
    fn new(policies: &Policies, request: &Request) -> Self {
        let has_account = request.principal.identity().is_some();
        let root = matches!(request.principal, Principal::Root(_)) && on("E12");
        let mut identity = if root {
            Effects::FULL
        } else {
            union(&policies.identity, request)
        };
        let boundary = match boundary_of(policies, &request.principal) {
            Some(documents) if on("E3") => union(documents, request),
            _ => Effects::FULL,
        };
        let federated = matches!(request.principal, Principal::FederatedUser(_)) && on("E5");
        let session = match &policies.session {
            Some(documents) if has_account && on("E4") => union(documents, request),
            // E5: a federated session without a session policy has no permissions of its user.
            None if federated => Effects::SILENT,
            _ => Effects::FULL,
        };
        if !has_account && on("X5") {
            identity = Effects::SILENT;
        }
        Self {
            identity,
            boundary,
            session,
            has_account,
        }
    }

    /// Whether silent identity policies block.
    fn needed(&self, resource: &ResourceSide, request: &Request) -> bool {
        self.has_account && !(request.same_account() && resource.is_direct())
    }

    /// Whether silent boundaries and session policies block (E6 to E9, X2).
    fn limits(&self, resource: &ResourceSide, request: &Request) -> bool {
        let unlimited = resource.user | resource.session;
        self.has_account && !(request.same_account() && unlimited == Truth::True)
    }
}

/// Service and resource control policies.
struct Organization {
    scp: Effects,
    rcp: Effects,
}

impl Organization {
    fn new(policies: &Policies, request: &Request) -> Self {
        let across = !request.same_account() && !on("X4");
        let granted = !on("O8") && ResourceSide::new(policies, request).is_direct();
        let scp = if special::bound_by_scps(request) && !across && !granted {
            let mut all = Effects::FULL;
            for level in &policies.scps {
                let effects = union(&level.policies, request);
                all.deny = if on("O2") {
                    all.deny | effects.deny
                } else {
                    effects.deny
                };
                all.allow = all.allow & effects.allow;
                if !on("O1") && effects.allow == Truth::True {
                    // The naive reading: one level is enough.
                    all.allow = Truth::True;
                    break;
                }
            }
            if !on("O3")
                && policies
                    .scps
                    .iter()
                    .any(|it| union(&it.policies, request).allow == Truth::True)
            {
                all.allow = Truth::True;
            }
            all
        } else {
            Effects::FULL
        };
        let mut rcp = Effects::FULL;
        if !policies.rcps.is_empty() && !across && special::bound_by_rcps(request) {
            for level in &policies.rcps {
                for document in &level.policies {
                    rcp.deny = rcp.deny | denies_principal(document, request);
                }
            }
            if !on("O10") && !policies.rcps.is_empty() {
                rcp.allow = Truth::False;
            }
        }
        Self { scp, rcp }
    }
}

fn denies_principal(document: &Document, request: &Request) -> Truth {
    let mut deny = Truth::False;
    for item in &document.statements {
        let named = grant(
            item.principal.as_ref(),
            request,
            document.kind,
            item.effect,
            false,
        );
        if item.effect == Effect::Deny && named.is_some() {
            deny = deny | statement::applies(item, request);
        }
    }
    deny
}

fn endpoint(policies: &Policies, request: &Request) -> Effects {
    let Some(documents) = policies.endpoint.as_ref().filter(|_| on("N1")) else {
        // N4: without a policy of its own an endpoint has the default one, full access.
        return if on("N4") || policies.endpoint.is_some() {
            Effects::FULL
        } else {
            Effects::SILENT
        };
    };
    let mut effects = Effects::SILENT;
    let has_boundary = boundary_of(policies, &request.principal).is_some();
    for document in documents {
        for item in &document.statements {
            let principal = item.principal.as_ref();
            let kind = Kind::VpcEndpoint;
            let named = grant(principal, request, kind, item.effect, has_boundary);
            if named.is_none() && on("N3") {
                continue;
            }
            add(&mut effects, item.effect, statement::applies(item, request));
        }
    }
    effects
}

/// The union of documents without principals (T4).
fn union(documents: &[Document], request: &Request) -> Effects {
    let mut effects = Effects::SILENT;
    let limit = if on("T4") { documents.len() } else { 1 };
    for document in documents.iter().take(limit) {
        for item in &document.statements {
            if item.effect == Effect::Allow && effects.allow == Truth::True {
                continue;
            }
            add(&mut effects, item.effect, statement::applies(item, request));
        }
    }
    effects
}

fn add(effects: &mut Effects, effect: Effect, applies: Truth) {
    match effect {
        Effect::Allow => effects.allow = effects.allow | applies,
        Effect::Deny => effects.deny = effects.deny | applies,
    }
}
