//! Shipped profiles, generated and written in every format.

use rolecall::catalog::Catalog;
use rolecall::emit::{self, Format, Symbol};
use rolecall::generate::{self, Bundle, Order, Split};
use rolecall::profile::{Profile, Settings, shipped};

use crate::fixture::Values;
use crate::{cloudformation, terraform};

/// Values that mean nothing else, of the shapes that the profiles' variables take.
const STAND_INS: Values = Values(&[
    ("account", "998877665544"),
    ("region", "zz-standin-9"),
    ("prefix", "zz-prefix-"),
    ("cluster", "zz-cluster"),
    ("external-id", "zz-external-id"),
    ("path", "/zz-path/"),
]);

/// Returns the access for some phases, which is enough to be written.
fn bundle(profile: &Profile, phases: &[&str], symbols: &[Symbol]) -> Bundle {
    let mut settings = Settings {
        phases: phases.iter().map(|it| (*it).to_owned()).collect(),
        ..Settings::default()
    };
    for symbol in symbols {
        let values = vec![symbol.text.clone()];
        settings.variables.insert(symbol.input.clone(), values);
    }
    let order = Order {
        profile,
        settings: &settings,
        split: Split::None,
        scps: &[],
        catalog: Catalog::builtin(),
    };
    generate::bundle(&order).unwrap()
}

#[test]
fn shipped_profiles_are_written_in_every_format() {
    for (name, phases) in [
        ("mengi/eks", &["create-network", "create-cluster"][..]),
        ("streamnative/management", &[]),
    ] {
        let shipped = shipped(name).unwrap();
        let profile = Profile::parse(shipped.name, shipped.text).unwrap();
        let symbols: Vec<Symbol> = STAND_INS
            .0
            .iter()
            .filter(|(input, _)| profile.variable(input).is_some())
            .map(|(input, text)| Symbol {
                input: (*input).to_owned(),
                text: (*text).to_owned(),
                default: None,
            })
            .collect();
        let values = bundle(&profile, phases, &[]);
        let stand_ins = bundle(&profile, phases, &symbols);
        terraform::compare(&stand_ins, &symbols, &STAND_INS, &stand_ins);
        cloudformation::compare(&stand_ins, &symbols, &STAND_INS, &stand_ins);
        for format in Format::ALL {
            let files = if format.takes_symbols() {
                emit::files(&stand_ins, format, &symbols).unwrap()
            } else {
                emit::files(&values, format, &[]).unwrap()
            };
            assert!(!files.is_empty());
            for file in files {
                for symbol in &symbols {
                    let found = file.text.contains(&symbol.text);
                    assert!(!found, "{} in {}", symbol.text, file.path);
                }
                if file.path.ends_with(".tf") {
                    hcl::parse(&file.text).unwrap();
                }
            }
        }
    }
}
