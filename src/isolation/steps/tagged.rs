//! Tags in a request that creates something: setting them is allowed, or not, by a call of its own.

use super::{Stepper, Turn};
use crate::analyze::Witness;
use crate::evaluate::Request;
use crate::isolation::family::{Condition, Family};
use crate::isolation::oracle::{Answer, Mode};

/// Amazon EC2 User Guide, "Grant permission to tag Amazon EC2 resources during creation": with tags
/// in the request EC2 asks for this call too, and without tags it does not.
pub(in crate::isolation) const TAGGER: &str = "ec2:CreateTags";
pub(in crate::isolation) const CREATE_ACTION: &str = "ec2:CreateAction";
const TAG_KEYS: &str = "aws:TagKeys";

impl Stepper<'_, '_, '_> {
    /// What the call comes to with the tags that it sets, as the requests that EC2 decides; `None`:
    /// it is allowed with tags only, and they cannot be set.
    pub(super) fn with_tags(
        &mut self,
        turn: &Turn<'_>,
        action: &str,
        family: &Family,
        witness: Option<Box<Witness>>,
    ) -> Option<Vec<Option<Witness>>> {
        let Some(tagged) = witness else {
            return Some(vec![None]);
        };
        let tags = request_tags(&tagged.request);
        let sets = !action.eq_ignore_ascii_case(TAGGER)
            && action
                .get(..4)
                .is_some_and(|it| it.eq_ignore_ascii_case("ec2:"));
        if tags.is_empty() || !sets {
            return Some(vec![Some(*tagged)]);
        }
        let plain = family.clone().when(Condition::absent(TAG_KEYS));
        match self.ask(&turn.power, turn.by, &plain) {
            Answer::Yes(Some(plain)) if request_tags(&plain.request).is_empty() => {
                return Some(vec![Some(*plain)]);
            }
            Answer::Yes(None) => return Some(vec![None]),
            _ => {}
        }
        let name = action.split_once(':').map_or(action, |(_, name)| name);
        let mut setting = Family::new(&[TAGGER]).when(Condition::is(CREATE_ACTION, &[name]));
        setting = match (self.mode, tagged.request.resource.as_deref()) {
            (Mode::Must, Some(resource)) => setting
                .on(&[resource])
                .when_all(tags.iter().map(|(key, value)| Condition::is(key, &[value]))),
            _ => setting.on(family.resources()),
        };
        match self.ask(&turn.power, turn.by, &setting) {
            Answer::No => None,
            Answer::Yes(witness) => Some(vec![Some(*tagged), witness.map(|it| *it)]),
        }
    }
}

/// The tags that a request sets, by the key that shows them.
fn request_tags(request: &Request) -> Vec<(String, String)> {
    let entries = request.context.entries().iter();
    entries
        .filter(|it| it.key.to_ascii_lowercase().starts_with("aws:requesttag/"))
        .filter_map(|it| Some((it.key.to_string(), it.values.first()?.to_string())))
        .collect()
}
