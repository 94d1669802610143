//! Events in their order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use kendall_kernel::{EventKey, Hasten, Time};

use super::{Control, FleetConfig, Progress};
use crate::error::EngineError;
use crate::instance::{Instance, Mode, World};
use crate::record::{Recorder, Status};
use crate::request::{RequestId, RequestTable};
use crate::router::Router;
use crate::rows::Rows;
use crate::sample::Sampler;
use crate::stats::RunStats;

/// Ranks of events at one nanosecond.
pub(super) const STEP_END: u8 = 0;
pub(super) const ARRIVAL: u8 = 1;
pub(super) const WITHDRAWAL: u8 = 2;

/// Events between two looks at the world outside.
const EVENTS_PER_REPORT: u32 = 4096;

/// A run under way.
pub(super) struct Fleet<'a, 'r, R, E> {
    pub(super) world: World<'a>,
    pub(super) recorder: &'r mut R,
    pub(super) events: E,
    pub(super) router: Box<dyn Router>,
    pub(super) instances: Vec<Instance>,
    pub(super) until: Time,
    pub(super) now: Time,
    pub(super) first_arrival: Time,
    /// Next arrival or withdrawal.
    pub(super) external: Time,
    /// Requests that have arrived.
    pub(super) arrived: u64,
    /// Withdrawals to come, with row and request, of requests that have arrived; soonest first.
    pub(super) withdrawals: BinaryHeap<Reverse<(Time, u32, RequestId)>>,
    /// Instances to look at before time moves on.
    pub(super) touched: Vec<u16>,
    pub(super) sampler: Sampler,
}

impl<'a, 'r, R: Recorder, E: Hasten> Fleet<'a, 'r, R, E> {
    pub(super) fn new(
        rows: Rows<'a>,
        config: &FleetConfig,
        recorder: &'r mut R,
        events: E,
    ) -> Fleet<'a, 'r, R, E> {
        let mode = Mode {
            detail: R::DETAIL,
            in_order_only: config.in_order_only,
            merge_steps: config.merge_steps,
            outputs_shared: rows.outputs_shared(),
        };
        let first_arrival = rows.next_arrival().unwrap_or(Time::ZERO);
        let instance = |id| Instance::new(id, &config.scheduler, config.cost.clone(), mode);
        Fleet {
            first_arrival,
            world: World {
                rows,
                requests: RequestTable::default(),
            },
            recorder,
            events,
            router: config.router.build(),
            instances: (0..config.instances).map(instance).collect(),
            until: config.until,
            now: Time::ZERO,
            external: Time::ZERO,
            arrived: 0,
            withdrawals: BinaryHeap::new(),
            touched: Vec::new(),
            sampler: Sampler::new(config.sample_interval, first_arrival),
        }
    }

    pub(super) fn run(
        mut self,
        watch: &mut dyn FnMut(Progress) -> Control,
    ) -> Result<RunStats, EngineError> {
        self.await_arrival();
        let mut until_report = EVENTS_PER_REPORT;
        while let Some(event) = self.events.pop() {
            if event.time() > self.until {
                self.now = self.until;
                break;
            }
            if R::SAMPLES && self.sampler.is_due_before(event.time()) {
                self.sample_before(event.time())?;
            }
            self.now = event.time();
            self.handle(event)?;
            if self.external <= self.now {
                self.handle_rest_of_now()?;
            }
            self.start_steps()?;
            until_report -= 1;
            if until_report == 0 {
                until_report = EVENTS_PER_REPORT;
                let control = watch(Progress {
                    arrived: self.arrived,
                    now: self.now,
                });
                if control == Control::Stop || self.recorder.failed() {
                    self.world.rows.stop();
                    break;
                }
            }
        }
        if R::SAMPLES && self.sampler.is_on() {
            self.sample_the_end()?;
        }
        Ok(self.conclude())
    }

    /// Handles the other events of this nanosecond, in the order of their ranks. Only arrivals and
    /// withdrawals need them all to be handled before steps start: without any, instances do not
    /// see each other.
    fn handle_rest_of_now(&mut self) -> Result<(), EngineError> {
        while let Some(event) = self.events.peek().filter(|event| event.time() == self.now) {
            self.events.pop();
            self.handle(event)?;
        }
        Ok(())
    }

    fn handle(&mut self, event: EventKey) -> Result<(), EngineError> {
        match event.rank() {
            STEP_END => {
                let id = event.entity() as u16;
                self.instances[usize::from(id)].end_step(&mut self.world, self.recorder);
                self.touched.push(id);
            }
            ARRIVAL => self.arrive()?,
            _ => self.withdraw(),
        }
        Ok(())
    }

    fn start_steps(&mut self) -> Result<(), EngineError> {
        if self.touched.len() > 1 {
            self.touched.sort_unstable();
            self.touched.dedup();
        }
        for index in 0..self.touched.len() {
            let id = self.touched[index];
            let instance = &mut self.instances[usize::from(id)];
            if instance.is_busy() {
                continue;
            }
            if let Some(end) = instance.start_step(self.now, &mut self.world, self.recorder)? {
                self.events
                    .insert(EventKey::new(end, STEP_END, u32::from(id)));
            }
        }
        self.touched.clear();
        Ok(())
    }

    /// Records whatever did not finish.
    fn conclude(mut self) -> RunStats {
        for index in 0..self.instances.len() {
            self.instances[index].stop(self.now, self.recorder);
            for id in self.instances[index].present(&self.world) {
                self.instances[index].settle(id, &mut self.world);
                let record = self.world.record(id, Status::Unfinished, None);
                self.recorder.request(&record);
                self.world.leave(id);
            }
        }
        debug_assert_eq!(
            self.world.requests.len(),
            0,
            "every request left through a record"
        );
        while let Some(at) = self.world.rows.take() {
            self.record_outside(at, Status::Unfinished);
        }
        RunStats {
            end: self.now,
            first_arrival: self.first_arrival,
            instances: self.instances.iter().map(Instance::stats).collect(),
        }
    }
}
