//! For people: the proof in a few lines, and each statement with its reason.

use std::fmt::Write as _;

use super::Shown;
use super::classes::classes;
use crate::generate::{Containment, Element, Entity, EntityKind, Policy, PolicyUse, Proven, size};
use crate::isolation::{Escape, Verdict};

/// How many unscoped actions and open questions are named on the terminal.
const NAMED: usize = 6;

/// Returns what the command prints: what was made, and the proof in short.
#[must_use]
pub fn summary(shown: &Shown<'_>) -> String {
    let bundle = &shown.generated.bundle;
    let mut out = String::new();
    let _ = writeln!(out, "{}: {}\n", bundle.profile, bundle.title);
    for policy in &bundle.policies {
        let _ = writeln!(
            out,
            "  {:<44} {:>5} characters  {:>2} statements  {}",
            policy.name,
            size(&policy.statements),
            policy.statements.len(),
            used_as(policy),
        );
    }
    for entity in &bundle.entities {
        let _ = writeln!(out, "  {:<44} {}", entity.name, carries(entity));
    }
    for entity in &bundle.vendor_made {
        let _ = writeln!(
            out,
            "  {:<44} made by the vendor: {}",
            entity.name,
            carries(entity)
        );
    }
    out.push('\n');
    out.push_str(&proof_lines(shown));
    unscoped(&mut out, shown);
    out
}

fn used_as(policy: &Policy) -> &'static str {
    match policy.used_as {
        PolicyUse::Identity => "policy",
        PolicyUse::Boundary => "permissions boundary of the vendor's access",
        PolicyUse::WorkloadBoundary => "permissions boundary of roles that the vendor makes",
    }
}

fn carries(entity: &Entity) -> String {
    let kind = match entity.kind {
        EntityKind::User => "user",
        EntityKind::Role => "role",
    };
    let policies = match entity.attached.len() {
        1 => "1 policy".to_owned(),
        count => format!("{count} policies"),
    };
    let boundary = match entity.boundary {
        Some(_) => ", a boundary",
        None => "",
    };
    let trust = match (entity.kind, entity.trust.len()) {
        (EntityKind::User, _) => String::new(),
        (_, 0) => ", which exists already".to_owned(),
        (_, 1) => ", trusted by 1 statement".to_owned(),
        (_, count) => format!(", trusted by {count} statements"),
    };
    format!("{kind} with {policies}{boundary}{trust}")
}

/// Returns the proof, part by part.
#[must_use]
pub fn proof_lines(shown: &Shown<'_>) -> String {
    let proof = &shown.generated.proof;
    let mut out = String::new();
    for proven in &proof.entities {
        let _ = writeln!(out, "{}", proven.actor);
        enough(&mut out, proven);
        contained(&mut out, proven);
        isolated(&mut out, shown, proven);
        minimal(&mut out, proven);
    }
    if !proof.vendor_made.is_empty() {
        let _ = writeln!(out, "roles that the vendor makes, within their boundary");
        for proven in &proof.vendor_made {
            let _ = write!(out, "  {:<34}", proven.actor);
            enough(&mut out, proven);
        }
    }
    if !proof.wildcards.is_empty() {
        let _ = writeln!(
            out,
            "wildcards in boundaries, which allow nothing by themselves, take in besides today, and \
             whatever AWS names so tomorrow"
        );
        for it in &proof.wildcards {
            let _ = writeln!(
                out,
                "  {:<34}{} actions, in {}",
                it.pattern, it.beyond, it.policy
            );
        }
    }
    let _ = writeln!(out, "catalog of {}", proof.catalog);
    out
}

fn enough(out: &mut String, proven: &Proven) {
    let all = proven.met + proven.unmet.len();
    match proven.unmet.is_empty() {
        true => {
            let _ = writeln!(out, "  enough     every requirement is met ({all})");
        }
        false => {
            let _ = writeln!(
                out,
                "  enough     NO: {} of {all} requirements are met",
                proven.met
            );
            for unmet in &proven.unmet {
                let _ = writeln!(
                    out,
                    "             {} ({}) is {}",
                    unmet.id,
                    unmet.action,
                    unmet.verdict.as_str()
                );
            }
        }
    }
}

fn contained(out: &mut String, proven: &Proven) {
    let line = match &proven.contained {
        Containment::Contained => "nothing is allowed that no requirement asks for".to_owned(),
        Containment::Exceeds(request) => {
            format!("NO: {request} is allowed, and no requirement asks for it")
        }
        Containment::Unknown(doubt) => format!("unknown: {}", doubt.detail),
        Containment::NotAsked => return,
    };
    let _ = writeln!(out, "  no more    {line}");
}

fn isolated(out: &mut String, shown: &Shown<'_>, proven: &Proven) {
    let Some(report) = &proven.isolation else {
        return;
    };
    match report.verdict {
        Verdict::Isolated => {
            let _ = match ways(proven) {
                0 => writeln!(out, "  isolated   no request leads beyond this access"),
                1 => writeln!(out, "  isolated   but for 1 way that no policy can close:"),
                count => writeln!(
                    out,
                    "  isolated   but for {count} ways that no policy can close:"
                ),
            };
        }
        Verdict::Escapes => {
            let _ = writeln!(out, "  isolated   NO:");
            for it in &report.escapes {
                escape(out, it);
                if let Some(line) = both_sides(shown, it) {
                    let _ = writeln!(out, "               {line}");
                }
            }
        }
        Verdict::Unknown => {
            let _ = writeln!(out, "  isolated   unknown:");
            for open in report.open.iter().take(NAMED) {
                let _ = writeln!(out, "             {} ({})", open.detail, open.reason);
            }
        }
    }
    impossible(out, proven);
}

/// Counts the ways out that no policy can close.
fn ways(proven: &Proven) -> usize {
    let held = proven.impossible.iter();
    held.map(|it| it.escapes.len()).sum()
}

fn impossible(out: &mut String, proven: &Proven) {
    for held in &proven.impossible {
        for it in &held.escapes {
            escape(out, it);
        }
        let row = &held.row;
        let _ = writeln!(
            out,
            "             {} cannot be held: {} because {}",
            row.class.id, row.class.title, row.reason
        );
    }
}

fn escape(out: &mut String, escape: &Escape) {
    let _ = writeln!(out, "             {} ({})", escape.title, escape.class);
    for step in &escape.steps {
        let on = step.resource.as_deref().unwrap_or("no resource");
        let sid = step.allowed_by.as_ref().and_then(|it| it.sid.as_deref());
        let by = sid.map(|it| format!(", by `{it}`")).unwrap_or_default();
        let _ = writeln!(out, "               {} on {on}{by}", step.action);
    }
}

/// Names the must-not that an escape breaks, and the requirements for which its request is allowed:
/// one of the two has to change.
fn both_sides(shown: &Shown<'_>, escape: &Escape) -> Option<String> {
    let mut must_nots = shown.profile.must_nots.iter();
    let must_not = must_nots.find(|it| it.title == escape.title)?;
    let step = escape.steps.last()?;
    let sid = step.allowed_by.as_ref()?.sid.as_deref()?;
    let policies = shown.generated.bundle.policies.iter();
    let sentences = policies.flat_map(|it| &it.statements);
    let asks = |id: &str| {
        let (own, derived) = id.split_once('/').map_or((id, None), |(a, b)| (a, Some(b)));
        let mut known = shown.profile.requirements.iter();
        derived.map_or_else(
            || known.any(|it| it.id == own && it.action.eq_ignore_ascii_case(&step.action)),
            |it| it.eq_ignore_ascii_case(&step.action),
        )
    };
    let mut ids: Vec<String> = Vec::new();
    for sentence in sentences.filter(|it| it.statement["Sid"].as_str() == Some(sid)) {
        let own = sentence.requirements.iter().filter(|it| asks(it));
        ids.extend(own.map(|it| format!("`{it}`")));
    }
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return None;
    }
    let rest = ids.len().saturating_sub(NAMED);
    ids.truncate(NAMED);
    let more = match rest {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    Some(format!(
        "required by {}{more}, forbidden by the must-not `{}`: change one of them",
        ids.join(", "),
        must_not.id
    ))
}

fn minimal(out: &mut String, proven: &Proven) {
    let Some(found) = &proven.minimality else {
        return;
    };
    let list = |out: &mut String, elements: &[Element]| {
        for element in elements {
            let _ = writeln!(out, "             {} in `{}`", element.text, element.sid);
        }
    };
    match (found.superfluous.is_empty(), found.open.is_empty()) {
        (true, true) => {
            let _ = writeln!(
                out,
                "  minimal    none of {} actions, resources and values can go, and none of {} \
                 conditions",
                found.elements, found.conditions
            );
        }
        (false, _) => {
            let _ = writeln!(
                out,
                "  minimal    NO: without these everything is still met"
            );
            list(out, &found.superfluous);
        }
        (true, false) => {
            let _ = writeln!(out, "  minimal    unknown of these conditions");
            list(out, &found.open);
        }
    }
}

fn unscoped(out: &mut String, shown: &Shown<'_>) {
    let unscoped = &shown.generated.bundle.unscoped;
    if unscoped.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\nnot held to what is needed, because AWS offers no way ({}):",
        unscoped.len()
    );
    for (reason, actions) in by_reason(shown) {
        let rest = actions.len().saturating_sub(NAMED);
        let mut named = actions[..actions.len().min(NAMED)].join(", ");
        if rest > 0 {
            let _ = write!(named, " and {rest} more");
        }
        let _ = writeln!(out, "  {named}: {reason}");
    }
}

fn by_reason<'a>(shown: &'a Shown<'_>) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut grouped: Vec<(&str, Vec<&str>)> = Vec::new();
    for one in &shown.generated.bundle.unscoped {
        match grouped.iter_mut().find(|(known, _)| *known == one.reason) {
            Some((_, actions)) => actions.push(&one.action),
            None => grouped.push((&one.reason, vec![&one.action])),
        }
    }
    grouped
}

/// Returns the page for a reviewer: why each statement is there, what is proven, how to check it.
#[must_use]
pub fn access(shown: &Shown<'_>) -> String {
    let bundle = &shown.generated.bundle;
    let mut out = String::new();
    let _ = writeln!(out, "# {}\n", bundle.title);
    let _ = writeln!(
        out,
        "Access for `{}`, made by `rolecall generate`. To make it again:\n\n```sh\n{}\n```\n",
        bundle.profile, shown.command
    );
    let _ = writeln!(out, "## Proof\n\n```text\n{}```\n", proof_lines(shown));
    out.push_str("`proof.json` says the same for machines.\n");
    if !shown.checks.is_empty() {
        out.push_str("\nTo judge the files as they are, in their folder:\n");
        for check in shown.checks {
            let _ = writeln!(out, "\n```sh\n{check}\n```");
        }
    }
    for policy in &bundle.policies {
        policy_table(&mut out, policy, "##");
    }
    for entity in &bundle.entities {
        entity_section(&mut out, entity);
    }
    if !bundle.vendor_made.is_empty() {
        let _ = writeln!(
            out,
            "\n## What the vendor makes\n\nThe vendor creates these roles itself, with the \
             permissions boundary for workloads."
        );
        for entity in &bundle.vendor_made {
            entity_section(&mut out, entity);
            for policy in &entity.policies {
                policy_table(&mut out, policy, "###");
            }
        }
    }
    class_table(&mut out, shown);
    limits(&mut out, shown);
    out
}

fn class_table(out: &mut String, shown: &Shown<'_>) {
    out.push_str(
        "\n## Classes of weaknesses\n\nBy document: those that allow an action by which a class could \
         come about.\n\n| class | weakness | state | why | documents |\n| --- | --- | --- | --- | --- |\n",
    );
    for class in classes(shown) {
        let documents: Vec<String> = class.documents.iter().map(|it| format!("`{it}`")).collect();
        let documents = match documents.is_empty() {
            true => "none".to_owned(),
            false => documents.join(" "),
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {documents} |",
            class.weakness.id,
            class.weakness.title,
            class.state,
            cell(&class.reason),
        );
    }
}

fn policy_table(out: &mut String, policy: &Policy, level: &str) {
    let _ = writeln!(
        out,
        "\n{level} `{}`\n\n{}. {} characters.\n",
        policy.name,
        policy.description,
        size(&policy.statements)
    );
    out.push_str("| statement | why | requirements |\n| --- | --- | --- |\n");
    for sentence in &policy.statements {
        let sid = sentence.statement["Sid"].as_str().unwrap_or_default();
        let rest = sentence.requirements.len().saturating_sub(NAMED);
        let named = sentence.requirements.iter().take(NAMED);
        let mut requirements: Vec<String> = named.map(|it| format!("`{it}`")).collect();
        if rest > 0 {
            requirements.push(format!("and {rest} more"));
        }
        let _ = writeln!(
            out,
            "| `{sid}` | {} | {} |",
            cell(&sentence.why),
            requirements.join(" ")
        );
    }
}

fn entity_section(out: &mut String, entity: &Entity) {
    let _ = writeln!(
        out,
        "\n### `{}`\n\n{}: {}.\n",
        entity.name,
        entity.description,
        carries(entity)
    );
    for arn in &entity.attached {
        let _ = writeln!(out, "- attached: `{arn}`");
    }
    if let Some(arn) = &entity.boundary {
        let _ = writeln!(out, "- permissions boundary: `{arn}`");
    }
    for sentence in &entity.trust {
        let principal = &sentence.statement["Principal"];
        let _ = writeln!(out, "- trusts `{principal}`: {}", cell(&sentence.why));
    }
}

fn limits(out: &mut String, shown: &Shown<'_>) {
    let proof = &shown.generated.proof;
    if !shown.generated.bundle.unscoped.is_empty() {
        out.push_str("\n## What could not be scoped\n\n");
        for (reason, actions) in by_reason(shown) {
            let actions: Vec<String> = actions.iter().map(|it| format!("`{it}`")).collect();
            let _ = writeln!(out, "- {}: {}.", actions.join(", "), reason);
        }
    }
    if !proof.untested.is_empty() {
        out.push_str("\n## Fixed values that no condition tests\n\n");
        for untested in &proof.untested {
            let _ = writeln!(out, "- `{}`: {}.", untested.key, untested.reason);
        }
    }
    if !proof.assumptions.is_empty() {
        out.push_str("\n## What the proof rests on\n\n");
        for assumption in &proof.assumptions {
            let _ = writeln!(out, "- {assumption}.");
        }
    }
}

/// A text that stays in one cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
