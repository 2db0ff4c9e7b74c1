//! IAM's policy simulator, which moto does not have, by our own evaluator.

use rolecall::catalog::Catalog;
use rolecall::evaluate::{Decision, Layer, Policies, explain};

use super::answer::{Refusal, escaped, query};
use super::asked::Asked;
use super::http::Answer;
use super::key::Holder;
use super::permission::request;
use super::request::Call;

/// Answers `SimulatePrincipalPolicy` about a principal with these policies (AWS: "API
/// SimulatePrincipalPolicy"): one result for each action, and in it one for each resource.
pub(crate) fn reply(call: &Call, policies: &Policies) -> Answer {
    let source = Holder::new(call.text("PolicySourceArn"), "", "");
    let actions = call.texts("ActionNames");
    if rolecall::evaluate::Principal::parse(&source.arn).is_none() {
        return Refusal::new(400, "InvalidInput", "Invalid ARN").answer("iam");
    }
    let wrong = actions.iter().find(|it| {
        let (service, name) = it.split_once(':').unwrap_or_default();
        let name = name.to_ascii_lowercase();
        name.contains(['*', '?']) || Catalog::builtin().action(service, &name).is_none()
    });
    if let Some(wrong) = wrong {
        let message = format!("Invalid action {wrong}");
        return Refusal::new(400, "InvalidInput", message).answer("iam");
    }
    let mut resources = call.texts("ResourceArns");
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    let context = context(call);
    let results: Vec<String> = actions
        .iter()
        .map(|it| result(it, &resources, &context, &source, policies))
        .collect();
    // A marker of ours is the number of the first result of the page.
    let start = call.text("Marker").parse().unwrap_or(0).min(results.len());
    let most = call
        .text("MaxItems")
        .parse()
        .unwrap_or(100_usize)
        .clamp(1, 1000);
    let end = (start + most).min(results.len());
    let page = results[start..end].concat();
    let more = match end < results.len() {
        true => format!("<IsTruncated>true</IsTruncated><Marker>{end}</Marker>"),
        false => "<IsTruncated>false</IsTruncated>".to_owned(),
    };
    let body = format!("<EvaluationResults>{page}</EvaluationResults>{more}");
    query("iam", &call.operation, &body)
}

fn context(call: &Call) -> Vec<(String, Vec<String>)> {
    let entry = |at: usize| {
        let start = format!("ContextEntries.member.{at}");
        let name = call.text(&format!("{start}.ContextKeyName")).to_owned();
        let values = call.texts(&format!("{start}.ContextKeyValues"));
        (!name.is_empty()).then_some((name, values))
    };
    (1..).map_while(entry).collect()
}

fn result(
    action: &str,
    resources: &[String],
    context: &[(String, Vec<String>)],
    source: &Holder,
    policies: &Policies,
) -> String {
    let (service, name) = action.split_once(':').unwrap_or_default();
    let of = Catalog::builtin().action(service, &name.to_ascii_lowercase());
    let has_resource = of.is_some_and(|it| !it.resource_types.is_empty());
    let mut worst = "allowed";
    let mut is_allowed_above = true;
    let mut specific = String::new();
    for resource in resources {
        let asked = Asked {
            action: action.to_owned(),
            resource: has_resource.then(|| resource.clone()),
            context: context.to_vec(),
        };
        let request = request(&source.arn, &asked, source);
        let explanation = explain(policies, &request);
        let decision = match explanation.verdict.decision {
            Decision::Allowed => "allowed",
            Decision::ExplicitlyDenied => "explicitDeny",
            _ => "implicitDeny",
        };
        if worst == "allowed" || decision == "explicitDeny" {
            worst = decision;
        }
        let blocked = explanation.verdict.blocked_by;
        is_allowed_above &= !blocked.contains(Layer::Scp);
        let mut details = String::new();
        if policies.boundary.is_some() {
            let is_allowed = !blocked.contains(Layer::Boundary);
            details.push_str(&format!(
                "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>{is_allowed}\
                 </AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>"
            ));
        }
        specific.push_str(&format!(
            "<member><EvalResourceName>{}</EvalResourceName><EvalResourceDecision>{decision}\
             </EvalResourceDecision><MatchedStatements/><MissingContextValues/>{details}</member>",
            escaped(resource)
        ));
    }
    let organization = match policies.scps.is_empty() {
        true => String::new(),
        false => format!(
            "<OrganizationsDecisionDetail><AllowedByOrganizations>{is_allowed_above}\
             </AllowedByOrganizations></OrganizationsDecisionDetail>"
        ),
    };
    let first = resources.first().map_or("*", String::as_str);
    format!(
        "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{}</EvalResourceName>\
         <EvalDecision>{worst}</EvalDecision><MatchedStatements/><MissingContextValues/>\
         {organization}<ResourceSpecificResults>{specific}</ResourceSpecificResults></member>",
        escaped(first)
    )
}
