//! Policies that mean harm: each ends soon with a verdict, or with `unknown: budget`. Time is not
//! looked at, since machines differ; a test that hangs is one that fails.

use std::thread;

use rolecall::analyze::{Analysis, Budget, Cost, DoubtReason};
use rolecall::policy::Document;
use serde_json::{Value, json};

use super::generate::document;
use super::random::Random;
use super::{Answer, ask, pure, read};

/// Nodes that some questions took.
const NODES: [usize; 8] = [1, 1, 1, 1, 621, 90, 1, 7];

/// As a command would run it: on a thread with a usual stack.
fn answer(a: Value, b: Value) -> Answer {
    let asked = thread::Builder::new().stack_size(2 << 20).spawn(move || {
        let budget = Budget {
            nodes: 20_000,
            states: 2_000,
            assignments: 512,
        };
        let analysis = Analysis { budget, ..pure() };
        ask(&analysis, &json!([a]), &json!([b]))
    });
    let answer = asked.unwrap().join().unwrap().unwrap();
    let is_fair = !matches!(answer, Answer::Unknown(it) if it != DoubtReason::Budget);
    assert!(is_fair, "{answer:?}");
    answer
}

fn on(resources: impl Into<Value>) -> Value {
    document(vec![allow("s3:GetObject", resources.into())])
}

fn allow(action: &str, resource: Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn tags(tags: &Value) -> Value {
    json!({"Effect": "Allow", "Action": "ec2:*", "Resource": "*",
        "Condition": {"StringEquals": tags}})
}

fn letters(count: usize) -> impl Iterator<Item = char> {
    ('a'..='z').cycle().take(count)
}

#[test]
fn many_wildcards_in_one_pattern() {
    for count in [10, 100, 500] {
        let infix: String = letters(count).flat_map(|it| ['*', it]).collect();
        let fewer: String = letters(count - 1).flat_map(|it| ['*', it]).collect();
        let (long, short) = (format!("{infix}*"), format!("{fewer}*"));
        assert_eq!(answer(on(&*long), on(&*short)), Answer::Contained);
        assert_eq!(answer(on(&*short), on(&*long)), Answer::Not);
    }
}

#[test]
fn many_patterns_with_infixes() {
    for count in [5, 14, 26] {
        let infix = |it: char| format!("*{it}*");
        // All of them at once, which is not any one of them.
        let each: Vec<Value> = letters(count).map(|it| on(infix(it))).collect();
        let list: Value = letters(count).map(infix).collect();
        let all = document(
            each.iter()
                .map(|it| {
                    let mut deny = it["Statement"][0].clone();
                    deny["Effect"] = "Deny".into();
                    deny["NotResource"] = deny.as_object_mut().unwrap().remove("Resource").unwrap();
                    deny
                })
                .chain([allow("s3:GetObject", json!("*"))])
                .collect::<Vec<_>>(),
        );
        assert_ne!(answer(all.clone(), on(list.clone())), Answer::Not);
        assert_ne!(answer(on(list), all), Answer::Contained);
    }
}

#[test]
fn a_letter_so_far_from_the_end() {
    for count in [5, 20, 100, 400] {
        let far = |extra: usize| format!("*a{}", "?".repeat(count + extra));
        assert_ne!(answer(on(far(0)), on(far(0))), Answer::Not);
        assert_ne!(answer(on(far(0)), on(far(1))), Answer::Contained);
        let both = json!([far(0), format!("*b{}", "?".repeat(count))]);
        assert_ne!(
            answer(on(both), on(format!("*{}", "?".repeat(count)))),
            Answer::Not
        );
    }
}

#[test]
fn random_clauses_over_sixty_tags() {
    for (at, ratio) in [3, 4, 5, 6].into_iter().enumerate() {
        let mut random = Random::new(at as u64);
        let mut statements = vec![allow("ec2:*", json!("*"))];
        for _ in 0..60 * ratio {
            // Not (x and y and z), each tag being what it is not to be.
            let mut clause = json!({});
            for _ in 0..3 {
                let tag = format!("aws:ResourceTag/t{}", random.below(60));
                clause[tag] = ["0", "1"][random.below(2)].into();
            }
            let mut deny = tags(&clause);
            deny["Effect"] = "Deny".into();
            statements.push(deny);
        }
        let one_or_other: Vec<Value> = (0..60)
            .map(|it| {
                let key = format!("aws:ResourceTag/t{it}");
                json!({"Effect": "Deny", "Action": "ec2:*", "Resource": "*",
                    "Condition": {"StringNotEquals": {key: ["0", "1"]}}})
            })
            .collect();
        statements.extend(one_or_other);
        let nothing = document(Vec::<Value>::new());
        let found = answer(document(statements), nothing);
        assert!(ratio > 3 || found == Answer::Not, "{ratio}: {found:?}");
    }
}

#[test]
fn ten_thousand_statements() {
    let count = if cfg!(debug_assertions) {
        1_000
    } else {
        10_000
    };
    let of = |at: usize| allow("s3:GetObject", json!(format!("arn:aws:s3:::bucket-{at}/*")));
    let all = || document((0..count).map(of).collect::<Vec<_>>());
    let fewer = || document((1..count).map(of).collect::<Vec<_>>());
    assert_ne!(answer(fewer(), all()), Answer::Not);
    assert_ne!(answer(all(), fewer()), Answer::Contained);
    let denies = |from: usize| {
        let deny = |at| {
            let mut statement = of(at);
            statement["Effect"] = "Deny".into();
            statement
        };
        let all = [allow("s3:*", json!("*"))];
        document(
            all.into_iter()
                .chain((from..count).map(deny))
                .collect::<Vec<_>>(),
        )
    };
    assert_ne!(answer(denies(0), denies(1)), Answer::Not);
    assert_ne!(answer(denies(1), denies(0)), Answer::Contained);
}

#[test]
fn five_hundred_conditions() {
    let keys = |from: usize| -> Value {
        let keys = (from..500).map(|it| (format!("aws:ResourceTag/t{it}"), json!(["x", "y*"])));
        Value::Object(keys.collect())
    };
    let of = |from: usize| document(vec![tags(&keys(from))]);
    assert_ne!(answer(of(0), of(1)), Answer::Not);
    assert_ne!(answer(of(1), of(0)), Answer::Contained);
    // Each key in a statement of its own, allowed and denied.
    let each = |effect: &str| -> Vec<Value> {
        let keys = keys(0);
        let one = |(key, values): (&String, &Value)| {
            let mut statement = tags(&json!({key: values}));
            statement["Effect"] = effect.into();
            statement
        };
        keys.as_object().unwrap().iter().map(one).collect()
    };
    let all = document(vec![allow("ec2:*", json!("*"))]);
    assert_ne!(answer(document(each("Allow")), all.clone()), Answer::Not);
    let mut both = each("Deny");
    both.push(allow("ec2:*", json!("*")));
    assert_ne!(answer(document(both.clone()), all.clone()), Answer::Not);
    assert_ne!(answer(all, document(both)), Answer::Contained);
}

#[test]
fn deep_alternation_of_effects() {
    // Each layer takes back what the one before it took away.
    let count = 300;
    let nest = |depth: usize| format!("arn:aws:s3:::b/{}*", "a/".repeat(depth));
    let layers = |offset: usize| -> Vec<Value> {
        (0..count)
            .map(|at| {
                let mut deny = allow("s3:*", json!(nest(at)));
                deny["Effect"] = "Deny".into();
                deny["Condition"] = json!({"StringNotEquals": {format!("x:t{at}"): "1"}});
                document(vec![allow("s3:*", json!(nest(at + offset))), deny])
            })
            .collect()
    };
    for (a, b) in [(0, 1), (1, 0), (0, 0)] {
        let (a, b) = (layers(a), layers(b));
        let asked = thread::Builder::new().stack_size(2 << 20);
        let asked = asked.spawn(move || ask(&pure(), &a.into(), &b.into()));
        assert!(asked.unwrap().join().unwrap().is_ok());
    }
}

#[test]
fn many_policy_variables() {
    let of = |end: &str| {
        let names = (0..30).map(|it| format!("arn:aws:s3:::b/${{aws:PrincipalTag/t{it}}}{end}"));
        on(names.collect::<Value>())
    };
    assert_ne!(answer_or_any(of(""), of("*")), Answer::Not);
    assert_ne!(answer_or_any(of("*"), of("")), Answer::Contained);
    let row: String = (0..40)
        .map(|it| format!("${{aws:PrincipalTag/t{it}}}"))
        .collect();
    let row = |end: &str| on(format!("arn:aws:s3:::b/{row}{end}"));
    assert_ne!(answer_or_any(row(""), row("*")), Answer::Not);
    assert_ne!(answer_or_any(row("?"), row("")), Answer::Contained);
}

/// Work is counted, so that a change which makes any of these harder by more than twice shows. The
/// numbers are those of the day when they were written down.
#[test]
fn harm_costs_no_more_than_it_did() {
    let infix: String = letters(100).flat_map(|it| ['*', it]).collect();
    let list = |from: usize| -> Value {
        let each = (from..14).map(|it| format!("arn:aws:s3:::*{it}-*/logs"));
        each.collect()
    };
    let far = |count: usize| format!("*a{}", "?".repeat(count));
    let names = |end: &str| {
        let names = (0..12).map(|it| format!("arn:aws:s3:::b/${{aws:PrincipalTag/t{it}}}{end}"));
        on(names.collect::<Value>())
    };
    let row: String = (0..6)
        .map(|it| format!("${{aws:PrincipalTag/t{it}}}-"))
        .collect();
    let row = |end: &str| on(format!("arn:aws:s3:::b/{row}{end}"));
    let corpus = [
        (on(format!("{infix}*")), on(infix), NODES[0]),
        (on(list(0)), on(list(1)), NODES[1]),
        (on(list(1)), on(list(0)), NODES[2]),
        (on(far(20)), on(far(21)), NODES[3]),
        (names(""), names("*"), NODES[4]),
        (names("*"), names(""), NODES[5]),
        (row(""), row("*"), NODES[6]),
        (row("?"), row(""), NODES[7]),
    ];
    let cost = |a: &Value, b: &Value| {
        let (a, b) = (read(&json!([a])), read(&json!([b])));
        let a: Vec<&[Document]> = a.iter().map(Vec::as_slice).collect();
        let b: Vec<&[Document]> = b.iter().map(Vec::as_slice).collect();
        let mut cost = Cost::default();
        let _ = pure().find_excess_at(&a, &b, &mut cost);
        cost.nodes
    };
    let counted: Vec<usize> = corpus.iter().map(|(a, b, _)| cost(a, b)).collect();
    println!("nodes: {counted:?}");
    for (at, (_, _, most)) in corpus.iter().enumerate() {
        assert!(counted[at] <= most * 2, "{at}: {} of {most}", counted[at]);
    }
}

/// Attempts at policy variables are one budget for all classes of actions together.
#[test]
fn attempts_are_counted_per_question() {
    let most = Budget::default();
    let row: String = (0..5)
        .map(|it| format!("${{aws:PrincipalTag/t{it}}}?*"))
        .collect();
    let of = |end: &str| {
        let each = (0..40).map(|it| {
            allow(
                &format!("s3:Get{it}"),
                json!(format!("arn:aws:s3:::b/{row}{it}{end}")),
            )
        });
        document(each.collect::<Vec<_>>())
    };
    let (a, b) = (of("?"), of("x"));
    let (a, b) = (read(&json!([a])), read(&json!([b])));
    let a: Vec<&[Document]> = a.iter().map(Vec::as_slice).collect();
    let b: Vec<&[Document]> = b.iter().map(Vec::as_slice).collect();
    for assignments in [0, 1, 20] {
        let budget = Budget {
            assignments,
            ..most
        };
        let mut cost = Cost::default();
        let _ = Analysis { budget, ..pure() }.find_excess_at(&b, &a, &mut cost);
        // One node or a few for each class with all variables open, and for each attempt.
        assert!(cost.nodes <= 4 * (40 + assignments), "{}", cost.nodes);
    }
}

/// With variables it may not know, for more reasons than one.
fn answer_or_any(a: Value, b: Value) -> Answer {
    ask(&pure(), &json!([a]), &json!([b])).unwrap()
}
