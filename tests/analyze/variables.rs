//! Policy variables: what can be told of them without their values, one case for each reason.

use serde_json::{Value, json};

use super::generate::document;
use super::{Answer, ask, pure};

fn under(operator: &str, key: &str, value: &str) -> Value {
    document(vec![
        json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {operator: {key: value}}}),
    ])
}

fn on(resource: &str) -> Value {
    document(vec![
        json!({"Effect": "Allow", "Action": "s3:*", "Resource": format!("arn:aws:s3:::b/{resource}")}),
    ])
}

fn answer(a: &Value, b: &Value) -> Answer {
    ask(&pure(), &json!([a]), &json!([b])).unwrap()
}

const TEAM: &str = "aws:PrincipalTag/team";

#[test]
fn a_value_is_no_part_of_itself() {
    let nothing = document(Vec::<Value>::new());
    let never = [
        ("StringLike", "${aws:PrincipalTag/team}?"),
        ("StringLike", "*a${aws:PrincipalTag/team}*"),
        (
            "StringLike",
            "*${aws:PrincipalTag/team}*${aws:PrincipalTag/team}",
        ),
        ("StringLike", "${aws:PrincipalTag/team, 'd'}/*"),
        ("StringLike", "${aws:PrincipalTag/team}${aws:username}"),
        ("StringEquals", "*${aws:PrincipalTag/team}"),
        ("StringEquals", "${aws:PrincipalTag/team}${*}"),
        ("StringEqualsIgnoreCase", "${aws:PrincipalTag/team}/A"),
        // Only an empty value stands for an empty default, and it has no letter.
        ("StringLike", "?${aws:PrincipalTag/team, ''}"),
    ];
    for (operator, value) in never {
        let a = under(operator, TEAM, value);
        assert_eq!(
            answer(&a, &nothing),
            Answer::Contained,
            "{operator} {value}"
        );
    }
    let sometimes = [
        ("StringLike", "*${aws:PrincipalTag/team}"),
        ("StringLike", "**${aws:PrincipalTag/team}*"),
        ("StringEquals", "${aws:PrincipalTag/team}"),
        ("StringEqualsIgnoreCase", "${aws:PrincipalTag/team, 'd'}"),
        (
            "StringLike",
            "${aws:PrincipalTag/team, ''}${aws:PrincipalTag/team, ''}",
        ),
        ("StringLike", "*${aws:PrincipalTag/team}${aws:username, ''}"),
        // The value of another key.
        ("StringLike", "${aws:username}?"),
    ];
    for (operator, value) in sometimes {
        let a = under(operator, TEAM, value);
        assert_eq!(answer(&a, &nothing), Answer::Not, "{operator} {value}");
    }
}

#[test]
fn a_value_that_is_not_empty_is_itself() {
    let there = under("StringLike", TEAM, "?*");
    let any = under("StringLike", TEAM, "*");
    for (value, same) in [
        ("${aws:PrincipalTag/team}", &there),
        ("*${aws:PrincipalTag/team, 'd'}", &there),
        ("${aws:PrincipalTag/team, ''}*", &any),
    ] {
        let own = under("StringLike", TEAM, value);
        assert_eq!(answer(&own, same), Answer::Contained, "{value}");
        assert_eq!(answer(same, &own), Answer::Contained, "{value}");
    }
    let own = under("StringLike", TEAM, "${aws:PrincipalTag/team}");
    assert_eq!(answer(&any, &own), Answer::Not);
    let twice = "${aws:PrincipalTag/team, ''}${aws:PrincipalTag/team, ''}";
    let (twice, empty) = (
        under("StringLike", TEAM, twice),
        under("StringEquals", TEAM, ""),
    );
    assert_eq!(answer(&twice, &empty), Answer::Contained);
    assert_eq!(answer(&empty, &twice), Answer::Contained);
}

/// A list has no value that a variable could stand for (V8), whatever its policies compare.
#[test]
fn a_list_is_no_value() {
    let list = json!({"Effect": "Deny", "Action": "zz:y", "Resource": "*",
        "Condition": {"ForAllValues:StringEquals": {"made:Up": "x"}}});
    for value in ["${made:Up}", "*${made:Up, 'd'}"] {
        let mut a = under("ForAnyValue:StringLike", "made:Up", value);
        a["Statement"].as_array_mut().unwrap().push(list.clone());
        let nothing = document(Vec::<Value>::new());
        assert_eq!(answer(&a, &nothing), Answer::Contained, "{value}");
    }
}

#[test]
fn templates_contain_templates() {
    let contained = [
        // An empty default is any text, which a star swallows.
        ("${aws:userid, ''}/a", "*/a"),
        ("${aws:userid, ''}/?*", "*${aws:userid, ''}/?*"),
        ("${aws:userid, ''}-${aws:userid, ''}", "${aws:userid, ''}-*"),
        // What asks for a value has one where a default is no more than that.
        (
            "${aws:userid}/${aws:userid, 'd'}",
            "${aws:userid}/${aws:userid}",
        ),
        ("${aws:userid}/${aws:userid, ''}", "${aws:userid}/?*"),
        // Either end of a value is one letter.
        ("*${aws:userid}/a", "*?/a"),
        ("${aws:userid}*", "?*"),
        ("*${aws:userid}/*${aws:userid}", "*?/*${aws:userid}"),
    ];
    for (a, b) in contained {
        assert_eq!(answer(&on(a), &on(b)), Answer::Contained, "{a} in {b}");
    }
    let not = [
        // A value has any length (section 7.1 of the reasoning).
        ("${aws:userid}${aws:userid}", "?${aws:userid}"),
        ("${aws:userid, ''}/a", "?*/a"),
        ("${aws:userid, ''}", "${aws:userid}"),
        ("${aws:userid, 'd'}", "${aws:userid}"),
        ("${aws:userid}", "${aws:userid}?"),
        ("*${aws:userid}/a", "??*/a"),
        ("${aws:userid, 'd'}/x", "${aws:userid, 'e'}/x"),
    ];
    for (a, b) in not {
        assert_eq!(answer(&on(a), &on(b)), Answer::Not, "{a} in {b}");
    }
}

/// A request that only a chain of values shows: one variable's value is made of the other's.
#[test]
fn values_follow_from_values() {
    let of = |end: &Value| {
        let mut statement = json!({"Effect": "Allow", "Action": "s3:*",
            "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}",
            "Condition": {"StringLike": {TEAM: "${aws:username}/?*"}}});
        for (operator, block) in end.as_object().unwrap() {
            let own = &mut statement["Condition"][operator];
            for (key, values) in block.as_object().unwrap() {
                own[key] = values.clone();
            }
        }
        document(vec![statement])
    };
    let (all, some) = (
        of(&json!({})),
        of(&json!({"StringLike": {"aws:username": "?"}})),
    );
    assert_eq!(answer(&all, &some), Answer::Not);
    assert_eq!(answer(&some, &all), Answer::Contained);
}
