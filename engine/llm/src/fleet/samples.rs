//! Samples between events.

use kendall_kernel::{Hasten, Time};

use super::event_loop::Fleet;
use crate::error::EngineError;
use crate::record::Recorder;
use crate::sample::Sample;

impl<R: Recorder, E: Hasten> Fleet<'_, '_, R, E> {
    /// Takes the samples due before `time`, when the next event happens.
    #[cold]
    pub(super) fn sample_before(&mut self, time: Time) -> Result<(), EngineError> {
        let last = Time::from_ns(time.as_ns() - 1);
        self.sampler.check(last, self.instances.len() as u64)?;
        while self.sampler.is_due_before(time) {
            let due = self.sampler.step();
            self.sample(due);
        }
        Ok(())
    }

    /// Takes the samples that are left when the last event of the run has been handled.
    pub(super) fn sample_the_end(&mut self) -> Result<(), EngineError> {
        self.sample_before(Time::from_ns(self.now.as_ns().saturating_add(1)))?;
        if !self.sampler.has_seen(self.now) {
            self.sample(self.now);
        }
        Ok(())
    }

    fn sample(&mut self, time: Time) {
        let instances = &mut self.sampler.instances;
        instances.clear();
        instances.extend(self.instances.iter().map(|instance| instance.sample(time)));
        let window = self.sampler.close_window(time);
        self.recorder.sample(&Sample {
            time,
            window,
            arrived: self.arrived,
            shared_running: 0,
            shared_waiting: 0,
            instances: &self.sampler.instances,
        });
    }
}
