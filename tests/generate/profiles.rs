//! Random small profiles over the catalog, as text: actions of many services on their types of
//! resources, names with and without `*`, tags, context keys, features.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rolecall::catalog::{Action, Catalog, KeyType, Service};

use crate::random::Random;

/// Services with resources, tags and keys of many kinds.
const SERVICES: [&str; 18] = [
    "ec2",
    "s3",
    "eks",
    "iam",
    "sqs",
    "sns",
    "dynamodb",
    "lambda",
    "kms",
    "logs",
    "elasticloadbalancing",
    "secretsmanager",
    "ecr",
    "autoscaling",
    "ssm",
    "route53",
    "acm",
    "events",
];

/// Names of things.
const NAMES: [&str; 4] = ["*", "name", "start-*", "other-name"];

const HEAD: &str = r#"schema = 1
title = "Random"
summary = "A random profile"
default-actor = "vendor"

[source]
document = "none"
publisher = "Example"

[evidence]
none = "made up"

[variables.account]
type = "account-id"
default = "111122223333"
description = "the account"

[variables.partition]
type = "partition"
default = "aws"
description = "the partition"

[variables.dns-suffix]
type = "text"
default = "amazonaws.com"
description = "the domain of service endpoints"

[variables.own-boundary]
type = "arn"
default = ""
description = "the boundary"

[generate]
name = "random"
path = "/apart/"
boundary = { variable = "own-boundary", policy = "random-boundary" }

[actors.vendor]
kind = "user"
principal = "arn:{partition}:iam::{account}:user/vendor"
title = "the vendor"
made-by = "customer"
object = "vendor-user"

[objects.vendor-user]
type = "iam:user"
arn = "arn:{partition}:iam::{account}:user/vendor"
owner = "foreign"
boundary = "{own-boundary}"

[[phases]]
name = "run"
title = "Run"

[features.more]
title = "More"
default = true
description = "more"
"#;

/// Writes a profile.
pub(crate) fn random_profile(random: &mut Random) -> String {
    let mut text = HEAD.to_owned();
    let regions = *random.pick(&[r#"["eu-central-1"]"#, r#"["eu-central-1", "us-east-1"]"#]);
    let _ = write!(
        text,
        "\n[variables.region]\ntype = \"region-list\"\ndefault = {regions}\ndescription = \"regions\"\n"
    );
    if random.chance(70) {
        text.push_str("\n[tags]\nVendor = \"random\"\n");
    }
    let services = [*random.pick(&SERVICES), *random.pick(&SERVICES)];
    let count = 1 + random.below(5);
    let mut objects = BTreeSet::new();
    let (mut declared, mut rows) = (String::new(), String::new());
    for at in 0..count {
        let service = Catalog::builtin()
            .service(services[random.below(2)])
            .unwrap();
        let action = random.pick(service.actions());
        rows.push_str(&requirement(
            at,
            service,
            action,
            random,
            &mut objects,
            &mut declared,
        ));
    }
    text.push_str(&declared);
    text.push_str(&rows);
    text
}

fn requirement(
    at: usize,
    service: &Service,
    action: &Action,
    random: &mut Random,
    objects: &mut BTreeSet<String>,
    declared: &mut String,
) -> String {
    let mut named = Vec::new();
    let rows = &action.resource_types;
    for (place, row) in rows.iter().enumerate() {
        let is_only = place + 1 == rows.len() && named.is_empty();
        if !row.required && !is_only && !random.chance(20) {
            continue;
        }
        let Some(template) = service
            .resource_type(&row.name)
            .and_then(|it| it.arn_templates.first())
        else {
            continue;
        };
        let which = random.below(2);
        let object = format!("{}-{}-{which}", service.prefix(), row.name)
            .to_ascii_lowercase()
            .replace(|it: char| !it.is_ascii_alphanumeric(), "-");
        let is_foreign = random.chance(30);
        if objects.insert(object.clone()) {
            let owner = match is_foreign {
                true => "owner = \"foreign\"\n",
                false => "",
            };
            let arn = arn(template, random);
            let _ = write!(
                declared,
                "\n[objects.{object}]\ntype = \"{}:{}\"\narn = \"{arn}\"\n{owner}",
                service.prefix(),
                row.name
            );
            if !arn.contains("{account}") {
                declared.push_str("account = \"{account}\"\n");
            }
        }
        let creates = action.name.starts_with("Create") && random.chance(60);
        named.push(match creates {
            true => format!("\"new {object}\""),
            false => format!("\"{object}\""),
        });
    }
    let mut row = format!(
        "\n[[requirements]]\nid = \"r{at}\"\nphase = \"run\"\naction = \"{}:{}\"\nwhy = \"reason \
         {at}\"\nbreaks = \"nothing\"\nevidence = [\"none\"]\n",
        service.prefix(),
        action.name
    );
    if !named.is_empty() {
        let _ = writeln!(row, "resources = [{}]", named.join(", "));
    }
    if random.chance(30) {
        row.push_str("feature = \"more\"\n");
    }
    let keys: Vec<String> = action
        .condition_keys
        .iter()
        .map(ToString::to_string)
        .filter(|it| {
            let known = Catalog::builtin().condition_key(&it.to_ascii_lowercase());
            let is_text = known.is_some_and(|it| it.key_type == KeyType::String);
            is_text && !it.starts_with("aws:") && !it.contains("${")
        })
        .collect();
    if !keys.is_empty() && random.chance(50) {
        let value = *random.pick(&["\"one\"", "\"start-*\"", "{ each = [\"one\", \"two\"] }"]);
        let _ = writeln!(row, "context = {{ \"{}\" = {value} }}", random.pick(&keys));
    }
    row
}

/// Fills an ARN format: names with and without a wildcard.
fn arn(template: &str, random: &mut Random) -> String {
    let mut arn = String::new();
    let mut rest = template;
    while let Some((before, hole)) = rest.split_once("${") {
        arn.push_str(before);
        let (name, after) = hole.split_once('}').unwrap();
        match name {
            "Partition" => arn.push_str("{partition}"),
            "Region" => arn.push_str("{region}"),
            "Account" => arn.push_str("{account}"),
            _ => arn.push_str(NAMES[random.below(NAMES.len())]),
        }
        rest = after;
    }
    arn.push_str(rest);
    arn
}
