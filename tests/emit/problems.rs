//! What cannot be written faithfully is refused, all of it at once, with both sides named.

use rolecall::emit::{self, Format, Symbol};
use rolecall::generate::Bundle;

use crate::fixture::{self, REAL, STAND_INS};

fn refused(bundle: &Bundle, format: Format, symbols: &[Symbol]) -> String {
    emit::files(bundle, format, symbols)
        .unwrap_err()
        .to_string()
}

fn symbol(input: &str, text: &str) -> Symbol {
    Symbol {
        input: input.to_owned(),
        text: text.to_owned(),
        default: None,
    }
}

#[test]
fn a_stand_in_must_be_recognisable() {
    let symbols = [
        symbol("prefix", "aws"),
        symbol("cluster", "zz-*-cluster"),
        symbol("region", "zz-region"),
        symbol("zone", "zz-region-1"),
        symbol("zone", "zz-other"),
    ];
    let expected = "\
`aws` cannot stand for `prefix`: it is shorter than 4 characters, and could be found anywhere
`zz-*-cluster` cannot stand for `cluster`: it has characters that are not plain text everywhere
`zz-region` cannot stand for `region`: it occurs in `zz-region-1`, the stand-in for `zone`
`zz-other` cannot stand for `zone`: there is another stand-in for the same variable";
    assert_eq!(
        refused(&fixture::user(&STAND_INS), Format::Terraform, &symbols),
        expected
    );
}

#[test]
fn a_stand_in_stands_only_where_a_variable_can() {
    let bundle = fixture::roles(&REAL);
    let symbols = [
        symbol("a", "ec2:Create"),
        symbol("b", "ReadOnly"),
        symbol("c", "Automation"),
    ];
    let expected = "\
the stand-in `ec2:Create` for `a` occurs in the action `ec2:CreateVpc`, where no input can stand: generate with another stand-in
the stand-in `Automation` for `c` occurs in the Sid `AssumeByAutomation`, where no input can stand: generate with another stand-in
the stand-in `ReadOnly` for `b` occurs in the ARN of AWS `arn:aws:iam::aws:policy/ReadOnlyAccess`, where no input can stand: generate with another stand-in";
    for format in [Format::Terraform, Format::Cloudformation] {
        assert_eq!(refused(&bundle, format, &symbols), expected);
    }
}

#[test]
fn no_reference_stands_within_a_policy_variable_of_a_template() {
    let mut bundle = fixture::user(&STAND_INS);
    let statement = &mut bundle.policies[1].statements[0].statement;
    statement["Resource"] = "arn:aws:s3:::${aws:PrincipalTag/zz-cluster}".into();
    let symbols = fixture::symbols(&fixture::USER_INPUTS);
    let expected = "the stand-in `zz-cluster` for `cluster` occurs in the policy variable `arn:aws:s3:::${aws:PrincipalTag/zz-cluster}`, where no input can stand: generate with another stand-in";
    assert_eq!(refused(&bundle, Format::Cloudformation, &symbols), expected);
    let files = emit::files(&bundle, Format::Terraform, &symbols).unwrap();
    let written = "s3:::$${aws:PrincipalTag/${var.cluster}}";
    assert!(files[0].text.contains(written), "{}", files[0].text);
    let statement = &mut bundle.policies[1].statements[0].statement;
    statement["Resource"] = "arn:aws:s3:::${aws:PrincipalTag/x}/zz-cluster".into();
    emit::files(&bundle, Format::Cloudformation, &symbols).unwrap();
}

#[test]
fn stand_ins_that_overlap_are_refused() {
    let symbols = [
        symbol("a", "cloud-by"),
        symbol("b", "by-oc"),
        symbol("c", "byoc-eks"),
    ];
    let said = refused(&fixture::user(&REAL), Format::Terraform, &symbols);
    let expected = "the stand-ins for `a` and `c` overlap in `mengi-cloud-byoc-eks`: generate with other stand-ins";
    assert_eq!(said.lines().next(), Some(expected));
}

#[test]
fn values_take_no_stand_ins() {
    let symbols = fixture::symbols(&["prefix"]);
    for (format, word) in [(Format::Json, "json"), (Format::Cli, "cli")] {
        let expected = format!(
            "`{word}` holds values and no references, so it cannot be written with a stand-in for `prefix`"
        );
        assert_eq!(
            refused(&fixture::user(&STAND_INS), format, &symbols),
            expected
        );
    }
}

#[test]
fn one_name_is_one_thing() {
    let mut bundle = fixture::roles(&REAL);
    bundle.entities[1].name = bundle.entities[0].name.to_uppercase();
    let expected = "two roles are named `VENDORCLOUDBOOTSTRAPROLE`: IAM tells names apart without regard to case";
    assert_eq!(refused(&bundle, Format::Json, &[]), expected);
}

#[test]
fn a_script_is_for_one_account() {
    let mut bundle = fixture::roles(&REAL);
    bundle.entities[1].arn = bundle.entities[1]
        .arn
        .replace("444455556666", "111122223333");
    let expected = "a script makes everything in one account, but the ARNs name `444455556666`, `111122223333`: generate with one value for `account`";
    assert_eq!(refused(&bundle, Format::Cli, &[]), expected);
}

#[test]
fn formats_have_words() {
    for format in Format::ALL {
        assert_eq!(Format::from_word(format.word()), Some(format));
    }
    assert_eq!(Format::from_word("yaml"), None);
}

#[test]
fn a_bundle_with_stand_ins_is_held_against_the_proven_one() {
    let symbols = fixture::symbols(&fixture::ROLES_INPUTS);
    let proven = fixture::roles(&REAL);
    let same = emit::differences(&fixture::roles(&STAND_INS), &symbols, &proven);
    assert_eq!(same, [""; 0]);
    let mut changed = fixture::roles(&STAND_INS);
    changed.policies[0].statements[0].statement["Resource"] = "*".into();
    changed.policies[1].name.push('2');
    changed.entities[0].boundary = None;
    let expected = [
        "the policy `VendorCloudBootstrap1` is proven, and is not there",
        "the policy `VendorCloudPermissionBoundary` is not as it is proven",
        "the role `VendorCloudBootstrapRole` is not as it is proven",
        "the policy `VendorCloudBootstrap12` is there, and is not proven",
    ];
    assert_eq!(emit::differences(&changed, &symbols, &proven), expected);
    // Every input of the two differs.
    let other = emit::differences(&fixture::roles(&STAND_INS), &symbols[..3], &proven);
    assert_eq!(other.len(), 2, "{other:?}");
}
