use std::fs;
use std::path::Path;

use kendall_llm::ticks::{Batching, Load, System, Work};

use super::*;
use crate::config::{ScenarioKind, kind};

const BATCH: &str = "[ticks.load]\nbatch = 100\n";

fn read_all(text: &str, settings: &[&str]) -> Result<TicksScenario, ConfigFileError> {
    let settings = settings.iter().map(|text| text.parse().unwrap());
    parse_ticks("x.toml", text, &settings.collect::<Vec<_>>())
}

fn fails(text: &str, settings: &[&str]) -> (String, String) {
    let error = read_all(text, settings).unwrap_err();
    (error.to_string(), error.hint().unwrap_or_default())
}

#[test]
fn a_load_is_enough() {
    let scenario = read_all(BATCH, &[]).unwrap();
    assert_eq!(scenario.config.load, Load::Batch { requests: 100 });
    assert_eq!(scenario.config.work, Work::default());
    let system = System::Colocated {
        slots: 4,
        batching: Batching::InFlight,
    };
    assert_eq!(scenario.config.system, system);
    assert_eq!(scenario.config.end_ticks, 1000.0);
}

#[test]
fn a_scenario_survives_being_written() {
    let pools = "name = \"pools\"\nseed = 7\n[ticks]\nend_ticks = 12.5\nprefill_slots = 2\n\
                 decode_slots = 3\n[ticks.work]\nprefill_ticks = 7.5\nprefill_chunks = 3\n\
                 itl_ticks = 2.5\nmean_tokens = 10\nsd_tokens = 5\n[ticks.load]\nrate = 0.46\n";
    let one_prefill = "[ticks]\nbatching = \"one-prefill\"\n[ticks.load]\nconcurrent = 6\n";
    for text in [BATCH, pools, one_prefill] {
        let scenario = read_all(text, &[]).unwrap();
        assert_eq!(read_all(&scenario.to_toml(), &[]).unwrap(), scenario);
    }
}

#[test]
fn faults_name_their_key_and_place() {
    for (text, settings, error) in [
        (
            BATCH,
            &["ticks.slots=0"][..],
            "--set ticks.slots=0: `ticks.slots` is 0, must be from 1 to 1048576",
        ),
        (
            "[ticks.load]\nrate = -1\n",
            &[],
            "x.toml:2:8: `ticks.load.rate` is -1, must be from 1e-12 to 1e6",
        ),
        (
            BATCH,
            &["ticks.work.sd_tokens=-2"],
            "--set ticks.work.sd_tokens=-2: `ticks.work.sd_tokens` is -2, must be from 0 to 1e8",
        ),
        (
            BATCH,
            &["ticks.load.concurrent=6"],
            "--set ticks.load.concurrent=6: `ticks.load.concurrent` is given besides `batch`",
        ),
        (
            "[ticks]\nslots = 2\n",
            &[],
            "x.toml:1:1: `ticks.load` says nothing",
        ),
        (
            BATCH,
            &["ticks.prefill_slots=2"],
            "--set ticks.prefill_slots=2: `ticks.prefill_slots` needs `decode_slots` beside it",
        ),
        (
            BATCH,
            &[
                "ticks.prefill_slots=2",
                "ticks.decode_slots=2",
                "ticks.batching=static",
            ],
            "--set ticks.batching=static: `ticks.batching` is for prefill and decode in the same slots",
        ),
    ] {
        let found = fails(text, settings);
        assert_eq!(found.0, error);
        assert!(!found.1.is_empty());
    }
    let (error, hint) = fails(BATCH, &["ticks.batching=inflight"]);
    assert!(error.contains("unknown variant `inflight`"), "{error}");
    assert_eq!(hint, "did you mean `in-flight`?");
    let (_, hint) = fails(BATCH, &["itl_ticks=1"]);
    assert_eq!(hint, "did you mean `ticks.work.itl_ticks`?");
}

#[test]
fn a_section_tells_the_kind() {
    assert_eq!(kind(BATCH), ScenarioKind::Ticks);
    assert_eq!(kind("[ticks]"), ScenarioKind::Ticks);
}

#[test]
fn shipped_scenarios_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs/scenarios/ticks");
    let mut seen = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(kind(&read_text(&path).unwrap()), ScenarioKind::Ticks);
        let scenario = load_ticks(&path, &[]).unwrap();
        assert!(!scenario.name.is_empty() && !scenario.description.is_empty());
        seen += 1;
    }
    assert_eq!(seen, 12);
}
