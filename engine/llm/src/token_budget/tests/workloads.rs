//! Drawn requests, and what is refused.

use kendall_kernel::{Law, Streams};

use super::cases::requests;
use crate::token_budget::{
    Config, Ending, Load, Metrics, Rules, Scheduler, Service, ServiceLaw, TokenBudgetError,
    TokenLaw, Workload, run,
};

fn load() -> Load {
    Load {
        rate_per_s: 2.0,
        window_s: 5000.0,
        prompt_tokens: TokenLaw::new(
            Law::Empirical {
                values: vec![32.0, 128.0, 512.0],
                weights: vec![0.6, 0.3, 0.1],
            },
            1,
        ),
        output_tokens: TokenLaw::new(Law::Geometric { p: 0.0056 }, 1).at_most(1024),
    }
}

/// M/M/1 as the original makes it: prompts of one token, no output, one sequence per batch.
pub(super) fn mm1(gpus: u16) -> Config {
    Config {
        scheduler: Scheduler::PrefillPrioritizing,
        rules: Rules::Corrected,
        gpus,
        max_sequences: 1,
        max_resident: None,
        max_tokens: 10_000,
        chunk_tokens: None,
        service: Service {
            c_ms: 10.0,
            a_ms: 0.0,
            b0_tokens: 0,
            law: ServiceLaw::Exponential,
        },
    }
}

/// Means within five standard errors.
#[test]
fn requests_follow_their_laws() {
    let workload = load().draw(Streams::new(9)).unwrap();
    let n = workload.len() as f64;
    assert!((n - 10_000.0).abs() < 5.0 * 10_000.0_f64.sqrt());
    let mean = |tokens: &[u32]| tokens.iter().map(|&t| f64::from(t)).sum::<f64>() / n;
    let (prompt, prompt_variance) = (
        108.8,
        0.6 * 32e0 * 32.0 + 0.3 * 128e0 * 128.0 + 0.1 * 512e0 * 512.0 - 108.8 * 108.8,
    );
    assert!((mean(&workload.prompt_tokens) - prompt).abs() < 5.0 * (prompt_variance / n).sqrt());
    // min(G, m) has mean (1 - q^m) / p; its variance is below that of G.
    let (p, q): (f64, f64) = (0.0056, 0.9944);
    let output = (1.0 - q.powi(1024)) / p;
    assert!((mean(&workload.output_tokens) - output).abs() < 5.0 * (q / p / p / n).sqrt());
    assert!(
        workload
            .output_tokens
            .iter()
            .all(|&tokens| (1..=1024).contains(&tokens))
    );
    assert!(workload.validate().is_ok());
}

#[test]
fn a_longer_window_begins_as_a_shorter_one() {
    let whole = load().draw(Streams::new(4)).unwrap();
    let short = Load {
        window_s: 50.0,
        ..load()
    };
    let part = short.draw(Streams::new(4)).unwrap();
    assert!(!part.is_empty() && part.len() < whole.len());
    assert_eq!(part.arrival, whole.arrival[..part.len()]);
    assert_eq!(part.output_tokens, whole.output_tokens[..part.len()]);
}

/// The mean number present is within five standard errors of rho / (1 - rho), by Little's law on
/// the sojourn; the variance of a mean over a window t is that of M/M/1, 2 rho (1 + rho) /
/// (mu (1 - rho)^4 t) for the number present (Whitt, "Planning queueing simulations", Management
/// Science 35, 1989, section 3).
#[test]
fn exponential_service_of_single_requests_is_m_m_1() {
    let (rate_per_s, window_s, mu) = (50.0, 4000.0, 100.0);
    let load = Load {
        rate_per_s,
        window_s,
        prompt_tokens: TokenLaw::new(Law::Constant { value: 1.0 }, 1),
        output_tokens: TokenLaw::new(Law::Constant { value: 0.0 }, 0),
    };
    let workload = load.draw(Streams::new(6)).unwrap();
    let outcome = run(&workload, &mm1(1), Streams::new(6)).unwrap();
    assert_eq!(outcome.ending, Ending::Drained);
    assert_eq!(outcome.batches, workload.len() as u64);
    let metrics = Metrics::of(&workload, &outcome, kendall_kernel::Time::ZERO);
    let rho: f64 = rate_per_s / mu;
    let variance = 2.0 * rho * (1.0 + rho) / (mu * (1.0 - rho).powi(4) * window_s);
    let present = metrics.rts.mean_s * f64::from(metrics.arrived) / window_s;
    let error = present - rho / (1.0 - rho);
    assert!(error.abs() < 5.0 * variance.sqrt(), "{error}");
    assert_eq!(metrics.ttft, Default::default());
}

#[test]
fn what_makes_no_sense_is_refused() {
    let refused = |load: Load| load.draw(Streams::new(0)).unwrap_err().to_string();
    for (load, message) in [
        (
            Load {
                window_s: 0.0,
                ..load()
            },
            "`window_s` is 0, must be positive and finite",
        ),
        (
            Load {
                rate_per_s: -1.0,
                ..load()
            },
            "`rate_per_s` is -1, must be positive and finite",
        ),
        (
            Load {
                rate_per_s: 1e9,
                ..load()
            },
            "`rate_per_s` is 1000000000, must be at most 10^8",
        ),
        (
            Load {
                prompt_tokens: TokenLaw::new(Law::Constant { value: 1.0 }, 0),
                ..load()
            },
            "`prompt_tokens.min` is 0, must be at least 1",
        ),
        (
            Load {
                output_tokens: TokenLaw::new(Law::Constant { value: 1.0 }, 9).at_most(8),
                ..load()
            },
            "`output_tokens.max` is 8, must be at least the least count",
        ),
    ] {
        assert_eq!(refused(load), message);
    }
    let good = requests(&[(0, 1, 1), (5, 1, 1)]);
    let refused =
        |workload: &Workload, config: &Config| run(workload, config, Streams::new(0)).unwrap_err();
    for (config, message) in [
        (
            Config {
                max_tokens: 0,
                ..mm1(1)
            },
            "`max_tokens` is 0, must be at least 1",
        ),
        (
            Config {
                chunk_tokens: Some(0),
                ..mm1(1)
            },
            "`chunk_tokens` is 0, must be at least 1",
        ),
        (mm1(0), "`gpus` is 0, must be at least 1"),
        (
            Config {
                scheduler: Scheduler::Hybrid { decode_share: 1.1 },
                ..mm1(1)
            },
            "`decode_share` is 1.1, must lie in 0 to 1",
        ),
        (
            Config {
                scheduler: Scheduler::Hybrid {
                    decode_share: f64::NAN,
                },
                ..mm1(1)
            },
            "`decode_share` is NaN, must lie in 0 to 1",
        ),
    ] {
        assert_eq!(refused(&good, &config).to_string(), message);
    }
    let mut empty_prompt = good.clone();
    empty_prompt.prompt_tokens[1] = 0;
    assert_eq!(
        refused(&empty_prompt, &mm1(1)),
        TokenBudgetError::EmptyPrompt { request: 1 }
    );
    let backwards = requests(&[(5, 1, 1), (0, 1, 1)]);
    assert_eq!(
        refused(&backwards, &mm1(1)),
        TokenBudgetError::Backwards { request: 1 }
    );
}

#[test]
fn a_run_without_requests_has_no_figures() {
    let nobody = Workload::default();
    let outcome = run(&nobody, &mm1(2), Streams::new(0)).unwrap();
    assert_eq!(outcome.ending, Ending::Drained);
    assert_eq!(
        Metrics::of(&nobody, &outcome, kendall_kernel::Time::ZERO),
        Metrics::default()
    );
}
