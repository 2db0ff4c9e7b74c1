//! The classes of weaknesses in vendor access, as `[[must-not]]` names them.

/// A class of weaknesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weakness {
    /// `W1` to `W35`.
    pub id: &'static str,
    /// What is weak, in a few words.
    pub title: &'static str,
}

/// Every class, by number.
pub const WEAKNESSES: [Weakness; 35] = [
    of("W1", "external id missing or optional"),
    of("W2", "external id that an absent key passes"),
    of("W3", "a whole account as principal"),
    of("W4", "federated trust without subject or audience"),
    of("W5", "boundary can be replaced"),
    of("W6", "boundary can be removed"),
    of("W7", "guard on the wrong type of resource"),
    of("W8", "boundary not required everywhere"),
    of("W9", "creator without limits of its own"),
    of("W10", "own policy can be rewritten"),
    of("W11", "guard list incomplete"),
    of("W12", "role without boundary inside the guarded path"),
    of("W13", "roles passed too widely"),
    of("W14", "trust or role of somebody else can be changed"),
    of("W15", "tag to own in EC2"),
    of("W16", "guard that an absent key passes"),
    of("W17", "guard on one type of resource only"),
    of("W18", "tag to own in other services"),
    of("W19", "untagging"),
    of("W20", "foreign clusters"),
    of("W21", "wildcards that take in account-wide actions"),
    of("W22", "name pattern that reaches foreign things"),
    of("W23", "data can be read"),
    of("W24", "destructive without scope"),
    of("W25", "joins with other networks"),
    of("W26", "resources without marking"),
    of(
        "W27",
        "service-linked roles or identity providers without limit",
    ),
    of("W28", "any role can be assumed"),
    of("W29", "restriction without effect"),
    of("W30", "condition that can never match"),
    of("W31", "long-lived credentials"),
    of("W32", "standing powers"),
    of("W33", "trust mixed of people and services"),
    of("W34", "regions not limited"),
    of("W35", "policy that the vendor can change unseen"),
];

const fn of(id: &'static str, title: &'static str) -> Weakness {
    Weakness { id, title }
}

impl Weakness {
    /// Returns the class with this number, such as `W15`.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        WEAKNESSES.into_iter().find(|it| it.id == id)
    }
}
