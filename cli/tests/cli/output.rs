//! Where results go, and what is left when they cannot.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use super::support::{KENDALL, Ran, Scratch, Table};

#[test]
fn a_finished_run_is_replaced_only_by_force() {
    let scratch = Scratch::new();
    scratch.fine(&["replay", "-q", "-o", "deep/run"]);
    let before = scratch.bytes("deep/run/summary.json");
    let again = scratch.run(&["replay", "-q", "-o", "deep/run", "--limit", "5"]);
    assert_eq!(again.code, Some(2));
    assert_eq!(
        again.stderr,
        "error: deep/run already holds a finished run (summary.json)\n\
         hint: choose another directory with -o, or pass --force to replace that run\n"
    );
    assert_eq!(scratch.bytes("deep/run/summary.json"), before);
    let off = ["--limit", "5", "--force", "--iterations", "off"];
    scratch.fine(&[&["replay", "-q", "-o", "deep/run"], &off[..]].concat());
    assert_eq!(
        scratch.names("deep/run"),
        ["requests.parquet", "summary.json"]
    );
    assert_eq!(
        scratch.json("deep/run/summary.json")["requests"]["total"],
        5
    );
}

#[test]
fn a_place_that_takes_no_files_is_refused() {
    let scratch = Scratch::new();
    scratch.write("file", "");
    let refused = |dir| scratch.refused(&["replay", "-q", "-o", dir]);
    assert_eq!(
        refused("file"),
        "error: file is not a directory\nhint: -o takes a directory, not a file\n"
    );
    assert_eq!(
        refused("file/run"),
        "error: cannot create output directory file/run\n\
         caused by: Not a directory (os error 20)\n\
         hint: check the path and its permissions, or choose another directory with -o\n"
    );
    if cfg!(target_os = "linux") {
        // Nobody, not even root, creates files among the tasks of a process.
        let said = refused("/proc/self/task");
        assert!(
            said.starts_with("error: output directory /proc/self/task is not writable\ncaused by:"),
            "{said}"
        );
    }
}

/// A run whose `full` file is on a full disk.
#[cfg(target_os = "linux")]
fn run_on_a_full_disk(scratch: &Scratch, full: &str) -> Ran {
    fs::create_dir(scratch.path("out")).unwrap();
    symlink("/dev/full", scratch.path("out").join(full)).unwrap();
    scratch.run(&["replay", "-q", "-o", "out"])
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing_that_looks_whole() {
    for (full, left) in [
        (
            "requests.partial.parquet",
            &["iterations.partial.parquet"][..],
        ),
        ("iterations.partial.parquet", &["requests.partial.parquet"]),
        (
            "summary.partial.json",
            &["iterations.partial.parquet", "requests.partial.parquet"],
        ),
    ] {
        let scratch = Scratch::new();
        let ran = run_on_a_full_disk(&scratch, full);
        assert_eq!(ran.code, Some(2), "{full}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
        assert_eq!(
            ran.stderr,
            format!(
                "error: cannot write out/{full}\n\
                 caused by: No space left on device (os error 28)\n\
                 hint: free some space or choose a directory on another disk with -o; \
                 of single runs, --iterations runs or off writes less\n"
            )
        );
        assert_eq!(scratch.names("out"), left, "{full}");
        for file in left {
            // Readable, whatever it holds.
            scratch.table(&format!("out/{file}"));
        }
        scratch.fine(&["replay", "-q", "-o", "out"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_on_a_full_disk_is_an_error() {
    let scratch = Scratch::new();
    for args in [
        &["replay", "-q", "-o", "out"][..],
        &["replay", "-q", "--json"],
        &["list", "models"],
        &["config"],
        &["trace", "generate"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(KENDALL);
        command.args(args).current_dir(scratch.path(""));
        let ran = Ran::from(command.stdout(full).output().unwrap());
        assert_eq!(ran.code, Some(2), "{args:?}");
        assert_eq!(
            ran.stderr,
            "error: standard output: No space left on device (os error 28)\n\
             hint: is the disk full?\n",
            "{args:?}"
        );
    }
    // The files were written before, and are whole.
    assert_eq!(scratch.table("out/requests.parquet").rows(), 1000);
    assert_eq!(scratch.json("out/summary.json")["requests"]["total"], 1000);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let many = ["trace", "generate", "--requests", "20000"];
    for args in [&["replay", "-q"][..], &["replay", "-q", "--json"], &many] {
        let mut child = Command::new(KENDALL)
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn files_appear_when_they_are_complete() {
    let scratch = Scratch::new();
    scratch.fine(&["trace", "generate", "--requests", "20", "-o", "t.jsonl"]);
    assert_eq!(scratch.names("."), ["t.jsonl"]);
    fs::create_dir(scratch.path("dir")).unwrap();
    let generate = |output| scratch.refused(&["trace", "generate", "-o", output]);
    assert_eq!(
        generate("dir"),
        "error: dir is a directory, must be a file\nhint: name a file in it\n"
    );
    assert_eq!(
        generate("no/t.jsonl"),
        "error: no/t.jsonl: No such file or directory (os error 2)\n\
         hint: does its directory exist, is it writable and not full?\n"
    );
    assert_eq!(scratch.names("."), ["dir", "t.jsonl"]);
}

#[test]
fn links_and_devices_stay_what_they_are() {
    let scratch = Scratch::new();
    scratch.write("real", "old");
    symlink("real", scratch.path("link")).unwrap();
    symlink("/dev/null", scratch.path("null")).unwrap();
    for output in ["link", "null"] {
        scratch.fine(&["trace", "generate", "--requests", "5", "-o", output]);
        let found = fs::symlink_metadata(scratch.path(output)).unwrap();
        assert!(found.is_symlink(), "{output}");
    }
    assert_eq!(
        fs::read(scratch.path("real"))
            .unwrap()
            .iter()
            .filter(|&&b| b == b'\n')
            .count(),
        5
    );
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    assert_eq!(scratch.names("."), ["link", "null", "real"]);
}

#[test]
fn a_file_explains_itself() {
    let scratch = Scratch::new();
    scratch.fine(&["replay", "-q", "-o", "out", "--set", "llm.instances=2"]);
    let path = scratch.path("out/requests.parquet");
    let requests = Table::read(Path::new(&path));
    assert_eq!(
        requests.key("kendall.version"),
        Some(env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(requests.key("kendall.row_order"), Some("trace"));
    let config = requests.key("kendall.config").unwrap();
    // What ran can run again.
    scratch.write("again.toml", config);
    scratch.fine(&["run", "again.toml", "-q", "-o", "again"]);
    assert_eq!(
        scratch.bytes("again/summary.json"),
        scratch.bytes("out/summary.json")
    );
    assert_eq!(
        scratch.bytes("again/requests.parquet"),
        fs::read(&path).unwrap()
    );
}
