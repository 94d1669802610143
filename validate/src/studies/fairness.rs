//! `llm-fairness`: short requests among long prompts.

use kendall_kernel::Law;
use kendall_llm::{RequestRecord, SchedulerConfig};

use super::replicate::{Load, Run, difference, estimate, mean, replicate};
use super::{Z, system};
use crate::ValidateError;
use crate::outcome::Report;
use crate::table::Table;

const SHORT_TOKENS: u32 = 64;
const LONG_TOKENS: u32 = 2048;
/// One prompt in ten is long.
const LONG_SHARE: f64 = 0.1;
const RATE_PER_S: f64 = 1.5;
const HORIZON_S: f64 = 1000.0;
const WARM_UP_S: f64 = 100.0;
const SEEDS: u64 = 10;

/// Who pays for long prompts: whole, in chunks, and in chunks with a share of the step at most.
///
/// # Errors
/// Whatever ends the engine.
pub fn fairness() -> Result<Report, ValidateError> {
    let load = Load {
        prompt_tokens: Law::Empirical {
            values: vec![f64::from(SHORT_TOKENS), f64::from(LONG_TOKENS)],
            weights: vec![1.0 - LONG_SHARE, LONG_SHARE],
        },
        ..Load::at(RATE_PER_S, HORIZON_S, WARM_UP_S)
    };
    let capped = SchedulerConfig {
        profile: kendall_llm::Profile::Vllm,
        long_prefill_token_threshold: 64,
        ..system::chunks(128)
    };
    let whole = replicate(&system::whole_prompts(), &load, SEEDS)?;
    let chunked = replicate(&system::chunks(128), &load, SEEDS)?;
    let shared = replicate(&capped, &load, SEEDS)?;

    let mut report = Report::default();
    let mut table = Table::new(
        format!(
            "{SHORT_TOKENS} and {LONG_TOKENS} prompt tokens, nine to one, {RATE_PER_S} requests/s, \
             {SEEDS} seeds"
        ),
        &[
            ("TTFT, short", "s"),
            ("TTFT, long", "s"),
            ("slowdown, short", ""),
            ("slowdown, long", ""),
            ("largest gap between tokens", "s"),
        ],
    );
    for (name, runs) in [
        ("whole prompts (orca)", &whole),
        ("chunks of 128 (sarathi)", &chunked),
        ("chunks of 128, long ones at most 64 (vllm)", &shared),
    ] {
        table.row(
            name,
            [
                estimate(runs, short_ttft_s).into(),
                estimate(runs, long_ttft_s).into(),
                estimate(runs, |run| short_ttft_s(run) / alone_s(SHORT_TOKENS)).into(),
                estimate(runs, |run| long_ttft_s(run) / alone_s(LONG_TOKENS)).into(),
                estimate(runs, largest_gap_s).into(),
            ],
        );
    }
    table.note("slowdown: TTFT over that of the same prompt alone");
    report.tables.push(table);
    judge(&mut report, &whole, &chunked, &shared);
    Ok(report)
}

fn judge(report: &mut Report, whole: &[Run], chunked: &[Run], shared: &[Run]) {
    let unfair = |run: &Run| {
        short_ttft_s(run) / alone_s(SHORT_TOKENS) - long_ttft_s(run) / alone_s(LONG_TOKENS)
    };
    let unfairness = estimate(whole, unfair);
    report.judge(
        "whole prompts: the short pay for the long",
        unfairness.mean > Z * unfairness.standard_error,
        format!("their slowdown is larger by {:.2}", unfairness.mean),
    );
    let worst = |runs: &[Run]| runs.iter().map(largest_gap_s).fold(0.0, f64::max);
    let least = |runs: &[Run]| runs.iter().map(largest_gap_s).fold(f64::MAX, f64::min);
    let prefill_s = alone_s(LONG_TOKENS);
    report.judge(
        "whole prompts: a long one stalls everybody",
        least(whole) >= prefill_s,
        format!(
            "gaps up to {:.3} s, a long prefill takes {prefill_s:.3}",
            least(whole)
        ),
    );
    let step_s = alone_s(128) + system::decode_step_s(64.0);
    report.judge(
        "chunks: no gap beyond a step",
        worst(chunked) <= step_s,
        format!(
            "gaps up to {:.3} s, a full step takes {step_s:.3}",
            worst(chunked)
        ),
    );
    let gain = difference(chunked, shared, short_ttft_s);
    report.judge(
        "a cap on long prompts lets the short pass",
        gain.mean > Z * gain.standard_error,
        format!("their TTFT falls by {:.3} s", gain.mean),
    );
    let price = difference(shared, chunked, long_ttft_s);
    report.judge(
        "a cap on long prompts is paid by the long",
        price.mean > Z * price.standard_error,
        format!("their TTFT rises by {:.3} s", price.mean),
    );
}

/// TTFT of a prompt on an empty system that computes it in one step, in seconds.
fn alone_s(prompt_tokens: u32) -> f64 {
    system::COST.prefill_token_s * f64::from(prompt_tokens)
}

fn short_ttft_s(run: &Run) -> f64 {
    ttft_s(run, SHORT_TOKENS)
}

fn long_ttft_s(run: &Run) -> f64 {
    ttft_s(run, LONG_TOKENS)
}

fn ttft_s(run: &Run, prompt_tokens: u32) -> f64 {
    let of_length = |record: &&RequestRecord| record.prompt_tokens == prompt_tokens;
    let records = run.requests.iter().filter(of_length);
    mean(records.filter_map(|record| record.ttft()))
}

fn largest_gap_s(run: &Run) -> f64 {
    run.gaps.max().unwrap_or(0) as f64 / 1e9
}
