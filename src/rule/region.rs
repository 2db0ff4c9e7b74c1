//! Names of Regions and services in the values of conditions.

use super::expand::Memo;
use crate::pattern;
use crate::policy::{Condition, ConditionValue, Test};

/// Keys whose values are Regions, in lower case (Service Authorization Reference, the condition
/// keys tables, and "AWS global condition context keys").
const REGION_KEYS: [&str; 14] = [
    "account:targetregion",
    "aws:requestedregion",
    "cloudformation:targetregion",
    "dsql:witnessregion",
    "ec2:region",
    "ec2:vpceserviceregion",
    "identitystore:primaryregion",
    "kms:primaryregion",
    "kms:replicaregion",
    "s3:destinationregion",
    "secretsmanager:addreplicaregions",
    "secretsmanager:secretprimaryregion",
    "ses:replicaregion",
    "sso:primaryregion",
];

/// Keys whose values are service principals, in lower case (the same, and the IAM User Guide, "IAM
/// and AWS STS condition context keys").
const SERVICE_KEYS: [&str; 12] = [
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "codeconnections:passedtoservice",
    "codestar-connections:passedtoservice",
    "config:configurationrecorderserviceprincipal",
    "iam:awsservicename",
    "iam:passedtoservice",
    "kms:granteeserviceprincipal",
    "organizations:serviceprincipal",
];

impl Condition {
    /// Returns whether the key holds a Region.
    #[must_use]
    pub fn is_about_regions(&self) -> bool {
        REGION_KEYS.contains(&&*self.key) && self.compares_strings()
    }

    /// Returns whether the key holds a service principal.
    #[must_use]
    pub fn is_about_services(&self) -> bool {
        SERVICE_KEYS.contains(&&*self.key) && self.compares_strings()
    }
}

impl Memo {
    /// Returns whether a value under an operator names no Region that the catalog knows; a
    /// wildcard under an operator that takes none is another matter.
    #[must_use]
    pub fn names_no_region(&self, test: Test, value: &ConditionValue) -> bool {
        let text = value.template.text();
        if value.template.has_variables() || text.is_empty() {
            return false;
        }
        if !pattern::has_wildcard(text) {
            return !self.catalog().is_region(&text.to_ascii_lowercase());
        }
        test == Test::StringLike
            && !self
                .catalog()
                .regions()
                .any(|it| pattern::matches(text, it))
    }

    /// Returns the Region that a misspelt one stands for, if one is closer than all others.
    #[must_use]
    pub fn similar_region(&self, text: &str) -> Option<String> {
        let letters = |text: &str| -> String {
            text.chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|it| it.to_ascii_lowercase())
                .collect()
        };
        let wanted = letters(text);
        let mut all: Vec<(usize, &str)> = self
            .catalog()
            .regions()
            .map(|it| (strsim::osa_distance(&letters(it), &wanted), it))
            .collect();
        all.sort_unstable();
        let (best, name) = *all.first()?;
        let next = all.get(1).map_or(usize::MAX, |it| it.0);
        (best <= 1 && next > best).then(|| name.to_owned())
    }

    /// Returns the service principal that a text stands for which is none: one without its
    /// `.amazonaws.com`, or a misspelt one. AWS publishes no complete list, so a name that looks
    /// like none of the known ones passes.
    #[must_use]
    pub fn meant_service(&self, value: &ConditionValue) -> Option<String> {
        let text = value.template.text();
        let catalog = self.catalog();
        let is_open = value.template.has_variables() || pattern::has_wildcard(text);
        if text.is_empty() || is_open || catalog.is_service_principal(text) {
            return None;
        }
        if !text.contains('.') {
            let whole = format!("{}.amazonaws.com", text.to_ascii_lowercase());
            return catalog.is_service_principal(&whole).then_some(whole);
        }
        // A digit more or less is another service: `lexv2`, `securityhubv2`.
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        let mut near = catalog.service_principals().filter(|it| {
            may_be_near(it, text)
                && digits(it) == digits(text)
                && strsim::osa_distance(it, text) == 1
        });
        let (Some(best), None) = (near.next(), near.next()) else {
            return None;
        };
        // Short names differ in few letters from each other: `ecs`, `eks`.
        let is_long = best.len() > "amazonaws.com".len() + 7;
        let is_host = !text.ends_with("amazonaws.com") && best.starts_with(first_label(text));
        (is_long || is_host).then(|| best.to_owned())
    }
}

/// Returns whether two texts may differ in one letter or two neighbours: their equal starts and
/// ends nearly meet. Cheaper than their distance.
fn may_be_near(a: &str, b: &str) -> bool {
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = |(a, b): &(u8, u8)| a == b;
    let start = a.bytes().zip(b.bytes()).take_while(same).count();
    let end = a
        .bytes()
        .rev()
        .zip(b.bytes().rev())
        .take_while(same)
        .count();
    start + end + 2 >= a.len().max(b.len())
}

fn first_label(text: &str) -> &str {
    text.split('.').next().unwrap_or(text)
}
