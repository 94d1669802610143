//! `llm-prompt-length`: time to first token against the length of the prompt.

use kendall_kernel::{Law, Time};
use kendall_llm::Trace;

use super::replicate::{Load, Run, estimate, replicate, run};
use super::{StudyError, Z, system};
use crate::ValidateError;
use crate::outcome::Report;
use crate::table::{Cell, Table};

/// Equally spaced, so that a curve cannot pass for a line.
const PROMPT_TOKENS: [u32; 6] = [100, 200, 300, 400, 500, 600];
const OUTPUT_TOKENS: u32 = 74;
const RATE_PER_S: f64 = 0.5;
const HORIZON_S: f64 = 2000.0;
const WARM_UP_S: f64 = 100.0;
const SEEDS: u64 = 10;

/// How TTFT grows with the prompt, for a request alone and among others.
///
/// # Errors
/// Whatever ends the engine.
pub fn prompt_length() -> Result<Report, ValidateError> {
    let mut report = Report::default();
    let mut table = Table::new(
        format!(
            "TTFT of whole prompts, {OUTPUT_TOKENS} output tokens, {RATE_PER_S} requests/s, \
             {SEEDS} seeds"
        ),
        &[("alone", "ms"), ("among others", "ms")],
    );
    let mut points = Vec::new();
    let mut slower = true;
    for tokens in PROMPT_TOKENS {
        let alone = alone(tokens)?;
        let load = Load {
            prompt_tokens: Law::Constant {
                value: f64::from(tokens),
            },
            output_tokens: Law::Constant {
                value: f64::from(OUTPUT_TOKENS),
            },
            ..Load::at(RATE_PER_S, HORIZON_S, WARM_UP_S)
        };
        let others = replicate(&system::whole_prompts(), &load, SEEDS)?;
        let ttft = estimate(&others, Run::ttft_s);
        table.row(
            format!("{tokens} tokens"),
            [Cell::Number(1e3 * alone.ttft_s()), ttft.times(1e3).into()],
        );
        let prefill_s = system::COST.prefill_token_s * f64::from(tokens);
        report.judge(
            format!("{tokens} tokens alone"),
            (alone.ttft_s() - prefill_s).abs() < 1e-9,
            format!("{:.6} s, its own prefill", alone.ttft_s()),
        );
        slower &= ttft.mean - Z * ttft.standard_error > prefill_s;
        points.push((f64::from(tokens), ttft.mean));
    }
    report.tables.push(table);
    report.judge(
        "others cost time",
        slower,
        format!("TTFT above the prefill of every length, beyond {Z} standard errors"),
    );
    let (slope, r_squared) = straight_line(&points);
    report.judge(
        "TTFT is linear in the prompt",
        r_squared > 0.99 && slope > system::COST.prefill_token_s,
        format!(
            "{:.3} ms per token, above the prefill's 0.5; r^2 {r_squared:.4}, above 0.99",
            1e3 * slope
        ),
    );
    Ok(report)
}

/// One request on an empty system.
fn alone(prompt_tokens: u32) -> Result<Run, StudyError> {
    let trace = Trace {
        arrival: vec![Time::ZERO],
        prompt_tokens: vec![prompt_tokens],
        output_tokens: vec![OUTPUT_TOKENS],
        ..Trace::default()
    };
    run(&system::whole_prompts(), &trace, Time::MAX)
}

/// Slope of the line of least squares, and the share of the variance that it explains.
fn straight_line(points: &[(f64, f64)]) -> (f64, f64) {
    let n = points.len() as f64;
    let (sum_x, sum_y) = points
        .iter()
        .fold((0.0, 0.0), |(a, b), &(x, y)| (a + x, b + y));
    let (mean_x, mean_y) = (sum_x / n, sum_y / n);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for &(x, y) in points {
        xx += (x - mean_x).powi(2);
        xy += (x - mean_x) * (y - mean_y);
        yy += (y - mean_y).powi(2);
    }
    (xy / xx, xy * xy / (xx * yy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_squares_find_a_line_and_doubt_a_parabola() {
        let line = |x: f64| (x, 3.0 + 2.0 * x);
        let (slope, r_squared) = straight_line(&[line(1.0), line(5.0), line(6.0)]);
        assert!((slope - 2.0).abs() < 1e-12 && (r_squared - 1.0).abs() < 1e-12);
        let parabola = |tokens: u32| (f64::from(tokens), f64::from(tokens).powi(2));
        let (_, r_squared) = straight_line(&PROMPT_TOKENS.map(parabola));
        assert!(r_squared < 0.99);
    }
}
