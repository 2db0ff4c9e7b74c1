//! The requests that one call of a requirement stands for, written as policy documents: those that
//! the documents allow by themselves.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::catalog::Catalog;
use crate::evaluate::{Context, ContextEntry, Lookup, Policies, Request, Truth};
use crate::evaluate::{applies, names_action};
use crate::policy::{Document, Effect, Kind, Operand, Test, written};

/// What differs from one member of a family to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    /// The ARNs as a pattern with `*`; none: the request's resource alone.
    pub(super) resource: Option<String>,
    /// The context keys whose values differ, each with its pattern.
    pub(super) context: Vec<(String, String)>,
}

impl Scope {
    /// Whether there is one member only.
    pub(super) const fn is_single(&self) -> bool {
        self.resource.is_none() && self.context.is_empty()
    }

    /// Whether the values of a key differ.
    pub(super) fn has_key(&self, folded: &str) -> bool {
        self.pattern_of(folded).is_some()
    }

    /// Whether more differs than names: the account, the region or the service.
    pub(super) fn is_wide(&self) -> bool {
        let pattern = self.resource.as_deref().unwrap_or_default();
        pattern.split(':').take(5).any(|part| part.contains('*'))
    }

    fn pattern_of(&self, folded: &str) -> Option<&str> {
        let found = self
            .context
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(folded));
        found.map(|(_, pattern)| pattern.as_str())
    }
}

/// A context key that the policies look at when they decide an action.
#[derive(Debug)]
pub(super) struct Used {
    /// As a policy spells it.
    pub(super) name: String,
    /// In lower case.
    pub(super) folded: String,
    /// The operator that compares its values as the policies do.
    equals: &'static str,
    is_quantified: bool,
    /// How often the policies look at it.
    times: usize,
}

/// Returns the context keys on which a decision of this action can depend.
pub(super) fn used(policies: &Policies, request: &Request) -> Vec<Used> {
    let mut all: Vec<Used> = Vec::new();
    let statements = policies.documents().flat_map(|it| &it.statements);
    for statement in statements.filter(|it| names_action(it, request)) {
        let patterns = statement.resource.iter().flat_map(|it| &it.patterns);
        for variable in patterns.flat_map(|it| it.template.variables()) {
            note(&mut all, &variable.key, &variable.key, None, false);
        }
        for condition in &statement.conditions {
            let test = condition.operator.map(|it| it.test);
            let is_quantified = condition.operator.is_some_and(|it| it.quantifier.is_some());
            let name = &condition.key_text.text;
            note(&mut all, name, &condition.key, test, is_quantified);
            // V11: typed operators take variables for text.
            let values = condition.values.iter();
            for value in values.filter(|it| it.operand == Operand::Text) {
                for variable in value.template.variables() {
                    note(&mut all, &variable.key, &variable.key, None, false);
                }
            }
        }
    }
    all
}

fn note(all: &mut Vec<Used>, name: &str, folded: &str, test: Option<Test>, is_quantified: bool) {
    const TEXT: &str = "StringEquals";
    let equals = match test {
        Some(Test::Numeric(_)) => "NumericEquals",
        Some(Test::Date(_)) => "DateEquals",
        Some(Test::IpAddress) => "IpAddress",
        _ => TEXT,
    };
    match all.iter_mut().find(|it| it.folded == folded) {
        Some(known) => {
            known.times += 1;
            known.is_quantified |= is_quantified;
            // Presence is compared on every scale.
            if known.equals == TEXT && test != Some(Test::Null) {
                known.equals = equals;
            }
        }
        None => all.push(Used {
            name: name.to_owned(),
            folded: folded.to_owned(),
            equals,
            is_quantified,
            times: 1,
        }),
    }
}

/// Whether a decision that depends on keys nobody told us may not depend on them in the end: only
/// what is looked at twice can cancel out.
pub(super) fn may_cancel_out(policies: &Policies, request: &Request) -> bool {
    used(policies, request).iter().any(|key| {
        key.times > 1 && matches!(request.context.get(&key.folded, &key.name), Lookup::Unknown)
    })
}

/// How closely documents describe the members of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// With any text for a `*`: more than the members, which makes shorter work of a proof.
    AnyText,
    /// With what names consist of.
    AsReal,
}

/// Returns the documents that allow exactly the requests that are like `request` but for what the
/// scope leaves open, and for keys that nobody told us: those are as in `told`, without it anything.
pub(super) fn documents(
    request: &Request,
    scope: &Scope,
    names: Names,
    used: &[Used],
    told: Option<&Context>,
    catalog: &Catalog,
) -> Vec<Document> {
    let mut family = Writer {
        conditions: BTreeMap::new(),
        denied: Vec::new(),
        catalog,
    };
    for key in used {
        if let Some(pattern) = scope.pattern_of(&key.folded) {
            family.add("StringLike", &key.name, json!(like(pattern)));
            if names == Names::AsReal {
                let others: Map<String, Value> = [(key.name.clone(), json!(unreal(pattern)))]
                    .into_iter()
                    .collect();
                family.deny(&json!("*"), &json!({"StringLike": others}));
            }
            continue;
        }
        match request.context.get(&key.folded, &key.name) {
            Lookup::Present(entry) => family.equal(key, entry),
            Lookup::Absent => family.absent(key),
            Lookup::Unknown => match told.map(|it| it.get(&key.folded, &key.name)) {
                Some(Lookup::Present(entry)) => family.equal(key, entry),
                Some(_) => family.absent(key),
                None => {}
            },
        }
    }
    let resource = match (&scope.resource, &request.resource) {
        (Some(pattern), _) => like(pattern),
        (None, Some(arn)) => literally(arn),
        (None, None) => "*".to_owned(),
    };
    if let Some(pattern) = scope.resource.as_ref().filter(|_| names == Names::AsReal) {
        family.deny(&json!(unreal(pattern)), &json!({}));
    }
    let mut statements = vec![json!({
        "Effect": "Allow",
        "Action": request.action.text,
        "Resource": resource,
        "Condition": family.conditions,
    })];
    statements.append(&mut family.denied);
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    vec![written(&policy.to_string(), Kind::Identity)]
}

/// Whether a request is one of the family.
pub(super) fn has(family: &[Document], request: &Request) -> bool {
    let statements = || family.iter().flat_map(|it| &it.statements);
    let of = |effect| statements().filter(move |it| it.effect == effect);
    of(Effect::Allow).any(|it| applies(it, request) == Truth::True)
        && of(Effect::Deny).all(|it| applies(it, request) == Truth::False)
}

struct Writer<'a> {
    conditions: BTreeMap<&'static str, Map<String, Value>>,
    denied: Vec<Value>,
    catalog: &'a Catalog,
}

impl Writer<'_> {
    fn add(&mut self, operator: &'static str, key: &str, value: Value) {
        let keys = self.conditions.entry(operator).or_default();
        keys.insert(key.to_owned(), value);
    }

    fn absent(&mut self, key: &Used) {
        self.add("Null", &key.name, json!("true"));
    }

    fn equal(&mut self, key: &Used, entry: &ContextEntry) {
        let declared = self.catalog.condition_key(&key.folded);
        let values: Vec<String> = entry.values.iter().map(|it| text(it)).collect();
        if !declared.map_or(key.is_quantified, |it| it.multivalued) {
            let first = values.first().cloned().unwrap_or_default();
            return self.add(key.equals, &key.name, json!(first));
        }
        // Nothing but these values, and each of them.
        self.add("Null", &key.name, json!("false"));
        for value in &values {
            let lacks: Map<String, Value> =
                [(key.name.clone(), json!(value))].into_iter().collect();
            let lacks = json!({"ForAllValues:StringNotEquals": lacks});
            self.deny(&json!("*"), &lacks);
        }
        self.add("ForAllValues:StringEquals", &key.name, json!(values));
    }

    fn deny(&mut self, resources: &Value, conditions: &Value) {
        self.denied.push(json!({
            "Effect": "Deny",
            "Action": "*",
            "Resource": resources,
            "Condition": conditions,
        }));
    }
}

/// A value that is meant as it is: `${` would begin a policy variable.
fn text(value: &str) -> String {
    value.replace('$', "${$}")
}

/// A pattern in which `*` is the only wildcard.
fn like(pattern: &str) -> String {
    text(pattern).replace('?', "${?}")
}

/// Returns what a pattern matches and no name in its place is like: names have no `:`, and no `/`
/// but where the `*` is all that follows one, as in `parameter/aws/service/*`.
fn unreal(pattern: &str) -> Vec<String> {
    let mut patterns = Vec::new();
    for (at, _) in pattern.match_indices('*') {
        let (before, after) = (like(&pattern[..at]), like(&pattern[at + 1..]));
        patterns.push(format!("{before}*:*{after}"));
        if !(before.ends_with('/') && after.is_empty()) {
            patterns.push(format!("{before}*/*{after}"));
        }
    }
    patterns
}

fn literally(arn: &str) -> String {
    like(arn).replace('*', "${*}")
}
