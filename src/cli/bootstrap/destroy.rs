//! `rolecall bootstrap destroy`: removes what was made, and says what it left and why.

use clap::Args;

use super::place::PlaceArgs;
use crate::cli::live::LiveArgs;

/// Remove what a plan has made.
#[derive(Debug, Args)]
#[command(
    after_help = "Only what this bootstrap made is removed, and what carries its tag and is exactly \
                  what the plan makes. Everything else is left and listed.\n\
                  Exit codes: 0 everything of this bootstrap is gone; 2 wrong use, or the credential \
                  cannot be used; 3 nothing was removed; 4 something of it is left, and says why."
)]
pub(super) struct DestroyArgs {
    /// The plan.
    #[arg(long, value_name = "FILE")]
    plan: String,
    /// Close the member account of this id as well, for good.
    #[arg(long, value_name = "ID")]
    close_account: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    live: LiveArgs,
}

#[cfg(not(feature = "aws"))]
pub(super) fn run(args: &DestroyArgs) -> Result<u8, String> {
    super::read_plan(&args.plan)?;
    Err(crate::cli::live::without_aws("bootstrap destroy"))
}

#[cfg(feature = "aws")]
pub(super) use connected::run;

#[cfg(feature = "aws")]
mod connected {
    use super::DestroyArgs;
    use crate::aws::Operator;
    use crate::cli::bootstrap::place::WallClock;
    use crate::cli::bootstrap::{print, read_plan, stopped};
    use crate::cli::live;
    use crate::plan::{Plan, What};
    use crate::provision::{self, Destroyed, Journal as _, Left, Past, Removed, Site};
    use crate::store::journal::SecretTo;

    pub(in crate::cli::bootstrap) fn run(args: &DestroyArgs) -> Result<u8, String> {
        let plan = read_plan(&args.plan)?;
        let connection = args.live.connect()?;
        let mut journal = args.place.open_existing(&plan, SecretTo::Nowhere)?;
        let past = Past(journal.entries().map_err(|it| it.to_string())?);
        check_account(args, &plan, &past)?;
        let place = args.live.place();
        let mut operator = Operator::new(&connection, &place);
        let mut site = Site {
            hands: &mut operator,
            journal: &mut journal,
            clock: &mut WallClock,
            limits: args.place.limits(),
        };
        let close = args.close_account.as_deref();
        let bar = live::spinner();
        let result = provision::destroy(&plan, &mut site, close, &mut |removed| {
            bar.suspend(|| print(&gone(removed)));
        });
        bar.finish_and_clear();
        let destroyed = match result {
            Ok(destroyed) => destroyed,
            Err(stop) => return Ok(stopped::say(&stop, &journal)),
        };
        print(&left(&destroyed));
        if !destroyed.left.iter().any(|it| it.is_ours) {
            return Ok(0);
        }
        stopped::go_on("what is left of this bootstrap can be removed later");
        Ok(4)
    }

    /// Closing is final, so the id must be exactly that of the account which this bootstrap made.
    fn check_account(args: &DestroyArgs, plan: &Plan, past: &Past) -> Result<(), String> {
        let Some(typed) = &args.close_account else {
            return Ok(());
        };
        let mut objects = plan.objects.iter();
        let account = objects.find(|it| matches!(it.what, What::Account(_)));
        let made = account.filter(|it| past.made(&it.key));
        let made = made.and_then(|it| past.there(&it.key)).map(|it| &it.about);
        match made {
            Some(id) if id == typed => Ok(()),
            Some(id) => Err(format!(
                "`--close-account {typed}`: this bootstrap made the account {id}\nhelp: type exactly \
                 that id"
            )),
            None => Err(format!(
                "`--close-account {typed}`: this bootstrap made no account, and closes none"
            )),
        }
    }

    fn gone(removed: &Removed) -> String {
        let Removed {
            object,
            about,
            note,
        } = removed;
        let note = match note.as_str() {
            "" => String::new(),
            note => format!(" ({note})"),
        };
        format!("removed {object}: {about}{note}\n")
    }

    fn left(destroyed: &Destroyed) -> String {
        let mut text = String::new();
        for Left {
            object, about, why, ..
        } in &destroyed.left
        {
            text.push_str(&format!("left    {object}: {about} {why}\n"));
        }
        if destroyed.removed.is_empty() && destroyed.left.is_empty() {
            text.push_str("nothing of this bootstrap is there\n");
        }
        text
    }
}
