//! Writes a bundle as a CloudFormation template in YAML.
//!
//! YAML and not JSON, because a reviewer wants the reason beside each statement and CloudFormation
//! keeps comments of a YAML template. It makes no access key: an `AWS::IAM::AccessKey` hands its
//! secret to whoever may read the stack.

use super::input;
use super::name::{self, Taken};
use super::prose;
use super::stand_in::{self, Piece, StandIns};
use super::tree::{self, Entry, Node};
use super::yaml;
use super::{EmitError, File, Problem, Symbol};
use crate::generate::{Bundle, Entity, EntityKind, Policy, PolicyUse};
use crate::policy::quotas;

/// How long a template may be that is passed in the request itself, in bytes.
///
/// AWS CloudFormation User Guide, "Understand CloudFormation quotas".
const INLINE_LIMIT: usize = 51_200;

/// How long a template may be that lies in S3, in bytes; same page.
const LIMIT: usize = 1_048_576;

/// The longest description of a template, in bytes; same page.
const DESCRIPTION_LIMIT: usize = 1_024;

/// Returns the file of the template.
pub(super) fn files(bundle: &Bundle, symbols: &[Symbol]) -> Result<Vec<File>, EmitError> {
    let template = Template::new(bundle, symbols);
    let mut text = template.text(false);
    if text.len() > INLINE_LIMIT {
        text = template.text(true);
    }
    if text.len() > LIMIT {
        let problem = Problem::TemplateTooLarge {
            size: text.len(),
            limit: LIMIT,
        };
        return Err(problem.into());
    }
    Ok(vec![File {
        path: "template.yaml".to_owned(),
        text,
    }])
}

struct Template<'a> {
    bundle: &'a Bundle,
    symbols: &'a [Symbol],
    /// Those of them that become inputs.
    inputs: Vec<Symbol>,
    stand_ins: StandIns<'a>,
    partition: String,
    policy_ids: Vec<String>,
    entity_ids: Vec<String>,
}

impl<'a> Template<'a> {
    fn new(bundle: &'a Bundle, symbols: &'a [Symbol]) -> Self {
        let partition = stand_in::partition(bundle);
        let stand_ins = StandIns::new(symbols, reference).with_partition(&partition, PARTITION);
        // Parameters and resources share their names.
        let mut taken = Taken::default();
        for symbol in symbols {
            taken.take(reference(&symbol.input), "");
        }
        let mut id = |name: &str, otherwise: &str, suffix: &str| {
            let mut own = name::own_part(name, &stand_ins);
            if own.is_empty() {
                otherwise.clone_into(&mut own);
            }
            let mut id = name::pascal(&own);
            if !id.ends_with(suffix) {
                id.push_str(suffix);
            }
            taken.take(id, "")
        };
        let policies = bundle.policies.iter();
        let policy_ids = policies
            .map(|it| id(&it.name, "", policy_suffix(it)))
            .collect();
        let entities = bundle.entities.iter();
        let entity_ids = entities
            .map(|it| match it.kind {
                EntityKind::User => id(&it.name, &it.actor, "User"),
                EntityKind::Role => id(&it.name, &it.actor, "Role"),
            })
            .collect();
        Self {
            bundle,
            symbols,
            inputs: inputs(bundle, symbols),
            stand_ins,
            partition,
            policy_ids,
            entity_ids,
        }
    }

    fn text(&self, is_long: bool) -> String {
        let mut head = prose::head(
            self.bundle,
            self.symbols,
            &self.stand_ins,
            "the policies, users and roles, as a CloudFormation template",
        );
        head.push(String::new());
        head.extend(prose::lines(
            "create the stack with --capabilities CAPABILITY_NAMED_IAM, because everything has a name",
        ));
        if is_long {
            head.extend(prose::lines(&format!(
                "it is longer than {} bytes, so it must be uploaded to S3 first, as \
                 `aws cloudformation deploy --s3-bucket` does",
                quotas::grouped(INLINE_LIMIT)
            )));
        }
        let keys: Vec<String> = self
            .bundle
            .tags
            .iter()
            .map(|(key, _)| self.stand_ins.told(key))
            .collect();
        if !keys.is_empty() {
            // A template cannot look at them.
            head.extend(prose::lines(&format!(
                "give the stack no tags with the keys {}, in upper or lower case: they would reach \
                 users and roles, and mark as the vendor's own what is not",
                keys.join(", ")
            )));
        }
        if self.bundle.policies.iter().any(|it| !it.tags.is_empty()) {
            // CloudFormation Template Reference, "AWS::IAM::ManagedPolicy": it has no `Tags`.
            head.extend(prose::lines(
                "users and roles carry the tag that says which bootstrap made them; policies cannot \
                 carry it here, because CloudFormation gives managed policies no tags",
            ));
        }
        let mut entries = vec![
            Entry::new("AWSTemplateFormatVersion", Node::text("2010-09-09")),
            Entry::new("Description", Node::text(&self.description())),
        ];
        let parameters = self.parameters();
        if !parameters.is_empty() {
            entries.push(Entry::new("Parameters", Node::Map(parameters)));
        }
        entries.push(Entry::new("Rules", Node::Map(self.rules())));
        entries.push(Entry::new("Resources", Node::Map(self.resources())));
        entries.push(Entry::new("Outputs", Node::Map(self.outputs())));
        yaml::document(&head, &entries, &prose::tail(self.bundle, &self.stand_ins))
    }

    fn description(&self) -> String {
        let title = self.stand_ins.told(&self.bundle.title);
        let whole = format!(
            "{title} ({}), made by rolecall generate; needs CAPABILITY_NAMED_IAM",
            self.bundle.profile
        );
        let mut text = prose::description(&whole);
        while text.len() > DESCRIPTION_LIMIT {
            text.pop();
        }
        text
    }

    fn parameters(&self) -> Vec<Entry> {
        let entries = self.inputs.iter().map(|symbol| {
            let takes = input::takes(symbol);
            let described = self.bundle.inputs.iter().find(|it| it.name == symbol.input);
            let description =
                described.map_or_else(String::new, |it| self.stand_ins.told(&it.description));
            let mut entries = vec![Entry::new("Type", Node::text("String"))];
            if !description.is_empty() {
                entries.push(Entry::new("Description", Node::text(&description)));
            }
            if let Some(default) = symbol.default.as_ref().filter(|it| !it.is_empty()) {
                entries.push(Entry::new("Default", Node::text(default)));
            }
            entries.extend([
                Entry::new("MinLength", Node::Plain(takes.least.into())),
                Entry::new("MaxLength", Node::Plain(takes.most.into())),
                Entry::new("AllowedPattern", Node::text(&takes.pattern)),
                Entry::new(
                    "ConstraintDescription",
                    Node::text(&format!("must be {}", takes.told)),
                ),
            ]);
            Entry::new(&reference(&symbol.input), Node::Map(entries))
        });
        entries.collect()
    }

    /// Returns what must hold of the account before anything is made.
    fn rules(&self) -> Vec<Entry> {
        let rule = |name: &str, of: &str, value: &str, description: String| {
            let equals = Node::List(vec![
                Entry::item(Node::Text(vec![Piece::Reference(of.to_owned())])),
                Entry::item(Node::text(value)),
            ]);
            let assertion = Node::Map(vec![
                Entry::new("Assert", Node::Call("!Equals", Box::new(equals))),
                Entry::new("AssertDescription", Node::text(&description)),
            ]);
            let assertions = Node::List(vec![Entry::item(assertion)]);
            Entry::new(name, Node::Map(vec![Entry::new("Assertions", assertions)]))
        };
        let mut rules = vec![rule(
            "ProvenPartition",
            PARTITION,
            &self.partition,
            format!(
                "these policies are proven for the partition {}: make them for yours",
                self.partition
            ),
        )];
        let has_account = self.symbols.iter().any(|it| it.input == "account");
        if let ([account], false) = (&*stand_in::accounts(self.bundle), has_account) {
            rules.push(rule(
                "NamedAccount",
                ACCOUNT,
                account,
                format!("these policies name the account {account}: make them for yours"),
            ));
        }
        rules
    }

    fn resources(&self) -> Vec<Entry> {
        let policies = self.bundle.policies.iter().zip(&self.policy_ids);
        let mut resources: Vec<Entry> = policies.map(|(it, id)| self.policy(it, id)).collect();
        let entities = self.bundle.entities.iter().zip(&self.entity_ids);
        resources.extend(entities.map(|(it, id)| self.entity(it, id)));
        resources
    }

    fn policy(&self, policy: &Policy, id: &str) -> Entry {
        let (comment, document) = self.document(&policy.statements);
        let properties = vec![
            self.property("ManagedPolicyName", &policy.name),
            self.property("Path", &policy.path),
            self.property("Description", &prose::description(&policy.description)),
            Entry::new("PolicyDocument", document).with_comment(comment),
        ];
        let comment = prose::of_policy(policy, &self.stand_ins);
        resource(id, "AWS::IAM::ManagedPolicy", properties).with_comment(comment)
    }

    fn entity(&self, entity: &Entity, id: &str) -> Entry {
        let is_user = entity.kind == EntityKind::User;
        let name = if is_user { "UserName" } else { "RoleName" };
        let mut properties = vec![
            self.property(name, &entity.name),
            self.property("Path", &entity.path),
        ];
        if !is_user {
            let (comment, trust) = self.document(&entity.trust);
            properties.push(self.property("Description", &prose::description(&entity.description)));
            properties.push(Entry::new("AssumeRolePolicyDocument", trust).with_comment(comment));
        }
        if let Some(arn) = &entity.boundary {
            properties.push(Entry::new("PermissionsBoundary", self.policy_arn(arn)));
        }
        if !entity.attached.is_empty() {
            let arns = entity.attached.iter();
            let arns = arns.map(|it| Entry::item(self.policy_arn(it)));
            properties.push(Entry::new("ManagedPolicyArns", Node::List(arns.collect())));
        }
        if !entity.tags.is_empty() {
            let tags = entity.tags.iter().map(|(key, value)| {
                Entry::item(Node::Map(vec![
                    self.property("Key", key),
                    self.property("Value", value),
                ]))
            });
            properties.push(Entry::new("Tags", Node::List(tags.collect())));
        }
        let told = format!(
            "{} {}: {}",
            prose::kind(entity),
            self.stand_ins.told(&entity.name),
            self.stand_ins.told(&entity.description)
        );
        let mut comment = prose::lines(&told);
        if is_user {
            comment.extend(prose::lines(
                "There is no AWS::IAM::AccessKey on purpose: its secret would be an attribute of the \
                 stack. Make the key by hand, into a file that only you can read:",
            ));
            comment.push(format!(
                "  (umask 077; aws iam create-access-key --user-name {} > access-key.json)",
                prose::lines(&self.stand_ins.told(&entity.name)).join(" ")
            ));
        }
        let kind = if is_user {
            "AWS::IAM::User"
        } else {
            "AWS::IAM::Role"
        };
        resource(id, kind, properties).with_comment(comment)
    }

    /// Returns a document, and the comment before it. CloudFormation has no references in keys, so
    /// a document that needs them is the text of JSON, with its reasons before it.
    fn document(&self, statements: &[crate::generate::Sentence]) -> (Vec<String>, Node) {
        let document = tree::document(statements, &self.stand_ins);
        if !tree::has_references_in_keys(&document) {
            return (Vec::new(), document);
        }
        let mut comment =
            prose::lines("as text, since inputs stand in keys of its conditions; its statements:");
        for sentence in statements {
            comment.extend(prose::of_statement(sentence, &self.stand_ins));
        }
        (comment, Node::Lines(tree::json(&document)))
    }

    fn outputs(&self) -> Vec<Entry> {
        let output = |id: String, description: &str, value: Node| {
            Entry::new(
                &id,
                Node::Map(vec![
                    Entry::new("Description", Node::text(description)),
                    Entry::new("Value", value),
                ]),
            )
        };
        let reference = |it: &str| Node::Text(vec![Piece::Reference(it.to_owned())]);
        let mut outputs = vec![output(
            "AccountId".to_owned(),
            "the account in which all of this is: the vendor asks for it",
            reference(ACCOUNT),
        )];
        for (entity, id) in self.bundle.entities.iter().zip(&self.entity_ids) {
            let arn = Node::Expression(format!("!GetAtt {id}.Arn"));
            if entity.kind == EntityKind::User {
                outputs.push(output(
                    format!("{id}Name"),
                    "the name of the user whose access key the vendor holds",
                    reference(id),
                ));
                outputs.push(output(format!("{id}Arn"), "the ARN of this user", arn));
            } else {
                outputs.push(output(
                    format!("{id}Arn"),
                    "the ARN of a role that the vendor takes",
                    arn,
                ));
            }
        }
        for (policy, id) in self.bundle.policies.iter().zip(&self.policy_ids) {
            let description = match policy.used_as {
                PolicyUse::Identity => "the ARN of a policy that allows",
                PolicyUse::Boundary | PolicyUse::WorkloadBoundary => {
                    "the ARN of a permissions boundary"
                }
            };
            outputs.push(output(format!("{id}Arn"), description, reference(id)));
        }
        outputs
    }

    fn property(&self, key: &str, text: &str) -> Entry {
        Entry::new(key, Node::Text(self.stand_ins.split(text)))
    }

    /// Returns the ARN of a policy; one of the template's own is made first.
    fn policy_arn(&self, arn: &str) -> Node {
        let own = self.bundle.policies.iter().position(|it| it.arn == arn);
        match own.and_then(|at| self.policy_ids.get(at)) {
            Some(id) => Node::Text(vec![Piece::Reference(id.clone())]),
            None => Node::Text(self.stand_ins.split(arn)),
        }
    }
}

const ACCOUNT: &str = "AWS::AccountId";
const PARTITION: &str = "AWS::Partition";

fn resource(id: &str, kind: &str, properties: Vec<Entry>) -> Entry {
    Entry::new(
        id,
        Node::Map(vec![
            Entry::new("Type", Node::text(kind)),
            Entry::new("Properties", Node::Map(properties)),
        ]),
    )
}

fn policy_suffix(policy: &Policy) -> &'static str {
    match policy.used_as {
        PolicyUse::Identity => "Policy",
        PolicyUse::Boundary | PolicyUse::WorkloadBoundary => "Boundary",
    }
}

/// Returns what the template is told; of which account it is, CloudFormation knows itself.
fn inputs(bundle: &Bundle, symbols: &[Symbol]) -> Vec<Symbol> {
    let mut inputs = stand_in::used(bundle, symbols);
    inputs.retain(|it| !matches!(&*it.input, "account" | "partition"));
    inputs
}

fn reference(input: &str) -> String {
    match input {
        "account" => ACCOUNT.to_owned(),
        "partition" => PARTITION.to_owned(),
        other => name::pascal(other),
    }
}
