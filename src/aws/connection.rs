//! A credential, a region and the clients that use them.

use std::sync::Mutex;
use std::time::Duration;

use aws_config::default_provider::region::DefaultRegionChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_runtime::client::defaults::default_http_client_plugin_v2;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin as _;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::runtime::Runtime;

use super::error::{CallError, failed};
use crate::account::Caller;

/// How long one attempt may take, and how often a read is tried (AWS SDKs and Tools Reference Guide,
/// "Retry behavior": throttled calls are tried again with growing pauses).
const ATTEMPT: Duration = Duration::from_secs(20);
const ATTEMPTS: u32 = 6;

/// Where the credential is found and which endpoints are asked, where that differs from the standard
/// chain (environment, shared files, container and instance metadata).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Where {
    /// A profile of the shared configuration files.
    pub profile: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// Asked instead of AWS: a test server, or a proxy.
    pub endpoint: Option<String>,
}

/// A credential with its clients. Calls block until they are answered.
pub struct Connection {
    runtime: Runtime,
    /// What all clients share, and what signs the calls that have no client.
    pub(super) config: SdkConfig,
    /// The credential of those calls while it lasts.
    pub(super) session: Mutex<Option<Credentials>>,
    pub(super) iam: aws_sdk_iam::Client,
    pub(super) analyzer: aws_sdk_accessanalyzer::Client,
    pub(super) sts: aws_sdk_sts::Client,
    pub(super) organizations: aws_sdk_organizations::Client,
}

// The clients' own output would show more than a reader wants.
impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Connection {
    /// Prepares the clients; nothing is asked yet.
    ///
    /// # Errors
    ///
    /// The system gives no timer or socket to wait with.
    pub fn new(place: &Where) -> Result<Self, std::io::Error> {
        Self::from(place, None)
    }

    /// Prepares the clients for this credential, whatever the standard chain would find.
    ///
    /// # Errors
    ///
    /// As [`Connection::new`].
    pub fn with_key(
        place: &Where,
        id: &str,
        secret: &SecretString,
    ) -> Result<Self, std::io::Error> {
        let secret = secret.expose_secret();
        let credentials = Credentials::new(id, secret, None, None, "rolecall");
        Self::from(place, Some(credentials))
    }

    /// Prepares the clients, for these credentials or for what the standard chain finds.
    pub(super) fn from(
        place: &Where,
        credentials: Option<Credentials>,
    ) -> Result<Self, std::io::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let config = runtime.block_on(load(place, credentials));
        Ok(Self {
            runtime,
            iam: aws_sdk_iam::Client::new(&config),
            analyzer: aws_sdk_accessanalyzer::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            organizations: aws_sdk_organizations::Client::new(&config),
            session: Mutex::default(),
            config,
        })
    }

    /// Returns whose credential this is. The call needs no permission and cannot be denied, so it
    /// proves that the key exists and nothing more (AWS STS API Reference, "GetCallerIdentity").
    ///
    /// # Errors
    ///
    /// There is no credential, AWS does not know it, or nobody answered.
    pub fn caller(&self) -> Result<Caller, CallError> {
        self.wait(async {
            let answer = self.sts.get_caller_identity().send().await;
            let answer = answer.map_err(failed("sts:GetCallerIdentity", ""))?;
            Ok(Caller {
                arn: answer.arn.unwrap_or_default(),
                account: answer.account.unwrap_or_default(),
                user_id: answer.user_id.unwrap_or_default(),
            })
        })
    }

    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

/// The region that is asked where nobody names one: IAM and Organizations have one endpoint for a
/// partition, which any of its regions names.
const ANY_REGION: &str = "us-east-1";

/// Returns the credential of a profile that was named. The SDK's own chain would look into the
/// environment first, and act as somebody else than the user named; a profile that is named comes
/// before it (AWS CLI User Guide, "Configuration settings and precedence"). A profile that assumes a
/// role needs a region for it.
async fn of_profile(place: &Where, profile: &str) -> ProfileFileCredentialsProvider {
    let region = match &place.region {
        Some(region) => Some(Region::new(region.clone())),
        None => {
            let chain = DefaultRegionChain::builder().profile_name(profile).build();
            chain.region().await
        }
    };
    let config = ProviderConfig::without_region().with_region(region);
    ProfileFileCredentialsProvider::builder()
        .profile_name(profile)
        .configure(&config)
        .build()
}

/// The SDK's defaults of one day: a newer SDK behaves as the one that was tested.
fn version() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

async fn load(place: &Where, credentials: Option<Credentials>) -> SdkConfig {
    let mut loader = aws_config::defaults(version())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .operation_attempt_timeout(ATTEMPT)
                .build(),
        );
    if let Some(profile) = &place.profile {
        loader = loader.profile_name(profile);
    }
    match (credentials, &place.profile) {
        (Some(credentials), _) => loader = loader.credentials_provider(credentials),
        (None, Some(profile)) => {
            loader = loader.credentials_provider(of_profile(place, profile).await);
        }
        (None, None) => {}
    }
    if let Some(region) = &place.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(endpoint) = &place.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    let config = loader.load().await;
    let region = config.region().cloned();
    let mut builder = config.into_builder();
    builder.set_region(region.or_else(|| Some(Region::new(ANY_REGION))));
    // One stack for TLS: each client would make its own, and read the trusted certificates again.
    let plugin = default_http_client_plugin_v2(version());
    let components = RuntimeComponentsBuilder::new("rolecall");
    builder.set_http_client(plugin.and_then(|it| it.runtime_components(&components).http_client()));
    builder.build()
}
