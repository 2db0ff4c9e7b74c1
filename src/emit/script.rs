//! Writes a bundle as a shell script of `aws` commands, with the values filled in.
//!
//! It makes what is not there and changes nothing that is: where one thing exists already it stops
//! before it makes any. To compare and to update is what Terraform and CloudFormation are for.

use serde_json::Value;

use super::name::{Taken, file};
use super::prose;
use super::stand_in::{self, StandIns};
use super::{EmitError, File, Problem};
use crate::generate::{Bundle, Entity, EntityKind, Policy, text};

/// Returns the file of the script.
pub(super) fn files(bundle: &Bundle) -> Result<Vec<File>, EmitError> {
    let accounts = stand_in::accounts(bundle);
    let [account] = &*accounts else {
        let problem = Problem::NotOneAccount { found: accounts };
        return Err(problem.into());
    };
    let script = Script::new(bundle, account);
    Ok(vec![File {
        path: "create.sh".to_owned(),
        text: script.text(),
    }])
}

struct Script<'a> {
    bundle: &'a Bundle,
    account: &'a str,
    partition: String,
    /// The file of each policy, in the folder of documents.
    policy_files: Vec<String>,
    /// The file of the role trust policy of each entity.
    trust_files: Vec<String>,
}

/// The functions that the commands use.
const FUNCTIONS: &str = r#"
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a command that reads something: notes what is there already, and stops if nobody can say.
find_existing() {
  what=$1
  shift
  if answer=$("$@" 2>&1); then
    existing="$existing
  $what"
  else
    case $answer in
    *NoSuchEntity*) ;;
    *) fail "cannot tell whether the $what exists: $answer" ;;
    esac
  fi
}

# Says what was made, and keeps the command that takes it back.
made() {
  printf '%s\n' "$1"
  undo="  $2
$undo"
}

finish() {
  status=$?
  rm -rf "$documents"
  if [ "$status" -ne 0 ] && [ -n "$undo" ]; then
    printf 'stopped half-way; to take back what was made:\n%s' "$undo" >&2
  fi
}
"#;

impl<'a> Script<'a> {
    fn new(bundle: &'a Bundle, account: &'a str) -> Self {
        let mut taken = Taken::default();
        let mut path = |name: &str| taken.take(file(name), "-") + ".json";
        let policy_files = bundle.policies.iter().map(|it| path(&it.name)).collect();
        let entities = bundle.entities.iter();
        let trust_files = entities
            .map(|it| path(&format!("{}.trust", it.name)))
            .collect();
        Self {
            bundle,
            account,
            partition: stand_in::partition(bundle),
            policy_files,
            trust_files,
        }
    }

    fn text(&self) -> String {
        let no_stand_ins = StandIns::default();
        let head = prose::head(
            self.bundle,
            &[],
            &no_stand_ins,
            "makes the policies, users and roles with the AWS CLI",
        );
        let mut out = "#!/bin/sh\n".to_owned();
        out.push_str(&prose::commented(&head, ""));
        out.push_str(&prose::commented(
            &[
                String::new(),
                "usage: sh create.sh, with credentials of an administrator of the account"
                    .to_owned(),
                "it stops before it makes anything if one of the things is there already"
                    .to_owned(),
            ],
            "",
        ));
        out.push_str(
            "# Texts in single quotes are meant as they stand.\n# shellcheck disable=SC2016\n\n",
        );
        out.push_str("set -eu\numask 077\nexport AWS_PAGER=''\n");
        out.push_str(FUNCTIONS);
        self.check_account(&mut out);
        self.write_documents(&mut out);
        self.check_absence(&mut out);
        for (policy, path) in self.bundle.policies.iter().zip(&self.policy_files) {
            self.create_policy(policy, path, &mut out);
        }
        for (entity, path) in self.bundle.entities.iter().zip(&self.trust_files) {
            self.create_entity(entity, path, &mut out);
        }
        self.create_keys(&mut out);
        self.hand_over(&mut out);
        let tail = prose::tail(self.bundle, &no_stand_ins);
        if !tail.is_empty() {
            out.push('\n');
            out.push_str(&prose::commented(&tail, ""));
        }
        out
    }

    fn check_account(&self, out: &mut String) {
        let (account, partition) = (self.account, &self.partition);
        out.push_str(&format!(
            r#"
# The documents name the account {account}: they are of no use in another.
command -v aws >/dev/null || fail 'the AWS CLI is not there: install the command aws'
caller=$(aws sts get-caller-identity --query Arn --output text) ||
  fail 'AWS does not take these credentials: sign in first'
case $caller in
arn:{partition}:*::{account}:*) ;;
*) fail "these policies are for the account {account} of the partition {partition}, and you are $caller: sign in there, or make them for yours" ;;
esac
"#
        ));
        for path in self.users().map(key_file) {
            let path = quoted(&path);
            let told = quoted(&format!(
                "an access key would overwrite the file {}: move it away",
                path.trim_matches('\'')
            ));
            out.push_str(&format!("[ ! -e {path} ] || fail {told}\n"));
        }
    }

    fn write_documents(&self, out: &mut String) {
        out.push_str(
            "\nundo=''\ndocuments=$(mktemp -d)\ntrap finish EXIT\n\
             trap 'exit 129' HUP\ntrap 'exit 130' INT\ntrap 'exit 143' TERM\n",
        );
        for (policy, path) in self.bundle.policies.iter().zip(&self.policy_files) {
            let comment = prose::of_policy(policy, &StandIns::default());
            write_document(comment, path, &policy.document(), &policy.statements, out);
        }
        for (entity, path) in self.bundle.entities.iter().zip(&self.trust_files) {
            if let Some(trust) = entity.trust_policy() {
                let comment = prose::lines(&format!("who may take the role {}", entity.name));
                write_document(comment, path, &trust, &entity.trust, out);
            }
        }
    }

    fn check_absence(&self, out: &mut String) {
        out.push_str("\nexisting=''\n");
        for policy in &self.bundle.policies {
            out.push_str(&format!(
                "find_existing {} aws iam get-policy --policy-arn {}\n",
                quoted(&format!("policy {}", policy.arn)),
                quoted(&policy.arn)
            ));
        }
        for entity in &self.bundle.entities {
            let kind = prose::kind(entity);
            out.push_str(&format!(
                "find_existing {} aws iam get-{kind} --{kind}-name {}\n",
                quoted(&format!("{kind} {}", entity.name)),
                quoted(&entity.name)
            ));
        }
        out.push_str(
            "[ -z \"$existing\" ] || fail \"these exist already, and nothing was made or changed: \
             remove or rename them first$existing\"\n",
        );
    }

    fn create_policy(&self, policy: &Policy, path: &str, out: &mut String) {
        let arn = quoted(&policy.arn);
        let mut command = vec![
            "aws iam create-policy".to_owned(),
            format!("--policy-name {}", quoted(&policy.name)),
            format!("--path {}", quoted(&policy.path)),
        ];
        let description = prose::description(&policy.description);
        if !description.is_empty() {
            command.push(format!("--description {}", quoted(&description)));
        }
        command.push(format!(
            "--policy-document \"file://$documents\"/{}",
            quoted(path)
        ));
        command.extend(tags(&policy.tags));
        out.push('\n');
        run(&command, out);
        made(
            &format!("made the policy {}", policy.arn),
            &format!("aws iam delete-policy --policy-arn {arn}"),
            out,
        );
        // IAM takes a moment until what was made can be attached.
        out.push_str(&format!("aws iam wait policy-exists --policy-arn {arn}\n"));
    }

    fn create_entity(&self, entity: &Entity, path: &str, out: &mut String) {
        let kind = prose::kind(entity);
        let name = quoted(&entity.name);
        let mut command = vec![
            format!("aws iam create-{kind}"),
            format!("--{kind}-name {name}"),
            format!("--path {}", quoted(&entity.path)),
        ];
        if entity.kind == EntityKind::Role {
            let description = prose::description(&entity.description);
            if !description.is_empty() {
                command.push(format!("--description {}", quoted(&description)));
            }
            command.push(format!(
                "--assume-role-policy-document \"file://$documents\"/{}",
                quoted(path)
            ));
        }
        if let Some(boundary) = &entity.boundary {
            command.push(format!("--permissions-boundary {}", quoted(boundary)));
        }
        command.extend(tags(&entity.tags));
        out.push('\n');
        run(&command, out);
        made(
            &format!("made the {kind} {}", entity.arn),
            &format!("aws iam delete-{kind} --{kind}-name {name}"),
            out,
        );
        out.push_str(&format!(
            "aws iam wait {kind}-exists --{kind}-name {name}\n"
        ));
        for arn in &entity.attached {
            let which = format!("--{kind}-name {name} --policy-arn {}", quoted(arn));
            run(&[format!("aws iam attach-{kind}-policy {which}")], out);
            made(
                &format!("attached {arn}"),
                &format!("aws iam detach-{kind}-policy {which}"),
                out,
            );
        }
    }

    /// Last of all: a key of a user without its policy would be of no use.
    fn create_keys(&self, out: &mut String) {
        for user in self.users() {
            let (name, path) = (quoted(&user.name), quoted(&key_file(user)));
            out.push_str(&format!(
                "\n# The secret goes into a new file that only you can read, and nowhere else.\n\
                 set -C\n: >{path}\nset +C\n\
                 if ! aws iam create-access-key --user-name {name} --output json >{path}; then\n  \
                 rm -f {path}\n  fail {}\nfi\n",
                quoted(&format!(
                    "no access key was made for the user {}",
                    user.name
                ))
            ));
        }
    }

    fn hand_over(&self, out: &mut String) {
        let mut lines = vec![
            String::new(),
            format!(
                "Hand over for {} ({}):",
                self.bundle.title, self.bundle.profile
            ),
            format!("  Account ID: {}", self.account),
        ];
        for role in self
            .bundle
            .entities
            .iter()
            .filter(|it| it.kind == EntityKind::Role)
        {
            lines.push(format!("  Role ARN ({}): {}", role.actor, role.arn));
        }
        let external = self.bundle.external_ids();
        if !external.is_empty() {
            lines.push(format!("  External ID: {}", external.join(", ")));
        }
        for user in self.users() {
            let path = key_file(user);
            lines.push(format!("  User: {}", user.name));
            lines.push(format!(
                "  Access Key ID and Secret Access Key: in {path}; enter them where the vendor asks, then remove the file"
            ));
        }
        if self.users().next().is_some() {
            let regions = self.bundle.inputs.iter().find(|it| it.name == "region");
            if let Some(first) = regions.and_then(|it| it.values.first()) {
                lines.push(format!("  Default Region: {first}"));
            }
        }
        let lines: Vec<String> = lines.iter().map(|it| quoted(it)).collect();
        out.push_str(&format!(
            "\nprintf '%s\\n' \\\n  {}\n",
            lines.join(" \\\n  ")
        ));
    }

    fn users(&self) -> impl Iterator<Item = &'a Entity> {
        let entities = self.bundle.entities.iter();
        entities.filter(|it| it.kind == EntityKind::User)
    }
}

fn write_document(
    mut lines: Vec<String>,
    path: &str,
    document: &Value,
    statements: &[crate::generate::Sentence],
    out: &mut String,
) {
    for sentence in statements {
        let sid = sentence.statement.get("Sid").and_then(Value::as_str);
        let why = format!("{}: {}", sid.unwrap_or("a statement"), sentence.why);
        lines.extend(prose::lines(&why).into_iter().map(|it| format!("  {it}")));
    }
    out.push('\n');
    out.push_str(&prose::commented(&lines, ""));
    // No line of JSON is the bare word that ends it, and quoted it expands nothing.
    out.push_str(&format!(
        "cat >\"$documents\"/{} <<'DOCUMENT'\n{}DOCUMENT\n",
        quoted(path),
        text(document)
    ));
}

/// Writes a command whose answer is of no interest.
fn run(parts: &[String], out: &mut String) {
    out.push_str(&parts.join(" \\\n  "));
    out.push_str(" >/dev/null\n");
}

fn made(what: &str, undo: &str, out: &mut String) {
    out.push_str(&format!("made {} {}\n", quoted(what), quoted(undo)));
}

fn tags(tags: &[(String, String)]) -> Option<String> {
    if tags.is_empty() {
        return None;
    }
    let list: Vec<Value> = tags
        .iter()
        .map(|(key, value)| serde_json::json!({"Key": key, "Value": value}))
        .collect();
    Some(format!("--tags {}", quoted(&Value::from(list).to_string())))
}

fn key_file(user: &Entity) -> String {
    format!("./{}.access-key.json", file(&user.name))
}

/// Returns text as one word of the shell: bare where that is all that it can be.
fn quoted(text: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "+,.@_:/-".contains(it);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn nothing_expands_within_quotes() {
        assert_eq!(quoted("arn:aws:iam::1:policy/a"), "arn:aws:iam::1:policy/a");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's $(x) `y`"), "'it'\\''s $(x) `y`'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("a=b"), "'a=b'");
    }
}
