//! Several requests that AWS decides for one call: they show the same caller, connection and time,
//! so all must be allowed together.

use crate::evaluate::{Level, Policies, Request, Truth, match_statement, names_action};
use crate::json;
use crate::policy::{Condition, Document, Effect, Kind, Statement, lower};

/// Keys that say something of the caller or of the connection (IAM User Guide, "AWS global condition
/// context keys": properties of the principal, of a role session, of the network and of the request).
const OF_CALLER: [&str; 27] = [
    "aws:assumedroot",
    "aws:calledvia",
    "aws:chatbotsourcearn",
    "aws:currenttime",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltype",
    "aws:referer",
    "aws:securetransport",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:vpcsourceip",
];

/// Whether a key (in lower case) is the same in all requests of a call.
#[must_use]
pub fn is_of_caller(folded: &str) -> bool {
    OF_CALLER.contains(&folded) || folded.starts_with("aws:principaltag/")
}

/// Returns levels that a request must pass for another one of the same call to be allowed too.
///
/// They say of the caller what the other request's policies ask of it, and let through more where
/// those ask something else: nothing that passes is proven, what does not pass is. With `exact` the
/// resource is that of the other request, and else any.
#[must_use]
pub fn beside(policies: &Policies, other: &Request, exact: bool) -> Vec<Level> {
    // What a policy of the resource adds is not followed.
    if policies.resource.is_some() {
        return Vec::new();
    }
    let Some(base) = allow_all() else {
        return Vec::new();
    };
    let mut levels = Vec::new();
    let mut add = |documents: &[Document]| {
        levels.push(Level {
            target: "the same call".into(),
            policies: documents
                .iter()
                .map(|it| document(it, other, exact, &base))
                .collect(),
        });
    };
    add(&policies.identity);
    policies.boundary.as_deref().into_iter().for_each(&mut add);
    policies.session.as_deref().into_iter().for_each(&mut add);
    policies.scps.iter().for_each(|it| add(&it.policies));
    levels
}

/// Whether anything in the policies looks at the caller or the connection.
#[must_use]
pub fn looks_at_caller(policies: &Policies) -> bool {
    let statements = policies.documents().flat_map(|it| &it.statements);
    let mut conditions = statements.flat_map(|it| &it.conditions);
    conditions.any(|it| is_of_caller(&it.key))
}

fn allow_all() -> Option<Statement> {
    let text = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let parsed = json::parse(text).ok()?;
    lower(parsed.tree.root(), Kind::Scp).statements.pop()
}

fn document(document: &Document, other: &Request, exact: bool, base: &Statement) -> Document {
    let named = document
        .statements
        .iter()
        .filter(|it| names_action(it, other));
    Document {
        version: document.version,
        file: document.file,
        span: document.span,
        statements: named
            .filter_map(|it| statement(it, other, exact, base))
            .collect(),
        ..Document::empty(Kind::Scp)
    }
}

fn statement(
    statement: &Statement,
    other: &Request,
    exact: bool,
    base: &Statement,
) -> Option<Statement> {
    let allows = statement.effect == Effect::Allow;
    let covers = if exact {
        match_statement(statement, other).resource
    } else {
        let element = statement.resource.as_ref();
        let all = element.is_some_and(|it| {
            let mut patterns = it.patterns.iter();
            !it.negated && patterns.any(|it| it.is_everything())
        });
        if all { Truth::True } else { Truth::Unknown }
    };
    let (of_caller, others): (Vec<&Condition>, Vec<&Condition>) =
        statement.conditions.iter().partition(|it| {
            let values = it.values.iter();
            let mut variables = values.flat_map(|it| it.template.variables());
            is_of_caller(&it.key) && variables.all(|it| is_of_caller(&it.key))
        });
    // An Allow may apply, and a Deny counts only where it surely does.
    let counts = match covers {
        Truth::True => allows || others.is_empty(),
        Truth::Unknown => allows,
        Truth::False => false,
    };
    counts.then(|| Statement {
        span: statement.span,
        effect: statement.effect,
        conditions: of_caller.into_iter().cloned().collect(),
        ..base.clone()
    })
}
