//! `list` and `config`.

use super::support::Scratch;

#[test]
fn lists_name_what_settings_take() {
    let scratch = Scratch::new();
    for (what, key) in [
        ("models", "llm.model"),
        ("hardware", "llm.hardware"),
        ("routers", "llm.router"),
        ("policies", "llm.scheduler.policy"),
        ("profiles", "llm.scheduler.profile"),
    ] {
        let list = scratch.fine(&["list", what]);
        let names: Vec<&str> = list
            .lines()
            .filter_map(|line| line.split("  ").next())
            .collect();
        assert!(names.len() >= 2, "{list}");
        for name in names {
            let setting = format!("{key}={name}");
            // Large models need more than one GPU.
            let gpus = "llm.tensor_parallel=8";
            let config = scratch.fine(&["config", "--set", gpus, "--set", &setting]);
            assert!(config.contains(&format!("= \"{name}\"\n")), "{config}");
        }
    }
    for what in ["cost-models", "traces", "validations"] {
        let list = scratch.fine(&["list", what]);
        assert!(list.lines().count() >= 2, "{list}");
        assert!(
            list.lines().all(|line| line.trim().contains("  ")),
            "{list}"
        );
    }
}

#[test]
fn what_config_prints_gives_the_same_run() {
    let scratch = Scratch::new();
    let settings = [
        "llm.instances=3",
        "llm.router=least-loaded",
        "llm.model=llama-3.1-8b-fp8",
        "llm.kv.block_size=32",
        "slo.ttft_s=0.5",
        "workload.rate_scale=1.5",
        "workload.warm_up_requests=10",
    ];
    let settings = settings.map(|setting| ["--set", setting]).concat();
    let config = scratch.fine(&[&["config"], &settings[..]].concat());
    scratch.write("c.toml", &config);
    assert_eq!(scratch.fine(&["config", "c.toml"]), config);
    let direct = scratch.summary(&[&["replay"], &settings[..]].concat());
    assert_eq!(scratch.summary(&["replay", "--config", "c.toml"]), direct);
    assert_eq!(scratch.summary(&["run", "c.toml"]), direct);
    assert!(direct["slo"]["attainment"].as_f64().unwrap() > 0.0);
    assert!(config.contains("num_gpu_blocks = "), "{config}");
}
