//! `rolecall credential rewrap`: the wrapping key is replaced, the secrets stay as they are.

use super::look::Outcome;
use super::stop::Stop;
use super::{RewrapArgs, vault};

/// How many secrets are wrapped in one transaction.
const BATCH: u32 = 100;

/// Runs the subcommand. It may be stopped anywhere and run again.
pub(super) fn run(args: &RewrapArgs) -> Result<u8, Stop> {
    let mut store = vault::open(&args.store)?;
    let keyring = vault::keyring(&args.key, &args.live)?;
    let mut lines = Vec::new();
    let (mut done, mut left, mut next) = (0, 0, None);
    loop {
        let batch = store.rewrap(&keyring, next.as_ref(), BATCH, &vault::stamp())?;
        done += batch.done;
        for it in &batch.unopened {
            left += 1;
            lines.push(format!(
                "`{}` of tenant `{}` keeps its key: {}",
                it.name, it.tenant, it.error
            ));
        }
        next = batch.next;
        if next.is_none() {
            break;
        }
    }
    let active = keyring.active().id();
    lines.push(format!("wrapped {} with {active}", count(done)));
    let others = store.key_use()?.into_iter().filter(|it| it.key != active);
    for it in others {
        lines.push(format!(
            "still wrapped with {}: {}",
            it.key,
            count(it.secrets)
        ));
    }
    let outcome = Outcome {
        lines,
        ..Outcome::default()
    };
    outcome.print(args.format);
    Ok(if left == 0 { 0 } else { 3 })
}

fn count<N: std::fmt::Display + PartialEq + From<u8>>(secrets: N) -> String {
    match secrets == N::from(1) {
        true => "1 secret".to_owned(),
        false => format!("{secrets} secrets"),
    }
}
