//! `llm-decode-stall`: what a prompt does to those who decode.
//!
//! Two published figures, a mean step of 25.7 ms and a P99 step of 167.7 ms with whole prompts,
//! determine a uniform law of the prompts: a mean step of 25.7 ms at 1.5 requests per second
//! leaves 13 % of the time to prefill, which is a mean of 268 tokens; some 3.9 % of the steps then
//! prefill, so P99 is the 74th percentile of prompts, 294 tokens. The other figures follow.

use kendall_kernel::Law;

use super::replicate::{Load, Run, difference, estimate, replicate};
use super::system;
use crate::ValidateError;
use crate::outcome::Report;
use crate::table::{Cell, Table};

pub(super) const RATE_PER_S: f64 = 1.5;
const HORIZON_S: f64 = 600.0;
const SEEDS: u64 = 10;

/// How chunking takes the tail off the steps and leaves throughput and the mean step alone.
///
/// # Errors
/// Whatever ends the engine.
pub fn decode_stall() -> Result<Report, ValidateError> {
    let mut report = Report::default();
    let mut table = Table::new(
        format!("Steps at {RATE_PER_S} requests/s over {HORIZON_S} s, {SEEDS} seeds"),
        &[
            ("throughput", "1/s"),
            ("mean step", "ms"),
            ("P99 step", "ms"),
            ("P99 / mean", ""),
            ("published", ""),
        ],
    );
    let whole = replicate(&system::whole_prompts(), &load(), SEEDS)?;
    row(&mut table, "whole prompts", &whole, Some(6.5));
    judge_ratio(&mut report, "whole prompts", &whole, 6.5);
    for (tokens, published) in [(256, 5.8), (64, 2.1), (16, 1.1)] {
        let name = format!("chunks of {tokens}");
        let chunked = replicate(&system::chunks(tokens), &load(), SEEDS)?;
        row(&mut table, &name, &chunked, Some(published));
        judge_ratio(&mut report, &name, &chunked, published);
        judge_unchanged(&mut report, &name, &chunked, &whole);
    }
    for (name, prompt_tokens) in [
        ("whole, exponential 256", Law::Exponential { mean: 256.0 }),
        ("whole, uniform 1 to 511", system::integers(1, 511)),
        ("whole, uniform 1 to 399", system::integers(1, 399)),
    ] {
        let load = Load {
            prompt_tokens,
            ..load()
        };
        row(
            &mut table,
            name,
            &replicate(&system::whole_prompts(), &load, SEEDS)?,
            None,
        );
    }
    table.note(
        "published with whole prompts: mean step 25.7 ms and P99 167.7 ms, prompt law not stated; \
         uniform 214 to 322 is what these two determine, the rest is predicted",
    );
    table.note(
        "not reproduced jointly by laws that start near 0 (last rows), nor with the shorter prompts \
         that the figures of `llm` call for",
    );
    report.tables.push(table);
    Ok(report)
}

/// The load of this study and of `llm-chunked-prefill`.
pub(super) fn load() -> Load {
    Load {
        prompt_tokens: system::integers(214, 322),
        ..Load::at(RATE_PER_S, HORIZON_S, 0.0)
    }
}

fn throughput(run: &Run) -> f64 {
    run.finished() / HORIZON_S
}

fn ratio(run: &Run) -> f64 {
    run.step_p99_s() / run.step_mean_s()
}

fn row(table: &mut Table, name: &str, runs: &[Run], published: Option<f64>) {
    table.row(
        name,
        [
            estimate(runs, throughput).into(),
            estimate(runs, Run::step_mean_s).times(1e3).into(),
            estimate(runs, Run::step_p99_s).times(1e3).into(),
            estimate(runs, ratio).into(),
            published.map_or(Cell::Absent, Cell::Number),
        ],
    );
}

/// Ratios are published with two digits: half a unit of the last one, and 5 %.
fn judge_ratio(report: &mut Report, name: &str, runs: &[Run], published: f64) {
    let measured = estimate(runs, ratio).mean;
    report.judge(
        format!("{name}: P99 over mean step"),
        (measured - published).abs() <= 0.05 + 0.05 * published,
        format!("{measured:.2}, published {published}, within 0.05 and 5 %"),
    );
}

fn judge_unchanged(report: &mut Report, name: &str, chunked: &[Run], whole: &[Run]) {
    let lost = difference(whole, chunked, throughput).mean / estimate(whole, throughput).mean;
    let step = estimate(chunked, Run::step_mean_s).mean / estimate(whole, Run::step_mean_s).mean;
    report.judge(
        format!("{name}: throughput and mean step unchanged"),
        lost.abs() <= 0.01 && (step - 1.0).abs() <= 0.05,
        format!(
            "{:+.2} % and {:+.1} % against whole prompts, within 1 % and 5 %",
            -100.0 * lost,
            100.0 * (step - 1.0)
        ),
    );
}
