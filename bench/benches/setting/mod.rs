//! How benchmarks measure: processor time of the thread, short runs.

use std::time::Duration;

use criterion::Criterion;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use kendall_bench::clock;

/// Processor time of the benchmark's own thread, in ns, reported like a time on the wall clock.
pub(crate) struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = u64;
    type Value = f64;

    fn start(&self) -> u64 {
        clock::thread_ns()
    }

    fn end(&self, started_ns: u64) -> f64 {
        (clock::thread_ns() - started_ns) as f64
    }

    fn add(&self, one: &f64, other: &f64) -> f64 {
        one + other
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

/// Short measurements: all benchmarks together take a few minutes.
pub(crate) fn criterion() -> Criterion<CpuTime> {
    Criterion::default()
        .with_measurement(CpuTime)
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .without_plots()
}
