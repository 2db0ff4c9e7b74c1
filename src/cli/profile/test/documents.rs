//! Judges the documents that lie beside a profile, actor by actor.

use crate::catalog::Catalog;
use crate::check::{self, Report, Verdict};
use crate::cli::profile::diff::setting_errors;
use crate::evaluate::{Level, Policies};
use crate::finding::{Finding, FindingType};
use crate::json;
use crate::policy::{Document, Kind, lower};
use crate::profile::{Profile, Settings};
use crate::source::{FileId, Location, Sources};

/// What the documents of one actor are worth.
pub(super) struct Judgement {
    pub(super) actor: String,
    pub(super) files: Vec<String>,
    pub(super) sources: Sources,
    pub(super) report: Report,
    findings: Vec<Finding>,
    fallback: FileId,
}

impl Judgement {
    /// Whether AWS refuses a document, so that nothing can be said of it.
    pub(super) fn is_refused(&self) -> bool {
        self.findings
            .iter()
            .any(|it| it.finding_type == FindingType::Error)
    }

    /// Whether a document cannot be attached, or does not meet a requirement.
    pub(super) fn fails(&self) -> bool {
        self.is_refused() || self.report.fails()
    }

    pub(super) fn state(&self) -> &'static str {
        match (self.fails(), self.report.is_incomplete()) {
            (true, _) => "FAIL",
            (false, true) => "open",
            (false, false) => "ok",
        }
    }

    /// Says how many requirements are met.
    pub(super) fn summary(&self, profile: &Profile) -> String {
        let title = profile
            .actor(&self.actor)
            .map_or(self.actor.as_str(), |it| &it.title);
        let (met, all) = (
            self.report.count(Verdict::Met),
            self.report.requirements.len(),
        );
        let off: usize = self.report.off.iter().map(|it| it.unmet).sum();
        let off = match off {
            0 => String::new(),
            1 => "; 1 more is not met of features that are off".to_owned(),
            count => format!("; {count} more are not met of features that are off"),
        };
        format!(
            "{}: {met} of {all} requirements of {title} are met{off}",
            self.files.join(", ")
        )
    }

    /// Returns what is to be shown: documents that AWS refuses, and requirements that are not met
    /// although they count.
    pub(super) fn shown(&self) -> Vec<Finding> {
        let open = self.report.requirements.iter().filter(|it| {
            it.blocks()
                || it.verdict == Verdict::Unknown
                    && it.call.strength == crate::profile::Strength::Required
        });
        let open = open.map(|it| check::finding(it, self.fallback));
        self.findings.iter().cloned().chain(open).collect()
    }
}

/// Judges each actor that has documents, in the order of the actors.
pub(super) fn judge(
    profile: &Profile,
    texts: &[(String, String)],
    settings: &Settings,
    catalog: &Catalog,
) -> Result<Vec<Judgement>, String> {
    let mut judgements = Vec::new();
    for actor in &profile.actors {
        let of_actor = profile
            .documents
            .iter()
            .filter(|it| it.actor.as_deref().unwrap_or(&profile.default_actor) == actor.name);
        let mut given = Given::default();
        for document in of_actor {
            let text = texts.iter().find(|(file, _)| *file == document.file);
            let Some(kind) = Kind::parse(&document.kind) else {
                let known: Vec<&str> = Kind::ALL.iter().map(|it| it.as_str()).collect();
                return Err(format!(
                    "`{}` is of kind `{}`, which is none\nhelp: kinds are {}",
                    document.file,
                    document.kind,
                    known.join(", ")
                ));
            };
            if let Some((file, text)) = text {
                given.add(file, text, kind);
            }
        }
        let is_nothing = given.policies.identity.is_empty() && given.trust.is_none();
        if is_nothing && !given.is_broken {
            continue;
        }
        judgements.push(given.judge(profile, &actor.name, settings, catalog)?);
    }
    Ok(judgements)
}

#[derive(Default)]
struct Given {
    files: Vec<String>,
    sources: Sources,
    policies: Policies,
    resource_policies: Vec<Document>,
    trust: Option<Document>,
    findings: Vec<Finding>,
    /// Whether a document is no JSON, so that nobody knows what it says.
    is_broken: bool,
}

impl Given {
    fn add(&mut self, name: &str, text: &str, kind: Kind) {
        let file = self.sources.add(name, text);
        self.files.push(name.to_owned());
        let parsed = match json::parse(text) {
            Ok(parsed) => parsed,
            Err(error) => {
                let location = Location {
                    file,
                    span: error.span,
                };
                let finding = Finding::new(
                    "malformed-json",
                    FindingType::Error,
                    location,
                    error.message,
                );
                self.findings.push(finding.help(error.help));
                self.is_broken = true;
                return;
            }
        };
        let mut document = lower(parsed.tree.root(), kind);
        document.file = Some(file);
        let problems = crate::replay::problems(&self.sources, file, &document);
        let errors = problems
            .into_iter()
            .filter(|it| it.finding_type == FindingType::Error);
        self.findings.extend(errors);
        let level = |document| Level {
            target: String::new(),
            policies: vec![document],
        };
        match kind {
            Kind::Identity => self.policies.identity.push(document),
            Kind::Boundary => self
                .policies
                .boundary
                .get_or_insert_default()
                .push(document),
            Kind::Session => self.policies.session.get_or_insert_default().push(document),
            Kind::Scp => self.policies.scps.push(level(document)),
            Kind::Rcp => self.policies.rcps.push(level(document)),
            Kind::VpcEndpoint => self
                .policies
                .endpoint
                .get_or_insert_default()
                .push(document),
            Kind::Trust => self.trust = Some(document),
            _ => self.resource_policies.push(document),
        }
    }

    fn judge(
        mut self,
        profile: &Profile,
        actor: &str,
        settings: &Settings,
        catalog: &Catalog,
    ) -> Result<Judgement, String> {
        let settings = Settings {
            actors: vec![actor.to_owned()],
            ..settings.clone()
        };
        let input = check::Input {
            profile,
            settings: &settings,
            policies: &self.policies,
            trust: self.trust.as_ref(),
            resource_policies: &self.resource_policies,
            principal: None,
            catalog,
            unread: self.is_broken,
        };
        let report = check::run(&input).map_err(|errors| setting_errors(&profile.name, &errors))?;
        let first = self.sources.iter().next().map(|(file, _)| file);
        let fallback = first.unwrap_or_else(|| self.sources.add("<no document>", ""));
        Ok(Judgement {
            actor: actor.to_owned(),
            files: self.files,
            sources: self.sources,
            report,
            findings: self.findings,
            fallback,
        })
    }
}
