//! The smallest change that closes a way out, proven by searching again with it.
//!
//! Candidates go from the one that takes least to the one that takes most: a condition on the
//! statement that allows the step, a Deny that guards what the step changes, a Deny of the call.

use serde_json::{Value, json};

use super::ceiling::Ceiling;
use super::closure::{Way, cause_calls, explore, group_name};
use super::escape::{GrantedBy, granted_by};
use super::family::document;
use super::gain::{Gain, Goal};
use super::oracle::{Asker, Mode};
use super::scene::Scene;
use super::state::Deed;
use super::{Input, objects};
use crate::arn::Arn;
use crate::evaluate::{Policies, Request};
use crate::policy::{Condition, Document, Kind};
use crate::source::{FileId, Span};

/// A change that closes a way out.
#[derive(Clone, Debug)]
pub struct Remedy {
    /// In words.
    pub text: String,
    /// What is to be changed.
    pub edit: Edit,
}

/// A change to a document.
#[derive(Clone, Debug)]
pub enum Edit {
    /// A statement is added.
    AddStatement {
        /// Whether it belongs into an identity policy of the actor.
        identity: bool,
        /// Whether it belongs into the permissions boundary, which binds whom the actor creates.
        boundary: bool,
        /// The statement.
        statement: Value,
    },
    /// A condition is added to a statement.
    AddCondition {
        /// The document.
        file: FileId,
        /// The statement.
        span: Span,
        /// The actions of the statement.
        actions: Vec<String>,
        /// The condition, as in a policy.
        condition: Value,
    },
}

/// The documents after a change.
#[derive(Debug)]
pub struct Change<'a> {
    /// The policies of the actor and of its account.
    pub policies: &'a Policies,
    /// Boundaries of principals that the actor creates.
    pub workload_boundaries: &'a [Document],
}

/// How many changes are tried for one way out.
const MOST: usize = 9;

impl Remedy {
    /// The actions of which the documents say something else afterwards.
    fn actions(&self) -> Vec<String> {
        match &self.edit {
            Edit::AddStatement { statement, .. } => {
                let actions = statement["Action"].as_array().into_iter().flatten();
                actions
                    .filter_map(|it| it.as_str().map(str::to_owned))
                    .collect()
            }
            Edit::AddCondition { actions, .. } => actions.clone(),
        }
    }
}

/// Looks for a change that closes a way out.
pub(super) fn find(scene: &Scene<'_>, asker: &Asker<'_>, way: &Way) -> Option<Remedy> {
    let mut candidates = candidates(scene, way);
    candidates.truncate(MOST);
    let name = group_name(scene, &way.gain);
    candidates
        .into_iter()
        .find(|candidate| closes(scene, asker, candidate, &name, &way.calls))
}

/// Whether a way is one that a change was to close: of this name, by one of these calls.
fn is_same(scene: &Scene<'_>, gain: &Gain, name: &str, calls: &[String]) -> bool {
    if group_name(scene, gain) != name {
        return false;
    }
    let Some(cause) = &gain.cause else {
        return true;
    };
    let mut made = cause.made.iter().map(|it| &*it.request.action.text);
    // Where no request shows it, it may be any.
    cause.made.is_empty() || made.any(|it| calls.iter().any(|call| call.eq_ignore_ascii_case(it)))
}

/// Whether a search with the change no longer finds the gain, and nothing needed is lost.
fn closes(
    scene: &Scene<'_>,
    asker: &Asker<'_>,
    remedy: &Remedy,
    name: &str,
    calls: &[String],
) -> bool {
    let input = scene.input;
    let Some((policies, workload)) = changed(input, &remedy.edit) else {
        return false;
    };
    let change = Change {
        policies: &policies,
        workload_boundaries: &workload,
    };
    if input.accepts.is_some_and(|accepts| !accepts(&change)) {
        return false;
    }
    let after = Input {
        policies: &policies,
        workload_boundaries: &workload,
        remedies: false,
        ..*input
    };
    let scene = scene.with(&after);
    let mut asker = Asker::after(asker, remedy.actions());
    let ceiling = Ceiling::new(&scene, &mut asker);
    let found = explore(&scene, &mut asker, Mode::May, &ceiling);
    found.complete
        && !found
            .gains
            .iter()
            .any(|gain| is_same(&scene, gain, name, calls))
}

fn changed(input: &Input<'_>, edit: &Edit) -> Option<(Policies, Vec<Document>)> {
    let mut policies = input.policies.clone();
    let mut workload = input.workload_boundaries.to_vec();
    match edit {
        Edit::AddStatement {
            identity,
            boundary,
            statement,
        } => {
            let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
            let mut more = document(&text, Kind::Identity).statements;
            if *identity {
                let first = policies.identity.first_mut()?;
                first.statements.extend(more.iter().cloned());
            }
            if *boundary {
                for document in workload.iter_mut() {
                    document.statements.extend(more.iter().cloned());
                }
                if let Some(document) = policies.boundary.iter_mut().flatten().next() {
                    document.statements.append(&mut more);
                }
            }
        }
        Edit::AddCondition {
            file,
            span,
            condition,
            ..
        } => {
            let identity = policies.identity.iter_mut();
            let bounds = policies.boundary.iter_mut().flatten().chain(&mut workload);
            let mut documents = identity.chain(bounds);
            let document = documents.find(|it| it.file == Some(*file))?;
            let mut statements = document.statements.iter_mut();
            let statement = statements.find(|it| it.span == *span)?;
            statement.conditions.extend(condition_of(condition));
        }
    }
    Some((policies, workload))
}

/// Returns the conditions that a policy's `Condition` says.
pub(super) fn condition_of(condition: &Value) -> Vec<Condition> {
    let text = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}],
    });
    let document = document(&text.to_string(), Kind::Identity);
    document
        .statements
        .into_iter()
        .flat_map(|it| it.conditions)
        .collect()
}

/// What might close it, the mildest first.
fn candidates(scene: &Scene<'_>, way: &Way) -> Vec<Remedy> {
    let (gain, proven) = (&way.gain, &way.proven);
    let cause = gain.cause.as_ref();
    let done = cause_calls(gain, proven);
    let pass = done
        .iter()
        .find(|it| *it.request.action.folded == *"iam:passrole");
    let Some(first) = pass.or_else(|| done.first()).or(proven.last.as_ref()) else {
        return Vec::new();
    };
    let granted = granted_by(first);
    let request = &first.request;
    let action = request.action.text.to_string();
    let own: Vec<String> = objects::own_names(scene);
    let own: Vec<String> = own.into_iter().filter(|it| fits(it, request)).collect();
    let mut found = Vec::new();
    let boundary = scene.boundaries.first().filter(|it| it.named);
    match cause.map(|it| &it.deed) {
        Some(Deed::SetBoundary { .. } | Deed::Create { .. }) => {
            if let Some(boundary) = boundary {
                let condition =
                    json!({"StringEquals": {"iam:PermissionsBoundary": [boundary.arn]}});
                let text = format!("allow `{action}` only with the boundary `{}`", boundary.arn);
                found.extend(add_condition(scene, granted.as_ref(), condition, &text));
                let statement = json!({
                    "Effect": "Deny", "Action": [action], "Resource": "*",
                    "Condition": {"StringNotEquals": {"iam:PermissionsBoundary": [boundary.arn]}},
                });
                let text = format!("deny `{action}` without the boundary `{}`", boundary.arn);
                found.extend(add_statement(scene, &statement, &text));
            }
        }
        Some(Deed::RemoveBoundary { .. }) => {
            let statement = json!({
                "Effect": "Deny",
                "Action": ["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"],
                "Resource": "*",
            });
            let text = "deny `iam:Delete*PermissionsBoundary` on every principal";
            found.extend(add_statement(scene, &statement, text));
        }
        Some(Deed::WritePolicy { .. } | Deed::DropDocument { .. }) => {
            let mut guarded: Vec<&String> = scene
                .held
                .iter()
                .filter(|it| it.named)
                .map(|it| &it.arn)
                .collect();
            guarded.extend(
                scene
                    .boundaries
                    .iter()
                    .filter(|it| it.named)
                    .map(|it| &it.arn),
            );
            if !guarded.is_empty()
                && request
                    .resource
                    .as_deref()
                    .is_some_and(|it| it.contains(":policy/"))
            {
                let statement = json!({
                    "Effect": "Deny",
                    "Action": ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:CreatePolicy"],
                    "Resource": guarded,
                });
                let text = "deny changes to the boundary and to the actor's own policies";
                found.extend(add_statement(scene, &statement, text));
            }
            found.extend(on_resource(scene, request));
        }
        Some(Deed::PutPolicy { .. } | Deed::Attach { .. } | Deed::OpenTrust { .. }) => {
            found.extend(on_resource(scene, request));
        }
        Some(Deed::Tag { .. }) => {
            if request.action.service() == "ec2" {
                let condition = json!({"Null": {"ec2:CreateAction": "false"}});
                let text = "allow `ec2:CreateTags` only while an object is created";
                found.extend(add_condition(scene, granted.as_ref(), condition, text));
                let statement = json!({
                    "Effect": "Deny", "Action": [action], "Resource": "*",
                    "Condition": {"Null": {"ec2:CreateAction": "true"}},
                });
                let text = "deny `ec2:CreateTags` on what exists (without `ec2:CreateAction`)";
                found.extend(add_statement(scene, &statement, text));
            }
            found.extend(only_own(scene, granted.as_ref(), &action));
        }
        Some(Deed::Untag { .. }) => found.extend(only_own(scene, granted.as_ref(), &action)),
        _ if matches!(gain.goal, Goal::Opened { .. }) => {
            found.extend(only_own(scene, granted.as_ref(), &action));
        }
        _ => {}
    }
    if let Goal::Reach {
        guard: Some(guard), ..
    } = &gain.goal
    {
        let text = "deny it with the plain operator, which holds where the tag is absent";
        found.extend(add_statement(scene, guard, text));
    }
    let calls = &way.calls;
    let list: Vec<String> = calls.iter().map(|it| format!("`{it}`")).collect();
    let list = match list.as_slice() {
        [first, second, third, _, ..] => {
            format!("{first}, {second}, {third} and {} more", list.len() - 3)
        }
        some => some.join(", "),
    };
    if !own.is_empty() {
        let statement = json!({"Effect": "Deny", "Action": calls, "NotResource": own});
        let text = format!("deny {list} on all but the vendor's own names");
        found.extend(add_statement(scene, &statement, &text));
    }
    let statement = json!({"Effect": "Deny", "Action": calls, "Resource": "*"});
    let text = format!("take {list} away");
    found.extend(add_statement(scene, &statement, &text));
    found
}

/// Whether a pattern of names is about the kind of object of a request.
fn fits(pattern: &str, request: &Request) -> bool {
    let Some(resource) = request.resource.as_deref().and_then(Arn::parse) else {
        return false;
    };
    let Some(pattern) = Arn::parse(pattern) else {
        return false;
    };
    let kind = |text: &str| text.split(['/', ':']).next().unwrap_or_default().to_owned();
    pattern.service == resource.service && kind(pattern.resource) == kind(resource.resource)
}

/// A condition on the statement that allows the step, where it allows nothing else: on a statement
/// of many actions it would hit calls that have nothing to do with it.
fn add_condition(
    scene: &Scene<'_>,
    granted: Option<&GrantedBy>,
    condition: Value,
    text: &str,
) -> Option<Remedy> {
    let granted = granted?;
    let policies = scene.input.policies;
    let bounds = scene.boundaries.iter().flat_map(|it| &it.documents);
    let mut documents = policies.identity.iter().chain(bounds);
    let document = documents.find(|it| it.file == Some(granted.file))?;
    let statement = document.statements.get(granted.index)?;
    let patterns = statement.action.patterns.iter();
    let actions: Vec<String> = patterns.map(|it| it.text.to_string()).collect();
    if actions.len() != 1 || statement.action.negated || actions[0].contains('*') {
        return None;
    }
    Some(Remedy {
        text: text.to_owned(),
        edit: Edit::AddCondition {
            file: granted.file,
            span: granted.span,
            actions,
            condition,
        },
    })
}

/// A statement in an identity policy, in the boundary, which nobody can leave behind, or in both.
fn add_statement(scene: &Scene<'_>, statement: &Value, text: &str) -> Vec<Remedy> {
    let has_boundary = !scene.boundaries.is_empty();
    let places = [
        (true, false, ""),
        (false, true, ", in the boundary"),
        (true, true, ", in the policy and in the boundary"),
    ];
    let places = places.into_iter().filter(|it| !it.1 || has_boundary);
    places
        .map(|(identity, boundary, place)| Remedy {
            text: format!("{text}{place}"),
            edit: Edit::AddStatement {
                identity,
                boundary,
                statement: statement.clone(),
            },
        })
        .collect()
}

/// A Deny of the call on the very object.
fn on_resource(scene: &Scene<'_>, request: &Request) -> Vec<Remedy> {
    let Some(resource) = request.resource.as_deref() else {
        return Vec::new();
    };
    let is_actor = resource == scene.actor && scene.actor_named;
    let is_held = scene.held.iter().any(|it| it.named && it.arn == resource);
    if !is_actor && !is_held {
        return Vec::new();
    }
    let action = &request.action.text;
    let statement = json!({"Effect": "Deny", "Action": [action], "Resource": [resource]});
    let text = format!("deny `{action}` on {}", objects::title(resource));
    add_statement(scene, &statement, &text)
}

/// The tags of the vendor's objects, asked for on the object that is changed.
fn only_own(scene: &Scene<'_>, granted: Option<&GrantedBy>, action: &str) -> Option<Remedy> {
    if scene.tags.is_empty() {
        return None;
    }
    let keys = scene.tags.iter();
    let keys: serde_json::Map<String, Value> = keys
        .map(|(tag, values)| (format!("aws:ResourceTag/{tag}"), json!(values)))
        .collect();
    let text = format!("allow `{action}` only on objects with the vendor's tag");
    add_condition(scene, granted, json!({"StringEquals": keys}), &text)
}
