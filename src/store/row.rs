//! Rows of the store's tables, read and written.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, named_params};

use super::credential::{
    AccessKeyId, Credential, Event, Kind, PROVIDER, PendingKey, Settings, Stamp, State, Step,
};
use super::error::StoreError;

/// The secret of the key in use.
pub(super) const IN_USE: &str = "secret-access-key";
/// The secret of the key that is to take its place.
pub(super) const PENDING: &str = "pending-secret-access-key";

/// The secret of the key that was replaced, until AWS no longer takes it.
pub(super) const REPLACED: &str = "replaced-secret-access-key";

const ACCESS_KEY: &str = "access key";
const ROLE: &str = "role";

/// Returns the credential of a tenant.
pub(super) fn load(
    connection: &Connection,
    tenant: &str,
    name: &str,
) -> Result<Credential, StoreError> {
    let found = connection
        .query_row(
            "SELECT * FROM credentials WHERE tenant = ?1 AND name = ?2",
            (tenant, name),
            |row| Ok(read(row)),
        )
        .optional()?;
    found.unwrap_or_else(|| {
        Err(StoreError::NotFound {
            name: name.to_owned(),
        })
    })
}

/// Reads a row of `credentials`.
pub(super) fn read(row: &Row<'_>) -> Result<Credential, StoreError> {
    let name: String = row.get("name")?;
    let damaged = |what| StoreError::Damaged {
        name: name.clone(),
        what,
    };
    let time = |what| -> Result<Timestamp, StoreError> {
        let text: String = row.get(what)?;
        text.parse().map_err(|_| damaged(what))
    };
    let key = |what| -> Result<AccessKeyId, StoreError> {
        let text: Option<String> = row.get(what)?;
        AccessKeyId::new(&text.unwrap_or_default()).map_err(|_| damaged(what))
    };
    let provider: String = row.get("provider")?;
    if provider != PROVIDER {
        return Err(damaged("provider"));
    }
    let kind: String = row.get("kind")?;
    let kind = match kind.as_str() {
        ACCESS_KEY => Kind::AccessKey {
            id: key("access_key_id")?,
        },
        ROLE => Kind::Role {
            arn: row.get("role_arn")?,
            external_id: row.get("external_id")?,
        },
        _ => return Err(damaged("kind")),
    };
    let pending = match row.get::<_, Option<String>>("pending_step")? {
        Some(step) => Some(PendingKey {
            step: Step::of_name(&step).ok_or_else(|| damaged("pending_step"))?,
            id: key("pending_id")?,
            replaces: key("pending_replaces")?,
            at: time("pending_at")?,
            secret_revision: row.get("pending_revision")?,
        }),
        None => None,
    };
    let list = |what| -> Result<Vec<String>, StoreError> {
        let text: String = row.get(what)?;
        serde_json::from_str(&text).map_err(|_| damaged(what))
    };
    let state: String = row.get("state")?;
    Ok(Credential {
        id: row.get("id")?,
        tenant: row.get("tenant")?,
        kind,
        region: row.get("region")?,
        profile: row.get("profile")?,
        settings: Settings {
            variables: list("variables")?,
            features: list("features")?,
            phases: list("phases")?,
            is_isolation_required: row.get("isolation_required")?,
        },
        state: State::of_name(&state).ok_or_else(|| damaged("state"))?,
        state_at: time("state_at")?,
        reasons: list("reasons")?,
        account: row.get("account")?,
        principal: row.get("principal")?,
        isolation: row.get("isolation")?,
        created_at: time("created_at")?,
        revision: row.get("revision")?,
        secret_revision: row.get("secret_revision")?,
        pending,
        name,
    })
}

/// Writes a row of `credentials`, a new one or in place of the one of this id.
pub(super) fn write(connection: &Connection, it: &Credential) -> Result<(), StoreError> {
    let (kind, access_key_id, role_arn, external_id) = match &it.kind {
        Kind::AccessKey { id } => (ACCESS_KEY, Some(id.as_str()), None, None),
        Kind::Role { arn, external_id } => (ROLE, None, Some(arn), external_id.as_ref()),
    };
    let pending = it.pending.as_ref();
    let list = |texts: &[String]| {
        let texts: serde_json::Value = texts.iter().map(String::as_str).collect();
        texts.to_string()
    };
    connection.execute(
        "INSERT INTO credentials VALUES (
             :id, :tenant, :name, :provider, :kind, :access_key_id, :role_arn, :external_id,
             :region, :profile, :variables, :features, :phases, :isolation_required,
             :state, :state_at, :reasons, :account, :principal, :isolation,
             :created_at, :revision, :secret_revision, :pending_step, :pending_id,
             :pending_replaces, :pending_at, :pending_revision)
         ON CONFLICT (id) DO UPDATE SET
             access_key_id = :access_key_id, state = :state, state_at = :state_at,
             reasons = :reasons, account = :account, principal = :principal,
             isolation = :isolation, revision = :revision, secret_revision = :secret_revision,
             pending_step = :pending_step, pending_id = :pending_id,
             pending_replaces = :pending_replaces, pending_at = :pending_at,
             pending_revision = :pending_revision",
        named_params! {
            ":id": it.id,
            ":tenant": it.tenant,
            ":name": it.name,
            ":provider": PROVIDER,
            ":kind": kind,
            ":access_key_id": access_key_id,
            ":role_arn": role_arn,
            ":external_id": external_id,
            ":region": it.region,
            ":profile": it.profile,
            ":variables": list(&it.settings.variables),
            ":features": list(&it.settings.features),
            ":phases": list(&it.settings.phases),
            ":isolation_required": it.settings.is_isolation_required,
            ":state": it.state.name(),
            ":state_at": it.state_at.to_string(),
            ":reasons": list(&it.reasons),
            ":account": it.account,
            ":principal": it.principal,
            ":isolation": it.isolation,
            ":created_at": it.created_at.to_string(),
            ":revision": it.revision,
            ":secret_revision": it.secret_revision,
            ":pending_step": pending.map(|it| it.step.name()),
            ":pending_id": pending.map(|it| it.id.as_str()),
            ":pending_replaces": pending.map(|it| it.replaces.as_str()),
            ":pending_at": pending.map(|it| it.at.to_string()),
            ":pending_revision": pending.map(|it| it.secret_revision),
        },
    )?;
    Ok(())
}

/// Adds what happened to the list of events.
pub(super) fn add_event(
    connection: &Connection,
    it: &Credential,
    what: &str,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO events (at, by, what, tenant, credential, name, revision, secret_revision)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            stamp.at.to_string(),
            &stamp.by,
            what,
            &it.tenant,
            &it.id,
            &it.name,
            it.revision,
            it.secret_revision,
        ),
    )?;
    Ok(())
}

/// Reads a row of `events`.
pub(super) fn read_event(row: &Row<'_>) -> Result<Event, StoreError> {
    let name: String = row.get("name")?;
    let at: String = row.get("at")?;
    let at = at.parse().map_err(|_| StoreError::Damaged {
        name: name.clone(),
        what: "an event's time",
    })?;
    Ok(Event {
        number: row.get("number")?,
        at,
        by: row.get("by")?,
        what: row.get("what")?,
        credential: row.get("credential")?,
        revision: row.get("revision")?,
        name,
    })
}

/// Refuses a record that is not the one of its latest event: it was put back from an earlier time.
pub(super) fn check_latest(connection: &Connection, it: &Credential) -> Result<(), StoreError> {
    let latest: Option<(i64, i64)> = connection
        .query_row(
            "SELECT revision, secret_revision FROM events
             WHERE credential = ?1 AND tenant = ?2 ORDER BY number DESC LIMIT 1",
            (&it.id, &it.tenant),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    if latest == Some((it.revision, it.secret_revision)) {
        return Ok(());
    }
    Err(StoreError::Tampered {
        name: it.name.clone(),
    })
}
