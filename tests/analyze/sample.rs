//! Requests near two policies: every value is on a boundary of something that they say. Whether a
//! policy allows one is `evaluate`'s answer, statement by statement, not the engine's.

use rolecall::catalog::{Catalog, KeyType};
use rolecall::evaluate::{Action, Context, Principal, Request, Settings, Truth, match_statement};
use rolecall::policy::operand::{self, Address, Decimal, Network};
use rolecall::policy::{Document, Effect, Statement};
use serde_json::Value;

use super::random::Random;

pub(crate) const ACCOUNT: &str = "111122223333";

/// What the own result of documents is (T1 to T3); none where something is unknown.
pub(crate) fn own_result(documents: &[Document], request: &Request) -> Option<bool> {
    let mut allowed = false;
    for statement in documents.iter().flat_map(|it| &it.statements) {
        match (applies(statement, request)?, statement.effect) {
            (true, Effect::Deny) => return Some(false),
            (true, Effect::Allow) => allowed = true,
            _ => {}
        }
    }
    Some(allowed)
}

fn applies(statement: &Statement, request: &Request) -> Option<bool> {
    let matched = match_statement(statement, request);
    let parts = [Truth::from(matched.action), matched.resource];
    match parts.into_iter().chain(matched.conditions).min_by_key(rank) {
        Some(Truth::Unknown) => None,
        it => Some(it != Some(Truth::False)),
    }
}

const fn rank(truth: &Truth) -> u8 {
    match truth {
        Truth::False => 0,
        Truth::Unknown => 1,
        Truth::True => 2,
    }
}

/// Whether every layer allows a request by itself.
pub(crate) fn allows(layers: &[Vec<Document>], request: &Request) -> Option<bool> {
    let mut all = true;
    for layer in layers {
        all &= own_result(layer, request)?;
    }
    Some(all)
}

/// What a key may be set to.
#[derive(Debug)]
struct Pool {
    name: String,
    multivalued: bool,
    values: Vec<String>,
}

/// What requests are drawn from.
#[derive(Debug)]
pub(crate) struct Sampler {
    actions: Vec<String>,
    resources: Vec<String>,
    keys: Vec<Pool>,
    principal: Principal,
}

impl Sampler {
    /// Collects the boundaries of policies.
    pub(crate) fn new<'v>(policies: impl Iterator<Item = &'v Value>) -> Self {
        let mut found = Self {
            actions: vec!["other:Action".to_owned(), "s3:Other".to_owned()],
            resources: vec!["arn:aws:x:::y".to_owned(), "text".to_owned()],
            keys: Vec::new(),
            principal: Principal::parse(&format!("arn:aws:iam::{ACCOUNT}:user/u")).unwrap(),
        };
        let of = |policy: &'v Value| -> Vec<&'v Value> {
            let statements = &policy["Statement"];
            statements
                .as_array()
                .map_or(vec![statements], |it| it.iter().collect())
        };
        for statement in policies.flat_map(of) {
            for text in texts(&statement["Action"]).chain(texts(&statement["NotAction"])) {
                found.actions.extend(instances(text));
            }
            for text in texts(&statement["Resource"]).chain(texts(&statement["NotResource"])) {
                found.resources.extend(instances(text));
                found.add_variables(text);
            }
            let operators = statement["Condition"].as_object().into_iter().flatten();
            for (operator, block) in operators {
                for (key, values) in block.as_object().into_iter().flatten() {
                    let is_set = operator.starts_with("For");
                    let pool = found.pool(key);
                    let declared = Catalog::builtin().condition_key(&key.to_lowercase());
                    pool.multivalued =
                        declared.map_or(pool.multivalued || is_set, |it| it.multivalued);
                    for text in texts(values) {
                        found.pool(key).values.extend(near(operator, text));
                        found.add_variables(text);
                    }
                }
            }
        }
        found.mix();
        found
    }

    fn pool(&mut self, key: &str) -> &mut Pool {
        let known = self
            .keys
            .iter()
            .position(|it| it.name.eq_ignore_ascii_case(key));
        let at = known.unwrap_or_else(|| {
            self.keys.push(Pool {
                name: key.to_owned(),
                multivalued: false,
                values: Vec::new(),
            });
            self.keys.len() - 1
        });
        &mut self.keys[at]
    }

    fn add_variables(&mut self, text: &str) {
        for piece in text.split("${").skip(1) {
            let Some((inside, _)) = piece.split_once('}') else {
                continue;
            };
            let key = inside.split(',').next().unwrap().trim();
            if key.len() < 2 {
                continue;
            }
            let declared = Catalog::builtin().condition_key(&key.to_lowercase());
            let pool = self.pool(key);
            pool.multivalued |= declared.is_some_and(|it| it.multivalued);
            let values = ["a", "b", "ab", "", "x:y", "a/b", "aa", "*", "?"];
            pool.values.extend(values.map(str::to_owned));
        }
    }

    /// Values meet across the keys, but for what a key's declared type forbids.
    fn mix(&mut self) {
        let mut all: Vec<String> = self.keys.iter().flat_map(|it| it.values.clone()).collect();
        all.extend(["", "zz"].map(str::to_owned));
        tidy(&mut all);
        for pool in &mut self.keys {
            let declared = Catalog::builtin().condition_key(&pool.name.to_lowercase());
            let key_type = declared.map(|it| it.key_type);
            // Each key's own values twice, so that they come more often.
            let mut values = pool.values.clone();
            values.extend(pool.values.clone());
            values.extend(all.iter().cloned());
            values.retain(|it| match key_type {
                Some(KeyType::Numeric) => Decimal::parse(it).is_some(),
                Some(KeyType::Date) => operand::date(it).is_some(),
                Some(KeyType::IpAddress) => Address::parse(it).is_some(),
                _ => true,
            });
            pool.values = values;
        }
        tidy(&mut self.actions);
        self.actions.retain(|it| Action::parse(it).is_some());
        tidy(&mut self.resources);
    }

    /// Draws a request for which all of these statements apply and that is wanted, if that can be
    /// had by trying; or one just beside it.
    pub(crate) fn draw(
        &self,
        random: &mut Random,
        aims: &[&Statement],
        is_wanted: impl Fn(&Request) -> bool,
    ) -> Request {
        let mut request = self.aimed(random, aims);
        for _ in 0..6 {
            if is_wanted(&request) {
                break;
            }
            let mut other = request.clone();
            self.change(random, &mut other);
            if aims.iter().all(|it| applies(it, &other) == Some(true)) {
                request = other;
            }
        }
        if random.chance(35) {
            self.change(random, &mut request);
        }
        request
    }

    fn aimed(&self, random: &mut Random, aims: &[&Statement]) -> Request {
        let mut request = Request {
            principal: self.principal.clone(),
            action: Action::parse("other:Action").unwrap(),
            resource: None,
            resource_account: Some(ACCOUNT.into()),
            context: Context::default(),
            settings: Settings {
                complete: true,
                ..Settings::default()
            },
        };
        let lists = Catalog::builtin().multivalued_global_keys();
        request.context.set_multivalued(lists);
        for at in 0..self.keys.len() {
            self.set_key(random, at, &mut request);
        }
        self.set_action(random, &mut request);
        self.set_resource(random, &mut request);
        for _ in 0..16 * aims.len() {
            let Some(aim) = aims.iter().find(|it| applies(it, &request) != Some(true)) else {
                break;
            };
            let matched = match_statement(aim, &request);
            let failing = matched.conditions.iter().position(|it| *it != Truth::True);
            if !matched.action {
                self.set_action(random, &mut request);
            } else if let Some(at) = failing {
                let own = |pool: &Pool| pool.name.eq_ignore_ascii_case(&aim.conditions[at].key);
                let own = self.keys.iter().position(own);
                let any = random.below(self.keys.len());
                let at = if random.chance(75) {
                    own.unwrap_or(any)
                } else {
                    any
                };
                self.set_key(random, at, &mut request);
            } else {
                if random.chance(40) && !self.keys.is_empty() {
                    let any = random.below(self.keys.len());
                    self.set_key(random, any, &mut request);
                }
                self.set_resource(random, &mut request);
            }
        }
        request
    }

    /// Draws one thing of a request anew.
    pub(crate) fn change(&self, random: &mut Random, request: &mut Request) {
        match random.below(2 + self.keys.len()) {
            0 => self.set_action(random, request),
            1 => self.set_resource(random, request),
            at => self.set_key(random, at - 2, request),
        }
    }

    fn set_action(&self, random: &mut Random, request: &mut Request) {
        request.action = Action::parse(random.pick::<String>(&self.actions)).unwrap();
    }

    fn set_resource(&self, random: &mut Random, request: &mut Request) {
        request.resource = match random.chance(7) {
            true => None,
            false => {
                let text = random.pick::<String>(&self.resources);
                Some(expanded(text, &request.context).into())
            }
        };
    }

    fn set_key(&self, random: &mut Random, at: usize, request: &mut Request) {
        let pool = &self.keys[at];
        let count = match (
            random.chance(30) || pool.values.is_empty(),
            pool.multivalued,
        ) {
            (true, _) => 0,
            (_, true) => 1 + random.below(3),
            _ => 1,
        };
        let mut values: Vec<Box<str>> = Vec::new();
        for _ in 0..count {
            let text = random.pick::<String>(&pool.values);
            values.push(expanded(text, &request.context).into());
        }
        request.context.set(&pool.name, values, pool.multivalued);
    }
}

fn tidy(texts: &mut Vec<String>) {
    texts.sort();
    texts.dedup();
}

pub(crate) fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let many = value.as_array().into_iter().flatten();
    many.chain(Some(value)).filter_map(Value::as_str)
}

/// Texts of a pattern with its wildcards filled in, and texts just beside it.
fn instances(pattern: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (star, one) in [
        ("", "a"),
        ("a", "Z"),
        ("x/y", "/"),
        ("b", ":"),
        ("a:b", "b"),
    ] {
        let mut text = String::new();
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            let end = rest.find('}').filter(|_| rest.starts_with("${"));
            let length = end.map_or(first.len_utf8(), |it| it + 1);
            text.push_str(match &rest[..length] {
                "*" => star,
                "?" => one,
                other => other,
            });
            rest = &rest[length..];
        }
        found.push(text);
    }
    let first = found[0].clone();
    found.push(format!("{first}q"));
    if let Some((at, _)) = first.char_indices().last() {
        found.push(first[..at].to_owned());
    }
    if pattern.contains(['*', '?']) && !pattern.contains("${") {
        found.push(pattern.to_owned());
    }
    found
}

/// Values on and beside the boundary that a condition value draws.
fn near(operator: &str, text: &str) -> Vec<String> {
    if operator.contains("Numeric") {
        let Ok(number) = text.parse::<f64>() else {
            return Vec::new();
        };
        let steps = [0.0, 1.0, -1.0, 0.5, -0.5];
        return steps.map(|step| (number + step).to_string()).to_vec();
    }
    if operator.contains("Date") {
        let Some(date) = operand::date(text) else {
            return Vec::new();
        };
        let seconds = |it: i64| format!("{}.{:03}", it.div_euclid(1000), it.rem_euclid(1000));
        let steps = [0, 1, -1, 1000, -1000];
        return steps.map(|step| seconds(date + step)).to_vec();
    }
    if operator.contains("IpAddress") {
        return addresses(text);
    }
    if operator.contains("Bool") {
        return ["true", "false", "TRUE", "x"].map(str::to_owned).to_vec();
    }
    if operator.ends_with("Null") {
        return Vec::new();
    }
    let mut found = instances(text);
    found.extend([text.to_uppercase(), text.to_lowercase()]);
    found.retain(|it| !it.contains("${") || text.contains("${") && !it.contains("${AWS"));
    found
}

/// The first and last address of a network, and those beside them.
fn addresses(text: &str) -> Vec<String> {
    match Network::parse(text) {
        Some(Network::V4(bits, length)) => {
            let size = 1_u64 << (32 - length);
            let first = u64::from(bits) & !(size - 1);
            let all = [
                Some(first),
                Some(first + size - 1),
                Some(first + size),
                first.checked_sub(1),
            ];
            let all = all
                .into_iter()
                .flatten()
                .filter_map(|it| u32::try_from(it).ok());
            all.map(|it| std::net::Ipv4Addr::from_bits(it).to_string())
                .collect()
        }
        Some(Network::V6(bits, length)) => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            let (first, last) = (bits & mask, bits | !mask);
            let all = [
                Some(first),
                Some(last),
                Some(bits),
                first.checked_sub(1),
                last.checked_add(1),
            ];
            let all = all.into_iter().flatten();
            all.map(|it| std::net::Ipv6Addr::from_bits(it).to_string())
                .collect()
        }
        None => Vec::new(),
    }
}

/// Puts what the request says in the place of policy variables.
fn expanded(text: &str, context: &Context) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        done.push_str(before);
        let Some((inside, after)) = behind.split_once('}') else {
            done.push_str("${");
            rest = behind;
            continue;
        };
        let (key, default) = inside.split_once(',').unwrap_or((inside, ""));
        let key = key.trim();
        let entry = context
            .entries()
            .iter()
            .find(|it| it.key.eq_ignore_ascii_case(key));
        let value = entry.and_then(|it| it.values.first());
        match value {
            _ if matches!(key, "*" | "?" | "$") => done.push_str(key),
            Some(value) if !value.is_empty() => done.push_str(value),
            _ => done.push_str(default.trim().trim_matches('\'')),
        }
        rest = after;
    }
    done.push_str(rest);
    done
}
