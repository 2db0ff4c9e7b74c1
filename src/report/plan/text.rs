//! The plan for people.

use std::fmt::Write as _;

use serde_json::Value;

use super::Shown;
use super::trust::{cost, is_boundary};
use crate::generate;
use crate::plan::{ACCOUNT_TO_COME, Difference, Found, Gate, Object, Plan, What};
use crate::profile::Weakness;
use crate::report::text::visible;

/// How wide the settings are.
const WIDTH: usize = 90;

/// How many findings of the linter are told.
const FEW: usize = 6;

/// Returns the plan, in the order in which it is made; then whether it may be made, what the vendor
/// is told afterwards, and the command that applies it.
#[must_use]
pub fn text(shown: &Shown<'_>) -> String {
    let plan = shown.plan;
    let mut out = String::new();
    head(&mut out, plan);
    for group in GROUPS {
        let own = |it: &&Object| Group::of(plan, it) == *group;
        let objects: Vec<&Object> = plan.objects.iter().filter(own).collect();
        if objects.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n{}", group.title());
        for it in objects {
            object(&mut out, shown, it);
        }
    }
    gate(&mut out, &plan.gate);
    hand_over(&mut out, plan);
    last(&mut out, shown);
    out
}

fn head(out: &mut String, plan: &Plan) {
    let _ = writeln!(out, "bootstrap `{}`", plan.installation);
    for part in &plan.parts {
        let _ = writeln!(
            out,
            "for       {}: {}",
            visible(&part.profile),
            visible(&part.title)
        );
    }
    let account = match &plan.account {
        Some(account) => format!("{account} ({})", plan.partition),
        None => format!(
            "still to be created; {ACCOUNT_TO_COME} stands for its id ({})",
            plan.partition
        ),
    };
    let _ = writeln!(out, "account   {account}");
    let looked = match plan.by.as_str() {
        "" => "by nobody: the plan was made offline".to_owned(),
        by => format!("by {} on {}", visible(by), plan.made),
    };
    let _ = writeln!(out, "looked at {looked}");
    for part in &plan.parts {
        let settings = settings(part);
        // Names and ARNs are searched for: none of them is cut.
        let options = textwrap::Options::new(WIDTH)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .break_words(false);
        for (at, line) in textwrap::wrap(&settings, options).iter().enumerate() {
            let name = if at == 0 { "made for" } else { "" };
            let _ = writeln!(out, "{name:<9} {}", visible(line));
        }
    }
}

fn settings(part: &crate::plan::Part) -> String {
    let given = part.variables.iter();
    let given = given.filter(|(_, values)| values.iter().any(|it| !it.is_empty()));
    let mut words: Vec<String> = given
        .map(|(name, values)| format!("{name}={}", values.join(",")))
        .collect();
    let features = part.features.iter();
    words.extend(features.map(|(name, on)| match on {
        true => name.clone(),
        false => format!("no-{name}"),
    }));
    words.join(" ")
}

/// What objects have in common for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Account,
    Boundary,
    Policy,
    Entity,
    Attachment,
    Key,
}

const GROUPS: &[Group] = &[
    Group::Account,
    Group::Boundary,
    Group::Policy,
    Group::Entity,
    Group::Attachment,
    Group::Key,
];

impl Group {
    fn of(plan: &Plan, object: &Object) -> Self {
        match &object.what {
            What::Account(_) => Self::Account,
            What::Policy(it) if is_boundary(plan, &it.arn) => Self::Boundary,
            What::Policy(_) => Self::Policy,
            What::User(_) | What::Role(_) => Self::Entity,
            What::Attachment(_) => Self::Attachment,
            What::AccessKey(_) => Self::Key,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Account => "THE ACCOUNT",
            Self::Boundary => "PERMISSIONS BOUNDARIES: the most that the vendor can ever do",
            Self::Policy => "POLICIES: what the vendor may do",
            Self::Entity => "USERS AND ROLES: as whom the vendor acts",
            Self::Attachment => "ATTACHMENTS: who gets which policy",
            Self::Key => "ACCESS KEYS",
        }
    }
}

fn object(out: &mut String, shown: &Shown<'_>, object: &Object) {
    let _ = writeln!(
        out,
        "  {:<52} {}",
        visible(&object.key),
        found(&object.found)
    );
    match &object.found {
        Found::Differs(differences) => lines_of(out, differences),
        Found::Unknown(reason) => {
            let _ = writeln!(out, "    {}", visible(reason));
        }
        _ => {}
    }
    // An attachment says everything by its name.
    if let What::Attachment(it) = &object.what {
        let _ = writeln!(
            out,
            "    {} on {}",
            visible(&it.policy),
            visible(&it.entity)
        );
        return;
    }
    let _ = writeln!(out, "    what   {}", visible(&object.why));
    let _ = writeln!(out, "    name   {}", visible(object.what.name()));
    own_fields(out, &object.what);
    let _ = writeln!(out, "    trust  {}", visible(&cost(shown.plan, object)));
    statements(out, shown, object);
}

/// Returns the word for what there is.
fn found(found: &Found) -> &'static str {
    match found {
        Found::NotLooked => "not looked at",
        Found::Absent => "to be made",
        Found::Same => "there already, and the same",
        Found::Differs(_) => "THERE ALREADY, AND DIFFERENT: it is left as it is",
        Found::Unknown(_) => "UNKNOWN",
    }
}

/// Writes differences, one a line.
pub(super) fn lines_of(out: &mut String, differences: &[Difference]) {
    for it in differences {
        let side = |text: &str| match text {
            "" => "nothing".to_owned(),
            text => format!("`{}`", visible(text)),
        };
        let _ = writeln!(
            out,
            "    {}: there is {}, the plan has {}",
            visible(&it.of),
            side(&it.there),
            side(&it.wanted)
        );
    }
}

fn own_fields(out: &mut String, what: &What) {
    let (boundary, tags) = match what {
        What::Account(it) => {
            let _ = writeln!(out, "    e-mail {}", visible(&it.email));
            (None, [].as_slice())
        }
        What::Policy(it) => (None, it.tags.as_slice()),
        What::User(it) => (it.boundary.as_ref(), it.tags.as_slice()),
        What::Role(it) => (it.boundary.as_ref(), it.tags.as_slice()),
        What::Attachment(_) | What::AccessKey(_) => (None, [].as_slice()),
    };
    if let Some(boundary) = boundary {
        let _ = writeln!(out, "    limit  {}", visible(boundary));
    }
    if !tags.is_empty() {
        let tags: Vec<String> = tags
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let _ = writeln!(out, "    tags   {}", visible(&tags.join(" ")));
    }
}

/// Writes each statement of a document under the reason for which it is there.
fn statements(out: &mut String, shown: &Shown<'_>, object: &Object) {
    let Some(document) = object.what.document() else {
        return;
    };
    let value: Value = serde_json::from_str(document).unwrap_or_default();
    let statements = match &value["Statement"] {
        Value::Array(list) => list.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    };
    let count = match statements.len() {
        1 => "1 statement".to_owned(),
        count => format!("{count} statements"),
    };
    let version = value["Version"].as_str().unwrap_or("none");
    let _ = writeln!(out, "    says   {count}, version {version}:");
    for (at, statement) in statements.into_iter().enumerate() {
        let sid = statement["Sid"].as_str().unwrap_or_default();
        let why = object.reasons.get(at).filter(|(known, _)| known == sid);
        let why = why.map_or("", |(_, why)| why.as_str());
        let name = crate::policy::statement_name(Some(sid).filter(|it| !it.is_empty()), at);
        let _ = writeln!(out, "      {}: {}", visible(&name), visible(why));
        if shown.documents {
            for line in generate::text(statement).lines() {
                let _ = writeln!(out, "        {}", visible(line));
            }
        }
    }
}

fn gate(out: &mut String, gate: &Gate) {
    out.push_str("\nMAY IT BE MADE?\n");
    match gate.unmet.is_empty() {
        true => out.push_str("  enough    every required requirement is met\n"),
        false => out.push_str("  enough    NO, and nobody can accept that:\n"),
    }
    for it in &gate.unmet {
        let _ = writeln!(out, "            {}", visible(it));
    }
    match gate.weaknesses.is_empty() {
        true => out.push_str("  isolated  nothing leads beyond this access\n"),
        false => out.push_str("  isolated  NO: the vendor can go beyond its access\n"),
    }
    of_class(out, gate, &gate.weaknesses);
    if !gate.unknown.is_empty() {
        out.push_str("  unknown   what could not be told\n");
        of_class(out, gate, &gate.unknown);
    }
    if !gate.findings.is_empty() {
        let _ = writeln!(
            out,
            "  linter    {} remarks on the documents, which stop nothing",
            gate.findings.len()
        );
        for (rule, words) in gate.findings.iter().take(FEW) {
            let _ = writeln!(out, "            {rule}: {}", visible(words));
        }
        if gate.findings.len() > FEW {
            let _ = writeln!(out, "            and {} more", gate.findings.len() - FEW);
        }
    }
}

/// Writes what is found class by class, with who takes it upon them.
fn of_class(out: &mut String, gate: &Gate, found: &[(String, String)]) {
    let mut classes: Vec<&str> = Vec::new();
    for (class, _) in found {
        if !classes.contains(&class.as_str()) {
            classes.push(class);
        }
    }
    for class in classes {
        let accepted = gate.accepted.iter().find(|(known, _)| known == class);
        let state = match accepted {
            Some((_, reason)) => format!("accepted: {}", visible(reason)),
            None => "NOT ACCEPTED".to_owned(),
        };
        let title = Weakness::find(class).map(|it| format!(" ({})", it.title));
        let title = title.unwrap_or_default();
        let _ = writeln!(out, "            {class}{title}, {state}");
        for (_, words) in found.iter().filter(|(known, _)| known == class) {
            let _ = writeln!(out, "              - {}", visible(words));
        }
    }
}

fn hand_over(out: &mut String, plan: &Plan) {
    out.push_str("\nAFTERWARDS THE VENDOR IS TOLD\n");
    for (label, value) in &plan.hand_over {
        let _ = writeln!(out, "  {}: {}", visible(label), visible(value));
    }
}

fn last(out: &mut String, shown: &Shown<'_>) {
    let plan = shown.plan;
    let gate = &plan.gate;
    let differs = plan
        .objects
        .iter()
        .filter(|it| matches!(it.found, Found::Differs(_)));
    let differs = differs.count();
    let all = || gate.weaknesses.iter().chain(&gate.unknown);
    let mut open: Vec<&str> = all()
        .map(|(class, _)| class.as_str())
        .filter(|it| !gate.is_accepted(it))
        .collect();
    open.sort_unstable();
    open.dedup();
    out.push('\n');
    if gate.passes() && differs == 0 {
        let file = shown.file.unwrap_or("PLAN");
        let _ = writeln!(
            out,
            "PASSES: to make it\n\n  rolecall bootstrap apply --plan {file}"
        );
        if shown.file.is_none() {
            out.push_str("\nafter writing the plan into a file with `--out PLAN`\n");
        }
        return;
    }
    let word = match gate.refuses() || differs > 0 {
        true => "REFUSED",
        false => "UNKNOWN",
    };
    let _ = writeln!(out, "{word}: `rolecall bootstrap apply` does not make this");
    if !gate.unmet.is_empty() {
        out.push_str("  what is not met has to be met: change the policies or the settings\n");
    }
    if differs > 0 {
        let _ = writeln!(
            out,
            "  {differs} of the same name are there and differ: remove or rename them, or plan with \
             other names"
        );
    }
    for class in open {
        let _ = writeln!(
            out,
            "  to take {class} upon yourself: --accept {class} --reason TEXT"
        );
    }
}
