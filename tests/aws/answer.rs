//! Answers in the shape of each service: query XML, EC2's XML, JSON, and REST with JSON.

use super::http::Answer;

/// How a service writes its answers (AWS: "Smithy, AWS protocols").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// IAM and STS.
    Query,
    /// EC2.
    Ec2,
    /// Organizations, KMS, service quotas.
    Json,
    /// EKS and Access Analyzer.
    Rest,
}

impl Shape {
    /// Returns the shape of a service, by its name in signatures.
    pub(crate) fn of(service: &str) -> Self {
        match service {
            "ec2" => Self::Ec2,
            "eks" | "access-analyzer" => Self::Rest,
            "iam" | "sts" | "route53" | "elasticloadbalancing" | "autoscaling" => Self::Query,
            _ => Self::Json,
        }
    }
}

/// The request id of every answer of ours.
pub(crate) const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";

/// An error before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The status code.
    pub(crate) status: u16,
    /// AWS's error code.
    pub(crate) code: String,
    /// AWS's words.
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    /// Returns what a service says that is asked too often.
    pub(crate) fn throttle(service: &str) -> Self {
        let (status, code) = match (Shape::of(service), service) {
            (Shape::Ec2, _) => (503, "RequestLimitExceeded"),
            (Shape::Query, _) => (400, "Throttling"),
            (Shape::Rest, _) => (429, "ThrottlingException"),
            (Shape::Json, "organizations" | "servicequotas") => (400, "TooManyRequestsException"),
            (Shape::Json, _) => (400, "ThrottlingException"),
        };
        Self::new(status, code, "Rate exceeded")
    }

    /// Returns what a service says that fails by itself.
    pub(crate) fn failure(service: &str) -> Self {
        let code = match (Shape::of(service), service) {
            (Shape::Ec2, _) => "InternalError",
            (Shape::Query, "iam") => "ServiceFailure",
            (Shape::Query, _) => "InternalFailure",
            (Shape::Rest, "eks") => "ServerException",
            (Shape::Rest, _) => "InternalServerException",
            (Shape::Json, _) => "ServiceException",
        };
        Self::new(500, code, "An internal error has occurred")
    }

    /// Returns what a service says to somebody who may not.
    pub(crate) fn denied(service: &str, message: impl Into<String>) -> Self {
        match Shape::of(service) {
            Shape::Ec2 => Self::new(403, "UnauthorizedOperation", message),
            Shape::Query => Self::new(403, "AccessDenied", message),
            Shape::Rest => Self::new(403, "AccessDeniedException", message),
            Shape::Json => Self::new(400, "AccessDeniedException", message),
        }
    }

    /// Returns what a service says to a key that does not exist, or is switched off.
    pub(crate) fn invalid_key(service: &str) -> Self {
        let words = "The security token included in the request is invalid.";
        match Shape::of(service) {
            Shape::Ec2 => Self::new(
                401,
                "AuthFailure",
                "AWS was not able to validate the provided access credentials",
            ),
            Shape::Query => Self::new(403, "InvalidClientTokenId", words),
            Shape::Rest => Self::new(403, "UnrecognizedClientException", words),
            Shape::Json => Self::new(400, "UnrecognizedClientException", words),
        }
    }

    /// Writes it as this service does.
    pub(crate) fn answer(&self, service: &str) -> Answer {
        let (code, message) = (escaped(&self.code), escaped(&self.message));
        let (body, error_type) = match Shape::of(service) {
            Shape::Ec2 => {
                let error =
                    format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
                let body = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors>{error}</Errors>\
                     <RequestID>{REQUEST_ID}</RequestID></Response>"
                );
                (body, None)
            }
            Shape::Query => {
                let side = if self.status < 500 {
                    "Sender"
                } else {
                    "Receiver"
                };
                let error = format!(
                    "<Error><Type>{side}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
                );
                let body = format!(
                    "<ErrorResponse xmlns=\"{}\">{error}<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>",
                    name_space(service)
                );
                (body, None)
            }
            Shape::Json => {
                let body = serde_json::json!({"__type": self.code, "Message": self.message});
                (body.to_string(), None)
            }
            Shape::Rest => {
                let body = serde_json::json!({"message": self.message});
                (body.to_string(), Some(self.code.clone()))
            }
        };
        Answer {
            status: self.status,
            content_type: content_type(service).to_owned(),
            error_type,
            body,
        }
    }
}

/// Returns the answer of a query service to an operation that went well.
pub(crate) fn query(service: &str, operation: &str, result: &str) -> Answer {
    let result = match result {
        "" => String::new(),
        _ => format!("<{operation}Result>{result}</{operation}Result>"),
    };
    let body = format!(
        "<{operation}Response xmlns=\"{}\">{result}<ResponseMetadata><RequestId>{REQUEST_ID}\
         </RequestId></ResponseMetadata></{operation}Response>",
        name_space(service)
    );
    success(service, body)
}

/// Returns the answer of a JSON service to an operation that went well.
pub(crate) fn json(service: &str, body: &serde_json::Value) -> Answer {
    success(service, body.to_string())
}

fn success(service: &str, body: String) -> Answer {
    Answer {
        status: 200,
        content_type: content_type(service).to_owned(),
        error_type: None,
        body,
    }
}

fn content_type(service: &str) -> &'static str {
    match Shape::of(service) {
        Shape::Query | Shape::Ec2 => "text/xml",
        Shape::Json => "application/x-amz-json-1.1",
        Shape::Rest => "application/json",
    }
}

fn name_space(service: &str) -> &'static str {
    match service {
        "iam" => "https://iam.amazonaws.com/doc/2010-05-08/",
        "sts" => "https://sts.amazonaws.com/doc/2011-06-15/",
        _ => "https://amazonaws.com/doc/",
    }
}

/// Returns a text as XML holds it.
pub(crate) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

/// Returns the contents of every element of a name, in their order; elements of one name that lie in
/// each other are not told apart.
pub(crate) fn elements<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(open.as_str()).skip(1);
    parts
        .filter_map(|it| it.split_once(close.as_str()).map(|(text, _)| text))
        .collect()
}

/// Returns the text of the first element of a name; empty if there is none.
pub(crate) fn element(xml: &str, name: &str) -> String {
    let text = elements(xml, name).first().copied().unwrap_or_default();
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    let text = text.replace("&quot;", "\"").replace("&#34;", "\"");
    let text = text.replace("&#39;", "'").replace("&apos;", "'");
    text.replace("&amp;", "&")
}
