//! The formats in which the catalog writes ARNs, with holes such as `${Region}`: taking ARNs apart by
//! them, and putting ARNs together. Which types an action has is not known here.

/// A piece of an ARN format: text, or the name of a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    Hole(&'t str),
}

/// Takes an ARN format such as `arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}` apart.
pub(super) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find("${") {
        let Some(end) = rest[at..].find('}') else {
            break;
        };
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        pieces.push(Piece::Hole(&rest[at + 2..at + end]));
        rest = &rest[at + end + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// Returns what stands in the holes of a format, if the ARN is one of it. The last hole takes
/// slashes and colons only where `is_loose`: names of roles with their paths, keys of objects.
pub(super) fn holes<'t, 'a>(
    template: &'t str,
    arn: &'a str,
    is_loose: bool,
) -> Option<Vec<(&'t str, &'a str)>> {
    let pieces = pieces(template);
    let mut found = Vec::new();
    let mut rest = arn;
    for (at, piece) in pieces.iter().enumerate() {
        let name = match piece {
            Piece::Text(text) => {
                rest = rest.strip_prefix(text)?;
                continue;
            }
            Piece::Hole(name) => *name,
        };
        let end = match pieces.get(at + 1) {
            Some(Piece::Text(next)) => rest.find(next)?,
            Some(Piece::Hole(_)) => return None,
            None => rest.len(),
        };
        let value = &rest[..end];
        let is_last = at + 1 == pieces.len();
        let may_be_empty = matches!(name, "Region" | "Account");
        let is_split = value.contains([':', '/']) && !(is_loose && is_last);
        if is_split || value.is_empty() && !may_be_empty {
            return None;
        }
        found.push((name, value));
        rest = &rest[end..];
    }
    rest.is_empty().then_some(found)
}

/// Returns an ARN of this format; none if a value is not known.
pub(super) fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let parts = pieces(template).into_iter().map(|piece| match piece {
        Piece::Text(text) => Some(text.to_owned()),
        Piece::Hole(name) => value(name),
    });
    parts.collect()
}
