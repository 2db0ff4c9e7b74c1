//! `--policy FILE`: the vendor's own policies in place of the generated ones, as it documents them.

use serde_json::Value;

use crate::arn::last_segment;
use crate::cli::input;
use crate::generate::{Bundle, Policy, PolicyUse, Sentence};
use crate::json;

/// What the vendor documents.
#[derive(Debug, Default)]
pub(super) struct Theirs {
    /// Name and statements of each policy.
    policies: Vec<(String, Vec<Sentence>)>,
    /// Whether the generated boundaries go.
    without_boundary: bool,
}

impl Theirs {
    /// Reads the files.
    pub(super) fn open(files: &[String], without_boundary: bool) -> Result<Self, String> {
        let policies = files
            .iter()
            .map(|it| policy(it))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            policies,
            without_boundary,
        })
    }

    /// Whether it changes anything.
    pub(super) fn is_empty(&self) -> bool {
        self.policies.is_empty() && !self.without_boundary
    }

    /// Says that it cannot be told whose the policies are.
    pub(super) fn fits(&self, bundle: &Bundle) -> Result<(), String> {
        if self.policies.is_empty() || bundle.entities.len() == 1 {
            return Ok(());
        }
        Err(format!(
            "`--policy`: {} makes {} users and roles, and nobody says whose the policies are",
            bundle.profile,
            bundle.entities.len()
        ))
    }

    /// Puts the policies in the place of those that were generated.
    pub(super) fn put(&self, bundle: &mut Bundle) {
        if self.without_boundary {
            bundle
                .policies
                .retain(|it| it.used_as == PolicyUse::Identity);
            // Nobody asks the vendor to put one on what it makes either.
            for entity in bundle.entities.iter_mut().chain(&mut bundle.vendor_made) {
                entity.boundary = None;
            }
        }
        let ([entity], false) = (&mut *bundle.entities, self.policies.is_empty()) else {
            return;
        };
        bundle
            .policies
            .retain(|it| it.used_as != PolicyUse::Identity);
        let place = entity.arn.split(':').take(5).collect::<Vec<_>>().join(":");
        entity.attached.clear();
        for (name, statements) in &self.policies {
            let arn = format!("{place}:policy{}{name}", entity.path);
            entity.attached.push(arn.clone());
            bundle.policies.push(Policy {
                name: name.clone(),
                path: entity.path.clone(),
                arn,
                used_as: PolicyUse::Identity,
                description: "What the vendor documents".to_owned(),
                tags: Vec::new(),
                statements: statements.clone(),
            });
        }
    }
}

fn policy(file: &str) -> Result<(String, Vec<Sentence>), String> {
    let input = input::open(file).map_err(|error| format!("`--policy`: {error}"))?;
    let refuse = |what: &str| {
        format!(
            "`--policy {file}` {what}\nhelp: give one policy document, as the vendor publishes it"
        )
    };
    let text = String::from_utf8(input.bytes).map_err(|_| refuse("is not UTF-8"))?;
    // Repeated keys and comments have no place in what is written out again.
    match json::parse(&text) {
        Ok(parsed) if parsed.oddities.is_empty() => {}
        Ok(_) => {
            return Err(refuse(
                "is no strict JSON: it has comments or trailing commas",
            ));
        }
        Err(error) => return Err(refuse(&format!("is not JSON: {}", error.message))),
    }
    let document: Value = serde_json::from_str(&text).map_err(|_| refuse("is not JSON"))?;
    // The older version has no policy variables: the same statements would mean something else.
    if document["Version"].as_str() != Some("2012-10-17") {
        return Err(refuse(
            "is no policy document with `\"Version\": \"2012-10-17\"`",
        ));
    }
    let statements = match &document["Statement"] {
        Value::Array(list) => list.clone(),
        one @ Value::Object(_) => vec![one.clone()],
        _ => return Err(refuse("has no `Statement`")),
    };
    let sentence = |statement| Sentence {
        statement,
        why: "the vendor documents it so".to_owned(),
        requirements: Vec::new(),
    };
    let name = last_segment(&input.name);
    let name = name.strip_suffix(".json").unwrap_or(name);
    // IAM API Reference, "CreatePolicy": what a name is made of.
    let is_taken = |it: char| it.is_ascii_alphanumeric() || "+=,.@_-".contains(it);
    let name: String = name
        .chars()
        .map(|it| if is_taken(it) { it } else { '-' })
        .collect();
    Ok((name, statements.into_iter().map(sentence).collect()))
}
