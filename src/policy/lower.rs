//! From JSON values to the model. Never fails: what cannot be read becomes a problem.

use super::condition::{Condition, ConditionValue, Operator};
use super::document::{ActionElement, ActionPattern, Document, Effect, ResourceElement, Statement};
use super::principal::{PrincipalElement, PrincipalEntry, PrincipalName};
use super::{Kind, Problem, ResourcePattern, Text, Version};
use crate::json::{Member, Value};
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
    };
    lowering.document(value)
}

struct Lowering {
    kind: Kind,
    variables: bool,
    problems: Vec<Problem>,
}

impl Lowering {
    fn document(&mut self, value: Value<'_>) -> Document {
        let mut document = Document {
            kind: self.kind,
            file: None,
            span: value.span(),
            version: Version::Absent,
            id: None,
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
                "Id" => document.id = self.text(member),
                "Statement" => statements = Some(statements.unwrap_or(member.value)),
                _ => self.unknown_element(member, &["Version", "Id", "Statement"], "document"),
            }
        }
        match statements {
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
                if document.statements.is_empty() && self.problems.is_empty() {
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
        let mut sid = None;
        let mut effect = None;
        let mut action = None;
        let mut resource = None;
        let mut principal = None;
        let mut conditions = Vec::new();
        for member in value.members() {
            match member.key {
                "Sid" => sid = self.text(member),
                "Effect" => effect = Some(self.effect(member.value)),
                "Action" | "NotAction" => {
                    self.only_one(&action, member, "Action");
                    let patterns = self.texts(member, ActionPattern::new);
                    let negated = member.key == "NotAction" && on("A4");
                    let span = member.value.span();
                    action = Some(ActionElement {
                        negated,
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
                        span,
                        patterns,
                    });
                }
                "Principal" | "NotPrincipal" => {
                    self.only_one(&principal, member, "Principal");
                    principal = Some(self.principal(member));
                }
                "Condition" => conditions = self.conditions(member.value),
                _ => self.unknown_element(
                    member,
                    &[
                        "Sid",
                        "Effect",
                        "Principal",
                        "NotPrincipal",
                        "Action",
                        "NotAction",
                        "Resource",
                        "NotResource",
                        "Condition",
                    ],
                    "statement",
                ),
            }
        }
        let span = value.span();
        if effect.is_none() {
            self.missing(
                "G5",
                span,
                "Effect",
                "add `\"Effect\": \"Allow\"` or `\"Deny\"`",
            );
        }
        if action.is_none() {
            self.missing(
                "G6",
                span,
                "Action",
                "add the actions that the statement is about",
            );
        }
        let needs_resource = !matches!(self.kind, Kind::Trust | Kind::Resource);
        if resource.is_none() && needs_resource {
            self.missing("G6", span, "Resource", "add the ARNs, or `\"*\"`");
        }
        self.check_principal(span, principal.as_ref());
        Some(Statement {
            span,
            sid,
            effect: effect.flatten().unwrap_or(Effect::Deny),
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

    fn principal(&mut self, member: Member<'_>) -> PrincipalElement {
        let negated = member.key == "NotPrincipal" && on("P9");
        let value = member.value;
        let mut entries = Vec::new();
        let entry = |text: &str, span, name| PrincipalEntry {
            text: text.into(),
            span,
            name,
        };
        if let Some(text) = value.as_str() {
            if text == "*" {
                entries.push(entry(text, value.span(), PrincipalName::Everyone));
            } else {
                self.add(
                    Problem::new(
                        "G11",
                        "bare-principal",
                        value.span(),
                        format!("`{text}` stands alone as a principal"),
                    )
                    .why(REFUSED)
                    .help(format!(
                        "write `{{\"AWS\": \"{text}\"}}`, or `Service` or `Federated`"
                    )),
                );
                let name = if on("G11") {
                    PrincipalName::Other
                } else {
                    PrincipalName::of_aws(text)
                };
                entries.push(entry(text, value.span(), name));
            }
        } else if !value.is_object() {
            self.fatal(
                "G1",
                "wrong-type",
                value.span(),
                "a principal is `\"*\"` or an object",
            )
            .help = "write `{\"AWS\": …}`, `{\"Service\": …}` or `{\"Federated\": …}`".into();
        }
        for group in value.members() {
            let known = matches!(group.key, "AWS" | "Service" | "Federated" | "CanonicalUser");
            if !known {
                self.unknown_element(
                    group,
                    &["AWS", "Service", "Federated", "CanonicalUser"],
                    "principal",
                );
            }
            let Some(texts) = self.text_list(group) else {
                continue;
            };
            for (text, span) in texts {
                let name = match group.key {
                    "AWS" => PrincipalName::of_aws(text),
                    "Service" => PrincipalName::Service,
                    "Federated" => PrincipalName::Federated,
                    "CanonicalUser" => PrincipalName::CanonicalUser,
                    _ => PrincipalName::Other,
                };
                entries.push(entry(text, span, name));
            }
        }
        PrincipalElement {
            negated,
            span: value.span(),
            entries,
        }
    }

    /// Rule G10: who may and who must name principals.
    fn check_principal(&mut self, span: Span, principal: Option<&PrincipalElement>) {
        match principal {
            Some(element) if !self.kind.has_principal() => {
                let message = format!("a {} names no principal", self.kind.title());
                self.add(
                    Problem::new("G10", "unexpected-principal", element.span, message)
                        .why(REFUSED)
                        .help("remove it: the policy applies to whom it is attached to"),
                );
            }
            None if self.kind.has_principal() => {
                let start = Span::new(span.start, span.start + 1);
                let message = format!(
                    "a statement of a {} must name a principal",
                    self.kind.title()
                );
                self.add(
                    Problem::new("G10", "missing-principal", start, message)
                        .why(REFUSED)
                        .help("add a `Principal`"),
                );
            }
            _ => {}
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
                let mut values = Vec::new();
                for item in pair.value.one_or_many() {
                    match item.as_scalar() {
                        Some(text) => values.push(ConditionValue::new(
                            text,
                            item.span(),
                            operator,
                            self.variables,
                        )),
                        None => {
                            self.fatal(
                                "G1",
                                "wrong-type",
                                item.span(),
                                "a condition value is a text",
                            )
                            .help = "write a text, number or boolean, or a list of them".into();
                        }
                    }
                }
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

    fn missing(&mut self, rule: &'static str, span: Span, element: &str, help: &str) {
        if !on(rule) {
            return;
        }
        let start = Span::new(span.start, span.start + 1);
        let message = format!("the statement has no `{element}`");
        self.fatal(rule, "missing-element", start, &message).help = help.into();
    }

    fn empty(&mut self, span: Span, element: &str) {
        self.add(
            Problem {
                finding_type: crate::finding::FindingType::Suggestion,
                ..Problem::new("G7", "empty-element", span, format!("`{element}` is empty"))
            }
            .why("an empty list matches nothing")
            .help("fill it, or remove the statement"),
        );
    }

    fn unknown_element(&mut self, member: Member<'_>, known: &[&str], place: &str) {
        let message = format!("`{}` is no element of a {place}", member.key);
        let similar = known
            .iter()
            .find(|name| name.eq_ignore_ascii_case(member.key));
        let similar = similar.or_else(|| {
            known
                .iter()
                .find(|name| strsim::damerau_levenshtein(name, member.key) <= 2)
        });
        let help = similar.map_or_else(
            || "remove it".to_owned(),
            |name| format!("did you mean `{name}`? Names are case-sensitive"),
        );
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
