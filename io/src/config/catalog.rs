//! The catalog that is compiled in: one TOML per accelerator and model.
//!
//! Invariant: every entry parses (a test reads them all), so that loading cannot fail.

use kendall_study::Catalog;

/// A file of the catalog.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Name in scenarios.
    pub name: &'static str,
    text: &'static str,
}

macro_rules! entries {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(Entry {
            name: $name,
            text: include_str!(concat!("../../../configs/catalog/", $folder, "/", $name, ".toml")),
        }),*]
    };
}

const HARDWARE: &[Entry] = entries!("hardware": "a100-80g", "b200", "h100-sxm", "h200");

const MODELS: &[Entry] = entries!(
    "models":
    "llama-3.1-70b",
    "llama-3.1-70b-fp8",
    "llama-3.1-8b",
    "llama-3.1-8b-fp8",
    "qwen3-32b",
);

/// Accelerators in the catalog.
#[must_use]
pub fn hardware_entries() -> &'static [Entry] {
    HARDWARE
}

/// Models in the catalog.
#[must_use]
pub fn model_entries() -> &'static [Entry] {
    MODELS
}

/// The catalog.
#[must_use]
pub fn catalog() -> Catalog {
    fn parse<T: serde::de::DeserializeOwned>(
        entries: &[Entry],
    ) -> std::collections::BTreeMap<String, T> {
        let parsed = entries.iter().map(|entry| {
            let value = toml::from_str(entry.text).expect("a test parses every catalog entry");
            (entry.name.to_owned(), value)
        });
        parsed.collect()
    }
    Catalog {
        hardware: parse(HARDWARE),
        models: parse(MODELS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_catalog_is_listed_and_states_its_sources() {
        for (folder, entries) in [("hardware", HARDWARE), ("models", MODELS)] {
            let path = format!("{}/../configs/catalog/{folder}", env!("CARGO_MANIFEST_DIR"));
            let mut files: Vec<String> = std::fs::read_dir(path)
                .unwrap()
                .map(|file| {
                    file.unwrap()
                        .file_name()
                        .to_string_lossy()
                        .replace(".toml", "")
                })
                .collect();
            files.sort();
            let names: Vec<&str> = entries.iter().map(|entry| entry.name).collect();
            assert_eq!(files, names);
        }
        let catalog = catalog();
        assert!(
            catalog
                .hardware
                .values()
                .all(|hardware| !hardware.sources.is_empty())
        );
        assert!(
            catalog
                .models
                .values()
                .all(|model| !model.sources.is_empty())
        );
    }
}
