//! Writes profiles from observed calls: a new one, or more of one that is there.
//!
//! One requirement for each call that is not the same as another, with the ARNs as they were seen;
//! account, region and partition become variables. What the evidence does not tell becomes a
//! variable without a value. Patterns are made only on request ([`Options::generalise`]). The text
//! is made with `toml_edit`: what is there already keeps its comments and layout.

mod merge;
mod object;
mod table;

use toml_edit::{DocumentMut, Item, Table, value};

use super::name::{kebab, unique};
use super::{Observed, Reading, Unread};
use crate::evaluate::Principal;
use crate::pattern;
use crate::profile::{Profile, ProfileError, Settings};
use merge::{Demand, merge};
use object::{Home, Objects};
use table::add_variable;
pub(super) use table::{add_evidence, add_phase, add_requirement};

/// How to write a profile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'o> {
    /// Its title.
    pub title: Option<&'o str>,
    /// The phase of the new requirements; none: `observed`.
    pub phase: Option<&'o str>,
    /// Whether ids that AWS assigned become patterns, and so does what the evidence does not tell.
    pub generalise: bool,
}

impl<'o> Options<'o> {
    fn phase(&self) -> &'o str {
        self.phase.unwrap_or("observed")
    }
}

/// A profile with what was added to it.
#[derive(Clone, Debug, Default)]
pub struct Extended {
    /// The text.
    pub text: String,
    /// The ids of the new requirements.
    pub added: Vec<String>,
    /// How many calls were required already.
    pub known: usize,
    /// Variables without a value: what the evidence does not tell.
    pub open: Vec<String>,
}

/// Reads texts of evidence and returns the profile of what they say, its text, and what could not
/// be told.
///
/// # Errors
///
/// What is wrong with the text that was made: an error of this program.
pub fn profile(
    name: &str,
    texts: &[(&str, &[u8])],
    options: &Options<'_>,
) -> Result<(Profile, String, Vec<Unread>), Vec<ProfileError>> {
    let mut reading = Reading::default();
    for (file, bytes) in texts {
        super::read(file, bytes, &mut reading);
    }
    let text = profile_text(&reading, options).text;
    Ok((Profile::parse(name, &text)?, text, reading.unread))
}

/// Returns the text of a new profile that requires every observed call.
#[must_use]
pub fn profile_text(reading: &Reading, options: &Options<'_>) -> Extended {
    let mut document = DocumentMut::new();
    let home = Home::of(&reading.calls);
    let actors = actors(&reading.calls);
    write_head(&mut document, reading, &actors, options);
    let mut variable = |name: &str, kind: &str, default: Option<&str>, description: &str| {
        add_variable(&mut document, name, kind, default, description);
    };
    let partition = home.partition.as_deref().or(Some("aws"));
    variable(
        "partition",
        "partition",
        partition,
        "the partition of the account",
    );
    variable(
        "account",
        "account-id",
        home.account.as_deref(),
        "the account",
    );
    if home.region.is_some() || home.needs_region(&reading.calls, options.generalise) {
        variable(
            "region",
            "region",
            home.region.as_deref(),
            "the region of the calls",
        );
    }
    let mut open = Vec::new();
    if home.account.is_none() {
        open.push("account".to_owned());
    }
    if home.region.is_none() && home.needs_region(&reading.calls, options.generalise) {
        open.push("region".to_owned());
    }
    for actor in &actors {
        write_actor(&mut document, actor, &home);
    }
    let name = options.phase();
    add_phase(&mut document, name, &title_of(name));
    let mut objects = Table::new();
    objects.set_implicit(true);
    document
        .as_table_mut()
        .insert("objects", Item::Table(objects));
    let home = home.with_variables();
    let actor_of = |call: &Observed| {
        let named = actors.iter().find(|it| it.is(call.caller.as_deref()));
        named.map_or_else(|| actors[0].name.clone(), |it| it.name.clone())
    };
    let demands = merge(&reading.calls, &home, options, actor_of);
    let mut extended = Extended {
        open,
        ..Extended::default()
    };
    let mut writer = Writer {
        document: &mut document,
        objects: Objects::default(),
        ids: Vec::new(),
        default_actor: actors[0].name.clone(),
        phase: name.to_owned(),
        has_tags: false,
    };
    for demand in &demands {
        writer.write(demand, &mut extended);
    }
    extended.text = document.to_string();
    extended
}

/// Adds the observed calls that a profile does not require yet.
///
/// # Errors
///
/// What is wrong with the profile.
pub fn extend(
    name: &str,
    text: &str,
    reading: &Reading,
    options: &Options<'_>,
) -> Result<Extended, Vec<ProfileError>> {
    let profile = Profile::parse(name, text)?;
    let Ok(mut document) = text.parse::<DocumentMut>() else {
        // INVARIANT: what `toml` reads, `toml_edit` reads.
        return Err(Vec::new());
    };
    let home = Home::of_profile(&profile);
    let actor_of = |call: &Observed| actor_in(&profile, call.caller.as_deref());
    let mut extended = Extended::default();
    let new: Vec<Observed> = {
        let required = Required::of(&profile);
        let is_new = |it: &&Observed| !required.has(it);
        reading.calls.iter().filter(is_new).cloned().collect()
    };
    extended.known = reading.calls.len() - new.len();
    let demands = merge(&new, &home, options, actor_of);
    let phase = options.phase();
    if profile.phase(phase).is_none() && !demands.is_empty() {
        add_phase(&mut document, phase, &title_of(phase));
    }
    let mut writer = Writer::of(&mut document, &profile, phase);
    for demand in &demands {
        writer.write(demand, &mut extended);
    }
    extended.text = document.to_string();
    Ok(extended)
}

/// Returns the account, region and partition of a profile.
pub(super) fn home_of(profile: &Profile) -> Home {
    Home::of_profile(profile)
}

/// Returns a list of texts.
pub(super) fn list(texts: &[String]) -> Item {
    table::list(texts.iter().map(String::as_str))
}

/// The calls that a profile requires under its defaults, with every feature.
struct Required(Vec<crate::profile::Call>);

impl Required {
    fn of(profile: &Profile) -> Self {
        let features = profile.features.iter().map(|it| (it.name.clone(), true));
        let settings = Settings {
            features: features.collect(),
            ..Settings::default()
        };
        // A variable without a value keeps calls from being made: then all of them are new.
        Self(profile.calls(&settings).unwrap_or_default())
    }

    fn has(&self, call: &Observed) -> bool {
        self.0.iter().any(|required| {
            let covers = |arn: &str| {
                required.resources.iter().any(|it| {
                    let family = it.family.as_deref().unwrap_or(&it.arn);
                    family == arn || !arn.contains('*') && pattern::matches_in_any_case(family, arn)
                })
            };
            required.action == call.action
                && call
                    .resources
                    .iter()
                    .all(|it| it.arn.as_deref().is_some_and(covers))
        })
    }
}

/// Puts what is demanded into a document.
pub(super) struct Writer<'d> {
    pub(super) document: &'d mut DocumentMut,
    pub(super) objects: Objects,
    ids: Vec<String>,
    default_actor: String,
    phase: String,
    has_tags: bool,
}

impl<'d> Writer<'d> {
    pub(super) fn of(document: &'d mut DocumentMut, profile: &Profile, phase: &str) -> Self {
        Self {
            document,
            objects: Objects::of(profile),
            ids: profile
                .requirements
                .iter()
                .map(|it| it.id.clone())
                .collect(),
            default_actor: actor_of_phase(profile, phase),
            phase: phase.to_owned(),
            has_tags: !profile.tags.is_empty(),
        }
    }

    /// Returns an id for a requirement of this action.
    pub(super) fn id(&mut self, action: &str) -> String {
        let (service, name) = action.split_once(':').unwrap_or(("", action));
        let plain = kebab(name);
        let id = match self.ids.contains(&plain) {
            true => unique(&format!("{service}-{plain}"), |it| {
                self.ids.iter().any(|id| id == it)
            }),
            false => plain,
        };
        self.ids.push(id.clone());
        id
    }

    fn write(&mut self, demand: &Demand, extended: &mut Extended) {
        let id = self.id(&demand.action);
        let mut table = Table::new();
        table.insert("id", value(&id));
        table.insert("phase", value(&self.phase));
        table.insert("action", value(&demand.action));
        let mut uses = Vec::new();
        for thing in &demand.things {
            let (name, open) = self.objects.name(self.document, thing, self.has_tags);
            extended.open.extend(open);
            uses.push(match thing.created {
                true => format!("new {name}"),
                false => name,
            });
        }
        if !uses.is_empty() {
            let key = if demand.is_each { "each" } else { "resources" };
            table.insert(key, table::list(uses.iter().map(String::as_str)));
        }
        let creates = demand.things.iter().any(|it| it.created);
        if creates && demand.is_untagged && self.has_tags {
            table.insert("tagged", value(false));
        }
        if !demand.context.is_empty() {
            let keys = demand.context.iter();
            table.insert(
                "context",
                table::inline(keys.map(|(key, it)| (key.as_str(), it.as_str()))),
            );
        }
        let mut roles = Vec::new();
        for role in &demand.passes {
            let (name, _) = self.objects.name(self.document, role, self.has_tags);
            roles.push(name);
        }
        if !roles.is_empty() {
            table.insert("passes", table::list(roles.iter().map(String::as_str)));
        }
        if demand.actor != self.default_actor {
            table.insert("actor", value(&demand.actor));
        }
        table.insert("why", value(&demand.why));
        let breaks = format!("the call fails with AccessDenied on {}", demand.action);
        table.insert("breaks", value(breaks));
        let mut names = Vec::new();
        for text in &demand.evidence {
            names.push(add_evidence(self.document, &id, text));
        }
        table.insert("evidence", table::list(names.iter().map(String::as_str)));
        add_requirement(self.document, table);
        extended.added.push(id);
    }
}

/// Who calls.
struct Caller {
    name: String,
    arn: Option<String>,
}

impl Caller {
    /// Whether this is the same role or user; sessions of one role are one.
    fn is(&self, arn: Option<&str>) -> bool {
        match (&self.arn, arn) {
            (Some(own), Some(other)) => identity(own) == identity(other),
            _ => false,
        }
    }
}

/// Returns account and name of a caller.
fn identity(arn: &str) -> Option<(String, String)> {
    let principal = Principal::parse(arn)?;
    let identity = principal.identity()?;
    let name = match principal {
        Principal::Root(_) => "root",
        _ => &*identity.name,
    };
    Some((identity.account.to_string(), name.to_owned()))
}

/// Returns the callers, the one with most calls first.
fn actors(calls: &[Observed]) -> Vec<Caller> {
    let mut counted: Vec<(usize, Caller)> = Vec::new();
    for call in calls {
        let Some(arn) = call.caller.as_deref().filter(|it| identity(it).is_some()) else {
            continue;
        };
        match counted.iter_mut().find(|(_, it)| it.is(Some(arn))) {
            Some((count, _)) => *count += 1,
            None => {
                let (_, name) = identity(arn).unwrap_or_default();
                let is_taken = |it: &str| counted.iter().any(|(_, known)| known.name == it);
                let caller = Caller {
                    name: unique(&kebab(&name), is_taken),
                    arn: Some(arn.to_owned()),
                };
                counted.push((1, caller));
            }
        }
    }
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    if counted.is_empty() {
        let name = "vendor".to_owned();
        counted.push((0, Caller { name, arn: None }));
    }
    counted.into_iter().map(|(_, it)| it).collect()
}

fn actor_in(profile: &Profile, caller: Option<&str>) -> String {
    let settings = Settings::default();
    let named = caller.and_then(|caller| {
        profile.actors.iter().find(|actor| {
            let principal = profile.principal(&actor.name, &settings).ok().flatten();
            principal.is_some_and(|it| identity(&it).is_some() && identity(&it) == identity(caller))
        })
    });
    named.map_or_else(|| profile.default_actor.clone(), |it| it.name.clone())
}

pub(super) fn actor_of_phase(profile: &Profile, phase: &str) -> String {
    let own = profile.phase(phase).and_then(|it| it.actor.clone());
    own.unwrap_or_else(|| profile.default_actor.clone())
}

pub(super) fn title_of(phase: &str) -> String {
    match phase {
        "observed" => "Observed calls".to_owned(),
        other => {
            let words = other.replace('-', " ");
            let mut letters = words.chars();
            let first = letters.next().map(|it| it.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        }
    }
}

fn write_head(
    document: &mut DocumentMut,
    reading: &Reading,
    actors: &[Caller],
    options: &Options<'_>,
) {
    let mut files: Vec<&str> = Vec::new();
    for call in &reading.calls {
        if !files.contains(&call.place.file.as_str()) {
            files.push(&call.place.file);
        }
    }
    let root = document.as_table_mut();
    root.insert("schema", value(1));
    root.insert("title", value(options.title.unwrap_or("Observed calls")));
    let count = reading.calls.len();
    let calls = if count == 1 { "call" } else { "calls" };
    root.insert(
        "summary",
        value(format!("What {count} observed {calls} needed")),
    );
    root.insert("default-actor", value(&actors[0].name));
    if let Some(mut key) = root.key_mut("schema") {
        key.leaf_decor_mut().set_prefix(
            "# Made by rolecall from observed calls. It knows what was called, not what may still be.\n\
             # The language is described in policies/README.md of rolecall.\n",
        );
    }
    let mut source = Table::new();
    let names = if files.is_empty() {
        "nothing".to_owned()
    } else {
        files.join(", ")
    };
    source.insert("document", value(format!("calls observed in {names}")));
    let mut notes: Vec<String> = reading.unread.iter().map(note).collect();
    if reading
        .calls
        .iter()
        .any(|it| it.resources.iter().any(object::is_taken_for_own))
    {
        notes.push(
            "What names no owner in its ARN, such as a bucket, is taken to be the account's own."
                .to_owned(),
        );
    }
    if !notes.is_empty() {
        source.insert("notes", table::lines(notes.iter().map(String::as_str)));
    }
    root.insert("source", Item::Table(source));
    root.insert("evidence", Item::Table(Table::new()));
    for section in ["variables", "actors"] {
        let mut table = Table::new();
        table.set_implicit(true);
        root.insert(section, Item::Table(table));
    }
}

/// What could not be told, as a note of the profile.
fn note(unread: &Unread) -> String {
    let more = match unread.count {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    format!(
        "Not read: {}:{}{more}: {}",
        unread.place.file, unread.place.line, unread.message
    )
}

fn write_actor(document: &mut DocumentMut, actor: &Caller, home: &Home) {
    let mut table = Table::new();
    let (kind, principal, title) = match &actor.arn {
        Some(arn) => {
            let (kind, what) = match Principal::parse(arn) {
                Some(Principal::User(_)) => ("user", "the user"),
                Some(Principal::Root(_)) => ("root", "the root user"),
                _ => ("role-session", "the role"),
            };
            let title = match what {
                "the root user" => what.to_owned(),
                _ => format!("{what} `{}`", identity(arn).unwrap_or_default().1),
            };
            (kind, home.clone().with_variables().templated(arn), title)
        }
        None => {
            let arn = "arn:{partition}:sts::{account}:assumed-role/vendor/session";
            (
                "role-session",
                arn.to_owned(),
                "the vendor's role".to_owned(),
            )
        }
    };
    table.insert("kind", value(kind));
    table.insert("principal", value(principal));
    table.insert("title", value(title));
    if actor.arn.is_none() {
        let comment = "\n# The evidence names no caller: write its ARN here.\n";
        table.decor_mut().set_prefix(comment);
    }
    table::insert_named(document, "actors", &actor.name, table);
}
