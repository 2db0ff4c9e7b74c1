//! What AWS defines: services, actions, resource types, condition keys, partitions, principals.
//!
//! One catalog is built into the binary; `cli` may load a newer one from the user's cache. A
//! service is read on first use, so opening a catalog costs well below a millisecond. Every lookup
//! ignores letter case, as AWS does, and allocates nothing.
//!
//! Nothing here knows policies, reads files or asks AWS. A name that is not in the catalog may be
//! newer than the catalog: callers say so with [`Info::date`].

mod action;
mod condition_key;
mod embed;
mod hash;
mod head;
pub mod import;
mod name_index;
mod partition;
mod resource_type;
mod service;
mod service_principal;
mod similar;
mod text;

pub(crate) use hash::hash_bytes;

pub use action::{AccessLevel, AccessLevels, Action, ActionResource};
pub(crate) use condition_key::hole_start;
pub use condition_key::{ConditionKey, GlobalName, KeyType, Presence, names_key};
pub use head::{Counts, DataSource, Override};
pub use partition::Partition;
pub use resource_type::ResourceType;
pub use service::Service;

use std::ops::Range;
use std::sync::{Arc, LazyLock, OnceLock};

use head::Head;
use name_index::NameIndex;

/// A list of names; equal lists share their memory.
pub type Names = Arc<[Arc<str>]>;

/// Everything AWS defines, as known on one date.
#[derive(Debug)]
pub struct Catalog {
    info: Info,
    head: Head,
    text: Text,
    prefixes: Vec<Box<str>>,
    index: NameIndex,
    services: Box<[OnceLock<Option<Service>>]>,
}

/// Where the text of the services is.
#[derive(Debug)]
enum Text {
    Builtin,
    Owned {
        text: String,
        head: Range<usize>,
        services: Vec<Range<usize>>,
    },
}

/// What a catalog holds and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The date of the data: `2026-09-26`.
    pub date: String,
    /// Twelve hex digits that name this text.
    pub hash: String,
    /// Whether it is the one in the binary.
    pub builtin: bool,
    /// Counts of the services' parts.
    pub counts: Counts,
    /// Global condition keys.
    pub global_keys: usize,
    /// Services that support resource control policies.
    pub rcp_services: usize,
    /// Partitions.
    pub partitions: usize,
    /// Regions of all partitions.
    pub regions: usize,
    /// Service principals.
    pub service_principals: usize,
    /// Where the facts come from, with their licences.
    pub sources: Vec<DataSource>,
}

/// Why a text is not a catalog.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// The text is no catalog, or one of another version of rolecall.
    #[error("not a catalog in the format of this version of rolecall")]
    Format,
    /// The text changed after it was written, or was cut off.
    #[error("the catalog is damaged: its text has the hash {found}, its last line says {expected}")]
    Damaged {
        /// The hash that the last line states.
        expected: String,
        /// The hash of the text.
        found: String,
    },
    /// A line does not follow the format.
    #[error("line {line} of the catalog: {message}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong.
        message: &'static str,
    },
}

impl Catalog {
    /// Returns the catalog in the binary.
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Catalog> = LazyLock::new(Catalog::open_builtin);
        &BUILTIN
    }

    /// Opens the catalog in the binary anew: for benches; everyone else shares
    /// [`Catalog::builtin`].
    #[doc(hidden)]
    #[must_use]
    pub fn open_builtin() -> Self {
        // INVARIANT: a test reads the head that the build script packed.
        let head = Head::parse(&embed::head()).unwrap_or_default();
        let prefixes = embed::prefixes().map(Box::from).collect();
        Self::new(head, prefixes, Text::Builtin, embed::hash().into())
    }

    /// Reads a catalog that [`Catalog::to_text`] or an import wrote.
    ///
    /// # Errors
    ///
    /// The text is not a catalog of this format, or was changed after it was written.
    pub fn from_text(text: String) -> Result<Self, CatalogError> {
        if !text.starts_with("section header\n") {
            return Err(CatalogError::Format);
        }
        let end = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
        let Some(expected) = text[end..].trim_end().strip_prefix("hash ") else {
            return Err(CatalogError::Damaged {
                expected: "nothing".into(),
                found: hash::hash_digits(text.as_bytes()),
            });
        };
        let found = hash::hash_digits(&text.as_bytes()[..end]);
        if expected != found {
            return Err(CatalogError::Damaged {
                expected: expected.into(),
                found,
            });
        }
        let starts = service_starts(&text[..end]);
        let head_end = starts.first().copied().unwrap_or(end);
        let head = Head::parse(&text[..head_end]).map_err(|error| match error.line {
            1 => CatalogError::Format,
            line => CatalogError::Line {
                line,
                message: error.message,
            },
        })?;
        let ends = starts.iter().skip(1).copied().chain([end]);
        let services: Vec<_> = starts
            .iter()
            .copied()
            .zip(ends)
            .map(|(a, b)| a..b)
            .collect();
        let prefixes = services
            .iter()
            .map(|range| text[range.start + "service ".len()..range.end].split([' ', '\n']))
            .map(|mut words| words.next().unwrap_or_default().into())
            .collect();
        let text = Text::Owned {
            text,
            head: 0..head_end,
            services,
        };
        Ok(Self::new(head, prefixes, text, found))
    }

    fn new(head: Head, prefixes: Vec<Box<str>>, text: Text, hash: String) -> Self {
        let info = Info {
            date: head.date.to_string(),
            hash,
            builtin: matches!(text, Text::Builtin),
            counts: head.counts,
            global_keys: head.global_keys.len(),
            rcp_services: head.rcp_services.len(),
            partitions: head.partitions.len(),
            regions: head.partitions.iter().map(|it| it.regions.len()).sum(),
            service_principals: head.principals.len(),
            sources: head.sources.clone(),
        };
        Self {
            info,
            head,
            text,
            index: NameIndex::new(prefixes.iter().map(|prefix| &**prefix)),
            services: prefixes.iter().map(|_| OnceLock::new()).collect(),
            prefixes,
        }
    }

    /// Returns date, hash, counts and sources.
    #[must_use]
    pub const fn info(&self) -> &Info {
        &self.info
    }

    /// Returns how many bytes the built-in catalog takes in the binary.
    #[must_use]
    pub const fn embedded_size() -> usize {
        embed::size()
    }

    /// Returns the whole text, as [`Catalog::from_text`] reads it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = self.head_text();
        for at in 0..self.prefixes.len() {
            text += &self.service_text(at);
        }
        import::sealed(text)
    }

    pub(crate) fn head_text(&self) -> String {
        match &self.text {
            Text::Builtin => embed::head(),
            Text::Owned { text, head, .. } => text[head.clone()].to_owned(),
        }
    }

    fn service_text(&self, at: usize) -> String {
        match &self.text {
            Text::Builtin => embed::service(at),
            Text::Owned { text, services, .. } => text[services[at].clone()].to_owned(),
        }
    }

    /// Returns the prefixes of all services, sorted.
    pub fn service_prefixes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.prefixes.iter().map(|prefix| &**prefix)
    }

    /// Returns all services, reading each that was not read yet.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        (0..self.prefixes.len()).filter_map(|at| self.service_at(at))
    }

    /// Returns the service with this prefix.
    #[must_use]
    pub fn service(&self, prefix: &str) -> Option<&Service> {
        self.service_at(self.index.find(prefix, |at| &self.prefixes[at])?)
    }

    /// Returns whether there is a service with this prefix, without reading it.
    #[must_use]
    pub fn has_service(&self, prefix: &str) -> bool {
        self.index.find(prefix, |at| &self.prefixes[at]).is_some()
    }

    fn service_at(&self, at: usize) -> Option<&Service> {
        // INVARIANT: the text is the built-in one, which tests read, or its hash shows that it is
        // what `write_service` wrote. A service that cannot be read is a bug, and then unknown.
        let read = || text::parse_service(&self.service_text(at), &self.head.overrides).ok();
        self.services.get(at)?.get_or_init(read).as_ref()
    }

    /// Returns an action: `action("ec2", "RunInstances")`.
    #[must_use]
    pub fn action(&self, service: &str, name: &str) -> Option<&Action> {
        self.service(service)?.action(name)
    }

    /// Returns the condition key that this names: a global key, or one that a service lists.
    /// `aws:ResourceTag/Vendor` finds `aws:ResourceTag/${TagKey}`.
    ///
    /// Keys of OIDC providers (`PROVIDER:sub`, `PROVIDER:aud`) are in AWS's reference for a few
    /// providers only: where the prefix is a host name, none found means nothing.
    #[must_use]
    pub fn condition_key(&self, key: &str) -> Option<&ConditionKey> {
        let global = &self.head.global_keys;
        if let Some(at) = self.head.global_index.find(key, |at| &global[at].name) {
            return global.get(at);
        }
        let (prefix, _) = key.split_once(':')?;
        if prefix.eq_ignore_ascii_case("aws") {
            let mut templates = self.head.global_templates.iter().map(|at| &global[*at]);
            return templates.find(|it| it.matches(key));
        }
        let own = self
            .service(prefix)
            .and_then(|service| service.condition_key(key));
        own.or_else(|| {
            let mut homes = self.head.key_homes.iter();
            let (_, services) =
                homes.find(|(home, _)| condition_key::template_matches(home, prefix))?;
            services
                .iter()
                .find_map(|service| self.service(service)?.condition_key(key))
        })
    }

    /// Returns whether some service lists keys with this prefix, which is not its own: `saml`,
    /// `token.actions.githubusercontent.com`.
    #[must_use]
    pub fn is_key_home(&self, prefix: &str) -> bool {
        let mut homes = self.head.key_homes.iter();
        homes.any(|(home, _)| condition_key::template_matches(home, prefix))
    }

    /// Returns the global condition keys as lookups need them.
    #[must_use]
    pub fn global_names(&self) -> Arc<[GlobalName]> {
        Arc::clone(&self.head.global_names)
    }

    /// Returns the names of the global keys that are lists, in lower case.
    #[must_use]
    pub fn multivalued_global_keys(&self) -> Arc<[Arc<str>]> {
        Arc::clone(&self.head.multivalued)
    }

    /// Returns the global condition keys with their names in lower case.
    pub fn folded_global_keys(&self) -> impl Iterator<Item = (&ConditionKey, &Arc<str>)> {
        let names = self.head.global_names.iter().map(|name| &name.folded);
        self.head.global_keys.iter().zip(names)
    }

    /// Returns the global condition keys, in the order of AWS's page.
    #[must_use]
    pub fn global_keys(&self) -> &[ConditionKey] {
        &self.head.global_keys
    }

    /// Returns whether resource control policies apply to the service's actions.
    #[must_use]
    pub fn supports_rcp(&self, service: &str) -> bool {
        self.head
            .rcp_services
            .iter()
            .any(|it| it.eq_ignore_ascii_case(service))
    }

    /// Returns the services that support resource control policies.
    pub fn rcp_services(&self) -> impl ExactSizeIterator<Item = &str> {
        self.head.rcp_services.iter().map(|it| &**it)
    }

    /// Returns the facts that the catalog adds to AWS's reference, with their evidence.
    #[must_use]
    pub fn overrides(&self) -> &[Override] {
        &self.head.overrides
    }

    /// Returns the partitions, `aws` first.
    #[must_use]
    pub fn partitions(&self) -> &[Partition] {
        &self.head.partitions
    }

    /// Returns the partition with this name; ARNs are compared with letter case.
    #[must_use]
    pub fn partition(&self, name: &str) -> Option<&Partition> {
        self.head.partitions.iter().find(|it| &*it.name == name)
    }

    /// Returns every region of every partition.
    pub fn regions(&self) -> impl Iterator<Item = &str> {
        self.head
            .partitions
            .iter()
            .flat_map(|it| &it.regions)
            .map(|region| &**region)
    }

    /// Returns whether this is a region.
    #[must_use]
    pub fn is_region(&self, name: &str) -> bool {
        self.partition_of_region(name).is_some()
    }

    /// Returns the partition of a region.
    #[must_use]
    pub fn partition_of_region(&self, region: &str) -> Option<&Partition> {
        let mut partitions = self.head.partitions.iter();
        partitions.find(|it| it.regions.iter().any(|name| &**name == region))
    }
}

/// Returns where the services start. Line by line, for searching the whole text for a line is
/// several times slower.
fn service_starts(text: &str) -> Vec<usize> {
    let mut at = 0;
    let mut starts = Vec::new();
    for line in text.split_inclusive('\n') {
        if line.starts_with("service ") {
            starts.push(at);
        }
        at += line.len();
    }
    starts
}
