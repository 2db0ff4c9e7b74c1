//! From the flags and what is known of the account to the plan, and to what is emitted.

use super::{PlanArgs, Seen, installation};
use crate::catalog::Catalog;
use crate::cli::bootstrap::theirs::Theirs;
use crate::cli::generate::{failure, files, quoted, write};
use crate::cli::judged::settings;
use crate::emit;
use crate::generate::{self, Generated, Split};
use crate::plan::{self, ACCOUNT_TO_COME, Access, Account, Order, Plan};
use crate::profile::{Profile, Settings};
use crate::report;

/// Variables of which a default would be somebody else's: nobody's trust goes there by mistake.
const NEVER_DEFAULT: [&str; 1] = ["external-id"];

pub(super) struct Making<'a> {
    pub(super) args: &'a PlanArgs,
    pub(super) seen: &'a Seen,
    pub(super) theirs: &'a Theirs,
    pub(super) catalog: &'static Catalog,
}

impl Making<'_> {
    pub(super) fn accesses(&self, profiles: &[Profile]) -> Result<Vec<Generated>, String> {
        if profiles.len() > 1 && !self.theirs.is_empty() {
            return Err("`--policy` and `--no-boundary` take one profile".to_owned());
        }
        let one = |profile| {
            let settings = self.settings(profile, profiles)?;
            let generated = self.generated(profile, &settings)?;
            self.theirs.fits(&generated.bundle)?;
            Ok(generated)
        };
        profiles.iter().map(one).collect()
    }

    fn settings(&self, profile: &Profile, all: &[Profile]) -> Result<Settings, String> {
        let mut settings = self.args.settings(profile, all)?;
        for name in NEVER_DEFAULT {
            let variable = profile.variable(name);
            if let Some(it) = variable.filter(|_| !settings.variables.contains_key(name)) {
                return Err(format!(
                    "{} needs `--var {name}=…`: {}",
                    profile.name, it.description
                ));
            }
        }
        let account = self.seen.account.as_deref().unwrap_or(ACCOUNT_TO_COME);
        for (name, value) in [("account", account), ("partition", &self.seen.partition)] {
            if profile.variable(name).is_some() {
                let value = vec![value.to_owned()];
                settings.variables.insert(name.to_owned(), value);
            }
        }
        Ok(settings)
    }

    fn order<'o>(&'o self, profile: &'o Profile, settings: &'o Settings) -> generate::Order<'o> {
        generate::Order {
            profile,
            settings,
            split: Split::None,
            scps: &self.seen.scps,
            catalog: self.catalog,
        }
    }

    fn generated(&self, profile: &Profile, settings: &Settings) -> Result<Generated, String> {
        let order = self.order(profile, settings);
        let generated = generate::run_changed(&order, |it| self.theirs.put(it));
        generated.map_err(|it| failure(&it, profile))
    }

    pub(super) fn plan(
        &self,
        accesses: &[Generated],
        member: Option<&Account>,
    ) -> Result<Plan, String> {
        let own: Vec<Access<'_>> = accesses
            .iter()
            .map(|it| Access {
                bundle: &it.bundle,
                settings: &it.settings,
            })
            .collect();
        let member = member.map(|it| Account {
            id: self.seen.account.clone(),
            ..it.clone()
        });
        let names: Vec<String> = own.iter().map(|it| it.bundle.profile.clone()).collect();
        let installation = self.args.installation_of(&names);
        let order = Order {
            installation: &installation,
            partition: &self.seen.partition,
            account: self.seen.account.as_deref(),
            member: member.as_ref(),
            made: &self.seen.made,
            by: &self.seen.by,
        };
        plan::make(&own, &order).map_err(|it| it.join("\n"))
    }

    /// Writes each profile into a folder of its own; one alone into the folder itself.
    pub(super) fn emit(
        &self,
        folder: &str,
        profiles: &[Profile],
        generated: &[Generated],
    ) -> Result<String, String> {
        let Some(format) = self.args.emit else {
            return Ok(String::new());
        };
        if self.seen.account.is_none() {
            return Err("`--emit` writes for an account that exists\nhelp: create the member account first, and name it with `--account ID`".into());
        }
        let names: Vec<String> = profiles.iter().map(|it| it.name.clone()).collect();
        let installation = self.args.installation_of(&names);
        let mut notes = String::new();
        for (profile, generated) in profiles.iter().zip(generated) {
            let settings = self.settings(profile, profiles)?;
            let order = self.order(profile, &settings);
            let own = |mut bundle| {
                self.theirs.put(&mut bundle);
                plan::owned(&bundle, &installation)
            };
            let files = files(format, &order, generated, &own)?;
            let folder = match profiles {
                [_] => folder.to_owned(),
                _ => format!("{folder}/{}", profile.name.replace(['/', '\\'], "-")),
            };
            let names: Vec<String> = files.iter().map(|it| it.path.clone()).collect();
            let command = self.args.command(format);
            let shown = report::generate::Shown {
                profile,
                generated,
                command: &command,
                checks: &[],
                files: &names,
            };
            let proof = format!("{:#}\n", report::generate::proof_json(&shown));
            write::write(&folder, &files, &report::generate::access(&shown), &proof)?;
            notes.push_str(&format!("emitted to {folder}: {}\n", names.join(", ")));
        }
        Ok(notes)
    }
}

impl PlanArgs {
    /// Returns the command line that emits the same again.
    fn command(&self, format: emit::Format) -> String {
        let mut words = vec!["rolecall bootstrap plan".to_owned()];
        let one = |flag, value: &Option<String>| (flag, value.iter().cloned().collect());
        let many: [(&str, Vec<String>); 10] = [
            ("--for", self.profiles.clone()),
            ("--var", self.variables.clone()),
            ("--feature", self.features.clone()),
            one("--installation", &self.installation),
            one("--account", &self.account),
            one("--member-account", &self.member_account),
            one("--email", &self.email),
            ("--scp", self.scp.clone()),
            ("--policy", self.policy.clone()),
            ("--emit", vec![format.word().to_owned()]),
        ];
        for (flag, values) in many {
            for value in values {
                words.push(format!("{flag} {}", quoted(&value)));
            }
        }
        for (class, reason) in self.accept.iter().zip(&self.reason) {
            words.push(format!(
                "--accept {} --reason {}",
                quoted(class),
                quoted(reason)
            ));
        }
        for (flag, is_on) in [
            ("--offline", self.offline),
            ("--no-boundary", self.no_boundary),
        ] {
            words.extend(is_on.then(|| flag.to_owned()));
        }
        words.push(format!(
            "--emit-to {}",
            quoted(self.emit_to.as_deref().unwrap_or("DIR"))
        ));
        words.join(" ")
    }

    fn installation_of(&self, profiles: &[String]) -> String {
        let own = profiles.first().map(|it| it.replace(['/', '\\'], "-"));
        let own = own.and_then(|it| installation(&it).ok());
        let own = own.unwrap_or_else(|| "rolecall".to_owned());
        self.installation.clone().unwrap_or(own)
    }

    /// Returns what the flags say of one of the profiles; a name that none has is everybody's.
    fn settings(&self, profile: &Profile, all: &[Profile]) -> Result<Settings, String> {
        let is_own = |has: &dyn Fn(&Profile) -> bool| has(profile) || !all.iter().any(has);
        let name = |it: &str| it.split('=').next().unwrap_or_default().to_owned();
        let variables = self.variables.iter();
        let variables = variables.filter(|it| is_own(&|has| has.variable(&name(it)).is_some()));
        let variables: Vec<String> = variables.cloned().collect();
        let features = self.features.iter().filter(|it| {
            let off = it.strip_prefix("no-").unwrap_or(it);
            is_own(&|has| has.feature(it).is_some() || has.feature(off).is_some())
        });
        let features: Vec<String> = features.cloned().collect();
        settings(&variables, &features, profile)
    }
}
