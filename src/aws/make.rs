//! Makes and deletes what a bootstrap wants, call by call. What to do next is decided elsewhere.
//!
//! Calls that create are sent once: the SDK's own repetition after a lost answer would make a second
//! access key and lose the first one's secret.

use aws_config::retry::RetryConfig;
use aws_sdk_iam::types::Tag;
use secrecy::SecretString;

use super::account_creation;
use super::connection::{Connection, Where};
use super::error::{CallError, Cause, failed, lacking, unusable};
use super::observe::{self, is_user, joined, name, there};
use crate::account::{Caller, Unread};
use crate::arn::Arn;
use crate::plan::{AccessKey, Account, Attachment, Ground, Policy, Role, User, What};
use crate::provision::{Class, Created, Failure, Hands, KeyFacts, Progress};

/// The name under which CloudTrail of a member account shows us.
const SESSION: &str = "rolecall-bootstrap";

/// Who makes and removes things: a credential, and a session in the member account once that is
/// entered.
#[derive(Debug)]
pub struct Operator<'a> {
    own: &'a Connection,
    place: Where,
    /// The partition, once the credential has said it.
    partition: Option<String>,
    member: Option<Connection>,
    /// The key that was made just now, until it is known to work.
    fresh: Option<(String, SecretString)>,
}

impl<'a> Operator<'a> {
    /// Returns an operator of this credential; sessions and new keys are used at the same place.
    #[must_use]
    pub fn new(own: &'a Connection, place: &Where) -> Self {
        Self {
            own,
            place: place.clone(),
            partition: None,
            member: None,
            fresh: None,
        }
    }

    /// Returns the connection to the account in which things are made.
    #[must_use]
    pub fn inside(&self) -> &Connection {
        self.member.as_ref().unwrap_or(self.own)
    }

    /// Returns the connection of the credential itself.
    #[must_use]
    pub const fn outside(&self) -> &Connection {
        self.own
    }

    fn enter(&mut self, account: &Account) -> Result<(), Failure> {
        let id = account.id.as_deref().unwrap_or_default();
        if self.partition.is_none() {
            self.caller()?;
        }
        let partition = self.partition.as_deref().unwrap_or("aws");
        let role = format!("arn:{partition}:iam::{id}:role/{}", account.role);
        let session = self.own.assume_as(SESSION, &self.place, &role, None);
        self.member = Some(session.map_err(|error| {
            // The role of a new account is not known everywhere at once, which AWS says in the words
            // of a refusal (Organizations User Guide, "Accessing member accounts").
            let class = match error.cause {
                Cause::Denied => Class::NotYet,
                _ => class(&error),
            };
            of_class(class, error)
        })?);
        Ok(())
    }

    fn verify(&mut self, id: &str) -> Result<(), Failure> {
        let Some((fresh, secret)) = self.fresh.as_ref().filter(|(it, _)| it == id) else {
            return Ok(());
        };
        let connection = Connection::with_key(&self.place, fresh, secret);
        let connection = connection.map_err(|error| {
            let text = error.to_string();
            failure(unusable("sts:GetCallerIdentity", id, "NoConnection", text))
        })?;
        connection.caller().map_err(|error| {
            // A new key takes seconds to be known (IAM User Guide, "Troubleshoot IAM": changes are
            // not always visible at once).
            let class = match error.cause {
                Cause::BadCredential => Class::NotYet,
                _ => class(&error),
            };
            of_class(class, error)
        })?;
        self.fresh = None;
        Ok(())
    }
}

impl Ground for Operator<'_> {
    fn observe(&mut self, wanted: &What) -> Result<Option<What>, Box<Unread>> {
        let inside = self.inside();
        let found = observe::observe(&inside.iam, &self.own.organizations, wanted);
        let found = inside.wait(found);
        found.map_err(|error| Box::new(error.unread(wanted.name())))
    }
}

impl Hands for Operator<'_> {
    type Secret = SecretString;

    fn caller(&mut self) -> Result<Caller, Failure> {
        let caller = self.own.caller().map_err(failure)?;
        if let Some(arn) = Arn::parse(&caller.arn) {
            self.partition = Some(arn.partition.to_owned());
        }
        Ok(caller)
    }

    fn create(&mut self, wanted: &What) -> Result<Created<SecretString>, Failure> {
        let inside = self.inside();
        let iam = once(&inside.iam);
        let made = inside.wait(async {
            match wanted {
                What::Account(it) => {
                    let client = account_client(&self.own.organizations);
                    let id = account_creation::create(&client, it).await?;
                    return Ok(Created::Requested(id));
                }
                What::Policy(it) => create_policy(&iam, it).await?,
                What::User(it) => create_user(&iam, it).await?,
                What::Role(it) => create_role(&iam, it).await?,
                What::Attachment(it) => attach(&iam, it).await?,
                What::AccessKey(it) => return create_key(&iam, it).await,
            }
            Ok(Created::There)
        });
        let made = made.map_err(failure)?;
        if let Created::Key { id, secret } = &made {
            self.fresh = Some((id.clone(), secret.clone()));
        }
        Ok(made)
    }

    fn delete(&mut self, what: &What) -> Result<(), Failure> {
        let inside = self.inside();
        let done = inside.wait(async {
            let iam = &inside.iam;
            match what {
                What::Account(it) => {
                    let text = "an account is closed, not deleted".to_owned();
                    Err(unusable(
                        "organizations:CloseAccount",
                        &it.name,
                        "NotDeleted",
                        text,
                    ))
                }
                What::Policy(it) => delete_policy(iam, &it.arn).await,
                What::User(it) => {
                    let call = iam.delete_user().user_name(&it.name).send().await;
                    call.map(drop).map_err(failed("iam:DeleteUser", &it.arn))
                }
                What::Role(it) => {
                    let call = iam.delete_role().role_name(&it.name).send().await;
                    call.map(drop).map_err(failed("iam:DeleteRole", &it.arn))
                }
                What::Attachment(it) => detach(iam, it).await,
                What::AccessKey(it) => delete_keys(iam, it).await,
            }
        });
        there(done).map(drop).map_err(failure)
    }

    fn settle(&mut self, made: &What) -> Result<(), Failure> {
        match made {
            What::Account(it) => self.enter(it),
            What::AccessKey(it) => it.ids.iter().try_for_each(|id| self.verify(id)),
            _ => Ok(()),
        }
    }

    fn key(&mut self, user: &str, id: &str) -> Result<KeyFacts, Failure> {
        let inside = self.inside();
        let facts = inside.wait(key_facts(&inside.iam, user, id));
        facts.map_err(failure)
    }

    fn request(&mut self, id: &str) -> Result<Progress, Failure> {
        let progress = account_creation::progress(&self.own.organizations, id);
        self.own.wait(progress).map_err(failure)
    }

    fn find_request(&mut self, account: &Account) -> Result<Option<String>, Failure> {
        let found = account_creation::find(&self.own.organizations, account);
        self.own.wait(found).map_err(failure)
    }

    fn held_by(&mut self, what: &What) -> Result<Vec<String>, Failure> {
        let inside = self.inside();
        let iam = &inside.iam;
        let held = inside.wait(async {
            match what {
                What::Policy(it) => observe::users_of(iam, &it.arn).await,
                What::User(it) => observe::hangs_on_user(iam, &it.arn).await,
                What::Role(it) => observe::hangs_on_role(iam, &it.arn).await,
                What::Account(_) | What::Attachment(_) | What::AccessKey(_) => Ok(Vec::new()),
            }
        });
        held.map_err(failure)
    }

    fn close(&mut self, account: &str) -> Result<(), Failure> {
        let client = account_client(&self.own.organizations);
        let closed = account_creation::close(&client, account);
        self.own.wait(closed).map_err(failure)
    }
}

/// Returns a client that sends each call once.
fn once(client: &aws_sdk_iam::Client) -> aws_sdk_iam::Client {
    let config = client.config().to_builder();
    aws_sdk_iam::Client::from_conf(config.retry_config(RetryConfig::disabled()).build())
}

fn account_client(client: &aws_sdk_organizations::Client) -> aws_sdk_organizations::Client {
    let config = client.config().to_builder();
    let config = config.retry_config(RetryConfig::disabled()).build();
    aws_sdk_organizations::Client::from_conf(config)
}

fn tags(tags: &[(String, String)]) -> Result<Option<Vec<Tag>>, CallError> {
    let tag = |(key, value): &(String, String)| {
        let tag = Tag::builder().key(key).value(value).build();
        tag.map_err(|error| unusable("iam:TagResource", key, "UnusableTag", error.to_string()))
    };
    let tags: Vec<Tag> = tags.iter().map(tag).collect::<Result<_, _>>()?;
    Ok((!tags.is_empty()).then_some(tags))
}

/// An empty description is none: IAM keeps at least one character.
fn described(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

async fn create_policy(iam: &aws_sdk_iam::Client, it: &Policy) -> Result<(), CallError> {
    let call = iam.create_policy().policy_name(&it.name).path(&it.path);
    let call = call.policy_document(&it.document);
    let call = call.set_description(described(&it.description));
    let call = call.set_tags(tags(&it.tags)?).send().await;
    call.map(drop).map_err(failed("iam:CreatePolicy", &it.arn))
}

async fn create_user(iam: &aws_sdk_iam::Client, it: &User) -> Result<(), CallError> {
    let call = iam.create_user().user_name(&it.name).path(&it.path);
    let call = call.set_permissions_boundary(it.boundary.clone());
    let call = call.set_tags(tags(&it.tags)?).send().await;
    call.map(drop).map_err(failed("iam:CreateUser", &it.arn))
}

async fn create_role(iam: &aws_sdk_iam::Client, it: &Role) -> Result<(), CallError> {
    let call = iam.create_role().role_name(&it.name).path(&it.path);
    let call = call.assume_role_policy_document(&it.trust);
    let call = call.set_description(described(&it.description));
    let call = call.set_permissions_boundary(it.boundary.clone());
    let call = call.set_tags(tags(&it.tags)?).send().await;
    call.map(drop).map_err(failed("iam:CreateRole", &it.arn))
}

async fn attach(iam: &aws_sdk_iam::Client, it: &Attachment) -> Result<(), CallError> {
    let name = name(&it.entity);
    if is_user(&it.entity) {
        let call = iam.attach_user_policy().user_name(name);
        let call = call.policy_arn(&it.policy).send().await;
        return call
            .map(drop)
            .map_err(failed("iam:AttachUserPolicy", &joined(it)));
    }
    let call = iam.attach_role_policy().role_name(name);
    let call = call.policy_arn(&it.policy).send().await;
    call.map(drop)
        .map_err(failed("iam:AttachRolePolicy", &joined(it)))
}

async fn create_key(
    iam: &aws_sdk_iam::Client,
    it: &AccessKey,
) -> Result<Created<SecretString>, CallError> {
    const CREATE: &str = "iam:CreateAccessKey";
    let answer = iam
        .create_access_key()
        .user_name(name(&it.user))
        .send()
        .await;
    let key = answer.map_err(failed(CREATE, &it.user))?.access_key;
    let key = key.filter(|it| !it.secret_access_key.is_empty());
    let key = key.ok_or_else(|| lacking(CREATE, &it.user))?;
    Ok(Created::Key {
        id: key.access_key_id,
        secret: SecretString::from(key.secret_access_key),
    })
}

/// IAM API Reference, "DeletePolicy": the other versions go first, the default one with the policy.
async fn delete_policy(iam: &aws_sdk_iam::Client, arn: &str) -> Result<(), CallError> {
    let versions = iam.list_policy_versions().policy_arn(arn).into_paginator();
    let versions = versions.items().send().try_collect().await;
    let versions: Vec<_> = versions.map_err(failed("iam:ListPolicyVersions", arn))?;
    let others = versions.into_iter().filter(|it| !it.is_default_version);
    for id in others.filter_map(|it| it.version_id) {
        let call = iam.delete_policy_version().policy_arn(arn).version_id(id);
        let call = call.send().await;
        there(
            call.map(drop)
                .map_err(failed("iam:DeletePolicyVersion", arn)),
        )?;
    }
    let call = iam.delete_policy().policy_arn(arn).send().await;
    call.map(drop).map_err(failed("iam:DeletePolicy", arn))
}

async fn detach(iam: &aws_sdk_iam::Client, it: &Attachment) -> Result<(), CallError> {
    let name = name(&it.entity);
    if is_user(&it.entity) {
        let call = iam.detach_user_policy().user_name(name);
        let call = call.policy_arn(&it.policy).send().await;
        return call
            .map(drop)
            .map_err(failed("iam:DetachUserPolicy", &joined(it)));
    }
    let call = iam.detach_role_policy().role_name(name);
    let call = call.policy_arn(&it.policy).send().await;
    call.map(drop)
        .map_err(failed("iam:DetachRolePolicy", &joined(it)))
}

async fn delete_keys(iam: &aws_sdk_iam::Client, it: &AccessKey) -> Result<(), CallError> {
    for id in &it.ids {
        let call = iam.delete_access_key().user_name(name(&it.user));
        let call = call.access_key_id(id).send().await;
        there(call.map(drop).map_err(failed("iam:DeleteAccessKey", id)))?;
    }
    Ok(())
}

async fn key_facts(iam: &aws_sdk_iam::Client, user: &str, id: &str) -> Result<KeyFacts, CallError> {
    let list = iam
        .list_access_keys()
        .user_name(name(user))
        .into_paginator();
    let list = list.items().send().try_collect().await;
    let list: Vec<_> = list.map_err(failed("iam:ListAccessKeys", user))?;
    let key = list
        .into_iter()
        .find(|it| it.access_key_id.as_deref() == Some(id));
    let created = key.and_then(|it| it.create_date);
    let created = created.ok_or_else(|| lacking("iam:ListAccessKeys", user))?;
    let used = iam
        .get_access_key_last_used()
        .access_key_id(id)
        .send()
        .await;
    let used = used.map_err(failed("iam:GetAccessKeyLastUsed", id))?;
    let used = used.access_key_last_used;
    let used = used.ok_or_else(|| lacking("iam:GetAccessKeyLastUsed", id))?;
    Ok(KeyFacts {
        created: created.secs(),
        // IAM API Reference, "AccessKeyLastUsed": without a date it was never used.
        used: used.last_used_date.is_some(),
    })
}

fn failure(error: CallError) -> Failure {
    of_class(class(&error), error)
}

fn of_class(class: Class, error: CallError) -> Failure {
    Failure {
        class,
        call: Box::new(error.unread("")),
    }
}

/// What an error means for what is done next (IAM API Reference, "Common errors" and the errors of
/// each call; IAM User Guide, "Troubleshoot IAM": what was made just now may not be known yet).
fn class(error: &CallError) -> Class {
    /// IAM's words about what was made just now and is not known everywhere.
    const NOT_YET: [&str; 3] = [
        "cannot be found",
        "does not exist",
        "Invalid principal in policy",
    ];
    let is_not_yet = NOT_YET.iter().any(|it| error.message.contains(it));
    match error.cause {
        Cause::NoCredential | Cause::BadCredential | Cause::Clock => Class::Credential,
        Cause::Denied => Class::Denied,
        Cause::Throttled => Class::Throttled,
        Cause::NoAnswer => Class::Unknown,
        Cause::NotFound if is_not_yet => Class::NotYet,
        Cause::NotFound => Class::Refused,
        Cause::Other => match error.code.as_str() {
            "EntityAlreadyExists" | "EntityAlreadyExistsException" => Class::Exists,
            "MalformedPolicyDocument" if is_not_yet => Class::NotYet,
            "ConcurrentModification"
            | "ConcurrentModificationException"
            | "EntityTemporarilyUnmodifiable"
            | "FinalizingOrganizationException" => Class::Throttled,
            "DeleteConflict" | "DeleteConflictException" => Class::InUse,
            // A service that failed may have done its work before.
            ""
            | "IncompleteAnswer"
            | "ServiceFailure"
            | "ServiceFailureException"
            | "InternalFailure"
            | "InternalError"
            | "InternalServerError"
            | "InternalServerException"
            | "ServerException"
            | "ServiceException"
            | "ServiceUnavailable"
            | "ServiceUnavailableException" => Class::Unknown,
            _ => Class::Refused,
        },
    }
}
