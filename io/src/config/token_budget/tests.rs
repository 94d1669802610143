//! Files of systems under a token budget.

use kendall_llm::token_budget::{Rules, Scheduler};
use kendall_study::token_budget::Setting;

use super::{Sweep, TokenBudgetScenario, parse_token_budget};
use crate::config::{ConfigFileError, ScenarioKind, kind};

const DEMO2: &str = include_str!("../../../../configs/scenarios/token-budget/demo2.toml");
const DEMO3: &str = include_str!("../../../../configs/scenarios/token-budget/demo3.toml");
const CHUNKS: &str = include_str!("../../../../configs/scenarios/token-budget/chunk-sizes.toml");
const SHARES: &str = include_str!("../../../../configs/scenarios/token-budget/decode-shares.toml");
const WINDOWS: &str = include_str!("../../../../configs/scenarios/token-budget/windows.toml");

fn parse(text: &str) -> TokenBudgetScenario {
    parse_token_budget("x.toml", text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn error(text: &str) -> String {
    parse_token_budget("x.toml", text, &[])
        .unwrap_err()
        .to_string()
}

#[test]
fn the_shipped_demos_are_those_of_the_study() {
    let first = |text| {
        let scenario = parse(text);
        assert_eq!(scenario.schedulers.len(), 3);
        scenario.setting
    };
    let scheduler = Scheduler::DecodePrioritizing;
    assert_eq!(first(DEMO2), Setting::demo2(scheduler));
    let mut demo3 = Setting::demo3(scheduler);
    demo3.load.output_tokens.min = 0;
    assert_eq!(first(DEMO3), demo3);
}

#[test]
fn what_is_written_reads_back() {
    for text in [DEMO2, DEMO3, CHUNKS, SHARES, WINDOWS, "[token_budget]\n"] {
        assert_eq!(kind(text), ScenarioKind::TokenBudget);
        let scenario = parse(text);
        assert_eq!(parse(&scenario.to_toml()), scenario);
    }
}

#[test]
fn sweeps_make_points() {
    let scenario = parse(CHUNKS);
    let points = scenario.points().unwrap();
    assert_eq!(points.len(), 3 * 8);
    assert_eq!((&*points[0].value, &*points[7].value), ("8", "0"));
    assert_eq!(points[7].point.setting.config.chunk_tokens, None);
    let scenario = parse(SHARES);
    assert!(matches!(&scenario.sweep, Sweep::DecodeShares(shares) if shares.len() == 9));
    let points = parse(WINDOWS).points().unwrap();
    let seeds: Vec<u64> = points.iter().map(|named| named.point.seed).collect();
    assert_eq!(seeds[..3], [0, 1, 2]);
    assert_eq!(points[0].value, "50");
}

#[test]
fn settings_are_laid_over() {
    let settings = [
        "token_budget.rules=orie5580",
        "token_budget.load.rate_per_s=3",
    ];
    let settings = settings.map(|text| text.parse().unwrap());
    let scenario = parse_token_budget("x.toml", DEMO2, &settings).unwrap();
    assert_eq!(scenario.setting.config.rules, Rules::Orie5580);
    assert_eq!(scenario.setting.load.rate_per_s, 3.0);
}

#[test]
fn faults_have_a_place() {
    for (text, message) in [
        (
            "[token_budget]\ndecode_share = 1.5\n",
            "x.toml:2:16: `decode_share` is 1.5, must lie in 0 to 1",
        ),
        (
            "[token_budget]\ntrials = 0\n",
            "x.toml:2:10: `trials` is 0, must be at least 1",
        ),
        (
            "[token_budget]\nmax_tokens = 0\n",
            "x.toml:2:14: `max_tokens` is 0, must be at least 1",
        ),
        (
            "[token_budget.load]\nwindow_s = 0\n",
            "x.toml:2:12: `window_s` is 0, must be positive and finite",
        ),
        (
            "[token_budget.service]\na_ms = -1\n",
            "x.toml:2:8: `a_ms` is -1, must be from 0 to 2^31 s",
        ),
        (
            "[token_budget]\nschedulers = []\n",
            "x.toml:2:14: `schedulers` is empty",
        ),
        (
            "[token_budget.sweep]\ngpus = [1, 0]\n",
            "x.toml:2:8: `gpus` is 0, must be at least 1",
        ),
        (
            "[token_budget.sweep]\ngpus = [1]\nwindows = 3\n",
            "x.toml:1:1: a sweep varies one thing, here window_s and gpus",
        ),
        (
            "[token_budget.sweep]\nwindows = 0\n",
            "x.toml:1:1: `windows` is 0, must be positive and finite",
        ),
    ] {
        assert_eq!(error(text), message);
    }
    let unknown = parse_token_budget("x.toml", "[token_budget]\nmax_token = 3\n", &[]);
    assert!(matches!(
        unknown.unwrap_err(),
        ConfigFileError::Invalid { hint: Some(hint), .. } if hint.contains("max_tokens")
    ));
}

const GUIDE: &str = include_str!("../../../../docs/guides/token-budget.md");

#[test]
fn the_guide_knows_every_key() {
    for key in crate::config::keys::all::<super::file::File>() {
        let name = key.rsplit('.').next().unwrap();
        let words = GUIDE.split(|c: char| !c.is_alphanumeric() && c != '_');
        assert!(words.into_iter().any(|word| word == name), "{key}");
    }
}
