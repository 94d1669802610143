//! vLLM's rules written down as plainly as possible: tokens are spelled out, lists are walked,
//! nothing is remembered. Slow and independent of the engine.

use std::collections::VecDeque;

use kendall_llm::{Content, Policy, Scheduled, SchedulerConfig, Trace};

type Token = (u64, u32);

#[derive(Clone, Debug)]
struct Request {
    row: u32,
    priority: i32,
    arrival_ns: u64,
    tokens: Vec<Token>,
    prompt_tokens: usize,
    max_tokens: usize,
    output_stream: u64,
    computed: usize,
    blocks: Vec<usize>,
    registered: usize,
    preempted: bool,
    last_chunk_partial: bool,
}

#[derive(Clone, Debug, Default)]
struct Block {
    references: u32,
    content: Option<Vec<Token>>,
}

/// The scheduler and its cache.
pub(crate) struct Reference<'a> {
    config: &'a SchedulerConfig,
    blocks: Vec<Block>,
    free: VecDeque<usize>,
    /// Cached blocks in the order of their registration.
    cached: Vec<usize>,
    running: Vec<Request>,
    waiting: VecDeque<Request>,
    executed: i64,
    last_prefill: i64,
    bound: bool,
}

impl<'a> Reference<'a> {
    pub(crate) fn new(config: &'a SchedulerConfig) -> Reference<'a> {
        Reference {
            config,
            blocks: vec![Block::default(); config.num_gpu_blocks as usize],
            free: (1..config.num_gpu_blocks as usize).collect(),
            cached: Vec::new(),
            running: Vec::new(),
            waiting: VecDeque::new(),
            executed: 0,
            last_prefill: -i64::from(config.prefill_schedule_interval),
            bound: false,
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.running.is_empty() && self.waiting.is_empty()
    }

    pub(crate) fn free_blocks(&self) -> u32 {
        self.free.len() as u32
    }

    pub(crate) fn usable(&self) -> usize {
        self.blocks.len() - 1
    }

    pub(crate) fn arrive(&mut self, trace: &Trace, row: u32) {
        let at = row as usize;
        let Content::Pieces {
            pieces,
            offsets,
            output_streams,
        } = &trace.content
        else {
            panic!("cases spell out their prompts");
        };
        let own = &pieces[offsets[at] as usize..offsets[at + 1] as usize];
        let spelled = |p: &kendall_llm::Piece| {
            let stream = p.stream;
            (p.offset..p.offset + p.tokens).map(move |offset| (stream, offset))
        };
        let request = Request {
            row,
            priority: trace.priority[at],
            arrival_ns: trace.arrival[at].as_ns(),
            tokens: own.iter().flat_map(spelled).collect(),
            prompt_tokens: trace.prompt_tokens[at] as usize,
            max_tokens: trace.output_tokens[at] as usize,
            output_stream: output_streams[at],
            computed: 0,
            blocks: Vec::new(),
            registered: 0,
            preempted: false,
            last_chunk_partial: false,
        };
        self.enqueue(request, false);
    }

    fn enqueue(&mut self, request: Request, at_front: bool) {
        match (self.config.policy, at_front) {
            (Policy::Fcfs, true) => self.waiting.push_front(request),
            (Policy::Fcfs, false) => self.waiting.push_back(request),
            (Policy::Priority, _) => {
                let key = |r: &Request| (r.priority, r.arrival_ns, r.row);
                let at = self
                    .waiting
                    .iter()
                    .position(|other| key(other) > key(&request));
                self.waiting
                    .insert(at.unwrap_or(self.waiting.len()), request);
            }
        }
    }

    /// Withdraws a request if it is still here.
    pub(crate) fn withdraw(&mut self, row: u32) {
        self.waiting.retain(|request| request.row != row);
        if let Some(at) = self.running.iter().position(|request| request.row == row) {
            let request = self.running.remove(at);
            self.release(&request.blocks);
        }
    }

    fn release(&mut self, table: &[usize]) {
        let mut blank = Vec::new();
        for &block in table.iter().rev() {
            self.blocks[block].references -= 1;
            if self.blocks[block].references == 0 {
                if self.blocks[block].content.is_some() {
                    self.free.push_back(block);
                } else {
                    blank.push(block);
                }
            }
        }
        for &block in blank.iter().rev() {
            self.free.push_front(block);
        }
    }

    fn size(&self) -> usize {
        self.config.block_size as usize
    }

    fn find(&self, prefix: &[Token]) -> Option<usize> {
        let holds = |block: &&usize| self.blocks[**block].content.as_deref() == Some(prefix);
        self.cached.iter().find(holds).copied()
    }

    fn take(&mut self, request: &mut Request, covered: usize) {
        while request.blocks.len() < covered.div_ceil(self.size()) {
            let block = self.free.pop_front().expect("checked");
            if self.blocks[block].content.take().is_some() {
                self.cached.retain(|&other| other != block);
            }
            self.blocks[block].references = 1;
            request.blocks.push(block);
        }
    }

    fn register(&mut self, request: &mut Request, computed: usize) {
        if !self.config.enable_prefix_caching {
            return;
        }
        let full = computed.min(request.tokens.len()) / self.size();
        for index in request.registered..full {
            let block = request.blocks[index];
            self.blocks[block].content = Some(request.tokens[..(index + 1) * self.size()].to_vec());
            self.cached.push(block);
        }
        request.registered = request.registered.max(full);
    }

    fn need(&self, covered: usize, held: usize) -> usize {
        covered
            .min(self.config.max_model_len as usize)
            .div_ceil(self.size())
            .saturating_sub(held)
    }

    fn preempt(&mut self, at: usize, step: &mut Scheduled) -> Request {
        let mut victim = self.running.remove(at);
        self.release(&victim.blocks);
        victim.blocks.clear();
        (victim.computed, victim.registered, victim.preempted) = (0, 0, true);
        victim.last_chunk_partial = false;
        step.preempted.push(victim.row);
        self.enqueue(victim.clone(), true);
        victim
    }

    fn victim(&self) -> usize {
        let last = self.running.len() - 1;
        if self.config.policy == Policy::Fcfs {
            return last;
        }
        let urgency = |at: usize| (self.running[at].priority, self.running[at].arrival_ns);
        (0..=last)
            .reduce(|best, at| {
                if urgency(at) > urgency(best) {
                    at
                } else {
                    best
                }
            })
            .unwrap()
    }

    /// One `schedule()` call.
    pub(crate) fn schedule(&mut self) -> Scheduled {
        let mut step = Scheduled::default();
        let present = self.running.len() + self.waiting.len();
        let mut cap = 0;
        if self.config.long_prefill_token_threshold > 0 && present > 1 {
            cap = self.config.long_prefill_token_threshold as usize;
            if self.config.long_prefill_token_threshold_adaptive {
                cap = cap.max(self.config.max_num_batched_tokens as usize / present);
            }
        }
        let interval = i64::from(self.config.prefill_schedule_interval);
        let defer = interval > 1
            && !self.bound
            && self.executed + 1 - self.last_prefill < interval
            && self
                .running
                .iter()
                .any(|request| !request.last_chunk_partial);
        let mut budget = self.config.token_budget() as usize;
        self.schedule_running(&mut step, &mut budget, cap, defer);
        let prefilled = |request: &&Request| {
            request.last_chunk_partial && step.tokens.iter().any(|&(row, _)| row == request.row)
        };
        let mut carries_prefill = self.running.iter().any(|request| prefilled(&request));
        if step.preempted.is_empty() {
            carries_prefill |= self.schedule_waiting(&mut step, &mut budget, cap, defer);
            if !defer {
                self.bound = !self.waiting.is_empty();
            }
        }
        for &(row, tokens) in &step.tokens {
            let request = self
                .running
                .iter_mut()
                .find(|request| request.row == row)
                .unwrap();
            request.computed += tokens as usize;
            request.last_chunk_partial = request.computed < request.tokens.len();
        }
        if !step.tokens.is_empty() {
            self.executed += 1;
            if carries_prefill {
                self.last_prefill = self.executed;
            }
        }
        step.free_blocks = self.free.len() as u32;
        step.running = self.running.iter().map(|request| request.row).collect();
        step.waiting = self.waiting.iter().map(|request| request.row).collect();
        step
    }

    fn schedule_running(
        &mut self,
        step: &mut Scheduled,
        budget: &mut usize,
        cap: usize,
        defer: bool,
    ) {
        let mut at = 0;
        'next: while at < self.running.len() && *budget > 0 {
            let request = &self.running[at];
            if defer && request.last_chunk_partial {
                at += 1;
                continue;
            }
            let mut tokens = request.tokens.len() - request.computed;
            if cap > 0 {
                tokens = tokens.min(cap);
            }
            let room = self.config.max_model_len as usize - request.computed - 1;
            let tokens = tokens.min(*budget).min(room);
            if tokens == 0 {
                at += 1;
                continue;
            }
            let covered = (request.computed + tokens).min(self.config.max_model_len as usize);
            let row = request.row;
            while self.need(covered, self.running[at].blocks.len()) > self.free.len() {
                let victim_at = self.victim();
                let victim = self.preempt(victim_at, step);
                if let Some(index) = step.tokens.iter().position(|&(row, _)| row == victim.row) {
                    *budget += step.tokens.remove(index).1 as usize;
                }
                if victim.row == row {
                    if self.config.policy == Policy::Fcfs {
                        break 'next;
                    }
                    continue 'next;
                }
                if victim_at < at {
                    at -= 1;
                }
            }
            let mut request = self.running.remove(at);
            self.take(&mut request, covered);
            let computed = request.computed + tokens;
            self.register(&mut request, computed);
            self.running.insert(at, request);
            step.tokens.push((row, tokens as u32));
            *budget -= tokens;
            at += 1;
        }
    }

    fn schedule_waiting(
        &mut self,
        step: &mut Scheduled,
        budget: &mut usize,
        cap: usize,
        defer: bool,
    ) -> bool {
        let mut long = false;
        let most_prefills = self.config.max_num_prefills.unwrap_or(u32::MAX) as usize;
        let mut prefills = self.running.iter().filter(|r| r.last_chunk_partial).count();
        while *budget > 0
            && self.running.len() < self.config.running_limit() as usize
            && prefills < most_prefills
        {
            let Some(head) = self.waiting.front() else {
                break;
            };
            let known = head.tokens.len();
            let mut hits = Vec::new();
            while self.config.enable_prefix_caching && hits.len() < (known - 1) / self.size() {
                match self.find(&head.tokens[..(hits.len() + 1) * self.size()]) {
                    Some(block) => hits.push(block),
                    None => break,
                }
            }
            let cached = hits.len() * self.size();
            let mut tokens = known - cached;
            if cap > 0 {
                tokens = tokens.min(cap);
            }
            if !self.config.enable_chunked_prefill && tokens > *budget {
                break;
            }
            tokens = tokens.min(*budget);
            if defer && cached < known - 1 {
                break;
            }
            let idle = hits
                .iter()
                .filter(|&&block| self.blocks[block].references == 0)
                .count();
            let spare = if self.running.is_empty() {
                0
            } else {
                (self.config.watermark * f64::from(self.config.num_gpu_blocks)).floor() as usize
            };
            let fits = |covered| self.need(covered, hits.len()) + idle + spare <= self.free.len();
            if (self.config.scheduler_reserve_full_isl && !fits(known)) || !fits(cached + tokens) {
                break;
            }
            let mut request = self.waiting.pop_front().unwrap();
            for &block in &hits {
                if self.blocks[block].references == 0 {
                    self.free.retain(|&other| other != block);
                }
                self.blocks[block].references += 1;
            }
            (request.registered, request.computed) = (hits.len(), cached);
            request.blocks = hits;
            let covered = (cached + tokens).min(self.config.max_model_len as usize);
            self.take(&mut request, covered);
            self.register(&mut request, cached + tokens);
            long |= cached < known - 1;
            let list = if request.preempted {
                &mut step.resumed
            } else {
                &mut step.admitted
            };
            list.push(request.row);
            if cached > 0 {
                step.hits.push((request.row, cached as u32));
            }
            step.tokens.push((request.row, tokens as u32));
            *budget -= tokens;
            prefills += 1;
            self.running.push(request);
        }
        long
    }

    /// Applies the outputs of a step; returns who finished.
    pub(crate) fn finish_step(&mut self, step: &Scheduled) -> Vec<u32> {
        let mut finished = Vec::new();
        for &(row, _) in &step.tokens {
            let request = self
                .running
                .iter_mut()
                .find(|request| request.row == row)
                .unwrap();
            if request.computed < request.tokens.len() {
                continue;
            }
            let outputs = request.tokens.len() - request.prompt_tokens;
            request.tokens.push((request.output_stream, outputs as u32));
            let full = request.tokens.len() >= self.config.max_model_len as usize;
            if full || outputs + 1 >= request.max_tokens {
                let table = std::mem::take(&mut request.blocks);
                self.release(&table);
                finished.push(row);
            }
        }
        self.running
            .retain(|request| !finished.contains(&request.row));
        finished
    }
}
