//! Which policies decide a call: the given ones, with what is taken for granted said aloud.

use std::collections::BTreeSet;

use super::Input;
use crate::analyze::FACTS;
use crate::arn::Arn;
use crate::evaluate::{Policies, Principal};
use crate::policy::{Document, Kind, written};
use crate::profile::{Call, CallResource, KeyPolicy};

/// The policies of a run in every combination that some call needs.
#[derive(Debug)]
pub(super) struct Stack<'a> {
    input: &'a Input<'a>,
    variants: Vec<(Variant, Policies)>,
    pub(super) assumptions: BTreeSet<String>,
}

/// Which policy of the resource takes part, and whose own policies.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Variant {
    /// No resource policy.
    Plain,
    /// The given policy of this index.
    Given(usize),
    /// The default key policy of an account.
    DefaultKey { partition: String, account: String },
    /// The trust policy, for a caller of the same account.
    Trust,
    /// The trust policy, for a caller whose own account is not the customer's.
    TrustFromElsewhere,
}

impl<'a> Stack<'a> {
    pub(super) const fn new(input: &'a Input<'a>) -> Self {
        Self {
            input,
            variants: Vec::new(),
            assumptions: BTreeSet::new(),
        }
    }

    /// Says what a verdict rests on that holds only of requests as AWS documents them.
    pub(super) fn rests_on_facts(&mut self) {
        let facts = FACTS.iter().map(|(_, fact)| (*fact).to_owned());
        self.assumptions.extend(facts);
    }

    /// Returns the policies behind an index that [`Stack::select`] gave.
    pub(super) fn get(&self, index: usize) -> &Policies {
        &self.variants[index].1
    }

    /// Whether the policies behind an index are not those of the caller.
    pub(super) fn is_of_elsewhere(&self, index: usize) -> bool {
        self.variants[index].0 == Variant::TrustFromElsewhere
    }

    /// Returns which policies decide a call on one of its resources.
    pub(super) fn select(
        &mut self,
        call: &Call,
        resource: Option<&CallResource>,
        principal: &Principal,
    ) -> usize {
        let variant = self.variant(call, resource, principal);
        if let Some(known) = self.variants.iter().position(|(it, _)| *it == variant) {
            return known;
        }
        let policies = self.build(&variant);
        self.variants.push((variant, policies));
        self.variants.len() - 1
    }

    fn variant(
        &mut self,
        call: &Call,
        resource: Option<&CallResource>,
        principal: &Principal,
    ) -> Variant {
        if is_assume_role(call) {
            return if self.is_elsewhere(principal, resource) {
                self.assumptions.insert(
                    "the vendor's own account lets its role call sts:AssumeRole: only the \
                     customer's side was judged"
                        .into(),
                );
                Variant::TrustFromElsewhere
            } else {
                Variant::Trust
            };
        }
        let service = call.action.split(':').next().unwrap_or_default();
        let given = self
            .input
            .resource_policies
            .iter()
            .position(|it| is_of_service(it, service) && may_be_of(it, resource));
        if let Some(given) = given {
            return Variant::Given(given);
        }
        let default_key = resource.filter(|it| it.key_policy == Some(KeyPolicy::Default));
        let Some((arn, account)) =
            default_key.and_then(|it| Some((Arn::parse(&it.arn)?, it.account.clone()?)))
        else {
            return Variant::Plain;
        };
        self.assumptions.insert(
            "KMS keys that the vendor creates or uses have the default key policy, which leaves \
             the decision to the account's identity policies"
                .into(),
        );
        Variant::DefaultKey {
            partition: arn.partition.to_owned(),
            account,
        }
    }

    fn build(&self, variant: &Variant) -> Policies {
        let own = self.input.policies.clone();
        let resource = match variant {
            Variant::Plain => None,
            Variant::Given(at) => self.input.resource_policies.get(*at).cloned(),
            Variant::DefaultKey { partition, account } => {
                Some(default_key_policy(partition, account))
            }
            Variant::Trust => self.input.trust.cloned(),
            Variant::TrustFromElsewhere => {
                return Policies {
                    identity: vec![everything()],
                    resource: self.input.trust.cloned(),
                    rcps: own.rcps,
                    ..Policies::default()
                };
            }
        };
        Policies { resource, ..own }
    }

    fn is_elsewhere(&self, principal: &Principal, resource: Option<&CallResource>) -> bool {
        let owner = resource.and_then(|it| it.account.as_deref());
        principal
            .account()
            .is_some_and(|caller| Some(caller) != owner)
    }
}

/// Whether a call is decided by a role's trust policy.
pub(super) fn is_assume_role(call: &Call) -> bool {
    matches!(
        call.action.as_str(),
        "sts:AssumeRole"
            | "sts:AssumeRoleWithWebIdentity"
            | "sts:AssumeRoleWithSAML"
            | "sts:TagSession"
            | "sts:SetSourceIdentity"
    )
}

/// Whether a resource policy speaks about this service's actions.
fn is_of_service(document: &Document, service: &str) -> bool {
    let actions = document
        .statements
        .iter()
        .flat_map(|it| &it.action.patterns);
    let mut prefixes = actions.filter_map(|it| it.text.split_once(':').map(|(prefix, _)| prefix));
    prefixes.any(|prefix| prefix.eq_ignore_ascii_case(service))
}

/// Whether a policy is that of the resource, as far as anybody said whose it is.
fn may_be_of(document: &Document, resource: Option<&CallResource>) -> bool {
    let of = |it: &CallResource| document.is_of_resource(&it.arn);
    document.of.is_none() || resource.is_some_and(of)
}

/// AWS Key Management Service Developer Guide, "Default key policy".
fn default_key_policy(partition: &str, account: &str) -> Document {
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "DefaultKeyPolicy",
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:{partition}:iam::{account}:root")},
            "Action": "kms:*",
            "Resource": "*",
        }],
    });
    written(&policy.to_string(), Kind::Resource)
}

fn everything() -> Document {
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    });
    written(&policy.to_string(), Kind::Identity)
}
