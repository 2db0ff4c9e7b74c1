//! Flags the right to decrypt with every key.

use crate::policy::Statement;
use crate::rule::{DECRYPT, Exposure, RuleContext};

pub(super) fn check(cx: &mut RuleContext<'_>, statement: &Statement) {
    cx.report_exposure(
        statement,
        Exposure {
            actions: DECRYPT,
            scopable: true,
            on: "every key",
            why: "encryption with separate keys keeps data apart only from those who may not use all of them",
            help: "name the keys, or limit the use by `kms:ViaService`, `kms:EncryptionContext` or `aws:ResourceTag`; for grants require `kms:GrantIsForAWSResource`",
        },
    );
}
