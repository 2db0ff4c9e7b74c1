//! The ladder of evidence, climbed on an account that is data: what each rung may claim.
#![expect(
    clippy::unwrap_used,
    reason = "tests stop where their own data is broken"
)]

use rolecall::account::{
    Caller, IdentityPolicy, Level, Organization, Origin, Principal, Snapshot, Text, Unread,
};
use rolecall::catalog::Catalog;
use rolecall::check::Verdict;
use rolecall::policy::Kind;
use rolecall::preflight::{
    Account, Assumed, Failure, Judgement, Order, Parties, Probe, Probed, Probing, Remark, Report,
    Rung, Simulated, SimulatedDecision, Simulation, TrustOrder, run,
};
use rolecall::profile::{Profile, Settings};

const USER: &str = "arn:aws:iam::111122223333:user/mengi-cloud-byoc";
const VENDOR: &str = include_str!("../policies/mengi/eks/policy.json");
const SCP: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"ec2:CreateVpc","Resource":"*"}]}"#;

/// An account that answers as it is told, and remembers what it was asked.
struct Fake {
    caller: String,
    snapshot: Snapshot,
    simulator: Option<fn(&str, &Simulation) -> Simulated>,
    opens_to: Vec<Option<&'static str>>,
    regions: Option<Vec<String>>,
    asked: Vec<Simulation>,
}

fn unread(operation: &str) -> Unread {
    Unread {
        what: "something".into(),
        operation: operation.into(),
        code: "AccessDenied".into(),
        ..Unread::default()
    }
}

impl Fake {
    /// A user whose policies were read, in no organization.
    fn readable(policy: &str) -> Self {
        let principal = Principal {
            arn: USER.into(),
            policies: vec![IdentityPolicy {
                origin: Origin::Inline,
                text: Text {
                    name: format!("{USER}#vendor"),
                    text: policy.into(),
                },
            }],
            complete: true,
            ..Principal::default()
        };
        Self {
            caller: USER.into(),
            snapshot: Snapshot {
                taken: "2026-11-29T00:00:00Z".into(),
                account: "111122223333".into(),
                partition: "aws".into(),
                principals: vec![principal],
                in_no_organization: true,
                ..Snapshot::default()
            },
            simulator: None,
            opens_to: Vec::new(),
            regions: None,
            asked: Vec::new(),
        }
    }

    /// A user of whom nothing could be read.
    fn closed(simulator: fn(&str, &Simulation) -> Simulated) -> Self {
        let mut fake = Self::readable("");
        fake.snapshot.principals[0].policies.clear();
        fake.snapshot.principals[0].complete = false;
        fake.snapshot.unread.push(unread("iam:GetUser"));
        fake.simulator = Some(simulator);
        fake
    }
}

impl Account for Fake {
    fn caller(&mut self) -> Result<Caller, Box<Unread>> {
        Ok(Caller {
            arn: self.caller.clone(),
            account: "111122223333".into(),
            user_id: "AIDAEXAMPLE".into(),
        })
    }

    fn snapshot(&mut self, _: &str) -> Result<Snapshot, Box<Unread>> {
        Ok(self.snapshot.clone())
    }

    fn simulate(&mut self, _: &str, asked: &Simulation) -> Result<Vec<Simulated>, Box<Unread>> {
        self.asked.push(asked.clone());
        let Some(simulator) = self.simulator else {
            return Err(Box::new(unread("iam:SimulatePrincipalPolicy")));
        };
        Ok(asked
            .actions
            .iter()
            .map(|it| simulator(it, asked))
            .collect())
    }

    fn probe(&mut self, _: &Probe) -> Probed {
        Probed::Unclear(unread("ec2:CreateVpc"))
    }

    fn assume(&mut self, _: &str, external_id: Option<&str>) -> Assumed {
        match self
            .opens_to
            .contains(&external_id.map(|it| if it == "o-right" { "o-right" } else { "other" }))
        {
            true => Assumed::Granted,
            false => Assumed::Refused(unread("sts:AssumeRole")),
        }
    }

    fn regions(&mut self) -> Result<Vec<String>, Box<Unread>> {
        let regions = self.regions.clone();
        regions.ok_or_else(|| Box::new(unread("ec2:DescribeRegions")))
    }

    fn validate(&mut self, _: &str, _: Kind) -> Result<Vec<Remark>, Box<Unread>> {
        let error = Remark {
            finding_type: "ERROR".into(),
            issue_code: "INVALID_ACTION".into(),
            details: String::new(),
            link: String::new(),
            locations: Vec::new(),
        };
        Ok(vec![error])
    }

    fn grants(&mut self, _: &str, actions: &[&str]) -> Result<Judgement, Box<Unread>> {
        assert!(actions.contains(&"iam:CreateAccessKey"));
        Ok(Judgement {
            passes: true,
            message: String::new(),
            reasons: Vec::new(),
        })
    }

    fn quota(&mut self, _: &str, _: &str, _: &str) -> Result<f64, Box<Unread>> {
        Err(Box::new(unread("servicequotas:GetServiceQuota")))
    }
}

fn profile() -> Profile {
    rolecall::cli::profiles::load_profile("mengi/eks")
        .unwrap()
        .profile
}

struct Asked {
    regions: &'static str,
    organization: Option<Snapshot>,
    trust: Option<TrustOrder>,
    opinion: bool,
}

fn ask(fake: &mut Fake, asked: &Asked) -> Result<Report, Failure> {
    let catalog = Catalog::builtin();
    let profile = profile();
    let mut settings = Settings::default();
    let regions = vec![asked.regions.to_owned()];
    settings.variables.insert("region".to_owned(), regions);
    let order = Order {
        profile: &profile,
        settings: &settings,
        catalog,
        organization: asked.organization.as_ref(),
        no_organization: false,
        probing: Probing::Nothing,
        opinion: asked.opinion,
        random: "5f0c9f0e6f0a4b0d9a3c1e2f3a4b5c6d",
        trust: asked.trust.as_ref(),
    };
    let mut vendor = Fake::readable("");
    vendor.opens_to.clone_from(&fake.opens_to);
    let mut parties = Parties {
        account: fake,
        reader: None,
        assumer: asked
            .trust
            .as_ref()
            .map(|_| &mut vendor as &mut dyn Account),
    };
    run(&order, &mut parties)
}

const PLAIN: Asked = Asked {
    regions: "eu-central-1",
    organization: None,
    trust: None,
    opinion: false,
};

fn verdict(report: &Report, id: &str) -> (Verdict, Rung) {
    let all = report.check.requirements.iter().zip(&report.rows);
    let (judged, row) = all.clone().find(|(it, _)| it.call.id == id).unwrap();
    (judged.verdict, row.rung)
}

fn answer(action: &str, asked: &Simulation, decision: SimulatedDecision) -> Simulated {
    Simulated {
        action: action.into(),
        resource: asked.resources.first().map_or("*", String::as_str).into(),
        decision,
        boundary_allows: None,
        organization_allows: None,
        missing: Vec::new(),
    }
}

#[test]
fn what_the_texts_prove_needs_no_other_evidence() {
    let mut fake = Fake::readable(VENDOR);
    let report = ask(&mut fake, &PLAIN).unwrap();
    assert!(report.is_ready(), "{:?}", report.reasons());
    assert!(
        fake.asked.iter().all(|it| it.actions.is_empty()),
        "{:?}",
        fake.asked
    );
    assert_eq!(verdict(&report, "create-vpc"), (Verdict::Met, Rung::Proven));
}

#[test]
fn the_simulator_settles_single_requests_and_only_suggests_families() {
    let mut fake = Fake::closed(|action, asked| answer(action, asked, SimulatedDecision::Allowed));
    let report = ask(&mut fake, &PLAIN).unwrap();
    assert_eq!(
        verdict(&report, "validate-availability-zones"),
        (Verdict::Met, Rung::Simulated)
    );
    let (family, rung) = verdict(&report, "create-cluster-role");
    assert_eq!((family, rung), (Verdict::Unknown, Rung::Unknown));
    assert!(!report.is_ready() && !report.fails());
    // Nothing is asked twice, and nothing about `*` where the action has a resource.
    for (at, one) in fake.asked.iter().enumerate() {
        assert!(one.actions.len() <= 50);
        assert!(!fake.asked[..at].contains(one));
        assert!(!one.resources.iter().any(|it| it == "*"), "{one:?}");
    }
}

#[test]
fn a_denial_by_the_simulator_counts_only_where_nothing_else_may_allow() {
    let mut fake =
        Fake::closed(|action, asked| answer(action, asked, SimulatedDecision::ImplicitDeny));
    let report = ask(&mut fake, &PLAIN).unwrap();
    assert!(report.fails());
    assert_eq!(
        verdict(&report, "create-vpc"),
        (Verdict::NotMet, Rung::Simulated)
    );
    let queues = report.check.requirements.iter();
    let mut queues = queues.filter(|it| it.call.action.starts_with("sqs:"));
    assert!(queues.all(|it| it.verdict == Verdict::Unknown));
}

#[test]
fn missing_keys_and_organizations_leave_a_simulation_open() {
    let mut fake = Fake::closed(|action, asked| Simulated {
        missing: vec!["aws:SourceIp".into()],
        ..answer(action, asked, SimulatedDecision::Allowed)
    });
    let report = ask(&mut fake, &PLAIN).unwrap();
    let open = (Verdict::Unknown, Rung::Unknown);
    assert_eq!(verdict(&report, "validate-availability-zones"), open);
    let mut fake = Fake::closed(|action, asked| Simulated {
        organization_allows: Some(false),
        ..answer(action, asked, SimulatedDecision::ImplicitDeny)
    });
    let report = ask(&mut fake, &PLAIN).unwrap();
    assert_eq!(verdict(&report, "validate-availability-zones"), open);
    assert!(!report.fails());
}

#[test]
fn an_organization_that_says_yes_in_the_simulator_proves_nothing() {
    let mut fake = Fake::readable(VENDOR);
    fake.snapshot.in_no_organization = false;
    let unread = unread("organizations:DescribeOrganization");
    fake.snapshot.unread.push(unread);
    fake.simulator = Some(|action, asked| Simulated {
        organization_allows: Some(true),
        ..answer(action, asked, SimulatedDecision::Allowed)
    });
    let report = ask(&mut fake, &PLAIN).unwrap();
    let open = (Verdict::Unknown, Rung::Unknown);
    assert_eq!(verdict(&report, "validate-availability-zones"), open);
    assert!(!report.is_ready());
}

#[test]
fn what_the_organizations_administrator_read_counts() {
    let mut fake = Fake::readable(VENDOR);
    fake.snapshot.in_no_organization = false;
    let unread = unread("organizations:DescribeOrganization");
    fake.snapshot.unread.push(unread);
    let given = Snapshot {
        account: "111122223333".into(),
        organization: Some(Organization {
            id: "o-example".into(),
            management_account: "999999999999".into(),
            scps: Some(vec![Level {
                target: "r-root".into(),
                policies: vec![Text {
                    name: "arn:aws:organizations::999999999999:policy/o-example/service_control_policy/p-1".into(),
                    text: SCP.into(),
                }],
            }]),
            rcps: None,
        }),
        ..Snapshot::default()
    };
    let asked = Asked {
        organization: Some(given.clone()),
        ..PLAIN
    };
    let report = ask(&mut fake, &asked).unwrap();
    assert_eq!(
        verdict(&report, "create-vpc"),
        (Verdict::NotMet, Rung::Proven)
    );
    assert_eq!(
        verdict(&report, "create-subnet"),
        (Verdict::Met, Rung::Proven)
    );
    let asked = Asked {
        organization: Some(Snapshot {
            account: "444455556666".into(),
            ..given
        }),
        ..PLAIN
    };
    let failure = ask(&mut fake, &asked).unwrap_err();
    assert!(matches!(failure, Failure::OrganizationOfAnother { .. }));
}

#[test]
fn the_root_user_is_refused() {
    let mut fake = Fake::readable(VENDOR);
    fake.caller = "arn:aws:iam::111122223333:root".into();
    let failure = ask(&mut fake, &PLAIN).unwrap_err();
    assert_eq!(failure, Failure::Root("111122223333".into()));
}

#[test]
fn a_region_that_is_off_fails_and_one_that_nobody_tells_stays_open() {
    let mut fake = Fake::readable(VENDOR);
    fake.regions = Some(vec!["us-east-1".into()]);
    let report = ask(&mut fake, &PLAIN).unwrap();
    assert!(report.fails());
    assert!(
        report
            .reasons()
            .iter()
            .any(|it| it.contains("eu-central-1 is not enabled"))
    );
    fake.regions = None;
    let report = ask(&mut fake, &PLAIN).unwrap();
    assert!(report.is_ready());
    // One that has to be switched on may be off.
    let asked = Asked {
        regions: "me-south-1",
        ..PLAIN
    };
    let report = ask(&mut fake, &asked).unwrap();
    assert!(!report.is_ready() && !report.fails());
    let reasons = report.reasons().join("\n");
    assert!(
        reasons.contains("me-south-1 is enabled is not known"),
        "{reasons}"
    );
}

#[test]
fn a_role_must_open_to_the_right_external_id_only() {
    let right = Some("o-right");
    for (opens_to, holds) in [
        (vec![right], Some(true)),
        (vec![right, Some("other")], Some(false)),
        (vec![right, None], Some(false)),
        (vec![], Some(false)),
    ] {
        let mut fake = Fake::readable(VENDOR);
        fake.opens_to.clone_from(&opens_to);
        let asked = Asked {
            trust: Some(TrustOrder {
                role: "arn:aws:iam::111122223333:role/vendor".into(),
                external_id: "o-right".into(),
                wrong: "o-8f3c".into(),
            }),
            ..PLAIN
        };
        let report = ask(&mut fake, &asked).unwrap();
        let trust = report.trust.as_ref().unwrap();
        assert_eq!(trust.holds(), holds, "{opens_to:?}");
        assert_eq!(report.is_ready(), holds == Some(true), "{opens_to:?}");
    }
}

#[test]
fn where_aws_and_we_disagree_both_are_told() {
    let asked = Asked {
        opinion: true,
        ..PLAIN
    };
    let admin =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    for (policy, disagreements) in [(VENDOR, 1), (admin, 2)] {
        let report = ask(&mut Fake::readable(policy), &asked).unwrap();
        let [opinion] = report.opinions.as_slice() else {
            panic!("{:?}", report.opinions);
        };
        assert_eq!(opinion.own_grants, Some(policy == admin));
        let lines = opinion.disagreements();
        assert_eq!(lines.len(), disagreements, "{lines:?}");
        assert_eq!(lines[0], "AWS finds 1 errors, and we find none");
    }
}

#[test]
fn a_snapshot_that_never_asked_for_the_organization_says_nothing_of_it() {
    let mut fake = Fake::readable(VENDOR);
    fake.snapshot.in_no_organization = false;
    let unread = unread("organizations:DescribeOrganization");
    fake.snapshot.unread.push(unread);
    let asked = Asked {
        organization: Some(Snapshot {
            account: "111122223333".into(),
            ..Snapshot::default()
        }),
        ..PLAIN
    };
    let report = ask(&mut fake, &asked).unwrap();
    assert!(!report.limits_read && !report.is_ready());
    assert_eq!(report.check.count(Verdict::Met), 0);
}
