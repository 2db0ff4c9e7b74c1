//! Starts moto, which keeps the state of the pretended accounts, and asks it.
//!
//! One moto serves all tests of a process, one after the other. It ends when the pipe to its
//! standard input is closed, so that it outlives no test process, however that ends.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::answer::Refusal;
use super::http::{Answer, Raw};

/// Serves moto's own application on a free port of the loopback, says which, and ends with its
/// standard input.
const PROGRAM: &str = "
import os, sys, threading
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
import logging
logging.getLogger('werkzeug').setLevel(logging.ERROR)
def watch():
    sys.stdin.read()
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
app = DomainDispatcherApplication(create_backend_app)
server = make_server('127.0.0.1', 0, app, threaded=True)
print(server.port, flush=True)
server.serve_forever()
";

/// A moto that runs.
pub(crate) struct Moto {
    port: u16,
    agent: ureq::Agent,
    /// Kept for its standard input: moto ends when that is closed.
    _child: Child,
}

static MOTO: OnceLock<Option<Moto>> = OnceLock::new();
static TURN: Mutex<()> = Mutex::new(());

/// The right to use moto alone.
pub(crate) struct Lease {
    pub(crate) moto: &'static Moto,
    _turn: MutexGuard<'static, ()>,
}

impl Moto {
    /// Waits until no other test of this process uses moto, and empties it.
    ///
    /// # Panics
    ///
    /// moto is required by `ROLECALL_REQUIRE_MOTO` and does not run.
    pub(crate) fn lease() -> Option<Lease> {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let moto = MOTO.get_or_init(start).as_ref();
        let is_required = std::env::var("ROLECALL_REQUIRE_MOTO").is_ok_and(|it| it == "1");
        assert!(
            moto.is_some() || !is_required,
            "moto is required, and `MOTO_SERVER` names none that starts"
        );
        if moto.is_none() {
            eprintln!("left out: `MOTO_SERVER` names no moto");
        }
        let moto = moto?;
        moto.reset();
        Some(Lease { moto, _turn: turn })
    }

    /// Returns where it listens.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn reset(&self) {
        let url = format!("{}/moto-api/reset", self.endpoint());
        let answer = self.agent.post(url).send_empty().unwrap();
        assert_eq!(answer.status(), 200, "moto is not reset");
    }

    /// Passes a request on, as one of this account.
    pub(crate) fn forward(&self, raw: &Raw, account: &str) -> Answer {
        let query = match raw.query.as_str() {
            "" => String::new(),
            query => format!("?{query}"),
        };
        let url = format!("{}{}{query}", self.endpoint(), raw.path);
        let mut request = ureq::http::Request::builder()
            .method(raw.method.as_str())
            .uri(url)
            .header("x-moto-account-id", account);
        for (name, value) in &raw.headers {
            let is_ours = [
                "host",
                "content-length",
                "transfer-encoding",
                "connection",
                "expect",
            ]
            .contains(&name.as_str());
            if !is_ours {
                request = request.header(name, value);
            }
        }
        let answer = match raw.body.as_slice() {
            [] => self.agent.run(request.body(()).unwrap()),
            body => self.agent.run(request.body(body).unwrap()),
        };
        // Of some calls moto makes nothing, not even an error.
        let Ok(mut answer) = answer else {
            return Refusal::failure("").answer("");
        };
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value.and_then(|it| it.to_str().ok()).map(str::to_owned)
        };
        let (content_type, error_type) = (header("content-type"), header("x-amzn-errortype"));
        Answer {
            status: answer.status().as_u16(),
            content_type: content_type.unwrap_or_default(),
            error_type,
            body: answer.body_mut().read_to_string().unwrap(),
        }
    }

    /// Asks IAM of an account, past all of our layers.
    pub(crate) fn iam(
        &self,
        account: &str,
        operation: &str,
        parameters: &[(&str, &str)],
    ) -> Answer {
        let encode = |text: &str| {
            let kept = percent_encoding::NON_ALPHANUMERIC;
            percent_encoding::utf8_percent_encode(text, kept).to_string()
        };
        let mut body = format!("Action={operation}&Version=2010-05-08");
        for (name, value) in parameters {
            body.push_str(&format!("&{}={}", encode(name), encode(value)));
        }
        let scope = "Credential=AKIAROLECALLDOUBLE00/20260101/us-east-1/iam/aws4_request";
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let raw = Raw {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            headers: vec![
                header("content-type", "application/x-www-form-urlencoded"),
                header(
                    "authorization",
                    &format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"),
                ),
            ],
            body: body.into_bytes(),
        };
        self.forward(&raw, account)
    }
}

fn start() -> Option<Moto> {
    let server = std::env::var("MOTO_SERVER").ok()?;
    let python = Path::new(&server).with_file_name("python");
    let mut child = Command::new(python)
        .args(["-c", PROGRAM])
        // They would cost each test a second; what needs one creates a policy of its text.
        .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "false")
        .env_remove("MOTO_ACCOUNT_ID")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut text = String::new();
    BufReader::new(child.stdout.take()?)
        .read_line(&mut text)
        .ok()?;
    let port = text.trim().parse().ok()?;
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(10)))
        .build();
    Some(Moto {
        port,
        agent: config.into(),
        _child: child,
    })
}
