//! Means and percentiles of a run.

use kendall_kernel::Time;

use super::outcome::Outcome;
use super::workload::Workload;

/// A mean and a percentile, in seconds; 0 without requests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Latency {
    /// The mean.
    pub mean_s: f64,
    /// The 95th percentile, by linear interpolation between order statistics (type 7 of Hyndman
    /// and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50, 1996).
    pub p95_s: f64,
}

/// Figures of a run over the requests that arrived after its warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metrics {
    /// Requests that came.
    pub arrived: u32,
    /// Requests that were served.
    pub completed: u32,
    /// Batches of the whole run.
    pub batches: u64,
    /// Requests served per second, from the first arrival to the last completion among them; 0
    /// without requests.
    pub throughput_per_s: f64,
    /// From arrival to the end of the first decode step, of requests with output.
    pub ttft: Latency,
    /// From the first token to the last, divided by the number of tokens (not of gaps), of
    /// requests with output.
    pub tbt: Latency,
    /// From arrival to completion.
    pub rts: Latency,
}

impl Metrics {
    /// Figures of the requests that arrived at `warm_up` or later. O(n).
    ///
    /// # Panics
    /// If the outcome is not one of this workload.
    #[must_use]
    pub fn of(workload: &Workload, outcome: &Outcome, warm_up: Time) -> Metrics {
        assert_eq!(
            workload.len(),
            outcome.times.len(),
            "times of other requests"
        );
        let first = workload
            .arrival
            .partition_point(|arrival| arrival.floor() < warm_up);
        let count = workload.len() - first;
        let mut ttft_ns = Vec::with_capacity(count);
        let mut rts_ns = Vec::with_capacity(count);
        let mut tbt_s = Vec::with_capacity(count);
        let (mut earliest, mut latest) = (Time::MAX, Time::ZERO);
        for row in first..workload.len() {
            let times = &outcome.times[row];
            if !times.is_done() {
                continue;
            }
            let (arrival, output) = (workload.arrival[row].floor(), workload.output_tokens[row]);
            earliest = earliest.min(arrival);
            latest = latest.max(times.done);
            rts_ns.push((times.done - arrival).as_ns());
            if output > 0 {
                ttft_ns.push((times.first_token - arrival).as_ns());
                let decoding = times.done - times.first_token;
                tbt_s.push(decoding.as_secs_f64() / f64::from(output));
            }
        }
        let completed = rts_ns.len();
        let elapsed_s = if completed > 0 {
            (latest - earliest).as_secs_f64()
        } else {
            0.0
        };
        Metrics {
            arrived: count as u32,
            completed: completed as u32,
            batches: outcome.batches,
            throughput_per_s: if elapsed_s > 0.0 {
                completed as f64 / elapsed_s
            } else {
                0.0
            },
            ttft: of_ns(&mut ttft_ns),
            tbt: Latency {
                mean_s: mean(tbt_s.iter().sum(), tbt_s.len()),
                p95_s: p95(&mut tbt_s, f64::total_cmp, |value| value),
            },
            rts: of_ns(&mut rts_ns),
        }
    }
}

fn of_ns(values_ns: &mut [u64]) -> Latency {
    let sum: u128 = values_ns.iter().map(|&ns| u128::from(ns)).sum();
    Latency {
        mean_s: mean(sum as f64 / 1e9, values_ns.len()),
        p95_s: p95(values_ns, u64::cmp, |ns| ns as f64 / 1e9),
    }
}

fn mean(sum: f64, count: usize) -> f64 {
    if count == 0 { 0.0 } else { sum / count as f64 }
}

/// Between the two order statistics around rank 0.95 (n - 1), from 0. Reorders the values.
fn p95<T: Copy>(
    values: &mut [T],
    order: impl Fn(&T, &T) -> std::cmp::Ordering + Copy,
    to_s: impl Fn(T) -> f64,
) -> f64 {
    let Some(last) = values.len().checked_sub(1) else {
        return 0.0;
    };
    // 19/20 of the last rank in whole numbers.
    let (below, twentieths) = (last * 19 / 20, last * 19 % 20);
    let (_, &mut low, above) = values.select_nth_unstable_by(below, order);
    let low = to_s(low);
    match above.iter().copied().min_by(order) {
        Some(next) => low + (to_s(next) - low) * (twentieths as f64 / 20.0),
        None => low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_interpolated() {
        let of = |values: &mut [u64]| p95(values, u64::cmp, |ns| ns as f64);
        assert_eq!(of(&mut []), 0.0);
        assert_eq!(of(&mut [7]), 7.0);
        // Rank 0.95 lies 95 % of the way from the first to the second.
        assert!((of(&mut [20, 10]) - 19.5).abs() < 1e-12);
        // 21 values: rank 19 exactly.
        let mut values: Vec<u64> = (0..21).rev().collect();
        assert_eq!(of(&mut values), 19.0);
        // 22 values: rank 19.95.
        let mut values: Vec<u64> = (0..22).map(|i| i * 100).rev().collect();
        assert!((of(&mut values) - 1995.0).abs() < 1e-9);
    }
}
