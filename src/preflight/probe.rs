//! Probes: requests that cannot succeed, or that only read, whose answer tells whether they were
//! authorised.
//!
//! A row says what is sent, which answers mean what, and how it is known that authorisation comes
//! first. An answer to a row whose order is assumed never proves anything, and neither does one to a
//! request that differs from the requirement's in what a policy could test. Nothing here sends
//! anything; each probe that is sent shows in the account's CloudTrail.

mod fill;
mod table;

use super::{Probed, Rung, Settled};
use crate::check::Verdict;
use crate::evidence::refusals;
use crate::profile::Call;
use fill::{has_prefix, request_tags, requested_region};

/// The code of an answer to a request that went well.
pub const SUCCESS: &str = "Success";

/// A row of the table of probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The action that it asks for, `service:Name`.
    pub action: &'static str,
    /// Why it changes nothing.
    pub kind: Kind,
    /// Whether its action only reads.
    pub is_read: bool,
    /// What is sent.
    pub shape: Shape,
    /// The type of what is created, whose tags the request carries as the requirement's does.
    pub tags: Option<&'static str>,
    /// The codes that say that it was authorised.
    pub allowed: &'static [&'static str],
    /// The codes that say that it was not.
    pub denied: &'static [&'static str],
    /// How it is known that authorisation comes first.
    pub evidence: Evidence,
}

/// Why a probe changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// EC2 does not carry it out.
    DryRun,
    /// It lists, without naming anything.
    List,
    /// It reads what the requirement names, which need not exist.
    Read,
    /// It deletes an exact name that nobody can have given.
    Delete,
    /// It creates in a parent that cannot exist.
    Create,
}

/// How it is known that authorisation comes before whatever else an answer could say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// AWS says so, on this page.
    Documented(&'static str),
    /// These answers were seen, on this day.
    Recorded(&'static str, &'static str),
    /// Nobody says so.
    Assumed,
}

/// What a row sends, with holes: `{region}`; `{name}`, a random name with the vendor's prefix;
/// `{id}`, the random part of an id of EC2; `{1}`, `{2}` and `{last}`, parts of the resource's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A form: the version of the API, and parameters.
    Form {
        /// The version.
        version: &'static str,
        /// The parameters.
        parameters: &'static [(&'static str, &'static str)],
    },
    /// JSON 1.1: what stands before the operation, and the members.
    Json {
        /// What stands before the operation.
        target: &'static str,
        /// The members.
        body: &'static str,
    },
    /// REST: method, path and members.
    Rest {
        /// The method.
        method: &'static str,
        /// The path with its query.
        path: &'static str,
        /// The members; empty: none.
        body: &'static str,
    },
}

/// What fills the holes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// How the vendor's names start; empty: it is not known, and nothing is deleted or created.
    pub prefix: String,
    /// 128 random bits, as 32 hexadecimal digits.
    pub random: String,
    /// The region, where a call names none.
    pub region: String,
}

/// A probe, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Its row.
    pub row: &'static Row,
    /// The region in which it is asked.
    pub region: String,
    /// What is sent.
    pub request: Request,
    /// Whether it asks what the requirement asks, in everything that a policy could test.
    pub is_exact: bool,
}

/// What is sent, without holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// As [`Shape::Form`].
    Form {
        /// The version.
        version: &'static str,
        /// The parameters.
        parameters: Vec<(String, String)>,
    },
    /// As [`Shape::Json`].
    Json {
        /// What stands before the operation.
        target: &'static str,
        /// The members.
        body: String,
    },
    /// As [`Shape::Rest`].
    Rest {
        /// The method.
        method: &'static str,
        /// The path with its query.
        path: String,
        /// The members; empty: none.
        body: String,
    },
}

/// Returns the table.
#[must_use]
pub fn rows() -> &'static [Row] {
    table::ROWS
}

/// Returns the probe of a call; none where there is no honest one.
#[must_use]
pub fn of(call: &Call, names: &Names) -> Option<Probe> {
    let row = rows().iter().find(|it| it.action == call.action)?;
    let region = requested_region(call).unwrap_or_else(|| names.region.clone());
    let resource = call.resources.first();
    if matches!(row.kind, Kind::Delete | Kind::Create) && !has_prefix(resource?, names) {
        return None;
    }
    let tags = match row.tags {
        Some(_) => request_tags(call),
        None => Vec::new(),
    };
    let arn = resource.map_or("", |it| it.arn.as_str());
    let mut probe = row.fill(&region, arn, &tags, names)?;
    probe.is_exact = row.asks(call);
    Some(probe)
}

/// Whether the probe of a call puts tags on what it would create.
#[must_use]
pub fn carries_tags(call: &Call) -> bool {
    let row = rows().iter().find(|it| it.action == call.action);
    row.is_some_and(|it| it.tags.is_some()) && !request_tags(call).is_empty()
}

impl Probe {
    /// Returns what an answer says: the code of an error, or [`SUCCESS`], AWS's words and the
    /// request id. None where it says neither.
    #[must_use]
    pub fn read(&self, code: &str, message: &str, request_id: &str) -> Option<Probed> {
        let is = |codes: &[&str]| codes.contains(&code);
        if is(self.row.allowed) {
            return Some(Probed::Allowed {
                code: code.to_owned(),
                request_id: request_id.to_owned(),
            });
        }
        // A refusal of what the request asks for besides, such as the tags, leaves this one open.
        let named = refusals(message).into_iter().find_map(|it| it.action);
        let is_own = match named {
            Some(named) => named.eq_ignore_ascii_case(self.row.action),
            None => !self.has_tags(),
        };
        (is(self.row.denied) && is_own).then(|| Probed::Denied {
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: request_id.to_owned(),
        })
    }

    fn has_tags(&self) -> bool {
        match &self.request {
            Request::Form { parameters, .. } => {
                let mut names = parameters.iter().map(|(name, _)| name);
                names.any(|it| it.starts_with("TagSpecification."))
            }
            _ => false,
        }
    }

    /// Whether an answer to it proves anything about its requirement.
    #[must_use]
    pub fn proves(&self) -> bool {
        self.is_exact && self.row.evidence != Evidence::Assumed
    }

    /// Returns what an answer settles.
    #[must_use]
    pub fn settle(&self, answer: &Probed) -> Settled {
        let (verdict, layer, words) = match answer {
            Probed::Allowed { code, request_id } => {
                let words = format!("AWS answered a probe from here with {code}");
                (Verdict::Met, None, (words, request_id.as_str()))
            }
            Probed::Denied {
                code,
                message,
                request_id,
            } => {
                let layer = refusals(message).first().and_then(|it| it.layer);
                let words = format!("AWS refused a probe with {code}");
                (Verdict::NotMet, layer, (words, request_id.as_str()))
            }
            Probed::Unclear(unread) => {
                let words = match unread.code.as_str() {
                    "" => format!("a probe was not answered: {}", unread.message),
                    code => format!("AWS answered a probe with {code}, which says neither"),
                };
                (Verdict::Unknown, None, (words, ""))
            }
        };
        let (words, request_id) = words;
        let suggests = match verdict {
            Verdict::Met => "that it is allowed",
            _ => "that it is denied",
        };
        if verdict == Verdict::Unknown || self.proves() {
            return Settled {
                verdict,
                rung: Rung::Probed,
                layer,
                words: match request_id {
                    "" => words,
                    id => format!("{words} (request {id})"),
                },
            };
        }
        Settled {
            verdict: Verdict::Unknown,
            rung: Rung::Probed,
            layer: None,
            words: format!("{words}, which suggests {suggests}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Evidence, Kind, Names, Probe, Request, Row, Shape, of, rows};
    use crate::account::Unread;
    use crate::check::Verdict;
    use crate::preflight::Probed;
    use crate::profile::{Call, Profile, Settings, shipped_profiles};

    fn names() -> Names {
        Names {
            prefix: "mengi-".to_owned(),
            random: "0123456789abcdef0123456789abcdef".to_owned(),
            region: "eu-central-1".to_owned(),
        }
    }

    fn filled(row: &'static Row) -> Probe {
        let arn = "arn:aws:eks:eu-central-1:111122223333:nodegroup/mengi-demo/blue/0";
        row.fill("eu-central-1", arn, &[], &names()).unwrap()
    }

    #[test]
    fn nothing_is_probed_that_must_not_be() {
        const FORBIDDEN: [&str; 14] = [
            "key",
            "user",
            "pass",
            "attachr",
            "attachu",
            "policy",
            "policies",
            "boundary",
            "trust",
            "tagresource",
            "createtags",
            "deletetags",
            "secret",
            "putaccount",
        ];
        for row in rows() {
            let action = row.action.to_ascii_lowercase();
            let name = action.split_once(':').unwrap().1;
            // TLS policies of load balancers are public.
            if name == "describesslpolicies" {
                continue;
            }
            for word in FORBIDDEN {
                assert!(!name.contains(word), "{}", row.action);
            }
            assert!(!["getparameter", "getobject", "getauthorizationtoken"].contains(&name));
        }
    }

    #[test]
    fn every_row_is_known_once_and_says_what_it_rests_on() {
        let catalog = crate::catalog::Catalog::builtin();
        for (at, row) in rows().iter().enumerate() {
            let (service, name) = row.action.split_once(':').unwrap();
            let action = catalog.action(service, &name.to_ascii_lowercase());
            assert!(action.is_some(), "{}", row.action);
            assert!(
                !rows()[..at].iter().any(|it| it.action == row.action),
                "{}",
                row.action
            );
            assert!(!row.allowed.is_empty() && !row.denied.is_empty());
            assert!(row.allowed.iter().all(|it| !row.denied.contains(it)));
            if let Evidence::Documented(page) | Evidence::Recorded(page, _) = row.evidence {
                assert!(page.len() > 10, "{}", row.action);
            }
            let reads = ["Describe", "Get", "List"];
            let is_read = reads.iter().any(|it| name.starts_with(it));
            assert_eq!(row.is_read, is_read, "{}", row.action);
        }
    }

    #[test]
    fn dry_runs_are_those_of_ec2_and_say_so() {
        for row in rows() {
            let is_ec2 = row.action.starts_with("ec2:");
            assert_eq!(row.kind == Kind::DryRun, is_ec2, "{}", row.action);
            let Request::Form { parameters, .. } = filled(row).request else {
                continue;
            };
            let asks = parameters.contains(&("DryRun".to_owned(), "true".to_owned()));
            assert_eq!(asks, is_ec2, "{}", row.action);
        }
    }

    #[test]
    fn what_is_no_read_and_no_dry_run_names_only_what_cannot_exist() {
        for row in rows()
            .iter()
            .filter(|it| !it.is_read && it.kind != Kind::DryRun)
        {
            let texts: Vec<&str> = match row.shape {
                Shape::Form { parameters, .. } => parameters.iter().map(|it| it.1).collect(),
                Shape::Rest { path, .. } => vec![path],
                Shape::Json { body, .. } => vec![body],
            };
            assert!(
                texts.iter().any(|it| it.contains("{name}")),
                "{}",
                row.action
            );
            assert!(
                texts
                    .iter()
                    .all(|it| !it.contains("{last}") && !it.contains("{1}"))
            );
            assert!(!row.allowed.contains(&super::SUCCESS), "{}", row.action);
            assert_eq!(row.evidence, Evidence::Assumed, "{}", row.action);
        }
    }

    #[test]
    fn random_names_need_a_prefix_and_128_bits() {
        let row = rows()
            .iter()
            .find(|it| it.action == "iam:DeleteRole")
            .unwrap();
        let short = Names {
            random: "0123".to_owned(),
            ..names()
        };
        assert!(row.fill("", "", &[], &short).is_none());
        let Request::Form { parameters, .. } = filled(row).request else {
            panic!("no form");
        };
        assert_eq!(parameters[0].1, "mengi-0123456789abcdef0123456789abcdef");
        let call = &calls()["mengi/eks"];
        let call = call
            .iter()
            .find(|it| it.action == "iam:DeleteRole")
            .unwrap();
        assert!(of(call, &names()).is_some());
        let nobody = Names {
            prefix: String::new(),
            ..names()
        };
        assert!(of(call, &nobody).is_none());
    }

    fn calls() -> std::collections::BTreeMap<String, Vec<Call>> {
        let mut all = std::collections::BTreeMap::new();
        for shipped in shipped_profiles() {
            let profile = Profile::of(shipped).unwrap();
            let calls = profile.calls(&Settings::default()).unwrap();
            all.insert(profile.name.clone(), calls);
        }
        all
    }

    fn probe_of(profile: &str, action: &str) -> Probe {
        let calls = &calls()[profile];
        let call = calls.iter().find(|it| it.action == action).unwrap();
        of(call, &names()).unwrap()
    }

    /// Of EC2, and why there is no probe of them: they have no `DryRun`, they attach or tag, they
    /// are settings of a thing, or they need things of other services.
    const LEFT_OUT: [&str; 22] = [
        "AcceptVpcEndpointConnections",
        "AssignPrivateIpAddresses",
        "AttachInternetGateway",
        "AttachNetworkInterface",
        "AttachVolume",
        "CreateFleet",
        "CreateNetworkAclEntry",
        "CreateTags",
        "CreateVpcEndpointServiceConfiguration",
        "DeleteTags",
        "DeleteVpcEndpointServiceConfigurations",
        "DetachInternetGateway",
        "DetachNetworkInterface",
        "DetachVolume",
        "ModifyNetworkInterfaceAttribute",
        "ModifySubnetAttribute",
        "ModifyVpcAttribute",
        "ModifyVpcEndpoint",
        "ModifyVpcEndpointServiceConfiguration",
        "ModifyVpcEndpointServicePermissions",
        "RejectVpcEndpointConnections",
        "UnassignPrivateIpAddresses",
    ];

    #[test]
    fn of_ec2_only_what_is_named_here_has_no_probe() {
        for call in calls().values().flatten() {
            let Some(name) = call.action.strip_prefix("ec2:") else {
                continue;
            };
            let has_row = rows().iter().any(|it| it.action == call.action);
            assert_ne!(has_row, LEFT_OUT.contains(&name), "{}", call.action);
        }
    }

    #[test]
    fn only_what_asks_the_same_proves() {
        for action in [
            "ec2:CreateVpc",
            "ec2:DescribeVpcs",
            "ec2:CreateInternetGateway",
        ] {
            assert!(probe_of("mengi/eks", action).proves(), "{action}");
        }
        for action in [
            "ec2:CreateSubnet",
            "ec2:DeleteVpc",
            "iam:GetRole",
            "iam:DeleteRole",
        ] {
            assert!(!probe_of("mengi/eks", action).proves(), "{action}");
        }
        let Request::Form { parameters, .. } = probe_of("mengi/eks", "ec2:CreateVpc").request
        else {
            panic!("no form");
        };
        let tag = (
            "TagSpecification.1.Tag.1.Value".to_owned(),
            "mengi".to_owned(),
        );
        assert!(parameters.contains(&tag), "{parameters:?}");
    }

    #[test]
    fn a_key_that_no_request_carries_leaves_the_answer_a_suggestion() {
        let calls = &calls()["mengi/eks"];
        let call = calls
            .iter()
            .find(|it| it.action == "ec2:CreateVpc")
            .unwrap();
        let mut call = call.clone();
        let value = crate::profile::ContextValue::One("pool".to_owned());
        call.context.push(("ec2:Ipv4IpamPoolId".to_owned(), value));
        let probe = of(&call, &names()).unwrap();
        let allowed = probe.read("DryRunOperation", "", "1").unwrap();
        let settled = probe.settle(&allowed);
        assert_eq!(settled.verdict, Verdict::Unknown);
        assert!(settled.words.ends_with("which suggests that it is allowed"));
    }

    #[test]
    fn answers_settle_what_they_say() {
        let probe = probe_of("mengi/eks", "ec2:CreateVpc");
        let verdict = |code: &str, message: &str| {
            let answer = probe.read(code, message, "1").unwrap_or_else(|| {
                Probed::Unclear(Unread {
                    code: code.to_owned(),
                    ..Unread::default()
                })
            });
            let settled = probe.settle(&answer);
            (settled.verdict, settled.layer)
        };
        let words = |action: &str| {
            format!(
                "You are not authorized to perform this operation. User: arn:aws:iam::111122223333:\
                 user/a is not authorized to perform: {action} on resource: arn:aws:ec2:eu-central-1:\
                 111122223333:vpc/* because no service control policy allows the {action} action"
            )
        };
        let refused = "UnauthorizedOperation";
        let scp = Some(crate::evaluate::Layer::Scp);
        assert_eq!(verdict("DryRunOperation", ""), (Verdict::Met, None));
        assert_eq!(
            verdict(refused, &words("ec2:CreateVpc")),
            (Verdict::NotMet, scp)
        );
        // The tags were refused, or nobody says what was.
        assert_eq!(
            verdict(refused, &words("ec2:CreateTags")).0,
            Verdict::Unknown
        );
        assert_eq!(
            verdict(refused, "Encoded authorization failure message: x").0,
            Verdict::Unknown
        );
        assert_eq!(verdict("VpcLimitExceeded", "").0, Verdict::Unknown);
        assert_eq!(verdict("RequestLimitExceeded", "").0, Verdict::Unknown);
    }

    #[test]
    fn an_assumed_order_never_proves() {
        let probe = Probe {
            is_exact: true,
            ..probe_of("mengi/eks", "iam:GetRole")
        };
        let allowed = probe.read("NoSuchEntity", "", "1").unwrap();
        assert_eq!(probe.settle(&allowed).verdict, Verdict::Unknown);
        let denied = probe.read("AccessDenied", "", "1").unwrap();
        assert_eq!(probe.settle(&denied).verdict, Verdict::Unknown);
    }
}
