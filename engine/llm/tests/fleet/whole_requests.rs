//! Schedulers that take whole requests, against their rules written down plainly: every request
//! looked at in every step, nothing shared with the engine but the cost model.

use std::collections::VecDeque;

use kendall_cost::{BatchShape, CostModel, PhasesSpec};
use kendall_kernel::{FineTime, Time};
use kendall_llm::{Policy, Profile, SchedulerConfig, Status, Trace};
use proptest::prelude::*;

use crate::cases::cases;
use crate::ledger::run;

#[derive(Clone, Debug)]
struct Member {
    row: usize,
    /// Prompt and output tokens so far.
    length: u32,
    /// Output tokens so far.
    outputs: u32,
    wanted: u32,
    blocks: u32,
    first_token: Option<Time>,
}

/// First token and finish by row; `None` for a rejected request.
type Lives = Vec<Option<(Time, Time)>>;

struct Plain<'a> {
    trace: &'a Trace,
    config: &'a SchedulerConfig,
    cost: &'a CostModel,
    clock: FineTime,
    next: usize,
    waiting: VecDeque<usize>,
    batch: Vec<Member>,
    lives: Lives,
}

impl Plain<'_> {
    fn is_static(&self) -> bool {
        self.config.profile != Profile::Orca
    }

    fn is_padded(&self) -> bool {
        self.config.profile == Profile::RequestLevel
    }

    fn target(&self, row: usize) -> u32 {
        let (prompt, output) = (self.trace.prompt_tokens[row], self.trace.output_tokens[row]);
        (prompt + output).min(self.config.max_model_len)
    }

    fn blocks(&self, row: usize) -> u32 {
        (self.target(row) - 1).div_ceil(self.config.block_size)
    }

    /// Queues what has arrived by now; when idle, moves on to the next arrival.
    fn take_arrivals(&mut self) {
        let arrivals = &self.trace.arrival;
        if self.waiting.is_empty() && self.batch.is_empty() && self.next < arrivals.len() {
            self.clock = self.clock.max(FineTime::from(arrivals[self.next]));
        }
        while self.next < arrivals.len() && arrivals[self.next] <= self.clock.floor() {
            let fits = self.trace.prompt_tokens[self.next] < self.config.max_model_len
                && self.blocks(self.next) < self.config.num_gpu_blocks;
            if fits {
                self.waiting.push_back(self.next);
            }
            self.next += 1;
        }
    }

    fn admit(&mut self) {
        if self.is_static() && !self.batch.is_empty() {
            return;
        }
        while let Some(&row) = self.waiting.front() {
            let kept: u32 = self.batch.iter().map(|member| member.blocks).sum();
            let prefills = self.batch.iter().filter(|m| m.outputs == 0).count();
            let most_prefills = self.config.max_num_prefills.filter(|_| !self.is_static());
            let full = self.batch.len() >= self.config.running_limit() as usize
                || most_prefills.is_some_and(|most| prefills >= most as usize);
            if full || kept + self.blocks(row) > self.config.num_gpu_blocks - 1 {
                break;
            }
            self.waiting.pop_front();
            let prompt = self.trace.prompt_tokens[row];
            self.batch.push(Member {
                row,
                length: prompt,
                outputs: 0,
                wanted: self.target(row) - prompt,
                blocks: self.blocks(row),
                first_token: None,
            });
        }
    }

    fn shape(&self) -> BatchShape {
        let mut shape = BatchShape::default();
        let longest_prompt = |member: &Member| self.trace.prompt_tokens[member.row];
        let padded = self.batch.iter().map(longest_prompt).max().unwrap_or(0);
        let steps = self.batch.iter().map(|member| member.outputs).max();
        for member in &self.batch {
            match (self.is_padded(), steps) {
                (true, Some(0)) => shape.add_chunk(0, padded),
                (true, steps) => shape.add_decodes(1, u64::from(padded + steps.unwrap_or(0))),
                (false, _) if member.outputs == 0 => shape.add_chunk(0, member.length),
                (false, _) => shape.add_decodes(1, member.length.into()),
            }
        }
        shape
    }

    fn run(mut self) -> Lives {
        loop {
            self.take_arrivals();
            self.admit();
            if self.batch.is_empty() {
                if self.next == self.trace.len() {
                    return self.lives;
                }
                continue;
            }
            let time = self.cost.step_time(&self.shape());
            self.clock = self.clock.checked_add(time).unwrap();
            let now = self.clock.floor();
            for member in self.batch.iter_mut().filter(|m| m.outputs < m.wanted) {
                (member.length, member.outputs) = (member.length + 1, member.outputs + 1);
                member.first_token.get_or_insert(now);
            }
            let together = self.is_padded();
            if together
                && self
                    .batch
                    .iter()
                    .any(|member| member.outputs < member.wanted)
            {
                continue;
            }
            for member in self.batch.extract_if(.., |m| m.outputs == m.wanted) {
                let first = if together {
                    Some(now)
                } else {
                    member.first_token
                };
                self.lives[member.row] = first.map(|first| (first, now));
            }
        }
    }
}

fn whole_request_profiles() -> impl Strategy<Value = Profile> {
    let profiles = Profile::ALL.map(|(profile, _)| profile);
    let whole: Vec<Profile> = profiles
        .into_iter()
        .filter(|profile| profile.takes_whole_requests())
        .collect();
    prop::sample::select(whole)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_200))]

    #[test]
    fn whole_request_schedulers_follow_their_plain_rules(
        case in cases(),
        profile in whole_request_profiles(),
    ) {
        let mut case = case;
        case.config.instances = 1;
        case.config.until = Time::MAX;
        case.trace.abort.clear();
        case.config.scheduler.policy = Policy::Fcfs;
        case.config.scheduler.profile = profile;
        let cost = PhasesSpec { decode_context_token_s: 3.3e-7, ..PhasesSpec::default() };
        case.config.cost = CostModel::Phases(cost.build().unwrap());
        let plain = Plain {
            trace: &case.trace,
            config: &case.config.scheduler,
            cost: &case.config.cost,
            clock: FineTime::ZERO,
            next: 0,
            waiting: VecDeque::new(),
            batch: Vec::new(),
            lives: vec![None; case.trace.len()],
        };
        let expected = plain.run();
        let (ledger, _) = run(&case.trace, &case.config).unwrap();
        for record in &ledger.requests {
            let life = record.first_token.zip(record.finish);
            prop_assert_eq!(life, expected[record.request_id as usize], "{:?}", record);
            prop_assert!(life.is_some() || record.status == Status::Rejected);
        }
    }

    #[test]
    fn stall_free_batching_is_vllm_with_chunked_prefill(case in cases()) {
        let mut sarathi = case.config.clone();
        sarathi.scheduler.profile = Profile::Sarathi;
        let mut vllm = case.config.clone();
        vllm.scheduler.profile = Profile::Vllm;
        vllm.scheduler.enable_chunked_prefill = true;
        vllm.scheduler.long_prefill_token_threshold = 0;
        vllm.scheduler.prefill_schedule_interval = 1;
        prop_assert_eq!(run(&case.trace, &sarathi), run(&case.trace, &vllm));
    }
}
