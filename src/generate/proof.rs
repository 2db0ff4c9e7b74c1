//! The proof: every requirement is met, nothing beyond them is allowed, nothing leads further, and
//! nothing can be left out.
//!
//! Each part is decided by the same exact analysis that judges a customer's policies, on the
//! documents as they are written, never on what they were made from.

use std::collections::BTreeSet;

use super::atom::{Atoms, Untested, hull};
use super::bundle::{Bundle, Entity, EntityKind, Policy, PolicyUse};
use super::elsewhere;
use super::impossible::{self, Held};
use super::minimal::{self, Minimality};
use super::pack::texts;
use super::run::{AtomsOfActors, Order};
use crate::analyze::{Analysis, Doubt, Found};
use crate::catalog::Catalog;
use crate::check::{self, Beside, Verdict};
use crate::evaluate::Policies;
use crate::isolation;
use crate::json;
use crate::policy::{Document, Kind, lower};
use crate::profile::{SettingError, Settings, Strength};
use crate::source::{FileId, Sources};

/// What is proven of a generated access.
#[derive(Debug)]
pub struct Proof {
    /// For each user and role that the customer makes.
    pub entities: Vec<Proven>,
    /// For each role that the vendor makes: whether the workload boundary leaves it what it needs.
    pub vendor_made: Vec<Proven>,
    /// How much of AWS's limits each policy takes.
    pub sizes: Vec<Measured>,
    /// Wildcards in actions, each with what it takes in.
    pub wildcards: Vec<Admitted>,
    /// Fixed values that no condition tests.
    pub untested: BTreeSet<Untested>,
    /// Facts on which it rests.
    pub assumptions: BTreeSet<String>,
    /// When the catalog was made, and its version.
    pub catalog: String,
    /// The texts of the documents, each under the ARN that it will have.
    pub sources: Sources,
}

/// What is proven of one user or role.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The profile's actor.
    pub actor: String,
    /// Requirements that are met.
    pub met: usize,
    /// Requirements that are not, or not for certain.
    pub unmet: Vec<Unmet>,
    /// Whether nothing beyond the requirements is allowed.
    pub contained: Containment,
    /// Whether the vendor can go beyond its access, but for what no policy can close; none where
    /// that was not asked.
    pub isolation: Option<isolation::Report>,
    /// What no policy can close, as far as it is reached.
    pub impossible: Vec<Held>,
    /// Whether anything could be left out; none where that was not asked.
    pub minimality: Option<Minimality>,
}

/// A requirement that is not met, or not for certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// Its id.
    pub id: String,
    /// Its action.
    pub action: String,
    /// How much its absence matters.
    pub strength: Strength,
    /// The verdict.
    pub verdict: Verdict,
}

/// Whether nothing beyond the requirements is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Containment {
    /// Proven.
    Contained,
    /// This request is allowed, and no requirement asks for it.
    Exceeds(String),
    /// It could not be told.
    Unknown(Doubt),
    /// It was not asked.
    NotAsked,
}

/// The size of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The policy's name.
    pub policy: String,
    /// Characters without white space.
    pub size: usize,
}

/// A wildcard in an action of a boundary: it will take in what AWS names so tomorrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The policy's name.
    pub policy: String,
    /// The pattern, such as `ec2:Describe*`.
    pub pattern: String,
    /// Actions of today that it takes in and no requirement needs.
    pub beyond: usize,
}

impl Proof {
    /// Whether everything is proven that has to be.
    #[must_use]
    pub fn holds(&self) -> bool {
        let mut all = self.entities.iter().chain(&self.vendor_made);
        all.all(Proven::holds)
    }
}

impl Proven {
    /// Whether everything is proven of it.
    #[must_use]
    pub fn holds(&self) -> bool {
        let is_isolated = |it: &isolation::Report| it.verdict == isolation::Verdict::Isolated;
        let is_minimal = |it: &Minimality| it.superfluous.is_empty() && it.open.is_empty();
        self.unmet.is_empty()
            && matches!(
                self.contained,
                Containment::Contained | Containment::NotAsked
            )
            && self.isolation.as_ref().is_none_or(is_isolated)
            && self.minimality.as_ref().is_none_or(is_minimal)
    }
}

/// Proves what can be proven.
///
/// # Errors
///
/// Everything that is wrong with the settings.
pub(super) fn prove(
    order: &Order<'_>,
    settings: &Settings,
    bundle: &Bundle,
    atoms: &AtomsOfActors,
) -> Result<Proof, Vec<SettingError>> {
    let mut texts = Texts::default();
    let policies: Vec<(&Policy, Document)> = bundle
        .policies
        .iter()
        .map(|it| (it, texts.policy(it)))
        .collect();
    let none = Atoms::default();
    let of = |actor: &str| {
        let found = atoms.iter().find(|(name, _)| name == actor);
        found.map_or(&none, |(_, atoms)| atoms)
    };
    let info = order.catalog.info();
    let mut proof = Proof {
        entities: Vec::new(),
        vendor_made: Vec::new(),
        sizes: Vec::new(),
        wildcards: wildcards(bundle, atoms, order.catalog),
        untested: BTreeSet::new(),
        assumptions: BTreeSet::new(),
        catalog: format!("{} ({})", info.date, info.hash),
        sources: Sources::default(),
    };
    let workload: Vec<Document> = policies
        .iter()
        .filter(|(policy, _)| policy.used_as == PolicyUse::WorkloadBoundary)
        .map(|(_, document)| document.clone())
        .collect();
    let prover = Prover {
        order,
        settings,
        policies: &policies,
        workload: &workload,
    };
    for entity in &bundle.entities {
        let own = of(&entity.actor);
        proof.untested.extend(own.untested.iter().cloned());
        let trust = entity_trust(entity, &mut texts);
        let proven = prover.entity(entity, own, trust.as_ref(), &texts.arns, &mut proof)?;
        proof.entities.push(proven);
    }
    for entity in &bundle.vendor_made {
        let own = of(&entity.actor);
        proof.untested.extend(own.untested.iter().cloned());
        let documents: Vec<Document> = entity.policies.iter().map(|it| texts.policy(it)).collect();
        let trust = entity_trust(entity, &mut texts);
        let proven = prover.vendor_made(entity, documents, trust.as_ref(), &mut proof)?;
        proof.vendor_made.push(proven);
    }
    let made = bundle.vendor_made.iter().flat_map(|it| &it.policies);
    for policy in bundle.policies.iter().chain(made) {
        proof.sizes.push(Measured {
            policy: policy.name.clone(),
            size: super::size(&policy.statements),
        });
    }
    proof.sources = texts.sources;
    Ok(proof)
}

/// The documents as texts, each a file of its own with the ARN that it will have.
#[derive(Default)]
struct Texts {
    sources: Sources,
    arns: Vec<(FileId, String)>,
}

impl Texts {
    fn policy(&mut self, policy: &Policy) -> Document {
        let kind = match policy.used_as {
            PolicyUse::Identity => Kind::Identity,
            PolicyUse::Boundary | PolicyUse::WorkloadBoundary => Kind::Boundary,
        };
        self.read(&super::text(&policy.document()), kind, &policy.arn)
    }

    fn read(&mut self, text: &str, kind: Kind, arn: &str) -> Document {
        let file = self.sources.add(arn, text);
        self.arns.push((file, arn.to_owned()));
        let mut document = match json::parse(text) {
            Ok(parsed) => lower(parsed.tree.root(), kind),
            Err(_) => Document::empty(kind),
        };
        document.file = Some(file);
        document
    }
}

fn entity_trust(entity: &Entity, texts: &mut Texts) -> Option<Document> {
    let trust = entity.trust_policy()?;
    Some(texts.read(&super::text(&trust), Kind::Trust, &entity.arn))
}

struct Prover<'a> {
    order: &'a Order<'a>,
    settings: &'a Settings,
    policies: &'a [(&'a Policy, Document)],
    workload: &'a [Document],
}

impl Prover<'_> {
    fn entity(
        &self,
        entity: &Entity,
        atoms: &Atoms,
        trust: Option<&Document>,
        arns: &[(FileId, String)],
        proof: &mut Proof,
    ) -> Result<Proven, Vec<SettingError>> {
        let attached: Vec<&(&Policy, Document)> = self
            .policies
            .iter()
            .filter(|(it, _)| entity.attached.contains(&it.arn))
            .collect();
        let identity: Vec<Document> = attached.iter().map(|(_, it)| it.clone()).collect();
        let policies = Policies {
            boundary: self.boundary(entity),
            scps: self.order.scps.to_vec(),
            identity,
            ..Policies::default()
        };
        let settings = self.settings_of(entity);
        let input = check::Input {
            profile: self.order.profile,
            settings: &settings,
            policies: &policies,
            trust: trust.filter(|_| entity.kind == EntityKind::Role),
            resource_policies: &[],
            principal: None,
            catalog: self.order.catalog,
            unread: false,
        };
        let (met, unmet) = judge(&input, proof)?;
        let beside = Beside {
            workload_boundaries: self.workload,
            arns,
        };
        let mut isolation = impossible::isolation(&input, beside)?;
        let impossible = isolation.as_mut().map(|it| std::mem::take(&mut it.held));
        let impossible = impossible.unwrap_or_default();
        let analysis = Analysis::new(self.order.catalog);
        let documents: Vec<&Policy> = attached.iter().map(|(it, _)| *it).collect();
        Ok(Proven {
            actor: entity.actor.clone(),
            met,
            unmet,
            contained: contained(&policies.identity, atoms, &analysis),
            isolation: isolation.map(|it| it.report),
            impossible,
            minimality: Some(minimal::minimality(&documents, atoms, &analysis)),
        })
    }

    /// Holds what a role needs that the vendor makes against the boundary that it will carry.
    fn vendor_made(
        &self,
        entity: &Entity,
        identity: Vec<Document>,
        trust: Option<&Document>,
        proof: &mut Proof,
    ) -> Result<Proven, Vec<SettingError>> {
        let policies = Policies {
            boundary: self.boundary(entity),
            identity,
            ..Policies::default()
        };
        let settings = self.settings_of(entity);
        let input = check::Input {
            profile: self.order.profile,
            settings: &settings,
            policies: &policies,
            trust,
            resource_policies: &[],
            principal: None,
            catalog: self.order.catalog,
            unread: false,
        };
        let (met, unmet) = judge(&input, proof)?;
        Ok(Proven {
            actor: entity.actor.clone(),
            met,
            unmet,
            contained: Containment::NotAsked,
            isolation: None,
            impossible: Vec::new(),
            minimality: None,
        })
    }

    fn boundary(&self, entity: &Entity) -> Option<Vec<Document>> {
        let arn = entity.boundary.as_ref()?;
        let known = self.policies.iter().filter(|(it, _)| it.arn == *arn);
        // One that was not generated has a text that nobody gave: it then allows nothing here, and
        // the requirements are not met.
        Some(known.map(|(_, document)| document.clone()).collect())
    }

    fn settings_of(&self, entity: &Entity) -> Settings {
        Settings {
            actors: vec![entity.actor.clone()],
            ..self.settings.clone()
        }
    }
}

/// Returns the wildcards in actions.
fn wildcards(bundle: &Bundle, atoms: &AtomsOfActors, catalog: &Catalog) -> Vec<Admitted> {
    let all = atoms.iter().flat_map(|(_, it)| &it.list);
    let needed: BTreeSet<&str> = all.map(|it| it.action.as_str()).collect();
    let mut found = Vec::new();
    for policy in &bundle.policies {
        let statements = policy.statements.iter().map(|it| &it.statement);
        for pattern in statements.flat_map(|it| texts(&it["Action"])) {
            let split = pattern.split_once(':').filter(|_| pattern.contains('*'));
            let Some((service, name)) = split else {
                continue;
            };
            let own = catalog.service(service);
            let taken = own.into_iter().flat_map(|it| it.actions_matching(name));
            let is_needed = |name: &str| needed.contains(format!("{service}:{name}").as_str());
            let beyond = taken.filter(|it| !is_needed(&it.name)).count();
            found.push(Admitted {
                policy: policy.name.clone(),
                pattern: pattern.to_owned(),
                beyond,
            });
        }
    }
    found
}

fn judge(
    input: &check::Input<'_>,
    proof: &mut Proof,
) -> Result<(usize, Vec<Unmet>), Vec<SettingError>> {
    let mut report = check::run(input)?;
    proof
        .assumptions
        .extend(elsewhere::judge(input, &mut report)?);
    proof.assumptions.extend(report.assumptions.iter().cloned());
    let unmet = report
        .requirements
        .iter()
        .filter(|it| it.verdict != Verdict::Met)
        .map(|it| Unmet {
            id: it.call.id.clone(),
            action: it.call.action.clone(),
            strength: it.call.strength,
            verdict: it.verdict,
        })
        .collect();
    Ok((report.count(Verdict::Met), unmet))
}

fn contained(identity: &[Document], atoms: &Atoms, analysis: &Analysis<'_>) -> Containment {
    let hull = hull(&atoms.list);
    match analysis.find_excess(&[identity], &[&hull]) {
        Found::Nothing => Containment::Contained,
        Found::Request(witness) => {
            let request = &witness.request;
            let on = request.resource.as_deref().unwrap_or("no resource");
            Containment::Exceeds(format!("{} on {on}", request.action.text))
        }
        Found::Unknown(doubt) => Containment::Unknown(doubt),
    }
}
