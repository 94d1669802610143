//! Instances behind a router, driven by one event loop.
//!
//! Order at one nanosecond: outputs of ending steps by instance, then arrivals by row, then
//! withdrawals by row, then scheduling by instance. An arrival never starts a step itself, so
//! simultaneous arrivals share one. Withdrawals from an instance whose step is in flight take
//! effect when the step has ended.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use kendall_cost::CostModel;
use kendall_kernel::{Dur, EventKey, Hasten, QuaternaryHeap, Time, TournamentTree};
use serde::{Deserialize, Serialize};

use crate::config::SchedulerConfig;
use crate::error::EngineError;
use crate::instance::{Instance, Mode, World};
use crate::record::{Recorder, Status};
use crate::request::{NO_REQUEST, Place, Request, RequestId, RequestTable, outside_record};
use crate::router::{Load, Router, RouterKind};
use crate::rows::{RowAt, Rows};
use crate::sample::{Sample, Sampler};
use crate::stats::RunStats;
use crate::trace::{Source, Trace};

const STEP_END: u8 = 0;
const ARRIVAL: u8 = 1;
const WITHDRAWAL: u8 = 2;

/// Requests that a run can number.
const MOST_REQUESTS: u64 = u32::MAX as u64 - 1;

/// Events between two looks at the world outside.
const EVENTS_PER_REPORT: u32 = 4096;

/// Which event set drives the run; results do not depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventSetKind {
    /// A tournament tree with one slot per instance.
    #[default]
    Tournament,
    /// A 4-ary heap.
    Heap,
}

/// A fleet of equal instances.
#[derive(Clone, Debug)]
pub struct FleetConfig {
    /// Number of instances.
    pub instances: u16,
    /// Who sends requests where.
    pub router: RouterKind,
    /// Every instance's scheduler and cache.
    pub scheduler: SchedulerConfig,
    /// Every instance's step time.
    pub cost: CostModel,
    /// Which event set drives the run.
    pub event_set: EventSetKind,
    /// Requests still present after this time are unfinished; [`Time::MAX`] for no end.
    pub until: Time,
    /// Never take the shortcut through the running list; for tests.
    pub in_order_only: bool,
    /// Take steps together between which nothing is decided; results do not depend on it.
    pub merge_steps: bool,
    /// Time between samples, for a recorder that listens to them; `None` (or zero) for none.
    pub sample_interval: Option<Dur>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Requests that have arrived.
    pub arrived: u64,
    /// Simulated time.
    pub now: Time,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// End the run here; what is present is recorded as unfinished.
    Stop,
}

/// Runs a trace through a fleet. `watch` is called now and then and may end the run early.
///
/// # Errors
/// Too many requests or instances; time beyond 2^64 ns; a queue that nothing can ever move.
pub fn run<R: Recorder>(
    trace: &Trace,
    config: &FleetConfig,
    recorder: &mut R,
    watch: &mut dyn FnMut(Progress) -> Control,
) -> Result<RunStats, EngineError> {
    run_rows(Rows::whole(trace), config, recorder, watch)
}

/// Runs a workload of any length through a fleet: memory follows the requests in the system. The
/// same requests give the same results as in one trace. When `watch` ends the run, requests that
/// the source has not given yet are not recorded.
///
/// # Errors
/// As [`run`]; see [`Source`] for those of the source itself.
pub fn run_streamed<R: Recorder>(
    source: &mut dyn Source,
    config: &FleetConfig,
    recorder: &mut R,
    watch: &mut dyn FnMut(Progress) -> Control,
) -> Result<RunStats, EngineError> {
    run_rows(Rows::streamed(source), config, recorder, watch)
}

fn run_rows<R: Recorder>(
    rows: Rows<'_>,
    config: &FleetConfig,
    recorder: &mut R,
    watch: &mut dyn FnMut(Progress) -> Control,
) -> Result<RunStats, EngineError> {
    match config.event_set {
        EventSetKind::Tournament => {
            let events = TournamentTree::new(&[u32::from(config.instances), 1, 1]);
            Fleet::new(rows, config, recorder, events).run(watch)
        }
        EventSetKind::Heap => Fleet::new(rows, config, recorder, QuaternaryHeap::new()).run(watch),
    }
}

struct Fleet<'a, 'r, R, E> {
    world: World<'a>,
    recorder: &'r mut R,
    events: E,
    router: Box<dyn Router>,
    instances: Vec<Instance>,
    until: Time,
    now: Time,
    first_arrival: Time,
    /// Next arrival or withdrawal.
    external: Time,
    /// Requests that have arrived.
    arrived: u64,
    /// Withdrawals to come, with row and request, of requests that have arrived; soonest first.
    withdrawals: BinaryHeap<Reverse<(Time, u32, RequestId)>>,
    /// Instances to look at before time moves on.
    touched: Vec<u16>,
    sampler: Sampler,
}

impl<'a, 'r, R: Recorder, E: Hasten> Fleet<'a, 'r, R, E> {
    fn new(
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

    fn run(mut self, watch: &mut dyn FnMut(Progress) -> Control) -> Result<RunStats, EngineError> {
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

    /// Takes the samples due before `time`, when the next event happens.
    #[cold]
    fn sample_before(&mut self, time: Time) -> Result<(), EngineError> {
        let last = Time::from_ns(time.as_ns() - 1);
        self.sampler.check(last, self.instances.len() as u64)?;
        while self.sampler.is_due_before(time) {
            let due = self.sampler.step();
            self.sample(due);
        }
        Ok(())
    }

    /// Takes the samples that are left when the last event of the run has been handled.
    fn sample_the_end(&mut self) -> Result<(), EngineError> {
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
            instances: &self.sampler.instances,
        });
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

    fn await_arrival(&mut self) {
        if let Some(arrival) = self.world.rows.next_arrival() {
            self.events.insert(EventKey::new(arrival, ARRIVAL, 0));
        }
        self.note_external();
    }

    /// Takes in every request of this nanosecond.
    fn arrive(&mut self) -> Result<(), EngineError> {
        while self.world.rows.next_arrival() == Some(self.now)
            && let Some(at) = self.world.rows.take()
        {
            if self.world.rows.known() > MOST_REQUESTS {
                return Err(EngineError::TooMany {
                    what: "requests",
                    count: self.world.rows.known(),
                    limit: MOST_REQUESTS,
                });
            }
            self.take_in(at);
            self.arrived += 1;
        }
        self.await_arrival();
        Ok(())
    }

    fn take_in(&mut self, at: RowAt) {
        let row = self.world.rows.number(at);
        let (trace, index) = self.world.rows.of(at);
        let (prompt_tokens, output_tokens) =
            (trace.prompt_tokens[index], trace.output_tokens[index]);
        let priority = trace.priority.get(index).copied().unwrap_or(0);
        let abort = trace.abort.get(index).copied().unwrap_or(Time::MAX);
        let max_model_len = self.instances[0].max_model_len();
        let target_tokens = prompt_tokens
            .saturating_add(output_tokens)
            .min(max_model_len);
        self.recorder.arrived(row);
        if !self.instances[0].could_finish(prompt_tokens, target_tokens) {
            self.record_outside(at, Status::Rejected);
            return;
        }
        let load = |i: &Instance| Load {
            running: i.running(),
            waiting: i.waiting(),
        };
        let instance = self.router.route(&mut self.instances.iter().map(load)) as u16;
        let id = self.world.requests.insert(Request {
            row,
            at,
            arrival: self.now,
            prompt_tokens,
            target_tokens,
            known_tokens: prompt_tokens,
            priority,
            instance,
            place: Place::Waiting,
            next: NO_REQUEST,
            previous: NO_REQUEST,
            scheduled: None,
            first_token: None,
            latest_token: None,
            cached_tokens: 0,
            preemptions: 0,
        });
        if abort != Time::MAX {
            self.await_withdrawal(abort.max(self.now), row, id);
        }
        let cut = self.instances[usize::from(instance)].arrive::<R>(self.now, id, &mut self.world);
        self.hasten(instance, cut);
        self.touched.push(instance);
    }

    /// Moves the end of an instance's steps, if they were cut short.
    fn hasten(&mut self, instance: u16, cut: Option<(Time, Time)>) {
        if let Some((from, to)) = cut {
            let key = |time| EventKey::new(time, STEP_END, u32::from(instance));
            self.events.hasten(key(from), key(to));
        }
    }

    fn record_outside(&mut self, at: RowAt, status: Status) {
        let record = outside_record(&self.world.rows, at, status);
        self.recorder.request(&record);
        self.world.rows.leave(at);
    }

    fn await_withdrawal(&mut self, time: Time, row: u32, id: RequestId) {
        let key = |time| EventKey::new(time, WITHDRAWAL, 0);
        match self.withdrawals.peek() {
            None => self.events.insert(key(time)),
            Some(&Reverse((next, ..))) if time < next => self.events.hasten(key(next), key(time)),
            Some(_) => {}
        }
        self.withdrawals.push(Reverse((time, row, id)));
        self.note_external();
    }

    fn note_external(&mut self) {
        let arrival = self.world.rows.next_arrival();
        let withdrawal = self.withdrawals.peek().map(|&Reverse((time, ..))| time);
        let external = arrival.into_iter().chain(withdrawal).min();
        self.external = external.unwrap_or(Time::MAX);
    }

    /// Takes the withdrawals of this nanosecond; of requests that have left they are void.
    fn withdraw(&mut self) {
        while let Some(&Reverse((time, row, id))) = self.withdrawals.peek()
            && time == self.now
        {
            self.withdrawals.pop();
            if self.world.requests.is_present(id, row) {
                let instance = self.world.requests[id].instance;
                let cut = self.instances[usize::from(instance)].withdraw(self.now, id);
                self.hasten(instance, cut);
                self.touched.push(instance);
            }
        }
        if let Some(&Reverse((time, ..))) = self.withdrawals.peek() {
            self.events.insert(EventKey::new(time, WITHDRAWAL, 0));
        }
        self.note_external();
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
