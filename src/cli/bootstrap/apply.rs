//! `rolecall bootstrap apply`: makes what a plan says, and looks at it afterwards.

use clap::Args;

use super::place::{PlaceArgs, SecretArgs};
use crate::cli::live::LiveArgs;

/// Make what a plan says. Run it again to go on wherever it ended.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is ever changed in place: what is there and differs is shown and left.\n\
                  Exit codes: 0 everything is there, and does what the vendor needs; 1 the plan \
                  may not be applied, the account is not as it found it, or a requirement is not \
                  met; 2 wrong use, or the credential cannot be used; 3 nothing was made, or what \
                  was made could not be judged; 4 it stopped part-way, and says how to go on."
)]
pub(super) struct ApplyArgs {
    /// The plan.
    #[arg(long, value_name = "FILE")]
    plan: String,
    /// Judge neither the plan's documents nor what was made: only for a plan that you have made
    /// yourself.
    #[arg(long)]
    no_check: bool,
    /// Use the catalog in the binary, not an updated one.
    #[arg(long)]
    builtin_catalog: bool,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    live: LiveArgs,
}

#[cfg(not(feature = "aws"))]
pub(super) fn run(args: &ApplyArgs) -> Result<u8, String> {
    super::read_plan(&args.plan)?;
    Err(crate::cli::live::without_aws("bootstrap apply"))
}

#[cfg(feature = "aws")]
pub(super) use connected::run;

#[cfg(feature = "aws")]
mod connected {
    use super::ApplyArgs;
    use crate::aws::Operator;
    use crate::cli::bootstrap::place::WallClock;
    use crate::cli::bootstrap::{afterwards, print, read_plan, stopped};
    use crate::cli::live;
    use crate::plan::{KEY_TO_COME, Plan, What};
    use crate::provision::{self, Applied, Journal as _, Outcome, Past, Site};
    use crate::store::journal::Journal;

    pub(in crate::cli::bootstrap) fn run(args: &ApplyArgs) -> Result<u8, String> {
        let plan = read_plan(&args.plan)?;
        if !args.no_check
            && let Some(code) = refuse(&plan, args.builtin_catalog)?
        {
            return Ok(code);
        }
        let to = args.secret.secret_to(&plan, &args.place, &args.live)?;
        let connection = args.live.connect()?;
        let mut journal = args.place.open(&plan, to)?;
        needs_a_place(&plan, &journal, &args.secret)?;
        let place = args.live.place();
        let mut operator = Operator::new(&connection, &place);
        let mut site = Site {
            hands: &mut operator,
            journal: &mut journal,
            clock: &mut WallClock,
            limits: args.place.limits(),
        };
        let bar = live::spinner();
        let result = provision::apply(&plan, &mut site, &mut |key, outcome| {
            bar.suspend(|| print(&format!("{} {key}\n", word(outcome))));
            bar.set_message("asking AWS");
        });
        bar.finish_and_clear();
        let applied = match result {
            Ok(applied) => applied,
            Err(stop) => return Ok(stopped::say(&stop, &journal)),
        };
        let plan = match &applied.account {
            Some(id) => plan.in_account(id),
            None => plan,
        };
        print(&keys(&plan, &journal, args)?);
        let code = match args.no_check {
            true => 0,
            false => afterwards::judge(&plan, &mut operator, args.builtin_catalog)?,
        };
        print(&hand_over(&plan, &applied, &journal)?);
        Ok(code)
    }

    /// Refuses a plan whose documents do not do what its gate says.
    fn refuse(plan: &Plan, builtin_catalog: bool) -> Result<Option<u8>, String> {
        // What the gate itself refuses, `provision` says object by object.
        if !plan.gate.passes() {
            return Ok(None);
        }
        let (code, lines) = afterwards::foresee(plan, builtin_catalog)?;
        if code == 0 {
            return Ok(None);
        }
        stopped::error(&format!(
            "nothing was made: the plan's documents do not do what the plan says of them\n{lines}help: \
             the file was changed by hand, or by another version: make it again with `rolecall \
             bootstrap plan`"
        ));
        Ok(Some(code))
    }

    const fn word(outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Made => "made   ",
            Outcome::Adopted => "adopted",
            Outcome::There => "there  ",
        }
    }

    /// A key is made only where its secret can go; this is said before anything is made.
    fn needs_a_place(
        plan: &Plan,
        journal: &Journal,
        secret: &super::SecretArgs,
    ) -> Result<(), String> {
        let past = Past(journal.entries().map_err(|it| it.to_string())?);
        let mut keys = plan.objects.iter();
        let key =
            keys.find(|it| matches!(it.what, What::AccessKey(_)) && past.there(&it.key).is_none());
        match key {
            Some(key) if secret.is_empty() => Err(format!(
                "the plan makes the access key `{}`, and nobody says where its secret goes\nhelp: keep \
                 it in the store with `--credential NAME`, encrypt it with `--secret-to age1…`, or \
                 write it into a new file with `--secret-file FILE`",
                key.key
            )),
            _ => Ok(()),
        }
    }

    /// Says of each access key where its secret is; never the secret itself.
    fn keys(plan: &Plan, journal: &Journal, args: &ApplyArgs) -> Result<String, String> {
        let past = Past(journal.entries().map_err(|it| it.to_string())?);
        let mut text = String::new();
        for object in &plan.objects {
            let (What::AccessKey(_), Some(entry)) = (&object.what, past.there(&object.key)) else {
                continue;
            };
            let id = &entry.about;
            text.push_str(&format!(
                "\naccess key {id}{}\n",
                args.secret.words(&args.place)
            ));
            if let Some(armored) = journal.encrypted(id).map_err(|it| it.to_string())? {
                text.push_str(&armored);
            }
        }
        Ok(text)
    }

    /// What the customer tells the vendor.
    fn hand_over(plan: &Plan, applied: &Applied, journal: &Journal) -> Result<String, String> {
        let past = Past(journal.entries().map_err(|it| it.to_string())?);
        let mut lines = plan.hand_over.clone();
        if let Some(id) = &applied.account
            && !lines.iter().any(|(_, value)| value == id)
        {
            lines.insert(0, ("account ID".to_owned(), id.clone()));
        }
        let mut keys = plan.objects.iter();
        let key = keys.find(|it| matches!(it.what, What::AccessKey(_)));
        if let Some(made) = key.and_then(|it| past.there(&it.key)) {
            let to_come = lines.iter_mut().filter(|it| it.1 == KEY_TO_COME);
            for (label, value) in to_come {
                // The secret is never shown: it is told above where it is.
                *value = match label.contains("Secret") {
                    true => "see above where it is".to_owned(),
                    false => made.about.clone(),
                };
            }
        }
        let mut text = "\ntell the vendor:\n".to_owned();
        let width = lines
            .iter()
            .map(|it| it.0.chars().count())
            .max()
            .unwrap_or(0);
        for (label, value) in &lines {
            text.push_str(&format!("  {label:width$}  {value}\n"));
        }
        Ok(text)
    }
}
