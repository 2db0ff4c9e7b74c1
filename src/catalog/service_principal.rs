//! Service principals: names such as `ec2.amazonaws.com`, also with a region or another partition's
//! suffix.
//!
//! The list is not complete, and AWS publishes none that is: an unlisted name is worth a warning,
//! never an error.

use super::Catalog;

impl Catalog {
    /// Returns the service principals in the list.
    pub fn service_principals(&self) -> impl ExactSizeIterator<Item = &str> {
        self.head.principals.iter().map(|name| &**name)
    }

    /// Returns whether this is a listed service principal, or its regional form
    /// (`logs.us-east-1.amazonaws.com`), or its form in another partition
    /// (`ec2.amazonaws.com.cn`); IAM User Guide, "AWS JSON policy elements: Principal", section
    /// "AWS service principals".
    #[must_use]
    pub fn is_service_principal(&self, name: &str) -> bool {
        let listed = |name: &str| {
            let principals = &self.head.principals;
            self.head
                .principal_index
                .find(name, |at| &principals[at])
                .is_some()
        };
        if listed(name) {
            return true;
        }
        let suffix = self.head.partitions.iter().map(|it| &*it.dns_suffix);
        // The longest suffix first: `amazonaws.com.cn` does not end in `amazonaws.com`, but the
        // suffixes of isolated partitions end in each other.
        let suffix = suffix.filter(|suffix| {
            name.strip_suffix(suffix)
                .is_some_and(|rest| rest.ends_with('.'))
        });
        let Some(suffix) = suffix.max_by_key(|suffix| suffix.len()) else {
            return false;
        };
        let service = &name[..name.len() - suffix.len() - 1];
        if listed(&format!("{service}.amazonaws.com")) {
            return true;
        }
        service
            .rsplit_once('.')
            .filter(|(_, region)| self.is_region(region))
            .is_some_and(|(service, _)| listed(&format!("{service}.amazonaws.com")))
    }

    /// Returns listed service principals that look like this name, best first.
    #[must_use]
    pub fn similar_service_principals(&self, name: &str) -> Vec<String> {
        super::similar::closest(name, self.service_principals())
    }
}
