//! `capacity`: the rates that systems take, and what it refuses.

use super::support::{Scratch, repository};

fn scenario(name: &str) -> String {
    let file = repository("configs/scenarios").join(name);
    file.to_str().unwrap().to_owned()
}

/// Short runs, so that debug builds are fast.
const SHORT: [&str; 6] = [
    "--requests",
    "2k",
    "--replications",
    "3",
    "--tolerance",
    "5%",
];

#[test]
fn schedulers_have_different_capacities() {
    let scratch = Scratch::new();
    let demo2 = scenario("token-budget/demo2.toml");
    let run = [&["capacity", &demo2, "--json"], &SHORT[..]].concat();
    let stdout = scratch.fine(&run);
    assert_eq!(scratch.fine(&run), stdout, "the same every time");
    let found: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let systems = found["systems"].as_array().unwrap();
    assert_eq!(systems.len(), 3);
    for system in systems {
        let stable = &system["stable"];
        let rate = |name: &str| stable[name].as_f64().unwrap();
        assert!(rate("stable_per_s") < rate("growing_per_s"), "{stable}");
        assert!(
            rate("growing_per_s") <= rate("stable_per_s") * 1.1,
            "{stable}"
        );
        let capacity = &stable["capacity_per_s"];
        assert!(capacity["low"].as_f64() < capacity["high"].as_f64());
        let probes = system["probes"].as_array().unwrap();
        let rates: Vec<f64> = probes
            .iter()
            .map(|p| p["rate_per_s"].as_f64().unwrap())
            .collect();
        assert!(rates.is_sorted(), "{rates:?}");
        assert!(system["met"].is_null() && system["objectives"].is_null());
    }
    // Under prompts first every batch of prompts delays all decodes, and the other way round.
    let capacity = |index: usize| {
        systems[index]["stable"]["capacity_per_s"]["value"]
            .as_f64()
            .unwrap()
    };
    assert!(capacity(0) < capacity(1) && capacity(1) < capacity(2));
}

#[test]
fn objectives_bound_the_rate() {
    let scratch = Scratch::new();
    let chat = scenario("chat-1x-h100-llama8b.toml");
    let slo = "ttft=0.5s,tpot=50ms,attainment=95%";
    let run = [&["capacity", &chat, "--slo", slo], &SHORT[..]].concat();
    let text = scratch.fine(&run);
    for words in [
        "TTFT <= 0.5 s, TPOT <= 0.05 s for 95 % of the requests",
        "largest stable rate",
        "objectives met to",
        "goodput/s",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let json = scratch.fine(&[&run[..], &["--json"]].concat());
    let found: serde_json::Value = serde_json::from_str(&json).unwrap();
    let limit = &found["systems"][0]["objectives"];
    let (met, missed) = (limit["met_per_s"].as_f64(), limit["missed_per_s"].as_f64());
    let probes = found["systems"][0]["probes"].as_array().unwrap();
    let attainment = |rate| {
        let probe = probes
            .iter()
            .find(|probe| probe["rate_per_s"].as_f64() == rate);
        probe.unwrap()["attainment"]["value"].as_f64().unwrap()
    };
    assert!(
        attainment(met) >= 0.95 && attainment(missed) < 0.95,
        "{limit}"
    );
}

#[test]
fn objectives_out_of_reach_are_a_failure() {
    let scratch = Scratch::new();
    let chat = scenario("chat-1x-h100-llama8b.toml");
    let run = [&["capacity", &chat, "--slo", "ttft=1ms"], &SHORT[..]].concat();
    let ran = scratch.run(&run);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("met at no rate"), "{ran:?}");
}

#[test]
fn a_trace_is_run_at_other_rates() {
    let scratch = Scratch::new();
    let config = "[workload]\n";
    scratch.write("trace.toml", config);
    let ran = scratch.run(&["capacity", "trace.toml", "--tolerance", "5%"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("a trace is one sample"), "{ran:?}");
    assert!(ran.stdout.contains("at other rates"), "{ran:?}");
}

#[test]
fn what_cannot_be_searched_is_refused() {
    let scratch = Scratch::new();
    let demo2 = scenario("token-budget/demo2.toml");
    let chat = scenario("chat-1x-h100-llama8b.toml");
    let queue = scenario("queueing/call-centre.toml");
    let at_once = "workload.generate.arrivals={ process = \"at-once\" }";
    let cases: [(&[&str], &str); 10] = [
        (&[&demo2, "--slo", "attainment=99%"], "no bound to attain"),
        (&[&demo2, "--slo", "ttft=1s,attainment=120%"], "attainment"),
        (&[&demo2, "--slo", "itl=1s"], "none of ttft, tpot, e2e"),
        (&[&demo2, "--tolerance", "0"], "`tolerance` is 0"),
        (&[&demo2, "--requests", "5"], "at least 100"),
        (&[&demo2, "--replications", "0"], "replications"),
        (&[&demo2, "--rule-rates", "0"], "`rate_per_s` is 0"),
        (&[&chat, "--rule-rates", "1"], "for token budgets"),
        (&[&queue], "serving systems and token budgets"),
        (&[&chat, "--set", at_once, "--requests", "200"], "at once"),
    ];
    for (words, message) in cases {
        let ran = scratch.run(&[&["capacity"], words].concat());
        assert_eq!(ran.code, Some(2), "{words:?}: {ran:?}");
        assert!(ran.stderr.contains(message), "{words:?}: {ran:?}");
    }
}
