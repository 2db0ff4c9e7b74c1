//! What a snapshot holds, and what could not be read, for people.

use std::fmt::Write as _;

use crate::account::{Level, Origin, Principal, Snapshot};

/// Returns the summary: who read what, when, and what is missing.
#[must_use]
pub fn text(snapshot: &Snapshot) -> String {
    let mut out = String::new();
    let caller = &snapshot.caller.arn;
    let _ = writeln!(
        out,
        "account {} ({}), read by {caller} at {}",
        snapshot.account, snapshot.partition, snapshot.taken
    );
    for principal in &snapshot.principals {
        one(&mut out, principal);
    }
    if snapshot.in_no_organization {
        out.push_str("\nthe account is in no organization\n");
    }
    if let Some(organization) = &snapshot.organization {
        let _ = writeln!(
            out,
            "\norganization {} (management account {})",
            organization.id, organization.management_account
        );
        levels(
            &mut out,
            "service control policies",
            organization.scps.as_deref(),
        );
        levels(
            &mut out,
            "resource control policies",
            organization.rcps.as_deref(),
        );
    }
    if !snapshot.unread.is_empty() {
        out.push_str("\nnot read, so whatever depends on it stays unknown:\n");
    }
    for unread in &snapshot.unread {
        let on = match unread.resource.as_str() {
            "" => String::new(),
            resource => format!(" on {resource}"),
        };
        let code = match unread.code.as_str() {
            "" => "no answer",
            code => code,
        };
        let _ = writeln!(
            out,
            "  {}: {}{on}: {code}: {}",
            unread.what, unread.operation, unread.message
        );
    }
    out
}

fn one(out: &mut String, principal: &Principal) {
    let _ = writeln!(out, "\n{}", principal.arn);
    for policy in &principal.policies {
        let how = match &policy.origin {
            Origin::Inline => "inline".to_owned(),
            Origin::Attached => "attached".to_owned(),
            Origin::Group(group) => format!("by group {group}"),
        };
        let _ = writeln!(out, "  policy    {} ({how})", policy.text.name);
    }
    if principal.policies.is_empty() && principal.complete {
        out.push_str("  policy    none: it may do nothing\n");
    }
    match &principal.boundary {
        Some(boundary) => {
            let _ = writeln!(out, "  boundary  {}", boundary.name);
        }
        None if principal.complete => out.push_str("  boundary  none\n"),
        None => {}
    }
    if principal.trust.is_some() {
        out.push_str("  trust     read\n");
    }
    for (key, value) in &principal.tags {
        let _ = writeln!(out, "  tag       {key} = {value}");
    }
    if !principal.complete {
        out.push_str("  incomplete: see below what could not be read\n");
    }
}

fn levels(out: &mut String, what: &str, levels: Option<&[Level]>) {
    let Some(levels) = levels else {
        let _ = writeln!(out, "  {what}: switched off");
        return;
    };
    let _ = writeln!(out, "  {what}:");
    for level in levels {
        let names: Vec<&str> = level.policies.iter().map(|it| it.name.as_str()).collect();
        let _ = writeln!(out, "    {}  {}", level.target, names.join(", "));
    }
}
