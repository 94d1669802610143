//! Independent trials of any system: how many there are, what their means are worth, and how the
//! variants of a system differ.
//!
//! A [`Plan`] says how many variants there are and how many trials each gets: a number, or as many
//! as it takes until intervals are narrow. [`run()`] asks for one trial after the other, on all cores
//! with the feature `parallel`, and puts them together by index. A trial is whatever is
//! [`Measured`]: some metrics, each of which it may lack (the time per output token of nobody).
//! [`Trials`] makes estimates of them.
//!
//! Variants are to be given the same random numbers trial by trial (common random numbers). What
//! they owe to the same requests cancels in the differences of pairs, so that
//! [`Trials::difference`] mostly tells variants apart with far fewer trials than two intervals
//! side by side do.
//!
//! # Invariants
//!
//! - How many trials there are, and every bit of an estimate, is a function of the plan and of what
//!   trials measure, not of the number of threads.
//! - Every variant has the same trials, unless a [`Watch`] ends the run.
//! - An estimate says how many trials it rests on. One trial has no interval.
//! - At most one trial per thread is under way; of those that are done only metrics are kept.
//!
//! Deliberately absent: seeds. What trial k of a variant is, its caller knows.
//!
//! ```
//! use kendall_kernel::Level;
//! use kendall_study::trials::{Plan, Trials, run};
//!
//! // Two variants and one metric, which is twice as large in the second.
//! let plan = Plan::fixed(2, 12)?;
//! let trials: Trials<Vec<Option<f64>>> = run(&plan, &(), |variant, trial| {
//!     let common = f64::from(trial % 5) + 10.0;
//!     Ok::<_, std::convert::Infallible>(Some(vec![Some(common * (variant + 1) as f64)]))
//! })
//! .unwrap();
//! let mean = trials.estimate(0, 0, Level::P95).expect("it is defined");
//! assert_eq!(mean.groups, 12);
//! let difference = trials.difference(1, 0, 0, Level::P95).expect("so is this");
//! assert_eq!(difference.mean.covers(0.0), Some(false));
//! # Ok::<(), kendall_study::trials::PlanError>(())
//! ```

mod metric;
mod plan;
mod run;
mod serving;
mod table;
#[cfg(test)]
mod tests;
mod ticks;

pub use metric::Metric;
pub use plan::{Plan, PlanError, Target, Width};
pub use run::{Watch, run};
pub use serving::{serving_metrics, serving_values};
pub use table::{Difference, Measured, Trials, estimate};
pub use ticks::{tick_metrics, tick_values};
