//! Looks for the clusters that a vendor's credential keeps alive: who loses the credential can take
//! them down no more.

use crate::aws::{CallError, Cluster, Connection};
use crate::cli::judged::{setting_errors, settings};
use crate::cli::profiles::{LoadedProfile, load_profile};
use crate::store::Credential;

/// What was found in an account.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// The vendor's clusters, with their regions.
    pub(super) own: Vec<(String, Cluster)>,
    /// How many clusters are somebody else's.
    pub(super) others: usize,
    /// What could not be looked at, and why: there may be clusters.
    pub(super) unread: Vec<String>,
}

impl Looked {
    /// Returns one that says why nothing was looked at.
    pub(super) fn blind(why: impl Into<String>) -> Self {
        Self {
            unread: vec![why.into()],
            ..Self::default()
        }
    }

    /// Returns each cluster in a line.
    pub(super) fn lines(&self) -> Vec<String> {
        let one = |(region, cluster): &(String, Cluster)| format!("- {} in {region}", cluster.arn);
        self.own.iter().map(one).collect()
    }
}

/// What the credential's profile says about its clusters.
#[derive(Debug)]
pub(super) struct Sought {
    /// The tags that the vendor puts on what it makes; none: every cluster may be its own.
    tags: Vec<(String, String)>,
    /// The regions in which it works.
    regions: Vec<String>,
}

/// Reads the profile of a credential.
pub(super) fn sought(credential: &Credential) -> Result<Sought, String> {
    let mut sought = Sought {
        tags: Vec::new(),
        regions: credential.region.iter().cloned().collect(),
    };
    let Some(name) = &credential.profile else {
        return Ok(sought);
    };
    let LoadedProfile { profile, .. } = load_profile(name).map_err(|it| it.to_string())?;
    let kept = &credential.settings;
    let settings = settings(&kept.variables, &kept.features, &profile)?;
    let fill = |template| {
        let filled = profile.fill(template, &settings);
        filled.map_err(|errors| setting_errors(&errors))
    };
    for (key, value) in &profile.tags {
        sought.tags.push((fill(key)?, fill(value)?));
    }
    let inputs = profile.inputs(&settings);
    let inputs = inputs.map_err(|errors| setting_errors(&errors))?;
    let regions = inputs.iter().filter(|(it, _)| it.name == "region");
    sought
        .regions
        .extend(regions.flat_map(|(_, values)| values.iter().cloned()));
    sought.regions.sort();
    sought.regions.dedup();
    Ok(sought)
}

impl Sought {
    /// Looks into every enabled region. Where those cannot be asked for, the profile's are looked
    /// into, and the others stay unread.
    pub(super) fn look(&self, connection: &Connection) -> Looked {
        let mut looked = Looked::default();
        let regions = match connection.regions() {
            Ok(regions) => regions,
            Err(error) => {
                looked
                    .unread
                    .push(format!("which regions are enabled: {}", short(&error)));
                self.regions.clone()
            }
        };
        for region in regions {
            match connection.clusters(&region) {
                Ok(found) => {
                    for cluster in found {
                        match self.is_own(&cluster) {
                            true => looked.own.push((region.clone(), cluster)),
                            false => looked.others += 1,
                        }
                    }
                }
                Err(error) => looked
                    .unread
                    .push(format!("the clusters of {region}: {}", short(&error))),
            }
        }
        looked
    }

    fn is_own(&self, cluster: &Cluster) -> bool {
        self.tags.iter().all(|tag| cluster.tags.contains(tag))
    }
}

fn short(error: &CallError) -> String {
    match error.code.as_str() {
        "" => format!("{} was not answered", error.operation),
        code => format!("{} failed with {code}", error.operation),
    }
}
