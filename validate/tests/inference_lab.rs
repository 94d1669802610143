//! Runs recorded from inference-lab: every request's times and the number of iterations.

use std::path::PathBuf;

use kendall_validate::{Verdict, inference_lab};

#[test]
fn the_dense_first_come_first_served_recordings_are_met() {
    for (folder, passed) in [
        ("oracles/inference-lab", 4),
        ("../../shared/oracles/inference-lab", 6),
    ] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
        if !path.exists() {
            eprintln!("skipped: {} is absent", path.display());
            continue;
        }
        let report = inference_lab::check(&path).unwrap();
        let lines: Vec<String> = report
            .cases
            .iter()
            .map(|case| format!("{} {} {}", case.name, case.verdict.name(), case.detail))
            .collect();
        assert_eq!(report.count(Verdict::Failed), 0, "{lines:#?}");
        assert_eq!(report.count(Verdict::Passed), passed, "{lines:#?}");
    }
}
