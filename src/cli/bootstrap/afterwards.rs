//! Judges what a plan makes as `check` judges any access: from the plan's own documents before
//! anything is made, and from the account afterwards.

use serde_json::Value;

use super::print;
use crate::account::{Principal, Snapshot};
use crate::aws::{self, Connection, Operator};
use crate::catalog::Catalog;
use crate::check::{self, Beside, Input, Verdict};
use crate::cli::catalog::load_static_catalog;
use crate::cli::judged::setting_errors;
use crate::cli::live;
use crate::cli::profiles::load_profile;
use crate::generate::{self, Bundle, Entity, Order, PolicyUse, Split};
use crate::isolation;
use crate::plan::{self, Ground as _, Part, Plan, UNREAD_SCPS, What};
use crate::policy::{Document, Kind, written};
use crate::profile::{Profile, Settings};
use crate::replay::replay;
use crate::source::Sources;

/// Judges the plan's own documents, whatever its gate says: a file can be changed by hand. Returns
/// the exit code and what is to be said.
pub(super) fn foresee(plan: &Plan, builtin_catalog: bool) -> Result<(u8, String), String> {
    let snapshot = plan::after(plan);
    let (mut code, mut lines) = run(plan, &snapshot, None, builtin_catalog)?;
    for object in &plan.objects {
        let What::Attachment(it) = &object.what else {
            continue;
        };
        if snapshot.principals.iter().all(|one| one.arn != it.entity) {
            code = 1;
            let line = format!(
                "  NOT as planned: {} would go to {}, which the plan does not make\n",
                it.policy, it.entity
            );
            lines.push_str(&line);
        }
    }
    Ok((code, lines))
}

/// Reads the users and roles of a plan from the account, judges them, prints it, and returns the exit
/// code.
pub(super) fn judge(
    plan: &Plan,
    operator: &mut Operator<'_>,
    builtin_catalog: bool,
) -> Result<u8, String> {
    let arns = plan.objects.iter().filter_map(|it| match &it.what {
        What::User(user) => Some(user.arn.clone()),
        What::Role(role) => Some(role.arn.clone()),
        _ => None,
    });
    let snapshot = match snapshot(plan, operator, arns.collect()) {
        Ok(snapshot) => snapshot,
        Err(error) => {
            print(&format!("\nwhat was made could not be judged: {error}\n"));
            return Ok(3);
        }
    };
    let (code, lines) = run(plan, &snapshot, Some(operator), builtin_catalog)?;
    print(&format!("\nas the account has it now:\n{lines}"));
    Ok(code)
}

fn run(
    plan: &Plan,
    snapshot: &Snapshot,
    operator: Option<&mut Operator<'_>>,
    builtin_catalog: bool,
) -> Result<(u8, String), String> {
    let catalog = load_static_catalog(builtin_catalog).map_err(|it| it.to_string())?;
    let mut judging = Judging {
        plan,
        snapshot,
        operator,
        catalog,
        judged: Vec::new(),
        code: 0,
        lines: String::new(),
    };
    for part in &plan.parts {
        judging.part(part)?;
    }
    for principal in &snapshot.principals {
        if !judging.judged.contains(&principal.arn) {
            judging.complain(&principal.arn, "no profile of the plan says what it is for");
        }
    }
    Ok((judging.code, judging.lines))
}

/// Reads users and roles, and what limits them; of a member account the latter is read from outside.
fn snapshot(
    plan: &Plan,
    operator: &Operator<'_>,
    principals: Vec<String>,
) -> Result<Snapshot, String> {
    let mut objects = plan.objects.iter();
    let is_member = objects.any(|it| matches!(it.what, What::Account(_)));
    let own = aws::Wanted {
        principals,
        organization: !is_member,
        member: None,
        now: live::now(),
    };
    let mut snapshot = read(operator.inside(), &own)?;
    if is_member {
        let limits = aws::Wanted {
            principals: Vec::new(),
            organization: true,
            member: plan.account.clone(),
            now: live::now(),
        };
        let limits = read(operator.outside(), &limits)?;
        snapshot.organization = limits.organization;
        snapshot.in_no_organization = limits.in_no_organization;
        snapshot.unread.extend(limits.unread);
    }
    Ok(snapshot)
}

fn read(connection: &Connection, wanted: &aws::Wanted) -> Result<Snapshot, String> {
    let bar = live::spinner();
    let read = aws::collect(connection, wanted, &mut |what| {
        bar.set_message(what.to_owned())
    });
    bar.finish_and_clear();
    read.map_err(|error| live::collect_error(&error))
}

struct Judging<'a, 'o, 'c> {
    plan: &'a Plan,
    /// Who reads what no principal carries; none: the plan itself says it.
    operator: Option<&'o mut Operator<'c>>,
    snapshot: &'a Snapshot,
    catalog: &'static Catalog,
    /// The ARNs of whom a profile speaks.
    judged: Vec<String>,
    code: u8,
    lines: String,
}

impl<'s> Judging<'s, '_, '_> {
    fn part(&mut self, part: &Part) -> Result<(), String> {
        let loaded = load_profile(&part.profile).map_err(|it| it.to_string())?;
        let profile = &loaded.profile;
        let mut settings = Settings {
            variables: part.variables.iter().cloned().collect(),
            features: part.features.iter().cloned().collect(),
            ..Settings::default()
        };
        let order = Order {
            profile,
            settings: &settings,
            split: Split::None,
            scps: &[],
            catalog: self.catalog,
        };
        let bundle = generate::bundle(&order);
        let bundle = bundle.map_err(|it| crate::cli::generate::failure(&it, profile))?;
        let workload = self.workload(&bundle);
        for entity in &bundle.entities {
            settings.actors = vec![entity.actor.clone()];
            let mut principals = self.snapshot.principals.iter();
            if let Some(principal) = principals.find(|it| it.arn == entity.arn) {
                self.actor(part, profile, &settings, principal, &workload)?;
                self.trust(principal, entity);
                self.judged.push(principal.arn.clone());
            }
        }
        Ok(())
    }

    /// Whoever may become the role is who the profile names, and nobody else.
    fn trust(&mut self, principal: &Principal, entity: &Entity) {
        let there = principal.trust.as_ref();
        let there = there.and_then(|it| serde_json::from_str::<Value>(&it.text).ok());
        if there != entity.trust_policy() {
            self.complain(&principal.arn, "it trusts others than its profile says");
        }
    }

    fn complain(&mut self, arn: &str, words: &str) {
        self.code = 1;
        self.lines
            .push_str(&format!("  NOT as planned: {arn}: {words}\n"));
    }

    /// Reads the boundaries of roles that the vendor makes.
    fn workload(&mut self, bundle: &Bundle) -> Vec<Document> {
        let policies = bundle.policies.iter();
        let own = policies.filter(|it| it.used_as == PolicyUse::WorkloadBoundary);
        let arns: Vec<&str> = own.map(|it| it.arn.as_str()).collect();
        let objects = self.plan.objects.iter();
        let own = objects.filter(|it| arns.contains(&it.what.name()));
        let own = own.filter(|it| matches!(it.what, What::Policy(_)));
        let mut documents = Vec::new();
        for object in own {
            let there = match &mut self.operator {
                Some(operator) => operator.observe(&object.what).ok().flatten(),
                None => Some(object.what.clone()),
            };
            if let Some(What::Policy(there)) = there {
                documents.push(written(&there.document, Kind::Boundary));
            }
        }
        documents
    }

    fn actor(
        &mut self,
        part: &Part,
        profile: &Profile,
        settings: &Settings,
        principal: &Principal,
        workload: &[Document],
    ) -> Result<(), String> {
        let mut sources = Sources::default();
        let held = replay(self.snapshot, principal, &mut sources);
        let is_whole = principal.complete && held.unread.is_empty();
        let input = Input {
            profile,
            settings,
            policies: &held.policies,
            trust: held.trust.as_ref(),
            resource_policies: &held.resource_policies,
            principal: None,
            catalog: self.catalog,
            unread: !is_whole,
        };
        let mut report = check::run(&input).map_err(|it| setting_errors(&it))?;
        if held.limits_unread && !self.plan.gate.is_accepted(UNREAD_SCPS) {
            report.doubt_what_limits();
        }
        let beside = Beside {
            workload_boundaries: workload,
            arns: &held.arns,
        };
        let isolation =
            check::isolation(&input, beside, false).map_err(|it| setting_errors(&it))?;
        let ways = isolation.as_ref().map(|it| self.ways(it));
        let (met, all) = (report.count(Verdict::Met), report.requirements.len());
        let code = match (&ways, &isolation) {
            _ if report.fails() => 1,
            (Some(ways), _) if !ways.is_empty() => 1,
            _ if report.is_incomplete() => 3,
            (_, Some(it)) if it.verdict == isolation::Verdict::Unknown => {
                match self.plan.gate.unknown.is_empty() {
                    true => 3,
                    false => 0,
                }
            }
            (_, None) => 3,
            _ => 0,
        };
        let verdict = match code {
            0 => "as planned",
            1 => "NOT as planned",
            _ => "unknown",
        };
        self.lines.push_str(&format!(
            "  {}: {} for {}: {met} of {all} requirements are met\n",
            verdict, principal.arn, part.profile
        ));
        for way in ways.into_iter().flatten() {
            let line = format!("    a way out that nobody accepted: {way}\n");
            self.lines.push_str(&line);
        }
        // One that is not as planned is worse than one that is not known.
        self.code = match (self.code, code) {
            (1, _) | (_, 1) => 1,
            (old, new) => old.max(new),
        };
        Ok(())
    }

    /// Returns the ways out whose class nobody took upon them.
    fn ways(&self, isolation: &isolation::Report) -> Vec<String> {
        let gate = &self.plan.gate;
        let escapes = isolation.escapes.iter();
        let class = |it: &isolation::Escape| match it.class.as_str() {
            "" => "unclassed".to_owned(),
            class => class.to_owned(),
        };
        let open = escapes.filter(|it| !gate.is_accepted(&class(it)));
        open.map(|it| it.title.clone()).collect()
    }
}
