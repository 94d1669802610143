//! Recorders that measure instead of recording.

use kendall_llm::{Recorder, RequestRecord, Status, StepRecord};

use crate::clock;

/// Times a stretch of a run's steps, so that building the instances and filling the batch do not
/// count. Ends the run soon after the stretch.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    skip: u64,
    steps: u64,
    seen: u64,
    started_ns: u64,
    elapsed_ns: Option<u64>,
}

impl Stopwatch {
    /// Will time `steps` steps after the first `skip`, at least one.
    #[must_use]
    pub fn new(skip: u64, steps: u64) -> Stopwatch {
        assert!(skip > 0, "the end of a step starts the watch");
        Stopwatch {
            skip,
            steps,
            seen: 0,
            started_ns: 0,
            elapsed_ns: None,
        }
    }

    /// Processor time per step, in ns.
    ///
    /// # Panics
    /// If the run ended before the stretch did.
    #[must_use]
    pub fn ns_per_step(&self) -> f64 {
        let elapsed = self.elapsed_ns.expect("the run is longer than the stretch");
        elapsed as f64 / self.steps as f64
    }
}

impl Recorder for Stopwatch {
    const STEPS: bool = true;

    fn step(&mut self, _: &StepRecord) {
        self.seen += 1;
        if self.seen == self.skip {
            self.started_ns = clock::thread_ns();
        } else if self.seen == self.skip + self.steps {
            self.elapsed_ns = Some(clock::thread_ns() - self.started_ns);
        }
    }

    fn failed(&self) -> bool {
        self.elapsed_ns.is_some()
    }
}

/// Counts the requests that finished.
#[derive(Clone, Copy, Debug, Default)]
pub struct Finished {
    /// How many.
    pub requests: u64,
}

impl Recorder for Finished {
    fn request(&mut self, record: &RequestRecord) {
        self.requests += u64::from(record.status == Status::Finished);
    }
}
