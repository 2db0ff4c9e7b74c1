//! Dependent calls: what AWS authorises besides the call that was made.
//!
//! The rules are data, `policies/dependent-calls.toml`, each with its evidence. This module reads
//! them and says which apply to a requirement; `expand` makes the calls.

use std::sync::LazyLock;

use toml::de::DeTable;

use super::embed;
use super::read::{Errors, Fields, Node, ProfileError};
use super::template::Template;
use crate::source::Span;

/// Every rule.
#[derive(Debug, Default)]
pub(super) struct Rules {
    tags: Vec<TagsRule>,
    pass_role: Vec<PassRoleRule>,
    first_use: Vec<FirstUseRule>,
    also: Vec<AlsoRule>,
}

/// The actions that a rule is about.
#[derive(Debug)]
struct Scope {
    actions: Vec<String>,
    unless: Vec<String>,
}

/// Tags in the request are authorised as a call of their own.
#[derive(Debug)]
pub(super) struct TagsRule {
    scope: Scope,
    /// The tagging action.
    pub(super) call: String,
    /// Keys that only this derived call carries.
    pub(super) context: Vec<(String, Template)>,
    pub(super) breaks: String,
    pub(super) evidence: String,
}

/// A role that is handed over goes to this service.
#[derive(Debug)]
pub(super) struct PassRoleRule {
    scope: Scope,
    pub(super) service: String,
    pub(super) evidence: String,
}

/// The first call of its kind makes a service-linked role.
#[derive(Debug)]
pub(super) struct FirstUseRule {
    scope: Scope,
    pub(super) service: String,
    pub(super) arn: Template,
    pub(super) breaks: String,
    pub(super) evidence: String,
}

/// AWS makes this call in any case.
#[derive(Debug)]
pub(super) struct AlsoRule {
    scope: Scope,
    pub(super) call: String,
    pub(super) resource_type: String,
    pub(super) arn: Template,
    pub(super) why: String,
    pub(super) breaks: String,
    pub(super) evidence: String,
}

// INVARIANT: a test parses the shipped rules, so the default is not reached.
static RULES: LazyLock<Rules> =
    LazyLock::new(|| parse(embed::dependent_calls()).unwrap_or_default());

/// Returns whether a rule says to which service an action hands over roles.
#[must_use]
pub fn passes_roles(action: &str) -> bool {
    pass_role_rule(action).is_some()
}

/// Returns the call that AWS authorises where an action sends tags, if a rule says so.
#[must_use]
pub fn tagging_call(action: &str) -> Option<&'static str> {
    tags_rule(action).map(|rule| rule.call.as_str())
}

/// Returns the rule for tags on what `action` creates.
pub(super) fn tags_rule(action: &str) -> Option<&'static TagsRule> {
    RULES.tags.iter().find(|rule| rule.scope.holds(action))
}

/// Returns the rule for roles that `action` hands over.
pub(super) fn pass_role_rule(action: &str) -> Option<&'static PassRoleRule> {
    RULES.pass_role.iter().find(|rule| rule.scope.holds(action))
}

/// Returns the service-linked roles that the first `action` makes.
pub(super) fn first_use_rules(action: &str) -> impl Iterator<Item = &'static FirstUseRule> {
    RULES
        .first_use
        .iter()
        .filter(move |rule| rule.scope.holds(action))
}

/// Returns the calls that AWS makes with every `action`.
pub(super) fn also_rules(action: &str) -> impl Iterator<Item = &'static AlsoRule> {
    RULES
        .also
        .iter()
        .filter(move |rule| rule.scope.holds(action))
}

/// Returns the keys that `action` carries as a dependent call only, so that a direct call of it
/// certainly lacks them (`ec2:CreateAction` on `ec2:CreateTags`).
pub(super) fn keys_of_dependent_calls(action: &str) -> impl Iterator<Item = &'static str> {
    RULES
        .tags
        .iter()
        .filter(move |rule| rule.call == action)
        .flat_map(|rule| rule.context.iter().map(|(key, _)| key.as_str()))
}

impl Scope {
    fn holds(&self, action: &str) -> bool {
        let any = |list: &[String]| list.iter().any(|pattern| names(pattern, action));
        any(&self.actions) && !any(&self.unless)
    }
}

/// Returns whether a rule's action, which may end in `*`, names this one.
fn names(pattern: &str, action: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => action.starts_with(prefix),
        None => action == pattern,
    }
}

fn parse(text: &str) -> Result<Rules, Vec<ProfileError>> {
    let mut errors = Errors::default();
    let (table, broken) = DeTable::parse_recoverable(text);
    for error in broken {
        errors.push(Span::default(), error.message(), "");
    }
    let sections = ["tags", "pass-role", "first-use", "also"];
    let what = "dependent-calls.toml";
    let fields = Fields::new(
        what,
        table.get_ref(),
        Span::default(),
        &sections,
        &mut errors,
    );
    let rules = Rules {
        tags: read_rules(&fields, "tags", &mut errors, read_tags_rule),
        pass_role: read_rules(&fields, "pass-role", &mut errors, read_pass_role_rule),
        first_use: read_rules(&fields, "first-use", &mut errors, read_first_use_rule),
        also: read_rules(&fields, "also", &mut errors, read_also_rule),
    };
    if errors.list.is_empty() {
        Ok(rules)
    } else {
        Err(errors.list)
    }
}

fn read_rules<T>(
    fields: &Fields<'_>,
    key: &str,
    errors: &mut Errors,
    read: impl Fn(Node<'_>, &mut Errors) -> Option<T>,
) -> Vec<T> {
    let Some(node) = fields.get(key) else {
        return Vec::new();
    };
    node.items(errors)
        .into_iter()
        .filter_map(|item| read(item, errors))
        .collect()
}

fn read_scope(fields: &Fields<'_>, errors: &mut Errors) -> Scope {
    fields.required("actions", errors);
    let mut list = |key| -> Vec<String> {
        let texts = fields.texts(key, errors);
        texts.into_iter().map(|(text, _)| text.to_owned()).collect()
    };
    Scope {
        actions: list("actions"),
        unless: list("unless"),
    }
}

fn read_tags_rule(node: Node<'_>, errors: &mut Errors) -> Option<TagsRule> {
    let keys = ["actions", "unless", "call", "context", "breaks", "evidence"];
    let fields = Fields::of_node("a rule of `tags`", node, node.span, &keys, errors)?;
    let context = fields.entries("context", errors);
    Some(TagsRule {
        scope: read_scope(&fields, errors),
        call: fields.required_text("call", errors),
        context: context
            .into_iter()
            .filter_map(|(key, _, value)| Some((key.to_owned(), value.template(errors)?)))
            .collect(),
        breaks: fields.text("breaks", errors).unwrap_or_default(),
        evidence: fields.required_text("evidence", errors),
    })
}

fn read_pass_role_rule(node: Node<'_>, errors: &mut Errors) -> Option<PassRoleRule> {
    let keys = ["actions", "unless", "service", "evidence"];
    let fields = Fields::of_node("a rule of `pass-role`", node, node.span, &keys, errors)?;
    Some(PassRoleRule {
        scope: read_scope(&fields, errors),
        service: fields.required_text("service", errors),
        evidence: fields.required_text("evidence", errors),
    })
}

fn read_first_use_rule(node: Node<'_>, errors: &mut Errors) -> Option<FirstUseRule> {
    let keys = ["actions", "unless", "service", "role", "breaks", "evidence"];
    let fields = Fields::of_node("a rule of `first-use`", node, node.span, &keys, errors)?;
    let service = fields.required_text("service", errors);
    let role = fields.required_text("role", errors);
    let arn = format!("arn:{{partition}}:iam::{{account}}:role/aws-service-role/{service}/{role}");
    Some(FirstUseRule {
        scope: read_scope(&fields, errors),
        arn: Template::parse(&arn, node.span).ok()?,
        service,
        breaks: fields.required_text("breaks", errors),
        evidence: fields.required_text("evidence", errors),
    })
}

fn read_also_rule(node: Node<'_>, errors: &mut Errors) -> Option<AlsoRule> {
    let keys = [
        "actions", "unless", "call", "type", "arn", "why", "breaks", "evidence",
    ];
    let fields = Fields::of_node("a rule of `also`", node, node.span, &keys, errors)?;
    Some(AlsoRule {
        scope: read_scope(&fields, errors),
        call: fields.required_text("call", errors),
        resource_type: fields.required_text("type", errors),
        arn: fields.required("arn", errors)?.template(errors)?,
        why: fields.required_text("why", errors),
        breaks: fields.required_text("breaks", errors),
        evidence: fields.required_text("evidence", errors),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_rules_have_no_errors() {
        let rules = parse(embed::dependent_calls());
        assert!(rules.is_ok(), "{rules:?}");
    }

    #[test]
    fn rules_name_known_actions() {
        let calls = RULES.tags.iter().map(|rule| &rule.call);
        for call in calls.chain(RULES.also.iter().map(|rule| &rule.call)) {
            assert!(super::super::facts::find(call).is_ok(), "{call}");
        }
    }

    #[test]
    fn a_direct_create_tags_call_has_no_create_action() {
        let keys: Vec<_> = keys_of_dependent_calls("ec2:CreateTags").collect();
        assert_eq!(keys, ["ec2:CreateAction"]);
    }
}
