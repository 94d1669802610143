//! Generated workloads: written and replayed, drawn from traces, wrong.

use serde_json::Value;

use super::support::{Scratch, repository};

/// Conversations over shared prefixes.
const CHATTY: &str = r#"
seed = 5
[workload.generate]
requests = 400
arrivals = { process = "poisson", rate_per_s = 3.0 }
prefix = { groups = 4, zipf = 1.0, tokens = { law = "uniform", min = 0, max = 2000 } }
sessions = { turns = "geometric:p=0.3", think_s = "exponential:mean=5" }
[llm]
instances = 2
"#;

/// Tenants with priorities, bursts and times of day.
const FLEET: &str = r#"
seed = 3
[workload.generate]
requests = 600
arrivals = { process = "weibull", rate_per_s = 4.0, cv = 2.5 }
diurnal = { period_s = 60, amplitude = 0.9 }
spikes = [{ at_s = 10, duration_s = 2, factor = 6, every_s = 25 }]
[[workload.generate.tenants]]
name = "chat"
length_correlation = 0.5
sessions = { turns = 3, think_s = 1.5 }
prefix = { groups = 3, tokens = 1500 }
priority = -2
[[workload.generate.tenants]]
name = "jobs"
arrivals = { process = "batch", rate_per_s = 0.2, size = 8 }
spikes = []
[[workload.generate.tenants]]
name = "agents"
arrivals = { process = "mmpp", states = [
    { rate_per_s = 20.0, mean_s = 2.0 },
    { rate_per_s = 0.0, mean_s = 9.0 },
] }
[llm.scheduler]
policy = "priority"
max_num_seqs = 16
[slo]
ttft_s = 1.0
"#;

/// Lengths and gaps of a trace of this folder.
const DRAWN: &str = r#"
[workload.generate]
requests = 500
arrivals = { process = "from-trace", gap_block = 20, rate_per_s = 2.0 }
from_trace = { trace = "day.csv", columns = { prompt_tokens = "in", output_tokens = "out" } }
"#;

fn day() -> String {
    let row = |row: u32| {
        let s = 4 * row + row * row % 7;
        format!(
            "{}.{},{},{}\n",
            s,
            row % 10,
            100 + 10 * (row % 37),
            5 + row % 37
        )
    };
    let rows: String = (0..200).map(row).collect();
    format!("arrival_s,in,out\n{rows}")
}

fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("chatty.toml", CHATTY);
    scratch.write("fleet.toml", FLEET);
    scratch.write("drawn.toml", DRAWN);
    scratch.write("day.csv", day());
    scratch
}

/// Whatever the format, the replay of a written workload leaves the records and figures of the
/// workload itself.
#[test]
fn a_written_workload_runs_as_the_generated_one() {
    let scratch = scratch();
    for name in ["chatty", "fleet", "drawn"] {
        let scenario = format!("{name}.toml");
        scratch.fine(&["run", &scenario, "-q", "-o", name]);
        let generated = scratch.table(&format!("{name}/requests.parquet"));
        let mut expected = scratch.json(&format!("{name}/summary.json"));
        expected["config"] = Value::Null;
        for format in ["plain", "mooncake"] {
            let trace = format!("{name}.{format}.jsonl");
            scratch.fine(&["trace", "generate", &scenario, "--to", format, "-o", &trace]);
            let out = format!("{name}-{format}");
            let replay = ["replay", &trace, "--config", &scenario, "-q", "-o", &out];
            scratch.fine(&replay);
            let replayed = scratch.table(&format!("{out}/requests.parquet"));
            assert!(generated.columns() == replayed.columns(), "{out}");
            let mut summary = scratch.json(&format!("{out}/summary.json"));
            summary["config"] = Value::Null;
            assert_eq!(summary, expected, "{out}");
        }
    }
    let fleet = scratch.table("fleet/requests.parquet");
    for column in ["class", "session_id"] {
        let mut values = fleet.integers(column);
        values.sort_unstable();
        values.dedup();
        assert!(values.len() > 1, "{column}: {values:?}");
    }
}

#[test]
fn what_was_generated_is_told() {
    let scratch = scratch();
    let text = scratch.fine(&["run", "fleet.toml", "-q"]);
    assert!(
        text.starts_with("workload   600 generated requests of 3 tenants, seed 3\n"),
        "{text}"
    );
    let text = scratch.fine(&["run", "drawn.toml", "-q"]);
    let drawn =
        "workload   500 generated requests, seed 0, drawn from day.csv (plain-csv, 200 requests)\n";
    assert!(text.starts_with(drawn), "{text}");
}

/// One trace makes many workloads, each of them again by its seed.
#[test]
fn seeds_draw_other_workloads_of_one_trace() {
    let scratch = scratch();
    let generate = |seed| scratch.fine(&["trace", "generate", "drawn.toml", "--seed", seed]);
    assert_eq!(generate("1"), generate("1"));
    assert_ne!(generate("1"), generate("2"));
    let laws = [
        "trace",
        "generate",
        "drawn.toml",
        "--prompt",
        "77",
        "--output-tokens",
        "3",
    ];
    let trace = scratch.fine(&laws);
    let first = trace.lines().next().unwrap();
    assert!(
        first.contains("\"input_length\": 77, \"output_length\": 3,"),
        "{first}"
    );
}

#[test]
fn a_trace_to_draw_from_must_be_there_and_be_good() {
    let scratch = scratch();
    scratch.write("day.csv", "arrival_s,in,out\n1,2,3\n2,x,3\n3,4,5\n");
    let stderr = scratch.refused(&["run", "drawn.toml", "-o", "out"]);
    assert_eq!(
        stderr,
        "error: drawn.toml:5:24: day.csv:3:3: `in` is x, must be a whole number\n\
         hint: --on-bad-record skip drops bad records and counts them in the summary\n"
    );
    let skip = [
        "--on-bad-record",
        "skip",
        "--set",
        "workload.generate.arrivals.gap_block=1",
    ];
    let summary = scratch.summary(&[&["run", "drawn.toml"], &skip[..]].concat());
    assert_eq!(summary["skipped_records"], 1);
    scratch.write("day.csv", "arrival_s,in,out\n");
    let stderr = scratch.refused(&["run", "drawn.toml", "-o", "out"]);
    assert!(
        stderr.starts_with("error: drawn.toml:5:24: day.csv: "),
        "{stderr}"
    );
    assert!(
        stderr.ends_with("hint: a trace needs at least one request\n"),
        "{stderr}"
    );
    let missing = "workload.generate.from_trace.trace=no.csv";
    let stderr = scratch.refused(&["run", "drawn.toml", "--set", missing, "-o", "out"]);
    assert!(
        stderr.starts_with("error: --set workload.generate.from_trace.trace=no.csv: no.csv"),
        "{stderr}"
    );
}

#[test]
fn faults_have_places_and_remedies() {
    let scratch = scratch();
    let refused = |change: &str| {
        let text = [FLEET, change].concat();
        scratch.write("bad.toml", text);
        scratch.refused(&["trace", "generate", "bad.toml"])
    };
    assert_eq!(
        refused(
            "[[workload.generate.tenants]]\nname = \"more\"\narrivals = { process = \"gamma\", rate_per_s = 1.0, cv = 0.0 }\n"
        ),
        "error: bad.toml:31:56: tenant `more`: `workload.generate.arrivals.cv` is 0, must be from 0.001 to 100\n\
         hint: kendall trace generate --help has examples\n"
    );
    assert_eq!(
        refused("[[workload.generate.tenants]]\nname = \"jobs\"\n"),
        "error: bad.toml:30:8: `workload.generate.tenants[3].name` is `jobs`, must be unlike that of every other tenant\n\
         hint: kendall trace generate --help has examples\n"
    );
    assert_eq!(
        refused("[[workload.generate.tenants]]\nname = \"more\"\nprefixes = 3\n")
            .lines()
            .last(),
        Some("hint: did you mean `prefix`?")
    );
    // A tenant's own spikes, the second of which ends before it begins again.
    let spikes = "[[workload.generate.tenants]]\nname = \"more\"\n\
                  [[workload.generate.tenants.spikes]]\nat_s = 1\nduration_s = 2\nfactor = 3\n\
                  [[workload.generate.tenants.spikes]]\nat_s = 1\nduration_s = 2\nfactor = 3\nevery_s = 1\n";
    assert_eq!(
        refused(spikes),
        "error: bad.toml:39:11: tenant `more`: `workload.generate.spikes[1].every_s` is 1, must be at \
         least `duration_s`\n\
         hint: kendall trace generate --help has examples\n"
    );
    // What a tenant takes from all is where it was given for all.
    let over = |setting| scratch.refused(&["trace", "generate", "fleet.toml", "--set", setting]);
    assert_eq!(
        over("workload.generate.diurnal.amplitude=2"),
        "error: --set workload.generate.diurnal.amplitude=2: tenant `chat`: \
         `workload.generate.diurnal.amplitude` is 2, must be from 0 to 1\n\
         hint: kendall trace generate --help has examples\n"
    );
    let phases = "workload.generate.prompt_tokens=phase_type:initial=1,generator=-0.01";
    let correlated = "workload.generate.length_correlation=0.5";
    let args = ["trace", "generate", "--set", phases, "--set", correlated];
    assert_eq!(
        scratch.refused(&args),
        "error: --set workload.generate.prompt_tokens=phase_type:initial=1,generator=-0.01: \
         `workload.generate.prompt_tokens` is of the law phase_type, must be of one with an inverse \
         distribution function for `workload.generate.length_correlation`\n\
         hint: phase_type has none, nor zipf beyond 1048576 ranks; mixture, empirical and all others do\n"
    );
    let stderr = over("workload.generate.arrivals={process='from-trace'}");
    assert!(
        stderr.ends_with("lengths = false for gaps alone\n"),
        "{stderr}"
    );
}

/// Every scenario of the repository that is generated can be written as a trace and read.
#[test]
fn shipped_scenarios_can_be_written() {
    let scratch = Scratch::new();
    let mut seen = 0;
    for file in std::fs::read_dir(repository("configs/scenarios")).unwrap() {
        let path = file.unwrap().path();
        let is_generated =
            std::fs::read_to_string(&path).is_ok_and(|text| text.contains("[workload.generate]"));
        if is_generated {
            let path = path.to_str().unwrap();
            let generate = [
                "trace",
                "generate",
                path,
                "--requests",
                "50",
                "-o",
                "t.jsonl",
            ];
            scratch.fine(&generate);
            let text = scratch.fine(&["trace", "inspect", "t.jsonl"]);
            assert!(text.contains("rows                       50\n"), "{text}");
            seen += 1;
        }
    }
    assert!(seen >= 2, "{seen} scenarios");
}
