//! The figures of a run in ticks.

use serde::Serialize;

use super::quantile;

/// Mean and quantiles, in ticks; `None` without values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Mean.
    pub mean: Option<f64>,
    /// The quantile of probability 0.005, which the simulator that this model is of calls the
    /// median.
    pub p0_5: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// The quantile of probability 0.9.
    pub p90: Option<f64>,
    /// The quantile of probability 0.95.
    pub p95: Option<f64>,
    /// The quantile of probability 0.99.
    pub p99: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
}

/// Probabilities of the quantiles, falling.
const P: [f64; 5] = [0.99, 0.95, 0.9, 0.5, 0.005];

impl Spread {
    /// Of single values, which are reordered. O(n).
    pub(super) fn of(values: &mut [f64]) -> Spread {
        let max = values.iter().copied().max_by(f64::total_cmp);
        let Some(max) = max else {
            return Spread::default();
        };
        let mean = quantile::sum(values) / values.len() as f64;
        Spread::from_figures(mean, quantile::of_values(values, P), max)
    }

    /// Of (value, how many times, at least once), which are reordered. O(n log n).
    pub(super) fn of_weighted(values: &mut [(f64, u64)]) -> Spread {
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let Some(&(max, _)) = values.last() else {
            return Spread::default();
        };
        let count: u64 = values.iter().map(|&(_, times)| times).sum();
        let total = values.iter().map(|&(value, times)| value * times as f64);
        let mean = total.sum::<f64>() / count as f64;
        Spread::from_figures(mean, quantile::of_weighted(values, P), max)
    }

    fn from_figures(mean: f64, [p99, p95, p90, p50, p0_5]: [f64; 5], max: f64) -> Spread {
        Spread {
            mean: Some(mean),
            p0_5: Some(p0_5),
            p50: Some(p50),
            p90: Some(p90),
            p95: Some(p95),
            p99: Some(p99),
            max: Some(max),
        }
    }
}

/// What came of a run. Times are in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Requests created.
    pub requests: u64,
    /// Requests with a first token.
    pub first_tokens: u64,
    /// Requests with all their tokens.
    pub completed: u64,
    /// From creation to the last token, of completed requests.
    pub e2e_ticks: Spread,
    /// From creation to the first token.
    pub ttft_ticks: Spread,
    /// Lengths of the steps that decoding requests are in, from the second token on: the gap
    /// between the first two tokens does not count.
    pub itl_ticks: Spread,
    /// How many gaps that are.
    pub gaps: u64,
    /// Steps taken.
    pub steps: u64,
    /// End of the last step, which may lie beyond the end of the run.
    pub duration_ticks: f64,
    /// Length of the last step.
    pub last_step_ticks: f64,
    /// Completed requests per 1000 ticks.
    pub requests_per_1k: f64,
    /// Tokens of completed requests and of those in slots at the end, per 1000 ticks.
    pub tokens_per_1k: f64,
    /// Tokens of completed requests.
    pub completed_tokens: u64,
    /// Tokens of requests in slots at the end.
    pub tokens_in_slots: u64,
    /// Requests queued at the end.
    pub queue: u64,
    /// Requests queued, mean over steps.
    pub mean_queue: f64,
    /// Most requests queued in a step.
    pub max_queue: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_repetitions() {
        let weighted = [(2.0, 3), (1.0, 2), (7.5, 1)];
        let mut values: Vec<f64> = weighted
            .iter()
            .flat_map(|&(value, times)| vec![value; times as usize])
            .collect();
        let single = Spread::of(&mut values);
        assert_eq!(Spread::of_weighted(&mut weighted.clone()), single);
        assert_eq!(single.mean, Some(15.5 / 6.0));
        assert_eq!(Spread::of(&mut []), Spread::default());
    }
}
