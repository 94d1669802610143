//! `llm-batch-tradeoff`: throughput against time per token, by the size of the batch.

use kendall_kernel::Time;
use kendall_llm::{Profile, Trace};
use kendall_study::workload::{Arrivals, GenerateSpec, generate};

use super::replicate::{Run, difference, estimate, run};
use super::{StudyError, Z, system};
use crate::ValidateError;
use crate::outcome::Report;
use crate::table::{Cell, Table};

const BATCHES: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];
const SEEDS: u64 = 10;
/// Enough for every batch to be full nearly all the time.
const REQUESTS: u64 = 1280;
const PROMPT_TOKENS: u32 = 148;
const OUTPUT_TOKENS: u32 = 74;

/// What a larger batch gains in throughput and costs in time per token, requests being always
/// there.
///
/// # Errors
/// Whatever ends the engine.
pub fn batch_tradeoff() -> Result<Report, ValidateError> {
    let mut report = Report::default();
    let mut table = Table::new(
        format!("{REQUESTS} requests at once, whole prompts, {SEEDS} seeds"),
        &[
            ("throughput", "1/s"),
            ("TPOT", "ms"),
            ("throughput, equal requests", "1/s"),
            ("TPOT, equal requests", "ms"),
        ],
    );
    let mut before: Option<Vec<Run>> = None;
    let mut smaller = 0;
    for batch in BATCHES {
        let random = random_requests(batch)?;
        let equal = equal_requests(batch)?;
        table.row(
            format!("batch {batch}"),
            [
                estimate(&random, throughput).into(),
                estimate(&random, Run::tpot_s).times(1e3).into(),
                Cell::Number(throughput(&equal)),
                Cell::Number(1e3 * equal.tpot_s()),
            ],
        );
        judge_equal_requests(&mut report, batch, &equal);
        if let Some(before) = &before {
            let gain = difference(&random, before, throughput);
            let price = difference(&random, before, Run::tpot_s);
            report.judge(
                format!("batch {batch} against {smaller}"),
                gain.mean > Z * gain.standard_error && price.mean > Z * price.standard_error,
                format!(
                    "{:+.3} requests/s, {:+.3} ms per token, both beyond {Z} standard errors",
                    gain.mean,
                    1e3 * price.mean
                ),
            );
        }
        (before, smaller) = (Some(random), batch);
    }
    report.tables.push(table);
    Ok(report)
}

fn throughput(run: &Run) -> f64 {
    run.finished() / run.stats.end.as_secs_f64()
}

fn random_requests(batch: u32) -> Result<Vec<Run>, StudyError> {
    let spec = GenerateSpec {
        requests: REQUESTS,
        arrivals: Arrivals::AtOnce {},
        prompt_tokens: system::prompts(),
        output_tokens: system::outputs(),
        ..GenerateSpec::default()
    };
    let scheduler = system::scheduler(Profile::Orca, batch);
    let seeds = 1..=SEEDS;
    seeds
        .map(|seed| run(&scheduler, &generate(&spec, seed)?, Time::MAX))
        .collect()
}

fn equal_requests(batch: u32) -> Result<Run, StudyError> {
    let requests = REQUESTS as usize;
    let trace = Trace {
        arrival: vec![Time::ZERO; requests],
        prompt_tokens: vec![PROMPT_TOKENS; requests],
        output_tokens: vec![OUTPUT_TOKENS; requests],
        ..Trace::default()
    };
    run(&system::scheduler(Profile::Orca, batch), &trace, Time::MAX)
}

/// Equal requests run in lockstep: `b` prefill together, decode together, and leave together, so
/// that the whole run has a closed form.
fn judge_equal_requests(report: &mut Report, batch: u32, equal: &Run) {
    let b = f64::from(batch);
    let decode_s = system::decode_step_s(b);
    let prefill_s = system::COST.prefill_token_s * f64::from(PROMPT_TOKENS) * b;
    let expected = b / (prefill_s + decode_s * f64::from(OUTPUT_TOKENS - 1));
    // Coefficients are rounded to 2^-32 ns, records to a nanosecond.
    let agrees = |measured: f64, expected: f64| (measured / expected - 1.0).abs() < 1e-7;
    report.judge(
        format!("batch {batch} of equal requests"),
        agrees(throughput(equal), expected) && agrees(equal.tpot_s(), decode_s),
        format!(
            "{:.4}/s and {:.4} ms per token, exactly {expected:.4} and {:.4}",
            throughput(equal),
            1e3 * equal.tpot_s(),
            1e3 * decode_s
        ),
    );
}
