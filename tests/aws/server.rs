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
//! A call goes through these layers, each of a file of its own:
//! `request` recognises and records it, `fault` disturbs it, `truth` and `permission` answer as AWS
//! does where moto does not, and `moto` keeps the state.

mod analyzer;
mod answer;
mod fault;
mod http;
mod moto;
mod request;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

pub(crate) use analyzer::Opinion;
pub(crate) use answer::Refusal;
pub(crate) use fault::{Fault, Victim, Which, kill};
use http::Answer;
pub(crate) use request::Call;

/// The account that [`Double::admin`] belongs to.
pub(crate) const ACCOUNT: &str = "123456789012";

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
    opinion: Mutex<Opinion>,
    is_stopped: AtomicBool,
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
            opinion: Mutex::default(),
            is_stopped: AtomicBool::new(false),
        });
        let served = Arc::clone(&inner);
        std::thread::spawn(move || serve(&listener, &served));
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
            id: "AKIAROLECALLADMIN000".to_owned(),
            secret: "not-a-secret".to_owned(),
        }
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
        *self.inner.opinion.lock().unwrap() = opinion;
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
        if call.service == "access-analyzer" {
            return analyzer::reply(call, &self.opinion.lock().unwrap());
        }
        self.moto.forward(raw, ACCOUNT)
    }
}
