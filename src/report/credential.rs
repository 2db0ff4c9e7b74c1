//! Kept credentials, for people and machines. No secret can come here: what is shown has no place
//! for one.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::text::visible;

/// The format of every `credential` subcommand's JSON.
pub const SCHEMA: &str = "rolecall/credential/v1";

/// A kept credential as it is shown; ids of access keys are masked already.
#[derive(Debug)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub tenant: String,
    /// The provider of the account.
    pub provider: &'static str,
    /// What it consists of.
    pub held: Held,
    /// The region where nothing else is said.
    pub region: Option<String>,
    /// The profile whose requirements it is to meet.
    pub profile: Option<String>,
    /// The profile's variables, `NAME=VALUE`.
    pub variables: Vec<String>,
    /// The profile's features.
    pub features: Vec<String>,
    /// The phases that are judged; none: all.
    pub phases: Vec<String>,
    /// Whether a way out makes it invalid.
    pub is_isolation_required: bool,
    /// How far it is to be trusted.
    pub state: &'static str,
    /// Since when.
    pub since: String,
    /// Why.
    pub reasons: Vec<String>,
    /// Its account.
    pub account: Option<String>,
    /// Its principal's ARN.
    pub principal: Option<String>,
    /// What the isolation search said.
    pub isolation: Option<String>,
    /// When it was added.
    pub added: String,
    /// A second key on its way.
    pub pending: Option<Pending>,
}

/// What a credential consists of.
#[derive(Debug)]
pub enum Held {
    /// An access key with this masked id.
    AccessKey(String),
    /// A role to be assumed: its ARN and the external ID.
    Role(String, Option<String>),
}

/// A second key on its way.
#[derive(Debug)]
pub struct Pending {
    /// How far it has come.
    pub step: &'static str,
    /// Since when.
    pub since: String,
    /// Its masked id.
    pub id: String,
    /// The masked id of the key that it replaces.
    pub replaces: String,
}

/// Something that happened to a credential.
#[derive(Debug)]
pub struct Happened {
    /// When.
    pub at: String,
    /// Who did it.
    pub by: String,
    /// What.
    pub what: String,
}

/// Returns a table of credentials.
#[must_use]
pub fn table(credentials: &[Shown]) -> String {
    let head = [
        "name",
        "state",
        "since",
        "key or role",
        "profile",
        "account",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for it in credentials {
        let dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let state = match &it.pending {
            Some(_) => format!("{}, rotating", it.state),
            None => it.state.to_owned(),
        };
        let row = [
            it.name.clone(),
            state,
            it.since.clone(),
            it.held.short(),
            dash(&it.profile),
            dash(&it.account),
        ];
        rows.push(row.map(|it| visible(&it).into_owned()));
    }
    let width = |at: usize| rows.iter().map(|it| it[at].chars().count()).max();
    let widths: Vec<usize> = (0..head.len()).filter_map(width).collect();
    let mut out = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths);
        let line: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        let _ = writeln!(out, "{}", line.join("  ").trim_end());
    }
    out
}

impl Held {
    fn short(&self) -> String {
        match self {
            Self::AccessKey(id) => id.clone(),
            Self::Role(arn, _) => arn.clone(),
        }
    }
}

/// Returns one credential, and what has happened to it.
#[must_use]
pub fn text(it: &Shown, events: &[Happened]) -> String {
    let mut out = String::new();
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(out, "{name:<12}{}", visible(value));
        }
    };
    row("name", &it.name);
    row("tenant", &it.tenant);
    row("state", &format!("{} since {}", it.state, it.since));
    for reason in &it.reasons {
        row("", &format!("- {reason}"));
    }
    match &it.held {
        Held::AccessKey(id) => row("access key", id),
        Held::Role(arn, external_id) => {
            row("role", arn);
            row("external ID", external_id.as_deref().unwrap_or_default());
        }
    }
    let optional = [
        ("account", &it.account),
        ("principal", &it.principal),
        ("isolation", &it.isolation),
        ("region", &it.region),
        ("profile", &it.profile),
    ];
    for (name, value) in optional {
        row(name, value.as_deref().unwrap_or_default());
    }
    row("variables", &it.variables.join(" "));
    row("features", &it.features.join(" "));
    row("phases", &it.phases.join(" "));
    if it.is_isolation_required {
        row("requires", "isolated");
    }
    row("added", &it.added);
    if let Some(pending) = &it.pending {
        let Pending {
            step,
            since,
            id,
            replaces,
        } = pending;
        row(
            "rotation",
            &format!("{id} takes the place of {replaces}: {step} since {since}"),
        );
    }
    if !events.is_empty() {
        out.push_str("\nwhat has happened\n");
    }
    for event in events {
        let line = format!("{}  {} by {}", event.at, event.what, event.by);
        let _ = writeln!(out, "  {}", visible(&line));
    }
    out
}

/// Returns a credential for machines.
#[must_use]
pub fn json(it: &Shown) -> Value {
    let (kind, access_key_id, role, external_id) = match &it.held {
        Held::AccessKey(id) => ("access-key", Some(id), None, None),
        Held::Role(arn, external_id) => ("role", None, Some(arn), external_id.as_ref()),
    };
    let pending = it.pending.as_ref().map(|it| {
        json!({
            "step": it.step,
            "since": it.since,
            "accessKeyId": it.id,
            "replaces": it.replaces,
        })
    });
    json!({
        "name": it.name,
        "tenant": it.tenant,
        "provider": it.provider,
        "kind": kind,
        "accessKeyId": access_key_id,
        "role": role,
        "externalId": external_id,
        "region": it.region,
        "profile": it.profile,
        "variables": it.variables,
        "features": it.features,
        "phases": it.phases,
        "isolationRequired": it.is_isolation_required,
        "state": it.state,
        "since": it.since,
        "reasons": it.reasons,
        "account": it.account,
        "principal": it.principal,
        "isolation": it.isolation,
        "added": it.added,
        "pending": pending,
    })
}

/// Returns what has happened, for machines.
#[must_use]
pub fn events_json(events: &[Happened]) -> Value {
    let one = |it: &Happened| json!({"at": it.at, "by": it.by, "what": it.what});
    events.iter().map(one).collect()
}
