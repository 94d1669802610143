//! Studies that were published with other simulators, to be repeated by name.
//!
//! A study is a list of cases: a system with its load at a value of what the study varies. The trials
//! of all cases are measured on all cores with the feature `parallel`, and whoever watches may end
//! that. What comes out are [`Row`]s: a figure of a case, with its error and, where the settings are
//! those of the original, the original's figure.
//!
//! Those of systems under a token budget are of `kh842-sudo/ORIE5580_FinalProject`, those in ticks of
//! `Muhtasham/llm-inference-simulator`.
//!
//! ```
//! use kendall_kernel::Level;
//! use kendall_study::published::{Base, Demo, SCHEDULERS, measure, rows, time_windows};
//!
//! let base = Base::of(Demo::Demo2);
//! let cases = time_windows(&base, &SCHEDULERS, 50.0, 2, 7)?;
//! let trials = measure(&cases, 3, &())?.expect("nobody stops it");
//! let rows = rows(&cases[0], &trials[0], Level::P95);
//! assert_eq!((rows[0].value, rows[0].metric.name), (Some(25.0), "throughput_qps"));
//! # Ok::<(), kendall_study::token_budget::TrialsError>(())
//! ```

mod arrival_rate;
mod cases;
mod demo;
mod faults;
mod mm1;
mod originals;
mod rates;
mod row;
mod study;
mod ticks;

pub use arrival_rate::{Explosion, RateGrid, RateStudy, RateVerdict, arrival_rate};
pub use cases::{Case, chunk_sizes, hybrid_ratios, measure, rows, saturation, time_windows};
pub use demo::{Base, Demo, SCHEDULERS};
pub use faults::{FaultCase, faults};
pub use mm1::{MM1_MU_PER_S, MM1_WARM_UP_S, mm1_cases, mm1_rows};
pub use rates::{original_boundary, original_rates};
pub use row::{Metric, Original, Row};
pub use study::Study;
pub use ticks::{TickCase, batching_cases, batching_rows, growth_cases, queue_growth};
