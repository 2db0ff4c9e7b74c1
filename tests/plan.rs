//! A bootstrap plan as data: what differs, what has moved, what may be made.

use std::collections::BTreeMap;

use rolecall::account::{IdentityPolicy, Origin, Principal, Snapshot, Text, Unread};
use rolecall::plan::{
    ACCOUNT_TO_COME, AccessKey, Account, Attachment, Found, Gate, Ground, Object, Part, Plan,
    Policy, Role, State, User, What, differences, drift, look,
};

const ARN: &str = "arn:aws:iam::111122223333:policy/byoc/p";
const USER: &str = "arn:aws:iam::111122223333:user/byoc/u";
const DOCUMENT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"},
    {"Sid": "Write", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*",
     "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
  ]
}"#;

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    list.iter().map(own).collect()
}

fn policy(change: impl FnOnce(&mut Policy)) -> What {
    let mut policy = Policy {
        arn: ARN.to_owned(),
        name: "p".to_owned(),
        path: "/byoc/".to_owned(),
        description: "what it is".to_owned(),
        document: DOCUMENT.to_owned(),
        tags: pairs(&[("rolecall:installation", "one")]),
    };
    change(&mut policy);
    What::Policy(policy)
}

fn user(change: impl FnOnce(&mut User)) -> What {
    let mut user = User {
        arn: USER.to_owned(),
        name: "u".to_owned(),
        path: "/byoc/".to_owned(),
        boundary: Some(ARN.to_owned()),
        tags: pairs(&[("rolecall:installation", "one"), ("Vendor", "x")]),
    };
    change(&mut user);
    What::User(user)
}

fn role(change: impl FnOnce(&mut Role)) -> What {
    let mut role = Role {
        arn: "arn:aws:iam::111122223333:role/byoc/r".to_owned(),
        name: "r".to_owned(),
        path: "/byoc/".to_owned(),
        description: "a role".to_owned(),
        trust: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:role/v"},"Action":"sts:AssumeRole"}]}"#
            .to_owned(),
        boundary: None,
        tags: Vec::new(),
    };
    change(&mut role);
    What::Role(role)
}

fn attachment() -> What {
    What::Attachment(Attachment {
        entity: USER.to_owned(),
        policy: ARN.to_owned(),
    })
}

fn key(ids: &[&str]) -> What {
    What::AccessKey(AccessKey {
        user: USER.to_owned(),
        ids: ids.iter().map(|it| (*it).to_owned()).collect(),
    })
}

fn member(id: Option<&str>, email: &str) -> What {
    What::Account(Account {
        name: "vendor".to_owned(),
        email: email.to_owned(),
        role: "OrganizationAccountAccessRole".to_owned(),
        id: id.map(str::to_owned),
    })
}

fn same(it: What) -> (What, What) {
    (it.clone(), it)
}

/// Wanted, there, and each difference as `of | there | wanted`.
fn cases() -> Vec<(&'static str, (What, What), Vec<&'static str>)> {
    let plain = || policy(|_| ());
    let document = |text: &str| policy(|it| it.document = text.to_owned());
    let changed = |from: &str, to: &str| document(&DOCUMENT.replace(from, to));
    vec![
        ("the same policy", same(plain()), vec![]),
        ("the same user", same(user(|_| ())), vec![]),
        ("the same role", same(role(|_| ())), vec![]),
        ("the same attachment", same(attachment()), vec![]),
        ("no key, and none", same(key(&[])), vec![]),
        (
            "other layout, order of statements, keys and values, a list of one, a truth",
            (
                plain(),
                document(
                    r#"{"Statement":[{"Condition":{"Bool":{"aws:SecureTransport":true}},"Resource":["*"],"Action":["s3:PutObject"],"Effect":"Allow","Sid":"Write"},{"Sid":"Read","Effect":"Allow","Action":["s3:ListBucket","s3:GetObject"],"Resource":"*"}],"Version":"2012-10-17"}"#,
                ),
            ),
            vec![],
        ),
        (
            "one action more",
            (
                plain(),
                changed("\"s3:ListBucket\"", "\"s3:ListBucket\", \"s3:*\""),
            ),
            vec!["document, statement `Read`, Action | s3:* | "],
        ),
        (
            "another action",
            (plain(), changed("s3:ListBucket", "s3:DeleteObject")),
            vec!["document, statement `Read`, Action | s3:DeleteObject | s3:ListBucket"],
        ),
        (
            "another effect",
            (
                plain(),
                changed(
                    "\"Read\", \"Effect\": \"Allow\"",
                    "\"Read\", \"Effect\": \"Deny\"",
                ),
            ),
            vec!["document, statement `Read`, Effect | Deny | Allow"],
        ),
        (
            "no condition",
            (
                plain(),
                changed(
                    ",\n     \"Condition\": {\"Bool\": {\"aws:SecureTransport\": \"true\"}}",
                    "",
                ),
            ),
            vec![
                r#"document, statement `Write`, Condition |  | {"Bool":{"aws:SecureTransport":["true"]}}"#,
            ],
        ),
        (
            "another version",
            (plain(), changed("2012-10-17", "2008-10-17")),
            vec!["document, Version | 2008-10-17 | 2012-10-17"],
        ),
        (
            "a statement more, without a name",
            (
                plain(),
                changed(
                    "\"Statement\": [",
                    "\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"},",
                ),
            ),
            vec![
                r#"document, a statement without `Sid` | {"Action":["*"],"Effect":"Allow","Resource":["*"]} | "#,
            ],
        ),
        (
            "a key that is said twice hides nothing",
            (
                document(r#"{"Version":"2012-10-17","Statement":[]}"#),
                document(
                    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}],"Statement":[]}"#,
                ),
            ),
            vec![
                r#"document | {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}],"Statement":[]} | {"Version":"2012-10-17","Statement":[]}"#,
            ],
        ),
        (
            "not our tag",
            (plain(), policy(|it| it.tags.clear())),
            vec!["tag rolecall:installation |  | one"],
        ),
        (
            "the tag of another bootstrap, and a tag more",
            (
                plain(),
                policy(|it| it.tags = pairs(&[("team", ""), ("rolecall:installation", "two")])),
            ),
            vec![
                "tag rolecall:installation | two | one",
                "tag team | \"\" | ",
            ],
        ),
        (
            "another description and path",
            (
                plain(),
                policy(|it| {
                    it.description = "else".to_owned();
                    it.arn = "arn:aws:iam::111122223333:policy/p".to_owned();
                }),
            ),
            vec![
                "ARN | arn:aws:iam::111122223333:policy/p | arn:aws:iam::111122223333:policy/byoc/p",
                "description | else | what it is",
            ],
        ),
        (
            "the order of tags",
            (user(|_| ()), user(|it| it.tags.reverse())),
            vec![],
        ),
        (
            "no boundary",
            (user(|_| ()), user(|it| it.boundary = None)),
            vec!["permissions boundary |  | arn:aws:iam::111122223333:policy/byoc/p"],
        ),
        (
            "another boundary",
            (role(|_| ()), role(|it| it.boundary = Some("b".to_owned()))),
            vec!["permissions boundary | b | "],
        ),
        (
            "somebody else is trusted",
            (
                role(|_| ()),
                role(|it| it.trust = it.trust.replace("role/v", "root")),
            ),
            vec![
                r#"trust policy, a statement without `Sid` |  | {"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::444455556666:role/v"]}}"#,
                r#"trust policy, a statement without `Sid` | {"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::444455556666:root"]}} | "#,
            ],
        ),
        (
            "a key that nobody knows",
            (key(&[]), key(&["AKIAIOSFODNN7EXAMPLE"])),
            vec!["access key | AKIAIOSFODNN7EXAMPLE | "],
        ),
        (
            "another key",
            (key(&["AKIAOLD"]), key(&["AKIANEW"])),
            vec!["access key | AKIANEW | ", "access key |  | AKIAOLD"],
        ),
        (
            "the account was created",
            (
                member(None, "A@example.com"),
                member(Some("1"), "a@example.com"),
            ),
            vec![],
        ),
        (
            "another account of this name",
            (
                member(None, "a@example.com"),
                member(Some("1"), "b@example.com"),
            ),
            vec!["e-mail address | b@example.com | a@example.com"],
        ),
        (
            "something else",
            (user(|_| ()), attachment()),
            vec!["kind of object | attachment | user"],
        ),
    ]
}

#[test]
fn what_is_adopted_is_exactly_what_would_be_made() {
    for (name, (wanted, there), expected) in cases() {
        let found = differences(&wanted, &there);
        let found = found.iter();
        let found: Vec<String> = found
            .map(|it| format!("{} | {} | {}", it.of, it.there, it.wanted))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

/// An account in memory: what there is under each name.
#[derive(Default)]
struct Memory {
    there: BTreeMap<String, What>,
    refused: Vec<String>,
}

fn name(what: &What) -> String {
    format!("{} {}", what.kind(), what.name())
}

impl Memory {
    fn of(all: Vec<What>) -> Self {
        let there = all.into_iter().map(|it| (name(&it), it));
        Self {
            there: there.collect(),
            refused: Vec::new(),
        }
    }
}

impl Ground for Memory {
    fn observe(&mut self, wanted: &What) -> Result<Option<What>, Box<Unread>> {
        let name = name(wanted);
        if self.refused.contains(&name) {
            return Err(Box::new(Unread {
                what: name,
                operation: "iam:Get".to_owned(),
                code: "AccessDenied".to_owned(),
                ..Unread::default()
            }));
        }
        Ok(self.there.get(&name).cloned())
    }
}

fn plan(all: Vec<What>) -> Plan {
    let object = |(at, what): (usize, What)| Object {
        key: format!("{at}"),
        what,
        why: String::new(),
        reasons: Vec::new(),
        found: Found::NotLooked,
    };
    Plan {
        parts: vec![Part::default()],
        installation: "one".to_owned(),
        partition: "aws".to_owned(),
        account: Some("111122223333".to_owned()),
        made: String::new(),
        by: String::new(),
        objects: all.into_iter().enumerate().map(object).collect(),
        gate: Gate::default(),
        hand_over: Vec::new(),
    }
}

fn whole() -> Vec<What> {
    vec![policy(|_| ()), user(|_| ()), attachment(), key(&[])]
}

fn carried(policies: Vec<(Origin, &str)>) -> Snapshot {
    let policy = |(origin, name): (Origin, &str)| IdentityPolicy {
        origin,
        text: Text {
            name: name.to_owned(),
            text: String::new(),
        },
    };
    Snapshot {
        principals: vec![Principal {
            arn: USER.to_owned(),
            policies: policies.into_iter().map(policy).collect(),
            complete: true,
            ..Principal::default()
        }],
        ..Snapshot::default()
    }
}

#[test]
fn before_it_is_applied_a_plan_says_what_there_is() {
    let mut plan = plan(whole());
    let mut ground = Memory::of(vec![policy(|_| ()), user(|it| it.boundary = None)]);
    ground.refused.push(name(&key(&[])));
    look(&mut plan, &mut ground);
    let found: Vec<&Found> = plan.objects.iter().map(|it| &it.found).collect();
    assert!(matches!(
        found.as_slice(),
        [
            Found::Same,
            Found::Differs(_),
            Found::Absent,
            Found::Unknown(_)
        ]
    ));
}

#[test]
fn while_the_account_is_to_come_nothing_else_is_looked_for() {
    let mut plan = plan(vec![member(None, "a@example.com"), policy(|_| ())]);
    plan.account = None;
    look(&mut plan, &mut Memory::default());
    let found: Vec<&Found> = plan.objects.iter().map(|it| &it.found).collect();
    assert_eq!(found, [&Found::Absent, &Found::NotLooked]);
}

#[test]
fn the_id_of_a_new_account_is_put_everywhere() {
    let arn = ARN.replace("111122223333", ACCOUNT_TO_COME);
    let mut plan = plan(vec![
        member(None, "a@example.com"),
        policy(|it| {
            it.arn = arn.clone();
            it.document = it.document.replace("\"*\"", &format!("\"{arn}\""));
        }),
        role(|it| it.boundary = Some(arn.clone())),
        What::Attachment(Attachment {
            entity: arn.clone(),
            policy: arn.clone(),
        }),
    ]);
    plan.account = None;
    plan.hand_over = pairs(&[("Account ID", ACCOUNT_TO_COME)]);
    let made = plan.in_account("123456789012");
    assert_eq!(made.account.as_deref(), Some("123456789012"));
    let text = format!("{made:?}");
    assert!(!text.contains(ACCOUNT_TO_COME), "{text}");
    assert_eq!(text.matches("123456789012").count(), 9, "{text}");
    assert_eq!(made.in_account("999988887777"), made);
}

#[test]
fn nothing_has_moved_when_it_was_just_applied() {
    let plan = plan(whole());
    let mut ground = Memory::of(whole());
    ground.there.insert(name(&key(&[])), key(&["AKIAONE"]));
    let carried = carried(vec![(Origin::Attached, ARN)]);
    let drift = drift(&plan, &mut ground, Some(&carried));
    assert!(!drift.has_moved() && !drift.is_open(), "{drift:?}");
}

#[test]
fn what_moved_is_shown_and_what_was_added_too() {
    let plan = plan(whole());
    let mut ground = Memory::of(vec![
        policy(|it| it.tags.clear()),
        user(|_| ()),
        key(&["AKIAONE", "AKIATWO"]),
    ]);
    ground.refused.push(name(&user(|_| ())));
    let administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
    let group = Origin::Group("arn:aws:iam::111122223333:group/g".to_owned());
    let carried = carried(vec![
        (Origin::Attached, ARN),
        (Origin::Attached, administrator),
        (Origin::Inline, "u#i"),
        (group, "q"),
    ]);
    let drift = drift(&plan, &mut ground, Some(&carried));
    let states: Vec<&State> = drift.objects.iter().map(|(_, it)| it).collect();
    assert!(matches!(
        states.as_slice(),
        [
            State::Differs(_),
            State::Unknown(_),
            State::Missing,
            State::Differs(_)
        ]
    ));
    let [attached, inline, grouped] = drift.beyond.as_slice() else {
        panic!("{:?}", drift.beyond);
    };
    assert!(attached.contains("AdministratorAccess"));
    assert!(inline.contains("inline policy `u#i`"));
    assert!(grouped.contains("by the group"));
    assert!(drift.has_moved() && drift.is_open());
}

#[test]
fn without_a_look_at_what_is_carried_nobody_says_that_all_is_the_same() {
    let plan = plan(vec![user(|_| ())]);
    let mut ground = Memory::of(vec![user(|_| ())]);
    let drift = drift(&plan, &mut ground, None);
    assert!(!drift.has_moved() && drift.is_open());
}

#[test]
fn a_gate_passes_only_with_everything_met_or_accepted() {
    let gate = |unmet: &[&str], weak: &[(&str, &str)], unknown: &[(&str, &str)]| Gate {
        unmet: unmet.iter().map(|it| (*it).to_owned()).collect(),
        weaknesses: pairs(weak),
        unknown: pairs(unknown),
        ..Gate::default()
    };
    let (w5, scps) = (("W5", "words"), ("unread-scps", "words"));
    // What stands against it, what is accepted, whether it passes, whether it certainly does not.
    let cases = [
        (gate(&[], &[], &[]), vec![], true, false),
        (gate(&["a"], &[], &[]), vec![], false, true),
        (gate(&[], &[w5], &[]), vec![], false, true),
        (gate(&[], &[w5], &[]), vec!["W5"], true, false),
        (gate(&[], &[w5, ("W9", "x")], &[]), vec!["w5"], false, true),
        (gate(&[], &[], &[scps]), vec![], false, false),
        (gate(&[], &[], &[scps]), vec!["unread-scps"], true, false),
        (gate(&[], &[w5], &[scps]), vec!["W5"], false, false),
    ];
    for (mut gate, accepted, passes, refuses) in cases {
        for class in accepted {
            gate.accept(class, "a reason").unwrap();
        }
        assert_eq!(
            (gate.passes(), gate.refuses()),
            (passes, refuses),
            "{gate:?}"
        );
    }
    let error = gate(&["a"], &[w5], &[scps]).accept("W6", "a reason");
    assert_eq!(error.unwrap_err().known, ["W5", "unread-scps"]);
}
