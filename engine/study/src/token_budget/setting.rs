//! A system with its load.

use kendall_kernel::{Dur, Streams, Time};
use kendall_llm::Recorder;
use kendall_llm::sample::check_samples;
use kendall_llm::token_budget::{
    Config, Load, Metrics, Outcome, TokenBudgetError, Warning, Workload, run_recorded,
};

/// A system with its load.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The system.
    pub config: Config,
    /// What comes.
    pub load: Load,
    /// Requests that arrive before this many seconds do not count; not negative.
    pub warm_up_s: f64,
}

impl Setting {
    /// Checks what can be checked before a run.
    ///
    /// # Errors
    /// The first setting that cannot work.
    pub fn validate(&self) -> Result<(), TokenBudgetError> {
        self.config.validate()?;
        self.load.validate()?;
        self.warm_up().map(|_| ())
    }

    /// What a user should know of the setting, given the requests of a run.
    #[must_use]
    pub fn warnings(&self, workload: &Workload) -> Vec<Warning> {
        let longest = workload.prompt_tokens.iter().max();
        self.config.warnings(longest.copied().unwrap_or(0))
    }

    /// One run: its requests and what became of them.
    ///
    /// # Errors
    /// Settings out of their range, and time beyond 2^64 ns.
    pub fn run(&self, streams: Streams) -> Result<(Workload, Outcome), TokenBudgetError> {
        self.run_recorded(streams, None, &mut ())
    }

    /// The same run, told to a recorder, with samples every so often.
    ///
    /// # Errors
    /// As [`run`](Setting::run), and too many samples.
    pub fn run_recorded<R: Recorder>(
        &self,
        streams: Streams,
        sample_interval: Option<Dur>,
        recorder: &mut R,
    ) -> Result<(Workload, Outcome), TokenBudgetError> {
        let workload = self.load.draw(streams)?;
        let outcome = run_recorded(&workload, &self.config, streams, sample_interval, recorder)?;
        Ok((workload, outcome))
    }

    /// Makes sure that samples from the first arrival to the last are not too many.
    ///
    /// # Errors
    /// They are; settings out of their range.
    pub fn check_samples(&self, streams: Streams, interval: Dur) -> Result<(), TokenBudgetError> {
        let arrivals = self.load.draw(streams)?.arrival;
        if let (Some(first), Some(last)) = (arrivals.first(), arrivals.last()) {
            check_samples(interval, first.floor(), last.floor(), self.config.gpus)?;
        }
        Ok(())
    }

    /// The figures of one run.
    pub(super) fn measure(&self, streams: Streams) -> Result<(Metrics, Outcome), TokenBudgetError> {
        let warm_up = self.warm_up()?;
        let (workload, outcome) = self.run(streams)?;
        Ok((Metrics::of(&workload, &outcome, warm_up), outcome))
    }

    fn warm_up(&self) -> Result<Time, TokenBudgetError> {
        Dur::from_secs_f64(self.warm_up_s)
            .map(|warm_up| Time::ZERO + warm_up)
            .map_err(|source| TokenBudgetError::NotATime {
                field: "warm_up_s",
                source,
            })
    }
}
