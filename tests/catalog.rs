//! The catalog: what it holds, how names are found, how a newer one is made, what the subcommand
//! prints.

#![expect(clippy::unwrap_used, reason = "tests stop where something is missing")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests read testdata and write below target"
)]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use rolecall::catalog::import::{Difference, ImportError, Imported, Input, SourceFile, import};
use rolecall::catalog::{AccessLevel, Catalog, CatalogError, KeyType, Presence};

fn names<'n>(names: impl IntoIterator<Item = &'n std::sync::Arc<str>>) -> Vec<&'n str> {
    names.into_iter().map(|name| &**name).collect()
}

// What the built-in catalog holds.

#[test]
fn holds_what_the_source_holds() {
    let catalog = Catalog::builtin();
    let info = catalog.info();
    assert_eq!(info.date, "2026-09-26");
    assert_eq!(info.counts.services, 456);
    assert_eq!(info.counts.actions, 22_091);
    // The source has 21,931 rows, six of them twice.
    assert_eq!(info.counts.action_resource_types, 21_925);
    assert_eq!(info.counts.actions_with_dependents, 1_565);
    assert_eq!(info.counts.resource_types, 2_334);
    assert_eq!(info.counts.condition_keys, 2_578);
    assert_eq!(info.global_keys, 60);
    assert_eq!(info.rcp_services, 62);
    assert_eq!(info.partitions, 8);
    assert_eq!(info.hash.len(), 12);
    let licences: Vec<_> = info.sources.iter().map(|it| &*it.licence).collect();
    assert_eq!(
        licences,
        ["MIT", "MIT", "Apache-2.0", "MIT", "facts", "facts"]
    );
}

#[test]
fn is_small() {
    assert!(
        Catalog::embedded_size() <= 600_000,
        "{}",
        Catalog::embedded_size()
    );
}

#[test]
fn reads_every_service_and_the_header_counts_right() {
    let catalog = Catalog::builtin();
    let counts = catalog.info().counts;
    let services: Vec<_> = catalog.services().collect();
    assert_eq!(services.len(), catalog.service_prefixes().len());
    assert_eq!(services.len(), counts.services);
    let sum = |count: &dyn Fn(&rolecall::catalog::Service) -> usize| {
        services.iter().map(|service| count(service)).sum::<usize>()
    };
    assert_eq!(sum(&|it| it.actions().len()), counts.actions);
    assert_eq!(sum(&|it| it.resource_types().len()), counts.resource_types);
    assert_eq!(sum(&|it| it.condition_keys().len()), counts.condition_keys);
    for service in services {
        for action in service.actions() {
            let name = format!("{}:{}", service.prefix(), action.name);
            assert!(!action.access_levels.is_empty(), "{name}");
            for row in &action.resource_types {
                let known = service.resource_type(&row.name);
                assert!(
                    known.is_some_and(|it| !it.arn_templates.is_empty()),
                    "{name} {}",
                    row.name
                );
                let keys = action
                    .condition_keys
                    .iter()
                    .chain(row.condition_keys.iter());
                for key in keys {
                    assert!(service.condition_key(key).is_some(), "{name} {key}");
                    assert!(catalog.condition_key(key).is_some(), "{name} {key}");
                }
            }
        }
    }
}

#[test]
fn writes_what_it_read() {
    let builtin = Catalog::builtin();
    let text = builtin.to_text();
    let again = Catalog::from_text(text.clone()).unwrap();
    assert_eq!(again.info().hash, builtin.info().hash);
    assert_eq!(again.info().counts, builtin.info().counts);
    assert!(!again.info().builtin);
    assert_eq!(again.to_text(), text);
    assert_eq!(Difference::between(builtin, &again), Difference::default());
}

/// The checked-in files are what the writer writes, so that a regeneration shows real changes
/// only.
#[test]
fn checked_in_services_are_in_the_one_form() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog/data/services");
    for service in Catalog::builtin().services() {
        let path = folder.join(format!("{}.txt", service.prefix()));
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(
            rolecall::catalog::import::canonical(service),
            text,
            "{}",
            path.display()
        );
    }
}

// Lookups.

#[test]
fn knows_which_resource_types_a_call_needs() {
    let action = Catalog::builtin().action("ec2", "RunInstances").unwrap();
    let required: Vec<_> = action
        .required_resource_types()
        .map(|row| &*row.name)
        .collect();
    let expected = [
        "image",
        "instance",
        "network-interface",
        "security-group",
        "subnet",
    ];
    assert_eq!(required, expected);
    assert_eq!(action.resource_types.len(), 18);
    assert_eq!(
        names(action.dependent_actions.iter()),
        ["ec2:CreateTags", "iam:PassRole", "ssm:GetParameters"]
    );
    // The row has fewer keys than its resource type.
    let row = action.resource_type("capacity-reservation").unwrap();
    assert!(!row.inherits_condition_keys);
    assert_eq!(row.condition_keys.len(), 3);
}

#[test]
fn rows_without_keys_have_those_of_the_resource_type() {
    let service = Catalog::builtin().service("eks").unwrap();
    let row = service
        .action("DeleteCluster")
        .unwrap()
        .resource_type("cluster")
        .unwrap();
    assert!(row.inherits_condition_keys);
    assert_eq!(
        row.condition_keys,
        service.resource_type("cluster").unwrap().condition_keys
    );
    assert_eq!(
        names(row.condition_keys.iter()),
        ["aws:ResourceTag/${TagKey}"]
    );
}

#[test]
fn adds_facts_with_their_evidence() {
    let action = Catalog::builtin().action("eks", "CreateCluster").unwrap();
    let row = action.resource_type("cluster").unwrap();
    assert!(row.required);
    assert!(row.evidence.as_ref().unwrap().contains("EKS User Guide"));
    assert!(
        row.condition_keys.is_empty(),
        "the evidence is for the type only"
    );
    for it in Catalog::builtin().overrides() {
        let service = Catalog::builtin().service(&it.service).unwrap();
        assert!(service.resource_type(&it.resource_type).is_some(), "{it:?}");
        let row = service
            .action(&it.action)
            .unwrap()
            .resource_type(&it.resource_type)
            .unwrap();
        assert!(
            row.evidence.is_some(),
            "the reference lists this now, drop it: {it:?}"
        );
    }
}

#[test]
fn ignores_letter_case() {
    let catalog = Catalog::builtin();
    let action = catalog.action("EC2", "RUNinstances").unwrap();
    assert_eq!(&*action.name, "RunInstances");
    assert!(action.resource_type("IMAGE").is_some());
    assert_eq!(
        catalog.service("Vpc-Lattice-SVCS").unwrap().prefix(),
        "vpc-lattice-svcs"
    );
    assert!(
        catalog
            .service("vpc-lattice-svcs")
            .unwrap()
            .resource_type("tcp service")
            .is_some()
    );
    assert!(catalog.action("ec2", "RunInstance").is_none());
    assert!(catalog.action("", "").is_none());
    assert!(catalog.supports_rcp("S3") && catalog.supports_rcp("sts"));
    assert!(!catalog.supports_rcp("ec2"));
}

#[test]
fn tells_access_levels() {
    let levels = |service, name| {
        Catalog::builtin()
            .action(service, name)
            .unwrap()
            .access_levels
    };
    assert_eq!(levels("ec2", "RunInstances").to_string(), "Write");
    let tagging = levels("ec2", "CreateTags");
    assert!(tagging.contains(AccessLevel::Tagging) && tagging.contains(AccessLevel::Write));
    assert_eq!(tagging.to_string(), "Write, Tagging");
    assert_eq!(
        levels("iam", "PutRolePolicy").to_string(),
        "Write, Permissions management"
    );
    assert!(
        Catalog::builtin()
            .action("eks", "AccessKubernetesApi")
            .unwrap()
            .permission_only
    );
}

#[test]
fn finds_condition_keys() {
    let find = |key| Catalog::builtin().condition_key(key);
    let name = |key| find(key).map(|it| it.name.to_string());
    let some = |key: &str| Some(key.to_owned());
    assert_eq!(
        name("aws:ResourceTag/Vendor"),
        some("aws:ResourceTag/${TagKey}")
    );
    assert_eq!(
        name("AWS:resourcetag/vendor"),
        some("aws:ResourceTag/${TagKey}")
    );
    assert_eq!(
        name("aws:PrincipalTag/a/b:c d"),
        some("aws:PrincipalTag/${TagKey}")
    );
    assert_eq!(name("aws:ResourceTag/"), None);
    assert_eq!(name("aws:ResourceTag"), None);
    assert_eq!(name("aws:sourceip"), some("aws:SourceIp"));
    assert_eq!(name("aws:SourceIpp"), None);
    assert_eq!(
        name("s3:ExistingObjectTag/stage"),
        some("s3:ExistingObjectTag/<key>")
    );
    assert_eq!(name("ec2:ResourceTag/x"), some("ec2:ResourceTag/${TagKey}"));
    // Keys whose prefix is no service.
    assert_eq!(name("saml:AUD"), some("saml:aud"));
    assert_eq!(
        name("Token.actions.githubusercontent.com:repository_owner_id"),
        some("token.actions.githubusercontent.com:repository_owner_id")
    );
    // Keys that every OIDC provider has are in AWS's reference for a few providers only.
    assert_eq!(
        name("accounts.google.com:sub"),
        some("accounts.google.com:sub")
    );
    assert_eq!(name("token.actions.githubusercontent.com:sub"), None);
    // Keys of one's own identity provider are in no reference.
    assert_eq!(
        name("oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:sub"),
        None
    );
    assert_eq!(name("no-colon"), None);
    assert_eq!(name(""), None);
}

#[test]
fn tells_types_and_presence_of_global_keys() {
    let find = |key| Catalog::builtin().condition_key(key).unwrap();
    assert_eq!(find("aws:SourceIp").key_type, KeyType::IpAddress);
    assert_eq!(
        find("aws:SourceIp").presence,
        Some(Presence::NotThroughVpcEndpoint)
    );
    assert_eq!(find("aws:SecureTransport").presence, Some(Presence::Always));
    assert_eq!(find("aws:PrincipalArn").key_type, KeyType::Arn);
    assert_eq!(find("aws:PrincipalArn").presence, Some(Presence::Signed));
    assert_eq!(
        find("aws:SignInSessionArn").presence,
        Some(Presence::Session)
    );
    let multivalued: Vec<_> = Catalog::builtin()
        .global_keys()
        .iter()
        .filter(|key| key.multivalued)
        .map(|key| &*key.name)
        .collect();
    assert_eq!(
        multivalued,
        [
            "aws:PrincipalOrgPaths",
            "aws:PrincipalServiceNamesList",
            "aws:VpceOrgPaths",
            "aws:ResourceOrgPaths",
            "aws:CalledVia",
            "aws:TagKeys",
            "aws:SourceOrgPaths",
        ]
    );
    assert_eq!(
        find("eks:encryptionConfigProviderKeyArns").key_type,
        KeyType::Arn
    );
    assert!(find("eks:encryptionConfigProviderKeyArns").multivalued);
}

#[test]
fn knows_partitions_and_regions() {
    let catalog = Catalog::builtin();
    let partition = |region| {
        catalog
            .partition_of_region(region)
            .map(|it| it.name.to_string())
    };
    assert_eq!(partition("eu-central-1").as_deref(), Some("aws"));
    assert_eq!(partition("cn-north-1").as_deref(), Some("aws-cn"));
    assert_eq!(partition("us-gov-west-1").as_deref(), Some("aws-us-gov"));
    assert_eq!(partition("eusc-de-east-1").as_deref(), Some("aws-eusc"));
    assert_eq!(partition("aws-global"), None);
    assert!(catalog.is_region("us-east-1") && !catalog.is_region("us-east-9"));
    assert_eq!(
        &*catalog.partition("aws-cn").unwrap().dns_suffix,
        "amazonaws.com.cn"
    );
    assert_eq!(catalog.partitions()[0].name.as_ref(), "aws");
}

#[test]
fn knows_service_principals_in_every_form() {
    let known = |name| Catalog::builtin().is_service_principal(name);
    for name in [
        "ec2.amazonaws.com",
        "ec2.amazonaws.com.cn",
        "logs.eu-central-1.amazonaws.com",
        "logs.cn-north-1.amazonaws.com.cn",
        "pods.eks.amazonaws.com",
        "delivery.logs.amazonaws.com",
        "ec2.c2s.ic.gov",
    ] {
        assert!(known(name), "{name}");
    }
    for name in [
        "ecc2.amazonaws.com",
        "ec2.amazonaws.org",
        "logs.moon-1.amazonaws.com",
        "ec2",
        "",
    ] {
        assert!(!known(name), "{name}");
    }
    let similar = Catalog::builtin().similar_service_principals("lamda.amazonaws.com");
    assert_eq!(similar[0], "lambda.amazonaws.com");
}

#[test]
fn suggests_what_was_meant() {
    let catalog = Catalog::builtin();
    assert_eq!(
        catalog.similar_actions("ec2", "RunInstance")[0],
        "RunInstances"
    );
    assert_eq!(
        catalog.similar_actions("EC2", "describeinstancs")[0],
        "DescribeInstances"
    );
    assert!(
        catalog
            .similar_actions("nosuchservice", "RunInstances")
            .is_empty()
    );
    assert_eq!(catalog.similar_services("dynamdb")[0], "dynamodb");
    assert_eq!(
        catalog.similar_condition_keys("aws:SourceArm")[0],
        "aws:SourceArn"
    );
    assert_eq!(
        catalog.similar_condition_keys("eks:kubernetsVersion")[0],
        "eks:kubernetesVersion"
    );
    assert!(catalog.similar_condition_keys("x").is_empty());
}

// A catalog from a text.

#[test]
fn refuses_damaged_texts() {
    let refuse = |text: &str| Catalog::from_text(text.to_owned()).unwrap_err();
    assert_eq!(refuse(""), CatalogError::Format);
    assert_eq!(refuse("{}"), CatalogError::Format);
    let text = Catalog::builtin().to_text();
    let changed = text.replace("action RunInstances", "action RunInstancez");
    assert!(matches!(refuse(&changed), CatalogError::Damaged { .. }));
    assert!(matches!(
        refuse(&text[..text.len() / 2]),
        CatalogError::Damaged { .. }
    ));
    let expected = "not a catalog in the format of this version of rolecall";
    assert_eq!(refuse("hello\nhash 0123").to_string(), expected);
}

// Imports.

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/catalog")
        .join(name)
}

fn files(folder: &str) -> Vec<SourceFile> {
    let root = testdata(folder);
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(&root)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/");
                files.push(SourceFile {
                    name,
                    text: fs::read_to_string(path).unwrap(),
                });
            }
        }
    }
    files
}

fn try_import(files: &[SourceFile], keep_facts: bool) -> Result<Imported, ImportError> {
    import(&Input {
        files,
        date: Some("2030-02-03"),
        dependents: None,
        partitions: None,
        base: Catalog::builtin(),
        keep_facts,
    })
}

fn service_text(imported: &Imported, prefix: &str) -> String {
    imported
        .services
        .iter()
        .find(|(it, _)| it == prefix)
        .unwrap()
        .1
        .clone()
}

#[test]
fn imports_iam_data() {
    let imported = try_import(&files("iam-data"), false).unwrap();
    assert_eq!(
        service_text(&imported, "shop"),
        "\
service shop Example Shop
key aws:RequestTag/${TagKey} String
key aws:ResourceTag/${TagKey} String
key aws:TagKeys ArrayOfString
key shop:Colour Unknown
key till:Number Numeric
type item
 arn arn:${Partition}:shop:${Region}:${Account}:item/${ItemId} arn:${Partition}:shop:::item/${ItemId}
 keys aws:ResourceTag/${TagKey}
type price%20list
 arn arn:${Partition}:shop:${Region}:${Account}:prices
action GetItem Read
 on item*
 row price%20list shop:Colour
 keys shop:Colour
 needs kms:Decrypt
action OpenShop Write Permissions-management permission-only
 keys aws:RequestTag/${TagKey} aws:TagKeys
 needs iam:PassRole
"
    );
    assert_eq!(
        imported.notes,
        ["`shop:Colour` has the unknown type `Colour`"]
    );
    let catalog = Catalog::from_text(imported.to_text()).unwrap();
    assert_eq!(catalog.info().date, "2030-01-02");
    assert_eq!(catalog.info().counts.services, 2);
    assert_eq!(&*catalog.info().sources[0].version, "0.99.203001021");
    assert_eq!(catalog.info().global_keys, 60);
    assert!(catalog.supports_rcp("sts") && !catalog.supports_rcp("s3"));
    assert!(catalog.is_region("us-east-1"));
    assert_eq!(
        &*catalog.condition_key("till:number").unwrap().name,
        "till:Number"
    );
    assert!(
        catalog
            .action("shop", "getitem")
            .unwrap()
            .resource_type("price list")
            .is_some()
    );
}

#[test]
fn keeps_facts_that_newer_iam_data_leaves_out() {
    let text = |keep| {
        let imported = try_import(&files("iam-data"), keep).unwrap();
        (service_text(&imported, "sts"), imported.notes)
    };
    let older = Catalog::builtin().action("sts", "AssumeRole").unwrap();
    assert!(older.dependent_actions.is_empty());
    assert_eq!(text(true).0, text(false).0);
}

#[test]
fn imports_the_service_reference() {
    let imported = try_import(&files("service-reference"), true).unwrap();
    assert_eq!(
        service_text(&imported, "eks"),
        "\
service eks Amazon Elastic Kubernetes Service
key aws:RequestTag/${TagKey} String
key aws:ResourceTag/${TagKey} String
key aws:TagKeys ArrayOfString
type cluster
 arn arn:${Partition}:eks:${Region}:${Account}:cluster/${ClusterName}
 keys aws:ResourceTag/${TagKey}
action CreateNodegroup Write
 on cluster*
 keys aws:RequestTag/${TagKey} aws:TagKeys
 needs iam:PassRole
action DescribeCluster Read
 on cluster*
action TagEverything Write Tagging
 on cluster?
"
    );
    let catalog = Catalog::from_text(imported.to_text()).unwrap();
    assert_eq!(catalog.info().date, "2030-02-03");
    let row = &catalog
        .action("eks", "TagEverything")
        .unwrap()
        .resource_types[0];
    assert!(!row.required && !row.required_known);
    assert!(
        imported.notes[0].contains("2 actions keep"),
        "{:?}",
        imported.notes
    );
    // Without the older catalog nothing is known of them.
    let alone = service_text(
        &try_import(&files("service-reference"), false).unwrap(),
        "eks",
    );
    assert!(
        alone.starts_with("service eks eks\n") && alone.contains("on cluster?"),
        "{alone}"
    );
}

#[test]
fn names_the_file_that_cannot_be_read() {
    let error = |folder| try_import(&files(folder), true).unwrap_err().to_string();
    let broken = error("broken");
    assert!(
        broken.starts_with("`s3.json`: EOF while parsing a list at line 2"),
        "{broken}"
    );
    assert!(error("neither").starts_with("no catalog data: expected"));
    assert_eq!(try_import(&[], true).unwrap_err(), ImportError::NoData);
    let mut incomplete = files("iam-data");
    incomplete.retain(|file| !file.name.ends_with("resourceTypes/sts.json"));
    let error = try_import(&incomplete, true).unwrap_err().to_string();
    assert_eq!(error, "`data/resourceTypes/sts.json` is missing");
    let mut more = files("service-reference");
    more.push(SourceFile {
        name: "eks-again.json".into(),
        text: more
            .iter()
            .find(|file| file.name == "eks.json")
            .unwrap()
            .text
            .clone(),
    });
    let error = try_import(&more, true).unwrap_err().to_string();
    assert_eq!(
        error,
        "`eks-again.json`: a second file for the same service"
    );
}

// The subcommand.

/// Runs `rolecall catalog` with a cache of its own: exit code, stdout, stderr.
fn rolecall(cache: &str, args: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("rolecall")
        .unwrap()
        .env("XDG_CACHE_HOME", cache)
        .arg("catalog")
        .args(args)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn cache(name: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("catalog")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    folder.to_string_lossy().into_owned()
}

#[test]
fn prints_info() {
    let cache = cache("info");
    let (code, stdout, stderr) = rolecall(&cache, &["info"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.starts_with("catalog 2026-09-26 ("), "{stdout}");
    assert!(
        stdout.contains("    456 services\n  22091 actions\n"),
        "{stdout}"
    );
    let (_, json, _) = rolecall(&cache, &["info", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["counts"]["actions"], 22_091);
    assert_eq!(json["hash"], Catalog::builtin().info().hash);
}

#[test]
fn prints_an_action() {
    let cache = cache("action");
    let (code, stdout, _) = rolecall(&cache, &["action", "EKS:deletecluster"]);
    assert_eq!(code, 0);
    let hash = &Catalog::builtin().info().hash;
    assert_eq!(
        stdout,
        format!(
            "\
eks:DeleteCluster (Amazon Elastic Kubernetes Service)
access level: Write
resource control policies apply: no
resource types (* required):
  cluster*
    arn:${{Partition}}:eks:${{Region}}:${{Account}}:cluster/${{ClusterName}}
    keys: aws:ResourceTag/${{TagKey}}
catalog 2026-09-26 ({hash}, built in)
"
        )
    );
    let (_, json, _) = rolecall(&cache, &["action", "ec2:RunInstances", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["resource_types"].as_array().unwrap().len(), 18);
    assert_eq!(json["dependent_actions"][1], "iam:PassRole");

    let (code, stdout, stderr) = rolecall(&cache, &["action", "ec2:RunInstance"]);
    assert_eq!((code, stdout.as_str()), (3, ""));
    assert!(
        stderr.contains("did you mean `ec2:RunInstances`"),
        "{stderr}"
    );
    assert_eq!(rolecall(&cache, &["action", "RunInstances"]).0, 2);
    assert_eq!(rolecall(&cache, &["action", "eksx:RunInstances"]).0, 3);
    assert_eq!(rolecall(&cache, &["nonsense"]).0, 2);
}

#[test]
#[cfg_attr(
    windows,
    expect(unused, reason = "the cache directory is not XDG's there")
)]
fn updates_and_goes_back() {
    let cache = cache("update");
    let folder = testdata("iam-data").to_string_lossy().into_owned();
    let file = Path::new(&cache).join("rolecall/catalog.txt");

    let (code, stdout, stderr) = rolecall(&cache, &["update", "--from", &folder, "--dry-run"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.contains("services: 1 added, 455 dropped\n  + shop\n  - a2c\n"),
        "{stdout}"
    );
    assert!(stderr.starts_with("warning: 455 services"), "{stderr}");
    assert!(!file.exists());

    let (code, stdout, _) = rolecall(&cache, &["update", "--from", &folder]);
    assert_eq!(code, 0);
    assert!(
        stdout.ends_with(&format!("wrote {}\n", file.display())),
        "{stdout}"
    );
    let (_, stdout, _) = rolecall(&cache, &["info"]);
    assert!(stdout.starts_with("catalog 2030-01-02 (") && stdout.contains("from the cache"));
    assert_eq!(rolecall(&cache, &["action", "shop:GetItem"]).0, 0);
    assert_eq!(rolecall(&cache, &["action", "ec2:RunInstances"]).0, 3);
    assert_eq!(
        rolecall(&cache, &["--builtin-catalog", "action", "ec2:RunInstances"]).0,
        0
    );
    assert_eq!(
        rolecall(&cache, &["action", "ec2:RunInstances", "--builtin-catalog"]).0,
        0
    );

    // A second update compares with the catalog in use.
    let args = ["update", "--from", &folder, "--format", "json"];
    let (_, stdout, _) = rolecall(&cache, &args);
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(json["old"], json["new"]);
    assert_eq!(json["actions"]["added"], serde_json::json!([]));

    let before = fs::read(&file).unwrap();
    let broken = testdata("broken").to_string_lossy().into_owned();
    let (code, stdout, stderr) = rolecall(&cache, &["update", "--from", &broken]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.starts_with("error: `s3.json`: "), "{stderr}");
    let neither = testdata("neither").to_string_lossy().into_owned();
    assert_eq!(rolecall(&cache, &["update", "--from", &neither]).0, 2);
    assert_eq!(
        rolecall(&cache, &["update", "--from", "/no/such/folder"]).0,
        2
    );
    assert_eq!(fs::read(&file).unwrap(), before);

    fs::write(&file, &before[..before.len() / 2]).unwrap();
    let (code, stdout, stderr) = rolecall(&cache, &["info"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.contains("damaged") && stderr.contains("--builtin-catalog"),
        "{stderr}"
    );
    assert_eq!(rolecall(&cache, &["info", "--builtin-catalog"]).0, 0);
    // The remedy works.
    assert_eq!(rolecall(&cache, &["update", "--from", &folder]).0, 0);
    assert_eq!(rolecall(&cache, &["info"]).0, 0);
    let left: Vec<_> = fs::read_dir(file.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "no partial file stays");
}
