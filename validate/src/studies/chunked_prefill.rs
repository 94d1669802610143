//! `llm-chunked-prefill`: the longest steps, by the size of chunks.

use super::replicate::{Run, difference, estimate, replicate};
use super::{Z, decode_stall, system};
use crate::ValidateError;
use crate::outcome::Report;
use crate::table::{Cell, Table};

/// (Chunk in tokens, published P99 step in seconds).
const CHUNKS: [(u32, f64); 3] = [(16, 0.0291), (64, 0.0529), (256, 0.1484)];
const SEEDS: u64 = 10;

/// How chunks bound the steps, and what they cost the first token.
///
/// # Errors
/// Whatever ends the engine.
pub fn chunked_prefill() -> Result<Report, ValidateError> {
    let mut report = Report::default();
    let mut table = Table::new(
        format!(
            "Chunks at {} requests/s, {SEEDS} seeds",
            decode_stall::RATE_PER_S
        ),
        &[
            ("P99 step", "ms"),
            ("20 + 0.5 c", "ms"),
            ("published", "ms"),
            ("longest step", "ms"),
            ("TTFT", "ms"),
            ("TPOT", "ms"),
        ],
    );
    let load = decode_stall::load();
    let mut smaller: Option<Vec<Run>> = None;
    for (tokens, published_s) in CHUNKS {
        let runs = replicate(&system::chunks(tokens), &load, SEEDS)?;
        let p99 = estimate(&runs, Run::step_p99_s);
        let line_s = system::COST.decode_base_s + system::COST.prefill_token_s * f64::from(tokens);
        let longest_s = runs.iter().map(Run::step_max_s).fold(0.0, f64::max);
        table.row(
            format!("chunks of {tokens}"),
            [
                p99.times(1e3).into(),
                Cell::Number(1e3 * line_s),
                Cell::Number(1e3 * published_s),
                Cell::Number(1e3 * longest_s),
                estimate(&runs, Run::ttft_s).times(1e3).into(),
                estimate(&runs, Run::tpot_s).times(1e3).into(),
            ],
        );
        report.judge(
            format!("chunks of {tokens}: P99 step is 20 + 0.5 c"),
            (p99.mean / line_s - 1.0).abs() <= 0.1 && (p99.mean / published_s - 1.0).abs() <= 0.1,
            format!(
                "{:.1} ms, line {:.1}, published {:.1}, within 10 % of both",
                1e3 * p99.mean,
                1e3 * line_s,
                1e3 * published_s
            ),
        );
        report.judge(
            format!("chunks of {tokens}: no step beyond its tokens"),
            longest_s <= line_s,
            format!("{:.2} ms, at most {:.2}", 1e3 * longest_s, 1e3 * line_s),
        );
        if let Some(smaller) = &smaller {
            let sooner = difference(smaller, &runs, Run::ttft_s);
            report.judge(
                format!("chunks of {tokens}: first tokens come sooner"),
                sooner.mean > Z * sooner.standard_error,
                format!("by {:.1} ms than with smaller ones", 1e3 * sooner.mean),
            );
        }
        smaller = Some(runs);
    }
    table.note(
        "decodes share the step's tokens (Sarathi-Serve, algorithm 3), each taking 0.4 ms off a \
         full step; the published figures lie as if they did not",
    );
    report.tables.push(table);
    Ok(report)
}
