//! Ctrl-C in the middle of a run.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::support::{KENDALL, Ran, Scratch};

/// Requests that hardly overlap, so that nearly every output token is a step: more steps than any
/// machine takes in the seconds that a test may last.
const LONG: &str = "
[workload.generate]
requests = 200000
prompt_tokens = { law = \"constant\", value = 20 }
output_tokens = { law = \"constant\", value = 2000 }
arrivals = { process = \"poisson\", rate_per_s = 0.1 }
";

/// A directory with a scenario that takes long.
fn long() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("long.toml", LONG);
    scratch
}

/// Starts a command, interrupts it once `began` says so of its process, and waits for its end.
pub(crate) fn interrupted(scratch: &Scratch, args: &[&str], began: impl Fn(u32) -> bool) -> Ran {
    let child = Command::new(KENDALL)
        .args(args)
        .current_dir(scratch.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !began(child.id()) {
        assert!(Instant::now() < deadline, "the run does not begin");
        sleep(Duration::from_millis(10));
    }
    let mut kill = Command::new("kill");
    let sent = kill.args(["-INT", &child.id().to_string()]).status();
    assert!(sent.unwrap().success(), "the run has ended too early");
    child.wait_with_output().unwrap().into()
}

#[test]
fn ctrl_c_closes_the_files_and_says_what_is_partial() {
    let scratch = long();
    let file = scratch.path("out/requests.partial.parquet");
    let steps = scratch.path("out/iterations.partial.parquet");
    // The first rows of steps have reached the file, so that the run is well under way.
    let written = |path: &Path| path.metadata().map_or(0, |found| found.len());
    let args = ["run", "long.toml", "-o", "out", "--iterations", "steps"];
    let ran = interrupted(&scratch, &args, |_| file.exists() && written(&steps) > 4);
    assert_eq!(ran.code, Some(130), "{}", ran.stderr);
    // No progress bar either: standard error is no terminal.
    assert_eq!(
        ran.stderr,
        "interrupted: the run is incomplete\n\
         partial results: out/requests.partial.parquet\n\
         partial results: out/iterations.partial.parquet\n"
    );
    assert_eq!(ran.stdout, "");
    assert_eq!(
        scratch.names("out"),
        ["iterations.partial.parquet", "requests.partial.parquet"]
    );
    let requests = scratch.table("out/requests.partial.parquet");
    assert_eq!(requests.rows(), 200_000);
    let statuses = requests.strings("status");
    let count = |wanted: &str| statuses.iter().filter(|status| *status == wanted).count();
    assert!(count("finished") > 0);
    assert_eq!(count("finished") + count("unfinished"), 200_000);
    let steps = scratch.table("out/iterations.partial.parquet");
    assert_eq!(
        steps.numbers("iteration"),
        (0..steps.rows() as u64).collect::<Vec<_>>()
    );
    // The next run takes the place of what is left.
    scratch.fine(&["replay", "-q", "-o", "out"]);
    assert!(scratch.path("out/requests.parquet").exists());
    assert!(!scratch.path("out/requests.partial.parquet").exists());
}

/// A run that makes its requests as it goes records those it has made.
#[test]
fn ctrl_c_ends_a_streamed_run_in_good_order() {
    let scratch = long();
    let steps = scratch.path("out/iterations.partial.parquet");
    let written = |path: &Path| path.metadata().map_or(0, |found| found.len());
    let args = ["run", "long.toml", "-o", "out", "--iterations", "steps"];
    let args = [&args[..], &["--set", "workload.stream=always"]].concat();
    let ran = interrupted(&scratch, &args, |_| written(&steps) > 4);
    assert_eq!(ran.code, Some(130), "{}", ran.stderr);
    assert!(
        ran.stderr
            .starts_with("interrupted: the run is incomplete\n")
    );
    let requests = scratch.table("out/requests.partial.parquet");
    assert!(
        (1..200_000).contains(&requests.rows()),
        "{}",
        requests.rows()
    );
    let mut ids = requests.numbers("request_id");
    ids.sort_unstable();
    assert_eq!(ids, (0..ids.len() as u64).collect::<Vec<_>>());
}

/// Whether the process waits for SIGINT itself, as a run does once it has its requests.
#[cfg(target_os = "linux")]
pub(crate) fn catches_interrupts(process: u32) -> bool {
    const SIGINT: u32 = 2;
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
    mask >> (SIGINT - 1) & 1 == 1
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_without_files_leaves_nothing() {
    let scratch = long();
    let ran = interrupted(&scratch, &["run", "long.toml"], catches_interrupts);
    assert_eq!(ran.code, Some(130), "{}", ran.stderr);
    assert_eq!(ran.stderr, "interrupted: the run is incomplete\n");
    assert_eq!(scratch.names("."), ["long.toml"]);
}

/// A search is long, and writes nothing before its end.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_a_search_for_a_capacity() {
    let scratch = long();
    let args = [
        "capacity",
        "long.toml",
        "--requests",
        "1M",
        "--replications",
        "2",
    ];
    let ran = interrupted(&scratch, &args, catches_interrupts);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(130), ""));
    assert_eq!(ran.stderr, "interrupted: the search is incomplete\n");
}
