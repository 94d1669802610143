//! What happens between two samples.

use kendall_llm::{RequestRecord, Status};

/// Percentiles of the latencies in a window.
#[derive(Clone, Copy, Default)]
pub(super) struct Percentiles {
    pub(super) p50: Option<f64>,
    pub(super) p95: Option<f64>,
    pub(super) p99: Option<f64>,
}

impl Percentiles {
    /// Those of latencies in nanoseconds, which are sorted and then forgotten.
    pub(super) fn take(latencies_ns: &mut Vec<f64>) -> Percentiles {
        latencies_ns.sort_unstable_by(f64::total_cmp);
        let percentiles = Percentiles {
            p50: quantile(latencies_ns, 0.50),
            p95: quantile(latencies_ns, 0.95),
            p99: quantile(latencies_ns, 0.99),
        };
        latencies_ns.clear();
        percentiles
    }
}

/// The `q`-quantile of sorted values, with linear interpolation between the closest ranks:
/// definition 7 of Hyndman and Fan (Sample Quantiles in Statistical Packages, 1996), as in
/// summary.json.
fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let rank = last as f64 * q;
    let below = (rank as usize).min(last);
    let low = sorted[below];
    let high = sorted[(below + 1).min(last)];
    let weight = rank - below as f64;
    // From the nearer end, so that the result never leaves the interval.
    Some(if weight < 0.5 {
        low + (high - low) * weight
    } else {
        high - (high - low) * (1.0 - weight)
    })
}

/// What happened in a window: requests that left, and latencies in nanoseconds.
#[derive(Clone, Default)]
pub(super) struct Window {
    pub(super) finished: u32,
    pub(super) aborted: u32,
    pub(super) rejected: u32,
    pub(super) ttft_ns: Vec<f64>,
    pub(super) tpot_ns: Vec<f64>,
    pub(super) e2e_ns: Vec<f64>,
}

impl Window {
    /// Notes a request that has left.
    pub(super) fn note(&mut self, record: &RequestRecord) {
        match record.status {
            Status::Finished => self.finished += 1,
            Status::Aborted => self.aborted += 1,
            Status::Rejected => self.rejected += 1,
            Status::Unfinished => {}
        }
        self.tpot_ns.extend(record.tpot_ns());
        let e2e = record.e2e();
        self.e2e_ns.extend(e2e.map(|e2e| e2e.as_ns() as f64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_numpy() {
        // numpy.quantile([3, 1, 10, 7], [.5, .95, .99])
        let mut latencies = vec![3.0, 1.0, 10.0, 7.0];
        let percentiles = Percentiles::take(&mut latencies);
        let close = |value: Option<f64>, expected: f64| {
            assert!((value.unwrap() - expected).abs() < 1e-12, "{value:?}");
        };
        close(percentiles.p50, 5.0);
        close(percentiles.p95, 9.55);
        close(percentiles.p99, 9.91);
        assert!(latencies.is_empty());
        assert_eq!(Percentiles::take(&mut latencies).p50, None);
        assert_eq!(quantile(&[4.5], 0.99), Some(4.5));
    }
}
