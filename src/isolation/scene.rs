//! The account as far as documents show it: the actor, its documents, whose names are whose.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::Input;
use super::names::{self, Cells, Glob};
use super::steps::Named;
use super::texts::{Mark, Texts, marks};
use super::transition::Transitions;
use crate::arn::{Arn, last_segment};
use crate::evaluate::Principal;
use crate::policy::{Document, Effect};

/// Whose an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Owner {
    /// The vendor's, by its name.
    Own,
    /// Somebody else's in the account.
    Foreign,
    /// AWS's: nobody in the account can change it (service-linked roles).
    Reserved,
    /// One that the documents name in full: whoever wrote them chose it.
    Named,
    /// The actor, or a document that the actor's limits rest on.
    Protected,
}

/// One object of IAM that stands for all that no policy tells from it.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) arn: String,
    /// The ARN that a new one of the kind gets.
    pub(super) new: String,
    pub(super) owner: Owner,
}

/// A document of the actor.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// Its ARN; made up where nobody said it.
    pub(super) arn: String,
    pub(super) named: bool,
    pub(super) denies: bool,
}

/// A boundary that principals may have.
#[derive(Clone, Debug)]
pub(super) struct Boundary {
    pub(super) arn: String,
    pub(super) named: bool,
    pub(super) documents: Vec<Document>,
}

/// What documents and flags tell of the account.
pub(super) struct Scene<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) transitions: &'static Transitions,
    pub(super) partition: String,
    pub(super) account: String,
    pub(super) principal: Principal,
    /// The actor's role or user.
    pub(super) actor: String,
    pub(super) actor_named: bool,
    /// The identity documents, in their order.
    pub(super) held: Vec<Held>,
    /// Known boundaries; the actor's own is the first, if it has one.
    pub(super) boundaries: Vec<Boundary>,
    /// Patterns of the vendor's own names.
    pub(super) own: Vec<Glob>,
    /// Tags of the vendor's own objects: the key and its values.
    pub(super) tags: BTreeMap<String, Vec<String>>,
    /// The same as marks: whatever has all tags of one is the vendor's own.
    pub(super) marks: Vec<Mark>,
    pub(super) roles: Vec<Object>,
    pub(super) users: Vec<Object>,
    pub(super) policies: Vec<Object>,
    pub(super) groups: Vec<Object>,
    pub(super) assumptions: BTreeSet<String>,
    /// Whether some names were left out for their number.
    pub(super) incomplete: bool,
    /// What tells names apart, by kind of object.
    globs: BTreeMap<String, Vec<Glob>>,
    /// Which steps the documents of a power name.
    pub(super) named: Rc<RefCell<HashMap<u64, Rc<Named>>>>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(input: &'a Input<'a>, transitions: &'static Transitions) -> Self {
        let texts = Texts::of(input);
        let partition = texts.partition(input);
        let account = texts.account(input);
        let principal = input.principal.cloned().unwrap_or_else(|| {
            let arn = format!("arn:{partition}:sts::{account}:assumed-role/rolecall-actor/session");
            Principal::parse(&arn).unwrap_or(Principal::Anonymous)
        });
        let actor = iam_arn(&principal);
        let mut scene = Self {
            input,
            transitions,
            actor_named: input.principal.is_some(),
            actor,
            principal,
            held: Vec::new(),
            boundaries: Vec::new(),
            own: Vec::new(),
            tags: BTreeMap::new(),
            marks: Vec::new(),
            roles: Vec::new(),
            users: Vec::new(),
            policies: Vec::new(),
            groups: Vec::new(),
            assumptions: BTreeSet::new(),
            incomplete: false,
            globs: BTreeMap::new(),
            named: Rc::default(),
            partition,
            account,
        };
        scene.name_documents(&texts);
        scene.find_own(&texts);
        scene.find_objects(&texts);
        scene
    }

    /// The same account after a change to its documents which adds no name.
    pub(super) fn with<'b>(&self, input: &'b Input<'b>) -> Scene<'b>
    where
        'a: 'b,
    {
        let held = self.held.iter().zip(&input.policies.identity);
        let mut workload = input.workload_boundaries.iter();
        let boundaries = self.boundaries.iter().enumerate().map(|(at, boundary)| {
            let own = input.policies.boundary.as_ref().filter(|_| at == 0);
            let documents = match own {
                Some(documents) => documents.clone(),
                None => workload.next().cloned().into_iter().collect(),
            };
            Boundary {
                documents,
                ..boundary.clone()
            }
        });
        Scene {
            input,
            transitions: self.transitions,
            partition: self.partition.clone(),
            account: self.account.clone(),
            principal: self.principal.clone(),
            actor: self.actor.clone(),
            actor_named: self.actor_named,
            held: held
                .map(|(held, document)| Held {
                    denies: has_deny(document),
                    ..held.clone()
                })
                .collect(),
            boundaries: boundaries.collect(),
            own: self.own.clone(),
            tags: self.tags.clone(),
            marks: self.marks.clone(),
            roles: self.roles.clone(),
            users: self.users.clone(),
            policies: self.policies.clone(),
            groups: self.groups.clone(),
            assumptions: self.assumptions.clone(),
            incomplete: self.incomplete,
            globs: self.globs.clone(),
            // A change takes away, so it names no more.
            named: Rc::clone(&self.named),
        }
    }

    fn arn_of(&self, document: &Document) -> Option<String> {
        let mut arns = self.input.arns.iter();
        arns.find(|(file, _)| Some(*file) == document.file)
            .map(|(_, arn)| arn.clone())
    }

    fn name_documents(&mut self, texts: &Texts) {
        for (at, document) in self.input.policies.identity.iter().enumerate() {
            let arn = self.arn_of(document);
            self.held.push(Held {
                named: arn.is_some(),
                arn: arn.unwrap_or_else(|| self.policy_arn(&format!("rolecall-actor-{}", at + 1))),
                denies: has_deny(document),
            });
        }
        if let Some(documents) = &self.input.policies.boundary {
            let given = documents.iter().find_map(|it| self.arn_of(it));
            let boundary = self.boundary(given, documents.clone(), "rolecall-boundary", texts);
            self.boundaries.push(boundary);
        }
        for (at, document) in self.input.workload_boundaries.iter().enumerate() {
            let given = self.arn_of(document);
            let name = format!("rolecall-workload-boundary-{}", at + 1);
            let boundary = self.boundary(given, vec![document.clone()], &name, texts);
            self.boundaries.push(boundary);
        }
    }

    /// A boundary with its ARN: given, or the only one that conditions speak of and no other
    /// boundary has.
    fn boundary(
        &mut self,
        given: Option<String>,
        documents: Vec<Document>,
        made_up: &str,
        texts: &Texts,
    ) -> Boundary {
        let mut inferred = texts.boundary_values.iter();
        let inferred = match (inferred.next(), inferred.next()) {
            (Some(only), None) => Some(names::fill(&self.localized(only), "boundary")),
            _ => None,
        };
        let taken = |arn: &String| self.boundaries.iter().any(|it| it.arn == *arn);
        let inferred = inferred.filter(|arn| given.is_none() && !taken(arn));
        if let Some(arn) = &inferred {
            self.assumptions.insert(format!(
                "the boundary's ARN is `{arn}`, the one that conditions on iam:PermissionsBoundary name"
            ));
        }
        let arn = given.or(inferred);
        Boundary {
            named: arn.is_some(),
            arn: arn.unwrap_or_else(|| self.policy_arn(made_up)),
            documents,
        }
    }

    pub(super) fn policy_arn(&self, name: &str) -> String {
        format!("arn:{}:iam::{}:policy/{name}", self.partition, self.account)
    }

    /// A pattern with this account and partition where it leaves them open.
    pub(super) fn localized(&self, pattern: &str) -> String {
        let parts: Vec<&str> = pattern.splitn(6, ':').collect();
        let [arn, partition, service, region, account, rest] = parts.as_slice() else {
            return pattern.to_owned();
        };
        let open = |text: &str| text.contains(['*', '$']);
        let partition = if open(partition) {
            &self.partition
        } else {
            *partition
        };
        let account = if open(account) {
            &self.account
        } else {
            *account
        };
        [arn, partition, service, region, account, rest].join(":")
    }

    fn find_own(&mut self, texts: &Texts) {
        self.own
            .extend(self.input.own.iter().map(|it| Glob::new(it)));
        for prefix in self.input.path_prefixes {
            self.own
                .extend(own_patterns(prefix).iter().map(|it| Glob::new(it)));
        }
        for (key, value) in self.input.tags {
            self.tags
                .entry(key.clone())
                .or_default()
                .push(value.clone());
        }
        if !self.tags.is_empty() {
            self.marks = vec![self.tags.clone()];
        }
        if self.input.path_prefixes.is_empty() && !texts.created.is_empty() {
            self.own = texts.created.iter().map(|it| Glob::new(it)).collect();
            let list: Vec<String> = texts.created.iter().map(|it| format!("`{it}`")).collect();
            self.assumptions.insert(format!(
                "objects of these names are the vendor's own, because it may create them and nobody \
                 else does: {} (`--path-prefix` says otherwise)",
                list.join(", ")
            ));
        }
        if self.input.tags.is_empty() {
            for (key, values) in &texts.tags {
                self.tags
                    .insert(key.clone(), values.iter().cloned().collect());
            }
            self.marks = marks(&texts.marks);
            if !self.tags.is_empty() {
                let list: Vec<String> = self
                    .tags
                    .iter()
                    .map(|(key, values)| format!("`{key}={}`", values.join("|")))
                    .collect();
                self.assumptions.insert(format!(
                    "the vendor's own objects have these tags, which its documents ask for: {} \
                     (`--tag` says otherwise)",
                    list.join(", ")
                ));
            }
        }
    }

    pub(super) fn is_own(&self, arn: &str) -> bool {
        self.own.iter().any(|glob| glob.matches(arn))
    }

    /// Another ARN that no pattern tells from this one; the same where there is none.
    pub(super) fn sibling(&self, arn: &str, word: &str) -> String {
        let kind = Arn::parse(arn).and_then(|it| it.resource.split_once('/'));
        let globs = kind.and_then(|(kind, _)| self.globs.get(kind));
        let same = |other: &String| {
            globs
                .into_iter()
                .flatten()
                .all(|glob| glob.matches(arn) == glob.matches(other))
        };
        let (before, name) = arn.rsplit_once('/').unwrap_or(("", arn));
        let candidates = [format!("{arn}-{word}"), format!("{before}/{word}-{name}")];
        let found = candidates.into_iter().find(same);
        found.unwrap_or_else(|| arn.to_owned())
    }

    fn find_objects(&mut self, texts: &Texts) {
        let protected: Vec<String> = self
            .held
            .iter()
            .map(|it| it.arn.clone())
            .chain(self.boundaries.iter().map(|it| it.arn.clone()))
            .chain([self.actor.clone()])
            .collect();
        self.roles = self.objects("role", "customer-admin", texts, &protected);
        self.users = self.objects("user", "customer-admin", texts, &protected);
        self.policies = self.objects("policy", "customer-policy", texts, &protected);
        self.groups = self.objects("group", "customer-admins", texts, &protected);
    }

    fn objects(
        &mut self,
        kind: &str,
        word: &str,
        texts: &Texts,
        protected: &[String],
    ) -> Vec<Object> {
        let base = format!("arn:{}:iam::{}:{kind}/", self.partition, self.account);
        let reserved = [
            format!("{base}aws-service-role/*"),
            format!("{base}aws-reserved/*"),
        ];
        let own: Vec<&str> = self.own.iter().map(|it| it.text.as_str()).collect();
        let all = texts
            .patterns
            .iter()
            .map(String::as_str)
            .chain(own)
            .chain(reserved.iter().map(String::as_str))
            .chain(protected.iter().map(String::as_str))
            .chain(self.input.principals.iter().map(String::as_str));
        let mut seen = BTreeSet::new();
        let globs: Vec<Glob> = all
            .filter(|it| *it != "*" && seen.insert((*it).to_owned()))
            .map(Glob::new)
            // Of patterns for other objects nothing can be seen here.
            .filter(|glob| names::may_begin(glob, &base))
            .collect();
        let Cells { cells, complete } = names::cells(&base, &globs, &[word, "vendor-new"]);
        self.incomplete |= !complete;
        self.globs.insert(kind.to_owned(), globs.clone());
        let mut objects = Vec::new();
        for cell in cells {
            let named = globs
                .iter()
                .zip(&cell.truth)
                .any(|(glob, truth)| *truth && glob.is_literal());
            let owner = if protected.contains(&cell.arn) {
                Owner::Protected
            } else if reserved.iter().any(|it| Glob::new(it).matches(&cell.arn)) {
                Owner::Reserved
            } else if named {
                Owner::Named
            } else if self.is_own(&cell.arn) {
                Owner::Own
            } else {
                Owner::Foreign
            };
            objects.push(Object {
                new: cell.second.unwrap_or_else(|| cell.arn.clone()),
                arn: cell.arn,
                owner,
            });
        }
        objects
    }
}

pub(super) fn has_deny(document: &Document) -> bool {
    document
        .statements
        .iter()
        .any(|it| it.effect == Effect::Deny)
}

/// The role or user behind a caller.
pub(super) fn iam_arn(principal: &Principal) -> String {
    principal
        .principal_arn()
        .unwrap_or_else(|| "arn:aws:iam::111122223333:role/rolecall-actor".to_owned())
}

/// A session of a role, or the user.
pub(super) fn caller_of(arn: &str) -> Principal {
    let parts = Arn::parse(arn);
    let session = parts
        .filter(|it| it.resource.starts_with("role/"))
        .map(|it| {
            let name = last_segment(it.resource);
            let (partition, account) = (it.partition, it.account);
            format!("arn:{partition}:sts::{account}:assumed-role/{name}/session")
        });
    Principal::parse(session.as_deref().unwrap_or(arn)).unwrap_or(Principal::Anonymous)
}

/// The kinds of objects of IAM that have a path.
const WITH_PATH: [&str; 5] = ["role", "user", "policy", "group", "instance-profile"];

fn own_patterns(prefix: &str) -> Vec<String> {
    let bare = prefix.trim_start_matches('/');
    let mut patterns: Vec<String> = WITH_PATH
        .iter()
        .map(|kind| format!("arn:*:iam::*:{kind}/{bare}*"))
        .collect();
    if !prefix.starts_with('/') {
        patterns.push(format!("arn:*:s3:::{bare}*"));
        patterns.push(format!("arn:*:*:*:*:{bare}*"));
        patterns.push(format!("arn:*:*:*:*:*:{bare}*"));
        for service in [
            "eks",
            "ecs",
            "lambda",
            "ecr",
            "ssm",
            "secretsmanager",
            "kms",
        ] {
            patterns.push(format!("arn:*:{service}:*:*:*/{bare}*"));
        }
    }
    patterns
}
