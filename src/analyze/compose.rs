//! Puts claims about statements together as AWS puts policies together: within a layer, and over
//! all layers for one caller (`evaluate`'s sections E, X, O and S).

use super::Access;
use super::caller::Caller;
use super::formula::{Claim, FALSE, Node, TRUE};
use super::language::{Language, Letter, glob};
use super::scene::{PRINCIPAL, RESOURCE, Scene};
use crate::evaluate::grant::Grant;
use crate::evaluate::{Action, Principal, Request, special};
use crate::policy::{Document, Effect, Kind, Statement};

/// A statement with the document that it stands in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    pub(super) document: &'a Document,
    pub(super) statement: &'a Statement,
}

/// Statements that decide together: from one item to another.
pub(super) type Layer = std::ops::Range<usize>;

const EVERY_WAY: [Grant; 4] = [Grant::Account, Grant::Limited, Grant::User, Grant::Session];
const DIRECTLY: [Grant; 3] = [Grant::Limited, Grant::User, Grant::Session];
const UNLIMITED: [Grant; 2] = [Grant::User, Grant::Session];

/// The ways of naming a caller, each of which is a permission of its own (E6 to E11).
pub(super) const WAYS: [&[Grant]; 3] = [&EVERY_WAY, &DIRECTLY, &UNLIMITED];

/// The statements of a question, and which of them can apply to the requests at hand, in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cast<'q, 'a> {
    pub(super) items: &'q [Item<'a>],
    pub(super) named: &'q [usize],
}

impl<'a> Cast<'_, 'a> {
    /// Claims that a statement applies to a caller whom it names in one of these ways.
    fn applies(&self, scene: &mut Scene<'a>, at: usize, ways: &[Grant]) -> Node {
        let Item {
            document,
            statement,
        } = self.items[at];
        let named = if document.kind.has_principal() {
            let element = statement.principal.as_ref();
            let callers = scene
                .callers
                .named(element, document.kind, statement.effect, ways);
            scene.formulas.claim(PRINCIPAL, Claim::In(callers))
        } else {
            TRUE
        };
        if named == FALSE {
            return FALSE;
        }
        let applies = scene.statement(statement);
        scene.formulas.and([named, applies])
    }

    /// Claims that some statement with an effect applies.
    fn some(&self, scene: &mut Scene<'a>, layer: &Layer, effect: Effect, ways: &[Grant]) -> Node {
        let mut parts = Vec::new();
        let start = self.named.partition_point(|at| *at < layer.start);
        for at in self.named[start..].iter().take_while(|at| **at < layer.end) {
            if self.items[*at].statement.effect == effect {
                parts.push(self.applies(scene, *at, ways));
            }
        }
        scene.formulas.or(parts)
    }

    fn allow(&self, scene: &mut Scene<'a>, layer: &Layer) -> Node {
        self.some(scene, layer, Effect::Allow, &EVERY_WAY)
    }

    fn deny(&self, scene: &mut Scene<'a>, layer: &Layer) -> Node {
        self.some(scene, layer, Effect::Deny, &EVERY_WAY)
    }

    /// Claims that a layer by itself allows (T1 to T4) by naming the caller in one of these ways.
    pub(super) fn allowed(&self, scene: &mut Scene<'a>, layer: &Layer, ways: &[Grant]) -> Node {
        let allow = self.some(scene, layer, Effect::Allow, ways);
        if allow == FALSE {
            return FALSE;
        }
        let deny = self.deny(scene, layer);
        let not = scene.formulas.not(deny);
        scene.formulas.and([allow, not])
    }
}

/// The layers of [`Access`], as items of a question.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    pub(super) identity: Layer,
    pub(super) boundary: Option<Layer>,
    pub(super) session: Option<Layer>,
    pub(super) scps: Vec<Layer>,
    pub(super) rcps: Vec<Layer>,
    pub(super) resource: Option<Layer>,
    pub(super) endpoint: Option<Layer>,
}

impl Layers {
    /// Appends every statement of an access to the items.
    pub(super) fn add<'a>(access: &Access<'a>, items: &mut Vec<Item<'a>>) -> Self {
        let policies = access.policies;
        let mut layer = |documents: &'a [Document]| {
            let start = items.len();
            extend(items, documents);
            start..items.len()
        };
        Self {
            identity: layer(&policies.identity),
            boundary: policies.boundary.as_deref().map(&mut layer),
            session: policies.session.as_deref().map(&mut layer),
            scps: policies.scps.iter().map(|it| layer(&it.policies)).collect(),
            rcps: policies.rcps.iter().map(|it| layer(&it.policies)).collect(),
            resource: policies
                .resource
                .as_ref()
                .map(std::slice::from_ref)
                .map(&mut layer),
            endpoint: policies.endpoint.as_deref().map(&mut layer),
        }
    }
}

pub(super) fn extend<'a>(items: &mut Vec<Item<'a>>, documents: &'a [Document]) {
    for document in documents {
        let own = document.statements.iter();
        items.extend(own.map(|statement| Item {
            document,
            statement,
        }));
    }
}

/// Appends the statements of layers, and returns where each stands.
pub(super) fn layers<'a>(
    items: &mut Vec<Item<'a>>,
    side: &[&'a [Document]],
) -> Vec<(Layer, &'a [Document])> {
    let mut layer = |documents: &&'a [Document]| {
        let start = items.len();
        extend(items, documents);
        (start..items.len(), *documents)
    };
    side.iter().map(&mut layer).collect()
}

/// Claims that an access allows a request of its one caller.
pub(super) fn allowed<'a>(
    cast: &Cast<'_, 'a>,
    scene: &mut Scene<'a>,
    layers: &Layers,
    access: &Access<'_>,
    action: &Action,
) -> Node {
    let request = Request {
        action: action.clone(),
        ..scene.callers.get(0).request.clone()
    };
    if special::is_always_allowed(&request) {
        return TRUE;
    }
    let caller = CallerSide::new(cast, scene, layers, &request);
    let core = core(cast, scene, layers, access, &request, &caller);
    let mut all = vec![core];
    if special::bound_by_scps(&request) {
        for level in &layers.scps {
            let allow = cast.allow(scene, level);
            let deny = cast.deny(scene, level);
            all.extend([allow, scene.formulas.not(deny)]);
        }
    }
    let supports_rcp = scene.catalog.supports_rcp(action.service());
    let bound = Request {
        settings: crate::evaluate::Settings {
            rcp_applies: supports_rcp,
            ..request.settings.clone()
        },
        resource_account: access.resource_account.map(Into::into),
        ..request.clone()
    };
    if special::bound_by_rcps(&bound) {
        for level in &layers.rcps {
            let deny = cast.deny(scene, level);
            let has_resource = scene.formulas.claim(RESOURCE, Claim::Text(true));
            let deny = scene.formulas.and([deny, has_resource]);
            all.push(scene.formulas.not(deny));
        }
    }
    if let Some(endpoint) = &layers.endpoint {
        let allow = cast.allow(scene, endpoint);
        let deny = cast.deny(scene, endpoint);
        all.extend([allow, scene.formulas.not(deny)]);
    }
    let is_entity = caller.has_account && !caller.is_root;
    let own = [
        Some(&layers.identity).filter(|_| is_entity),
        layers.boundary.as_ref().filter(|_| is_entity),
        layers.session.as_ref().filter(|_| caller.has_account),
    ];
    for layer in own.into_iter().flatten() {
        let deny = cast.deny(scene, layer);
        all.push(scene.formulas.not(deny));
    }
    if let Some(resource) = &layers.resource {
        let deny = cast.deny(scene, resource);
        all.push(scene.formulas.not(deny));
    }
    for pattern in special::reserved_resources(action) {
        let reserved = scene.in_language(RESOURCE, in_parts(pattern));
        all.push(scene.formulas.not(reserved));
    }
    let allowed = scene.formulas.and(all);
    if request.settings.complete {
        return allowed;
    }
    doubted(scene, layers, access, &request, allowed)
}

/// Leaves open what depends on rules that are not modelled, as `evaluate` does (R15, S6, S7).
fn doubted(
    scene: &mut Scene<'_>,
    layers: &Layers,
    access: &Access<'_>,
    request: &Request,
    allowed: Node,
) -> Node {
    let action = &request.action;
    let mut doubtful = Vec::new();
    let (shared, shared_outside) = special::shared_resources(action);
    for pattern in shared {
        doubtful.push(scene.in_language(RESOURCE, in_parts(pattern)));
    }
    if layers.resource.is_some() {
        if special::has_own_rules(action) {
            doubtful.push(TRUE);
        }
        for pattern in shared_outside {
            let object = scene.in_language(RESOURCE, in_parts(pattern));
            let foreign = is_foreign(scene, access, &request.principal);
            doubtful.push(scene.formulas.and([object, foreign]));
        }
    }
    let mut hidden = Vec::new();
    for pattern in special::hidden_resources(action) {
        hidden.push(scene.in_language(RESOURCE, in_parts(pattern)));
    }
    let (doubtful, hidden) = (scene.formulas.or(doubtful), scene.formulas.or(hidden));
    let mut allowed = allowed;
    if doubtful != FALSE {
        let certain = scene.formulas.not(doubtful);
        let open = scene.free().1;
        let either = scene.formulas.or([certain, open]);
        allowed = scene.formulas.and([allowed, either]);
    }
    if hidden != FALSE {
        let seen = scene.formulas.not(hidden);
        let open = scene.free().1;
        let of_another = scene.formulas.and([hidden, open]);
        let of_own = scene.formulas.and([seen, allowed]);
        allowed = scene.formulas.or([of_own, of_another]);
    }
    allowed
}

/// The caller's own side.
struct CallerSide {
    identity: Node,
    /// Boundary and session policies.
    limits: Node,
    has_account: bool,
    is_root: bool,
}

impl CallerSide {
    fn new<'a>(
        cast: &Cast<'_, 'a>,
        scene: &mut Scene<'a>,
        layers: &Layers,
        request: &Request,
    ) -> Self {
        let principal = &request.principal;
        let has_account = principal.identity().is_some();
        let is_root = matches!(principal, Principal::Root(_));
        let identity = match (has_account, is_root) {
            (false, _) => FALSE,
            (_, true) => TRUE,
            _ => cast.allow(scene, &layers.identity),
        };
        let boundary = match &layers.boundary {
            Some(layer) if has_account && !is_root => cast.allow(scene, layer),
            _ => TRUE,
        };
        let session = match &layers.session {
            Some(layer) if has_account => cast.allow(scene, layer),
            None if matches!(principal, Principal::FederatedUser(_)) => FALSE,
            _ => TRUE,
        };
        Self {
            identity,
            limits: scene.formulas.and([boundary, session]),
            has_account,
            is_root,
        }
    }
}

/// E14, X1, S1, S3, S5.
fn core<'a>(
    cast: &Cast<'_, 'a>,
    scene: &mut Scene<'a>,
    layers: &Layers,
    access: &Access<'_>,
    request: &Request,
    caller: &CallerSide,
) -> Node {
    let mut by = |ways: &[Grant]| match &layers.resource {
        Some(layer) => cast.some(scene, layer, Effect::Allow, ways),
        None => FALSE,
    };
    let account = by(&[Grant::Account]);
    let limited = by(&[Grant::Limited]);
    let unlimited = by(&[Grant::User, Grant::Session]);
    let direct = scene.formulas.or([limited, unlimited]);
    // What no policy grants an access control list may.
    let by_list = match special::is_granted_by_acl(&request.action) && !request.settings.complete {
        true => scene.free().1,
        false => FALSE,
    };
    if !caller.has_account {
        let by_list = match request.principal {
            Principal::Anonymous => by_list,
            _ => FALSE,
        };
        let unseen = unseen(scene, layers, request, false);
        return scene.formulas.or([direct, by_list, unseen]);
    }
    let identity = scene.formulas.and([caller.identity, caller.limits]);
    let named = scene.formulas.or([account, direct]);
    let delegating = special::delegating_resources(&request.action);
    let mut needs_policy = Vec::new();
    for pattern in delegating {
        needs_policy.push(scene.in_language(RESOURCE, in_parts(pattern)));
    }
    let needs_policy = scene.formulas.or(needs_policy);
    let key_policy = unseen(scene, layers, request, true);
    let delegated = scene.formulas.or([named, key_policy]);
    let by_resource = scene.formulas.and([limited, caller.limits]);
    let by_resource = scene.formulas.or([unlimited, by_resource]);
    let delegated_or_not_needed = {
        let not_needed = scene.formulas.not(needs_policy);
        scene.formulas.or([not_needed, delegated])
    };
    let by_identity = scene.formulas.and([identity, delegated_or_not_needed]);
    let within = scene.formulas.or([by_resource, by_identity]);
    let other_policy = unseen(scene, layers, request, false);
    let of_key = scene.formulas.and([needs_policy, key_policy]);
    let granted = scene.formulas.or([named, other_policy, by_list, of_key]);
    let across = scene.formulas.and([identity, granted]);
    let across = if request.action.service() == "iam" {
        FALSE
    } else {
        across
    };
    let foreign = is_foreign(scene, access, &request.principal);
    let own = scene.formulas.not(foreign);
    let within = scene.formulas.and([own, within]);
    let across = scene.formulas.and([foreign, across]);
    scene.formulas.or([within, across])
}

/// A policy that decides and was not given may say anything, unless it is known to be none.
fn unseen(scene: &mut Scene<'_>, layers: &Layers, request: &Request, needed: bool) -> Node {
    let settings = &request.settings;
    let is_open = layers.resource.is_none() && !settings.complete;
    if is_open && (needed || !settings.lacks_resource_policy) {
        scene.free().1
    } else {
        FALSE
    }
}

/// Claims that the resource is another account's (X6).
pub(super) fn is_foreign(scene: &mut Scene<'_>, access: &Access<'_>, caller: &Principal) -> Node {
    let Some(own) = caller.account() else {
        return FALSE;
    };
    let with_account = scene.in_language(RESOURCE, arn_of_account(None));
    let of_own = scene.in_language(RESOURCE, arn_of_account(Some(own)));
    let not_own = scene.formulas.not(of_own);
    let foreign = scene.formulas.and([with_account, not_own]);
    if access.resource_account.is_some_and(|it| it != own) {
        let without = scene.formulas.not(with_account);
        return scene.formulas.or([foreign, without]);
    }
    foreign
}

/// ARNs with this account's id in them, or any account's.
fn arn_of_account(account: Option<&str>) -> Language {
    let mut letters: Vec<Letter> = glob("arn:").to_vec();
    for _ in 0..3 {
        letters.extend([Letter::AnyInPart, Letter::Unit(u16::from(b':'))]);
    }
    match account {
        Some(account) => letters.extend(account.encode_utf16().map(Letter::Unit)),
        None => letters.extend([Letter::Digit; 12]),
    }
    letters.extend([Letter::Unit(u16::from(b':')), Letter::Any]);
    Language::one(letters.into())
}

/// A pattern of our own whose `*` in the first five parts stay in their part.
pub(super) fn in_parts(pattern: &str) -> Language {
    let mut colons = 0;
    let plain = glob(pattern);
    let letters = plain.iter().map(|letter| {
        if *letter == Letter::Unit(u16::from(b':')) {
            colons += 1;
        }
        match letter {
            Letter::Any if colons < 5 => Letter::AnyInPart,
            letter => *letter,
        }
    });
    Language::one(letters.collect())
}

/// Returns what `evaluate` says of a layer by itself.
pub(super) fn own_result(
    documents: &[Document],
    request: &Request,
    caller: &Caller,
    ways: &[Grant],
) -> bool {
    let mut allow = false;
    for document in documents {
        for statement in &document.statements {
            if document.kind.has_principal() {
                let ways: &[Grant] = match statement.effect {
                    Effect::Allow => ways,
                    Effect::Deny => &EVERY_WAY,
                };
                let grant = crate::evaluate::grant::grant(
                    statement.principal.as_ref(),
                    request,
                    document.kind,
                    statement.effect,
                    caller.has_boundary,
                );
                if !grant.is_some_and(|it| ways.contains(&it)) {
                    continue;
                }
            }
            if crate::evaluate::applies(statement, request) != crate::evaluate::Truth::True {
                continue;
            }
            match statement.effect {
                Effect::Allow => allow = true,
                Effect::Deny => return false,
            }
        }
    }
    allow
}

/// Whether some layer names principals in a way that the account level and the direct level can
/// differ.
pub(super) fn has_levels(documents: &[&[Document]]) -> bool {
    let mut all = documents.iter().flat_map(|it| it.iter());
    all.any(|it| matches!(it.kind, Kind::Resource | Kind::Trust))
}
