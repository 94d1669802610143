//! Variants of a scenario: every combination of the values of varied settings.

use kendall_io::config::Setting;
use kendall_io::records::TrialVariants;

use crate::args::Varied;
use crate::failure::Failure;

/// More are a sweep.
const MOST_VARIANTS: usize = 1000;

/// One of several systems.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    /// Keys and values; empty for the only one there is.
    pub(super) name: String,
    /// The values alone, for tables.
    pub(super) label: String,
    /// Keys and the texts of their values.
    pub(super) values: Vec<(String, String)>,
    /// The settings of the command line, then those of the variant.
    pub(super) settings: Vec<Setting>,
}

/// Every combination, the values of the last key varying fastest.
pub(super) fn variants(set: &[Setting], vary: &[Varied]) -> Result<Vec<Variant>, Failure> {
    for (index, varied) in vary.iter().enumerate() {
        let key = &varied.key;
        if vary[..index].iter().any(|before| before.key == *key) {
            return Err(Failure::usage(
                format!("--vary {key} is given twice"),
                format!("give all values at once: --vary {key}=V1,V2,..."),
            ));
        }
        if key == "seed" {
            return Err(Failure::usage(
                "--vary seed: every trial has a seed of its own, the same for all variants",
                "--trials N runs N seeds from --seed on",
            ));
        }
    }
    let sizes = vary.iter().map(|varied| varied.values.len());
    let count = sizes.fold(1_usize, usize::saturating_mul);
    if count > MOST_VARIANTS {
        return Err(Failure::usage(
            format!("--vary makes {count} variants, at most {MOST_VARIANTS} are compared"),
            "vary fewer settings at a time",
        ));
    }
    let mut combinations: Vec<Vec<(&str, &(String, Setting))>> = vec![Vec::new()];
    for Varied { key, values } in vary {
        combinations = combinations
            .into_iter()
            .flat_map(|before| {
                let with = move |value| [&before[..], &[(&**key, value)]].concat();
                values.iter().map(with)
            })
            .collect();
    }
    let variant = |values: Vec<(&str, &(String, Setting))>| {
        let named = values
            .iter()
            .map(|(key, (text, _))| format!("{key}={text}"));
        let texts = values.iter().map(|(_, (text, _))| text.as_str());
        let settings = values.iter().map(|(_, (_, setting))| setting.clone());
        Variant {
            name: named.collect::<Vec<_>>().join(", "),
            label: texts.collect::<Vec<_>>().join(", "),
            settings: set.iter().cloned().chain(settings).collect(),
            values: values
                .into_iter()
                .map(|(key, (text, _))| (key.to_owned(), text.clone()))
                .collect(),
        }
    };
    Ok(combinations.into_iter().map(variant).collect())
}

/// Names and varied settings, as trials.parquet has them.
pub(super) fn columns(variants: &[Variant]) -> TrialVariants {
    let keys = variants.first().map_or(&[][..], |variant| &variant.values);
    let column = |index: usize| {
        let texts = variants
            .iter()
            .map(|variant| variant.values[index].1.clone());
        (keys[index].0.clone(), texts.collect())
    };
    TrialVariants {
        names: variants
            .iter()
            .map(|variant| variant.name.clone())
            .collect(),
        varied: (0..keys.len()).map(column).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_every_combination() {
        let vary = ["a.b=1,2", "c=x,y"].map(|text| text.parse().unwrap());
        let variants = variants(&["d=3".parse().unwrap()], &vary).unwrap();
        let names: Vec<&str> = variants.iter().map(|variant| &*variant.name).collect();
        assert_eq!(
            names,
            ["a.b=1, c=x", "a.b=1, c=y", "a.b=2, c=x", "a.b=2, c=y"]
        );
        assert_eq!(variants[2].label, "2, x");
        let places: Vec<String> = variants[3].settings.iter().map(Setting::place).collect();
        assert_eq!(places, ["--set d=3", "--vary a.b=2", "--vary c=y"]);
        let columns = columns(&variants);
        assert_eq!(columns.varied[1].0, "c");
        assert_eq!(columns.varied[1].1, ["x", "y", "x", "y"]);
    }

    #[test]
    fn without_varied_settings_there_is_one() {
        let variants = variants(&[], &[]).unwrap();
        assert_eq!((variants.len(), &*variants[0].name), (1, ""));
        assert_eq!(columns(&variants).varied, []);
    }

    #[test]
    fn contradictions_are_refused() {
        let refused = |texts: &[&str]| {
            let vary: Vec<Varied> = texts.iter().map(|text| text.parse().unwrap()).collect();
            assert!(variants(&[], &vary).is_err(), "{texts:?}");
        };
        refused(&["a=1", "a=2"]);
        refused(&["seed=1,2"]);
        let many: Vec<String> = (0..1001).map(|value| value.to_string()).collect();
        refused(&[&format!("a={}", many.join(","))]);
    }
}
