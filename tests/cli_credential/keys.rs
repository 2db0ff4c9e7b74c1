//! The keys that wrap secrets, and the ways a secret comes in.

use std::process::Stdio;

use super::bench::{Bench, STORE_KEY, USER, policy, printed};
use super::double::{Fault, Which};

#[test]
fn without_a_key_nothing_is_asked_and_one_is_told_how_to_make_one() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let args = [
        "add",
        "main",
        "--for",
        "mengi/eks",
        "--access-key-id",
        "AKIAIOSFODNN7EXAMPLE",
    ];
    let mut command = bench.command(&args);
    let output = command.env_remove("ROLECALL_KEY").output().unwrap();
    let ended = bench.ended(&output).expect(2);
    ended.says("rolecall credential new-key FILE");
    assert_eq!(bench.double.actions(), [""; 0]);
}

#[test]
fn a_secret_among_the_arguments_is_refused_and_not_repeated() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    bench.hide(secret);
    let glued = format!("--secret-access-key={secret}");
    for argument in [vec!["--secret-access-key", secret], vec![glued.as_str()]] {
        for mut args in [
            vec!["add", "main", "--for", "mengi/eks"],
            vec!["rotate", "main"],
        ] {
            args.extend(&argument);
            bench
                .run(&args)
                .expect(2)
                .says("never taken as an argument");
        }
    }
    assert_eq!(bench.double.actions(), [""; 0]);
}

#[test]
fn every_way_in_keeps_the_same_credential() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let key = bench.user(USER, &policy(&[]));
    let base = ["--for", "mengi/eks"];
    let json = printed(&key);
    let csv = format!(
        "Access key ID,Secret access key\r\n{},{}\r\n",
        key.id, key.secret
    );
    for (name, input) in [("json", json), ("csv", csv)] {
        let args = [&["add", name], base.as_slice()].concat();
        bench.pipe(&args, &input).expect(0);
    }
    let args = [&["add", "env", "--access-key-id", &key.id], base.as_slice()].concat();
    let mut command = bench.command(&args);
    let output = command
        .env("ROLECALL_SECRET_ACCESS_KEY", &key.secret)
        .output();
    bench.ended(&output.unwrap()).expect(0);
    let listed = bench.run(&["list", "--format", "json"]).expect(0).json();
    let states: Vec<_> = listed["credentials"].as_array().unwrap().iter().collect();
    assert!(states.iter().all(|it| it["state"] == "Ready") && states.len() == 3);
    let other = bench.run(&["list", "--tenant", "globex"]).expect(0);
    other.says("no credential is kept for this tenant");
    // A name is given once, and that is known before AWS is asked.
    bench.double.forget_calls();
    bench
        .run(&args)
        .expect(2)
        .says("there is a credential `env` already");
    assert_eq!(bench.double.actions(), [""; 0]);
}

#[test]
fn the_wrapping_key_may_come_from_a_file_a_command_or_kms_and_be_replaced() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let key = bench.user(USER, &policy(&[]));
    let file = bench.folder.path().join("key");
    let file = file.to_str().unwrap();
    bench.run(&["new-key", file]).expect(0);
    bench
        .run(&["new-key", file])
        .expect(2)
        .says("left as it is");
    bench.hide(std::fs::read_to_string(file).unwrap().trim());
    bench.add(&key, &["--key-file", file]).expect(0);
    let wrong = bench.run(&["validate", "main"]).expect(2);
    wrong.says("which is not at hand");
    let command = format!("echo {STORE_KEY}");
    let rewrap = ["rewrap", "--key-command", &command, "--old-key-file", file];
    bench.run(&rewrap).expect(0).says("wrapped 1 secret with");
    bench.run(&["validate", "main"]).expect(0);
    bench
        .run(&["validate", "main", "--key-command", "false"])
        .expect(2);
    bench
        .run(&["validate", "main", "--key-command", "echo hush"])
        .expect(2);
}

#[test]
fn a_key_of_kms_wraps_for_its_place_only() {
    let Some(bench) = Bench::start() else {
        return;
    };
    let user = bench.user(USER, &policy(&[]));
    let admin = bench.double.admin();
    let (status, made) = bench.double.kms(&admin, "CreateKey", "{}");
    assert_eq!(status, 200, "{made}");
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let arn = made["KeyMetadata"]["Arn"].as_str().unwrap();
    let kms = ["--key-kms", arn, "--kms-profile", "admin"];
    bench.add(&user, &kms).expect(0);
    let validate = [&["validate", "main"], kms.as_slice()].concat();
    bench.run(&validate).expect(0);
    let calls = bench.double.calls();
    let encrypt = calls.iter().find(|it| it.operation == "Encrypt").unwrap();
    let context = &encrypt.parameters["EncryptionContext"];
    assert_eq!(context["tenant"], "default");
    assert_eq!(context["field"], "secret-access-key");
    assert_eq!(encrypt.region, "us-east-1");
    // Nobody may use the key any more: the state stays.
    let denied = Fault::Deny("no".to_owned());
    bench.double.fault("kms:Decrypt", Which::Every, denied);
    bench.run(&validate).expect(3).says("kms:Decrypt");
    assert_eq!(bench.kept()["state"], "Ready");
    bench.calm();
    // A row of another tenant's does not open.
    let connection = rusqlite::Connection::open(bench.store()).unwrap();
    for table in ["credentials", "events"] {
        let drop = "DROP TRIGGER IF EXISTS events_keep";
        connection.execute(drop, ()).unwrap();
        let change = format!("UPDATE {table} SET tenant = 'globex'");
        connection.execute(&change, ()).unwrap();
    }
    drop(connection);
    let moved = [validate.as_slice(), &["--tenant", "globex"]].concat();
    bench
        .run(&moved)
        .expect(2)
        .says("does not belong to its record");
    let mut command = bench.command(&moved);
    assert!(command.stdin(Stdio::null()).status().unwrap().code() == Some(2));
}
