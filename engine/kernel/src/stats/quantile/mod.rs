//! Quantiles with intervals.

mod order;
mod sections;

#[cfg(test)]
mod tests;

pub use order::{RankInterval, Ranks, order_ranks};
pub use sections::{SectionedQuantile, sectioned_quantile};

/// Demands a share that has something on both sides.
///
/// # Panics
/// If `q` does not lie between 0 and 1.
fn assert_share(q: f64) {
    assert!(
        q > 0.0 && q < 1.0,
        "quantile {q} does not lie between 0 and 1"
    );
}
