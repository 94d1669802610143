//! Laws of finitely many values.

/// Values in ascending order, each with the weight up to and including it.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    values: Vec<f64>,
    cumulative: Vec<f64>,
}

impl Steps {
    pub(super) fn new(values: &[f64], weights: &[f64]) -> Steps {
        let weight = |i: usize| weights.get(i).copied().unwrap_or(1.0);
        let mut order: Vec<usize> = (0..values.len()).filter(|&i| weight(i) > 0.0).collect();
        order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        let cumulative = order.iter().scan(0.0, |sum, &i| {
            *sum += weight(i);
            Some(*sum)
        });
        Steps {
            cumulative: cumulative.collect(),
            values: order.iter().map(|&i| values[i]).collect(),
        }
    }

    pub(super) fn quantile(&self, u: f64) -> f64 {
        let last = self.values.len() - 1;
        let target = u * self.cumulative[last];
        let at = self.cumulative.partition_point(|&sum| sum < target);
        self.values[at.min(last)]
    }

    /// The probability of values up to `x`.
    pub(super) fn cdf(&self, x: f64) -> f64 {
        let values = self.values.partition_point(|&value| value <= x);
        match values.checked_sub(1) {
            None => 0.0,
            Some(at) => self.cumulative[at] / self.cumulative[self.values.len() - 1],
        }
    }
}
