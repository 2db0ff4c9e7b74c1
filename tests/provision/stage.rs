//! An account in memory, as a bootstrap sees it: it keeps what is made, counts every call, and
//! disturbs the one that it is told to.

use std::collections::BTreeMap;
use std::time::Duration;

use rolecall::account::{Caller, Unread};
use rolecall::plan::{
    AccessKey, Account, Attachment, Found, Gate, Ground, OWNERSHIP_TAG, Object, Plan, Policy, Role,
    User, What,
};
use rolecall::provision::{
    Class, Clock, Created, Entry, Failure, Hands, Journal, KeyFacts, Limits, Lost, Progress, Site,
};

pub(crate) const ACCOUNT: &str = "111122223333";

/// What happens to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It is refused as one too many.
    Throttled,
    /// The credential may not.
    Denied,
    /// The credential is not taken.
    Credential,
    /// What was made just now is not known yet.
    NotYet,
    /// No answer; it took no effect.
    LostBefore,
    /// No answer; it took effect.
    LostAfter,
    /// The process dies before the call takes effect.
    KilledBefore,
    /// The process dies when the call took effect.
    KilledAfter,
}

impl Trouble {
    pub(crate) const ALL: [Self; 8] = [
        Self::Throttled,
        Self::Denied,
        Self::Credential,
        Self::NotYet,
        Self::LostBefore,
        Self::LostAfter,
        Self::KilledBefore,
        Self::KilledAfter,
    ];
}

/// What a killed process unwinds with.
pub(crate) struct Killed;

/// The account.
#[derive(Default)]
pub(crate) struct Stage {
    /// What is there, by a name of its own.
    pub(crate) objects: BTreeMap<String, What>,
    /// Access keys: id, user, time of creation, whether it was used.
    pub(crate) keys: Vec<(String, String, i64, bool)>,
    /// Requests for accounts: the name and the id.
    requests: Vec<(String, String)>,
    /// How often what was made just now is not seen.
    pub(crate) hidden: u32,
    /// Calls that write, so far.
    pub(crate) writes: usize,
    /// Everything that took effect.
    pub(crate) log: Vec<String>,
    /// The call, from 1, that is disturbed, and how.
    pub(crate) trouble: Option<(usize, Trouble)>,
    pub(crate) now: i64,
    made: u32,
    unseen: BTreeMap<String, u32>,
}

pub(crate) fn name_of(what: &What) -> String {
    match what {
        What::Account(it) => format!("account {}", it.email),
        What::Policy(it) => it.arn.clone(),
        What::User(it) => it.arn.clone(),
        What::Role(it) => it.arn.clone(),
        What::Attachment(it) => format!("{} on {}", it.policy, it.entity),
        What::AccessKey(it) => format!("keys of {}", it.user),
    }
}

fn failure(class: Class, operation: &str) -> Failure {
    Failure {
        class,
        call: Box::new(Unread {
            operation: operation.to_owned(),
            code: format!("{class:?}"),
            message: "as AWS said it".to_owned(),
            ..Unread::default()
        }),
    }
}

impl Stage {
    /// Counts a call that writes, and says what happens to it.
    fn write<T>(
        &mut self,
        operation: &str,
        effect: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.writes += 1;
        let trouble = self.trouble.filter(|(at, _)| *at == self.writes);
        let class = match trouble.map(|(_, trouble)| trouble) {
            None => return effect(self),
            Some(Trouble::Throttled) => Class::Throttled,
            Some(Trouble::Denied) => Class::Denied,
            Some(Trouble::Credential) => Class::Credential,
            Some(Trouble::NotYet) => Class::NotYet,
            Some(Trouble::LostBefore) => Class::Unknown,
            Some(Trouble::LostAfter) => {
                effect(self)?;
                Class::Unknown
            }
            Some(Trouble::KilledBefore) => std::panic::panic_any(Killed),
            Some(Trouble::KilledAfter) => {
                let _ = effect(self);
                std::panic::panic_any(Killed)
            }
        };
        Err(failure(class, operation))
    }

    fn put(&mut self, what: &What) -> Result<(), Failure> {
        let name = name_of(what);
        let needs: Vec<&String> = match what {
            What::User(it) => it.boundary.iter().collect(),
            What::Role(it) => it.boundary.iter().collect(),
            What::Attachment(it) => vec![&it.entity, &it.policy],
            _ => Vec::new(),
        };
        if needs.iter().any(|it| !self.objects.contains_key(*it)) {
            return Err(failure(Class::NotYet, "create"));
        }
        // Attaching twice is no error (IAM API Reference, "AttachUserPolicy").
        if self.objects.contains_key(&name) && !matches!(what, What::Attachment(_)) {
            return Err(failure(Class::Exists, "create"));
        }
        self.log.push(format!("create {name}"));
        if self.hidden > 0 {
            self.unseen.insert(name.clone(), self.hidden);
        }
        self.objects.insert(name, what.clone());
        Ok(())
    }

    fn remove(&mut self, what: &What) -> Result<(), Failure> {
        if let What::AccessKey(it) = what {
            self.keys.retain(|(id, ..)| !it.ids.contains(id));
            self.log.push(format!("delete {}", it.ids.join(",")));
            return Ok(());
        }
        if !self.held(what).is_empty() {
            return Err(failure(Class::InUse, "delete"));
        }
        let name = name_of(what);
        self.objects.remove(&name);
        self.log.push(format!("delete {name}"));
        Ok(())
    }

    fn held(&self, what: &What) -> Vec<String> {
        let name = name_of(what);
        let hangs = self.objects.values().filter(|it| match it {
            What::Attachment(it) => it.entity == name || it.policy == name,
            What::User(it) => it.boundary.as_ref() == Some(&name),
            What::Role(it) => it.boundary.as_ref() == Some(&name),
            _ => false,
        });
        let keys = self.keys.iter().filter(|(_, user, ..)| *user == name);
        let keys = keys.map(|(id, ..)| id.clone());
        hangs.map(name_of).chain(keys).collect()
    }
}

impl Ground for Stage {
    fn observe(&mut self, wanted: &What) -> Result<Option<What>, Box<Unread>> {
        let name = name_of(wanted);
        if let Some(left) = self.unseen.get_mut(&name).filter(|it| **it > 0) {
            *left -= 1;
            return Ok(None);
        }
        if let What::AccessKey(it) = wanted {
            let own = self.keys.iter().filter(|(_, user, ..)| *user == it.user);
            let ids: Vec<String> = own.map(|(id, ..)| id.clone()).collect();
            let user = it.user.clone();
            return Ok((!ids.is_empty()).then_some(What::AccessKey(AccessKey { user, ids })));
        }
        Ok(self.objects.get(&name).cloned())
    }
}

impl Hands for Stage {
    type Secret = String;

    fn caller(&mut self) -> Result<Caller, Failure> {
        Ok(Caller {
            arn: format!("arn:aws:iam::{ACCOUNT}:user/admin"),
            account: ACCOUNT.to_owned(),
            user_id: String::new(),
        })
    }

    fn create(&mut self, wanted: &What) -> Result<Created<String>, Failure> {
        self.write("create", |stage| match wanted {
            What::AccessKey(it) => {
                if stage.keys.len() == 2 {
                    return Err(failure(Class::Refused, "create"));
                }
                stage.made += 1;
                let id = format!("AKIASTAGE{:08}", stage.made);
                let now = stage.now;
                stage.keys.push((id.clone(), it.user.clone(), now, false));
                stage.log.push(format!("create {id}"));
                let secret = format!("secret of {id}");
                Ok(Created::Key { id, secret })
            }
            What::Account(it) => {
                stage.made += 1;
                let id = format!("{:012}", stage.made);
                let request = format!("car-{id}");
                let account = What::Account(Account {
                    id: Some(id),
                    ..it.clone()
                });
                stage.put(&account)?;
                stage.requests.push((it.name.clone(), request.clone()));
                Ok(Created::Requested(request))
            }
            other => stage.put(other).map(|()| Created::There),
        })
    }

    fn delete(&mut self, what: &What) -> Result<(), Failure> {
        self.write("delete", |stage| stage.remove(what))
    }

    fn settle(&mut self, _: &What) -> Result<(), Failure> {
        Ok(())
    }

    fn key(&mut self, _: &str, id: &str) -> Result<KeyFacts, Failure> {
        let mut keys = self.keys.iter();
        let (_, _, created, used) = keys.find(|it| it.0 == id).unwrap();
        Ok(KeyFacts {
            created: *created,
            used: *used,
        })
    }

    fn request(&mut self, id: &str) -> Result<Progress, Failure> {
        Ok(Progress::Done(id.trim_start_matches("car-").to_owned()))
    }

    fn find_request(&mut self, account: &Account) -> Result<Option<String>, Failure> {
        let mut requests = self.requests.iter();
        let found = requests.find(|it| it.0 == account.name);
        Ok(found.map(|it| it.1.clone()))
    }

    fn held_by(&mut self, what: &What) -> Result<Vec<String>, Failure> {
        Ok(self.held(what))
    }

    fn close(&mut self, account: &str) -> Result<(), Failure> {
        self.log.push(format!("close {account}"));
        Ok(())
    }
}

/// A journal in memory; it outlives the run that is killed.
#[derive(Default)]
pub(crate) struct Paper {
    pub(crate) entries: Vec<Entry>,
    pub(crate) secrets: Vec<(String, String)>,
    /// Whether secrets go into a file before their entry, and the process dies between the two.
    pub(crate) dies_before_entry: bool,
}

impl Journal for Paper {
    type Secret = String;

    fn entries(&self) -> Result<Vec<Entry>, Lost> {
        Ok(self.entries.clone())
    }

    fn add(&mut self, entry: &Entry) -> Result<(), Lost> {
        self.entries.push(entry.clone());
        Ok(())
    }

    fn ready(&mut self) -> Result<(), Lost> {
        Ok(())
    }

    fn keep(&mut self, entry: &Entry, secret: String) -> Result<(), Lost> {
        self.secrets.push((entry.about.clone(), secret));
        if std::mem::take(&mut self.dies_before_entry) {
            std::panic::panic_any(Killed);
        }
        self.entries.push(entry.clone());
        Ok(())
    }

    fn holds(&self, id: &str) -> Result<bool, Lost> {
        Ok(self.secrets.iter().any(|it| it.0 == id))
    }
}

/// A clock that lets time pass at once.
#[derive(Default)]
pub(crate) struct Watch {
    pub(crate) now: i64,
}

impl Clock for Watch {
    fn now(&self) -> i64 {
        self.now
    }

    fn sleep(&mut self, time: Duration) {
        self.now += i64::try_from(time.as_secs()).unwrap();
    }
}

/// Everything that outlives a run.
#[derive(Default)]
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) paper: Paper,
    pub(crate) watch: Watch,
}

impl Scene {
    pub(crate) fn site(&mut self) -> Site<'_, Stage, Paper, Watch> {
        self.stage.now = self.watch.now;
        Site {
            hands: &mut self.stage,
            journal: &mut self.paper,
            clock: &mut self.watch,
            limits: Limits::default(),
        }
    }
}

fn tags() -> Vec<(String, String)> {
    vec![(OWNERSHIP_TAG.to_owned(), "mengi-1".to_owned())]
}

fn policy(name: &str) -> What {
    What::Policy(Policy {
        arn: format!("arn:aws:iam::{ACCOUNT}:policy/{name}"),
        name: name.to_owned(),
        path: "/".to_owned(),
        description: String::new(),
        document: r#"{"Version": "2012-10-17", "Statement": []}"#.to_owned(),
        tags: tags(),
    })
}

fn arn(kind: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{kind}/{name}")
}

fn attachment(entity: String, policy: &str) -> What {
    What::Attachment(Attachment {
        entity,
        policy: arn("policy", policy),
    })
}

/// A boundary, two policies, a user with a key, and a role.
pub(crate) fn plan() -> Plan {
    let boundary = Some(arn("policy", "boundary"));
    let user = What::User(User {
        arn: arn("user", "cloud"),
        name: "cloud".to_owned(),
        path: "/".to_owned(),
        boundary: boundary.clone(),
        tags: tags(),
    });
    let role = What::Role(Role {
        arn: arn("role", "manager"),
        name: "manager".to_owned(),
        path: "/".to_owned(),
        description: String::new(),
        trust: "{}".to_owned(),
        boundary,
        tags: tags(),
    });
    let key = What::AccessKey(AccessKey {
        user: arn("user", "cloud"),
        ids: Vec::new(),
    });
    let objects = [
        ("policy/boundary", policy("boundary")),
        ("policy/one", policy("one")),
        ("policy/two", policy("two")),
        ("user/cloud", user),
        ("role/manager", role),
        ("user/cloud+one", attachment(arn("user", "cloud"), "one")),
        (
            "role/manager+two",
            attachment(arn("role", "manager"), "two"),
        ),
        ("key/cloud", key),
    ];
    let objects = objects.into_iter().map(|(key, what)| object(key, what));
    Plan {
        parts: Vec::new(),
        installation: "mengi-1".to_owned(),
        partition: "aws".to_owned(),
        account: Some(ACCOUNT.to_owned()),
        made: "2026-11-29T08:00:00Z".to_owned(),
        by: arn("user", "admin"),
        objects: objects.collect(),
        gate: Gate::default(),
        hand_over: Vec::new(),
    }
}

pub(crate) fn object(key: &str, what: What) -> Object {
    Object {
        key: key.to_owned(),
        what,
        why: String::new(),
        reasons: Vec::new(),
        found: Found::Absent,
    }
}

/// The same in a member account that is made first.
pub(crate) fn plan_with_account() -> Plan {
    let mut plan = plan();
    plan.account = None;
    let to_come =
        |text: &mut String| *text = text.replace(ACCOUNT, rolecall::plan::ACCOUNT_TO_COME);
    for object in &mut plan.objects {
        match &mut object.what {
            What::Policy(it) => to_come(&mut it.arn),
            What::User(it) => {
                to_come(&mut it.arn);
                it.boundary.iter_mut().for_each(to_come);
            }
            What::Role(it) => {
                to_come(&mut it.arn);
                it.boundary.iter_mut().for_each(to_come);
            }
            What::Attachment(it) => {
                to_come(&mut it.entity);
                to_come(&mut it.policy);
            }
            What::AccessKey(it) => to_come(&mut it.user),
            What::Account(_) => {}
        }
    }
    let account = What::Account(Account {
        name: "mengi".to_owned(),
        email: "mengi@example.com".to_owned(),
        role: "OrganizationAccountAccessRole".to_owned(),
        id: None,
    });
    plan.objects.insert(0, object("account/mengi", account));
    plan
}
