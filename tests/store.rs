//! The store of credentials from outside: what its file shows, what it refuses, and what is left
//! when its processes race or die.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests that look into files and stop where something is missing"
)]

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use rolecall::store::key::{KeyError, Keyring, LocalKey, WrappingKey, create_key_file};
use rolecall::store::{
    AccessKeyId, Credential, Kind, NewCredential, NewKind, Settings, Stamp, State, Step, Store,
    StoreError, Validation,
};
use rusqlite::Connection;
use secrecy::{ExposeSecret as _, SecretString};

const FIRST_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SECOND_KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const OTHER_SECRET: &str = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY";

fn local(text: &str) -> Box<LocalKey> {
    Box::new(LocalKey::from_text(text, "a test").unwrap())
}

fn keyring() -> Keyring {
    Keyring::new(local(FIRST_KEY), Vec::new()).unwrap()
}

fn stamp() -> Stamp {
    Stamp {
        at: Timestamp::from_second(1_800_000_000).unwrap(),
        by: "a test".to_owned(),
    }
}

fn access_key(name: &str, secret: &str) -> NewCredential {
    NewCredential {
        name: name.to_owned(),
        kind: NewKind::AccessKey {
            id: AccessKeyId::new("AKIAIOSFODNN7EXAMPLE").unwrap(),
            secret: SecretString::from(secret),
        },
        region: Some("eu-central-1".to_owned()),
        profile: Some("mengi/eks".to_owned()),
        settings: Settings {
            variables: vec!["region=eu-central-1,eu-west-1".to_owned()],
            features: vec!["karpenter".to_owned(), "no-spot".to_owned()],
            phases: vec!["preflight".to_owned()],
            is_isolation_required: true,
        },
    }
}

fn second_id() -> AccessKeyId {
    AccessKeyId::new("AKIAI44QH8DHBEXAMPLE").unwrap()
}

fn found(state: State) -> Validation {
    Validation {
        state,
        reasons: vec!["a reason".to_owned()],
        account: Some("111122223333".to_owned()),
        principal: Some("arn:aws:iam::111122223333:user/vendor".to_owned()),
        isolation: Some("isolated".to_owned()),
    }
}

/// A store in a folder of its own.
struct Bench {
    folder: tempfile::TempDir,
    store: Store,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.db")).unwrap();
        Self { folder, store }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    fn add(&mut self, tenant: &str, name: &str, secret: &str) -> Credential {
        let new = access_key(name, secret);
        self.store.add(&keyring(), tenant, new, &stamp()).unwrap()
    }

    fn secret(&self, tenant: &str, name: &str) -> Result<String, StoreError> {
        let secret = self.store.secret(&keyring(), tenant, name)?;
        Ok(secret.expose_secret().to_owned())
    }

    /// Changes the file behind the store's back.
    fn tamper(&self, statements: &str) {
        let connection = Connection::open(self.path()).unwrap();
        connection.execute_batch(statements).unwrap();
    }

    #[track_caller]
    fn refuses(&self, tenant: &str, name: &str) {
        let answer = self.secret(tenant, name);
        assert!(
            matches!(answer, Err(StoreError::Tampered { .. })),
            "{answer:?}"
        );
    }
}

/// The forms in which a secret could lie somewhere.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let hexadecimal: String = secret.bytes().map(|it| format!("{it:02x}")).collect();
    let mut forms = vec![
        secret.as_bytes().to_vec(),
        secret.as_bytes()[8..24].to_vec(),
        secret.bytes().rev().collect(),
        secret.bytes().flat_map(|it| [it, 0]).collect(),
        hexadecimal.to_uppercase().into_bytes(),
        hexadecimal.into_bytes(),
        format!("{:?}", secret.as_bytes()).into_bytes(),
    ];
    // Base64 of a text within another one has three forms, by where it starts.
    for start in 0..3 {
        let inner = &secret.as_bytes()[start..];
        let whole = &inner[..inner.len() / 3 * 3];
        forms.push(STANDARD.encode(whole).into_bytes());
        forms.push(URL_SAFE_NO_PAD.encode(whole).into_bytes());
    }
    forms
}

#[track_caller]
fn shows_nothing(place: &str, bytes: &[u8], secret: &str) {
    for form in forms(secret) {
        let is_there = bytes.windows(form.len()).any(|it| it == form);
        assert!(
            !is_there,
            "{place} shows {}",
            String::from_utf8_lossy(&form)
        );
    }
}

#[test]
fn a_credential_is_kept_and_found() {
    let mut bench = Bench::new();
    let added = bench.add("acme", "main", SECRET);
    assert_eq!(added.state, State::PendingValidation);
    assert_eq!(bench.store.get("acme", "main").unwrap(), added);
    assert_eq!(bench.secret("acme", "main").unwrap(), SECRET);
    let again = bench
        .store
        .add(&keyring(), "acme", access_key("main", SECRET), &stamp());
    assert!(matches!(again, Err(StoreError::Exists { .. })));
    // Another tenant's is another one, and nobody sees it but them.
    bench.add("globex", "main", OTHER_SECRET);
    assert_eq!(bench.secret("globex", "main").unwrap(), OTHER_SECRET);
    assert_eq!(
        bench.store.list("acme").unwrap(),
        std::slice::from_ref(&added)
    );
    assert!(bench.store.list("initech").unwrap().is_empty());
    for (tenant, name) in [("initech", "main"), ("acme", "other"), ("acme' --", "main")] {
        let answer = bench.secret(tenant, name);
        assert!(matches!(answer, Err(StoreError::NotFound { .. })));
    }

    let ready = bench
        .store
        .set_state(added.seen(), found(State::Ready), &stamp());
    let ready = ready.unwrap();
    assert_eq!((ready.state, ready.revision), (State::Ready, 2));
    assert_eq!(ready.account.as_deref(), Some("111122223333"));
    let late = bench
        .store
        .set_state(added.seen(), found(State::Invalid), &stamp());
    assert!(matches!(late, Err(StoreError::Changed { found: 2, .. })));
    let reopened = Store::open(&bench.path()).unwrap();
    assert_eq!(reopened.get("acme", "main").unwrap(), ready);

    bench.store.remove(ready.seen(), &stamp()).unwrap();
    assert!(bench.store.list("acme").unwrap().is_empty());
    let events = bench.store.events("acme").unwrap();
    let what: Vec<_> = events.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(what, ["added", "is Ready", "removed"]);
    assert_eq!(bench.store.events("globex").unwrap().len(), 1);
}

#[test]
fn a_role_has_no_secret() {
    let mut bench = Bench::new();
    let new = NewCredential {
        kind: NewKind::Role {
            arn: "arn:aws:iam::111122223333:role/vendor".to_owned(),
            external_id: Some("4f1c".to_owned()),
        },
        ..access_key("role", SECRET)
    };
    let role = bench.store.add(&keyring(), "acme", new, &stamp()).unwrap();
    assert_eq!(bench.store.get("acme", "role").unwrap(), role);
    let answer = bench.secret("acme", "role");
    assert!(matches!(answer, Err(StoreError::NoAccessKey { .. })));
    let secret = SecretString::from(OTHER_SECRET);
    let answer =
        bench
            .store
            .put_pending_key(&keyring(), role.seen(), second_id(), &secret, &stamp());
    assert!(matches!(answer, Err(StoreError::NoAccessKey { .. })));
}

#[test]
fn what_is_revoked_stays_so_and_its_secret_is_gone() {
    let mut bench = Bench::new();
    let added = bench.add("acme", "main", SECRET);
    let revoked = bench
        .store
        .set_state(added.seen(), found(State::Revoked), &stamp());
    let revoked = revoked.unwrap();
    let answer = bench
        .store
        .set_state(revoked.seen(), found(State::Ready), &stamp());
    assert!(matches!(answer, Err(StoreError::Revoked { .. })));
    let answer = bench.secret("acme", "main");
    assert!(matches!(answer, Err(StoreError::Revoked { .. })));
    assert!(bench.store.key_use().unwrap().is_empty());
}

#[test]
fn the_files_show_no_secret() {
    let mut bench = Bench::new();
    for number in 0..20 {
        bench.add("acme", &format!("c{number}"), SECRET);
    }
    let seen = bench.store.get("acme", "c3").unwrap();
    let secret = SecretString::from(OTHER_SECRET);
    let pending =
        bench
            .store
            .put_pending_key(&keyring(), seen.seen(), second_id(), &secret, &stamp());
    let valid = bench
        .store
        .mark_pending_validated(pending.unwrap().seen(), &stamp())
        .unwrap();
    bench
        .store
        .switch(&keyring(), valid.seen(), &stamp())
        .unwrap();
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(bench.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
        let bytes = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        shows_nothing(&name, &bytes, SECRET);
        shows_nothing(&name, &bytes, OTHER_SECRET);
        for key in [FIRST_KEY, SECOND_KEY] {
            let key = STANDARD.decode(key).unwrap();
            assert!(!bytes.windows(key.len()).any(|it| it == key));
        }
        names.insert(name);
    }
    let expected = ["store.db", "store.db-shm", "store.db-wal"];
    assert!(names.iter().eq(expected.iter()), "{names:?}");
}

#[test]
fn a_search_would_find_a_secret() {
    for form in forms(SECRET) {
        let text = [b"before".as_slice(), &form, b"after"].concat();
        let result = std::panic::catch_unwind(|| shows_nothing("it", &text, SECRET));
        assert!(result.is_err());
    }
}

#[test]
fn another_key_opens_nothing() {
    let mut bench = Bench::new();
    bench.add("acme", "main", SECRET);
    let other = Keyring::new(local(SECOND_KEY), Vec::new()).unwrap();
    let answer = bench.store.secret(&other, "acme", "main");
    let Err(StoreError::KeyMissing { key, .. }) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(key, local(FIRST_KEY).id());
    // Naming the other key in the envelope makes it no better.
    let ids = [
        local(FIRST_KEY).id().to_owned(),
        local(SECOND_KEY).id().to_owned(),
    ];
    let connection = Connection::open(bench.path()).unwrap();
    let sealed: Vec<u8> = connection
        .query_row("SELECT sealed FROM secrets", (), |it| it.get(0))
        .unwrap();
    let mut changed = sealed.clone();
    for at in 0..sealed.len() - ids[0].len() {
        if sealed[at..].starts_with(ids[0].as_bytes()) {
            changed[at..at + ids[1].len()].copy_from_slice(ids[1].as_bytes());
        }
    }
    assert_ne!(sealed, changed);
    connection
        .execute("UPDATE secrets SET sealed = ?1", [changed])
        .unwrap();
    let answer = bench.store.secret(&other, "acme", "main");
    assert!(matches!(answer, Err(StoreError::Tampered { .. })));
    let named = format!("UPDATE secrets SET wrapped_with = '{}'", ids[1]);
    bench.tamper(&named);
    let answer = bench.store.secret(&other, "acme", "main");
    assert!(matches!(answer, Err(StoreError::Tampered { .. })));
    // Nor does naming it in the column alone, by which a key's uses are counted.
    connection
        .execute("UPDATE secrets SET sealed = ?1", [sealed])
        .unwrap();
    bench.refuses("acme", "main");
}

#[test]
fn swapped_rows_are_refused() {
    let swap = "
        CREATE TEMP TABLE old AS SELECT * FROM secrets;
        UPDATE secrets SET sealed = (SELECT sealed FROM old
            WHERE old.credential <> secrets.credential LIMIT 1);";
    // Between records of a tenant.
    let mut bench = Bench::new();
    bench.add("acme", "main", SECRET);
    bench.add("acme", "other", OTHER_SECRET);
    bench.tamper(swap);
    bench.refuses("acme", "main");
    bench.refuses("acme", "other");
    // Between tenants.
    let mut bench = Bench::new();
    bench.add("acme", "main", SECRET);
    bench.add("globex", "main", OTHER_SECRET);
    bench.tamper(swap);
    bench.refuses("acme", "main");
    bench.refuses("globex", "main");
    // A whole record given to another tenant, even where its events go with it.
    let mut bench = Bench::new();
    bench.add("acme", "main", SECRET);
    bench.tamper("UPDATE credentials SET tenant = 'globex'");
    bench.refuses("globex", "main");
    bench.tamper("DROP TRIGGER events_keep; UPDATE events SET tenant = 'globex'");
    bench.refuses("globex", "main");
    // Between the two keys of a record.
    let mut bench = Bench::new();
    let seen = bench.add("acme", "main", SECRET);
    let secret = SecretString::from(OTHER_SECRET);
    bench
        .store
        .put_pending_key(&keyring(), seen.seen(), second_id(), &secret, &stamp())
        .unwrap();
    bench.tamper(
        "UPDATE secrets SET sealed = (SELECT sealed FROM secrets AS it WHERE it.field LIKE \
         'pending%') WHERE field = 'secret-access-key'",
    );
    bench.refuses("acme", "main");
}

/// Takes a credential through a whole rotation.
fn rotate(bench: &mut Bench, secret: &str, id: AccessKeyId) -> Credential {
    let seen = bench.store.get("acme", "main").unwrap();
    let secret = SecretString::from(secret);
    let it = bench
        .store
        .put_pending_key(&keyring(), seen.seen(), id, &secret, &stamp());
    let it = bench
        .store
        .mark_pending_validated(it.unwrap().seen(), &stamp())
        .unwrap();
    let it = bench.store.switch(&keyring(), it.seen(), &stamp()).unwrap();
    let it = bench
        .store
        .mark_old_deactivated(it.seen(), &stamp())
        .unwrap();
    bench.store.finish_rotation(it.seen(), &stamp()).unwrap()
}

#[test]
fn an_earlier_revision_is_refused() {
    let put_back_secret = "
        DELETE FROM secrets;
        INSERT INTO secrets SELECT * FROM old_secrets;";
    let put_back_record = "
        PRAGMA foreign_keys = OFF;
        DELETE FROM credentials;
        INSERT INTO credentials SELECT * FROM old_credentials;";
    let renumber = "UPDATE secrets SET revision = (SELECT secret_revision FROM credentials)";
    for statements in [
        put_back_secret.to_owned(),
        format!("{put_back_secret} {renumber}"),
        format!("{put_back_record} {put_back_secret}"),
    ] {
        let mut bench = Bench::new();
        bench.add("acme", "main", SECRET);
        bench.tamper(
            "CREATE TABLE old_secrets AS SELECT * FROM secrets;
             CREATE TABLE old_credentials AS SELECT * FROM credentials;",
        );
        rotate(&mut bench, OTHER_SECRET, second_id());
        assert_eq!(bench.secret("acme", "main").unwrap(), OTHER_SECRET);
        bench.tamper(&statements);
        bench.refuses("acme", "main");
    }
    // A change does not make a record that was put back the latest one; removing it is possible.
    let mut bench = Bench::new();
    bench.add("acme", "main", SECRET);
    bench.tamper("CREATE TABLE old_credentials AS SELECT * FROM credentials");
    rotate(&mut bench, OTHER_SECRET, second_id());
    bench.tamper(put_back_record);
    let seen = bench.store.get("acme", "main").unwrap();
    let answer = bench
        .store
        .set_state(seen.seen(), found(State::Ready), &stamp());
    assert!(matches!(answer, Err(StoreError::Tampered { .. })));
    bench.store.remove(seen.seen(), &stamp()).unwrap();
}

#[test]
fn events_cannot_be_changed_by_the_way() {
    let mut bench = Bench::new();
    bench.add("acme", "main", SECRET);
    let connection = Connection::open(bench.path()).unwrap();
    for statement in ["DELETE FROM events", "UPDATE events SET by = 'nobody'"] {
        assert!(connection.execute(statement, ()).is_err());
    }
}

#[test]
fn a_second_key_takes_over_step_by_step() {
    let mut bench = Bench::new();
    let seen = bench.add("acme", "main", SECRET);
    let early = bench.store.switch(&keyring(), seen.seen(), &stamp());
    assert!(matches!(early, Err(StoreError::OutOfOrder { .. })));
    let first = SecretString::from("mistyped/mistyped/mistyped");
    let secret = SecretString::from(OTHER_SECRET);
    let it = bench
        .store
        .put_pending_key(&keyring(), seen.seen(), second_id(), &first, &stamp());
    // A mistyped one is given again.
    let it = it.unwrap();
    let it = bench
        .store
        .put_pending_key(&keyring(), it.seen(), second_id(), &secret, &stamp());
    let it = it.unwrap();
    let pending = bench
        .store
        .pending_secret(&keyring(), "acme", "main")
        .unwrap();
    assert_eq!(pending.expose_secret(), OTHER_SECRET);
    assert_eq!(bench.secret("acme", "main").unwrap(), SECRET);
    let early = bench.store.switch(&keyring(), it.seen(), &stamp());
    assert!(matches!(early, Err(StoreError::OutOfOrder { .. })));
    let it = bench
        .store
        .mark_pending_validated(it.seen(), &stamp())
        .unwrap();
    // Each step is found again by a process that starts anew.
    bench.store = Store::open(&bench.path()).unwrap();
    assert_eq!(bench.store.get("acme", "main").unwrap(), it);
    let it = bench.store.switch(&keyring(), it.seen(), &stamp()).unwrap();
    assert_eq!(it.kind, Kind::AccessKey { id: second_id() });
    assert_eq!(bench.secret("acme", "main").unwrap(), OTHER_SECRET);
    let pending = it.pending.clone().unwrap();
    assert_eq!(pending.step, Step::Switched);
    assert_eq!(pending.replaces.as_str(), "AKIAIOSFODNN7EXAMPLE");
    assert!(bench.store.drop_pending_key(it.seen(), &stamp()).is_err());
    let replaced = |store: &Store| store.replaced_secret(&keyring(), "acme", "main");
    assert_eq!(replaced(&bench.store).unwrap().expose_secret(), SECRET);
    let it = bench
        .store
        .mark_old_deactivated(it.seen(), &stamp())
        .unwrap();
    assert!(replaced(&bench.store).is_err());
    assert_eq!(bench.store.key_use().unwrap()[0].secrets, 1);
    let it = bench.store.finish_rotation(it.seen(), &stamp()).unwrap();
    assert_eq!(it.pending, None);
    assert_eq!(bench.secret("acme", "main").unwrap(), OTHER_SECRET);

    let third = AccessKeyId::new("AKIAI44QH8DHBEXAMPL3").unwrap();
    let it = bench
        .store
        .put_pending_key(&keyring(), it.seen(), third, &first, &stamp())
        .unwrap();
    let it = bench.store.drop_pending_key(it.seen(), &stamp()).unwrap();
    assert_eq!(
        (it.pending, bench.store.key_use().unwrap()[0].secrets),
        (None, 1)
    );
}

#[test]
fn wrapping_keys_are_replaced_in_batches() {
    let mut bench = Bench::new();
    for number in 0..10 {
        bench.add(
            ["acme", "globex"][number % 2],
            &format!("c{number}"),
            SECRET,
        );
    }
    let both = Keyring::new(local(SECOND_KEY), vec![local(FIRST_KEY)]).unwrap();
    let count = |store: &Store| -> Vec<u64> {
        let ids = [
            local(FIRST_KEY).id().to_owned(),
            local(SECOND_KEY).id().to_owned(),
        ];
        let all = store.key_use().unwrap();
        let of = |id| {
            all.iter()
                .find(|it| it.key == id)
                .map_or(0, |it| it.secrets)
        };
        ids.map(of).to_vec()
    };
    let first = bench.store.rewrap(&both, None, 3, &stamp()).unwrap();
    let second = bench
        .store
        .rewrap(&both, first.next.as_ref(), 3, &stamp())
        .unwrap();
    assert_eq!((first.done, second.done), (3, 3));
    assert_eq!(count(&bench.store), [4, 6]);
    // Half way every secret opens with both keys; the process dies, and the next one starts anew.
    bench.store = Store::open(&bench.path()).unwrap();
    for number in 0..10 {
        let tenant = ["acme", "globex"][number % 2];
        let secret = bench
            .store
            .secret(&both, tenant, &format!("c{number}"))
            .unwrap();
        assert_eq!(secret.expose_secret(), SECRET);
    }
    // One that was tampered with does not hold up the others.
    let left = "UPDATE secrets SET sealed = zeroblob(40) WHERE credential = (SELECT credential FROM \
                secrets WHERE wrapped_with = '{}' ORDER BY credential LIMIT 1)";
    bench.tamper(&left.replace("{}", local(FIRST_KEY).id()));
    let mut after = None;
    let (mut done, mut unopened) = (0, Vec::new());
    loop {
        let batch = bench
            .store
            .rewrap(&both, after.as_ref(), 2, &stamp())
            .unwrap();
        done += batch.done;
        unopened.extend(batch.unopened);
        let Some(next) = batch.next else { break };
        after = Some(next);
    }
    assert_eq!((done, unopened.len()), (3, 1));
    assert!(matches!(unopened[0].error, StoreError::Tampered { .. }));
    assert_eq!(count(&bench.store), [1, 9]);
    let seen = bench
        .store
        .get(&unopened[0].tenant, &unopened[0].name)
        .unwrap();
    bench.store.remove(seen.seen(), &stamp()).unwrap();
    assert_eq!(count(&bench.store), [0, 9]);
    // The old key is needed no more.
    let new = Keyring::new(local(SECOND_KEY), Vec::new()).unwrap();
    for it in [bench.store.list("acme"), bench.store.list("globex")]
        .into_iter()
        .flatten()
        .flatten()
    {
        let secret = bench.store.secret(&new, &it.tenant, &it.name).unwrap();
        assert_eq!(secret.expose_secret(), SECRET);
    }
}

#[test]
fn key_files_are_their_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let made = create_key_file(&path).unwrap();
    let mode = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(LocalKey::from_file(&path).unwrap().id(), made.id());
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(
        create_key_file(&path),
        Err(KeyError::Exists { .. })
    ));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    for open in [0o640, 0o604, 0o660, 0o620, 0o644, 0o601] {
        mode(open);
        let answer = LocalKey::from_file(&path);
        assert!(
            matches!(answer, Err(KeyError::OpenToOthers { .. })),
            "{open:o}"
        );
    }
    mode(0o400);
    assert_eq!(LocalKey::from_file(&path).unwrap().id(), made.id());
    let missing = LocalKey::from_file(&folder.path().join("none"));
    assert!(matches!(missing, Err(KeyError::File { .. })));
    let zeros = STANDARD.encode([0; 32]);
    let long = STANDARD.encode([7; 48]) + &STANDARD.encode([8; 48]);
    for text in [
        "",
        "secret",
        &FIRST_KEY[1..],
        &zeros,
        &long,
        &FIRST_KEY.repeat(2),
    ] {
        let error = LocalKey::from_text(text, "the variable KEY").unwrap_err();
        let message = format!("{error} {error:?}");
        assert!(text.is_empty() || !message.contains(text), "{message}");
    }
    assert_eq!(
        LocalKey::from_text(&format!(" {FIRST_KEY}\n"), "it")
            .unwrap()
            .id(),
        local(FIRST_KEY).id()
    );
    let twice = Keyring::new(local(FIRST_KEY), vec![local(FIRST_KEY)]);
    assert!(matches!(twice, Err(KeyError::Twice { .. })));
}

#[test]
fn only_stores_are_opened() {
    let bench = Bench::new();
    bench.tamper("PRAGMA user_version = 2");
    let answer = Store::open(&bench.path());
    assert!(matches!(
        answer,
        Err(StoreError::Newer { found: 2, known: 1 })
    ));

    let path = bench.folder.path().join("other.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE it (a)")
        .unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(
        Store::open(&path),
        Err(StoreError::NotAStore { .. })
    ));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    std::fs::write(
        &path,
        "no database at all, but longer than a page's header ".repeat(40),
    )
    .unwrap();
    assert!(matches!(
        Store::open(&path),
        Err(StoreError::NotAStore { .. })
    ));
    // What a process left that died right after making the file.
    std::fs::write(&path, "").unwrap();
    assert!(Store::open(&path).unwrap().list("acme").unwrap().is_empty());
    let answer = Store::open(&bench.folder.path().join("none/store.db"));
    assert!(matches!(answer, Err(StoreError::File { .. })));
}

#[test]
fn nothing_that_is_printed_shows_a_secret() {
    let mut bench = Bench::new();
    let mut printed = Vec::new();
    let new = access_key("main", SECRET);
    printed.push(format!("{new:?} {:?} {:?}", keyring(), local(FIRST_KEY)));
    let added = bench.store.add(&keyring(), "acme", new, &stamp()).unwrap();
    let secret = SecretString::from(OTHER_SECRET);
    let it = bench
        .store
        .put_pending_key(&keyring(), added.seen(), second_id(), &secret, &stamp());
    let it = it.unwrap();
    printed.push(format!(
        "{:?} {added:?} {it:?} {:?}",
        bench.store, it.pending
    ));
    printed.push(format!("{:?}", bench.store.list("acme")));
    printed.push(format!("{:?}", bench.store.events("acme")));
    printed.push(format!(
        "{:?}",
        bench.store.secret(&keyring(), "acme", "main")
    ));
    printed.push(format!(
        "{:?}",
        bench.store.pending_secret(&keyring(), "acme", "main")
    ));

    let other = Keyring::new(local(SECOND_KEY), Vec::new()).unwrap();
    let mut errors = vec![
        bench.store.secret(&other, "acme", "main").unwrap_err(),
        bench.store.secret(&keyring(), "acme", "none").unwrap_err(),
        bench
            .store
            .add(&keyring(), "acme", access_key("main", SECRET), &stamp())
            .unwrap_err(),
        bench
            .store
            .switch(&keyring(), added.seen(), &stamp())
            .unwrap_err(),
        bench
            .store
            .switch(&keyring(), it.seen(), &stamp())
            .unwrap_err(),
    ];
    let spoilt = [
        format!("{SECRET} "),
        format!("{SECRET}\n{SECRET}"),
        SECRET.repeat(9),
    ];
    for text in spoilt {
        let new = access_key("spoilt", &text);
        errors.push(
            bench
                .store
                .add(&keyring(), "acme", new, &stamp())
                .unwrap_err(),
        );
    }
    // A secret where another text belongs.
    errors.push(AccessKeyId::new(SECRET).unwrap_err());
    errors.push(
        LocalKey::from_text(SECRET, "the variable KEY")
            .unwrap_err()
            .into(),
    );
    let rewrapped = bench.store.rewrap(&other, None, 9, &stamp()).unwrap();
    assert_eq!(rewrapped.unopened.len(), 2);
    printed.push(format!("{rewrapped:?}"));
    bench.tamper("UPDATE secrets SET sealed = CAST(substr(sealed, 2) AS BLOB)");
    errors.push(bench.store.secret(&keyring(), "acme", "main").unwrap_err());
    bench.tamper("UPDATE secrets SET sealed = x'' ");
    errors.push(bench.store.secret(&keyring(), "acme", "main").unwrap_err());
    bench.tamper("UPDATE credentials SET state = 'wrong'");
    errors.push(bench.store.get("acme", "main").unwrap_err());
    bench.tamper("DROP TABLE secrets");
    errors.push(bench.store.key_use().unwrap_err());
    printed.extend(errors.iter().map(|it| format!("{it} {it:?}")));
    for text in printed {
        for secret in [SECRET, OTHER_SECRET] {
            shows_nothing(&text, text.as_bytes(), secret);
        }
        assert!(!text.contains("AKIAIOSFODNN7EXAMPLE"), "{text}");
        for key in [FIRST_KEY, SECOND_KEY] {
            assert!(!text.contains(key), "{text}");
            let bytes = format!("{:?}", STANDARD.decode(key).unwrap());
            assert!(!text.contains(&bytes), "{text}");
        }
    }
}

/// Starts this test binary again as a process that only writes.
fn start_writer(path: &Path, name: &str, count: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_process_that_writes", "--test-threads", "1"])
        .env("STORE_TEST_PATH", path)
        .env("STORE_TEST_NAME", name)
        .env("STORE_TEST_COUNT", count.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Does nothing unless [`start_writer`] started it.
#[test]
fn a_process_that_writes() {
    let Ok(path) = std::env::var("STORE_TEST_PATH") else {
        return;
    };
    let name = std::env::var("STORE_TEST_NAME").unwrap();
    let count: u32 = std::env::var("STORE_TEST_COUNT").unwrap().parse().unwrap();
    let mut store = Store::open(Path::new(&path)).unwrap();
    for number in 0..count {
        let new = access_key(&format!("{name}-{number}"), SECRET);
        let added = store.add(&keyring(), "acme", new, &stamp()).unwrap();
        let ready = store
            .set_state(added.seen(), found(State::Ready), &stamp())
            .unwrap();
        // All of them fight over this one.
        let shared = store.get("acme", "shared").unwrap();
        match store.set_state(shared.seen(), found(State::Ready), &stamp()) {
            Ok(_) | Err(StoreError::Changed { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        if number % 3 == 2 {
            store.remove(ready.seen(), &stamp()).unwrap();
        }
    }
}

#[test]
fn processes_write_at_once() {
    let mut bench = Bench::new();
    bench.add("acme", "shared", OTHER_SECRET);
    let names = ["a", "b", "c"];
    let writers: Vec<Child> = names
        .iter()
        .map(|it| start_writer(&bench.path(), it, 15))
        .collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    let all = bench.store.list("acme").unwrap();
    assert_eq!(all.len(), 3 * 10 + 1);
    assert!(all.iter().all(|it| it.state == State::Ready));
    for it in &all {
        bench.secret("acme", &it.name).unwrap();
    }
    // Each change of the shared one stands on the one before.
    let shared = bench.store.get("acme", "shared").unwrap();
    let events = bench.store.events("acme").unwrap();
    let revisions: Vec<i64> = events
        .iter()
        .filter(|it| it.credential == shared.id)
        .map(|it| it.revision)
        .collect();
    assert!(
        revisions.iter().copied().eq(1..=shared.revision),
        "{revisions:?}"
    );
}

#[test]
fn processes_make_the_store_at_once() {
    for _ in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let open = || Store::open(&path).map(|it| it.list("acme").unwrap().len());
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..6).map(|_| scope.spawn(open)).collect();
            for it in all {
                assert_eq!(it.join().unwrap().unwrap(), 0);
            }
        });
    }
}

#[test]
fn a_killed_process_leaves_a_readable_store() {
    let mut bench = Bench::new();
    bench.add("acme", "shared", OTHER_SECRET);
    let mut last = 0;
    for round in 0..12_u32 {
        let mut writer = start_writer(&bench.path(), &format!("r{round}"), 10_000);
        // Not before it writes, and at another moment each time.
        let started = std::time::Instant::now();
        while bench.store.events("acme").unwrap().len() <= last {
            assert!(started.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(u64::from(round) * 1_700));
        writer.kill().unwrap();
        writer.wait().unwrap();

        let store = Store::open(&bench.path()).unwrap();
        let connection = Connection::open(bench.path()).unwrap();
        let check: String = connection
            .query_row("PRAGMA integrity_check", (), |it| it.get(0))
            .unwrap();
        assert_eq!(check, "ok");
        let all = store.list("acme").unwrap();
        for it in &all {
            let secret = store.secret(&keyring(), "acme", &it.name).unwrap();
            let is_shared = it.name == "shared";
            assert_eq!(
                secret.expose_secret(),
                if is_shared { OTHER_SECRET } else { SECRET }
            );
        }
        let secrets: i64 = connection
            .query_row("SELECT count(*) FROM secrets", (), |it| it.get(0))
            .unwrap();
        assert_eq!(usize::try_from(secrets).unwrap(), all.len());
        last = store.events("acme").unwrap().len();
        bench.store = store;
    }
    assert!(last > 12);
}
