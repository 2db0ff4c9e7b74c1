//! Laws of containment, which need no oracle. Where an answer is unknown the law says nothing, so
//! each counts how often it was put to the test.

use std::cell::Cell;

use serde_json::{Value, json};

use super::generate::{Pairs, Style, document, has_one, statements};
use super::random::Random;
use super::sample::{Sampler, allows};
use super::vocabulary::{KEYS, opposite};
use super::{Answer, ask, check, pure, read};

/// Asks about two single documents.
fn contains(b: &Value, a: &Value) -> Result<Answer, String> {
    ask(&pure(), &json!([a]), &json!([b]))
}

/// Demands that B contains A.
fn demand(b: &Value, a: &Value, count: &Cell<usize>) -> Result<(), String> {
    match contains(b, a)? {
        Answer::Contained => count.set(count.get() + 1),
        Answer::Not => return Err(format!("not contained:\n{a}\n{b}")),
        Answer::Unknown(_) => {}
    }
    Ok(())
}

/// Demands that each contains the other.
fn demand_equal(a: &Value, b: &Value, count: &Cell<usize>) -> Result<(), String> {
    demand(b, a, count)?;
    demand(a, b, count)
}

/// Checks a law of a policy `a` and a random number `seed`; nearly every case has to count.
fn law(
    count: usize,
    style: impl Fn(&mut Random) -> Style,
    holds: impl Fn(&Value, &mut Random, &Cell<usize>) -> Result<(), String>,
) {
    let (counted, asked) = (Cell::new(0), Cell::new(0));
    check(
        count,
        |random| json!({"a": style(random).policy(random), "seed": random.below(1 << 40)}),
        |input| {
            let mut random = Random::new(input["seed"].as_u64().unwrap());
            asked.set(asked.get() + 1);
            holds(&input["a"], &mut random, &counted)
        },
    );
    let (counted, asked) = (counted.get(), asked.get());
    assert!(counted * 10 >= asked * 9, "{counted} of {asked}");
}

fn any_style(random: &mut Random) -> Style {
    Style {
        has_variables: random.chance(50),
    }
}

const fn plain_style(_: &mut Random) -> Style {
    Style {
        has_variables: false,
    }
}

#[test]
fn a_policy_contains_itself() {
    law(80, any_style, |a, _, count| demand(a, a, count));
}

#[test]
fn containment_is_transitive() {
    let (all, counted) = (Cell::new(0), Cell::new(0));
    check(
        60,
        |random| {
            let style = any_style(random);
            let a = style.policy(random);
            let b = widened(style, random, &a);
            let c = widened(style, random, &b);
            json!({"a": a, "b": b, "c": c})
        },
        |input| {
            let [a, b, c] = ["a", "b", "c"].map(|it| &input[it]);
            all.set(all.get() + 1);
            for [a, b, c] in [[a, b, c], [c, b, a], [b, a, c], [a, c, b]] {
                let both = [contains(b, a)?, contains(c, b)?];
                if both != [Answer::Contained; 2] {
                    continue;
                }
                counted.set(counted.get() + 1);
                if contains(c, a)? == Answer::Not {
                    return Err("not transitive".to_owned());
                }
            }
            Ok(())
        },
    );
    assert!(counted.get() * 2 > all.get());
}

/// A policy that allows more, most of the time.
fn widened(style: Style, random: &mut Random, policy: &Value) -> Value {
    let mut policy = policy.clone();
    let list = statements(&mut policy);
    let at = random.below(list.len());
    let is_allow = list[at]["Effect"] == "Allow";
    match random.below(5) {
        0 => {
            let mut more = style.statement(random);
            more["Effect"] = "Allow".into();
            list.push(more);
        }
        1 if is_allow => drop(list[at].as_object_mut().unwrap().remove("Condition")),
        1 if list.len() > 1 => drop(list.remove(at)),
        2 => widen_lists(random, &mut list[at], style),
        3 if !is_allow => style.add_condition(random, &mut list[at]),
        _ => return style.changed(random, &policy),
    }
    policy
}

/// Adds a pattern to what an Allow names, or to what a Deny excepts.
fn widen_lists(random: &mut Random, statement: &mut Value, style: Style) {
    let is_allow = statement["Effect"] == "Allow";
    let other = style.statement(random);
    for [name, negated] in [["Action", "NotAction"], ["Resource", "NotResource"]] {
        let own = if is_allow { name } else { negated };
        let more = &other[has_one(&other, name, negated)];
        let list = statement.get_mut(own).and_then(Value::as_array_mut);
        if let (Some(list), Some(more)) = (list, more.as_array()) {
            list.extend(more.iter().cloned());
        }
    }
}

/// Policies that contain each other decide every request alike.
#[test]
fn policies_that_contain_each_other_are_equal() {
    let counted = Cell::new(0);
    check(
        60,
        |random| Pairs::Splits.draw(random),
        |input| {
            let (a, b) = (&input["a"], &input["b"]);
            let both = [ask(&pure(), a, b)?, ask(&pure(), b, a)?];
            if both != [Answer::Contained; 2] {
                return Ok(());
            }
            let layers = [a, b].into_iter().flat_map(|it| it.as_array().unwrap());
            let sampler = Sampler::new(layers);
            let (a, b) = (read(a), read(b));
            let statements = a.iter().chain(&b).flatten().flat_map(|it| &it.statements);
            let statements: Vec<_> = statements.collect();
            let mut random = Random::new(5);
            for _ in 0..20 {
                let aims = [*random.pick(&statements)];
                let request = sampler.draw(&mut random, &aims, |_| true);
                let [of_a, of_b] = [allows(&a, &request), allows(&b, &request)];
                if of_a.is_some() && of_b.is_some() && of_a != of_b {
                    return Err(format!("{of_a:?} and {of_b:?}: {request:?}"));
                }
                counted.set(counted.get() + usize::from(of_a == Some(true)));
            }
            Ok(())
        },
    );
    assert!(counted.get() > 60, "{}", counted.get());
}

#[test]
fn a_union_contains_its_parts() {
    law(80, any_style, |a, random, count| {
        let mut union = a.clone();
        for _ in 0..1 + random.below(2) {
            let mut more = any_style(random).statement(random);
            more["Effect"] = "Allow".into();
            let list = statements(&mut union);
            let at = random.below(list.len() + 1);
            list.insert(at, more);
        }
        demand(&union, a, count)
    });
}

#[test]
fn a_deny_takes_away_only() {
    law(80, any_style, |a, random, count| {
        let mut less = a.clone();
        let mut deny = any_style(random).statement(random);
        deny["Effect"] = "Deny".into();
        statements(&mut less).push(deny);
        demand(a, &less, count)
    });
}

#[test]
fn more_patterns_allow_and_deny_more() {
    law(80, any_style, |a, random, count| {
        let mut more = a.clone();
        let list = statements(&mut more);
        let at = random.below(list.len());
        let style = any_style(random);
        widen_lists(random, &mut list[at], style);
        demand(&more, a, count)
    });
}

/// The Allow and what is left of it by other means: a Deny of the same words.
fn dual(allow: &Value, deny: &Value) -> Value {
    let mut deny = deny.clone();
    deny["Effect"] = "Deny".into();
    document(vec![allow.clone(), deny])
}

fn only_allow(random: &mut Random, style: Style) -> Value {
    let mut statement = style.statement(random);
    statement["Effect"] = "Allow".into();
    statement
}

#[test]
fn what_is_not_named_is_everything_but_that() {
    law(80, any_style, |_, random, count| {
        let style = any_style(random);
        let statement = only_allow(random, style);
        let [name, negated] =
            [["Action", "NotAction"], ["Resource", "NotResource"]][random.below(2)];
        let mut excepted = statement.clone();
        let list = statement[has_one(&statement, name, negated)].clone();
        let members = excepted.as_object_mut().unwrap();
        members.remove(name);
        members.insert(negated.to_owned(), list.clone());
        // Everything but that: allowed as a whole, and that denied whatever else it is.
        let mut all = excepted.clone();
        all.as_object_mut().unwrap().remove(negated);
        all[name] = json!(["*"]);
        let mut deny = json!({"Action": ["*"], "Resource": ["*"]});
        deny[name] = list;
        demand_equal(&document(vec![excepted]), &dual(&all, &deny), count)
    });
}

/// An Allow of everything under one condition, and its denial.
fn under(operator: &str, key: &str, values: &Value) -> Value {
    let condition = json!({operator: {key: values}});
    json!({"Effect": "Allow", "Action": ["*"], "Resource": ["*"], "Condition": condition})
}

fn everything() -> Value {
    json!({"Effect": "Allow", "Action": ["*"], "Resource": ["*"]})
}

/// A text operator, its opposite, and values for both.
fn text_test(random: &mut Random, has_variables: bool) -> (&'static str, &'static str, Value) {
    let operators = ["StringEquals", "StringLike", "StringEqualsIgnoreCase"];
    let operator = operators[random.below(3)];
    let style = Style { has_variables };
    let mut statement = json!({});
    loop {
        style.add_condition(random, &mut statement);
        let found = &statement["Condition"][operator];
        if let Some((_, values)) = found.as_object().and_then(|it| it.iter().next()) {
            return (operator, opposite(operator).unwrap(), values.clone());
        }
    }
}

#[test]
fn a_negated_operator_holds_where_the_other_does_not() {
    law(80, any_style, |_, random, count| {
        let (operator, negated, values) = {
            let has_variables = random.chance(50);
            text_test(random, has_variables)
        };
        let key = random.pick(&KEYS[..5]).name;
        let not = document(vec![under(negated, key, &values)]);
        demand_equal(
            &not,
            &dual(&everything(), &under(operator, key, &values)),
            count,
        )?;
        let is = document(vec![under(operator, key, &values)]);
        demand_equal(
            &is,
            &dual(&everything(), &under(negated, key, &values)),
            count,
        )
    });
}

#[test]
fn for_all_values_is_the_opposite_of_for_any_value_of_the_opposite() {
    law(80, any_style, |_, random, count| {
        let (operator, negated, values) = text_test(random, false);
        let key = ["aws:TagKeys", "aws:CalledVia", "x:list", "x:text"][random.below(4)];
        let (operator, negated) = match random.below(2) {
            0 => (operator, negated),
            _ => (negated, operator),
        };
        let all = document(vec![under(
            &format!("ForAllValues:{operator}"),
            key,
            &values,
        )]);
        let any = under(&format!("ForAnyValue:{negated}"), key, &values);
        demand_equal(&all, &dual(&everything(), &any), count)?;
        let any = document(vec![any]);
        let all = under(&format!("ForAllValues:{operator}"), key, &values);
        demand_equal(&any, &dual(&everything(), &all), count)
    });
}

/// For text operators on keys of one value, and for numbers, dates and addresses with the missing
/// key besides; not for ARNs (C24), malformed addresses (C21) and lists without set operator (C32).
#[test]
fn a_condition_and_its_opposite_split_a_statement() {
    law(80, any_style, |_, random, count| {
        let style = any_style(random);
        let statement = only_allow(random, style);
        let (operator, negated, key, values) = match random.below(4) {
            0 => {
                let values = json!([*random.pick(&["1", "5", "1.5"])]);
                (
                    "NumericLessThan",
                    "NumericGreaterThanEquals",
                    "s3:max-keys",
                    values,
                )
            }
            1 => {
                let values = json!([*random.pick(&["2030-01-01", "1893456000"])]);
                (
                    "DateLessThanEquals",
                    "DateGreaterThan",
                    "aws:CurrentTime",
                    values,
                )
            }
            2 => {
                let values = json!(["10.0.0.0/8", "2001:db8::/32"]);
                ("IpAddress", "NotIpAddress", "aws:SourceIp", values)
            }
            _ => {
                let (operator, negated, values) = text_test(random, false);
                (operator, negated, random.pick(&KEYS[..5]).name, values)
            }
        };
        let with = |operator: &str, values: &Value| {
            let mut piece = statement.clone();
            let known = piece["Condition"].as_object().cloned().unwrap_or_default();
            if known.contains_key(operator) {
                // A key of its own, so that nothing is replaced.
                return None;
            }
            piece["Condition"][operator][key] = values.clone();
            Some(piece)
        };
        let pieces = [
            with(operator, &values),
            with(negated, &values),
            with("Null", &json!(["true"])),
        ];
        let Some(pieces) = pieces.into_iter().collect::<Option<Vec<_>>>() else {
            count.set(count.get() + 1);
            return Ok(());
        };
        demand_equal(&document(vec![statement.clone()]), &document(pieces), count)
    });
}

#[test]
fn order_case_and_repetition_do_not_matter() {
    law(100, any_style, |a, random, count| {
        let mut other = a.clone();
        let list = statements(&mut other);
        match random.below(5) {
            0 => list.reverse(),
            1 => list.push(list[0].clone()),
            2 => list.iter_mut().for_each(reverse_lists),
            3 => list
                .iter_mut()
                .for_each(|it| change_case(it, str::to_uppercase)),
            _ => list
                .iter_mut()
                .for_each(|it| change_case(it, str::to_lowercase)),
        }
        demand_equal(a, &other, count)
    });
}

/// Lists in reverse, but for ARNs in conditions (C25).
fn reverse_lists(statement: &mut Value) {
    for name in ["Action", "NotAction", "Resource", "NotResource"] {
        if let Some(list) = statement.get_mut(name).and_then(Value::as_array_mut) {
            list.reverse();
        }
    }
    let operators = statement
        .get_mut("Condition")
        .and_then(Value::as_object_mut);
    for (operator, block) in operators.into_iter().flatten() {
        for values in block.as_object_mut().unwrap().values_mut() {
            if let (Some(list), false) = (values.as_array_mut(), operator.contains("Arn")) {
                list.reverse();
            }
        }
    }
}

/// Actions and condition keys in another letter case.
fn change_case(statement: &mut Value, change: impl Fn(&str) -> String) {
    let name = has_one(statement, "Action", "NotAction");
    for action in statement[name].as_array_mut().unwrap() {
        *action = change(action.as_str().unwrap()).into();
    }
    let operators = statement
        .get_mut("Condition")
        .and_then(Value::as_object_mut);
    for block in operators.into_iter().flatten().map(|(_, it)| it) {
        let members = block.as_object().unwrap().clone();
        *block = members
            .into_iter()
            .map(|(key, it)| (change(&key), it))
            .collect();
    }
}

/// Lists of actions, of resources, and of values of what some value has to be; not of values under
/// a negated operator or `ForAllValues`, and not of ARNs (C25).
#[test]
fn lists_split_into_statements() {
    law(100, plain_style, |a, random, count| {
        let mut split = a.clone();
        let list = statements(&mut split);
        let at = random.below(list.len());
        let statement = list.remove(at);
        let name = ["Action", "Resource"][random.below(2)];
        let mut places: Vec<Vec<String>> = vec![vec![name.to_owned()]];
        for (operator, block) in statement["Condition"].as_object().into_iter().flatten() {
            let is_or = !operator.contains("Not") && !operator.starts_with("ForAll");
            for key in block.as_object().unwrap().keys() {
                if is_or && !operator.contains("Arn") {
                    places.push(vec!["Condition".into(), operator.clone(), key.clone()]);
                }
            }
        }
        let pointer = format!(
            "/{}",
            random
                .pick(&places)
                .iter()
                .map(|it| it.replace('/', "~1"))
                .collect::<Vec<_>>()
                .join("/")
        );
        let items = statement
            .pointer(&pointer)
            .and_then(Value::as_array)
            .cloned();
        for item in items.unwrap_or_default() {
            let mut piece = statement.clone();
            *piece.pointer_mut(&pointer).unwrap() = json!([item]);
            list.insert(at, piece);
        }
        if list.len() <= at || statement.pointer(&pointer).is_none() {
            list.insert(at, statement);
        }
        demand_equal(a, &split, count)
    });
}

#[test]
fn layers_are_their_intersection() {
    let (all, counted) = (Cell::new(0), Cell::new(0));
    check(
        60,
        |random| Pairs::Layers.draw(random),
        |input| {
            let (a, b) = (&input["a"], &input["b"]);
            let together = ask(&pure(), a, b)?;
            all.set(all.get() + 1);
            let mut each = Vec::new();
            for layer in b.as_array().unwrap() {
                each.push(ask(&pure(), a, &json!([layer]))?);
            }
            let expected = match each.iter().find(|it| **it != Answer::Contained) {
                None => Answer::Contained,
                _ if each.contains(&Answer::Not) => Answer::Not,
                Some(unknown) => *unknown,
            };
            let is_known = |it: Answer| !matches!(it, Answer::Unknown(_));
            if is_known(together) && is_known(expected) {
                counted.set(counted.get() + 1);
                if together != expected {
                    return Err(format!("together {together:?}, one by one {each:?}"));
                }
            }
            // Layers contain no more than each of them, and no less than what all of them allow.
            for layer in a.as_array().unwrap() {
                if ask(&pure(), a, &json!([layer]))? == Answer::Not {
                    return Err("more than a layer of its own".to_owned());
                }
            }
            if ask(&pure(), a, a)? == Answer::Not {
                return Err("more than itself".to_owned());
            }
            Ok(())
        },
    );
    assert!(counted.get() * 10 > all.get() * 9);
}
