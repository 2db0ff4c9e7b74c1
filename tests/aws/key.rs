//! Who holds which access key: the test's own, and those that calls have made.

use std::collections::BTreeMap;

use rolecall::arn::Arn;
use rolecall::policy::{Document, Kind, written};

use super::answer::{Refusal, element};
use super::http::Answer;
use super::moto::Moto;
use super::request::Call;

/// The holder of a key.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    /// The ARN of a user or a role session.
    pub(crate) arn: String,
    /// The account.
    pub(crate) account: String,
    /// The unique id: `AIDA…`, or `AROA…:session`.
    pub(crate) unique_id: String,
    /// The secret.
    pub(crate) secret: String,
    /// Whether the key works.
    pub(crate) is_active: bool,
    /// The session policy, of a session that has one.
    pub(crate) session: Option<Vec<Document>>,
}

impl Holder {
    /// Returns a holder with a key that works.
    pub(crate) fn new(arn: &str, unique_id: &str, secret: &str) -> Self {
        let account = Arn::parse(arn).map_or("", |it| it.account).to_owned();
        Self {
            arn: arn.to_owned(),
            account,
            unique_id: unique_id.to_owned(),
            secret: secret.to_owned(),
            is_active: true,
            session: None,
        }
    }
}

/// Every key that anybody holds, by its id.
#[derive(Debug, Default)]
pub(crate) struct Keys(BTreeMap<String, Holder>);

impl Keys {
    /// Adds a key.
    pub(crate) fn add(&mut self, id: &str, holder: Holder) {
        self.0.insert(id.to_owned(), holder);
    }

    /// Switches a key on or off.
    pub(crate) fn set_active(&mut self, id: &str, is_active: bool) {
        if let Some(holder) = self.0.get_mut(id) {
            holder.is_active = is_active;
        }
    }

    /// Returns who signed a call. Unknown, deleted and inactive keys are one to AWS (AWS: "IAM
    /// User Guide, Manage access keys", and "Common errors").
    pub(crate) fn holder(&self, call: &Call) -> Result<&Holder, Refusal> {
        let holder = self.0.get(&call.access_key).filter(|it| it.is_active);
        holder.ok_or_else(|| Refusal::invalid_key(&call.service))
    }

    /// Learns from a call that took effect which keys exist now.
    pub(crate) fn observe(&mut self, call: &Call, answer: &Answer, account: &str, moto: &Moto) {
        let key = element(&answer.body, "AccessKeyId");
        let secret = element(&answer.body, "SecretAccessKey");
        match call.action().as_str() {
            "iam:CreateAccessKey" => {
                let name = element(&answer.body, "UserName");
                let user = moto.iam(account, "GetUser", &[("UserName", &name)]).body;
                let (arn, id) = (element(&user, "Arn"), element(&user, "UserId"));
                self.add(&key, Holder::new(&arn, &id, &secret));
            }
            "iam:UpdateAccessKey" => {
                self.set_active(call.text("AccessKeyId"), call.text("Status") == "Active");
            }
            "iam:DeleteAccessKey" => drop(self.0.remove(call.text("AccessKeyId"))),
            "sts:AssumeRole" => {
                let arn = element(&answer.body, "Arn");
                let id = element(&answer.body, "AssumedRoleId");
                let mut holder = Holder::new(&arn, &id, &secret);
                let policy = call.text("Policy");
                holder.session = (!policy.is_empty()).then(|| vec![written(policy, Kind::Session)]);
                self.add(&key, holder);
            }
            _ => {}
        }
    }
}
