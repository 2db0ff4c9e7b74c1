//! Suppressions: findings that somebody decided to live with, and why.
//!
//! One that is malformed, expired or matches nothing is reported, and the first two suppress
//! nothing: what nobody can read or nobody decided lately must not hide a finding.

use std::collections::BTreeMap;

use globset::{Glob, GlobMatcher};
use serde::Deserialize;
use toml::Spanned;

use crate::finding::{Finding, FindingType};
use crate::rule;
use crate::source::{FileId, Location, Span};

/// One suppression.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// The rule.
    pub rule: &'static str,
    /// The files, relative to the folder of the settings.
    pub path: GlobMatcher,
    /// The `Sid` of the statement; `None`: any.
    pub sid: Option<String>,
    /// The hash of the statement's content; `None`: any.
    pub statement: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds, as `2027-01-31`; `None`: for ever.
    pub expires: Option<String>,
    /// Where it stands.
    pub location: Location,
}

/// The suppressions of a settings file.
#[derive(Clone, Debug, Default)]
pub struct Suppressions {
    /// Those that can be read.
    pub entries: Vec<Suppression>,
    /// What is wrong with the others.
    pub malformed: Vec<Finding>,
}

/// An entry as written. Every mistake in it is the entry's own, so all is optional here.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Entry {
    rule: Option<toml::Value>,
    path: Option<toml::Value>,
    sid: Option<toml::Value>,
    statement: Option<toml::Value>,
    reason: Option<toml::Value>,
    expires: Option<toml::Value>,
    #[serde(flatten)]
    others: BTreeMap<String, toml::Value>,
}

const WHY: &str = "it suppresses nothing until it is put right";

pub(super) fn read(entries: Vec<Spanned<Entry>>, file: FileId) -> Suppressions {
    let mut found = Suppressions::default();
    for entry in entries {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = entry.span();
        let location = Location {
            file,
            span: Span::new(place(span.start), place(span.end)),
        };
        match entry_of(entry.into_inner(), location) {
            Ok(suppression) => found.entries.push(suppression),
            Err((message, help)) => found.malformed.push(
                Finding::new(
                    "malformed-suppression",
                    FindingType::Warning,
                    location,
                    message,
                )
                .why(WHY)
                .help(help),
            ),
        }
    }
    found
}

fn entry_of(entry: Entry, location: Location) -> Result<Suppression, (String, String)> {
    let refuse = |message: String, help: &str| Err((message, help.to_owned()));
    if let Some(name) = entry.others.keys().next() {
        let known = "a suppression has `rule`, `path`, `sid`, `statement`, `reason` and `expires`";
        return refuse(format!("a suppression has no `{name}`"), known);
    }
    let text = |name: &str, value: Option<toml::Value>| match value {
        None => Ok(None),
        Some(toml::Value::String(text)) => Ok(Some(text)),
        // Dates may be written bare.
        Some(toml::Value::Datetime(date)) => Ok(Some(date.to_string())),
        Some(_) => Err((
            format!("`{name}` of a suppression is not a text"),
            "put it in quotes".to_owned(),
        )),
    };
    let reason = text("reason", entry.reason)?;
    let Some(reason) = reason.filter(|it| !it.trim().is_empty()) else {
        return refuse(
            "a suppression without a reason".into(),
            "add `reason = \"…\"`: who reads this next year wants to know why",
        );
    };
    let Some(name) = text("rule", entry.rule)? else {
        return refuse("a suppression without a rule".into(), "add `rule = \"…\"`");
    };
    let Some(rule) = rule::find(&name) else {
        let similar = rule::unknown(&name).and_then(|it| it.similar);
        let help = similar.map_or("`rolecall rules` lists the rules".to_owned(), |it| {
            format!("did you mean `{it}`?")
        });
        return Err((format!("there is no rule `{name}`"), help));
    };
    let path = text("path", entry.path)?;
    let (sid, statement) = (text("sid", entry.sid)?, text("statement", entry.statement)?);
    let Some(path) = path else {
        return refuse(
            "a suppression without a path".into(),
            "add `path = \"…\"`, relative to the folder of this file; `**` is every file",
        );
    };
    let path = match Glob::new(&path) {
        Ok(glob) => glob.compile_matcher(),
        Err(error) => {
            return Err((
                error.to_string(),
                "write a path, with `*` where any will do".into(),
            ));
        }
    };
    let expires = text("expires", entry.expires)?;
    if let Some(date) = expires.as_deref().filter(|it| !is_date(it)) {
        return refuse(
            format!("`{date}` is not a date"),
            "write it as `2027-01-31`",
        );
    }
    Ok(Suppression {
        rule: rule.meta.name,
        path,
        sid,
        statement,
        reason,
        expires,
        location,
    })
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && crate::policy::operand::date(text).is_some()
}

impl Suppression {
    /// Returns whether it is about this finding in the file of this path.
    #[must_use]
    pub fn matches(&self, finding: &Finding, path: &str) -> bool {
        let subject = finding.subject.as_ref();
        let sid = subject.and_then(|it| it.sid.as_deref());
        let hash = subject.and_then(|it| it.hash.as_deref());
        finding.rule == self.rule
            && self.path.is_match(path)
            && self.sid.as_deref().is_none_or(|it| sid == Some(it))
            && self.statement.as_deref().is_none_or(|it| hash == Some(it))
    }

    /// Returns whether it holds no longer; `today` as `2027-01-31`.
    #[must_use]
    pub fn is_expired(&self, today: &str) -> bool {
        self.expires.as_deref().is_some_and(|last| last < today)
    }

    /// Says that it holds no longer.
    #[must_use]
    pub fn expired(&self) -> Finding {
        let last = self.expires.as_deref().unwrap_or_default();
        let message = format!("the suppression of `{}` expired after {last}", self.rule);
        Finding::new(
            "expired-suppression",
            FindingType::Warning,
            self.location,
            message,
        )
        .why("it suppresses nothing any more")
        .help("decide again: put the policy right, or give the suppression a new date")
    }

    /// Says that no finding is left that it is about.
    #[must_use]
    pub fn unmatched(&self) -> Finding {
        let message = format!("the suppression of `{}` matches no finding", self.rule);
        Finding::new(
            "unmatched-suppression",
            FindingType::Warning,
            self.location,
            message,
        )
        .why("what it was for is gone, or it never worked; it could hide something new")
        .help("remove it, or put its path, `sid` or `statement` right")
    }
}
