//! One signed call to a service whose SDK is not here, over the SDK's own TLS stack, timeouts and
//! retries: EC2, EKS, quotas, KMS and the few others that are probed.
//!
//! Every call that goes through here may be made again: reads, requests that cannot succeed, and
//! encryption. No answer's body is part of an error or of `Debug`, since KMS answers with secrets.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextMut, InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::ErrorMetadata;
use aws_types::request_id::RequestId as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use zeroize::Zeroizing;

use super::connection::Connection;
use super::endpoint::Endpoint;
use super::error::{CallError, Cause, failed, lacking};
use super::xml::Element;

/// A call before it is signed.
pub(super) struct Signed<'a> {
    /// The action that it asks permission for, such as `ec2:DescribeRegions`: prefix and operation.
    pub(super) action: &'static str,
    /// What it is about, for errors; empty if it takes nothing.
    pub(super) resource: &'a str,
    /// The region; empty: the connection's own.
    pub(super) region: &'a str,
    /// What is sent, in the service's protocol.
    pub(super) request: Request,
}

/// What is sent, in one of AWS's protocols (Smithy, "AWS protocols").
pub(super) enum Request {
    /// A form that XML answers: EC2, IAM, Auto Scaling, Elastic Load Balancing.
    Form {
        /// The version of the API, such as `2016-11-15`.
        version: &'static str,
        /// The parameters by their flat names.
        parameters: Vec<(String, String)>,
    },
    /// JSON 1.1 with a target header: KMS, Service Quotas.
    Json {
        /// What stands before the operation: `TrentService`.
        target: &'static str,
        /// The members.
        body: Value,
    },
    /// A method and a path: EKS, Route 53.
    Rest {
        /// `GET`, `DELETE`, …
        method: &'static str,
        /// The path, encoded, with its query where there is one.
        path: String,
        /// The members; null: there is no body.
        body: Value,
    },
}

/// An answer to a call that went well.
pub(super) struct Answer {
    /// The id by which AWS finds the call; empty where it gave none.
    pub(super) request_id: String,
    /// The body, which may hold a secret: it is wiped.
    pub(super) body: Zeroizing<String>,
    action: &'static str,
}

// The body may hold a secret.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

impl Answer {
    /// Returns the body as JSON.
    pub(super) fn json(&self) -> Result<Value, CallError> {
        serde_json::from_str(&self.body).map_err(|_| self.unreadable())
    }

    /// Returns the body as XML.
    pub(super) fn xml(&self) -> Result<Element, CallError> {
        Element::read(&self.body).ok_or_else(|| self.unreadable())
    }

    /// Returns what an answer is that cannot be used.
    pub(super) fn unreadable(&self) -> CallError {
        CallError {
            request_id: self.request_id.clone(),
            ..lacking(self.action, "")
        }
    }
}

impl Connection {
    /// Makes a call, and again where AWS is busy or the answer was lost.
    pub(super) fn signed(&self, call: Signed<'_>) -> Result<Answer, CallError> {
        self.wait(self.signing(call))
    }

    /// As [`Connection::signed`], for what is waited for already.
    pub(super) async fn signing(&self, call: Signed<'_>) -> Result<Answer, CallError> {
        let (prefix, operation) = call.action.split_once(':').unwrap_or_default();
        let region = match call.region {
            "" => self.region(),
            region => region,
        };
        let endpoint = Endpoint::of(prefix, region, &self.config);
        let signer = Signer {
            credentials: self.credentials(call.action).await?,
            region: endpoint.region.clone(),
            service: endpoint.service,
        };
        let refused = |code: &str| {
            let words = format!("the request could not be written: {code}");
            super::error::unusable(call.action, call.resource, "UnusableRequest", words)
        };
        let http = call
            .request
            .http(operation)
            .map_err(|it| refused(&it.to_string()))?;
        let sent = Written(http);
        let built = operation_of(&self.config, &endpoint, operation, signer);
        let answer = built.ok_or_else(|| refused("there is no HTTP client"))?;
        let mut answer = answer
            .invoke(sent)
            .await
            .map_err(|error| named(failed(call.action, call.resource), error))?;
        answer.action = call.action;
        Ok(answer)
    }

    /// Returns the region that calls go to unless they name another.
    pub(super) fn region(&self) -> &str {
        self.config.region().map_or("", AsRef::as_ref)
    }

    /// Returns the credential, which is asked for once while it lasts.
    async fn credentials(&self, action: &'static str) -> Result<Credentials, CallError> {
        let missing = |message: String| CallError {
            operation: action,
            resource: String::new(),
            cause: Cause::NoCredential,
            code: String::new(),
            message,
            request_id: String::new(),
        };
        let now = self.config.time_source().unwrap_or_default().now();
        let known = self.session.lock().ok().and_then(|it| it.clone());
        if let Some(known) = known.filter(|it| lasts(it, now)) {
            return Ok(known);
        }
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| missing("no credential was found".to_owned()))?;
        let found = provider.provide_credentials().await;
        let found = found.map_err(|error| missing(super::error::chain(&error)))?;
        if let Ok(mut known) = self.session.lock() {
            *known = Some(found.clone());
        }
        Ok(found)
    }
}

/// How long a credential must last to be used again without asking for a new one.
const SPARE: Duration = Duration::from_secs(60);

fn lasts(credentials: &Credentials, now: SystemTime) -> bool {
    credentials.expiry().is_none_or(|it| now + SPARE < it)
}

/// Some services give the request id in the body only.
fn named<E>(failed: impl FnOnce(E) -> CallError, error: E) -> CallError
where
    E: std::borrow::Borrow<SdkError>,
{
    let inner = error.borrow().as_service_error();
    let id = inner
        .and_then(|it| it.request_id())
        .unwrap_or_default()
        .to_owned();
    let error = failed(error);
    match error.request_id.is_empty() {
        true => CallError {
            request_id: id,
            ..error
        },
        false => error,
    }
}

type SdkError = aws_smithy_runtime_api::client::result::SdkError<ErrorMetadata, HttpResponse>;

/// A request as it is sent. Its body may hold a secret.
struct Written(HttpRequest);

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Written").finish_non_exhaustive()
    }
}

fn operation_of(
    config: &SdkConfig,
    endpoint: &Endpoint,
    operation: &str,
    signer: Signer,
) -> Option<Operation<Written, Answer, ErrorMetadata>> {
    let mut builder = Operation::builder()
        .service_name(endpoint.service)
        .operation_name(operation.to_owned())
        .http_client(config.http_client()?)
        .endpoint_url(&endpoint.url)
        .no_auth()
        .standard_retry(config.retry_config()?)
        .timeout_config(config.timeout_config()?.clone())
        .interceptor(signer)
        .retry_classifier(Busy)
        .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
        .retry_classifier(HttpStatusCodeClassifier::default());
    if let Some(version) = config.behavior_version() {
        builder = builder.behavior_version(version);
    }
    if let Some(sleep) = config.sleep_impl() {
        builder = builder.sleep_impl(sleep);
    }
    if let Some(time) = config.time_source() {
        builder = builder.time_source(time);
    }
    let built = builder
        .serializer(|written: Written| Ok(written.0))
        .deserializer(answer)
        .build();
    Some(built)
}

/// Signs each attempt anew: a signature lasts minutes (AWS: "Signature Version 4 for API requests").
struct Signer {
    credentials: Credentials,
    region: String,
    service: &'static str,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

#[dyn_dispatch_hint]
impl Intercept for Signer {
    fn name(&self) -> &'static str {
        "Signer"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        components: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let now = components.time_source().unwrap_or_default().now();
        let request = context.request_mut();
        let identity = self.credentials.clone().into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service)
            .time(now)
            .settings(SigningSettings::default())
            .build()?
            .into();
        let body = SignableBody::Bytes(request.body().bytes().unwrap_or_default());
        let signable = SignableRequest::new(
            request.method(),
            request.uri(),
            request.headers().iter(),
            body,
        )?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        for (name, value) in instructions.headers() {
            let _ = request
                .headers_mut()
                .try_insert(name.to_owned(), value.to_owned())?;
        }
        Ok(())
    }
}

/// Tells that a service is busy by its code: some say so with a status of 400 (AWS SDKs and Tools
/// Reference Guide, "Retry behavior").
#[derive(Debug)]
struct Busy;

impl ClassifyRetry for Busy {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = context.output_or_error().and_then(Result::err);
        let error = error.and_then(OrchestratorError::as_operation_error);
        let metadata = error.and_then(|it| it.downcast_ref::<ErrorMetadata>());
        let code = metadata.and_then(ErrorMetadata::code).unwrap_or_default();
        match super::error::cause(code, "") {
            Cause::Throttled => RetryAction::throttling_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Busy"
    }
}

/// Every character but those that need no encoding (RFC 3986, section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Returns a text as a path or a form holds it.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

impl Request {
    fn http(self, operation: &str) -> Result<HttpRequest, BoxError> {
        let (method, path, content, body, target) = match self {
            Self::Form {
                version,
                parameters,
            } => {
                let mut form = format!("Action={operation}&Version={version}");
                for (name, value) in &parameters {
                    form.push_str(&format!("&{}={}", encoded(name), encoded(value)));
                }
                let content = "application/x-www-form-urlencoded";
                ("POST", "/".to_owned(), content, form, None)
            }
            Self::Json { target, body } => {
                let target = format!("{target}.{operation}");
                let content = "application/x-amz-json-1.1";
                (
                    "POST",
                    "/".to_owned(),
                    content,
                    body.to_string(),
                    Some(target),
                )
            }
            Self::Rest { method, path, body } => {
                let body = match body {
                    Value::Null => String::new(),
                    body => body.to_string(),
                };
                (method, path, "application/json", body, None)
            }
        };
        let length = body.len();
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method)?;
        request.set_uri(path)?;
        let headers = request.headers_mut();
        if length > 0 {
            let _ = headers.try_insert("content-type", content)?;
            let _ = headers.try_insert("content-length", length.to_string())?;
        }
        if let Some(target) = target {
            let _ = headers.try_insert("x-amz-target", target)?;
        }
        let _ = headers.try_insert(
            "user-agent",
            concat!("rolecall/", env!("CARGO_PKG_VERSION")),
        )?;
        Ok(request)
    }
}

fn answer(response: &HttpResponse) -> Result<Answer, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    let body = Zeroizing::new(String::from_utf8_lossy(body).into_owned());
    let request_id = response.request_id().unwrap_or_default().to_owned();
    if response.status().is_success() {
        return Ok(Answer {
            request_id,
            body,
            action: "",
        });
    }
    let status = response.status().as_u16();
    let header = response.headers().get("x-amzn-errortype");
    Err(OrchestratorError::operation(refusal(status, header, &body)))
}

/// Reads an error in the shape of any of the protocols; a body of another shape is left out.
fn refusal(status: u16, header: Option<&str>, body: &str) -> ErrorMetadata {
    let mut found = match body.trim_start().starts_with('<') {
        true => Element::read(body).map(|it| xml_error(&it)),
        false => serde_json::from_str(body).ok().map(|it| json_error(&it)),
    }
    .unwrap_or_default();
    if let Some(header) = header {
        found[0] = bare(header);
    }
    let [code, message, id] = found;
    let code = match code.as_str() {
        "" => format!("Http{status}"),
        _ => code,
    };
    ErrorMetadata::builder()
        .code(code)
        .message(message)
        .custom("aws_request_id", id)
        .build()
}

/// EC2 has a list of errors, the other query services one; some have nothing around it.
fn xml_error(answer: &Element) -> [String; 3] {
    let paths: [&[&str]; 3] = [&["Errors", "Error"], &["Error"], &[]];
    let found = paths.iter().find_map(|path| {
        let error = answer.all(path).first().copied()?;
        let code = error.text(&["Code"])?;
        Some((code, error.text(&["Message"]).unwrap_or_default()))
    });
    let (code, message) = found.unwrap_or_default();
    let ids = ["RequestID", "RequestId"];
    let id = ids.iter().find_map(|it| answer.text(&[it]));
    [code, message, id.unwrap_or_default()].map(str::to_owned)
}

fn json_error(answer: &Value) -> [String; 3] {
    let text = |names: &[&str]| {
        let mut found = names.iter().filter_map(|it| answer[*it].as_str());
        found.next().unwrap_or_default().to_owned()
    };
    let code = bare(&text(&["__type", "code"]));
    [code, text(&["message", "Message"]), String::new()]
}

/// Returns a code without name space and address: `aws.x#Code` and `Code:http://…` (Smithy, "AWS
/// JSON 1.1 protocol, operation error serialization").
fn bare(code: &str) -> String {
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use aws_types::request_id::RequestId as _;

    use super::{Answer, Request, Written, Zeroizing, refusal};

    #[test]
    fn errors_are_read_in_every_shape() {
        let cases = [
            (
                None,
                "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message>\
                 </Error></Errors><RequestID>1</RequestID></Response>",
                "UnauthorizedOperation",
            ),
            (
                None,
                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error>\
                 <RequestId>1</RequestId></ErrorResponse>",
                "AccessDenied",
            ),
            (
                None,
                "<Error><Code>NoSuchBucket</Code><Message>no</Message><RequestId>1</RequestId></Error>",
                "NoSuchBucket",
            ),
            (
                None,
                r#"{"__type":"com.amazonaws.kms#NotFoundException","message":"no"}"#,
                "NotFoundException",
            ),
            (
                Some("ResourceNotFoundException:http://internal.amazon.com/"),
                r#"{"message":"no"}"#,
                "ResourceNotFoundException",
            ),
        ];
        for (header, body, code) in cases {
            let found = refusal(400, header, body);
            assert_eq!(found.code(), Some(code));
            assert_eq!(found.message(), Some("no"));
            assert!(body.starts_with('{') || found.request_id() == Some("1"));
        }
    }

    #[test]
    fn neither_request_nor_answer_shows_what_it_holds() {
        let answer = Answer {
            request_id: "1".to_owned(),
            body: Zeroizing::new("a secret".to_owned()),
            action: "kms:Decrypt",
        };
        assert!(!format!("{answer:?}").contains("secret"));
        assert!(!format!("{:?}", answer.json().unwrap_err()).contains("secret"));
        let request = Request::Json {
            target: "TrentService",
            body: serde_json::json!({"Plaintext": "a secret"}),
        };
        let written = Written(request.http("Encrypt").unwrap());
        assert!(!format!("{written:?}").contains("secret"));
    }

    #[test]
    fn a_body_of_another_shape_is_not_repeated() {
        let found = refusal(502, None, "<html>a secret</html>");
        assert_eq!((found.code(), found.message()), (Some("Http502"), Some("")));
        let found = refusal(400, None, "a secret");
        assert_eq!((found.code(), found.message()), (Some("Http400"), Some("")));
    }
}
