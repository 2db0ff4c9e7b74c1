//! The families of requests that the flags ask about.

use super::{AccessArgs, is_nobody};
use crate::analyze::{Wanted, family};
use crate::arn::{Arn, is_account_id};
use crate::catalog::{Catalog, KeyType};
use crate::cli::simulate::Refusal;
use crate::cli::simulate::question::{check_key, read_pairs, read_principal, unknown};
use crate::evaluate::{Principal, Settings};
use crate::policy::Document;

/// One action on one resource; both may be patterns.
pub(super) struct Family {
    pub(super) action: String,
    pub(super) resource: String,
    /// A policy that allows exactly these requests.
    pub(super) document: Document,
}

/// Every family, and who asks.
pub(super) struct Families {
    pub(super) all: Vec<Family>,
    pub(super) principal: Principal,
    pub(super) settings: Settings,
    /// What follows from the flags and may surprise.
    pub(super) assumptions: Vec<String>,
}

/// The account of nobody in particular, where no resource names one.
const SOME_ACCOUNT: &str = "111122223333";

impl Families {
    pub(super) fn read(args: &AccessArgs, catalog: &Catalog) -> Result<Self, Refusal> {
        for action in &args.actions {
            check_action("--actions", action, catalog)?;
        }
        for resource in &args.resources {
            if resource != "*" && !resource.starts_with("arn:") {
                return Err(Refusal::Use(format!(
                    "`--resources {resource}` is no ARN, and not `*`"
                )));
            }
        }
        if let Some(account) = &args.resource_account
            && !is_account_id(account)
        {
            return Err(Refusal::Use(format!(
                "`--resource-account {account}` is no account id: twelve digits"
            )));
        }
        let mut assumptions = Vec::new();
        let principal = match &args.principal {
            Some(text) => read_principal(text)?,
            None => Principal::simulated(&account(args, &mut assumptions)),
        };
        let mut conditions: Vec<Wanted> = Vec::new();
        for (key, values) in read_pairs("--context", args.context.iter(), catalog)? {
            conditions.extend(conditions_of(&key, values, catalog));
        }
        for key in &args.context_absent {
            check_key(key, catalog)?;
            conditions.push(("Null".into(), key.clone(), vec!["true".into()]));
        }
        let mut all = Vec::new();
        for action in &args.actions {
            for resource in &args.resources {
                let (action, resource) = (action.clone(), resource.clone());
                let actions = std::slice::from_ref(&action);
                let document = family(actions, std::slice::from_ref(&resource), &conditions);
                all.push(Family {
                    action,
                    resource,
                    document,
                });
            }
        }
        if is_nobody(&principal) && !args.policies.scp.is_empty() {
            assumptions.push(
                "service control policies bind the caller: `--principal` says who it is".into(),
            );
        }
        Ok(Self {
            all,
            principal,
            settings: Settings::default(),
            assumptions,
        })
    }
}

/// The account that nobody in particular belongs to: that of the resources.
fn account(args: &AccessArgs, assumptions: &mut Vec<String>) -> String {
    let in_arns = args.resources.iter().filter_map(|it| Arn::parse(it));
    let mut accounts: Vec<&str> = in_arns
        .map(|it| it.account)
        .filter(|it| is_account_id(it))
        .chain(args.resource_account.as_deref())
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    match accounts.as_slice() {
        [one] => (*one).to_owned(),
        [] => SOME_ACCOUNT.to_owned(),
        [first, ..] => {
            assumptions.push(format!(
                "the caller belongs to account {first}: `--principal` says who it is"
            ));
            (*first).to_owned()
        }
    }
}

/// Refuses names that the catalog does not have.
pub(in crate::cli) fn check_action(
    flag: &str,
    text: &str,
    catalog: &Catalog,
) -> Result<(), Refusal> {
    if text == "*" {
        return Ok(());
    }
    let Some((service, name)) = text.split_once(':').filter(|it| !it.1.is_empty()) else {
        return Err(Refusal::Use(format!(
            "`{flag} {text}` is no action: write `SERVICE:NAME`"
        )));
    };
    if service.contains(['*', '?']) {
        return Ok(());
    }
    let Some(known) = catalog.service(service) else {
        let similar = catalog.similar_services(service);
        return unknown("service", service, &similar, catalog);
    };
    if name.contains(['*', '?']) || known.action(name).is_some() {
        return Ok(());
    }
    let similar: Vec<String> = catalog
        .similar_actions(service, name)
        .iter()
        .map(|it| format!("{}:{it}", known.prefix()))
        .collect();
    unknown("action", text, &similar, catalog)
}

/// Conditions that say that a key has these values.
fn conditions_of(key: &str, values: Vec<String>, catalog: &Catalog) -> Vec<Wanted> {
    let wanted = |operator: &str, values: Vec<String>| (operator.into(), key.to_owned(), values);
    if values.is_empty() {
        return vec![wanted("Null", vec!["true".into()])];
    }
    let declared = catalog.condition_key(key);
    let operator = match declared.map(|it| it.key_type) {
        Some(KeyType::Bool) => "Bool",
        Some(KeyType::Numeric) => "NumericEquals",
        Some(KeyType::Date) => "DateEquals",
        Some(KeyType::IpAddress) => "IpAddress",
        _ => "StringEquals",
    };
    if declared.is_some_and(|it| it.multivalued) || values.len() > 1 {
        return vec![
            wanted(&format!("ForAllValues:{operator}"), values),
            wanted("Null", vec!["false".into()]),
        ];
    }
    vec![wanted(operator, values)]
}
