//! What the texts of all documents say of names and marks: which objects are the vendor's own.
//!
//! Nothing here asks what is allowed.

use std::collections::{BTreeMap, BTreeSet};

use super::Input;
use super::names;
use crate::arn::{Arn, is_account_id};
use crate::evaluate::Principal;
use crate::policy::{Condition, Effect, Statement};

/// Where AWS's documentation places everything that has no account of its own.
const EXAMPLE_ACCOUNT: &str = "111122223333";

/// Tags that together mark an object as the vendor's, each with its values.
pub(super) type Mark = BTreeMap<String, Vec<String>>;

/// Returns the marks without those that ask for more than another.
pub(super) fn marks(found: &BTreeSet<BTreeMap<String, BTreeSet<String>>>) -> Vec<Mark> {
    let asks_less = |one: &BTreeMap<String, BTreeSet<String>>,
                     other: &BTreeMap<String, BTreeSet<String>>| {
        let mut tags = one.iter();
        one != other
            && tags.all(|(tag, values)| other.get(tag).is_some_and(|it| it.is_subset(values)))
    };
    let least = found
        .iter()
        .filter(|mark| !found.iter().any(|other| asks_less(other, mark)));
    let listed = |values: &BTreeSet<String>| values.iter().cloned().collect();
    least
        .map(|mark| {
            mark.iter()
                .map(|(tag, values)| (tag.clone(), listed(values)))
                .collect()
        })
        .collect()
}

/// What the texts of all documents say of names.
#[derive(Default)]
pub(super) struct Texts {
    /// Resource patterns, and ARNs in conditions.
    pub(super) patterns: BTreeSet<String>,
    /// Values of `iam:PermissionsBoundary`.
    pub(super) boundary_values: BTreeSet<String>,
    /// Patterns with a name of their own in which the actor may create objects.
    pub(super) created: BTreeSet<String>,
    /// Tags that Allow statements ask for.
    pub(super) tags: BTreeMap<String, BTreeSet<String>>,
    /// The same, those of one statement together.
    pub(super) marks: BTreeSet<BTreeMap<String, BTreeSet<String>>>,
}

/// Actions that create objects by name; where they are allowed on a name, it is the vendor's.
const CREATES: [&str; 12] = [
    "iam:createrole",
    "iam:createuser",
    "iam:createpolicy",
    "iam:creategroup",
    "iam:createinstanceprofile",
    "eks:createcluster",
    "s3:createbucket",
    "lambda:createfunction",
    "ecr:createrepository",
    "logs:createloggroup",
    "sqs:createqueue",
    "secretsmanager:createsecret",
];

impl Texts {
    pub(super) fn of(input: &Input<'_>) -> Self {
        let mut texts = Self::default();
        let policies = input.policies;
        let identity = policies.identity.iter().map(|it| (it, true));
        let others = policies
            .boundary
            .iter()
            .chain(&policies.session)
            .flatten()
            .chain(policies.scps.iter().flat_map(|level| &level.policies))
            .chain(input.workload_boundaries)
            .map(|it| (it, false));
        for (document, is_identity) in identity.chain(others) {
            for statement in &document.statements {
                texts.read(statement, is_identity);
            }
        }
        texts
    }

    fn read(&mut self, statement: &Statement, is_identity: bool) {
        let resources = statement.resource.iter().flat_map(|it| &it.patterns);
        let resources: Vec<&str> = resources.map(|it| it.template.text()).collect();
        self.patterns
            .extend(resources.iter().map(|it| (*it).to_owned()));
        let mut mark = BTreeMap::new();
        let allows = statement.effect == Effect::Allow && is_identity;
        for condition in &statement.conditions {
            self.read_condition(condition, allows, &mut mark);
        }
        if !mark.is_empty() {
            self.marks.insert(mark);
        }
        let creates = statement.action.patterns.iter().any(|pattern| {
            let named = |action: &&str| pattern.matches(action, action);
            !statement.action.negated && CREATES.iter().any(named)
        });
        let negated = statement.resource.as_ref().is_some_and(|it| it.negated);
        if creates && is_identity && statement.effect == Effect::Allow && !negated {
            let anchored = resources.iter().filter(|it| is_anchored(it));
            self.created.extend(anchored.map(|it| (*it).to_owned()));
        }
    }

    fn read_condition(
        &mut self,
        condition: &Condition,
        allows: bool,
        mark: &mut BTreeMap<String, BTreeSet<String>>,
    ) {
        let values = condition.values.iter().map(|it| it.template.text());
        for value in values.clone().filter(|it| it.starts_with("arn:")) {
            self.patterns.insert(value.to_owned());
            if *condition.key == *"iam:permissionsboundary" {
                self.boundary_values.insert(value.to_owned());
            }
        }
        let positive = condition
            .operator
            .is_some_and(|it| !it.negated && it.test != crate::policy::Test::Null);
        if let Some(key) = tag_key(condition)
            && allows
            && positive
        {
            let plain = values.filter(|it| !it.contains("${") && *it != "*" && !it.is_empty());
            let filled: Vec<String> = plain.map(|it| names::fill(it, "vendor")).collect();
            if !filled.is_empty() {
                let own = mark.entry(key.to_owned()).or_default();
                own.extend(filled.iter().cloned());
                self.tags.entry(key.to_owned()).or_default().extend(filled);
            }
        }
    }

    pub(super) fn partition(&self, input: &Input<'_>) -> String {
        let given = input.principal.and_then(Principal::identity);
        if let Some(identity) = given {
            return identity.partition.to_string();
        }
        let known = ["aws-us-gov", "aws-cn"];
        let mut parsed = self.patterns.iter().filter_map(|it| Arn::parse(it));
        parsed
            .find_map(|arn| known.into_iter().find(|it| *it == arn.partition))
            .unwrap_or("aws")
            .to_owned()
    }

    pub(super) fn account(&self, input: &Input<'_>) -> String {
        if let Some(account) = input.principal.and_then(Principal::account) {
            return account.to_owned();
        }
        let given = input.arns.iter().map(|(_, arn)| arn);
        let mut parsed = given.chain(&self.patterns).filter_map(|it| Arn::parse(it));
        parsed
            .find(|arn| is_account_id(arn.account))
            .map_or(EXAMPLE_ACCOUNT, |arn| arn.account)
            .to_owned()
    }
}

/// The tag key in a condition on a resource's tag, as the policy spells it.
pub(super) fn tag_key(condition: &Condition) -> Option<&str> {
    let (_, key) = condition.key_text.text.split_once('/')?;
    let (start, _) = condition.key.split_once('/')?;
    let name = start.split_once(':').map_or(start, |(_, name)| name);
    matches!(name, "resourcetag" | "requesttag").then_some(key)
}

/// Whether a pattern gives its objects a name of their own: literal text after the type.
fn is_anchored(pattern: &str) -> bool {
    let Some(arn) = Arn::parse(pattern) else {
        return false;
    };
    let literal = arn
        .resource
        .split(['*', '?', '$'])
        .next()
        .unwrap_or_default();
    let has_wildcard = literal.len() < arn.resource.len();
    let name = match arn.service {
        "s3" => literal,
        _ => match literal.split_once(['/', ':']) {
            Some((_, name)) => name,
            None => "",
        },
    };
    has_wildcard
        && name.chars().filter(char::is_ascii_alphanumeric).count() >= 2
        && !name.starts_with("aws-service-role")
}
