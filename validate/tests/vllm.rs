//! Schedules recorded from vLLM, replayed step for step in every way the engine can run them.

use std::path::PathBuf;

use kendall_validate::vllm::{self, Options};
use kendall_validate::{Report, Verdict};

fn oracles(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
    if folder.exists() {
        return Some(folder);
    }
    eprintln!("skipped: {} is absent", folder.display());
    None
}

fn failures(report: &Report) -> Vec<String> {
    let failed = report
        .cases
        .iter()
        .filter(|case| case.verdict == Verdict::Failed);
    failed
        .map(|case| format!("{}: {:.400}", case.name, case.detail))
        .collect()
}

fn check_all(options: Options) {
    for folder in ["oracles/vllm", "../../shared/oracles/vllm"] {
        let Some(path) = oracles(folder) else {
            continue;
        };
        let report = vllm::check(&path, options).unwrap();
        assert_eq!(
            failures(&report),
            Vec::<String>::new(),
            "{folder}: {}",
            report.summary()
        );
        assert!(
            report.count(Verdict::Passed) >= 83,
            "{folder}: {}",
            report.summary()
        );
        assert_eq!(
            report.count(Verdict::Skipped),
            12,
            "{folder}: {}",
            report.summary()
        );
    }
}

#[test]
fn every_synchronous_recording_is_met() {
    check_all(Options::default());
}

#[test]
fn the_shortcut_through_the_running_list_changes_nothing() {
    check_all(Options {
        in_order_only: true,
        ..Options::default()
    });
}

#[test]
fn merging_steps_changes_nothing() {
    check_all(Options {
        merge_steps: true,
        ..Options::default()
    });
}

#[test]
fn the_event_set_changes_nothing() {
    check_all(Options {
        heap: true,
        merge_steps: true,
        ..Options::default()
    });
}
