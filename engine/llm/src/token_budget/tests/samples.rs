//! Samples, batches and requests as a recorder is told of them, against a count batch by batch.

use kendall_kernel::{Dur, Streams, Time};
use proptest::prelude::*;

use super::reference::{Batch, Plain};
use super::{cases, reference};
use crate::record::{Recorder, RequestRecord, Status, StepRecord};
use crate::sample::{InstanceSample, Sample, TooManySamples};
use crate::stats::InstanceStats;
use crate::token_budget::{Config, TokenBudgetError, Workload, run, run_recorded};

/// A sample, and what happened in the window that it closes.
#[derive(Clone, Debug, Default, PartialEq)]
struct Kept {
    time: Time,
    window: Dur,
    arrived: u64,
    shared_running: u32,
    shared_waiting: u32,
    instances: Vec<InstanceSample>,
    /// GPU and TTFT, in order.
    first_tokens: Vec<(u16, Dur)>,
    /// Who finished, in order, and on which GPU.
    finished: Vec<(u64, u16)>,
}

/// Keeps samples, and with `STEPS` all batches, which are run one by one then.
#[derive(Debug, Default)]
struct Told<const STEPS: bool> {
    kept: Vec<Kept>,
    open: Kept,
    steps: Vec<StepRecord>,
    requests: Vec<RequestRecord>,
}

impl<const STEPS: bool> Recorder for Told<STEPS> {
    const STEPS: bool = STEPS;
    const SAMPLES: bool = true;

    fn request(&mut self, record: &RequestRecord) {
        if let (Some(gpu), Status::Finished) = (record.instance, record.status) {
            self.open.finished.push((record.request_id, gpu));
        }
        self.requests.push(*record);
    }

    fn step(&mut self, record: &StepRecord) {
        self.steps.push(*record);
    }

    fn first_token(&mut self, instance: u16, ttft: Dur) {
        self.open.first_tokens.push((instance, ttft));
    }

    fn sample(&mut self, sample: &Sample<'_>) {
        let mut kept = std::mem::take(&mut self.open);
        kept.first_tokens.sort_unstable();
        kept.finished.sort_unstable();
        self.kept.push(Kept {
            time: sample.time,
            window: sample.window,
            arrived: sample.arrived,
            shared_running: sample.shared_running,
            shared_waiting: sample.shared_waiting,
            instances: sample.instances.to_vec(),
            ..kept
        });
    }
}

fn told<const STEPS: bool>(workload: &Workload, config: &Config, interval: Dur) -> Told<STEPS> {
    let mut told = Told::default();
    let streams = Streams::new(0);
    let outcome = run_recorded(workload, config, streams, Some(interval), &mut told).unwrap();
    assert_eq!(outcome, run(workload, config, streams).unwrap());
    // Requests are told of as they end, those that never do in order behind them.
    let (served, left): (Vec<&RequestRecord>, Vec<&RequestRecord>) = told
        .requests
        .iter()
        .partition(|record| record.status == Status::Finished);
    assert!(served.is_sorted_by_key(|record| record.finish));
    let mut records = outcome.records(workload);
    records.iter_mut().for_each(|record| record.instance = None);
    let mut all: Vec<RequestRecord> = served.into_iter().chain(left).copied().collect();
    assert!(all.is_sorted_by_key(|record| record.status as u8));
    all.sort_by_key(|record| record.request_id);
    all.iter_mut().for_each(|record| record.instance = None);
    assert_eq!(all, records);
    told
}

/// A sample by counting what the plain simulator says of every batch and request.
fn counted(workload: &Workload, plain: &Plain, gpus: u16, from: Time, time: Time) -> Kept {
    let arrivals = || workload.arrival.iter().map(|arrival| arrival.floor());
    let come = |times: &mut dyn Iterator<Item = Time>| times.filter(|&at| at <= time).count();
    let arrived = come(&mut arrivals());
    let begun = come(&mut plain.times.iter().map(|times| times.scheduled));
    let done = come(&mut plain.times.iter().map(|times| times.done));
    let instances: Vec<InstanceSample> = (0..usize::from(gpus))
        .map(|gpu| of_gpu(plain.log.iter().filter(|batch| batch.gpu == gpu), time))
        .collect();
    let in_batches: u32 = instances.iter().map(|instance| instance.running).sum();
    let in_window = |at: Time| at <= time && (at > from || from == Time::ZERO);
    let (mut first_tokens, mut finished) = (Vec::new(), Vec::new());
    let mut decoded = vec![false; workload.len()];
    for batch in &plain.log {
        for &request in &batch.decoding {
            let times = &plain.times[request];
            if !std::mem::replace(&mut decoded[request], true) && in_window(batch.end) {
                let ttft = times.first_token - workload.arrival[request].floor();
                first_tokens.push((batch.gpu as u16, ttft));
            }
        }
    }
    for (request, times) in plain.times.iter().enumerate() {
        if times.is_done() && in_window(times.done) {
            // Of batches with it, the last one that has ended.
            let with = |batch: &&Batch| match workload.output_tokens[request] {
                0 => batch.end == times.done && batch.prompts > 0,
                _ => batch.decoding.contains(&request),
            };
            let gpu = plain.log.iter().rfind(with).unwrap().gpu;
            finished.push((request as u64, gpu as u16));
        }
    }
    first_tokens.sort_unstable();
    Kept {
        time,
        window: time - from,
        arrived: arrived as u64,
        shared_running: (begun - done) as u32 - in_batches,
        shared_waiting: (arrived - begun) as u32,
        instances,
        first_tokens,
        finished,
    }
}

fn of_gpu<'a>(batches: impl Iterator<Item = &'a Batch>, time: Time) -> InstanceSample {
    let mut sample = InstanceSample::default();
    for batch in batches.filter(|batch| batch.start <= time) {
        let decodes = batch.decoding.len() as u32;
        if batch.end <= time {
            let InstanceStats {
                iterations,
                prefill_tokens,
                output_tokens,
                busy,
                ..
            } = &mut sample.totals;
            *iterations += 1;
            *prefill_tokens += u64::from(batch.prompt_tokens);
            *output_tokens += u64::from(decodes);
            *busy += batch.end - batch.start;
        } else {
            sample.running = batch.prompts + decodes;
            sample.decode_tokens = decodes;
            sample.context_tokens = batch.context_tokens;
            sample.in_step = time - batch.start;
        }
    }
    sample
}

/// The GPU of a request without output is known where there is one.
fn without_gpus(kept: &[Kept]) -> Vec<Kept> {
    let mut kept = kept.to_vec();
    for (_, gpu) in kept.iter_mut().flat_map(|kept| &mut kept.finished) {
        *gpu = 0;
    }
    kept
}

/// Systems, some with batches that do not take whole nanoseconds, workloads, and intervals: a time at
/// which something happens, divided by a small number, or any.
fn sampled() -> impl Strategy<Value = (Config, Workload, Dur)> {
    let interval = (any::<prop::sample::Index>(), 1..5_u64, any::<bool>());
    let part = prop_oneof![Just(1.0), Just(3.0), Just(700.0)];
    (cases::config(), cases::workload(), part, interval).prop_map(
        |(mut config, workload, part, (index, divisor, at_event))| {
            config.service.c_ms /= part;
            config.service.a_ms /= part;
            let plain = reference::simulate(&workload, &config);
            let ends = plain.log.iter().map(|batch| batch.end);
            let events = ends.chain(workload.arrival.iter().map(|arrival| arrival.floor()));
            let events: Vec<Time> = events.collect();
            let last = events.iter().max().unwrap().as_ns();
            let interval_ns = match at_event {
                true => index.get(&events).as_ns() / divisor,
                false => last / (1 + index.index(40) as u64),
            };
            (
                config,
                workload,
                Dur::from_ns(interval_ns.max(last / 200 + 1)),
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn samples_are_those_counted_batch_by_batch((config, workload, interval) in sampled()) {
        let merged = told::<false>(&workload, &config, interval);
        prop_assert_eq!(merged.steps.len(), 0);
        let plain = reference::simulate(&workload, &config);
        let last = workload.arrival.last().unwrap().floor();
        let end = plain.log.iter().map(|batch| batch.end).fold(last, Time::max);
        let interval_ns = interval.as_ns();
        let first = workload.arrival[0].floor().as_ns().div_ceil(interval_ns).max(1) * interval_ns;
        let times = (0..).map(|index| first + index * interval_ns);
        let mut times: Vec<u64> = times.take_while(|&time| time <= end.as_ns()).collect();
        if times.last() != Some(&end.as_ns()) {
            times.push(end.as_ns());
        }
        let mut from = Time::from_ns(first - interval_ns);
        let mut expected = Vec::new();
        for time in times.into_iter().map(Time::from_ns) {
            // A run may end before the first window does, and in its beginning.
            from = from.min(time);
            expected.push(counted(&workload, &plain, config.gpus, from, time));
            from = time;
        }
        prop_assert_eq!(without_gpus(&merged.kept), without_gpus(&expected));
        if config.gpus == 1 || workload.output_tokens.iter().all(|&tokens| tokens > 0) {
            prop_assert_eq!(&merged.kept, &expected);
        }
        let single = told::<true>(&workload, &config, interval);
        prop_assert_eq!(&single.kept, &merged.kept);

        // Windows add up to the run.
        let (mut finished, mut first_tokens) = (0, 0);
        for kept in &merged.kept {
            finished += kept.finished.len();
            first_tokens += kept.first_tokens.len();
        }
        let times = plain.times.iter();
        prop_assert_eq!(finished, times.clone().filter(|times| times.is_done()).count());
        let begun = times.filter(|times| times.first_token != Time::MAX);
        prop_assert_eq!(first_tokens, begun.count());
        let totals = merged.kept.last().unwrap().instances.iter().map(|sample| sample.totals);
        prop_assert_eq!(totals.map(|totals| totals.iterations).sum::<u64>(), plain.batches);
    }

    #[test]
    fn batches_are_told_one_by_one((config, workload, interval) in sampled()) {
        let told = told::<true>(&workload, &config, interval);
        let plain = reference::simulate(&workload, &config);
        prop_assert_eq!(told.steps.len(), plain.log.len());
        let mut before: Vec<Option<&Batch>> = vec![None; config.gpus.into()];
        let mut iterations = vec![0; config.gpus.into()];
        for (step, batch) in told.steps.iter().zip(&plain.log) {
            let expected = StepRecord {
                instance: batch.gpu as u16,
                iteration: iterations[batch.gpu],
                start: batch.start,
                end: batch.end,
                prefill_tokens: batch.prompt_tokens,
                decode_tokens: batch.decoding.len() as u32,
                running: batch.prompts + batch.decoding.len() as u32,
                waiting: batch.waiting,
                preempted: 0,
                kv_blocks_used: 0,
                context_tokens: batch.context_tokens,
                same_batch: batch.prompts == 0
                    && before[batch.gpu].is_some_and(|before| before.decoding == batch.decoding),
            };
            prop_assert_eq!(step, &expected);
            iterations[batch.gpu] += 1;
            before[batch.gpu] = Some(batch);
        }
    }
}

#[test]
fn more_samples_than_anybody_reads_are_refused() {
    let workload = cases::requests(&[(3, 1, 1), (1_000_000_000, 1, 1)]);
    let config = Config {
        gpus: 2,
        ..super::workloads::mm1(1)
    };
    let mut told = Told::<false>::default();
    let refused = |interval_ns, told: &mut Told<false>| {
        let interval = Some(Dur::from_ns(interval_ns));
        run_recorded(&workload, &config, Streams::new(0), interval, told).map(|_| ())
    };
    let error = refused(1000, &mut told).unwrap_err();
    let many = matches!(
        error,
        TokenBudgetError::TooManySamples(TooManySamples { rows, .. }) if rows > 2_900_000_000
    );
    assert!(many, "{error}");
    assert_eq!(refused(10_000_000, &mut told), Ok(()));
}

#[test]
fn nobody_comes_and_a_sample_says_so() {
    let config = super::workloads::mm1(1);
    let told = told::<false>(&Workload::default(), &config, Dur::from_ns(10));
    let [kept] = &told.kept[..] else {
        panic!("one sample at the end: {:?}", told.kept);
    };
    assert_eq!(
        (kept.time, kept.window, kept.arrived),
        (Time::ZERO, Dur::ZERO, 0)
    );
}
