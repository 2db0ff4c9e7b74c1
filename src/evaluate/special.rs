//! Services and callers for which AWS decides otherwise than in general (rules S, O5 to O14, X7).

use super::Principal;
use super::decide::Policies;
use super::request::Request;
use super::resource::ResourceSide;
use super::truth::Truth;
use crate::arn::Arn;
use crate::policy::{Effect, PrincipalName};
use crate::switch::on;

/// S4: these need a signature and no permission, and no Deny stops them.
pub(crate) fn is_always_allowed(request: &Request) -> bool {
    on("S4")
        && request.action.service() == "sts"
        && matches!(
            request.action.name(),
            "getcalleridentity" | "getsessiontoken"
        )
        && request.principal != Principal::Anonymous
}

/// Whether identity policies count only as far as the resource's policy delegates to the account:
/// KMS keys (S1) and roles to be assumed (S3).
pub(super) fn needs_resource_policy(request: &Request) -> bool {
    if !matches!(request.action.service(), "kms" | "sts") {
        return false;
    }
    let Some(arn) = request.resource.as_deref().and_then(Arn::parse) else {
        return false;
    };
    match request.action.service() {
        // S2: aliases have no policy of their own.
        "kms" => {
            on("S1") && arn.service == "kms" && (arn.resource.starts_with("key/") || !on("S2"))
        }
        "sts" => on("S3") && is_role(&arn) && acts_on_role(request.action.name()),
        _ => false,
    }
}

/// Whether a policy of the resource decides, so that a verdict without it is a guess.
pub(super) fn wants_resource_policy(request: &Request) -> bool {
    needs_resource_policy(request)
        || !request.same_account()
        || request.principal.identity().is_none()
}

/// Whether that policy is missing: not given, and not known to be none.
pub(super) fn lacks_what_decides(request: &Request) -> bool {
    let settings = &request.settings;
    !settings.complete
        && wants_resource_policy(request)
        && (!settings.lacks_resource_policy || needs_resource_policy(request))
}

fn is_role(arn: &Arn<'_>) -> bool {
    arn.service == "iam" && arn.resource.starts_with("role/")
}

fn acts_on_role(name: &str) -> bool {
    matches!(
        name,
        "assumerole"
            | "assumerolewithsaml"
            | "assumerolewithwebidentity"
            | "tagsession"
            | "setsourceidentity"
            | "setcontext"
    )
}

/// X7: IAM's own actions have no cross-account form.
fn leaves_its_account(request: &Request) -> bool {
    let across = !request.same_account() && request.principal.identity().is_some();
    on("X7") && request.action.service() == "iam" && across
}

/// Whether service control policies bind the caller (O5, O6, X5).
pub(crate) fn bound_by_scps(request: &Request) -> bool {
    let Some(account) = request.principal.account() else {
        return !on("X5") || !on("O6");
    };
    let of_management = request.settings.management_account.as_deref() == Some(account);
    !(on("O5") && (request.is_service_linked_role() || of_management))
}

/// Whether resource control policies bind the request (O9, O11 to O14).
pub(crate) fn bound_by_rcps(request: &Request) -> bool {
    let settings = &request.settings;
    let owner = request.resource_account.as_deref();
    let of_management = owner.is_some() && settings.management_account.as_deref() == owner;
    let same_account_only = request.same_account() && request.principal.identity().is_some();
    let retires_grant = *request.action.folded == *"kms:retiregrant";
    let own_key = settings.aws_managed_key || retires_grant;
    (on("O9") || same_account_only)
        && !(on("O11") && of_management)
        && !(on("O12")
            && (request.is_service_linked_role() || assumes_service_linked_role(request)))
        && !(on("O13") && own_key)
        && (!on("O14") || settings.rcp_applies)
}

/// Whether a service assumes a service-linked role of its own (O12).
fn assumes_service_linked_role(request: &Request) -> bool {
    matches!(request.principal, Principal::Service(_))
        && request
            .resource
            .as_deref()
            .and_then(Arn::parse)
            .is_some_and(|arn| arn.resource.starts_with("role/aws-service-role/"))
}

/// Whether the service refuses whatever policies say: S8, S9, S10, X7.
pub(super) fn forbids(policies: &Policies, request: &Request) -> Truth {
    let reserved = on("S8") && is_reserved(request) || on("S9") && is_aws_alias(request);
    let public = on("S10")
        && request.settings.block_public_access
        && request.action.service() == "s3"
        && is_outsider(request)
        && is_public(policies);
    Truth::from(reserved || public || leaves_its_account(request))
}

/// Whom RestrictPublicBuckets shuts out of a bucket with a public policy, whichever of its
/// statements grants: everyone but the owner's users and AWS's services (Amazon S3 User Guide,
/// "Blocking public access to your Amazon S3 storage").
fn is_outsider(request: &Request) -> bool {
    match request.principal {
        Principal::Service(_) => false,
        _ => !request.same_account() || request.principal.identity().is_none(),
    }
}

/// S8: AWS's managed policies cannot be changed, nor roles under AWS's own paths edited by
/// customers (recorded by a peer).
fn is_reserved(request: &Request) -> bool {
    let Some(arn) = request.resource.as_deref().and_then(Arn::parse) else {
        return false;
    };
    if request.action.service() != "iam" {
        return false;
    }
    let name = request.action.name();
    let of_aws = arn.account == "aws" && arn.resource.starts_with("policy/");
    let reserved = ["role/aws-reserved/", "role/aws-service-role/"];
    of_aws && POLICY_WRITES.contains(&name)
        || reserved.iter().any(|path| arn.resource.starts_with(path)) && ROLE_WRITES.contains(&name)
}

/// What changes a managed policy.
const POLICY_WRITES: [&str; 7] = [
    "createpolicy",
    "createpolicyversion",
    "deletepolicy",
    "deletepolicyversion",
    "setdefaultpolicyversion",
    "tagpolicy",
    "untagpolicy",
];

/// What changes a role.
const ROLE_WRITES: [&str; 10] = [
    "attachrolepolicy",
    "createrole",
    "deleterole",
    "deleterolepermissionsboundary",
    "deleterolepolicy",
    "detachrolepolicy",
    "putrolepermissionsboundary",
    "putrolepolicy",
    "updateassumerolepolicy",
    "updaterole",
];

/// Returns patterns of what an action is refused on whatever policies say (S8, S9); `*` in them
/// stays in its part of the ARN, but for the last.
pub(crate) fn reserved_resources(action: &super::Action) -> &'static [&'static str] {
    match (action.service(), action.name()) {
        ("iam", name) if POLICY_WRITES.contains(&name) => &["arn:*:*:*:aws:policy/*"],
        ("iam", name) if ROLE_WRITES.contains(&name) => &[
            "arn:*:*:*:*:role/aws-reserved/*",
            "arn:*:*:*:*:role/aws-service-role/*",
        ],
        ("kms", "createalias" | "updatealias" | "deletealias") => &["arn:*:*:*:*:alias/aws/*"],
        _ => &[],
    }
}

/// Services of which some rule here speaks.
pub(crate) const SERVICES: [&str; 9] = [
    "sts",
    "iam",
    "kms",
    "s3",
    "execute-api",
    "es",
    "glacier",
    "backup",
    "organizations",
];

/// Returns the actions that some rule here tells apart from others of their service, in lower
/// case, as service and name.
pub(crate) fn actions() -> impl Iterator<Item = (&'static str, &'static str)> {
    const STS: [&str; 8] = [
        "getcalleridentity",
        "getsessiontoken",
        "assumerole",
        "assumerolewithsaml",
        "assumerolewithwebidentity",
        "tagsession",
        "setsourceidentity",
        "setcontext",
    ];
    const KMS: [&str; 4] = ["retiregrant", "createalias", "updatealias", "deletealias"];
    let of = |service: &'static str, names: &'static [&'static str]| {
        names.iter().map(move |name| (service, *name))
    };
    of("sts", &STS)
        .chain(of("kms", &KMS))
        .chain(of("iam", &POLICY_WRITES))
        .chain(of("iam", &ROLE_WRITES))
        .chain(of("s3", &BY_ACL))
}

/// Returns patterns of resources in place of which another one decides (R15).
pub(crate) fn hidden_resources(action: &super::Action) -> &'static [&'static str] {
    match (action.service(), action.name()) {
        ("kms", "createalias" | "updatealias" | "deletealias") => &[],
        ("kms", _) => &["arn:*:kms:*:*:alias/*"],
        _ => &[],
    }
}

/// Returns patterns of resources on which another policy than those given has a say (S6), and of
/// those on which it has for callers of other accounts.
pub(crate) fn shared_resources(
    action: &super::Action,
) -> (&'static [&'static str], &'static [&'static str]) {
    match (action.service(), action.name()) {
        ("s3", "putobject") => (&["arn:*:*:*:*:accesspoint/*"], &[]),
        ("s3", _) => (&["arn:*:*:*:*:accesspoint/*"], &["arn:*:s3:*:*:*/*"]),
        _ => (&[], &[]),
    }
}

/// Returns whether an access control list may grant an action to callers outside (S6).
pub(crate) fn is_granted_by_acl(action: &super::Action) -> bool {
    action.service() == "s3" && BY_ACL.contains(&action.name())
}

/// Returns whether resource policies of the service follow rules of their own (S7).
pub(crate) fn has_own_rules(action: &super::Action) -> bool {
    matches!(
        action.service(),
        "execute-api" | "es" | "glacier" | "backup" | "organizations"
    )
}

/// Returns patterns of what an action needs the resource's own policy for (S1, S3).
pub(crate) fn delegating_resources(action: &super::Action) -> &'static [&'static str] {
    match action.service() {
        "kms" => &["arn:*:kms:*:*:key/*"],
        "sts" if acts_on_role(action.name()) => &["arn:*:iam:*:*:role/*"],
        _ => &[],
    }
}

/// S9: aliases under `alias/aws/` are AWS's.
fn is_aws_alias(request: &Request) -> bool {
    let name = request.action.name();
    request.action.service() == "kms"
        && matches!(name, "createalias" | "updatealias" | "deletealias")
        && request
            .resource
            .as_deref()
            .and_then(Arn::parse)
            .is_some_and(|arn| arn.resource.starts_with("alias/aws/"))
}

/// Whether a bucket policy allows everyone without a condition that fixes who or from where
/// (Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage": the meaning of
/// "public").
fn is_public(policies: &Policies) -> bool {
    const FIXING: [&str; 14] = [
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:principalservicename",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    ];
    let statements = policies
        .resource
        .iter()
        .flat_map(|document| &document.statements);
    statements
        .filter(|it| it.effect == Effect::Allow)
        .any(|statement| {
            let everyone = statement.principal.as_ref().is_some_and(|element| {
                element.negated
                    || element
                        .entries
                        .iter()
                        .any(|it| it.name == PrincipalName::Everyone)
            });
            let fixed = statement.conditions.iter().any(|condition| {
                let keys = FIXING
                    .iter()
                    .any(|key| key.eq_ignore_ascii_case(&condition.key));
                let positive = condition
                    .operator
                    .is_some_and(|it| !it.negated && !it.if_exists);
                keys && positive
            });
            everyone && !fixed
        })
}

/// Returns what is left of an Allow where a rule out of scope could turn it into a denial (S6, S7):
/// nothing certain.
pub(super) fn doubt(request: &Request, resource: &ResourceSide, allow: Truth) -> Truth {
    let doubtful = access_point(request)
        || foreign_object(request, resource)
        || own_rules(request) && resource.is_given;
    if doubtful && allow != Truth::False {
        Truth::Unknown
    } else {
        allow
    }
}

/// R15: KMS decides about the key behind an alias, except in actions on aliases (AWS Key Management
/// Service Developer Guide, "Controlling access to aliases").
pub(super) fn hides_its_resource(request: &Request) -> bool {
    let of_aliases = matches!(
        request.action.name(),
        "createalias" | "updatealias" | "deletealias"
    );
    let is_alias = |arn: &Arn<'_>| arn.service == "kms" && arn.resource.starts_with("alias/");
    !request.settings.complete
        && request.action.service() == "kms"
        && !of_aliases
        && request
            .resource
            .as_deref()
            .and_then(Arn::parse)
            .is_some_and(|it| is_alias(&it))
        && on("R15")
}

/// What an access control list may grant.
const BY_ACL: [&str; 17] = [
    "deleteobject",
    "deleteobjectversion",
    "getbucketacl",
    "getobject",
    "getobjectacl",
    "getobjecttorrent",
    "getobjectversion",
    "getobjectversionacl",
    "getobjectversiontorrent",
    "listbucket",
    "listbucketmultipartuploads",
    "listbucketversions",
    "putbucketacl",
    "putobject",
    "putobjectacl",
    "putobjectversionacl",
    "listmultipartuploadparts",
];

/// S6: an access control list may grant to other accounts and to everyone what no policy grants
/// (Amazon S3 User Guide, "Access control list (ACL) overview", "Mapping of ACL permissions and
/// access policy permissions").
pub(super) fn acl_may_grant(request: &Request) -> bool {
    let outside = !request.same_account() || request.principal == Principal::Anonymous;
    !request.settings.complete && is_granted_by_acl(&request.action) && outside && on("S6")
}

/// S6: the policies of access point and bucket must both allow, and one is given.
fn access_point(request: &Request) -> bool {
    !request.settings.complete
        && request.action.service() == "s3"
        && request
            .resource
            .as_deref()
            .and_then(Arn::parse)
            .is_some_and(|arn| arn.resource.starts_with("accesspoint/"))
        && on("S6")
}

/// S6: a bucket policy covers only the objects that the bucket's owner owns.
fn foreign_object(request: &Request, resource: &ResourceSide) -> bool {
    let is_object = |arn: &Arn<'_>| arn.service == "s3" && arn.resource.contains('/');
    !request.settings.complete
        && request.action.service() == "s3"
        // An object that is being written has no other owner yet.
        && request.action.name() != "putobject"
        && !request.same_account()
        && request.resource.as_deref().and_then(Arn::parse).is_some_and(|it| is_object(&it))
        && (resource.is_direct() || resource.account == Truth::True)
        && on("S6")
}

/// S7: services whose resource policies have rules of their own, which are not modelled.
pub(super) fn own_rules(request: &Request) -> bool {
    !request.settings.complete && has_own_rules(&request.action) && on("S7")
}

/// Returns the ids of the rules out of scope that could decide an unknown request.
pub(super) fn reasons(request: &Request, resource: &ResourceSide) -> Vec<&'static str> {
    let mut reasons = Vec::new();
    if hides_its_resource(request) {
        reasons.push("R15");
    }
    let by_acl = acl_may_grant(request) && resource.is_silent;
    if access_point(request) || foreign_object(request, resource) || by_acl {
        reasons.push("S6");
    }
    if own_rules(request) && resource.is_given {
        reasons.push("S7");
    }
    reasons
}
