//! The test double of AWS: an HTTP server that speaks AWS's protocol on the loopback.
//!
//! A test target takes it with
//!
//! ```ignore
//! #[path = "aws/server.rs"]
//! mod double;
//! ```
//!
//! and asks [`Double::start`] for one, which is `None` where there is no moto (`MOTO_SERVER`); the
//! test then returns. A process has one moto, so that its tests take turns: never start two in one
//! test. Clients get [`Double::endpoint`] and [`Double::admin`], the key of a user who may do
//! everything.
//!
//! A call goes through these layers, each of a file of its own: `request` recognises and records
//! it; `fault` disturbs it; `key` and `signature` know who signed; `permission` asks our own
//! evaluator, with the policies that moto keeps or that the test gave ([`Double::grant`]); `truth`,
//! `simulator` and `analyzer` answer as AWS does where moto does not; `moto` keeps the state.
//!
//! What it does not do: resource policies other than role trust, resource control policies, tags of
//! EC2's resources as condition keys, AWS's managed policies (create one of its text).

#![allow(
    dead_code,
    unused_imports,
    reason = "some targets use all of the double, others a part: no expectation holds for both"
)]

mod analyzer;
mod answer;
mod asked;
mod fault;
mod http;
mod key;
mod moto;
mod permission;
mod request;
mod signature;
mod simulator;
mod truth;
mod unknown;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rolecall::arn::Arn;
use rolecall::evaluate::{Level, Policies};
use rolecall::policy::{Kind, written};

pub(crate) use analyzer::Opinion;
pub(crate) use answer::Refusal;
use answer::{element, query};
use base64::Engine;
pub(crate) use fault::{Fault, Victim, Which, kill};
use http::Answer;
use key::Holder;
pub(crate) use request::Call;

/// The account that [`Double::admin`] belongs to.
pub(crate) const ACCOUNT: &str = "123456789012";

const ADMIN: (&str, &str) = ("AKIAROLECALLADMIN000", "not-a-secret-of-the-admin");

/// Returns identity policies of these texts, and nothing else.
pub(crate) fn policies(texts: &[&str]) -> Policies {
    Policies {
        identity: texts.iter().map(|it| written(it, Kind::Identity)).collect(),
        ..Policies::default()
    }
}

/// An access key with its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// `AKIA…` or `ASIA…`.
    pub(crate) id: String,
    /// The secret.
    pub(crate) secret: String,
}

/// The double; dropping it ends it.
pub(crate) struct Double {
    inner: Arc<Inner>,
    // Dropped last: the next test may have moto when nothing of this one runs any more.
    _lease: moto::Lease,
}

struct Inner {
    moto: &'static moto::Moto,
    address: SocketAddr,
    calls: Mutex<Vec<Call>>,
    faults: Mutex<fault::Faults>,
    state: Mutex<State>,
    is_stopped: AtomicBool,
}

/// What is known beside moto's state; calls are served one after the other, past their faults.
#[derive(Default)]
struct State {
    keys: key::Keys,
    permission: permission::Permission,
    truth: truth::Truth,
    opinion: Opinion,
    /// How many keys tests were given.
    given: usize,
}

impl Double {
    /// Starts a double with an empty account; `None`, with a word on standard error, where there is
    /// no moto.
    ///
    /// # Panics
    ///
    /// There is no moto, and `ROLECALL_REQUIRE_MOTO` is `1`.
    pub(crate) fn start() -> Option<Self> {
        let lease = moto::Moto::lease()?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let inner = Arc::new(Inner {
            moto: lease.moto,
            address: listener.local_addr().unwrap(),
            calls: Mutex::default(),
            faults: Mutex::default(),
            state: Mutex::default(),
            is_stopped: AtomicBool::new(false),
        });
        let served = Arc::clone(&inner);
        std::thread::spawn(move || serve(&listener, &served));
        let everything = policies(&[r#"{"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "*", "Resource": "*"}}"#]);
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/admin");
        let mut state = inner.state.lock().unwrap();
        let holder = Holder::new(&arn, "AIDAROLECALLADMIN000", ADMIN.1);
        state.keys.add(ADMIN.0, holder);
        state.permission.give(&arn, everything);
        drop(state);
        Some(Self {
            inner,
            _lease: lease,
        })
    }

    /// Returns the URL that clients call.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.inner.address)
    }

    /// Returns the URL of moto itself, without our layers.
    pub(crate) fn moto_endpoint(&self) -> String {
        self.inner.moto.endpoint()
    }

    /// Returns the key of a user of [`ACCOUNT`] who may do everything.
    pub(crate) fn admin(&self) -> Key {
        Key {
            id: ADMIN.0.to_owned(),
            secret: ADMIN.1.to_owned(),
        }
    }

    /// Returns a key of a user or a role session of this ARN, whose policies are these from now on,
    /// whatever moto keeps. A later grant to the same ARN replaces them for all its keys.
    pub(crate) fn grant(&self, arn: &str, policies: Policies) -> Key {
        let mut state = self.inner.state.lock().unwrap();
        state.given += 1;
        let key = Key {
            id: format!("AKIAROLECALL{:08}", state.given),
            secret: format!("not-a-secret-{}", state.given),
        };
        let unique_id = format!("AIDAROLECALL{:08}", state.given);
        let holder = Holder::new(arn, &unique_id, &key.secret);
        state.keys.add(&key.id, holder);
        state.permission.give(arn, policies);
        key
    }

    /// Creates a user of [`ACCOUNT`] with these inline policies in moto, and returns a key of it.
    pub(crate) fn user(&self, name: &str, texts: &[&str]) -> Key {
        let moto = self.inner.moto;
        let user = [("UserName", name)];
        let created = moto.iam(ACCOUNT, "CreateUser", &user);
        assert!(created.is_success(), "{}", created.body);
        for (at, text) in texts.iter().enumerate() {
            let policy = format!("policy-{at}");
            let parameters = [user[0], ("PolicyName", &policy), ("PolicyDocument", text)];
            let put = moto.iam(ACCOUNT, "PutUserPolicy", &parameters);
            assert!(put.is_success(), "{}", put.body);
        }
        let answer = moto.iam(ACCOUNT, "CreateAccessKey", &user).body;
        let key = Key {
            id: element(&answer, "AccessKeyId"),
            secret: element(&answer, "SecretAccessKey"),
        };
        let arn = element(&created.body, "Arn");
        let holder = Holder::new(&arn, &element(&created.body, "UserId"), &key.secret);
        let mut state = self.inner.state.lock().unwrap();
        state.keys.add(&key.id, holder);
        state.permission.forget();
        key
    }

    /// Creates a role of [`ACCOUNT`] with this trust policy in moto.
    pub(crate) fn role(&self, name: &str, path: &str, trust: &str) {
        let parameters = [
            ("RoleName", name),
            ("Path", path),
            ("AssumeRolePolicyDocument", trust),
        ];
        let created = self.inner.moto.iam(ACCOUNT, "CreateRole", &parameters);
        assert!(created.is_success(), "{}", created.body);
    }

    /// Creates an EKS cluster of [`ACCOUNT`] with these tags in moto.
    pub(crate) fn cluster(&self, region: &str, name: &str, tags: &serde_json::Value) {
        let created = unknown::create_cluster(self.inner.moto, region, name, tags);
        assert!(created.is_success(), "{}", created.body);
    }

    /// Calls EC2, of which no client is here, with a form; returns the status and the body.
    pub(crate) fn ec2(&self, key: &Key, form: &str) -> (u16, String) {
        let form = format!("{form}&Version=2016-11-15");
        self.call(key, ["ec2", "us-east-1", "POST", "/"], &form)
    }

    /// Calls EKS in a region, of which no client is here; returns the status and the body.
    pub(crate) fn eks(&self, key: &Key, region: &str, at: [&str; 2], body: &str) -> (u16, String) {
        let [method, path] = at;
        self.call(key, ["eks", region, method, path], body)
    }

    /// Calls KMS, of which no client is here; returns the status and the body.
    pub(crate) fn kms(&self, key: &Key, operation: &str, body: &str) -> (u16, String) {
        self.call(key, ["kms", "us-east-1", operation, "/"], body)
    }

    /// Sends a signed call: its service, region, method and path.
    fn call(&self, key: &Key, to: [&str; 4], body: &str) -> (u16, String) {
        let [service, region, method, path] = to;
        let content_type = match service {
            "ec2" => "application/x-www-form-urlencoded",
            "kms" => "application/x-amz-json-1.1",
            _ => "application/json",
        };
        let (method, target) = match service {
            "kms" => ("POST", format!("TrentService.{method}")),
            _ => (method, String::new()),
        };
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut raw = http::Raw {
            method: method.to_owned(),
            path: path.to_owned(),
            query: String::new(),
            headers: vec![
                header("host", &self.inner.address.to_string()),
                header("content-type", content_type),
                header("x-amz-target", &target),
            ],
            body: body.as_bytes().to_vec(),
        };
        let call = Call {
            service: service.to_owned(),
            access_key: key.id.clone(),
            region: region.to_owned(),
            ..Call::default()
        };
        let now = std::time::SystemTime::now();
        let (added, _) = signature::signature(&raw, &[], &call, &key.secret, now).unwrap();
        raw.headers.extend(added);
        http::send(self.inner.address, &raw)
    }

    /// Switches a key on or off, as its owner would.
    pub(crate) fn set_active(&self, key: &Key, is_active: bool) {
        let mut state = self.inner.state.lock().unwrap();
        state.keys.set_active(&key.id, is_active);
    }

    /// Sets the service control policies that bind an account: those of the root first.
    pub(crate) fn set_scps(&self, account: &str, levels: &[(&str, &[&str])]) {
        let level = |(target, texts): &(&str, &[&str])| Level {
            target: (*target).to_owned(),
            policies: texts.iter().map(|it| written(it, Kind::Scp)).collect(),
        };
        let levels = levels.iter().map(level).collect();
        let mut state = self.inner.state.lock().unwrap();
        state.permission.set_scps(account, levels);
    }

    /// Says how often the status of a new account is `IN_PROGRESS` before it is there; once at
    /// first.
    pub(crate) fn set_patience(&self, times: usize) {
        self.inner.state.lock().unwrap().truth.patience = times;
    }

    /// Returns every call so far, also those that were refused.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.inner.calls.lock().unwrap().clone()
    }

    /// Returns every call so far as `iam:CreateUser`.
    pub(crate) fn actions(&self) -> Vec<String> {
        self.calls().iter().map(Call::action).collect()
    }

    /// Forgets the calls so far.
    pub(crate) fn forget_calls(&self) {
        self.inner.calls.lock().unwrap().clear();
    }

    /// Disturbs calls of an operation (`iam:CreateUser`), of a service (`iam:*`), or all (`*`).
    pub(crate) fn fault(&self, pattern: &str, which: Which, fault: Fault) {
        self.inner.faults.lock().unwrap().add(pattern, which, fault);
    }

    /// Says what Access Analyzer answers from now on; at first it finds nothing.
    pub(crate) fn set_opinion(&self, opinion: Opinion) {
        self.inner.state.lock().unwrap().opinion = opinion;
    }

    /// Disturbs no call any more.
    pub(crate) fn clear_faults(&self) {
        self.inner.faults.lock().unwrap().clear();
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.inner.is_stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        drop(TcpStream::connect(self.inner.address));
    }
}

fn serve(listener: &TcpListener, inner: &Arc<Inner>) {
    for stream in listener.incoming() {
        if inner.is_stopped.load(Ordering::SeqCst) {
            return;
        }
        let inner = Arc::clone(inner);
        if let Ok(stream) = stream {
            std::thread::spawn(move || answer_one(&stream, &inner));
        }
    }
}

/// Serves one connection, which is closed with the stream.
fn answer_one(stream: &TcpStream, inner: &Inner) {
    let Some(raw) = http::read(stream) else {
        return;
    };
    let call = Call::recognise(&raw);
    inner.calls.lock().unwrap().push(call.clone());
    let faults = inner.faults.lock().unwrap().of(&call);
    for fault in &faults {
        match before(fault, &call) {
            Before::Go => {}
            Before::Close => return,
            Before::Answer(answer) => return http::write(stream, &answer, false),
        }
    }
    let mut answer = inner.answer(&raw, &call);
    let mut is_half = false;
    for fault in &faults {
        match fault {
            Fault::DropAfter => return,
            Fault::RunAfter(hook) => {
                hook();
                return;
            }
            Fault::HalfAnswer => is_half = true,
            Fault::ServerErrorAfter => {
                answer = Refusal::failure(&call.service).answer(&call.service);
            }
            _ => {}
        }
    }
    http::write(stream, &answer, is_half);
}

enum Before {
    Go,
    Close,
    Answer(Answer),
}

fn before(fault: &Fault, call: &Call) -> Before {
    let refusal = match fault {
        Fault::Throttle => Refusal::throttle(&call.service),
        Fault::ServerError => Refusal::failure(&call.service),
        Fault::Deny(words) => Refusal::denied(&call.service, words),
        Fault::Refuse(refusal) => refusal.clone(),
        Fault::Delay(time) => {
            std::thread::sleep(*time);
            return Before::Go;
        }
        Fault::DropBefore => return Before::Close,
        Fault::RunBefore(hook) => {
            hook();
            return Before::Close;
        }
        Fault::ServerErrorAfter | Fault::DropAfter | Fault::HalfAnswer | Fault::RunAfter(_) => {
            return Before::Go;
        }
    };
    Before::Answer(refusal.answer(&call.service))
}

impl Inner {
    fn answer(&self, raw: &http::Raw, call: &Call) -> Answer {
        let mut state = self.state.lock().unwrap();
        let refused = |refusal: Refusal| refusal.answer(&call.service);
        if call.access_key.is_empty() {
            // Nobody signs AssumeRoleWithWebIdentity.
            return self.moto.forward(raw, ACCOUNT);
        }
        match state.serve(raw, call, self.moto) {
            Ok(answer) => answer,
            Err(refusal) => refused(refusal),
        }
    }
}

impl State {
    fn serve(
        &mut self,
        raw: &http::Raw,
        call: &Call,
        moto: &moto::Moto,
    ) -> Result<Answer, Refusal> {
        let holder = self.keys.holder(call)?.clone();
        if let Some(refusal) = signature::refuse(raw, call, &holder.secret) {
            return Err(refusal);
        }
        let scene = asked::Scene {
            call,
            caller: &holder.arn,
            account: &holder.account,
            truth: &self.truth,
            moto,
        };
        if let Some(refusal) = self.permission.deny(&scene, &holder) {
            return Err(refusal);
        }
        if let Some(answer) = self.reply(call, &holder, moto)? {
            return Ok(answer);
        }
        // A role of another account is kept there.
        let account = match Arn::parse(call.text("RoleArn")) {
            Some(role) if call.service == "sts" => role.account.to_owned(),
            _ => holder.account.clone(),
        };
        if let Some(refusal) = self.truth.refuse(call, &account, moto) {
            return Err(refusal);
        }
        let own = self.truth.reply(call, &account, moto);
        let is_own = own.is_some();
        let mut answer = own.unwrap_or_else(|| moto.forward(raw, &account));
        if answer.is_success() && !is_own {
            self.truth.observe(call, &account, &mut answer);
            self.keys.observe(call, &answer, &account, moto);
        }
        let is_read = ["Get", "List", "Simulate"];
        if call.service == "iam" && !is_read.iter().any(|it| call.operation.starts_with(it)) {
            self.permission.forget();
        }
        Ok(answer)
    }

    /// Answers what moto does not know, or gets wrong whatever its state.
    fn reply(
        &mut self,
        call: &Call,
        holder: &Holder,
        moto: &moto::Moto,
    ) -> Result<Option<Answer>, Refusal> {
        if call.service == "access-analyzer" {
            return Ok(Some(analyzer::reply(call, &self.opinion)));
        }
        if let Some(answer) = unknown::reply(call, &holder.account, moto) {
            return answer.map(Some);
        }
        // AWS: "Amazon EC2 API Reference, Common parameters", `DryRun`.
        if call.service == "ec2" && call.text("DryRun") == "true" {
            let message = "Request would have succeeded, but DryRun flag is set.";
            return Err(Refusal::new(412, "DryRunOperation", message));
        }
        let body = match call.action().as_str() {
            "sts:GetCallerIdentity" => format!(
                "<Arn>{}</Arn><UserId>{}</UserId><Account>{}</Account>",
                holder.arn, holder.unique_id, holder.account
            ),
            "sts:DecodeAuthorizationMessage" => {
                let bytes = base64::prelude::BASE64_STANDARD.decode(call.text("EncodedMessage"));
                let text = bytes.ok().and_then(|it| String::from_utf8(it).ok());
                let text = text.ok_or_else(|| {
                    let message = "Invalid encoded authorization message";
                    Refusal::new(400, "InvalidAuthorizationMessageException", message)
                })?;
                format!(
                    "<DecodedMessage>{}</DecodedMessage>",
                    answer::escaped(&text)
                )
            }
            "iam:SimulatePrincipalPolicy" => {
                let source = call.text("PolicySourceArn");
                let policies = self.permission.policies(source, &self.truth, moto);
                return Ok(Some(simulator::reply(call, &policies)));
            }
            _ => return Ok(None),
        };
        Ok(Some(query(&call.service, &call.operation, &body)))
    }
}
