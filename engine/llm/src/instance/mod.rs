//! One serving instance: vLLM's v1 scheduler over a paged KV cache.
//!
//! The instance is a state machine that a driver pumps: requests arrive, a step starts and tells
//! when it ends, the step ends. Rules are numbered after the sections of the scheduler's
//! specification (running requests first, then the waiting queue, then outputs).
//!
//! Invariants:
//! - a step costs O(what changes in the batch): decoding requests advance together
//!   ([`decode::DecodeSet`]), the order of the running list is walked only when the token budget
//!   or the KV blocks do not suffice for all of it;
//! - steps between which nothing is decided are taken together ([`run`]), and tell the same as
//!   one by one;
//! - both ways of scheduling the running list give the same schedule;
//! - a step allocates no memory once its buffers have grown.
//!
//! Other schedulers are the same one with some rules fixed ([`Rules::of`]); only padded batches
//! need code of their own ([`padding`]).

mod admit;
mod blocks;
mod decode;
mod head;
mod kv_use;
mod log;
mod output;
mod padding;
mod preempt;
mod rules;
mod run;
mod running;
mod sample;
mod schedule;
mod step;
mod waiting;
mod world;

use kendall_cost::{CostModel, Line};
use kendall_kernel::{FineTime, Time};

use self::decode::DecodeSet;
use self::head::HeadLookup;
use self::kv_use::KvUse;
pub(crate) use self::log::StepLog;
pub use self::log::{Outputs, Scheduled};
use self::padding::PaddedBatch;
use self::rules::Rules;
use self::run::Run;
pub(crate) use self::run::RunBlocks;
use self::running::{RunningList, Slot};
use self::step::Step;
use self::waiting::WaitingQueue;
pub(crate) use self::world::World;
use crate::config::{Profile, SchedulerConfig};
use crate::error::EngineError;
use crate::kv::KvCache;
use crate::record::Recorder;
use crate::request::{Place, RequestId};
use crate::stats::InstanceStats;
use crate::step_times::StepTimes;

/// Counters of the prefill interval (2.10).
#[derive(Clone, Copy, Debug)]
struct PrefillInterval {
    executed: i64,
    last_prefill: i64,
    bound: bool,
}

/// The latest end of a step on the fine clock: the last nanosecond means "never".
const LATEST_END: u128 = ((u64::MAX as u128) << 32) - 1;

/// Ways to run an instance that do not differ in anything they tell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mode {
    /// Tell of every batch in detail, block ids included.
    pub(crate) detail: bool,
    /// Always walk the running list in order; for tests of the shortcut.
    pub(crate) in_order_only: bool,
    /// Take steps together between which nothing is decided.
    pub(crate) merge_steps: bool,
    /// Whether prompts may contain outputs of other requests.
    pub(crate) outputs_shared: bool,
}

/// One serving instance.
pub(crate) struct Instance {
    id: u16,
    rules: Rules,
    cost: CostModel,
    pool: KvCache,
    running: RunningList,
    /// Running requests that do not decode yet, in order of admission.
    prefilling: Vec<Slot>,
    decode: DecodeSet,
    waiting: WaitingQueue,
    head: HeadLookup,
    interval: PrefillInterval,
    /// Blocks kept for whole sequences of running requests, where the rules say so.
    reserved_blocks: u32,
    /// What a padded batch needs on top; idle under other rules.
    padded_batch: PaddedBatch,
    /// Decoding requests whose latest token is older than the latest step.
    lagging: Vec<Slot>,
    /// Requests withdrawn while a step was in flight, in order.
    withdrawn: Vec<RequestId>,
    clock: FineTime,
    latest_end: Time,
    in_flight: bool,
    run: Run,
    /// Whether the decoding requests are other ones than in the step before.
    batch_changed: bool,
    step: Step,
    /// Batches formed.
    formed: u64,
    /// Steps since the latest output, arrival or withdrawal.
    quiet_steps: u64,
    /// The longest sequence among all that came here.
    longest_target: u32,
    ordered: Vec<(u64, Slot)>,
    finished: Vec<(u64, Slot)>,
    kv_use: KvUse,
    stats: InstanceStats,
    log: Option<Box<StepLog>>,
    /// Whether every request's blocks, and what they contain, are kept up with step by step.
    /// Otherwise decoding requests take blocks by number only, and their tables and the cache
    /// learn of them when they leave: nobody can look up their outputs meanwhile.
    keeps_up: bool,
    merges_steps: bool,
}

impl Instance {
    pub(crate) fn new(id: u16, config: &SchedulerConfig, cost: CostModel, mode: Mode) -> Instance {
        let rules = Rules::of(config);
        let cache = if mode.detail {
            KvCache::with_block_ids
        } else {
            KvCache::without_block_ids
        };
        let null_block = config.profile.null_blocks() > 0;
        let pool = cache(config.num_gpu_blocks, null_block, config.block_size);
        let kv_blocks_usable = pool.usable();
        Instance {
            id,
            rules,
            cost,
            pool,
            running: RunningList::default(),
            prefilling: Vec::new(),
            decode: DecodeSet::new(rules.running_limit, rules.block_size),
            waiting: WaitingQueue::new(config.policy),
            head: HeadLookup::default(),
            interval: PrefillInterval {
                executed: 0,
                last_prefill: -rules.interval,
                bound: false,
            },
            reserved_blocks: 0,
            padded_batch: PaddedBatch::default(),
            lagging: Vec::new(),
            withdrawn: Vec::new(),
            clock: FineTime::ZERO,
            latest_end: Time::ZERO,
            in_flight: false,
            run: Run::default(),
            batch_changed: true,
            step: Step::default(),
            formed: 0,
            quiet_steps: 0,
            longest_target: 0,
            ordered: Vec::new(),
            finished: Vec::new(),
            kv_use: KvUse::default(),
            stats: InstanceStats {
                kv_blocks_usable,
                ..InstanceStats::default()
            },
            log: mode.detail.then(Box::default),
            keeps_up: mode.detail || mode.in_order_only || (rules.caching && mode.outputs_shared),
            merges_steps: mode.merge_steps && !mode.detail,
        }
    }

    /// Requests queued.
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting.len()
    }

    /// Requests that hold KV blocks.
    pub(crate) fn running(&self) -> u32 {
        self.running.len()
    }

    /// Whether a step is in flight.
    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight
    }

    /// Longest sequence, prompt and output together.
    pub(crate) fn max_model_len(&self) -> u32 {
        self.rules.max_model_len
    }

    /// Whether a request that grows to `target_tokens` could ever finish here: the last token is
    /// never computed, everything before it must fit.
    pub(crate) fn could_finish(&self, prompt_tokens: u32, target_tokens: u32) -> bool {
        prompt_tokens < self.rules.max_model_len
            && self.blocks_of_sequence(target_tokens) <= self.pool.usable()
    }

    /// Blocks of a request that has grown to `target_tokens`.
    fn blocks_of_sequence(&self, target_tokens: u32) -> u32 {
        (target_tokens - 1).div_ceil(self.rules.block_size)
    }

    /// Queues an arrival. If that cuts a run in flight short, tells when it would have ended and
    /// when it does now.
    pub(crate) fn arrive<R: Recorder>(
        &mut self,
        now: Time,
        id: RequestId,
        world: &mut World<'_>,
    ) -> Option<(Time, Time)> {
        self.stats.requests += 1;
        self.quiet_steps = 0;
        self.longest_target = self.longest_target.max(world.requests[id].target_tokens);
        self.waiting.push_arrival(id, &mut world.requests);
        let at_head = self.waiting.head() == Some(id);
        if self.is_disturbed_by(at_head, R::STEPS) {
            self.cut_run(now)
        } else {
            None
        }
    }

    /// Withdraws a request: at once, or when the step in flight has ended (2.9). If that cuts a
    /// run in flight short, tells when it would have ended and when it does now.
    pub(crate) fn withdraw(&mut self, now: Time, id: RequestId) -> Option<(Time, Time)> {
        self.quiet_steps = 0;
        self.withdrawn.push(id);
        self.cut_run(now)
    }

    /// Steps without an output that no schedule that gets anywhere can take: whoever is never
    /// preempted computes a token in every step. The most urgent request always is such a one,
    /// unless others equal it in priority and arrival: then vLLM preempts the first in the list,
    /// and two of them can take turns for ever.
    fn patience(&self) -> u64 {
        4 * u64::from(self.longest_target) + 4096
    }

    /// Forms a batch and starts its step; tells when the step ends, `None` if there is nothing
    /// to do.
    ///
    /// # Errors
    /// Time beyond 2^64 ns; a queue that nothing can ever move.
    pub(crate) fn start_step<R: Recorder>(
        &mut self,
        now: Time,
        world: &mut World<'_>,
        recorder: &mut R,
    ) -> Result<Option<Time>, EngineError> {
        debug_assert!(!self.in_flight);
        self.apply_withdrawals(now, world, recorder);
        if self.running.is_empty() && self.waiting.is_empty() {
            return Ok(None);
        }
        if self.quiet_steps > self.patience() {
            return Err(EngineError::NoProgress {
                instance: self.id,
                steps: self.quiet_steps,
                running: self.running.len(),
                waiting: self.waiting.len(),
            });
        }
        self.clock = self.clock.max(FineTime::from(now));
        loop {
            self.step.start = self.clock.floor();
            self.form_batch(world);
            if R::DETAIL {
                recorder.scheduled(&self.scheduled_detail(world));
            }
            let tokens = self.step.prefill_tokens + self.step.decode_tokens;
            if tokens > 0
                || (self.step.preempted > 0 && self.rules.profile != Profile::InferenceLab)
            {
                break;
            }
            if self.step.preempted == 0 {
                return Err(EngineError::Stalled {
                    instance: self.id,
                    waiting: self.waiting.len(),
                });
            }
        }
        let (mut run, steps) = self.plan_run();
        let shape = self.shape();
        let (line, steps) = if steps > 1 {
            self.cost.line(&shape, &self.growth(&run), steps)
        } else {
            (Line::flat(self.cost.step_time(&shape)), 1)
        };
        run.times =
            StepTimes::new(self.clock, line, steps, LATEST_END).ok_or(EngineError::TimeOverflow)?;
        self.run = run;
        self.in_flight = true;
        Ok(Some(run.times.end()))
    }

    /// Ends the step in flight, or the run of steps.
    pub(crate) fn end_step<R: Recorder>(&mut self, world: &mut World<'_>, recorder: &mut R) {
        debug_assert!(self.in_flight);
        self.in_flight = false;
        let times = self.run.times;
        let decodes = self.pass_steps(times.steps(), recorder);
        self.take_run_blocks(times.steps(), decodes);
        self.register_run_chunks(world);
        self.clock = times.fine_end_of(times.steps());
        let end = self.clock.floor();
        let before = self.stats.output_tokens;
        self.apply_outputs(end, world, recorder);
        self.quiet_steps = if self.stats.output_tokens > before {
            0
        } else {
            self.quiet_steps + times.steps()
        };
        self.latest_end = end;
    }

    /// Totals up to the end of the latest step, or to where the instance was stopped.
    pub(crate) fn stats(&self) -> InstanceStats {
        InstanceStats {
            kv_block_ns: self.kv_use.block_ns(),
            kv_blocks_max: self.kv_use.max(),
            ..self.stats
        }
    }

    /// Requests present, running ones first, each in order.
    pub(crate) fn present(&self, world: &World<'_>) -> Vec<RequestId> {
        let running = self.running.iter().map(|slot| self.running[slot].request);
        running
            .chain(self.waiting.to_vec(&world.requests))
            .collect()
    }

    /// Writes what only the instance knows of a running request back to the request.
    pub(crate) fn settle(&self, id: RequestId, world: &mut World<'_>) {
        let request = &mut world.requests[id];
        if let Place::Running(slot) = request.place
            && self.running[slot].decoding
        {
            request.known_tokens = self.decode.length(slot);
        }
    }
}
