//! Names that a written profile gives: kebab-case, short, each once.

/// The longest part of a name that comes from evidence.
const LONGEST: usize = 40;

/// Returns a text in kebab-case: `CreateOpenIDConnectProvider` is `create-open-id-connect-provider`.
pub(super) fn kebab(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut name = String::new();
    for (at, letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            if !name.is_empty() && !name.ends_with('-') {
                name.push('-');
            }
            continue;
        }
        let before = at.checked_sub(1).map(|it| letters[it]);
        let begins = letter.is_ascii_uppercase()
            && before.is_some_and(|it| {
                let next_is_small = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
                it.is_ascii_lowercase()
                    || it.is_ascii_digit() && next_is_small
                    || it.is_ascii_uppercase() && next_is_small
            });
        if begins && !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name.truncate(LONGEST);
    name.trim_matches('-').to_owned()
}

/// Returns the name, with a number behind it where it is taken.
pub(super) fn unique(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let name = if name.is_empty() { "thing" } else { name };
    if !is_taken(name) {
        return name.to_owned();
    }
    let mut number = 2_usize;
    loop {
        let numbered = format!("{name}-{number}");
        if !is_taken(&numbered) {
            return numbered;
        }
        number += 1;
    }
}

/// Returns a text in which braces are braces and no variables.
pub(super) fn escaped(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_kebab_case() {
        for (text, name) in [
            (
                "CreateOpenIDConnectProvider",
                "create-open-id-connect-provider",
            ),
            ("ListObjectsV2", "list-objects-v2"),
            ("vpc-0a1b", "vpc-0a1b"),
            ("/aws/eks/Ünnamed group", "aws-eks-nnamed-group"),
            ("GetBucketCORS", "get-bucket-cors"),
            ("***", ""),
        ] {
            assert_eq!(kebab(text), name);
        }
        assert_eq!(unique("a", |it| matches!(it, "a" | "a-2")), "a-3");
    }
}
