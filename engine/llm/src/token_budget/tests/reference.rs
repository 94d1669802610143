//! A plain simulator: one batch at a time, every queue a list, every request on its own.

use kendall_kernel::{FineDur, FineTime, Time};

use crate::token_budget::{Config, Rules, Scheduler, Times, Workload};

/// What the plain simulator says.
pub(super) struct Plain {
    pub(super) times: Vec<Times>,
    pub(super) batches: u64,
    /// Requests left while decoding, with the tokens they got.
    pub(super) partial: Vec<(u32, u32)>,
    /// Every batch, in the order in which they end.
    pub(super) log: Vec<Batch>,
}

/// A batch that has ended.
pub(super) struct Batch {
    pub(super) gpu: usize,
    pub(super) start: Time,
    pub(super) end: Time,
    pub(super) prompt_tokens: u32,
    pub(super) prompts: u32,
    /// Requests no part of which had been in a batch once it had begun.
    pub(super) waiting: u32,
    /// Who decoded.
    pub(super) decoding: Vec<usize>,
    /// Of all requests in it: tokens of the prompt that are computed when it ends, and of the output
    /// when it began.
    pub(super) context_tokens: u64,
}

#[derive(Clone)]
struct Request {
    id: usize,
    prompt_left: u32,
    chunks: Vec<u32>,
    output_left: u32,
    begun: bool,
    decoded: bool,
}

#[derive(Clone)]
struct Job {
    request: Request,
    prompt_tokens: Option<u32>,
}

struct Running {
    start: FineTime,
    end: FineTime,
    number: u64,
    waiting: u32,
    jobs: Vec<Job>,
}

struct Simulator<'a> {
    config: &'a Config,
    workload: &'a Workload,
    prefill: Vec<Request>,
    decode: Vec<Request>,
    gpus: Vec<Option<Running>>,
    begun: u64,
    plain: Plain,
}

/// Runs step by step; service must be deterministic.
pub(super) fn simulate(workload: &Workload, config: &Config) -> Plain {
    let mut simulator = Simulator {
        config,
        workload,
        prefill: Vec::new(),
        decode: Vec::new(),
        gpus: (0..config.gpus).map(|_| None).collect(),
        begun: 0,
        plain: Plain {
            times: vec![Times::NEVER; workload.len()],
            batches: 0,
            partial: Vec::new(),
            log: Vec::new(),
        },
    };
    let mut next = 0;
    loop {
        let ends = simulator.gpus.iter().flatten().map(|running| running.end);
        let end = ends.min();
        if next < workload.len() && end.is_none_or(|end| workload.arrival[next] <= end) {
            let request = simulator.request(workload, next);
            simulator.prefill.push(request);
            simulator.dispatch(workload.arrival[next]);
            next += 1;
        } else if let Some(end) = end {
            simulator.finish(end);
            simulator.dispatch(end);
        } else {
            let begun = simulator.decode.iter().filter(|request| request.decoded);
            let got = |r: &Request| (r.id as u32, workload.output_tokens[r.id] - r.output_left);
            simulator.plain.partial = begun.map(got).collect();
            return simulator.plain;
        }
    }
}

impl Simulator<'_> {
    fn request(&self, workload: &Workload, id: usize) -> Request {
        let prompt = workload.prompt_tokens[id];
        let chunk = self.config.chunk_tokens.unwrap_or(prompt);
        let mut chunks = vec![chunk; (prompt / chunk) as usize];
        if !prompt.is_multiple_of(chunk) {
            chunks.push(prompt % chunk);
        }
        Request {
            id,
            prompt_left: prompt,
            chunks,
            output_left: workload.output_tokens[id],
            begun: false,
            decoded: false,
        }
    }

    /// Requests that were begun and are not done, lost ones included.
    fn residents(&self) -> usize {
        let times = self.plain.times.iter();
        let resident = |times: &&Times| times.scheduled != Time::MAX && !times.is_done();
        times.filter(resident).count()
    }

    /// Tokens of the next piece; 0 for who has none.
    fn piece(&self, request: &Request) -> u32 {
        match (self.config.rules, self.config.chunk_tokens) {
            (Rules::Orie5580, Some(_)) => request.chunks.first().copied().unwrap_or(0),
            (_, chunk) => request.prompt_left.min(chunk.unwrap_or(u32::MAX)),
        }
    }

    fn decodes(&self, most: u32) -> Vec<Job> {
        let most = most.min(self.config.max_tokens) as usize;
        let job = |request: &Request| Job {
            request: request.clone(),
            prompt_tokens: None,
        };
        self.decode.iter().take(most).map(job).collect()
    }

    fn prompts(&self, most: u32, mut tokens: u32, whole: bool) -> Vec<Job> {
        let budget = tokens;
        let mut jobs: Vec<Job> = Vec::new();
        let mut vacant = match self.config.max_resident {
            Some(most) => (most as usize).saturating_sub(self.residents()),
            None => usize::MAX,
        };
        for request in &self.prefill {
            if jobs.len() as u32 == most || tokens == 0 {
                break;
            }
            let piece = self.piece(request);
            if piece == 0 {
                continue;
            }
            if !request.begun && vacant == 0 {
                break;
            }
            let oversized = piece > budget && jobs.is_empty();
            let splits = self.config.rules == Rules::Corrected && oversized;
            if whole && piece > tokens && !splits {
                break;
            }
            let taken = piece.min(tokens);
            tokens -= taken;
            vacant -= usize::from(!request.begun);
            let begun = true;
            jobs.push(Job {
                request: Request {
                    begun,
                    ..request.clone()
                },
                prompt_tokens: Some(taken),
            });
        }
        jobs
    }

    fn pick(&self) -> Vec<Job> {
        let Config {
            max_sequences,
            max_tokens,
            rules,
            ..
        } = *self.config;
        match self.config.scheduler {
            Scheduler::DecodePrioritizing if !self.decode.is_empty() => self.decodes(max_sequences),
            Scheduler::DecodePrioritizing => self.prompts(max_sequences, max_tokens, true),
            Scheduler::PrefillPrioritizing if !self.prefill.is_empty() => {
                let prompts = self.prompts(max_sequences, max_tokens, false);
                let lost = |r: &Request| self.piece(r) == 0;
                if prompts.is_empty() && !self.prefill.iter().any(lost) {
                    // All of them wait for room.
                    return self.decodes(max_sequences);
                }
                prompts
            }
            Scheduler::PrefillPrioritizing => self.decodes(max_sequences),
            Scheduler::Hybrid { decode_share } => {
                let mut decode = (f64::from(max_sequences) * decode_share) as u32;
                let mut prefill = max_sequences - decode;
                if rules == Rules::Corrected && decode == 0 {
                    (decode, prefill) = (1, (max_sequences - 1).max(1));
                } else if rules == Rules::Corrected && prefill == 0 {
                    (decode, prefill) = ((max_sequences - 1).max(1), 1);
                }
                let mut jobs = self.decodes(decode);
                let used = jobs.len() as u32;
                let most = prefill.min(max_sequences - used);
                jobs.extend(self.prompts(most, max_tokens - used, false));
                jobs
            }
        }
    }

    fn dispatch(&mut self, now: FineTime) {
        while let Some(gpu) = self.gpus.iter().position(Option::is_none) {
            let jobs = self.pick();
            if jobs.is_empty() {
                return;
            }
            for job in jobs.iter().filter(|job| job.prompt_tokens.is_some()) {
                let times = &mut self.plain.times[job.request.id];
                if times.scheduled == Time::MAX {
                    times.scheduled = now.floor();
                }
            }
            let taken = |request: &Request| jobs.iter().any(|job| job.request.id == request.id);
            self.prefill.retain(|request| !taken(request));
            self.decode.retain(|request| !taken(request));
            let prompt_tokens: u32 = jobs.iter().filter_map(|job| job.prompt_tokens).sum();
            let decodes = jobs
                .iter()
                .filter(|job| job.prompt_tokens.is_none())
                .count() as u32;
            let time = self.time(prompt_tokens).max(self.time(decodes));
            let end = now.checked_add(time).unwrap();
            let number = self.begun;
            self.begun += 1;
            let waiting = self.prefill.iter().filter(|request| !request.begun);
            let waiting = waiting.count() as u32;
            self.gpus[gpu] = Some(Running {
                start: now,
                end,
                number,
                waiting,
                jobs,
            });
        }
    }

    fn time(&self, tokens: u32) -> FineDur {
        let service = self.config.service;
        if tokens == 0 {
            return FineDur::ZERO;
        }
        let units = |ms: f64| FineDur::from_secs_f64(ms / 1e3).unwrap().units();
        let charged = u128::from(tokens.saturating_sub(service.b0_tokens));
        FineDur::from_units(units(service.c_ms) + charged * units(service.a_ms))
    }

    fn finish(&mut self, now: FineTime) {
        let key = |gpu: &usize| self.gpus[*gpu].as_ref().map(|r| (r.end, r.number));
        let busy = (0..self.gpus.len()).filter(|&gpu| self.gpus[gpu].is_some());
        let gpu = busy.min_by_key(key).unwrap();
        let running = self.gpus[gpu].take().unwrap();
        self.plain.batches += 1;
        let batch = self.logged(gpu, &running);
        self.plain.log.push(batch);
        let at = now.floor();
        let (mut prompts, mut decodes) = (Vec::new(), Vec::new());
        for Job {
            mut request,
            prompt_tokens,
        } in running.jobs
        {
            let times = &mut self.plain.times[request.id];
            if let Some(tokens) = prompt_tokens {
                request.prompt_left -= tokens;
                if !request.chunks.is_empty() {
                    request.chunks.remove(0);
                }
                if request.prompt_left > 0 {
                    prompts.push(request);
                    continue;
                }
                times.prefill_done = at;
                if request.output_left > 0 {
                    self.decode.push(request);
                } else {
                    times.done = at;
                }
                continue;
            }
            request.output_left -= 1;
            if !request.decoded {
                request.decoded = true;
                times.first_token = at;
            }
            if request.output_left > 0 {
                decodes.push(request);
            } else {
                times.done = at;
            }
        }
        self.prefill.splice(0..0, prompts);
        self.decode.splice(0..0, decodes);
    }
}

impl Simulator<'_> {
    fn logged(&self, gpu: usize, running: &Running) -> Batch {
        let of_prompts = running.jobs.iter().filter_map(|job| job.prompt_tokens);
        let decodes = running
            .jobs
            .iter()
            .filter(|job| job.prompt_tokens.is_none());
        let context = |job: &Job| {
            let request = &job.request;
            let computed = match job.prompt_tokens {
                Some(tokens) => tokens,
                None => self.workload.output_tokens[request.id] - request.output_left,
            };
            let prompt = self.workload.prompt_tokens[request.id] - request.prompt_left;
            u64::from(prompt + computed)
        };
        Batch {
            gpu,
            start: running.start.floor(),
            end: running.end.floor(),
            prompt_tokens: of_prompts.clone().sum(),
            prompts: of_prompts.count() as u32,
            waiting: running.waiting,
            decoding: decodes.map(|job| job.request.id).collect(),
            context_tokens: running.jobs.iter().map(context).sum(),
        }
    }
}

/// A time on the fine clock.
pub(super) fn at_ns(ns: u64) -> FineTime {
    FineTime::from(Time::from_ns(ns))
}
