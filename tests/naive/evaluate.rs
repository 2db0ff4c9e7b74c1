//! A second evaluator, transcribed from the rules one by one, over the JSON of a case.
//!
//! It shares no code with the library: where the two disagree, one of them misreads a rule. It
//! knows nothing of unknown facts, and nothing of what is outside the rules it names: ACLs (S6),
//! reserved names (S8, S9) and Block Public Access (S10).

#[path = "glob.rs"]
pub(crate) mod glob;
#[path = "operand.rs"]
pub(crate) mod operand;

use std::cmp::Ordering;

use base64::Engine as _;
use glob::{Piece, Unit};
use serde_json::Value;

/// Services whose resources RCPs cover, among those that the generator uses (O14).
const RCP_SERVICES: [&str; 5] = ["s3", "kms", "sqs", "sts", "dynamodb"];

/// Keys that are lists by declaration (V8, C32).
const LISTS: [&str; 3] = ["aws:tagkeys", "aws:calledvia", "aws:principalorgpaths"];

/// Which policy a statement stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Identity,
    Boundary,
    Session,
    Scp,
    Rcp,
    Resource,
    Trust,
    Endpoint,
}

/// Who calls.
enum Caller<'a> {
    User,
    Session { role: &'a str },
    Federated { name: &'a str },
    Root,
    Service,
    Provider,
    Anonymous,
}

struct Request<'a> {
    json: &'a Value,
    settings: &'a Value,
    caller: Caller<'a>,
    arn: &'a str,
    account: &'a str,
    action: String,
    /// None: the action has no resource type (R8).
    resource: Option<&'a str>,
    owner: &'a str,
}

/// How a statement names the caller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    No,
    /// By its account (P2).
    Account,
    /// By its role, or by the user who federated (E7, E10).
    Limited,
    /// By itself or as everyone (E6, E8, E9).
    Unlimited,
}

/// Decides a case in the format of `testdata/evaluate/FORMAT.md`.
pub(crate) fn decide(case: &Value) -> &'static str {
    let request = Request::read(case);
    // T5.
    if documents(case)
        .iter()
        .any(|(it, place)| refused(it, *place))
    {
        return "Error";
    }
    // S4.
    let anonymous = matches!(request.caller, Caller::Anonymous);
    if ["sts:getcalleridentity", "sts:getsessiontoken"].contains(&&*request.action) && !anonymous {
        return "Allowed";
    }

    let has_account = !request.account.is_empty();
    let is_root = matches!(request.caller, Caller::Root);
    let has_boundary = has_account && !is_root && !case["permissionsBoundaries"].is_null();
    let has_session = has_account && !case["sessionPolicies"].is_null();
    let is_trust = request.action.starts_with("sts:");
    let resource_place = if is_trust {
        Place::Trust
    } else {
        Place::Resource
    };

    let side = |list: &Value, place: Place, effect: &str| {
        items(list)
            .iter()
            .any(|document| request.applies(document, place, effect, has_boundary) > Named::No)
    };
    let levels = |name: &str| items(&case[name]);

    // Who is bound by what: X5, O5, O9, O11 to O14.
    let flag = |group: &str, name: &str| case["settings"][group][name] == Value::Bool(true);
    let management = &case["settings"]["organization"]["managementAccount"];
    let service_linked = flag("principal", "serviceLinkedRole");
    let scps = has_account && !service_linked && *management != *request.account;
    let rcps = request.resource.is_some()
        && RCP_SERVICES.contains(&request.action.split(':').next().unwrap())
        && !service_linked
        && *management != *request.owner
        && !flag("kms", "awsManagedKey")
        && request.action != "kms:retiregrant";

    // T3, T6, E13, X3: any Deny that applies.
    let own = has_account && !is_root;
    let denied = own && side(&case["identityPolicies"], Place::Identity, "Deny")
        || has_boundary && side(&case["permissionsBoundaries"], Place::Boundary, "Deny")
        || has_session && side(&case["sessionPolicies"], Place::Session, "Deny")
        || request.applies(
            &case["resourcePolicy"],
            resource_place,
            "Deny",
            has_boundary,
        ) > Named::No
        || side(&case["vpcEndpointPolicies"], Place::Endpoint, "Deny")
        || scps
            && levels("scps")
                .iter()
                .any(|it| side(&it["policies"], Place::Scp, "Deny"))
        || rcps
            && levels("rcps")
                .iter()
                .any(|it| side(&it["policies"], Place::Rcp, "Deny"));
    if denied {
        return "ExplicitlyDenied";
    }

    // O1, N1.
    let organization = !scps
        || levels("scps")
            .iter()
            .all(|it| side(&it["policies"], Place::Scp, "Allow"));
    let endpoint = case["vpcEndpointPolicies"].is_null()
        || side(&case["vpcEndpointPolicies"], Place::Endpoint, "Allow");

    let named = request.applies(
        &case["resourcePolicy"],
        resource_place,
        "Allow",
        has_boundary,
    );
    let boundary = !has_boundary || side(&case["permissionsBoundaries"], Place::Boundary, "Allow");
    // E4, E5.
    let session = match request.caller {
        Caller::Federated { .. } if !has_session => false,
        _ => !has_session || side(&case["sessionPolicies"], Place::Session, "Allow"),
    };
    // E3, E12.
    let identity = boundary
        && session
        && (is_root || own && side(&case["identityPolicies"], Place::Identity, "Allow"));
    let core = if !has_account {
        // X5, S5.
        named > Named::Account
    } else if request.account != request.owner {
        // X1, X2, X7.
        identity && named > Named::No && !request.action.starts_with("iam:")
    } else {
        // E1, E6 to E11, E14, S1, S3.
        named == Named::Unlimited
            || named == Named::Limited && boundary && session
            || identity && (named > Named::No || !request.needs_resource_side())
    };
    if core && organization && endpoint {
        "Allowed"
    } else {
        "ImplicitlyDenied"
    }
}

fn documents(case: &Value) -> Vec<(&Value, Place)> {
    let mut all = Vec::new();
    let trust = case["request"]["action"]
        .as_str()
        .unwrap()
        .starts_with("sts:");
    let mut add = |list: &'static str, place| {
        all.extend(items(&case[list]).into_iter().map(|it| (it, place)));
    };
    add("identityPolicies", Place::Identity);
    add("permissionsBoundaries", Place::Boundary);
    add("sessionPolicies", Place::Session);
    add("vpcEndpointPolicies", Place::Endpoint);
    for (name, place) in [("scps", Place::Scp), ("rcps", Place::Rcp)] {
        for level in items(&case[name]) {
            all.extend(items(&level["policies"]).into_iter().map(|it| (it, place)));
        }
    }
    if !case["resourcePolicy"].is_null() {
        let place = if trust { Place::Trust } else { Place::Resource };
        all.push((&case["resourcePolicy"], place));
    }
    all
}

/// G1, G5, G6, G8: what is rejected as a whole.
fn refused(document: &Value, place: Place) -> bool {
    let version = &document["Version"];
    if !version.is_null() && *version != *"2012-10-17" && *version != *"2008-10-17" {
        return true;
    }
    items(&document["Statement"]).iter().any(|statement| {
        let has = |name: &str| statement.get(name).is_some();
        let effect = &statement["Effect"];
        let resource = has("Resource") != has("NotResource")
            || place == Place::Trust && !has("Resource") && !has("NotResource");
        (*effect != *"Allow" && *effect != *"Deny")
            || has("Action") == has("NotAction")
            || has("Principal") && has("NotPrincipal")
            || !resource
    })
}

/// One value stands for a list of it (G7); null is none.
fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

/// The texts of one or many values; numbers and booleans count by their text (G14).
fn texts(value: &Value) -> Vec<String> {
    let text = |it: &Value| match it {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    items(value).into_iter().map(text).collect()
}

impl<'a> Request<'a> {
    fn read(case: &'a Value) -> Self {
        let json = &case["request"];
        let arn = json["principal"].as_str().unwrap_or_default();
        let (kind, rest) = arn
            .splitn(6, ':')
            .nth(5)
            .unwrap_or_default()
            .split_once('/')
            .unwrap_or((arn.splitn(6, ':').nth(5).unwrap_or_default(), ""));
        let caller = match kind {
            _ if json["principal"].is_object() => Caller::Anonymous,
            "user" => Caller::User,
            "assumed-role" => Caller::Session {
                role: rest.split('/').next().unwrap(),
            },
            "federated-user" => Caller::Federated { name: rest },
            "root" => Caller::Root,
            "saml-provider" | "oidc-provider" => Caller::Provider,
            "" if arn.ends_with(".amazonaws.com") => Caller::Service,
            "" => Caller::Provider,
            _ => panic!("no caller: {arn}"),
        };
        let belongs = matches!(
            caller,
            Caller::User | Caller::Session { .. } | Caller::Federated { .. } | Caller::Root
        );
        let part = |text: &'a str, at: usize| text.splitn(6, ':').nth(at).unwrap_or_default();
        let resource = (json["noResourceLevel"] != Value::Bool(true))
            .then(|| json["resource"].as_str().unwrap());
        // X6.
        let in_arn = part(resource.unwrap_or_default(), 4);
        let owner = match in_arn {
            "" => json["resourceAccount"].as_str().unwrap_or_default(),
            account => account,
        };
        Self {
            json,
            settings: &case["settings"],
            caller,
            arn,
            account: if belongs { part(arn, 4) } else { "" },
            action: json["action"].as_str().unwrap().to_ascii_lowercase(),
            resource,
            owner,
        }
    }

    /// S1, S3: where silence of the resource's policy denies.
    fn needs_resource_side(&self) -> bool {
        let resource = self.resource.unwrap_or_default();
        self.action.starts_with("kms:") && resource.contains(":key/")
            || self.action.starts_with("sts:assumerole")
            || ["sts:tagsession", "sts:setsourceidentity"].contains(&&*self.action)
    }

    /// T2: the best match of a document's statements of one effect.
    fn applies(&self, document: &Value, place: Place, effect: &str, has_boundary: bool) -> Named {
        let modern = document["Version"] == *"2012-10-17";
        items(&document["Statement"])
            .into_iter()
            .filter(|it| it["Effect"] == *effect)
            .filter(|it| self.action_matches(it))
            .filter(|it| self.resource_matches(it, place, modern))
            .filter(|it| self.conditions_hold(&it["Condition"], effect, modern))
            .map(|it| self.names(it, place, effect, has_boundary))
            .max()
            .unwrap_or(Named::No)
    }

    /// Section 4.
    fn action_matches(&self, statement: &Value) -> bool {
        let matches = |pattern: &String| {
            let pattern = glob::pattern(&pattern.to_ascii_lowercase());
            glob::matches(&pattern, &glob::units(&self.action))
        };
        match statement.get("NotAction") {
            Some(patterns) => !texts(patterns).iter().any(matches),
            None => texts(&statement["Action"]).iter().any(matches),
        }
    }

    /// Section 5.
    fn resource_matches(&self, statement: &Value, place: Place, modern: bool) -> bool {
        let matches = |pattern: &String| self.one_resource_matches(pattern, place, modern);
        if let Some(patterns) = statement.get("NotResource") {
            return !texts(patterns).iter().any(matches);
        }
        match statement.get("Resource") {
            Some(patterns) => texts(patterns).iter().any(matches),
            // G6: a trust policy speaks of its role.
            None => place == Place::Trust,
        }
    }

    fn one_resource_matches(&self, text: &str, place: Place, modern: bool) -> bool {
        if text == "*" {
            return true;
        }
        let Some(resource) = self.resource else {
            return false;
        };
        let Some(pattern) = self.resource_pattern(text, modern) else {
            return false;
        };
        let resource = glob::units(resource);
        // R13: a short ARN is filled up with `*`, and refused in an RCP.
        let missing = 5_usize.saturating_sub(text.matches(':').count());
        let short = missing > 0 && text.starts_with("arn");
        if short && place == Place::Rcp {
            return false;
        }
        if glob::matches(&pattern, &resource) {
            return true;
        }
        let fills = match place {
            Place::Identity | Place::Session | Place::Boundary => true,
            Place::Endpoint | Place::Resource | Place::Trust => text.contains(['*', '?']),
            Place::Scp => text.ends_with('*'),
            Place::Rcp => false,
        };
        if !short || !fills {
            return false;
        }
        let filled = format!("{text}{}", ":*".repeat(missing));
        let pattern = self.resource_pattern(&filled, modern);
        pattern.is_some_and(|pattern| glob::matches(&pattern, &resource))
    }

    /// The pattern with its variables filled in; none where it matches nothing (V3, V10).
    fn resource_pattern(&self, text: &str, modern: bool) -> Option<Vec<Unit>> {
        let mut pattern = Vec::new();
        let mut colons = 0;
        let all = glob::pieces(text, modern);
        for (at, piece) in all.iter().enumerate() {
            match piece {
                Piece::Text(text) => {
                    let units = glob::pattern(text);
                    for (index, unit) in units.iter().enumerate() {
                        // R5, R6.
                        let last = index + 1 == units.len() && at + 1 == all.len();
                        let ends_part =
                            last || units.get(index + 1) == Some(&Unit::Literal(b':'.into()));
                        pattern.push(match unit {
                            Unit::One if colons < 5 => Unit::OneInPart,
                            Unit::Run if colons < 5 && !ends_part => Unit::RunInPart,
                            other => *other,
                        });
                        colons += usize::from(*unit == Unit::Literal(b':'.into()));
                    }
                }
                _ if colons < 5 => return None,
                other => pattern.extend(self.piece(other)?),
            }
        }
        Some(pattern)
    }

    /// What a variable or an escape stands for; none where it has no value.
    fn piece(&self, piece: &Piece) -> Option<Vec<Unit>> {
        match piece {
            Piece::Text(text) => Some(glob::pattern(text)),
            Piece::Escape(character) => Some(vec![Unit::Literal(*character as u16)]),
            Piece::Variable { key, default } => {
                let text = match self.key(key) {
                    // V8.
                    Some(Value::Array(_)) => return None,
                    None if LISTS.contains(&&*key.to_lowercase()) => return None,
                    // V13.
                    Some(Value::String(text)) if !text.is_empty() => text.clone(),
                    _ => default.clone()?,
                };
                Some(glob::literal(&text))
            }
        }
    }

    /// C8: a key in any letter case; of several the one spelt alike, else the last.
    fn key(&self, key: &str) -> Option<&'a Value> {
        let context = self.json["context"].as_object()?;
        let alike = context
            .iter()
            .filter(|(it, _)| it.eq_ignore_ascii_case(key));
        let found = match context.get(key) {
            Some(exact) => exact,
            None => alike.map(|(_, value)| value).next_back()?,
        };
        // C28: an empty list is absent.
        (!matches!(found, Value::Array(items) if items.is_empty())).then_some(found)
    }

    /// Section 6.
    fn names(&self, statement: &Value, place: Place, effect: &str, has_boundary: bool) -> Named {
        let with_principals = [Place::Resource, Place::Trust, Place::Rcp, Place::Endpoint];
        if !with_principals.contains(&place) {
            return Named::Unlimited;
        }
        if let Some(element) = statement.get("NotPrincipal") {
            // P9, P10.
            let spared = self.element(element, place) > Named::No;
            let hit = !spared || effect == "Deny" && has_boundary;
            return if hit { Named::Unlimited } else { Named::No };
        }
        self.element(&statement["Principal"], place)
    }

    fn element(&self, element: &Value, place: Place) -> Named {
        match element {
            Value::String(text) if text == "*" => Named::Unlimited,
            Value::Object(kinds) => kinds
                .iter()
                .flat_map(|(kind, values)| {
                    texts(values).into_iter().map(move |value| (kind, value))
                })
                .map(|(kind, value)| self.principal(kind, &value, place))
                .max()
                .unwrap_or(Named::No),
            _ => Named::No,
        }
    }

    fn principal(&self, kind: &str, value: &str, place: Place) -> Named {
        let when = |matches: bool, named| if matches { named } else { Named::No };
        let settings = &self.settings["principal"];
        match kind {
            "Service" => when(
                matches!(self.caller, Caller::Service) && self.arn == value,
                Named::Unlimited,
            ),
            "Federated" => when(
                matches!(self.caller, Caller::Provider) && self.arn == value,
                Named::Unlimited,
            ),
            "CanonicalUser" => when(
                !self.account.is_empty() && settings["canonicalUser"] == *value,
                Named::Account,
            ),
            _ if value == "*" => Named::Unlimited,
            _ if settings["uniqueId"] == *value => match self.caller {
                Caller::User => Named::Unlimited,
                // The id is that of the role, or of the user who federated.
                Caller::Session { .. } | Caller::Federated { .. } => Named::Limited,
                _ => Named::No,
            },
            _ => {
                let account = format!("arn:aws:iam::{}:root", self.account);
                if !self.account.is_empty() && (value == self.account || value == account) {
                    // N3.
                    let counts = place != Place::Endpoint || matches!(self.caller, Caller::Root);
                    return when(counts, Named::Account);
                }
                if value == self.arn {
                    return Named::Unlimited;
                }
                let parts: Vec<&str> = value.splitn(6, ':').collect();
                let [_, partition, "iam", "", in_account, resource] = parts[..] else {
                    return Named::No;
                };
                let here =
                    *in_account == *self.account && self.arn.split(':').nth(1) == Some(partition);
                let name = resource.rsplit('/').next().unwrap();
                match self.caller {
                    Caller::Session { role } => when(
                        here && resource.starts_with("role/") && name == role,
                        Named::Limited,
                    ),
                    // Q14.
                    Caller::Federated { name: own } => when(
                        here && resource.starts_with("user/") && name == own,
                        Named::Limited,
                    ),
                    _ => Named::No,
                }
            }
        }
    }

    /// C1.
    fn conditions_hold(&self, block: &Value, effect: &str, modern: bool) -> bool {
        let operators = block.as_object().into_iter().flatten();
        operators
            .flat_map(|(operator, keys)| {
                let keys = keys.as_object().into_iter().flatten();
                keys.map(move |(key, values)| (operator, key, values))
            })
            .all(|(operator, key, values)| {
                self.condition_holds(operator, key, &texts(values), effect, modern)
            })
    }

    fn condition_holds(
        &self,
        operator: &str,
        key: &str,
        values: &[String],
        effect: &str,
        modern: bool,
    ) -> bool {
        let operator = operator.to_ascii_lowercase();
        let (set, operator) = match operator.split_once(':') {
            Some((set, operator)) => (Some(set), operator),
            None => (None, &*operator),
        };
        let (if_exists, operator) = match operator.strip_suffix("ifexists") {
            Some(operator) => (true, operator),
            None => (false, operator),
        };
        let given = self.key(key);
        if operator == "null" {
            // C28.
            let wants_absent = |value: &String| value.eq_ignore_ascii_case("true");
            return values
                .iter()
                .any(|value| wants_absent(value) == given.is_none());
        }
        let Some((positive, negated)) = base(operator) else {
            // C35.
            return false;
        };
        let Some(given) = given else {
            return match set {
                Some("forallvalues") => true,
                Some("foranyvalue") => false,
                Some(_) => false,
                None => if_exists || negated,
            };
        };
        let one = |value: &str| self.value_holds(value, values, positive, negated, effect, modern);
        match set {
            Some("forallvalues") => texts(given).iter().all(|value| one(value)),
            Some("foranyvalue") => texts(given).iter().any(|value| one(value)),
            Some(_) => false,
            // C32.
            None => given.as_str().is_some_and(one),
        }
    }

    /// One value of the request against the values of the policy (C2, C3).
    fn value_holds(
        &self,
        given: &str,
        values: &[String],
        operator: &str,
        negated: bool,
        effect: &str,
        modern: bool,
    ) -> bool {
        // C34.
        if values.is_empty() {
            return false;
        }
        // C21, C24.
        if operator == "ipaddress" && operand::request_address(given).is_none()
            || operator == "arnlike" && !is_arn(given)
        {
            return false;
        }
        for value in values {
            match self.compare(given, value, operator, modern) {
                Compared::Match => return !negated,
                Compared::Differ => {}
                // C25.
                Compared::Broken => return effect == "Deny",
            }
        }
        negated
    }

    fn compare(&self, given: &str, value: &str, operator: &str, modern: bool) -> Compared {
        let number = || operand::compare_numbers(given, value);
        let date = || Some(operand::milliseconds(given)?.cmp(&operand::milliseconds(value)?));
        let matches = match operator {
            "stringequals" => self
                .filled(value, modern, false)
                .is_some_and(|it| glob::matches(&it, &glob::units(given))),
            "stringlike" => self
                .filled(value, modern, true)
                .is_some_and(|it| glob::matches(&it, &glob::units(given))),
            "stringequalsignorecase" => self.filled(value, modern, false).is_some_and(|it| {
                let units: Vec<u16> = it
                    .iter()
                    .map(|it| match it {
                        Unit::Literal(unit) => *unit,
                        other => panic!("no literal: {other:?}"),
                    })
                    .collect();
                String::from_utf16_lossy(&units).to_lowercase() == given.to_lowercase()
            }),
            "arnlike" => return self.compare_arns(given, value, modern),
            "numericequals" => number() == Some(Ordering::Equal),
            "numericlessthan" => number() == Some(Ordering::Less),
            "numericlessthanequals" => number().is_some_and(Ordering::is_le),
            "numericgreaterthan" => number() == Some(Ordering::Greater),
            "numericgreaterthanequals" => number().is_some_and(Ordering::is_ge),
            "dateequals" => date() == Some(Ordering::Equal),
            "datelessthan" => date() == Some(Ordering::Less),
            "datelessthanequals" => date().is_some_and(Ordering::is_le),
            "dategreaterthan" => date() == Some(Ordering::Greater),
            "dategreaterthanequals" => date().is_some_and(Ordering::is_ge),
            // C14.
            "bool" => given.eq_ignore_ascii_case("true") == value.eq_ignore_ascii_case("true"),
            // C16.
            "binaryequals" => {
                let bytes = |it: &str| base64::prelude::BASE64_STANDARD.decode(it).ok();
                bytes(given).is_some() && bytes(given) == bytes(value)
            }
            "ipaddress" => operand::request_address(given)
                .is_some_and(|address| operand::in_network(address, value)),
            _ => false,
        };
        if matches {
            Compared::Match
        } else {
            Compared::Differ
        }
    }

    /// C22 to C25.
    fn compare_arns(&self, given: &str, value: &str, modern: bool) -> Compared {
        let Some(pattern) = self.filled(value, modern, true) else {
            return Compared::Differ;
        };
        if pattern == [Unit::Run] {
            return Compared::Match;
        }
        let colon = Unit::Literal(b':'.into());
        let parts: Vec<&[Unit]> = pattern.splitn(6, |it| *it == colon).collect();
        if parts.len() < 6 {
            return Compared::Broken;
        }
        let matches = given
            .splitn(6, ':')
            .zip(parts)
            .all(|(given, part)| glob::matches(part, &glob::units(given)));
        if matches {
            Compared::Match
        } else {
            Compared::Differ
        }
    }

    /// A policy value with its variables filled in (V5, V7, V9, V11).
    fn filled(&self, value: &str, modern: bool, wildcards: bool) -> Option<Vec<Unit>> {
        let mut pattern = Vec::new();
        for piece in glob::pieces(value, modern) {
            match &piece {
                Piece::Text(text) if !wildcards => pattern.extend(glob::literal(text)),
                piece => pattern.extend(self.piece(piece)?),
            }
        }
        Some(pattern)
    }
}

enum Compared {
    Match,
    Differ,
    Broken,
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.matches(':').count() >= 5
}

/// The positive form of an operator and whether it is negated.
fn base(operator: &str) -> Option<(&'static str, bool)> {
    Some(match operator {
        "stringequals" => ("stringequals", false),
        "stringnotequals" => ("stringequals", true),
        "stringequalsignorecase" => ("stringequalsignorecase", false),
        "stringnotequalsignorecase" => ("stringequalsignorecase", true),
        "stringlike" => ("stringlike", false),
        "stringnotlike" => ("stringlike", true),
        "numericequals" => ("numericequals", false),
        "numericnotequals" => ("numericequals", true),
        "numericlessthan" => ("numericlessthan", false),
        "numericlessthanequals" => ("numericlessthanequals", false),
        "numericgreaterthan" => ("numericgreaterthan", false),
        "numericgreaterthanequals" => ("numericgreaterthanequals", false),
        "dateequals" => ("dateequals", false),
        "datenotequals" => ("dateequals", true),
        "datelessthan" => ("datelessthan", false),
        "datelessthanequals" => ("datelessthanequals", false),
        "dategreaterthan" => ("dategreaterthan", false),
        "dategreaterthanequals" => ("dategreaterthanequals", false),
        "bool" => ("bool", false),
        "binaryequals" => ("binaryequals", false),
        "ipaddress" => ("ipaddress", false),
        "notipaddress" => ("ipaddress", true),
        "arnlike" | "arnequals" => ("arnlike", false),
        "arnnotlike" | "arnnotequals" => ("arnlike", true),
        _ => return None,
    })
}
