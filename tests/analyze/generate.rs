//! Pairs of random policies, of the four kinds that have found errors: all operators, templates
//! with policy variables, complementary splits, and layers. One side is made from the other, since
//! random pairs are hardly ever contained in one another.
//!
//! Everything is JSON, so that failures can be cut down and shown as they are.

use serde_json::{Value, json};

use super::random::Random;
use super::vocabulary as words;

/// The kinds of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pairs {
    Operators,
    Templates,
    Splits,
    Layers,
}

impl Pairs {
    pub(crate) const ALL: [Self; 4] =
        [Self::Operators, Self::Templates, Self::Splits, Self::Layers];

    pub(crate) fn style(self, random: &mut Random) -> Style {
        let has_variables = match self {
            Self::Operators => false,
            Self::Templates => true,
            Self::Splits | Self::Layers => random.chance(15),
        };
        Style { has_variables }
    }

    /// Two sides, each a list of layers: `{"a": […], "b": […]}`.
    pub(crate) fn draw(self, random: &mut Random) -> Value {
        let style = self.style(random);
        let (a, b) = match self {
            Self::Operators | Self::Templates => {
                let a = style.policy(random);
                let b = style.changed(random, &a);
                (json!([a]), json!([b]))
            }
            Self::Splits => {
                let (a, mut b) = style.split(random);
                if random.chance(35) {
                    b = style.changed(random, &b);
                }
                (json!([a]), json!([b]))
            }
            Self::Layers => {
                let base = style.policy(random);
                let mut layers = || -> Vec<Value> {
                    let count = 1 + random.below(3);
                    (0..count).map(|_| style.changed(random, &base)).collect()
                };
                let (a, b) = (layers(), layers());
                (a.into(), b.into())
            }
        };
        if random.chance(30) {
            json!({"a": b, "b": a})
        } else {
            json!({"a": a, "b": b})
        }
    }
}

/// What policies are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) has_variables: bool,
}

/// A document of these statements.
pub(crate) fn document(statements: impl Into<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements.into()})
}

pub(crate) fn statements(policy: &mut Value) -> &mut Vec<Value> {
    policy["Statement"].as_array_mut().unwrap()
}

impl Style {
    pub(crate) fn policy(self, random: &mut Random) -> Value {
        let mut list: Vec<Value> = (0..1 + random.below(3))
            .map(|_| self.statement(random))
            .collect();
        if list.iter().all(|it| it["Effect"] == "Deny") {
            list[0]["Effect"] = "Allow".into();
        }
        let mut policy = document(list);
        match random.below(40) {
            0 => policy["Version"] = "2008-10-17".into(),
            1 => drop(policy.as_object_mut().unwrap().remove("Version")),
            _ => {}
        }
        policy
    }

    pub(crate) fn statement(self, random: &mut Random) -> Value {
        let effect = if random.chance(25) { "Deny" } else { "Allow" };
        let mut statement = json!({"Effect": effect});
        let name = if random.chance(8) {
            "NotAction"
        } else {
            "Action"
        };
        statement[name] = self.many(random, Self::action);
        let name = if random.chance(10) {
            "NotResource"
        } else {
            "Resource"
        };
        statement[name] = self.many(random, Self::resource);
        for _ in 0..random.below(3) {
            self.add_condition(random, &mut statement);
        }
        statement
    }

    fn many(self, random: &mut Random, one: impl Fn(Self, &mut Random) -> String) -> Value {
        let count = [1, 1, 2, 3][random.below(4)];
        (0..count).map(|_| one(self, random)).collect()
    }

    fn action(self, random: &mut Random) -> String {
        (*random.pick(&words::ACTIONS)).to_owned()
    }

    fn resource(self, random: &mut Random) -> String {
        if self.has_variables && random.chance(65) {
            return (*random.pick(&words::RESOURCE_TEMPLATES)).to_owned();
        }
        let text = *random.pick(&words::RESOURCES);
        if random.chance(15) {
            return words::wild(random, text);
        }
        text.to_owned()
    }

    pub(crate) fn add_condition(self, random: &mut Random, statement: &mut Value) {
        let texts = if self.has_variables { 85 } else { 40 };
        let key = match random.chance(texts) {
            true => random.pick(&words::KEYS[..words::TEXT_KEYS]),
            false => random.pick(&words::KEYS),
        };
        let mut operator = (*random.pick(key.kind.operators())).to_owned();
        let values = self.values(random, key, &operator);
        if operator != "Null" {
            if random.chance(if key.is_list { 85 } else { 4 }) {
                let set = ["ForAnyValue:", "ForAllValues:"][random.below(2)];
                operator = format!("{set}{operator}");
            }
            if random.chance(12) {
                operator += "IfExists";
            }
        }
        statement["Condition"][operator][key.name] = values;
    }

    fn values(self, random: &mut Random, key: &words::Key, operator: &str) -> Value {
        let count = [1, 1, 1, 2, 3][random.below(5)];
        (0..count)
            .map(|_| self.value(random, key, operator))
            .collect()
    }

    fn value(self, random: &mut Random, key: &words::Key, operator: &str) -> String {
        if operator == "Null" {
            return ["true", "false"][random.below(2)].to_owned();
        }
        let is_text = operator.contains("String");
        if self.has_variables && random.chance(70) && (is_text || operator.contains("Arn")) {
            return match is_text {
                true => (*random.pick(&words::TEXT_TEMPLATES)).to_owned(),
                false => (*random.pick(&words::ARN_TEMPLATES)).to_owned(),
            };
        }
        if operator.contains("Like") && is_text && random.chance(60) {
            return (*random.pick(&words::TEXT_PATTERNS)).to_owned();
        }
        (*random.pick(key.kind.values())).to_owned()
    }

    /// A policy with one to three things different.
    pub(crate) fn changed(self, random: &mut Random, policy: &Value) -> Value {
        let mut policy = policy.clone();
        for _ in 0..random.below(4) {
            self.change(random, &mut policy);
        }
        policy
    }

    fn change(self, random: &mut Random, policy: &mut Value) {
        if random.chance(2) {
            let version = ["2012-10-17", "2008-10-17"][random.below(2)];
            policy["Version"] = version.into();
        }
        let list = statements(policy);
        match random.below(12) {
            0 => list.push(self.statement(random)),
            1 if list.len() > 1 => drop(list.remove(random.below(list.len()))),
            2 => {
                let mut copy = random.pick(list).clone();
                self.change_statement(random, &mut copy);
                list.push(copy);
            }
            _ if list.is_empty() => list.push(self.statement(random)),
            _ => {
                let at = random.below(list.len());
                self.change_statement(random, &mut list[at]);
            }
        }
    }

    fn change_statement(self, random: &mut Random, statement: &mut Value) {
        match random.below(12) {
            0 => {
                let is_allow = statement["Effect"] == "Allow";
                statement["Effect"] = if is_allow { "Deny" } else { "Allow" }.into();
            }
            1 | 2 => {
                let name = has_one(statement, "Action", "NotAction");
                self.change_list(random, &mut statement[name], Self::action);
            }
            3 | 4 => {
                let name = has_one(statement, "Resource", "NotResource");
                self.change_list(random, &mut statement[name], Self::resource);
            }
            5 => swap_name(statement, "Resource", "NotResource"),
            6 => self.add_condition(random, statement),
            7 => self.change_condition(random, statement, |random, operators, operator| {
                let block = operators.remove(operator).unwrap();
                if random.chance(50) {
                    operators.insert(words::twin(random, operator), block);
                }
            }),
            8 | 9 => self.change_condition(random, statement, |random, operators, operator| {
                let block = operators[operator].as_object_mut().unwrap();
                let name = random
                    .pick(&block.keys().cloned().collect::<Vec<_>>())
                    .clone();
                let Some(key) = words::KEYS.iter().find(|it| it.name == name) else {
                    return;
                };
                let plain = operator.rsplit(':').next().unwrap();
                let plain = plain.trim_end_matches("IfExists").to_owned();
                let one = |style: Self, random: &mut Random| style.value(random, key, &plain);
                self.change_list(random, block.get_mut(&name).unwrap(), one);
            }),
            10 => drop(statement.as_object_mut().unwrap().remove("Condition")),
            _ => {
                let name = has_one(statement, "Resource", "NotResource");
                if let Some(text) = statement[name][0].as_str() {
                    statement[name][0] = words::wild(random, text).into();
                }
            }
        }
    }

    fn change_list(
        self,
        random: &mut Random,
        list: &mut Value,
        one: impl Fn(Self, &mut Random) -> String,
    ) {
        let Some(list) = list.as_array_mut() else {
            return;
        };
        match random.below(3) {
            0 => list.push(one(self, random).into()),
            1 if list.len() > 1 => drop(list.remove(random.below(list.len()))),
            _ if list.is_empty() => list.push(one(self, random).into()),
            _ => {
                let at = random.below(list.len());
                list[at] = one(self, random).into();
            }
        }
    }

    fn change_condition(
        self,
        random: &mut Random,
        statement: &mut Value,
        change: impl Fn(&mut Random, &mut serde_json::Map<String, Value>, &str),
    ) {
        let Some(operators) = statement["Condition"].as_object_mut() else {
            statement.as_object_mut().unwrap().remove("Condition");
            return self.add_condition(random, statement);
        };
        let names: Vec<String> = operators.keys().cloned().collect();
        if !names.is_empty() {
            let name = random.pick(&names).clone();
            change(random, operators, &name);
        }
        if operators.is_empty() {
            statement.as_object_mut().unwrap().remove("Condition");
        }
    }

    /// A policy, and one that says the same in more statements.
    pub(crate) fn split(self, random: &mut Random) -> (Value, Value) {
        let mut whole = self.statement(random);
        whole["Effect"] = "Allow".into();
        let mut others = Vec::new();
        if random.chance(30) {
            others.push(self.statement(random));
        }
        let pieces = words::pieces(random, &whole);
        let of = |own: Vec<Value>| document(others.iter().cloned().chain(own).collect::<Vec<_>>());
        (of(vec![whole]), of(pieces))
    }
}

/// The one of two elements that a statement has.
pub(crate) fn has_one(statement: &Value, one: &'static str, other: &'static str) -> &'static str {
    if statement[one].is_null() { other } else { one }
}

pub(crate) fn swap_name(statement: &mut Value, one: &'static str, other: &'static str) {
    let from = has_one(statement, one, other);
    let to = if from == one { other } else { one };
    let element = statement.as_object_mut().unwrap().remove(from);
    statement[to] = element.unwrap_or_else(|| json!(["*"]));
}
