//! From observed calls to requirements: each call once, those that differ in one resource together.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::Options;
use super::object::{Home, Thing};
use crate::evidence::Observed;
use crate::evidence::name::escaped;

/// A requirement to be written.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    pub(super) action: String,
    pub(super) things: Vec<Thing>,
    /// Whether each thing is a call of its own.
    pub(super) is_each: bool,
    pub(super) context: Vec<(String, String)>,
    pub(super) passes: Vec<Thing>,
    pub(super) actor: String,
    /// Whether it sends no tags.
    pub(super) is_untagged: bool,
    pub(super) why: String,
    /// One text for each file.
    pub(super) evidence: Vec<String>,
    calls: Vec<Observed>,
}

/// Services whose calls carry the region of the partition's home, whatever was called.
const GLOBAL_SERVICES: [&str; 4] = ["iam", "sts", "route53", "organizations"];

/// Returns the requirements in the order in which their calls were first seen.
pub(super) fn merge(
    calls: &[Observed],
    home: &Home,
    options: &Options<'_>,
    actor_of: impl Fn(&Observed) -> String,
) -> Vec<Demand> {
    let known = Tagged::of(calls);
    let mut demands: Vec<Demand> = Vec::new();
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    for call in calls {
        let demand = Demand {
            action: call.action.clone(),
            things: things(call, home, options, &known),
            is_each: false,
            context: context(call, home),
            passes: roles(call, home),
            actor: actor_of(call),
            is_untagged: call.tags.is_empty(),
            why: String::new(),
            evidence: Vec::new(),
            calls: vec![call.clone()],
        };
        match places.entry(demand.key()) {
            Entry::Occupied(place) => demands[*place.get()].calls.extend(demand.calls),
            Entry::Vacant(place) => {
                place.insert(demands.len());
                demands.push(demand);
            }
        }
    }
    let mut merged: Vec<Demand> = Vec::new();
    for demand in demands {
        let has_one = |it: &Demand| it.is_each || it.things.len() == 1;
        let kind = |it: &Demand| it.things.first().map(|it| it.resource_type.clone());
        let other = merged.iter_mut().find(|it| {
            it.is_like(&demand) && has_one(it) && has_one(&demand) && kind(it) == kind(&demand)
        });
        match other {
            Some(other) => {
                other.is_each = true;
                other.things.extend(demand.things);
                other.calls.extend(demand.calls);
            }
            None => merged.push(demand),
        }
    }
    for demand in &mut merged {
        demand.why = why(&demand.calls);
        demand.evidence = evidence(&demand.calls);
    }
    merged
}

impl Demand {
    /// Everything by which two calls are the same, as a text: there may be very many of them.
    fn key(&self) -> String {
        let Self {
            action,
            things,
            context,
            passes,
            actor,
            is_untagged,
            ..
        } = self;
        format!("{action} {things:?} {context:?} {passes:?} {actor:?} {is_untagged}")
    }

    fn is_like(&self, other: &Self) -> bool {
        self.action == other.action
            && self.context == other.context
            && self.passes == other.passes
            && self.actor == other.actor
            && self.is_untagged == other.is_untagged
    }
}

/// The tags of what was created, by ARN.
struct Tagged<'c>(Vec<(&'c str, &'c [(String, String)])>);

impl<'c> Tagged<'c> {
    fn of(calls: &'c [Observed]) -> Self {
        let mut known = Vec::new();
        for call in calls.iter().filter(|it| !it.tags.is_empty()) {
            for seen in call.resources.iter().filter(|it| it.created) {
                let arn = seen.assigned.as_deref().or(seen.arn.as_deref());
                known.extend(arn.map(|it| (it, call.tags.as_slice())));
            }
        }
        Self(known)
    }

    fn tags(&self, arn: &str) -> Vec<(String, String)> {
        let found = self.0.iter().find(|(known, _)| *known == arn);
        found.map(|(_, tags)| tags.to_vec()).unwrap_or_default()
    }
}

fn things(call: &Observed, home: &Home, options: &Options<'_>, known: &Tagged<'_>) -> Vec<Thing> {
    let mut things: Vec<Thing> = Vec::new();
    for seen in &call.resources {
        let mut thing = home.thing(seen, options.generalise);
        thing.tags = match seen.created {
            true => call.tags.clone(),
            false => known.tags(seen.arn.as_deref().unwrap_or_default()),
        };
        thing.tags.retain(|(key, _)| !key.starts_with("aws:"));
        if !things.contains(&thing) {
            things.push(thing);
        }
    }
    things
}

fn roles(call: &Observed, home: &Home) -> Vec<Thing> {
    let seen = call.passes.iter().map(|arn| {
        let seen = crate::evidence::Seen::of("iam:role", Some(arn.clone()));
        home.thing(&seen, false)
    });
    seen.collect()
}

fn context(call: &Observed, home: &Home) -> Vec<(String, String)> {
    let mut context: Vec<(String, String)> = call
        .context
        .iter()
        .map(|(key, it)| (escaped(key), home.templated(it)))
        .collect();
    let service = call.action.split(':').next().unwrap_or_default();
    let is_told = context.iter().any(|(key, _)| key == "aws:RequestedRegion");
    if let Some(region) = &call.region {
        let is_home = home.region.as_ref() == Some(region);
        if !is_home && !is_told && !GLOBAL_SERVICES.contains(&service) {
            context.push(("aws:RequestedRegion".to_owned(), escaped(region)));
        }
    }
    context
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}

/// Says what was seen, and that it was denied.
fn why(calls: &[Observed]) -> String {
    let denied: Vec<_> = calls.iter().filter_map(|it| it.denied.as_ref()).collect();
    let seen = format!("called {}", times(calls.len()));
    if denied.is_empty() {
        return seen;
    }
    let count = match denied.len() == calls.len() {
        true => String::new(),
        false => format!(" {}", times(denied.len())),
    };
    let causes = denied.iter().map(|it| it.cause.as_str());
    let cause = causes.filter(|it| !it.is_empty()).max_by_key(|it| it.len());
    let cause = cause.map(|it| format!(": {it}")).unwrap_or_default();
    format!("{seen}, denied{count}{cause}")
}

/// Says where it was seen, file by file: the first place, and how many there are.
fn evidence(calls: &[Observed]) -> Vec<String> {
    let mut files: Vec<(&str, Vec<&Observed>)> = Vec::new();
    for call in calls {
        match files.iter_mut().find(|(file, _)| *file == call.place.file) {
            Some((_, of)) => of.push(call),
            None => files.push((&call.place.file, vec![call])),
        }
    }
    let texts = files.into_iter().map(|(file, calls)| {
        let first = &calls[0].place;
        let mut text = match &first.event {
            Some(event) => format!("{file}, event {event}"),
            None => format!("{file}, line {}", first.line),
        };
        if let Some(time) = &first.time {
            text.push_str(&format!(" of {time}"));
        }
        if calls.len() > 1 {
            text.push_str(&format!(", and {} more", calls.len() - 1));
        }
        text
    });
    texts.collect()
}
