//! From JSON values to the model. Never fails: what cannot be read becomes a problem.

mod principal;

use super::condition::{Condition, ConditionValue, Operator};
use super::document::{ActionElement, ActionPattern, Document, Effect, ResourceElement, Statement};
use super::{Kind, Problem, ResourcePattern, Text, Version};
use crate::json::{self, Member, Value};
use crate::source::Span;
use crate::switch::on;

const REFUSED: &str = "AWS refuses the document, so nothing in it takes effect";

/// Reads a document of this kind.
#[must_use]
pub fn lower(value: Value<'_>, kind: Kind) -> Document {
    let mut lowering = Lowering {
        kind,
        variables: false,
        problems: Vec::new(),
        misspelt: Vec::new(),
    };
    lowering.document(value)
}

/// Returns a document that this program wrote, as JSON; a text that is none has no statements and
/// allows nothing.
#[must_use]
pub fn written(text: &str, kind: Kind) -> Document {
    match json::parse(text) {
        Ok(parsed) => lower(parsed.tree.root(), kind),
        Err(_) => Document::empty(kind),
    }
}

struct Lowering {
    kind: Kind,
    variables: bool,
    problems: Vec<Problem>,
    /// Elements of the current object that an unknown one stands for, with its problem's index.
    misspelt: Vec<(&'static str, usize)>,
}

const DOCUMENT_ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT_ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl Lowering {
    fn document(&mut self, value: Value<'_>) -> Document {
        let mut document = Document {
            kind: self.kind,
            file: None,
            of: None,
            span: value.span(),
            version: Version::Absent,
            id: None,
            id_key_span: None,
            statements: Vec::new(),
            problems: Vec::new(),
        };
        if !value.is_object() {
            self.fatal(
                "G1",
                "not-a-policy",
                value.span(),
                "a policy document is a JSON object",
            )
            .help = "wrap the statements in `{\"Version\": \"2012-10-17\", \"Statement\": [ … ]}`"
                .into();
            document.problems = std::mem::take(&mut self.problems);
            return document;
        }
        self.check_duplicates(value);
        if let Some(version) = value.get("Version") {
            document.version = self.version(version);
        }
        self.variables = document.version == Version::V2012 || !on("V1");
        let mut statements = None;
        for member in value.members() {
            match member.key {
                "Version" => {}
                "Id" => {
                    document.id = self.text(member);
                    document.id_key_span = Some(member.key_span);
                }
                "Statement" => statements = Some(statements.unwrap_or(member.value)),
                _ => self.unknown_element(member, &DOCUMENT_ELEMENTS, "document"),
            }
        }
        match statements {
            None if !on("G1") => {}
            None if self.is_misspelt(&["Statement"]) => {}
            None => {
                let end = Span::new(value.span().end.saturating_sub(1), value.span().end);
                self.fatal(
                    "G1",
                    "missing-statement",
                    end,
                    "the document has no `Statement`",
                )
                .help = "add a `Statement`: an object or a list of objects".into();
            }
            Some(element) if !on("G7") && element.is_object() => {
                self.fatal(
                    "G1",
                    "not-a-statement",
                    element.span(),
                    "`Statement` is not a list",
                );
            }
            Some(element) => {
                document.statements = element
                    .one_or_many()
                    .filter_map(|item| self.statement(item))
                    .collect();
                if element.one_or_many().next().is_none() {
                    self.empty(element.span(), "Statement");
                }
            }
        }
        document.problems = std::mem::take(&mut self.problems);
        document
    }

    fn version(&mut self, value: Value<'_>) -> Version {
        match value.as_str() {
            Some("2012-10-17") => Version::V2012,
            Some("2008-10-17") => Version::V2008,
            _ if !on("G8") => Version::V2012,
            other => {
                let shown = other.map_or_else(|| "this".to_owned(), |text| format!("`{text}`"));
                let message = format!("{shown} is not a version of the policy language");
                self.fatal("G8", "unknown-version", value.span(), &message)
                    .help = "use `\"2012-10-17\"`".into();
                Version::Other
            }
        }
    }

    fn statement(&mut self, value: Value<'_>) -> Option<Statement> {
        if !value.is_object() {
            self.fatal(
                "G1",
                "not-a-statement",
                value.span(),
                "a statement is a JSON object",
            )
            .help = "write it as `{\"Effect\": …, \"Action\": …, \"Resource\": …}`".into();
            return None;
        }
        self.misspelt.clear();
        let start = Span::new(value.span().start, value.span().start + 1);
        let mut sid = None;
        let mut effect = None;
        let mut effect_span = start;
        let mut action = None;
        let mut resource = None;
        let mut principal = None;
        let mut conditions = Vec::new();
        for member in value.members() {
            match member.key {
                "Sid" => sid = self.text(member),
                "Effect" => {
                    effect = Some(self.effect(member.value));
                    effect_span = member.value.span();
                }
                "Action" | "NotAction" => {
                    self.only_one(&action, member, "Action");
                    let patterns = self.texts(member, ActionPattern::new);
                    let negated = member.key == "NotAction" && on("A4");
                    let span = member.value.span();
                    action = Some(ActionElement {
                        negated,
                        key_span: member.key_span,
                        span,
                        patterns,
                    });
                }
                "Resource" | "NotResource" => {
                    self.only_one(&resource, member, "Resource");
                    let (kind, variables) = (self.kind, self.variables);
                    let patterns = self.texts(member, |text, span| {
                        ResourcePattern::new(text, span, kind, variables)
                    });
                    let negated = member.key == "NotResource" && on("R9");
                    let span = member.value.span();
                    resource = Some(ResourceElement {
                        negated,
                        key_span: member.key_span,
                        span,
                        patterns,
                    });
                }
                "Principal" | "NotPrincipal" => {
                    self.only_one(&principal, member, "Principal");
                    principal = Some(self.principal(member));
                }
                "Condition" => conditions = self.conditions(member.value),
                _ => self.unknown_element(member, &STATEMENT_ELEMENTS, "statement"),
            }
        }
        let span = value.span();
        if effect.is_none() {
            let help = "add `\"Effect\": \"Allow\"` or `\"Deny\"`";
            self.missing("G5", start, &["Effect"], help);
        }
        if action.is_none() {
            let help = "add the actions that the statement is about";
            self.missing("G6", start, &["Action", "NotAction"], help);
        }
        let needs_resource = !matches!(self.kind, Kind::Trust | Kind::Resource);
        if resource.is_none() && needs_resource {
            let help = "add the ARNs, or `\"*\"`";
            self.missing("G6", start, &["Resource", "NotResource"], help);
        }
        self.check_principal(start, principal.as_ref());
        Some(Statement {
            span,
            sid,
            effect: effect.flatten().unwrap_or(Effect::Deny),
            effect_span,
            principal,
            action: action.unwrap_or_default(),
            resource,
            conditions,
        })
    }

    fn effect(&mut self, value: Value<'_>) -> Option<Effect> {
        match value.as_str() {
            Some("Allow") => Some(Effect::Allow),
            Some("Deny") => Some(Effect::Deny),
            Some(text) if !on("G5") && text.eq_ignore_ascii_case("allow") => Some(Effect::Allow),
            other => {
                let shown = other.map_or_else(|| "this".to_owned(), |text| format!("`{text}`"));
                let message = format!("{shown} is not an effect");
                self.fatal("G5", "unknown-effect", value.span(), &message)
                    .help = "use `Allow` or `Deny`, in exactly this letter case".into();
                None
            }
        }
    }

    fn conditions(&mut self, value: Value<'_>) -> Vec<Condition> {
        let mut conditions = Vec::new();
        if !value.is_object() {
            self.fatal(
                "G1",
                "wrong-type",
                value.span(),
                "`Condition` is not an object",
            )
            .help = "write `{operator: {key: value}}`".into();
            return conditions;
        }
        self.check_empty_object(value, "Condition");
        for block in value.members() {
            let operator = Operator::parse(block.key);
            if !block.value.is_object() {
                self.fatal(
                    "G1",
                    "wrong-type",
                    block.value.span(),
                    "the operator holds no keys",
                )
                .help = "write `{operator: {key: value}}`".into();
                continue;
            }
            for pair in block.value.members() {
                let values = pair
                    .value
                    .one_or_many()
                    .filter_map(|item| self.condition_value(item, operator))
                    .collect();
                let key = if on("C8") {
                    pair.key.to_ascii_lowercase()
                } else {
                    pair.key.to_owned()
                };
                conditions.push(Condition {
                    operator,
                    operator_text: Text {
                        text: block.key.into(),
                        span: block.key_span,
                    },
                    key_text: Text {
                        text: pair.key.into(),
                        span: pair.key_span,
                    },
                    key: key.into(),
                    values,
                    values_span: pair.value.span(),
                });
            }
        }
        conditions
    }

    /// Rule G14: a value is a text, a number or a boolean.
    fn condition_value(
        &mut self,
        item: Value<'_>,
        operator: Option<Operator>,
    ) -> Option<ConditionValue> {
        let text = if on("G14") {
            item.as_scalar()
        } else {
            item.as_str()
        };
        let Some(text) = text else {
            let message = "a condition value is a text, a number or a boolean";
            let rule = if item.as_scalar().is_some() {
                "G14"
            } else {
                "G1"
            };
            self.fatal(rule, "wrong-type", item.span(), message).help =
                "write a text, number or boolean, or a list of them".into();
            return None;
        };
        let span = item.span();
        Some(ConditionValue::new(text, span, operator, self.variables))
    }

    fn texts<T>(&mut self, member: Member<'_>, make: impl Fn(&str, Span) -> T) -> Vec<T> {
        let Some(texts) = self.text_list(member) else {
            return Vec::new();
        };
        if texts.is_empty() {
            self.empty(member.value.span(), member.key);
        }
        let limit = if on("A5") { texts.len() } else { 1 };
        texts
            .into_iter()
            .take(limit)
            .map(|(text, span)| make(text, span))
            .collect()
    }

    fn text_list<'t>(&mut self, member: Member<'t>) -> Option<Vec<(&'t str, Span)>> {
        let mut texts = Vec::new();
        for item in member.value.one_or_many() {
            let Some(text) = item.as_str() else {
                let message = format!("`{}` holds texts only", member.key);
                self.fatal("G1", "wrong-type", item.span(), &message).help =
                    "write a text or a list of texts".into();
                return None;
            };
            texts.push((text, item.span()));
        }
        Some(texts)
    }

    fn text(&mut self, member: Member<'_>) -> Option<Text> {
        let Some(text) = member.value.as_str() else {
            let message = format!("`{}` is a text", member.key);
            self.fatal("G1", "wrong-type", member.value.span(), &message)
                .help = "put it in double quotes".into();
            return None;
        };
        Some(Text {
            text: text.into(),
            span: member.value.span(),
        })
    }

    fn only_one<T>(&mut self, seen: &Option<T>, member: Member<'_>, name: &str) {
        // A repeated `Action` is a duplicate key already; this is `Action` beside `NotAction`.
        if seen.is_some() && !self.problems.iter().any(|problem| problem.rule == "G3") {
            let message = format!("`{name}` and `Not{name}` stand in one statement");
            self.fatal("G6", "element-and-its-opposite", member.key_span, &message)
                .help = "keep one of the two, or split the statement".into();
        }
    }

    fn missing(&mut self, rule: &'static str, span: Span, elements: &[&str], help: &str) {
        if !on(rule) || self.is_misspelt(elements) {
            return;
        }
        let element = elements.first().copied().unwrap_or_default();
        let message = format!("the statement has no `{element}`");
        self.fatal(rule, "missing-element", span, &message).help = help.into();
    }

    /// Returns the finding of an unknown element that stands for one of these: it says all there
    /// is to say of their absence.
    fn misspelt(&mut self, elements: &[&str]) -> Option<&mut Problem> {
        let mut names = self.misspelt.iter();
        let (_, at) = names.find(|(name, _)| elements.contains(name))?;
        self.problems.get_mut(*at)
    }

    /// Returns whether a misspelt element stands for one without which nothing can be evaluated.
    fn is_misspelt(&mut self, elements: &[&str]) -> bool {
        let found = self.misspelt(elements);
        found.map(|problem| problem.fatal = true).is_some()
    }

    fn empty(&mut self, span: Span, element: &str) {
        if !on("G7") {
            return;
        }
        let message = format!("`{element}` is empty");
        let problem = |name| Problem::new("G7", name, span, message);
        self.add(match element {
            "NotAction" | "NotResource" | "NotPrincipal" => problem("empty-exclusion")
                .warning()
                .why("an empty list excludes nothing, so the statement covers everything")
                .help("name what to exclude, or write `\"*\"` under the opposite element"),
            "Condition" => problem("empty-condition")
                .suggestion()
                .why("an empty condition is always true")
                .help("add a condition operator, or remove it"),
            "Statement" => problem("empty-element")
                .suggestion()
                .why("a policy without statements allows and denies nothing")
                .help("add a statement, or do without the policy"),
            _ => problem("empty-element")
                .suggestion()
                .why("an empty list matches nothing")
                .help("fill it, or remove the statement"),
        });
    }

    fn check_empty_object(&mut self, value: Value<'_>, element: &str) {
        if value.is_object() && value.members().next().is_none() {
            self.empty(value.span(), element);
        }
    }

    fn unknown_element(&mut self, member: Member<'_>, known: &'static [&'static str], place: &str) {
        if !on("G2") {
            return;
        }
        let message = format!("`{}` is no element of a {place}", member.key);
        let similar = similar_name(member.key, known);
        if let Some(similar) = similar {
            self.misspelt.push((similar, self.problems.len()));
        }
        let help = match similar {
            None if Operator::parse(member.key).is_some() => {
                "condition operators stand inside `Condition`".to_owned()
            }
            similar => did_you_mean(similar),
        };
        self.add(
            Problem::new("G2", "unknown-element", member.key_span, message)
                .why(REFUSED)
                .help(help),
        );
    }

    fn check_duplicates(&mut self, value: Value<'_>) {
        if !on("G3") {
            return;
        }
        for duplicate in crate::json::duplicate_keys(value) {
            let message = format!("`{}` stands more than once in one object", duplicate.key);
            let second = duplicate.again.first().copied().unwrap_or(duplicate.first);
            let problem = Problem::new("G3", "duplicate-key", second, message)
                .why("AWS refuses the document; other readers silently take one of the two")
                .help("merge the two or remove one")
                .related(duplicate.first, "first here")
                .fatal();
            self.add(problem);
        }
    }

    fn add(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn fatal(
        &mut self,
        rule: &'static str,
        name: &'static str,
        span: Span,
        message: &str,
    ) -> &mut Problem {
        self.problems
            .push(Problem::new(rule, name, span, message).why(REFUSED).fatal());
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }
}

/// Returns the element of a document or of a statement that a misspelt name most likely stands for.
#[must_use]
pub fn similar_element(name: &str, in_statement: bool) -> Option<&'static str> {
    let known: &[&str] = if in_statement {
        &STATEMENT_ELEMENTS
    } else {
        &DOCUMENT_ELEMENTS
    };
    similar_name(name, known)
}

/// Returns the name that a misspelt one most likely stands for.
fn similar_name(name: &str, known: &'static [&'static str]) -> Option<&'static str> {
    let same = known.iter().find(|known| known.eq_ignore_ascii_case(name));
    let close = || {
        let distances = known
            .iter()
            .map(|known| (strsim::damerau_levenshtein(known, name), known));
        let closest = distances.min_by_key(|(distance, _)| *distance)?;
        (closest.0 <= 2).then_some(closest.1)
    };
    same.or_else(close).copied()
}

fn did_you_mean(similar: Option<&str>) -> String {
    similar.map_or_else(
        || "remove it".to_owned(),
        |name| format!("did you mean `{name}`? Names are case-sensitive"),
    )
}
