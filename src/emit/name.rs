//! Makes identifiers and file names of names in IAM; each belongs to one thing.

use std::collections::BTreeSet;

use super::Problem;
use super::stand_in::{Piece, StandIns};
use crate::generate::{Bundle, EntityKind};

/// Names that are taken; compared without case, as some file systems and IAM do.
#[derive(Debug, Default)]
pub(super) struct Taken(BTreeSet<String>);

impl Taken {
    /// Returns the name, or the first of `name2`, `name3`, … that is free, and takes it.
    pub(super) fn take(&mut self, wanted: String, separator: &str) -> String {
        let mut name = wanted.clone();
        let mut next = 2;
        while !self.0.insert(name.to_ascii_lowercase()) {
            name = format!("{wanted}{separator}{next}");
            next += 1;
        }
        name
    }
}

/// Returns a name in lower case with underscores, as Terraform writes identifiers.
pub(super) fn snake(name: &str) -> String {
    let name = words(name).join("_").to_ascii_lowercase();
    if name.starts_with(|it: char| it.is_ascii_digit()) || name.is_empty() {
        format!("_{name}")
    } else {
        name
    }
}

/// Returns a name of letters and digits, as CloudFormation writes identifiers.
pub(super) fn pascal(name: &str) -> String {
    let words = words(name).into_iter().map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    });
    let name: String = words.collect();
    if name.starts_with(|it: char| it.is_ascii_digit()) || name.is_empty() {
        format!("N{name}")
    } else {
        name
    }
}

/// Returns a name without its stand-ins: what makes it differ from others of the bundle.
pub(super) fn own_part(name: &str, stand_ins: &StandIns<'_>) -> String {
    let pieces = stand_ins.split(name).into_iter();
    let texts = pieces.filter_map(|it| match it {
        Piece::Text(text) => Some(text),
        Piece::Reference(_) => None,
    });
    texts.collect::<Vec<_>>().join("-")
}

/// Returns the name of a file, with nothing that a shell or a file system would read otherwise.
pub(super) fn file(name: &str) -> String {
    let mut file = String::new();
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || "+=,.@_".contains(character) {
            file.push(character);
        } else if !file.ends_with('-') {
            file.push('-');
        }
    }
    let file = file.trim_matches(['-', '.']);
    if file.is_empty() {
        "unnamed".to_owned()
    } else {
        file.to_owned()
    }
}

/// Returns the names that IAM would refuse as taken.
pub(super) fn problems(bundle: &Bundle) -> Vec<Problem> {
    let of_kind = |kind| {
        let entities = bundle.entities.iter();
        entities
            .filter(move |it| it.kind == kind)
            .map(|it| &*it.name)
    };
    let policies = bundle.policies.iter().map(|it| &*it.name);
    let mut problems = repeated("policies", policies);
    problems.extend(repeated("users", of_kind(EntityKind::User)));
    problems.extend(repeated("roles", of_kind(EntityKind::Role)));
    problems
}

fn repeated<'a>(kind: &'static str, names: impl Iterator<Item = &'a str>) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    names
        .filter(|name| !seen.insert(name.to_ascii_lowercase()))
        .map(|name| Problem::SameName {
            kind,
            name: name.to_owned(),
        })
        .collect()
}

/// Returns the words of a name: `StreamNativeCloudLBPolicy` has five.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let characters: Vec<char> = name.chars().collect();
    let mut inside = false;
    for (at, character) in characters.iter().copied().enumerate() {
        if !character.is_ascii_alphanumeric() {
            inside = false;
            continue;
        }
        let before = at.checked_sub(1).map(|it| characters[it]);
        let lower_follows = characters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        let begins = character.is_ascii_uppercase()
            && before.is_some_and(|it| !it.is_ascii_uppercase() || lower_follows);
        match words.last_mut() {
            Some(word) if inside && !begins => word.push(character),
            _ => words.push(character.to_string()),
        }
        inside = true;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_keep_the_words() {
        assert_eq!(
            snake("StreamNativeCloudLBPolicy"),
            "stream_native_cloud_lb_policy"
        );
        assert_eq!(snake("mengi-cloud-byoc_eks2"), "mengi_cloud_byoc_eks2");
        assert_eq!(snake("external-id"), "external_id");
        assert_eq!(snake("1st"), "_1st");
        assert_eq!(pascal("external-id"), "ExternalId");
        assert_eq!(pascal("mengi-cloud-byoc-eks"), "MengiCloudByocEks");
        assert_eq!(
            pascal("StreamNativeCloudLBPolicy"),
            "StreamNativeCloudLBPolicy"
        );
        assert_eq!(pascal("---"), "N");
    }

    #[test]
    fn names_without_case_are_taken_once() {
        let mut taken = Taken::default();
        assert_eq!(taken.take("Role".to_owned(), "-"), "Role");
        assert_eq!(taken.take("role".to_owned(), "-"), "role-2");
        assert_eq!(taken.take("role".to_owned(), "-"), "role-3");
    }

    #[test]
    fn file_names_have_no_wildcards() {
        assert_eq!(file("mengi-*-controller"), "mengi-controller");
        assert_eq!(file("*"), "unnamed");
        assert_eq!(file("../a/b"), "a-b");
    }
}
