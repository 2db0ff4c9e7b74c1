//! `Principal` and `NotPrincipal`: their form (G11), and where they belong (G10).

use super::{Lowering, REFUSED, did_you_mean, similar_name};
use crate::json::{Member, Value};
use crate::policy::principal::{PrincipalElement, PrincipalEntry, PrincipalName};
use crate::policy::{Kind, Problem};
use crate::source::Span;
use crate::switch::on;

const GROUPS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

impl Lowering {
    pub(super) fn principal(&mut self, member: Member<'_>) -> PrincipalElement {
        let value = member.value;
        let negated = member.key == "NotPrincipal";
        let mut entries = Vec::new();
        if value.is_object() {
            self.check_empty_object(value, member.key);
            for group in value.members() {
                self.principal_group(group, negated, &mut entries);
            }
            let is_empty = entries.is_empty() && value.members().next().is_some();
            if is_empty && negated {
                self.empty(value.span(), member.key);
            }
        } else if value.as_str() == Some("*") {
            entries.push(entry("*", value.span(), PrincipalName::Everyone));
        } else {
            self.bare_principal(value, &mut entries);
        }
        PrincipalElement {
            negated: member.key == "NotPrincipal" && on("P9"),
            key_span: member.key_span,
            span: value.span(),
            entries,
        }
    }

    fn principal_group(
        &mut self,
        group: Member<'_>,
        negated: bool,
        entries: &mut Vec<PrincipalEntry>,
    ) {
        if !GROUPS.contains(&group.key) && on("G11") {
            let message = format!("`{}` is no kind of principal", group.key);
            self.add(
                Problem::new("G11", "unknown-principal-type", group.key_span, message)
                    .why(REFUSED)
                    .help(match similar_name(group.key, &GROUPS) {
                        None => "use `AWS`, `Service`, `Federated` or `CanonicalUser`".into(),
                        similar => did_you_mean(similar),
                    }),
            );
        }
        let Some(texts) = self.text_list(group) else {
            return;
        };
        // `NotPrincipal` without any name is looked at as a whole.
        if texts.is_empty() && !negated {
            self.empty(group.value.span(), group.key);
        }
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

    /// Rule G11: what is neither `"*"` nor an object. Texts stay in the model as names of nobody;
    /// of anything else nothing can be evaluated.
    fn bare_principal(&mut self, value: Value<'_>, entries: &mut Vec<PrincipalEntry>) {
        let text = value.as_str();
        let items = value.one_or_many().filter_map(|item| {
            let name = match item.as_str()? {
                _ if on("G11") => PrincipalName::Other,
                text => PrincipalName::of_aws(text),
            };
            Some(entry(item.as_str()?, item.span(), name))
        });
        entries.extend(items);
        if !on("G11") {
            return;
        }
        let message = text.map_or_else(
            || "a principal is `\"*\"` or an object".to_owned(),
            |text| format!("`{text}` stands alone as a principal"),
        );
        let shown = text.unwrap_or("…");
        let problem = Problem::new("G11", "bare-principal", value.span(), message)
            .why(REFUSED)
            .help(format!(
                "write `{{\"AWS\": \"{shown}\"}}`, or `Service` or `Federated`"
            ));
        self.add(if text.is_some() {
            problem
        } else {
            problem.fatal()
        });
    }

    /// Rule G10: who may and who must name principals.
    pub(super) fn check_principal(&mut self, start: Span, principal: Option<&PrincipalElement>) {
        if !on("G10") {
            return;
        }
        match principal {
            // G17 speaks of `NotPrincipal` in an identity policy.
            Some(element) if element.negated && self.kind == Kind::Identity && on("G17") => {}
            Some(element) if !self.kind.has_principal() => {
                let message = format!("{} names no principal", self.kind.title_with_article());
                self.add(
                    Problem::new("G10", "unexpected-principal", element.key_span, message)
                        .why(REFUSED)
                        .help("remove it: the policy applies to whom it is attached to"),
                );
            }
            None if self.kind.has_principal() => {
                if self.misspelt(&["Principal", "NotPrincipal"]).is_some() {
                    return;
                }
                let kind = self.kind.title_with_article();
                let message = format!("a statement of {kind} must name a principal");
                self.add(
                    Problem::new("G10", "missing-principal", start, message)
                        .why(REFUSED)
                        .help("add a `Principal`"),
                );
            }
            _ => {}
        }
    }
}

fn entry(text: &str, span: Span, name: PrincipalName) -> PrincipalEntry {
    PrincipalEntry {
        text: text.into(),
        span,
        name,
    }
}
