//! From a profile to the whole access: whose policies, which boundaries, who trusts whom.

use super::atom::{Atom, Atoms, atoms};
use super::boundary::{self, Together};
use super::bundle::{Bundle, Entity, EntityKind, Input, Policy, PolicyUse, Sentence};
use super::pack::{Making, Split};
use super::proof::{self, Proof};
use super::trust::{self, Trusts};
use super::unscoped;
use crate::arn::{Arn, last_segment};
use crate::catalog::Catalog;
use crate::evaluate::Level;
use crate::policy::Kind;
use crate::policy::quotas::QUOTAS;
use crate::profile::{
    Actor, ActorKind, BoundaryPolicy, MadeBy, Owner, Profile, SettingError, Settings,
};

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// What the vendor needs.
    pub profile: &'a Profile,
    /// The customer's choices; `actors` narrows it to these users and roles.
    pub settings: &'a Settings,
    /// How statements are shared out among policies.
    pub split: Split,
    /// Service control policies under which it has to work.
    pub scps: &'a [Level],
    /// The catalog.
    pub catalog: &'a Catalog,
}

/// The access with its proof.
#[derive(Debug)]
pub struct Generated {
    /// The access.
    pub bundle: Bundle,
    /// What is proven of it, and what is not.
    pub proof: Proof,
    /// The settings that it is made for, with the ARNs of the boundaries.
    pub settings: Settings,
}

/// Why nothing was generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The settings do not fit the profile.
    Settings(Vec<SettingError>),
    /// A limit of AWS cannot be met.
    Limit {
        /// What does not fit.
        what: String,
        /// What to do.
        help: String,
    },
    /// Nothing is needed of the actors that were asked for.
    Nothing {
        /// The names of the actors.
        actors: Vec<String>,
    },
}

/// How many managed policies a user or role takes (IAM User Guide, "IAM and AWS STS quotas": 10,
/// which AWS raises to 20 on request).
pub const MOST_ATTACHED: usize = 10;

/// Makes the access, and proves it.
///
/// # Errors
///
/// See [`Failure`]. What is not proven is no error: [`Proof::holds`] says it.
pub fn run(order: &Order<'_>) -> Result<Generated, Failure> {
    run_changed(order, |_| ())
}

/// Makes the access, lets somebody change it, and proves what came of it: for policies that are not
/// generated, but those of the vendor itself.
///
/// # Errors
///
/// See [`Failure`].
pub fn run_changed(
    order: &Order<'_>,
    change: impl FnOnce(&mut Bundle),
) -> Result<Generated, Failure> {
    let (settings, mut bundle, atoms) = make(order)?;
    change(&mut bundle);
    let proof = proof::prove(order, &settings, &bundle, &atoms).map_err(Failure::Settings)?;
    Ok(Generated {
        bundle,
        proof,
        settings,
    })
}

/// Makes the access without a proof: for values that only stand in for those to come.
///
/// # Errors
///
/// See [`Failure`].
pub fn bundle(order: &Order<'_>) -> Result<Bundle, Failure> {
    Ok(make(order)?.1)
}

/// Makes the access, with the settings that it is made for and the atoms that it is made of.
fn make(order: &Order<'_>) -> Result<(Settings, Bundle, AtomsOfActors), Failure> {
    let settings = order.profile.generation_settings(order.settings);
    let settings = settings.map_err(Failure::Settings)?;
    let maker = Maker {
        order,
        settings: &settings,
        limit: limit(),
    };
    let (bundle, atoms) = maker.bundle()?;
    Ok((settings, bundle, atoms))
}

/// Returns how many characters a managed policy may have.
fn limit() -> usize {
    let quota = QUOTAS.iter().find(|it| it.kind == Kind::Boundary);
    quota.map_or(6_144, |it| it.limit)
}

struct Maker<'a> {
    order: &'a Order<'a>,
    settings: &'a Settings,
    limit: usize,
}

/// The atoms of every actor, in the order of the bundle's entities: those that the customer makes,
/// then those that the vendor makes.
pub(super) type AtomsOfActors = Vec<(String, Atoms)>;

impl<'a> Maker<'a> {
    fn bundle(&self) -> Result<(Bundle, AtomsOfActors), Failure> {
        let profile = self.order.profile;
        let inputs = profile.inputs(self.settings).map_err(Failure::Settings)?;
        let mut bundle = Bundle {
            profile: profile.name.clone(),
            title: profile.title.clone(),
            inputs: inputs
                .iter()
                .map(|(variable, values)| Input {
                    name: variable.name.clone(),
                    description: variable.description.clone(),
                    values: values.to_vec(),
                })
                .collect(),
            tags: self.tags()?,
            policies: Vec::new(),
            entities: Vec::new(),
            vendor_made: Vec::new(),
            unscoped: Vec::new(),
        };
        let actors = self.customer_actors();
        let trusts = Trusts::new(profile, self.settings, self.order.catalog);
        let trusts = trusts.map_err(Failure::Settings)?;
        let mut all: AtomsOfActors = Vec::new();
        let several = actors.len() > 1;
        for actor in &actors {
            let atoms = self.atoms(actor)?;
            let prefix = match several {
                true => format!("{}-{}", self.name()?, actor.name),
                false => self.name()?,
            };
            let policies = self.identity_policies(&prefix, actor, &atoms)?;
            let entity = self.entity(actor, &policies, &trusts)?;
            bundle.policies.extend(policies);
            bundle.entities.push(entity);
            all.push((actor.name.clone(), atoms));
        }
        if all.iter().all(|(_, atoms)| atoms.list.is_empty()) {
            return Err(Failure::Nothing {
                actors: actors.iter().map(|it| it.name.clone()).collect(),
            });
        }
        let own: Vec<&Atom> = all.iter().flat_map(|(_, it)| &it.list).collect();
        bundle.unscoped = unscoped::list(&own, self.order.catalog);
        let own: Vec<Atom> = own.into_iter().cloned().collect();
        let mut boundaries = Vec::new();
        if let Some(generation) = &profile.generation {
            let boundary = &generation.boundary;
            let tags = self.tag_names()?;
            let widen = |together| {
                let regions = self.values("region");
                boundary::ceiling(&own, &regions, &tags, together, self.order.catalog)
            };
            boundaries.extend(self.boundary(boundary, PolicyUse::Boundary, None, widen)?);
        }
        self.add_vendor_made(&mut bundle, &trusts, &mut all, &mut boundaries)?;
        bundle.policies.splice(0..0, boundaries);
        Ok((bundle, all))
    }

    /// Adds what the vendor makes later, and the boundary that it has to put on it.
    fn add_vendor_made(
        &self,
        bundle: &mut Bundle,
        trusts: &Trusts<'_>,
        all: &mut AtomsOfActors,
        boundaries: &mut Vec<Policy>,
    ) -> Result<(), Failure> {
        let profile = self.order.profile;
        let made = |it: &&Actor| it.made_by == Some(MadeBy::Vendor);
        let mut needed: Vec<Atom> = Vec::new();
        for actor in profile.actors.iter().filter(made) {
            let atoms = self.atoms(actor)?;
            let policies = self.identity_policies(&actor.name, actor, &atoms)?;
            let mut entity = self.entity(actor, &policies, trusts)?;
            entity.policies = policies;
            needed.extend(atoms.list.iter().cloned());
            if !entity.trust.is_empty() || !atoms.list.is_empty() {
                bundle.vendor_made.push(entity);
                all.push((actor.name.clone(), atoms));
            }
        }
        let workload = profile.generation.as_ref();
        let Some(workload) = workload.and_then(|it| it.workload_boundary.as_ref()) else {
            return Ok(());
        };
        if needed.is_empty() {
            return Ok(());
        }
        let tags = self.tag_names()?;
        let widen = |together| boundary::workload(&needed, &tags, together, self.order.catalog);
        let deny = boundary::deny_other_regions(&needed, &self.values("region"));
        boundaries.extend(self.boundary(workload, PolicyUse::WorkloadBoundary, deny, widen)?);
        Ok(())
    }

    /// Returns the users and roles that the customer makes.
    fn customer_actors(&self) -> Vec<&'a Actor> {
        let profile = self.order.profile;
        let asked = &self.order.settings.actors;
        if !asked.is_empty() {
            return profile
                .actors
                .iter()
                .filter(|it| asked.contains(&it.name))
                .collect();
        }
        let made = |it: &&Actor| it.made_by == Some(MadeBy::Customer);
        let made: Vec<&Actor> = profile.actors.iter().filter(made).collect();
        match made.is_empty() {
            true => profile.actor(&profile.default_actor).into_iter().collect(),
            false => made,
        }
    }

    fn atoms(&self, actor: &Actor) -> Result<Atoms, Failure> {
        let settings = Settings {
            actors: vec![actor.name.clone()],
            ..self.settings.clone()
        };
        let mut atoms =
            atoms(self.order.profile, &settings, self.order.catalog).map_err(Failure::Settings)?;
        atoms.list.retain(|it| !trust::decides(&it.action));
        Ok(atoms)
    }

    fn identity_policies(
        &self,
        prefix: &str,
        actor: &Actor,
        atoms: &Atoms,
    ) -> Result<Vec<Policy>, Failure> {
        let tags = self.tag_names()?;
        let making = Making {
            profile: self.order.profile,
            atoms: &atoms.list,
            tags: &tags,
            catalog: self.order.catalog,
        };
        let packed = making.pack(self.order.split, self.limit);
        if packed.len() > MOST_ATTACHED {
            return Err(Failure::Limit {
                what: format!(
                    "`{}` needs {} managed policies, and a user or role takes {MOST_ATTACHED}",
                    actor.name,
                    packed.len()
                ),
                help: "leave `--split` out, or switch features off".to_owned(),
            });
        }
        let mut policies = Vec::new();
        for part in packed {
            let name = match part.topic.as_str() {
                "" => prefix.to_owned(),
                topic => format!("{prefix}-{topic}"),
            };
            let size = super::size(&part.statements);
            if size > self.limit {
                return Err(too_large(&name, size, self.limit));
            }
            policies.push(self.policy(
                name,
                PolicyUse::Identity,
                format!("What {} needs", actor.title),
                part.statements,
            )?);
        }
        Ok(policies)
    }

    /// Returns a permissions boundary, its actions taken together as far as it has to be to fit;
    /// none where the customer has one of its own.
    fn boundary(
        &self,
        boundary: &BoundaryPolicy,
        used_as: PolicyUse,
        deny: Option<Sentence>,
        widen: impl Fn(Together) -> Vec<Atom>,
    ) -> Result<Option<Policy>, Failure> {
        let profile = self.order.profile;
        let arn = profile
            .generated_boundary(boundary, self.settings)
            .map_err(Failure::Settings)?;
        let Some(arn) = arn else {
            return Ok(None);
        };
        let tags = self.tag_names()?;
        let name = last_segment(&arn).to_owned();
        let description = match used_as {
            PolicyUse::WorkloadBoundary => "The most that roles made by the vendor can do",
            _ => "The most that the vendor's access can do, whatever is attached to it",
        };
        let mut size = 0;
        for together in Together::ALL {
            let atoms = widen(together);
            let making = Making {
                profile,
                atoms: &atoms,
                tags: &tags,
                catalog: self.order.catalog,
            };
            let mut statements = making.together();
            statements.extend(deny.clone());
            size = super::size(&statements);
            if size <= self.limit {
                let policy = self.policy(name, used_as, description.to_owned(), statements)?;
                return Ok(Some(policy));
            }
        }
        Err(too_large(&name, size, self.limit))
    }

    fn policy(
        &self,
        name: String,
        used_as: PolicyUse,
        description: String,
        statements: Vec<Sentence>,
    ) -> Result<Policy, Failure> {
        let path = self.path()?;
        let (partition, account) = (self.value("partition"), self.value("account"));
        let partition = partition.unwrap_or_else(|| "aws".to_owned());
        let account = account.unwrap_or_default();
        Ok(Policy {
            arn: format!("arn:{partition}:iam::{account}:policy{path}{name}"),
            name,
            path,
            used_as,
            description,
            tags: Vec::new(),
            statements,
        })
    }

    fn entity(
        &self,
        actor: &Actor,
        policies: &[Policy],
        trusts: &Trusts<'_>,
    ) -> Result<Entity, Failure> {
        let profile = self.order.profile;
        let fill = |it| profile.fill(it, self.settings).map_err(Failure::Settings);
        let object = actor.object.as_ref().and_then(|it| profile.object(it));
        let arn = match object {
            Some(object) => fill(&object.arn)?,
            None => fill(&actor.principal)?,
        };
        let name = last_segment(&arn).to_owned();
        let resource = Arn::parse(&arn).map_or("", |it| it.resource);
        let path = resource
            .find('/')
            .map_or("/", |at| &resource[at..resource.len() - name.len()])
            .to_owned();
        let mut tags = match object.map(|it| it.owner) {
            Some(Owner::Ours) | None => self.tags()?,
            Some(_) => Vec::new(),
        };
        for (key, value) in object.iter().flat_map(|it| &it.tags) {
            let (key, value) = (fill(key)?, fill(value)?);
            tags.retain(|(known, _)| *known != key);
            tags.push((key, value));
        }
        let kind = match actor.kind {
            ActorKind::User => EntityKind::User,
            _ => EntityKind::Role,
        };
        let generation = profile.generation.as_ref();
        let boundary = match actor.made_by {
            Some(MadeBy::Vendor) => generation.and_then(|it| it.workload_boundary.as_ref()),
            _ => generation.map(|it| &it.boundary),
        };
        let boundary = boundary
            .and_then(|it| self.value(&it.variable))
            .filter(|it| !it.is_empty());
        let trust = match kind {
            EntityKind::User => Vec::new(),
            EntityKind::Role => trusts.of(&arn).map_err(Failure::Settings)?,
        };
        let mut attached: Vec<String> = policies.iter().map(|it| it.arn.clone()).collect();
        for arn in &actor.attached {
            attached.push(fill(arn)?);
        }
        Ok(Entity {
            kind,
            actor: actor.name.clone(),
            name,
            path,
            arn,
            description: actor.title.clone(),
            trust,
            attached,
            policies: Vec::new(),
            boundary,
            tags,
        })
    }

    fn name(&self) -> Result<String, Failure> {
        let profile = self.order.profile;
        match &profile.generation {
            Some(generation) => profile
                .fill(&generation.name, self.settings)
                .map_err(Failure::Settings),
            None => Ok(profile.name.replace(['/', '.'], "-")),
        }
    }

    fn path(&self) -> Result<String, Failure> {
        let profile = self.order.profile;
        match &profile.generation {
            Some(generation) => profile
                .fill(&generation.path, self.settings)
                .map_err(Failure::Settings),
            None => Ok("/".to_owned()),
        }
    }

    fn tags(&self) -> Result<Vec<(String, String)>, Failure> {
        let profile = self.order.profile;
        let fill = |it| profile.fill(it, self.settings).map_err(Failure::Settings);
        let tags = profile.tags.iter();
        tags.map(|(key, value)| Ok((fill(key)?, fill(value)?)))
            .collect()
    }

    fn tag_names(&self) -> Result<Vec<String>, Failure> {
        Ok(self.tags()?.into_iter().map(|(key, _)| key).collect())
    }

    fn value(&self, variable: &str) -> Option<String> {
        self.values(variable).into_iter().next()
    }

    fn values(&self, variable: &str) -> Vec<String> {
        let given = self.settings.variables.get(variable);
        let default = || self.order.profile.variable(variable)?.default.as_ref();
        given.or_else(default).cloned().unwrap_or_default()
    }
}

fn too_large(name: &str, size: usize, limit: usize) -> Failure {
    Failure::Limit {
        what: format!("the policy `{name}` has {size} characters, and AWS takes {limit}"),
        help: "switch features off, or name fewer regions: a boundary cannot be split".to_owned(),
    }
}
