//! Runs recorded from a simulator of schedulers under a token budget, and that differences show.

use std::fs;
use std::path::{Path, PathBuf};

use kendall_validate::{Report, Verdict, token_budget};

fn oracles() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/token-budget")
}

fn check(path: &Path) -> Report {
    token_budget::check(path, |_| ()).unwrap()
}

fn with_verdict(report: &Report, verdict: Verdict) -> Vec<String> {
    let cases = report.cases.iter().filter(|case| case.verdict == verdict);
    cases
        .map(|case| format!("{}: {}", case.name, case.detail))
        .collect()
}

#[test]
fn every_recorded_request_and_figure_is_met() {
    let report = check(&oracles());
    let failed = with_verdict(&report, Verdict::Failed);
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(
        with_verdict(&report, Verdict::Skipped),
        ["boundary demo3_b0_0 decode: none of its rates was recorded"]
    );
    let replays = report
        .cases
        .iter()
        .filter(|case| case.name.starts_with("replay"));
    assert_eq!(replays.count(), 25);
}

/// A folder with the manifest, one trace and the times of one run, these changed.
fn with_times(change: impl Fn(&str) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let recorded = oracles().join("replay");
    for name in ["manifest.csv", "demo2_seq32_tok256_trace.csv.gz"] {
        fs::copy(recorded.join(name), folder.path().join(name)).unwrap();
    }
    // The first rows of the blocked run, in full; its other 276 requests never get anywhere.
    let mut times = String::from("id,prefill_done_s,first_decode_done_s,done_s\n");
    times += include_str!("token_budget/first_22.csv");
    for id in 22..298 {
        times += &format!("{id},,,\n");
    }
    let file = folder.path().join("demo2_seq32_tok256_decode.csv");
    fs::write(file, change(&times)).unwrap();
    folder
}

#[test]
fn a_time_that_differs_fails() {
    let same = with_times(str::to_owned);
    let report = check(same.path());
    assert_eq!(report.summary(), "1 passed, 0 failed, 0 skipped");
    assert!(
        report.cases[0]
            .detail
            .contains("request 22 needs 512 tokens")
    );

    let later = with_times(|times| times.replace("0.6002640271837512", "0.6002640371837512"));
    let failed = with_verdict(&check(later.path()), Verdict::Failed);
    assert_eq!(failed.len(), 1);
    assert!(failed[0].contains("request 0: first token"), "{failed:?}");

    let served = with_times(|times| times.replace("\n297,,,", "\n297,1,2,3"));
    let failed = with_verdict(&check(served.path()), Verdict::Failed);
    assert!(failed[0].contains("request 297: prefill done never, recorded 1 s"));
}

#[test]
fn a_mean_that_differs_fails() {
    let text = fs::read_to_string(oracles().join("scenarios.csv")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenarios.csv");
    let rows: Vec<&str> = text.lines().collect();
    let row = rows
        .iter()
        .find(|row| row.contains("demo2,prefill,,0.5"))
        .unwrap();
    fs::write(&file, format!("{}\n{row}\n", rows[0])).unwrap();
    assert_eq!(check(&file).summary(), "2 passed, 0 failed, 0 skipped");

    // The mean of response times, ten of its standard errors up.
    let column = rows[0]
        .split(',')
        .position(|name| name == "mean_rts_s")
        .unwrap();
    let mut fields: Vec<String> = row.split(',').map(str::to_owned).collect();
    let number = |index: usize| -> f64 { fields[index].parse().unwrap() };
    let (mean, low, high) = (number(column), number(column + 1), number(column + 2));
    fields[column] = (mean + 10.0 * 2.0_f64.sqrt() * (high - low) / 3.92).to_string();
    fs::write(&file, format!("{}\n{}\n", rows[0], fields.join(","))).unwrap();
    let failed = with_verdict(&check(&file), Verdict::Failed);
    assert!(failed[0].contains("mean_rts_s is"), "{failed:?}");
}

#[test]
fn what_is_no_recording_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = token_budget::check(folder.path(), |_| ()).unwrap_err();
    assert!(
        nothing
            .to_string()
            .contains("no recordings of token-budget found")
    );
    fs::write(folder.path().join("scenarios.csv"), "tag,scenario\na,b\n").unwrap();
    let broken = token_budget::check(folder.path(), |_| ()).unwrap_err();
    assert!(
        broken
            .to_string()
            .contains("scenarios.csv:2: no column `scheduler`")
    );
}
