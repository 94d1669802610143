//! Studies of systems under a token budget: independent trials, sweeps of one setting, and a rule
//! that tells from response times whether an arrival rate is too high.
//!
//! A [`Setting`] is a system with its load; [`trials`] runs it under several seeds, [`sweep`] many
//! of them, on all cores with the feature `parallel`. What comes out is a function of settings and
//! seeds, not of the number of threads. Settings under one seed see the same requests (common
//! random numbers), whatever their scheduler.
//!
//! ```
//! use kendall_kernel::Level;
//! use kendall_llm::token_budget::Scheduler;
//! use kendall_study::token_budget::{Figure, Setting, trials};
//!
//! let mut setting = Setting::demo2(Scheduler::Hybrid { decode_share: 0.5 });
//! setting.load.window_s = 50.0;
//! let trials = trials(&setting, 20, 7)?;
//! let rts = trials.estimate(Figure::MeanRts, Level::P95);
//! assert!(rts.half_width.is_some(), "twenty trials have an interval");
//! # Ok::<(), kendall_study::token_budget::TrialsError>(())
//! ```

mod boundary;
mod demos;
mod figure;
mod setting;
mod stability;
mod sweeps;
mod trials;
mod verdicts;

pub use boundary::{Boundary, boundary};
pub use figure::Figure;
pub use setting::Setting;
pub use stability::{Growth, MIN_INCREASE, SIGNIFICANCE, Trend, first_to_grow};
pub use sweeps::{chunk_sizes, decode_shares, rates, windows};
pub use trials::{Point, Trial, Trials, TrialsError, run, sweep, trials};
pub use verdicts::{RuleRuns, Verdicts};
