//! Runs recorded from a simulator in ticks: figures, requests, steps.

use std::fs;
use std::path::{Path, PathBuf};

use kendall_validate::{Report, ValidateError, Verdict, ticks};

/// The recordings of this repository.
fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/ticks")
}

fn lines(report: &Report) -> Vec<String> {
    let cases = report.cases.iter();
    cases
        .map(|case| format!("{} {} {}", case.name, case.verdict.name(), case.detail))
        .collect()
}

/// A folder with some of the recordings.
fn with_files(name: &str, files: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for file in files {
        fs::copy(shipped().join(file), folder.join(file)).unwrap();
    }
    folder
}

#[test]
fn every_configuration_and_flow_log_is_met() {
    for folder in [
        shipped(),
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/oracles/ticks"),
    ] {
        if !folder.exists() {
            eprintln!("skipped: {} is absent", folder.display());
            continue;
        }
        let report = ticks::check(&folder).unwrap();
        assert_eq!(report.count(Verdict::Passed), 49, "{:#?}", lines(&report));
        assert_eq!(report.cases.len(), 49);
    }
}

#[test]
fn a_flow_log_stands_for_its_configuration() {
    let report = ticks::check(&shipped().join("disagg_complex_flow.txt")).unwrap();
    assert_eq!(
        lines(&report),
        ["disagg_complex_flow.txt passed 475 lines; counts equal, times as printed"]
    );
}

#[test]
fn what_is_missing_is_named() {
    // Lengths that do not vary need no requests.
    let report = ticks::check(&with_files("figures", &["summary.json"])).unwrap();
    let constant =
        |name: &str| name.starts_with("d0_") || ["demo_basic", "disagg_basic"].contains(&name);
    for case in &report.cases {
        let expected = if constant(&case.name) {
            Verdict::Passed
        } else {
            Verdict::Skipped
        };
        assert_eq!(case.verdict, expected, "{case:?}");
    }

    let files = ["requests.csv.gz", "disagg_basic_flow.txt"];
    let report = ticks::check(&with_files("requests", &files)).unwrap();
    assert_eq!(report.count(Verdict::Skipped), 47, "{:#?}", lines(&report));
}

#[test]
fn differences_are_found() {
    let folder = with_files(
        "differences",
        &["requests.csv.gz", "disagg_basic_flow.txt", "summary.json"],
    );
    let change = |file: &str, from: &str, to: &str| {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).unwrap();
        let changed = text.replacen(from, to, 1);
        assert_ne!(text, changed);
        fs::write(path, changed).unwrap();
    };
    change(
        "summary.json",
        "\"avg_ttft\": 52.9,",
        "\"avg_ttft\": 52.900000003,",
    );
    change("summary.json", "\"steps\": 78,", "\"steps\": 79,");
    change("disagg_basic_flow.txt", "Time: 5.00", "Time: 5.01");
    let report = ticks::check(&folder).unwrap();
    let failed = report
        .cases
        .iter()
        .filter(|case| case.verdict == Verdict::Failed);
    let failed: Vec<(&str, &str)> = failed
        .map(|case| (case.name.as_str(), case.detail.split(", ").next().unwrap()))
        .collect();
    assert_eq!(
        failed,
        [
            ("readme_ifb", "avg_ttft is 52.9"),
            ("readme_chunked", "steps is 78"),
            ("disagg_basic_flow.txt", "line 5: time is 5"),
        ]
    );
}

#[test]
fn what_is_no_recording_is_refused() {
    let empty = with_files("empty", &[]);
    let nothing = |path: &Path| {
        matches!(
            ticks::check(path),
            Err(ValidateError::NothingRecognised { .. })
        )
    };
    assert!(nothing(&empty));
    fs::write(empty.join("notes.txt"), "none").unwrap();
    assert!(nothing(&empty) && nothing(&empty.join("notes.txt")));

    fs::write(empty.join("summary.json"), "{\"runs\": []}").unwrap();
    assert!(matches!(
        ticks::check(&empty),
        Err(ValidateError::Format { .. })
    ));
}
