//! The architecture's invariants, as docs/architecture.md states them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Layers from the ground up; a crate may import only from layers below its own.
const LAYERS: [&[&str]; 6] = [
    &["kendall-kernel"],
    &["kendall-queueing", "kendall-cost"],
    &["kendall-llm"],
    &["kendall-study"],
    &["kendall-io", "kendall-validate"],
    &["kendall", "bench"],
];

/// Crates that belong to file formats, terminals, threads and clocks: not below `io`.
const OUTSIDE: [&str; 9] = [
    "arrow",
    "arrow-array",
    "parquet",
    "toml",
    "clap",
    "rayon",
    "indicatif",
    "ctrlc",
    "tempfile",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Workspace members with the names of what they import in product code.
fn imports() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            // A feature that is off unless somebody above asks for it: study's `parallel`.
            let product = dependencies.filter(|dependency| {
                dependency["kind"].is_null() && dependency["optional"] != true
            });
            (name(package), product.map(name).collect())
        })
        .collect()
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

#[test]
fn imports_only_go_down() {
    let imports = imports();
    assert!(imports.len() >= 9, "{imports:?}");
    for (name, dependencies) in &imports {
        let own = layer(name).unwrap_or_else(|| panic!("{name} has no layer"));
        for dependency in dependencies {
            if let Some(below) = layer(dependency) {
                assert!(
                    below < own,
                    "{name} imports {dependency}, which is not below it"
                );
            }
            let engine = own < layer("kendall-io").unwrap();
            let outside = OUTSIDE.contains(&dependency.as_str());
            assert!(
                !engine || !outside,
                "{name} imports {dependency}, which the engine must not"
            );
        }
    }
}

/// Rust files below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_engine_touches_no_file_clock_thread_or_environment() {
    let mut found = Vec::new();
    for part in ["kernel", "queueing", "cost", "llm", "study"] {
        sources(&root().join("engine").join(part).join("src"), &mut found);
    }
    assert!(found.len() > 20, "{found:?}");
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        for banned in [
            "std::fs",
            "std::time",
            "std::thread",
            "std::env",
            "std::net",
            "println!",
        ] {
            assert!(!text.contains(banned), "{} uses {banned}", path.display());
        }
    }
}

#[test]
fn theory_shares_nothing_with_the_engine() {
    let mut found = Vec::new();
    sources(&root().join("validate/src/theory"), &mut found);
    assert!(found.len() > 20, "{found:?}");
    for path in found {
        for line in fs::read_to_string(&path).unwrap().lines() {
            let imported = line.trim().strip_prefix("use ");
            let own = ["super::", "crate::theory::", "self::", "std::"];
            assert!(
                imported.is_none_or(|path| own.iter().any(|own| path.starts_with(own))),
                "{}: {line}",
                path.display()
            );
            assert!(!line.contains("kendall_"), "{}: {line}", path.display());
        }
    }
}
