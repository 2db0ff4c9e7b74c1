//! `rolecall why`: why was a call denied, who can change that, and by which smallest change?
//!
//! Works on the text alone and, where policies are given, decides the call with them. Nothing is
//! asked of AWS but, with `--decode`, what EC2 encoded; and nothing of the text is printed but what names the call.

use std::io::Write as _;

use clap::Args;

use super::catalog::load_catalog;
use super::check::Format;
use super::deciding::{Place, Why, reason};
use super::input;
use super::live::LiveArgs;
use super::policies::{self, LoadedPolicies, PolicyArgs};
use super::replay::Replayed;
use super::simulate::Refusal as Complaint;
use super::simulate::question::{Pairs, read_pairs};
use crate::arn::{Arn, is_account_id};
use crate::catalog::Catalog;
use crate::evaluate::call::{Call, CallResource, decide_call};
use crate::evaluate::{Action, Decision, Layer, Principal, Settings};
use crate::evidence::{self, Change, Refusal};
use crate::policy::{Document, Effect};
use crate::report;
use crate::report::why::{ByPolicies, Explained, One, StatementAt};
use crate::source::{FileId, Location, Span};

/// Say why a call was denied, who can change that, and how.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 every denial is explained with the sort of policy that refused; \
                  2 wrong use, or no denial in the text; 3 something is unknown, or the policies \
                  given say otherwise."
)]
pub struct WhyArgs {
    /// The error message, a log, CloudTrail records, or a message that
    /// `aws sts decode-authorization-message` decoded. `-`: standard input.
    #[arg(value_name = "TEXT", required_unless_present = "file")]
    text: Option<String>,
    /// A file with such a text.
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<String>,
    /// Let AWS decode the messages in which EC2 hides the reason: a credential of the account that
    /// made the call needs `sts:DecodeAuthorizationMessage`.
    #[arg(long)]
    decode: bool,
    /// Context keys of the call, for deciding it with the policies given.
    #[arg(long, value_name = "KEY=VALUE[,VALUE]", num_args = 1..)]
    context: Vec<String>,
    /// The account that owns the resources whose ARNs name none.
    #[arg(long, value_name = "ID")]
    resource_account: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Use the catalog in the binary even if the cache has a newer one.
    #[arg(long)]
    builtin_catalog: bool,
    #[command(flatten)]
    policies: PolicyArgs,
    #[command(flatten)]
    live: LiveArgs,
}

/// Runs the subcommand and returns the exit code: 0 explained, 2 wrong use, 3 not all of it.
#[must_use]
pub fn run(args: &WhyArgs) -> u8 {
    let (message, code) = match why(args) {
        Ok(code) => return code,
        Err(Complaint::Use(message)) => (message, 2),
        Err(Complaint::UnknownName(message)) => (message, 3),
    };
    let message = input::lines_visible(&message);
    let _ = writeln!(anstream::stderr(), "error: {message}");
    code
}

fn why(args: &WhyArgs) -> Result<u8, Complaint> {
    let catalog =
        load_catalog(args.builtin_catalog).map_err(|it| Complaint::Use(it.to_string()))?;
    let text = text(args)?;
    let mut refusals = evidence::refusals(&text);
    if args.decode {
        decode(args, &text, &mut refusals)?;
    }
    if refusals.is_empty() {
        // The text is not repeated: it may hold anything.
        return usage(
            "the text holds no denial\nhelp: give the whole message, with the line that says `AccessDenied` or `is not authorized to perform`",
        );
    }
    if let Some(account) = args
        .resource_account
        .as_deref()
        .filter(|it| !is_account_id(it))
    {
        return usage(&format!(
            "`--resource-account {account}` is no account id: twelve digits"
        ));
    }
    let context = read_pairs("--context", args.context.iter(), &catalog)?;
    let mut layers = args.policies.clone();
    let caller = refusals.iter().find_map(|it| it.caller.as_deref());
    layers.of_principal(caller);
    let mut loaded = policies::load(&layers).map_err(|error| Complaint::Use(error.to_string()))?;
    if loaded.trust_is_of_snapshot() {
        // It says who may become the caller, not what the caller may become.
        loaded.trust = None;
    }
    let given = Given::of(&layers, &loaded);
    let mut ones = Vec::new();
    for refusal in &refusals {
        let judging = Judging {
            args,
            catalog: &catalog,
            context: &context,
            given: &given,
        };
        ones.push(judging.explain(refusal, &mut loaded)?);
    }
    let explained = Explained {
        refusals: ones,
        sources: &loaded.sources,
        unread: &loaded.unread,
        assumptions: &loaded.assumptions,
        catalog: catalog.info(),
    };
    let shown = match args.format {
        Format::Json => format!("{:#}\n", report::why::json(&explained)),
        Format::Text => report::why::text(&explained),
    };
    super::check::print_text(&shown);
    let all = explained.refusals.iter().all(|it| it.is_explained);
    Ok(if all && loaded.unread.is_empty() {
        0
    } else {
        3
    })
}

/// Puts what AWS decodes in the place of the refusals that hide it; what it does not decode stays.
#[cfg(feature = "aws")]
fn decode(args: &WhyArgs, text: &str, refusals: &mut [Refusal]) -> Result<(), Complaint> {
    let messages = evidence::encoded(text);
    if messages.is_empty() {
        return Ok(());
    }
    let connection = args.live.connect().map_err(Complaint::Use)?;
    let mut decoded: Vec<Refusal> = Vec::new();
    for message in &messages {
        match connection.decode(message) {
            Ok(text) => decoded.extend(evidence::refusals(&text)),
            Err(error) => {
                let words = super::live::call_error(&error);
                let words = input::lines_visible(&words);
                let _ = writeln!(anstream::stderr(), "not decoded: {words}");
                return Ok(());
            }
        }
    }
    for refusal in refusals.iter_mut().filter(|it| it.is_encoded) {
        let is_its = |it: &&Refusal| refusal.action.is_none() || it.action == refusal.action;
        if let Some(words) = decoded.iter().find(is_its).cloned() {
            fill(refusal, words);
        }
    }
    Ok(())
}

/// Takes over what the encoded message told; what AWS said in the open stays.
#[cfg(feature = "aws")]
fn fill(refusal: &mut Refusal, words: Refusal) {
    let known = std::mem::take(refusal);
    *refusal = Refusal {
        caller: known.caller.or(words.caller),
        action: known.action.or(words.action),
        resource: known.resource.or(words.resource),
        layer: known.layer.or(words.layer),
        explicit: known.explicit.or(words.explicit),
        statements: words.statements,
        context: words.context,
        is_encoded: false,
        is_decoded: true,
        ..known
    };
}

#[cfg(not(feature = "aws"))]
fn decode(_: &WhyArgs, _: &str, _: &mut [Refusal]) -> Result<(), Complaint> {
    Err(Complaint::Use(super::live::without_aws("why --decode")))
}

fn usage<T>(message: &str) -> Result<T, Complaint> {
    Err(Complaint::Use(message.to_owned()))
}

fn text(args: &WhyArgs) -> Result<String, Complaint> {
    let name = match (&args.file, args.text.as_deref()) {
        (Some(file), _) => file.as_str(),
        (None, Some(input::STDIN)) => input::STDIN,
        (None, text) => return Ok(text.unwrap_or_default().to_owned()),
    };
    let opened = input::open(name).map_err(|error| Complaint::Use(error.to_string()))?;
    if opened.bytes.starts_with(&[0x1f, 0x8b]) {
        return usage("the text is compressed: `gunzip` it first");
    }
    // What is no UTF-8 cannot be part of a sentence of AWS.
    Ok(String::from_utf8_lossy(&opened.bytes).into_owned())
}

/// What refusals are judged with.
struct Judging<'a> {
    args: &'a WhyArgs,
    catalog: &'a Catalog,
    context: &'a Pairs,
    given: &'a Given,
}

/// The layers of which every policy that counts was given: what they do not refuse, they allow.
struct Given {
    layers: Vec<Layer>,
    /// The trust policy of the role that is assumed.
    trust: bool,
}

impl Given {
    fn of(args: &PolicyArgs, loaded: &LoadedPolicies) -> Self {
        let held = loaded.snapshot.as_ref();
        let is_whole = held.is_some_and(Replayed::is_whole);
        let knows_limits = held.is_some_and(Replayed::knows_limits);
        let layers = [
            (Layer::Identity, !args.identity.is_empty() || is_whole),
            (Layer::Boundary, args.boundary.is_some() || is_whole),
            (Layer::Session, !args.session.is_empty()),
            (Layer::Scp, !args.scp.is_empty() || knows_limits),
            (Layer::Rcp, !args.rcp.is_empty() || knows_limits),
            (Layer::Resource, !loaded.resource_policies.is_empty()),
            (Layer::VpcEndpoint, args.endpoint_policy.is_some()),
        ];
        let given = layers.into_iter().filter(|(_, is_given)| *is_given);
        Self {
            layers: given.map(|(layer, _)| layer).collect(),
            trust: args.trust.is_some(),
        }
    }
}

impl Judging<'_> {
    fn explain<'r>(
        &self,
        refusal: &'r Refusal,
        loaded: &mut LoadedPolicies,
    ) -> Result<One<'r>, Complaint> {
        let decided = match self.has_policies() {
            true => Some(self.decide(refusal, loaded)?),
            false => None,
        };
        let found = decided.as_ref().and_then(denier);
        let mut explanation = evidence::explain(refusal, found, self.catalog);
        let nearest = decided.iter().flat_map(|it| &it.statements);
        let mut nearest = nearest.filter(|it| Some(it.layer) == explanation.layer);
        // A statement without the condition would give more than was meant.
        if explanation.change.statement.is_some()
            && nearest.next().and_then(|it| it.failed) == Some("condition")
        {
            explanation.change = Change {
                text: "make the call as the condition of the nearest statement wants, or change that condition; a statement without it would allow more".to_owned(),
                statement: None,
            };
        }
        let allowed = decided
            .as_ref()
            .is_some_and(|it| it.decision == Some(Decision::Allowed));
        // What the policies given allow, one that was not given may still refuse.
        let assumes_role = is_of_sts(refusal);
        let may_differ = refusal
            .layer
            .is_some_and(|it| !self.is_given(it, assumes_role));
        Ok(One {
            refusal,
            is_explained: explanation.layer.is_some() && (!allowed || may_differ),
            explanation,
            decided,
        })
    }

    fn has_policies(&self) -> bool {
        !self.given.layers.is_empty() || self.given.trust
    }

    fn is_given(&self, layer: Layer, assumes_role: bool) -> bool {
        self.given.layers.contains(&layer)
            || layer == Layer::Resource && assumes_role && self.given.trust
    }

    /// Decides the call of a refusal with the policies given.
    fn decide(
        &self,
        refusal: &Refusal,
        loaded: &mut LoadedPolicies,
    ) -> Result<ByPolicies, Complaint> {
        let action = refusal.action.as_deref().and_then(Action::parse);
        let principal = refusal.caller.as_deref().and_then(Principal::parse);
        let (Some(action), Some(principal)) = (action, principal) else {
            return Ok(not_judged(
                "the message does not name both caller and action",
            ));
        };
        let Some(entry) = self.catalog.action(action.service(), action.name()) else {
            return Ok(not_judged("the catalog does not have the action"));
        };
        let arn = refusal
            .resource
            .as_deref()
            .filter(|it| Arn::parse(it).is_some());
        if arn.is_none() && !entry.resource_types.is_empty() {
            return Ok(not_judged("the message does not name the resource"));
        }
        if let Some(held) = &loaded.snapshot {
            if !held.speaks_of(refusal.caller.as_deref().unwrap_or_default()) {
                return Ok(not_judged(
                    "the policies of the snapshot are of another user or role",
                ));
            }
            if !held.is_whole() {
                return Ok(not_judged(
                    "the snapshot does not hold every policy of the caller",
                ));
            }
        }
        let assumes_role = is_of_sts(refusal);
        loaded.policies.resource = resource_policy(loaded, refusal, assumes_role)?;
        let resources: Vec<CallResource> = arn
            .map(|arn| CallResource {
                arn: arn.to_owned(),
                context: Vec::new(),
            })
            .into_iter()
            .collect();
        let call = Call {
            principal: Some(&principal),
            action: &action,
            resources: &resources,
            resource_account: self.args.resource_account.as_deref(),
            context: &self.context_of(refusal),
            absent: &[],
            complete: false,
            scenario: None,
            settings: Settings {
                lacks_resource_policy: loaded.policies.resource.is_none(),
                ..Settings::default()
            },
        };
        let outcome = decide_call(&loaded.policies, &call, self.catalog);
        let Some(only) = outcome.resources.first() else {
            return Ok(not_judged("the call names nothing to judge"));
        };
        let why = Why::new(only, loaded);
        Ok(self.by_policies(refusal, &why, loaded, assumes_role))
    }

    /// What the flags say of the context, and what a decoded message does.
    fn context_of(&self, refusal: &Refusal) -> Pairs {
        let mut context = self.context.clone();
        for (key, values) in &refusal.context {
            let is_new = !context.iter().any(|(it, _)| it.eq_ignore_ascii_case(key));
            // Keys that follow from caller and resource are derived; of others only known ones count.
            if is_new && self.catalog.condition_key(key).is_some() {
                context.push((key.clone(), values.clone()));
            }
        }
        context
    }

    fn by_policies(
        &self,
        refusal: &Refusal,
        why: &Why<'_>,
        loaded: &LoadedPolicies,
        assumes_role: bool,
    ) -> ByPolicies {
        let given = |layer: &Layer| {
            why.decision == Decision::ExplicitlyDenied || self.is_given(*layer, assumes_role)
        };
        let refuses = matches!(
            why.decision,
            Decision::ExplicitlyDenied | Decision::ImplicitlyDenied
        );
        let layers = why.blocked_by.iter().filter(|_| refuses).filter(given);
        let layers: Vec<Layer> = layers.collect();
        let mut statements = Vec::new();
        for place in &why.decided_by {
            let says = match place.effect {
                Effect::Deny => "denies it",
                Effect::Allow => "allows it",
            };
            let span = place.matching.first().copied().unwrap_or(place.span);
            statements.extend(statement(loaded, place, span, says.to_owned(), None));
        }
        for miss in &why.near_misses {
            let says = reason(miss);
            statements.extend(statement(
                loaded,
                &miss.place,
                miss.span,
                says,
                Some(miss.failed),
            ));
        }
        let mut notes = Vec::new();
        let is_known = refusal.layer.is_none_or(|it| layers.contains(&it));
        match (why.decision, refusal.layer) {
            (Decision::Allowed, layer)
                if layer.is_none_or(|it| self.is_given(it, assumes_role)) => notes.push(
                "so they are not those in force, or the call had other context keys, or another policy refused".to_owned(),
            ),
            (Decision::Unknown, _) => {
                notes.extend(why.unknown.iter().map(|it| format!("it depends on `{it}`")));
                if !loaded.unread.is_empty() {
                    notes.push("not every policy could be read".to_owned());
                }
            }
            (_, Some(layer)) if !self.is_given(layer, assumes_role) => notes.push(format!(
                "the {} that AWS names is not among those given",
                crate::check::layer_title(layer)
            )),
            (_, Some(layer)) if !is_known => notes.push(format!(
                "the {} given does not refuse it: is it the one in force?",
                crate::check::layer_title(layer)
            )),
            _ => {}
        }
        let others = layers
            .iter()
            .filter(|it| refusal.layer.is_some_and(|named| named != **it));
        for other in others {
            let title = crate::check::layer_title(*other);
            notes.push(format!(
                "the {title} refuses it too: the change below is not enough"
            ));
        }
        ByPolicies {
            decision: Some(why.decision),
            layers,
            statements,
            notes,
        }
    }
}

/// Whether the call may be one that takes on a role: then the trust policy counts.
fn is_of_sts(refusal: &Refusal) -> bool {
    let action = refusal.action.as_deref().unwrap_or_default();
    action.to_ascii_lowercase().starts_with("sts:")
}

fn not_judged(why: &str) -> ByPolicies {
    ByPolicies {
        decision: None,
        layers: Vec::new(),
        statements: Vec::new(),
        notes: vec![why.to_owned()],
    }
}

/// The policy of the resource that counts for an action: a call is decided with one.
fn resource_policy(
    loaded: &LoadedPolicies,
    refusal: &Refusal,
    assumes_role: bool,
) -> Result<Option<Document>, Complaint> {
    let trust = loaded.trust.as_ref().filter(|_| assumes_role);
    // Those of a snapshot say whose they are.
    let is_its = |it: &&Document| {
        let arn = refusal.resource.as_deref();
        it.of.is_none() || arn.is_some_and(|arn| it.is_of_resource(arn))
    };
    let own: Vec<&Document> = loaded.resource_policies.iter().filter(is_its).collect();
    match (trust, own.as_slice()) {
        (Some(trust), _) => Ok(Some(trust.clone())),
        (None, []) => Ok(None),
        (None, [one]) => Ok(Some((*one).clone())),
        _ => usage("a call is decided with one policy of the resource, and several are given"),
    }
}

/// The layer to change first: of several, one that an identity policy cannot make up for.
fn denier(decided: &ByPolicies) -> Option<(Layer, bool)> {
    const ORDER: [Layer; 8] = [
        Layer::Service,
        Layer::Scp,
        Layer::Rcp,
        Layer::VpcEndpoint,
        Layer::Boundary,
        Layer::Session,
        Layer::Resource,
        Layer::Identity,
    ];
    let explicit = decided.decision == Some(Decision::ExplicitlyDenied);
    let first = ORDER.into_iter().find(|it| decided.layers.contains(it));
    first.map(|layer| (layer, explicit))
}

fn statement(
    loaded: &LoadedPolicies,
    place: &Place<'_>,
    span: Span,
    says: String,
    failed: Option<&'static str>,
) -> Option<StatementAt> {
    let file: FileId = place.file?;
    let at = loaded.sources.line_column(Location { file, span });
    Some(StatementAt {
        layer: place.layer,
        name: place.name.clone(),
        file: loaded.sources.get(file).name.clone(),
        line: at.line,
        says,
        decided: failed.is_none(),
        failed,
    })
}
