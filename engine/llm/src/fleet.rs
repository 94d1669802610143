//! Instances behind a router, driven by one event loop.
//!
//! Order at one nanosecond: outputs of ending steps by instance, then arrivals by row, then
//! withdrawals by row, then scheduling by instance. An arrival never starts a step itself, so
//! simultaneous arrivals share one. Withdrawals from an instance whose step is in flight take
//! effect when the step has ended.

use kendall_cost::CostModel;
use kendall_kernel::{EventKey, Hasten, QuaternaryHeap, Time, TournamentTree};
use serde::{Deserialize, Serialize};

use crate::config::SchedulerConfig;
use crate::error::EngineError;
use crate::instance::{Instance, Mode, World};
use crate::record::{Recorder, Status};
use crate::request::{NO_REQUEST, Place, Request, RequestId, RequestTable, outside_record};
use crate::router::{Load, Router, RouterKind};
use crate::stats::RunStats;
use crate::trace::{Content, Trace};

const STEP_END: u8 = 0;
const ARRIVAL: u8 = 1;
const WITHDRAWAL: u8 = 2;

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
    let limit = u64::from(u32::MAX - 1);
    if trace.len() as u64 > limit {
        let count = trace.len() as u64;
        return Err(EngineError::TooMany {
            what: "requests",
            count,
            limit,
        });
    }
    match config.event_set {
        EventSetKind::Tournament => {
            let events = TournamentTree::new(&[u32::from(config.instances), 1, 1]);
            Fleet::new(trace, config, recorder, events).run(watch)
        }
        EventSetKind::Heap => Fleet::new(trace, config, recorder, QuaternaryHeap::new()).run(watch),
    }
}

struct Fleet<'a, R, E> {
    world: World<'a>,
    recorder: &'a mut R,
    events: E,
    router: Box<dyn Router>,
    instances: Vec<Instance>,
    until: Time,
    now: Time,
    /// Next arrival or withdrawal.
    external: Time,
    /// Next row to arrive.
    next_arrival: u32,
    /// Rows with a withdrawal, by (time, row).
    withdrawals: Vec<(Time, u32)>,
    next_withdrawal: usize,
    /// Requests in the system by row, if anybody withdraws.
    by_row: Vec<RequestId>,
    /// Instances to look at before time moves on.
    touched: Vec<u16>,
}

impl<'a, R: Recorder, E: Hasten> Fleet<'a, R, E> {
    fn new(
        trace: &'a Trace,
        config: &FleetConfig,
        recorder: &'a mut R,
        events: E,
    ) -> Fleet<'a, R, E> {
        let mode = Mode {
            detail: R::DETAIL,
            in_order_only: config.in_order_only,
            merge_steps: config.merge_steps,
            outputs_shared: matches!(trace.content, Content::Pieces { .. }),
        };
        let instance = |id| Instance::new(id, &config.scheduler, config.cost.clone(), mode);
        let mut withdrawals: Vec<(Time, u32)> = (trace.abort.iter().zip(&trace.arrival).zip(0..))
            .filter(|((abort, _), _)| **abort != Time::MAX)
            .map(|((abort, arrival), row)| (*abort.max(arrival), row))
            .collect();
        withdrawals.sort_unstable();
        let by_row = if withdrawals.is_empty() {
            0
        } else {
            trace.len()
        };
        Fleet {
            world: World {
                trace,
                requests: RequestTable::default(),
            },
            recorder,
            events,
            router: config.router.build(),
            instances: (0..config.instances).map(instance).collect(),
            until: config.until,
            now: Time::ZERO,
            external: Time::ZERO,
            next_arrival: 0,
            withdrawals,
            next_withdrawal: 0,
            by_row: vec![NO_REQUEST; by_row],
            touched: Vec::new(),
        }
    }

    fn run(mut self, watch: &mut dyn FnMut(Progress) -> Control) -> Result<RunStats, EngineError> {
        self.await_arrival();
        self.await_withdrawal();
        let mut until_report = EVENTS_PER_REPORT;
        while let Some(event) = self.events.pop() {
            if event.time() > self.until {
                self.now = self.until;
                break;
            }
            self.now = event.time();
            self.handle(event);
            if self.external <= self.now {
                self.handle_rest_of_now();
            }
            self.start_steps()?;
            until_report -= 1;
            if until_report == 0 {
                until_report = EVENTS_PER_REPORT;
                let arrived = u64::from(self.next_arrival);
                let control = watch(Progress {
                    arrived,
                    now: self.now,
                });
                if control == Control::Stop || self.recorder.failed() {
                    break;
                }
            }
        }
        Ok(self.conclude())
    }

    /// Handles the other events of this nanosecond, in the order of their ranks. Only arrivals and
    /// withdrawals need them all to be handled before steps start: without any, instances do not
    /// see each other.
    fn handle_rest_of_now(&mut self) {
        while let Some(event) = self.events.peek().filter(|event| event.time() == self.now) {
            self.events.pop();
            self.handle(event);
        }
    }

    fn handle(&mut self, event: EventKey) {
        match event.rank() {
            STEP_END => {
                let id = event.entity() as u16;
                self.instances[usize::from(id)].end_step(&mut self.world, self.recorder);
                self.touched.push(id);
            }
            ARRIVAL => self.arrive(),
            _ => self.withdraw(),
        }
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
        if let Some(&arrival) = self.world.trace.arrival.get(self.next_arrival as usize) {
            self.events.insert(EventKey::new(arrival, ARRIVAL, 0));
        }
        self.note_external();
    }

    /// Takes in every request of this nanosecond.
    fn arrive(&mut self) {
        let trace = self.world.trace;
        while trace.arrival.get(self.next_arrival as usize) == Some(&self.now) {
            self.take_in(self.next_arrival);
            self.next_arrival += 1;
        }
        self.await_arrival();
    }

    fn take_in(&mut self, row: u32) {
        let trace = self.world.trace;
        let at = row as usize;
        let (prompt_tokens, output_tokens) = (trace.prompt_tokens[at], trace.output_tokens[at]);
        let max_model_len = self.instances[0].max_model_len();
        let target_tokens = prompt_tokens
            .saturating_add(output_tokens)
            .min(max_model_len);
        self.recorder.arrived(row);
        if !self.instances[0].could_finish(prompt_tokens, target_tokens) {
            self.recorder
                .request(&outside_record(trace, row, Status::Rejected));
            return;
        }
        let load = |i: &Instance| Load {
            running: i.running(),
            waiting: i.waiting(),
        };
        let instance = self.router.route(&mut self.instances.iter().map(load)) as u16;
        let id = self.world.requests.insert(Request {
            row,
            arrival: self.now,
            prompt_tokens,
            target_tokens,
            known_tokens: prompt_tokens,
            priority: trace.priority.get(at).copied().unwrap_or(0),
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
        if let Some(entry) = self.by_row.get_mut(at) {
            *entry = id;
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

    fn await_withdrawal(&mut self) {
        if let Some(&(time, _)) = self.withdrawals.get(self.next_withdrawal) {
            self.events.insert(EventKey::new(time, WITHDRAWAL, 0));
        }
        self.note_external();
    }

    fn note_external(&mut self) {
        let arrival = self.world.trace.arrival.get(self.next_arrival as usize);
        let withdrawal = self
            .withdrawals
            .get(self.next_withdrawal)
            .map(|(time, _)| time);
        self.external = arrival
            .into_iter()
            .chain(withdrawal)
            .min()
            .copied()
            .unwrap_or(Time::MAX);
    }

    /// Takes the withdrawals of this nanosecond; of requests that have left they are void.
    fn withdraw(&mut self) {
        while let Some(&(time, row)) = self.withdrawals.get(self.next_withdrawal)
            && time == self.now
        {
            self.next_withdrawal += 1;
            let id = self.by_row[row as usize];
            if id != NO_REQUEST && self.world.requests.is_present(id, row) {
                let instance = self.world.requests[id].instance;
                let cut = self.instances[usize::from(instance)].withdraw(self.now, id);
                self.hasten(instance, cut);
                self.touched.push(instance);
            }
        }
        self.await_withdrawal();
    }

    /// Records whatever did not finish.
    fn conclude(mut self) -> RunStats {
        let trace = self.world.trace;
        for index in 0..self.instances.len() {
            self.instances[index].stop(self.now, self.recorder);
            for id in self.instances[index].present(&self.world) {
                self.instances[index].settle(id, &mut self.world);
                let record = self.world.requests[id].record(trace, Status::Unfinished, None);
                self.recorder.request(&record);
                self.world.requests.remove(id);
            }
        }
        debug_assert_eq!(
            self.world.requests.len(),
            0,
            "every request left through a record"
        );
        for row in self.next_arrival..trace.len() as u32 {
            self.recorder
                .request(&outside_record(trace, row, Status::Unfinished));
        }
        RunStats {
            end: self.now,
            first_arrival: trace.arrival.first().copied().unwrap_or(Time::ZERO),
            instances: self.instances.iter().map(Instance::stats).collect(),
        }
    }
}
