//! Concrete texts for families of names.
//!
//! `vpc/vpc-*` stands for every VPC. Requests name one, so a call carries one made-up member, the
//! same in every run, beside the pattern that `check` decides the other members by.

/// Seventeen hex digits, as EC2 gives its ids.
const ID: &str = "0a1b2c3d4e5f60718";

/// Returns a member of the family that `pattern` describes: `*` becomes a plausible id.
#[must_use]
pub(super) fn representative(pattern: &str) -> String {
    pattern.replace('*', ID)
}

/// Returns whether a text stands for many.
pub(super) fn is_family(text: &str) -> bool {
    text.contains('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_like_ids() {
        assert_eq!(representative("vpc/vpc-*"), "vpc/vpc-0a1b2c3d4e5f60718");
        assert_eq!(representative("role/x"), "role/x");
    }
}
