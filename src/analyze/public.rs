//! Whether a policy of a resource or role lets in the public, or anybody outside a trust zone.
//!
//! AWS calls a policy non-public if it grants to fixed values only (Amazon S3 User Guide, "The
//! meaning of public"; IAM Access Analyzer `CheckNoPublicAccess`): accounts, principals and
//! organizations that it names, addresses, networks and sources that it fixes. Here both are
//! questions about requests: is one from outside allowed at all, and is one allowed that comes
//! from none of the fixed sources.

use super::excess::{allows, only};
use super::family::{Wanted, family};
use super::visitor::{Visitor, keys};
use super::{Analysis, Doubt, Found, Witness};
use crate::arn::{Arn, is_account_id};
use crate::evaluate::Principal;
use crate::policy::{
    Condition, Document, Effect, Kind, Operand, PrincipalName, Quantifier, Statement, Test,
    operand::Network,
};

/// Whom the owner trusts. Empty: whatever the policy itself names by fixed values.
#[derive(Clone, Debug, Default)]
pub struct Zone {
    /// Account ids.
    pub accounts: Vec<String>,
    /// Ids of organizations.
    pub organizations: Vec<String>,
}

impl Zone {
    /// Whether nothing was said about the zone.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.organizations.is_empty()
    }
}

/// How far outsiders get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Not at all.
    Never,
    /// Only from sources that the policy fixes, or through a service.
    Conditionally,
    /// In.
    Yes,
}

/// A statement that lets outsiders in.
#[derive(Clone, Debug)]
pub struct OpenStatement {
    /// The document, by its index.
    pub document: usize,
    /// The statement, by its index in the document.
    pub statement: usize,
    /// Never [`Reach::Never`].
    pub reach: Reach,
    /// A service that calls as itself, on behalf of anybody (AWS: "The confused deputy problem").
    pub through_service: bool,
    /// The conditions that fix the source: document, statement and condition, by their indices.
    pub ties: Vec<(usize, usize, usize)>,
    /// A request from outside.
    pub witness: Witness,
}

/// The answer for a policy.
#[derive(Clone, Debug)]
pub struct Openness {
    /// The widest of its statements.
    pub reach: Reach,
    /// Every statement that lets outsiders in.
    pub statements: Vec<OpenStatement>,
    /// What could not be settled.
    pub doubts: Vec<Doubt>,
    /// The zone that was decided with.
    pub zone: Zone,
}

/// Keys that tell where a request comes from and that callers cannot choose.
const SOURCES: [&str; 17] = [
    "aws:sourceip",
    "aws:vpcsourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:sourcearn",
    "aws:userid",
    "sts:externalid",
    "lambda:eventsourcetoken",
    "elasticfilesystem:accessedviamounttarget",
    "elasticfilesystem:accesspointarn",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
    "ec2:sourceinstancearn",
];
/// Keys that name accounts.
const ACCOUNTS: [&str; 6] = [
    "aws:principalaccount",
    "aws:sourceaccount",
    "aws:sourceowner",
    "kms:calleraccount",
    "aws:principalarn",
    "aws:sourcearn",
];
/// Keys that name organizations, by id or by path.
const ORGANIZATIONS: [&str; 4] = [
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];
/// Identity providers where anybody may have an account (each one's documentation on use with
/// AWS asks for a condition on the subject or audience).
const SHARED_PROVIDERS: [&str; 14] = [
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "cognito-identity.amazonaws.com",
    "accounts.google.com",
    "graph.facebook.com",
    "www.amazon.com",
    "api.bitbucket.org",
    "oidc.circleci.com",
    "agent.buildkite.com",
    "oidc.vercel.com",
    "app.harness.io",
    "container.googleapis.com",
    "sts.windows.net",
];

impl Analysis<'_> {
    /// Returns whether documents let anybody from outside a zone in.
    #[must_use]
    pub fn openness(&self, documents: &[Document], zone: &Zone) -> Openness {
        let decided = if zone.is_empty() {
            named_zone(documents)
        } else {
            zone.clone()
        };
        let mut openness = Openness {
            reach: Reach::Never,
            statements: Vec::new(),
            doubts: Vec::new(),
            zone: decided,
        };
        let question = Question {
            analysis: self,
            documents,
            keys: keys(documents.iter()),
            visitors: self.visitors(documents),
            is_default_zone: zone.is_empty(),
        };
        for (document, statement) in allows(documents) {
            question.statement(document, statement, &mut openness);
        }
        openness
    }
}

struct Question<'q, 'a> {
    analysis: &'q Analysis<'a>,
    documents: &'q [Document],
    keys: Vec<String>,
    visitors: Vec<Visitor>,
    is_default_zone: bool,
}

impl Question<'_, '_> {
    fn statement(&self, document: usize, statement: usize, openness: &mut Openness) {
        let of = &self.documents[document];
        let allow = &of.statements[statement];
        let reduced = only(self.documents, document, allow);
        let mut found: Option<OpenStatement> = None;
        let outsiders = self
            .visitors
            .iter()
            .filter(|it| is_outside(it, of.kind, &openness.zone))
            // An id that the policy names is fixed like any other name.
            .filter(|it| !self.is_default_zone || !it.has_id())
            .filter(|it| it.is_named(allow.principal.as_ref(), of));
        for visitor in outsiders {
            let is_service = matches!(visitor.principal, Principal::Service(_));
            let by_name = is_service && names_services(allow);
            let outside = self.outside(visitor, of.kind, &openness.zone);
            let mut strict = outside.clone();
            strict.extend(self.elsewhere(document, statement));
            let ask = |conditions: &[Wanted]| {
                let family = [family(
                    &actions(visitor, of.kind),
                    &["*".to_owned()],
                    conditions,
                )];
                let layers: [&[Document]; 2] = [&reduced, &family];
                self.analysis.find_admitted(&layers, visitor)
            };
            let mut tries = vec![(Reach::Conditionally, outside)];
            if !by_name {
                tries.insert(0, (Reach::Yes, strict));
            }
            for (reach, conditions) in tries {
                if found.as_ref().is_some_and(|it| it.reach >= reach) {
                    continue;
                }
                match ask(&conditions) {
                    Found::Nothing => {}
                    Found::Unknown(doubt) => {
                        if !openness.doubts.contains(&doubt) {
                            openness.doubts.push(doubt);
                        }
                    }
                    Found::Request(witness) => {
                        found = Some(OpenStatement {
                            document,
                            statement,
                            reach,
                            through_service: is_service,
                            ties: self.ties(document, statement),
                            witness: *witness,
                        });
                    }
                }
            }
            if found.as_ref().is_some_and(|it| it.reach == Reach::Yes) {
                break;
            }
        }
        if let Some(found) = found {
            openness.reach = openness.reach.max(found.reach);
            openness.statements.push(found);
        }
    }

    /// The conditions by which an Allow, or a Deny of everything else, fixes where requests come
    /// from.
    fn sources(
        &self,
        document: usize,
        statement: usize,
    ) -> impl Iterator<Item = ((usize, usize, usize), &Condition)> {
        let of = move |(at, it): (usize, &Document)| -> Vec<(usize, usize)> {
            let own = it.statements.iter().enumerate();
            let counts = |(index, it): &(usize, &Statement)| {
                it.effect == Effect::Deny || (at, *index) == (document, statement)
            };
            own.filter(counts).map(|(index, _)| (at, index)).collect()
        };
        let places = self.documents.iter().enumerate().flat_map(of);
        places.flat_map(|(at, index)| {
            let statement = &self.documents[at].statements[index];
            let conditions = statement.conditions.iter().enumerate();
            conditions
                .filter(|(_, it)| is_source(&it.key) && limits(statement, it))
                .map(move |(condition, it)| ((at, index, condition), it))
        })
    }

    fn ties(&self, document: usize, statement: usize) -> Vec<(usize, usize, usize)> {
        self.sources(document, statement)
            .filter(|(_, it)| !fixed(it).is_empty())
            .map(|(at, _)| at)
            .collect()
    }

    fn key(&self, folded: &str) -> Option<&String> {
        self.keys.iter().find(|it| it.eq_ignore_ascii_case(folded))
    }

    /// What makes a request of this caller one from outside: nothing about it is of the zone.
    fn outside(&self, visitor: &Visitor, kind: Kind, zone: &Zone) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        let mut add = |operator: &str, key: &str, values: Vec<String>| {
            if let Some(key) = self.key(key)
                && !values.is_empty()
            {
                wanted.push((operator.to_owned(), key.clone(), values));
            }
        };
        let paths = |organization: &String| format!("{organization}/*");
        let organizations = || zone.organizations.clone();
        let below: Vec<String> = zone.organizations.iter().map(paths).collect();
        if matches!(visitor.principal, Principal::Service(_)) && kind != Kind::Trust {
            let of = |account: &String| format!("arn:*:*:*:{account}:*");
            let arns: Vec<String> = zone.accounts.iter().map(of).collect();
            add(
                "StringNotEquals",
                "aws:SourceAccount",
                zone.accounts.clone(),
            );
            add("StringNotEquals", "aws:SourceOwner", zone.accounts.clone());
            add(
                "StringNotEquals",
                "kms:CallerAccount",
                zone.accounts.clone(),
            );
            add("StringNotLike", "aws:SourceArn", arns.clone());
            // A service calls from accounts of AWS.
            add(
                "StringNotEquals",
                "aws:PrincipalAccount",
                zone.accounts.clone(),
            );
            add("StringNotLike", "aws:PrincipalArn", arns);
            add("StringNotEquals", "aws:SourceOrgID", organizations());
            add("ForAllValues:StringNotLike", "aws:SourceOrgPaths", below);
        } else {
            add("StringNotEquals", "aws:PrincipalOrgID", organizations());
            add("ForAllValues:StringNotLike", "aws:PrincipalOrgPaths", below);
        }
        wanted
    }

    /// What makes a request one from none of the sources that a statement fixes.
    fn elsewhere(&self, document: usize, statement: usize) -> Vec<Wanted> {
        let mut wanted: Vec<Wanted> = Vec::new();
        let mut add = |operator: &str, key: &str, values: Vec<String>| {
            let same = |it: &&mut Wanted| it.0 == operator && it.1.eq_ignore_ascii_case(key);
            match wanted.iter_mut().find(same) {
                _ if values.is_empty() => {}
                Some(known) => known.2.extend(values),
                None => wanted.push((operator.to_owned(), key.to_owned(), values)),
            }
        };
        for (_, condition) in self.sources(document, statement) {
            let Some(operator) = condition.operator else {
                continue;
            };
            let key = self.key(&condition.key).map_or("", String::as_str);
            let values = fixed(condition);
            match operator.test {
                Test::IpAddress => add("NotIpAddress", key, values),
                Test::Bool if values.is_empty() => {}
                Test::Bool => add("BoolIfExists", key, vec!["false".into()]),
                Test::StringEquals
                | Test::StringLike
                | Test::StringEqualsIgnoreCase
                | Test::Arn
                    if operator.quantifier == Some(Quantifier::ForAllValues) =>
                {
                    // A request without the key passes: it fixes nothing.
                }
                Test::StringEquals
                | Test::StringLike
                | Test::StringEqualsIgnoreCase
                | Test::Arn => {
                    let is_list = operator.quantifier.is_some();
                    let operator = if is_list {
                        "ForAllValues:StringNotLike"
                    } else {
                        "StringNotLike"
                    };
                    add(operator, key, values);
                }
                _ => {}
            }
        }
        wanted
    }
}

fn is_source(key: &str) -> bool {
    SOURCES.contains(&key) || of_provider(key)
}

/// Keys of identity providers that say whom a token was made for. An audience is fixed by the
/// provider at these two; elsewhere whoever asks for a token chooses it.
fn of_provider(key: &str) -> bool {
    let (provider, name) = key.rsplit_once(':').unwrap_or_default();
    match name {
        "sub" => provider.contains('.') || provider == "saml",
        "aud" | "oaud" => {
            matches!(
                provider,
                "cognito-identity.amazonaws.com" | "accounts.google.com"
            )
        }
        "app_id" => provider.contains('.'),
        _ => false,
    }
}

/// The values of a condition that fix something; those with wildcards may leave everything open.
fn fixed(condition: &Condition) -> Vec<String> {
    let values = condition.values.iter();
    let fixed = values.filter(|value| {
        if value.template.has_variables() {
            return false;
        }
        let text = value.template.text();
        let is_whole = !text.contains(['*', '?']);
        let start = text.split(['*', '?']).next().unwrap_or_default();
        match (&*condition.key, &value.operand) {
            // S3: ranges wider than these count as public.
            (_, Operand::Network(Some(Network::V4(_, length)))) => *length >= 8,
            (_, Operand::Network(Some(Network::V6(_, length)))) => *length >= 32,
            (_, Operand::Network(None)) => false,
            (_, Operand::Truth(truth)) => *truth,
            ("aws:sourcearn", _) => is_whole || account_of(text).is_some(),
            ("aws:userid", _) => is_whole || start.len() >= 16 && start.contains(':'),
            ("aws:vpceorgpaths", _) => is_whole || start.contains('/'),
            // `repo:owner/…`, `organization:name:…`: the owner is fixed.
            (key, _) if of_provider(key) => is_whole || start.matches([':', '/']).count() >= 2,
            _ => is_whole,
        }
    });
    fixed.map(|it| it.template.text().to_owned()).collect()
}

/// The account of an ARN pattern, where it is fixed.
fn account_of(text: &str) -> Option<&str> {
    let arn = Arn::parse(text)?;
    is_account_id(arn.account).then_some(arn.account)
}

/// Whether a condition lets in what it names, and not what it does not name.
fn limits(statement: &Statement, condition: &Condition) -> bool {
    let negated = condition.operator.map(|it| it.negated);
    negated == Some(statement.effect == Effect::Deny)
}

fn names_services(statement: &Statement) -> bool {
    let names_one = |name: &PrincipalName| *name == PrincipalName::Service;
    statement
        .principal
        .as_ref()
        .is_some_and(|it| !it.negated && it.entries.iter().any(|it| names_one(&it.name)))
}

/// Whether a caller may be an outsider at all.
fn is_outside(visitor: &Visitor, kind: Kind, zone: &Zone) -> bool {
    let is_trust = kind == Kind::Trust;
    match &visitor.principal {
        Principal::Anonymous => !is_trust,
        // A service takes roles of the account that passed them to it, and no others.
        Principal::Service(_) => !is_trust,
        Principal::Federated(provider) => is_trust && is_shared(provider),
        other => other
            .account()
            .is_some_and(|it| !zone.accounts.iter().any(|known| known == it)),
    }
}

fn is_shared(provider: &str) -> bool {
    let host = match Arn::parse(provider) {
        Some(arn) => arn.resource.strip_prefix("oidc-provider/"),
        None => Some(provider),
    };
    let is_one = |host: &str| {
        SHARED_PROVIDERS.iter().any(|it| {
            host.split('/')
                .next()
                .is_some_and(|host| host == *it || host.ends_with(&format!(".{it}")))
        })
    };
    host.is_some_and(is_one)
}

/// What a caller asks for.
fn actions(visitor: &Visitor, kind: Kind) -> Vec<String> {
    let names: &[&str] = match (kind, &visitor.principal) {
        (Kind::Trust, Principal::Federated(_)) => {
            &["sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"]
        }
        (Kind::Trust, _) => &["sts:AssumeRole"],
        _ => &["*"],
    };
    names.iter().map(|it| (*it).to_owned()).collect()
}

/// What the Allow statements name by fixed values, which is not the public.
fn named_zone(documents: &[Document]) -> Zone {
    let mut zone = Zone::default();
    let mut add = |list: fn(&mut Zone) -> &mut Vec<String>, text: &str| {
        let list = list(&mut zone);
        if !list.iter().any(|it| it == text) {
            list.push(text.to_owned());
        }
    };
    let accounts: fn(&mut Zone) -> &mut Vec<String> = |zone| &mut zone.accounts;
    let organizations: fn(&mut Zone) -> &mut Vec<String> = |zone| &mut zone.organizations;
    let statements = documents.iter().flat_map(|it| &it.statements);
    for statement in statements {
        let is_allow = statement.effect == Effect::Allow;
        // Denied is everybody but those whom NotPrincipal names.
        let names = |it: &&crate::policy::PrincipalElement| it.negated != is_allow;
        let element = statement.principal.iter().filter(names);
        for entry in element.flat_map(|it| &it.entries) {
            match &entry.name {
                PrincipalName::Account { account }
                | PrincipalName::User { account, .. }
                | PrincipalName::Role { account, .. } => add(accounts, account),
                _ => {
                    if let Some(account) = account_of(&entry.text) {
                        add(accounts, account);
                    }
                }
            }
        }
        for condition in &statement.conditions {
            if !limits(statement, condition) {
                continue;
            }
            for value in &condition.values {
                let text = value.template.text();
                if ACCOUNTS.contains(&&*condition.key) {
                    let account = account_of(text).or_else(|| is_account_id(text).then_some(text));
                    if let Some(account) = account {
                        add(accounts, account);
                    }
                }
                if ORGANIZATIONS.contains(&&*condition.key) {
                    let id = text.split('/').next().unwrap_or_default();
                    if !id.is_empty() && !id.contains(['*', '?', '$']) {
                        add(organizations, id);
                    }
                }
            }
        }
    }
    zone
}
