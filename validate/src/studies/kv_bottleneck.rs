//! `llm-kv-bottleneck`: what a KV cache that is too small does.

use kendall_kernel::Law;
use kendall_llm::{Profile, SchedulerConfig};

use super::replicate::{Load, Run, difference, estimate, replicate};
use super::{Z, system};
use crate::ValidateError;
use crate::outcome::Report;
use crate::table::{Cell, Table};

const PROMPT_TOKENS: u32 = 148;
const OUTPUT_TOKENS: u32 = 74;
/// Blocks of a request when it has grown to its end; its last token is never computed.
const SEQUENCE_BLOCKS: u32 = (PROMPT_TOKENS + OUTPUT_TOKENS - 1).div_ceil(system::BLOCK_TOKENS);
/// Whole requests that the cache holds, falling.
const CAPACITIES: [u32; 6] = [64, 16, 8, 4, 3, 2];
const RATE_PER_S: f64 = 2.0;
const HORIZON_S: f64 = 500.0;
const SEEDS: u64 = 10;

/// How throughput, queueing and preemptions answer to a shrinking KV cache, with blocks kept for
/// whole outputs (Orca) and taken as needed (vLLM).
///
/// # Errors
/// Whatever ends the engine.
pub fn kv_bottleneck() -> Result<Report, ValidateError> {
    let mut report = Report::default();
    let mut table = Table::new(
        format!("KV cache at {RATE_PER_S} requests/s over {HORIZON_S} s, {SEEDS} seeds"),
        &[
            ("kept: throughput", "1/s"),
            ("TTFT", "s"),
            ("KV use", "%"),
            ("as needed: throughput", "1/s"),
            ("TTFT", "s"),
            ("KV use", "%"),
            ("preemptions", ""),
        ],
    );
    let load = Load {
        prompt_tokens: Law::Constant {
            value: f64::from(PROMPT_TOKENS),
        },
        output_tokens: Law::Constant {
            value: f64::from(OUTPUT_TOKENS),
        },
        ..Load::at(RATE_PER_S, HORIZON_S, 0.0)
    };
    let mut results = Vec::new();
    for capacity in CAPACITIES {
        let kept = replicate(&with_cache(Profile::Orca, capacity), &load, SEEDS)?;
        let needed = replicate(&with_cache(Profile::Vllm, capacity), &load, SEEDS)?;
        let mut cells: Vec<Cell> = Vec::new();
        for runs in [&kept, &needed] {
            cells.push(estimate(runs, throughput).into());
            cells.push(estimate(runs, Run::ttft_s).into());
            cells.push(estimate(runs, Run::kv_share).times(100.0).into());
        }
        cells.push(Cell::Count(preemptions(&needed)));
        table.row(format!("{capacity} requests"), cells);
        judge_bound(&mut report, capacity, &kept);
        results.push((capacity, kept, needed));
    }
    table.note(format!(
        "a request takes {SEQUENCE_BLOCKS} blocks of {} tokens in the end",
        system::BLOCK_TOKENS
    ));
    table.note(
        "with room for 2 or 3 requests a further prompt rarely fits, so that hardly anybody has to \
         be preempted",
    );
    report.tables.push(table);
    judge_shape(&mut report, &results);
    Ok(report)
}

fn with_cache(profile: Profile, capacity: u32) -> SchedulerConfig {
    SchedulerConfig {
        num_gpu_blocks: 1 + capacity * SEQUENCE_BLOCKS,
        ..system::scheduler(profile, 64)
    }
}

fn throughput(run: &Run) -> f64 {
    run.finished() / HORIZON_S
}

fn preemptions(runs: &[Run]) -> u64 {
    runs.iter().map(Run::preemptions).sum()
}

/// With blocks kept, no more requests run than the cache holds, and none is faster than alone.
fn judge_bound(report: &mut Report, capacity: u32, kept: &[Run]) {
    let service_s = system::lone_service_s(f64::from(PROMPT_TOKENS), f64::from(OUTPUT_TOKENS));
    let bound = f64::from(capacity) / service_s;
    let most = kept.iter().map(throughput).fold(0.0, f64::max);
    report.judge(
        format!("cache for {capacity}: bound and no preemption"),
        most <= bound && preemptions(kept) == 0,
        format!(
            "at most {most:.3}/s, bound {bound:.3}; {} preemptions",
            preemptions(kept)
        ),
    );
}

fn judge_shape(report: &mut Report, results: &[(u32, Vec<Run>, Vec<Run>)]) {
    let (Some((_, ample_kept, ample_needed)), Some((_, scarce_kept, scarce_needed))) =
        (results.first(), results.last())
    else {
        return;
    };
    for (name, ample, scarce) in [
        ("kept", ample_kept, scarce_kept),
        ("as needed", ample_needed, scarce_needed),
    ] {
        let (most, least) = (estimate(ample, Run::served), estimate(scarce, Run::served));
        report.judge(
            format!("{name}: a scarce cache limits throughput"),
            most.mean >= 0.985 && least.mean + Z * least.standard_error < 0.9,
            format!(
                "{:.1} % served with the largest cache, {:.1} % with the smallest",
                100.0 * most.mean,
                100.0 * least.mean
            ),
        );
        let rise = difference(scarce, ample, Run::ttft_s);
        report.judge(
            format!("{name}: requests queue"),
            rise.mean > Z * rise.standard_error,
            format!("TTFT rises by {:.2} s", rise.mean),
        );
    }
    let by_capacity = results
        .iter()
        .map(|(_, _, needed)| preemptions(needed).to_string());
    let all: u64 = results.iter().map(|(.., needed)| preemptions(needed)).sum();
    report.judge(
        "as needed: preemptions appear",
        preemptions(ample_needed) == 0 && all > 0,
        format!(
            "none with the largest cache; by capacity {}",
            by_capacity.collect::<Vec<_>>().join(", ")
        ),
    );
}
