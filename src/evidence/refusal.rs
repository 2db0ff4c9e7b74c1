//! Refusals to be explained, from whatever text holds them: an error message, a log with several,
//! CloudTrail records, an authorization message that STS decoded, the JSON of an error.
//!
//! Beside [`super::denials`], which reads sentences, this knows the shapes around them. Only what
//! names the call is taken: caller, action, resource, the sort of policy, context keys. Access keys,
//! tokens and encoded messages stay behind, and what looks like a secret is taken out of what is
//! kept. Why a call was refused is `why`'s.

use super::cloudtrail::{self, Lines};
use super::denial::{self, Denial};
use super::operation::{self, Meaning};
use super::secret;
use crate::evaluate::Layer;
use crate::json::{self, Value};

/// One refused call, as far as it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The line where it first stands, from 1.
    pub line: usize,
    /// How often it stands there: tools try again.
    pub count: usize,
    /// The id of the CloudTrail event.
    pub event: Option<String>,
    /// Who called: an ARN.
    pub caller: Option<String>,
    /// The action, `service:Name`.
    pub action: Option<String>,
    /// What it was to be done to.
    pub resource: Option<String>,
    /// The sort of policy that AWS names.
    pub layer: Option<Layer>,
    /// Whether by a Deny statement; none: it is not said.
    pub explicit: Option<bool>,
    /// The ARN of the policy.
    pub policy: Option<String>,
    /// The `Sid`s of the statements that denied, from a decoded message.
    pub statements: Vec<String>,
    /// The code of the error.
    pub code: Option<String>,
    /// The operation that was called, where the action is not known.
    pub operation: Option<String>,
    /// Whether there is an encoded message that would tell more.
    pub is_encoded: bool,
    /// Whether this is a decoded message.
    pub is_decoded: bool,
    /// The context keys that a decoded message tells.
    pub context: Vec<(String, Vec<String>)>,
}

/// Returns every refusal in a text, in order; one that is repeated word for word is one.
#[must_use]
pub fn refusals(text: &str) -> Vec<Refusal> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Vec::new();
    let whole = text.trim_start().starts_with(['{', '[']);
    match whole.then(|| json::parse(text)) {
        Some(Ok(parsed)) => {
            let lines = Lines::of(text);
            read_value(parsed.tree.root(), &|it| lines.line(it), &mut found);
        }
        _ => read_lines(text, &mut found),
    }
    let mut different: Vec<Refusal> = Vec::new();
    for mut refusal in found {
        refusal.hide_secrets();
        match different.iter_mut().find(|it| it.is_same(&refusal)) {
            Some(known) => known.count += 1,
            None => different.push(refusal),
        }
    }
    different
}

impl Refusal {
    fn is_same(&self, other: &Self) -> bool {
        let place = |it: &Self| Self {
            line: 0,
            count: 0,
            event: None,
            ..it.clone()
        };
        place(self) == place(other)
    }

    fn hide_secrets(&mut self) {
        let texts = [
            &mut self.event,
            &mut self.caller,
            &mut self.action,
            &mut self.resource,
            &mut self.policy,
            &mut self.code,
            &mut self.operation,
        ];
        let context = self.context.iter_mut().flat_map(|(_, values)| values);
        let texts = texts.into_iter().flatten();
        for text in texts.chain(context).chain(&mut self.statements) {
            *text = secret::hidden(text);
        }
    }

    fn of(denial: Denial, line: usize) -> Self {
        let action = denial
            .action
            .clone()
            .or_else(|| super::called(&denial).and_then(|(of, name)| action_of(&of, &name)));
        Self {
            line,
            count: 1,
            caller: denial.principal,
            action,
            resource: denial.resource,
            layer: denial.layer,
            explicit: denial.explicit,
            policy: denial.policy,
            code: denial.code,
            operation: denial.operation,
            is_encoded: denial.encoded.is_some(),
            ..Self::default()
        }
    }
}

/// The one action of an operation, or the one on what it names.
fn action_of(service: &str, operation: &str) -> Option<String> {
    match operation::meaning(service, operation) {
        Meaning::Actions(meant) => {
            let named = meant.iter().find(|it| it.is_on_what_is_named);
            named.map(operation::Meant::name)
        }
        Meaning::Unknown(..) => None,
    }
}

/// Reads a text in which some lines are JSON: the others belong together, as messages are wrapped.
fn read_lines(text: &str, found: &mut Vec<Refusal>) {
    let mut block = String::new();
    let mut first = 1;
    for (at, line) in text.lines().enumerate() {
        let parsed = line
            .trim_start()
            .starts_with('{')
            .then(|| json::parse(line));
        if let Some(Ok(parsed)) = parsed {
            read_text(&block, first, found);
            block.clear();
            first = at + 2;
            read_value(parsed.tree.root(), &|_| at + 1, found);
        } else {
            block.push_str(line);
            block.push('\n');
        }
    }
    read_text(&block, first, found);
}

fn read_text(text: &str, first: usize, found: &mut Vec<Refusal>) {
    let lines = Lines::of(text);
    let denials = denial::denials(text).into_iter();
    found.extend(denials.map(|denial| {
        let line = lines.line(denial.span.start as usize);
        Refusal::of(denial, first - 1 + line)
    }));
}

fn read_value(value: Value<'_>, line: &dyn Fn(usize) -> usize, found: &mut Vec<Refusal>) {
    let at = line(value.span().start as usize);
    if let Some(text) = value.as_str() {
        let denials = denial::denials(text).into_iter();
        return found.extend(denials.map(|it| Refusal::of(it, at)));
    }
    for name in ["CloudTrailEvent", "DecodedMessage"] {
        if let Some(Ok(parsed)) = value.get(name).and_then(Value::as_str).map(json::parse) {
            return read_value(parsed.tree.root(), &|_| at, found);
        }
    }
    if value.get("eventName").is_some() && value.get("eventSource").is_some() {
        return found.extend(read_record(value, at));
    }
    let has_verdict = value.get("allowed").is_some() || value.get("explicitDeny").is_some();
    if let Some(context) = value.get("context").filter(|_| has_verdict) {
        // A message may also say that the call was allowed.
        if value.get("allowed").and_then(Value::as_bool) != Some(true) {
            found.push(read_decoded(value, context, at));
        }
        return;
    }
    let is_error = read_error(value, at, found);
    if value.get("diagnostic").is_some() {
        return;
    }
    for member in value.members() {
        // The texts of an error were read together.
        if !(is_error && member.value.as_str().is_some()) {
            read_value(member.value, line, found);
        }
    }
    for element in value.elements() {
        read_value(element, line, found);
    }
}

/// Reads an object that is an error: a code beside a message, in the spellings of AWS's protocols
/// and of Terraform's log.
fn read_error(value: Value<'_>, at: usize, found: &mut Vec<Refusal>) -> bool {
    let text = |names: &[&str]| {
        let mut texts = names.iter().filter_map(|it| value.get(it)?.as_str());
        texts.next()
    };
    if let Some(diagnostic) = value.get("diagnostic") {
        let before = found.len();
        for name in ["detail", "summary"] {
            if let Some(text) = diagnostic.get(name).filter(|_| found.len() == before) {
                read_value(text, &|_| at, found);
            }
        }
        return true;
    }
    let message = text(&["errorMessage", "Message", "message", "@message", "detail"]);
    let code = text(&["errorCode", "Code", "code", "__type"]);
    let Some(message) = message else {
        return false;
    };
    let joined = match code {
        // "com.amazonaws.dynamodb#AccessDeniedException"
        Some(code) => format!("{}: {message}", code.rsplit('#').next().unwrap_or(code)),
        None => message.to_owned(),
    };
    let denials = denial::denials(&joined).into_iter();
    found.extend(denials.map(|it| Refusal::of(it, at)));
    true
}

/// Reads a CloudTrail record; none if it was not refused.
fn read_record(record: Value<'_>, line: usize) -> Option<Refusal> {
    let text = |key: &str| record.get(key).and_then(Value::as_str);
    let code = text("errorCode").unwrap_or_default();
    let message = text("errorMessage").unwrap_or_default();
    // AWS CloudTrail User Guide, "Logging network activity events": what a VPC endpoint's policy
    // refuses has this code.
    let by_endpoint = code == "VpceAccessDenied";
    let denials = denial::denials(&format!("{code}: {message}"));
    let told = denials.iter().find(|it| it.action.is_some());
    let denial = told.or(denials.first()).cloned();
    if denial.is_none() && !by_endpoint && !denial::is_denial(message) {
        return None;
    }
    let mut refusal = Refusal::of(denial.unwrap_or_default(), line);
    let identity = record.get("userIdentity");
    refusal.event = text("eventID").map(str::to_owned);
    refusal.caller = refusal.caller.or_else(|| cloudtrail::caller(identity));
    refusal.code = Some(code.to_owned())
        .filter(|it| !it.is_empty())
        .or(refusal.code);
    let name = text("eventName").unwrap_or_default();
    let service = text("eventSource").and_then(operation::service_of);
    refusal.operation = Some(name.to_owned());
    refusal.action = refusal.action.or_else(|| action_of(service?, name));
    let mut listed = record
        .get("resources")
        .into_iter()
        .flat_map(Value::elements);
    let only = (listed.next(), listed.next());
    if let (Some(only), None) = only {
        let arn = only.get("ARN").or_else(|| only.get("arn"));
        let arn = arn.and_then(Value::as_str).map(str::to_owned);
        refusal.resource = refusal.resource.or(arn);
    }
    if by_endpoint {
        refusal.layer = refusal.layer.or(Some(Layer::VpcEndpoint));
    }
    Some(refusal)
}

/// Reads what `sts:DecodeAuthorizationMessage` returns (AWS STS API Reference of that name): the
/// verdict, the call and its context keys. It names no sort of policy.
fn read_decoded(value: Value<'_>, context: Value<'_>, line: usize) -> Refusal {
    let text = |of: Value<'_>, key: &str| of.get(key)?.as_str().map(str::to_owned);
    let items = |of: Option<Value<'_>>| -> Vec<String> {
        let list = of.and_then(|it| it.get("items"));
        let values = list.into_iter().flat_map(Value::elements);
        let values = values.filter_map(|it| it.get("value")?.as_str().map(str::to_owned));
        values.collect()
    };
    let conditions = context.get("conditions").and_then(|it| it.get("items"));
    let matched = value
        .get("matchedStatements")
        .and_then(|it| it.get("items"));
    let denying = matched.into_iter().flat_map(Value::elements).filter(|it| {
        let effect = it.get("effect").and_then(Value::as_str);
        effect.is_some_and(|it| it.eq_ignore_ascii_case("deny"))
    });
    let statements = denying.filter_map(|it| text(it, "statementId"));
    Refusal {
        line,
        count: 1,
        caller: context.get("principal").and_then(|it| text(it, "arn")),
        action: text(context, "action"),
        resource: text(context, "resource"),
        explicit: value.get("explicitDeny").and_then(Value::as_bool),
        statements: statements.filter(|it| !it.is_empty()).collect(),
        is_decoded: true,
        context: conditions
            .into_iter()
            .flat_map(Value::elements)
            .filter_map(|it| Some((text(it, "key")?, items(it.get("values")))))
            .collect(),
        ..Refusal::default()
    }
}
