//! What the flags ask: checked against the catalog, so that a typing error is never a verdict.

use super::{Refusal, SimulateArgs};
use crate::arn::{Arn, is_account_id};
use crate::catalog::Catalog;
use crate::cli::policies::LoadedPolicies;
use crate::cli::replay;
use crate::evaluate::call::{Call, CallResource, Scenario};
use crate::evaluate::{Action, Principal, Settings};

/// A call as the flags describe it.
pub(super) struct Question {
    pub(super) principal: Option<Principal>,
    pub(super) action: Action,
    pub(super) resources: Vec<CallResource>,
    resource_account: Option<String>,
    context: Vec<(String, Vec<String>)>,
    absent: Vec<String>,
    complete: bool,
    scenario: Option<Scenario>,
    settings: Settings,
    /// What follows from the flags and may surprise, in words.
    pub(super) assumptions: Vec<String>,
}

pub(in crate::cli) type Pairs = Vec<(String, Vec<String>)>;

impl Question {
    /// Reads the flags.
    pub(super) fn read(args: &SimulateArgs, catalog: &Catalog) -> Result<Self, Refusal> {
        let principal = args.principal.as_deref().map(read_principal).transpose()?;
        let action = read_action(args.action.as_deref().unwrap_or_default(), catalog)?;
        if let Some(account) = args
            .resource_account
            .as_deref()
            .filter(|it| !is_account_id(it))
        {
            return usage(format!(
                "`--resource-account {account}` is no account id: twelve digits"
            ));
        }
        let mut assumptions = Vec::new();
        let mut resources = read_resources(args, &action, catalog, &mut assumptions)?;
        let context = read_pairs("--context", args.context.iter(), catalog)?;
        read_contexts_of_resources(&args.context_for, &mut resources, catalog)?;
        for key in &args.context_absent {
            check_key(key.trim_end_matches('/'), catalog)?;
        }
        let mut settings = Settings::default();
        for fact in &args.fact {
            let Some((name, value)) = fact.split_once('=') else {
                return usage(format!(
                    "`--fact {fact}` has no `=`: write `--fact NAME=VALUE`"
                ));
            };
            settings
                .set(name, value)
                .map_err(|error| Refusal::Use(format!("`--fact`: {error}")))?;
        }
        Ok(Self {
            principal,
            action,
            resources,
            resource_account: args.resource_account.clone(),
            context,
            absent: args.context_absent.clone(),
            complete: args.context_complete,
            scenario: args.scenario.as_deref().map(read_scenario).transpose()?,
            settings,
            assumptions,
        })
    }

    /// Takes from a snapshot who calls, unless a flag says it, and leaves of its policies of
    /// resources those that this call is about.
    pub(super) fn take_snapshot(&mut self, loaded: &mut LoadedPolicies) -> Result<(), Refusal> {
        let Some(replayed) = &loaded.snapshot else {
            return Ok(());
        };
        if self.principal.is_none() {
            self.principal = Some(read_principal(&replayed.principal)?);
        }
        let touched = self.resources.iter().map(|it| it.arn.as_str());
        replay::keep_of(&mut loaded.resource_policies, touched);
        // The trust policy of the caller's own role says who may assume it, not what it may do.
        let assumed = self.action.service() == "sts"
            && (self.resources.iter()).any(|it| replayed.snapshot.principal(&it.arn).is_some());
        if !assumed && loaded.trust_is_of_snapshot() {
            loaded.trust = None;
        }
        Ok(())
    }

    /// Puts the policy of the resource where the action looks for it.
    pub(super) fn add_policies(&mut self, loaded: &mut LoadedPolicies) -> Result<(), Refusal> {
        let assumes_role = self.action.service() == "sts";
        if loaded.trust.is_some() && !assumes_role {
            return usage(format!(
                "`--trust`: a trust policy decides who may assume a role, not `{}`\nhelp: leave it out, or give the policy of the resource as `--resource-policy`",
                self.action.text
            ));
        }
        let mut of_resources = std::mem::take(&mut loaded.resource_policies);
        of_resources.extend(loaded.trust.take());
        if of_resources.len() > 1 {
            return usage(
                "a call is decided with one policy of the resource, and several are given\nhelp: give one, as `--resource-policy` or `--trust`",
            );
        }
        loaded.policies.resource = of_resources.pop();
        if self.principal.is_none() && loaded.policies.resource.is_some() {
            return usage(
                "a policy of a resource decides by who calls\nhelp: say who, with `--principal`",
            );
        }
        if loaded.policies.endpoint.is_some() {
            self.absent.push("aws:SourceIp".into());
        }
        self.settings.lacks_resource_policy = loaded.policies.resource.is_none();
        Ok(())
    }

    /// Returns the call to decide.
    pub(super) fn call(&self) -> Call<'_> {
        Call {
            principal: self.principal.as_ref(),
            action: &self.action,
            resources: &self.resources,
            resource_account: self.resource_account.as_deref(),
            context: &self.context,
            absent: &self.absent,
            complete: self.complete,
            scenario: self.scenario,
            settings: self.settings.clone(),
        }
    }
}

fn usage<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Use(message.into()))
}

pub(in crate::cli) fn read_principal(text: &str) -> Result<Principal, Refusal> {
    if text == "anonymous" {
        return Ok(Principal::Anonymous);
    }
    let principal = Principal::parse(text);
    principal.ok_or_else(|| {
        Refusal::Use(format!(
            "`--principal {text}` names no caller\nhelp: write the ARN of a user, role or session, a service such as `ec2.amazonaws.com`, an identity provider, or `anonymous`"
        ))
    })
}

fn read_action(text: &str, catalog: &Catalog) -> Result<Action, Refusal> {
    let Some(action) = Action::parse(text) else {
        return usage(format!(
            "`--action {text}` is no action: write `SERVICE:NAME`"
        ));
    };
    if text.contains(['*', '?']) {
        return usage(format!(
            "`--action {text}`: a call is one action, without wildcards"
        ));
    }
    let (service, name) = text.split_once(':').unwrap_or_default();
    let Some(known) = catalog.service(service) else {
        return unknown(
            "service",
            service,
            &catalog.similar_services(service),
            catalog,
        );
    };
    if known.action(name).is_none() {
        let similar = catalog.similar_actions(service, name);
        let similar: Vec<_> = similar
            .iter()
            .map(|it| format!("{}:{it}", known.prefix()))
            .collect();
        return unknown("action", text, &similar, catalog);
    }
    Ok(action)
}

pub(in crate::cli) fn unknown<T>(
    what: &str,
    name: &str,
    similar: &[String],
    catalog: &Catalog,
) -> Result<T, Refusal> {
    let similar: Vec<_> = similar.iter().map(|it| format!("`{it}`")).collect();
    let hint = match similar.as_slice() {
        [] => "\nhelp: `rolecall catalog update` makes a newer catalog".to_owned(),
        some => format!("; did you mean {}?", some.join(" or ")),
    };
    let date = &catalog.info().date;
    Err(Refusal::UnknownName(format!(
        "the catalog of {date} has no {what} `{name}`{hint}"
    )))
}

fn read_resources(
    args: &SimulateArgs,
    action: &Action,
    catalog: &Catalog,
    assumptions: &mut Vec<String>,
) -> Result<Vec<CallResource>, Refusal> {
    let entry = catalog.action(action.service(), action.name());
    let types = entry
        .map(|it| it.resource_types.as_slice())
        .unwrap_or_default();
    if let Some(text) = args
        .resource
        .iter()
        .find(|it| *it != "*" && Arn::parse(it).is_none())
    {
        return usage(format!(
            "`--resource {text}` is no ARN{}",
            formats_help(action, types, catalog)
        ));
    }
    if args.resource.is_empty() && !types.is_empty() {
        return usage(format!(
            "`{}` acts on a resource: say on which, with `--resource ARN`{}",
            action.text,
            formats_help(action, types, catalog)
        ));
    }
    if types.is_empty() && entry.is_some() && args.resource.iter().any(|it| it != "*") {
        assumptions.push(format!(
            "`{}` has no resource types: the resource given does not count, and only `\"Resource\": \"*\"` covers the call",
            action.text
        ));
    }
    let resources = args.resource.iter();
    Ok(resources
        .map(|arn| CallResource {
            arn: arn.clone(),
            context: Vec::new(),
        })
        .collect())
}

/// Shows the ARN formats of the action's resource types.
fn formats_help(
    action: &Action,
    types: &[crate::catalog::ActionResource],
    catalog: &Catalog,
) -> String {
    const SHOWN: usize = 3;
    let Some(service) = catalog.service(action.service()) else {
        return String::new();
    };
    let formats = types.iter().filter_map(|row| {
        let template = service
            .resource_type(&row.name)?
            .arn_templates
            .first()?
            .clone();
        Some(format!("`{template}`"))
    });
    let formats: Vec<_> = formats.take(SHOWN).collect();
    if formats.is_empty() {
        String::new()
    } else {
        format!("\nhelp: such as {}", formats.join(" or "))
    }
}

fn read_scenario(name: &str) -> Result<Scenario, Refusal> {
    Scenario::parse(name).ok_or_else(|| {
        let names: Vec<_> = Scenario::names().collect();
        Refusal::Use(format!(
            "there is no scenario `{name}`: known are {}",
            names.join(", ")
        ))
    })
}

/// `ARN KEY=VALUE …`, over and over: what is one of the resources starts a new group.
fn read_contexts_of_resources(
    words: &[String],
    resources: &mut [CallResource],
    catalog: &Catalog,
) -> Result<(), Refusal> {
    let mut rest = words;
    while let [arn, after @ ..] = rest {
        let Some(at) = resources.iter().position(|it| it.arn == *arn) else {
            return usage(format!(
                "`--context-for {arn}` is none of the resources\nhelp: write `--context-for ARN KEY=VALUE` with an ARN that `--resource` gives"
            ));
        };
        let is_resource = |word: &String| resources.iter().any(|it| it.arn == *word);
        let count = after.iter().position(is_resource).unwrap_or(after.len());
        let (own, next) = after.split_at(count);
        if own.is_empty() {
            return usage(format!(
                "`--context-for {arn}` gives no key: write `KEY=VALUE` after it"
            ));
        }
        resources[at]
            .context
            .extend(read_pairs("--context-for", own.iter(), catalog)?);
        rest = next;
    }
    Ok(())
}

pub(in crate::cli) fn read_pairs<'a>(
    flag: &str,
    texts: impl Iterator<Item = &'a String>,
    catalog: &Catalog,
) -> Result<Pairs, Refusal> {
    let mut pairs: Pairs = Vec::new();
    for text in texts {
        let Some((key, value)) = text.split_once('=') else {
            return usage(format!(
                "`{flag} {text}` has no `=`: write `{flag} KEY=VALUE`"
            ));
        };
        check_key(key, catalog)?;
        let declared = catalog.condition_key(key);
        let is_list = declared.is_none_or(|it| it.multivalued);
        let values: Vec<String> = match (is_list, value) {
            // An empty list is an absent key (C28).
            (true, "") => Vec::new(),
            (true, _) => value.split(',').map(str::to_owned).collect(),
            (false, _) => vec![value.to_owned()],
        };
        match pairs
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(key))
        {
            Some((_, known)) if is_list => known.extend(values),
            Some(_) => {
                return usage(format!(
                    "`{flag} {key}` is given twice, and the key has one value"
                ));
            }
            None => pairs.push((key.to_owned(), values)),
        }
    }
    Ok(pairs)
}

pub(in crate::cli) fn check_key(key: &str, catalog: &Catalog) -> Result<(), Refusal> {
    let prefix = key.split_once(':').map_or("", |(prefix, _)| prefix);
    // Identity providers name their keys after their host; no list of these is complete.
    let of_provider = prefix.contains('.');
    let family = format!("{key}/x");
    if of_provider
        || catalog.condition_key(key).is_some()
        || catalog.condition_key(&family).is_some()
    {
        return Ok(());
    }
    unknown(
        "condition key",
        key,
        &catalog.similar_condition_keys(key),
        catalog,
    )
}
