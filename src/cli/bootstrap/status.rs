//! `rolecall bootstrap status`: what has become of a plan that was applied.

use clap::Args;

use super::Format;
use crate::cli::live::LiveArgs;

/// Show what has moved since a plan was applied.
#[derive(Debug, Args)]
#[command(after_help = "Only reads are made.\n\
                  Exit codes: 0 everything is as the plan says; 1 something is missing, differs, or \
                  was added to the plan's users and roles; 2 wrong use, or the credential cannot be \
                  used; 3 something could not be read.")]
pub(super) struct StatusArgs {
    /// The plan.
    #[arg(long, value_name = "FILE")]
    plan: String,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    live: LiveArgs,
}

#[cfg(not(feature = "aws"))]
pub(super) fn run(args: &StatusArgs) -> Result<u8, String> {
    super::read_plan(&args.plan)?;
    Err(crate::cli::live::without_aws("bootstrap status"))
}

#[cfg(feature = "aws")]
pub(super) fn run(args: &StatusArgs) -> Result<u8, String> {
    use super::ground::Sight;
    use crate::plan::What;
    use crate::report;

    let plan = super::read_plan(&args.plan)?;
    let member = plan.objects.iter().find_map(|it| match &it.what {
        What::Account(account) => Some(account),
        _ => None,
    });
    let sight = Sight::open(&args.live, member)?;
    let (account, by, now) = sight.who();
    let plan = match (&plan.account, member) {
        (None, _) => match sight.member() {
            Some(id) => plan.in_account(&id),
            None => {
                return Err(format!(
                    "the account of `{}` is not there: the plan was not applied",
                    args.plan
                ));
            }
        },
        (Some(planned), None) if *planned != account => {
            return Err(format!(
                "`{}` is for the account {planned}, and the credential is of {account}\nhelp: use one \
                 of the account {planned}",
                args.plan
            ));
        }
        _ => plan,
    };
    let drift = sight.drift(&plan)?;
    let shown = report::plan::ShownDrift {
        plan: &plan,
        drift: &drift,
        by: &by,
        now: &now,
    };
    super::print(&match args.format {
        Format::Text => report::plan::drift_text(&shown),
        Format::Json => format!("{:#}\n", report::plan::drift_json(&shown)),
    });
    Ok(match (drift.has_moved(), drift.is_open()) {
        (true, _) => 1,
        (false, true) => 3,
        (false, false) => 0,
    })
}
