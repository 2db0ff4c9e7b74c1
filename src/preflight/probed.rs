//! The third rung: probes, for what neither the texts nor the simulator settled.

use std::collections::BTreeMap;

use super::probe::{self, Names, Probe};
use super::{Account, Rung, Settled};
use crate::check::Verdict;
use crate::profile::Call;

/// Which probes are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Probing {
    /// None.
    Nothing,
    /// Those whose action only reads.
    #[default]
    Reads,
    /// All of them: those that are no reads cannot succeed either.
    Writes,
}

/// The action by which a create puts tags on what it makes, checked within the same request (Amazon
/// EC2 User Guide, "Grant permission to tag Amazon EC2 resources during creation").
const TAGGING: &str = "ec2:CreateTags";

/// Sends the probes of calls, and returns what can be said of each requirement.
pub(super) fn settle(
    calls: &[&Call],
    probing: Probing,
    names: &Names,
    account: &mut dyn Account,
) -> BTreeMap<String, Settled> {
    let mut answers: BTreeMap<String, Vec<Option<Settled>>> = BTreeMap::new();
    let mut sent: Vec<(Probe, Settled)> = Vec::new();
    for call in calls {
        let probe = probe::of(call, names).filter(|it| probing.sends(it));
        let settled = probe.map(|probe| send(probe, &mut sent, account));
        answers.entry(call.id.clone()).or_default().push(settled);
    }
    let mut settled: BTreeMap<String, Settled> = answers
        .into_iter()
        .filter_map(|(id, answers)| Some((id, sum_up(answers)?)))
        .collect();
    settle_tagging(calls, &mut settled);
    settled
}

/// Returns how many requirements probes could settle that were not to be sent.
pub(super) fn unsent(calls: &[&Call], probing: Probing, names: &Names) -> usize {
    let mut could: BTreeMap<&str, bool> = BTreeMap::new();
    for call in calls {
        let probe = probe::of(call, names);
        let could_prove = probe.is_some_and(|it| it.proves() && !probing.sends(&it));
        let all = could.entry(&call.id).or_insert(true);
        *all = *all && could_prove;
    }
    could.values().filter(|it| **it).count()
}

impl Probing {
    fn sends(self, probe: &Probe) -> bool {
        match self {
            Self::Nothing => false,
            Self::Reads => probe.row.is_read,
            Self::Writes => true,
        }
    }
}

/// Sends a probe; the same one is sent once.
fn send(probe: Probe, sent: &mut Vec<(Probe, Settled)>, account: &mut dyn Account) -> Settled {
    let is_same = |it: &Probe| it.request == probe.request && it.region == probe.region;
    if let Some((known, settled)) = sent.iter().find(|(it, _)| is_same(it))
        && known.is_exact == probe.is_exact
    {
        return settled.clone();
    }
    let settled = probe.settle(&account.probe(&probe));
    sent.push((probe, settled.clone()));
    settled
}

/// One denial decides; it is met only if every call is.
fn sum_up(answers: Vec<Option<Settled>>) -> Option<Settled> {
    let is = |wanted: Verdict| move |it: &&Settled| it.verdict == wanted;
    let known: Vec<&Settled> = answers.iter().flatten().collect();
    let denied = known.iter().copied().find(is(Verdict::NotMet));
    let open = known.iter().copied().find(is(Verdict::Unknown));
    let worst = denied.or(open).or(known.first().copied())?.clone();
    if worst.verdict == Verdict::Met && known.len() < answers.len() {
        return Some(Settled {
            verdict: Verdict::Unknown,
            rung: Rung::Probed,
            layer: None,
            words: "AWS answered a probe of some of its calls only".into(),
        });
    }
    Some(worst)
}

/// A probe that carries the tags and is allowed shows that tagging is.
fn settle_tagging(calls: &[&Call], settled: &mut BTreeMap<String, Settled>) {
    let tagging = calls.iter().filter(|it| it.action == TAGGING);
    for call in tagging {
        let Some(creating) = &call.derived_from else {
            continue;
        };
        let carries = calls
            .iter()
            .filter(|it| it.id == *creating)
            .all(|it| probe::carries_tags(it));
        let shown = settled.get(creating);
        let shown = shown.filter(|it| carries && it.verdict == Verdict::Met);
        if let Some(shown) = shown.cloned() {
            settled.insert(call.id.clone(), shown);
        }
    }
}
