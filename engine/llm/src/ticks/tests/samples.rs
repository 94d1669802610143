//! Samples against a count step by step.

use kendall_kernel::{Dur, Time};
use proptest::prelude::*;

use super::naive::{self, Naive, Step};
use super::{colocated, configs, lengths};
use crate::error::EngineError;
use crate::record::{Recorder, RequestRecord};
use crate::sample::{InstanceSample, Sample, TooManySamples};
use crate::stats::InstanceStats;
use crate::ticks::{
    Batching, Config, GivenLengths, Load, Request, Sampling, Summary, System, Work, run, time,
};

/// A sample, and what happened in the window that it closes.
#[derive(Clone, Debug, Default, PartialEq)]
struct Kept {
    time: Time,
    window: Dur,
    arrived: u64,
    instances: Vec<InstanceSample>,
    /// In order, as several at one time may be told of in any.
    first_tokens: Vec<Dur>,
    finished: Vec<u64>,
}

#[derive(Debug, Default)]
struct Told {
    kept: Vec<Kept>,
    open: Kept,
    records: Vec<RequestRecord>,
}

impl Recorder for Told {
    const SAMPLES: bool = true;

    fn request(&mut self, record: &RequestRecord) {
        self.open.finished.push(record.request_id);
        self.records.push(*record);
    }

    fn first_token(&mut self, instance: u16, ttft: Dur) {
        assert_eq!(instance, 0, "prefill brings first tokens");
        self.open.first_tokens.push(ttft);
    }

    fn sample(&mut self, sample: &Sample<'_>) {
        let mut kept = std::mem::take(&mut self.open);
        kept.first_tokens.sort_unstable();
        kept.finished.sort_unstable();
        assert_eq!((sample.shared_running, sample.shared_waiting), (0, 0));
        self.kept.push(Kept {
            time: sample.time,
            window: sample.window,
            arrived: sample.arrived,
            instances: sample.instances.to_vec(),
            ..kept
        });
    }
}

fn sampled(config: &Config, lengths: &[u32], interval: Dur) -> (Told, Summary) {
    let mut sampling = Sampling::new(config.system, interval, Told::default());
    let mut lengths = GivenLengths::new(lengths);
    let summary = run(config, &mut lengths, &mut sampling).unwrap();
    let told = sampling.conclude(summary.duration_ticks).unwrap();
    assert!(told.records.is_sorted_by_key(|record| record.finish));
    (told, summary)
}

fn at(ticks: f64) -> Time {
    time(ticks).unwrap()
}

/// A sample by counting what the plain engine says of every step and request.
fn counted(config: &Config, naive: &Naive, from: Time, now: Time) -> Kept {
    let is_end = now == at(naive.end);
    // At the end all steps have ended; the last brought nothing.
    let under_way = match is_end {
        true => naive.steps.len(),
        false => naive.steps.partition_point(|step| at(step.start) <= now) - 1,
    };
    let current = naive.steps[under_way.min(naive.steps.len() - 1)];
    let ended = &naive.steps[..under_way];
    let seen = match is_end {
        true => &ended[..ended.len() - 1],
        false => ended,
    };
    let requests = || naive.requests.iter();
    let by_now = |ticks: Option<f64>| ticks.is_some_and(|ticks| at(ticks) <= now);
    let in_window =
        |ticks: Option<f64>| by_now(ticks) && ticks.is_some_and(|ticks| at(ticks) > from);

    // A single token passes through decode and is decoded once more there, which does not count.
    let is_apart = config.system.instances() == 2;
    let superfluous = |request: &&Request| {
        let entered = request.started.filter(|_| is_apart && request.tokens == 2);
        request.target_tokens == 1 && entered.is_some()
    };
    let superfluous = requests().filter(superfluous).filter(|request| {
        let decoding = |step: &&Step| Some(step.start) == request.started;
        seen.iter().any(|step| decoding(&step))
    });
    let superfluous = superfluous.count() as u64;
    let decoded: u64 = seen
        .iter()
        .map(|step| u64::from(step.levels.decoding))
        .sum();
    let decoded = decoded - superfluous;
    let first_tokens = requests()
        .filter(|request| by_now(request.first_token))
        .count() as u64;
    let arrived = requests()
        .filter(|request| at(request.added) <= now)
        .count() as u64;

    let pool = |running: fn(&Step) -> u32, waiting: u64, decoding, requests, output_tokens| {
        let busy = ended.iter().filter(|step| running(step) > 0);
        let busy = busy.map(|step| at(step.start + step.length) - at(step.start));
        let running = running(&current);
        let in_step = running > 0 && !is_end;
        InstanceSample {
            running,
            waiting: waiting as u32,
            decode_tokens: if in_step { decoding } else { 0 },
            in_step: if in_step {
                now - at(current.start)
            } else {
                Dur::ZERO
            },
            totals: InstanceStats {
                requests,
                iterations: ended.len() as u64,
                output_tokens,
                busy: busy.sum(),
                ..InstanceStats::default()
            },
            ..InstanceSample::default()
        }
    };
    let levels = current.levels;
    let instances = if is_apart {
        let prefilling: fn(&Step) -> u32 = |step| step.levels.prefilling;
        let decoding: fn(&Step) -> u32 = |step| step.levels.decoding;
        vec![
            pool(prefilling, levels.prefill_queue, 0, arrived, first_tokens),
            pool(
                decoding,
                levels.decode_queue,
                levels.decoding,
                first_tokens,
                decoded,
            ),
        ]
    } else {
        let all: fn(&Step) -> u32 = |step| step.levels.prefilling + step.levels.decoding;
        let output_tokens = first_tokens + decoded;
        vec![pool(
            all,
            levels.prefill_queue,
            levels.decoding,
            arrived,
            output_tokens,
        )]
    };
    let ttft = requests().filter(|request| in_window(request.first_token));
    let ttft = ttft.map(|request| at(request.first_token.unwrap()) - at(request.added));
    let mut ttft: Vec<Dur> = ttft.collect();
    ttft.sort_unstable();
    let finished = requests().filter(|request| in_window(request.finished));
    Kept {
        time: now,
        window: now - from,
        arrived,
        instances,
        first_tokens: ttft,
        finished: finished.map(|request| request.id).collect(),
    }
}

/// An interval such that there are not too many samples: a beginning of a step divided by a small
/// number, or any.
fn intervals() -> impl Strategy<Value = (prop::sample::Index, u64, bool)> {
    (any::<prop::sample::Index>(), 1..5_u64, any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn samples_are_those_counted_step_by_step(
        config in configs(), lengths in lengths(), (index, divisor, at_step) in intervals(),
    ) {
        let naive = naive::run(&config, &lengths);
        let end = at(naive.end);
        let interval_ns = match at_step {
            true => at(index.get(&naive.steps).start).as_ns() / divisor,
            false => end.as_ns() / (1 + index.index(60) as u64),
        };
        let interval_ns = interval_ns.max(end.as_ns() / 100 + 1);
        let (told, summary) = sampled(&config, &lengths, Dur::from_ns(interval_ns));
        let times = (1..).map(|index| index * interval_ns);
        let mut times: Vec<u64> = times.take_while(|&time| time < end.as_ns()).collect();
        times.push(end.as_ns());
        prop_assert_eq!(told.kept.len(), times.len());
        let mut from = Time::ZERO;
        for (kept, now) in told.kept.iter().zip(times.into_iter().map(Time::from_ns)) {
            prop_assert_eq!(kept, &counted(&config, &naive, from, now));
            from = now;
        }

        // Windows add up to the run.
        let last = told.kept.last().unwrap();
        prop_assert_eq!(last.arrived, summary.requests);
        let tokens = |request: &Request| u64::from(request.tokens.min(request.target_tokens));
        let totals = || last.instances.iter().map(|instance| instance.totals);
        let output_tokens: u64 = totals().map(|totals| totals.output_tokens).sum();
        prop_assert_eq!(output_tokens, naive.requests.iter().map(tokens).sum::<u64>());
        for totals in totals() {
            prop_assert_eq!(totals.iterations, summary.steps);
        }
        prop_assert_eq!(told.records.len() as u64, summary.completed);
        let first_tokens: usize = told.kept.iter().map(|kept| kept.first_tokens.len()).sum();
        prop_assert_eq!(first_tokens as u64, summary.first_tokens);
    }
}

#[test]
fn more_samples_than_anybody_reads_are_refused() {
    let long = Config {
        end_ticks: 1e9,
        ..colocated(2, Batching::Static, Load::Batch { requests: 2 })
    };
    let refused = |config: &Config, interval_ns| {
        let interval = Dur::from_ns(interval_ns);
        let mut sampling = Sampling::new(config.system, interval, ());
        let summary = run(config, &mut GivenLengths::new(&[4, 4]), &mut sampling).unwrap();
        sampling.conclude(summary.duration_ticks)
    };
    assert!(matches!(
        refused(&long, 1_000_000_000),
        Err(EngineError::TooManySamples(TooManySamples { rows, .. })) if rows > 1_999_999_000
    ));
    assert_eq!(refused(&long, 1_000_000_000_000), Ok(()));
    let endless = Config {
        system: System::Disaggregated {
            prefill_slots: 1,
            decode_slots: 1,
        },
        work: Work {
            prefill_ticks: 1e12,
            ..Work::default()
        },
        ..long
    };
    let fault = refused(&endless, 1_000_000_000_000_000);
    assert_eq!(fault, Err(EngineError::TimeOverflow));
}
