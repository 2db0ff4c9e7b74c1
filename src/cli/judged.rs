//! Whose access is judged, and against what: what `check` and `fix` ask for alike.

use clap::Args;

use super::catalog::load_static_catalog;
use super::named::Named;
use super::policies::{self, LoadedPolicies, PolicyArgs};
use super::profiles::{LoadedProfile, load_profile};
use super::replay::Replayed;
use crate::catalog::Catalog;
use crate::check::Input;
use crate::evaluate::Principal;
use crate::finding::{Finding, FindingType};
use crate::profile::{Profile, SettingError, Settings};
use crate::source::FileId;

/// Which policies, of whom, for which profile.
#[derive(Clone, Debug, Args)]
pub(super) struct JudgedArgs {
    /// What the vendor needs: VENDOR/PROFILE (`rolecall profiles` lists them), or a profile.toml.
    #[arg(long = "for", value_name = "PROFILE")]
    pub(super) profile: String,
    /// Identity policies of the vendor's user or role.
    #[arg(value_name = "POLICY[=ARN]")]
    pub(super) policies: Vec<String>,
    #[command(flatten)]
    layers: PolicyArgs,
    /// The ARN of the vendor's user or role session, where it is not the profile's.
    #[arg(long, value_name = "ARN")]
    principal: Option<String>,
    /// Set a variable of the profile; a list takes several values, with commas.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    variables: Vec<String>,
    /// Switch a feature on; `no-NAME` switches one off.
    #[arg(long = "feature", value_name = "NAME")]
    features: Vec<String>,
    /// Judge these phases only.
    #[arg(long = "phase", value_name = "NAME")]
    phases: Vec<String>,
    /// Judge this actor's calls instead of the vendor's.
    #[arg(long = "actor", value_name = "NAME")]
    actors: Vec<String>,
    /// Use the catalog in the binary, not an updated one.
    #[arg(long)]
    builtin_catalog: bool,
}

/// Everything loaded.
pub(super) struct Judged {
    pub(super) profile: Profile,
    pub(super) settings: Settings,
    pub(super) loaded: LoadedPolicies,
    pub(super) catalog: &'static Catalog,
    /// The ARNs of the policies and roles that texts are of.
    pub(super) arns: Vec<(FileId, String)>,
    principal: Option<Principal>,
    /// In words, and as ARN.
    pub(super) title: (String, String),
}

impl JudgedArgs {
    /// Returns the layers with the policies that were named without a flag, and the ARNs that
    /// stood behind their files.
    pub(super) fn layers(&self) -> (PolicyArgs, Named) {
        let mut layers = self.layers.clone();
        layers.identity.splice(0..0, self.policies.iter().cloned());
        let mut named = Named::default();
        named.layers(&mut layers);
        (layers, named)
    }

    /// Loads everything; `workload` are boundaries of roles that the vendor creates.
    pub(super) fn load(&self, command: &str, workload: &[String]) -> Result<Judged, String> {
        let LoadedProfile { profile, .. } =
            load_profile(&self.profile).map_err(|it| it.to_string())?;
        let mut settings = settings(&self.variables, &self.features, &profile)?;
        settings.actors.clone_from(&self.actors);
        settings.phases.clone_from(&self.phases);
        let (mut layers, mut named) = self.layers();
        layers.of_principal(self.principal.as_deref());
        if !layers.has_own() {
            return Err(format!(
                "no policy was given\nhelp: name the vendor's identity policies: `rolecall \
                 {command} --for PROFILE policy.json`, or `-` for standard input"
            ));
        }
        let workload = named.files(workload);
        let loaded =
            policies::load_with_boundaries(&layers, &workload).map_err(|it| it.to_string())?;
        let replayed = loaded.snapshot.as_ref();
        let own = self.principal.as_deref();
        let own = own.or(replayed.map(|it| it.principal.as_str()));
        if let Some(replayed) = replayed {
            set_account(&mut settings, &profile, replayed);
        }
        let principal = match own {
            None => None,
            Some(text) => Some(Principal::parse(text).ok_or_else(|| {
                format!("`--principal {text}` is no ARN of a user, role, session or root user")
            })?),
        };
        let catalog = load_static_catalog(self.builtin_catalog).map_err(|it| it.to_string())?;
        Ok(Judged {
            title: self.title(&profile, &settings, own),
            arns: named.of(&loaded),
            profile,
            settings,
            loaded,
            catalog,
            principal,
        })
    }

    /// Who is judged: in words, and as ARN.
    fn title(
        &self,
        profile: &Profile,
        settings: &Settings,
        principal: Option<&str>,
    ) -> (String, String) {
        let name = self.actors.first().unwrap_or(&profile.default_actor);
        let title = profile
            .actor(name)
            .map_or(name.as_str(), |actor| &actor.title);
        let arn = principal
            .map(str::to_owned)
            .or_else(|| profile.principal(name, settings).ok().flatten());
        (title.to_owned(), arn.unwrap_or_default())
    }
}

impl Judged {
    pub(super) fn input(&self) -> Input<'_> {
        Input {
            profile: &self.profile,
            settings: &self.settings,
            policies: &self.loaded.policies,
            trust: self.loaded.trust.as_ref(),
            resource_policies: &self.loaded.resource_policies,
            principal: self.principal.as_ref(),
            catalog: self.catalog,
            unread: !self.loaded.unread.is_empty(),
        }
    }

    /// Whether AWS refuses a document for more than its layout: comments and the like are easily
    /// taken out, and what is left stands.
    pub(super) fn refused_as_written(&self) -> bool {
        const LAYOUT: [&str; 3] = ["byte-order-mark", "comment-in-policy", "trailing-comma"];
        let refused =
            |it: &&Finding| it.finding_type == FindingType::Error && !LAYOUT.contains(&it.rule);
        self.loaded.findings.iter().any(|it| refused(&it))
    }
}

/// The account and the partition are those of the snapshot, unless `--var` says otherwise.
fn set_account(settings: &mut Settings, profile: &Profile, replayed: &Replayed) {
    let snapshot = &replayed.snapshot;
    for (name, value) in [
        ("account", &snapshot.account),
        ("partition", &snapshot.partition),
    ] {
        if profile.variable(name).is_some() {
            let values = settings.variables.entry(name.to_owned());
            values.or_insert_with(|| vec![value.clone()]);
        }
    }
}

/// Returns the settings that `--var` and `--feature` make.
pub(super) fn settings(
    variables: &[String],
    features: &[String],
    profile: &Profile,
) -> Result<Settings, String> {
    let mut settings = Settings::default();
    for variable in variables {
        let (name, value) = variable
            .split_once('=')
            .ok_or_else(|| format!("`--var {variable}`: write `--var NAME=VALUE`"))?;
        let is_list = profile.variable(name).is_some_and(|it| it.kind.list);
        let values = if is_list {
            value.split(',').map(|it| it.trim().to_owned()).collect()
        } else {
            vec![value.to_owned()]
        };
        settings.variables.insert(name.to_owned(), values);
    }
    for feature in features {
        let off = feature
            .strip_prefix("no-")
            .filter(|_| profile.feature(feature).is_none());
        settings
            .features
            .insert(off.unwrap_or(feature).to_owned(), off.is_none());
    }
    Ok(settings)
}

/// Returns what is wrong with settings, line by line.
pub(super) fn setting_errors(errors: &[SettingError]) -> String {
    let lines: Vec<String> = errors
        .iter()
        .map(|error| match error.help.as_str() {
            "" => error.message.clone(),
            help => format!("{}\nhelp: {help}", error.message),
        })
        .collect();
    lines.join("\nerror: ")
}
