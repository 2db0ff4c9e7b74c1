//! Role trust policies: who may assume a role, as the profile's `sts:AssumeRole…` rows say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::atom::{Atoms, Conditions, atoms, one_or_many, written_conditions};
use super::bundle::Sentence;
use super::name::{camel, number};
use crate::catalog::Catalog;
use crate::evaluate::Principal;
use crate::profile::{Actor, ActorKind, Profile, SettingError, Settings};

/// The actions that a role trust policy decides (IAM User Guide, "Roles terms and concepts").
const DECIDED: [&str; 5] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:SetSourceIdentity",
];

/// Whether a role trust policy, not an identity policy, decides an action.
pub(super) fn decides(action: &str) -> bool {
    DECIDED.contains(&action)
}

/// Whether a trust policy tests a context key: what the caller proves, not what it is.
pub(super) fn tests(folded: &str) -> bool {
    const CLAIMS: [&str; 4] = [":aud", ":oaud", ":sub", ":amr"];
    // The services that take roles, and the tags of the session that they start.
    const OTHERS: [&str; 4] = [
        "sts:",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:requesttag/",
    ];
    OTHERS.iter().any(|it| folded.starts_with(it)) || CLAIMS.iter().any(|it| folded.ends_with(it))
}

/// Who may assume roles: every row of the profile that a trust policy decides.
pub(super) struct Trusts<'a> {
    profile: &'a Profile,
    settings: Settings,
    callers: Vec<(&'a Actor, Atoms)>,
}

impl<'a> Trusts<'a> {
    /// # Errors
    ///
    /// Everything that is wrong with the settings.
    pub(super) fn new(
        profile: &'a Profile,
        settings: &Settings,
        catalog: &Catalog,
    ) -> Result<Self, Vec<SettingError>> {
        let mut callers = Vec::new();
        // Who may assume a role is no matter of single phases.
        let mut settings = settings.clone();
        settings.phases.clear();
        for actor in &profile.actors {
            settings.actors = vec![actor.name.clone()];
            let mut own = atoms(profile, &settings, catalog)?;
            own.list.retain(|it| decides(&it.action));
            if !own.list.is_empty() {
                callers.push((actor, own));
            }
        }
        Ok(Self {
            profile,
            settings,
            callers,
        })
    }

    /// Returns the statements of a role's trust policy; `role` is its ARN, or a pattern.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the settings.
    pub(super) fn of(&self, role: &str) -> Result<Vec<Sentence>, Vec<SettingError>> {
        let mut sentences = Vec::new();
        let mut taken = BTreeSet::new();
        for (actor, own) in &self.callers {
            let mut grouped: BTreeMap<Conditions, (BTreeSet<&String>, Vec<&str>, Vec<String>)> =
                BTreeMap::new();
            for atom in own.list.iter().filter(|it| it.resource == role) {
                let (actions, whys, ids) = grouped.entry(atom.conditions.clone()).or_default();
                actions.insert(&atom.action);
                for source in &atom.sources {
                    if !ids.contains(&source.id) {
                        ids.push(source.id.clone());
                        whys.push(&source.why);
                    }
                }
            }
            for (conditions, (actions, whys, requirements)) in grouped {
                let sid = number(format!("Trust{}", camel(&actor.name)), &mut taken);
                let mut statement = Map::new();
                statement.insert("Sid".to_owned(), json!(sid));
                statement.insert("Effect".to_owned(), json!("Allow"));
                statement.insert("Principal".to_owned(), self.principal(actor)?);
                statement.insert("Action".to_owned(), one_or_many(actions));
                let conditions = written_conditions(&conditions);
                if !conditions.is_empty() {
                    statement.insert("Condition".to_owned(), Value::Object(conditions));
                }
                sentences.push(Sentence {
                    statement: Value::Object(statement),
                    why: whys.join("; "),
                    requirements,
                });
            }
        }
        Ok(sentences)
    }

    /// Returns the `Principal` element that names an actor and nobody else.
    fn principal(&self, actor: &Actor) -> Result<Value, Vec<SettingError>> {
        let text = self.profile.fill(&actor.principal, &self.settings)?;
        Ok(match actor.kind {
            ActorKind::Service => json!({"Service": text}),
            ActorKind::WebIdentity => json!({"Federated": text}),
            ActorKind::RoleSession => {
                let role = self.role_of(actor)?;
                let role = role.or_else(|| Principal::parse(&text)?.principal_arn());
                json!({"AWS": role.unwrap_or(text)})
            }
            _ => json!({"AWS": text}),
        })
    }

    /// Returns the role's own ARN, where the actor's sessions carry it.
    fn role_of(&self, actor: &Actor) -> Result<Option<String>, Vec<SettingError>> {
        let own = actor
            .context
            .iter()
            .find(|(key, _)| key.name.eq_ignore_ascii_case("aws:PrincipalArn"));
        let template = own.and_then(|(_, values)| values.templates().next());
        template
            .map(|it| self.profile.fill(it, &self.settings))
            .transpose()
    }
}
