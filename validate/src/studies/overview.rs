//! `llm`: request-level, iteration-level and chunked scheduling under one load.

use kendall_llm::Profile;

use super::replicate::{Load, Run, estimate, replicate};
use super::{Z, system};
use crate::ValidateError;
use crate::outcome::Report;
use crate::table::{Cell, Table};

const RATE_PER_S: f64 = 2.0;
/// A system that falls behind is looked at for so long, in seconds.
const SHORT_S: f64 = 100.0;
/// One that keeps up, for so long: what is in it at the end must not matter.
const LONG_S: f64 = 1000.0;
const SEEDS: u64 = 40;

/// Which schedulers keep up with two requests per second, and what that does to TTFT.
///
/// # Errors
/// Whatever ends the engine.
pub fn overview() -> Result<Report, ValidateError> {
    let static_batches = |size| system::scheduler(Profile::RequestLevel, size);
    let short = Load::at(RATE_PER_S, SHORT_S, 0.0);
    let long = Load::at(RATE_PER_S, LONG_S, 0.0);
    let one_by_one = replicate(&static_batches(1), &short, SEEDS)?;
    let by_fours = replicate(&static_batches(4), &short, SEEDS)?;
    let orca = replicate(&system::whole_prompts(), &long, SEEDS)?;
    let sarathi = replicate(&system::chunks(64), &long, SEEDS)?;

    let mut report = Report::default();
    let rows = [
        ("request-level, batch 1", SHORT_S, &one_by_one),
        ("request-level, batch 4", SHORT_S, &by_fours),
        ("iteration-level (orca)", LONG_S, &orca),
        ("chunks of 64 (sarathi)", LONG_S, &sarathi),
    ];
    report.tables.push(table(&rows));
    judge_saturation(&mut report, &one_by_one);
    judge_batch_of_four(&mut report, &by_fours, &orca);
    for (name, runs) in [("iteration-level", &orca), ("chunked", &sarathi)] {
        let served = estimate(runs, Run::served).mean;
        report.judge(
            format!("{name} keeps up"),
            served >= 0.99,
            format!("{:.2} % of 2/s served, at least 99 %", 100.0 * served),
        );
    }
    for (name, measured, published) in [
        ("TTFT", estimate(&orca, Run::ttft_s), 0.123),
        ("E2E", estimate(&orca, Run::e2e_s), 1.914),
        ("mean batch", estimate(&orca, Run::batch_mean), 3.65),
    ] {
        let measured = measured.mean;
        report.judge(
            format!("iteration-level {name} as published"),
            (measured / published - 1.0).abs() <= 0.1,
            format!("{measured:.3}, published {published}, within 10 %"),
        );
    }
    Ok(report)
}

fn table(rows: &[(&str, f64, &Vec<Run>)]) -> Table {
    let mut table = Table::new(
        format!("Schedulers at {RATE_PER_S} requests/s, {SEEDS} seeds"),
        &[
            ("horizon", "s"),
            ("throughput", "1/s"),
            ("served", "%"),
            ("TTFT", "s"),
            ("E2E", "s"),
            ("mean batch", ""),
        ],
    );
    for &(name, horizon_s, runs) in rows {
        let throughput = |run: &Run| run.finished() / horizon_s;
        table.row(
            name,
            [
                Cell::Number(horizon_s),
                estimate(runs, throughput).into(),
                estimate(runs, Run::served).times(100.0).into(),
                estimate(runs, Run::ttft_s).into(),
                estimate(runs, Run::e2e_s).into(),
                estimate(runs, Run::batch_mean).into(),
            ],
        );
    }
    table.note(
        "published: request-level 0.650/s with TTFT 33.8 s; iteration-level 1.999/s with TTFT \
         0.123 s, E2E 1.914 s, batch 3.65",
    );
    table.note(
        "not reproduced: the published use of the KV cache, 6.2 % per request, since its size is \
         not known",
    );
    table
}

/// Served one by one, requests finish as renewals of the service time from the first arrival on
/// (Cox, Renewal Theory, section 4.2: `t / m + (c^2 - 1) / 2` of them by time `t`), and those that
/// finish waited for as long as the queue grew: on average `T / 2 * (1 - mu / lambda)`.
fn judge_saturation(report: &mut Report, runs: &[Run]) {
    let (prompts, outputs) = (system::prompts(), system::outputs());
    let law = |figure: Option<f64>| figure.unwrap_or(f64::NAN);
    let service_s = system::lone_service_s(law(prompts.mean()), law(outputs.mean()));
    let variance = system::COST.prefill_token_s.powi(2) * law(prompts.variance())
        + system::decode_step_s(1.0).powi(2) * law(outputs.variance());
    let squared_cv = variance / service_s.powi(2);

    let throughput = estimate(runs, |run| run.finished() / SHORT_S);
    let busy_s = SHORT_S - 1.0 / RATE_PER_S;
    let expected = (busy_s / service_s + (squared_cv - 1.0) / 2.0) / SHORT_S;
    report.judge(
        "request-level saturates",
        (throughput.mean - expected).abs() <= Z * throughput.standard_error,
        format!(
            "{:.4}/s, by renewal theory {expected:.4}, within {Z} standard errors of {:.4}; \
             published 0.650",
            throughput.mean, throughput.standard_error
        ),
    );
    let ttft = estimate(runs, Run::ttft_s);
    let fluid_s = SHORT_S / 2.0 * (1.0 - throughput.mean / RATE_PER_S);
    let tolerance_s = Z * ttft.standard_error + service_s;
    report.judge(
        "request-level TTFT is a third of the horizon",
        (ttft.mean - fluid_s).abs() <= tolerance_s,
        format!(
            "{:.2} s, fluid limit {fluid_s:.2} s, within {Z} standard errors and one service: \
             {tolerance_s:.2} s; published 33.8",
            ttft.mean
        ),
    );
    let together = runs
        .iter()
        .flat_map(|run| &run.requests)
        .filter(|r| r.finish.is_some());
    let apart = together.filter(|record| record.first_token != record.finish);
    let apart = apart.count();
    report.judge(
        "request-level hands outputs over whole",
        apart == 0,
        format!("{apart} requests whose first token comes before the last"),
    );
}

/// A static batch as large as iteration-level scheduling ever needs on average still falls behind:
/// it pays for padding, and nobody can join.
fn judge_batch_of_four(report: &mut Report, static_batches: &[Run], orca: &[Run]) {
    let served = estimate(static_batches, Run::served);
    let batch = estimate(orca, Run::batch_mean);
    report.judge(
        "request-level batches of 4 fall behind",
        served.mean + Z * served.standard_error < 0.99 && batch.mean < 4.0,
        format!(
            "{:.1} % served, while a mean batch of {:.2} suffices iteration-level",
            100.0 * served.mean,
            batch.mean
        ),
    );
}
