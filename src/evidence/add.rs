//! Adds one requirement to the text of a profile, as a person asks for it.

use toml_edit::{DocumentMut, Table, value};

use super::call_list::{self, Given};
use super::operation::{self, Meaning};
use super::write::{Writer, actor_of_phase, add_evidence, add_phase, add_requirement, title_of};
use super::{Place, Reading};
use crate::profile::{Profile, ProfileError};

/// What a new requirement is to say.
#[derive(Clone, Debug, Default)]
pub struct Requested {
    /// `service:Name`.
    pub action: String,
    /// Objects of the profile, also as `new NAME`, or ARNs.
    pub resources: Vec<String>,
    /// The phase; none: the profile's last.
    pub phase: Option<String>,
    /// Its id; none: after the action.
    pub id: Option<String>,
    /// What it is for.
    pub why: Option<String>,
    /// What an operator sees without it.
    pub breaks: Option<String>,
    /// The feature that switches it on.
    pub feature: Option<String>,
    /// What it rests on: short names of the profile, or texts.
    pub evidence: Vec<String>,
}

/// Why nothing was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddError {
    /// The profile has errors.
    Profile(Vec<ProfileError>),
    /// What was asked for is wrong: what, and what to do.
    Request(String, String),
    /// The profile would have errors: the text as it would be, and they.
    Result(String, Vec<ProfileError>),
}

/// Returns the text with the requirement, and its id. Comments and layout stay.
///
/// # Errors
///
/// The profile has errors, or would have some.
pub fn add(name: &str, text: &str, requested: &Requested) -> Result<(String, String), AddError> {
    let profile = Profile::parse(name, text).map_err(AddError::Profile)?;
    let Ok(mut document) = text.parse::<DocumentMut>() else {
        // INVARIANT: what `toml` reads, `toml_edit` reads.
        return Err(AddError::Profile(Vec::new()));
    };
    let action = one_action(&requested.action)?;
    let last = profile.phases.last().map(|it| it.name.as_str());
    let phase = requested.phase.as_deref().or(last).unwrap_or("observed");
    if profile.phase(phase).is_none() {
        add_phase(&mut document, phase, &title_of(phase));
    }
    let is_taken = |id: &str| profile.requirements.iter().any(|it| it.id == id);
    if let Some(id) = requested.id.as_deref().filter(|id| is_taken(id)) {
        let help = "leave `--id` out, or give another".to_owned();
        return Err(AddError::Request(
            format!("there is a requirement `{id}` already"),
            help,
        ));
    }
    let mut writer = Writer::of(&mut document, &profile, phase);
    let id = match &requested.id {
        Some(id) => id.clone(),
        None => writer.id(&action),
    };
    let uses = uses(&profile, &action, requested, &mut writer)?;
    let mut table = Table::new();
    table.insert("id", value(&id));
    table.insert("phase", value(phase));
    table.insert("action", value(&action));
    if !uses.is_empty() {
        table.insert("resources", super::write::list(&uses));
    }
    if let Some(feature) = &requested.feature {
        table.insert("feature", value(feature));
    }
    if actor_of_phase(&profile, phase) != profile.default_actor && profile.phase(phase).is_none() {
        table.insert("actor", value(&profile.default_actor));
    }
    let why = requested
        .why
        .clone()
        .unwrap_or_else(|| format!("calls {action}"));
    table.insert("why", value(why));
    let breaks = requested.breaks.clone();
    let breaks = breaks.unwrap_or_else(|| format!("the call fails with AccessDenied on {action}"));
    table.insert("breaks", value(breaks));
    let known = document.get("evidence").and_then(|it| it.as_table_like());
    let known: Vec<String> = known
        .map(|it| it.iter().map(|(name, _)| name.to_owned()).collect())
        .unwrap_or_default();
    let evidence = requested
        .evidence
        .iter()
        .map(|it| match known.contains(it) {
            true => it.clone(),
            false => add_evidence(&mut document, &id, it),
        });
    let evidence: Vec<String> = evidence.collect();
    table.insert("evidence", super::write::list(&evidence));
    add_requirement(&mut document, table);
    let text = document.to_string();
    match Profile::parse(name, &text) {
        Ok(_) => Ok((text, id)),
        Err(errors) => Err(AddError::Result(text, errors)),
    }
}

/// Returns the one action that a text names, as AWS writes it.
fn one_action(text: &str) -> Result<String, AddError> {
    let Some((service, name)) = text.split_once(':') else {
        let help = "write `service:Action`, such as `ec2:CreateVpc`".to_owned();
        return Err(AddError::Request(format!("`{text}` is no action"), help));
    };
    match operation::meaning(service, name) {
        Meaning::Actions(meant) => match meant.as_slice() {
            [only] => Ok(only.name()),
            several => {
                let names: Vec<String> = several.iter().map(|it| it.name()).collect();
                let message = format!("`{text}` needs several actions");
                let help = format!("add each: `{}`", names.join("`, `"));
                Err(AddError::Request(message, help))
            }
        },
        Meaning::Unknown(message, help) => Err(AddError::Request(message, help)),
    }
}

/// Returns what the requirement is checked on, declaring ARNs as objects.
fn uses(
    profile: &Profile,
    action: &str,
    requested: &Requested,
    writer: &mut Writer<'_>,
) -> Result<Vec<String>, AddError> {
    let is_arn = |it: &&String| it.starts_with("arn:") || *it == "*";
    let mut uses: Vec<String> = requested
        .resources
        .iter()
        .filter(|it| !is_arn(it))
        .cloned()
        .collect();
    let arns: Vec<&String> = requested.resources.iter().filter(is_arn).collect();
    if arns.is_empty() && !uses.is_empty() {
        return Ok(uses);
    }
    let (service, name) = action.split_once(':').unwrap_or_default();
    let Meaning::Actions(meant) = operation::meaning(service, name) else {
        return Ok(uses);
    };
    let mut given = Given::default();
    for arn in arns {
        given.take(arn);
    }
    let mut reading = Reading::default();
    for meant in &meant {
        call_list::read_call(meant, &given, &Place::default(), None, &mut reading);
    }
    if let Some(unread) = reading.unread.into_iter().next() {
        return Err(AddError::Request(unread.message, unread.help));
    }
    for seen in reading.calls.iter().flat_map(|it| &it.resources) {
        if seen.arn.is_none() && uses.is_empty() {
            let (_, kind) = seen.resource_type.split_once(':').unwrap_or_default();
            let own = profile
                .objects
                .iter()
                .filter(|it| it.resource_type == seen.resource_type);
            let own: Vec<&str> = own.map(|it| it.name.as_str()).collect();
            let help = match own.as_slice() {
                [] => "name its ARN: `--resource ARN`, also with `*`".to_owned(),
                own => format!(
                    "name an object of the profile or an ARN: `--resource {}`",
                    own.join("`, `")
                ),
            };
            let message = format!("`{action}` is checked on a {kind}");
            return Err(AddError::Request(message, help));
        }
    }
    let home = super::write::home_of(profile);
    for seen in reading.calls.iter().flat_map(|it| &it.resources) {
        if seen.arn.is_some() {
            let thing = home.thing(seen, false);
            uses.push(
                writer
                    .objects
                    .name(writer.document, &thing, !profile.tags.is_empty())
                    .0,
            );
        }
    }
    Ok(uses)
}
