//! What a profile requires already, so that it is not written again.

use crate::evidence::Observed;
use crate::evidence::resource::Seen;
use crate::pattern;
use crate::profile::{Call, ContextValue, Profile, Settings, VariableKind};

/// The calls that a profile requires under its defaults, with every feature.
pub(super) struct Required<'p> {
    profile: &'p Profile,
    calls: Vec<Call>,
}

impl<'p> Required<'p> {
    pub(super) fn of(profile: &'p Profile) -> Self {
        let settings = choices(profile);
        Self {
            calls: profile.calls(&settings).unwrap_or_default(),
            profile,
        }
    }

    /// Whether a call of this actor is required, on everything that it was checked on and with the
    /// keys that are known of it.
    pub(super) fn has(&self, call: &Observed, actor: &str) -> bool {
        self.calls.iter().any(|required| {
            required.action == call.action
                && required.actor == actor
                && is_of_region(required, call)
                && call
                    .context
                    .iter()
                    .all(|(key, it)| takes(required, key, it))
                && call.resources.iter().all(|it| match &it.arn {
                    Some(arn) => covers(required, arn),
                    None => self.leaves_open(required, it),
                })
        })
    }

    /// Whether a requirement is on a thing of this type whose ARN is a variable without a value.
    fn leaves_open(&self, required: &Call, seen: &Seen) -> bool {
        let Some(requirement) = required.requirement_of(self.profile) else {
            return false;
        };
        let mut objects = requirement
            .objects()
            .filter_map(|it| self.profile.object(it));
        objects.any(|object| {
            let arn = object.arn.written();
            let name = arn.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
            let variable = name.and_then(|it| self.profile.variable(it));
            let is_it = |description: &str| match &seen.name {
                Some(name) => description.contains(&format!("`{name}`")),
                None => !description.contains('`'),
            };
            object.resource_type == seen.resource_type
                && variable.is_some_and(|it| it.default.is_none() && is_it(&it.description))
        })
    }
}

/// Returns the defaults with every feature on; what has no value gets one that nothing has.
pub(super) fn choices(profile: &Profile) -> Settings {
    let features = profile.features.iter().map(|it| (it.name.clone(), true));
    let open = profile.variables.iter().filter(|it| it.default.is_none());
    let variables = open.map(|it| (it.name.clone(), vec![nothing(it.kind).to_owned()]));
    Settings {
        features: features.collect(),
        variables: variables.collect(),
        ..Settings::default()
    }
}

/// A value that fits a kind and that nothing has.
fn nothing(kind: VariableKind) -> &'static str {
    match kind.word().trim_end_matches("-list") {
        "account-id" => "000000000000",
        "region" => "xx-nowhere-0",
        "partition" => "aws",
        "arn" => "arn:aws:none:::none",
        "path" => "/none/",
        _ => "none",
    }
}

fn is_of_region(required: &Call, call: &Observed) -> bool {
    let service = call.action.split(':').next().unwrap_or_default();
    let region = call.region.as_ref();
    region.is_none_or(|region| {
        super::merge::GLOBAL_SERVICES.contains(&service)
            || takes(required, "aws:RequestedRegion", region)
    })
}

/// Whether requests of a call have this value of a key: it is fixed so, or nobody fixed it.
fn takes(required: &Call, key: &str, value: &str) -> bool {
    let is_key = |it: &str| it.eq_ignore_ascii_case(key);
    let own = required.resources.iter().flat_map(|it| &it.context);
    let mut fixed = required
        .context
        .iter()
        .chain(own)
        .filter(|(it, _)| is_key(it));
    match fixed.next() {
        Some((_, ContextValue::Family { pattern, .. })) => matches(pattern, value),
        Some((_, values)) => values.values().iter().any(|it| it == value),
        None => !required.absent.iter().any(|it| is_key(it)),
    }
}

fn covers(required: &Call, arn: &str) -> bool {
    let mut resources = required.resources.iter();
    resources.any(|it| match &it.family {
        Some(family) => matches(family, arn),
        None => it.arn == arn,
    })
}

/// Whether a family has this member, or is this family.
fn matches(family: &str, text: &str) -> bool {
    family == text || !text.contains('*') && pattern::matches_in_any_case(family, text)
}
