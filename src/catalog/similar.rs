//! "Did you mean": names that differ from a misspelt one in few letters.

use super::Catalog;

/// At most this many suggestions: more help nobody.
const MOST: usize = 3;

impl Catalog {
    /// Returns service prefixes that look like this one, best first.
    #[must_use]
    pub fn similar_services(&self, prefix: &str) -> Vec<String> {
        closest(prefix, self.service_prefixes())
    }

    /// Returns names of the service's actions that look like this one, best first.
    #[must_use]
    pub fn similar_actions(&self, service: &str, name: &str) -> Vec<String> {
        let Some(service) = self.service(service) else {
            return Vec::new();
        };
        closest(name, service.actions().iter().map(|action| &*action.name))
    }

    /// Returns condition keys that look like this one, best first: global ones, and those of the
    /// service in the key's prefix.
    #[must_use]
    pub fn similar_condition_keys(&self, key: &str) -> Vec<String> {
        let prefix = key.split_once(':').map_or("", |(prefix, _)| prefix);
        let own = self
            .service(prefix)
            .map_or(&[][..], super::Service::condition_keys);
        let own = own.iter().filter(|it| !it.name.starts_with("aws:"));
        closest(
            key,
            self.global_keys().iter().chain(own).map(|key| &*key.name),
        )
    }
}

/// Returns the candidates within a third of the name's length, best first.
pub(super) fn closest<'n>(name: &str, candidates: impl Iterator<Item = &'n str>) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    let most = (name.chars().count() / 3).clamp(1, 4);
    let mut found: Vec<(usize, &str)> = candidates
        .filter(|it| it.len().abs_diff(name.len()) <= most)
        .map(|it| (strsim::osa_distance(&name, &it.to_ascii_lowercase()), it))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
        .into_iter()
        .take(MOST)
        .map(|(_, it)| it.to_owned())
        .collect()
}
