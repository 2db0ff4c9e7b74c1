//! Explained refusals for people.

use super::{ByPolicies, Explained, One};
use crate::check::layer_title;
use crate::evaluate::{Decision, Layer};
use crate::evidence::{NewStatement, Refusal};
use crate::report::text::visible;

/// Returns the report as text.
#[must_use]
pub fn text(explained: &Explained<'_>) -> String {
    let mut out = Lines(String::new());
    for (at, one) in explained.refusals.iter().enumerate() {
        if at > 0 {
            out.0.push('\n');
        }
        refusal(&mut out, one);
    }
    for assumption in explained.assumptions {
        out.line(&format!("taken for granted: {assumption}"));
    }
    for finding in explained.unread {
        out.line(&format!("not read: {}", finding.message));
    }
    let count = explained.refusals.len();
    if count > 1 {
        let open = explained.refusals.iter().filter(|it| !it.is_explained);
        let open = open.count();
        out.0.push('\n');
        out.line(&format!(
            "{count} refusals, {} explained, {open} not",
            count - open
        ));
    }
    out.0
}

struct Lines(String);

impl Lines {
    fn line(&mut self, text: &str) {
        self.0.push_str(&visible(text));
        self.0.push('\n');
    }
}

fn refusal(out: &mut Lines, one: &One<'_>) {
    let it = one.refusal;
    let explanation = &one.explanation;
    out.line(&headline(it));
    out.line(&format!("  caller:    {}", named(it.caller.as_ref())));
    let action = match (&it.action, &it.operation) {
        (None, Some(operation)) => format!("not named (the operation is `{operation}`)"),
        _ => named(it.action.as_ref()),
    };
    out.line(&format!("  action:    {action}"));
    out.line(&format!("  resource:  {}", named(it.resource.as_ref())));
    out.line(&format!("  refused:   {}", by(one)));
    for text in &explanation.unknown {
        out.line(&format!("             {text}"));
    }
    if let Some(decided) = &one.decided {
        policies(out, decided, it);
    }
    out.line(&format!("  who:       {}", explanation.who));
    out.line(&format!("  change:    {}", explanation.change.text));
    if let Some(statement) = &explanation.change.statement {
        out.line(&format!("             {}", json_line(statement)));
    }
    for note in &explanation.notes {
        out.line(&format!("  note:      {note}"));
    }
}

fn headline(it: &Refusal) -> String {
    let what = match (&it.action, &it.operation) {
        (Some(action), _) => format!("`{action}`"),
        (None, Some(operation)) => format!("the operation `{operation}`"),
        (None, None) => "a call".to_owned(),
    };
    let times = match it.count {
        0 | 1 => String::new(),
        count => format!(", {count} times"),
    };
    let event = match &it.event {
        Some(event) => format!(", event {event}"),
        None => String::new(),
    };
    format!("{what} was refused (line {}{event}{times})", it.line)
}

fn named(text: Option<&String>) -> String {
    text.map_or_else(|| "not named".to_owned(), |it| format!("`{it}`"))
}

/// What refused, in words.
fn by(one: &One<'_>) -> String {
    let explanation = &one.explanation;
    let Some(layer) = explanation.layer else {
        return match explanation.explicit {
            Some(true) => {
                "explicitly, by a Deny statement; in which sort of policy is unknown".into()
            }
            Some(false) => {
                "implicitly, as nothing allows it; which sort of policy is silent is unknown".into()
            }
            None => "unknown by which sort of policy".into(),
        };
    };
    let name = title(layer, one.refusal);
    let policy = match &one.refusal.policy {
        Some(policy) => format!(" `{policy}`"),
        None => String::new(),
    };
    let from = match one.refusal.layer {
        Some(_) => "so AWS says",
        None => "by the policies given; AWS does not say",
    };
    match explanation.explicit {
        Some(true) => {
            let article = if name.starts_with('i') { "an" } else { "a" };
            format!("explicitly, by a Deny statement of {article} {name}{policy} ({from})")
        }
        Some(false) => format!("implicitly: no {name} allows it ({from})"),
        None => format!("by a {name}{policy}; whether by a Deny statement is not said ({from})"),
    }
}

fn title(layer: Layer, it: &Refusal) -> &'static str {
    let action = it.action.as_deref().unwrap_or_default();
    let assumes = action.to_ascii_lowercase().starts_with("sts:assumerole");
    match layer {
        Layer::Resource if assumes => "role trust policy",
        Layer::Identity => "identity-based policy",
        Layer::Resource => "resource-based policy",
        other => layer_title(other),
    }
}

fn policies(out: &mut Lines, decided: &ByPolicies, of: &Refusal) {
    let layers: Vec<&str> = decided.layers.iter().map(|it| title(*it, of)).collect();
    let text = match decided.decision {
        None => "not judged",
        Some(Decision::Allowed) => "they allow it",
        Some(Decision::ExplicitlyDenied) => "a Deny statement applies",
        Some(Decision::ImplicitlyDenied) if layers.is_empty() => "none of those given refuses",
        Some(Decision::ImplicitlyDenied) => "not allowed",
        Some(Decision::Unknown) => "unknown",
        Some(Decision::Error) => "AWS refuses a document",
    };
    let names = match layers.is_empty() {
        true => String::new(),
        false => format!(" ({})", layers.join(", ")),
    };
    out.line(&format!("  policies:  {text}{names}"));
    for it in &decided.statements {
        let (title, says) = (title(it.layer, of), &it.says);
        let text = format!("{}:{}: {} of the {title} {says}", it.file, it.line, it.name);
        out.line(&format!("             {text}"));
    }
    for note in &decided.notes {
        out.line(&format!("             {note}"));
    }
}

/// The statement on one line, its elements in the order in which people write them.
fn json_line(statement: &NewStatement) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let principal = match &statement.principal {
        Some(arn) => format!("\"Principal\": {{ \"AWS\": {} }}, ", quoted(arn)),
        None => String::new(),
    };
    let resource = match &statement.resource {
        Some(arn) => format!(", \"Resource\": {}", quoted(arn)),
        None => String::new(),
    };
    let action = quoted(&statement.action);
    format!("{{ \"Effect\": \"Allow\", {principal}\"Action\": {action}{resource} }}")
}
