//! The messages in which EC2 encodes why it refused (AWS STS API Reference,
//! "`DecodeAuthorizationMessage`").

/// What stands before one.
const LEAD: &str = "ncoded authorization failure message:";

/// Returns the encoded messages of a text, each once, in order.
#[must_use]
pub fn encoded(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, lead) in text.match_indices(LEAD) {
        let rest = &text[at + lead.len()..];
        // Terraform frames what it prints.
        let rest = rest.trim_start_matches(|it: char| it.is_whitespace() || it == '│');
        let is_part = |it: char| it.is_ascii_alphanumeric() || "-_+/=".contains(it);
        let end = rest.find(|it| !is_part(it)).unwrap_or(rest.len());
        let message = &rest[..end];
        if !message.is_empty() && !found.contains(&message) {
            found.push(message);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn messages_are_found_in_logs_and_in_frames() {
        let text = "UnauthorizedOperation: no. Encoded authorization failure message: abc-DEF_1.\n\
                    │ Encoded authorization failure message:\n│ xyz\" and Encoded authorization \
                    failure message: abc-DEF_1";
        assert_eq!(encoded(text), ["abc-DEF_1", "xyz"]);
        assert!(encoded("Encoded authorization failure message:").is_empty());
    }
}
