//! A shipped profile, generated and written in every format.

use rolecall::catalog::Catalog;
use rolecall::emit::{self, Format, Symbol};
use rolecall::generate::{self, Bundle, Order, Split};
use rolecall::profile::{Profile, Settings, shipped};

/// Values that mean nothing else, of the shapes that the profile's variables take.
const STAND_INS: [(&str, &str); 4] = [
    ("account", "000000000000"),
    ("region", "zz-standin-1"),
    ("prefix", "zz-prefix-"),
    ("cluster", "zz-cluster"),
];

fn bundle(symbols: &[Symbol]) -> Bundle {
    let shipped = shipped("mengi/eks").unwrap();
    let profile = Profile::parse(shipped.name, shipped.text).unwrap();
    let mut settings = Settings::default();
    for symbol in symbols {
        let values = vec![symbol.text.clone()];
        settings.variables.insert(symbol.input.clone(), values);
    }
    let order = Order {
        profile: &profile,
        settings: &settings,
        split: Split::None,
        scps: &[],
        catalog: Catalog::builtin(),
    };
    generate::run(&order).unwrap().bundle
}

#[test]
fn a_shipped_profile_is_written_in_every_format() {
    let symbols = STAND_INS.map(|(input, text)| Symbol {
        input: input.to_owned(),
        text: text.to_owned(),
        default: None,
    });
    let (values, stand_ins) = (bundle(&[]), bundle(&symbols));
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
