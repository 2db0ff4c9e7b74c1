//! Clients of the AWS SDK that call the double, once for each call.

use std::future::Future;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_iam::config::SharedCredentialsProvider;
use aws_smithy_types::retry::RetryConfig;

/// Returns what clients share: this endpoint, this key, no retries.
pub(crate) fn config(endpoint: &str, id: &str, secret: &str, token: Option<&str>) -> SdkConfig {
    let token = token.map(str::to_owned);
    let credentials = Credentials::new(id, secret, token, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .build()
}

/// Waits for a call.
pub(crate) fn wait<T>(call: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(call)
}
