//! What moto does not know of EKS and Systems Manager: AWS answers with an empty list, or that there
//! is no such cluster.

use serde_json::json;

use super::ACCOUNT;
use super::answer::{Refusal, json as answer};
use super::http::{Answer, Raw};
use super::moto::Moto;
use super::request::Call;

/// Returns what AWS answers; none to what moto knows.
pub(crate) fn reply(call: &Call, account: &str, moto: &Moto) -> Option<Result<Answer, Refusal>> {
    let body = match call.action().as_str() {
        "ssm:DescribeInstanceInformation" => json!({"InstanceInformationList": []}),
        "eks:DescribeAddonVersions" => json!({"addons": []}),
        "eks:ListAddons" | "eks:DescribeAddon" | "eks:CreateAddon" | "eks:ListNodegroups" => {
            if has_cluster(call, account, moto) {
                return None;
            }
            let message = format!("No cluster found for name: {}.", call.text("name"));
            let refusal = Refusal::new(404, "ResourceNotFoundException", message);
            return Some(Err(refusal));
        }
        _ => return None,
    };
    Some(Ok(answer(&call.service, &body)))
}

fn has_cluster(call: &Call, account: &str, moto: &Moto) -> bool {
    let path = format!("/clusters/{}", call.text("name"));
    let raw = eks("GET", &path, &call.region, "");
    moto.forward(&raw, account).is_success()
}

/// Creates a cluster past all of our layers.
pub(crate) fn create_cluster(
    moto: &Moto,
    region: &str,
    name: &str,
    tags: &serde_json::Value,
) -> Answer {
    let body = json!({
        "name": name,
        "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/eks"),
        "resourcesVpcConfig": {"subnetIds": []},
        "tags": tags,
    });
    moto.forward(
        &eks("POST", "/clusters", region, &body.to_string()),
        ACCOUNT,
    )
}

fn eks(method: &str, path: &str, region: &str, body: &str) -> Raw {
    let header = |name: &str, value: String| (name.to_owned(), value);
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=AKIAROLECALLDOUBLE00/20260101/{region}/eks/aws4_request, \
         SignedHeaders=host, Signature=0"
    );
    let host = format!("eks.{region}.amazonaws.com");
    Raw {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: vec![
            header("authorization", scope),
            header("content-type", "application/json".to_owned()),
            header("x-forwarded-host", host),
        ],
        body: body.as_bytes().to_vec(),
        ..Raw::default()
    }
}
