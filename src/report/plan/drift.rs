//! What has become of a plan that was applied.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::text::lines_of;
use crate::plan::{Drift, Plan, State};
use crate::report::text::visible;

/// What a report of drift tells.
#[derive(Clone, Copy, Debug)]
pub struct ShownDrift<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What has become of it.
    pub drift: &'a Drift,
    /// Whose credential looked.
    pub by: &'a str,
    /// When.
    pub now: &'a str,
}

/// Returns the report for people: a line for each object, and what was added.
#[must_use]
pub fn drift_text(shown: &ShownDrift<'_>) -> String {
    let (plan, drift) = (shown.plan, shown.drift);
    let mut out = String::new();
    let _ = writeln!(out, "bootstrap `{}`", plan.installation);
    let _ = writeln!(
        out,
        "account   {}, looked at by {} on {}\n",
        plan.account.as_deref().unwrap_or_default(),
        visible(shown.by),
        shown.now
    );
    for (key, state) in &drift.objects {
        let _ = writeln!(out, "  {:<8} {}", word(state), visible(key));
        match state {
            State::Differs(differences) => lines_of(&mut out, differences),
            State::Unknown(reason) => {
                let _ = writeln!(out, "    {}", visible(reason));
            }
            State::Same | State::Missing => {}
        }
    }
    list(&mut out, "added, and not in the plan", &drift.beyond);
    list(&mut out, "could not be read", &drift.unread);
    let count = |wanted: &str| {
        let states = drift.objects.iter();
        states.filter(|(_, it)| word(it) == wanted).count()
    };
    let verdict = match (drift.has_moved(), drift.is_open()) {
        (true, _) => "MOVED",
        (false, true) => "UNKNOWN",
        (false, false) => "SAME",
    };
    let _ = writeln!(
        out,
        "\n{verdict}: {} same, {} missing, {} differ, {} unknown, {} added",
        count("same"),
        count("missing"),
        count("differs"),
        count("unknown"),
        drift.beyond.len()
    );
    out
}

fn word(state: &State) -> &'static str {
    match state {
        State::Same => "same",
        State::Missing => "missing",
        State::Differs(_) => "differs",
        State::Unknown(_) => "unknown",
    }
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    for line in lines {
        let _ = writeln!(out, "  {}", visible(line));
    }
}

/// Returns the report for machines, `rolecall/bootstrap-status/v1`.
#[must_use]
pub fn drift_json(shown: &ShownDrift<'_>) -> Value {
    let (plan, drift) = (shown.plan, shown.drift);
    let objects = drift.objects.iter().map(|(key, state)| {
        let mut value = json!({"key": key, "state": word(state)});
        match state {
            State::Differs(differences) => {
                let list = differences.iter();
                let list =
                    list.map(|it| json!({"of": it.of, "there": it.there, "planned": it.wanted}));
                value["differences"] = list.collect();
            }
            State::Unknown(reason) => value["reason"] = json!(reason),
            State::Same | State::Missing => {}
        }
        value
    });
    json!({
        "schema": "rolecall/bootstrap-status/v1",
        "installation": plan.installation,
        "account": plan.account,
        "by": shown.by,
        "looked": shown.now,
        "moved": drift.has_moved(),
        "complete": !drift.is_open(),
        "objects": objects.collect::<Vec<_>>(),
        "beyond": drift.beyond,
        "unread": drift.unread,
    })
}
