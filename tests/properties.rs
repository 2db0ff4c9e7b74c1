//! Properties of matching and deciding, on random inputs.
//!
//! The strongest is that the library decides like `tests/naive`, an evaluator that was transcribed
//! from the rules apart from it. `PROPERTY_CASES` multiplies the number of cases (the default runs
//! in seconds), `PROPERTY_SEED` starts elsewhere, `PROPERTY_WRITE` names a file for the cases. A
//! failure shows the shrunk case: put it into `testdata/evaluate` before mending anything.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a test reads its settings and stops where something is wrong"
)]

#[path = "naive/evaluate.rs"]
mod naive;

#[path = "naive/generate.rs"]
mod generate;

use std::cell::{Cell, RefCell};
use std::io::Write as _;

use generate::Choices;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use rolecall::catalog::Catalog;
use rolecall::evaluate::case::{Case, Reader};
use rolecall::evaluate::{Decision, OpenKeys, Truth, decide, explain};
use rolecall::pattern;
use rolecall::policy::Effect;
use rolecall::policy::operand::{self, Address, Decimal, Network};
use serde_json::{Value, json};

fn number(name: &str, default: u32) -> u32 {
    std::env::var(name).map_or(default, |it| it.parse().unwrap())
}

fn check<S: Strategy>(
    cases: u32,
    strategy: S,
    property: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = Config {
        cases: cases * number("PROPERTY_CASES", 1),
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..Config::default()
    };
    let seed = number("PROPERTY_SEED", 1).to_le_bytes().repeat(8);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    if let Err(error) = TestRunner::new_with_rng(config, rng).run(&strategy, property) {
        panic!("{error}");
    }
}

fn choices() -> impl Strategy<Value = Vec<u32>> {
    vec(any::<u32>(), 0..600)
}

/// Choices for a case, and choices for what is done to it.
fn two_choices() -> impl Strategy<Value = (Vec<u32>, Vec<u32>)> {
    (choices(), vec(any::<u32>(), 0..300))
}

fn read(case: &Value) -> Case {
    let reader = Reader::new(Catalog::builtin());
    let line = case.to_string();
    reader
        .read(&line)
        .unwrap_or_else(|error| panic!("{error:?}: {line}"))
}

fn decision(case: &Value) -> Decision {
    let read = read(case);
    decide(&read.policies, &read.request).decision
}

#[test]
fn decides_as_the_naive_evaluator() {
    let seen = RefCell::new(std::collections::BTreeMap::new());
    let file = std::env::var("PROPERTY_WRITE").ok();
    let file = file.map(|it| RefCell::new(std::fs::File::create(it).unwrap()));
    let count = Cell::new(0);
    check(2_000, choices(), |numbers| {
        let mut case = generate::case(&mut Choices::new(&numbers));
        count.set(count.get() + 1);
        case["id"] = format!("property/{}", count.get()).into();
        if let Some(file) = &file {
            writeln!(file.borrow_mut(), "{case}").unwrap();
        }
        let (ours, naive) = (decision(&case).as_str(), naive::decide(&case));
        prop_assert_eq!(ours, naive, "{}", case);
        *seen.borrow_mut().entry(ours).or_insert(0) += 1;
        Ok(())
    });
    // Else the property would hold for want of interesting cases.
    let (seen, total) = (seen.into_inner(), 2_000 * number("PROPERTY_CASES", 1));
    for decision in ["Allowed", "ExplicitlyDenied", "ImplicitlyDenied"] {
        assert!(seen[decision] > total / 10, "{seen:?}");
    }
}

/// The same documents, statements and levels in reverse order (T2).
fn reversed(value: &Value) -> Value {
    let lists = [
        "Statement",
        "policies",
        "identityPolicies",
        "permissionsBoundaries",
        "sessionPolicies",
        "vpcEndpointPolicies",
        "scps",
        "rcps",
    ];
    match value {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let mut value = reversed(value);
                if let (Value::Array(items), true) = (&mut value, lists.contains(&&**name)) {
                    items.reverse();
                }
                (name.clone(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(items) => items.iter().map(reversed).collect(),
        other => other.clone(),
    }
}

#[test]
fn order_never_matters() {
    check(500, choices(), |numbers| {
        let case = generate::case(&mut Choices::new(&numbers));
        let (one, other) = (read(&case), read(&reversed(&case)));
        let one = decide(&one.policies, &one.request);
        let other = decide(&other.policies, &other.request);
        prop_assert_eq!(one, other, "{}", case);
        Ok(())
    });
}

#[test]
fn an_explanation_shows_what_decided() {
    check(500, choices(), |numbers| {
        let case = generate::case(&mut Choices::new(&numbers));
        let read = read(&case);
        let verdict = decide(&read.policies, &read.request);
        let explanation = explain(&read.policies, &read.request);
        prop_assert_eq!(explanation.verdict, verdict, "{}", case);
        let always = read.request.action.name() == "getcalleridentity";
        if verdict.decision == Decision::Error || always {
            return Ok(());
        }
        let denied = explanation
            .statements
            .iter()
            .any(|it| it.statement.effect == Effect::Deny && it.applies() == Truth::True);
        let explicit = verdict.decision == Decision::ExplicitlyDenied;
        prop_assert_eq!(denied, explicit, "{}", case);
        let blocked = verdict.decision != Decision::Allowed;
        prop_assert_eq!(blocked, !verdict.blocked_by.is_empty(), "{}", case);
        for it in &explanation.statements {
            let fails = it.applies() == Truth::False;
            prop_assert_eq!(fails, it.mismatch().is_some(), "{}", case);
        }
        Ok(())
    });
}

/// The case with one more statement; none where there is no list of that kind to add it to.
fn with_more(case: &Value, list: &str, statement: Value) -> Option<Value> {
    let mut case = case.clone();
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    match list {
        "resourcePolicy" if case[list].is_null() => case[list] = document,
        "resourcePolicy" => {
            let statements = &mut case[list]["Statement"];
            if !statements.is_array() {
                *statements = json!([statements.take()]);
            }
            let added = document["Statement"][0].clone();
            statements.as_array_mut()?.push(added);
        }
        "scps" => case[list].get_mut(0)?["policies"]
            .as_array_mut()?
            .push(document),
        _ => case[list].as_array_mut()?.push(document),
    }
    Some(case)
}

#[test]
fn one_more_deny_never_grants() {
    check(500, two_choices(), |(numbers, more)| {
        let case = generate::case(&mut Choices::new(&numbers));
        let mut choices = Choices::new(&more);
        let (list, statement) = generate::more(&mut choices, &case, "Deny");
        let Some(case_with_more) = with_more(&case, list, statement) else {
            return Ok(());
        };
        let (before, after) = (decision(&case), decision(&case_with_more));
        let kept = match before {
            Decision::Allowed => true,
            Decision::ImplicitlyDenied => after != Decision::Allowed,
            _ => after == before,
        };
        prop_assert!(kept, "{:?} {:?} {}", before, after, case_with_more);
        Ok(())
    });
}

#[test]
fn one_more_allow_never_takes_away() {
    check(500, two_choices(), |(numbers, more)| {
        let case = generate::case(&mut Choices::new(&numbers));
        let mut choices = Choices::new(&more);
        let (list, statement) = generate::more(&mut choices, &case, "Allow");
        let Some(case_with_more) = with_more(&case, list, statement) else {
            return Ok(());
        };
        let (before, after) = (decision(&case), decision(&case_with_more));
        let kept = match before {
            Decision::ImplicitlyDenied => after != Decision::ExplicitlyDenied,
            _ => after == before,
        };
        prop_assert!(kept, "{:?} {:?} {}", before, after, case_with_more);
        Ok(())
    });
}

/// Takes some keys out of the case and returns them: whether each is unknown by its name, and
/// its kind of value (none: a list).
fn take_keys(choices: &mut Choices<'_>, case: &mut Value) -> Vec<(String, Option<generate::Kind>)> {
    let keys = generate::KEYS.iter().map(|(key, kind)| (*key, Some(*kind)));
    let lists = generate::LISTS.iter().map(|key| (*key, None));
    let context = case["request"]["context"].as_object_mut().unwrap();
    let mut taken = Vec::new();
    for (key, kind) in keys.chain(lists) {
        if choices.chance(60) {
            context.retain(|known, _| !known.eq_ignore_ascii_case(key));
            taken.push((key.to_owned(), kind));
        }
    }
    taken
}

/// What is decided without some keys holds whatever these keys turn out to be; a denial may turn
/// out explicit.
#[test]
fn a_decision_holds_whatever_an_unknown_key_says() {
    let counts = Cell::new([0_u32; 3]);
    check(1_000, two_choices(), |(numbers, more)| {
        let mut case = generate::focused_case(&mut Choices::new(&numbers));
        let mut choices = Choices::new(&more);
        let taken = take_keys(&mut choices, &mut case);
        let by_prefix = choices.chance(30);
        let mut open = OpenKeys::default();
        let mut unknown = Vec::new();
        for (key, kind) in taken {
            let folded: std::sync::Arc<str> = key.to_lowercase().into();
            match folded.split_once('/') {
                // Excepted: it is absent.
                Some(_) if choices.chance(20) => {
                    open.absent.push(folded);
                    continue;
                }
                Some((prefix, _)) if by_prefix => open.prefixes.push(format!("{prefix}/").into()),
                _ => open.keys.push(folded),
            }
            unknown.push((key, kind));
        }
        let mut asked = read(&case);
        asked.request.context.set_open(open);
        let explanation = explain(&asked.policies, &asked.request);
        let before = explanation.verdict.decision;
        if before == Decision::Unknown {
            prop_assert!(!explanation.unknown.is_empty(), "{}", case);
            for name in &explanation.unknown {
                let open = unknown
                    .iter()
                    .any(|(key, _)| key.eq_ignore_ascii_case(name));
                prop_assert!(open, "{} of {:?} in {}", name, unknown, case);
            }
        }
        let mut seen = std::collections::HashSet::new();
        for _ in 0..12 {
            let mut request = asked.request.clone();
            request.context.set_open(OpenKeys::default());
            for (key, kind) in &unknown {
                let values = match kind {
                    _ if choices.chance(30) => continue,
                    None => choices.list(),
                    Some(kind) => json!([choices.value(*kind)]),
                };
                let values = values.as_array().unwrap().iter();
                let values = values.map(|it| it.as_str().unwrap().into()).collect();
                request.context.set(key, values, kind.is_none());
            }
            let after = decide(&asked.policies, &request).decision;
            seen.insert(after);
            let kept = match before {
                Decision::Unknown => true,
                Decision::ImplicitlyDenied => {
                    matches!(
                        after,
                        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied
                    )
                }
                _ => after == before,
            };
            let context = request.context.entries();
            prop_assert!(kept, "{:?} {:?} {:?} {}", before, after, context, case);
        }
        let mut all = counts.get();
        let which = match before {
            Decision::Unknown if seen.len() > 1 => 2,
            Decision::Unknown => 1,
            _ => 0,
        };
        all[which] += 1;
        counts.set(all);
        Ok(())
    });
    // Else the property would hold for want of answers, or of questions.
    let [certain, settled, open] = counts.into_inner();
    println!("certain {certain}, unknown but always the same {settled}, unknown {open}");
    assert!(certain > open && open > certain / 20);
}

#[test]
fn the_matcher_matches_as_the_naive_one() {
    let alphabet = "[ab:/*?\u{e9}\u{10428}\n]{0,12}";
    check(1_000, (alphabet, alphabet), |(glob, text)| {
        let units = naive::glob::units(&text);
        let expected = naive::glob::matches(&naive::glob::pattern(&glob), &units);
        prop_assert_eq!(
            pattern::matches(&glob, &text),
            expected,
            "{:?} {:?}",
            glob,
            text
        );
        let template = pattern::Template::new(&glob, false);
        let tokens = template.tokens(true, |_| pattern::Resolved::NoValue);
        let pattern::Substituted::Known(tokens) = tokens else {
            return Err(TestCaseError::fail("no variables, but not known"));
        };
        prop_assert_eq!(pattern::tokens_match(&tokens, &text), expected);
        Ok(())
    });
    let ascii = ("[aAbB:*?]{0,10}", "[ab:]{0,10}");
    check(1_000, ascii, |(glob, text)| {
        let naive = naive::glob::pattern(&glob.to_lowercase());
        let expected = naive::glob::matches(&naive, &naive::glob::units(&text));
        prop_assert_eq!(pattern::matches_folded(&glob, &text), expected);
        Ok(())
    });
}

#[test]
fn tokens_match_as_the_naive_units() {
    let one = prop_oneof![
        3 => Just('a'), 1 => Just('b'), 2 => Just(':'), 2 => Just('*'), 1 => Just('?'),
        2 => Just('+'), 1 => Just('.'),
    ];
    check(
        1_000,
        (vec(one, 0..10), "[ab:]{0,10}"),
        |(pattern, text)| {
            let unit = |it: &char| match it {
                '*' => (pattern::Token::Any, naive::glob::Unit::Run),
                '?' => (pattern::Token::One, naive::glob::Unit::One),
                '+' => (pattern::Token::AnyInPart, naive::glob::Unit::RunInPart),
                '.' => (pattern::Token::OneInPart, naive::glob::Unit::OneInPart),
                other => {
                    let unit = *other as u16;
                    (pattern::Token::Unit(unit), naive::glob::Unit::Literal(unit))
                }
            };
            let (tokens, units): (Vec<_>, Vec<_>) = pattern.iter().map(unit).unzip();
            let expected = naive::glob::matches(&units, &naive::glob::units(&text));
            prop_assert_eq!(pattern::tokens_match(&tokens, &text), expected);
            Ok(())
        },
    );
}

#[test]
fn decimals_compare_as_written_out() {
    let decimal = "[+-]?[0-9]{1,4}(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?";
    check(1_000, (decimal, decimal), |(one, other)| {
        let expected = naive::operand::compare_numbers(&one, &other).unwrap();
        let parse = |it: &str| Decimal::parse(it).unwrap();
        prop_assert_eq!(parse(&one).cmp(&parse(&other)), expected);
        let equal = parse(&one) == parse(&other);
        prop_assert_eq!(equal, expected.is_eq(), "{} {}", one, other);
        Ok(())
    });
    // A point at an end is not settled by the rules.
    let near = "[+-]{0,2}[0-9x]{0,2}([eE.][+-]?[0-9x]{0,2}){0,2}";
    check(1_000, near, |text| {
        let settled = !text
            .split(['+', '-', 'e', 'E'])
            .any(|it| it.starts_with('.') || it.ends_with('.'));
        let expected = naive::operand::compare_numbers(&text, "0").is_some();
        prop_assert!(
            !settled || Decimal::parse(&text).is_some() == expected,
            "{}",
            text
        );
        Ok(())
    });
}

#[test]
fn dates_are_counted_day_by_day() {
    let day = "(16|19|20|23)[0-9]{2}(-[01][0-9](-[0-3][0-9])?)?";
    let time =
        "(T[01][0-9]:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,4})?)?)?(Z|[+-][01][0-9]:[0-5][0-9])?";
    check(1_000, (day, time), |(day, time)| {
        // A zone needs a time.
        let time = if time.starts_with('T') { &*time } else { "" };
        let text = format!("{day}{time}");
        prop_assert_eq!(
            operand::date(&text),
            naive::operand::milliseconds(&text),
            "{}",
            text
        );
        Ok(())
    });
    check(1_000, 10_000_i64..9_999_999_999, |seconds| {
        prop_assert_eq!(operand::date(&seconds.to_string()), Some(seconds * 1000));
        Ok(())
    });
}

#[test]
fn addresses_are_read_as_the_standard_library_reads_them() {
    use std::net::{Ipv4Addr, Ipv6Addr};
    check(
        1_000,
        (any::<u32>(), any::<u128>(), 0_u32..=129, 0_u32..=128),
        |(four, six, length, same)| {
            let text = Ipv4Addr::from(four).to_string();
            prop_assert_eq!(Address::parse(&text), Some(Address::V4(four)));
            let mapped = format!("::ffff:{text}");
            prop_assert_eq!(Address::parse(&mapped), Some(Address::V4(four)));
            let compressed = Ipv6Addr::from(six).to_string();
            let full = Ipv6Addr::from(six)
                .segments()
                .map(|it| format!("{it:04X}"))
                .join(":");
            prop_assert_eq!(Address::parse(&compressed), Some(Address::V6(six)));
            prop_assert_eq!(Address::parse(&full), Some(Address::V6(six)));

            // A network that has about so many bits in common with the address.
            let network = six ^ 1_u128.checked_shl(127_u32.wrapping_sub(same)).unwrap_or(0);
            let network = network & u128::MAX.checked_shl(128 - length.min(128)).unwrap_or(0);
            let network = format!("{}/{length}", Ipv6Addr::from(network));
            let base = four
                ^ 1_u32
                    .checked_shl(31_u32.wrapping_sub(same % 33))
                    .unwrap_or(0);
            let base = format!("{}/{}", Ipv4Addr::from(base), length % 35);
            for (address, network) in [
                (&compressed, &network),
                (&text, &base),
                (&text, &network),
                (&mapped, &base),
            ] {
                let expected = naive::operand::in_network(
                    naive::operand::request_address(address).unwrap(),
                    network,
                );
                let ours = Network::parse(network)
                    .is_some_and(|it| it.contains(Address::parse(address).unwrap()));
                prop_assert_eq!(ours, expected, "{} in {}", address, network);
            }
            Ok(())
        },
    );
    check(
        1_000,
        "[0-9]{1,3}(\\.[0-9]{0,4}){2,4}|[0-9a-f:]{2,12}|::ffff:1.2.3.[0-9]{1,3}",
        |text| {
            let expected = naive::operand::request_address(&text).is_some();
            prop_assert_eq!(Address::parse(&text).is_some(), expected, "{}", text);
            if let Ok(address) = text.parse::<Ipv4Addr>() {
                prop_assert_eq!(Address::parse(&text), Some(Address::V4(address.into())));
            }
            Ok(())
        },
    );
}
