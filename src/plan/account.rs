//! Puts the id of a new member account where the plan holds a stand-in.

use super::{ACCOUNT_TO_COME, Plan, What};

impl Plan {
    /// Returns the plan for the account that was created: the same, with its id in every ARN and
    /// document. A plan for an account that exists stays as it is.
    #[must_use]
    pub fn in_account(&self, id: &str) -> Self {
        let mut plan = self.clone();
        if plan.account.is_some() {
            return plan;
        }
        plan.account = Some(id.to_owned());
        for object in &mut plan.objects {
            object.what.put_account(id);
        }
        for (_, value) in &mut plan.hand_over {
            put(value, id);
        }
        let variables = plan.parts.iter_mut().flat_map(|it| &mut it.variables);
        for value in variables.flat_map(|(_, values)| values) {
            put(value, id);
        }
        let gate = &mut plan.gate;
        let told = gate.unmet.iter_mut();
        let told = told.chain(gate.weaknesses.iter_mut().map(|(_, words)| words));
        let told = told.chain(gate.unknown.iter_mut().map(|(_, words)| words));
        for words in told {
            put(words, id);
        }
        plan
    }
}

impl What {
    fn put_account(&mut self, id: &str) {
        match self {
            Self::Account(it) => it.id = Some(id.to_owned()),
            Self::Policy(it) => {
                put(&mut it.arn, id);
                put(&mut it.document, id);
            }
            Self::User(it) => {
                put(&mut it.arn, id);
                it.boundary.iter_mut().for_each(|arn| put(arn, id));
            }
            Self::Role(it) => {
                put(&mut it.arn, id);
                put(&mut it.trust, id);
                it.boundary.iter_mut().for_each(|arn| put(arn, id));
            }
            Self::Attachment(it) => {
                put(&mut it.entity, id);
                put(&mut it.policy, id);
            }
            Self::AccessKey(it) => put(&mut it.user, id),
        }
    }
}

/// Replaces the stand-in where it is a number of its own, not a part of a longer one.
fn put(text: &mut String, id: &str) {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(ACCOUNT_TO_COME) {
        let (before, found) = rest.split_at(at);
        let after = &found[ACCOUNT_TO_COME.len()..];
        let is_digit = |it: Option<char>| it.is_some_and(|it| it.is_ascii_digit());
        let before_it = before.chars().next_back().or(out.chars().next_back());
        let is_part = is_digit(before_it) || is_digit(after.chars().next());
        out.push_str(before);
        out.push_str(if is_part { ACCOUNT_TO_COME } else { id });
        rest = after;
    }
    out.push_str(rest);
    *text = out;
}

#[cfg(test)]
mod tests {
    use super::put;

    #[test]
    fn only_a_whole_number_is_the_stand_in() {
        let cases = [
            (
                "arn:aws:iam::000000000000:role/a",
                "arn:aws:iam::123456789012:role/a",
            ),
            ("1000000000000", "1000000000000"),
            ("0000000000000", "0000000000000"),
            ("000000000000,000000000000", "123456789012,123456789012"),
            ("", ""),
        ];
        for (text, expected) in cases {
            let mut text = text.to_owned();
            put(&mut text, "123456789012");
            assert_eq!(text, expected);
        }
    }
}
