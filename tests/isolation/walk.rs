//! Random requests on a concrete account, written apart from the closure: whoever the actor acts as
//! asks for this and that, what is allowed takes effect, and after each step somebody looks whether
//! a limit was passed.

use std::collections::{BTreeMap, BTreeSet};

use rolecall::catalog::Catalog;
use rolecall::evaluate::derive::{Known, derive};
use rolecall::evaluate::{Action, Decision, Policies, Principal, Settings, decide};
use rolecall::json;
use rolecall::policy::{Document, Kind, lower};

use super::Case;

const ACCOUNT: &str = "111122223333";

/// A generator of numbers that look random; the same seed gives the same walk.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.roll(items.len())]
    }
}

#[derive(Clone, Default)]
struct Person {
    documents: Vec<Document>,
    managed: BTreeSet<String>,
    boundary: Option<String>,
    trusts: Vec<String>,
    services: bool,
}

#[derive(Clone)]
pub(crate) struct World<'c> {
    case: &'c Case,
    actor: String,
    persons: BTreeMap<String, Person>,
    policies: BTreeMap<String, Document>,
    tags: BTreeMap<String, BTreeMap<String, String>>,
    acting: BTreeSet<String>,
    guards: BTreeSet<String>,
}

fn arn(rest: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{rest}")
}

fn document(text: &str, kind: Kind) -> Document {
    let parsed = json::parse(text).unwrap();
    lower(parsed.tree.root(), kind)
}

fn everything() -> Document {
    let text =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    document(text, Kind::Identity)
}

fn trust(who: &str) -> Document {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{who}"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    document(&text, Kind::Trust)
}

fn caller(person: &str) -> Principal {
    let text = match person.split_once(":role/") {
        Some((_, path)) => {
            let name = path.rsplit('/').next().unwrap();
            format!("arn:aws:sts::{ACCOUNT}:assumed-role/{name}/walk")
        }
        None => person.to_owned(),
    };
    Principal::parse(&text).unwrap()
}

/// Objects of somebody else, with the calls that must not become possible on them.
const OBJECTS: [(&str, &[&str]); 4] = [
    (
        "arn:aws:ec2:us-east-1:111122223333:instance/i-0f",
        &["ec2:TerminateInstances", "ec2:StopInstances"],
    ),
    (
        "arn:aws:ec2:us-east-1:111122223333:volume/vol-0f",
        &["ec2:DeleteVolume"],
    ),
    (
        "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/theirs",
        &["elasticloadbalancing:DeleteLoadBalancer"],
    ),
    (
        "arn:aws:eks:us-east-1:111122223333:cluster/theirs",
        &["eks:DeleteCluster"],
    ),
];

type Context<'t> = Vec<(&'t str, String)>;

impl<'c> World<'c> {
    pub(crate) fn new(case: &'c Case) -> Self {
        let actor = case.principal.as_ref().unwrap().principal_arn().unwrap();
        let mut world = Self {
            case,
            persons: BTreeMap::new(),
            policies: BTreeMap::new(),
            tags: BTreeMap::new(),
            acting: BTreeSet::from([actor.clone()]),
            guards: BTreeSet::new(),
            actor: actor.clone(),
        };
        let mut own = Person::default();
        let named = |document: &Document| {
            let mut arns = case.arns.iter();
            arns.find(|(file, _)| Some(*file) == document.file)
                .map(|(_, arn)| arn.clone())
        };
        for (at, document) in case.policies.identity.iter().enumerate() {
            let arn = named(document).unwrap_or_else(|| arn(&format!("policy/unnamed-{at}")));
            world.policies.insert(arn.clone(), document.clone());
            world.guards.insert(arn.clone());
            own.managed.insert(arn);
        }
        let bounds = case
            .policies
            .boundary
            .iter()
            .flatten()
            .chain(&case.workload);
        for document in bounds {
            let arn = named(document).unwrap();
            world.policies.insert(arn.clone(), document.clone());
            world.guards.insert(arn);
        }
        let boundary = case.policies.boundary.iter().flatten().next();
        own.boundary = boundary.and_then(named);
        world.persons.insert(actor, own);
        world
            .policies
            .insert(arn("policy/customer-policy"), everything());
        for name in ["role/customer-admin", "user/customer-admin"] {
            let person = Person {
                documents: vec![everything()],
                trusts: vec![arn("root")],
                services: true,
                ..Person::default()
            };
            world.persons.insert(arn(name), person);
        }
        for name in &case.unbounded {
            world.persons.insert(name.clone(), Person::default());
        }
        for (object, _) in OBJECTS {
            world.tags.insert(object.to_owned(), BTreeMap::new());
        }
        world
    }

    /// What a person may do, as documents.
    fn policies(&self, person: &str) -> Policies {
        let person = &self.persons[person];
        let mut identity = person.documents.clone();
        for arn in &person.managed {
            match self.policies.get(arn) {
                Some(document) => identity.push(document.clone()),
                None if arn.ends_with(":aws:policy/AdministratorAccess") => {
                    identity.push(everything());
                }
                None => {}
            }
        }
        let boundary = person.boundary.as_ref();
        let boundary = boundary.map(|arn| {
            let known = self.policies.get(arn).cloned();
            vec![known.unwrap_or_else(everything)]
        });
        Policies {
            identity,
            boundary,
            scps: self.case.policies.scps.clone(),
            ..Policies::default()
        }
    }

    fn may(
        &self,
        person: &str,
        action: &str,
        resource: Option<&str>,
        context: &Context<'_>,
    ) -> bool {
        let principal = caller(person);
        let mut entries: Vec<(String, Vec<String>)> = context
            .iter()
            .map(|(key, value)| ((*key).to_owned(), vec![value.clone()]))
            .collect();
        for (tag, value) in resource
            .and_then(|it| self.tags.get(it))
            .into_iter()
            .flatten()
        {
            for prefix in ["aws:ResourceTag", "ec2:ResourceTag"] {
                entries.push((format!("{prefix}/{tag}"), vec![value.clone()]));
            }
        }
        let known = Known {
            principal: Some(&principal),
            resource,
            resource_account: Some(ACCOUNT),
            context: &entries,
            complete: true,
            settings: Settings {
                complete: true,
                ..Settings::default()
            },
            ..Known::default()
        };
        let action = Action::parse(action).unwrap();
        let request = derive(&action, &known, Catalog::builtin()).request;
        let mut policies = self.policies(person);
        if action.service() == "sts" {
            let trusts = &self.persons.get(resource.unwrap()).unwrap().trusts;
            let Some(who) = trusts.last() else {
                return false;
            };
            policies.resource = Some(trust(who));
        }
        decide(&policies, &request).decision == Decision::Allowed
    }

    fn names(&self, kind: &str, dice: &mut Dice) -> String {
        let known: Vec<&String> = self
            .persons
            .keys()
            .filter(|it| it.contains(&format!(":{kind}/")))
            .collect();
        if dice.roll(3) > 0 && !known.is_empty() {
            return (*dice.pick(&known)).clone();
        }
        let new = ["acme-new", "env-new", "other", "acme-volumes"];
        arn(&format!("{kind}/{}", dice.pick(&new)))
    }

    fn policy(&self, dice: &mut Dice) -> String {
        let mut pool: Vec<String> = self.policies.keys().cloned().collect();
        pool.push("arn:aws:iam::aws:policy/AdministratorAccess".into());
        pool.push(arn("policy/acme-new"));
        dice.pick(&pool).clone()
    }

    fn bound(&self, target: &str) -> Context<'static> {
        let person = self.persons.get(target);
        let boundary = person.and_then(|it| it.boundary.clone());
        boundary
            .into_iter()
            .map(|it| ("iam:PermissionsBoundary", it))
            .collect()
    }

    /// One request of somebody, with its effect if it is allowed.
    pub(crate) fn step(&mut self, dice: &mut Dice) {
        let acting: Vec<String> = self.acting.iter().cloned().collect();
        let by = dice.pick(&acting).clone();
        let kind = if dice.roll(2) == 0 { "role" } else { "user" };
        let title = if kind == "role" { "Role" } else { "User" };
        let target = self.names(kind, dice);
        let exists = self.persons.contains_key(&target);
        match dice.roll(15) {
            0 if exists => {
                let action = format!("iam:Put{title}Policy");
                if self.may(&by, &action, Some(&target), &self.bound(&target)) {
                    self.person(&target).documents.push(everything());
                }
            }
            1 if exists => {
                let policy = self.policy(dice);
                let mut context = self.bound(&target);
                context.push(("iam:PolicyARN", policy.clone()));
                let action = format!("iam:Attach{title}Policy");
                if self.may(&by, &action, Some(&target), &context) {
                    self.person(&target).managed.insert(policy);
                }
            }
            2 if exists => {
                let policy = self.policy(dice);
                let context = vec![("iam:PermissionsBoundary", policy.clone())];
                let action = format!("iam:Put{title}PermissionsBoundary");
                if self.may(&by, &action, Some(&target), &context) {
                    self.person(&target).boundary = Some(policy);
                }
            }
            3 if exists => {
                let action = format!("iam:Delete{title}PermissionsBoundary");
                if self.may(&by, &action, Some(&target), &self.bound(&target)) {
                    self.person(&target).boundary = None;
                }
            }
            4 | 5 if !exists => {
                let boundary = (dice.roll(3) > 0).then(|| self.policy(dice));
                let mut context = Context::new();
                if let Some(boundary) = &boundary {
                    context.push(("iam:PermissionsBoundary", boundary.clone()));
                }
                if self.may(&by, &format!("iam:Create{title}"), Some(&target), &context) {
                    let person = Person {
                        boundary,
                        trusts: vec!["*".into()],
                        services: true,
                        ..Person::default()
                    };
                    self.persons.insert(target, person);
                }
            }
            6 if exists && kind == "role" => {
                let action = "iam:UpdateAssumeRolePolicy";
                if self.may(&by, action, Some(&target), &self.bound(&target)) {
                    self.person(&target).trusts.push("*".into());
                }
            }
            7 | 8 if exists && kind == "role" => {
                if self.may(&by, "sts:AssumeRole", Some(&target), &Context::new()) {
                    self.acting.insert(target);
                }
            }
            9 if exists && kind == "user" => {
                if self.may(&by, "iam:CreateAccessKey", Some(&target), &Context::new()) {
                    self.acting.insert(target);
                }
            }
            10 => {
                let policy = self.policy(dice);
                let known = self.policies.contains_key(&policy);
                let action = if known {
                    "iam:CreatePolicyVersion"
                } else {
                    "iam:CreatePolicy"
                };
                if !policy.contains("iam::aws:")
                    && self.may(&by, action, Some(&policy), &Context::new())
                {
                    self.policies.insert(policy, everything());
                }
            }
            11 if exists && kind == "role" => self.launch(&by, &target),
            12 | 13 => self.tag(&by, dice),
            _ => self.enter(&by),
        }
    }

    fn person(&mut self, arn: &str) -> &mut Person {
        self.persons.get_mut(arn).unwrap()
    }

    /// An instance with a role: commands on it are the launcher's.
    fn launch(&mut self, by: &str, role: &str) {
        let service = vec![("iam:PassedToService", "ec2.amazonaws.com".to_owned())];
        let kinds = [
            "arn:aws:ec2:us-east-1:111122223333:instance/i-1",
            "arn:aws:ec2:us-east-1::image/ami-1",
            "arn:aws:ec2:us-east-1:111122223333:network-interface/eni-1",
            "arn:aws:ec2:us-east-1:111122223333:security-group/sg-1",
            "arn:aws:ec2:us-east-1:111122223333:subnet/subnet-1",
            "arn:aws:ec2:us-east-1:111122223333:volume/vol-1",
        ];
        let launches = |it: &&str| self.may(by, "ec2:RunInstances", Some(it), &Context::new());
        if self.persons[role].services
            && self.may(by, "iam:PassRole", Some(role), &service)
            && kinds.iter().all(launches)
        {
            self.acting.insert(role.to_owned());
        }
    }

    fn tag(&mut self, by: &str, dice: &mut Dice) {
        let (object, _) = dice.pick(&OBJECTS);
        let service = object.split(':').nth(2).unwrap();
        let value = (*dice.pick(&["acme", "other"])).to_owned();
        let sets = match service {
            "elasticloadbalancing" => "elasticloadbalancing:AddTags",
            "eks" => "eks:TagResource",
            _ => "ec2:CreateTags",
        };
        let context = vec![("aws:RequestTag/vendor", value.clone())];
        if self.may(by, sets, Some(object), &context) {
            let tags = self.tags.get_mut(*object).unwrap();
            tags.insert("vendor".into(), value);
        }
    }

    /// Kubernetes administrator of somebody else's cluster: whatever its nodes can be.
    fn enter(&mut self, by: &str) {
        let cluster = "arn:aws:eks:us-east-1:111122223333:cluster/theirs";
        let entry = "arn:aws:eks:us-east-1:111122223333:access-entry/theirs/role/111122223333/x/1";
        if self.may(by, "eks:CreateAccessEntry", Some(cluster), &Context::new())
            && self.may(
                by,
                "eks:AssociateAccessPolicy",
                Some(entry),
                &Context::new(),
            )
        {
            self.acting.insert(arn("role/customer-admin"));
        }
    }

    /// Says which limit was passed, if one was.
    pub(crate) fn violation(&self, before: &World<'_>) -> Option<String> {
        for guard in &self.guards {
            let old = &before.policies[guard];
            if self.policies[guard].span != old.span {
                return Some(format!("{guard} was rewritten"));
            }
        }
        let (old, new) = (&before.persons[&self.actor], &self.persons[&self.actor]);
        if old.boundary != new.boundary || old.documents.len() != new.documents.len() {
            return Some("the actor's own limits were changed".into());
        }
        if old.managed != new.managed || old.trusts != new.trusts {
            return Some("the actor's own documents were changed".into());
        }
        let admin = arn("user/customer-admin");
        let key = arn("role/acme-beyond");
        for person in &self.acting {
            for (action, resource) in [
                ("iam:AttachUserPolicy", admin.as_str()),
                ("iam:CreateUser", admin.as_str()),
                ("iam:DeleteRolePermissionsBoundary", key.as_str()),
                (
                    "secretsmanager:GetSecretValue",
                    "arn:aws:secretsmanager:us-east-1:111122223333:secret:theirs",
                ),
            ] {
                let empty = Context::new();
                if self.may(person, action, Some(resource), &empty)
                    && !before.may(&before.actor, action, Some(resource), &empty)
                {
                    return Some(format!("{person} may {action}"));
                }
            }
        }
        for (object, actions) in OBJECTS {
            for action in actions {
                let empty = Context::new();
                let now = self.may(&self.actor, action, Some(object), &empty);
                if now && !before.may(&before.actor, action, Some(object), &empty) {
                    return Some(format!("{action} on {object}"));
                }
            }
        }
        None
    }
}

/// Walks some sequences; returns the first violation.
pub(crate) fn walk(case: &Case, sequences: usize, seed: u64) -> Option<String> {
    let start = World::new(case);
    let mut dice = Dice(seed | 1);
    for _ in 0..sequences {
        let mut world = start.clone();
        for _ in 0..12 {
            world.step(&mut dice);
        }
        if let Some(violation) = world.violation(&start) {
            return Some(violation);
        }
    }
    None
}
