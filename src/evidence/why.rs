//! Why a call was refused, who can change that, and by which smallest change.
//!
//! AWS names one sort of policy, even where several refuse (IAM User Guide, "Troubleshoot access
//! denied error messages"). Only where nothing allows is there something to add, and only in the
//! policy that is silent: adding to an identity policy is never advised where another one, or a
//! Deny statement, refused. What is not told stays unknown, with how to find out.

use super::refusal::Refusal;
use super::secret::is_hidden;
use crate::arn::Arn;
use crate::catalog::Catalog;
use crate::evaluate::Layer;

/// What can be said of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The sort of policy that refused.
    pub layer: Option<Layer>,
    /// Whether by a Deny statement; none: not known.
    pub explicit: Option<bool>,
    /// Why the sort of policy is not known, and how to find out.
    pub unknown: Vec<String>,
    /// Who can change it.
    pub who: String,
    /// The smallest change.
    pub change: Change,
    /// What else is good to know.
    pub notes: Vec<String>,
}

/// What to change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// In words.
    pub text: String,
    /// What to add, where adding helps.
    pub statement: Option<NewStatement>,
}

/// An Allow statement to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStatement {
    /// Whom it names, in policies of resources.
    pub principal: Option<String>,
    /// The action.
    pub action: String,
    /// The resource; none in trust policies.
    pub resource: Option<String>,
}

/// Explains a refusal. `decided` is the layer that the policies at hand show, and whether a Deny
/// statement in it decided: it counts where AWS names none.
#[must_use]
pub fn explain(
    refusal: &Refusal,
    decided: Option<(Layer, bool)>,
    catalog: &Catalog,
) -> Explanation {
    let layer = refusal.layer.or(decided.map(|(layer, _)| layer));
    let shown = decided.filter(|(of, _)| Some(*of) == layer);
    let explicit = refusal.explicit.or(shown.map(|(_, explicit)| explicit));
    let subject = Subject { refusal, catalog };
    let unknown = match layer {
        Some(_) => Vec::new(),
        None => subject.unknown(),
    };
    Explanation {
        layer,
        explicit,
        unknown,
        who: subject.who(layer),
        change: subject.change(layer, explicit),
        notes: subject.notes(layer, explicit),
    }
}

struct Subject<'a> {
    refusal: &'a Refusal,
    catalog: &'a Catalog,
}

impl Subject<'_> {
    fn action(&self) -> Option<&str> {
        self.refusal.action.as_deref()
    }

    /// Whether the call takes on a role, so that the policy of the resource is its trust policy.
    fn assumes_role(&self) -> bool {
        self.action()
            .is_some_and(|it| it.to_ascii_lowercase().starts_with("sts:assumerole"))
    }

    /// The caller as identity policies know it: `role \`x\`` of a session.
    fn holder(&self) -> String {
        let Some(arn) = self.refusal.caller.as_deref().and_then(Arn::parse) else {
            return "the caller".to_owned();
        };
        let mut parts = arn.resource.split('/');
        match (arn.service, parts.next(), parts.next_back()) {
            ("sts", Some("assumed-role"), _) => {
                let role = arn.resource.split('/').nth(1).unwrap_or_default();
                format!("the role `{role}`")
            }
            ("iam", Some("user"), Some(name)) => format!("the user `{name}`"),
            ("iam", Some("role"), Some(name)) => format!("the role `{name}`"),
            ("iam", Some("root"), _) => "the root user".to_owned(),
            _ => "the caller".to_owned(),
        }
    }

    fn account(&self) -> String {
        let arn = self.refusal.caller.as_deref().and_then(Arn::parse);
        match arn.filter(|it| !it.account.is_empty()) {
            Some(arn) => format!("the account {}", arn.account),
            None => "the caller's account".to_owned(),
        }
    }

    fn owner(&self) -> String {
        let arn = self.refusal.resource.as_deref().and_then(Arn::parse);
        match arn.filter(|it| !it.account.is_empty()) {
            Some(arn) => format!("the account {}", arn.account),
            None => "the resource's account".to_owned(),
        }
    }

    fn who(&self, layer: Option<Layer>) -> String {
        let (account, holder, owner) = (self.account(), self.holder(), self.owner());
        match layer {
            Some(Layer::Identity) => {
                format!("whoever administers IAM in {account}: it is a policy of {holder}")
            }
            Some(Layer::Boundary) => format!(
                "whoever sets permissions boundaries in {account}, often not those who write the policies of {holder}"
            ),
            Some(Layer::Session) => {
                "whoever starts the session: the policy is passed in the call that assumes the role, or is set on what starts sessions (an EKS Pod Identity association, a Roles Anywhere profile)".to_owned()
            }
            // AWS Organizations User Guide, "Service control policies" and "Resource control
            // policies": both are made in the management account, or by a delegated administrator.
            Some(Layer::Scp) => format!(
                "the administrator of the organization that {account} is in (management account or delegated administrator); nobody in the account can"
            ),
            Some(Layer::Rcp) => format!(
                "the administrator of the organization that {owner} is in (management account or delegated administrator)"
            ),
            Some(Layer::Resource) if self.assumes_role() => {
                format!("whoever administers IAM in {owner}: it is the role's trust policy")
            }
            Some(Layer::Resource) => format!("the owner of the resource, in {owner}"),
            Some(Layer::VpcEndpoint) => {
                "the owner of the VPC endpoint that the request went through".to_owned()
            }
            Some(Layer::Service) => "nobody: AWS refuses it whatever policies say".to_owned(),
            None => "not known until the sort of policy is".to_owned(),
        }
    }

    fn change(&self, layer: Option<Layer>, explicit: Option<bool>) -> Change {
        let only = |text: String| Change {
            text,
            statement: None,
        };
        let Some(layer) = layer else {
            return only(match explicit {
                Some(true) => "none to an identity policy: a Deny statement refused, and no Allow overrides it".into(),
                _ => "none until it is known which policy refused".into(),
            });
        };
        let name = self.policy_name(layer);
        if explicit == Some(true) {
            let which = match (&self.refusal.policy, self.refusal.statements.as_slice()) {
                (Some(policy), _) => format!("the Deny statement of `{policy}`"),
                (None, [sid, ..]) => format!("the Deny statement `{sid}` of the {name}"),
                (None, []) => format!("the Deny statement of the {name}"),
            };
            return only(format!(
                "make {which} spare this call, or do not make the call; no Allow in any policy overrides it"
            ));
        }
        match layer {
            Layer::Service => only("none: no policy changes this".into()),
            Layer::Identity => self.addition("add to an identity policy of", &self.holder(), None),
            Layer::Resource => self.for_resource(),
            Layer::Session => self.addition("start the session with a policy that has", "", None),
            // AWS Organizations User Guide, "Resource control policies": those of one's own only deny.
            Layer::Rcp => only(
                "not to the identity policy: attach AWS's `RCPFullAWSAccess` again; resource control policies of one's own cannot allow".into(),
            ),
            _ => {
                let text =
                    format!("not to the identity policy: let the {name} allow the call too, by");
                // It only sets a limit for what goes through, and names principals as all policies
                // of resources do.
                let everybody = (layer == Layer::VpcEndpoint).then(|| "*".to_owned());
                self.addition(&text, "", everybody)
            }
        }
    }

    fn for_resource(&self) -> Change {
        let (principal, note) = self.principal();
        let Some(principal) = principal else {
            let text = format!(
                "let the {} allow the caller, which the message does not name",
                self.policy_name(Layer::Resource)
            );
            return Change {
                text,
                statement: None,
            };
        };
        let keeping = match self.assumes_role() {
            true => ", with its condition on the external ID,",
            false => "",
        };
        let name = self.policy_name(Layer::Resource);
        let name = format!("add to the {name}{keeping}{note}");
        self.addition(&name, "", Some(principal))
    }

    /// Whom policies of resources name: the role of a session, whose path the session does not tell.
    fn principal(&self) -> (Option<String>, &'static str) {
        let Some(caller) = self.refusal.caller.as_deref() else {
            return (None, "");
        };
        let Some(arn) = Arn::parse(caller) else {
            return (None, "");
        };
        let role = arn.resource.strip_prefix("assumed-role/");
        match role.and_then(|it| it.split_once('/')) {
            Some((role, _)) => (
                Some(format!(
                    "arn:{}:iam::{}:role/{role}",
                    arn.partition, arn.account
                )),
                " (with the role's path in its ARN, if it has one)",
            ),
            None => (Some(caller.to_owned()), ""),
        }
    }

    fn addition(&self, lead: &str, whose: &str, principal: Option<String>) -> Change {
        let lead = format!("{lead} {whose}");
        let lead = lead.trim_end();
        match self.statement(principal) {
            Ok(statement) => Change {
                text: format!("{lead}:"),
                statement: Some(statement),
            },
            Err(why) => Change {
                text: format!("{lead} an Allow of the action; it cannot be written out: {why}"),
                statement: None,
            },
        }
    }

    /// The smallest statement, or why it cannot be told.
    fn statement(&self, principal: Option<String>) -> Result<NewStatement, String> {
        let action = self
            .action()
            .ok_or("the message does not name the action")?
            .to_owned();
        if principal.is_some() && self.assumes_role() {
            return Ok(NewStatement {
                principal,
                action,
                resource: None,
            });
        }
        let (service, name) = action.split_once(':').unwrap_or_default();
        let known = self.catalog.action(service, name);
        let known = known.ok_or("the catalog does not have the action")?;
        // Service Authorization Reference: an action without resource types takes `*` only.
        if known.resource_types.is_empty() {
            return Ok(NewStatement {
                principal,
                action,
                resource: Some("*".into()),
            });
        }
        let told = self.refusal.resource.as_deref();
        let arn = told.filter(|it| Arn::parse(it).is_some() && !is_hidden(it));
        let Some(arn) = arn else {
            let service = self.catalog.service(service);
            let formats = known.resource_types.iter().filter_map(|row| {
                let kind = service?.resource_type(&row.name)?;
                Some(format!("`{}`", kind.arn_templates.first()?))
            });
            let formats: Vec<String> = formats.take(3).collect();
            let like = match formats.is_empty() {
                true => String::new(),
                false => format!(", such as {}", formats.join(" or ")),
            };
            return Err(format!(
                "the action is limited by resource, and the message names none: find out which it was{like}"
            ));
        };
        Ok(NewStatement {
            principal,
            resource: Some(literal(arn)),
            action,
        })
    }

    fn policy_name(&self, layer: Layer) -> &'static str {
        match layer {
            Layer::Resource if self.assumes_role() => "role's trust policy",
            Layer::Identity => "identity policy",
            Layer::Boundary => "permissions boundary",
            Layer::Session => "session policy",
            Layer::Scp => "service control policy",
            Layer::Rcp => "resource control policy",
            Layer::Resource => "resource's policy",
            Layer::VpcEndpoint => "VPC endpoint's policy",
            Layer::Service => "service",
        }
    }

    /// Why the sort of policy is not known, and how to find out.
    fn unknown(&self) -> Vec<String> {
        let refusal = self.refusal;
        if self.assumes_role() {
            return vec![
                "AWS answers alike whether the role does not exist, its trust policy does not name the caller, the external ID or a session tag is wrong or missing, or the caller's own policies do not allow it".into(),
                "a role, user or trust policy that was made seconds ago may not be known everywhere yet: try again for a minute, and only then look further".into(),
                "give the policies to have them judged: `--identity FILE --trust FILE`".into(),
            ];
        }
        if refusal.is_encoded {
            return vec![
                "EC2 hides the reason in an encoded message: decode it with `--decode`, or with `aws sts decode-authorization-message --encoded-message TEXT` (needs `sts:DecodeAuthorizationMessage` in the account that made the call)".into(),
                "then give its answer to `rolecall why -`".into(),
            ];
        }
        if refusal.is_decoded {
            let sids = match refusal.statements.as_slice() {
                [] => String::new(),
                sids => format!("; the statements that deny are `{}`", sids.join("`, `")),
            };
            return vec![
                format!("a decoded message tells whether a Deny statement refused, not in which sort of policy{sids}"),
                "give the policies to have them judged: `--identity FILE`, `--scp FILE`, `--boundary FILE`".into(),
            ];
        }
        let first = match (&refusal.action, &refusal.explicit) {
            (None, _) => "the message says neither which action was refused nor by what",
            (_, Some(true)) => "the message speaks of a Deny statement, and not in which policy",
            _ => "the message does not say which sort of policy refused",
        };
        vec![
            first.into(),
            "give the policies to have them judged, and the record of the call in CloudTrail, which may say more".into(),
        ]
    }

    fn notes(&self, layer: Option<Layer>, explicit: Option<bool>) -> Vec<String> {
        let mut notes = Vec::new();
        if self.refusal.layer.is_some() {
            notes.push("AWS names one sort of policy even where several refuse: another may come to light next".to_owned());
        }
        match layer {
            // IAM User Guide, "Troubleshoot access denied error messages".
            Some(Layer::Scp) if explicit == Some(true) && self.refusal.layer.is_some() => notes.push(
                "older messages say \"explicit deny\" of service control policies also where they merely allow nothing: look for both".into(),
            ),
            Some(Layer::Resource) if self.is_foreign() => notes.push(
                "the resource is in another account, so the caller's identity policy has to allow the call too".into(),
            ),
            Some(Layer::Identity) if self.is_foreign() && explicit != Some(true) => notes.push(
                "the resource is in another account, so the policy of the resource has to allow the call too".into(),
            ),
            Some(Layer::Boundary | Layer::Scp | Layer::Session) if explicit != Some(true) => notes
                .push("that policy only sets a limit: an identity policy has to allow the call too".into()),
            _ => {}
        }
        if layer.is_some() && self.assumes_role() {
            notes.push("both sides are asked: the caller's identity policy and the role's trust policy with its external ID".into());
        }
        notes
    }

    fn is_foreign(&self) -> bool {
        let account = |text: &Option<String>| {
            let arn = text.as_deref().and_then(Arn::parse)?;
            (!arn.account.is_empty()).then(|| arn.account.to_owned())
        };
        let caller = account(&self.refusal.caller);
        let owner = account(&self.refusal.resource);
        caller.zip(owner).is_some_and(|(a, b)| a != b)
    }
}

/// The pattern that covers this ARN. In keys of S3 objects `*` and `?` are letters (IAM User Guide,
/// "IAM policy elements: Variables and tags"); elsewhere AWS writes `*` for an id to be given.
fn literal(arn: &str) -> String {
    let is_s3 = Arn::parse(arn).is_some_and(|it| it.service == "s3");
    if !is_s3 {
        return arn.to_owned();
    }
    let mut out = String::with_capacity(arn.len());
    for letter in arn.chars() {
        match letter {
            '*' | '?' | '$' => out.extend(['$', '{', letter, '}']),
            _ => out.push(letter),
        }
    }
    out
}
