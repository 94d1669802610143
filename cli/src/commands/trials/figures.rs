//! Estimates and differences, for people and for machines.

use kendall_kernel::stats::Estimate;
use kendall_study::trials::Difference;
use serde_json::{Value, json};

use crate::summary_table::figure;

/// The standard deviation between trials.
pub(crate) fn sd(estimate: &Estimate) -> Option<f64> {
    let error = estimate.std_error?;
    Some(error * (estimate.groups as f64).sqrt())
}

/// A mean with its interval and the number of trials it rests on; null without any.
pub(crate) fn estimate_json(estimate: Option<&Estimate>) -> Value {
    let Some(estimate) = estimate else {
        return Value::Null;
    };
    let interval = estimate.interval();
    json!({
        "mean": estimate.value,
        "sd": sd(estimate),
        "std_error": estimate.std_error,
        "low": interval.map(|(low, _)| low),
        "high": interval.map(|(_, high)| high),
        "trials": estimate.groups,
    })
}

/// A mean of paired differences; null without a pair.
pub(crate) fn difference_json(difference: Option<&Difference>) -> Value {
    let Some(difference) = difference else {
        return Value::Null;
    };
    let mean = &difference.mean;
    let interval = mean.interval();
    json!({
        "mean": mean.value,
        "std_error": mean.std_error,
        "low": interval.map(|(low, _)| low),
        "high": interval.map(|(_, high)| high),
        "relative": difference.relative,
        "pairs": mean.groups,
        "correlation": difference.correlation,
        "variance_reduction": difference.variance_reduction,
        "differs": mean.covers(0.0).map(|covers| !covers),
    })
}

/// Titles of [`difference_cells`].
pub(crate) const DIFFERENCE_TITLES: [&str; 4] =
    ["difference", "relative", "correlation", "verdict"];

/// A difference, it in per cent, the correlation within pairs, and whether it is one.
pub(crate) fn difference_cells(difference: &Difference) -> [String; 4] {
    let mean = &difference.mean;
    let relative = difference.relative;
    let width = mean.half_width;
    let width = width.map_or_else(String::new, |half| format!(" ± {}", however_small(half)));
    [
        however_small(mean.value) + &width,
        relative.map_or_else(
            || "-".to_owned(),
            |share| format!("{:+.1} %", share * 100.0),
        ),
        difference
            .correlation
            .map_or_else(|| "-".to_owned(), |correlation| format!("{correlation:.2}")),
        verdict(mean).to_owned(),
    ]
}

/// A value ± half of its interval.
pub(crate) fn with_width(estimate: &Estimate) -> String {
    match estimate.half_width {
        Some(half) => format!("{} ± {}", figure(Some(estimate.value)), figure(Some(half))),
        None => figure(Some(estimate.value)),
    }
}

/// As other figures, but with an exponent where digits would be lost: differences may be tiny.
fn however_small(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-3 {
        format!("{value:.2e}")
    } else {
        figure(Some(value))
    }
}

fn verdict(mean: &Estimate) -> &'static str {
    match mean.covers(0.0) {
        None => "one pair",
        Some(true) if mean.value == 0.0 && mean.std_error == Some(0.0) => "the same",
        Some(true) => "not told apart",
        Some(false) if mean.value > 0.0 => "more",
        Some(false) => "less",
    }
}
