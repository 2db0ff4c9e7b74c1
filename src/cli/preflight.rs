//! `rolecall preflight`: what the credential in hand may do, before anything is saved.

#[cfg(feature = "aws")]
mod examine;

#[cfg(feature = "aws")]
pub(super) use examine::{Examined, Wanted, examine, json, text};

use std::io::Write as _;

use clap::{Args, ValueEnum};

use super::check::{Format, print_text};
use super::live::LiveArgs;

/// Say whether the credential in hand lets the vendor do its job, and on what evidence.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is saved, and nothing in the account changes. Each call shows in the \
                  account's CloudTrail. The strongest evidence counts for each requirement: proven \
                  (the policies were read), simulated (AWS's policy simulator), probed (a request \
                  that cannot succeed), unknown.\n\
                  Exit codes: 0 ready; 1 a required call would be denied, or with `--require \
                  isolated` there is a way out; 2 wrong use, or the credential cannot be used; 3 \
                  something required cannot be decided."
)]
pub struct PreflightArgs {
    /// What the vendor needs: VENDOR/PROFILE (`rolecall profiles` lists them), or a profile.toml.
    #[arg(
        long = "for",
        value_name = "PROFILE",
        required_unless_present = "print_permissions"
    )]
    profile: Option<String>,
    #[command(flatten)]
    asked: AskedArgs,
    /// Take the access key from standard input: the JSON that `aws iam create-access-key` prints, the
    /// console's CSV file, or its id and secret on two lines. Nothing of it is kept.
    #[arg(long, conflicts_with = "aws_profile")]
    credential_stdin: bool,
    /// Assume this role first, and judge its access. It must open to the right external ID only.
    #[arg(long, value_name = "ARN", requires = "external_id")]
    role: Option<String>,
    /// The external ID that the vendor sends.
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
    /// Print what the preflight itself needs, in tiers, and stop.
    #[arg(long)]
    print_permissions: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    live: LiveArgs,
}

/// What is asked of a credential, however it came.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct AskedArgs {
    /// Set a variable of the profile; a list takes several values, with commas.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub(super) variables: Vec<String>,
    /// Switch a feature on; `no-NAME` switches one off.
    #[arg(long = "feature", value_name = "NAME")]
    pub(super) features: Vec<String>,
    /// Judge these phases only.
    #[arg(long = "phase", value_name = "NAME")]
    pub(super) phases: Vec<String>,
    /// Read the policies with this profile of the shared files: an administrator's.
    #[arg(long, value_name = "NAME")]
    pub(super) reader_profile: Option<String>,
    /// A snapshot with the organization's policies, by its administrator.
    #[arg(long, value_name = "FILE")]
    pub(super) organization_snapshot: Option<String>,
    /// Vouch for it that no policy of an organization binds the account; the report says that you do.
    #[arg(long, conflicts_with = "organization_snapshot")]
    pub(super) no_organization: bool,
    /// Fail also where the vendor could go beyond this access.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) require: Option<Require>,
    /// Ask IAM Access Analyzer for AWS's own opinion of the policies, and show it beside ours. A check
    /// of access costs a fraction of a cent for each policy.
    #[arg(long)]
    pub(super) aws_opinion: bool,
    /// Send no probes.
    #[arg(long, conflicts_with = "probe_writes")]
    pub(super) no_probe: bool,
    /// Send also probes that are no reads: they cannot succeed either.
    #[arg(long)]
    pub(super) probe_writes: bool,
    /// Use the catalog in the binary, not an updated one.
    #[arg(long)]
    pub(super) builtin_catalog: bool,
}

/// What can be asked for beside the vendor's requirements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Require {
    /// Nothing that the vendor may change leads beyond what it was given.
    Isolated,
}

/// Runs the subcommand and returns the exit code.
#[must_use]
pub fn run(args: &PreflightArgs) -> u8 {
    match preflight(args) {
        Ok(code) => code,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "error: {message}");
            2
        }
    }
}

/// What the preflight itself needs, by tier: nothing is needed for the first.
const TIERS: [(&str, &str, &[&str]); 6] = [
    (
        "none",
        "whose credential it is; needs no permission and cannot be denied",
        &["sts:GetCallerIdentity"],
    ),
    (
        "read-self",
        "the exact analysis of the credential's own policies; on itself, its groups and its policies",
        &[
            "iam:GetUser",
            "iam:ListUserPolicies",
            "iam:GetUserPolicy",
            "iam:ListAttachedUserPolicies",
            "iam:ListGroupsForUser",
            "iam:ListGroupPolicies",
            "iam:GetGroupPolicy",
            "iam:ListAttachedGroupPolicies",
            "iam:GetRole",
            "iam:ListRolePolicies",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
        ],
    ),
    (
        "simulate",
        "AWS's policy simulator for what the texts do not settle; on itself",
        &["iam:SimulatePrincipalPolicy"],
    ),
    (
        "account",
        "enabled regions and quotas, and the words of EC2's encoded refusals",
        &[
            "ec2:DescribeRegions",
            "servicequotas:GetServiceQuota",
            "sts:DecodeAuthorizationMessage",
        ],
    ),
    (
        "opinion",
        "AWS's own opinion of the policies, with `--aws-opinion`",
        &[
            "access-analyzer:ValidatePolicy",
            "access-analyzer:CheckAccessNotGranted",
        ],
    ),
    (
        "organization",
        "service and resource control policies; for the management account or a delegated \
         administrator only",
        &[
            "organizations:DescribeOrganization",
            "organizations:ListRoots",
            "organizations:ListParents",
            "organizations:ListPoliciesForTarget",
            "organizations:DescribePolicy",
        ],
    ),
];

fn print_permissions(format: Format) {
    print_text(&match format {
        Format::Text => {
            let mut text = String::from(
                "What the preflight itself needs. Each tier settles more; none is for the vendor's work.\n",
            );
            for (name, what, actions) in TIERS {
                text.push_str(&format!("\n{name}: {what}\n"));
                for action in actions {
                    text.push_str(&format!("  {action}\n"));
                }
            }
            text
        }
        Format::Json => {
            let tiers = TIERS.iter().map(|(name, what, actions)| {
                serde_json::json!({"name": name, "what": what, "actions": actions})
            });
            let tiers: Vec<_> = tiers.collect();
            format!(
                "{:#}\n",
                serde_json::json!({"schema": "rolecall/preflight-permissions/v1", "tiers": tiers})
            )
        }
    });
}

fn preflight(args: &PreflightArgs) -> Result<u8, String> {
    if args.print_permissions {
        print_permissions(args.format);
        return Ok(0);
    }
    live(args)
}

#[cfg(not(feature = "aws"))]
fn live(_: &PreflightArgs) -> Result<u8, String> {
    Err(super::live::without_aws("preflight"))
}

#[cfg(feature = "aws")]
fn live(args: &PreflightArgs) -> Result<u8, String> {
    use super::credential::secret::{self, Given};
    use super::live::As;

    let connection = match args.credential_stdin {
        true => {
            let Given { id, secret } = secret::from_stdin(None).map_err(|stop| stop.message)?;
            args.live.connect_as(As::Key(id.as_str(), &secret))?
        }
        false => args.live.connect()?,
    };
    let wanted = Wanted {
        profile: args.profile.clone().unwrap_or_default(),
        asked: args.asked.clone(),
        role: args.role.clone().zip(args.external_id.clone()),
        live: args.live.clone(),
    };
    let examined = examine(&connection, &wanted)?;
    print_text(&match args.format {
        Format::Text => text(&examined),
        Format::Json => format!("{:#}\n", json(&examined)),
    });
    Ok(examined.exit_code())
}
