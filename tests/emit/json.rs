//! The JSON files are the documents of the bundle, and have names that every system takes.

use rolecall::emit::{self, Format};
use rolecall::generate::text;

use crate::fixture::{self, REAL};

#[test]
fn each_document_is_a_file() {
    let bundle = fixture::user(&REAL);
    let files = emit::files(&bundle, Format::Json, &[]).unwrap();
    let paths: Vec<&str> = files.iter().map(|it| &*it.path).collect();
    let expected = [
        "mengi-cloud-byoc-boundary.json",
        "mengi-cloud-byoc-eks.json",
        "vendor-made/acme-controller.trust.json",
        "vendor-made/acme-controller.json",
    ];
    assert_eq!(paths, expected);
    assert_eq!(files[1].text, text(&bundle.policies[1].document()));
    assert_eq!(
        files[3].text,
        text(&bundle.vendor_made[0].policies[0].document())
    );
    let bundle = fixture::roles(&REAL);
    let files = emit::files(&bundle, Format::Json, &[]).unwrap();
    let trust = files
        .iter()
        .find(|it| it.path == "VendorCloudManagementRole.trust.json");
    assert_eq!(
        trust.unwrap().text,
        text(&bundle.entities[1].trust_policy().unwrap())
    );
}

#[test]
fn one_document_of_several_roles_is_one_file() {
    let mut bundle = fixture::user(&REAL);
    let mut other = bundle.vendor_made[0].clone();
    other.name = "acme-other".to_owned();
    bundle.vendor_made.push(other.clone());
    other.name = "acme-third".to_owned();
    other.policies[0].statements.clear();
    bundle.vendor_made.push(other);
    let files = emit::files(&bundle, Format::Json, &[]).unwrap();
    let paths: Vec<&str> = files[2..].iter().map(|it| &*it.path).collect();
    let expected = [
        "vendor-made/acme-controller.trust.json",
        "vendor-made/acme-controller.json",
        "vendor-made/acme-other.trust.json",
        "vendor-made/acme-third.trust.json",
        "vendor-made/acme-controller-2.json",
    ];
    assert_eq!(paths, expected);
}
