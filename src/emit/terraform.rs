//! Writes a bundle as a Terraform module of plain resources.
//!
//! It makes no access key: the secret of an `aws_iam_access_key` would lie in the state.

use super::hcl::{self, Block};
use super::input;
use super::name::{self, Taken};
use super::prose;
use super::stand_in::{self, StandIns};
use super::tree::{self, Entry, Node};
use super::{File, Symbol};
use crate::generate::{Bundle, Entity, EntityKind, Policy, PolicyUse, Sentence};
use crate::policy::{Kind, quotas};

/// Names that Terraform or this module keeps for itself.
const RESERVED: [&str; 9] = [
    "tags",
    "source",
    "version",
    "providers",
    "count",
    "for_each",
    "lifecycle",
    "depends_on",
    "locals",
];

/// Returns the files of the module.
pub(super) fn files(bundle: &Bundle, symbols: &[Symbol]) -> Vec<File> {
    let module = Module::new(bundle, symbols);
    let head = |what: &str| prose::head(bundle, symbols, &module.stand_ins, what);
    let tail = prose::tail(bundle, &module.stand_ins);
    let file = |path: &str, text: String| File {
        path: path.to_owned(),
        text,
    };
    vec![
        file(
            "main.tf",
            hcl::file(
                &head("the policies, users and roles, as a Terraform module"),
                &module.main(),
                &tail,
            ),
        ),
        file(
            "variables.tf",
            hcl::file(&head("what the module is told"), &module.variables(), &[]),
        ),
        file(
            "outputs.tf",
            hcl::file(
                &head("what the vendor is told, and what other modules use"),
                &module.outputs(),
                &[],
            ),
        ),
        file(
            "versions.tf",
            hcl::file(&head("what the module runs with"), &versions(), &[]),
        ),
    ]
}

struct Module<'a> {
    bundle: &'a Bundle,
    symbols: &'a [Symbol],
    /// Those of them that become inputs.
    inputs: Vec<Symbol>,
    stand_ins: StandIns<'a>,
    partition: String,
    /// One for each policy.
    policy_labels: Vec<String>,
    /// One for each entity.
    entity_labels: Vec<String>,
}

impl<'a> Module<'a> {
    fn new(bundle: &'a Bundle, symbols: &'a [Symbol]) -> Self {
        let partition = stand_in::partition(bundle);
        let stand_ins =
            StandIns::new(symbols, reference).with_partition(&partition, "local.partition");
        let label = |taken: &mut Taken, name: &str, otherwise: &str| {
            let mut own = name::own_part(name, &stand_ins);
            if own.is_empty() {
                otherwise.clone_into(&mut own);
            }
            taken.take(name::snake(&own), "_")
        };
        let mut taken = Taken::default();
        let policies = bundle.policies.iter();
        let policy_labels = policies
            .map(|it| label(&mut taken, &it.name, "policy"))
            .collect();
        let mut taken = Taken::default();
        let entities = bundle.entities.iter();
        let entity_labels = entities
            .map(|it| label(&mut taken, &it.name, &it.actor))
            .collect();
        Self {
            bundle,
            symbols,
            inputs: inputs(bundle, symbols),
            stand_ins,
            partition,
            policy_labels,
            entity_labels,
        }
    }

    fn main(&self) -> Vec<Block> {
        let mut blocks = self.surroundings();
        for (policy, label) in self.bundle.policies.iter().zip(&self.policy_labels) {
            blocks.extend(self.policy(policy, label));
        }
        for (entity, label) in self.bundle.entities.iter().zip(&self.entity_labels) {
            blocks.extend(self.entity(entity, label));
        }
        blocks
    }

    /// Returns what the resources use: the account and partition they are made in, and the tags.
    fn surroundings(&self) -> Vec<Block> {
        let mut identity = Block::new("data", &["aws_caller_identity", "current"]);
        // Without a stand-in the documents name one account, and would be of no use in another.
        let has_account = self.symbols.iter().any(|it| it.input == "account");
        if let ([account], false) = (&*stand_in::accounts(self.bundle), has_account) {
            identity = identity.with_block(lifecycle(holds(
                "postcondition",
                format!("self.account_id == {}", hcl_text(account)),
                &format!("These policies name the account {account}: make them for yours."),
            )));
        }
        let partition =
            Block::new("data", &["aws_partition", "current"]).with_block(lifecycle(holds(
                "postcondition",
                format!("self.partition == {}", hcl_text(&self.partition)),
                &format!(
                    "These policies are proven for the partition {}: make them for yours.",
                    self.partition
                ),
            )));
        let account = vec![
            Entry::new(
                "account_id",
                Node::Expression("data.aws_caller_identity.current.account_id".to_owned()),
            ),
            Entry::new(
                "partition",
                Node::Expression("data.aws_partition.current.partition".to_owned()),
            ),
        ];
        let mut locals = Block::new("locals", &[]).with(account);
        if self
            .bundle
            .entities
            .iter()
            .any(|it| self.carries_all(&it.tags))
        {
            let tags = self.tags(&self.bundle.tags);
            let tags = Entry::new("vendor_tags", Node::Map(tags)).with_comment(prose::lines(
                "the tags by which the vendor's access knows what is its own; var.tags cannot change them",
            ));
            locals = locals.with(vec![tags]);
        }
        vec![identity, partition, locals]
    }

    fn policy(&self, policy: &Policy, label: &str) -> Vec<Block> {
        let local = format!("policy_{label}");
        let (size, subject) = limit(Kind::Identity);
        let resource = Block::new("resource", &["aws_iam_policy", label]).with(vec![
            self.attribute("name", &policy.name),
            self.attribute("path", &policy.path),
            self.attribute("description", &prose::description(&policy.description)),
            Entry::new("policy", Node::Expression(format!("local.{local}"))),
            Entry::new("tags", self.merged_tags(&policy.tags)),
        ]);
        vec![
            self.document(
                &local,
                &policy.statements,
                prose::of_policy(policy, &self.stand_ins),
            ),
            resource.with_block(lifecycle(fits(&local, size, subject))),
        ]
    }

    fn document(&self, local: &str, statements: &[Sentence], comment: Vec<String>) -> Block {
        let document = tree::document(statements, &self.stand_ins);
        let call = Node::Call("jsonencode", Box::new(document));
        Block::new("locals", &[])
            .with_comment(comment)
            .with(vec![Entry::new(local, call)])
    }

    fn entity(&self, entity: &Entity, label: &str) -> Vec<Block> {
        let kind = prose::kind(entity);
        let tags = self.merged_tags(&entity.tags);
        let boundary = entity.boundary.iter().map(|arn| {
            Entry::new(
                "permissions_boundary",
                Node::Expression(self.policy_arn(arn)),
            )
        });
        let name = self.attribute("name", &entity.name);
        let path = self.attribute("path", &entity.path);
        let told = self.stand_ins.told(&entity.description);
        let comment = prose::lines(&format!(
            "{kind} {}: {told}",
            self.stand_ins.told(&entity.name)
        ));
        let mut blocks = Vec::new();
        match entity.kind {
            EntityKind::User => {
                let mut comment = comment;
                comment.extend(prose::lines(
                    "There is no aws_iam_access_key on purpose: its secret would lie in the state. \
                     Make the key by hand, into a file that only you can read:",
                ));
                comment.push(format!(
                    "  (umask 077; aws iam create-access-key --user-name {} > access-key.json)",
                    prose::lines(&self.stand_ins.told(&entity.name)).join(" ")
                ));
                let mut attributes = vec![name, path];
                attributes.extend(boundary);
                attributes.push(Entry::new("tags", tags));
                let force = Entry::new("force_destroy", Node::Expression("true".to_owned()))
                    .with_comment(prose::lines(
                        "so that `terraform destroy` takes the access back, with keys made by hand",
                    ));
                blocks.push(
                    Block::new("resource", &["aws_iam_user", label])
                        .with_comment(comment)
                        .with(attributes)
                        .with(vec![force]),
                );
            }
            EntityKind::Role => {
                let local = format!("trust_{label}");
                let (size, subject) = limit(Kind::Trust);
                let who = format!(
                    "who may take the role {}",
                    self.stand_ins.told(&entity.name)
                );
                blocks.push(self.document(&local, &entity.trust, prose::lines(&who)));
                let mut attributes = vec![
                    name,
                    path,
                    self.attribute("description", &prose::description(&entity.description)),
                    Entry::new(
                        "assume_role_policy",
                        Node::Expression(format!("local.{local}")),
                    ),
                ];
                attributes.extend(boundary);
                attributes.push(Entry::new("tags", tags));
                blocks.push(
                    Block::new("resource", &["aws_iam_role", label])
                        .with_comment(comment)
                        .with(attributes)
                        .with_block(lifecycle(fits(&local, size, subject))),
                );
            }
        }
        let mut taken = Taken::default();
        for arn in &entity.attached {
            let what = match self.label_of(arn) {
                Some(policy) => policy.to_owned(),
                None => name::snake(arn.rsplit('/').next().unwrap_or(arn)),
            };
            let attachment = taken.take(format!("{label}_{what}"), "_");
            let resource = format!("aws_iam_{kind}_policy_attachment");
            blocks.push(Block::new("resource", &[&resource, &attachment]).with(vec![
                Entry::new(
                    kind,
                    Node::Expression(format!("aws_iam_{kind}.{label}.name")),
                ),
                Entry::new("policy_arn", Node::Expression(self.policy_arn(arn))),
            ]));
        }
        blocks
    }

    fn variables(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for symbol in &self.inputs {
            let variable = variable(&symbol.input);
            let takes = input::takes(symbol);
            let description = self.description(&symbol.input);
            let mut attributes = vec![
                Entry::new("description", Node::text(&description)),
                Entry::new("type", Node::Expression("string".to_owned())),
                Entry::new("nullable", Node::Expression("false".to_owned())),
            ];
            if let Some(default) = symbol.default.as_ref().filter(|it| !it.is_empty()) {
                attributes.push(Entry::new("default", Node::text(default)));
            }
            let condition = format!(
                "length(var.{variable}) >= {} && length(var.{variable}) <= {} && can(regex({}, var.{variable}))",
                takes.least,
                takes.most,
                hcl_text(&takes.pattern)
            );
            let message = format!("{variable} must be {}.", takes.told);
            blocks.push(
                Block::new("variable", &[&variable])
                    .with(attributes)
                    .with_block(holds("validation", condition, &message)),
            );
        }
        blocks.push(self.tags_variable());
        blocks
    }

    /// Returns whether tags hold all of the vendor's, of which there are some.
    fn carries_all(&self, own: &[(String, String)]) -> bool {
        let tags = &self.bundle.tags;
        !tags.is_empty() && tags.iter().all(|it| own.contains(it))
    }

    /// Returns the expression for the tags of something: its own win over the customer's.
    fn merged_tags(&self, own: &[(String, String)]) -> Node {
        let mut parts = vec!["var.tags".to_owned()];
        let mut own = own.to_vec();
        if self.carries_all(&own) {
            parts.push("local.vendor_tags".to_owned());
            own.retain(|it| !self.bundle.tags.contains(it));
        }
        if !own.is_empty() {
            parts.push(hcl::object(&self.tags(&own)));
        }
        match &*parts {
            [only] => Node::Expression(only.clone()),
            several => Node::Expression(format!("merge({})", several.join(", "))),
        }
    }

    /// Returns the input for the customer's own tags, which cannot be the vendor's.
    fn tags_variable(&self) -> Block {
        let of_entities = self.bundle.entities.iter().flat_map(|it| &it.tags);
        let mut keys: Vec<String> = Vec::new();
        for (key, _) in self.bundle.tags.iter().chain(of_entities) {
            // Stand-ins are told apart from keys by nothing here, so such a key cannot be refused by
            // its text; `merge` still keeps the vendor's value.
            let is_plain = self.stand_ins.told(key) == *key;
            let key = key.to_lowercase();
            if is_plain && !keys.contains(&key) {
                keys.push(key);
            }
        }
        let block = Block::new("variable", &["tags"]).with(vec![
            Entry::new(
                "description",
                Node::text("tags of your own for everything that is made here"),
            ),
            Entry::new("type", Node::Expression("map(string)".to_owned())),
            Entry::new("nullable", Node::Expression("false".to_owned())),
            Entry::new("default", Node::Map(Vec::new())),
        ]);
        if keys.is_empty() {
            return block;
        }
        let list: Vec<String> = keys.iter().map(|it| hcl_text(it)).collect();
        let condition = format!(
            "alltrue([for key in keys(var.tags) : !contains([{}], lower(key))])",
            list.join(", ")
        );
        let message = format!(
            "tags must not have the keys {}, in upper or lower case: the vendor's access depends on its own values.",
            keys.join(", ")
        );
        block.with_block(holds("validation", condition, &message))
    }

    fn outputs(&self) -> Vec<Block> {
        let output = |name: &str, description: &str, value: Node| {
            Block::new("output", &[name]).with(vec![
                Entry::new("description", Node::text(description)),
                Entry::new("value", value),
            ])
        };
        let mut blocks = vec![output(
            "account_id",
            "the account in which all of this is: the vendor asks for it",
            Node::Expression("local.account_id".to_owned()),
        )];
        let entities = |kind, attribute: &str| {
            let all = self.bundle.entities.iter().zip(&self.entity_labels);
            let entries = all.filter(|(it, _)| it.kind == kind).map(|(it, label)| {
                let of = format!("aws_iam_{}.{label}.{attribute}", prose::kind(it));
                Entry::new(label, Node::Expression(of))
            });
            entries.collect::<Vec<_>>()
        };
        let policies = |is_boundary| {
            let all = self.bundle.policies.iter().zip(&self.policy_labels);
            let entries = all
                .filter(|(it, _)| (it.used_as != PolicyUse::Identity) == is_boundary)
                .map(|(_, label)| {
                    Entry::new(
                        label,
                        Node::Expression(format!("aws_iam_policy.{label}.arn")),
                    )
                });
            entries.collect::<Vec<_>>()
        };
        let maps = [
            (
                "role_arns",
                "the ARNs of the roles that the vendor takes",
                entities(EntityKind::Role, "arn"),
            ),
            (
                "user_names",
                "the names of the users whose access keys the vendor holds",
                entities(EntityKind::User, "name"),
            ),
            (
                "user_arns",
                "the ARNs of the users whose access keys the vendor holds",
                entities(EntityKind::User, "arn"),
            ),
            (
                "boundary_arns",
                "the ARNs of the permissions boundaries",
                policies(true),
            ),
            (
                "policy_arns",
                "the ARNs of the policies that allow",
                policies(false),
            ),
        ];
        for (name, description, entries) in maps {
            if !entries.is_empty() {
                blocks.push(output(name, description, Node::Map(entries)));
            }
        }
        blocks
    }

    fn attribute(&self, key: &str, text: &str) -> Entry {
        Entry::new(key, Node::Text(self.stand_ins.split(text)))
    }

    fn tags(&self, tags: &[(String, String)]) -> Vec<Entry> {
        let tags = tags.iter().map(|(key, value)| Entry {
            comment: Vec::new(),
            key: self.stand_ins.split(key),
            node: Node::Text(self.stand_ins.split(value)),
        });
        tags.collect()
    }

    fn label_of(&self, arn: &str) -> Option<&str> {
        let at = self.bundle.policies.iter().position(|it| it.arn == arn)?;
        self.policy_labels.get(at).map(|it| &**it)
    }

    /// Returns the expression for the ARN of a policy; one of the module's own is made first.
    fn policy_arn(&self, arn: &str) -> String {
        match self.label_of(arn) {
            Some(label) => format!("aws_iam_policy.{label}.arn"),
            None => hcl::text(&self.stand_ins.split(arn)),
        }
    }

    fn description(&self, input: &str) -> String {
        let found = self.bundle.inputs.iter().find(|it| it.name == input);
        found.map_or_else(String::new, |it| self.stand_ins.told(&it.description))
    }
}

/// Returns what the module is told; of which account it is, Terraform asks the account itself.
fn inputs(bundle: &Bundle, symbols: &[Symbol]) -> Vec<Symbol> {
    let mut inputs = stand_in::used(bundle, symbols);
    inputs.retain(|it| !matches!(&*it.input, "account" | "partition"));
    inputs
}

fn reference(input: &str) -> String {
    match input {
        "account" => "local.account_id".to_owned(),
        "partition" => "local.partition".to_owned(),
        other => format!("var.{}", variable(other)),
    }
}

fn variable(input: &str) -> String {
    let name = name::snake(input);
    if RESERVED.contains(&&*name) {
        format!("vendor_{name}")
    } else {
        name
    }
}

fn hcl_text(text: &str) -> String {
    hcl::text(&[stand_in::Piece::Text(text.to_owned())])
}

fn holds(kind: &str, condition: String, message: &str) -> Block {
    Block::new(kind, &[]).with(vec![
        Entry::new("condition", Node::Expression(condition)),
        Entry::new("error_message", Node::text(message)),
    ])
}

/// Returns the condition that a document fits its limit with the inputs filled in.
fn fits(local: &str, limit: usize, subject: &str) -> Block {
    holds(
        "precondition",
        format!("length(replace(local.{local}, \"/\\\\s/\", \"\")) <= {limit}"),
        &format!(
            "AWS takes at most {} characters for {subject}, white space left out: use shorter inputs.",
            quotas::grouped(limit)
        ),
    )
}

fn lifecycle(condition: Block) -> Block {
    Block::new("lifecycle", &[]).with_block(condition)
}

fn limit(kind: Kind) -> (usize, &'static str) {
    quotas::quota(kind, None).map_or((usize::MAX, "a policy"), |it| (it.limit, it.subject))
}

fn versions() -> Vec<Block> {
    let aws = Entry::new(
        "aws",
        Node::Map(vec![
            Entry::new("source", Node::text("hashicorp/aws")),
            Entry::new("version", Node::text(">= 5.0, < 7.0")),
        ]),
    );
    // Preconditions came with 1.2.
    let terraform = Block::new("terraform", &[])
        .with(vec![Entry::new("required_version", Node::text(">= 1.2"))])
        .with_block(Block::new("required_providers", &[]).with(vec![aws]));
    vec![terraform]
}
