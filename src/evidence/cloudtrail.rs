//! Reads CloudTrail records: one event, `{"Records": […]}`, what `aws cloudtrail lookup-events`
//! prints, an event of EventBridge, or one of these a line (AWS CloudTrail User Guide, "CloudTrail
//! record contents").
//!
//! Only these fields are looked at: what was called, on what, in which region and account, by whom
//! (the ARN), when, with which error. Access keys, tokens and addresses are never read.

use super::denial;
use super::operation::{self, Meaning, Meant};
use super::resource::{self, Field, Home, Said, Seen};
use super::{Denied, Observed, Place, Reading, takes_key};
use crate::arn::{Arn, is_account_id};
use crate::catalog::{AccessLevel, Catalog};
use crate::json::{self, Value};

/// The line of each byte.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(ends.map(|(at, _)| at).collect())
    }

    pub(super) fn line(&self, at: usize) -> usize {
        self.0.partition_point(|end| *end < at) + 1
    }
}

/// Reads a text that begins like JSON.
pub(super) fn read(file: &str, text: &str, reading: &mut Reading) {
    let first = reading.calls.len();
    let mut names = Vec::new();
    let lines = Lines::of(text);
    let place = |line: usize| Place {
        file: file.to_owned(),
        line,
        ..Place::default()
    };
    match json::parse(text) {
        Ok(parsed) => {
            let root = parsed.tree.root();
            let line = |value: Value<'_>| place(lines.line(value.span().start as usize));
            read_value(root, &line, &mut names, reading);
        }
        Err(error) => {
            let mut rest = text
                .lines()
                .enumerate()
                .filter(|(_, it)| !it.trim().is_empty());
            let has_lines = rest.by_ref().take(2).count() == 2;
            let is_object =
                |it: &str| it.trim_start().starts_with('{') && it.trim_end().ends_with('}');
            if !has_lines || !text.lines().any(is_object) {
                let at = place(lines.line(error.span.start as usize));
                let message = format!("the text is no JSON: {}", error.message);
                return reading.cannot_read(&at, message, error.help);
            }
            for (at, line) in text.lines().enumerate() {
                let at = place(at + 1);
                if line.trim().is_empty() {
                    continue;
                }
                match json::parse(line) {
                    Ok(parsed) => {
                        read_value(parsed.tree.root(), &|_| at.clone(), &mut names, reading);
                    }
                    Err(error) => {
                        let message = format!("the line is no JSON: {}", error.message);
                        reading.cannot_read(&at, message, error.help);
                    }
                }
            }
        }
    }
    resolve_names(&names, &mut reading.calls[first..]);
}

fn read_value(
    value: Value<'_>,
    place: &dyn Fn(Value<'_>) -> Place,
    names: &mut Vec<String>,
    reading: &mut Reading,
) {
    let records = value.get("Records").or_else(|| value.get("Events"));
    let list = match records {
        Some(records) => records,
        None => value,
    };
    for record in list.one_or_many() {
        read_wrapped(record, place(record), names, reading);
    }
}

fn read_wrapped(record: Value<'_>, place: Place, names: &mut Vec<String>, reading: &mut Reading) {
    if let Some(text) = record.get("CloudTrailEvent").and_then(Value::as_str) {
        return match json::parse(text) {
            Ok(parsed) => read_record(parsed.tree.root(), place, names, reading),
            Err(error) => {
                let message = format!(
                    "the text of `CloudTrailEvent` is no JSON: {}",
                    error.message
                );
                reading.cannot_read(&place, message, error.help);
            }
        };
    }
    if let Some(message) = record.get("@message") {
        return read_log(record, message, &place, reading);
    }
    match record
        .get("detail")
        .filter(|it| it.get("eventName").is_some())
    {
        Some(detail) => read_record(detail, place, names, reading),
        None => read_record(record, place, names, reading),
    }
}

/// Reads a line of `terraform … -json`: errors have the texts of AWS in them.
fn read_log(record: Value<'_>, message: Value<'_>, place: &Place, reading: &mut Reading) {
    let detail = record.get("diagnostic").and_then(|it| text(it, "detail"));
    let summary = record.get("diagnostic").and_then(|it| text(it, "summary"));
    let texts = [detail, summary, message.as_str()].into_iter().flatten();
    let found = texts.map(denial::denials).find(|it| !it.is_empty());
    match found {
        Some(found) => {
            for denial in found {
                super::read_denial(&denial, place, reading);
            }
        }
        None => reading.pass_over(place, "lines of a log that are no refusals"),
    }
}

fn text<'r>(record: Value<'r>, key: &str) -> Option<&'r str> {
    record.get(key)?.as_str()
}

fn read_record(record: Value<'_>, place: Place, names: &mut Vec<String>, reading: &mut Reading) {
    let place = Place {
        event: text(record, "eventID").map(str::to_owned),
        time: text(record, "eventTime").map(str::to_owned),
        ..place
    };
    let (Some(source), Some(name)) = (text(record, "eventSource"), text(record, "eventName"))
    else {
        let help = "records have `eventSource` and `eventName`";
        return reading.cannot_read(&place, "this is no CloudTrail record", help);
    };
    let kind = text(record, "eventType").unwrap_or("AwsApiCall");
    if !matches!(kind, "AwsApiCall" | "AwsConsoleAction") {
        let message = format!("events of type `{kind}` are no calls");
        return reading.pass_over(&place, message);
    }
    let identity = record.get("userIdentity");
    if identity.and_then(|it| text(it, "type")) == Some("AWSService") {
        let message = "what AWS services call for themselves needs nothing of anybody";
        return reading.pass_over(&place, message);
    }
    let Some(service) = operation::service_of(source) else {
        let message = format!("no service is known whose events are of `{source}`");
        let help = "write the action into a list of calls";
        return reading.cannot_read(&place, message, help);
    };
    let meant = match operation::meaning(service, name) {
        Meaning::Actions(meant) => meant,
        Meaning::Unknown(message, help) => return reading.cannot_read(&place, message, help),
    };
    let said = said(record, identity);
    note_names(record, &said, names);
    let refusal = Refusal::of(record);
    // What was refused may be another action than the one that was called: passing a role, tagging.
    let other = refusal.denial.as_ref().filter(|denial| {
        let action = denial.action.as_deref();
        action.is_some_and(|it| !meant.iter().any(|own| own.name().eq_ignore_ascii_case(it)))
    });
    for meant in &meant {
        let denied = match other {
            None => refusal.is_denied.then(|| Denied {
                cause: refusal.cause(),
            }),
            Some(denial) => follows(meant, denial).then(|| Denied {
                cause: refusal.cause_of_other(),
            }),
        };
        read_call(
            meant, record, &said, identity, denied, &refusal, &place, reading,
        );
    }
    let of_its_own = other.filter(|denial| !meant.iter().any(|it| follows(it, denial)));
    if let Some(denial) = of_its_own {
        let before = reading.calls.len();
        super::read_denial(denial, &place, reading);
        for call in &mut reading.calls[before..] {
            call.account = said.home.account.map(str::to_owned);
            call.region = call.region.take().or(said.home.region.map(str::to_owned));
            call.caller = caller(identity).or(call.caller.take());
        }
    }
}

/// Whether what was refused follows from the call by a rule of profiles: then it is no requirement
/// of its own.
fn follows(meant: &Meant, denial: &super::Denial) -> bool {
    let called = meant.name();
    match denial.action.as_deref() {
        Some("iam:PassRole") => crate::profile::passes_roles(&called),
        Some(action) => crate::profile::tagging_call(&called) == Some(action),
        None => false,
    }
}

/// What a record says about its failure.
struct Refusal {
    is_denied: bool,
    denial: Option<super::Denial>,
}

impl Refusal {
    fn of(record: Value<'_>) -> Self {
        let code = text(record, "errorCode").unwrap_or_default();
        let is_denied = code.starts_with("AccessDenied")
            || code.ends_with("UnauthorizedOperation")
            || code.starts_with("AuthorizationError");
        let message = text(record, "errorMessage").unwrap_or_default();
        let found = match is_denied {
            true => denial::denials(message),
            false => Vec::new(),
        };
        Self {
            is_denied,
            denial: found.into_iter().find(|it| it.action.is_some()),
        }
    }

    fn cause(&self) -> String {
        self.denial
            .as_ref()
            .map(|it| it.cause())
            .unwrap_or_default()
    }

    fn cause_of_other(&self) -> String {
        let action = self.denial.as_ref().and_then(|it| it.action.as_deref());
        match (action.unwrap_or_default(), self.cause()) {
            (action, cause) if cause.is_empty() => format!("{action} was refused"),
            (action, cause) => format!("{action} is {cause}"),
        }
    }

    /// The resource that the refusal names for this action.
    fn resource(&self, meant: &Meant) -> Option<&str> {
        let denial = self.denial.as_ref()?;
        let is_own = denial
            .action
            .as_deref()?
            .eq_ignore_ascii_case(&meant.name());
        denial.resource.as_deref().filter(|_| is_own)
    }
}

/// Who called, where it is somebody with an ARN.
pub(super) fn caller(identity: Option<Value<'_>>) -> Option<String> {
    let identity = identity?;
    let is_somebody = matches!(
        text(identity, "type"),
        Some("IAMUser" | "AssumedRole" | "Root" | "FederatedUser")
    );
    let arn = text(identity, "arn").filter(|_| is_somebody)?;
    Arn::parse(arn).map(|_| arn.to_owned())
}

fn said<'r>(record: Value<'r>, identity: Option<Value<'r>>) -> Said<'r> {
    let region = text(record, "awsRegion").filter(|it| Catalog::builtin().is_region(it));
    let partition = region.and_then(|it| Catalog::builtin().partition_of_region(it));
    let own = identity.and_then(|it| text(it, "accountId"));
    let account = text(record, "recipientAccountId").or(own);
    let resources = record
        .get("resources")
        .into_iter()
        .flat_map(Value::elements);
    let listed = resources.filter_map(|it| {
        let arn = text(it, "ARN").or_else(|| text(it, "arn"))?;
        let account = text(it, "accountId").filter(|it| is_account_id(it));
        Arn::parse(arn).map(|_| (arn, account))
    });
    let mut listed: Vec<(&str, Option<&str>)> = listed.collect();
    // Objects belong to the owner of their bucket, which the record names beside them.
    for at in 0..listed.len() {
        let (arn, account) = listed[at];
        let is_above = |above: &str| {
            arn.strip_prefix(above)
                .is_some_and(|it| it.starts_with('/'))
        };
        let above = listed
            .iter()
            .find(|(it, owner)| owner.is_some() && is_above(it));
        listed[at].1 = account.or(above.and_then(|(_, owner)| *owner));
    }
    let fields_of = |key: &str| record.get(key).map(fields).unwrap_or_default();
    Said {
        home: Home {
            partition: partition.map(|it| &*it.name),
            region,
            account: account.filter(|it| is_account_id(it)),
        },
        listed,
        request: fields_of("requestParameters"),
        response: fields_of("responseElements"),
    }
}

/// Returns the texts of an object: its own, those in its lists, and those of the objects right in
/// it or in their lists, which Amazon EC2 calls `items`.
fn fields(value: Value<'_>) -> Vec<Field<'_>> {
    fn texts<'r>(value: Value<'r>, found: &mut Vec<Field<'r>>) {
        for member in value.members() {
            for one in member.value.one_or_many() {
                if let Some(text) = one.as_str() {
                    found.push(Field {
                        key: member.key,
                        value: text,
                    });
                }
            }
        }
    }
    let mut found = Vec::new();
    texts(value, &mut found);
    for member in value.members() {
        for one in member.value.one_or_many() {
            texts(one, &mut found);
            for item in one.get("items").into_iter().flat_map(Value::elements) {
                texts(item, &mut found);
            }
        }
    }
    found
}

#[expect(
    clippy::too_many_arguments,
    reason = "they are the parts of one record"
)]
fn read_call(
    meant: &Meant,
    record: Value<'_>,
    said: &Said<'_>,
    identity: Option<Value<'_>>,
    denied: Option<Denied>,
    refusal: &Refusal,
    place: &Place,
    reading: &mut Reading,
) {
    let named = refusal.resource(meant).filter(|it| it.starts_with("arn:"));
    let of_refusal = named.and_then(|arn| Some((arn, resource::type_of(meant, arn)?)));
    let resources = match (resource::of_record(meant, said), of_refusal) {
        (Ok(mut resources), Some((arn, kind))) => {
            let mut open = resources.iter_mut().filter(|it| it.resource_type == kind);
            let own = open.find(|it| it.arn.as_deref().is_none_or(|it| it == arn));
            match own {
                Some(own) => own.arn = Some(arn.to_owned()),
                None => resources.push(Seen::of(&kind, Some(arn.to_owned()))),
            }
            resources
        }
        (Ok(resources), None) => resources,
        (Err(_), Some((arn, kind))) => vec![Seen::of(&kind, Some(arn.to_owned()))],
        (Err(message), None) => {
            let help = "write the call with its resource into a list of calls";
            return reading.cannot_read(place, message, help);
        }
    };
    let request = record.get("requestParameters");
    let name = meant.name();
    let mut context = context(meant, said);
    let is_tagging = meant.action.access_levels.contains(AccessLevel::Tagging);
    if is_tagging && !resources.iter().any(|it| it.created) {
        let sent = request.map(tags).unwrap_or_default().into_iter();
        context.extend(sent.map(|(key, it)| (format!("aws:RequestTag/{key}"), it)));
    }
    context.retain(|(key, _)| takes_key(meant, &resources, key));
    let mut keys: Vec<String> = Vec::new();
    context.retain(|(key, _)| {
        let key = key.to_ascii_lowercase();
        let is_new = !keys.contains(&key);
        keys.extend(is_new.then_some(key));
        is_new
    });
    let passes = passes(&name, request);
    if passes.is_empty() {
        note_other_passes(meant, request, place, reading);
    }
    reading.calls.push(Observed {
        tags: match meant.action.access_levels.contains(AccessLevel::Write) {
            true => request.map(tags).unwrap_or_default(),
            false => Vec::new(),
        },
        shows_request: true,
        passes,
        action: name,
        resources,
        context,
        caller: caller(identity),
        region: said.home.region.map(str::to_owned),
        account: said.home.account.map(str::to_owned),
        denied,
        place: place.clone(),
    });
}

/// Condition keys whose values are parameters of the request (Service Authorization Reference,
/// "Condition keys for AWS Identity and Access Management"): actions, parameter, key.
const KEYS: [(&str, &str, &str); 3] = [
    ("iam:", "policyArn", "iam:PolicyARN"),
    ("iam:", "permissionsBoundary", "iam:PermissionsBoundary"),
    ("iam:", "aWSServiceName", "iam:AWSServiceName"),
];

fn context(meant: &Meant, said: &Said<'_>) -> Vec<(String, String)> {
    let name = meant.name();
    let rows = KEYS
        .iter()
        .filter(|(actions, ..)| name.starts_with(actions));
    rows.filter_map(|(_, parameter, key)| {
        let field = said.request.iter().find(|it| it.key == *parameter)?;
        Some(((*key).to_owned(), field.value.to_owned()))
    })
    .collect()
}

/// Returns the roles among the parameters of a call that hands roles over.
fn passes(action: &str, request: Option<Value<'_>>) -> Vec<String> {
    if !crate::profile::passes_roles(action) {
        return Vec::new();
    }
    role_parameters(request)
}

fn role_parameters(request: Option<Value<'_>>) -> Vec<String> {
    let members = request.into_iter().flat_map(Value::members);
    let texts = members.filter_map(|it| it.value.as_str());
    let is_role = |it: &&str| {
        Arn::parse(it).is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with("role/"))
    };
    texts.filter(is_role).map(str::to_owned).collect()
}

/// A role in the request of an action that passes roles, where no rule says to whom.
fn note_other_passes(
    meant: &Meant,
    request: Option<Value<'_>>,
    place: &Place,
    reading: &mut Reading,
) {
    let needs = |name: &str| {
        meant
            .action
            .dependent_actions
            .iter()
            .any(|it| &**it == name)
    };
    if !needs("iam:PassRole") || crate::profile::passes_roles(&meant.name()) {
        return;
    }
    for role in role_parameters(request) {
        let message = format!(
            "`{}` hands over `{role}`, to whom no rule says",
            meant.name()
        );
        let help = "add `passes = [{ role = …, to = \"….amazonaws.com\" }]` to its requirement";
        reading.cannot_read(place, message, help);
    }
}

/// Returns the tags that a request sends: a list of keys and values, an object, or the
/// specifications of Amazon EC2.
fn tags(request: Value<'_>) -> Vec<(String, String)> {
    fn list(value: Value<'_>, found: &mut Vec<(String, String)>) {
        for item in value.elements() {
            let part = |names: [&str; 2]| names.into_iter().find_map(|it| text(item, it));
            if let (Some(key), Some(value)) = (part(["key", "Key"]), part(["value", "Value"])) {
                let tag = (key.to_owned(), value.to_owned());
                if !found.iter().any(|(known, _)| *known == tag.0) {
                    found.push(tag);
                }
            }
        }
    }
    let mut found = Vec::new();
    for name in ["tags", "tagSet"] {
        let Some(value) = request.get(name) else {
            continue;
        };
        list(value, &mut found);
        list(value.get("items").unwrap_or(value), &mut found);
        for member in value.members().filter(|it| it.key != "items") {
            let value = member.value.as_str();
            let is_known = found.iter().any(|(known, _)| known == member.key);
            let value = value.filter(|_| !is_known);
            found.extend(value.map(|it| (member.key.to_owned(), it.to_owned())));
        }
    }
    let specifications = request
        .get("tagSpecificationSet")
        .and_then(|it| it.get("items"));
    for specification in specifications.into_iter().flat_map(Value::elements) {
        if let Some(value) = specification.get("tags") {
            list(value, &mut found);
        }
    }
    found
}

/// Keeps the ARNs of IAM things, which tell the paths of names (IAM User Guide, "IAM identifiers":
/// names are unique in an account, whatever the path).
fn note_names(record: Value<'_>, said: &Said<'_>, names: &mut Vec<String>) {
    let issuer = record
        .get("userIdentity")
        .and_then(|it| it.get("sessionContext"))
        .and_then(|it| it.get("sessionIssuer"))
        .and_then(|it| text(it, "arn"));
    let fields = said.request.iter().chain(&said.response).map(|it| it.value);
    let listed = said.listed.iter().map(|(arn, _)| *arn);
    for arn in fields.chain(listed).chain(issuer) {
        let is_iam = Arn::parse(arn).is_some_and(|it| it.service == "iam");
        if is_iam && !arn.contains('*') && !names.iter().any(|it| it == arn) {
            names.push(arn.to_owned());
        }
    }
}

/// Gives what is known by its name the one ARN that has that name.
fn resolve_names(names: &[String], calls: &mut [Observed]) {
    for call in calls {
        let account = call.account.as_deref().unwrap_or_default();
        for seen in call.resources.iter_mut().filter(|it| it.arn.is_none()) {
            let (Some(name), Some((_, kind))) = (&seen.name, seen.resource_type.split_once(':'))
            else {
                continue;
            };
            let is_it = |text: &&String| {
                Arn::parse(text).is_some_and(|arn| {
                    let own = arn.resource.split_once('/');
                    own.is_some_and(|(of, rest)| {
                        let last = rest.rsplit('/').next().unwrap_or(rest);
                        arn.account == account && of == kind && last == name
                    })
                })
            };
            seen.arn = names.iter().find(is_it).cloned();
        }
    }
}
