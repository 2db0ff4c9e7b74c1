//! What the judged actor could do beyond what the profile needs: the names of the profile's
//! own objects and its negative requirements, put to [`crate::isolation`].

use super::{Input, Verdict, run};
use crate::analyze::Analysis;
use crate::evaluate::Principal;
use crate::isolation::{self, Change, MustNot};
use crate::policy::Document;
use crate::profile::{Object, Owner, Profile, SettingError, Settings};
use crate::source::FileId;

/// What is known of the account beside the policies that decide.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// Permissions boundaries that roles carry which the actor creates, other than its own.
    pub workload_boundaries: &'a [Document],
    /// The ARNs of documents.
    pub arns: &'a [(FileId, String)],
}

/// Looks for ways beyond the given access; `None` where no policy of the actor was given.
///
/// A change is offered only if every requirement that was met still is.
///
/// # Errors
///
/// Everything that is wrong with the settings.
pub fn isolation(
    input: &Input<'_>,
    beside: Beside<'_>,
    remedies: bool,
) -> Result<Option<isolation::Report>, Vec<SettingError>> {
    let profile = input.profile;
    let settings = input.settings;
    if input.policies.identity.is_empty() {
        return Ok(None);
    }
    let actor = settings.actors.first().unwrap_or(&profile.default_actor);
    let principal = match input.principal {
        Some(given) => Some(given.clone()),
        None => profile
            .principal(actor, settings)?
            .and_then(|it| Principal::parse(&it)),
    };
    let prefixes = prefixes(profile, settings);
    let of_actor = Settings {
        actors: vec![actor.clone()],
        ..settings.clone()
    };
    let must_not: Vec<MustNot> = profile
        .must_not(&of_actor)?
        .into_iter()
        .map(|it| MustNot {
            id: it.id,
            class: it.class.id.to_owned(),
            title: it.title,
            why: it.why,
            families: vec![it.family],
        })
        .collect();
    let met = |change: Option<&Change<'_>>| {
        let changed = Input {
            policies: change.map_or(input.policies, |it| it.policies),
            ..*input
        };
        run(&changed).map_or(0, |it| it.count(Verdict::Met))
    };
    let before = std::cell::OnceCell::new();
    let accepts = |change: &Change<'_>| met(Some(change)) >= *before.get_or_init(|| met(None));
    let oracle = Analysis {
        open_actions: false,
        ..Analysis::new(input.catalog)
    };
    let trusts: Vec<_> = input.trust.into_iter().cloned().collect();
    Ok(Some(isolation::run(&isolation::Input {
        policies: input.policies,
        trusts: &trusts,
        workload_boundaries: beside.workload_boundaries,
        arns: beside.arns,
        principal: principal.as_ref(),
        path_prefixes: &prefixes,
        own: &own_names(profile, settings)?,
        own_marks: &own_marks(profile, settings)?,
        // What must not happen to things without the vendor's tags the profile says itself.
        tags: &[],
        principals: &[],
        must_not: &must_not,
        dedicated_account: false,
        catalog: input.catalog,
        oracle: &oracle,
        unread: input.unread,
        accepts: Some(&accepts),
        remedies,
    })))
}

/// Returns the patterns of the profile's own objects that say a name: whatever has it is the
/// vendor's. IAM's are known by the profile's path and prefix.
fn own_names(profile: &Profile, settings: &Settings) -> Result<Vec<String>, Vec<SettingError>> {
    let mut names = Vec::new();
    for object in profile.objects.iter().filter(|it| it.owner == Owner::Ours) {
        let arn = profile.fill(&object.arn, settings)?;
        let service = arn.split(':').nth(2).unwrap_or_default();
        if service != "iam" && is_named(profile, object) && !names.contains(&arn) {
            names.push(arn);
        }
    }
    Ok(names)
}

/// Returns the tags that AWS alone sets (AWS General Reference, "Tagging your AWS resources") on what
/// the profile counts as the vendor's own.
fn own_marks(
    profile: &Profile,
    settings: &Settings,
) -> Result<Vec<(String, String)>, Vec<SettingError>> {
    let mut marks = Vec::new();
    let own = |it: &&Object| matches!(it.owner, Owner::Ours | Owner::Service);
    for (key, value) in profile.objects.iter().filter(own).flat_map(|it| &it.tags) {
        let mark = (profile.fill(key, settings)?, profile.fill(value, settings)?);
        if mark.0.starts_with("aws:") && !marks.contains(&mark) {
            marks.push(mark);
        }
    }
    Ok(marks)
}

/// Whether a name of the vendor's choice is in an object's ARN: one that the profile lets be set.
fn is_named(profile: &Profile, object: &Object) -> bool {
    let mut variables = object.arn.variables();
    variables.any(|name| {
        let kind = profile.variable(name).map(|it| it.kind.word());
        let word = kind.unwrap_or_default();
        let word = word.trim_end_matches("-list");
        matches!(word, "text" | "name-prefix" | "path")
    })
}

/// How the names of the vendor's own objects begin, by the profile's variables of these types.
fn prefixes(profile: &Profile, settings: &Settings) -> Vec<String> {
    let value = |name: &str| {
        let given = settings.variables.get(name);
        let default = || profile.variable(name).and_then(|it| it.default.as_ref());
        given.or_else(default).and_then(|it| it.first()).cloned()
    };
    let all = ["path", "prefix"].into_iter().filter_map(value);
    all.filter(|it| !it.is_empty() && it != "/").collect()
}
