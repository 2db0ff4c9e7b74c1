//! What is generated: plain data, complete, in the order in which it is created.

use serde_json::Value;

/// Everything that the access of one profile consists of.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// `vendor/profile`, or the path of a profile of one's own.
    pub profile: String,
    /// The profile's title.
    pub title: String,
    /// What the documents depend on: the profile's variables with their values, in its order.
    pub inputs: Vec<Input>,
    /// The tags that mark what is the vendor's, such as `Vendor = StreamNative`; each entity says
    /// whether it carries them.
    pub tags: Vec<(String, String)>,
    /// The managed policies that the customer creates: boundaries first.
    pub policies: Vec<Policy>,
    /// The users and roles that the customer creates, in the profile's order of actors.
    pub entities: Vec<Entity>,
    /// The users and roles that the vendor creates later, with the documents that they take.
    pub vendor_made: Vec<Entity>,
    /// What could not be scoped, with the reason.
    pub unscoped: Vec<Unscoped>,
}

/// A variable of the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name in the profile, such as `external-id`.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its values; one, but for lists.
    pub values: Vec<String>,
}

/// A managed policy that the customer creates.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its name in IAM.
    pub name: String,
    /// Its path in IAM: starts and ends with `/`.
    pub path: String,
    /// Its ARN.
    pub arn: String,
    /// What it is for.
    pub used_as: PolicyUse,
    /// What it is, in one line: its description in IAM.
    pub description: String,
    /// Its tags. The vendor's are never among them: they would make its own limits into something
    /// of its own.
    pub tags: Vec<(String, String)>,
    /// The statements in order.
    pub statements: Vec<Sentence>,
}

/// What a managed policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyUse {
    /// It is attached to a user or role and allows.
    Identity,
    /// It is the permissions boundary of users or roles that the customer creates.
    Boundary,
    /// It is the permissions boundary of roles that the vendor creates.
    WorkloadBoundary,
}

/// A statement with the reason that it is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// The statement as in a policy document: `Sid`, `Effect`, `Action`, `Resource`, `Condition`.
    pub statement: Value,
    /// What it is for, in one line.
    pub why: String,
    /// The ids of the requirements that need it, in the profile's order.
    pub requirements: Vec<String>,
}

/// A user or role.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    /// Whether it is a user or a role.
    pub kind: EntityKind,
    /// The name of the profile's actor.
    pub actor: String,
    /// Its name in IAM; of a role that the vendor creates, a pattern with `*`.
    pub name: String,
    /// Its path in IAM.
    pub path: String,
    /// Its ARN; of a role that the vendor creates, a pattern with `*`.
    pub arn: String,
    /// What it is, in one line.
    pub description: String,
    /// The statements of its role trust policy; none for a user.
    pub trust: Vec<Sentence>,
    /// The ARNs of the managed policies attached to it: of [`Bundle::policies`], of AWS, or of the
    /// policies in [`Entity::policies`].
    pub attached: Vec<String>,
    /// Policies that whoever makes it creates for it alone; used for what the vendor makes.
    pub policies: Vec<Policy>,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// Its tags, with those of [`Bundle::tags`].
    pub tags: Vec<(String, String)>,
}

/// Whether an entity is a user or a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntityKind {
    /// An IAM user; its access key is made by hand.
    User,
    /// An IAM role.
    Role,
}

/// Something that is allowed on more than is needed, because AWS offers no way to say less.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unscoped {
    /// The action.
    pub action: String,
    /// Why, in words.
    pub reason: String,
}

impl Bundle {
    /// Returns the external IDs that the role trust policies ask for, each once.
    #[must_use]
    pub fn external_ids(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let trust = self.entities.iter().flat_map(|it| &it.trust);
        for statement in trust {
            let operators = statement
                .statement
                .get("Condition")
                .and_then(Value::as_object);
            let conditions = operators.into_iter().flatten().map(|(_, keys)| keys);
            for (key, value) in conditions.filter_map(Value::as_object).flatten() {
                let values = match value {
                    Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
                    one => one.as_str().into_iter().collect::<Vec<_>>(),
                };
                if key.eq_ignore_ascii_case("sts:ExternalId") {
                    for value in values {
                        if !found.iter().any(|it| it == value) {
                            found.push(value.to_owned());
                        }
                    }
                }
            }
        }
        found
    }
}

impl Policy {
    /// Returns the policy document.
    #[must_use]
    pub fn document(&self) -> Value {
        document(&self.statements)
    }
}

impl Entity {
    /// Returns the role trust policy; none for a user.
    #[must_use]
    pub fn trust_policy(&self) -> Option<Value> {
        (self.kind == EntityKind::Role).then(|| document(&self.trust))
    }
}

fn document(statements: &[Sentence]) -> Value {
    let statements: Vec<&Value> = statements.iter().map(|it| &it.statement).collect();
    serde_json::json!({"Version": "2012-10-17", "Statement": statements})
}
