//! Experiments with networks of queues: replications in parallel, batches within each, and
//! figures with their errors.
//!
//! A [`Plan`] says what to run, an [`Experiment`] is the runs under way, which can be made longer
//! as long as a wanted precision is not reached, and a [`Figure`] is a number of interest that
//! [`Experiment::estimate`] gives with its standard error, from batches after a warm-up that follows
//! from the load or that [`detect_warm_up`] finds; [`Experiment::regenerative`] gives it from cycles,
//! if the plan keeps them ([`Plan::in_cycles`]). What comes out is a function of the
//! plan and of how long it ran, not of the number of threads.
//!
//! ```
//! use kendall_kernel::Law;
//! use kendall_queueing::{Network, model::{Arrivals, Servers, Station}};
//! use kendall_study::queueing::{At, Experiment, Figure, Plan};
//!
//! let service = Law::Exponential { mean: 1.0 };
//! let arrivals = Arrivals::Renewal(Law::Exponential { mean: 2.0 });
//! let station = Station::new("queue", Servers::Equal(1), vec![service]);
//! let plan = Plan::new(Network::single(arrivals, station), 1)?;
//! let mut experiment = Experiment::start(&plan)?;
//! experiment.extend(200_000)?;
//! let waiting = experiment.estimate(Figure::Waiting(At::station(0)));
//! // Theory says 1.
//! assert!(waiting.expect("customers came").z_score(1.0).expect("with an error").abs() < 5.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod batch;
mod cycles;
mod experiment;
mod figure;
mod plan;
mod regeneration;
mod replication;
mod scale;
mod transient;
mod warm_up;

pub use batch::Batch;
pub use experiment::Experiment;
pub use figure::{At, Figure};
pub use plan::Plan;
pub use regeneration::{Intervals, NoRegeneration};
pub use transient::{AtTime, at_time};
pub use warm_up::{Pilots, WarmUpError, WarmUpRule, detect_warm_up};
