//! `validate` against recordings.

use std::fs::{self, File};
use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::support::{Ran, Scratch, repository};

const ORACLES: &str = "validate/oracles/vllm";

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

#[test]
fn the_shipped_recordings_agree() {
    let scratch = Scratch::new();
    let vllm = repository(ORACLES);
    let check = ["validate", "vllm", "--oracles", vllm.to_str().unwrap()];
    let summary = "83 passed, 0 failed, 12 skipped";
    for set in ["tournament", "heap"] {
        let set = format!("engine.event_set={set}");
        let stdout = scratch.fine(&[&check[..], &["--set", &set, "--json", "r.json"]].concat());
        assert_eq!(last_line(&stdout), summary);
        assert_eq!(stdout.lines().count(), 96);
        assert_eq!(
            scratch.json("r.json")["cases"].as_array().unwrap().len(),
            95
        );
    }
}

#[test]
#[ignore = "simulates queues for minutes without optimisation"]
fn without_a_name_every_check_has_a_row() {
    let scratch = Scratch::new();
    let list = scratch.fine(&["list", "validations"]);
    let names: Vec<&str> = list
        .lines()
        .filter_map(|line| line.split("  ").next())
        .collect();
    let mut in_a_clone = scratch.command(&["validate"]);
    let ran = Ran::from(in_a_clone.current_dir(repository(".")).output().unwrap());
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let rows: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(rows.len(), 1 + names.len() + 2, "{rows:#?}");
    let mut passed = 0;
    for (row, name) in rows[1..].iter().zip(&names) {
        let cells: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(&cells[0], name, "{row}");
        if *name == "queueing" {
            assert!(row.contains("left out"), "{row}");
            continue;
        }
        assert_eq!(cells[2], "0", "{row}");
        passed += cells[1].parse::<u64>().unwrap();
    }
    assert!(names.len() >= 10 && passed > 87, "{rows:#?}");
    let summary = format!("{passed} passed, 0 failed, 14 skipped");
    assert_eq!(last_line(&ran.stdout), summary);
}

#[test]
fn a_built_in_check_shows_what_it_measured() {
    let scratch = Scratch::new();
    let check = ["validate", "llm-prompt-length", "llm-fairness"];
    let stdout = scratch.fine(&[&check[..], &["--json", "r.json"]].concat());
    let tables = stdout.matches(" ± ").count();
    assert!(tables >= 6, "{stdout}");
    assert!(
        stdout.contains("\nTTFT is linear in the prompt  passed "),
        "{stdout}"
    );
    let report = scratch.json("r.json");
    let cases = report["cases"].as_array().unwrap().len();
    assert_eq!(
        last_line(&stdout),
        format!("{cases} passed, 0 failed, 0 skipped")
    );
    let row = &report["tables"][0]["rows"][0];
    assert_eq!(row[0], "100 tokens");
    assert_eq!(row[1][0]["number"], 50.0);
    assert!(row[1][1]["estimate"]["standard_error"].as_f64().unwrap() > 0.0);
    assert_eq!(scratch.fine(&check), stdout, "the same every time");
}

/// A recording of `steps` lines, one of which is changed.
fn altered(name: &str, from: &str, to: &str) -> String {
    let path = repository(ORACLES).join(format!("{name}.jsonl.gz"));
    let mut text = String::new();
    let mut file = MultiGzDecoder::new(File::open(path).unwrap());
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from}");
    text.replace(from, to)
}

#[test]
fn an_altered_recording_fails_and_names_the_step() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.path("oracles")).unwrap();
    let name = "decode_plain_a";
    let check = ["validate", "vllm", "--oracles", "oracles"];
    scratch.write(
        "oracles/decode_plain_a.jsonl",
        altered(name, r#""i":2,"t":60350000,"#, r#""i":2,"t":60350000,"#),
    );
    assert_eq!(
        last_line(&scratch.fine(&check)),
        "1 passed, 0 failed, 0 skipped"
    );
    scratch.write(
        "oracles/decode_plain_a.jsonl",
        altered(name, r#""i":2,"t":60350000,"#, r#""i":2,"t":60350001,"#),
    );
    let ran = scratch.run(&check);
    assert_eq!(ran.code, Some(1));
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].starts_with("decode_plain_a  failed   step 2"),
        "{}",
        lines[0]
    );
    assert_eq!(lines[1], "0 passed, 1 failed, 0 skipped");
}

#[test]
fn what_is_no_recording_is_an_error() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.path("empty")).unwrap();
    let list = scratch.fine(&["list", "validations"]);
    let names: Vec<&str> = list
        .lines()
        .filter_map(|line| line.split("  ").next())
        .collect();
    let hint =
        "hint: --oracles takes a folder of recorded results, such as validate/oracles/vllm\n";
    for (args, said) in [
        (
            &["validate", "vllm", "--oracles", "empty"][..],
            format!("error: empty: no recordings of vllm found\n{hint}"),
        ),
        (
            &["validate", "vllm", "--oracles", "nowhere"],
            format!("error: nowhere: No such file or directory (os error 2)\n{hint}"),
        ),
        (
            &["validate", "vllmm"],
            format!(
                "error: no check is called `vllmm`; there are {}\n\
                 hint: did you mean `vllm`?\n",
                names.join(", ")
            ),
        ),
        (
            &["validate", "--oracles", "empty"],
            "error: --oracles goes with the name of one check\n\
             hint: for example: kendall validate vllm --oracles DIR\n"
                .to_owned(),
        ),
        (
            &["validate", "vllm"],
            "error: vllm needs recorded results, and validate/oracles/vllm is not here\n\
             hint: run it in a clone, or name a folder: kendall validate vllm --oracles DIR\n"
                .to_owned(),
        ),
        (
            &["validate", "llm", "--oracles", "empty"],
            "error: llm is built in and reads no recorded results\n\
             hint: without --oracles: kendall validate llm\n"
                .to_owned(),
        ),
        (
            &["validate", "vllm", "--set", "llm.instances=4"],
            "error: --set llm.instances=4: not for validate, where checks bring their own scenario\n\
             hint: only engine.* can be set, for example engine.event_set=heap\n"
                .to_owned(),
        ),
    ] {
        assert_eq!(scratch.refused(args), said);
    }
    scratch.write("empty/x.jsonl", "{\"k\":\"config\"");
    let damaged = scratch.refused(&["validate", "vllm", "--oracles", "empty"]);
    assert!(damaged.starts_with("error: empty"), "{damaged}");
}
