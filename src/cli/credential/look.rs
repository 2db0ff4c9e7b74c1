//! Shows kept credentials, and how subcommands end.

use serde_json::{Value, json};

use super::stop::Stop;
use super::{Format, ListArgs, ShowArgs, vault};
use crate::cli::check::print_text;
use crate::cli::preflight::{self, Examined};
use crate::report::credential::{self, Happened, Held, Pending, SCHEMA, Shown};
use crate::report::text::visible;
use crate::store::{Credential, Kind};

/// Lists a tenant's credentials. No key is needed: nothing is decrypted.
pub(super) fn list(args: &ListArgs) -> Result<u8, Stop> {
    let found = vault::open(&args.store)?.list(&args.store.tenant)?;
    let shown: Vec<Shown> = found.iter().map(shown).collect();
    match args.format {
        Format::Text if shown.is_empty() => print_text("no credential is kept for this tenant\n"),
        Format::Text => print_text(&credential::table(&shown)),
        Format::Json => {
            let all: Vec<Value> = shown.iter().map(credential::json).collect();
            print_json(&json!({"schema": SCHEMA, "credentials": all}));
        }
    }
    Ok(0)
}

/// Shows one credential and its events.
pub(super) fn show(args: &ShowArgs) -> Result<u8, Stop> {
    let store = vault::open(&args.store)?;
    let found = store.get(&args.store.tenant, &args.name)?;
    let events = store.events(&args.store.tenant)?;
    let events = events.into_iter().filter(|it| it.credential == found.id);
    let events: Vec<Happened> = events
        .map(|it| Happened {
            at: second(it.at),
            by: it.by,
            what: it.what,
        })
        .collect();
    let shown = shown(&found);
    match args.format {
        Format::Text => print_text(&credential::text(&shown, &events)),
        Format::Json => print_json(&json!({
            "schema": SCHEMA,
            "credential": credential::json(&shown),
            "events": credential::events_json(&events),
        })),
    }
    Ok(0)
}

/// How a subcommand ends.
#[derive(Default)]
pub(super) struct Outcome<'a> {
    /// The credential as it is kept; none: nothing was saved.
    pub(super) credential: Option<&'a Credential>,
    /// What the preflight found.
    pub(super) examined: Option<&'a Examined>,
    /// What was done, and what is left to do.
    pub(super) lines: Vec<String>,
}

impl Outcome<'_> {
    /// Prints it.
    pub(super) fn print(&self, format: Format) {
        if format == Format::Json {
            return print_json(&json!({
                "schema": SCHEMA,
                "credential": self.credential.map(|it| credential::json(&shown(it))),
                "preflight": self.examined.map(preflight::json),
                "messages": self.lines,
            }));
        }
        let mut text = self.examined.map(preflight::text).unwrap_or_default();
        if !text.is_empty() {
            text.push('\n');
        }
        for line in self.lines.iter().flat_map(|it| it.lines()) {
            text.push_str(&visible(line));
            text.push('\n');
        }
        print_text(&text);
    }
}

fn print_json(value: &Value) {
    print_text(&format!("{value:#}\n"));
}

/// Returns a credential as it is shown.
fn shown(it: &Credential) -> Shown {
    Shown {
        name: it.name.clone(),
        tenant: it.tenant.clone(),
        provider: it.provider(),
        held: match &it.kind {
            Kind::AccessKey { id } => Held::AccessKey(id.to_string()),
            Kind::Role { arn, external_id } => Held::Role(arn.clone(), external_id.clone()),
        },
        region: it.region.clone(),
        profile: it.profile.clone(),
        variables: it.settings.variables.clone(),
        features: it.settings.features.clone(),
        phases: it.settings.phases.clone(),
        is_isolation_required: it.settings.is_isolation_required,
        state: it.state.name(),
        since: second(it.state_at),
        reasons: it.reasons.clone(),
        account: it.account.clone(),
        principal: it.principal.clone(),
        isolation: it.isolation.clone(),
        added: second(it.created_at),
        pending: it.pending.as_ref().map(|it| Pending {
            step: it.step.name(),
            since: second(it.at),
            id: it.id.to_string(),
            replaces: it.replaces.to_string(),
        }),
    }
}

/// Returns a time in whole seconds.
fn second(at: jiff::Timestamp) -> String {
    let whole = jiff::Timestamp::from_second(at.as_second());
    whole.unwrap_or(at).to_string()
}
