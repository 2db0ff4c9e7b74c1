//! Must-nots of vendor profiles: shipped ones fit the catalog and their own requirements, errors
//! have places, rows become documents.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;

use rolecall::catalog::Catalog;
use rolecall::evaluate::derive::{Known, derive};
use rolecall::evaluate::{Action, Principal, Request, Truth, match_statement};
use rolecall::policy::{Document, Effect};
use rolecall::profile::{
    Call, CallResource, Forbidden, Profile, ProfileError, Settings, TagOnCreate, WEAKNESSES,
    shipped_profiles,
};
use rolecall::source::line_column;

fn shipped() -> Vec<Profile> {
    let profiles = shipped_profiles().iter();
    profiles
        .map(|it| Profile::parse(it.name, it.text).unwrap())
        .collect()
}

/// Settings with every feature on.
fn everything(profile: &Profile) -> Settings {
    let features = profile.features.iter().map(|it| (it.name.clone(), true));
    Settings {
        features: features.collect(),
        ..Settings::default()
    }
}

/// Returns whether a family takes in a request: allowed by its document alone.
fn contains(family: &Document, request: &Request) -> Truth {
    let applies = |effect: Effect| {
        let statements = family.statements.iter().filter(|it| it.effect == effect);
        statements.fold(Truth::False, |any, statement| {
            let matched = match_statement(statement, request);
            let action = if matched.action {
                Truth::True
            } else {
                Truth::False
            };
            let all = matched.conditions.iter().fold(action, |all, it| all & *it);
            any | (all & matched.resource)
        })
    };
    applies(Effect::Allow) & !applies(Effect::Deny)
}

/// Returns the request of a call on one of its resources, as `check` makes it; with `filled`, what
/// is created shows its tags already.
fn request(
    profile: &Profile,
    settings: &Settings,
    call: &Call,
    resource: Option<&CallResource>,
    filled: bool,
) -> Request {
    let own = resource.map_or(&[][..], |it| &it.context);
    let given = call.context.iter().chain(own);
    let mut context: Vec<(String, Vec<String>)> = given
        .map(|(key, value)| (key.clone(), value.values()))
        .collect();
    let mut absent = call.absent.clone();
    absent.extend(["aws:requesttag/".into(), "aws:tagkeys".into()]);
    let action = Action::parse(&call.action).unwrap();
    if let Some(resource) = resource {
        absent.extend(resource.absent.iter().cloned());
        if !resource.open_tags {
            absent.push("aws:resourcetag/".into());
            absent.push(format!("{}:resourcetag/", action.service()));
        }
    }
    if filled {
        for (key, values) in context.clone() {
            if let Some(tag) = key.strip_prefix("aws:RequestTag/") {
                context.push((format!("aws:ResourceTag/{tag}"), values.clone()));
                context.push((format!("{}:ResourceTag/{tag}", action.service()), values));
            }
        }
    }
    let principal = profile.principal(&call.actor, settings).unwrap().unwrap();
    let principal = Principal::parse(&principal);
    let known = Known {
        principal: principal.as_ref(),
        resource: resource.map(|it| it.arn.as_str()),
        resource_type: resource.map(|it| it.resource_type.split_once(':').unwrap().1),
        resource_account: resource.and_then(|it| it.account.as_deref()),
        context: &context,
        absent: &absent,
        ..Known::default()
    };
    derive(&action, &known, Catalog::builtin()).request
}

/// Returns each call of the profile that certainly is in a family of the same actor.
fn forbidden_calls(profile: &Profile, settings: &Settings) -> Vec<String> {
    let forbidden = profile.must_not(settings).unwrap();
    let mut found = Vec::new();
    for call in profile.calls(settings).unwrap() {
        let slots = match call.resources.len() {
            0 => vec![None],
            _ => call.resources.iter().map(Some).collect(),
        };
        for resource in slots {
            let tag_on_create = resource.map(|it| it.tag_on_create);
            let readings: &[bool] = match tag_on_create {
                Some(TagOnCreate::Unknown) => &[false, true],
                _ => &[false],
            };
            let readings: Vec<Request> = readings
                .iter()
                .map(|filled| request(profile, settings, &call, resource, *filled))
                .collect();
            let mine = |it: &&Forbidden| it.actor == call.actor;
            for one in forbidden.iter().filter(mine) {
                let is_in = |it: &Request| contains(&one.family, it) == Truth::True;
                if readings.iter().all(is_in) {
                    let arn = resource.map_or("*", |it| it.arn.as_str());
                    found.push(format!("{}: {} {arn} ({})", one.id, call.action, call.id));
                }
            }
        }
    }
    found
}

#[test]
fn what_the_vendor_needs_is_not_forbidden() {
    for profile in shipped() {
        let found = forbidden_calls(&profile, &everything(&profile));
        assert!(found.is_empty(), "{}:\n{}", profile.name, found.join("\n"));
    }
}

#[test]
fn every_shipped_row_has_a_document_that_aws_takes() {
    for profile in shipped() {
        let mut settings = everything(&profile);
        let boundary = vec!["arn:aws:iam::111122223333:policy/boundary".to_owned()];
        settings.variables.insert("boundary".into(), boundary);
        let forbidden = profile.must_not(&settings).unwrap();
        let ids: Vec<&str> = forbidden.iter().map(|it| it.id.as_str()).collect();
        let rows: Vec<&str> = profile.must_nots.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, rows, "{}", profile.name);
        for one in &forbidden {
            let problems = &one.family.problems;
            assert!(problems.is_empty(), "{}: {problems:?}", one.id);
            assert!(!one.text.contains('{') || !one.text.contains("{account}"));
        }
    }
}

#[test]
fn the_readme_lists_the_classes() {
    let readme = include_str!("../policies/README.md");
    let lines: Vec<&str> = readme.lines().filter(|it| it.starts_with("| W")).collect();
    let classes = WEAKNESSES.iter();
    let expected: Vec<String> = classes
        .map(|it| format!("| {} | {} |", it.id, it.title))
        .collect();
    assert_eq!(lines, expected);
}

/// A small profile that the tests of errors and expansions change.
const SMALL: &str = include_str!("../testdata/profiles/must-not.toml");

/// Returns errors as `line:column message (help)`, one a line.
fn render(text: &str, errors: &[ProfileError]) -> String {
    let mut lines = String::new();
    for error in errors {
        let at = line_column(text, error.span.start);
        write!(lines, "{}:{}: {}", at.line, at.column, error.message).unwrap();
        if !error.help.is_empty() {
            write!(lines, " ({})", error.help).unwrap();
        }
        lines.push('\n');
    }
    lines
}

fn small() -> Profile {
    Profile::parse("own", SMALL).unwrap()
}

#[test]
fn errors_have_places_and_hints() {
    let changes = [
        ("id = \"touch-foreign-volumes\"", "id = \"Touch\""),
        ("id = \"touch-foreign-volumes\"", "id = \"widen-roles\""),
        ("title = \"touch", "titel = \"touch"),
        ("class = \"W24\"", "class = \"W36\""),
        ("class = \"W24\"", ""),
        ("why = \"data is lost\"", "why = \"\""),
        ("evidence = [\"page\"]", "evidence = [\"pages\"]"),
        (
            "actions = [\"ec2:*Volume\"]",
            "actions = [\"ec2:*Volumen\"]",
        ),
        (
            "actions = [\"ec2:*Volume\"]",
            "actions = [\"ec2:DeleteVolum\"]",
        ),
        ("actions = [\"ec2:*Volume\"]", "actions = [\"*\"]"),
        ("actions = [\"ec2:*Volume\"]", "actions = [\"iam:*\"]"),
        ("actions = [\"ec2:*Volume\"]", ""),
        ("levels = [\"write\"]", "levels = [\"writes\"]"),
        ("levels = [\"write\"]", "levels = [\"list\"]"),
        ("[\"foreign volume\"]", "[\"foreign volumes\"]"),
        ("[\"foreign volume\"]", "[\"foreign bucket\"]"),
        ("[\"foreign volume\"]", "[\"foreign acl\"]"),
        ("[\"foreign volume\"]", "[\"ec2:volume\"]"),
        ("[\"foreign volume\"]", "[\"arn:aws:ec2:{regionn}:*\"]"),
        (
            "except = [\"ec2:CreateVolume\"]",
            "except = [\"ec2:CreateVol\"]",
        ),
        (
            "except = [\"ec2:CreateVolume\"]",
            "except = [\"foreign volume\"]",
        ),
        ("unless = {", "feature = \"extra\"\nunless = {"),
        ("unless = {", "actor = \"vendors\"\nunless = {"),
        ("unless = {", "absent = [\"ec2:CreateActoin\"]\nunless = {"),
        (
            "unless = {",
            "context = { \"ec2:Vpc\" = \"x\" }\nunless = {",
        ),
        (
            "unless = {",
            "context = { \"iam:PolicyARN\" = { each = [\"x\"] } }\nunless = {",
        ),
        ("unless = {", "unlesss = {"),
    ];
    let mut text = String::new();
    for (from, to) in changes {
        assert!(SMALL.contains(from), "{from}");
        let changed = SMALL.replacen(from, to, 1);
        writeln!(text, "{from} -> {}", to.escape_debug()).unwrap();
        let lines = match Profile::parse("own", &changed) {
            Ok(_) => "no errors".to_owned(),
            Err(errors) => render(&changed, &errors),
        };
        for line in lines.lines() {
            writeln!(text, "    {line}").unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

/// Returns the families of the small profile as JSON.
fn families(settings: &Settings) -> String {
    let mut text = String::new();
    for one in small().must_not(settings).unwrap() {
        let policy: serde_json::Value = serde_json::from_str(&one.text).unwrap();
        writeln!(text, "{} {}: {policy:#}", one.class.id, one.id).unwrap();
    }
    text
}

#[test]
fn rows_become_documents() {
    insta::assert_snapshot!(families(&Settings::default()));
}

#[test]
fn a_row_about_nothing_is_left_out() {
    let ids = |settings: &Settings| -> Vec<String> {
        let forbidden = small().must_not(settings).unwrap();
        forbidden.into_iter().map(|it| it.id).collect()
    };
    let all = ids(&Settings::default());
    let mut settings = Settings::default();
    settings
        .variables
        .insert("boundary".into(), vec![String::new()]);
    let without: Vec<String> = ids(&settings);
    let gone: Vec<&String> = all.iter().filter(|it| !without.contains(it)).collect();
    assert_eq!(gone, ["widen-roles", "rewrite-boundary"]);
    settings.actors = vec!["stranger".to_owned()];
    assert_eq!(ids(&settings), ["assume-as-stranger"]);
    settings.actors = vec!["strangers".to_owned()];
    assert!(small().must_not(&settings).is_err());
}

/// Returns whether a request is in the family of a row of the small profile.
fn is_in(id: &str, action: &str, arn: &str, context: &[(&str, &str)]) -> Truth {
    let forbidden = small().must_not(&Settings::default()).unwrap();
    let one = forbidden.iter().find(|it| it.id == id).unwrap();
    let context: Vec<(String, Vec<String>)> = context
        .iter()
        .map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()]))
        .collect();
    let principal = Principal::parse("arn:aws:iam::111122223333:user/vendor");
    let known = Known {
        principal: principal.as_ref(),
        resource: Some(arn),
        context: &context,
        complete: true,
        ..Known::default()
    };
    let action = Action::parse(action).unwrap();
    let request = derive(&action, &known, Catalog::builtin()).request;
    contains(&one.family, &request)
}

#[test]
fn a_family_holds_what_lacks_the_tag_and_not_what_has_it() {
    let volume = "arn:aws:ec2:eu-central-1:111122223333:volume/vol-1";
    let region = ("aws:RequestedRegion", "eu-central-1");
    let is_in = |action: &str, tags: &[(&str, &str)]| {
        let context: Vec<_> = tags.iter().copied().chain([region]).collect();
        is_in("touch-foreign-volumes", action, volume, &context)
    };
    let delete = "ec2:DeleteVolume";
    assert_eq!(is_in(delete, &[]), Truth::True);
    assert_eq!(
        is_in(delete, &[("aws:ResourceTag/Owner", "else")]),
        Truth::True
    );
    assert_eq!(
        is_in(delete, &[("aws:ResourceTag/Owner", "small")]),
        Truth::False
    );
    assert_eq!(
        is_in(delete, &[("ec2:ResourceTag/Owner", "small")]),
        Truth::False
    );
    assert_eq!(
        is_in(delete, &[("aws:ResourceTag/made-for", "small-1")]),
        Truth::False
    );
    assert_eq!(is_in("ec2:CreateVolume", &[]), Truth::False);
    assert_eq!(is_in("ec2:RunInstances", &[]), Truth::False);
    assert_eq!(
        is_in(delete, &[("aws:ResourceTag/kept", "yes")]),
        Truth::False
    );
}

#[test]
fn an_include_takes_over_the_rows_that_it_lists() {
    let text = SMALL.replace(
        "[[must-not]]\nid = \"touch-foreign-volumes\"",
        "[[include]]\nprofile = \"mengi/eks\"\nphases = []\nactor = \"stranger\"\n\
         must-not = [\"trust-other-issuers\"]\n\n[[must-not]]\nid = \"touch-foreign-volumes\"",
    );
    let profile = Profile::parse("own", &text).unwrap();
    assert_eq!(profile.requirements.len(), 1);
    let row = profile.must_nots.last().unwrap();
    assert_eq!(row.id, "trust-other-issuers");
    assert_eq!(row.actor, "stranger");
    assert_eq!(row.from.as_deref(), Some("mengi/eks"));
    assert!(profile.object("oidc-provider").is_some() && profile.object("vpc").is_none());
    let wrong = text.replace("\"trust-other-issuers\"", "\"trust-other-issuer\"");
    let errors = Profile::parse("own", &wrong).unwrap_err();
    assert_eq!(
        errors[0].message,
        "unknown must-not of `mengi/eks` `trust-other-issuer`"
    );
    let twice = text.replace("id = \"widen-roles\"", "id = \"trust-other-issuers\"");
    let errors = Profile::parse("own", &twice).unwrap_err();
    let message = "the included must-not `trust-other-issuers` is here already";
    assert_eq!(errors[0].message, message);
}
