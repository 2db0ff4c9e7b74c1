//! Signs requests, and finds out whether one was signed with the secret of its key (AWS: "Signature
//! Version 4 for API requests"). moto believes every signature.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;

use super::answer::{Refusal, Shape};
use super::http::Raw;
use super::request::Call;

/// How far a client's clock may be off.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// Returns why AWS does not believe a signature.
pub(crate) fn refuse(raw: &Raw, call: &Call, secret: &str) -> Option<Refusal> {
    let service = &call.service;
    let Some(time) = time(raw.header("x-amz-date")) else {
        return Some(mismatch(service, "The request has no date"));
    };
    let now = SystemTime::now();
    let is_late = time + SKEW < now;
    if is_late || now + SKEW < time {
        let words = match is_late {
            true => "Signature expired",
            false => "Signature not yet current",
        };
        let words = format!("{words}: {}", raw.header("x-amz-date"));
        return Some(match Shape::of(service) {
            Shape::Ec2 => Refusal::new(400, "RequestExpired", words),
            _ => mismatch(service, &words),
        });
    }
    let header = raw.header("authorization");
    let part = |name: &str| {
        let rest = header.split(name).nth(1).unwrap_or_default();
        rest.split([',', ' ']).next().unwrap_or_default()
    };
    let names: Vec<&str> = part("SignedHeaders=").split(';').collect();
    let signed = raw.headers.iter().filter(|(name, _)| {
        // These two the signer adds by itself.
        names.contains(&name.as_str()) && !["host", "x-amz-date"].contains(&name.as_str())
    });
    let signed: Vec<_> = signed
        .map(|(name, it)| (name.as_str(), it.as_str()))
        .collect();
    let (_, signature) = signature(raw, &signed, call, secret, time)?;
    (signature != part("Signature=")).then(|| {
        mismatch(
            service,
            "The request signature we calculated does not match the signature you provided. Check \
             your AWS Secret Access Key and signing method. Consult the service documentation for \
             details.",
        )
    })
}

fn mismatch(service: &str, words: &str) -> Refusal {
    match Shape::of(service) {
        Shape::Ec2 => Refusal::new(
            401,
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
        ),
        Shape::Query => Refusal::new(403, "SignatureDoesNotMatch", words),
        Shape::Rest => Refusal::new(403, "InvalidSignatureException", words),
        Shape::Json => Refusal::new(400, "InvalidSignatureException", words),
    }
}

/// Returns the headers that a signature adds, and the signature.
pub(crate) fn signature(
    raw: &Raw,
    headers: &[(&str, &str)],
    call: &Call,
    secret: &str,
    time: SystemTime,
) -> Option<(Vec<(String, String)>, String)> {
    let identity = Credentials::new(call.access_key.as_str(), secret, None, None, "test").into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(&call.region)
        .name(&call.service)
        .time(time)
        .settings(SigningSettings::default())
        .build()
        .ok()?
        .into();
    let query = match raw.query.as_str() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    let uri = format!("http://{}{}{query}", raw.header("host"), raw.path);
    let body = SignableBody::Bytes(&raw.body);
    let headers = headers.iter().copied();
    let request = SignableRequest::new(&raw.method, uri, headers, body).ok()?;
    let (instructions, signature) = sign(request, &parameters).ok()?.into_parts();
    let added = instructions.headers();
    let added = added.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Some((added.collect(), signature))
}

/// Reads `20260102T030405Z`.
fn time(text: &str) -> Option<SystemTime> {
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    let time = jiff::tz::TimeZone::UTC.to_timestamp(time).ok()?;
    let seconds = u64::try_from(time.as_second()).ok()?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}
