//! `llm-ttft`: time to first token against load.

use kendall_llm::Profile;

use super::replicate::{Load, Run, difference, estimate, replicate};
use super::{Z, system};
use crate::ValidateError;
use crate::outcome::Report;
use crate::table::{Cell, Table};

/// (Arrivals per second, end of a run in seconds). Request-level scheduling is stable under the
/// first two, whose means need the longer runs.
const LOADS: [(f64, f64); 5] = [
    (0.2, 3000.0),
    (0.4, 3000.0),
    (1.0, 600.0),
    (2.0, 600.0),
    (4.0, 600.0),
];
/// Share of a run whose arrivals do not count.
const WARM_UP: f64 = 0.1;
const SEEDS: u64 = 20;

/// How TTFT grows with the arrival rate under request-level and iteration-level scheduling.
///
/// # Errors
/// Whatever ends the engine.
pub fn ttft() -> Result<Report, ValidateError> {
    let mut report = Report::default();
    let mut table = Table::new(
        format!("TTFT by arrival rate, {SEEDS} seeds"),
        &[
            ("horizon", "s"),
            ("request-level", "s"),
            ("Pollaczek-Khinchine", "s"),
            ("iteration-level", "s"),
            ("chunks of 64", "s"),
        ],
    );
    let mut before: Option<Vec<Run>> = None;
    let mut rises = true;
    for (rate_per_s, horizon_s) in LOADS {
        let load = Load::at(rate_per_s, horizon_s, WARM_UP * horizon_s);
        let request_level = system::scheduler(Profile::RequestLevel, 1);
        let one_by_one = replicate(&request_level, &load, SEEDS)?;
        let orca = replicate(&system::whole_prompts(), &load, SEEDS)?;
        let sarathi = replicate(&system::chunks(64), &load, SEEDS)?;
        let theory = pollaczek_khinchine_s(rate_per_s);
        table.row(
            format!("{rate_per_s}/s"),
            [
                Cell::Number(horizon_s),
                estimate(&one_by_one, Run::ttft_s).into(),
                theory.map_or(Cell::Absent, Cell::Number),
                estimate(&orca, Run::ttft_s).into(),
                estimate(&sarathi, Run::ttft_s).into(),
            ],
        );
        judge_request_level(&mut report, &load, &one_by_one, theory);
        let gained = difference(&one_by_one, &orca, Run::ttft_s);
        report.judge(
            format!("iteration-level is faster at {rate_per_s}/s"),
            gained.mean > Z * gained.standard_error,
            format!("by {:.4} s", gained.mean),
        );
        if let Some(before) = &before {
            let rise = difference(&orca, before, Run::ttft_s);
            rises &= rise.mean > Z * rise.standard_error;
        }
        before = Some(orca);
    }
    table.note("request-level scheduling with batch 1 is an M/G/1 queue, stable below 0.649/s");
    report.tables.push(table);
    report.judge(
        "iteration-level TTFT grows with the load",
        rises,
        format!("every rise beyond {Z} standard errors"),
    );
    Ok(report)
}

/// Mean sojourn time of the M/G/1 queue, in seconds; nothing if it is not stable (Kleinrock,
/// Queueing Systems, volume 1, equation 5.113 and the service time).
fn pollaczek_khinchine_s(rate_per_s: f64) -> Option<f64> {
    let (prompts, outputs) = (system::prompts(), system::outputs());
    let mean = system::lone_service_s(prompts.mean()?, outputs.mean()?);
    let variance = system::COST.prefill_token_s.powi(2) * prompts.variance()?
        + system::decode_step_s(1.0).powi(2) * outputs.variance()?;
    let load = rate_per_s * mean;
    let waiting = rate_per_s * (variance + mean * mean) / (2.0 * (1.0 - load));
    (load < 1.0).then_some(mean + waiting)
}

fn judge_request_level(report: &mut Report, load: &Load, runs: &[Run], theory: Option<f64>) {
    let rate_per_s = load.rate_per_s;
    let ttft = estimate(runs, Run::ttft_s);
    match theory {
        Some(theory) => report.judge(
            format!("request-level is M/G/1 at {rate_per_s}/s"),
            (ttft.mean - theory).abs() <= Z * ttft.standard_error,
            format!(
                "{:.4} s, exactly {theory:.4}, within {Z} standard errors of {:.4}",
                ttft.mean, ttft.standard_error
            ),
        ),
        None => report.judge(
            format!("request-level is overloaded at {rate_per_s}/s"),
            ttft.mean > load.horizon_s / 10.0,
            format!("{:.0} s, above a tenth of the horizon", ttft.mean),
        ),
    }
}
